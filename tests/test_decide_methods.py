"""The methods behind uptake decide, each on a problem whose answer is known."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest, norm
from uptake.analysis.chance import wilson
from uptake.analysis.draws import Draws
from uptake.analysis.information import Worth, all_of_it, information, of_factor
from uptake.analysis.least_change import Least, LeastPair, Scale, least, least_pair
from uptake.analysis.pareto import compromise, front
from uptake.analysis.prim import box, peeled, quasi_p
from uptake.analysis.regret import minimax, regret
from uptake.analysis.smoothing import scores_of, smooth
from uptake.analysis.switching import of_factor as switch_of
from uptake.analysis.switching import of_factors as switches_of
from uptake.analysis.switching import on_grid

RUNS = 1_000


@given(st.integers(1, 500), st.floats(0, 1))
def test_the_interval_of_a_chance_is_wilsons(runs: int, part: float) -> None:
    """As scipy has it."""
    hits = round(part * runs)
    expected = binomtest(hits, runs).proportion_ci(method="wilson")
    assert wilson(hits / runs, runs, 1.959964) == pytest.approx(tuple(expected), abs=1e-6)


# The least change


def scale(low: float, high: float, *path: float, whole: bool = False) -> Scale:
    return Scale("lever", low, high, np.array(path or [low]), whole)


def found_of(asked: Scale, chance: Any, wanted: float = 0.5) -> Least:
    """Return the least change of a lever whose chance is known at every value."""
    now = float(chance(asked.path.mean()))
    return least(asked, lambda v: np.array([chance(x) for x in v[:, 0]]), RUNS, wanted, now)


@given(st.floats(0.01, 0.99), st.floats(0, 1))
def test_the_least_change_of_a_straight_line_is_known(wanted: float, now: float) -> None:
    """The chance is the value itself: what is needed is the chance asked, to the step."""
    found = found_of(scale(0, 1, now), lambda x: x, wanted)
    assert found.value is not None
    if now >= wanted:
        assert np.isnan(found.value)
        assert found.change == 0.0
        return
    assert found.value == pytest.approx(wanted, abs=0.0011)
    assert found.share >= wanted
    assert found.change == pytest.approx(found.value - now, abs=1e-9)
    low, high = wilson(wanted, RUNS)
    assert found.surest is None or found.surest == pytest.approx(high, abs=0.01)
    if found.easiest is not None and not np.isnan(found.easiest):
        assert found.easiest == pytest.approx(low, abs=0.01)
        assert found.easiest <= found.value


def test_it_is_found_in_either_direction_and_the_nearer_is_taken() -> None:
    """A valley: from 0.6 up to 0.9 is nearer than down to 0.1."""
    found = found_of(scale(0, 1, 0.6), lambda x: abs(x - 0.5) + 0.1)
    assert found.value == pytest.approx(0.9, abs=0.0011)
    found = found_of(scale(0, 1, 0.4), lambda x: abs(x - 0.5) + 0.1)
    assert found.value == pytest.approx(0.1, abs=0.0011)


def test_the_interval_of_what_is_needed_holds_it() -> None:
    """Runs that reach it from a value of their own on: half of them from 0.4 on.

    In 95 % of 200 samples; under 181 would happen once in 200 times.
    """
    held = 0
    for seed in range(200):
        own = np.random.default_rng(seed).normal(0.4, 0.2, RUNS)
        found = found_of(scale(0, 1, 0), lambda x, own=own: float((own <= x).mean()))
        assert found.easiest is not None
        assert found.surest is not None
        held += found.easiest <= 0.4 <= found.surest
    assert held >= 181


def test_what_is_out_of_reach_and_what_is_best() -> None:
    """None within the range; of equals the least change is the best."""
    found = found_of(scale(0, 100, 20), lambda x: 0.3 if x >= 50 else 0.1)
    assert found.value is None
    assert found.easiest is None
    assert (found.best, found.best_share) == (50.0, 0.3)
    assert np.isinf(found.change)


def test_whole_levers_stay_whole_and_money_is_round() -> None:
    """A step is 1, 2 or 5 times a power of ten; a value is a multiple of it, or an end."""
    whole = scale(0, 7, 0, whole=True)
    assert found_of(whole, lambda x: x / 10).value == 5.0
    assert scale(0, 100_000).step == 100.0
    assert scale(0.25, 10).step == 0.005
    assert scale(0.25, 10).value(0) == 0.25
    assert [scale(0, 1).value(place) for place in (0, 333, 1000)] == [0.0, 0.333, 1.0]


def test_a_change_is_the_mean_over_the_months() -> None:
    """Held at 1 where it was 0 for three months of four and then 1: three quarters."""
    moving = scale(0, 1, 0.0, 0.0, 0.0, 1.0)
    assert moving.change(1.0) == 0.75
    assert moving.change(float("nan")) == 0.0
    assert moving.now == 0
    assert scale(0, 1, 0.0, 1.0).change(0.5) == 0.5


def test_a_change_is_from_how_it_is_also_where_the_range_does_not_hold_that() -> None:
    """From 0, held at 0.6 to 1: the nearest end changes by 150 % of the range."""
    found = found_of(scale(0.6, 1.0, 0.0), lambda x: x, 0.674)
    assert found.value is not None
    assert found.value == pytest.approx(0.674, abs=0.0005)
    assert found.change == pytest.approx(found.value / 0.4)
    end = least(scale(0.6, 1.0, 0.0), lambda v: np.ones(len(v)), RUNS, 0.5, 0.0)
    assert end.value == 0.6
    assert end.change == pytest.approx(1.5)
    assert scale(0, 1, 2.0).change(1.0) == 1.0


def test_an_end_of_the_range_is_a_change_in_a_pair_too() -> None:
    """The first lever is at 0 and asked from 0.6 on: its end 0.6 and half of the other do it."""
    scales = (scale(0.6, 1.0, 0.0), scale(0.0, 1.0, 0.0))

    def shares(values: Any) -> Any:
        return values[:, 0] * values[:, 1]

    alone = tuple(Least(one, None, float("inf"), 0.0, None, None, 1.0, 0.0) for one in scales)
    found = least_pair(scales, (alone[0], alone[1]), shares, lambda v: v[:, 0] >= 0.0, 0.3)
    assert found.values is not None
    assert found.values[0] == 0.6
    assert found.values[1] == pytest.approx(0.5, abs=0.04)


def pair_of(chance: Any, wanted: float, ends: tuple[float, float] = (1.0, 1.0)) -> LeastPair:
    """Return the least change of two levers, each from 0 to an end."""
    scales = (scale(0, ends[0], 0.0), scale(0, ends[1], 0.0))

    def shares(values: Any) -> Any:
        return np.array([chance(*row) for row in values])

    alone = (
        found_of(scales[0], lambda x: chance(x, 0.0), wanted),
        found_of(scales[1], lambda x: chance(0.0, x), wanted),
    )
    return least_pair(scales, alone, shares, lambda v: np.ones(len(v), bool), wanted)


def test_two_levers_that_need_one_another() -> None:
    """Neither does it alone; x * y reaches 0.25 with the least sum at a half each."""
    found = pair_of(lambda x, y: x * y, 0.25)
    assert found.values is not None
    assert found.share >= 0.25
    assert found.values[0] * found.values[1] >= 0.25
    assert 1.0 <= found.change < 1.06  # the best is 1; a cell's part is 0.03


def test_two_levers_are_not_told_where_one_needs_less() -> None:
    """The max of both: one alone is enough."""
    assert pair_of(max, 0.4).values is None
    assert pair_of(lambda x, y: 0.1, 0.4).values is None


# Options and fronts


@given(arrays(float, (4, 12), elements=st.floats(-1e6, 1e6)))
def test_regret_is_nil_for_the_best_of_a_run_and_never_below(worth: Any) -> None:
    found = regret(worth)
    assert np.all(found >= 0.0)
    assert np.array_equal(found.min(axis=0), np.zeros(12))
    assert np.all(found[worth.argmax(axis=0), np.arange(12)] == 0.0)


def test_minimax_regret_is_the_textbook_choice() -> None:
    """The hedge is best under no structure, and least regretted."""
    regrets = {"one": np.array([0.0, 9.0, 3.0]), "other": np.array([8.0, 0.0, 4.0])}
    found = minimax(["a", "b", "hedge"], regrets)
    assert (found.option, found.largest, found.structure) == ("hedge", 4.0, "other")


@given(arrays(float, (30, 3), elements=st.floats(-9, 9)))
def test_a_front_is_what_nothing_dominates(points: Any) -> None:
    """No point of it dominates another, and each other point is dominated by one of it."""
    kept = set(front(points).tolist())

    def dominates(one: Any, other: Any) -> bool:
        return bool(np.all(one >= other) and np.any(one > other))

    assert not any(dominates(points[i], points[j]) for i in kept for j in kept)
    for j in set(range(30)) - kept:
        assert any(dominates(points[i], points[j]) for i in kept)
    assert compromise(points) in range(30)


def test_a_middle_way_is_nearest_to_the_best_of_all_respects() -> None:
    """Half of each, not one of the ends; a respect that never differs counts for nothing."""
    points = np.array([[0.0, 10.0, 5.0], [0.5, 5.0, 5.0], [1.0, 0.0, 5.0], [0.1, 0.5, 5.0]])
    assert compromise(points) == 1


# Smoothing, switching values


def test_a_smooth_curve_is_found_again() -> None:
    """A sine in noise, by a tenth of its noise; a line in normal scores to rounding."""
    rng = np.random.default_rng(1)
    x = rng.uniform(size=2_000)
    curve = np.sin(6.0 * x)
    fit = smooth(x, (curve + rng.normal(0.0, 0.5, 2_000))[:, None]).fitted[:, 0]
    assert np.sqrt(np.mean((fit - curve) ** 2)) < 0.05
    scores = scores_of(x)
    assert smooth(x, scores[:, None]).fitted[:, 0] == pytest.approx(scores, abs=1e-4)


def test_a_row_seen_thrice_counts_three_times() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.permutation(50) / 50.0, rng.normal(size=50)
    seen = rng.integers(1, 4, 50)
    once = smooth(x, y[:, None], seen.astype(float)).fitted[:, 0]
    assert once @ seen == pytest.approx(y @ seen, rel=1e-3)  # the mean is kept


def test_a_switching_value_is_found_and_its_interval_holds_it() -> None:
    """E[y | x] = x - 0.5, in 60 samples.

    A penalised curve is drawn to a straight line: its 95 % intervals hold in 90 to 94 % (measured).
    Under 49 of 60 would happen once in 100 times where 90 % hold.
    """
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=800)
        found = switch_of(x, x - 0.5 + rng.normal(0.0, 2.0, 800))
        assert found is not None
        assert found.positive_above
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.5 <= found.high
    assert held >= 49


def test_where_nothing_switches_none_is_told() -> None:
    """All far above nil; or nothing to do with the factor."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=500)
    assert switch_of(x, x + 10.0 + rng.normal(size=500)) is None
    assert switch_of(x, 1.0 + rng.normal(size=500)) is None
    assert switch_of(np.ones(500), x) is None


