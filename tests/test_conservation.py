"""What is counted equals what is there: every month of eventful runs, recounted trust by trust.

All that the model keeps a running count of is recounted in plain numpy from copies of the state.
Money is recounted in ``test_accounts``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np
import pytest
from building import episode, parameters
from numpy.typing import NDArray
from scipy import stats
from uptake.engine.compiled import Chunk, run_chunk
from uptake.model import observation
from uptake.model._jit import Records, word
from uptake.model.draws import run_key
from uptake.model.entities import (
    COMMON_SYSTEMS,
    CONDITIONAL,
    CONSIDERING,
    DECLINED,
    EXEMPT,
    IDLE,
    LATER,
    LEFT,
    MARKET_TESTED,
    NEVER,
    NO_PLAN,
    ONE_PROVIDER,
    OPEN,
    OPEN_FOR_ALL,
    PLANNED,
    SERVED,
    SIGNED,
    STAGES,
    STOPPED,
    WITHDRAWN,
    State,
)
from uptake.model.episode import FRESH, JOINS, REGION_ONLY, Episode
from uptake.model.initialization import empty_state, initialise
from uptake.model.month import Month, terms
from uptake.model.processes.alignment import fill_work_done
from uptake.model.rules.centre import SIGNATURES
from uptake.model.rules.trusts import typical_spend_gbp
from uptake.model.schedule import step

MEMBERS = (SIGNED, SERVED)
# Within a month a trust can look, decide and sign. One that is turned away is idle again.
MOVES = {
    IDLE: {CONSIDERING, DECLINED, SIGNED}, CONSIDERING: {IDLE, DECLINED, SIGNED},
    DECLINED: {IDLE, CONSIDERING, SIGNED}, SIGNED: {SERVED, LEFT}, SERVED: {LEFT},
    LEFT: {IDLE, CONSIDERING, DECLINED, SIGNED}, EXEMPT: {SIGNED},  # who joins by name
}  # fmt: skip

# Runs in which much happens: members come and go, fees change, news arrives, the centre reviews.
LOOSE: dict[str, Any] = {
    "exit_freedom": 0.9, "yearly_fee_gbp": 7_000.0, "term_years": 1.5, "share_replaced": 0.5,
    "discount_share": 0.3, "conditional_share": 0.4, "opens_month": 4.0, "waves_per_month": 1.5,
    "migration_months": 6.0,
}  # fmt: skip
UNPRICED: Any = LOOSE | {"yearly_fee_gbp": 0.0}
FEES: list[tuple[int, dict[str, float]]] = [
    (1, {"upfront_fee_gbp": 20_000.0, "grant_gbp": 3_000.0}),
    (9, {"upfront_fee_gbp": 45_000.0, "news_weight": 30.0, "news_saving_share": 0.4}),
    (16, {"upfront_fee_gbp": 5_000.0, "yearly_fee_gbp": 90_000.0, "budget_squeeze": 0.3}),
    (30, {"yearly_fee_gbp": 1_000.0, "grant_gbp": 90_000.0}),
]
REVIEW = {"review_month": 20.0, "scrap_below_share": 1.0, "refund_share": 0.4}
SCRAPPED = LOOSE | REVIEW | {"target_joined": 100.0}
COUNTED: dict[str, float] = {"peers": REGION_ONLY, "declined_report_interest": 1}
# Regions that vote and consolidate; providers that enter, fail, are assessed, close and merge.
GIVEN: dict[str, Any] = {
    "management_cost_cap": 0.05, "supplier_saving_share": 0.03, "programme_cost_gbp": 3e5,
    "claimed_saving_share": 0.145, "staff_leaving_share": 0.3, "redundancy_cost_share": 0.5,
    "redundancy_avoided_share": 0.4, "common_frameworks": 0.3, "exempt_share": 0.15,
    "pathfinders": 2.0, "funded": 0.4, "bundle_share": 0.02, "cost_shared": 0.3,
    "deadline_month": 15.0, "sanction_share": 0.02, "price_cut_share": 0.01,
}  # fmt: skip
VOTES: dict[str, Any] = {
    "quorum_share": 0.45, "binding": 0.6, "market_saving_share": 0.1, "deadline_month": 8.0,
    "collaboration_share": 0.3, "pressure": 0.5, "leadership": 0.4, "waves_per_month": 9.0,
}  # fmt: skip
ASSESSED: dict[str, Any] = {
    "mandate": 0.2, "assessment_month": 14.0, "assessment_bar": 0.5, "assessment_margin": 0.2,
}  # fmt: skip
MARKET: dict[str, Any] = LOOSE | GIVEN | ASSESSED
TURNS: list[tuple[int, dict[str, float]]] = [
    *FEES,
    (6, {"incident_severity": 0.8, "incident_provider": 2.0}),
    (12, {"price_cut_share": 0.1, "contract_security": 0.0}),
    (24, {"incident_severity": 0.5}),
]
SMALL = {"invested_gbp": 3e5, "committed_gbp": 1e5, "running_cost_share": 0.7}
SMALL |= {"fixed_cost_gbp": 2e5, "planned_spend_gbp": 1e7, "ramp_months": 12.0}
LATER_ON = SMALL | {"enters_later": 1.0}
OFFERS: list[dict[str, float]] = [
    SMALL | {"quality": 0.8, "quality_sd": 0.1, "capacity": 25.0, "public_share": 0.5},
    SMALL | {"quality": 0.7, "capacity": 20.0, "public_share": 0.0},
    LATER_ON | {"quality": 0.7, "quality_sd": 0.2, "capacity": 20.0, "parent_income_gbp": 2e7}
    | {"parent_dependence_share": 0.8, "entry_month": 5.0},
    LATER_ON | {"quality": 0.9, "capacity": 20.0, "public_share": 0.2},
]  # fmt: skip
SCARCE = [OFFERS[1], OFFERS[0] | {"capacity": 5.0}, OFFERS[2]]
DROPPED = MARKET | REVIEW | {"target_joined": 100.0, "offset_gbp": 1e6}
FIRST: Any = {"alignment_first": 1.0, "leadership": 0.5, "funded": 0.5}
# Members at the start, more than there are places, and bodies that join by name.
STARTS: list[dict[str, float]] = [
    {"number": 3, "stage": SERVED, "first_provider": 1, "last_provider": 2},
    {"count": 30, "stage": SERVED, "aligned": 1, "first_provider": 0, "last_provider": 1},
    {"share": 0.2, "stage": SERVED, "last_provider": 2},
    {"count": 2},
]
BOUND = [(2, 5, JOINS), (7, 3, JOINS), (12, 4, JOINS)]
EPISODES: dict[str, Episode] = {
    "national": episode(months=40, changes=FEES, **LOOSE),
    "regional": episode(months=40, changes=FEES, structure=COUNTED, approached=(20, 60), **LOOSE),
    "scrapped": episode(months=40, changes=FEES, **SCRAPPED),
    "reached": episode(months=40, changes=FEES, **(SCRAPPED | {"target_joined": 1.0})),
    "fresh": episode(months=40, changes=FEES, structure={"taste": FRESH}, **LOOSE),
    "unpriced": episode(months=40, changes=FEES[:2], **UNPRICED),
    "aligning": episode(months=40, changes=FEES, **LOOSE, **FIRST, deadline_month=18.0),
    "mandated": episode(months=40, mandate=0.4, structure={"evidence_shared": 0.0}, **LOOSE),
    "market": episode(months=40, changes=TURNS, offers=OFFERS, **MARKET),
    "merging": episode(months=40, changes=TURNS, offers=OFFERS, merger=1.0, **MARKET),
    "stranded": episode(months=40, changes=TURNS, offers=SCARCE, in_house=0.0, **MARKET),
    "dropped": episode(months=40, changes=TURNS, offers=OFFERS, **DROPPED),
    "voting": episode(months=60, changes=TURNS, offers=[OFFERS[0]], **LOOSE | GIVEN | VOTES),
    "staged": episode(months=60, changes=FEES, staged=1.0, **LOOSE | GIVEN | VOTES),
    "started": episode(
        months=40, changes=TURNS, offers=OFFERS, merger=1.0, starts=STARTS, deeds=BOUND, **MARKET
    ),
}
BUSY = {
    "attention_per_month": 0.2, "pace": 1.5, "failure_per_month": 0.3, "sovereignty": 0.5,
    "alarm_weight": 2.0, "entry_per_month": 0.1, "value_weight": 3.0,
}  # fmt: skip
LOSSES = {"realised_saving_share": -0.03}  # in every second run: the service costs, not saves
RUNS = range(4)


class Trajectory(NamedTuple):
    """A run: its episode, its parameters, a copy of the state after every month from 0 on."""

    episode: Episode
    parameters: Any
    states: list[State]


def copied(state: State, trusts: int) -> State:
    """Return a copy of a state, with the trusts of the run alone."""
    return State(state.trusts[:trusts].copy(), *(array.copy() for array in state[1:]))


def lived(made: Episode, behaviour: Any, seed: int, run: int) -> list[State]:
    """Go through a run of an episode month by month, and return a copy of the state of each."""
    structure, sector = made.structure[0], made.sector[0]
    state, key = empty_state(made), word(run_key(seed, run))
    trusts = initialise(state, made, seed, run)
    fill_work_done(state.work_done, made.levers, behaviour)
    states = [copied(state, trusts)]
    for number in range(1, len(made.levers)):
        levers = made.levers[number]
        now = terms(levers, sector, number)
        month = Month(number, levers, structure, sector, behaviour, now, key)
        step(state, made.offers, made.deeds, trusts, month)
        states.append(copied(state, trusts))
    return states


@cache
def trajectory(name: str, run: int) -> Trajectory:
    """Return a run of an episode, lived through once for all tests."""
    changed: Any = BUSY | (LOSSES if run % 2 else {})
    behaviour: Any = parameters(**changed)[0]
    return Trajectory(EPISODES[name], behaviour, lived(EPISODES[name], behaviour, 5, run))


@cache
def swept(name: str) -> Chunk:
    """Return what a compiled sweep makes of the runs of an episode, one after the other."""
    same: Any = np.array([trajectory(name, run).parameters for run in RUNS]).view(np.recarray)
    return run_chunk(EPISODES[name], lambda _, __: same, 5, 0, len(RUNS))


every_run = pytest.mark.parametrize(
    "run_of", [pytest.param((name, run), id=f"{name}-{run}") for name in EPISODES for run in RUNS]
)


class Passed(NamedTuple):
    """A month of an open scheme: its levers, the run's parameters, the state before and after."""

    number: int
    levers: Any
    parameters: Any
    before: State
    after: State


