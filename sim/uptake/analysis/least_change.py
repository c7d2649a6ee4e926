"""The least change of one lever, and of two, that reaches a chance. Knows no model.

A change is the mean over the months of how far a lever that is held lies from where it would have
been, as a share of its range. Every point is asked on the same runs. So what is found is exact for
these runs, and its interval says how far so many runs tell it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.chance import wilson

Floats = NDArray[np.float64]
NOT_HELD = float("nan")  # a lever that is left as it is

GRID = 21  # values of a lever alone
PAIR_GRID = 8  # of each of two
_STEPS = 1_000  # of a range, at least: values between which none is told
_FINE = 5  # parts of a cell of a pair's grid
_BATCH = 4  # points of a pair at once


@dataclass(frozen=True)
class Scale:
    """The values that a lever can be held at, and how far each is from how it is."""

    name: str
    low: float
    high: float
    path: Floats  # (months,) as it is, in each month
    whole: bool = False

    @cached_property
    def step(self) -> float:
        """Return the distance between two values: 1, 2 or 5 times a power of ten."""
        if self.high <= self.low:
            return 1.0
        most = (self.high - self.low) / _STEPS
        power = 10.0 ** floor(log10(most))
        nice = next(n for n in (5.0, 2.0, 1.0) if n * power <= most * (1.0 + 1e-9)) * power
        return max(1.0, nice) if self.whole else nice

    def value(self, place: int) -> float:
        """Return the value at a place: a multiple of the step, or an end of the range."""
        digits = max(0, ceil(-log10(self.step)) + 1)
        return float(min(max(round(place * self.step, digits), self.low), self.high))

    def place(self, value: float) -> int:
        """Return the place that is next to a value."""
        return round(value / self.step)

    @cached_property
    def now(self) -> int:
        """Return the place next to how it is: the median over the months, within the range."""
        return self.place(float(np.median(np.clip(self.path, self.low, self.high))))

    def grid(self, count: int) -> list[int]:
        """Return places that are spread evenly over the range, and that of how it is."""
        even = np.linspace(self.low, self.high, count)
        return sorted({self.now, *(self.place(float(value)) for value in even)})

    def change(self, value: float) -> float:
        """Return how far a value is from how it is, as a share of the range.

        It may be more than 1, where the range does not hold how it is.
        """
        if np.isnan(value):
            return 0.0
        apart = np.abs(value - self.path).mean()
        return float(apart) / (self.high - self.low)


# Given values of some levers, shape (points, levers), the share of the runs that reach the target.
Shares = Callable[[Floats], Floats]


class Least(NamedTuple):
    """The least change of one lever; a value is None where there is none, NaN where none is needed.

    ``easiest`` and ``surest`` are between which values the chance is not told apart from the one
    asked for: the least change at which it may be reached, and that at which it surely is.
    """

    scale: Scale
    value: float | None
    change: float
    share: float  # of the runs, at the value
    easiest: float | None
    surest: float | None
    best: float  # the value of the grid with the best chance, the least change of these
    best_share: float

    @property
    def is_as_it_is(self) -> bool:
        """Tell whether it is reached as it is."""
        return self.value is not None and bool(np.isnan(self.value))


class LeastPair(NamedTuple):
    """The least change of two levers together, by the sum of their changes; or none."""

    scales: tuple[Scale, Scale]
    values: tuple[float, float] | None
    change: float
    share: float
    needed: bool  # whether neither of the two does it alone with as little


def least(
    scale: Scale,
    shares: Shares,
    runs: float,
    asked: float,
    now: float,
    better: Sequence[float] | None = None,
) -> Least:
    """Return the least change of a lever that reaches a chance.

    Parameters
    ----------
    scale
        The values that it can be held at.
    shares
        What gives the share of the runs that reach the target.
    runs
        How many there are that share no draw (``Draws.apart``).
    asked
        The chance to be reached.
    now
        The share of the runs as it is.
    better
        What tells values of the grid apart that are reached equally often, more being better.
    """
    asking, grid = _Asking(scale, shares, now), scale.grid(GRID)
    at_grid = asking.share(*grid)
    also = dict(zip(grid, better or [0.0] * len(grid), strict=True))
    seen = dict(zip(grid, at_grid, strict=True))
    by_change = sorted(grid, key=lambda place: scale.change(scale.value(place)))
    best = max(by_change, key=lambda place: (seen[place], also[place]))  # the first of equals
    value, side = asking.first(lambda share: share >= asked), 0
    change, at = float("inf"), now
    if value is not None:
        change = scale.change(value)
        if not np.isnan(value):
            side = int(np.sign(scale.place(value) - scale.now))
            at = asking.share(scale.place(value))[0]
    easiest = asking.first(lambda share: wilson(share, runs)[1] >= asked, side)
    surest = asking.first(lambda share: wilson(share, runs)[0] >= asked, side)
    return Least(scale, value, change, at, easiest, surest, scale.value(best), seen[best])


@dataclass
class _Asking:
    """A lever, and how often the target is reached at its places, each asked once."""

    scale: Scale
    shares: Shares
    now: float
    known: dict[int, float] = field(default_factory=dict)

    def share(self, *places: int) -> list[float]:
        """Return how often it is reached at places."""
        new = [place for place in dict.fromkeys(places) if place not in self.known]
        if new:
            values = np.array([[self.scale.value(place)] for place in new])
            self.known.update(zip(new, map(float, self.shares(values)), strict=True))
        return [self.known[place] for place in places]

    def first(self, met: Callable[[float], bool], side: int = 0) -> float | None:
        """Return the value of least change at which a share is met, on one side or on both (0).

        It is sought by halves between places that are known.
        """
        if met(self.now):
            return NOT_HELD
        scale, known = self.scale, self.known
        of_side = [
            place for place in known if side * (place - scale.now) >= 0 and met(known[place])
        ]
        if not of_side:
            return None
        outer = min(of_side, key=lambda place: scale.change(scale.value(place)))
        low, high = sorted((scale.now, outer))
        between = [place for place in known if low <= place <= high and place != outer]
        inner = min(between, key=lambda place: abs(place - outer), default=outer)
        while abs(outer - inner) > 1:
            middle = (outer + inner) // 2
            outer, inner = (middle, inner) if met(self.share(middle)[0]) else (outer, middle)
        return scale.value(outer)


def _ascending(
    points: Sequence[tuple[float, float]],
    change: Callable[[tuple[float, float]], float],
    shares: Shares,
    may: Callable[[Floats], NDArray[np.bool_]],
    asked: float,
) -> tuple[tuple[float, float], float] | None:
    """Return the point of least change that reaches a chance, and its share of the runs."""
    if not points:
        return None
    possible = may(np.array(points))
    kept = sorted((p for p, can in zip(points, possible, strict=True) if can), key=change)
    for first in range(0, len(kept), _BATCH):
        some = kept[first : first + _BATCH]
        for point, share in zip(some, shares(np.array(some)), strict=True):
            if share >= asked:
                return point, float(share)
    return None


def least_pair(
    scales: tuple[Scale, Scale],
    alone: tuple[Least, Least],
    shares: Shares,
    may: Callable[[Floats], NDArray[np.bool_]],
    asked: float,
) -> LeastPair:
    """Return the least change of two levers that reaches a chance, both of them changed.

    Each goes from how it is to what it needs alone, or over its range, if it cannot; what changes
    more in all than one of them alone would is not asked. A grid is refined once, in the cell of
    its best point.

    Parameters
    ----------
    scales
        Of the two levers.
    alone
        What each needs alone.
    shares
        What gives the share of the runs that reach the target, of points, shape (points, 2).
    may
        What tells, on few runs, of which points it cannot be ruled out that they reach it.
    asked
        The chance to be reached.
    """
    one, other = scales
    most = min(least.change for least in alone)

    def change(point: tuple[float, float]) -> float:
        return one.change(point[0]) + other.change(point[1])

    def within(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        less = [point for point in points if change(point) < most]
        return [p for p in less if one.change(p[0]) > 0.0 and other.change(p[1]) > 0.0]

    grids = _towards(alone[0]), _towards(alone[1])
    found = _ascending(within(list(itertools.product(*grids))), change, shares, may, asked)
    if found is None:
        return LeastPair(scales, None, most, 0.0, False)
    inner = [_inward(*each) for each in zip(scales, grids, found[0], strict=True)]
    cell = within(list(itertools.product(inner[0], inner[1])))
    cell = [p for p in cell if change(p) < change(found[0])]
    found = _ascending(cell, change, shares, may, asked) or found
    return LeastPair(scales, found[0], change(found[0]), found[1], True)


def _towards(found: Least) -> list[float]:
    """Return values of a lever up to what it needs alone; of its range, if that is nothing."""
    scale = found.scale
    if found.value is None:
        return [scale.value(place) for place in scale.grid(PAIR_GRID)]
    places = np.linspace(scale.now, scale.place(found.value), PAIR_GRID)
    return sorted({scale.value(round(float(place))) for place in places})


def _inward(scale: Scale, grid: list[float], value: float) -> list[float]:
    """Return values from one of a grid to that before it, on the way to how it is."""
    at = grid.index(value)
    place, towards = scale.place(value), scale.value(scale.now)
    before = scale.place(grid[at + (1 if value < towards else -1)]) if value != towards else place
    parts = np.linspace(place, before, _FINE + 1)[:_FINE]
    return sorted({scale.value(round(float(part))) for part in parts})
