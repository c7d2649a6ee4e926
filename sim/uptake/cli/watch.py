"""uptake watch: the page in the browser, served on this machine."""

import webbrowser
from dataclasses import replace
from urllib.parse import urlencode

from uptake.app import serving
from uptake.app.answering import Catalogue
from uptake.app.question import Question, read
from uptake.cli.arguments import asked_by, parser_of, print_configuration
from uptake.cli.terminal import compile_rules, say
from uptake.config import compose
from uptake.config.case import number
from uptake.config.schema import Within
from uptake.errors import InputError

_PORT = Within(1, 65535, "a port of this machine", whole=True)


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
    catalogue, first = Catalogue(asked), _first(asked)
    compile_rules(catalogue.case(first))  # what cannot be asked is refused here

    def ready(url: str) -> None:
        say(f"The page is at {url} (on this machine only). Ctrl-C ends it.")
        if not options.no_open:
            webbrowser.open(url)

    say("Preparing the page ...")
    serving.serve(catalogue, first, port, ready)
