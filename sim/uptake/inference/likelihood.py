"""How likely observations are, told from runs alone: the share of runs that match them exactly.

Knows no model: whatever can be simulated many times over can be asked. The estimates are unbiased,
which is all that exact inference needs of them (Andrieu and Roberts 2009, "The pseudo-marginal
approach for efficient Monte Carlo computations").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_FIRST_BLOCK = 16  # runs of a point before it is first asked whether they were enough


class Simulated(NamedTuple):
    """What rows of points came to: counts, and how likely all else that was reported is then."""

    counts: Integers  # (rows, counts)
    factors: Floats  # (rows,), above 0; 1 where nothing else was reported


# Given points, a row each, and the number of the run of each row, what they came to.
Simulate = Callable[[Any, Integers], Simulated]


@dataclass(frozen=True)
class Source:
    """A piece of evidence that is independent of the others, given the parameters: an episode."""

    name: str
    simulate: Simulate
    observed: Integers  # (counts,)


@dataclass(frozen=True)
class Effort:
    """How long a point is simulated: until so many runs match, but no more than so many runs."""

    matches: int = 5
    most_runs: int = 1000

    def __post_init__(self) -> None:
        """Refuse a single match: the estimate is then 0 wherever there is one."""
        if self.matches < 2:
            raise ValueError(f"matches={self.matches}: at least 2 are needed")


def log_likelihood(
    source: Source, points: Any, luck: Integers, windows: Sequence[float], effort: Effort
) -> tuple[Floats, int]:
    """Return estimates of the log likelihood of a source at points, and the runs that they took.

    The estimates have shape (points, windows).

    A run matches within a window if none of its counts is farther than that from the observed one.
    A point is simulated until ``effort.matches`` = k of its runs match, or ``effort.most_runs`` are
    done. With the k-th match in run n the likelihood is estimated as (k - 1) / (n - 1) times the
    mean factor of the matches, else as the sum of the factors of the matches over the runs; both
    together are unbiased, at any window (Girshick, Mosteller and Savage 1946, "Unbiased estimates
    for certain binomial sampling problems"). It is minus infinity where no run matches.

    ``luck`` numbers the points' streams of runs: the same luck gives the same runs again, so that
    the estimate is a function of point, luck and window. Windows are listed from wide to narrow.
    """
    rows, k, most = len(luck), effort.matches, effort.most_runs
    matches = np.zeros((rows, len(windows)), np.int64)
    factors = np.zeros((rows, len(windows)))
    ended = np.full((rows, len(windows)), most)
    done, block, runs = 0, min(_FIRST_BLOCK, most), 0
    active = np.arange(rows)
    while len(active) and done < most:
        block = min(block, most - done)
        again = np.repeat(active, block)
        numbers = (luck[active][:, None] * most + np.arange(done, done + block)).ravel()
        came = source.simulate(points[again], numbers)
        runs += len(numbers)
        apart = np.abs(came.counts - source.observed).max(axis=1, initial=0)
        apart, factor = apart.reshape(-1, block), came.factors.reshape(-1, block)
        for column, window in enumerate(windows):
            hits = apart <= window
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
