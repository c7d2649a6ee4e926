"""From the words after a command to the question that they ask."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from omegaconf import OmegaConf

from uptake.cli import keys
from uptake.config import checks
from uptake.config.compose import Question
from uptake.config.paths import paths_as_typed
from uptake.config.schema import Run
from uptake.errors import InputError, shortened, wrong


def _options(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options and overrides of a command; ``run`` is one that sweeps."""
    parser = argparse.ArgumentParser(
        prog=f"uptake {command}",
        epilog=keys.help_of(command),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        exit_on_error=False,
        allow_abbrev=False,
    )
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="what to change")
    parser.add_argument("--config-dir", metavar="DIR", help="a folder with configurations of yours")
    parser.set_defaults(multirun=False)
    if command == "run":
        text = "a sweep: keys may have several values"
        parser.add_argument("-m", "--multirun", action="store_true", help=text)
    parser.add_argument("--cfg", action="store_true", help="print the configuration and stop")
    try:
        options, unknown = parser.parse_known_intermixed_args(list(arguments))
    except argparse.ArgumentError as problem:
        raise InputError(f"{problem}; uptake {command} --help lists what is allowed") from None
    if unknown:
        raise InputError(
            f"{shortened(unknown[0])}: no such option; uptake {command} --help lists them"
        )
    return options


def question(command: str, arguments: Sequence[str]) -> Question:
    """Return what was asked of a command; with ``-m``, ``run`` is asked for many points at once."""
    options = _options(command, arguments)
    keys.check_read(f"{command} -m" if options.multirun else command, options.overrides)
    checks.check_typed(options.overrides)
    options.overrides = paths_as_typed(options.overrides, options.multirun)
    config_dir = Path(options.config_dir) if options.config_dir is not None else None
    if config_dir is not None and not config_dir.is_dir():
        raise wrong("--config-dir", config_dir, "no such folder")
    return Question(options.overrides, config_dir, options.cfg, options.multirun)


def print_configuration(config: Run) -> None:
    """Print a configuration as YAML."""
    print(OmegaConf.to_yaml(asdict(config)), end="")


def configuration(command: str, arguments: Sequence[str]) -> Run | None:
    """Return the checked configuration of a command, or None if it was only to be printed."""
    asked = question(command, arguments)
    if asked.is_print:
        print_configuration(asked.case().config)
        return None
    return asked.configuration()
