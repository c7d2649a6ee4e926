"""Regions, providers, clocks and the centre: known answers, limits and directions of every rule.

All numbers were worked out by hand. The second half holds the same rules to account in whole runs,
those of ``test_conservation``.
"""

from __future__ import annotations

import math
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pytest
from building import MIDDLING, NEUTRAL, episode, records
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from test_conservation import (
    MEMBERS,
    RUNS,
    every_run,
    has_closed,
    is_member,
    lived,
    new_signatures,
    passed,
    trajectory,
)
from uptake.model._jit import Records, word
from uptake.model.draws import run_key
from uptake.model.entities import (
    ABSENT,
    COMMON_SYSTEMS,
    CONDITIONAL,
    CONSIDERING,
    EXEMPT,
    IDLE,
    JOINED,
    LEFT,
    LIVE,
    MARKET_TESTED,
    MIGRATING,
    NEVER,
    NO_PLAN,
    ONE_PROVIDER,
    OPEN_FOR_ALL,
    PLANNED,
    PROVIDER,
    STOPPED,
    TRUST,
    WITHDRAWN,
)
from uptake.model.levers import LEVERS
from uptake.model.month import Month
from uptake.model.parameters import PARAMETERS
from uptake.model.processes.providers import provider_opens
from uptake.model.processes.trusts import trust_chooses
from uptake.model.rules import centre, clocks, providers, regions

SHARES = st.floats(0.0, 1.0)


def for_all(*strategies: Any, **named: Any) -> Any:
    """Try a law on 100 examples of these strategies, the same ones every time."""
    repeatable = settings(derandomize=True, database=None, max_examples=100)
    return lambda law: repeatable(given(*strategies, **named)(law))


def levers(**changed: float) -> Any:
    """Return neutral levers, some changed."""
    values: Any = NEUTRAL | changed
    return records(LEVERS, **values)[0]


def behaviour(**changed: float) -> Any:
    """Return middling parameters, some changed."""
    values: Any = MIDDLING | changed
    return records(PARAMETERS, **values)[0]


def provider(**changed: float) -> Any:
    """Return a public provider, open for all, without fault and without limit, with changes."""
    values: Any = {"status": OPEN_FOR_ALL, "public_share": 1.0, "successor": NEVER}
    values |= {"quality": 1.0, "quality_at_launch": 1.0, "capacity": math.inf}
    return records(PROVIDER, **(values | changed))[0]


# Regions.

STEPS = [  # stage, in favour, aligned, live, tested, next stage; at a quorum of a half
    (NO_PLAN, 0.49, 1.0, 1.0, True, NO_PLAN),
    (NO_PLAN, 0.5, 0.0, 0.0, False, PLANNED),
    (NO_PLAN, 1.0, 1.0, 1.0, True, PLANNED),  # one stage at a time
    (PLANNED, 1.0, 0.49, 1.0, True, PLANNED),
    (PLANNED, 0.0, 0.5, 0.0, False, COMMON_SYSTEMS),  # the vote is over
    (COMMON_SYSTEMS, 1.0, 1.0, 0.49, True, COMMON_SYSTEMS),
    (COMMON_SYSTEMS, 0.0, 0.0, 0.5, False, ONE_PROVIDER),
    (ONE_PROVIDER, 1.0, 1.0, 1.0, False, ONE_PROVIDER),
    (ONE_PROVIDER, 0.0, 0.0, 0.0, True, MARKET_TESTED),
    (MARKET_TESTED, 0.0, 0.0, 0.0, False, MARKET_TESTED),
]


@pytest.mark.parametrize(("stage", "in_favour", "aligned", "live", "tested", "after"), STEPS)
def test_a_region_goes_on_by_one_stage_when_its_quorum_is_met(
    stage: int, in_favour: float, aligned: float, live: float, tested: bool, after: int
) -> None:
    """Votes for a plan, aligned members for common systems, live ones for one provider."""
    voting = levers(quorum_share=0.5, market_saving_share=0.1)
    assert regions.next_stage(stage, voting, in_favour, aligned, live, tested) == after
    alone = levers(quorum_share=0.0, market_saving_share=0.1)
    assert regions.next_stage(stage, alone, in_favour, aligned, live, tested) == stage


def test_without_a_saving_there_is_no_market_test() -> None:
    """A region with one provider stays there, however often the clock strikes."""
    assert regions.next_stage(ONE_PROVIDER, levers(quorum_share=0.5), 1.0, 1.0, 1.0, True) == 3


@for_all(st.integers(0, 4), SHARES, SHARES, SHARES, SHARES, SHARES, st.booleans())
def test_a_region_never_goes_back(
    stage: int, quorum: float, market: float, a: float, b: float, c: float, tested: bool
) -> None:
    """Whatever becomes of its members; and a higher quorum is never quicker."""
    voting = levers(quorum_share=quorum, market_saving_share=market)
    after = regions.next_stage(stage, voting, a, b, c, tested)
    assert stage <= after <= min(stage + 1, MARKET_TESTED)
    higher = levers(quorum_share=0.5 + 0.5 * quorum, market_saving_share=market)
    assert quorum == 0.0 or regions.next_stage(stage, higher, a, b, c, tested) <= after


