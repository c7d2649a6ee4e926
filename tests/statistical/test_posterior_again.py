"""The draws that the package brings are those that its priors, rules and histories lead to.

A small fit of a history by itself, of another seed, must give the same posterior: the place of its
draws among those kept is uniform, so their mean place is 1/2. A correct package fails with
probability ``RARE``, the chains' draws being worth ``WORTH`` independent ones each
(docs/inference.md).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from uptake.cli.arguments import question
from uptake.cli.calibrate import variant_of
from uptake.config.posterior import read
from uptake.config.schema import configs_folder
from uptake.inference.fit import Variant, settings_of
from uptake.inference.smc import run_chain, unit
from uptake.model.parameters import Posterior, from_prior

RARE, WORTH = 1e-3, 0.4
PARTICLES = 400
STRUCTURES = ["default"]
HISTORIES = ["nhs_employers_2009", "record_access_2014"]  # which say much, and soon
DRAWS = configs_folder() / "parameters" / "posterior"


def variant_for(structure: str, history: str) -> Variant:
    """Return a structure with one history, as ``uptake calibrate`` takes it."""
    named = [f"calibration.histories=[{history}]", f"calibration.particles={PARTICLES}"]
    return variant_of(question("calibrate", ["parameters=prior", *named]), structure)


def again(variant: Variant) -> Posterior:
    """Return draws of one chain, with the settings that the package's own were made with."""
    (data,) = variant.data
    problem = variant.problem(data, 2026, None)
    state = run_chain(problem, settings_of(data.case.config.calibration), 2026)
    return Posterior(variant.parameters(unit(state.particles.normal)), np.ones(PARTICLES))


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
@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_small_fit_agrees_with_the_draws_kept(structure: str, history: str) -> None:
    variant = variant_for(structure, history)
    kept, _ = read(DRAWS / structure / f"{history}.parquet", "alone")
    allowed = stats.norm.isf(0.5 * RARE / len(variant.names))
    assert furthest(again(variant), kept, variant.names) < allowed
    prior = from_prior(variant.cases[0].priors, 1, 0, PARTICLES)  # which the test would tell apart
    assert furthest(Posterior(prior, np.ones(PARTICLES)), kept, variant.names) > 2.0 * allowed
