"""uptake watch: the page in the browser, served on this machine."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

from uptake.app import serving
from uptake.app.answering import Catalogue
from uptake.app.question import Question, read
from uptake.cli.arguments import asked_by, parser_of, print_configuration
from uptake.cli.terminal import compile_rules, say
from uptake.config import compose
from uptake.config.case import Case, number
from uptake.config.schema import Within
from uptake.errors import InputError
from uptake.report import answer

_PORT = Within(1, 65535, "a port of this machine", whole=True)


@dataclass(frozen=True)
class _Commands:
    """Configurations as the commands find them, for the page."""

    asked: compose.Question

    def case(self, overrides: Sequence[str]) -> Case:
        """Return the case that overrides describe, or refuse them."""
        return replace(self.asked, overrides=list(overrides)).case()

    def choices(self, group: str) -> list[str]:
        """Return the names of a group of configurations."""
        return self.asked.choices(group)

    def titles(self) -> dict[str, str]:
        """Return the titles of the episodes, by name."""
        return {
            name: self.asked.words("scenario", name) or name
            for name in self.asked.choices("scenario")
        }

    def write(self, case: Case, folder: Path) -> None:
        """Write into a folder what ``uptake run`` writes of a case."""
        answer.write(answer.answered(case), folder)

    def options(self) -> list[str]:
        """Return the options that ``uptake run`` needs to find the same configurations."""
        folder = self.asked.config_dir
        return [] if folder is None else ["--config-dir", str(folder)]


def _first(asked: compose.Question) -> Question:
    """Return the question with which the page opens: what was typed, as an address says it."""
    typed = [override.partition("=") for override in asked.overrides]
    pairs = [(key, value.strip("[]")) for key, _, value in typed]
    usual = Question(replace(asked, overrides=[]).configuration().scenario.name)
    try:
        return read(urlencode(pairs), usual, asked.choices)
    except InputError as refused:
        raise InputError(str(refused).removeprefix("the address=")) from None


def main(arguments: list[str]) -> None:
    """Serve the page, and open it in the browser."""
    parser = parser_of("watch")
    parser.add_argument(
        "--port", metavar="N", default="8765", help="the port of this machine (usual: 8765)"
    )
    parser.add_argument("--no-open", action="store_true", help="serve, and open no browser")
    options = parser.parsed(arguments)
    port = int(_PORT.checked("--port", number("--port", options.port)))
    asked = asked_by("watch", options)
    if asked.is_print:
        print_configuration(asked.case().config)
        return
    commands, first = _Commands(asked), _first(asked)
    Catalogue(commands).case(first)  # refused here, and not in the browser

    compile_rules(replace(asked, overrides=[]).case())

    def ready(url: str) -> None:
        say(f"The page is at {url} (on this machine only). Ctrl-C ends it.")
        if not options.no_open:
            webbrowser.open(url)

    say("Preparing the page ...")
    serving.serve(commands, first, port, ready)
