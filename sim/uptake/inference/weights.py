"""Weights of particles: effective sample size, the next tempering exponent, resampling."""

from __future__ import annotations

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
