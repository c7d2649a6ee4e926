"""A run that can no longer be taken for what was reported ends there, and no estimate changes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from uptake.cli.arguments import question
from uptake.config.case import Case
from uptake.config.schema import Observation
from uptake.engine.compiled import ALONE, APPROACHED, Readings, run_numbered
from uptake.inference.calibration import variant_of
from uptake.inference.data import EpisodeData
from uptake.inference.likelihood import Effort, is_taken, log_likelihood
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


def seen(value: float, month: int, **more: Any) -> Observation:
    """Return a reading with an error of ten bodies, or another."""
    return Observation(value, "bodies", "mine", "mine", month=month, **{"error": 10.0} | more)


LATE = ("joined", seen(150.0, 150, error=60.0))  # which a run that has ended misses
KINDS = {
    "a count": ("joined", seen(91.0, 10, error=40.0)),
    "at least": ("joined", seen(60.0, 20, bound="at_least")),
    "at most": ("joined", seen(90.0, 31, bound="at_most")),
    "between": ("joined", seen(60.0, 57, bound="between", to=120.0)),
    "of those approached": ("served", seen(0.13, 10, of="approached", error=0.05)),
    "of another count": ("served", seen(0.9, 10, of="joined", error=0.1)),
    "of nil": ("served", seen(0.5, 1, of="left", error=0.5)),
    "exact": ("declined", seen(0.0, 1, error=None)),
    "not counted by month": ("public_share", seen(0.1, 154, error=1.0)),
}


@cache
def plainly_asked() -> Case:
    """Return a scenario that is read early and often, on the prior."""
    return question("run", ["scenario=nhs_sbs", "parameters=prior"]).case()


@pytest.mark.parametrize("kind", KINDS)
def test_readings_of_every_kind_end_runs_and_change_no_estimate(kind: str) -> None:
    """Before a late one, which some runs meet: none of those ends, and of those that end, none."""
    whole = plainly_asked()
    variant = variant_of("default", [whole])
    (name, one), (joined, late) = KINDS[kind], LATE
    observed = {joined: [late]} | {name: [one, late] if name == joined else [one]}
    scenario = replace(whole.config.scenario, observed=observed, findings=[])
    case = replace(whole, config=replace(whole.config, scenario=scenario))
    source = EpisodeData(case, 0.1).source(3, 20, 1)
    normal = np.random.default_rng(1).standard_normal((12, len(variant.names)))
    asked = variant.parameters(unit(normal)), np.arange(12)
    for tolerances in ((0.5, 0.25), (0.12, 0.06), (0.01, 0.0)):
        early = log_likelihood(source, *asked, tolerances, Effort(3, 20))
        plain = log_likelihood(replace(source, within=None), *asked, tolerances, Effort(3, 20))
        for found, other in zip(early, plain, strict=True):
            np.testing.assert_array_equal(found, other)
    rows = asked[0][np.arange(12).repeat(20)], np.arange(240)
    assert source.within is not None
    short, full = source.within(0.0)(*rows), source.simulate(*rows)
    ended = (short.apart != full.apart).any(axis=1)
    assert not is_taken(full, source.errors, 0.0)[ended].any()
    assert is_taken(full, source.errors, 0.0).any()
    assert ended.any() or kind == "not counted by month"  # there is no month to end in


def test_a_run_ends_in_the_month_in_which_it_strays_too_far() -> None:
    """Counts, shares, a bound and an exact number add up month by month; until then it is itself.

    How far a run strays is computed here from the curves of the same runs to the end.
    """
    case, runs = plainly_asked(), 200
    numbers, made = np.arange(runs), from_prior(case.priors, 5, 0, runs)
    whole = run_numbered(case.episode, made, 5, numbers)
    place, infinite = CURVES.index, np.inf
    reported = [  # month, count, of, lowest, highest, variance
        (10, "joined", ALONE, 91.0, 91.0, 900.0),
        (10, "served", APPROACHED, 0.2, 0.2, 0.01),
        (31, "joined", ALONE, 80.0, infinite, 16.0),
        (57, "left", place("joined"), -infinite, 0.1, 0.0001),
        (86, "declined", ALONE, 0.0, 100.0, 0.0),
    ]
    allowed = np.random.default_rng(2).exponential(20.0, runs)
    months, counts, of, low, high, variances = zip(*reported, strict=True)
    readings = Readings(
        np.array(months), np.array([place(name) for name in counts]), np.array(of),
        np.column_stack([low, high]), np.array(variances), allowed,
    )  # fmt: skip
    strayed, last = np.zeros(runs), np.full(runs, case.months)
    for month, name, whole_of, least, most, variance in reported:
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
