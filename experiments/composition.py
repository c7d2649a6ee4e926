"""From the words on the command line to a checked configuration.

Hydra composes; what it composes is data and nothing else. Its own runtime (callbacks, launchers,
logging), which a file could make run code, is never started, environment variables are not read,
and only the command line may name a path outside the folder of the configuration.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from experiments.refusals import in_one_line
from sim.configuration import Run, configs_folder, register
from sim.errors import InputError

register()

EPILOGUE = """keys (key=value, in Hydra's syntax)
  scenario=NAME              an episode of configs/scenario or of --config-dir
  levers.NAME=NUMBER         a lever, held there throughout (configs/levers.yaml lists them)
  without=[EVENT,...]        leave events of the timeline out
  months=N                   horizon
  population=file population.path=FILE          trusts from CSV, Parquet or Excel
  population.approached=N population.approached_spread=0.25
  structure=NAME             a variant of the model's structure
  parameters.priors.NAME.value=NUMBER           hold a parameter fixed
  runs=N seed=N threads=N out=FOLDER
"""


def _options(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options and overrides of a command."""
    parser = argparse.ArgumentParser(
        prog=f"uptake {command}",
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        exit_on_error=False,
        allow_abbrev=False,
    )
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="what to change")
    parser.add_argument("--config-dir", metavar="DIR", help="a folder with configurations of yours")
    parser.add_argument("--cfg", action="store_true", help="print the configuration and stop")
    try:
        options, unknown = parser.parse_known_args(list(arguments))
    except argparse.ArgumentError as problem:
        raise InputError(f"{problem}; uptake {command} --help lists what is allowed") from None
    if unknown:
        raise InputError(f"{unknown[0]}: no such option; uptake {command} --help lists them")
    return options


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
    if config.out is not None and "out" not in typed:
        raise InputError(f"out={config.out}: only the command line can say where results go")
    path = config.population.path
    if path is None or "population.path" in typed:
        return
    if config_dir is None or Path(path).is_absolute() or ".." in Path(path).parts:
        allowed = "a configuration file can only name a file in its own folder"
        raise InputError(f"population.path={path}: {allowed}")
    config.population.path = str(config_dir / path)


def configuration(command: str, arguments: Sequence[str]) -> Run | None:
    """Return the checked configuration of a command, or None if it was only to be printed."""
    options = _options(command, arguments)
    config_dir = Path(options.config_dir) if options.config_dir is not None else None
    if config_dir is not None and not config_dir.is_dir():
        raise InputError(f"--config-dir={config_dir}: no such folder")
    try:
        composed = _composed("run", options.overrides, config_dir)
        OmegaConf.resolve(composed)
        plain = OmegaConf.to_container(composed, throw_on_missing=True)
        config: Any = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(Run), plain))
        _confine_paths(config, options.overrides, config_dir)
    except InputError:
        raise
    except Exception as problem:
        line = in_one_line(problem, options.overrides)
        if line is None:
            raise
        raise InputError(line) from None
    if options.cfg:
        print(OmegaConf.to_yaml(OmegaConf.structured(config)), end="")
        return None
    return config