@pytest.mark.parametrize(
    ("quorum", "staged", "migrates_from", "shares_from"),
    [(0.0, 0, NO_PLAN, NO_PLAN), (0.0, 1, NO_PLAN, NO_PLAN),
     (0.5, 0, PLANNED, NO_PLAN), (0.5, 1, PLANNED, COMMON_SYSTEMS)],
)  # fmt: skip
def test_members_of_a_region_wait_for_it(
    quorum: float, staged: float, migrates_from: int, shares_from: int
) -> None:
    """Alone nobody waits; with a quorum migration waits for the plan, sharing if it is staged."""
    chosen = levers(quorum_share=quorum, staged=staged)
    for stage in range(MARKET_TESTED + 1):
        assert regions.opens_migration(chosen, stage) == (stage >= migrates_from)
        assert regions.opens_sharing(chosen, stage) == (stage >= shares_from)


def test_live_members_share_with_many_systems_until_they_are_common() -> None:
    """With three members in four aligned, a quarter of the systems is another's."""
    voting = levers(quorum_share=0.5)
    assert [regions.many_systems(voting, stage, 0.75) for stage in range(5)] == [
        0.25,
        0.25,
        0,
        0,
        0,
    ]
    assert regions.many_systems(voting, PLANNED, 1.0) == 0.0
    assert regions.many_systems(levers(), NO_PLAN, 0.0) == 0.0


@pytest.mark.parametrize(("spend_gbp", "pounds"), [(0, 0), (1_200_000, 5_000), (1_000_001, 4_167)])
def test_a_market_test_saves_a_share_of_what_is_live(spend_gbp: int, pounds: int) -> None:
    """A tenth of the spend, of which half is cashable, a twelfth a month; and only once tested."""
    tested, half = levers(market_saving_share=0.1), behaviour(cashable_share=0.5)
    assert regions.market_saving_gbp(tested, half, MARKET_TESTED, spend_gbp) == pounds
    assert regions.market_saving_gbp(tested, half, ONE_PROVIDER, spend_gbp) == 0


def test_force_crowds_voluntary_collaboration_out() -> None:
    """Half the pressure and half a mandate take 2 in 100 a month; a year of both leaves 0.62."""
    strained = behaviour(crowding_out_per_month=0.02)
    assert regions.collaboration_kept(levers(), strained) == 1.0
    forced = levers(pressure=0.5, mandate=0.5)
    assert regions.collaboration_kept(forced, strained) == pytest.approx(0.98019867)
    most = levers(pressure=1.0, mandate=1.0)
    assert regions.collaboration_kept(most, strained) ** 12 == pytest.approx(0.61878339)


# Providers.


def test_a_perfect_public_provider_weighs_nothing() -> None:
    """Half its quality gone takes 2 x 0.5 from the logit; private owners 0.7, joint ones half."""
    mind = behaviour(quality_weight=2.0, public_preference=0.7)
    assert providers.appeal(provider(), mind) == 0.0
    assert providers.appeal(provider(quality=0.5), mind) == pytest.approx(-1.0)
    assert providers.appeal(provider(public_share=0.5), mind) == pytest.approx(-0.35)
    assert providers.appeal(provider(quality=0.5, public_share=0.0), mind) == pytest.approx(-1.7)


@for_all(SHARES, SHARES, SHARES)
def test_appeal_rises_with_quality_and_public_ownership(a: float, b: float, other: float) -> None:
    """It is never above that of a perfect public provider."""
    low, high = sorted((a, b))
    for name, second in (("quality", "public_share"), ("public_share", "quality")):
        less, more = (
            providers.appeal(provider(**{name: value, second: other}), behaviour())
            for value in (low, high)
        )
        assert less <= more <= 0.0


@pytest.mark.parametrize(
    ("status", "closed", "takes"),
    [(ABSENT, False, False), (OPEN_FOR_ALL, False, True), (CONDITIONAL, False, True),
     (STOPPED, True, False), (WITHDRAWN, True, False)],
)  # fmt: skip
def test_who_is_open_takes_members(status: int, closed: bool, takes: bool) -> None:
    """The absent are not closed, and take nobody."""
    assert providers.has_closed(provider(status=status)) == closed
    assert providers.takes_members(provider(status=status)) == takes


@pytest.mark.parametrize(
    ("capacity", "customers", "expected", "places"),
    [(10.0, 0, 0, 10), (10.0, 9, 0, 1), (10.0, 10, 0, 0), (10.0, 6, 3, 1), (10.0, 9, 3, 0),
     (7.9, 0, 0, 7), (0.5, 0, 0, 0), (math.inf, 5, 0, providers.MOST_PLACES - 5)],
)  # fmt: skip
def test_places_are_whole_and_kept_for_those_who_come_over(
    capacity: float, customers: int, expected: int, places: int
) -> None:
    """What is left of the whole part of the capacity, never below none."""
    side = provider(capacity=capacity, customers=customers, expected=expected)
    assert providers.free_places(side) == places


