"""Scores of predictions: a sample, with an error of reading, beside what was read. Knows no model.

A prediction is a sample of n numbers and the standard deviation s of the reading: the reading is
predicted to be one of them, each as likely, with N(0, s^2) added. A sample is random, or it is n
evenly spaced quantiles. Readings of one history are not independent: what is said of many
histories weighs each once, and resamples histories, not readings.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special, stats

from uptake.inference.likelihood import Floats

LEAST_BANDWIDTH = 0.01  # of the kernel of a log score, a point of share
UNIFORM_SHARE = 0.01  # of a density, spread evenly over shares of 0 to 1
RESAMPLES = 10_000
TURNED = 4_000  # resamples of a test of coverage


def _mean_distance(apart: Floats, sd: float) -> Floats:
    """Return E|apart + sd N(0, 1)|, of the shape of ``apart``."""
    if sd == 0.0:
        return np.abs(apart)
    z = apart / sd
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return np.asarray(sd * (2.0 * density + z * (2.0 * special.ndtr(z) - 1.0)))


def crps(sample: Floats, observed: float, sd: float = 0.0, is_random: bool = False) -> float:
    """Return the continuous ranked probability score, E|X - y| - E|X - X'| / 2.

    X and X' are two draws of the prediction, y is what was read (Gneiting and Raftery 2007,
    "Strictly proper scoring rules, prediction, and estimation").

    Parameters
    ----------
    sample
        Shape (n,).
    observed
        What was read.
    sd
        Of the reading.
    is_random
        The sample is random, so that X and X' are two of it, never the same one: the fair
        estimator, whose mean does not depend on n (Ferro 2014). Else quantiles.

    Examples
    --------
    Of a point it is the distance; of the middle of a uniform prediction 1/12:

    >>> crps(np.array([3.0]), 5.0)
    2.0
    >>> round(crps((np.arange(1000) + 0.5) / 1000, 0.5), 5)
    0.08333
    """
    n = len(sample)
    if is_random and n < 2:
        raise ValueError("a random sample of one says nothing of its spread")
    apart = _mean_distance(sample[:, None] - sample, math.sqrt(2.0) * sd)
    between = (apart.sum() - np.trace(apart)) / (n * (n - 1)) if is_random else apart.mean()
    return float(_mean_distance(sample - observed, sd).mean() - 0.5 * between)


def bandwidth(sample: Floats) -> float:
    """Return the bandwidth of a normal kernel by Silverman's rule, ``LEAST_BANDWIDTH`` at least.

    0.9 min(sd, interquartile range / 1.349) n^(-1/5).
    """
    if len(sample) < 2:
        return LEAST_BANDWIDTH
    quarter, three = np.quantile(sample, (0.25, 0.75))
    spread = min(float(sample.std(ddof=1)), float(three - quarter) / 1.349)
    return max(LEAST_BANDWIDTH, 0.9 * spread * len(sample) ** -0.2)


def log_score(sample: Floats, observed: float, sd: float = 0.0) -> float:
    """Return the log density of what was read, by a normal kernel; more is better.

    The kernel's variance is that of the bandwidth and of the reading together. ``UNIFORM_SHARE`` of
    the density is uniform over a share of 0 to 1, so that no score is below its logarithm.
    """
    width = math.hypot(bandwidth(sample), sd)
    z = (observed - sample) / width
    density = float(np.exp(-0.5 * z * z).mean()) / (width * math.sqrt(2.0 * math.pi))
    return math.log((1.0 - UNIFORM_SHARE) * density + UNIFORM_SHARE)


def pit_span(sample: Floats, observed: float, sd: float = 0.0) -> tuple[float, float]:
    """Return the ends between which the randomised PIT of what was read is uniform.

    What was read is one of n + 1 numbers whose order says nothing, if the prediction is right: with
    b numbers of the sample below it and e equal to it, its rank is b to b + e, and the PIT uniform
    from b / (n + 1) to (b + e + 1) / (n + 1). With an error of reading b is the sum of the chances,
    which takes many numbers to be right.

    Examples
    --------
    >>> pit_span(np.array([0.0, 1.0, 1.0]), 1.0)
    (0.25, 1.0)
    """
    n = len(sample)
    if sd > 0.0:
        below, equal = float(special.ndtr((observed - sample) / sd).sum()), 0
    else:
        below, equal = float((sample < observed).sum()), int((sample == observed).sum())
    return below / (n + 1), (below + equal + 1) / (n + 1)


def randomised(rng: np.random.Generator, spans: Floats) -> Floats:
    """Return randomised PITs, uniform within spans of shape (..., 2); shape (...)."""
    low, high = spans[..., 0], spans[..., 1]
    return np.asarray(low + (high - low) * rng.random(low.shape))


def within(spans: Floats, low: float, high: float) -> Floats:
    """Return the chance that a randomised PIT lies from low to high, spans (..., 2) -> (...)."""
    held = np.minimum(spans[..., 1], high) - np.maximum(spans[..., 0], low)
    return np.asarray(np.maximum(held, 0.0) / (spans[..., 1] - spans[..., 0]))


def central(share: float) -> tuple[float, float]:
    """Return the ends of a central interval as shares of a prediction.

    >>> central(0.5)
    (0.25, 0.75)
    """
    return 0.5 * (1.0 - share), 0.5 * (1.0 + share)


class Difference(NamedTuple):
    """A mean over histories, and its 95 % interval."""

    mean: float
    low: float
    high: float


def bootstrap(values: Floats, seed: int, share: float = 0.95) -> Difference:
    """Return the mean of one value a history, and its interval by resampling histories.

    The percentile interval, widened so that it is as long as Student's t would make it (Hesterberg
    2015, "What teachers should know about the bootstrap"). NaN for its ends with one history.

    Parameters
    ----------
    values
        Of the histories, shape (histories,).
    seed
        Of the resamples.
    share
        Of the interval.
    """
    n, mean = len(values), float(values.mean())
    if n < 2:
        return Difference(mean, math.nan, math.nan)
    chosen = np.random.default_rng(seed).integers(n, size=(RESAMPLES, n))
    far = stats.t.ppf(0.5 * (1.0 + share), n - 1) * math.sqrt(n / (n - 1))
    ends = special.ndtr([-far, far])
    low, high = np.quantile(values[chosen].mean(axis=1), ends)
    return Difference(mean, float(low), float(high))


class Coverage(NamedTuple):
    """Share of readings within central intervals, beside what chance allows.

    Parameters
    ----------
    share
        That the intervals are to hold.
    held
        That they hold.
    low, high
        95 % of what they would hold if predictions were calibrated.
    p
        Two-sided, of being calibrated.
    """

    share: float
    held: float
    low: float
    high: float
    p: float


def _turned(spans: Sequence[Floats], seed: int) -> tuple[Floats, Floats]:
    """Return PITs of resampled histories made calibrated, and the weight of each.

    Histories are drawn with replacement, and all PITs of one are turned by one uniform number,
    modulo 1: each is then uniform, and they hang together as they did. Both have shape (TURNED,
    histories, readings of the longest).
    """
    rng, count = np.random.default_rng(seed), len(spans)
    most = max(map(len, spans))
    every, weights = np.zeros((count, most, 2)), np.zeros((count, most))
    for row, found in enumerate(spans):
        every[row, : len(found)], weights[row, : len(found)] = found, 1.0 / (count * len(found))
    chosen = rng.integers(count, size=(TURNED, count))
    turn = rng.random((TURNED, count, 1))
    return (randomised(rng, every[chosen]) + turn) % 1.0, weights[chosen]


def coverage(spans: Sequence[Floats], share: float, seed: int) -> Coverage:
    """Return how many readings lie within central intervals, and test it over histories.

    Every history weighs once.

    Parameters
    ----------
    spans
        Of the PIT of each reading, by history: shape (readings, 2) each.
    share
        That the intervals are to hold.
    seed
        Of the resamples.
    """
    ends = central(share)
    held = float(np.mean([within(found, *ends).mean() for found in spans]))
    pits, weights = _turned(spans, seed)
    chance = (weights * ((pits >= ends[0]) & (pits <= ends[1]))).sum(axis=2).sum(axis=1)
    slack = 1e-9  # sums of weights round
    tails = ((chance <= held + slack).mean(), (chance >= held - slack).mean())
    low, high = np.quantile(chance, (0.025, 0.975))
    return Coverage(share, held, float(low), float(high), float(min(1.0, 2.0 * min(tails))))


def histogram(spans: Sequence[Floats], bins: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return the density of the PIT in equal bins, and the 5 and 95 % points that chance allows.

    Every history weighs once; each array has shape (bins,), 1 if calibrated.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    pits, weights = _turned(spans, seed)
    found, chance = [], []
    for low, high in itertools.pairwise(edges):
        found.append(np.mean([within(one, low, high).mean() for one in spans]))
        chance.append((weights * ((pits >= low) & (pits < high))).sum(axis=2).sum(axis=1))
    least, most = np.quantile(np.array(chance), (0.05, 0.95), axis=1)
    return bins * np.array(found), bins * least, bins * most
