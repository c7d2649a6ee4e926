"""Stacking: known mixtures are found, histories count once, uncertainty covers what it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import uptake as up
from drawing import refused, said
from predicting import kept, predicted, twelve
from scipy import stats
from scipy.optimize import minimize
from uptake.analysis.structures import weighed
from uptake.inference.stacking import best_mixture, stacked


@pytest.mark.parametrize("seed", range(5))
def test_the_mixture_is_that_of_an_optimiser(seed: int) -> None:
    """Of random densities: no general method finds a better log score."""
    rng = np.random.default_rng(seed)
    densities, counts = rng.gamma(1.0, size=(40, 4)), rng.integers(1, 4, size=(1, 40)).astype(float)
    found = best_mixture(densities, counts)[0]

    def loss(free: np.ndarray) -> float:
        weights = np.exp(free - np.logaddexp.reduce(free))
        return -float(counts[0] @ np.log(densities @ weights))

    options = {"maxiter": 20_000, "maxfev": 20_000, "xatol": 1e-9, "fatol": 1e-12}
    starts = rng.standard_normal((3, 4))
    best = min(minimize(loss, one, method="Nelder-Mead", options=options).fun for one in starts)
    assert found.sum() == pytest.approx(1.0)
    assert -float(counts[0] @ np.log(densities @ found)) <= best + 1e-5


def test_the_truth_among_rivals_gets_the_weight_and_a_mixture_its_shares() -> None:
    """3,000 readings drawn 70 : 30 from two densities, a third is wrong; the weights say so."""
    rng = np.random.default_rng(1)
    is_first = rng.random(3000) < 0.7
    values = np.where(is_first, rng.normal(0, 1, 3000), rng.normal(2, 0.5, 3000))
    logs = np.column_stack([stats.norm.logpdf(values, *of) for of in ((0, 1), (2, 0.5), (-3, 1))])
    found = stacked(logs, [str(i) for i in range(3000)], 1)
    np.testing.assert_allclose(found.weights, [0.7, 0.3, 0.0], atol=0.03)
    assert (found.low < found.weights + 1e-6).all()
    assert (found.weights < found.high + 1e-6).all()
    assert found.high[0] - found.low[0] == pytest.approx(2 * 1.645 * 0.0095, rel=0.3)


def test_a_history_counts_once_however_many_readings_it_has() -> None:
    """The first prediction is right of one history of 50 readings, the second of three of one."""
    right, wrong = np.log([0.9, 0.1]), np.log([0.1, 0.9])
    logs = np.array([right] * 50 + [wrong] * 3)
    many = stacked(logs, ["long"] * 50 + ["a", "b", "c"], 1)
    alone = stacked(np.array([right, wrong, wrong, wrong]), ["long", "a", "b", "c"], 1)
    np.testing.assert_allclose(many.weights, alone.weights, atol=1e-5)
    assert many.weights[1] > 0.7


def test_structures_are_held_against_the_readings_that_all_predict() -> None:
    """A sharp and right structure outweighs a wide one; one reading more changes nothing."""
    sharp, wide = twelve(0.05), twelve(0.25)
    found = weighed({"sharp": sharp, "wide": wide[:-1]}, 1)
    assert [one.name for one in found] == ["sharp", "wide"]
    assert found[0].weight > 0.8
    assert found[0].crps < found[1].crps
    assert sum(one.weight for one in found) == pytest.approx(1.0)
    again = weighed({"wide": wide[:-1], "sharp": sharp[:-1]}, 1)
    assert again[0].weight == pytest.approx(found[0].weight, abs=1e-6)
    with pytest.raises(ValueError, match="no reading"):
        weighed({"sharp": sharp[:1], "wide": wide[-1:]}, 1)


def test_the_command_shows_structures_side_by_side(tmp_path: Path) -> None:
    """As the interface in Python; a structure without predictions is refused in a line."""
    kept(tmp_path, twelve(0.05))
    kept(tmp_path, predicted([one.reading for one in twelve()], 0.2, 1.0), "fresh_taste")
    asked = f"parameters.draws={tmp_path}"
    code, told, _ = said(tmp_path, "skill", asked, "variants=[default,fresh_taste]")
    assert code == 0
    assert "Structures of the model" in told
    assert "fresh taste" in told
    found = up.skill(tmp_path, variants=["default", "fresh_taste"])
    assert [row[0] for row in found.structures.rows] == ["default", "fresh taste"]
    line = refused(tmp_path, "skill", asked, "variants=[all]")
    assert "skill/" in line