def test_a_switch_on_a_grid_is_where_the_line_crosses() -> None:
    """From -1 to 1 over 0 to 10 it is 5; the nearest to how it is of two."""
    values = np.linspace(0.0, 10.0, 11)
    found = on_grid(values, values / 5.0 - 1.0, np.full(11, 0.1), 0.0)
    assert found is not None
    assert found.positive_above
    assert [found.value, found.low, found.high] == pytest.approx([5.0, 4.02, 5.98])
    hill = on_grid(values, 4.0 - np.abs(values - 5.0) * 2.0, np.zeros(11), 10.0)
    assert hill is not None
    assert hill.value == pytest.approx(7.0)
    assert not hill.positive_above
    assert on_grid(values, values + 1.0, np.zeros(11), 0.0) is None


@pytest.mark.parametrize("level", [0.0, 0.25])
def test_on_a_hump_both_sides_are_told(level: float) -> None:
    """Positive from 0.3 to 0.7 only."""
    values = np.linspace(0.0, 1.0, 21)
    found = on_grid(values, 1.0 - ((values - 0.5) / 0.2) ** 2, np.full(21, 0.01), level)
    assert found is not None
    assert found.crossings == pytest.approx((0.3, 0.7))
    assert found.where(True) == [pytest.approx((0.3, 0.7))]
    (_, below), (above, _) = found.where(False)
    assert (below, above) == pytest.approx((0.3, 0.7))


