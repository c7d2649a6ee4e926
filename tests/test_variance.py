"""Shares of variance against answers that are known, with luck and without.

Estimates are held to four standard errors, by their own intervals: on other seeds each number would
fail once in 16,000 times.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr
from uptake.analysis.variance import (
    Interval,
    Shares,
    is_diagonal,
    lucks,
    points,
    shares,
    spread,
)

ERRORS = 4.0  # standard errors
NORMAL_90 = 3.29  # of an interval's width


def ishigami(z: Any) -> Any:
    """Return Ishigami's function, a = 7, b = 0.1, of normal coordinates."""
    x = np.pi * (2.0 * ndtr(z) - 1.0)
    return np.sin(x[..., 0]) * (1.0 + 0.1 * x[..., 2] ** 4) + 7.0 * np.sin(x[..., 1]) ** 2


def study(
    f: Callable[[Any], Any], correlation: Any, rows: int, luck: float = 0.0, seed: int = 1
) -> Shares:
    """Return the shares of a function with luck: half of it a row's two, half its own."""
    rng = np.random.default_rng(seed)
    made = points(rng, rows, correlation)
    outcomes = f(made.normal)
    of_row = rng.standard_normal((rows, 2))[:, lucks(len(correlation))]
    outcomes += luck * np.sqrt(0.5) * (of_row + rng.standard_normal(outcomes.shape))
    return shares(outcomes, made.orders, is_diagonal(correlation), seed)


def assert_near(found: Interval, truth: Any, least: float = 1e-9) -> None:
    """Hold estimates to what they should be, by their intervals."""
    errors = (found.q95 - found.q05) / NORMAL_90
    apart = np.abs(found.value - np.asarray(truth))
    assert np.all(apart <= ERRORS * errors + least), (found, truth)


@pytest.mark.parametrize("luck", [0.0, 4.0])
def test_ishigami_with_luck_and_without(luck: float) -> None:
    """Source of the answers: Ishigami and Homma 1990. Luck of 16 is more than V = 13.84."""
    found = study(ishigami, np.eye(3), 20_000, luck)
    assert_near(found.alone, [0.3139, 0.4424, 0.0])
    assert_near(found.total, [0.5576, 0.4424, 0.2437])
    assert_near(found.effect(), [0.4357, 0.4424, 0.1218])
    assert_near(found.variance, 13.8446)
    assert_near(found.luck, luck**2 / (luck**2 + 13.8446))
    assert_near(found.together, 0.7563)
    wide = found.effect().q95 - found.effect().q05
    assert wide.max() < 0.05  # so that the above says something


def test_without_the_correction_luck_would_count_as_interplay() -> None:
    """Jansen's total of what nothing reads is the noise, where no evaluation shares luck."""
    rng, many = np.random.default_rng(1), 4
    made = points(rng, 5_000, np.eye(many))
    outcomes = ishigami(made.normal) + 4.0 * rng.standard_normal(made.normal.shape[:2])
    last = 2 * (many + 1) + many - 1
    naive = 0.5 * np.mean((outcomes[:, last] - outcomes[:, many]) ** 2) / outcomes.var()
    assert naive > 0.4
    found = shares(outcomes, made.orders, is_independent=True)
    assert_near(found.total, [0.5576, 0.4424, 0.2437, 0.0])
    assert_near(found.effect(), [0.4357, 0.4424, 0.1218, 0.0])


def test_the_function_of_sobol() -> None:
    """G with a = 0, 1, 4.5, 9, 99: all three kinds of share from products of variances."""
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
    single = 1.0 / (3.0 * (1.0 + a) ** 2)
    whole = np.prod(1.0 + single) - 1.0

    def g(z: Any) -> Any:
        return np.prod((np.abs(4.0 * ndtr(z) - 2.0) + a) / (1.0 + a), axis=-1)

    effects = np.zeros(5)
    for size in range(1, 6):
        for some in map(list, itertools.combinations(range(5), size)):
            effects[some] += np.prod(single[some]) / size / whole
    found = study(g, np.eye(5), 20_000, 0.3)
    assert_near(found.alone, single / whole)
    assert_near(found.total, single / (1.0 + single) * (1.0 + whole) / whole)
    assert_near(found.effect(), effects)


def correlated(inputs: int, one: int, other: int, value: float) -> Any:
    """Return a correlation of two inputs, and of no others."""
    made = np.eye(inputs)
    made[one, other] = made[other, one] = value
    return made


