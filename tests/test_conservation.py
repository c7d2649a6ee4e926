"""What is counted equals what is there: every month of eventful runs, recounted trust by trust.

All that the model keeps a running count of is recounted in plain numpy from copies of the state.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np
import pytest
from building import episode, parameters, records
from numpy.typing import NDArray
from scipy import stats

from sim._jit import Records, word
from sim.entities import (
    CONSIDERING,
    DECLINED,
    IDLE,
    INTERESTED,
    JOINED,
    LEFT,
    LIVE,
    MIGRATING,
    NEVER,
    OPEN,
    PROVIDER,
    STAGES,
    State,
)
from sim.initialization import empty_state, initialise
from sim.inputs import LEVERS, REGION_ONLY, Episode
from sim.observation import CURVES
from sim.schedule import Luck, Month, luck_of_month, step, term_in_years
from sim.submodels import centre, providers
from sim.sweep import run_chunk

MEMBERS = (JOINED, MIGRATING, LIVE)
MOVES = {
    IDLE: {INTERESTED}, INTERESTED: {CONSIDERING, DECLINED, JOINED}, DECLINED: {INTERESTED},
    CONSIDERING: {DECLINED, JOINED}, JOINED: {MIGRATING, LEFT}, MIGRATING: {LIVE, LEFT},
    LIVE: {LEFT}, LEFT: {INTERESTED},
}  # fmt: skip

# Runs in which much happens: members come and go, fees change, news arrives, the centre reviews.
LOOSE: dict[str, Any] = {"exit_freedom": 0.6, "yearly_fee_gbp": 7_000.0, "term_years": 1.5}
FEES: list[tuple[int, dict[str, float]]] = [
    (1, {"upfront_fee_gbp": 20_000.0, "grant_gbp": 3_000.0}),
    (9, {"upfront_fee_gbp": 45_000.0, "news_weight": 30.0, "news_saving_share": 0.4}),
    (16, {"upfront_fee_gbp": 5_000.0, "yearly_fee_gbp": 12_000.0, "budget_squeeze": 0.3}),
]
REVIEW = {"review_month": 20.0, "scrap_below_share": 1.0, "refund_share": 0.4}
SCRAPPED = LOOSE | REVIEW | {"target_joined": 100.0}
COUNTED: dict[str, float] = {"peers": REGION_ONLY, "declined_report_interest": 1}
EPISODES: dict[str, Episode] = {
    "national": episode(months=40, changes=FEES, **LOOSE),
    "regional": episode(months=40, changes=FEES, structure=COUNTED, approached=(20, 60), **LOOSE),
    "scrapped": episode(months=40, changes=FEES, **SCRAPPED),
    "reached": episode(months=40, changes=FEES, **(SCRAPPED | {"target_joined": 1.0})),
    "bound": episode(months=60, changes=FEES, term_years=1.0, exit_freedom=0.0),
    "mandated": episode(months=40, mandate=0.4, structure={"evidence_shared": 0.0}, **LOOSE),
}
BUSY = {"attention_per_month": 0.2, "migration_per_month": 0.5}
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


@cache
def trajectory(name: str, run: int) -> Trajectory:
    """Go through a run of an episode month by month."""
    made = EPISODES[name]
    changed: Any = BUSY | (LOSSES if run % 2 else {})
    behaviour: Any = parameters(**changed)[0]
    structure, sector = made.structure[0], made.sector[0]
    state = empty_state(made)
    trusts = initialise(state, made, 5, run)
    states = [copied(state, trusts)]
    for number in range(1, len(made.levers)):
        levers, luck = made.levers[number], Luck(*map(word, luck_of_month(5, run, number)))
        years = term_in_years(levers, sector)
        step(state, trusts, Month(number, levers, structure, sector, behaviour, years, luck))
        states.append(copied(state, trusts))
    return Trajectory(made, behaviour, states)


every_run = pytest.mark.parametrize(
    "run_of", [pytest.param((name, run), id=f"{name}-{run}") for name in EPISODES for run in RUNS]
)


def is_open(state: State) -> bool:
    """Tell whether the scheme had not been scrapped when this state was reached."""
    return bool(state.centre[0]["status"] == OPEN)


def by_stage(trusts: Records) -> NDArray[np.int64]:
    """Return the number of trusts in each stage."""
    return np.bincount(trusts["stage"], minlength=STAGES)


def new_signatures(before: State, after: State) -> NDArray[np.bool_]:
    """Tell of each trust whether it signed between two months, for the first time or again."""
    return (after.trusts["stage"] == JOINED) & (before.trusts["stage"] != JOINED)


@every_run
def test_networks_and_regions_count_their_trusts(run_of: tuple[str, int]) -> None:
    """Counts by stage are those of the trusts, every month; nobody is lost or moves house."""
    states = trajectory(*run_of).states
    for state in states:
        for groups, of in ((state.peers, "peers"), (state.regions, "region")):
            for row, group in enumerate(groups):
                inside = state.trusts[state.trusts[of] == row]
                assert np.array_equal(group["in_stage"], by_stage(inside))
                assert of == "region" or group["members"] == len(inside)
            assert groups["in_stage"].sum() == len(state.trusts)
        for name in ("number", "region", "peers", "kind", "spend_gbp", "slack"):
            assert np.array_equal(state.trusts[name], states[0].trusts[name])


@every_run
def test_shares_and_beliefs_are_those_of_the_month_before(run_of: tuple[str, int]) -> None:
    """A network acts on members as the month begins; evidence is a signal a live month."""
    made, behaviour, states = trajectory(*run_of)
    precision = np.zeros(len(states[0].peers))
    for number, (before, after) in enumerate(pairwise(states), start=1):
        if not is_open(before):
            break
        members = before.peers["in_stage"][:, MEMBERS].sum(axis=1)
        trusts = np.maximum(before.peers["members"], 1)  # a region may have none
        assert np.allclose(after.peers["joined_share"], members / trusts)
        seen = before.peers["in_stage"][:, LIVE] * made.structure[0]["evidence_shared"]
        precision += (seen + made.levers[number]["news_weight"]) / behaviour.signal_sd_share**2
        assert np.allclose(after.peers["precision"], precision)


def test_trusts_move_along_the_arrows_alone() -> None:
    """No trust skips a stage, and every arrow of the specification is walked somewhere."""
    walked: dict[int, set[int]] = {stage: set() for stage in range(STAGES)}
    for name, run in product(EPISODES, RUNS):
        for before, after in pairwise(trajectory(name, run).states):
            for old, new in zip(before.trusts["stage"], after.trusts["stage"], strict=True):
                if new != old:
                    walked[int(old)].add(int(new))
    assert walked == MOVES


def test_evidence_is_normal_around_what_is_saved() -> None:
    """What a network learns in a month from n live members has mean v and variance tau^2 / n.

    The evidence of five regions in 60 runs is pooled, news aside; p-value over 1e-3 (KS).
    """
    z: list[float] = []
    for run in range(60):
        made, behaviour, states = trajectory("regional", run)
        tau, v = behaviour.signal_sd_share, behaviour.realised_saving_share
        for levers, (before, after) in zip(made.levers[1:], pairwise(states), strict=True):
            live = before.peers["in_stage"][:, LIVE]
            learnt = (after.peers["weighted"] - before.peers["weighted"]) * tau**2
            learnt -= levers["news_weight"] * levers["news_saving_share"]
            seen = live > 0
            z.extend((learnt[seen] / live[seen] - v) * np.sqrt(live[seen]) / tau)
    assert len(z) > 1_000
    assert stats.kstest(z, "norm").pvalue > 1e-3


def test_a_term_binds_from_the_latest_signature() -> None:
    """Without freedom to leave, members of a one-year term leave after 12 months or later."""
    stayed: list[int] = []
    for states in (trajectory("bound", run).states for run in RUNS):
        for number, (before, after) in enumerate(pairwise(states), start=1):
            left = (after.trusts["stage"] == LEFT) & (before.trusts["stage"] != LEFT)
            stayed.extend(number - before.trusts["signed_month"][left])
    assert min(stayed) == 12


@every_run
def test_signatures_are_those_of_the_trusts(run_of: tuple[str, int]) -> None:
    """A signature is a move to joined, dated; who has ever signed is counted once and for ever."""
    signatures = 0
    for number, (before, after) in enumerate(pairwise(trajectory(*run_of).states), start=1):
        signs = new_signatures(before, after)
        dates = np.where(signs, number, before.trusts["signed_month"])
        assert np.array_equal(after.trusts["signed_month"], dates)
        signatures += signs.sum()
        assert after.centre[0]["signatures"] == signatures
        assert after.centre[0]["joined"] == np.sum(dates != NEVER)
        assert after.centre[0]["joined"] >= before.centre[0]["joined"], "the curve falls"
    assert signatures > 0


@every_run
def test_reported_interest_is_that_of_the_trusts(run_of: tuple[str, int]) -> None:
    """A newspaper can count who is interested or considering now, and the declined if so asked."""
    made, _, states = trajectory(*run_of)
    stages = [INTERESTED, CONSIDERING, DECLINED]
    stages = stages[: 3 if made.structure[0]["declined_report_interest"] else 2]
    for state in states:
        reports = state.trusts["reports"]
        assert state.centre[0]["reported"] == reports.sum()
        assert np.all(np.isin(state.trusts["stage"][reports == 1], stages))
    # A trust is either one that is reported or not, whenever it looks.
    looking = np.array([np.isin(state.trusts["stage"], stages) for state in states])
    seen = np.where(looking, [state.trusts["reports"] for state in states], np.nan)
    ever = ~np.isnan(seen).all(axis=0)
    assert np.array_equal(np.nanmin(seen[:, ever], axis=0), np.nanmax(seen[:, ever], axis=0))
    assert 0.0 < np.nanmean(seen) < 1.0


@every_run
def test_the_accounts_add_up(run_of: tuple[str, int]) -> None:
    """Revenue is the month's fee for each signature and a twelfth a member, less refunds."""
    made, _, states = trajectory(*run_of)
    fees = revenue = grants = 0.0
    for number, (before, after) in enumerate(pairwise(states), start=1):
        levers = made.levers[number]
        if is_open(before):
            new = new_signatures(before, after).sum()
            members = np.isin(after.trusts["stage"], MEMBERS).sum()
            fees += new * levers["upfront_fee_gbp"]
            revenue += new * levers["upfront_fee_gbp"] + members * levers["yearly_fee_gbp"] / 12.0
            grants += new * levers["grant_gbp"]
            revenue -= 0.0 if is_open(after) else fees * levers["refund_share"]
        provider = after.providers[0]
        assert provider["upfront_fees_gbp"] == pytest.approx(fees)
        assert provider["revenue_gbp"] == pytest.approx(revenue)
        assert after.centre[0]["grants_gbp"] == pytest.approx(grants)


