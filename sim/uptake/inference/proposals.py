"""Proposals of a Markov chain in coordinates in which the prior is standard normal."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from uptake.inference.likelihood import Floats

# A proposal keeps sqrt(1 - step^2) of where the point is, and draws the rest anew: most forget it,
# some stay near, for points that the fitted distribution of the proposals would not find again.
_STEPS = (1.0, 1.0, 0.5)
_LEAST_VARIANCE = 1e-6  # of points, for proposals to be drawn


class Proposals(NamedTuple):
    """An autoregression that keeps a normal distribution, and so can step far in many dimensions.

    Source: preconditioned Crank-Nicolson, Cotter, Roberts, Stuart and White 2013, "MCMC methods for
    functions: modifying old algorithms to make them faster".
    """

    mean: Floats
    root: Floats  # of the covariance: lower triangle

    @classmethod
    def fitted(cls, points: Floats, distinct: int) -> Proposals:
        """Return proposals that keep the normal distribution of points, so many of which differ.

        Where their covariance is no other than chance makes that of the prior (Marchenko and Pastur
        1967), it is taken to be the prior's: what was not learnt is not to shrink by itself.
        """
        values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(points.T)))
        chance = math.sqrt(points.shape[1] / distinct)
        least = max(0.0, 1.0 - chance) ** 2 - _LEAST_VARIANCE  # 0 itself, if so few points differ
        is_chance = (values > least) & (values < (1.0 + chance) ** 2)
        values = np.where(is_chance, 1.0, np.maximum(values, _LEAST_VARIANCE))
        root = np.linalg.cholesky((vectors * values) @ vectors.T)
        return cls(points.mean(axis=0), root)

    def proposed(self, rng: np.random.Generator, normal: Floats) -> Floats:
        """Return where points might step to, shape (points, dimensions)."""
        step = rng.choice(_STEPS, size=(len(normal), 1))
        noise = rng.standard_normal(normal.shape) @ self.root.T
        return self.mean + np.sqrt(1.0 - step * step) * (normal - self.mean) + step * noise

    def level(self, normal: Floats) -> Floats:
        """Return the log density of the prior over that of what is kept."""
        white = np.linalg.solve(self.root, (normal - self.mean).T)
        return 0.5 * (white * white).sum(axis=0) - 0.5 * (normal * normal).sum(axis=1)
