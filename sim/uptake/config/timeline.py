"""The levers of a question: what the scenario gives, what its timeline moves, what a user holds."""

from collections.abc import Mapping

from uptake.config.bodies import check_deeds
from uptake.config.moves import LAUNCH, check_moves, given_levers, moved, moves_of
from uptake.config.schema import Event, Run, Within
from uptake.config.schema.levers import ONE_MONTH, lever_within
from uptake.errors import InputError, one_of, wrong
from uptake.model._jit import Records
from uptake.model.episode import lever_path
from uptake.model.levers import AT_LAUNCH, IMPULSES, LEVERS

_WITHIN = "months of the scenario; a run is shortened by months=N"


def check_levers(key: str, values: Mapping[str, float]) -> dict[str, float]:
    """Return levers with known names and values within their ranges."""
    for name, value in values.items():
        lever_within(key, name).checked(f"{key}.{name}", value)
    return dict(values)


def overridden_levers(config: Run) -> dict[str, float]:
    """Return the levers that the user set, by name."""
    chosen = {name: config.levers.get(name) for name in LEVERS.names or ()}
    return {name: value for name, value in chosen.items() if value is not None}


def timeline(config: Run, overridden: dict[str, float]) -> list[Event]:
    """Return the events that take place, in the order of their months.

    Not those that are left out, nor those that set levers alone which the user holds.
    """
    events = config.scenario.timeline
    names, months = [event.name for event in events], scenario_months(config)
    for name in {name for name in names if names.count(name) > 1}:
        raise wrong("scenario.timeline", name, "each event needs a name of its own")
    for event in events:
        key = f"scenario.timeline.{event.name}"
        Within(0, months, _WITHIN).checked(f"{key}.month", event.month)
        for name in AT_LAUNCH:
            if name in event.set and event.month > 0:
                raise wrong(
                    f"{key}.set.{name}",
                    event.set[name].value,
                    "it acts at the launch: allowed in month 0 only",
                )
    check_deeds(config)
    acting = [event.name for event in events if event.acts]
    for name in config.without:
        one_of("without", name, acting)
    kept = [
        moved(config, event)
        for event in events
        if event.name not in config.without
        and (not event.set or event.bodies or set(event.set) - set(overridden))
    ]
    return sorted(kept, key=lambda event: event.month)


def scenario_months(config: Run) -> int:
    """Return the horizon of the scenario, which a user may have shortened or prolonged."""
    return int(config.scenario.months.value)


def levers_of(config: Run, events: list[Event], overridden: dict[str, float]) -> Records:
    """Return the levers month by month."""
    initial = given_levers(config) | config.timeline.get(LAUNCH, {})
    months = scenario_months(config) if config.months is None else config.months
    changes = [(event.month, event.levers()) for event in events]
    check_moves(config, moves_of(config), overridden, months)
    return lever_path(months, initial, changes, overridden)


def lever_range(name: str) -> Within:
    """Return what a lever that is held can be."""
    found = lever_within("levers", name)
    if name in IMPULSES:
        raise InputError(f"levers.{name}: {ONE_MONTH}")
    return found
