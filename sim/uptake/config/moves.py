"""What a user changes of a timeline: ``timeline.EVENT.LEVER=NUMBER``, and ``launch`` for EVENT.

A lever that an event moves has one value at the launch and another from the event's month on. Each
can be changed by itself; ``levers.LEVER`` holds the lever throughout instead.
"""

from dataclasses import replace
from typing import NamedTuple

from uptake.config.schema import Event, Ranged, Run, lever_meanings
from uptake.errors import InputError, one_of, wrong
from uptake.model.levers import IMPULSES

LAUNCH = "launch"


class Move(NamedTuple):
    """A value that a lever takes from a month on, by the scenario, and by the question if asked."""

    event: str  # its name, or LAUNCH
    month: int
    lever: str
    was: float
    asked: float | None  # None: as the scenario has it

    @property
    def value(self) -> float:
        """Return the value that it takes."""
        return self.was if self.asked is None else self.asked

    @property
    def when(self) -> str:
        """Return from when on it takes it."""
        return "at the launch" if self.event == LAUNCH else f"from month {self.month} on"


def given_levers(config: Run) -> dict[str, float]:
    """Return every lever at the launch, as the scenario gives it or else neutral."""
    neutral = {name: meaning.neutral for name, meaning in lever_meanings().items()}
    return neutral | {name: quantity.value for name, quantity in config.scenario.levers.items()}


def moves_of(config: Run) -> list[Move]:
    """Return what may change of the timeline: of each lever it moves, the launch and each row."""
    asked = config.timeline
    events = [event for event in config.scenario.timeline if event.name not in config.without]
    at_launch = {name for event in events if event.month == 0 for name in event.set}
    given = given_levers(config)
    moved = dict.fromkeys(name for event in events for name in event.set)
    found = [
        Move(LAUNCH, 0, name, given[name], asked.get(LAUNCH, {}).get(name))
        for name in moved
        if name not in at_launch and name not in IMPULSES
    ]
    for event in sorted(events, key=lambda event: event.month):
        values = asked.get(event.name, {})
        found += [
            Move(event.name, event.month, name, value, values.get(name))
            for name, value in event.levers().items()
        ]
    return found


def check_moves(config: Run, moves: list[Move], overridden: dict[str, float], months: int) -> None:
    """Refuse to change what the timeline does not set, or what has no effect."""
    for event, values in config.timeline.items():
        if event in config.without:
            raise InputError(f"timeline.{event}: without=[{event}] leaves it out; one of the two")
        one_of("timeline", event, dict.fromkeys(move.event for move in moves))
        levers = {move.lever: move for move in moves if move.event == event}
        for lever, value in values.items():
            one_of(f"timeline.{event}", lever, levers)
            key = f"timeline.{event}.{lever}"
            if lever in overridden:
                raise wrong(key, value, f"levers.{lever} holds it throughout; one of the two")
            if levers[lever].month > months:
                raise wrong(
                    key,
                    value,
                    f"it acts in month {levers[lever].month}, after the {months} of the run",
                )


def moved(config: Run, event: Event) -> Event:
    """Return an event with the values that the question gives it."""
    values = {
        name: Ranged(value, event.set[name].unit, f"asked; was {event.set[name].value:g}")
        for name, value in config.timeline.get(event.name, {}).items()
        if name in event.set
    }
    return replace(event, set={**event.set, **values}) if values else event
