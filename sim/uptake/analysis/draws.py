"""Runs of one draw are alike: how far so many runs tell a mean or a share. Knows no model.

Runs that share a draw count as one, weighted by how many they are (Kish 1965, "Survey sampling").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Which runs share a draw."""

    of: NDArray[np.int64]  # (runs,) the draw of each run
    counts: Floats  # (draws,) runs of each

    @classmethod
    def keyed(cls, keys: ArrayLike) -> Draws:
        """Return the draws of runs, shape (runs,), of which those with equal keys share one."""
        _, of, counts = np.unique(np.asarray(keys), return_inverse=True, return_counts=True)
        return cls(np.asarray(of, np.int64), counts.astype(float))

    @property
    def runs(self) -> int:
        """Return how many runs there are."""
        return len(self.of)

    @property
    def apart(self) -> float:
        """Return how many runs that share no draw tell as much: ``(sum n)^2 / sum n^2``.

        Examples
        --------
        >>> Draws.keyed([1, 1, 2, 2]).apart
        2.0
        """
        return float(self.counts.sum() ** 2 / (self.counts**2).sum())

    def mean(self, values: Floats) -> Floats:
        """Return the mean of each draw over its runs: of values, shape (runs, ...)."""
        found = np.zeros((len(self.counts), *values.shape[1:]))
        np.add.at(found, self.of, values)
        return np.asarray(found / self.counts.reshape(-1, *[1] * (values.ndim - 1)))

    def error(self, values: Floats) -> Floats:
        """Return the standard error of the mean of values, shape (..., runs), over all runs.

        The standard deviation of draws, over the root of how many runs apart tell as much.
        """
        of_draws, share = self.mean(np.moveaxis(values, -1, 0)), self.counts / self.counts.sum()
        middle = np.tensordot(share, of_draws, 1)
        variance = np.tensordot(share, (of_draws - middle) ** 2, 1)
        return np.asarray(np.sqrt(variance / self.apart))
