"""What runs of a scheme come to as its levers move: a grid of points, interpolated between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.points import Points
from uptake.analysis.refined import Axis, Grid, refined
from uptake.config.case import Case
from uptake.config.ranges import LeverRange, asked_ranges, own_levers
from uptake.config.reported import is_count
from uptake.errors import InputError
from uptake.results.runs import Runs
from uptake.results.summary import funnel

Floats = NDArray[np.float64]
MOST_LEVERS = 4
MOST_BYTES = 4_500_000  # of a grid, as it is written into a file
MOST_CHANCE = 0.02  # by which the chance of the target may be off
MOST_MONTHS = 36  # of a curve that are kept, evenly over longer horizons
MONEY = ("trusts_cost_gbp", "centre_cost_gbp", "provider_loss_gbp", "net_present_value_gbp")
FUNNEL = ("looked", "decided", "joined", "served", "left")
_ENDS = (0.05, 0.95)
_RUNS_OF_A_TRIAL = 200


@dataclass(frozen=True)
class Reading:
    """What is kept of the runs at a point: one row of numbers, and what stands where in it."""

    case: Case
    was: Runs  # the runs that others are paired with

    @cached_property
    def months(self) -> list[int]:
        """Return the months of the curve that are kept: all, or evenly spread ones and the last."""
        every = max(1, -(-self.case.months // MOST_MONTHS))
        return sorted({*range(0, self.case.months + 1, every), self.case.months})

    @property
    def shown(self) -> str:
        """Return the outcome that tells the scenario's story."""
        return self.case.config.scenario.shows

    def of(self, runs: Runs) -> dict[str, Floats]:
        """Return what is kept of runs, by name, each shape (numbers,).

        Of the curve: its mean, 5 and 95 % point by month. At the end: the same of the difference
        to the paired runs and of money; the chance of the target, and of breaking even; and how
        many bodies came how far on average.
        """
        curve = runs.curve(self.shown)[:, self.months]
        low, high = np.quantile(curve, _ENDS, axis=0)
        end = runs.at_month(self.shown, self.case.months)
        apart = end - self.was.at_month(self.shown, self.case.months)
        kept: dict[str, Floats] = {
            "mean": curve.mean(axis=0),
            "low": low,
            "high": high,
            "apart": _three(apart),
        }
        kept |= {name: _three(runs[name]) for name in MONEY}
        target = self.case.target
        kept["target"] = np.array([runs[target.name].mean()] if target else [])
        shares = ("broke_even_share", "scrapped_share")
        kept["shares"] = np.array([runs[name].mean() for name in shares])
        kept["funnel"] = np.array([funnel(runs)[name] for name in FUNNEL])
        return kept

    def part(self, rows: Floats, name: str) -> Floats:
        """Return a part of rows, shape (rows, numbers)."""
        first, count = self.places[name]
        return rows[:, first : first + count]

    def row(self, runs: Runs) -> Floats:
        """Return what is kept of runs as one row."""
        return np.concatenate(list(self.of(runs).values()))

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """Return where each of what is kept stands in a row: its first place, and its length."""
        first, found = 0, {}
        for name, numbers in self.of(self.was).items():
            found[name] = (first, len(numbers))
            first += len(numbers)
        return found


def _three(values: NDArray[Any]) -> Floats:
    """Return mean, 5 and 95 % point of an outcome."""
    return np.array([values.mean(), *np.quantile(np.asarray(values), _ENDS)])


@dataclass(frozen=True)
class Response:
    """What runs come to over ranges of levers.

    Parameters
    ----------
    ranges
        Of the levers.
    reading
        What a row of the grid is.
    grid
        Of the levers, in the same order.
    within
        How far the mean of the curve was to be off at most.
    """

    ranges: Sequence[LeverRange]
    reading: Reading
    grid: Grid
    within: float

    def off(self, name: str) -> Floats:
        """Return how far interpolation is off at the points tried, the most of each, (points,)."""
        return np.asarray(np.abs(self.reading.part(self.grid.off, name)).max(axis=1))


