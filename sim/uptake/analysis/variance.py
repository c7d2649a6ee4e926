"""Shares of variance: what each uncertain input accounts for. Knows no model.

A function is seen through luck, ``Y = f(x) + luck``, and ``f(x) = E[Y | x]`` is asked about. Inputs
are standard normal, correlated or not. Each input has three shares of ``V = Var f``:

    alone   Var E[f | x_i] / V           what knowing it, and no other, takes away (Sobol 1993)
    total   E[Var(f | all but x_i)] / V  what is left if all others are known (Homma and Saltelli
            1996)
    effect  Shapley's value of the game in which knowing the inputs of a set is worth
            Var E[f | set] / V: effects add up to 1 (Owen 2014; Song, Nelson and Staum 2016)

What a set of inputs is worth is the covariance of two evaluations that share the set and no more
(Sobol 1993), and a rise of it, ``E[f(x) (f(z') - f(z))]``, where ``z'`` shares one input more with
``x`` than ``z`` does. A walk from one point to another, input by input in random order, gives a
rise for each (Goda 2021, "A simple algorithm for global sensitivity analysis with Shapley
effects"). If inputs are correlated, those that are not shared are drawn given those that are.

Luck is apart: of the three evaluations in a rise, ``f(z)`` and ``f(z')`` have the same luck, most
of which cancels, and ``f(x)`` has luck of its own. So no rise holds any luck on average, and an
input that nothing reads has effect 0 exactly, unless it is correlated with one that is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_RESAMPLES, _STRETCHES = 400, 5_000
_ENDS = (0.05, 0.95)
LUCKS = 2  # of a row


class Interval(NamedTuple):
    """An estimate, and the ends of its 90 % interval: numbers, or arrays of one shape."""

    value: Floats
    q05: Floats
    q95: Floats


class Rows(NamedTuple):
    """Points at which a function is to be evaluated, some rows of them."""

    orders: Integers  # (rows, inputs) in which order inputs are changed on the walk
    normal: Floats  # (rows, evaluations, inputs)


def evaluations(inputs: int) -> int:
    """Return how many evaluations a row has: two walks, and one for each total and each alone."""
    return 4 * inputs + 2


def lucks(inputs: int) -> Integers:
    """Return which of a row's two lucks each evaluation has, shape (evaluations,)."""
    return np.repeat([0, 1, 0, 1], [inputs + 1, inputs + 1, inputs, inputs])


def is_diagonal(correlation: Floats) -> bool:
    """Tell whether no two inputs are correlated."""
    return bool(np.array_equal(correlation, np.eye(len(correlation))))


