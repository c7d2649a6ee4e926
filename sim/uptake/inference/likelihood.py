"""The likelihood of exact counts, estimated from runs: the share of runs that match them.

Knows no model: whatever can be simulated many times will do. The estimates are unbiased, which is
all that exact inference needs of them (Andrieu and Roberts 2009, "The pseudo-marginal approach for
efficient Monte Carlo computations").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_FIRST_BLOCK = 16  # runs of a particle before it is first checked whether they were enough


class Simulated(NamedTuple):
    """Simulated runs: their counts, and how likely all else that was reported is given each."""

    counts: Integers  # (runs, counts)
    factors: Floats  # (runs,), above 0; 1 where nothing else was reported


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
    observed
        The counts that runs have to match, shape (counts,).
    """

    name: str
    simulate: Simulate
    observed: Integers


@dataclass(frozen=True)
class Effort:
    """How long a particle is simulated.

    Parameters
    ----------
    matches
        Until so many of its runs match, 2 at least,
    most_runs
        but no more than so many runs.

    Raises
    ------
    ValueError
        ``matches`` is 1: wherever there is one match, the estimate would be 0.
    """

    matches: int = 5
    most_runs: int = 1000

    def __post_init__(self) -> None:
        """Check the number of matches."""
        if self.matches < 2:
            raise ValueError(f"matches={self.matches}: at least 2 are needed")


def log_likelihood(
    source: Source, parameters: Any, stream: Integers, tolerances: Sequence[float], effort: Effort
) -> tuple[Floats, int]:
    """Return unbiased estimates of the likelihood of a source, as logarithms.

    A run matches if none of its counts is farther than the tolerance from the observed one. A
    particle is simulated until ``effort.matches`` = k of its runs match, or ``effort.most_runs``
    are done. With the k-th match in run n the likelihood is estimated as (k - 1) / (n - 1) times
    the mean factor of the matches, else as the sum of the factors of the matches over the runs;
    both together are unbiased, at any tolerance (Girshick, Mosteller and Savage 1946, "Unbiased
    estimates for certain binomial sampling problems").

    Parameters
    ----------
    source
        What is simulated, and what was observed.
    parameters
        Of the particles, a row each, as ``source.simulate`` takes them.
    stream
        Number of the random stream of each particle, shape (particles,), 0 or more. The estimate
        is a function of parameters, stream and tolerance.
    tolerances
        From wide to narrow, in the unit of the counts.
    effort
        How long each particle is simulated.

    Returns
    -------
    logs : Floats
        Shape (particles, tolerances); minus infinity where no run matched.
    runs : int
        How many runs were simulated.
    """
    rows, k, most = len(stream), effort.matches, effort.most_runs
    matches = np.zeros((rows, len(tolerances)), np.int64)
    factors = np.zeros((rows, len(tolerances)))
    ended = np.full((rows, len(tolerances)), most)
    done, block, runs = 0, min(_FIRST_BLOCK, most), 0
    active = np.arange(rows)
    while len(active) and done < most:
        block = min(block, most - done)
        again = np.repeat(active, block)
        numbers = (stream[active][:, None] * most + np.arange(done, done + block)).ravel()
        came = source.simulate(parameters[again], numbers)
        runs += len(numbers)
        apart = np.abs(came.counts - source.observed).max(axis=1, initial=0)
        apart, factor = apart.reshape(-1, block), came.factors.reshape(-1, block)
        for column, tolerance in enumerate(tolerances):
            hits = apart <= tolerance
            so_far = matches[active, column][:, None] + np.cumsum(hits, axis=1)
            counted = hits & (so_far <= k)
            factors[active, column] += (factor * counted).sum(axis=1)
            matches[active, column] += counted.sum(axis=1)
            last = counted & (so_far == k)
            row, at = np.nonzero(last)
            ended[active[row], column] = done + at + 1
        done, block = done + block, 2 * block
        active = active[matches[active, -1] < k]
    enough = matches == k
    share = np.where(enough, (k - 1) / np.maximum(ended - 1, 1), 1.0 / most)
    mean = np.where(enough, factors / k, factors)
    with np.errstate(divide="ignore"):
        return np.log(share * mean), runs
