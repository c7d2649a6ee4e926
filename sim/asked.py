"""The question as it was asked: in words for titles and sentences, and as part of a file's name."""

from __future__ import annotations

import re
from typing import Any

import yaml

from sim.configuration import configs_folder, default_structure, lever_meanings
from sim.scenario import Case

LONGEST_STEM = 100  # characters, of a file's name


def _value(name: str, value: float) -> str:
    """Return the value of a lever with its unit, where it is not a plain number."""
    unit = lever_meanings()[name].unit
    is_plain = not unit[0].isalpha() or unit.startswith("share") or unit == "odds"
    return f"{value:,.6g}" if is_plain else f"{value:,.6g} {unit}"


def moves(case: Case, name: str) -> list[tuple[int, float]]:
    """Return the months in which the timeline moves a lever, and what it is from then on."""
    return [
        (event.month, event.set[name].value)
        for event in sorted(case.config.scenario.timeline, key=lambda event: event.month)
        if name in event.set
    ]


def course(name: str, first: float, then: list[tuple[int, float]]) -> str:
    """Return a lever as it moves.

    >>> course("review_month", 0.0, [(5, 5.0)]), course("upfront_fee_gbp", 35000.0, [])
    ('0, then 5 from month 5 on', '35,000')
    """
    steps = [
        f"{first:,.6g}",
        *(f"then {value:,.6g} from month {month} on" for month, value in then),
    ]
    return ", ".join(steps)


def _held(case: Case) -> list[str]:
    """Return the levers that are held, each beside what it was."""
    was = case.as_it_was().episode.levers[0]
    return [
        f"{lever_meanings()[name].meaning.partition(';')[0]} {_value(name, value)} "
        f"(was {course(name, float(was[name]), moves(case, name))})"
        for name, value in case.pinned.items()
    ]


def _without(case: Case) -> list[str]:
    """Return the events that are left out."""
    labels = {event.name: event.label for event in case.config.scenario.timeline}
    return [f"without the event {name} ({labels[name]})" for name in case.config.without]


def changes(case: Case) -> list[str]:
    """Return what the question changes in the scheme: levers held, events left out."""
    return [*_held(case), *_without(case)]


def _otherwise(case: Case) -> list[str]:
    """Return what differs from the scenario but is no change of the scheme."""
    config, said = case.config, []
    if case.months != config.scenario.months.value:
        said.append(f"{case.months} months instead of {config.scenario.months.value:g}")
    if config.population.source != "synthetic":
        said.append("the trusts of a file")
    if config.population.approached not in (None, config.scenario.approached.value):
        said.append(f"{config.population.approached} trusts approached")
    if config.population.approached_spread > 0:
        said.append(f"the number approached unknown by {config.population.approached_spread:g}")
    for name, prior in case.priors.items():
        if prior.value is not None:
            said.append(f"{name} held at {prior.value:g}")
    for name, usual in default_structure().items():
        chosen = getattr(config.structure, name)
        if name != "name" and chosen != usual:
            said.append(f"structure.{name} = {str(chosen).lower()}")
    for typed in config.asked:
        is_prior = typed.startswith("parameters.priors.") and ".value=" not in typed
        if typed.lstrip("+").startswith("scenario.") or is_prior:
            said.append(typed)
    return said


def departures(case: Case) -> list[str]:
    """Return all that differs from the scenario as it was, in words; nothing if nothing does."""
    return [*changes(case), *_otherwise(case)]


def title(case: Case) -> str:
    """Return the question as the title of whatever answers it."""
    said = departures(case)
    scheme = case.config.scenario.title
    return f"{scheme}: what if {'; '.join(said)}" if said else scheme


def reference(base: Case) -> str:
    """Return what an answer is compared with: what was, or the same question with nothing held."""
    return "with nothing held" if departures(base) else "as it was"


def stem(case: Case) -> str:
    """Return the question as part of a file's name: letters, digits, ``_``, ``-``, ``.``, ``=``."""
    config = case.config
    said = [f"{name}={value:.6g}" for name, value in case.pinned.items()]
    said += [f"without={name}" for name in config.without]
    said += [f"months={case.months}"] if config.months is not None else []
    said += ["own_trusts"] if config.population.source != "synthetic" else []
    is_otherwise = bool(_otherwise(case)) and not said
    whole = "_".join([config.scenario.name, *said, *(["otherwise"] if is_otherwise else [])])
    return re.sub(r"[^A-Za-z0-9_.=+-]", "_", whole)[:LONGEST_STEM]


def copied(case: Case) -> dict[str, list[str]]:
    """Return the facts of a user's own scenario that are another's word for word, by its title."""
    scenario, found = case.config.scenario, {}
    own: dict[str, Any] = {
        f"observed.{name}": (seen.value, seen.month, seen.source)
        for name, seen in scenario.observed.items()
    }
    for provider in scenario.providers.values():
        for key in ("invested_gbp", "committed_gbp"):
            if fact := getattr(provider, key):
                own[f"providers' {key}"] = (fact.value, fact.source)
    own |= {f"findings ({f.statement})": f.source for f in scenario.findings}
    for path in sorted((configs_folder() / "scenario").glob("*.yaml")):
        theirs = yaml.safe_load(path.read_text(encoding="utf-8"))
        if theirs["name"] == scenario.name:
            return {}
        known: dict[str, Any] = {
            f"observed.{name}": (seen["value"], seen["month"], seen["source"])
            for name, seen in theirs.get("observed", {}).items()
        }
        for provider in theirs.get("providers", {}).values():
            for key in ("invested_gbp", "committed_gbp"):
                if fact := provider.get(key):
                    known[f"providers' {key}"] = (fact["value"], fact["source"])
        known |= {f"findings ({f['statement']})": f["source"] for f in theirs.get("findings", ())}
        if same := [what for what, fact in own.items() if known.get(what) == fact]:
            found[theirs["title"]] = same
    return found