def points(rng: np.random.Generator, rows: int, correlation: Floats) -> Rows:
    """Return points for some rows.

    A row has two independent points, x and x'. In it are a walk from x' to x, the same walk from
    x to x', x with each input drawn again given all others, and x' with each input moved to that
    of x.

    Parameters
    ----------
    rng
        Of all draws.
    rows
        How many.
    correlation
        Of the inputs, shape (inputs, inputs).
    """
    inputs = len(correlation)
    orders = np.argsort(rng.random((rows, inputs)), axis=1)
    back = np.argsort(orders, axis=1)[:, None, :]
    factor = np.linalg.cholesky(correlation[orders[:, :, None], orders[:, None, :]])
    shocks = rng.standard_normal((2, rows, 1, inputs))  # in the order of the walk
    is_new = np.arange(inputs) < np.arange(inputs + 1)[:, None]  # (steps, inputs)

    def walk(to: int) -> Floats:
        mixed = np.where(is_new, shocks[to], shocks[1 - to]) @ np.swapaxes(factor, 1, 2)
        return np.take_along_axis(mixed, np.broadcast_to(back, mixed.shape), axis=2)

    there = walk(0)
    old, new = there[:, 0], there[:, -1]
    precision = np.linalg.inv(correlation)
    redrawn = ((old - new) @ precision) / np.diag(precision)
    total = new[:, None, :] + np.eye(inputs) * redrawn[:, :, None]
    alone = old[:, None, :] + (new - old)[:, :, None] * correlation
    return Rows(orders, np.concatenate([there, walk(1), total, alone], axis=1))


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How much an outcome varies, by what is uncertain and by luck.

    Every column is told by its mean over rows; intervals are of 90 % (bootstrap over rows, or over
    stretches of rows, where there are many).
    """

    explained: Floats  # (rows,) V, the variance of the expected outcome
    noise: Floats  # (rows,) variance by luck
    seed: int = 1  # of the resamples

    @cached_property
    def _taken(self) -> Floats:
        """Return how often each stretch is taken in each resample, shape (resamples, stretches)."""
        count = min(len(self.explained), _STRETCHES)
        rng = np.random.default_rng(self.seed)
        return rng.multinomial(count, np.full(count, 1.0 / count), _RESAMPLES).astype(float)

    def _sums(self, column: Floats) -> Floats:
        """Return a column summed over stretches of rows, shape (stretches, ...)."""
        count = self._taken.shape[1]
        return np.add.reduceat(column, np.arange(count) * len(column) // count)

    def _over(self, part: Floats, whole: Floats) -> Interval:
        """Return the mean of one column over that of another."""
        with np.errstate(divide="ignore", invalid="ignore"):
            again = (self._taken @ self._sums(part)).T / (self._taken @ self._sums(whole))
            value = np.asarray(part.mean(axis=0) / whole.mean())
        low, high = np.quantile(again, _ENDS, axis=-1)
        return Interval(value, low, high)

    @property
    def luck(self) -> Interval:
        """Return the part of the variance of an outcome that is luck."""
        return self._over(self.noise, self.explained + self.noise)

    @property
    def variance(self) -> Interval:
        """Return V, the variance of the expected outcome."""
        return self._over(self.explained, np.ones(len(self.explained)))


def spread(outcomes: Floats, seed: int = 1) -> Spread:
    """Return how much an outcome varies, from two evaluations of each point with luck of their own.

    Parameters
    ----------
    outcomes
        Shape (points, 2).
    seed
        Of the resamples.
    """
    first, second = (outcomes - outcomes.mean()).T
    return Spread(explained=first * second, noise=0.5 * (first - second) ** 2, seed=seed)


@dataclass(frozen=True, kw_only=True)
class Shares(Spread):
    """What inputs account for of the variance of the expected outcome."""

    effects: Floats  # (rows, inputs)
    alones: Floats
    totals: Floats

    def effect(self, *inputs: int) -> Interval:
        """Return the effect of some inputs together; each by itself, if none is given."""
        part = self.effects[:, inputs].sum(axis=1) if inputs else self.effects
        return self._over(part, self.explained)

    @property
    def width(self) -> float:
        """Return the widest of the intervals of effects."""
        effect = self.effect()
        return float((effect.q95 - effect.q05).max())

    @property
    def alone(self) -> Interval:
        """Return what knowing each input alone takes away, shape (inputs,)."""
        return self._over(self.alones, self.explained)

    @property
    def total(self) -> Interval:
        """Return what is left if all but one are known, shape (inputs,)."""
        return self._over(self.totals, self.explained)

    @property
    def together(self) -> Interval:
        """Return the sum of what inputs take away alone: 1 if independent ones only add up."""
        return self._over(self.alones.sum(axis=1), self.explained)


def _shared(walk: Floats, middle: float, part: float) -> Floats:
    """Return what each step of a walk, before and after, shares with its end, shape (rows, steps).

    Any multiple of it, times the difference that the step makes, is nil on average, as outcomes
    have one distribution before and after. To take it off leaves less of the variance.

    Parameters
    ----------
    walk
        Outcomes, shape (rows, steps + 1).
    middle
        Their mean.
    part
        Of their variance, that is no luck.
    """
    steps = walk.shape[1] - 1
    gone = (np.arange(steps) + 0.5) / steps
    return part * gone * (0.5 * (walk[:, 1:] + walk[:, :-1]) - middle)


def shares(outcomes: Floats, orders: Integers, is_independent: bool, seed: int = 1) -> Shares:
    """Return what inputs account for of a function that was evaluated.

    If no two inputs are correlated, a walk says as much of its start as of its end, and a small
    index is half the product of two differences (Owen 2013, "Better estimation of small Sobol'
    sensitivity indices"), which have independent luck. Else it says as much of its end alone.

    Parameters
    ----------
    outcomes
        At ``points``, with ``lucks``, shape (rows, evaluations).
    orders
        Of the same rows, shape (rows, inputs).
    is_independent
        Whether no two inputs are correlated.
    seed
        Of the resamples.
    """
    inputs = orders.shape[1]
    step = inputs + 1
    there, back = outcomes[:, :step], outcomes[:, step : 2 * step]
    total, alone = outcomes[:, 2 * step : 2 * step + inputs], outcomes[:, 2 * step + inputs :]
    old, new = there[:, :1], there[:, -1:]  # x' and x with the first luck
    old_too, new_too = back[:, -1:], back[:, :1]  # and with the second
    middle = (old + new + old_too + new_too).mean() / 4.0
    if is_independent:
        to_new, to_old = 0.5 * (new_too - old_too), 0.5 * (old - new)
    else:
        part = np.mean((new - middle) * (new_too - middle)) / np.mean((new - middle) ** 2)
        to_new = new_too - middle - _shared(there, middle, part)
        to_old = old - middle - _shared(back, middle, part)
    rises = 0.5 * (to_new * np.diff(there, axis=1) + to_old * np.diff(back, axis=1))
    effects = np.empty_like(rises)
    np.put_along_axis(effects, orders, rises, axis=1)
    less, more = total - new, alone - old_too
    return Shares(
        effects=effects,
        alones=-0.5 * less * more if is_independent else (new - middle) * more,
        totals=-(new_too - 0.5 * (new + total)) * less,
        explained=rises.sum(axis=1),
        noise=(0.25 * ((new - new_too) ** 2 + (old - old_too) ** 2))[:, 0],
        seed=seed,
    )
