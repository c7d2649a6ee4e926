"""Behaviour: the parameters that every episode shares, and how they are drawn from priors.

This module loads values and holds none: priors stand in ``configs/parameters``, each with unit
and source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptake.model import draws
from uptake.model._jit import Records
from uptake.model.records import dtype_of, float64, uint64


class Parameters:
    """Behaviour: one set of parameters, shared by all agents of a run, and what it is known by."""

    attention_per_month: float64
    stakes_attention: float64
    business_case_per_month: float64
    believed_saving_share: float64
    belief_sd_share: float64
    signal_sd_share: float64
    realised_saving_share: float64
    cashable_share: float64
    value_weight: float64
    sovereignty: float64
    risk_aversion: float64
    misfit_weight: float64
    liquidity_weight: float64
    caution: float64
    peers_weight: float64
    peers_attention_weight: float64
    pressure_attention_weight: float64
    endorsement_weight: float64
    pace: float64
    migration_cost_years: float64
    reporting_probability: float64
    staff_resistance: float64
    public_preference: float64
    skimping: float64
    recovery_per_month: float64
    failure_per_month: float64
    alarm_weight: float64
    open_gap_harm: float64
    crowding_out_per_month: float64
    loss_tolerance_share: float64
    entry_per_month: float64
    draw: uint64  # key of the assumptions that are drawn with this set


PARAMETERS = dtype_of(Parameters)
PARAMETER_NAMES = tuple(name for name in PARAMETERS.names or () if name != "draw")


@dataclass(frozen=True)
class Prior:
    """A named distribution with its arguments; ``value`` overrules it and holds it fixed."""

    distribution: str
    arguments: Mapping[str, float]
    value: float | None = None


def _lognormal(u: NDArray[np.float64], median: float, sigma: float) -> NDArray[np.float64]:
    return median * np.exp(sigma * _normal(u, 0.0, 1.0))


def _normal(u: NDArray[np.float64], mean: float, sd: float) -> NDArray[np.float64]:
    from scipy.special import ndtri

    return mean + sd * np.asarray(ndtri(u))


def _half_normal(u: NDArray[np.float64], sd: float) -> NDArray[np.float64]:
    return _normal(0.5 + 0.5 * u, 0.0, sd)


def _positive_normal(u: NDArray[np.float64], mean: float, sd: float) -> NDArray[np.float64]:
    from scipy.special import ndtr

    below = ndtr(-mean / sd)
    return _normal(below + (1.0 - below) * u, mean, sd)


def _beta(u: NDArray[np.float64], a: float, b: float) -> NDArray[np.float64]:
    from scipy.special import betaincinv

    return np.asarray(betaincinv(a, b, u))


# Quantile functions and the names of their arguments.
DISTRIBUTIONS: dict[str, tuple[Callable[..., NDArray[np.float64]], tuple[str, ...]]] = {
    "lognormal": (_lognormal, ("median", "sigma")),
    "normal": (_normal, ("mean", "sd")),
    "half_normal": (_half_normal, ("sd",)),
    "positive_normal": (_positive_normal, ("mean", "sd")),
    "beta": (_beta, ("a", "b")),
}


def free(priors: Mapping[str, Prior]) -> list[str]:
    """Return the names of the parameters that are not held fixed, in the order of the record."""
    return [name for name in PARAMETER_NAMES if priors[name].value is None]


def from_unit(priors: Mapping[str, Prior], shares: NDArray[np.float64]) -> Records:
    """Return parameters at points of the unit cube, one record a point, shape (points,).

    A free parameter is the quantile of its prior at its column of ``shares``, shape (points,
    free parameters); so points that are uniform on the cube become draws from the priors.
    """
    design = np.zeros(len(shares), PARAMETERS).view(np.recarray)
    for name in PARAMETER_NAMES:
        if priors[name].value is not None:
            design[name] = priors[name].value
    for column, name in enumerate(free(priors)):
        quantile, _ = DISTRIBUTIONS[priors[name].distribution]
        design[name] = quantile(shares[:, column], **priors[name].arguments)
    return design


def from_prior(priors: Mapping[str, Prior], seed: int, first_run: int, runs: int) -> Records:
    """Return parameters drawn independently from their priors, one record a run, shape (runs,).

    Run ``r`` has the same ones whatever the chunk it is drawn in: a parameter is the quantile of
    its prior at ``uniform(seed, PARAMETERS, r, row of the parameter)``.
    """
    shares = np.empty((runs, len(free(priors))), order="F")
    for column, name in enumerate(free(priors)):
        shares[:, column] = draws.uniforms(
            seed, draws.PARAMETERS, first_run, runs, PARAMETER_NAMES.index(name)
        )
    design = from_unit(priors, shares)
    design["draw"] = draws.run_keys(seed, np.arange(first_run, first_run + runs))
    return design


def weighted_quantiles(
    values: NDArray[np.float64], weights: NDArray[np.float64], shares: Sequence[float]
) -> list[float]:
    """Return quantiles of weighted values: the values at these shares of the weight.

    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]), [0.5, 1.0])
    [2.0, 3.0]
    """
    order = np.argsort(values)
    ends = np.cumsum(weights[order])
    places = np.searchsorted(ends, np.asarray(shares) * ends[-1])
    return [float(value) for value in values[order][np.minimum(places, len(values) - 1)]]


@dataclass(frozen=True)
class Posterior:
    """Draws from a posterior, with weights that need not add up to 1."""

    draws: Records  # (draws,) of PARAMETERS
    weights: NDArray[np.float64]  # (draws,)

    def of_runs(self, seed: int, first_run: int, runs: int) -> Records:
        """Return one of the draws for each run, chosen by weight, shape (runs,).

        Run ``r`` gets the same one whatever the chunk: the draw at ``uniform(seed, POSTERIOR, r)``
        of the way through the weights.
        """
        ends = np.cumsum(self.weights)
        places = draws.uniforms(seed, draws.POSTERIOR, first_run, runs, 0) * ends[-1]
        chosen = np.minimum(np.searchsorted(ends, places, side="right"), len(ends) - 1)
        return self.draws[chosen]


def of_runs(
    priors: Mapping[str, Prior],
    posterior: Posterior | None,
    seed: int,
    first_run: int,
    runs: int,
) -> Records:
    """Return the parameters of runs, shape (runs,): from the posterior if there is one.

    What is held fixed is so in both.
    """
    if posterior is None:
        return from_prior(priors, seed, first_run, runs)
    design = posterior.of_runs(seed, first_run, runs)
    for name in PARAMETER_NAMES:
        if priors[name].value is not None:
            design[name] = priors[name].value
    return design
