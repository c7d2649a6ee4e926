"""A population of schemes: the prior of its means and spreads, their likelihood, a chain of draws.

The method is that of ``pooling``, which says what is asked. Knows no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from uptake.inference.likelihood import Floats, Integers
from uptake.inference.proposals import Proposals
from uptake.inference.smc import unit
from uptake.inference.weights import log_mean, next_tempering, resampled

# Least spread between schemes, in sd of the prior. Draws under t = 1 say little of a smaller one:
# N(0, 0.1^2) keeps one draw in seven for each pooled coordinate. Nor does a smaller one matter to a
# scheme never seen: it would differ from the mean by less than a tenth of what was unknown of it.
FLOOR = 0.1

_FOLDS = 8  # of the particles, as in ``smc``
_ESS_SHARE = 0.5  # that each step of tempering keeps
_UNMOVED_SHARE, _UNMOVED_AT_LAST = 0.25, 0.02  # particles are moved until so few have not
_MOST_MOVES = 40
POINTS_AT_ONCE = 64  # so that what is worked on stays near the processor


@dataclass(frozen=True)
class History:
    """A history that was fitted by itself.

    Parameters
    ----------
    name
        Its name.
    normal
        Draws in coordinates in which the prior is standard normal, shape (draws, dimensions).
    weights
        Of the draws, shape (draws,), adding up to 1.
    """

    name: str
    normal: Floats
    weights: Floats

    @cached_property
    def log_weights(self) -> Floats:
        """Logarithms of the weights under the prior, shape (draws,); the weights add up to 1."""
        with np.errstate(divide="ignore"):
            logs = np.log(self.weights)
        return np.asarray(logs - log_sums(logs[None])[0])

    @cached_property
    def copies(self) -> Integers:
        """Number of each distinct draw, from 0, shape (draws,): copies share theirs."""
        return np.asarray(np.unique(self.normal, axis=0, return_inverse=True)[1].ravel())


class Hyperprior:
    """The prior of means and spreads, as a function of standard normal numbers.

    t_j^2 is uniform from floor^2 to 1. Then the correlation of behaviour between two schemes,
    1 - t_j^2, is uniform from 1 - floor^2 down to 0: that they are alike is as likely as that they
    have nothing in common. A uniform t_j would bet on likeness, where the draws of a history are
    also the least use. m_j ~ N(0, 1 - t_j^2).

    Parameters
    ----------
    floor
        Least t_j, up to 1, at which nothing is pooled.

    Examples
    --------
    Without pooling there is one population only, the prior:

    >>> m, t = Hyperprior(floor=1.0).at(np.array([[0.3, -1.2]]))
    >>> float(m[0, 0]), float(t[0, 0])
    (0.0, 1.0)
    """

    def __init__(self, floor: float = FLOOR) -> None:
        self.floor = floor

    def at(self, normal: Floats) -> tuple[Floats, Floats]:
        """Return means and spreads, each of shape (points, J).

        Parameters
        ----------
        normal
            Standard normal a priori, shape (points, 2 J): for the means, then for the spreads.
        """
        means, spreads = np.split(normal, 2, axis=1)
        least = self.floor * self.floor
        square = least + (1.0 - least) * unit(spreads)
        return np.sqrt(1.0 - square) * means, np.sqrt(square)


def terms_of(history: History, columns: Sequence[int]) -> Floats:
    """Return what the log weight given (m, t) is linear in, shape (2 J + 1, draws)."""
    pooled = history.normal[:, columns].T
    return np.concatenate([0.5 * pooled * pooled, pooled, history.log_weights[None]])


def log_weights_given(terms: Floats, m: Floats, t: Floats) -> Floats:
    """Return log W_i + sum_j log N(z_ij; m_j, t_j^2) / N(z_ij; 0, 1), shape (points, draws)."""
    precision = 1.0 / (t * t)
    slopes = np.column_stack([1.0 - precision, precision * m, np.ones(len(m))])
    constants = np.log(t) + 0.5 * precision * m * m
    logs = np.einsum("pk,kd->pd", slopes, terms)  # small: threads of a matrix product would wait
    logs -= constants.sum(axis=1)[:, None]
    return np.asarray(logs)


def log_sums(logs: Floats) -> Floats:
    """Return the logarithms of the sums of rows that are given as logarithms."""
    top = logs.max(axis=1)
    shares = np.subtract(logs, top[:, None])
    return np.asarray(top + np.log(np.exp(shares, out=shares).sum(axis=1)))


def log_likelihoods(
    histories: Sequence[History], columns: Sequence[int], m: Floats, t: Floats
) -> Floats:
    """Return log l_h(m, t) of each history, shape (points, histories).

    Parameters
    ----------
    histories
        Fitted by themselves.
    columns
        Which coordinates are pooled, (J,).
    m, t
        Means and spreads, shape (points, J).
    """
    found = np.empty((len(m), len(histories)))
    for place, history in enumerate(histories):
        terms = terms_of(history, columns)
        for first in range(0, len(m), POINTS_AT_ONCE):
            some = slice(first, first + POINTS_AT_ONCE)
            found[some, place] = log_sums(log_weights_given(terms, m[some], t[some]))
    return found


def _proposed(rng: np.random.Generator, normal: Floats) -> tuple[Floats, Floats]:
    """Return a proposal for every particle, and by how much it is favoured beyond likelihood.

    The particles of a fold go by proposals that are fitted to the other folds, as in ``smc``.
    """
    proposed, favour = np.empty_like(normal), np.empty(len(normal))
    fold = rng.permutation(len(normal)) % _FOLDS
    for number in range(_FOLDS):
        here, others = fold == number, fold != number
        kept = Proposals.fitted(normal[others], len(np.unique(normal[others, 0])))
        proposed[here] = kept.proposed(rng, normal[here])
        favour[here] = kept.log_ratio(proposed[here]) - kept.log_ratio(normal[here])
    return proposed, favour


def run_chain(
    histories: Sequence[History],
    columns: Sequence[int],
    hyperprior: Hyperprior,
    particles: int,
    seed: Sequence[int],
) -> tuple[Floats, Floats, float]:
    """Return draws of (m, t), their log likelihoods, and the log marginal likelihood.

    Particles go from the hyperprior to the posterior in tempered steps; at each they are weighted,
    resampled and moved.

    Parameters
    ----------
    histories, columns
        Fitted by themselves; which coordinates are pooled, (J,).
    hyperprior
        Of (m, t).
    particles
        Number of draws.
    seed
        Whole numbers, not negative.

    Returns
    -------
    tuple[Floats, Floats, float]
        Draws as standard normal numbers of the hyperprior, shape (particles, 2 J), of equal
        weight; log likelihoods, shape (particles, histories).
    """
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal((particles, 2 * len(columns)))
    logs = log_likelihoods(histories, columns, *hyperprior.at(normal))
    tempering, evidence = 0.0, 0.0
    while tempering < 1.0:
        gain, before = logs.sum(axis=1), tempering
        tempering = next_tempering(gain, before, _ESS_SHARE)
        log_weights = (tempering - before) * gain
        evidence += log_mean(log_weights)
        chosen = resampled(rng, log_weights)
        normal, logs, unmoved, moves = normal[chosen], logs[chosen], 1.0, 0
        wanted = _UNMOVED_SHARE if tempering < 1.0 else _UNMOVED_AT_LAST
        while unmoved > wanted and moves < _MOST_MOVES:
            proposed, favour = _proposed(rng, normal)
            there = log_likelihoods(histories, columns, *hyperprior.at(proposed))
            rise = favour + tempering * (there - logs).sum(axis=1)
            moved = np.log(rng.random(particles)) < rise
            normal[moved], logs[moved] = proposed[moved], there[moved]
            unmoved, moves = unmoved * (1.0 - moved.mean()), moves + 1
    return normal, logs, evidence
