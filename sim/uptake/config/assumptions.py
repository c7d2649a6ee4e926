"""Which numbers of a question are assumptions: their ranges, and where they stand in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import NamedTuple

import numpy as np

from uptake.config.moves import LAUNCH
from uptake.config.population import People
from uptake.config.schema import Event, Ranged, Run, lever_meanings
from uptake.model._jit import Records
from uptake.model.assumptions import LEVER, MEDIAN_INCOME, OFFER_FACT, SECTOR_FACT, START_FACT
from uptake.model.episode import CELL, OFFER, RANGE, SECTOR, START
from uptake.model.levers import IMPULSES, LEVERS

ASSUMPTIONS = "assumptions"  # fix=assumptions: all of them at their values


class Assumption(NamedTuple):
    """A number with a range, by its key within the scenario, and the rows of a field it fills."""

    name: str
    number: Ranged[float]
    table: int
    field: int
    row: int
    last: int
    whole: bool = False

    @property
    def key(self) -> str:
        """Return what it is drawn by: a lever has one draw, whatever rows of the timeline set."""
        parts = self.name.split(".")
        return f"levers.{parts[-1]}" if parts[0] == "timeline" else self.name


def _given(*numbers: tuple[str, object]) -> Iterator[tuple[str, Ranged[float]]]:
    """Yield the numbers that have a range, each with its key."""
    for key, number in numbers:
        if isinstance(number, Ranged) and number.ends:
            yield key, number


def _of_levers(
    config: Run, events: Sequence[Event], held: dict[str, float], months: int
) -> Iterator[Assumption]:
    """Yield what the scenario and its timeline assume of levers that the user does not hold."""
    given, asked = config.scenario.levers, config.timeline.get(LAUNCH, {})
    for at, lever in enumerate(LEVERS.names or ()):
        rows = [(event.month, f"timeline.{event.name}.{lever}", event.set[lever])
                for event in events if lever in event.set]  # fmt: skip
        if lever in given and lever not in asked:
            rows.insert(0, (0, f"levers.{lever}", given[lever]))
        whole = lever_meanings()[lever].whole
        for i, (month, key, number) in enumerate(rows):
            until = rows[i + 1][0] - 1 if i + 1 < len(rows) else months
            last = min(month if lever in IMPULSES else until, months)
            if number.ends and month <= last and lever not in held:
                yield Assumption(key, number, LEVER, at, month, last, whole)


def _of_facts(config: Run, people: People) -> Iterator[Assumption]:
    """Yield what is assumed of the sector, of providers and of members at the start."""
    scenario, sector = config.scenario, config.scenario.sector
    names = SECTOR.names or ()
    owned = [(f"sector.{one.name}", getattr(sector, one.name)) for one in fields(sector)]
    owned += [("scope_share", scenario.scope_share)]
    owned += [("approached", scenario.approached)] if people.is_number_open else []
    for key, number in _given(*owned):
        field, whole = names.index(key.removeprefix("sector.")), key == "approached"
        yield Assumption(key, number, SECTOR_FACT, field, 0, 0, whole)
    for row, (name, kind) in enumerate(sector.kinds.items()):
        if row < len(people.kinds) and people.kinds[row].income_median_gbp == kind.income_p50.value:
            for key, number in _given((f"sector.kinds.{name}.income_p50", kind.income_p50)):
                yield Assumption(key, number, MEDIAN_INCOME, 0, row, row)
    first = 0
    for name, provider in scenario.providers.items():
        last = first + (1 if provider.number is None else int(provider.number.value)) - 1
        facts = [(one, getattr(provider, one)) for one in OFFER.names or ()]
        for fact, number in _given(*facts):
            field = (OFFER.names or ()).index(fact)
            yield Assumption(f"providers.{name}.{fact}", number, OFFER_FACT, field, first, last)
        first = last + 1
    named = [name for start in scenario.members_at_start for name in start.bodies]
    row = sum(name in people.named for name in named)  # which come first
    for i, start in enumerate(scenario.members_at_start):
        of_start = (("number", "count", start.number), ("share", "share", start.share))
        for said, fact, quantity in of_start:
            for key, number in _given((f"members_at_start[{i}].{said}", quantity)):
                field = (START.names or ()).index(fact)
                yield Assumption(key, number, START_FACT, field, row, row, fact == "count")
        row += not start.bodies


def assumptions_of(
    config: Run,
    events: Sequence[Event],
    held: dict[str, float],
    months: int,
    people: People,
) -> list[Assumption]:
    """Return the numbers of a question that are drawn; none if they are fixed.

    Parameters
    ----------
    config
        The question.
    events
        Those that take place, in the order of their months.
    held
        Levers that the user holds.
    months
        Of the run.
    people
        The trusts.
    """
    if config.fix == ASSUMPTIONS:
        return []
    of_levers = _of_levers(config, events, held, months)
    return [*of_levers, *_of_facts(config, people)]


def records_of(assumptions: Sequence[Assumption]) -> tuple[Records, Records]:
    """Return the ranges of assumptions and their places, as an episode holds them.

    Equal keys are drawn as one: a scheme that is made of another keeps its draws.
    """
    ranges = np.zeros(len(assumptions), RANGE).view(np.recarray)
    cells = np.zeros(len(assumptions), CELL).view(np.recarray)
    for i, one in enumerate(assumptions):
        low, high = one.number.ends or (one.number.value, one.number.value)
        digest = hashlib.sha256(one.key.encode()).digest()
        key = int.from_bytes(digest[:8], "big")
        ranges[i] = (low, one.number.value, high, float(one.whole), key)
        cells[i] = (i, one.table, one.field, one.row, one.last)
    return ranges, cells
