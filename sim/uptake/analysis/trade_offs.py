"""Uptake, public cost and the provider's result: which levers better one without another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.least_change import AS_IT_IS, Scale
from uptake.analysis.pareto import compromise, front
from uptake.analysis.points import Points
from uptake.config.reported import is_count
from uptake.config.target import Target
from uptake.engine.designs import Axis, sampled

Floats = NDArray[np.float64]
POINTS = 256
_RUNS = 250
COSTS = ("trusts_cost_gbp", "centre_cost_gbp", "provider_loss_gbp")
RESPECTS = ("uptake", "public cost", "providers' loss")


@dataclass(frozen=True)
class Told:
    """A point of the front as it is told: on all runs."""

    why: str
    at: int  # its row
    values: Floats  # (levers,) NaN: as it is
    mean: Floats  # (3,) of RESPECTS
    error: Floats  # (3,) standard errors


@dataclass(frozen=True)
class Front:
    """Points of the levers that none of the others betters in all respects."""

    levers: tuple[str, ...]
    outcome: str  # that is called uptake
    runs: int  # of each point
    values: Floats  # (points, levers); the first is as it is: NaN
    means: Floats  # (points, 3) of RESPECTS
    kept: NDArray[np.int64]  # rows of the front
    told: tuple[Told, ...]


def uptake_of(target: Target) -> str:
    """Return the outcome that is called uptake: that of the target, if it is a count."""
    return target.outcome if is_count(target.outcome) and not target.is_most else "joined"


def _respects(found: dict[str, Floats], outcome: str) -> Floats:
    """Return uptake, public cost and providers' loss in each run, shape (3, points, runs)."""
    trusts, centre, loss = (found[name] for name in COSTS)
    return np.array([found[outcome], trusts + centre, loss])


def _chosen(means: Floats, kept: NDArray[np.int64]) -> dict[int, str]:
    """Return the points that are told: the best in each respect, and the best of all together."""
    better = means[kept] * np.array([1.0, -1.0, -1.0])
    told = {
        "the most uptake": int(better[:, 0].argmax()),
        "the least public cost": int(better[:, 1].argmax()),
        "the best result of the providers": int(better[:, 2].argmax()),
        "a middle way": compromise(better),
    }
    found: dict[int, str] = {}
    for why, at in told.items():
        place = int(kept[at])
        found[place] = f"{found[place]}, and {why}" if place in found else why
    return found


def trade_offs(points: Points, scales: Sequence[Scale], target: Target) -> Front:
    """Return what levers make of uptake, public cost and providers' loss, and the front of it.

    The points are Sobol's over the ranges of the levers; as it is, is one of them.
    """
    config, outcome = points.case.config, uptake_of(target)
    names, runs = tuple(scale.name for scale in scales), min(_RUNS, config.runs)
    axes = [Axis(scale.name, None, scale.low, scale.high, scale.whole) for scale in scales]
    values = sampled("sobol", axes, POINTS, config.seed)
    for i, scale in enumerate(scales):
        values[:, i] = [scale.value(scale.place(value)) for value in values[:, i]]
    values = np.vstack([np.full(len(names), AS_IT_IS), values])
    means = _respects(points.at(names, values, runs), outcome).mean(axis=2).T
    kept = front(means * np.array([1.0, -1.0, -1.0]))
    chosen = _chosen(means, kept)
    again = _respects(points.at(names, values[list(chosen)], config.runs), outcome)
    error = again.std(axis=2) / np.sqrt(config.runs)
    told = [
        Told(why, at, values[at], again[:, i].mean(axis=1), error[:, i])
        for i, (at, why) in enumerate(chosen.items())
    ]
    return Front(names, outcome, runs, values, means, kept, tuple(told))
