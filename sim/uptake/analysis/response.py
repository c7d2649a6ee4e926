"""What runs of a scheme come to as its levers move: a grid of points, interpolated between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.points import Points
from uptake.analysis.refined import Axis, Grid, refined
from uptake.config.case import Case
from uptake.config.ranges import LeverRange, asked_ranges, own_levers
from uptake.results.runs import Runs
from uptake.results.summary import funnel

Floats = NDArray[np.float64]
MOST_LEVERS = 4
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
    """

    ranges: Sequence[LeverRange]
    reading: Reading
    grid: Grid

    def off(self, name: str) -> Floats:
        """Return how far interpolation is off at the points tried, the most of each, (points,)."""
        first, count = self.reading.places[name]
        return np.asarray(np.abs(self.grid.off[:, first : first + count]).max(axis=1))


def response(
    was: Runs,
    ranges: Sequence[LeverRange],
    within: float,
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
        How far the mean of the curve may be off between points, in its unit.
    most_points
        That the grid may have.
    advance
        Is told of points that are done.
    """
    points, names = Points(was.case), [one.name for one in ranges]
    reading = Reading(was.case, was)

    def function(values: Floats) -> Floats:
        return np.array(list(points.read(names, values, reading.row, advance)))

    def judged(apart: Floats) -> Floats:
        first, count = reading.places["mean"]
        return np.asarray(np.abs(apart[:, first : first + count]).max(axis=1))

    axes = [Axis(one.levels, one.whole, one.is_aside) for one in ranges]
    return Response(ranges, reading, refined(function, axes, judged, within, most_points))


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
    """Return the ranges of the levers that ``publish`` names, or of those that matter most."""
    few = case.asking(min(_RUNS_OF_A_TRIAL, case.config.runs), case.config.seed, None)
    return named_ranges(case) or levers_that_matter(few, own_levers(case), MOST_LEVERS)
