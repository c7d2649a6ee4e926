"""From the words on the command line to a checked configuration.

Hydra composes; what it composes is data and nothing else. Its own runtime (callbacks, launchers,
logging), which a file could make run code, is never started, environment variables are not read,
and only the command line may name a path outside the folder of the configuration.
"""

from __future__ import annotations

import argparse
import functools
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from experiments.paths import paths_as_typed
from experiments.refusals import in_one_line
from sim.configuration import Run, configs_folder, register
from sim.errors import InputError, nearest
from sim.posterior import packaged

register()

EPILOGUE = """keys (key=value, in Hydra's syntax)
  scenario=NAME              an episode of configs/scenario or of --config-dir
  levers.NAME=NUMBER         a lever, held there throughout (configs/levers.yaml lists them)
  without=[EVENT,...]        leave events of the timeline out
  months=N                   horizon
  population=file population.path=FILE          trusts from CSV, Parquet or Excel
  population.approached=N population.approached_spread=0.25
  structure=NAME             a variant of the model's structure
  variants=[NAME,...]        variants of the structure side by side; variants=[all]
  parameters=prior           behaviour before anything was inferred (usual: posterior)
  parameters.draws=FOLDER    draws of your own, from uptake calibrate
  parameters.priors.NAME.value=NUMBER           hold a parameter fixed
  runs=N seed=N threads=N out=FOLDER
"""
CALIBRATES = """
calibration (uptake calibrate)
  calibration.searches=4 calibration.points=500     independent searches, points of each
  calibration.points_left_out=200                   where an episode is left out; 0: none is
  calibration.resume=true out=FOLDER                go on where it was stopped
"""
WATCHES = """
the page (uptake watch)
  --port N                   of this machine (usual: 8765)
  --no-open                  serve, and open no browser
It opens with what is asked of scenario, structure, parameters, levers, without, months and seed.
"""
SWEEPS = """
sweeps (uptake run -m): several values of one key or more
  levers.NAME=0,5000,10000   levers.NAME=range(0,1,0.1)   scenario=glob(nhs*)
  parameters.priors.NAME.value=...              any key may have a list; levers and parameters,
                                                which are fast, many values
  levers.NAME=interval(0,1) sweep.design=lhs sweep.points=500     a sample (or sobol)
  sweep.design=file sweep.file=points.csv       a row a point, a column a key
  sweep.runs=N                                  of every point, on the same luck
  sweep.curves=runs                             keep the curves of all runs
  executor=dask executor.address=tcp://HOST:PORT      a cluster, or one started here
  sweep.resume=true out=FOLDER                  go on where it was stopped
  sweep.chunks=i/n out=FOLDER                   the i-th of n shares, for an array of jobs
"""
# What only the command line may say: a file of somebody else's could name a place of its own.
_TYPED_ONLY = {
    "out": "where results go",
    "sweep.file": "what file to read",
    "executor.address": "which cluster to use",
}
# What a file may name as well, if it is in its own folder.
_IN_OWN_FOLDER = (("population", "path"), ("parameters", "draws"))


def _options(command: str, arguments: Sequence[str], sweeps: bool) -> argparse.Namespace:
    """Return the options and overrides of a command, which may be one that sweeps."""
    own = {"calibrate": CALIBRATES, "watch": WATCHES}
    parser = argparse.ArgumentParser(
        prog=f"uptake {command}",
        epilog=EPILOGUE + (SWEEPS if sweeps else own.get(command, "")),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        exit_on_error=False,
        allow_abbrev=False,
    )
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="what to change")
    parser.add_argument("--config-dir", metavar="DIR", help="a folder with configurations of yours")
    if sweeps:
        text = "a sweep: keys may have several values"
        parser.add_argument("-m", "--multirun", action="store_true", help=text)
    parser.add_argument("--cfg", action="store_true", help="print the configuration and stop")
    try:
        options, unknown = parser.parse_known_intermixed_args(list(arguments))
    except argparse.ArgumentError as problem:
        raise InputError(f"{problem}; uptake {command} --help lists what is allowed") from None
    if unknown:
        raise InputError(f"{unknown[0]}: no such option; uptake {command} --help lists them")
    return options