def test_quality_suffers_from_price_cuts_and_open_gaps() -> None:
    """0.9 less 0.7 x 0.1 for the cut, 0.2 for the open gaps; never below none."""
    skimps, cut = behaviour(skimping=0.7), levers(price_cut_share=0.1)
    spend = {"waiting_spend_gbp": 200_000, "live_spend_gbp": 100_000}
    calm = provider(quality_at_launch=0.9, **spend)
    strained = provider(quality_at_launch=0.9, open_gap_gbp=60_000, **spend)
    assert providers.quality_target(strained, cut, skimps) == pytest.approx(0.63)
    assert providers.quality_target(calm, cut, skimps) == pytest.approx(0.83)
    assert providers.quality_target(calm, levers(), skimps) == 0.9
    swamped = provider(quality_at_launch=0.9, open_gap_gbp=300_000, **spend)
    assert providers.quality_target(swamped, levers(), skimps) == 0.0


def test_quality_recovers_by_the_same_part_every_month() -> None:
    """At a rate of ln 2 it goes half the way; a failure of a quarter takes that of what is left."""
    half = behaviour(recovery_per_month=math.log(2.0))
    assert providers.next_quality(0.4, 0.8, half, 0.0) == pytest.approx(0.6)
    assert providers.next_quality(0.8, 0.4, half, 0.0) == pytest.approx(0.6)
    assert providers.next_quality(0.4, 0.8, half, 0.25) == pytest.approx(0.45)
    assert providers.next_quality(0.7, 0.7, half, 0.0) == 0.7
    assert providers.next_quality(0.7, 0.7, half, 1.0) == 0.0


@for_all(SHARES, SHARES, SHARES, SHARES, st.floats(0.0, 5.0), st.integers(0, 99))
def test_quality_stays_between_none_and_perfect(
    now: float,
    launch: float,
    cut: float,
    severity: float,
    rate: float,
    gap: int,
) -> None:
    """Whatever is asked of a provider; without a failure it never overshoots its target."""
    strained = provider(quality_at_launch=launch, live_spend_gbp=99, open_gap_gbp=gap)
    target = providers.quality_target(strained, levers(price_cut_share=cut), behaviour())
    assert 0.0 <= target <= launch
    quiet = providers.next_quality(now, target, behaviour(recovery_per_month=rate), 0.0)
    assert min(now, target) - 1e-12 <= quiet <= max(now, target) + 1e-12
    hit = providers.next_quality(now, target, behaviour(recovery_per_month=rate), severity)
    assert 0.0 <= hit <= quiet
    assert hit == pytest.approx(quiet * (1.0 - severity))


def test_a_faultless_or_idle_provider_never_fails() -> None:
    """At a quality of 0.6 the hazard is 0.4 of the worst; who has no customers fails nobody."""
    often = behaviour(failure_per_month=0.1)
    assert providers.failure_rate(provider(quality=0.6, customers=1), often) == pytest.approx(0.04)
    assert providers.failure_rate(provider(quality=0.0, customers=9), often) == pytest.approx(0.1)
    assert providers.failure_rate(provider(quality=1.0, customers=9), often) == 0.0
    assert providers.failure_rate(provider(quality=0.0, customers=0), often) == 0.0


def test_a_failure_on_record_is_that_of_the_provider_named() -> None:
    """Providers are numbered from 1; number 0 is every one."""
    second, every = ({"incident_severity": 0.5, "incident_provider": row} for row in (2.0, 0.0))
    assert [providers.failure_on_record(levers(**second), row) for row in range(3)] == [0, 0.5, 0]
    assert [providers.failure_on_record(levers(**every), row) for row in range(3)] == [0.5] * 3
    assert providers.failure_on_record(levers(), 0) == 0.0


@pytest.mark.parametrize(
    ("quality", "verdict"),
    [(0.0, STOPPED), (0.49, STOPPED), (0.5, CONDITIONAL), (0.74, CONDITIONAL),
     (0.75, OPEN_FOR_ALL), (1.0, OPEN_FOR_ALL)],
)  # fmt: skip
def test_an_assessment_stops_below_the_bar(quality: float, verdict: int) -> None:
    """At a bar of 0.5 and a margin of 0.25: stopped, passed with conditions, passed."""
    assert providers.verdict(levers(assessment_bar=0.5, assessment_margin=0.25), quality) == verdict
    assert providers.verdict(levers(), quality) == OPEN_FOR_ALL


def test_private_owners_fear_a_reversal_and_public_ones_avoid_redundancy() -> None:
    """A joint venture: 0.04 a month x (0.5 x 0.6 + 0.5 x 0.2), of which a cap leaves 0.9."""
    pace = behaviour(entry_per_month=0.04)
    torn = {"reversal_risk": 0.4, "redundancy_avoided_share": 0.2}
    joint = provider(status=ABSENT, public_share=0.5)
    assert providers.entry_rate(joint, levers(**torn), pace) == pytest.approx(0.016)
    capped = levers(**torn, management_cost_cap=0.1)
    assert providers.entry_rate(joint, capped, pace) == pytest.approx(0.0144)
    assert providers.entry_rate(provider(public_share=0.0), levers(), pace) == 0.04
    assert providers.entry_rate(provider(public_share=1.0), levers(), pace) == 0.0
    assert providers.entry_rate(provider(public_share=0.0), levers(reversal_risk=1.0), pace) == 0.0


