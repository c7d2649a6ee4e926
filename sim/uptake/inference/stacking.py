"""Stacking: weights of predictions by how they foretold what they had not seen. Knows no model.

The weights are those whose mixture has the best mean log score (Yao, Vehtari, Simpson and Gelman
2018, "Using stacking to average Bayesian predictive distributions"). A history counts once,
however many readings it has, and their uncertainty is told by resampling histories.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from uptake.inference.likelihood import Floats

RESAMPLES = 1_000
_STEPS = 2_000
_SLACK = 1e-7  # of a weight, between two steps


class Stacked(NamedTuple):
    """Weights of predictions, which sum to 1, and 90 % of their resamples; (predictions,) each."""

    weights: Floats
    low: Floats
    high: Floats


def best_mixture(densities: Floats, counts: Floats) -> Floats:
    """Return the weights of the mixture with the best log score, by expectation maximisation.

    The score is concave in the weights, and every step raises it, so the end is the best.

    Parameters
    ----------
    densities
        Of each reading under each prediction, shape (readings, predictions).
    counts
        Weights of the readings, one row a problem, shape (problems, readings).

    Returns
    -------
    Floats
        Shape (problems, predictions); rows sum to 1.

    Examples
    --------
    Two coins, one of which gave heads a chance of 0.8; of four throws one was tails:

    >>> heads, tails = [0.8, 0.4], [0.2, 0.6]
    >>> best_mixture(np.array([heads, heads, heads, tails]), np.ones((1, 4))).round(3)
    array([[0.875, 0.125]])
    """
    shares = counts / counts.sum(axis=1, keepdims=True)
    number = densities.shape[1]
    weights = np.full((len(counts), number), 1.0 / number)
    for _ in range(_STEPS):
        ratio = shares / (weights @ densities.T)
        after = weights * (ratio @ densities)
        moved = float(np.abs(after - weights).max())
        weights = after
        if moved < _SLACK:
            break
    return weights


def stacked(log_densities: Floats, histories: Sequence[str], seed: int) -> Stacked:
    """Return the weights of predictions, with their uncertainty.

    Parameters
    ----------
    log_densities
        Of each reading under each prediction, made without the history's own numbers, shape
        (readings, predictions).
    histories
        The history of each reading.
    seed
        Of the resamples.
    """
    names, of = np.unique(np.asarray(histories), return_inverse=True)
    each = 1.0 / np.bincount(of)[of]  # a history counts once
    densities = np.exp(log_densities - log_densities.max(axis=1, keepdims=True))
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(names), np.full(len(names), 1.0 / len(names)), size=RESAMPLES)
    found = best_mixture(densities, times[:, of] * each)
    low, high = np.quantile(found, (0.05, 0.95), axis=0)
    return Stacked(best_mixture(densities, each[None, :])[0], low, high)
