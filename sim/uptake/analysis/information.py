"""What it is worth to know something before deciding: EVPI and EVPPI. Knows no model.

By regression on one factor at a time: Strong, Oakley and Brennan 2014, "Estimating multiparameter
partial expected value of perfect information from a probabilistic sensitivity analysis sample".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.smoothing import smooth

Floats = NDArray[np.float64]
_SHUFFLES = 200
_NUMBERS_AT_ONCE = 5_000_000
_SIMULATED = 400  # curves that are as likely as the one fitted


class Worth(NamedTuple):
    """What it is worth to know one factor, in the unit of the worth of options.

    ``bias`` is by how much an estimate of its kind comes out too high on average; ``error`` its
    standard error; ``by_chance`` what 95 % of shuffled factors, the best of all of them each time,
    stay below.
    """

    name: str
    value: float
    error: float
    bias: float
    by_chance: float

    @property
    def is_told(self) -> bool:
        """Tell whether it is more than chance makes, and its 95 % interval more than nil."""
        return self.value > max(self.by_chance, 1.96 * self.error)


class Information(NamedTuple):
    """What it is worth to know all, and each factor alone, the most worth first."""

    all: float
    all_error: float
    factors: tuple[Worth, ...]


def _gains(expected: Floats, weights: Floats) -> Floats:
    """Return by how much the best at each row exceeds the best for all, shape (rows,)."""
    best = int((weights @ expected).argmax())
    return np.asarray(expected.max(axis=1) - expected[:, best])


def _gain(expected: Floats, weights: Floats) -> float:
    """Return the mean of these."""
    return float(weights @ _gains(expected, weights) / weights.sum())


def all_of_it(worth: Floats, weights: Floats | None = None) -> tuple[float, float]:
    """Return the expected value of perfect information, and its standard error.

    ``EVPI = E[max_d NB_d] - max_d E[NB_d]``.

    Parameters
    ----------
    worth
        Net benefit of each option in each run, shape (runs, options).
    weights
        How often each run is seen, shape (runs,); once, if left out.
    """
    weights = np.ones(len(worth)) if weights is None else weights
    share, gains = weights / weights.sum(), _gains(worth, weights)
    mean = float(share @ gains)
    return mean, float(np.sqrt(share @ (gains - mean) ** 2 * (share**2).sum()))


def of_factor(
    factor: Floats, worth: Floats, weights: Floats, seed: int
) -> tuple[float, float, float]:
    """Return what it is worth to know one factor, its standard error, and its upward bias.

    ``EVPPI = E_x[max_d E[NB_d | x]] - max_d E[NB_d]``. Error and bias are those over curves that
    are as likely as the one fitted.

    Parameters
    ----------
    factor
        Shape (runs,).
    worth
        Shape (runs, options).
    weights
        Shape (runs,).
    seed
        Of the curves.
    """
    beside = worth[:, 1:] - worth[:, :1]  # what the first brings cancels
    curves, rng = smooth(factor, beside, weights), np.random.default_rng(seed)
    value = _gain(_with_first(curves.fitted), weights)
    drawn = [
        rng.multivariate_normal(middle, covariance, _SIMULATED, method="eigh")
        for middle, covariance in zip(curves.coefficients.T, curves.covariances, strict=True)
    ]
    likely = [
        _gain(_with_first(curves.basis @ np.column_stack([every[i] for every in drawn])), weights)
        for i in range(_SIMULATED)
    ]
    bias = max(0.0, float(np.mean(likely)) - value)
    gains, share = _gains(_with_first(curves.fitted), weights), weights / weights.sum()
    of_runs = share @ (gains - share @ gains) ** 2 * (share**2).sum()
    return max(0.0, value), float(np.sqrt(np.var(likely) + of_runs)), bias


def _with_first(beside: Floats) -> Floats:
    """Return the worth of options beside the first, with that of the first, nil."""
    return np.column_stack([np.zeros(len(beside)), beside])


def _shuffled(
    factor: Floats, worth: Floats, weights: Floats, orders: Sequence[NDArray[np.int64]]
) -> Floats:
    """Return what a factor would seem worth that has nothing to do with the runs, (orders,)."""
    beside, options = worth[:, 1:] - worth[:, :1], worth.shape[1] - 1
    at_once = max(1, _NUMBERS_AT_ONCE // beside.size)
    found: list[float] = []
    for first in range(0, len(orders), at_once):
        some = [beside[order] for order in orders[first : first + at_once]]
        fitted = smooth(factor, np.column_stack(some), weights).fitted
        each = [fitted[:, i * options : (i + 1) * options] for i in range(len(some))]
        found += [_gain(_with_first(one), weights) for one in each]
    return np.array(found)


def by_chance(
    worth: Floats, factors: Mapping[str, Floats], weights: Floats | None = None, seed: int = 1
) -> float:
    """Return what 95 % of shuffled factors stay below, the best of all of them each time.

    Parameters
    ----------
    worth, factors, weights, seed
        As ``information`` takes them.
    """
    weights = np.ones(len(worth)) if weights is None else weights
    rng, best = np.random.default_rng(seed), np.zeros(_SHUFFLES)
    if np.ptp(worth - worth[:, :1]) == 0.0:
        return 0.0
    orders = [rng.permutation(len(worth)) for _ in range(_SHUFFLES)]
    for factor in factors.values():
        if np.ptp(factor) > 0.0:
            best = np.maximum(best, _shuffled(factor, worth, weights, orders))
    return float(np.quantile(best, 0.95))


def gain_of(factor: Floats, worth: Floats, weights: Floats | None = None) -> float:
    """Return what it is worth to know one factor, as ``of_factor`` does, without its error."""
    weights = np.ones(len(worth)) if weights is None else weights
    fitted = smooth(factor, worth[:, 1:] - worth[:, :1], weights).fitted
    return max(0.0, _gain(_with_first(fitted), weights))


def information(
    worth: Floats, factors: Mapping[str, Floats], weights: Floats | None = None, seed: int = 1
) -> Information:
    """Return what it is worth to know all, and each factor alone.

    Parameters
    ----------
    worth
        Net benefit of each option in each run, shape (runs, options).
    factors
        What could be known, by name, each shape (runs,).
    weights
        How often each run is seen, shape (runs,); once, if left out.
    seed
        Of shuffles.
    """
    weights = np.ones(len(worth)) if weights is None else weights
    limit = by_chance(worth, factors, weights, seed)
    found = [
        Worth(name, *of_factor(factor, worth, weights, seed), limit)
        for name, factor in factors.items()
        if np.ptp(factor) > 0.0
    ]
    found.sort(key=lambda one: -one.value)
    return Information(*all_of_it(worth, weights), tuple(found))
