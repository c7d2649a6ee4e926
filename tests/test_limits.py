"""Levers and inputs put to their limits: what must come out, and why it must.

The table is that of docs/model.md, "Limits that hold". All that can be said without a run is in
``test_trusts`` and ``test_regions_providers``, and what a run comes to by the month in
``test_known_answers``. Runs that are compared share their random numbers.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from building import NEUTRAL, episode, parameters
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from test_conservation import OFFERS, lived
from uptake.config.schema import lever_meanings
from uptake.engine.compiled import Chunk, run_chunk
from uptake.model import draws
from uptake.model.blanks import blank_facts
from uptake.model.entities import CONSIDERING, DECLINED, EXEMPT, IDLE, NEVER, SERVED, SIGNED
from uptake.model.episode import FRESH, Episode
from uptake.model.observation import COUNTED, OUTCOMES

MEANINGS = lever_meanings()
RUNS = 20

# What one trust does changes nothing for another: none hears of any, and no open gap harms others.
DEAF: Any = {
    "peers_weight": 0.0, "peers_attention_weight": 0.0, "open_gap_harm": 0.0,
}  # fmt: skip
ALONE: Any = {"evidence_shared": 0.0}
# What a trust stakes on does not make it look the sooner: only its decision can change.
INCURIOUS: Any = DEAF | {"stakes_attention": 0.0}
# All look in their first month, and end their case within it.
AT_ONCE: Any = {"attention_per_month": 1e3, "business_case_per_month": 1e6}
# Each decides in the month of its look, and hears of nobody: an earlier look is an earlier answer.
PROMPT: Any = DEAF | {"business_case_per_month": 1e6}


def runs_of(made: Episode, seed: int = 1, runs: int = RUNS, **changed: float) -> Chunk:
    """Return runs of an episode, all with middling parameters but for those given."""
    return run_chunk(made, lambda _, count: parameters(count, **changed), seed, 0, runs)


def ever(made: Episode, seed: int = 1, **changed: Any) -> NDArray[np.int32]:
    """Return how many trusts have ever signed, month by month, shape (runs, months + 1)."""
    return np.asarray(runs_of(made, seed, **changed).curves["joined"])


def same(one: Chunk, other: Chunk, but: tuple[str, ...] = ()) -> bool:
    """Tell whether runs came to the same, to the bit, but for some outcomes."""
    names = [name for name in OUTCOMES.names or () if name not in but]
    return np.array_equal(one.curves, other.curves) and all(
        np.array_equal(one.outcomes[name], other.outcomes[name]) for name in names
    )


# A scheme in which everything happens that levers act on.
FULL: dict[str, Any] = {
    "upfront_fee_gbp": 2e4, "grant_gbp": 5e3, "yearly_fee_gbp": 5e3, "discount_share": 0.15,
    "conditional_share": 0.4, "share_replaced": 0.5, "cost_shared": 0.3, "bundle_share": 0.02,
    "pressure": 0.3, "autonomy": 0.3, "exit_freedom": 0.4, "service_month": 3.0, "funded": 0.3,
    "opens_month": 5.0, "leadership": 0.3, "programme_cost_gbp": 1e5, "sanction_share": 0.01,
    "deadline_month": 14.5, "staff_leaving_share": 0.2, "redundancy_cost_share": 0.5,
    "misfit": 0.5, "exempt_share": 0.1, "benchmark_weight": 2.0, "claimed_saving_share": 0.1,
    "collaboration_share": 0.2, "legal_risk_per_year": 0.02, "endorsement": 0.3,
}  # fmt: skip


# The offer.


def test_a_grant_of_a_billion() -> None:
    """Past all measure: everyone who looks signs at the end of its case.

    Attention rises to ``1 + a`` times its pace and no further, so that not all sign at once; and
    each trust is paid once, though members leave and come back.
    """
    rich = episode(60, 48, grant_gbp=1e9)
    chunk = runs_of(rich, **DEAF)
    for state in lived(rich, parameters(**DEAF)[0], 1, 0):
        waits = (state.trusts["looked"] == 1) & (state.trusts["signed_month"] == NEVER)
        assert np.all(state.trusts["stage"][waits] == CONSIDERING)
    assert chunk.outcomes["joined"].min() > 50
    # In the first month 1 - exp(-0.1 (1 + 5)), as a grant of 1e9 is 1e3 years of own spend or so.
    looked = chunk.curves["looked"][:, 1].mean() / 60.0
    assert looked == pytest.approx(1.0 - math.exp(-0.6), abs=4.0 * 0.5 / math.sqrt(60 * RUNS))
    again = episode(
        60, 48, grant_gbp=1e9, share_replaced=1.0, exit_freedom=1.0, term_years=0.25,
        changes=[(12, {"yearly_fee_gbp": 1e9}), (18, {"yearly_fee_gbp": 0.0})],
    )  # fmt: skip
    back = runs_of(again, **DEAF)
    assert back.outcomes["rejoined"].min() > 0
    for found in (chunk, back):
        assert np.array_equal(found.outcomes["grants_gbp"], 1e9 * found.outcomes["joined"])


@pytest.mark.parametrize("fee", [1e6, 1e9])
@pytest.mark.parametrize("lever", ["upfront_fee_gbp", "yearly_fee_gbp"])
def test_a_fee_past_all_measure(lever: str, fee: float) -> None:
    """A billion is more than any trust spends: they look, and let it be, at that.

    A million is as much as what the median trust spends in a year: but few large ones sign.
    """
    told: Any = {lever: fee}
    chunk = runs_of(episode(60, 48, bundle_share=0.1, **told))
    assert chunk.outcomes["joined"].mean() < (0.5 if fee == 1e9 else 6.0)
    if fee == 1e9:
        assert chunk.outcomes["joined"].max() == chunk.outcomes["declined"].max() == 0
        assert chunk.outcomes["looked"].min() > 50


def test_free_and_voluntary_for_ever_levels_off() -> None:
    """After twenty years somebody is still out: who found it not worth it finds so for ever.

    Where taste is fresh at every look, as good as all have joined by then.
    """
    free: Any = {"share_replaced": 0.5, "autonomy": 0.0}
    lasting = ever(episode(60, 240, structure=ALONE, **free), **PROMPT)
    fresh = ever(episode(60, 240, structure=ALONE | {"taste": FRESH}, **free), **PROMPT)
    assert np.array_equal(lasting[:, 120], lasting[:, 240])
    assert 10 < lasting[:, -1].mean() < 50
    assert fresh[:, -1].min() == 60


@pytest.mark.parametrize("months", [1, 240])
def test_short_and_long_horizons(months: int) -> None:
    """A month is a month of whatever horizon: a longer one changes nothing before its end."""
    short, long = (runs_of(episode(30, at, **FULL)) for at in (months, months + 1))
    assert np.array_equal(short.curves, long.curves[:, : months + 1])
    assert np.all(np.isfinite(short.outcomes["net_present_value_gbp"]))


@pytest.mark.parametrize("years", [0.25, 30.0])
def test_terms_of_months_and_of_decades(years: float) -> None:
    """Thirty years are worth 18 and bind in doubt: with enough aversion to it, none is worth it.

    Without it a longer term never has fewer join, as what is worth a year is worth more of them.
    """
    calm = INCURIOUS | {"risk_aversion": 0.0}
    terms = [
        ever(episode(60, 48, structure=ALONE, term_years=at), **calm)
        for at in sorted({0.25, 3.0, years, 30.0})
    ]
    for shorter, longer in pairwise(terms):
        assert np.all(longer >= shorter)
    bold, timid = (
        ever(episode(60, 48, structure=ALONE, term_years=30.0), **INCURIOUS | {"risk_aversion": at})
        for at in (0.0, 1e6)
    )
    assert bold[:, -1].mean() > timid[:, -1].mean() + 5.0
    free = episode(60, 48, structure=ALONE, term_years=30.0, exit_freedom=1.0)
    assert np.array_equal(ever(free, **INCURIOUS | {"risk_aversion": 1e6}), bold)


def test_a_membership_of_nothing_is_worth_its_bundle() -> None:
    """Nothing taken over, no fee, no saving: the odds of signing are those of the bundle alone."""
    for bundle in (0.0, 0.05):
        made = episode(60, 1, structure=ALONE, bundle_share=bundle)
        mind = INCURIOUS | AT_ONCE | {"cashable_share": 0.0}
        joined = ever(made, **mind)[:, 1]
        worth = 8.0 * (1.0 - 1.035**-3.0) / 0.035 * bundle
        for run, count in enumerate(joined):
            tastes = [draws.uniform(1, draws.TASTE, run, number, 0) for number in range(60)]
            assert count == sum(w < 1.0 / (1.0 + math.exp(-worth)) for w in tastes)


@pytest.mark.parametrize("autonomy", [0.0, 1.0])
def test_control_kept_or_given_up(autonomy: float) -> None:
    """Who keeps all control weighs none; who gives it up joins as its sovereignty allows.

    Where nothing is taken over there is no control to give up either.
    """
    mind = INCURIOUS | {"sovereignty": 1e6}
    some = ever(episode(60, 24, structure=ALONE, autonomy=autonomy, share_replaced=0.5), **mind)
    free = ever(episode(60, 24, structure=ALONE, autonomy=1.0, share_replaced=0.5), **INCURIOUS)
    assert np.array_equal(some, free if autonomy == 1.0 else np.zeros_like(free))
    none = episode(60, 24, structure=ALONE, autonomy=autonomy)
    assert np.array_equal(ever(none, **mind), ever(none, **INCURIOUS))


# A higher grant, a higher fee.


def fees(lever: str, fee: float) -> Any:
    """Return the levers and the structure of an episode of which only a fee is told."""
    return {"structure": ALONE, lever: fee}


@settings(derandomize=True, database=None, max_examples=40)
@given(st.floats(0.0, 2e5), st.floats(0.0, 1e6), st.integers(0, 2**32))
def test_a_higher_grant_never_has_fewer_join(grant: float, more: float, seed: int) -> None:
    """Nor later: on the same draws each trust looks and signs as soon, where none hears another."""
    few, many = (
        ever(episode(40, 24, structure=ALONE, upfront_fee_gbp=6e4, grant_gbp=at), seed, **PROMPT)
        for at in (grant, grant + more)
    )
    assert np.all(many >= few)


@settings(derandomize=True, database=None, max_examples=40)
@given(
    st.sampled_from(["upfront_fee_gbp", "yearly_fee_gbp"]),
    st.floats(0.0, 2e5), st.floats(0.0, 1e6), st.integers(0, 2**32),
)  # fmt: skip
def test_a_higher_fee_never_has_more_join(lever: str, fee: float, more: float, seed: int) -> None:
    """Nor sooner, where none hears another; if it is paid yearly, nor do more stay."""
    dear, cheap = (fees(lever, at) for at in (fee + more, fee))
    few, many = (ever(episode(40, 24, **at), seed, **PROMPT) for at in (dear, cheap))
    assert np.all(many >= few)


@pytest.mark.parametrize(
    ("lever", "values"),
    [("mandate", (0.0, 0.3, 1.0)), ("bundle_share", (0.0, 0.05, 1.0)),
     ("autonomy", (0.0, 0.5, 1.0)), ("endorsement", (-1.0, 0.0, 1.0)),
     ("common_frameworks", (0.0, 0.5, 1.0)), ("funded", (0.0, 0.5, 1.0)),
     ("exit_freedom", (0.0, 0.5, 1.0)), ("pressure", (0.0, 0.5, 1.0)),
     ("savings_drive", (0.0, 1.0)),
     ("sanction_share", (0.0, 0.05, 1.0))],
)  # fmt: skip
def test_what_speaks_for_joining_never_has_fewer_join(lever: str, values: Any) -> None:
    """From end to end, on the same draws, where none hears another."""
    base: Any = {"share_replaced": 0.3, "upfront_fee_gbp": 2e4, "deadline_month": 12.0}
    found = [
        ever(episode(60, 24, structure=ALONE, **base | {lever: at}), **PROMPT) for at in values
    ]
    for fewer, more in pairwise(found):
        assert np.all(more >= fewer)
    assert found[-1].sum() > found[0].sum()


@pytest.mark.parametrize(
    ("lever", "values"),
    [("misfit", (0.0, 0.5, 1.0)), ("legal_risk_per_year", (0.0, 0.1, 10.0)),
     ("staff_leaving_share", (0.0, 0.5, 1.0)), ("budget_squeeze", (0.0, 0.5, 0.95)),
     ("gap_analysis", (0.0, 0.5, 1.0)), ("migration_months", (0.0, 12.0, 240.0)),
     ("exempt_share", (0.0, 0.5, 1.0))],
)  # fmt: skip
def test_what_speaks_against_joining_never_has_more_join(lever: str, values: Any) -> None:
    """From end to end, on the same draws, where none hears another."""
    base: Any = {"upfront_fee_gbp": 2e4}
    found = [
        ever(episode(60, 24, structure=ALONE, **base | {lever: at}), **PROMPT) for at in values
    ]
    for more, fewer in pairwise(found):
        assert np.all(more >= fewer)
    assert found[-1].sum() < found[0].sum()


# A deadline, a sanction, pressure, a mandate.


def test_no_deadline_is_the_limit_of_a_late_one() -> None:
    """A deadline of a million months hurries one in a million: sign-ups are those of ten million.

    To the bit, in every run; and the nearer it comes, the more has been looked at by any month.
    """
    looked = []
    for deadline in (0.1, 12.0, 120.0, 1e4, 1e6, 1e7):
        made = episode(60, 48, structure=ALONE, deadline_month=deadline)
        chunk = runs_of(made, **DEAF)
        looked.append(chunk.curves["looked"])
        if deadline == 1e6:
            none = chunk
    assert np.array_equal(none.curves, chunk.curves)
    assert np.all(looked[0][:, 1:] == 60)
    assert np.all(looked[1][:, 12:] == 60)
    for sooner, later in pairwise(looked):
        assert np.all(sooner >= later)


@pytest.mark.parametrize("sanction", [0.0, 0.2, 1.0])
def test_a_sanction_without_a_deadline_is_nothing(sanction: float) -> None:
    """It is owed from the deadline on, and there is none; past the term nothing is spared."""
    made, without = (episode(60, 48, sanction_share=at) for at in (sanction, 0.0))
    assert same(runs_of(made), runs_of(without))
    late, unthreatened = (
        episode(60, 48, sanction_share=at, deadline_month=200.0, term_years=3.0)
        for at in (sanction, 0.0)
    )
    assert same(runs_of(late), runs_of(unthreatened))


def test_a_deadline_of_a_tenth_of_a_month() -> None:
    """All look and decide in month 1, hurried: what they owe begins in month 2."""
    made = episode(60, 3, deadline_month=0.1, sanction_share=0.1, structure=ALONE)
    states = lived(made, parameters(business_case_per_month=1e-9)[0], 1, 0)
    trusts = states[1].trusts
    assert trusts["looked"].all()
    assert set(trusts["stage"]) <= {IDLE, DECLINED, SIGNED}
    assert np.all(trusts["hurried"][trusts["stage"] == SIGNED] == 1)
    owed = [float(state.centre[0]["sanctions_gbp"]) for state in states]
    outside = np.floor(trusts["spend_gbp"][trusts["stage"] != SIGNED] + 0.5).sum()
    assert owed[1] == 0.0
    assert owed[2] == pytest.approx(outside * 0.1 / 12.0)


def test_all_the_pressure_there_is_makes_trusts_look_and_not_sign() -> None:
    """It is no term of a decision: who ever joins is who would without it, only sooner."""
    quick = DEAF | {"attention_per_month": 0.1}
    none, full = (
        ever(episode(60, 240, structure=ALONE, pressure=at), **quick) for at in (0.0, 1.0)
    )
    assert np.array_equal(none[:, -1], full[:, -1])
    assert np.all(full >= none)
    assert full[:, 6].sum() > none[:, 6].sum()


def test_a_mandate_of_one_signs_all_at_once_and_moves_no_work() -> None:
    """Whatever it costs, everyone who is not exempt signs in month 1; work takes as long.

    One of nil obliges nobody.
    """
    levers: Any = {"upfront_fee_gbp": 1e9, "exempt_share": 0.2, "misfit": 1.0}
    made = episode(60, 24, mandate=1.0, **levers)
    last = lived(made, parameters()[0], 1, 0)
    for state in last[1:]:
        exempt = state.trusts["stage"] == EXEMPT
        assert np.all(np.isin(state.trusts["stage"], (SIGNED, SERVED)) != exempt)
    assert ever(episode(60, 24, mandate=0.0, **levers)).max() == 0
    work: Any = [
        np.unique(state.trusts["aligned_month"] - state.trusts["work_month"])
        for state in (
            lived(episode(1, 60, mandate=at, facts=ALIKE), KEEN, 1, 0)[-1] for at in (0.0, 1.0)
        )
    ]
    assert np.array_equal(*work)


ALIKE = blank_facts(np.zeros(1, np.int64))
ALIKE.gap, ALIKE.slack = 0.4, 0.57
KEEN = parameters(believed_saving_share=10.0)[0]


@pytest.mark.parametrize("capacity", [0.01, 1.0])
def test_capacity_slows_cases_and_work_and_not_noticing(capacity: float) -> None:
    """On a hundredth of it trusts look as soon, and end fewer cases than on all."""
    low, full = (
        runs_of(episode(60, 24, structure=ALONE, capacity=at), **DEAF) for at in (capacity, 1.0)
    )
    assert np.array_equal(low.curves["looked"], full.curves["looked"])
    assert np.all(low.curves["joined"] <= full.curves["joined"])
    assert capacity == 1.0 or low.outcomes["joined"].sum() < 0.2 * full.outcomes["joined"].sum()


def test_freedom_to_leave_at_both_ends() -> None:
    """Free to go and led by nobody, who leaves pays nothing; bound, it pays its provider's margin.

    A lead that takes all freedom back is a term that binds.
    """
    levers: Any = {"share_replaced": 1.0, "structure": ALONE, "term_years": 10.0}
    levers["changes"] = [(12, {"yearly_fee_gbp": 3e4, "endorsement": -1.0})]
    found = {}
    mind = DEAF | {"endorsement_weight": 4.0}
    offers: Any = [{"running_cost_share": 0.9, "quality": 0.9}]
    for name, freedom, lead in (("free", 1.0, 0.0), ("bound", 0.0, 0.0), ("led", 1.0, 1.0)):
        made = episode(60, 36, exit_freedom=freedom, leadership=lead, offers=offers, **levers)
        states = lived(made, parameters(**mind)[0], 1, 0)
        found[name] = states[-1].providers[0]
    assert found["free"]["departures"] > 0
    assert found["free"]["exits_gbp"] == 0
    assert found["bound"]["departures"] < found["free"]["departures"]
    assert found["led"]["departures"] == found["bound"]["departures"]


# Few bodies, few places, no service.


@pytest.mark.parametrize("trusts", [1, 2])
@pytest.mark.parametrize("offers", [1, 4])
def test_one_trust_is_a_run_like_any_other(trusts: int, offers: int) -> None:
    """Nothing divides by nil, whoever is there: with one provider or four, gap or slack nil."""
    facts = blank_facts(np.zeros(trusts, np.int64))
    facts.gap, facts.slack, facts.spend_gbp[0] = 0.0, 0.0, 0.01
    for levers in (FULL, FULL | {"cost_shared": 1.0, "mandate": 1.0}, {}):
        made = episode(trusts, 36, 1, facts=facts, offers=OFFERS[:offers], **levers)
        chunk = runs_of(made, **AT_ONCE)
        assert np.all(np.isfinite(chunk.outcomes["trusts_cost_gbp"]))
    assert chunk.outcomes["aligned"].max() == trusts, "work that is nil is done"


def test_the_first_member_bears_a_shared_cost_alone() -> None:
    """One body that must join pays all of it, however small it is; with a plan, its part."""
    facts = blank_facts(np.zeros(1, np.int64))
    facts.spend_gbp[:] = 1e6
    for planned, part in ((0.0, 1.0), (4e6, 0.25)):
        offer = {"fixed_cost_gbp": 6e6, "running_cost_share": 0.0, "planned_spend_gbp": planned}
        offers: Any = [offer | {"ramp_months": 120.0}]
        made = episode(
            1, 14, 1, facts=facts, offers=offers, mandate=1.0, share_replaced=1.0, cost_shared=1.0
        )
        side = lived(made, parameters()[0], 1, 0)[-1].providers[0]
        assert side["charges_gbp"] == pytest.approx(13 / 12 * 6e6 * part)  # from month 2 on


@pytest.mark.parametrize("places", [0.0, 0.9, 1.0])
def test_no_places_and_one(places: float) -> None:
    """Nobody signs, and nobody has refused for it: who asked is told so, and idle again."""
    made = episode(60, 24, offers=[{"capacity": places}], structure=ALONE)
    chunk, roomy = runs_of(made, **DEAF), runs_of(episode(60, 24, structure=ALONE), **DEAF)
    assert np.all(chunk.outcomes["joined"] == math.floor(places))
    assert chunk.outcomes["turned_away"].min() > 0
    assert np.all(chunk.curves["looked"] == roomy.curves["looked"])
    assert np.all(chunk.outcomes["declined"] <= roomy.outcomes["declined"] + 60)
    assert np.all(chunk.outcomes["left"] == 0)


def test_a_market_of_one_is_no_market() -> None:
    """A provider and one that never comes are the same as that provider alone, to the bit."""
    alone: Any = [OFFERS[0]]
    never = [OFFERS[0], OFFERS[1] | {"enters_later": 1.0, "entry_month": 1e6}]
    one, two = (runs_of(episode(60, 36, offers=offers, **FULL)) for offers in (alone, never))
    assert same(one, two)


def test_a_service_that_never_opens() -> None:
    """Nobody is served, pays a charge or aligns; it costs its providers what they spent."""
    made = episode(60, 48, **FULL | {"opens_month": 1e6, "service_month": 1e6})
    chunk = runs_of(made)
    for name in ("served", "price_saving_gbp", "harm_gbp", "realised_saving_gbp"):
        assert not chunk.outcomes[name].any(), name


@pytest.mark.parametrize("quality", [0.0, 0.9])
def test_quality_at_home_is_no_harm_and_none_at_all_harms_by_it(quality: float) -> None:
    """``x home_quality`` of the spend a year where there is none, and no process saves anything."""
    made = episode(60, 24, mandate=1.0, share_replaced=0.5, offers=[{"quality": quality}])
    calm = {"failure_per_month": 0.0, "open_gap_harm": 0.0}
    states = lived(made, parameters(**calm)[0], 1, 0)
    side = states[-1].providers[0]
    assert side["harm_gbp"] == pytest.approx((0.9 - quality) * side["ended_gbp"], abs=1e-3)
    assert (side["saving_gbp"] == 0.0) == (quality == 0.0)


# Neutral values, and none against its limit.


CONTINUOUS = sorted(name for name, meaning in MEANINGS.items() if not meaning.whole)
# What begins to happen with the first step from its neutral value, by its very meaning: a region
# of which one body is in favour has a plan.
COUNTED_ANYHOW = {
    "quorum_share": ("regions_planned", "followers_share", "regions_common_systems",
                     "regions_one_provider"),
}  # fmt: skip


@pytest.mark.parametrize("lever", CONTINUOUS)
@pytest.mark.parametrize("beside", ["alone", "full"])
def test_a_lever_is_continuous_where_it_does_nothing(lever: str, beside: str) -> None:
    """A step of 1e-9 from its neutral value leaves mean outcomes where they were.

    A threshold of a review can be missed by a step, and is only looked at in its month: none here.
    The less a provider earns on a pound, the more it has to serve to break even, and 0 stands for
    one that never does: that one outcome has no limit where nothing is earned.
    """
    levers = NEUTRAL | (FULL if beside == "full" else {})
    meaning, found = MEANINGS[lever], []
    levers[lever] = meaning.neutral
    sign = 1.0 if meaning.neutral < meaning.high else -1.0
    for step in (0.0, 1e-9 * sign * max(1.0, abs(meaning.neutral))):
        made = episode(60, 24, offers=OFFERS[:2], **levers | {lever: meaning.neutral + step})
        found.append(runs_of(made))
    but = COUNTED_ANYHOW.get(lever, ())
    for name in OUTCOMES.names or ():
        earns_nothing = name == "break_even_gbp" and not found[0].outcomes[name].any()
        if name not in but and not earns_nothing:
            before, after = (chunk.outcomes[name].mean() for chunk in found)
            a_pound = 1.0 if name.endswith("_gbp") else 1e-5  # of some 60m of spend
            assert after == pytest.approx(before, rel=1e-5, abs=a_pound), name
    if not but:
        for name in COUNTED:
            assert np.array_equal(*(chunk.curves[name] for chunk in found)), name


AWAY: dict[str, tuple[float, float]] = {  # a lever that counts as none, and what is next to that
    "waves_per_month": (1e6, 1e5), "deadline_month": (1e6, 1e5), "opens_month": (0.0, 1.0),
    "scrap_above_cost_gbp": (1e15, 1e14), "service_month": (0.0, 1e-6), "cost_shared": (0.0, 1e-9),
    "benchmark_weight": (0.0, 1e-9), "mandate": (0.0, 1e-9), "binding": (0.0, 1e-9),
}  # fmt: skip


@pytest.mark.parametrize("lever", AWAY)
def test_none_is_the_limit_of_next_to_none(lever: str) -> None:
    """No value that stands for none differs from what is next to it: not one signature moves."""
    none, next_to_none = (
        runs_of(episode(40, 24, offers=OFFERS[:2], **FULL | {lever: at}), seed=3)
        for at in AWAY[lever]
    )
    assert np.array_equal(none.curves["joined"], next_to_none.curves["joined"])
    assert np.array_equal(none.curves["served"], next_to_none.curves["served"])


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("lever", sorted(MEANINGS))
def test_every_lever_at_its_ends_gives_numbers(lever: str, end: str) -> None:
    """Whatever a user may set, beside a full scheme: every outcome is finite, and no run fails."""
    value = getattr(MEANINGS[lever], end)
    made = episode(20, 24, offers=OFFERS[:2], **FULL | {lever: value})
    chunk = runs_of(made, runs=5)
    for name in OUTCOMES.names or ():
        assert np.all(np.isfinite(chunk.outcomes[name])), name
    assert np.all(chunk.outcomes["joined"] <= 20)
