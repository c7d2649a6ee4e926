"""The levers of a question: what the scenario gives, what its timeline moves, what a user holds."""

from __future__ import annotations

from sim._jit import Records
from sim.configuration import Event, Run, lever_meanings
from sim.errors import InputError, one_of, refusal, whole, within
from sim.inputs import AT_LAUNCH, IMPULSES, LEVERS, lever_path
from sim.moves import LAUNCH, Move, check_moves, moved, moves_of

MOST_MONTHS = 1200
_ONE_MONTH = "it acts in one month: allowed in a row of the timeline only"


def check_levers(key: str, values: dict[str, float]) -> dict[str, float]:
    """Return levers with known names and values within their ranges."""
    meanings = lever_meanings()
    for name, value in values.items():
        one_of(key, name, meanings)
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
    names = [event.name for event in events]
    for name in {name for name in names if names.count(name) > 1}:
        raise InputError(refusal("scenario.timeline", name, "each event needs a name of its own"))
    for event in events:
        within(f"timeline.{event.name}.month", event.month, 0, MOST_MONTHS, "months")
        check_levers(f"timeline.{event.name}.set", event.levers())
        for name in AT_LAUNCH:
            if name in event.set and event.month > 0:
                where = f"timeline.{event.name}.set.{name}"
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


def levers_of(config: Run, events: list[Event], pinned: dict[str, float]) -> Records:
    """Return the levers month by month."""
    given = {name: quantity.value for name, quantity in config.scenario.levers.items()}
    check_levers("scenario.levers", given)
    _refuse_news("scenario.levers", given)
    neutral = {name: meaning.neutral for name, meaning in lever_meanings().items()}
    launch = config.timeline.get(LAUNCH, {})
    given_months = config.scenario.months
    key, months = ("scenario.months.value", given_months.value)
    if config.months is not None:
        key, months = ("months", config.months)
    months = whole(key, months, 1, MOST_MONTHS, "months")
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
    one_of("levers", name, meanings)
    meaning = meanings[name]
    if name in IMPULSES:
        raise InputError(f"levers.{name}: {_ONE_MONTH}")
    return meaning.low, meaning.high, meaning.whole, meaning.unit
