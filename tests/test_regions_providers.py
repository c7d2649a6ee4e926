"""Regions, providers and the centre: known answers, limits and directions of every rule.

All numbers were worked out by hand. The second half holds the same rules to account in whole runs,
those of ``test_conservation``.
"""

from __future__ import annotations

import math
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pytest
from building import MIDDLING, NEUTRAL, SECTOR_OF_TESTS, episode, parameters, records
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
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
    LEFT,
    MARKET_TESTED,
    NEVER,
    NO_PLAN,
    ONE_PROVIDER,
    OPEN_FOR_ALL,
    PLANNED,
    PROVIDER,
    SERVED,
    SIGNED,
    STOPPED,
    TRUST,
    WITHDRAWN,
)
from uptake.model.episode import OFFER, SECTOR
from uptake.model.levers import LEVERS
from uptake.model.month import Month, terms
from uptake.model.parameters import PARAMETERS
from uptake.model.processes.choices import trust_chooses
from uptake.model.processes.providers import provider_opens
from uptake.model.rules import centre, providers, regions
from uptake.model.rules import trusts as trust_rules

SHARES = st.floats(0.0, 1.0)


def for_all(*strategies: Any, **named: Any) -> Any:
    """Try a law on 100 examples of these strategies, the same ones every time."""
    repeatable = settings(derandomize=True, database=None, max_examples=100)
    return lambda law: repeatable(given(*strategies, **named)(law))


def levers(**changed: float) -> Any:
    """Return neutral levers, some changed."""
    values: Any = NEUTRAL | changed
    return records(LEVERS, 1, **values)[0]


def behaviour(**changed: float) -> Any:
    """Return middling parameters, some changed."""
    values: Any = MIDDLING | changed
    return records(PARAMETERS, 1, **values)[0]


def sector(**changed: float) -> Any:
    """Return the sector of the tests, with changes."""
    return records(SECTOR, 1, **(SECTOR_OF_TESTS | changed))[0]


def provider(**changed: float) -> Any:
    """Return a public provider, open for all, without fault and without limit, with changes."""
    values: Any = {"status": OPEN_FOR_ALL, "public_share": 1.0, "successor": NEVER}
    values |= {"quality": 1.0, "quality_at_launch": 1.0, "capacity": math.inf}
    values |= {"running_cost_share": 1.0, "outlook": 1.0}
    return records(PROVIDER, 1, **(values | changed))[0]


# Regions.

