"""The likelihood of what was reported, estimated from runs: the share that is taken for it.

A run is taken with the chance that it would be read as what was reported: always where it is just
that, never where it differs from an exact count, less and less often the farther it is off where
reading has an error. Knows no model: whatever can be simulated many times will do. The estimates
are unbiased, which is all that exact inference needs of them (Andrieu and Roberts 2009, "The
pseudo-marginal approach for efficient Monte Carlo computations").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NO_RUN = -1
_FIRST_BLOCK = 16  # runs of a particle before it is first checked whether they were enough
_GROWTH = 1.5  # of the block of runs until the next check


class Simulated(NamedTuple):
    """Simulated runs beside what was reported.

    Parameters
    ----------
    apart
        By how much each reading of a run is off, in the unit of the tolerance; 0 within a bound.
        Shape (runs, readings).
    chances
        That all else would be reported as it was, over the greatest that it can be; above 0, up to
        1. Shape (runs,).
    lots
        Uniform on (0, 1): a run is taken if its lot is below its chance. Shape (runs,).
    """

    apart: Floats
    chances: Floats
    lots: Floats


# Simulates a run for each row of parameters, with the random stream of its number, shape (runs,).
Simulate = Callable[[Any, Integers], Simulated]


@dataclass(frozen=True)
class Source:
    """Data that are independent of all others, given the parameters: those of an episode.

    Parameters
    ----------
    name
        What errors call it.
    simulate
        Simulates runs; the same parameters and numbers give the same runs.
    errors
        Standard deviation of each reading, in the unit of the tolerance; 0: it is exact. Shape
        (readings,).
    within
        Given a tolerance, simulates the same runs, but may end one as soon as it cannot be taken at
        that any more: what it then returns of it is off by enough not to be. None: it cannot.
    """

    name: str
    simulate: Simulate
    errors: Floats
    within: Callable[[float], Simulate] | None = None


@dataclass(frozen=True)
class Effort:
    """How long a particle is simulated.

    Parameters
    ----------
    matches
        Until so many of its runs are taken, 2 at least,
    most_runs
        but no more than so many runs.

    Raises
    ------
    ValueError
        ``matches`` is 1: wherever one run is taken, the estimate would be 0.
    """

    matches: int = 5
    most_runs: int = 1000

    def __post_init__(self) -> None:
        """Check the number of matches."""
        if self.matches < 2:
            raise ValueError(f"matches={self.matches}: at least 2 are needed")


class Needed(NamedTuple):
    """What the likelihood of particles has to reach: one that no more can is given up.

    Parameters
    ----------
    shares
        Of the logarithm at each tolerance, shape (tolerances,), 0 or more.
    least
        What their sum has to exceed, shape (particles,).
    """

    shares: Floats
    least: Floats


class Estimate(NamedTuple):
    """The likelihood of particles, and what it took.

    Parameters
    ----------
    logs
        Its logarithms, shape (particles, tolerances); minus infinity where no run was taken, and
        for a particle that was given up.
    taken
        Number of the first run that was taken at the last tolerance, shape (particles,).
    runs
        How many runs were simulated.
    """

    logs: Floats
    taken: Integers
    runs: int


def is_taken(came: Simulated, errors: Floats, tolerance: float) -> Flags:
    """Return which runs are taken for what was reported, shape (runs,).

    A tolerance adds to every error: exp(-d^2 / 2 (error^2 + tolerance^2)) is the chance of a
    reading that is off by d. What is taken at a tolerance is taken at every wider one.
    """
    width = errors**2 + tolerance**2
    is_exact = width == 0.0
    hits = (came.apart[:, is_exact] == 0.0).all(axis=1)
    apart, wide = came.apart[:, ~is_exact], width[~is_exact]
    logs = np.log(came.chances) - 0.5 * (apart**2 / wide).sum(axis=1)
    return np.asarray(hits & (np.log(came.lots) < logs))


def log_likelihood(
    source: Source,
    parameters: Any,
    stream: Integers,
    tolerances: Sequence[float],
    effort: Effort,
    needed: Needed | None = None,
) -> Estimate:
    """Return unbiased estimates of the likelihood of a source.

    A particle is simulated until ``effort.matches`` = k of its runs are taken, or
    ``effort.most_runs`` are done. With the k-th of them in run n the likelihood is estimated as
    (k - 1) / (n - 1), else as the share of runs that were taken; both together are unbiased, at any
    tolerance (Girshick, Mosteller and Savage 1946, "Unbiased estimates for certain binomial
    sampling problems").

    Parameters
    ----------
    source
        What is simulated, and what was reported.
    parameters
        Of the particles, a row each, as ``source.simulate`` takes them.
    stream
        Number of the random stream of each particle, shape (particles,), 0 or more. The estimate
        is a function of parameters, stream and tolerance.
    tolerances
        From wide to narrow, in the unit of the readings.
    effort
        How long each particle is simulated.
    needed
        What the estimates have to reach, if that is known. It changes none that does.
    """
    rows, k, most = len(stream), effort.matches, effort.most_runs
    matches = np.zeros((rows, len(tolerances)), np.int64)
    ended = np.full((rows, len(tolerances)), most)
    taken = np.full(rows, NO_RUN)
    done, block, runs = 0, min(_FIRST_BLOCK, most), 0
    active, given_up = np.arange(rows), np.zeros(rows, bool)
    simulate = source.within(max(tolerances)) if source.within else source.simulate
    while len(active) and done < most:
        block = min(block, most - done)
        again = np.repeat(active, block)
        numbers = (stream[active][:, None] * most + np.arange(done, done + block)).ravel()
        came = simulate(parameters[again], numbers)
        runs += len(numbers)
        for column, tolerance in enumerate(tolerances):
            hits = is_taken(came, source.errors, tolerance).reshape(-1, block)
            if column == len(tolerances) - 1:
                first = (taken[active] == NO_RUN) & hits.any(axis=1)
                taken[active[first]] = numbers.reshape(-1, block)[first, hits[first].argmax(axis=1)]
            so_far = matches[active, column][:, None] + np.cumsum(hits, axis=1)
            counted = hits & (so_far <= k)
            matches[active, column] += counted.sum(axis=1)
            row, at = np.nonzero(counted & (so_far == k))
            ended[active[row], column] = done + at + 1
        done, block = done + block, max(block + 1, int(_GROWTH * block))
        active = active[matches[active, -1] < k]
        if needed:
            still = _most(matches[active], ended[active], done, k) @ needed.shares
            is_hopeless = still <= needed.least[active]
            given_up[active[is_hopeless]] = True
            active = active[~is_hopeless]
    share = np.where(matches == k, (k - 1) / np.maximum(ended - 1, 1), matches / most)
    with np.errstate(divide="ignore"):
        logs = np.log(share)
    logs[given_up] = -np.inf
    return Estimate(logs, taken, runs)


def _most(matches: Integers, ended: Integers, done: int, k: int) -> Floats:
    """Return the logarithm of the greatest that estimates can come to, of the shape of ``matches``.

    All further runs would have to be taken.
    """
    last = np.where(matches == k, ended, done + k - matches)
    return np.asarray(np.log((k - 1) / np.maximum(last - 1, 1)))
