"""The console script ``uptake``: finds the command, runs it, and turns bad input into one line."""

import importlib
import io
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from uptake.errors import FormerName, InputError, Stopped, one_of, visible

GROUPS = {
    "ask": {
        "run": "one scenario, many runs: table, figures, report; with -m a sweep",
        "explain": "why so few: what each cause of it accounts for",
        "sensitivity": "what moves the expected outcome: the share of each input, and of luck",
        "decide": "what it would take, what pays, which option, what to find out",
        "brief": "a paper for the board, a slide and a book of numbers",
        "publish": "the scheme in one file that opens anywhere: levers, band, chance, options",
        "watch": "the page in the browser: what if, and one run under Mesa",
        "compare": "what the points of a sweep say beside one another",
        "episodes": "every historical episode, with one set of parameters",
        "mechanisms": "what each mechanism does, and what was reported of it",
    },
    "a scheme of one's own": {
        "new": "files of a scheme of one's own, to be filled in; they run as they are",
        "check": "all problems of one's own files at once",
        "list": "what there is: scenarios, levers, outcomes and more, in words",
        "rerun": "the same again, compared with what is in a folder",
    },
    "methods": {
        "calibrate": "what the episodes with counts teach about the parameters",
        "skill": "how well histories predict one another, beside three rivals",
        "bench": "speed, side by side with a plain Mesa model",
    },
    "the command itself": {
        "completion": "have bash, zsh or fish complete commands, keys and names",
    },
}
COMMANDS = {name: text for group in GROUPS.values() for name, text in group.items()}
HELP = """uptake: what would have happened, had the scheme been offered differently?

usage: uptake COMMAND [key=value ...]

{commands}
options
  -h, --help  this help; uptake COMMAND --help lists what a command can be told
  -V, --version

examples
  uptake run                                      the membership scheme of 2009
  uptake run levers.upfront_fee_gbp=10000         what if it had cost less on signing
  uptake run months=24 levers.review_month=0      what if it had been given two years
  uptake run population=file population.path=trusts.csv
  uptake run scenario=stp_back_office_2016        another episode
  uptake run variants=[all]                       structures of the model side by side
  uptake run -m levers.upfront_fee_gbp=0,10000,35000 levers.pressure=0,0.5,1
  uptake new my_scheme                            files of a scheme of your own
  uptake run --config-dir my_configs scenario=my_scheme
"""


def _help() -> str:
    """Return the help: every command by its group, and examples."""
    groups = [
        "\n".join([title, *(f"  {name:<12}{text}" for name, text in group.items()), ""])
        for title, group in GROUPS.items()
    ]
    return HELP.format(commands="\n".join(groups))


def _complain(text: object) -> None:
    """Print what went wrong; what a user or a file gave cannot steer the terminal."""
    print(visible(f"uptake: {text}"), file=sys.stderr)


@contextmanager
def _former_names_in_one_line() -> Iterator[None]:
    """Warn of a former name once, as errors are told: without a place in the source."""
    usual, said = warnings.formatwarning, set[str]()

    def formatted(message: Any, category: type[Warning], *where: Any, **more: Any) -> str:
        if issubclass(category, FormerName):
            line = f"{visible(f'uptake: {message}')}\n"
            is_first = line not in said
            said.add(line)
            return line if is_first else ""
        return usual(message, category, *where, **more)

    warnings.formatwarning = formatted
    try:
        yield
    finally:
        warnings.formatwarning = usual


def _check_options(arguments: list[str]) -> None:
    """Refuse an option that is given twice, of which the parser would take the last."""
    names = [word.partition("=")[0] for word in arguments if word.startswith("--")]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name} is given twice")


def main(arguments: list[str] | None = None) -> int:
    """Run a command of ``uptake`` and return its exit code: 2 for bad input.

    A command's own ``main`` returns a code if it has a verdict to give, and nothing otherwise.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal cannot show is shown as "?"
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_help(), end="")
        return 0
    if arguments[0] in ("-V", "--version"):
        from uptake.version import __version__

        print(f"uptake {__version__}")
        return 0
    command, *rest = arguments
    try:
        one_of("command", command, COMMANDS)
        _check_options(rest)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # to be stopped as by Ctrl-C
        with _former_names_in_one_line():
            return importlib.import_module(f"uptake.cli.{command}").main(rest) or 0
    except InputError as problem:
        _complain(problem)
        return 2
    except Stopped as problem:
        _complain(problem)
        return problem.exit_code
    except KeyboardInterrupt:
        _complain("stopped; no half-written file is left")
        return 130
    except OSError as problem:
        if isinstance(problem, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        _complain(f"{problem.filename or 'file'}: {problem.strerror}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
