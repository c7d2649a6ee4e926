"""Hydra's composition of the package's configurations and the user's: data and nothing else.

Its own runtime (callbacks, launchers, logging), which a file could make run code, is never started,
and environment variables are not read.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.defaults_list import create_defaults_list
from hydra._internal.sources_registry import SourcesRegistry
from hydra._internal.utils import create_config_search_path
from hydra.core.config_store import ConfigStore
from hydra.core.object_type import ObjectType
from hydra.core.utils import JobRuntime
from hydra.errors import ConfigCompositionException
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.types import RunMode
from omegaconf import OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from uptake.config import own_files
from uptake.config.schema import configs_folder, plain_of
from uptake.errors import InputError

_plain = cache(plain_of)  # the package's files do not change


class Packaged(FileConfigSource):
    """The package's folder as Hydra reads it: each file once, for it does not change."""

    @staticmethod
    def scheme() -> str:
        """Return what addresses of such a folder begin with."""
        return "packaged"

    def load_config(self, config_path: str) -> ConfigResult:
        """Return the content of a file."""
        file = self._normalize_file_name(config_path)
        text = (Path(self.path) / file).read_text("utf-8")
        header = self._get_header_dict(text[:512])
        return ConfigResult(self.provider, self.full_path(), OmegaConf.create(_plain(file)), header)


class OwnFiles(ConfigSource):
    """The user's folder as Hydra reads it: each file is checked when it is first needed."""

    @staticmethod
    def scheme() -> str:
        """Return what addresses of such a folder begin with."""
        return "own"

    def _is_there(self, path: str) -> bool:
        """Tell whether a path is one that a user can have; Hydra's own settings are not."""
        parts = path.split("/")
        is_own = parts[0] != "hydra" and not any(part.startswith(".") for part in parts)
        return is_own and os.path.lexists(Path(self.path) / path)

    def load_config(self, config_path: str) -> ConfigResult:
        """Return the content of a file."""
        folder, name = Path(self.path), config_path.removesuffix(".yaml")
        own_files.check(name, folder)
        text = own_files.text_of(folder / f"{name}.yaml", folder)
        try:
            header = self._get_header_dict(text[:512])
        except ValueError as problem:
            raise InputError(f"{folder / name}.yaml: {problem}") from None
        return ConfigResult(self.provider, self.full_path(), OmegaConf.create(text or "{}"), header)

    def available(self) -> bool:
        """Tell whether there is such a folder."""
        return Path(self.path).is_dir()

    def is_group(self, config_path: str) -> bool:
        """Tell whether there is a folder of this name."""
        return self._is_there(config_path) and (Path(self.path) / config_path).is_dir()

    def is_config(self, config_path: str) -> bool:
        """Tell whether there is a file of this name."""
        return self._is_there(self._normalize_file_name(config_path))

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Return the names of the configurations in a folder; of folders in it none is told."""
        if results_filter == ObjectType.GROUP:
            return []
        return own_files.names(Path(self.path) / config_path)


SourcesRegistry.instance().register(Packaged)
SourcesRegistry.instance().register(OwnFiles)


def _loader(folder: Path | None) -> ConfigLoaderImpl:
    """Return what looks into the user's folder, then into the package's."""
    version.setbase("1.3")
    OmegaConf.clear_resolver("oc.env")
    JobRuntime.instance().set("name", "uptake")
    places = create_config_search_path(f"packaged://{configs_folder().resolve()}")
    if folder is not None:
        places.prepend("own", f"own://{folder}", "main")
    return ConfigLoaderImpl(places)


@contextmanager
def _storing(given: Mapping[str, Any] | None) -> Iterator[None]:
    """Have Hydra find a scenario made in Python, for as long as it composes."""
    if given is None:
        yield
        return
    store, name = ConfigStore.instance(), str(given["name"])
    store.store(group="scenario", name=name, node=dict(given))
    try:
        yield
    finally:
        del store.repo["scenario"][f"{name}.yaml"]


@contextmanager
def _as_composing() -> Iterator[None]:
    """Have what OmegaConf refuses raised as Hydra does."""
    try:
        yield
    except OmegaConfBaseException as problem:
        raise ConfigCompositionException from problem


def composed(
    overrides: list[str], folder: Path | None, given: Mapping[str, Any] | None = None
) -> tuple[Any, dict[str, str]]:
    """Return what is composed, and the names of the files that were chosen, by group.

    ``given`` is a scenario made in Python, which may be chosen beside those of files. Hydra's own
    settings, which nothing here reads, are left out: they would take half the time.
    """
    loader = _loader(folder)
    with _storing(given), _as_composing():
        asked, files = loader._parse_overrides_and_create_caching_repo("run", overrides)
        loader.validate_sweep_overrides_legal(asked, RunMode.RUN, from_shell=False)
        found = create_defaults_list(files, "run", asked, prepend_hydra=False, skip_missing=False)
        config = loader._compose_config_from_defaults_list(found.defaults, files)
        OmegaConf.set_struct(config, True)
        loader._apply_overrides_to_config(found.config_overrides, config)
    with open_dict(config):
        config.pop("hydra", None)
    chosen: dict[str, Any] = dict(found.overrides.known_choices)
    return config, chosen


def files_of(overrides: list[str], folder: Path | None) -> Sequence[tuple[str, str]]:
    """Return the package and path of every file that is composed, in their order."""
    defaults = _loader(folder).compute_defaults_list("run", overrides, RunMode.RUN).defaults
    return [(one.package or "", one.config_path) for one in defaults if one.config_path]