def test_what_a_provider_is_paid_and_gives_in_a_month() -> None:
    """Hand-made: 120,000 GBP a year waiting, 240,000 live; a tenth off, 0.4 of it on migrating.

    The waiting get 0.06 and a cap of 0.05 of their spend, the live 0.1 and 0.05: 4,100 a month.
    """
    side = provider(waiting_spend_gbp=120_000, live_spend_gbp=240_000)
    given = {"discount_share": 0.1, "conditional_share": 0.4, "management_cost_cap": 0.05}
    assert providers.month_rebates_gbp(side, levers(**given)) == pytest.approx(4_100.0)
    assert providers.month_price_cut_gbp(side, levers(price_cut_share=0.1)) == pytest.approx(
        3_000.0
    )
    own = providers.month_own_saving_gbp(side, levers(supplier_saving_share=0.05))
    assert own == pytest.approx(1_000.0)
    assert providers.month_fees_gbp(levers(yearly_fee_gbp=1_200.0), 7) == 700.0
    assert providers.refund_gbp(levers(refund_share=0.4), 1_000.0) == 400.0


def test_a_loss_is_outlay_less_revenue() -> None:
    """100 and 20 spent; 50 of fees, 9 saved and 4 offset received, 6 and 7 given away: 70 lost."""
    money = {"fees_gbp": 50.0, "own_saving_gbp": 9.0, "offset_gbp": 4.0, "rebates_gbp": 6.0}
    account = provider(**money, price_cuts_gbp=7.0, invested_gbp=100.0, committed_gbp=20.0)
    assert providers.revenue_gbp(account) == 50.0
    assert providers.loss_gbp(account) == 70.0


@pytest.mark.parametrize(("security", "bearable"), [(1.0, 1.5e6), (0.5, 1.05e6), (0.0, 0.6e6)])
def test_a_parent_bears_a_share_of_its_secure_income(security: float, bearable: float) -> None:
    """A twentieth of 30m GBP a year, of which 0.6 hangs on a contract with the centre."""
    bears = behaviour(loss_tolerance_share=0.05)
    parent = provider(parent_income_gbp=30e6, parent_dependence_share=0.6)
    signed = levers(contract_security=security)
    assert providers.bearable_loss_gbp(parent, signed, bears) == pytest.approx(bearable)
    rich = provider(parent_income_gbp=math.inf, parent_dependence_share=0.6)
    assert providers.bearable_loss_gbp(rich, signed, bears) == math.inf


# Clocks.


def test_attention_is_that_of_the_specification() -> None:
    """0.1 x exp(0.7 x 0.5) x (1 + 0.7 x 0.2) is 0.16177, and half the capacity leaves half.

    A mandate that 26 in 100 follow in a month adds 0.3 of which half is left, a deadline of four
    months a quarter: it waits for nobody's capacity.
    """
    mind = behaviour(attention_per_month=0.1, pressure_attention_weight=0.7)
    assert clocks.attention_rate(levers(), mind, 1.0, 0.0) == 0.1
    pressed = levers(pressure=0.5, capacity=0.5)
    assert clocks.attention_rate(pressed, mind, 1.0, 0.2) == pytest.approx(0.0808868, abs=1e-7)
    ordered = levers(pressure=0.5, capacity=0.5, mandate=1.0 - math.exp(-0.3))
    assert clocks.attention_rate(ordered, mind, 1.0, 0.2) == pytest.approx(0.2308868, abs=1e-7)
    urged = levers(pressure=0.5, capacity=0.5, deadline_months=4.0)
    assert clocks.attention_rate(urged, mind, 1.0, 0.2) == pytest.approx(0.3308868, abs=1e-7)


def test_a_deadline_cuts_business_cases_short() -> None:
    """Half the capacity at 0.4 a month is 0.2; five months given are 0.2 more: half are hurried."""
    pace = behaviour(business_case_per_month=0.4)
    given = levers(capacity=0.5, deadline_months=5.0)
    assert (clocks.deadline_rate(given), clocks.deadline_rate(levers())) == (0.2, 0.0)
    assert clocks.business_case_rate(given, pace) == pytest.approx(0.4)
    assert clocks.haste_probability(given, pace) == pytest.approx(0.5)
    assert clocks.business_case_rate(levers(), pace) == 0.4
    assert clocks.haste_probability(levers(), pace) == 0.0
    ordered = levers(mandate=1.0 - math.exp(-0.3))
    assert clocks.business_case_rate(ordered, pace) == pytest.approx(0.7)


@for_all(st.floats(0.01, 120.0), st.floats(0.0, 3.0), st.floats(0.01, 1.0), st.floats(0.01, 5.0))
def test_haste_is_a_probability(months: float, more: float, capacity: float, rate: float) -> None:
    """It falls with the time given, and with the capacity to finish within it."""
    pace = behaviour(business_case_per_month=rate)
    haste = clocks.haste_probability(levers(deadline_months=months, capacity=capacity), pace)
    assert 0.0 < haste < 1.0
    later = levers(deadline_months=months + more, capacity=capacity)
    abler = levers(deadline_months=months, capacity=min(1.0, capacity + more))
    assert clocks.haste_probability(later, pace) <= haste
    assert clocks.haste_probability(abler, pace) <= haste