def _axis(one: LeverRange) -> Axis:
    """Return the axis of a lever, as a grid begins with it."""
    return Axis(one.levels, one.whole, one.is_aside)


def response(
    was: Runs,
    ranges: Sequence[LeverRange],
    within: float | None,
    most_points: int,
    advance: Callable[[int], object] = lambda _: None,
) -> Response:
    """Return what runs come to over ranges of levers, on a grid that is as fine as is needed.

    Parameters
    ----------
    was
        The runs of the scheme as asked.
    ranges
        Of the levers.
    within
        How far the mean of the curve may be off between points, in its unit; None: one body, or a
        hundredth of the range of what is not counted. The chance of the target: two points.
    most_points
        That are computed, or fewer, as a file of ``MOST_BYTES`` holds them.
    advance
        Is told of points that are done.
    """
    points, names = Points(was.case), [one.name for one in ranges]
    reading = Reading(was.case, was)
    axes = [_axis(one) for one in ranges]
    room = MOST_BYTES * 3 // (4 * 2 * len(reading.row(was)))  # two bytes a number, three in four
    most = min(most_points, room)

    def function(values: Floats) -> Floats:
        return np.array(list(points.read(names, values, reading.row, advance)))

    whole = within or (1.0 if is_count(reading.shown) else 0.01 * _range(function, axes, reading))

    def judged(apart: Floats) -> Floats:
        by_name = {name: np.abs(reading.part(apart, name)) for name in ("mean", "target")}
        chance = by_name["target"].max(axis=1, initial=0.0) / MOST_CHANCE
        return np.asarray(np.maximum(by_name["mean"].max(axis=1) / whole, chance))

    return Response(ranges, reading, refined(function, axes, judged, 1.0, most), whole)


def _range(function: Callable[[Floats], Floats], axes: Sequence[Axis], reading: Reading) -> float:
    """Return how far the mean of the curve moves between the ends of the levers, or 1 if not."""
    ends = np.array(list(product(*[(one.levels[0], one.levels[-1]) for one in axes])))
    means = reading.part(function(ends), "mean")[:, -1]
    return float(means.max() - means.min()) or 1.0


def levers_that_matter(case: Case, ranges: Sequence[LeverRange], most: int) -> list[LeverRange]:
    """Return the levers that move the outcome most, each moved by itself to its ends.

    Parameters
    ----------
    case
        The scheme, and how many runs are asked.
    ranges
        Of the levers among which is chosen.
    most
        How many are returned at most; none that moves nothing.
    """
    names = [one.name for one in ranges]
    values = np.full((2 * len(ranges) + 1, len(ranges)), np.nan)
    for i, one in enumerate(ranges):
        values[2 * i, i], values[2 * i + 1, i] = one.low, one.high
    shown = case.config.scenario.shows
    read = Points(case).read(names, values, lambda runs: runs.curve(shown)[:, -1].mean())
    means = np.array(list(read))
    moved = np.abs(means[:-1] - means[-1]).reshape(-1, 2).max(axis=1)
    return [ranges[i] for i in np.argsort(-moved, kind="stable")[:most] if moved[i] > 0.0]


def named_ranges(case: Case) -> list[LeverRange]:
    """Return the ranges of the levers that ``publish`` names, or refuse what cannot be used."""
    asked = case.config.publish
    return asked_ranges(case, "publish", asked.levers, asked.ranges, MOST_LEVERS)


def ranges_of(case: Case) -> list[LeverRange]:
    """Return the ranges of the levers that ``publish`` names, or of those that matter most.

    Raises
    ------
    InputError
        None is named, and none of the scheme's own moves the outcome.
    """
    few = case.asking(min(_RUNS_OF_A_TRIAL, case.config.runs), case.config.seed, None)
    found = named_ranges(case) or levers_that_matter(few, own_levers(case), MOST_LEVERS)
    if not found:
        told = "none of the scheme's own moves the outcome: name some, as [pressure]"
        raise InputError(f"publish.levers: {told}")
    return found
