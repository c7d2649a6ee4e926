"""Words after a command that composes no configuration: its options, its few keys."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from uptake.cli.keys import help_of, keys_of
from uptake.errors import InputError, nearest, shortened


class Options(argparse.ArgumentParser):
    """A parser that refuses in one line, as all commands do."""

    def __init__(self, command: str, description: str = "", epilog: str | None = None) -> None:
        """With no epilog of its own, the help ends in the keys that the command reads."""
        super().__init__(
            prog=f"uptake {command}",
            description=description,
            epilog=help_of(command) if epilog is None else epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def add_config_dir(self, usual: str | None = None) -> None:
        """Add the option that names the folder of a user's configurations."""
        told = f" (usual: {usual} in this folder)" if usual else ""
        text = f"a folder with configurations of yours{told}"
        self.add_argument("--config-dir", metavar="DIR", type=Path, default=usual, help=text)

    def parsed(self, words: Sequence[str]) -> argparse.Namespace:
        """Return what the words say, options and others in any order."""
        options, unknown = self.parse_known_intermixed_args(list(words))
        if unknown:
            raise InputError(
                f"{shortened(unknown[0])}: no such option; {self.prog} --help lists them"
            )
        return options

    def error(self, message: str) -> NoReturn:
        """Refuse what cannot be read; argparse takes keys to be needed where a name is."""
        message = shortened(message.removesuffix(", key=value"), 300)
        raise InputError(f"{message}; {self.prog} --help lists what is allowed")


def settings(command: str, words: Sequence[str]) -> dict[str, str]:
    """Return the value of every ``key=value``, by key, or refuse one the command does not read."""
    known = [typed.partition("=")[0] for typed, _ in keys_of(command)]
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not value:
            raise InputError(f"{shortened(word)}: write key=value")
        if key not in known:
            hint = nearest(key, known) or f"; known are {', '.join(known)}"
            raise InputError(f"{shortened(word)}: no such key of uptake {command}{hint}")
        if key in found:
            raise InputError(f"{shortened(word)}: {key} is given already: {shortened(found[key])}")
        found[key] = value
    return found