STEPS = [  # stage, in favour, aligned, served, tested, next stage; at a quorum of a half
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


@pytest.mark.parametrize(("stage", "in_favour", "aligned", "served", "tested", "after"), STEPS)
def test_a_region_goes_on_by_one_stage_when_its_quorum_is_met(
    stage: int, in_favour: float, aligned: float, served: float, tested: bool, after: int
) -> None:
    """Votes for a plan, aligned members for common systems, served ones for one provider."""
    voting = levers(quorum_share=0.5, market_saving_share=0.1)
    assert regions.next_stage(stage, voting, in_favour, aligned, served, tested) == after
    alone = levers(quorum_share=0.0, market_saving_share=0.1)
    assert regions.next_stage(stage, alone, in_favour, aligned, served, tested) == stage


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


def test_members_of_a_region_wait_for_its_plan() -> None:
    """Alone nobody waits for anything; with a quorum work and service wait for the plan."""
    for stage in range(MARKET_TESTED + 1):
        assert regions.opens_work(levers(), stage)
        assert regions.opens_work(levers(quorum_share=0.5), stage) == (stage >= PLANNED)


@pytest.mark.parametrize(("spend_gbp", "pounds"), [(0, 0), (1_200_000, 5_000), (1_000_001, 4_167)])
def test_a_market_test_saves_a_share_of_what_is_served(spend_gbp: int, pounds: int) -> None:
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


def test_a_provider_appeals_by_its_quality_its_cost_and_its_owners() -> None:
    """Hand-made, at 8 logits a year of own spend over a term worth 2.5 years: 20 logits.

    Half of the spend is taken over at a quality 0.1 better than at home: 1. At a cost of 0.9 of
    what it replaces, of which members bear half: 0.5 more. In private hands 0.7 less, joint half.
    """
    mind, home = behaviour(value_weight=8.0, public_preference=0.7), sector(home_quality=0.8)
    half = levers(share_replaced=0.5, cost_shared=0.5)

    def appeal(**changed: float) -> float:
        return trust_rules.appeal(provider(**changed), half, mind, home, 2.5)

    assert appeal(outlook=0.8) == 0.0
    assert appeal(outlook=0.9) == pytest.approx(1.0)
    assert appeal(outlook=0.9, running_cost_share=0.9) == pytest.approx(1.5)
    assert appeal(outlook=0.8, public_share=0.0) == pytest.approx(-0.7)
    assert appeal(outlook=0.8, public_share=0.5) == pytest.approx(-0.35)
    assert (
        trust_rules.appeal(provider(outlook=0.1), levers(), mind, home, 2.5) == 0.0
    )  # none taken over


@for_all(SHARES, SHARES, st.floats(0.0, 2.0), st.floats(0.25, 30.0))
def test_trusts_expect_the_mean_quality_of_a_term(
    now: float, target: float, rate: float, years: float
) -> None:
    """On its way to the target at this rate; of many small steps over the term, by the midpoint."""
    expected = providers.outlook(
        now, target, levers(term_years=years), behaviour(recovery_per_month=rate)
    )
    months = (np.arange(4_000) + 0.5) / 4_000 * 12.0 * years
    path = target + (now - target) * np.exp(-rate * months)
    assert expected == pytest.approx(path.mean(), abs=2e-3)
    assert min(now, target) - 1e-12 <= expected <= max(now, target) + 1e-12


def test_a_plan_is_counted_on_in_the_first_months_after_entry() -> None:
    """Twelve months from the launch, or from month 5; 0 months are none."""
    offer = records(OFFER, 1, planned_spend_gbp=2e7, ramp_months=12.0)[0]
    for entered in (0, 5):
        side = provider(entered_month=entered)
        planned = [providers.planned_spend_gbp(side, offer, entered + at) for at in (1, 12, 13)]
        assert planned == [2e7, 2e7, 0.0]
    offer.ramp_months = 0.0
    assert providers.planned_spend_gbp(provider(), offer, 1) == 0.0


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
    """0.9 less 0.7 x 0.1 for the cut; a fifth of the spend's gaps open harm 0.5 of that of what

    is taken over, which is half: 0.05. Never below none.
    """
    skimps, cut = behaviour(skimping=0.7, open_gap_harm=0.5), levers(price_cut_share=0.1)
    cut.share_replaced = 0.5
    strained = provider(quality_at_launch=0.9, served_spend_gbp=300_000, open_gap_gbp=60_000)
    assert providers.quality_target(strained, 0, cut, skimps) == pytest.approx(0.78)
    calm = provider(quality_at_launch=0.9, served_spend_gbp=300_000)
    assert providers.quality_target(calm, 0, cut, skimps) == pytest.approx(0.83)
    assert providers.quality_target(strained, 0, levers(), skimps) == 0.9  # nothing is taken over
    idle = provider(quality_at_launch=0.9)
    assert providers.quality_target(idle, 0, levers(share_replaced=1.0), skimps) == 0.9
    swamped = provider(quality_at_launch=0.4, served_spend_gbp=300_000, open_gap_gbp=300_000)
    assert providers.quality_target(swamped, 0, levers(share_replaced=1.0), skimps) == 0.0


def test_quality_recovers_by_the_same_part_every_month() -> None:
    """At a rate of ln 2 it goes half the way; a failure of a quarter takes that of what is left."""
    half = behaviour(recovery_per_month=math.log(2.0))
    assert providers.next_quality(0.4, 0.8, half, 0.0) == pytest.approx(0.6)
    assert providers.next_quality(0.8, 0.4, half, 0.0) == pytest.approx(0.6)
    assert providers.next_quality(0.4, 0.8, half, 0.25) == pytest.approx(0.45)
    assert providers.next_quality(0.7, 0.7, half, 0.0) == 0.7
    assert providers.next_quality(0.7, 0.7, half, 1.0) == 0.0


def qualities(*changes: tuple[int, dict[str, float]]) -> NDArray[np.float64]:
    """Return two providers' quality, at first 0.8, month by month: it goes half the way in each."""
    made = episode(10, 80, offers=[{"quality": 0.8}] * 2, changes=list(changes))
    mind = parameters(recovery_per_month=math.log(2.0), failure_per_month=0.0)[0]
    return np.array([state.providers["quality"] for state in lived(made, mind, 1, 0)])


def test_lasting_damage_takes_quality_down_until_it_ends() -> None:
    """The second loses 0.3 from month 6 to 40: it goes to 0.5, then back to 0.8.

    The first is spared, unless all are meant; no damage is none, to the bit, and next to none does
    next to nothing.
    """
    months, ends = np.arange(81), (41, {"damage": 0.0})
    gone = 0.3 * (1.0 - 0.5 ** np.clip(months - 5, 0, 35))
    known = 0.8 - gone * 0.5 ** np.clip(months - 40, 0, None)
    second = qualities((6, {"damage": 0.3, "damage_provider": 2.0}), ends)
    assert np.all(second[:, 0] == 0.8)
    assert second[:, 1] == pytest.approx(known, abs=1e-12)
    both = qualities((6, {"damage": 0.3}), ends)
    assert np.array_equal(both, second[:, [1, 1]])
    assert np.array_equal(qualities((6, {"damage_provider": 2.0})), qualities())
    assert np.abs(qualities((6, {"damage": 1e-9})) - qualities()).max() < 2e-9
    assert qualities((6, {"damage": 1.0}))[-1] == pytest.approx([0.0, 0.0], abs=1e-12)


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
    strained = provider(quality_at_launch=launch, served_spend_gbp=99, open_gap_gbp=gap)
    asked = levers(price_cut_share=cut, share_replaced=1.0)
    target = providers.quality_target(strained, 0, asked, behaviour())
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


def test_what_a_provider_is_paid_and_spends_in_a_year() -> None:
    """Hand-made: it serves 300,000 GBP of spend of three customers, 100,000 of it aligned.

    Half is taken over. A price: 3 x 1,000 and 150,000, less 0.06 of it and 0.04 of that of the
    aligned (a discount of a tenth, 0.4 of it conditional). A cost: 0.8 of 150,000, and 90,000 of
    fixed cost, or 300,000 in 450,000 of it while a plan counts on those.
    """
    sides: Any = {"served": 3, "served_spend_gbp": 300_000, "aligned_spend_gbp": 100_000}
    side = provider(**sides, running_cost_share=0.8, fixed_cost_gbp=9e4, quality=0.7)
    offer = {"yearly_fee_gbp": 1e3, "discount_share": 0.1, "conditional_share": 0.4}
    half = levers(share_replaced=0.5, **offer)
    assert providers.yearly_price_gbp(side, half) == pytest.approx(3e3 + 0.5 * (3e5 - 1.8e4 - 4e3))
    assert providers.yearly_cost_shared_gbp(side, half) == pytest.approx(1.2e5 + 9e4)
    assert providers.yearly_charges_gbp(side, half) == pytest.approx(1.42e5)
    half.cost_shared = 1.0
    assert providers.yearly_charges_gbp(side, half) == pytest.approx(2.1e5)
    half.cost_shared = 0.5
    assert providers.yearly_charges_gbp(side, half) == pytest.approx(1.76e5)
    side.planned_gbp = 4.5e5
    assert providers.yearly_cost_shared_gbp(side, half) == pytest.approx(1.2e5 + 6e4)
    assert providers.yearly_running_cost_gbp(side, half) == pytest.approx(1.2e5)
    assert providers.yearly_harm_gbp(side, half, sector(home_quality=0.9)) == pytest.approx(3e4)
    assert providers.yearly_harm_gbp(side, half, sector(home_quality=0.7)) == 0.0
    saves = behaviour(realised_saving_share=0.1, cashable_share=0.5)
    assert providers.yearly_saving_gbp(side, saves) == pytest.approx(3.5e3)
    own = levers(supplier_saving_share=0.05, share_replaced=0.5)
    assert providers.yearly_own_saving_gbp(side, own) == pytest.approx(2.5e3)
    assert providers.yearly_cost_shared_gbp(provider(fixed_cost_gbp=9e4), half) == 0.0
    assert providers.refund_gbp(levers(refund_share=0.4), 1_000.0) == 400.0


def test_what_no_quality_at_all_costs() -> None:
    """At a quality of nil all that one had at home is lost, and nothing is saved."""
    side = provider(served_spend_gbp=1_000_000, aligned_spend_gbp=1_000_000, quality=0.0)
    whole = levers(share_replaced=1.0)
    assert providers.yearly_harm_gbp(side, whole, sector(home_quality=0.9)) == pytest.approx(9e5)
    assert providers.yearly_saving_gbp(side, behaviour()) == 0.0


def test_a_loss_is_outlay_and_costs_less_receipts() -> None:
    """100 and 20 put in, 30 of costs; 50 of fees, of which 5 are paid back, 40 of charges, 3 of

    exits, 9 saved, 4 of offset; 6, 7 and 8 given away: 70 lost.
    """
    money: Any = {"upfront_fees_gbp": 50.0, "refunds_gbp": 5.0, "charges_gbp": 40.0}
    money |= {"exits_gbp": 3, "own_saving_gbp": 9.0, "offset_gbp": 4.0, "costs_gbp": 30.0}
    given: Any = {"bundles_gbp": 6.0, "caps_gbp": 7.0, "price_cuts_gbp": 8.0}
    account = provider(**money, **given, invested_gbp=100.0, committed_gbp=20.0)
    assert providers.outlay_gbp(account) == 120.0
    assert providers.loss_gbp(account) == pytest.approx(70.0)


@pytest.mark.parametrize(("security", "bearable"), [(1.0, 4.5e6), (0.5, 3.15e6), (0.0, 1.8e6)])
def test_an_outlay_is_borne_while_the_contract_is_secure(security: float, bearable: float) -> None:
    """3m put in and a twentieth of 30m a year, of which 0.6 hangs on a contract with the centre."""
    bears = behaviour(loss_tolerance_share=0.05)
    parent = provider(parent_income_gbp=30e6, parent_dependence_share=0.6, invested_gbp=3e6)
    signed = levers(contract_security=security)
    assert providers.bearable_loss_gbp(parent, signed, bears) == pytest.approx(bearable)
    rich = provider(parent_income_gbp=math.inf, parent_dependence_share=0.6)
    assert providers.bearable_loss_gbp(rich, signed, bears) == math.inf
    lives_on_it = provider(parent_income_gbp=math.inf, parent_dependence_share=1.0)
    assert providers.bearable_loss_gbp(lives_on_it, levers(contract_security=0.0), bears) == 0.0


def test_a_provider_breaks_even_where_its_margin_covers_its_fixed_cost() -> None:
    """Hand-made: 900,000 GBP a year, at a cost of 0.7 of what it takes over, all of the spend.

    Shared, members pay less than at home from 3m on, whoever is served. At a price less a tenth,
    less 0.02 bundled in and a cap of 0.03, 0.15 of a pound is left: 6m. None at a loss, or before
    anyone is served.
    """
    side = provider(served=1, served_spend_gbp=500_000, running_cost_share=0.7, fixed_cost_gbp=9e5)
    whole = levers(share_replaced=1.0, discount_share=0.1, bundle_share=0.02)
    whole.management_cost_cap = 0.03
    assert providers.break_even_gbp(side, whole) == pytest.approx(6e6)
    whole.discount_share = 0.3
    assert providers.break_even_gbp(side, whole) == 0.0
    nobody = provider(running_cost_share=0.7, fixed_cost_gbp=9e5)
    assert providers.break_even_gbp(nobody, levers(share_replaced=1.0)) == 0.0
    shared = levers(share_replaced=1.0, cost_shared=1.0)
    for account in (side, nobody):
        assert providers.break_even_gbp(account, shared) == pytest.approx(3e6)
    at_it = provider(
        served=1, served_spend_gbp=3_000_000, running_cost_share=0.7, fixed_cost_gbp=9e5
    )
    assert providers.yearly_charges_gbp(at_it, shared) == pytest.approx(3e6)


# The centre.


SEEN: dict[str, float] = {"joined": 25, "served": 10, "cost_gbp": 5e6, "quality": 0.6}
BARS = {
    "target_joined": 50.0, "scrap_below_share": 0.5, "scrap_below_served": 10.0,
    "scrap_above_cost_gbp": 5e6, "scrap_below_quality": 0.6,
}  # fmt: skip


def review(month: int = 12, seen: Any = SEEN, **changed: float) -> int:
    """Return what a review in month 12 scraps a scheme for, at the bars of the tests."""
    chosen = levers(**(BARS | {"review_month": 12.0} | changed))
    return centre.scrapped_for(
        chosen, month, int(seen["joined"]), int(seen["served"]), seen["cost_gbp"], seen["quality"]
    )


MISSED: list[tuple[str, float, int]] = [
    ("joined", 24, centre.SIGNATURES), ("served", 9, centre.SERVICE),
    ("cost_gbp", 5e6 + 1.0, centre.COST), ("quality", 0.59, centre.QUALITY),
]  # fmt: skip


def test_a_review_scraps_for_the_first_threshold_missed() -> None:
    """All just met: it goes on. Each missed alone is the one; of several the first of the page."""
    assert review() == 0
    for at, (name, value, why) in enumerate(MISSED):
        assert review(seen=SEEN | {name: value}) == why
        further: Any = {other: missed for other, missed, _ in MISSED[at:]}
        assert review(seen=SEEN | further, premise_gone=1.0) == why
    assert review(premise_gone=1.0) == centre.PREMISE
    assert [why for *_, why in MISSED] + [centre.PREMISE] == [1, 2, 3, 4, 5]


def test_a_review_comes_in_its_month_alone() -> None:
    """A review in month 0 never comes."""
    missed: Any = {name: value for name, value, _ in MISSED}
    assert review(month=12, seen=missed) == centre.SIGNATURES
    assert review(month=11, seen=missed) == review(month=13, seen=missed) == 0
    assert review(month=0, seen=missed, review_month=0.0) == 0


def test_a_review_asks_for_no_quality_where_nobody_is_served() -> None:
    """There is none to ask for; and thresholds that are not set are met by whatever there is."""
    nobody = {"joined": 0.0, "served": 0.0, "cost_gbp": 1e14, "quality": 0.0}
    unset: Any = {name: NEUTRAL[name] for name in BARS}
    assert review(seen=nobody, **unset) == 0
    assert review(seen=nobody, **(unset | {"scrap_below_quality": 1.0})) == 0
    assert review(seen=nobody | {"served": 1.0}, **(unset | {"scrap_below_quality": 1.0})) == 4


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
    mind = behaviour(public_preference=math.log(2.0))
    now, offer = made.levers[3], made.offers[0]
    month = Month(
        3, now, made.structure[0], made.sector[0], mind, terms(now, made.sector[0], 3), key
    )
    for side in sides:
        provider_opens(side, offer, 0, month)
    trusts = records(
        TRUST, 4_000, number=np.arange(4_000), stage=stage, provider=own, spend_gbp=1e6
    )
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


def test_a_match_lasts() -> None:
    """A trust that looks to one provider does so again while nothing has changed."""
    made, mind, key = episode(), behaviour(), word(run_key(7, 0))
    sides, rows = market(capacity=99.0), []
    for number in (3, 9):
        now, at = made.levers[number], made.sector[0]
        month = Month(number, now, made.structure[0], at, mind, terms(now, at, number), key)
        for side in sides:
            provider_opens(side, made.offers[0], 0, month)
        trusts = records(TRUST, 200, number=np.arange(200), stage=IDLE, spend_gbp=1e6)
        rows.append([int(trust_chooses(trust, sides, month)) for trust in trusts])
    assert rows[0] == rows[1]
    assert set(rows[0]) == {0, 1, 2, 3}


def test_where_nobody_has_room_trusts_choose_all_the_same() -> None:
    """They ask in vain: any but the closed, by its odds."""
    full = market(capacity=1.0)
    counts = chosen_rows(full, CONSIDERING, 0)
    assert (counts[0], counts[5]) == (0, 0)
    odds = np.array([2.0, 1.0, 2.0, 2.0]) / 7.0 * 4_000
    assert stats.chisquare(counts[1:5], odds).pvalue > 1e-3
    assert chosen_rows(full, SERVED, 4, in_house=0.0) == [0, 0, 0, 0, 0, 4_000]


def test_customers_of_a_closed_provider_go_by_the_odds_too() -> None:
    """In house 1.5, public 1, private 0.5: none to one that is full or has conditions."""
    counts = chosen_rows(market(), SERVED, 4, in_house=1.5)
    assert counts[3:] == [0, 0, 0]
    assert stats.chisquare(counts[:3], np.array([1.5, 1.0, 0.5]) / 3.0 * 4_000).pvalue > 1e-3


def test_who_cannot_go_anywhere_waits() -> None:
    """Nobody with room and no way back: all stay with their own; with a successor, all go there."""
    shut = market(status=[STOPPED, ABSENT, WITHDRAWN, CONDITIONAL, STOPPED])
    assert chosen_rows(shut, SERVED, 4, in_house=0.0) == [0, 0, 0, 0, 0, 4_000]
    assert chosen_rows(shut, SERVED, 4, in_house=0.1) == [4_000, 0, 0, 0, 0, 0]
    merged = market(successor=[NEVER, NEVER, NEVER, NEVER, 1])
    assert chosen_rows(merged, SERVED, 4, in_house=9.0) == [0, 0, 4_000, 0, 0, 0]


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
    """Nobody aligns or is served without a plan; in stages nobody before common systems.

    Nobody is served in the month of its signature, nor before the service opens, nor more in a
    month than a wave can hold.
    """
    starts, served = [], []
    for month in passed(name):
        before, after = month.before.trusts, month.after.trusts
        of_region = month.after.regions["stage"][after["region"]]
        begins = (before["work_month"] == NEVER) & (after["work_month"] != NEVER)
        starts.extend(of_region[begins])
        new = (before["stage"] != SERVED) & (after["stage"] == SERVED)
        served.extend(of_region[new])
        levers, number = month.levers, month.number
        assert not np.any(after["signed_month"][new] == number)
        waves = levers["waves_per_month"]
        allowed = math.floor(waves * number) - math.floor(waves * (number - 1))
        assert np.sum(new) <= allowed * (number >= levers["opens_month"])
    assert min(starts) == PLANNED
    assert min(served) == (COMMON_SYSTEMS if name == "staged" else PLANNED)


@pytest.mark.parametrize("name", ["voting", "staged", "market", "stranded"])
def test_pathfinders_have_joined_at_the_launch(name: str) -> None:
    """The trusts of the first two regions, but for the exempt, have signed in month 0; no other.

    As far as there are places: then all of them are taken.
    """
    for states in (trajectory(name, run).states for run in RUNS):
        trusts, regions, providers = states[0].trusts, states[0].regions, states[0].providers
        is_full = providers["customers"] == np.floor(providers["capacity"])
        path = trusts["region"] < 2
        stages = (SIGNED, EXEMPT, IDLE) if is_full.any() else (SIGNED, EXEMPT)
        assert np.all(np.isin(trusts["stage"][path], stages))
        assert not np.any(is_member(trusts) & ~path)
        assert list(regions["stage"]) == [PLANNED, PLANNED, NO_PLAN, NO_PLAN, NO_PLAN]
        assert states[0].centre[0]["joined"] == np.sum(trusts["stage"] == SIGNED) > 0


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

    All of them go at once, in the stage that they have reached (who had signed may be served at
    once); who waits lost to lower priorities or found nobody: whoever had places gave them all.
    """
    went = {"heir": 0, "other": 0, "in house": 0, "waits": 0}
    for _, levers, _, before, after in passed(name):
        sides, closed = before.providers, has_closed(before)
        takes = (sides["status"] == OPEN_FOR_ALL) & (sides["customers"] < sides["capacity"])
        comes = is_member(after.trusts) & ~is_member(before.trusts)
        comes |= is_member(after.trusts) & (after.trusts["provider"] != before.trusts["provider"])
        given = np.bincount(after.trusts["provider"][comes], minlength=len(sides))
        places = np.floor(sides["capacity"]) - sides["customers"] - sides["expected"]
        full = given >= places
        for old, new in zip(before.trusts, after.trusts, strict=True):
            if not np.isin(old["stage"], MEMBERS) or not closed[old["provider"]]:
                continue
            heir = sides["successor"][old["provider"]]
            stays = new["stage"] in (old["stage"], SERVED)
            if heir != NEVER and not closed[heir]:
                assert new["provider"] == heir
                assert stays
                went["heir"] += 1
            elif new["stage"] == LEFT:
                assert levers["in_house"] > 0.0
                went["in house"] += 1
            elif new["provider"] == old["provider"]:
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


def test_pathfinders_pay_nothing() -> None:
    """Who is chosen at the launch signs free of charge, and gets no grant."""
    made = episode(60, 3, pathfinders=5.0, upfront_fee_gbp=3e4, grant_gbp=1e9)
    last = lived(made, behaviour(attention_per_month=0.0), 5, 0)[-1]
    assert last.centre[0]["joined"] == 60
    assert last.centre[0]["grants_gbp"] == last.providers["upfront_fees_gbp"].sum() == 0.0


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


def test_a_provider_with_a_date_enters_on_it() -> None:
    """In its month, whatever the pace of entry; and has made its outlay then."""
    offers: Any = [{}, {"enters_later": 1.0, "entry_month": 7.0, "invested_gbp": 5.0}]
    states = lived(episode(5, 9, offers=offers), behaviour(entry_per_month=0.0), 5, 0)
    opened = [int(state.providers["status"][1]) for state in states]
    assert opened == [ABSENT] * 7 + [OPEN_FOR_ALL] * 3
    assert [state.providers["invested_gbp"][1] for state in states] == [0.0] * 7 + [5.0] * 3


def test_who_is_hurried_is_served_before_it_is_aligned() -> None:
    """A deadline hurries some of those who sign, by chance, and in its last month all the others.

    Where alignment comes first, those are served with their gap open, and nobody else is; nobody
    who signs later is hurried.
    """
    for deadline, first in ((1e6, 1.0), (6.0, 1.0), (6.0, 0.0)):
        levers: Any = {"deadline_month": deadline, "alignment_first": first, "gap_analysis": 0.0}
        pace = behaviour(business_case_per_month=0.3, attention_per_month=0.1)
        states = lived(episode(400, 24, **levers), pace, 5, 0)
        hurried, open_gap = [], []
        for before, after in pairwise(states):
            new = new_signatures(before, after)
            hurried.extend(after.trusts["hurried"][new])
            assert not (after.trusts["signed_month"][new] > deadline).any() or not np.any(
                after.trusts["hurried"][new]
            )
            starts = (before.trusts["stage"] == SIGNED) & (after.trusts["stage"] == SERVED)
            rows = after.trusts[starts & (after.trusts["gap"] > 0.3)]
            open_gap.extend(rows["hurried"] == (rows["aligned"] == 0))
        assert len(hurried) > 50
        assert (0.0 < np.mean(hurried) < 1.0) if deadline < 1e6 else not any(hurried)
        assert all(open_gap) or first == 0.0