def test_timetables_slip_as_far_as_nobody_leads() -> None:
    """0.2 a month, half the capacity, half of the pace slips, of which a lead holds 0.4: 0.07."""
    pace = behaviour(migration_per_month=0.2)
    slips = {"capacity": 0.5, "timetable_slip": 0.5}
    assert clocks.migration_rate(levers(**slips), pace) == pytest.approx(0.05)
    assert clocks.migration_rate(levers(**slips, leadership=0.4), pace) == pytest.approx(0.07)
    assert clocks.migration_rate(levers(**slips, leadership=1.0), pace) == pytest.approx(0.1)
    assert clocks.migration_rate(levers(), pace) == 0.2
    assert clocks.migration_rate(levers(service_open=0.0), pace) == 0.0
    assert clocks.migration_rate(levers(timetable_slip=1.0), pace) == 0.0


def test_members_reappraise_at_the_pace_of_a_business_case() -> None:
    """As far as they have time; neither mandates nor deadlines hurry them."""
    pace = behaviour(business_case_per_month=0.4)
    assert clocks.reappraisal_rate(levers(), pace) == 0.4
    pushed = levers(capacity=0.5, mandate=0.9, deadline_months=1.0)
    assert clocks.reappraisal_rate(pushed, pace) == 0.2


def test_a_bad_provider_cannot_hold_its_customers() -> None:
    """Half may leave early, a lead of 0.2 keeps 0.1; half the quality frees half of the rest."""
    within = levers(term_years=3.0, exit_freedom=0.5, leadership=0.2)
    freedom = [clocks.freedom_to_leave(within, 35, quality) for quality in (1.0, 0.5, 0.0)]
    assert freedom == pytest.approx([0.4, 0.7, 1.0])
    assert clocks.freedom_to_leave(within, 36, 1.0) == 1.0
    assert clocks.freedom_to_leave(levers(exit_freedom=1.0, leadership=1.0), 0, 1.0) == 0.0


@for_all(SHARES, SHARES, SHARES, SHARES, st.integers(0, 60))
def test_freedom_to_leave_is_a_probability(
    exits: float, lead: float, quality: float, other: float, months: int
) -> None:
    """It falls with quality and with leadership, and never comes back to a member that waits."""
    chosen = levers(term_years=2.0, exit_freedom=exits, leadership=lead)
    better, worse = max(quality, other), min(quality, other)
    free = clocks.freedom_to_leave(chosen, months, better)
    assert 0.0 <= free <= 1.0
    assert free <= clocks.freedom_to_leave(chosen, months, worse) + 1e-12
    assert free <= clocks.freedom_to_leave(chosen, months + 1, better)
    unled = levers(term_years=2.0, exit_freedom=exits)
    assert free <= clocks.freedom_to_leave(unled, months, better) + 1e-12


def test_alignment_takes_as_many_steps_as_the_gap_is_wide() -> None:
    """A gap of 0.6 is closed by 40 steps in 100, or by 70 where frameworks do half the work."""
    assert clocks.alignment_probability(levers(), 0.6) == pytest.approx(0.4)
    assert clocks.alignment_probability(levers(common_frameworks=0.5), 0.6) == pytest.approx(0.7)
    assert clocks.alignment_probability(levers(common_frameworks=1.0), 1.0) == 1.0
    assert clocks.alignment_probability(levers(), 0.0) == 1.0


# The centre.


def test_the_review_comes_in_its_month_and_only_below_the_target() -> None:
    """Half of 50 is 25: 24 are too few, in month 12 alone; a review in month 0 never comes."""
    due = {"target_joined": 50.0, "scrap_below_share": 0.5}
    planned, never = levers(**due, review_month=12.0), levers(**due)
    assert centre.review_scraps(planned, 12, 24)
    assert not centre.review_scraps(planned, 12, 25)
    assert not centre.review_scraps(planned, 13, 0)
    assert not centre.review_scraps(never, 0, 0)


@pytest.mark.parametrize(
    ("month", "value"), [(0, 1000.0), (12, 966.18), (30, 917.59), (60, 841.97)]
)
def test_present_value_is_that_of_the_tables(month: int, value: float) -> None:
    """1,000 GBP at 3.5 % a year; without a rate a pound is a pound."""
    assert centre.present_value(1000.0, 0.035, month) == pytest.approx(value, abs=5e-3)
    assert centre.present_value(-1000.0, 0.035, month) == pytest.approx(-value, abs=5e-3)
    assert centre.present_value(1000.0, 0.0, month) == 1000.0


# Choices between providers.


def chosen_rows(sides: Records, stage: int, own: int, in_house: float = 1.0) -> list[int]:
    """Return how many of 4,000 trusts choose none (first) and each of the providers."""
    made, key = episode(in_house=in_house), word(run_key(7, 0))
    mind = behaviour(quality_weight=2.0, public_preference=math.log(2.0))
    month = Month(3, made.levers[3], made.structure[0], made.sector[0], mind, 3.0, key)
    for side in sides:
        provider_opens(side, month)
    trusts = records(TRUST, 4_000, number=np.arange(4_000), stage=stage, provider=own)
    rows = [int(trust_chooses(trust, sides, month)) for trust in trusts]
    return list(np.bincount(np.array(rows) + 1, minlength=len(sides) + 1))