def _added(override: str) -> str:
    """Return an override of the timeline, whose events no schema knows, as Hydra takes it."""
    return f"++{override}" if override.startswith("timeline.") else override


def _composed(name: str, overrides: list[str], config_dir: Path | None) -> Any:
    """Return what Hydra composes from the package's configurations and the user's."""
    extra = []
    if config_dir is not None:
        quoted = str(config_dir.resolve()).replace("\\", "\\\\").replace("'", "\\'")
        extra = [f"hydra.searchpath=['file://{quoted}']"]
    OmegaConf.clear_resolver("oc.env")
    with initialize_config_dir(config_dir=str(configs_folder().resolve()), version_base="1.3"):
        return compose(config_name=name, overrides=[*overrides, *extra])


def _confine_paths(config: Run, overrides: list[str], config_dir: Path | None) -> None:
    """Refuse a path that a configuration file, not the command line, puts outside its folder."""
    parsed = OverridesParser.create().parse_overrides(overrides)
    typed = {override.key_or_group for override in parsed}
    for key, what in _TYPED_ONLY.items():
        value = functools.reduce(getattr, key.split("."), config)
        if value is not None and key not in typed:
            raise InputError(f"{key}={value}: only the command line can say {what}")
    for group, key in _IN_OWN_FOLDER:
        node = getattr(config, group)
        path = getattr(node, key)
        is_own = key == "draws" and path is not None and packaged(path) is not None
        if path is None or is_own or f"{group}.{key}" in typed:
            continue
        inside = config_dir is not None and not Path(path).is_absolute()
        folder = (config_dir or Path()).resolve()
        if not inside or not (folder / path).resolve().is_relative_to(folder):
            allowed = "a configuration file can only name a file in its own folder"
            raise InputError(f"{group}.{key}={path}: {allowed}")
        setattr(node, key, str(folder / path))
    if "parameters.draws" in typed:  # what the files say of behaviour is said of other draws
        draws = config.parameters.draws
        config.parameters.title = f"drawn from {f'the draws in {draws}' if draws else 'the prior'}"


def _check_folder(config_dir: Path) -> None:
    """Refuse a folder that is not there, reaches outside itself, or hides a packaged file."""
    if not config_dir.is_dir():
        raise InputError(f"--config-dir={config_dir}: no such folder")
    for file in sorted(config_dir.rglob("*.yaml")):
        name = file.relative_to(config_dir)
        if (configs_folder() / name).exists():
            raise InputError(f"{file}: {name} is in the package already; give it another name")
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        if not isinstance(content, dict | None):
            raise InputError(f"{file}: keys with values are needed, not {content!r:.80}")
        defaults = str((content or {}).get("defaults", ""))
        if ".." in defaults or "://" in defaults:
            raise InputError(f"{file}: defaults can only name files of the configuration")


def _check_texts(tree: Any, key: str = "") -> None:
    """Refuse control characters, which no terminal or figure should get to see."""
    if isinstance(tree, dict):
        for name, branch in tree.items():
            _check_texts(branch, f"{key}.{name}" if key else str(name))
    elif isinstance(tree, list):
        for branch in tree:
            _check_texts(branch, key)
    elif any(unicodedata.category(character) == "Cc" for character in f"{key}{tree}"):
        raise InputError(f"{key!r:.80}: control characters are not allowed in a text")


def _check_known(tree: Any, made: Any, key: str = "") -> None:
    """Refuse a key that the schema does not have, which a ``+`` can add to any node."""
    if isinstance(made, list):
        for branch, part in zip(tree, made, strict=True):
            _check_known(branch, part, key)
    if not isinstance(tree, dict):
        return
    names = [f.name for f in fields(made)] if is_dataclass(made) else list(made)
    for name, branch in tree.items():
        where = f"{key}.{name}" if key else str(name)
        if name not in names:
            raise InputError(f"{where}={branch}: no such key{nearest(str(name), names)}")
        part = getattr(made, name) if is_dataclass(made) else made[name]
        _check_known(branch, part, where)