@every_run
def test_savings_are_those_of_live_trusts(run_of: tuple[str, int]) -> None:
    """A region banks, to the pound, a month of every trust that was live as the month began."""
    _, behaviour, states = trajectory(*run_of)
    trusts, banked = states[0].trusts, np.zeros(5, np.int64)
    yearly = trusts["spend_gbp"] * behaviour.realised_saving_share * behaviour.cashable_share
    monthly = np.floor(yearly / 12.0 + 0.5).astype(np.int64)
    for before, after in pairwise(states):
        if is_open(before):
            live = before.trusts["stage"] == LIVE
            np.add.at(banked, trusts["region"][live], monthly[live])
        assert np.array_equal(after.regions["realised_saving_gbp"], banked)


@every_run
def test_a_scrapped_scheme_is_frozen(run_of: tuple[str, int]) -> None:
    """A review below the target scraps in its month, and from then on nothing changes."""
    states = trajectory(*run_of).states
    scrapped = [number for number, state in enumerate(states) if not is_open(state)]
    assert scrapped == (list(range(20, 41)) if run_of[0] == "scrapped" else [])
    for number in scrapped:
        assert states[number].centre[0]["scrapped_month"] == 20
        for now, then in zip(states[number], states[20], strict=True):
            names = now.dtype.names or ()  # none: scratch, not state
            assert all(np.array_equal(now[name], then[name]) for name in names)