def market(**changed: Any) -> Records:
    """Return five providers: public, private, full, with conditions, closed."""
    status = [OPEN_FOR_ALL, OPEN_FOR_ALL, OPEN_FOR_ALL, CONDITIONAL, STOPPED]
    values: Any = {"public_share": [1.0, 0.0, 1.0, 1.0, 1.0], "capacity": [9.0, 9.0, 0.5, 9.0, 9.0]}
    values |= {"status": status, "quality": 1.0, "customers": 1, "successor": NEVER}
    return records(PROVIDER, 5, **(values | changed))


def test_trusts_choose_by_the_odds_of_quality_and_ownership() -> None:
    """Odds 2 : 1 : 2 of public, private, and public with conditions; nobody signs with the rest."""
    counts = chosen_rows(market(), CONSIDERING, 0)
    assert (counts[0], counts[3], counts[5]) == (0, 0, 0)
    odds = np.array([2.0, 1.0, 2.0]) / 5.0 * 4_000
    assert stats.chisquare([counts[1], counts[2], counts[4]], odds).pvalue > 1e-3
    assert chosen_rows(market(status=STOPPED), CONSIDERING, 0) == [4_000, 0, 0, 0, 0, 0]


def test_where_nobody_has_room_trusts_choose_all_the_same() -> None:
    """They ask in vain: any but the closed, by its odds."""
    full = market(capacity=1.0)
    counts = chosen_rows(full, CONSIDERING, 0)
    assert (counts[0], counts[5]) == (0, 0)
    odds = np.array([2.0, 1.0, 2.0, 2.0]) / 7.0 * 4_000
    assert stats.chisquare(counts[1:5], odds).pvalue > 1e-3
    assert chosen_rows(full, LIVE, 4, in_house=0.0) == [0, 0, 0, 0, 0, 4_000]


def test_customers_of_a_closed_provider_go_by_the_odds_too() -> None:
    """In house 1.5, public 1, private 0.5: none to one that is full or has conditions."""
    counts = chosen_rows(market(), LIVE, 4, in_house=1.5)
    assert counts[3:] == [0, 0, 0]
    assert stats.chisquare(counts[:3], np.array([1.5, 1.0, 0.5]) / 3.0 * 4_000).pvalue > 1e-3


def test_who_cannot_go_anywhere_waits() -> None:
    """Nobody with room and no way back: all stay with their own; with a successor, all go there."""
    shut = market(status=[STOPPED, ABSENT, WITHDRAWN, CONDITIONAL, STOPPED])
    assert chosen_rows(shut, LIVE, 4, in_house=0.0) == [0, 0, 0, 0, 0, 4_000]
    assert chosen_rows(shut, LIVE, 4, in_house=0.1) == [4_000, 0, 0, 0, 0, 0]
    merged = market(successor=[NEVER, NEVER, NEVER, NEVER, 1])
    assert chosen_rows(merged, LIVE, 4, in_house=9.0) == [0, 0, 4_000, 0, 0, 0]


# Whole runs.


@pytest.mark.parametrize("name", ["voting", "staged"])
def test_regions_vote_and_go_on_by_single_stages(name: str) -> None:
    """A plan follows on a quorum at the start of the month, and only on that; no stage is lost."""
    seen: set[int] = set()
    for _, levers, _, before, after in passed(name):
        old, new = before.regions["stage"], after.regions["stage"]
        assert np.all((new == old) | (new == old + 1))
        counts = before.regions["in_stage"]
        in_favour = counts[:, MEMBERS].sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
        votes = (old == NO_PLAN) & (in_favour >= levers["quorum_share"])
        assert np.array_equal((old == NO_PLAN) & (new == PLANNED), votes)
        assert after.centre[0]["regions_planned"] == np.sum(new >= PLANNED)
        seen |= set(new[new != old])
    assert seen == {PLANNED, COMMON_SYSTEMS, ONE_PROVIDER, MARKET_TESTED}


@pytest.mark.parametrize("name", ["voting", "staged"])
def test_members_wait_for_their_region(name: str) -> None:
    """Nobody migrates without a plan; in a staged scheme nobody is live before common systems."""
    starts, shares = [], []
    for month in passed(name):
        old, new = month.before.trusts["stage"], month.after.trusts["stage"]
        of_region = month.after.regions["stage"][month.after.trusts["region"]]
        starts.extend(of_region[(old == JOINED) & (new == MIGRATING)])
        shares.extend(of_region[(old == MIGRATING) & (new == LIVE)])
    assert min(starts) == PLANNED
    assert min(shares) == (COMMON_SYSTEMS if name == "staged" else PLANNED)


