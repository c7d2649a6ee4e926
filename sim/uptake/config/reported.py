"""What was reported of an episode, and the months that a run has: what falls outside is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from uptake.config.schema import Observation, Run, Within, lever_meanings
from uptake.errors import wrong
from uptake.model._jit import Records
from uptake.model.observation import CURVES, MONTHLY, OUTCOMES

# Levers that say in which month something happens.
_ACT_IN = ("opens_month", "review_month", "assessment_month")
KNOWN_ALWAYS = (*CURVES, "approached")  # any other outcome is known at the end of a run only

NO_AMOUNT = ("run", "scrapped_month", "scrapped_for")  # numbers of which no mean says anything


def check_observed(observed: Mapping[str, Sequence[Observation]], months: int) -> None:
    """Refuse what no run of a scenario can be compared with, or what cannot be fitted.

    ``months`` is the scenario's horizon: a curve is known until then, any other outcome only then.
    """
    for name, every in observed.items():
        for i, seen in enumerate(every):
            key = f"scenario.observed.{name}" + (f"[{i}]" if len(every) > 1 else "")
            if seen.fit and not replace(seen, fit=None).is_fitted(is_count(name)):
                told = "only a whole count can be met exactly: an error or error_share is needed"
                raise wrong(f"{key}.fit", seen.fit, told)
            if seen.of == name:
                raise wrong(f"{key}.of", name, "another outcome is needed")
            for one in filter(None, (name, seen.of)):
                if one not in KNOWN_ALWAYS and seen.month != months:
                    told = f"{one} is known at the last month, {months}, only"
                    raise wrong(f"{key}.month", seen.month, told)
            Within(1, months, "months of the scenario").checked(f"{key}.month", seen.month)


def is_count(name: str) -> bool:
    """Tell whether an outcome, or a curve, is a whole number."""
    return (OUTCOMES if name in (OUTCOMES.names or ()) else MONTHLY)[name].kind == "i"


def is_share(name: str) -> bool:
    """Tell whether an outcome is a share, from 0 to 1."""
    is_named = name.endswith("_share") or name.startswith("share_")
    return is_named or name == "service_quality"


def is_known(name: str, month: int, months: int) -> bool:
    """Tell whether a run of so many months knows an outcome at a month."""
    return month == months or (month < months and name in KNOWN_ALWAYS)


def outside(config: Run, levers: Records) -> list[str]:
    """Return what of a scenario lies outside the months of a run, in words.

    ``levers`` are those of the run, a record a month from month 0 on.
    """
    months, scenario = len(levers) - 1, config.scenario
    observed = [(name, seen) for name, every in scenario.observed.items() for seen in every]
    told = [
        f"the event {event.name} (month {event.month})"
        for event in scenario.timeline
        if event.month > months and event.name not in config.without
    ]
    told += [
        f"{_ratio(name, seen)} observed in month {seen.month}"
        for name, seen in observed
        if seen.month > months
    ]
    told += [
        f"{name} = {levers[-1][name]:g}"
        for name in _ACT_IN
        if months < levers[-1][name] < lever_meanings()[name].high  # which is never
    ]
    notes = [f"Beyond month {months}, so not in this run: {', '.join(told)}."] if told else []
    early = [
        f"{_ratio(name, seen)} (observed in month {seen.month})"
        for name, seen in observed
        if seen.month < months and not {name, seen.of} - {None} <= {*KNOWN_ALWAYS}
    ]
    if early:
        notes.append(
            f"Known at the last month, {months}, only, so not compared: {', '.join(early)}."
        )
    return notes


def _ratio(name: str, seen: Observation) -> str:
    """Return the name of an outcome, or of the ratio that was observed."""
    return f"{name} / {seen.of}" if seen.of else name