def passed(name: str) -> Iterator[Passed]:
    """Yield the months of all runs of an episode, up to the one in which it is scrapped."""
    for made, behaviour, states in (trajectory(name, run) for run in RUNS):
        for number, (before, after) in enumerate(pairwise(states), start=1):
            if is_open(before):
                yield Passed(number, made.levers[number], behaviour, before, after)


def is_open(state: State) -> bool:
    """Tell whether the scheme had not been scrapped when this state was reached."""
    return bool(state.centre[0]["status"] == OPEN)


def by_stage(trusts: Records) -> NDArray[np.int64]:
    """Return the number of trusts in each stage."""
    return np.bincount(trusts["stage"], minlength=STAGES)


def is_member(trusts: Records) -> NDArray[np.bool_]:
    """Tell of each trust whether it is in the scheme."""
    return np.isin(trusts["stage"], MEMBERS)


def has_closed(state: State) -> NDArray[np.bool_]:
    """Tell of each provider whether it has been stopped or has withdrawn."""
    return np.isin(state.providers["status"], (STOPPED, WITHDRAWN))


def new_signatures(before: State, after: State) -> NDArray[np.bool_]:
    """Tell of each trust whether it signed between two months, for the first time or again."""
    return is_member(after.trusts) & ~is_member(before.trusts)


