"""What it would take: the levers that matter, the least change of one and of two of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.chance import Z999, wilson
from uptake.analysis.least_change import (
    GRID,
    NOT_HELD,
    Least,
    LeastPair,
    Scale,
    Shares,
    least,
    least_pair,
)
from uptake.analysis.points import COSTS, WORTH, Points
from uptake.analysis.switching import Switch, on_grid
from uptake.config.case import Case
from uptake.config.decisions import MOST_LEVERS, choices_of
from uptake.config.target import Target
from uptake.errors import InputError

Floats = NDArray[np.float64]
_FEW = 200  # runs that say what is not worth more of them
_MOVES = 3.0  # standard errors, from which on a lever is taken to matter


@dataclass(frozen=True)
class Course:
    """What a lever makes of the chance and of the worth, over its range; (values,) each."""

    values: Floats
    shares: Floats
    outcome: Floats  # its mean
    worth: Floats
    worth_error: Floats

    def switched(self, switch: Switch | None, does_pay: bool) -> list[tuple[float | None, ...]]:
        """Return between which values the sign of the worth is not as it is, an end: None.

        Where the sign is that of no value as it is, it is the whole range.
        """
        if switch is not None:
            return list(switch.where(not does_pay))
        other = bool(self.worth[0] > 0.0) != does_pay
        return [(None, None)] if other else []


class Price(NamedTuple):
    """What a least change costs bodies and centre, and brings, beside how it is."""

    cost: float  # GBP, net
    error: float  # its standard error
    more: float  # uptake


@dataclass(frozen=True)
class Reaching:
    """What it would take to reach a target with a chance."""

    target: Target
    asked: float
    runs: int
    now: float  # share of the runs that reach it, as it is
    alone: tuple[Least, ...]
    pairs: tuple[LeastPair, ...]
    courses: tuple[Course, ...]  # of each lever
    switches: tuple[Switch | None, ...]  # where the worth changes its sign, of each lever
    prices: tuple[Price | None, ...]  # of each lever, at what it needs alone
    apart: float  # as many runs that share no draw tell as much
    together: float  # the chance with every lever at what is best for it alone

    @property
    def in_order(self) -> list[Least]:
        """Return the levers that reach it alone, the least change first."""
        return sorted((one for one in self.alone if one.value is not None), key=lambda o: o.change)


def _effects(points: Points, scales: Sequence[Scale], target: Target) -> Floats:
    """Return how far each lever, at an end of its range, brings an outcome towards its target.

    0 if chance may do it. If none brings it nearer, it is how far each moves it at all.
    """
    runs, count = min(_FEW, points.case.config.runs), len(scales)
    values = np.full((2 * count + 1, count), NOT_HELD)
    for i, scale in enumerate(scales):
        values[2 * i, i], values[2 * i + 1, i] = scale.low, scale.high
    found = points.at([scale.name for scale in scales], values, runs)[target.outcome]
    moved = (found[-1] - found[:-1]) if target.is_most else (found[:-1] - found[-1])
    mean, error = moved.mean(axis=1), points.draws(runs).error(moved)
    told = np.where(np.abs(mean) > _MOVES * error, mean, 0.0).reshape(count, 2)
    nearer = told.max(axis=1)
    return nearer if nearer.max() > 0.0 else np.abs(told).max(axis=1)


def scales_of(case: Case, points: Points, target: Target) -> list[Scale]:
    """Return the levers that are asked of: those named, or those that bring it nearest.

    If none are named, those of which a range is typed are among them.

    Raises
    ------
    InputError
        None are named, and none of the usual ones moves the outcome.
    """
    choices = choices_of(case)
    scales = [Scale(one.name, one.low, one.high, one.path, one.whole) for one in choices]
    if case.config.decide.levers:
        return scales
    effects = _effects(points, scales, target)
    effects[[scale.name in case.config.decide.ranges for scale in scales]] = np.inf
    order = [i for i in np.argsort(-effects, kind="stable") if effects[i] > 0.0][:MOST_LEVERS]
    if not order:
        told = f"none of the usual levers moves {target.outcome} here; name others"
        raise InputError(f"decide.levers: {told}")
    return [scales[i] for i in order]


def _asking(points: Points, levers: Sequence[str], target: Target) -> Shares:
    """Return what gives the share of all runs that reach the target."""
    runs = points.case.config.runs

    def shares(values: Floats) -> Floats:
        return np.asarray(target.met(points.at(levers, values, runs)[target.outcome]).mean(axis=1))

    return shares


def _screening(
    points: Points, levers: Sequence[str], target: Target, asked: float
) -> Callable[[Floats], NDArray[np.bool_]]:
    """Return what tells, on few runs, where it cannot be ruled out that a chance is reached."""
    runs = points.case.config.runs

    def may(values: Floats) -> NDArray[np.bool_]:
        if runs <= 2 * _FEW:
            return np.ones(len(values), np.bool_)
        met = target.met(points.at(levers, values, _FEW)[target.outcome]).mean(axis=1)
        return np.asarray(wilson(met, points.draws(_FEW).apart, Z999)[1] >= asked)

    return may


def _course(points: Points, scale: Scale, target: Target) -> Course:
    """Return what a lever makes of chance and worth, over its range."""
    values = np.array([scale.value(place) for place in scale.grid(GRID)])
    runs = points.case.config.runs
    found = points.at([scale.name], values[:, None], runs)
    worth = found[WORTH]
    return Course(
        values,
        target.met(found[target.outcome]).mean(axis=1),
        found[target.outcome].mean(axis=1),
        worth.mean(axis=1),
        points.draws(runs).error(worth),
    )


def _alone(
    points: Points, scale: Scale, course: Course, target: Target, asked: float, now: float
) -> Least:
    """Return the least change of a lever; what its course has is not run again."""
    shares, known = (
        _asking(points, [scale.name], target),
        dict(zip(course.values, course.shares, strict=True)),
    )

    def given(values: Floats) -> Floats:
        new = [value for value in values[:, 0] if value not in known]
        if new:
            known.update(zip(new, shares(np.array(new)[:, None]), strict=True))
        return np.array([known[value] for value in values[:, 0]])

    better = list(-course.outcome if target.is_most else course.outcome)
    apart = points.draws(points.case.config.runs).apart
    return least(scale, given, apart, asked, now, better)


def _price(points: Points, one: Least, uptake: str) -> Price | None:
    """Return what a least change costs and brings; None where none is needed, or none does it."""
    if one.value is None or np.isnan(one.value):
        return None
    values, runs = np.array([[NOT_HELD], [one.value]]), points.case.config.runs
    found = points.at([one.scale.name], values, runs)
    public = found[COSTS[0]] + found[COSTS[1]]
    more, brought = public[1] - public[0], found[uptake][1] - found[uptake][0]
    return Price(float(more.mean()), float(points.draws(runs).error(more)), float(brought.mean()))


def reaching(
    points: Points,
    scales: Sequence[Scale],
    target: Target,
    uptake: str,
    advance: Callable[[int], object] = lambda _: None,
) -> Reaching:
    """Return what it would take to reach a target with the chance that is asked.

    ``uptake`` is the outcome that is called so; ``advance`` is told of each lever, and of each pair
    of levers, that is done.
    """
    config = points.case.config
    asked, names = config.decide.chance, [scale.name for scale in scales]
    now = float(_asking(points, names, target)(np.full((1, len(names)), NOT_HELD))[0])
    courses, alone, pairs = [], [], []
    for scale in scales:
        courses.append(_course(points, scale, target))
        alone.append(_alone(points, scale, courses[-1], target, asked, now))
        advance(1)
    for one, other in itertools.combinations(range(len(scales)), 2):
        if now < asked:
            both = [names[one], names[other]]
            ask = _asking(points, both, target), _screening(points, both, target, asked)
            pair = (scales[one], scales[other])
            pairs.append(least_pair(pair, (alone[one], alone[other]), *ask, asked))
        advance(1)
    best = np.array([[NOT_HELD if one.best_share < now else one.best for one in alone]])
    switches = [
        on_grid(one.values, one.worth, one.worth_error, scale.value(scale.now))
        for scale, one in zip(scales, courses, strict=True)
    ]
    return Reaching(
        target, asked, config.runs, now, tuple(alone), tuple(pairs), tuple(courses),
        tuple(switches), tuple(_price(points, one, uptake) for one in alone),
        points.draws(config.runs).apart, float(_asking(points, names, target)(best)[0]),
    )  # fmt: skip
