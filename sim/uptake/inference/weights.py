"""Weights: effective sample size, heaviness of the tail, the next tempering, resampling."""

from __future__ import annotations

import math

import numpy as np

from uptake.inference.likelihood import Floats, Integers

_BISECTIONS = 30


def effective(log_weights: Floats) -> float:
    """Return the effective sample size, (sum w)^2 / sum w^2.

    Parameters
    ----------
    log_weights
        Logarithms of the weights, shape (draws,), up to a constant.
    """
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / (weights * weights).sum())


def log_mean(log_weights: Floats) -> float:
    """Return the logarithm of the mean weight.

    Parameters
    ----------
    log_weights
        Logarithms of the weights, shape (draws,).
    """
    top = log_weights.max()
    return float(top + np.log(np.mean(np.exp(log_weights - top))))


def next_tempering(gain: Floats, tempering: float, ess_share: float) -> float:
    """Return the next tempering exponent: as large as keeps a share of the sample size, 1 at most.

    Parameters
    ----------
    gain
        Log likelihood at the next tolerance less that at the one before, shape (particles,).
    tempering
        The exponent so far, 0 to 1.
    ess_share
        Share of the particles that match at all, to be kept as effective sample size.
    """
    wanted = ess_share * np.isfinite(gain).sum()

    def is_near(to: float) -> bool:
        return effective((to - tempering) * gain) >= wanted

    if is_near(1.0):
        return 1.0
    near, far = tempering, 1.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (near + far)
        near, far = (middle, far) if is_near(middle) else (near, middle)
    return far


def resampled(rng: np.random.Generator, log_weights: Floats) -> Integers:
    """Return the rows of as many particles, drawn by weight (systematic resampling).

    Parameters
    ----------
    rng
        Where the one random number comes from.
    log_weights
        Logarithms of the weights, shape (particles,), up to a constant.
    """
    weights = np.exp(log_weights - log_weights.max())
    ends = np.cumsum(weights / weights.sum())
    places = (np.arange(len(weights)) + rng.random()) / len(weights)
    return np.minimum(np.searchsorted(ends, places, side="right"), len(weights) - 1)


def pareto_k(log_weights: Floats) -> float:
    """Return how heavy the tail of weights is: the shape k of a generalised Pareto distribution.

    Above 0.7 a few weights decide, and more draws hardly help (Vehtari, Simpson, Gelman, Yao and
    Gabry 2024, "Pareto smoothed importance sampling"). It is fitted to the 3 sqrt(draws) largest
    weights, a fifth of all at most, by the method of Zhang and Stephens 2009, "A new and efficient
    estimation method for the generalized Pareto distribution", and drawn to 0.5 as ten more
    weights would.

    Parameters
    ----------
    log_weights
        Logarithms of the weights, shape (draws,), up to a constant.

    Returns
    -------
    float
        0 if the largest are all equal; infinity if fewer than five are left to fit.
    """
    count = min(len(log_weights) // 5, math.ceil(3.0 * math.sqrt(len(log_weights))))
    largest = np.sort(np.exp(log_weights - log_weights.max()))[-count - 1 :]
    if largest[-1] == largest[0]:
        return 0.0
    over = (largest - largest[0])[largest > largest[0]]
    if len(over) < 5:
        return math.inf
    return (len(over) * pareto_shape(over) + 10 * 0.5) / (len(over) + 10)


def pareto_shape(over: Floats) -> float:
    """Return the shape of the generalised Pareto distribution that numbers come from.

    The likelihood has one maximum for each theta = shape / scale (up to sign): theta is averaged
    over a grid by this profile likelihood, and the shape follows from it.

    Parameters
    ----------
    over
        The numbers, above 0 and ascending, shape (numbers,).

    Examples
    --------
    Quantiles of shape 1/2, whose distribution function is 1 - (1 + x / 2)^-2:

    >>> at = (np.arange(1000) + 0.5) / 1000
    >>> round(pareto_shape(2 * ((1 - at) ** -0.5 - 1)), 2)
    0.5
    """
    places = 30 + math.isqrt(len(over))
    quartile = over[int(len(over) / 4 + 0.5) - 1]
    steps = 1.0 - np.sqrt(places / (np.arange(places) + 0.5))
    theta = 1.0 / over[-1] + steps / (3.0 * quartile)
    shapes = np.log1p(-theta[:, None] * over).mean(axis=1)
    logs = len(over) * (np.log(-theta / shapes) - shapes - 1.0)
    shares = np.exp(logs - logs.max())
    return float(np.log1p(-(shares @ theta) / shares.sum() * over).mean())
