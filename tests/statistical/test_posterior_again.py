"""The draws that the package brings are those that its priors, rules and episodes lead to.

A small calibration, of another seed, must give the same posterior: the place of its draws among
the ones kept is uniform, so their mean place is 1/2. A correct package fails with probability
``RARE``, the chains' draws being worth ``WORTH`` independent ones each (docs/inference.md).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from uptake.cli.arguments import question
from uptake.cli.calibrate import variant_of
from uptake.config.posterior import posterior_of
from uptake.inference.fit import Variant, settings_of
from uptake.inference.smc import run_chain, unit
from uptake.model.parameters import Posterior, from_prior, from_unit

RARE, WORTH = 1e-3, 0.4
POINTS = 400
STRUCTURES = [
    "default", "declined_reported", "evidence_unshared", "fresh_taste", "professional_peers",
    "regional_peers",
]  # fmt: skip


def again(variant: Variant, points: int) -> Posterior:
    """Return draws of one small chain, with the settings that the package's own were made with."""
    config = variant.cases[0].config
    settings = settings_of(config.calibration, points)
    state = run_chain(variant.problem(2026, config.threads, None), settings, 2026)
    priors = variant.cases[0].priors
    return Posterior(from_unit(priors, unit(state.particles.normal)), np.ones(points))


def furthest(made: Posterior, kept: Posterior, names: list[str]) -> float:
    """Return the largest distance of a mean place from 1/2, in its standard errors."""
    weights = kept.weights / kept.weights.sum()
    worth = WORTH * len(made.weights), WORTH / (weights * weights).sum()
    error = np.sqrt((1.0 / worth[0] + 1.0 / worth[1]) / 12.0)
    found = []
    for name in names:
        order = np.argsort(kept.draws[name])
        middle = np.cumsum(weights[order]) - 0.5 * weights[order]
        places = np.interp(made.draws[name], kept.draws[name][order], middle)
        found.append(abs(places.mean() - 0.5) / error)
    return float(max(found))


@pytest.mark.slow
@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_small_calibration_agrees_with_the_draws_kept(structure: str) -> None:
    variant = variant_of(question("calibrate", []), structure)
    config = question("run", [f"structure={structure}"]).configuration()
    kept, _ = posterior_of(config, variant.cases[0].priors)
    assert kept is not None
    allowed = stats.norm.isf(0.5 * RARE / len(variant.names))
    assert furthest(again(variant, POINTS), kept, variant.names) < allowed
    prior = from_prior(variant.cases[0].priors, 1, 0, POINTS)  # which the test would tell apart
    assert furthest(Posterior(prior, np.ones(POINTS)), kept, variant.names) > 2.0 * allowed
