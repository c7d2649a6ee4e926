"""Proposals of a Markov chain in coordinates in which the prior is standard normal."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from uptake.inference.likelihood import Floats

# A proposal keeps sqrt(1 - step^2) of where the particle is, and draws the rest anew: most forget
# it, some stay near, for particles that the fitted distribution would not find again.
_STEPS = (1.0, 1.0, 0.5)
_LEAST_VARIANCE = 1e-6  # of particles, for proposals to be drawn


class Proposals(NamedTuple):
    """An autoregression that keeps a normal distribution, and so can step far in many dimensions.

    x' = mean + sqrt(1 - step^2) (x - mean) + step root z, with z standard normal. Source:
    preconditioned Crank-Nicolson, Cotter, Roberts, Stuart and White 2013, "MCMC methods for
    functions: modifying old algorithms to make them faster".

    Parameters
    ----------
    mean
        Of the distribution that is kept, shape (dimensions,).
    root
        Of its covariance: the lower triangle of Cholesky, shape (dimensions, dimensions).
    """

    mean: Floats
    root: Floats

    @classmethod
    def fitted(cls, normal: Floats, distinct: int) -> Proposals:
        """Return proposals that keep the normal distribution fitted to particles.

        Where chance alone would give the prior such a covariance (Marchenko and Pastur 1967), the
        prior's is used: a parameter of which nothing was learnt must not shrink by itself.

        Parameters
        ----------
        normal
            Particles, shape (particles, dimensions).
        distinct
            How many of them differ.
        """
        values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(normal.T)))
        chance = math.sqrt(normal.shape[1] / distinct)
        least = max(0.0, 1.0 - chance) ** 2 - _LEAST_VARIANCE  # 0 itself, if so few differ
        is_chance = (values > least) & (values < (1.0 + chance) ** 2)
        values = np.where(is_chance, 1.0, np.maximum(values, _LEAST_VARIANCE))
        root = np.linalg.cholesky((vectors * values) @ vectors.T)
        return cls(normal.mean(axis=0), root)

    def proposed(self, rng: np.random.Generator, normal: Floats) -> Floats:
        """Return a proposal for every particle.

        Parameters
        ----------
        rng
            Where random numbers come from.
        normal
            Particles, shape (particles, dimensions); what is returned has the same.
        """
        step = rng.choice(_STEPS, size=(len(normal), 1))
        noise = rng.standard_normal(normal.shape) @ self.root.T
        return self.mean + np.sqrt(1.0 - step * step) * (normal - self.mean) + step * noise

    def log_ratio(self, normal: Floats) -> Floats:
        """Return the log density of the prior over that of what is kept, up to a constant.

        Parameters
        ----------
        normal
            Particles, shape (particles, dimensions); what is returned has shape (particles,).
        """
        white = np.linalg.solve(self.root, (normal - self.mean).T)
        return 0.5 * (white * white).sum(axis=0) - 0.5 * (normal * normal).sum(axis=1)
