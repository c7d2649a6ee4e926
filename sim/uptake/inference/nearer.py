"""Draws nearer to where other data point: of the same likelihood, under a narrower prior.

A sample from the posterior says little of what its prior holds to be unlikely. A second sample,
under a prior that lies there, says more of it, and less of all else. Together they are draws from
the mixture of both posteriors, and serve wherever either does: weights are those of Hesterberg
1995, "Weighted average importance sampling and defensive mixture distributions". Knows no model.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from uptake.inference.diagnostics import Sample
from uptake.inference.likelihood import Floats


@dataclass(frozen=True)
class Narrower:
    """A prior that is standard normal but for some coordinates.

    Parameters
    ----------
    columns
        Which these are, (J,).
    mean, sd
        Of them, (J,).
    """

    columns: tuple[int, ...]
    mean: Floats
    sd: Floats

    @property
    def name(self) -> str:
        """A name that no other prior has."""
        told = repr((self.columns, self.mean.tolist(), self.sd.tolist()))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def log_ratio(self, normal: Floats) -> Floats:
        """Return its log density less that of the standard normal prior, shape (points,).

        Parameters
        ----------
        normal
            Shape (points, dimensions).
        """
        some = normal[:, self.columns]
        apart = (some - self.mean) / self.sd
        each = 0.5 * (some * some - apart * apart) - np.log(self.sd)
        return np.asarray(each.sum(axis=1))


def together(first: Sample, second: Sample, prior: Narrower) -> Floats:
    """Return the weights of the draws of two samples under the prior of the first.

    A draw at which the priors' ratio is r has the weight 1 / (a + (1 - a) r / c): a is the part of
    the first sample, c the mean of r over the first posterior, which is the ratio of both marginal
    likelihoods. No draw of the first counts more than 1 / a times as much as before.

    Parameters
    ----------
    first
        Under the standard normal prior.
    second
        Under the narrower one; its chains went on from those of the first, so that the error of
        the ratio of marginal likelihoods is that of the way from one prior to the other.
    prior
        The narrower one.

    Returns
    -------
    Floats
        Of the draws of the first, then of the second; they add up to 1.
    """
    share = len(first.weights) / (len(first.weights) + len(second.weights))
    logs = prior.log_ratio(np.concatenate([first.normal, second.normal]))
    scale = second.log_marginal_likelihood[0] - first.log_marginal_likelihood[0]
    drawn = np.concatenate([share * first.weights, (1.0 - share) * second.weights])
    weights = drawn / (share + (1.0 - share) * np.exp(logs - scale))
    return np.asarray(weights / weights.sum())