@every_run
def test_networks_and_regions_count_their_trusts(run_of: tuple[str, int]) -> None:
    """Counts by stage are those of the trusts, every month; nobody is lost or moves house."""
    states = trajectory(*run_of).states
    for state in states:
        for groups, of in ((state.peers, "peers"), (state.regions, "region")):
            for row, group in enumerate(groups):
                inside = state.trusts[state.trusts[of] == row]
                served = inside["stage"] == SERVED
                assert np.array_equal(group["in_stage"], by_stage(inside))
                assert group["aligned"] == inside["aligned"].sum()
                assert group["served_aligned"] == inside["aligned"][served].sum()
                assert of == "region" or group["trusts"] == len(inside)
            assert groups["in_stage"].sum() == len(state.trusts)
        for name in ("number", "region", "peers", "kind", "spend_gbp", "slack"):
            assert np.array_equal(state.trusts[name], states[0].trusts[name])


@every_run
def test_shares_and_beliefs_are_those_of_the_month_before(run_of: tuple[str, int]) -> None:
    """A network acts on members as the month begins; evidence is a signal a month of service."""
    made, behaviour, states = trajectory(*run_of)
    precision = np.zeros(len(states[0].peers))
    for number, (before, after) in enumerate(pairwise(states), start=1):
        if not is_open(before):
            break
        members = before.peers["in_stage"][:, MEMBERS].sum(axis=1)
        trusts = np.maximum(before.peers["trusts"], 1)  # a region may have none
        assert np.allclose(after.peers["joined_share"], members / trusts)
        seen = before.peers["served_aligned"] * made.structure[0]["evidence_shared"]
        alarms = before.providers["alarm"].sum() * behaviour.alarm_weight
        seen = seen + made.levers[number]["news_weight"] + alarms
        precision += seen / behaviour.signal_sd_share**2
        assert np.allclose(after.peers["precision"], precision)