@every_run
def test_the_curves_of_a_sweep_are_the_counts_of_its_months(run_of: tuple[str, int]) -> None:
    """A compiled sweep goes through the same months, and its curves are recounts of the trusts."""
    made, behaviour, states = trajectory(*run_of)
    same: Any = np.array([behaviour], behaviour.dtype)
    curves = run_chunk(made, lambda _, __: same, 5, run_of[1], 1).curves[0]
    for number, state in enumerate(states):
        counts = by_stage(state.trusts)
        signed = int(np.sum(state.trusts["signed_month"] != NEVER))
        looking = counts[INTERESTED] + counts[CONSIDERING]
        left, reported = signed - counts[list(MEMBERS)].sum(), state.trusts["reports"].sum()
        expected = [signed, reported, looking, counts[DECLINED], counts[LIVE], left]
        assert list(curves[:, number]) == expected
    assert CURVES == ("joined", "interested", "considering", "declined", "live", "left")


def test_provider_and_centre() -> None:
    """Fees, refunds and loss add up; the review comes in its month, and only below the target."""
    values = {"yearly_fee_gbp": 1200.0, "refund_share": 0.4, "scrap_below_share": 0.5}
    levers: Any = records(LEVERS, 2, target_joined=50.0, review_month=[12.0, 0.0], **values)
    assert providers.month_fees_gbp(levers[0], 7) == 700.0
    assert providers.refund_gbp(levers[0], 1000.0) == 400.0
    account = records(PROVIDER, invested_gbp=100.0, committed_gbp=20.0, revenue_gbp=50.0)
    assert providers.loss_gbp(account[0]) == 70.0
    assert centre.review_scraps(levers[0], 12, 24)
    assert not centre.review_scraps(levers[0], 12, 25)
    assert not centre.review_scraps(levers[0], 13, 0)
    assert not centre.review_scraps(levers[1], 0, 0)
