"""From the words after a command to the question that they ask."""

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict

from omegaconf import OmegaConf

from uptake.cli import keys
from uptake.cli.options import Options
from uptake.config import checks
from uptake.config.compose import Question
from uptake.config.own_files import folder_of
from uptake.config.paths import paths_as_typed
from uptake.config.schema import Run


def parser_of(command: str) -> Options:
    """Return what reads the words after a command that composes a configuration."""
    parser = Options(command)
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="what to change")
    parser.add_config_dir()
    parser.add_argument("--cfg", action="store_true", help="print the configuration and stop")
    return parser


def _quoted(typed: str) -> str:
    """Return what was typed, a target in the quotes that Hydra's grammar wants around ``>=``."""
    key, _, value = typed.partition("=")
    needs = key in ("target", "sensitivity.outcome") and re.fullmatch(r"[^'\"]*[<>]=[^'\"]*", value)
    return f"{key}='{value}'" if needs else typed


def asked_by(command: str, options: argparse.Namespace) -> Question:
    """Return the question of a command; with ``-m``, ``run`` is asked for many points at once."""
    is_sweep = getattr(options, "multirun", False)
    keys.check_read(f"{command} -m" if is_sweep else command, options.overrides)
    checks.check_typed(options.overrides)
    if options.config_dir is not None:
        folder_of("--config-dir", options.config_dir)
    overrides = [_quoted(one) for one in paths_as_typed(options.overrides, is_sweep)]
    return Question(overrides, options.config_dir, options.cfg, is_sweep)


def question(command: str, arguments: Sequence[str]) -> Question:
    """Return what was asked of a command."""
    parser = parser_of(command)
    if command == "run":
        text = "a sweep: keys may have several values"
        parser.add_argument("-m", "--multirun", action="store_true", help=text)
    return asked_by(command, parser.parsed(arguments))


def print_configuration(config: Run) -> None:
    """Print a configuration as YAML."""
    print(OmegaConf.to_yaml(asdict(config)), end="")


def answered(command: str, arguments: Sequence[str], answer: Callable[[Question], object]) -> None:
    """Answer what was asked of a command, or print its configuration if that was asked."""
    asked = question(command, arguments)
    if asked.is_print:
        print_configuration(asked.configuration())
    else:
        answer(asked)


def configuration(command: str, arguments: Sequence[str]) -> Run | None:
    """Return the checked configuration of a command, or None if it was only to be printed."""
    asked = question(command, arguments)
    if asked.is_print:
        print_configuration(asked.case().config)
        return None
    return asked.configuration()
