"""Month 0: what is known is kept, what is blank is drawn as documented, run by run."""

from __future__ import annotations

import math

import numpy as np
from building import episode
from scipy import stats
from uptake.model._jit import Records
from uptake.model.blanks import approached_rows, blank_facts, row_at
from uptake.model.entities import EXEMPT, IDLE, NEVER, NO_PLAN, PLANNED, SIGNED
from uptake.model.episode import REGION_ONLY, Episode
from uptake.model.initialization import empty_state, initialise


def population(case: Episode, seed: int = 1, run: int = 0) -> Records:
    """Return the trusts of a run at month 0."""
    state = empty_state(case)
    return state.trusts[: initialise(state, case, seed, run)]


def test_incomes_meet_the_percentiles_of_their_kind() -> None:
    """10th, 50th and 90th percentile of 40,000 incomes are those of the split lognormal."""
    trusts = population(episode(trusts=80_000))
    first = trusts[trusts.kind == 0].income_gbp
    z = 1.2815515655446004
    expected = [248e6 * math.exp(-0.5 * z), 248e6, 248e6 * math.exp(0.6 * z)]
    # Standard error of a quantile here is under 0.9 % of its value: 4 of them.
    np.testing.assert_allclose(np.quantile(first, [0.1, 0.5, 0.9]), expected, rtol=0.035)


def test_spend_is_income_times_cost_with_the_spread_of_its_sector() -> None:
    """Log of spend over income is normal about the cost share of its size of trust."""
    trusts = population(episode(trusts=20_000))
    for is_large, share in ((True, 0.039), (False, 0.054)):
        some = trusts[(trusts.income_gbp >= 300e6) == is_large]
        log_ratio = np.log(some.spend_gbp / some.income_gbp / (share * 0.1))
        assert stats.kstest(log_ratio, stats.norm(0.0, 0.31).cdf).pvalue > 1e-4
    np.testing.assert_allclose(trusts.budget_gbp, 0.0005 * trusts.income_gbp)


def test_gap_slack_and_region_are_uniform_and_independent() -> None:
    """Nothing is known about them; no draw leans on another."""
    trusts = population(episode(trusts=20_000, regions=7, sector={"slack_floor": 0.0}))
    assert stats.kstest(trusts.gap, "uniform").pvalue > 1e-4
    assert stats.kstest(trusts.slack, "uniform").pvalue > 1e-4
    assert stats.chisquare(np.bincount(trusts.region)).pvalue > 1e-4
    table = np.corrcoef([trusts.gap, trusts.slack, np.log(trusts.income_gbp), trusts.region])
    np.fill_diagonal(table, 0.0)
    assert np.abs(table).max() < 5.0 / math.sqrt(20_000)


def test_slack_is_never_below_the_floor_of_the_sector() -> None:
    """What is drawn or given below it is raised to it; what is above stays as it is."""
    case = episode(trusts=2_000)
    floored = population(case._replace(sector=episode(sector={"slack_floor": 0.3}).sector))
    free = population(case._replace(sector=episode(sector={"slack_floor": 0.0}).sector))
    assert np.array_equal(floored.slack, np.maximum(free.slack, 0.3))
    facts = blank_facts(np.array([0, 1]))
    facts.slack[:] = 0.01, 0.9
    assert list(population(episode(2, facts=facts)).slack) == [0.05, 0.9]


def test_what_a_file_says_is_kept() -> None:
    """Known facts come through untouched, whatever the run; blanks beside them are drawn anew."""
    facts = blank_facts(np.array([0, 1, 0]))
    facts.income_gbp[1], facts.gap[1], facts.region[1] = 77e6, 0.25, 4
    facts.spend_gbp[2], facts.budget_gbp[2], facts.slack[2] = 9e5, 1e4, 0.75
    case = episode(facts=facts, trusts=3)
    for run in range(5):
        trusts = population(case, run=run)
        assert (trusts.income_gbp[1], trusts.gap[1], trusts.region[1]) == (77e6, 0.25, 4)
        assert (trusts.spend_gbp[2], trusts.budget_gbp[2], trusts.slack[2]) == (9e5, 1e4, 0.75)
    assert population(case, run=0).income_gbp[0] != population(case, run=1).income_gbp[0]