def test_trusts_move_along_the_arrows_alone() -> None:
    """Along those of the specification, and every one of them is walked somewhere."""
    walked: dict[int, set[int]] = {stage: set() for stage in range(STAGES)}
    for name, run in product(EPISODES, RUNS):
        for before, after in pairwise(trajectory(name, run).states):
            for old, new in zip(before.trusts["stage"], after.trusts["stage"], strict=True):
                if new != old:
                    walked[int(old)].add(int(new))
    assert walked == MOVES


def test_evidence_is_normal_around_what_is_saved() -> None:
    """What a network learns in a month from n aligned members has mean v and variance tau^2 / n.

    The evidence of five regions in 60 runs is pooled, news aside; p-value over 1e-3 (KS).
    """
    z: list[float] = []
    for run in range(60):
        made, behaviour, states = trajectory("regional", run)
        tau, v = behaviour.signal_sd_share, behaviour.realised_saving_share
        for levers, (before, after) in zip(made.levers[1:], pairwise(states), strict=True):
            aligned = before.peers["served_aligned"]
            learnt = (after.peers["weighted"] - before.peers["weighted"]) * tau**2
            learnt -= levers["news_weight"] * levers["news_saving_share"]
            seen = aligned > 0
            z.extend((learnt[seen] / aligned[seen] - v) * np.sqrt(aligned[seen]) / tau)
    assert len(z) > 1_000
    assert stats.kstest(z, "norm").pvalue > 1e-3


@every_run
def test_looked_joined_members_and_aligned_are_ever_fewer(run_of: tuple[str, int]) -> None:
    """Who has joined has looked; members are signed or served; only members are aligned."""
    for state in trajectory(*run_of).states:
        trusts, centre, members = state.trusts, state.centre[0], is_member(state.trusts)
        assert centre["looked"] == trusts["looked"].sum() >= centre["joined"] >= members.sum()
        assert np.all(trusts["looked"][trusts["signed_month"] != NEVER] == 1)
        assert not np.any(trusts["looked"][trusts["stage"] == EXEMPT])
        for name in ("aligned", "work_month", "aligned_month"):
            idle = 0 if name == "aligned" else NEVER
            assert np.all(trusts[name][~members] == idle), name
        begun = trusts["work_month"] != NEVER
        assert not np.any((trusts["aligned"] == 1) & ~begun)
        assert np.all(trusts["served_month"][trusts["stage"] == SERVED] != NEVER)
    outcome = swept(run_of[0]).outcomes[run_of[1]]
    assert outcome["looked"] >= outcome["joined"] >= outcome["joined"] - outcome["left"]
    assert outcome["aligned"] + outcome["stalled"] == outcome["joined"] - outcome["left"]
    assert outcome["served"] <= outcome["joined"] - outcome["left"]


