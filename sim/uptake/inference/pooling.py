"""Partial pooling: what histories, each fitted by itself, say of a scheme that is not one of them.

Behaviour differs between schemes. In coordinates in which the prior is standard normal, a few of
them, the pooled ones, are spread as z_j ~ N(m_j, t_j^2) over schemes; the others keep N(0, 1), and
no scheme says anything of another's. A priori m_j ~ N(0, 1 - t_j^2) given t_j, so that the prior of
a scheme never seen is N(0, 1), as it was.

Each history h was fitted under the prior: draws z_i with weights W_i. So its likelihood of mean and
spread needs no new runs: by the ratio of the new prior to the old one,

    l_h(m, t) = sum_i W_i prod_j N(z_ij; m_j, t_j^2) / N(z_ij; 0, 1).

The posterior of (m, t), a few numbers for each pooled coordinate, is drawn by tempered sequential
Monte Carlo, as in ``smc``. To leave a history out drops its factor. Knows no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from uptake.inference.diagnostics import Sample
from uptake.inference.likelihood import Floats, Integers
from uptake.inference.population import (
    POINTS_AT_ONCE,
    History,
    Hyperprior,
    log_weights_given,
    run_chain,
    terms_of,
)
from uptake.inference.weights import effective, pareto_k

LEAST_ESS = 100.0  # of a history's draws at the median (m, t), as log l is to be known to 0.1
MOST_K = 0.7  # above it importance weights fail, see ``pareto_k``

_MOST_K_LEFT_OUT = 0.5  # beyond, weights have no variance, and a new pool takes seconds only
_POINTS_FITTED = 100  # of (m, t), at which k is fitted


@dataclass(frozen=True)
class Fit:
    """A history within a pool, and how well its draws serve there.

    Parameters
    ----------
    name
        Of the history.
    weights
        Of its draws given all histories, shape (draws,), adding up to 1: drawn by them, they are
        its behaviour, shrunk to that of the others as far as these are alike.
    ess
        Effective sample size of its draws at each (m, t) of the pool, shape (points,), copies
        counted as one draw.
    ess_median, ess_low
        Median and 5 % point of it over (m, t).
    k_median, k_high
        Median and 95 % point over (m, t) of the Pareto k of the weights of its draws.
    variance
        That of the pool's means of m, first row, and t, by its draws being few, shape (2, J).
    """

    name: str
    weights: Floats
    ess: Floats
    ess_median: float
    ess_low: float
    k_median: float
    k_high: float
    variance: Floats

    @property
    def reaches(self) -> bool:
        """Whether its draws reach where the pool lies; if not, it needs draws there.

        The median (m, t) decides. Draws under the prior hardly ever reach the 5 % in which all
        spreads are least, nor do those of a second fit; what that costs is told by ``Pool.error``.
        """
        return self.ess_median >= LEAST_ESS and self.k_median <= MOST_K


@dataclass(frozen=True)
class Pool:
    """What histories say together: draws of means and spreads, and all that follows from them.

    Parameters
    ----------
    names
        Of the pooled coordinates, (J,).
    columns
        Which coordinates these are, (J,).
    histories
        Those in the pool.
    sample
        Draws of (m, t) as standard normal numbers of the hyperprior, by several chains.
    m, t
        The same draws as means and spreads, shape (draws, J).
    log_likelihoods
        Of the histories at the draws, shape (draws, histories).
    log_weights
        Of the draws of (m, t), shape (draws,), up to a constant.
    k
        Pareto k of these weights; 0 but where a history was left out by weighting.
    hyperprior, particles, seed
        Those it was made with.
    """

    names: tuple[str, ...]
    columns: tuple[int, ...]
    histories: tuple[History, ...]
    sample: Sample
    m: Floats
    t: Floats
    log_likelihoods: Floats
    log_weights: Floats
    k: float
    hyperprior: Hyperprior
    particles: int
    seed: int

    @cached_property
    def weights(self) -> Floats:
        """Weights of the draws of (m, t), shape (draws,); they add up to 1."""
        weights = np.exp(self.log_weights - self.log_weights.max())
        return np.asarray(weights / weights.sum())

    @property
    def ess(self) -> float:
        """Effective number of draws of (m, t): by copies, disagreement of chains, and weights."""
        return self.sample.ess * effective(self.log_weights) / effective(self.sample.log_weights)

    @property
    def r_hat(self) -> Floats:
        """How far chains disagree on m_j, first row, and t_j, shape (2, J); 1 if not at all.

        sqrt(1 - 1 / n + B / W): of n draws in each chain, B is the variance of the chains' means
        and W that within chains (Gelman and Rubin 1992). NaN for one chain.
        """
        both = np.stack([self.m, self.t])
        chains = [both[:, self.sample.chain == i] for i in np.unique(self.sample.chain)]
        if len(chains) < 2:
            return np.full((2, len(self.names)), np.nan)
        between = np.var([one.mean(axis=1) for one in chains], axis=0, ddof=1)
        within = np.mean([one.var(axis=1, ddof=1) for one in chains], axis=0)
        return np.sqrt(1.0 - 1.0 / self.particles + between / np.where(within > 0.0, within, 1.0))

    @cached_property
    def fits(self) -> tuple[Fit, ...]:
        """Each history within the pool."""
        return tuple(self._fit(place) for place in range(len(self.histories)))

    def _fit(self, place: int) -> Fit:
        """Return a history within the pool: W_i times its ratio over l_h, averaged over (m, t)."""
        history, terms = self.histories[place], terms_of(self.histories[place], self.columns)
        weights, ess = np.zeros(len(history.weights)), np.empty(len(self.m))
        both = np.concatenate([self.m, self.t], axis=1)
        pulls = self.weights[:, None] * (both - self.weights @ both)
        pulled = np.zeros((pulls.shape[1], len(weights)))
        for first in range(0, len(self.m), POINTS_AT_ONCE):
            some = slice(first, first + POINTS_AT_ONCE)
            logs = log_weights_given(terms, self.m[some], self.t[some])
            shares = np.exp(logs - self.log_likelihoods[some, place][:, None])
            weights += (self.weights[some, None] * shares).sum(axis=0)
            pulled += np.einsum("pq,pd->qd", pulls[some], shares)
            together = np.array([np.bincount(history.copies, row) for row in shares])
            ess[some] = 1.0 / (together * together).sum(axis=1)
        at = self._spread(_POINTS_FITTED)
        with np.errstate(divide="ignore"):
            shares = np.exp(log_weights_given(terms, self.m[at], self.t[at]))
            k = [pareto_k(np.log(np.bincount(history.copies, row))) for row in shares]
        median, low = np.quantile(ess[self._spread(len(self.m))], (0.5, 0.05)).tolist()
        middle, high = np.quantile(k, (0.5, 0.95), method="inverted_cdf").tolist()
        covariances = np.array([np.bincount(history.copies, row) for row in pulled])
        variance = (covariances * covariances).sum(axis=1).reshape(2, -1)
        return Fit(history.name, weights, ess, median, low, middle, high, variance)

    def _spread(self, count: int) -> Integers:
        """Return the rows of so many draws of (m, t), evenly by weight."""
        places = (np.arange(count) + 0.5) / count
        return np.minimum(np.searchsorted(np.cumsum(self.weights), places), len(self.m) - 1)

    @property
    def out_of_reach(self) -> tuple[str, ...]:
        """Names of the histories that need draws nearer, each under its ``proposal``."""
        return tuple(fit.name for fit in self.fits if not fit.reaches)

    def proposal(self, name: str) -> tuple[Floats, Floats]:
        """Return mean and sd of the pooled coordinates of a history that the others predict.

        Parameters
        ----------
        name
            Of the history.

        Returns
        -------
        tuple[Floats, Floats]
            Of shape (J,). A normal distribution under which draws serve better than under the
            prior, which is as wide or wider; any other proposal is as right.
        """
        others = self.left_out(name)
        mean = others.weights @ others.m
        apart = others.m - mean
        return mean, np.sqrt(others.weights @ (others.t * others.t + apart * apart))

    @property
    def error(self) -> Floats:
        """Error of the means of m, first row, and t, as the histories' draws are few, in their sd.

        Shape (2, J). A draw's weight is as uncertain as it is large, and moves the mean of m_j by
        the covariance of m_j with its weight at (m, t): the error is the root of the sum of their
        squares (the infinitesimal jackknife, Efron 1982). Beyond 0.2 more or nearer draws are
        needed.
        """
        both = np.stack([self.m, self.t])
        apart = both - (self.weights @ both)[:, None]
        total = np.sum([fit.variance for fit in self.fits], axis=0)
        spread = self.weights @ (apart * apart)
        return np.sqrt(total / np.where(spread > 0.0, spread, 1.0))

    def new(self, rng: np.random.Generator, count: int) -> Floats:
        """Return draws for a scheme never seen, shape (count, dimensions).

        Pooled coordinates come from N(m_j, t_j^2) over draws of (m, t), the others from N(0, 1).

        Parameters
        ----------
        rng
            Where random numbers come from.
        count
            Number of draws.
        """
        at = rng.choice(len(self.m), count, p=self.weights)
        normal = rng.standard_normal((count, self.histories[0].normal.shape[1]))
        normal[:, self.columns] = self.m[at] + self.t[at] * normal[:, self.columns]
        return normal

    def left_out(self, name: str) -> Pool:
        """Return the pool without a history.

        Its factor is divided out of the weights of (m, t). Where that fails, as ``k`` tells, the
        others are pooled anew.

        Parameters
        ----------
        name
            Of the history; one other at least is left.
        """
        place = [history.name for history in self.histories].index(name)
        others = self.histories[:place] + self.histories[place + 1 :]
        logs = self.log_weights - self.log_likelihoods[:, place]
        k = pareto_k(logs)
        if k > _MOST_K_LEFT_OUT:
            chains = len(self.sample.log_marginal_likelihoods)
            asked = (self.particles, chains, self.hyperprior)
            return pool(others, self.names, self.columns, self.seed, *asked)
        kept = np.delete(self.log_likelihoods, place, axis=1)
        return replace(self, histories=others, log_likelihoods=kept, log_weights=logs, k=k)


def pool(
    histories: Sequence[History],
    names: Sequence[str],
    columns: Sequence[int],
    seed: int,
    particles: int = 500,
    chains: int = 4,
    hyperprior: Hyperprior | None = None,
) -> Pool:
    """Return what histories say together of the schemes they are of, and of a new one.

    Parameters
    ----------
    histories
        Each fitted by itself, all in the same dimensions.
    names
        Of the pooled coordinates, (J,).
    columns
        Which coordinates these are, (J,).
    seed
        Not negative; the same seed gives the same draws.
    particles
        Draws of (m, t) from each chain.
    chains
        Number of chains; each counts by its marginal likelihood.
    hyperprior
        Of (m, t).
    """
    hyperprior, numbers = hyperprior or Hyperprior(), range(chains)
    made = [run_chain(histories, columns, hyperprior, particles, [seed, i]) for i in numbers]
    normal, logs = (np.concatenate([one[part] for one in made]) for part in (0, 1))
    copies = np.unique(normal, axis=0, return_inverse=True)[1].ravel()
    evidence = np.array([one[2] for one in made])
    sample = Sample(normal, copies, np.repeat(numbers, particles), evidence)
    m, t = hyperprior.at(normal)
    return Pool(
        names=tuple(names),
        columns=tuple(columns),
        histories=tuple(histories),
        sample=sample,
        m=m,
        t=t,
        log_likelihoods=logs,
        log_weights=sample.log_weights,
        k=0.0,
        hyperprior=hyperprior,
        particles=particles,
        seed=seed,
    )