def test_a_blank_kind_is_drawn_by_the_shares_of_the_kinds() -> None:
    """Half and half here; the fit of the scheme follows the kind that was drawn."""
    case = episode(facts=blank_facts(np.full(20_000, NEVER)), trusts=20_000)
    trusts = population(case)
    assert stats.binomtest(int((trusts.kind == 0).sum()), 20_000, 0.5).pvalue > 1e-4
    assert (trusts.unsuited == trusts.kind).all()


def test_row_at_finds_the_first_row_above() -> None:
    """Against a search by numpy, for uneven shares with an empty one."""
    cumulative = np.cumsum([0.02, 0.5, 0.0, 0.3, 0.18])
    for u in np.linspace(0.0005, 0.9995, 500):
        assert row_at(cumulative, u) == np.searchsorted(cumulative, u, side="right")


def test_a_run_approaches_as_many_trusts_as_asked_each_with_equal_chance() -> None:
    """Numbers from low to high are equally likely, and so is each trust among those approached."""
    case = episode(trusts=30, approached=(10, 20))
    rows = [approached_rows(case, 1, run) for run in range(4_000)]
    sizes = np.bincount([len(r) for r in rows], minlength=21)
    assert sizes[:10].sum() == 0
    assert stats.chisquare(sizes[10:]).pvalue > 1e-4
    assert all((np.diff(r) > 0).all() for r in rows)
    chosen = np.bincount(np.concatenate(rows), minlength=30)
    total = chosen.sum()
    # Sampling without replacement makes the counts less variable than a multinomial's.
    assert stats.chisquare(chosen).statistic < stats.chi2(29).ppf(0.9999)
    assert total == sum(len(r) for r in rows)


def test_everybody_is_idle_and_counted_at_the_launch() -> None:
    """Networks and regions count their members, and nothing has happened yet."""
    case = episode(trusts=50, regions=4, structure={"peers": REGION_ONLY})
    state = empty_state(case)
    count = initialise(state, case, 1, 0)
    assert count == 50
    assert (state.trusts.stage == IDLE).all()
    for name in ("signed_month", "served_month", "work_month", "aligned_month", "case_month"):
        assert (state.trusts[name] == NEVER).all()
    for name in ("looked", "hurried", "aligned", "reports"):
        assert not state.trusts[name].any()
    assert state.centre.looked[0] == state.centre.joined[0] == 0
    in_region = np.bincount(state.trusts.region, minlength=4)
    assert (state.regions.in_stage[:, IDLE] == in_region).all()
    assert (state.peers.trusts == in_region).all()
    assert (state.peers.in_stage[:, IDLE] == state.peers.trusts).all()
    assert state.peers.in_stage.sum() == 50


def test_pathfinders_have_signed_and_looked_and_paid_nothing() -> None:
    """By the launch those of the first regions have signed; the fee is not booked for them."""
    case = episode(60, 1, regions=3, pathfinders=2.0, exempt_share=0.2, upfront_fee_gbp=1e4)
    state = empty_state(case)
    initialise(state, case, 1, 0)
    trusts, exempt = state.trusts, state.trusts.stage == EXEMPT
    path = (trusts.region < 2) & ~exempt
    assert np.array_equal(trusts.stage == SIGNED, path)
    assert np.array_equal(trusts.looked == 1, path)
    assert np.array_equal(trusts.signed_month == 0, path)
    assert state.centre.joined[0] == state.centre.looked[0] == path.sum() > 0
    side = state.providers[0]
    assert side.signed == side.booked_signatures == side.customers == path.sum()
    assert (state.regions.stage == [PLANNED, PLANNED, NO_PLAN]).all()
    outside = np.floor(trusts.spend_gbp + 0.5)[~exempt].sum()
    assert state.regions.spend_gbp.sum() == outside