def test_of_noise_no_switch_is_told() -> None:
    """Of 40 factors that have to do with nothing none switches the sign, in 19 of 20 samples."""
    told = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        factors = {f"x{i}": rng.normal(size=150) for i in range(40)}
        told += bool(switches_of(factors, rng.normal(0.02, 1.0, 150)))
    assert told <= 2  # more would happen once in 90 times, if 5 % do


def test_what_does_switch_is_told_among_noise() -> None:
    rng = np.random.default_rng(1)
    factors = {f"x{i}": rng.normal(size=500) for i in range(20)}
    found = switches_of(factors, factors["x3"] + rng.normal(0.0, 1.0, 500))
    assert list(found) == ["x3"]
    assert found["x3"].low is not None


def test_intervals_hold_with_draws_that_several_runs_share() -> None:
    """E[y | x] = x - 0.5 of 300 draws, seen as often as resampling has it: as above.

    With covariances of 1,000 runs that share nothing 85 % held: 68 of 80 on average.
    """
    held = 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        weights = rng.multinomial(1_000, rng.dirichlet(np.full(300, 0.4))).astype(float)
        seen = weights > 0.0
        x = rng.normal(size=300)
        y = x - 0.5 + rng.normal(0.0, 1.0, 300)
        found = switch_of(x[seen], y[seen], weights[seen])
        if found is None or found.low is None or found.high is None:
            continue
        held += found.low <= 0.5 <= found.high
    assert held >= 68


