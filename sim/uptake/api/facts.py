"""Facts of a scenario made in Python: as its file would hold them, and written to one."""

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from uptake.config.case import Case
from uptake.config.moves import LAUNCH
from uptake.config.schema import every, lever_meanings
from uptake.errors import InputError, wrong
from uptake.files import write_text
from uptake.report.text import question as words

Number = float | Mapping[str, Any]

# The unit of a number that is given without one.
_UNITS = {
    "months": "months",
    "approached": "trusts",
    "scope_share": "share of corporate services",
    "number": "providers",
    "public_share": "share of ownership",
    "quality": "0..1",
    "quality_sd": "0..1",
    "capacity": "trusts",
    "parent_income_gbp": "GBP a year",
    "parent_dependence_share": "share of that income",
    "entry_month": "months",
    "running_cost_share": "share of spend",
    "fixed_cost_gbp": "GBP a year",
    "planned_spend_gbp": "GBP a year",
    "ramp_months": "months",
}
_TEXTS = ("title", "enters_later")  # of a provider
PROVIDERS: Mapping[str, Mapping[str, Any]] = {
    "provider": {"title": "one public provider", "public_share": 1.0, "quality": 1.0}
}


def checked_name(name: Any) -> str:
    """Return the name of a scenario, or refuse what is none."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", str(name)):
        raise wrong("name", name, "allowed are letters, digits, _ and -")
    return str(name)


def quantity(number: Number, unit: str, source: str, **others: Any) -> dict[str, Any]:
    """Return a number with its unit and source, and what else it says of itself."""
    given = dict(number) if isinstance(number, Mapping) else {"value": number}
    return {"unit": unit, "source": source, **others, **given}


def _keyed(key: str, given: Any) -> Mapping[str, Any]:
    """Return keys with values, or refuse what has none; nor may a value stand for another."""
    if not isinstance(given, Mapping):
        raise wrong(key, given, "keys with values are needed")
    if "${" in str(given):
        raise InputError(f"{key}: ${{...}} is not read; write it out")
    return given


def _levers(given: Any, key: str, source: str) -> dict[str, Any]:
    """Return levers with unit and source; one that there is not is refused by the schema."""
    units = {name: meaning.unit for name, meaning in lever_meanings().items()}
    return {
        name: quantity(value, units.get(name, ""), source)
        for name, value in _keyed(key, given).items()
    }


def _provider(given: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return a provider, its numbers with unit and source."""
    return {
        key: value if key in _TEXTS else quantity(value, _UNITS.get(key, "GBP"), source)
        for key, value in _keyed("scenario.providers", given).items()
    }


def _date(start: str, month: Any) -> str:
    """Return when a month of the scheme is, such as June 2026; what cannot be told is refused."""
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", start)
    if found is None or not isinstance(month, int):
        return start
    years, at = divmod(int(found[2]) - 1 + month, 12)
    return f"{calendar.month_name[at + 1]} {int(found[1]) + years}"


def _events(given: Iterable[Mapping[str, Any]], start: str, source: str) -> list[dict[str, Any]]:
    """Return the events of a timeline, each with date, label and source."""
    events = []
    for row, one in enumerate(given):
        event = _keyed(f"scenario.timeline[{row}]", one)
        name = str(event.get("name", f"event_{row + 1}"))
        usual = {"name": name, "label": name.replace("_", " "), "source": source}
        usual["date"] = _date(start, event.get("month"))
        levers = _levers(event.get("set", {}), f"scenario.timeline.{name}.set", source)
        events.append({**usual, **event, "set": levers})
    return events


def scenario_of(
    source: str,
    *,
    start: str,
    sector: str | Mapping[str, Any],
    levers: Mapping[str, Number],
    timeline: Iterable[Mapping[str, Any]],
    providers: Mapping[str, Mapping[str, Any]],
    **others: Any,
) -> dict[str, Any]:
    """Return what the file of a scenario would hold; ``source`` is that of bare numbers."""
    given = {
        key: quantity(value, _UNITS[key], source) if key in _UNITS else value
        for key, value in others.items()
    }
    _keyed("scenario", {**others, "start": start})
    checked_name(given["name"])
    horizon = given["months"].get("value")
    given |= {
        "observed": {
            name: [quantity(one, "trusts", source, month=horizon) for one in every(seen)]
            for name, seen in given.get("observed", {}).items()
        },
        "start": start,
        "designed_for": given.get("designed_for", []),
        "levers": _levers(levers, "scenario.levers", source),
        "timeline": _events(timeline, start, source),
        "providers": {name: _provider(facts, source) for name, facts in providers.items()},
    }
    if isinstance(sector, str):
        return {"defaults": [{"/sector@sector": sector}, "_self_"], **given}
    return {**given, "sector": dict(_keyed("scenario.sector", sector))}


def _plain(tree: Any) -> Any:
    """Return a tree without what is not given."""
    if isinstance(tree, dict):
        return {key: _plain(value) for key, value in tree.items() if value not in (None, "")}
    return [_plain(value) for value in tree] if isinstance(tree, list) else tree


def _folded(case: Case) -> dict[str, Any]:
    """Return a scenario into which is folded what the case sets otherwise."""
    scenario: dict[str, Any] = asdict(case.config.scenario)
    units, told = lever_meanings(), "set when this scenario was saved"
    events = [event for event in case.events if event.month <= case.months]
    scenario["timeline"] = [asdict(event) for event in events]
    for name, value in {**case.config.timeline.get(LAUNCH, {}), **case.overridden}.items():
        scenario["levers"][name] = quantity(value, units[name].unit, told)
    for event in scenario["timeline"]:
        for name in case.overridden:
            event["set"].pop(name, None)
    if case.months != scenario["months"]["value"]:
        scenario["months"] |= {"value": case.months, "source": told}
    scenario["observed"] = {
        name: seen[0] if len(seen) == 1 else seen for name, seen in scenario["observed"].items()
    }
    if words.departures(case):  # what was observed was of the scheme as it was
        scenario |= {"title": words.title(case), "observed": {}, "findings": []}
    return scenario


def save(case: Case, folder: Path, **named: str) -> Path:
    """Write the scenario of a case as ``scenario/NAME.yaml`` in a folder, whole or not at all.

    ``named`` are a name and a title, where they are to be others.
    """
    scenario = _folded(case) | named
    path = folder / "scenario" / f"{scenario['name']}.yaml"
    if path.exists():
        raise wrong("scenario", path, "is there; nothing is written over")
    trusts = scenario["trusts"]
    if trusts and not (path.parent / trusts).is_file():
        raise wrong("scenario.trusts", trusts, f"copy that file into {path.parent} first")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(_plain(scenario), sort_keys=False, allow_unicode=True, width=100)
    write_text(path, text)
    return path