@pytest.mark.parametrize("name", ["voting", "staged", "market", "stranded"])
def test_pathfinders_have_joined_at_the_launch(name: str) -> None:
    """The trusts of the first two regions, but for the exempt, have signed in month 0; no other.

    As far as there are places: then all of them are taken.
    """
    for states in (trajectory(name, run).states for run in RUNS):
        trusts, regions, providers = states[0].trusts, states[0].regions, states[0].providers
        is_full = providers["customers"] == np.floor(providers["capacity"])
        path = trusts["region"] < 2
        stages = (JOINED, EXEMPT, IDLE) if is_full.any() else (JOINED, EXEMPT)
        assert np.all(np.isin(trusts["stage"][path], stages))
        assert not np.any(is_member(trusts) & ~path)
        assert list(regions["stage"]) == [PLANNED, PLANNED, NO_PLAN, NO_PLAN, NO_PLAN]
        assert states[0].centre[0]["joined"] == np.sum(trusts["stage"] == JOINED) > 0


@every_run
def test_providers_open_and_close_once(run_of: tuple[str, int]) -> None:
    """Who is absent may enter, who is open may close, and nobody is served by the absent."""
    arrows = {(ABSENT, OPEN_FOR_ALL), (OPEN_FOR_ALL, CONDITIONAL), (CONDITIONAL, WITHDRAWN)}
    arrows |= {(OPEN_FOR_ALL, STOPPED), (OPEN_FOR_ALL, WITHDRAWN)}
    for before, after in pairwise(trajectory(*run_of).states):
        old, new = before.providers["status"], after.providers["status"]
        assert set(zip(old[new != old], new[new != old], strict=True)) <= arrows
        assert not np.any(after.providers["customers"][new == ABSENT])
        assert np.all((after.providers["quality"] >= 0.0) & (after.providers["quality"] <= 1.0))
        opened = np.isin(new, (OPEN_FOR_ALL, CONDITIONAL)).sum()
        assert after.centre[0]["providers_open"] == opened


def test_providers_meet_every_fate() -> None:
    """Providers enter, pass, are stopped and give up somewhere: the laws here are not idle."""
    names = ("market", "merging", "stranded", "dropped")
    ends = [state for name in names for state in (m.after for m in passed(name))]
    assert {int(x) for state in ends for x in state.providers["status"]} == set(range(5))


@pytest.mark.parametrize("name", ["market", "merging", "stranded", "dropped"])
def test_customers_of_a_closed_provider_go_where_they_can(name: str) -> None:
    """To its successor; or to one open for all with room, or in house; else they wait.

    All of them go at once, in the stage that they have reached; who waits lost the lot or found
    nobody: whoever had places is full then.
    """
    went = {"heir": 0, "other": 0, "in house": 0, "waits": 0}
    for _, levers, _, before, after in passed(name):
        sides, closed = before.providers, has_closed(before)
        takes = (sides["status"] == OPEN_FOR_ALL) & (sides["customers"] < sides["capacity"])
        for old, new in zip(before.trusts, after.trusts, strict=True):
            if not np.isin(old["stage"], MEMBERS) or not closed[old["provider"]]:
                continue
            heir = sides["successor"][old["provider"]]
            stays = new["stage"] == old["stage"]
            if heir != NEVER and not closed[heir]:
                assert new["provider"] == heir
                assert stays
                went["heir"] += 1
            elif new["stage"] == LEFT:
                assert levers["in_house"] > 0.0
                went["in house"] += 1
            elif new["provider"] == old["provider"]:
                full = after.providers["customers"] >= np.floor(after.providers["capacity"])
                assert full[takes].any() if takes.any() else levers["in_house"] == 0.0
                went["waits"] += 1
            else:
                assert takes[new["provider"]]
                assert stays
                went["other"] += 1
    met = {"merging": {"heir"}, "stranded": {"other", "waits"}}.get(name, {"other", "in house"})
    assert {way for way, number in went.items() if number > 0} >= met
    assert went["heir"] == 0 or name == "merging"


def test_new_members_sign_with_a_provider_that_has_room() -> None:
    """Whoever signs goes to a provider that was open and had room as the month began."""
    chosen: set[int] = set()
    for _, _, _, before, after in chain(passed("market"), passed("stranded")):
        rows = after.trusts["provider"][new_signatures(before, after)]
        sides = before.providers
        assert np.all(np.isin(sides["status"][rows], (OPEN_FOR_ALL, CONDITIONAL)))
        assert np.all(sides["customers"][rows] < np.floor(sides["capacity"][rows]))
        chosen |= set(rows)
    assert chosen == {0, 1, 2, 3}


def test_a_merger_hands_on_its_room() -> None:
    """The capacity of who closes is added to that of its successor, which is open for all."""
    merged = 0
    for _, _, _, before, after in passed("merging"):
        added = np.zeros(len(after.providers))
        for row in np.flatnonzero(after.providers["successor"] != before.providers["successor"]):
            heir = after.providers["successor"][row]
            assert OPEN_FOR_ALL in (x.providers["status"][heir] for x in (before, after))
            added[heir] += after.providers["capacity"][row]
            merged += 1
        grown = after.providers["capacity"] - before.providers["capacity"]
        assert np.array_equal(grown, added)
    assert merged > 0


