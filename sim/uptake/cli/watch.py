"""uptake watch: the page in the browser, served on this machine."""

from __future__ import annotations

import argparse
import webbrowser
from dataclasses import replace
from typing import TYPE_CHECKING

from uptake.cli.arguments import print_configuration, question
from uptake.cli.terminal import compile_rules, say
from uptake.config.schema import Within
from uptake.errors import InputError

if TYPE_CHECKING:
    from uptake.app.question import Question
    from uptake.config import compose


_PORT = Within(1, 65535, "a port of this machine", whole=True)


def _first(asked: compose.Question) -> Question:
    """Return the question with which the page opens: what was typed, as an address says it."""
    from urllib.parse import urlencode

    from uptake.app.question import Question, read

    pairs = []
    for typed in asked.overrides:
        key, _, value = typed.partition("=")
        pairs.append((key, value.strip("[]")))
    usual = Question(replace(asked, overrides=[]).configuration().scenario.name)
    try:
        return read(urlencode(pairs), usual, asked.choices)
    except InputError as refused:
        raise InputError(str(refused).removeprefix("the address=")) from None


def _options(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return the options of the server, and what is left of the arguments."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    parser.add_argument("--port", default="8765")
    parser.add_argument("--no-open", action="store_true")
    try:
        options, rest = parser.parse_known_args(arguments)
        options.port = int(_PORT.checked("--port", float(options.port)))
    except argparse.ArgumentError as problem:
        raise InputError(str(problem)) from None
    except ValueError as problem:
        if isinstance(problem, InputError):
            raise
        raise InputError(f"--port={options.port}: a number is needed") from None
    return options, rest


def main(arguments: list[str]) -> None:
    """Serve the page, and open it in the browser."""
    options, rest = _options(arguments)
    asked = question("watch", rest)
    if asked.is_print:
        print_configuration(asked.case().config)
        return
    from uptake.app import serving
    from uptake.app.answering import Catalogue

    catalogue, first = Catalogue(asked), _first(asked)
    compile_rules(catalogue.case(first))  # what cannot be asked is refused here

    def ready(url: str) -> None:
        say(f"The page is at {url} (on this machine only). Ctrl-C ends it.")
        if not options.no_open:
            webbrowser.open(url)

    say("Preparing the page ...")
    serving.serve(catalogue, first, options.port, ready)
