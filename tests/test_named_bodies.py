"""What named bodies do, and who is a member at the start, in both schedulers."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from building import episode, parameters
from scipy import stats
from test_accounts import pounds
from test_conservation import LOOSE, OFFERS, by_stage, is_member, lived
from test_parity import same_in_mesa
from uptake.engine.compiled import run_chunk
from uptake.model._jit import Records
from uptake.model.blanks import approached_rows, blank_facts
from uptake.model.draws import PRIORITY, uniform
from uptake.model.entities import EXEMPT, IDLE, LEFT, NEVER, PLANNED, SERVED, SIGNED, State
from uptake.model.episode import JOINS, LEAVES, STAYS_OUT, Episode
from uptake.model.rules.value import price_of_leaving

Starts = list[dict[str, float]]
NOBODY: dict[str, float] = {"attention_per_month": 0.0, "failure_per_month": 0.0}
STILL: Any = parameters(**NOBODY)[0]  # nobody looks


def first(made: Episode, seed: int = 1, run: int = 0) -> State:
    """Return the state of a run at the launch."""
    return lived(made, STILL, seed, run)[0]


def stages(states: list[State], number: int) -> list[int]:
    """Return the stage of a trust, month by month."""
    return [int(state.trusts["stage"][state.trusts["number"] == number][0]) for state in states]


# Deeds


def test_a_body_does_what_the_timeline_says_and_no_other_does_anything() -> None:
    """Nobody would look: one joins in month 3, one is out in month 2, one in between comes back."""
    deeds = [(2, 1, STAYS_OUT), (3, 0, JOINS), (3, 2, STAYS_OUT), (5, 2, JOINS), (8, 0, LEAVES)]
    states = lived(episode(20, 10, deeds=deeds, opens_month=100.0), STILL, 1, 0)
    assert stages(states, 0) == [IDLE] * 3 + [SIGNED] * 5 + [LEFT] * 3
    assert stages(states, 1) == [IDLE] * 2 + [EXEMPT] * 9
    assert stages(states, 2) == [IDLE] * 3 + [EXEMPT] * 2 + [SIGNED] * 6
    assert all(stages(states, number) == [IDLE] * 11 for number in range(3, 20))
    spends = pounds(states[0].trusts["spend_gbp"])
    for month, state in enumerate(states):
        exempt = state.trusts["stage"] == EXEMPT
        assert state.regions["spend_gbp"].sum() == spends[~exempt].sum(), month


def test_deeds_of_month_0_act_at_the_launch() -> None:
    """Who stays out is exempt at the launch; who joins asks in the first month, whatever chance."""
    deeds = [(0, 0, STAYS_OUT), (0, 1, JOINS)]
    facts = blank_facts(np.zeros(20, int))
    facts.named[:2] = 1
    states = lived(episode(20, 3, facts=facts, deeds=deeds, exempt_share=1.0), STILL, 1, 0)
    assert stages(states, 0) == [EXEMPT] * 4
    assert stages(states, 1)[:2] == [IDLE, SIGNED]
    assert by_stage(states[0].trusts)[EXEMPT] == 19


def test_who_joins_by_name_asks_every_month_and_stays() -> None:
    """Two are bound and there is one place: the other is turned away until it is given up."""
    deeds = [(1, 0, JOINS), (1, 1, JOINS), (6, 0, LEAVES), (6, 1, LEAVES), (7, 1, JOINS)]
    made = episode(2, 9, deeds=deeds, offers=[{"capacity": 1.0}], share_replaced=1.0)
    states = lived(made, parameters(attention_per_month=0.0, value_weight=-1e3)[0], 1, 0)
    turned_away = [int(state.centre["turned_away"][0]) for state in states]
    assert turned_away == [0, 1, 2, 3, 4, 5, 5, 5, 5, 5]
    members = [int(np.sum(is_member(state.trusts))) for state in states]
    assert members == [0, *[1] * 5, 0, 1, 1, 1]


def test_a_member_that_leaves_by_name_pays_what_the_term_has_it_pay() -> None:
    """A year after it was served: what is left of five, to the pound; who stays out pays too."""
    deeds = [(1, 0, JOINS), (1, 1, JOINS), (14, 0, LEAVES), (14, 1, STAYS_OUT)]
    made = episode(
        5, 15, deeds=deeds, term_years=5.0, yearly_fee_gbp=9e4, share_replaced=0.5,
        offers=[{"running_cost_share": 0.6}],
    )  # fmt: skip
    states = lived(made, STILL, 1, 0)
    before, after = states[13], states[14]
    owed = [
        price_of_leaving(trust, before.providers[0], made.levers[14], made.sector[0], 14)
        for trust in before.trusts[:2]
    ]
    assert min(owed) > 0.0
    paid = after.providers["exits_gbp"][0] - before.providers["exits_gbp"][0]
    assert paid == pounds(owed * before.trusts["spend_gbp"][:2]).sum()
    assert list(after.trusts["stage"][:2]) == [LEFT, EXEMPT]
    assert after.providers["departures"][0] == 2
    assert after.providers["customers"][0] == after.providers["served"][0] == 0


def test_regions_that_are_chosen_later_have_to_join_from_then_on() -> None:
    """Two at the launch, which may leave; a third from month 4 on; they are no followers."""
    made = episode(
        60,
        6,
        changes=[(4, {"pathfinders": 3.0})],
        pathfinders=2.0,
        quorum_share=0.5,
        exempt_share=0.2,
    )
    states = lived(made, STILL, 1, 0)
    trusts = states[0].trusts
    free = trusts["stage"] != EXEMPT
    for month, regions in ((0, 2), (3, 2), (4, 3), (6, 3)):
        chosen = (trusts["region"] < regions) & free
        assert np.array_equal(states[month].trusts["signed_month"] != NEVER, chosen), month
        bound = states[month].trusts["bound"] == 1
        assert np.array_equal(bound, trusts["region"] == 2 if regions == 3 else bound & False)
    assert list(states[5].regions["stage"] >= PLANNED) == [True] * 3 + [False] * 2
    chunk = run_chunk(made, lambda first, runs: parameters(runs, **NOBODY), 1, 0, 1)
    assert chunk.outcomes.regions_planned[0] == 3
    assert chunk.outcomes.followers_share[0] == 0.0


def test_named_bodies_are_always_approached() -> None:
    """In every run; the others with equal chance."""
    facts = blank_facts(np.zeros(30, int))
    facts.named[[4, 9]] = 1
    made = episode(30, 1, facts=facts, approached=(2, 12))
    rows = [approached_rows(made, 1, run) for run in range(3_000)]
    assert all({4, 9} <= set(row.tolist()) for row in rows)
    assert set(map(len, rows)) == set(range(2, 13))
    chosen = np.delete(np.bincount(np.concatenate(rows), minlength=30), [4, 9])
    assert stats.chisquare(chosen).statistic < stats.chi2(27).ppf(0.9999)


# Members at the start


def test_members_at_the_start_are_the_lowest_priorities_and_pay_nothing() -> None:
    """Five aligned, a fifth of 40 served, three signed; their term has begun."""
    starts: Starts = [{"stage": SERVED, "aligned": 1, "count": 5}, {"stage": SERVED, "share": 0.2}]
    made = episode(
        40, 2, starts=[*starts, {"count": 3}], upfront_fee_gbp=3e4, grant_gbp=1e9,
        staff_leaving_share=1.0, redundancy_cost_share=1.0, opens_month=100.0,
        share_replaced=0.5,
    )  # fmt: skip
    states = lived(made, STILL, 1, 0)
    trusts, order = states[0].trusts, np.argsort([uniform(1, PRIORITY, 0, n, 0) for n in range(40)])
    assert by_stage(trusts)[[IDLE, SIGNED, SERVED]].tolist() == [24, 3, 13]
    assert set(np.flatnonzero(trusts["aligned"])) == set(order[:5])
    assert set(np.flatnonzero(trusts["stage"] == SERVED)) == set(order[:13])
    assert set(np.flatnonzero(trusts["stage"] == SIGNED)) == set(order[13:16])
    served = trusts["stage"] == SERVED
    assert np.all(trusts["served_month"] == np.where(served, 0, NEVER))
    assert np.array_equal(trusts["looked"], is_member(trusts))
    centre = states[0].centre[0]
    assert centre["looked"] == centre["joined"] == states[0].providers["signed"][0] == 16
    last = states[-1]
    assert last.centre["grants_gbp"][0] == last.providers["upfront_fees_gbp"][0] == 0.0
    assert states[0].regions["aligning_gbp"].sum() == last.regions["redundancy_gbp"].sum() == 0
    sides = [state.providers[0] for state in states]
    assert sides[0]["served_spend_gbp"] == pounds(trusts["spend_gbp"][served]).sum()
    assert sides[0]["ended_gbp"] == 0.0
    assert sides[1]["ended_gbp"] == pytest.approx(0.5 / 12 * sides[1]["served_spend_gbp"])


def test_a_share_is_rounded_and_ends_with_all() -> None:
    """Half of five is three; seven tenths and then all others leave nobody out."""
    assert by_stage(first(episode(5, 1, starts=[{"share": 0.5}])).trusts)[SIGNED] == 3
    some = episode(10, 1, starts=[{"share": 0.7}, {"count": 9, "stage": SERVED}])
    assert by_stage(first(some).trusts)[[SIGNED, SERVED]].tolist() == [7, 3]
    assert by_stage(first(episode(10, 1, starts=[{"share": 0.0}])).trusts)[IDLE] == 10


def test_a_run_of_the_start_is_as_likely_to_have_any_trust_and_any_provider() -> None:
    """Over runs; a named body is never among those by chance."""
    facts = blank_facts(np.zeros(20, int))
    facts.named[0] = 1
    made = episode(
        20, 1, facts=facts, starts=[{"count": 5}], offers=[{}, {}, {"enters_later": 1.0}]
    )
    taken = [first(made, run=run).trusts for run in range(1_000)]
    chosen = sum((is_member(trusts).astype(int) for trusts in taken), np.zeros(20, int))
    sides = np.concatenate([trusts["provider"][is_member(trusts)] for trusts in taken])
    assert chosen[0] == 0
    assert stats.chisquare(chosen[1:]).statistic < stats.chi2(18).ppf(0.9999)
    assert set(sides) == {0, 1}
    assert stats.binomtest(int(sides.sum()), len(sides), 0.5).pvalue > 1e-4


def test_places_hold_at_the_start() -> None:
    """A provider of six: three by name come first, three of ten by priority; no other is asked."""
    named: Starts = [
        {"number": number, "stage": SERVED, "last_provider": 1} for number in (7, 8, 9)
    ]
    starts: Starts = [*named, {"count": 10, "last_provider": 1}]
    made = episode(40, 2, starts=starts, offers=[{"capacity": 6.5}, {}], pathfinders=5.0)
    state = first(made)
    trusts, sides = state.trusts, state.providers
    with_first = np.flatnonzero(is_member(trusts) & (trusts["provider"] == 0))
    assert {7, 8, 9} <= set(with_first)
    assert len(with_first) == sides["customers"][0] == 6
    assert state.centre["turned_away"][0] == 0
    assert sides["customers"][1] == np.sum(is_member(trusts)) - 6 > 0


def test_pathfinders_have_a_plan_if_they_have_a_member() -> None:
    """Members at the start are some; where there is no place for any, there is no plan."""
    named: Starts = [{"number": 0, "stage": SERVED}]
    facts = blank_facts(np.zeros(12, int))
    facts.region[:] = np.arange(12) % 3
    some = episode(
        12,
        1,
        3,
        facts=facts,
        starts=named,
        offers=[{"capacity": 1.0}],
        pathfinders=2.0,
        quorum_share=0.5,
    )
    assert list(first(some).regions["stage"] >= PLANNED) == [True, False, False]


def test_a_member_at_the_start_that_leaves_pays_for_the_rest_of_its_term() -> None:
    """In month 12 of a term of two years: a year of the margin; in month 30 nothing."""
    owed = {}
    for month in (12, 30):
        made = episode(
            3, month, starts=[{"number": 0, "stage": SERVED}], deeds=[(month, 0, LEAVES)],
            term_years=2.0, share_replaced=1.0, offers=[{"running_cost_share": 0.5}],
            sector={"discount_rate": 0.0}, mandate=1.0,
        )  # fmt: skip
        state = lived(made, STILL, 1, 0)[-1]
        owed[month] = float(state.providers["exits_gbp"][0]) / state.trusts["spend_gbp"][0]
    assert owed == pytest.approx({12: 0.5, 30: 0.0}, abs=1e-4)


# Both schedulers


@cache
def eventful() -> Episode:
    """Return an episode with members at the start, deeds of all kinds, and regions chosen later."""
    facts = blank_facts(np.arange(30) % 2)
    facts.named[:6] = 1
    deeds = [(0, 0, STAYS_OUT), (0, 1, JOINS), (3, 2, LEAVES), (4, 3, STAYS_OUT), (7, 0, JOINS)]
    deeds += [(9, 1, STAYS_OUT), (11, 2, JOINS), (12, 4, JOINS), (12, 5, LEAVES), (20, 1, JOINS)]
    starts: Starts = [
        {"number": 2, "stage": SERVED, "last_provider": 1},
        {"number": 3, "stage": SERVED},
    ]
    starts += [{"count": 4, "stage": SERVED, "aligned": 1}, {"share": 0.1}]
    votes: Any = {"quorum_share": 0.4, "together": 0.3}
    changes = [(6, {"vote": 1.0}), (10, {"pathfinders": 2.0}), (14, {"vote": 1.0})]
    return episode(
        30, 30, facts=facts, approached=(15, 30), deeds=deeds, starts=starts, offers=OFFERS,
        changes=changes, pathfinders=1.0, merger=1.0, assessment_month=8.0, assessment_bar=0.75,
        **LOOSE | votes,
    )  # fmt: skip


def test_deeds_and_members_at_the_start_are_the_same_in_mesa() -> None:
    """To the bit; also where nobody looks by itself, so that who is bound must not be passed by."""
    made = eventful()
    for changed in ({"attention_per_month": 0.2, "failure_per_month": 0.3}, NOBODY):

        def design(first: int, runs: int, changed: dict[str, float] = changed) -> Records:
            return parameters(first + runs, **changed)[first:]

        chunk = run_chunk(made, design, 3, 0, 6)
        same_in_mesa(made, design(0, 6), chunk, 3)
        assert np.all(chunk.outcomes.joined > 6)
        assert chunk.outcomes.exempt.min() >= 1


def test_counts_hold_whatever_named_bodies_do() -> None:
    """Networks, regions and providers count their trusts, every month of eventful runs."""
    busy: Any = parameters(attention_per_month=0.2, failure_per_month=0.3, value_weight=3.0)[0]
    moved = 0
    for run in range(6):
        states = lived(eventful(), busy, 3, run)
        for before, state in pairwise(states):
            trusts, spend = state.trusts, pounds(state.trusts["spend_gbp"])
            members, served = is_member(trusts), trusts["stage"] == SERVED
            for groups, of in ((state.peers, "peers"), (state.regions, "region")):
                for row, group in enumerate(groups):
                    inside = trusts[of] == row
                    assert np.array_equal(group["in_stage"], by_stage(trusts[inside]))
                    assert group["member_spend_gbp"] == spend[inside & members].sum()
            for row, side in enumerate(state.providers):
                own = trusts["provider"] == row
                assert side["customers"] == np.sum(members & own)
                assert side["served_spend_gbp"] == spend[served & own].sum()
                assert side["expected"] >= 0
            outside = trusts["stage"] == EXEMPT
            assert state.regions["spend_gbp"].sum() == spend[~outside].sum()
            assert state.centre["joined"][0] == np.sum(trusts["signed_month"] != NEVER)
            moved += int(np.sum(outside != (before.trusts["stage"] == EXEMPT)))
    assert moved > 6