def test_covariances_are_those_of_curves_fitted_again() -> None:
    """Over 400 samples of the same factor and unequal weights: the variance at its middle."""
    rng = np.random.default_rng(4)
    x, weights = rng.normal(size=200), rng.gamma(0.5, 4.0, 200)
    fits = smooth(x, rng.normal(size=(200, 400)), weights)
    row = int(np.argsort(x)[100])
    told = np.einsum("i,cij,j->c", fits.basis[row], fits.covariances, fits.basis[row]).mean()
    assert told == pytest.approx(float(np.var(fits.fitted[row])), rel=0.3)


# Runs that share a draw


def test_runs_that_share_a_draw_count_as_one() -> None:
    """Seen twice each they tell as much as once each; none twice is the usual standard error."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(2, 100))
    alone = Draws.keyed(np.arange(100))
    assert alone.apart == pytest.approx(100.0)
    assert alone.error(values) == pytest.approx(values.std(axis=1) / 10.0)
    twice = Draws.keyed(np.repeat(np.arange(100), 2))
    assert twice.runs == 200
    assert twice.apart == pytest.approx(100.0)
    assert twice.error(np.repeat(values, 2, axis=1)) == pytest.approx(alone.error(values))
    assert twice.mean(np.repeat(values[0], 2)) == pytest.approx(values[0])
    assert Draws.keyed([1, 1, 1, 2]).apart == pytest.approx(1.6)


def test_the_error_of_a_mean_holds_it_where_draws_are_seen_unequally_often() -> None:
    """95 % of 300 samples; under 267 would happen once in 100 times where 92 % hold."""
    held = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        of = rng.choice(200, 800, p=rng.dirichlet(np.ones(200)))
        values = rng.normal(size=200)[of] + rng.normal(0.0, 0.5, 800)
        held += abs(values.mean()) < 1.96 * Draws.keyed(of).error(values)
    assert held >= 267


# What it is worth to know


def sample(seed: int, rows: int) -> tuple[Any, Any, Any]:
    """Return draws of p1 ~ N(1, 1), p2 ~ N(0, 2), and the worth of doing nothing and p1 - p2."""
    rng = np.random.default_rng(seed)
    first, second = rng.normal(1.0, 1.0, rows), rng.normal(0.0, 2.0, rows)
    return first, second, np.column_stack([np.zeros(rows), first - second])


KNOWN = (0.0833, 0.3956, 0.4798)  # EVPPI of p1, of p2, EVPI


def test_the_known_answer_follows_from_the_normal() -> None:
    """E max(0, y) of a normal y, less the best without knowing: the three numbers."""

    def gain(sd: float) -> float:
        return float(norm.cdf(1.0 / sd) + sd * norm.pdf(1.0 / sd) - 1.0)

    assert [gain(sd) for sd in (1.0, 2.0, 5.0**0.5)] == pytest.approx(KNOWN, abs=5e-5)


def test_what_it_is_worth_to_know_is_known() -> None:
    """Over 40 samples the mean is right within 3 standard errors, and 95 % intervals hold.

    Fewer than 33 of 40 would happen once in 300 times where 95 % hold.
    """
    rows, found = 2_000, []
    for seed in range(40):
        first, second, worth = sample(seed, rows)
        once = np.ones(rows)
        every = (of_factor(first, worth, once, 1)[:2], of_factor(second, worth, once, 1)[:2],
                 all_of_it(worth))  # fmt: skip
        found.append(every)
    values = np.array(found)
    for i, known in enumerate(KNOWN):
        mean, error = values[:, i, 0].mean(), values[:, i, 0].std() / 40**0.5
        assert abs(mean - known) < 3.0 * error + 0.004  # the bias that is told
        assert (np.abs(values[:, i, 0] - known) < 1.96 * values[:, i, 1]).sum() >= 33


def test_what_has_nothing_to_do_with_it_is_not_told() -> None:
    """The two that matter come first; of 20 others none is told."""
    first, second, worth = sample(7, 1_000)
    rng = np.random.default_rng(8)
    others = {f"n{i}": rng.normal(size=1_000) for i in range(20)}
    found = information(worth, {"p1": first, "p2": second, **others, "same": np.ones(1_000)})
    assert [one.name for one in found.factors[:2]] == ["p2", "p1"]
    assert [one.name for one in found.factors if one.is_told] == ["p2", "p1"]
    assert found.all >= found.factors[0].value
    assert "same" not in {one.name for one in found.factors}


def test_an_estimate_of_nothing_is_too_high_and_that_is_told() -> None:
    """The bias told of a factor that is worth nothing is above nil, and at most what it is."""
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        worth = np.column_stack([np.zeros(450), rng.normal(0.02, 1.0, 450)])
        found.append(of_factor(rng.normal(size=450), worth, np.ones(450), 1))
    value, _, bias = np.mean(found, axis=0)
    assert 0.2 * value < bias <= value


def test_what_chance_may_make_is_not_told() -> None:
    """By its own interval it is above nil; of the shuffles one has as much."""
    assert Worth("x", 1.0, 0.1, 0.0, 0.9).is_told
    assert not Worth("x", 1.0, 0.1, 0.0, 1.1).is_told
    assert not Worth("x", 1.0, 0.6, 0.0, 0.9).is_told


def test_where_one_option_is_always_best_nothing_is_worth_knowing() -> None:
    first, _, _ = sample(1, 500)
    worth = np.column_stack([np.zeros(500), np.exp(first)])
    found = information(worth, {"p1": first})
    assert found.all == found.factors[0].value == 0.0
    assert not found.factors[0].is_told


# Boxes


def planted(seed: int, rows: int = 1_000, factors: int = 40) -> tuple[dict[str, Any], Any]:
    """Return factors, and a kind of which nine tenths are in a box of two of them."""
    rng = np.random.default_rng(seed)
    columns = rng.uniform(size=(rows, factors))
    inside = (columns[:, 1] < 0.4) & (columns[:, 2] > 0.5)
    kind = (rng.uniform(size=rows) < np.where(inside, 0.9, 0.1)).astype(float)
    return {f"x{i}": columns[:, i] for i in range(factors)}, kind


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_box_is_found_again(seed: int) -> None:
    """Its two factors, near its sides; coverage and density are those of the truth."""
    found = box(*planted(seed))
    assert found is not None
    sides = {(one.name, one.is_most): one.value for one in found.limits}
    assert set(sides) == {("x1", True), ("x2", False)}
    assert sides["x1", True] == pytest.approx(0.4, abs=0.06)
    assert sides["x2", False] == pytest.approx(0.5, abs=0.06)
    assert found.density == pytest.approx(0.9, abs=0.12)
    assert found.coverage == pytest.approx(0.18 / 0.26, abs=0.12)
    assert found.base == pytest.approx(0.26, abs=0.05)


def test_in_noise_no_box_is_told() -> None:
    """One at most in 30 samples of 40 factors without any."""
    told = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        factors = {f"x{i}": rng.uniform(size=500) for i in range(40)}
        told += box(factors, (rng.uniform(size=500) < 0.3).astype(float)) is not None
    assert told <= 1


def test_coverage_and_density_are_of_the_half_that_did_not_find_the_box() -> None:
    """Not told by the half that found it: whose numbers are counted here, and the others'."""
    factors, kind = planted(2)
    found = box(factors, kind)
    assert found is not None
    is_first = np.random.default_rng(1).permutation(len(kind)) % 2 == 0
    within = np.ones(len(kind), bool)
    for one in found.limits:
        column = factors[one.name]
        within &= column <= one.value if one.is_most else column >= one.value
    for half, is_told in ((~is_first, True), (is_first, False)):
        inside = within & half
        assert (found.density == pytest.approx(kind[inside].mean())) == is_told
        assert (found.coverage == pytest.approx(kind[inside].sum() / kind[half].sum())) == is_told
    assert (found.held_out, found.runs) == (500, int((within & ~is_first).sum()))


