"""The levers of a question: what the scenario gives, what its timeline moves, what a user holds."""

from __future__ import annotations

from uptake.config.moves import LAUNCH, Move, check_moves, moved, moves_of
from uptake.config.schema import Event, Run, lever_meanings
from uptake.errors import InputError, no_such, one_of, refusal, whole, within
from uptake.model._jit import Records
from uptake.model.episode import lever_path
from uptake.model.levers import AT_LAUNCH, IMPULSES, LEVERS

MOST_MONTHS = 1200
_WITHIN = "months of the scenario; a run is shortened by months=N"
_ONE_MONTH = "it acts in one month: allowed in a row of the timeline only"


def check_levers(key: str, values: dict[str, float]) -> dict[str, float]:
    """Return levers with known names and values within their ranges."""
    meanings = lever_meanings()
    for name, value in values.items():
        if name not in meanings:
            raise no_such(key, name, meanings, "lever")
        meaning = meanings[name]
        where = f"{key}.{name}"
        within(where, value, meaning.low, meaning.high, meaning.unit)
        if meaning.whole:
            whole(where, value, int(meaning.low), int(meaning.high), meaning.unit)
    return values


def pinned_levers(config: Run) -> dict[str, float]:
    """Return the levers that the user set, by name."""
    chosen = {name: getattr(config.levers, name) for name in LEVERS.names or ()}
    pinned = {name: value for name, value in chosen.items() if value is not None}
    _refuse_news("levers", pinned)
    return check_levers("levers", pinned)


def _refuse_news(key: str, values: dict[str, float]) -> None:
    """Refuse news and incidents outside the timeline: they act in one month, and say in which."""
    for name in IMPULSES:
        if name in values:
            raise InputError(refusal(f"{key}.{name}", values[name], _ONE_MONTH))


def timeline(config: Run, pinned: dict[str, float]) -> list[Event]:
    """Return the events that take place, in the order of their months.

    Not those that are left out, nor those of which all levers are held by the user.
    """
    events = config.scenario.timeline
    names, months = [event.name for event in events], scenario_months(config)
    for name in {name for name in names if names.count(name) > 1}:
        raise InputError(refusal("scenario.timeline", name, "each event needs a name of its own"))
    for event in events:
        key = f"scenario.timeline.{event.name}"
        within(f"{key}.month", event.month, 0, months, _WITHIN)
        check_levers(f"{key}.set", event.levers())
        for name in AT_LAUNCH:
            if name in event.set and event.month > 0:
                where = f"{key}.set.{name}"
                allowed = "it acts at the launch: allowed in month 0 only"
                raise InputError(refusal(where, event.set[name].value, allowed))
    acting = [event.name for event in events if event.set]
    for name in config.without:
        one_of("without", name, acting)
    kept = [
        moved(config, event)
        for event in events
        if event.name not in config.without and (not event.set or set(event.set) - set(pinned))
    ]
    return sorted(kept, key=lambda event: event.month)


def scenario_months(config: Run) -> int:
    """Return the horizon of the scenario, which a user may have shortened or prolonged."""
    return whole("scenario.months.value", config.scenario.months.value, 1, MOST_MONTHS, "months")


def levers_of(config: Run, events: list[Event], pinned: dict[str, float]) -> Records:
    """Return the levers month by month."""
    given = {name: quantity.value for name, quantity in config.scenario.levers.items()}
    check_levers("scenario.levers", given)
    _refuse_news("scenario.levers", given)
    neutral = {name: meaning.neutral for name, meaning in lever_meanings().items()}
    launch = config.timeline.get(LAUNCH, {})
    months = scenario_months(config)
    if config.months is not None:
        months = whole("months", config.months, 1, MOST_MONTHS, "months")
    changes = [(event.month, event.levers()) for event in events]
    check_moves(config, moves(config), pinned, months)
    for name, values in config.timeline.items():
        check_levers(f"timeline.{name}", values)
    return lever_path(months, neutral | given | launch, changes, pinned)


def moves(config: Run) -> list[Move]:
    """Return the values that levers take by the timeline, from the launch on and from its rows."""
    return moves_of(config, {name: meaning.neutral for name, meaning in lever_meanings().items()})


def lever_range(name: str) -> tuple[float, float, bool, str]:
    """Return what a lever that is held can be: from, to, whether whole, and its unit."""
    meanings = lever_meanings()
    if name not in meanings:
        raise no_such("levers", name, meanings, "lever")
    meaning = meanings[name]
    if name in IMPULSES:
        raise InputError(f"levers.{name}: {_ONE_MONTH}")
    return meaning.low, meaning.high, meaning.whole, meaning.unit