@every_run
def test_work_ends_in_the_month_in_which_it_is_done(run_of: tuple[str, int]) -> None:
    """Who has begun is aligned when the work of all months since is what it owed; not before."""
    made, behaviour, states = trajectory(*run_of)
    sector, levers = made.sector[0], made.levers
    kept = behaviour.pace + levers["leadership"] * max(1.0 - behaviour.pace, 0.0)
    for number, state in enumerate(states):
        for trust in state.trusts[state.trusts["work_month"] != NEVER]:
            months = slice(int(trust["work_month"]) + 1, number + 1)
            alone = (1.0 - levers["funded"]) * trust["slack"] / sector["middling_slack"]
            done = np.sum((levers["capacity"] * kept * (alone + levers["funded"]))[months])
            if abs(done - trust["work"]) > 1e-9 and is_open(state):
                assert trust["aligned"] == (done > trust["work"])


@every_run
def test_signatures_are_those_of_the_trusts(run_of: tuple[str, int]) -> None:
    """A signature is a move to signed, dated; who has ever signed is counted once and for ever."""
    states = trajectory(*run_of).states
    signed = np.zeros(len(states[0].providers), np.int64)  # at each provider
    np.add.at(signed, states[0].trusts["provider"][is_member(states[0].trusts)], 1)
    assert np.array_equal(states[0].providers["signed"], signed)
    assert np.array_equal(states[0].trusts["signed_month"] == 0, is_member(states[0].trusts))
    for number, (before, after) in enumerate(pairwise(states), start=1):
        signs = new_signatures(before, after)
        assert np.all(after.trusts["stage"][signs] == SIGNED), "served in the month of a signature"
        dates = np.where(signs, number, before.trusts["signed_month"])
        assert np.array_equal(after.trusts["signed_month"], dates)
        np.add.at(signed, after.trusts["provider"][signs], 1)
        assert np.array_equal(after.providers["signed"], signed)
        assert after.centre[0]["joined"] == np.sum(dates != NEVER)
        assert after.centre[0]["rejoined"] == signed.sum() - np.sum(dates != NEVER)
        assert after.centre[0]["joined"] >= before.centre[0]["joined"], "the curve falls"
    assert signed.sum() > 0


@every_run
def test_departures_are_moves_to_left(run_of: tuple[str, int]) -> None:
    """A provider counts as departed who was its customer and is out now, whoever came later."""
    states = trajectory(*run_of).states
    departed = np.zeros(len(states[0].providers), np.int64)
    for before, after in pairwise(states):
        gone = is_member(before.trusts) & (after.trusts["stage"] == LEFT)
        np.add.at(departed, before.trusts["provider"][gone], 1)
        assert np.array_equal(after.providers["departures"], departed)


def test_members_depart_in_many_episodes() -> None:
    """And come back in some: the laws here are not idle."""
    ends = {name: [trajectory(name, run).states[-1] for run in RUNS] for name in EPISODES}
    left = {
        name
        for name, all_of in ends.items()
        if any(x.providers["departures"].any() for x in all_of)
    }
    back = {name for name, all_of in ends.items() if any(x.centre["rejoined"][0] for x in all_of)}
    assert left >= {"national", "fresh", "market", "merging", "dropped", "voting"}
    assert len(back) >= 3


@every_run
def test_reported_interest_is_that_of_the_trusts(run_of: tuple[str, int]) -> None:
    """A newspaper can count who is considering now, and the declined if so asked."""
    made, _, states = trajectory(*run_of)
    has_declined = made.structure[0]["declined_report_interest"] == 1
    # Who was turned away had not declined, and its report stays on record like one of who has.
    stages = [CONSIDERING, DECLINED, IDLE] if has_declined else [CONSIDERING]
    for state in states:
        reports = state.trusts["reports"]
        assert state.centre[0]["reported"] == reports.sum()
        assert np.all(np.isin(state.trusts["stage"][reports == 1], stages))
    # A trust is either one that is reported or not, whenever it has a case.
    looking = np.array([state.trusts["stage"] == CONSIDERING for state in states])
    seen = np.where(looking, [state.trusts["reports"] for state in states], np.nan)
    ever = ~np.isnan(seen).all(axis=0)
    assert np.array_equal(np.nanmin(seen[:, ever], axis=0), np.nanmax(seen[:, ever], axis=0))
    assert 0.0 < np.nanmean(seen) < 1.0