def merged(second: float) -> list[tuple[Records, Records]]:
    """Return trusts and providers in the month after an assessment, with mergers, in 40 runs.

    At a bar of 0.5 and a margin of 0.2 the first of three providers is stopped and the third
    passes; the second has this quality. All have joined, and nobody leaves of its own accord.
    """
    offers = [{"quality": quality, "capacity": 30.0} for quality in (0.1, second, 1.0)]
    bar: Any = {"assessment_month": 2.0, "assessment_bar": 0.5, "assessment_margin": 0.2}
    all_in: Any = {"pathfinders": 5.0, "mandate": 1.0, "in_house": 100.0}
    made = episode(60, 3, offers=offers, merger=1.0, **all_in, **bar)
    calm = behaviour(failure_per_month=0.0, recovery_per_month=0.0)
    ends = [lived(made, calm, 5, run)[-1] for run in range(40)]
    return [(end.trusts, end.providers) for end in ends]


def test_customers_of_who_is_stopped_go_to_who_passes() -> None:
    """All of them, to one of the survivors by lot, however readily they would go in house."""
    heirs = []
    for trusts, sides in merged(second=0.9):
        assert list(sides["status"]) == [STOPPED, OPEN_FOR_ALL, OPEN_FOR_ALL]
        heirs.append(int(sides["successor"][0]))
        assert (sides["customers"][0], sides["departures"].sum()) == (0, 0)
        assert sides["customers"].sum() == is_member(trusts).sum() == 60
    assert set(heirs) == {1, 2}
    assert stats.binomtest(heirs.count(1), len(heirs)).pvalue > 1e-3


def test_who_passes_with_conditions_takes_nobody_over() -> None:
    """Not in the month of its own assessment either, whatever the order of the providers."""
    for _, sides in merged(second=0.6):
        assert list(sides["status"]) == [STOPPED, CONDITIONAL, OPEN_FOR_ALL]
        assert list(sides["successor"]) == [2, NEVER, NEVER]


def test_who_is_stopped_in_the_same_month_is_no_heir() -> None:
    """Where two are stopped, the customers of both go to the third."""
    for _, sides in merged(second=0.3):
        assert list(sides["status"]) == [STOPPED, STOPPED, OPEN_FOR_ALL]
        assert list(sides["successor"]) == [2, 2, NEVER]
        assert sides["departures"].sum() == 0


def test_pathfinders_share_early_where_nobody_aligns_first_and_pay_nothing() -> None:
    """Who is chosen at the launch signs free of charge, and on the terms of its scheme."""
    fee: Any = {"upfront_fee_gbp": 3e4, "grant_gbp": 1e4}
    for first in (0.0, 1.0):
        made = episode(60, 1, pathfinders=5.0, alignment_first=first, **fee)
        launch, after = lived(made, behaviour(attention_per_month=0.0), 5, 0)
        assert np.all(launch.trusts["exposed"] == 1 - first)
        assert after.centre[0]["joined"] == 60
        assert after.centre[0]["grants_gbp"] == after.providers["fees_gbp"].sum() == 0.0


@pytest.mark.parametrize("name", ["market", "dropped"])
def test_failures_on_record_happen_and_are_heard_of(name: str) -> None:
    """The second provider loses four fifths of its quality in month 6, every one half in month 24.

    Of a provider that has not entered nothing is heard.
    """
    heard = 0
    for number, _, _, _, after in passed(name):
        severity = {6: np.array([0.0, 0.8, 0.0, 0.0]), 24: np.full(4, 0.5)}.get(number, np.zeros(4))
        absent = after.providers["status"] == ABSENT
        assert np.all(after.providers["alarm"] >= np.where(absent, 0.0, severity))
        assert not np.any(after.providers["alarm"][absent])
        assert np.all(after.providers["quality"][~absent] <= 1.0 - severity[~absent])
        heard += int(np.any(severity > 0.0))
    assert heard >= len(RUNS)


def test_providers_enter_at_their_pace() -> None:
    """Of 200 in waiting at a rate of 0.1, 63 in 100 have entered after ten months."""
    offers = [{}, *[{"enters_later": 1.0, "public_share": 0.0}] * 200]
    last = lived(episode(5, 10, offers=offers), behaviour(entry_per_month=0.1), 5, 0)[-1]
    entered = int(np.sum(last.providers["status"] == OPEN_FOR_ALL)) - 1
    assert stats.binomtest(entered, 200, 1.0 - math.exp(-1.0)).pvalue > 1e-3


def test_who_is_hurried_shares_early() -> None:
    """A deadline as quick as their own pace hurries half of those who sign; else nobody is.

    Where nobody aligns first all share early.
    """
    exposed = {}
    for deadline, first in ((0.0, 1.0), (2.0, 1.0), (2.0, 0.0)):
        terms: Any = {"deadline_months": deadline, "alignment_first": first, "gap_analysis": 0.0}
        pace = behaviour(business_case_per_month=0.5, attention_per_month=0.3)
        states = lived(episode(400, 12, **terms), pace, 5, 0)
        rows = [after.trusts[new_signatures(before, after)] for before, after in pairwise(states)]
        exposed[deadline, first] = np.concatenate([trusts["exposed"] for trusts in rows])
    assert min(map(len, exposed.values())) > 100
    assert not np.any(exposed[0.0, 1.0])
    assert np.all(exposed[2.0, 0.0])
    hurried = exposed[2.0, 1.0]
    assert stats.binomtest(int(hurried.sum()), len(hurried), 0.5).pvalue > 1e-3
