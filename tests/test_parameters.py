"""Draws from priors have the distributions that they say, run by run."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from uptake.model.parameters import DISTRIBUTIONS, PARAMETER_NAMES, Prior, from_prior

NAMES = list(PARAMETER_NAMES)
FIXED = {name: Prior("normal", {"mean": 0.0, "sd": 1.0}, value=0.5) for name in NAMES}
CASES = {
    "lognormal": ({"median": 0.05, "sigma": 0.8}, stats.lognorm(0.8, scale=0.05)),
    "normal": ({"mean": 3.0, "sd": 1.5}, stats.norm(3.0, 1.5)),
    "half_normal": ({"sd": 1.2}, stats.halfnorm(scale=1.2)),
    "positive_normal": (
        {"mean": 0.15, "sd": 0.08},
        stats.truncnorm(-0.15 / 0.08, np.inf, 0.15, 0.08),
    ),
    "beta": ({"a": 4.0, "b": 3.0}, stats.beta(4.0, 3.0)),
}


def test_every_distribution_has_a_case() -> None:
    """No distribution goes untested."""
    assert set(CASES) == set(DISTRIBUTIONS)


@pytest.mark.parametrize("name", CASES)
def test_draws_follow_their_distribution(name: str) -> None:
    """Kolmogorov-Smirnov over 20,000 runs against scipy; a true null fails once in 10,000."""
    arguments, law = CASES[name]
    priors = FIXED | {"sovereignty": Prior(name, arguments)}
    design = from_prior(priors, 5, 0, 20_000)
    assert stats.kstest(design["sovereignty"], law.cdf).pvalue > 1e-4
    assert (design["caution"] == 0.5).all()


def test_a_run_has_the_same_parameters_in_any_chunk() -> None:
    """Runs 30 to 39 are the same, drawn alone or among others; another seed gives others."""
    priors = {name: Prior("normal", {"mean": 0.0, "sd": 1.0}) for name in NAMES}
    whole, part = from_prior(priors, 1, 0, 50), from_prior(priors, 1, 30, 10)
    assert (whole[30:40] == part).all()
    assert not (whole[30:40] == from_prior(priors, 2, 30, 10)).any()


def test_parameters_are_independent() -> None:
    """The largest of 190 correlations over 20,000 runs stays under 5 standard errors."""
    priors = {name: Prior("normal", {"mean": 0.0, "sd": 1.0}) for name in NAMES}
    design = from_prior(priors, 3, 0, 20_000)
    correlations = np.corrcoef([design[name] for name in NAMES])
    np.fill_diagonal(correlations, 0.0)
    assert np.abs(correlations).max() < 5.0 / np.sqrt(20_000)


def test_fixing_one_parameter_moves_no_other() -> None:
    """Each parameter has draws of its own."""
    priors = {name: Prior("normal", {"mean": 0.0, "sd": 1.0}) for name in NAMES}
    free = from_prior(priors, 1, 0, 20)
    held = from_prior(priors | {"caution": FIXED["caution"]}, 1, 0, 20)
    for name in NAMES:
        assert (free[name] == held[name]).all() == (name != "caution")
