"""A run that can no longer be taken for what was reported ends there, and no estimate changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT
from uptake.cli.arguments import question
from uptake.engine.compiled import ALONE, APPROACHED, Readings, run_numbered
from uptake.inference.calibration import variant_of
from uptake.inference.likelihood import Effort, log_likelihood
from uptake.inference.smc import unit
from uptake.model.observation import CURVES
from uptake.model.parameters import from_prior

SCENARIOS = sorted(path.stem for path in (ROOT / "configs" / "scenario").glob("*.yaml"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_estimates_are_the_same_to_the_bit(name: str) -> None:
    """Of every history, at wide tolerances and at none: likelihoods, runs taken, runs simulated."""
    case = question("run", [f"scenario={name}", "parameters=prior"]).case()
    variant = variant_of("default", [case])
    if not variant.data:
        pytest.skip("nothing was reported of it")
    source = variant.data[0].source(3, 40, 1)
    normal = np.random.default_rng(1).standard_normal((12, len(variant.names)))
    asked = variant.parameters(unit(normal)), np.arange(12)
    for tolerances in ((0.5, 0.25), (0.12, 0.06), (0.01, 0.0)):
        effort = Effort(3, 40)
        early = log_likelihood(source, *asked, tolerances, effort)
        whole = log_likelihood(replace(source, within=None), *asked, tolerances, effort)
        assert early.runs == whole.runs
        np.testing.assert_array_equal(early.logs, whole.logs)
        np.testing.assert_array_equal(early.taken, whole.taken)


def test_a_run_ends_in_the_month_in_which_it_strays_too_far() -> None:
    """Counts, shares, a bound and an exact number add up month by month; until then it is itself.

    How far a run strays is computed here from the curves of the same runs to the end.
    """
    case = question("run", ["scenario=nhs_sbs", "parameters=prior"]).case()
    runs = 200
    numbers, made = np.arange(runs), from_prior(case.priors, 5, 0, runs)
    whole = run_numbered(case.episode, made, 5, numbers)
    place, infinite = CURVES.index, np.inf
    seen = [  # month, count, of, lowest, highest, variance
        (10, "joined", ALONE, 91.0, 91.0, 900.0),
        (10, "served", APPROACHED, 0.2, 0.2, 0.01),
        (31, "joined", ALONE, 80.0, infinite, 16.0),
        (57, "left", place("joined"), -infinite, 0.1, 0.0001),
        (86, "declined", ALONE, 0.0, 100.0, 0.0),
    ]
    allowed = np.random.default_rng(2).exponential(20.0, runs)
    months, counts, of, low, high, variances = zip(*seen, strict=True)
    readings = Readings(
        np.array(months), np.array([place(name) for name in counts]), np.array(of),
        np.column_stack([low, high]), np.array(variances), allowed,
    )  # fmt: skip
    strayed, last = np.zeros(runs), np.full(runs, case.months)
    for month, name, whole_of, least, most, variance in seen:
        value = whole.curves[name][:, month].astype(float)
        if whole_of == APPROACHED:
            value = value / whole.outcomes["approached"]
        elif whole_of != ALONE:
            below = whole.curves[CURVES[whole_of]][:, month]
            value = np.divide(value, below, out=np.zeros(runs), where=below > 0)
        apart = np.maximum(np.maximum(least - value, value - most), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            strayed += np.where(apart > 0.0, apart**2 / variance, 0.0)
        last = np.where((strayed > allowed) & (last == case.months), month, last)
    ended = run_numbered(case.episode, made, 5, numbers, readings)
    for run in range(runs):
        lived, after = np.split(ended.curves[run], [last[run] + 1])
        assert lived.tobytes() == whole.curves[run][: last[run] + 1].tobytes()
        assert not any(after[name].any() for name in CURVES)
    kept = last == case.months
    assert ended.outcomes[kept].tobytes() == whole.outcomes[kept].tobytes()
    assert sorted(set(last)) == sorted({*months, case.months})  # some ended in each of them