@pytest.mark.parametrize("luck", [0.0, 3.0])
def test_a_linear_function_of_correlated_inputs(luck: float) -> None:
    """Coefficients 1, standard deviations 1, 1, 2, correlation 0.9 of the last two: V = 9.6."""
    found = study(lambda z: z @ np.array([1.0, 1.0, 2.0]), correlated(3, 1, 2, 0.9), 20_000, luck)
    assert_near(found.effect(), [0.1042, 0.4182, 0.4776], 1e-4)
    assert_near(found.alone, np.array([1.0, 2.8**2, 2.9**2]) / 9.6)
    assert_near(found.total, np.array([1.0, 0.19, 4 * 0.19]) / 9.6)
    assert_near(found.variance, 9.6)


def test_what_nothing_reads_has_half_of_its_squared_correlation() -> None:
    """Source: Iooss and Prieur 2019, "Shapley effects for sensitivity analysis"."""
    found = study(lambda z: z[..., 0], correlated(2, 0, 1, 0.6), 20_000, 0.5)
    assert_near(found.effect(), [0.82, 0.18])
    assert_near(found.alone, [1.0, 0.36])
    assert_near(found.total, [0.64, 0.0])


@pytest.mark.parametrize("correlation", [np.eye(4), correlated(4, 0, 1, 0.7)], ids=["none", "some"])
def test_effects_add_up(correlation: Any) -> None:
    """To 1, whatever the rows; some together are as much as they are one by one."""
    found = study(ishigami, correlation, 50, 2.0)
    assert found.effect().value.sum() == pytest.approx(1.0)
    assert found.effect(0, 2).value == pytest.approx(found.effect().value[[0, 2]].sum())


def test_what_nothing_reads_has_no_share_at_all() -> None:
    """Not only on average: luck is the same before and after, so nothing differs."""
    rng = np.random.default_rng(2)
    made = points(rng, 100, correlated(4, 0, 1, 0.7))
    outcomes = ishigami(made.normal) + rng.standard_normal((100, 2))[:, lucks(4)]
    found = shares(outcomes, made.orders, is_independent=False)
    assert np.all(found.effects[:, 3] == 0.0)
    assert np.all(found.totals[:, 3] == 0.0)


def test_points_are_what_they_are_said_to_be() -> None:
    """All have the distribution of the inputs; a walk takes over one input after the other."""
    correlation = correlated(3, 1, 2, 0.9)
    made = points(np.random.default_rng(3), 20_000, correlation)
    for at in range(made.normal.shape[1]):
        assert np.cov(made.normal[:, at].T) == pytest.approx(correlation, abs=0.06)
    old, new = made.normal[:, 0], made.normal[:, 3]
    for step in range(4):
        taken = made.orders[:, :step]
        there = np.take_along_axis(made.normal[:, step], taken, axis=1)
        assert there == pytest.approx(np.take_along_axis(new, taken, axis=1))
    assert made.normal[:, 4] == pytest.approx(new)
    assert made.normal[:, 7] == pytest.approx(old)
    for i in range(3):
        others = [j for j in range(3) if j != i]
        assert made.normal[:, 8 + i][:, others] == pytest.approx(new[:, others])
        assert made.normal[:, 11 + i][:, i] == pytest.approx(new[:, i])


def test_intervals_cover_as_often_as_they_say() -> None:
    """90 % of 200 studies, each of 200 rows: between 165 and 194, but once in 2,000 times."""
    truth, covered = np.array([0.4357, 0.4424, 0.1218]), np.zeros(3)
    for seed in range(200):
        found = study(ishigami, np.eye(3), 200, 2.0, seed).effect()
        covered += (found.q05 <= truth) & (truth <= found.q95)
    assert np.all((covered >= 165) & (covered <= 194)), covered


def test_pairs_tell_luck_from_what_is_not_known() -> None:
    """A mean of variance 4 and luck of variance 12."""
    rng = np.random.default_rng(4)
    means = 2.0 * rng.standard_normal((20_000, 1))
    found = spread(5.0 + means + np.sqrt(12.0) * rng.standard_normal((20_000, 2)))
    assert_near(found.variance, 4.0)
    assert_near(found.luck, 0.75)


def test_indices_are_those_of_salib() -> None:
    """Ishigami by SALib, which knows no luck: both within their intervals of one another."""
    pytest.importorskip("SALib", reason="SALib is not installed")
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample

    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
    cube = np.clip(sample.sample(problem, 1024, calc_second_order=False, seed=1), 1e-12, 1 - 1e-12)
    x = np.pi * (2.0 * cube - 1.0)
    outcomes = np.sin(x[:, 0]) * (1.0 + 0.1 * x[:, 2] ** 4) + 7.0 * np.sin(x[:, 1]) ** 2
    theirs = analyze.analyze(problem, outcomes, calc_second_order=False, seed=1)
    ours = study(ishigami, np.eye(3), 20_000)
    for one, name in ((ours.alone, "S1"), (ours.total, "ST")):
        assert np.all(np.abs(one.value - theirs[name]) < one.q95 - one.q05 + theirs[f"{name}_conf"])
