"""uptake list: what there is, in words: scenarios, levers, outcomes, structures, parameters."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from uptake.cli.options import Options
from uptake.config import own_files
from uptake.config.reported import KNOWN_ALWAYS
from uptake.config.schema import PriorDistribution, lever_meanings
from uptake.config.schema.packaged import plain_of
from uptake.errors import InputError, one_of, visible
from uptake.report.printing import console, show_rows
from uptake.report.tables import aligned
from uptake.report.text.numbers import NAMES, SCRAPPED_FOR

_BROKEN = "cannot be read: uptake check tells why"
_ARGUMENTS = ("mean", "median", "sd", "sigma", "a", "b")  # of a distribution
_SHORT = 60  # characters of names in the overview


class Topic(NamedTuple):
    """A kind of thing that there is: what it is, its columns, and what gives its rows.

    ``group`` is the folder of configurations, a file each, if they are such.
    """

    what: str
    columns: Sequence[str]
    rows: Callable[[Path | None], list[list[str]]]
    group: str = ""

    def names(self, config_dir: Path | None) -> list[str]:
        """Return their names."""
        if self.group:
            return [name for name, *_ in own_files.files(self.group, config_dir)]
        return [row[0] for row in self.rows(config_dir)]


def _words(file: Path, folder: Path) -> str:
    """Return what a configuration file is, in words, or that it cannot be read."""
    try:
        return own_files.words_of(file, folder)
    except InputError:
        return _BROKEN


def _sectors(config_dir: Path | None) -> list[list[str]]:
    """Return the sectors, each with the kinds of its organisations."""
    rows = []
    for name, file, folder in own_files.files("sector", config_dir):
        words = _words(file, folder)
        kinds = words != _BROKEN and own_files.value_of(own_files.tree_of(file, folder), "kinds")
        named = [str(key.value) for key, _ in kinds.value] if kinds else []
        rows.append([name, words, ", ".join(named)])
    return rows


def _levers(_: Path | None) -> list[list[str]]:
    """Return the levers by whose they are, each with unit, range and neutral value."""
    return [
        [name, one.unit, f"{one.low:,.10g} to {one.high:,.10g}", f"{one.neutral:g}", one.meaning]
        for name, one in lever_meanings().items()
    ]


def _unit(outcome: str) -> tuple[str, str]:
    """Return the unit of an outcome and what it can be."""
    if outcome.endswith("_gbp"):
        return "GBP", "any amount"
    if outcome.endswith("_share") or outcome == "service_quality":
        return "share", "0 to 1"
    if outcome.endswith("_months"):
        return "member-months", "from 0"
    counted = outcome.partition("_")[0]
    return (counted if counted in ("regions", "providers") else "trusts"), "from 0"


def _outcomes(_: Path | None) -> list[list[str]]:
    """Return the outcomes of a run, each with its unit, and when it is known."""
    known = {True: "every month", False: "the end"}
    return [
        [name, *_unit(name), known[name in KNOWN_ALWAYS], words] for name, words in NAMES.items()
    ]


def _parameters(_: Path | None) -> list[list[str]]:
    """Return the parameters of behaviour, each with what is known before inference."""
    rows = []
    for name, given in plain_of("parameters/prior.yaml")["priors"].items():
        told = [f"{k} {given[k]:g}" for k in _ARGUMENTS if k in given]
        known = f"{given['distribution'].replace('_', ' ')} ({', '.join(told)})"
        held = str(PriorDistribution(**given).held)
        rows.append([name, given["unit"], held, known, given["meaning"]])
    return rows


def _of_group(what: str, group: str, column: str = "title") -> Topic:
    """Return the topic of a group of configurations, each with its title."""

    def rows(config_dir: Path | None) -> list[list[str]]:
        there = own_files.files(group, config_dir)
        return [[name, _words(file, folder)] for name, file, folder in there]

    return Topic(what, (group, column), rows, group)


TOPICS = {
    "scenarios": _of_group("schemes (scenario=NAME)", "scenario"),
    "levers": Topic(
        "what a scheme or the centre can set (levers.NAME=NUMBER)",
        ("lever", "unit", "range", "neutral", "meaning"),
        _levers,
    ),
    "outcomes": Topic(
        "what a run comes to (columns of outcomes.parquet)",
        ("outcome", "unit", "range", "known at", "meaning"),
        _outcomes,
    ),
    "structures": _of_group("variants of the model (structure=NAME)", "structure", "meaning"),
    "parameters": Topic(
        "behaviour (parameters.priors.NAME.value=NUMBER)",
        ("parameter", "unit", "range", "before inference", "meaning"),
        _parameters,
    ),
    "sectors": Topic(
        "organisations that a scheme can be offered to",
        ("sector", "title", "kinds"),
        _sectors,
        "sector",
    ),
    "experiments": _of_group(
        "questions that are there to be asked (experiment=NAME)", "experiment"
    ),
}


def _show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows: fitted to a terminal, or a line each for a file or a pipe."""
    if console.is_terminal:
        show_rows(title, columns, rows)
        return
    for line in aligned([columns, *rows]):
        print(visible(line))


def _overview(config_dir: Path | None) -> None:
    """Print how many there are of each, and some names."""
    rows = []
    for name, topic in TOPICS.items():
        found = topic.names(config_dir)
        text = ", ".join(found)
        cut = text if len(text) <= _SHORT else f"{text[:_SHORT].rpartition(', ')[0]}, ..."
        rows.append([name, f"{len(found)}", topic.what, cut])
    _show("what there is", ("list", "number", "what", "names"), rows)
    print("uptake list NAME shows each with its meaning, unit and range: uptake list levers")


def main(arguments: list[str]) -> None:
    """Print what there is of a kind, or how many there are of each."""
    parser = Options("list", "What there is, in words.", epilog="")
    parser.add_argument("what", nargs="?", metavar="NAME", help=", ".join(TOPICS))
    parser.add_config_dir()
    options = parser.parsed(arguments)
    if options.config_dir is not None:
        own_files.folder_of("--config-dir", options.config_dir)
    if options.what is None:
        _overview(options.config_dir)
        return
    topic = TOPICS[one_of("list", options.what, TOPICS)]
    rows = topic.rows(options.config_dir)
    _show(f"{options.what}: {topic.what}", topic.columns, rows)
    if not rows:
        print("none")
    if options.what == "outcomes":
        print("and by kind and size of trust: joined_KIND, interested_KIND, declined_KIND")
        told = ", ".join(f"{place} {what}" for place, what in enumerate(SCRAPPED_FOR.values(), 1))
        print(f"and scrapped_for, why the review scrapped it: 0 it did not, {told}")