@every_run
def test_a_scrapped_scheme_is_frozen(run_of: tuple[str, int]) -> None:
    """A review below the target scraps in its month, and from then on nothing changes."""
    states = trajectory(*run_of).states
    scrapped = [number for number, state in enumerate(states) if not is_open(state)]
    assert scrapped == (list(range(20, 41)) if run_of[0] in ("scrapped", "dropped") else [])
    for number in scrapped:
        assert states[number].centre[0]["scrapped_month"] == 20
        for now, then in zip(states[number], states[20], strict=True):
            names = now.dtype.names or ()  # none: scratch, not state
            assert all(np.array_equal(now[name], then[name]) for name in names)


@every_run
def test_the_curves_of_a_sweep_are_the_counts_of_its_months(run_of: tuple[str, int]) -> None:
    """A compiled sweep goes through the same months, and its curves are recounts of the trusts.

    Its runs follow one another in the same arrays: none leaves a trace in the next.
    """
    curves = swept(run_of[0]).curves[run_of[1]]
    for number, state in enumerate(trajectory(*run_of).states):
        counts = by_stage(state.trusts)
        expected = {
            "joined": np.sum(state.trusts["signed_month"] != NEVER),
            "interested": state.trusts["reports"].sum(),
            "looked": state.trusts["looked"].sum(),
            "considering": counts[CONSIDERING],
            "declined": counts[DECLINED],
            "served": counts[SERVED],
            "aligned": state.trusts["aligned"].sum(),
            "members": counts[list(MEMBERS)].sum(),
            "regions_planned": np.sum(state.regions["stage"] >= PLANNED),
            "providers_open": np.isin(state.providers["status"], (OPEN_FOR_ALL, CONDITIONAL)).sum(),
            "providers_conditional": np.sum(state.providers["status"] == CONDITIONAL),
            "providers_stopped": np.sum(state.providers["status"] == STOPPED),
            "providers_withdrawn": np.sum(state.providers["status"] == WITHDRAWN),
        }
        expected["left"] = expected["joined"] - expected["members"]
        assert {name: curves[number][name] for name in observation.COUNTED} == expected
        members = np.isin(state.trusts["stage"], MEMBERS)
        served_by = state.providers["quality"][state.trusts["provider"][members]]
        quality = served_by.mean() if members.any() else 1.0
        assert curves[number]["service_quality"] == pytest.approx(quality, abs=1e-12)