def test_what_the_other_half_does_not_confirm_is_no_box() -> None:
    """A factor that tells the kinds apart in the half that finds the box, and in no other."""
    rng = np.random.default_rng(6)
    x, y = rng.uniform(size=600), rng.uniform(size=600)
    kind = (rng.uniform(size=600) < 0.3).astype(float)
    is_first = np.random.default_rng(1).permutation(600) % 2 == 0
    kind[is_first] = (x[is_first] < 0.3).astype(float)
    assert box({"x": x, "y": y}, kind) is None
    kind[~is_first] = (x[~is_first] < 0.3).astype(float)
    assert box({"x": x, "y": y}, kind) is not None


def test_too_few_runs_of_a_kind_have_no_box() -> None:
    factors, _ = planted(1, 100, 3)
    kind = np.zeros(100)
    kind[:30] = 1.0
    assert box(factors, kind) is None
    kind[:50] = 1.0
    assert box({"x": np.ones(100)}, kind) is None


def test_boxes_shrink_and_each_side_is_weighed() -> None:
    """Every box lies in the one before; a side that adds nothing has a large quasi-p-value."""
    factors, kind = planted(1, 400, 4)
    columns = np.column_stack(list(factors.values()))
    boxes = peeled(columns[:, [1]], kind, np.ones(400))
    for before, after in itertools.pairwise(boxes):
        for side, value in before.items():
            assert after[side] <= value if side[1] else after[side] >= value
    sides = {(1, True): 0.4, (0, False): 0.02}
    assert quasi_p(columns, kind, sides, (1, True)) < 1e-6
    assert quasi_p(columns, kind, sides, (0, False)) > 0.1


def test_rows_that_are_half_of_a_kind_count_half() -> None:
    """A draw of which some runs are of the kind: the box of its parts is where they are more."""
    rng = np.random.default_rng(5)
    factors = {f"x{i}": rng.uniform(size=600) for i in range(5)}
    chance = np.where(factors["x4"] > 0.7, 0.8, 0.2)
    part = np.asarray(rng.binomial(4, chance) / 4.0, dtype=float)
    found = box(factors, part, np.full(600, 4.0))
    assert found is not None
    assert [(one.name, one.is_most) for one in found.limits] == [("x4", False)]
    assert found.limits[0].value == pytest.approx(0.7, abs=0.05)
    assert found.density == pytest.approx(0.8, abs=0.06)
