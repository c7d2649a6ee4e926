"""At which value of a factor the sign of what is to be expected changes. Knows no model."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.information import by_chance, gain_of
from uptake.analysis.smoothing import smooth

Floats = NDArray[np.float64]
_CURVES = 200  # that are as likely as the one fitted
_INNER = (0.01, 0.99)  # of the values of a factor: where a curve is read


class Switch(NamedTuple):
    """Where a sign changes: the value, its 95 % interval, and whether it is positive above it.

    An end of the interval is None where the sign may change nowhere on that side. ``crossings`` are
    all values at which it changes, ascending, of which the value is one.
    """

    value: float
    low: float | None
    high: float | None
    positive_above: bool
    crossings: tuple[float, ...]

    def where(self, is_positive: bool) -> list[tuple[float | None, float | None]]:
        """Return between which values the sign is so; an end is None where it goes on.

        Examples
        --------
        >>> Switch(3.0, 2.0, 4.0, True, (3.0, 7.0)).where(True)
        [(3.0, 7.0)]
        >>> Switch(3.0, 2.0, 4.0, True, (3.0, 7.0)).where(False)
        [(None, 3.0), (7.0, None)]
        """
        parts = list(pairwise((None, *self.crossings, None)))
        above = self.crossings.index(self.value) + 1  # the part above the value
        first = above % 2 if self.positive_above == is_positive else (above + 1) % 2
        return parts[first::2]


def _crossings(values: Floats, curve: Floats) -> Floats:
    """Return where a curve through points crosses nil, between points on a straight line."""
    sign = curve > 0.0
    at = np.flatnonzero(sign[1:] != sign[:-1])
    part = curve[at] / (curve[at] - curve[at + 1])
    return np.asarray(values[at] + part * (values[at + 1] - values[at]))


def on_grid(values: Floats, mean: Floats, error: Floats, now: float) -> Switch | None:
    """Return where the mean at values of a lever changes its sign, the nearest to how it is.

    Parameters
    ----------
    values
        Ascending, shape (values,).
    mean, error
        What is to be expected at each, and its standard error.
    now
        The value as it is.
    """
    found = _crossings(values, mean)
    if not len(found):
        return None
    value = float(found[np.abs(found - now).argmin()])
    ends: list[float] = []
    for curve in (mean - 1.96 * error, mean + 1.96 * error):
        others = _crossings(values, curve)
        if len(others):
            ends.append(float(others[np.abs(others - value).argmin()]))
    below, above = [e for e in ends if e <= value], [e for e in ends if e >= value]
    rises = bool(mean[np.searchsorted(values, value, side="right").clip(max=len(mean) - 1)] > 0.0)
    low, high = min(below, default=None), max(above, default=None)
    return Switch(value, low, high, rises, tuple(map(float, found)))


def of_factor(
    factor: Floats, numbers: Floats, weights: Floats | None = None, seed: int = 1
) -> Switch | None:
    """Return where what is to be expected of numbers, given a factor, changes its sign.

    None where no value in the range of the factor does that, or where as many likely curves do not
    change it as do. Of several values it is the nearest to the factor's median.

    Parameters
    ----------
    factor, numbers
        Of each run, shape (runs,).
    weights
        How often each run is seen, shape (runs,); once, if left out.
    seed
        Of the curves.
    """
    if np.ptp(factor) == 0.0 or np.ptp(numbers) == 0.0:
        return None
    curves = smooth(factor, numbers[:, None], weights)
    order = np.argsort(factor, kind="stable")
    low, high = np.quantile(factor, _INNER)
    order = order[(factor[order] >= low) & (factor[order] <= high)]
    values, middle = factor[order], float(np.median(factor))
    found = _crossings(values, curves.fitted[order, 0])
    if not len(found):
        return None
    every = tuple(map(float, found))
    value = float(found[np.abs(found - middle).argmin()])
    drawn = np.random.default_rng(seed).multivariate_normal(
        curves.coefficients[:, 0], curves.covariances[0], _CURVES, method="eigh"
    )
    likely = [_crossings(values, curves.basis[order] @ one) for one in drawn]
    nearest = np.array(
        [one[np.abs(one - value).argmin()] if len(one) else np.nan for one in likely]
    )
    if np.isnan(nearest).mean() > 0.5:
        return None
    is_sure = np.isnan(nearest).mean() <= 0.05
    ends = np.nanquantile(nearest, [0.025, 0.975])
    above = curves.fitted[order, 0][values > value]
    rises = bool(len(above) and above[0] > 0.0)
    if not is_sure:
        return Switch(value, None, None, rises, every)
    return Switch(value, float(ends[0]), float(ends[1]), rises, every)


def of_factors(
    factors: Mapping[str, Floats], numbers: Floats, weights: Floats | None = None, seed: int = 1
) -> dict[str, Switch]:
    """Return where the sign changes, by the factors that change it beyond what chance makes.

    Of a factor that does it is worth something to know before choosing between the numbers and nil:
    more than 95 % of shuffled factors, the best of all of them each time.

    Parameters
    ----------
    factors
        By name, each shape (runs,).
    numbers, weights, seed
        As ``of_factor`` takes them.
    """
    found = {
        name: one
        for name, factor in factors.items()
        if (one := of_factor(factor, numbers, weights, seed)) is not None
    }
    if not found:
        return {}
    worth = np.column_stack([np.zeros(len(numbers)), numbers])
    limit = by_chance(worth, factors, weights, seed)
    return {n: one for n, one in found.items() if gain_of(factors[n], worth, weights) > limit}