def _check_keys(
    command: str, overrides: list[str], read_only: Collection[str], not_read: Collection[str]
) -> None:
    """Refuse keys that a command would not read."""
    for override in overrides:
        key = override.lstrip("+~").split("=")[0].split(".")[0].split("@")[0]
        if key == "hydra":
            raise InputError(f"{override}: Hydra's own settings are not used")
        if key in not_read or (read_only and key not in read_only):
            hint = "; it is for sweeps: uptake run -m" if key in ("sweep", "executor") else ""
            if key == "calibration":
                hint = "; it is for uptake calibrate"
            if key == "variants" and "variants" in not_read:
                hint = " with -m; list them: structure=default,regional_peers"
            raise InputError(f"{override}: uptake {command} does not read {key}{hint}")


@dataclass(frozen=True)
class Question:
    """What was typed after a command: overrides, the folder of the user's own files."""

    overrides: list[str]
    config_dir: Path | None
    is_print: bool  # the configuration is to be printed, and that is all
    is_sweep: bool = False

    def configuration(self, *first: str) -> Run:
        """Return the checked configuration that is asked for, with these overrides before it."""
        overrides = [*first, *self.overrides]
        try:
            composed = _composed("run", list(map(_added, overrides)), self.config_dir)
            plain = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
            _check_texts(plain)
            config: Any = OmegaConf.to_object(composed)
            _check_known(plain, config)
            _confine_paths(config, overrides, self.config_dir)
            config.asked = overrides
            return config
        except InputError:
            raise
        except Exception as problem:  # what is not the user's doing is raised again
            line = in_one_line(problem, overrides)
            if line is None:
                raise
            raise InputError(line) from None

    def choosing(self, group: str, name: str) -> Question:
        """Return the same question with another choice of a group."""
        kept = [typed for typed in self.overrides if not typed.startswith(f"{group}=")]
        return replace(self, overrides=[f"{group}={name}", *kept])

    def choices(self, group: str) -> list[str]:
        """Return the names of a group of configurations, the package's and the user's."""
        folders = [configs_folder(), *([self.config_dir] if self.config_dir else [])]
        return [file.stem for folder in folders for file in sorted((folder / group).glob("*.yaml"))]


def question(
    command: str,
    arguments: Sequence[str],
    read_only: Collection[str] = (),
    not_read: Collection[str] = (),
    sweeps: bool = False,
) -> Question:
    """Return what was asked of a command, of whose keys it reads all.

    A command that reads few keys names them in ``read_only``, one that reads most names the others
    in ``not_read``. One that ``sweeps`` can be asked for many points at once, and reads what is
    about sweeps only then.
    """
    options = _options(command, arguments, sweeps)
    is_sweep = sweeps and options.multirun
    options.overrides = paths_as_typed(options.overrides, is_sweep)
    not_read = {*not_read, *(("variants",) if is_sweep else ("sweep", "executor"))}
    if not read_only:
        not_read.add("calibration")
    _check_keys(command, options.overrides, read_only, not_read)
    config_dir = Path(options.config_dir) if options.config_dir is not None else None
    try:
        if config_dir is not None:
            _check_folder(config_dir)
    except (UnicodeDecodeError, yaml.YAMLError) as problem:
        raise InputError(in_one_line(problem, options.overrides) or str(problem)) from None
    return Question(options.overrides, config_dir, options.cfg, is_sweep)


def print_configuration(config: Run) -> None:
    """Print a configuration as YAML."""
    print(OmegaConf.to_yaml(OmegaConf.structured(config)), end="")


def configuration(
    command: str,
    arguments: Sequence[str],
    read_only: Collection[str] = (),
    not_read: Collection[str] = (),
) -> Run | None:
    """Return the checked configuration of a command, or None if it was only to be printed."""
    asked = question(command, arguments, read_only, not_read)
    config = asked.configuration()
    if asked.is_print:
        print_configuration(config)
        return None
    return config
