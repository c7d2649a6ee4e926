"""What was reported of an episode, and the months that a run has: what falls outside is told."""

from uptake.config.schema import Observation, Run, Within, lever_meanings
from uptake.errors import wrong
from uptake.model._jit import Records
from uptake.model.observation import CURVES, OUTCOMES

# Levers that say in which month something happens.
_ACT_IN = ("opens_month", "review_month", "assessment_month")


def check_observed(observed: dict[str, Observation], months: int) -> None:
    """Refuse what no run of a scenario can be compared with, or what cannot be fitted.

    ``months`` is the scenario's horizon: a curve is known until then, any other outcome only then.
    """
    for name, seen in observed.items():
        key = f"scenario.observed.{name}"
        is_count = OUTCOMES[name].kind == "i" and seen.value >= 0 and seen.value % 1 == 0
        if seen.fit == "exactly" and not is_count:
            raise wrong(f"{key}.fit", seen.fit, "only a whole count can be met exactly")
        if name in CURVES:
            Within(1, months, "months of the scenario").checked(f"{key}.month", seen.month)
        elif seen.month != months:
            raise wrong(
                f"{key}.month", seen.month, f"{name} is known at the last month, {months}, only"
            )


def outside(config: Run, levers: Records) -> list[str]:
    """Return what of a scenario lies outside the months of a run, in words.

    ``levers`` are those of the run, a record a month from month 0 on.
    """
    months, scenario = len(levers) - 1, config.scenario
    told = [
        f"the event {event.name} (month {event.month})"
        for event in scenario.timeline
        if event.month > months and event.name not in config.without
    ]
    told += [
        f"{name} observed in month {seen.month}"
        for name, seen in scenario.observed.items()
        if seen.month > months
    ]
    told += [
        f"{name} = {levers[-1][name]:g}"
        for name in _ACT_IN
        if months < levers[-1][name] < lever_meanings()[name].high  # which is never
    ]
    notes = [f"Beyond month {months}, so not in this run: {', '.join(told)}."] if told else []
    early = [
        f"{name} (observed in month {seen.month})"
        for name, seen in scenario.observed.items()
        if seen.month < months and name not in CURVES
    ]
    if early:
        notes.append(
            f"Known at the last month, {months}, only, so not compared: {', '.join(early)}."
        )
    return notes
