"""Behaviour: the parameters that every episode shares, and how they are drawn from priors.

This module loads values and holds none: priors stand in ``configs/parameters``, each with unit
and source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim._jit import Records

PARAMETERS = np.dtype(
    [
        (name, np.float64)
        for name in (
            "attention_per_month",
            "business_case_per_month",
            "believed_saving_share",
            "belief_sd_share",
            "signal_sd_share",
            "realised_saving_share",
            "cashable_share",
            "value_weight",
            "sovereignty",
            "misfit_weight",
            "liquidity_weight",
            "caution",
            "peers_weight",
            "peers_attention_weight",
            "pressure_weight",
            "pressure_attention_weight",
            "endorsement_weight",
            "migration_per_month",
            "migration_cost_years",
            "reporting_probability",
            "staff_resistance",
            "quality_weight",
            "public_preference",
            "skimping",
            "recovery_per_month",
            "failure_per_month",
            "alarm_weight",
            "disruption_cost_share",
            "crowding_out_per_month",
            "loss_tolerance_share",
            "entry_per_month",
        )
    ]
)


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


def from_prior(priors: Mapping[str, Prior], seed: int, first_run: int, runs: int) -> Records:
    """Return parameters drawn independently from their priors, one record a run, shape (runs,).

    Run ``r`` has the same luck whatever the chunk it is drawn in: a parameter is the quantile of
    its prior at ``uniform(seed, PARAMETERS, r, row of the parameter)``.
    """
    design = np.zeros(runs, PARAMETERS).view(np.recarray)
    for row, name in enumerate(PARAMETERS.names or ()):
        prior = priors[name]
        if prior.value is not None:
            design[name] = prior.value
            continue
        quantile, _ = DISTRIBUTIONS[prior.distribution]
        u = draws.uniforms(seed, draws.PARAMETERS, first_run, runs, row)
        design[name] = quantile(u, **prior.arguments)
    return design
