"""The question as it was asked: in words for titles and sentences, and as part of a file's name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from uptake.config.case import Case
from uptake.config.moves import Move
from uptake.config.posterior import SHOWN
from uptake.config.schema import (
    LeverMeaning,
    configs_folder,
    default_structure,
    every,
    lever_meanings,
    plain_of,
)

LONGEST_STEM = 100  # characters, of a file's name
_PAST_ALL = 1e6  # a month from here on is never; so large a neutral value is no limit


def own_words(case: Case, text: str) -> str:
    """A text in which trusts are called as the sector calls its organisations."""
    text = re.sub(r"\btrusts\b", case.bodies, text)
    article = "an" if case.body[0] in "aeiou" else "a"
    return re.sub(r"\btrust\b", case.body, re.sub(r"\ba trust\b", f"{article} trust", text))


def levers_of(case: Case) -> dict[str, LeverMeaning]:
    """What each lever means, in the word of the sector for its organisations."""

    return {
        name: replace(one, meaning=own_words(case, one.meaning), unit=own_words(case, one.unit))
        for name, one in lever_meanings().items()
    }


def none_from(name: str) -> float:
    """From which value on a lever is none: no deadline, no limit, no threshold.

    >>> none_from("deadline_month"), none_from("opens_month"), none_from("pressure")
    (1000000.0, 1000000.0, inf)
    """
    meaning = lever_meanings()[name]
    if meaning.neutral >= _PAST_ALL:
        return float(meaning.neutral)
    return _PAST_ALL if meaning.unit == "months" else math.inf


def _number(name: str, value: float) -> str:
    """Value of a lever, without its unit."""
    return "none" if value >= none_from(name) else f"{value:,.6g}"


def with_unit(value: float, unit: str, digits: int = 6) -> str:
    """Value with its unit, where that is no plain number.

    >>> with_unit(35000.0, "GBP"), with_unit(0.25, "share of spend")
    ('35,000 GBP', '0.25')
    """
    return f"{value:,.{digits}g} {unit_beside(unit)}".rstrip()


def lever_value(case: Case, name: str, value: float) -> str:
    """Value of a lever, with its unit where that is no plain number."""
    return "none" if value >= none_from(name) else with_unit(value, levers_of(case)[name].unit)


def unit_beside(unit: str) -> str:
    """A unit as it stands after a number; nothing after a share or a degree.

    >>> unit_beside("GBP"), unit_beside("share of spend")
    ('GBP', '')
    """
    is_plain = not unit[:1].isalpha() or unit.startswith("share") or unit == "odds"
    return "" if is_plain else unit


def lever_was(case: Case, name: str) -> str:
    """Value of a lever as a case has it, or those that it takes one after the other."""
    moves = "" if name in case.overridden else course(moves_of(case, name))
    return moves or _number(name, case.episode.levers[0][name])


def course(moves: list[Move]) -> str:
    """Values that a lever takes one after the other.

    >>> course([Move("launch", 0, "pressure", 0.0, None), Move("letter", 5, "pressure", 1.0, None)])
    '0, then 1 from month 5'
    """
    said = [_number(move.lever, move.value) for move in moves if move.month == 0][-1:]
    said += [
        f"{'then ' if said else ''}{_number(move.lever, move.value)} {move.when}"
        for move in moves
        if move.month > 0
    ]
    return ", ".join(said).replace(" on,", ",").removesuffix(" on")


def moves_of(case: Case, name: str) -> list[Move]:
    """Values that a lever takes by the timeline; none if it does not move it."""
    return [move for move in case.moves if move.lever == name]


def _held(case: Case) -> list[str]:
    """Levers that are held, each beside what it was."""
    base = case.as_it_was()
    return [
        f"{lever_name(case, name)} {lever_value(case, name, value)} (was {lever_was(base, name)})"
        for name, value in case.overridden.items()
    ]


def lever_name(case: Case, name: str) -> str:
    """A lever in a few words."""
    return levers_of(case)[name].meaning.partition(";")[0]


def lever_short(case: Case, name: str) -> str:
    """A lever in the fewest words."""
    return lever_name(case, name).partition(",")[0]


def _moved(case: Case) -> list[str]:
    """Values of the timeline that are set otherwise, each beside what it was."""
    return [
        f"{lever_name(case, move.lever)} {lever_value(case, move.lever, move.asked)} {move.when} "
        f"(was {_number(move.lever, move.was)})"
        for move in case.moves
        if move.asked is not None
    ]


def _without(case: Case) -> list[str]:
    """Events that are left out."""
    labels = {event.name: event.label for event in case.config.scenario.timeline}
    return [f"without the event {name} ({labels[name]})" for name in case.config.without]


def changes(case: Case) -> list[str]:
    """What the question changes in the scheme: levers, their moves, events left out."""
    return [*_held(case), *_moved(case), *_without(case)]


def _otherwise(case: Case) -> list[str]:
    """What differs from the scenario but is no change of the scheme."""
    config, said = case.config, []
    if case.months != config.scenario.months.value:
        said.append(f"{case.months} months instead of {config.scenario.months.value:g}")
    if config.population.source != "synthetic":
        said.append(f"the {case.bodies} of a file")
    if config.population.approached not in (None, config.scenario.approached.value):
        said.append(f"{config.population.approached} {case.bodies} approached")
    if config.population.approached_spread > 0:
        said.append(f"the number approached unknown by {config.population.approached_spread:g}")
    if config.fix is not None:
        said.append("assumptions at their values")
    for name, prior in case.priors.items():
        if prior.value is not None:
            said.append(f"{name} held at {prior.value:g}")
    for name, usual in default_structure().items():
        chosen = getattr(config.structure, name)
        if name != "name" and chosen != usual:
            said.append(f"structure.{name} = {str(chosen).lower()}")
    for typed in config.asked:
        is_prior = typed.startswith("parameters.priors.") and ".value=" not in typed
        key = typed.lstrip("+").partition("=")[0]
        if (key.startswith("scenario.") and key != SHOWN) or is_prior:
            said.append(typed)
    return said


def departures(case: Case) -> list[str]:
    """All that differs from the scenario as it was, in words; nothing if nothing does."""
    return [*changes(case), *_otherwise(case)]


def title(case: Case) -> str:
    """The question, as the title of whatever answers it."""
    said = departures(case)
    scheme = case.config.scenario.title
    return f"{scheme}: what if {'; '.join(said)}" if said else scheme


def has_been(case: Case) -> bool:
    """Tell whether a scheme is one of which anything was observed or reported."""
    return bool(case.config.scenario.observed or case.config.scenario.findings)


def reference(base: Case) -> str:
    """What an answer is compared with: what was, or the same question with nothing held."""
    return "with nothing held" if departures(base) else "as it was"


def stem(case: Case) -> str:
    """The question as part of a file's name: letters, digits, ``_``, ``-``, ``.``, ``=``."""
    config = case.config
    said = [f"{name}={value:.6g}" for name, value in case.overridden.items()]
    for event, values in config.timeline.items():
        said += [f"{event}.{name}={value:.6g}" for name, value in values.items()]
    said += [f"without={name}" for name in config.without]
    said += [f"months={case.months}"] if config.months is not None else []
    said += ["own_trusts"] if config.population.source != "synthetic" else []
    is_otherwise = bool(_otherwise(case)) and not said
    whole = "_".join([config.scenario.name, *said, *(["otherwise"] if is_otherwise else [])])
    return re.sub(r"[^A-Za-z0-9_.=+-]", "_", whole)[:LONGEST_STEM]


def _citable(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a scenario, as its file holds them, that have a source of their own."""
    found: dict[str, Any] = {
        f"observed.{name}": [
            (float(one["value"]), one["month"], one["source"]) for one in every(seen)
        ]
        for name, seen in scenario.get("observed", {}).items()
    }
    for provider in scenario.get("providers", {}).values():
        for key in ("invested_gbp", "committed_gbp"):
            if fact := provider.get(key):
                found[f"providers' {key}"] = (float(fact["value"]), fact["source"])
    return found | {
        f"findings ({f['statement']})": f["source"] for f in scenario.get("findings", ())
    }


def copied(case: Case) -> dict[str, list[str]]:
    """Facts of a user's own scenario that are another's word for word, by its title."""
    scenario = case.config.scenario
    packaged = sorted((configs_folder() / "scenario").glob("*.yaml"))
    if scenario.name in (path.stem for path in packaged):
        return {}
    own, found = _citable(asdict(scenario)), {}
    for path in packaged:
        theirs = plain_of(f"scenario/{path.name}")
        known = _citable(theirs)
        if same := [what for what, fact in own.items() if known.get(what) == fact]:
            found[theirs["title"]] = same
    return found
