"""Uptake, cost to bodies and centre, the provider's result: what betters one without another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from uptake.analysis import pareto
from uptake.analysis.least_change import NOT_HELD, Scale
from uptake.analysis.pareto import compromise
from uptake.analysis.points import COSTS, Points
from uptake.config.target import Target
from uptake.engine.designs import Axis, sampled

Floats = NDArray[np.float64]
POINTS = 256
_RUNS = 250
_BETTER = np.array([1.0, -1.0, -1.0])  # more uptake, less cost, less loss
_OPPOSITE = -0.95  # correlation from which on what one pays is what another gets
_TAKERS = (
    "joined", "members", "aligned", "served", "joined_above_typical_spend",
    "joined_below_typical_spend", "regions_planned", "regions_common_systems",
    "regions_one_provider", "regions_market_tested",
)  # fmt: skip
# The respects, in this order: uptake, cost to bodies and centre, providers' loss.


@dataclass(frozen=True)
class Told:
    """A point as it is told: on all runs."""

    why: str  # what it is best in of those told; empty for how it is and not at all, if in nothing
    at: int  # its row
    values: Floats  # (levers,) NaN: as it is
    mean: Floats  # (3,) by respect
    error: Floats  # (3,) standard errors


@dataclass(frozen=True)
class Front:
    """Points of the levers that none of the others betters in all respects.

    The first is as it is, the last is not to offer it at all; both have NaN as levers.
    """

    levers: tuple[str, ...]
    outcome: str  # that is called uptake
    runs: int  # of each point
    values: Floats  # (points, levers)
    means: Floats  # (points, 3) by respect
    different: NDArray[np.int64]  # rows that come to something else than those before them
    kept: NDArray[np.int64]  # rows of the front
    told: tuple[Told, ...]

    @property
    def is_all(self) -> bool:
        """Tell whether no point is bettered by another, so that the front says nothing."""
        return len(self.kept) == len(self.different)

    @property
    def is_handed_on(self) -> bool:
        """Tell whether what the public pays is mostly what providers do not lose."""
        offered = self.different[self.different < len(self.values) - 1]
        cost, loss = self.means[offered, 1:].T
        if np.ptp(cost) == 0.0 or np.ptp(loss) == 0.0:
            return False
        return float(np.corrcoef(cost, loss)[0, 1]) < _OPPOSITE


def uptake_of(target: Target) -> str:
    """Return the outcome that is called uptake: that of the target, if it counts takers."""
    return target.outcome if target.outcome in _TAKERS and not target.is_most else "joined"


def _respects(found: dict[str, Floats], outcome: str) -> Floats:
    """Return uptake, cost to bodies and centre, and loss in each run, shape (3, points, runs)."""
    trusts, centre, loss = (found[name] for name in COSTS)
    return np.array([found[outcome], trusts + centre, loss])


def _best(means: Floats) -> dict[int, str]:
    """Return the rows that are best in a respect, and in what.

    Nothing is best in a respect in which all of them are the same.
    """
    better = means * _BETTER
    said = ("the most uptake", "the least cost", "the best result of the providers")
    found: dict[int, str] = {}
    for i, why in enumerate(said):
        if np.ptp(means[:, i]) > 0.0:
            at = int(better[:, i].argmax())
            found[at] = f"{found[at]}, and {why}" if at in found else why
    return found


def _told(points: Points, names: Sequence[str], front: Front) -> tuple[Told, ...]:
    """Return some points on all runs, and what each of them is best in: by what is told."""
    runs, last = points.case.config.runs, len(front.values) - 1
    kept = front.kept[front.kept != last]
    middle = int(kept[compromise(front.means[kept] * _BETTER)]) if len(kept) else 0
    of_front = {int(front.kept[row]) for row in _best(front.means[front.kept])}
    at = np.array(sorted({0, middle, *of_front} - {last}), np.int64)
    found = _respects(points.at(names, front.values[at], runs), front.outcome)
    mean = np.vstack([found.mean(axis=2).T, np.zeros(3)])
    error = np.vstack([points.draws(runs).error(found).T, np.zeros(3)])
    rows = [*at.tolist(), last]
    why = _best(mean)
    if middle and rows.index(middle) not in why:
        why[rows.index(middle)] = "a middle way"
    return tuple(
        Told(why.get(i, ""), row, front.values[row], mean[i], error[i])
        for i, row in enumerate(rows)
        if i in why or row in (0, last)
    )


def trade_offs(points: Points, scales: Sequence[Scale], target: Target) -> Front:
    """Return what levers make of uptake, of cost and of providers' loss, and the front of it.

    The points are Sobol's over the ranges of the levers; as it is, and not at all, are among them.
    Points that come to the same count once.
    """
    config, outcome = points.case.config, uptake_of(target)
    names, runs = tuple(scale.name for scale in scales), min(_RUNS, config.runs)
    axes = [Axis(scale.name, None, scale.low, scale.high, scale.whole) for scale in scales]
    values = sampled("sobol", axes, POINTS, config.seed)
    for i, scale in enumerate(scales):
        values[:, i] = [scale.value(scale.place(value)) for value in values[:, i]]
    left = np.full(len(names), NOT_HELD)
    values = np.vstack([left, values, left])
    found = _respects(points.at(names, values[:-1], runs), outcome).mean(axis=2).T
    means = np.vstack([found, np.zeros(3)])
    different = np.sort(np.unique(means, axis=0, return_index=True)[1])
    kept = different[pareto.front(means[different] * _BETTER)]
    made = Front(names, outcome, runs, values, means, different, kept, ())
    return replace(made, told=_told(points, names, made))