@every_run
def test_outcomes_are_read_off_the_last_month(run_of: tuple[str, int]) -> None:
    """Every outcome that is no money is a recount of trusts, regions and providers at the end."""
    made, behaviour, states = trajectory(*run_of)
    outcome = swept(run_of[0]).outcomes[run_of[1]]
    trusts, peers, regions, providers, centre, *_ = states[-1]
    counts, members, first = by_stage(trusts), is_member(trusts), states[0].regions["stage"]
    signed = trusts["signed_month"] != NEVER
    typical = [typical_spend_gbp(made.sector[0], income) for income in trusts["income_gbp"]]
    dear = trusts["spend_gbp"] > typical
    owners, quality = (providers[x][trusts["provider"]] for x in ("public_share", "quality"))
    exits = providers["departures"] / np.maximum(providers["signed"], 1)
    months = zip(made.levers[1:], states[:-1], strict=True)
    forced = sum(now["pressure"] + now["mandate"] for now, state in months if is_open(state))
    kept = np.exp(-behaviour.crowding_out_per_month * forced)
    expected = {
        "run": run_of[1],
        "approached": len(trusts),
        "joined": signed.sum(),
        "interested": trusts["reports"].sum(),
        "looked": trusts["looked"].sum(),
        "considering": counts[CONSIDERING],
        "declined": counts[DECLINED],
        "turned_away": centre["turned_away"][0],
        "stalled": np.sum(members & (trusts["aligned"] == 0)),
        "served": counts[SERVED],
        "aligned": trusts["aligned"].sum(),
        "left": np.sum(signed & ~members),
        "rejoined": providers["signed"].sum() - signed.sum(),
        "exempt": counts[EXEMPT],
        "joined_above_typical_spend": np.sum(signed & dear),
        "joined_below_typical_spend": np.sum(signed & ~dear),
        "regions_planned": np.sum(regions["stage"] >= PLANNED),
        "followers_share": np.mean(regions["stage"][first == NO_PLAN] >= PLANNED),
        "regions_common_systems": np.sum(regions["stage"] >= COMMON_SYSTEMS),
        "regions_one_provider": np.sum(regions["stage"] >= ONE_PROVIDER),
        "regions_market_tested": np.sum(regions["stage"] == MARKET_TESTED),
        "providers_open": np.isin(providers["status"], (OPEN_FOR_ALL, CONDITIONAL)).sum(),
        "providers_conditional": np.sum(providers["status"] == CONDITIONAL),
        "providers_stopped": np.sum(providers["status"] == STOPPED),
        "providers_withdrawn": np.sum(providers["status"] == WITHDRAWN),
        "public_share": owners[members].mean() if members.any() else 0.0,
        "service_quality": quality[members].mean() if members.any() else 1.0,
        "worst_exit_share": np.minimum(exits[providers["signed"] > 0], 1.0).max(),
        "believed_saving_share": peers["believed_saving"][trusts["peers"]].mean(),
        "scrapped_month": centre["scrapped_month"][0],
        "scrapped_for": 0 if is_open(states[-1]) else SIGNATURES,
        "collaboration_share": made.levers[0]["collaboration_share"] * kept,
    }
    for name, value in expected.items():
        assert outcome[name] == pytest.approx(value), name


def test_exempt_trusts_stay_exempt() -> None:
    """Some 15 in 100 are let off at the launch and take no part; nobody is let off later."""
    exempt = approached = 0
    for name, run in product(("voting", "staged", "market"), RUNS):
        states = trajectory(name, run).states
        let_off = states[0].trusts["stage"] == EXEMPT
        assert all(np.array_equal(x.trusts["stage"] == EXEMPT, let_off) for x in states)
        assert np.all(states[-1].trusts["signed_month"][let_off] == NEVER)
    made = episode(trusts=200, exempt_share=0.15)
    for run in range(30):
        state = empty_state(made)
        initialise(state, made, 5, run)
        exempt, approached = exempt + int(np.sum(state.trusts["stage"] == EXEMPT)), approached + 200
    assert stats.binomtest(exempt, approached, 0.15).pvalue > 1e-3


@every_run
def test_a_glance_is_a_copy_of_its_trust(run_of: tuple[str, int]) -> None:
    """What the compiled scheduler looks at is what the trust is; slack is never too little."""
    for state in trajectory(*run_of).states:
        scan_rows = state.scan_rows[: len(state.trusts)]
        for name in ("number", "peers", "stage"):
            assert np.array_equal(scan_rows[name], state.trusts[name])
        slowed = np.isin(state.trusts["stage"], (CONSIDERING, *MEMBERS))
        pace, slack = scan_rows["pace"].astype(np.float64), state.trusts["slack"]
        assert np.all((pace[slowed] >= slack[slowed]) & (pace[slowed] < 1.000001 * slack[slowed]))
        assert np.all(pace[~slowed] == 1.0)
        months, members = state.trusts["aligned_month"], is_member(state.trusts)
        at_work = members & (state.trusts["aligned"] == 0) & (months != NEVER)
        bound = ~members & (state.trusts["bound"] == 1) & (state.trusts["stage"] != EXEMPT)
        due = np.where(at_work, months, np.where(bound, 0, LATER))
        assert np.array_equal(scan_rows["due_month"], due)
