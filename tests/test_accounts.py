"""Money: every account is recounted trust by trust, and what one pays another cancels.

The runs are those of ``test_conservation``; the recount is plain numpy, from copies of the state.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from building import episode, parameters
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from test_conservation import (
    BUSY,
    DROPPED,
    EPISODES,
    LOSSES,
    OFFERS,
    RUNS,
    TURNS,
    every_run,
    is_member,
    is_open,
    lived,
    new_signatures,
    swept,
    trajectory,
)
from uptake.config.schema import lever_meanings
from uptake.engine.compiled import run_chunk
from uptake.model._jit import Records
from uptake.model.entities import ABSENT, COMMON_SYSTEMS, LIVE, MARKET_TESTED, MIGRATING, State
from uptake.model.episode import Episode

Accounts = dict[str, NDArray[np.float64]]  # by name of the state variable, a row an agent


def pounds(amount: Any) -> Any:
    """Return amounts in whole pounds, halves upwards."""
    return np.floor(amount + 0.5)


def by(trusts: Records, group: str, rows: int, amounts: Any, where: Any) -> Any:
    """Return the sums of the trusts' amounts by group, of the trusts that are picked."""
    amounts = np.broadcast_to(amounts, len(trusts))
    return np.bincount(trusts[group][where], amounts[where], rows).astype(np.float64)


def is_exposed(trusts: Records) -> NDArray[np.bool_]:
    """Tell of each trust whether it shares the service before it is aligned, this month."""
    return (trusts["stage"] == MIGRATING) & (trusts["exposed"] == 1)


def counted_in_regions(trusts: Records, rows: int, behaviour: Any) -> Accounts:
    """Return what a region keeps count of, from its trusts."""
    spend, live, members = trusts["spend_gbp"], trusts["stage"] == LIVE, is_member(trusts)
    saving = spend * behaviour.realised_saving_share * behaviour.cashable_share / 12.0
    disruption = spend * trusts["gap"] * behaviour.disruption_cost_share / 12.0
    of = (trusts, "region", rows)
    return {
        "aligned": by(*of, 1.0, members & (trusts["aligned"] == 1)),
        "exposed": by(*of, 1.0, is_exposed(trusts)),
        "member_spend_gbp": by(*of, pounds(spend), members),
        "live_spend_gbp": by(*of, pounds(spend), live),
        "saving_gbp_per_month": by(*of, pounds(saving), live),
        "disruption_gbp_per_month": by(*of, pounds(disruption), is_exposed(trusts)),
    }


def counted_by_providers(trusts: Records, rows: int) -> Accounts:
    """Return what a provider keeps count of, from its customers."""
    spend, live, members = trusts["spend_gbp"], trusts["stage"] == LIVE, is_member(trusts)
    of = (trusts, "provider", rows)
    return {
        "customers": by(*of, 1.0, members),
        "waiting_spend_gbp": by(*of, pounds(spend), members & ~live),
        "live_spend_gbp": by(*of, pounds(spend), live),
        "open_gap_gbp": by(*of, pounds(trusts["gap"] * spend), is_exposed(trusts)),
    }


def banked(number: int, made: Episode, behaviour: Any, before: State, after: State) -> Accounts:
    """Return what a month brought to each region, from its trusts at the start of the month."""
    levers, stages = made.levers[number], before.regions["stage"]
    trusts, rows = before.trusts, len(stages)
    count = counted_in_regions(trusts, rows, behaviour)
    members = by(trusts, "region", rows, 1.0, is_member(trusts))
    live = by(trusts, "region", rows, 1.0, trusts["stage"] == LIVE)
    is_mixed = (levers["quorum_share"] > 0.0) & (stages < COMMON_SYSTEMS) & (members > 0.0)
    mixed = np.where(is_mixed, 1.0 - count["aligned"] / np.maximum(members, 1.0), 0.0)
    mixed_gbp = count["live_spend_gbp"] * mixed * behaviour.disruption_cost_share / 12.0
    market = levers["market_saving_share"] * behaviour.cashable_share * (stages == MARKET_TESTED)
    goes_live = (after.trusts["stage"] == LIVE) & (trusts["stage"] != LIVE)
    gone = levers["staff_leaving_share"] * levers["redundancy_cost_share"]
    years = behaviour.migration_cost_years * trusts["gap"] * (1.0 - levers["common_frameworks"])
    years = years + gone * (1.0 - levers["redundancy_avoided_share"])
    one_off = by(trusts, "region", rows, pounds(trusts["spend_gbp"] * years), goes_live)
    further = pounds(count["live_spend_gbp"] * market / 12.0)
    claimed = pounds(count["member_spend_gbp"] * levers["claimed_saving_share"] / 12.0)
    return {
        "realised_saving_gbp": count["saving_gbp_per_month"] + further,
        "disruption_gbp": count["disruption_gbp_per_month"] + pounds(mixed_gbp),
        "claimed_saving_gbp": claimed,
        "one_off_gbp": one_off,
        "disrupted_months": count["exposed"] + mixed * live,
    }


def booked(number: int, made: Episode, before: State, after: State) -> Accounts:
    """Return what a month brought to each provider, from its customers at the end of the month."""
    levers, rows = made.levers[number], len(before.providers)
    count = counted_by_providers(after.trusts, rows)
    signed = by(after.trusts, "provider", rows, 1.0, new_signatures(before, after))
    waiting, live = count["waiting_spend_gbp"] / 12.0, count["live_spend_gbp"] / 12.0
    certain = levers["discount_share"] * (1.0 - levers["conditional_share"])
    cap = levers["management_cost_cap"]
    enters = (before.providers["status"] == ABSENT) & (after.providers["status"] != ABSENT)
    on_signing = signed * levers["upfront_fee_gbp"]
    return {
        "upfront_fees_gbp": on_signing,
        "fees_gbp": on_signing + count["customers"] * levers["yearly_fee_gbp"] / 12.0,
        "rebates_gbp": waiting * (certain + cap) + live * (levers["discount_share"] + cap),
        "price_cuts_gbp": (waiting + live) * levers["price_cut_share"],
        "own_saving_gbp": live * levers["supplier_saving_share"],
        "invested_gbp": made.offers["invested_gbp"] * enters,
        "committed_gbp": made.offers["committed_gbp"] * enters,
        "grants_gbp": signed * levers["grant_gbp"],
    }


@cache
def ledger(name: str, run: int) -> tuple[Accounts, Accounts, NDArray[np.float64]]:
    """Return the accounts of a whole run, month by month, of regions and of providers; and flows.

    It ends with the month in which a scheme is scrapped, before refunds and offsets.
    """
    made, behaviour, states = trajectory(name, run)
    regions, providers, flows = [], [], []
    for number, (before, after) in enumerate(pairwise(states), start=1):
        if not is_open(before):
            break
        bank, book = (
            banked(number, made, behaviour, before, after),
            booked(number, made, before, after),
        )
        regions.append(bank)
        providers.append(book)
        flow = bank["realised_saving_gbp"] - bank["disruption_gbp"] - bank["one_off_gbp"]
        outlay = book["invested_gbp"] + book["committed_gbp"]
        programme = made.levers[number]["programme_cost_gbp"] / 12.0
        flows.append(flow.sum() + np.sum(book["own_saving_gbp"] - outlay) - programme)
    return _so_far(regions), _so_far(providers), np.array(flows)


def _so_far(months: list[Accounts]) -> Accounts:
    """Return accounts so far, shape (months, agents), from those of the months."""
    return {name: np.cumsum([month[name] for month in months], axis=0) for name in months[0]}


def assert_counted(state: State, behaviour: Any) -> None:
    """Assert that all that is counted as trusts move is, to the pound, a sum over the trusts."""
    for name, counted in counted_in_regions(state.trusts, len(state.regions), behaviour).items():
        assert np.array_equal(state.regions[name], counted), name
    for name, counted in counted_by_providers(state.trusts, len(state.providers)).items():
        assert np.array_equal(state.providers[name], counted), name
    outside = ~is_member(state.trusts)
    assert not np.any(state.trusts["exposed"] & (state.trusts["aligned"] | outside))
    assert not np.any(state.trusts["aligned"] & outside)
    assert not np.any(state.providers["customers"][state.providers["status"] == ABSENT])


@every_run
def test_regions_and_providers_count_their_trusts(run_of: tuple[str, int]) -> None:
    """What they have counted is there, every month; and nobody is served by an absent provider."""
    _, behaviour, states = trajectory(*run_of)
    for state in states:
        assert_counted(state, behaviour)


@every_run
def test_regions_bank_what_their_trusts_bring(run_of: tuple[str, int]) -> None:
    """A month of every trust that was live or exposed as it began, to the pound; and moves paid."""
    states = trajectory(*run_of).states
    accounts, _, flows = ledger(*run_of)
    for name, so_far in accounts.items():
        for number, state in enumerate(states[1:]):
            expected = so_far[min(number, len(flows) - 1)]
            if name == "disrupted_months":
                assert state.regions[name] == pytest.approx(expected), name
            else:
                assert np.array_equal(state.regions[name], expected), name


@every_run
def test_providers_book_what_customers_and_centre_pay(run_of: tuple[str, int]) -> None:
    """Fees on signing, a twelfth a member, less discounts, capped prices and cuts; and outlays."""
    made, _, states = trajectory(*run_of)
    _, accounts, flows = ledger(*run_of)
    opened = made.offers["enters_later"] == 0.0
    for number, state in enumerate(states[1:]):
        at = min(number, len(flows) - 1)
        refunds, offset = 0.0, 0.0
        if not is_open(state):
            levers = made.levers[len(flows)]
            refunds = accounts["upfront_fees_gbp"][at] * levers["refund_share"]
            offset = levers["offset_gbp"]
        for name in set(accounts) - {"grants_gbp", "fees_gbp"}:
            launch = (
                made.offers[name] * opened if name in ("invested_gbp", "committed_gbp") else 0.0
            )
            assert state.providers[name] == pytest.approx(launch + accounts[name][at]), name
        assert state.providers["fees_gbp"] == pytest.approx(accounts["fees_gbp"][at] - refunds)
        assert state.providers["offset_gbp"].sum() == pytest.approx(offset)
        assert state.centre[0]["grants_gbp"] == pytest.approx(accounts["grants_gbp"][at].sum())


@every_run
def test_net_present_value_is_that_of_the_months(run_of: tuple[str, int]) -> None:
    """It is the sum of what every month brought to all, each discounted at 3.5 % a year."""
    made, _, states = trajectory(*run_of)
    _, _, flows = ledger(*run_of)
    months = np.arange(1, len(flows) + 1)
    launch = np.sum(states[0].providers["invested_gbp"] + states[0].providers["committed_gbp"])
    so_far = np.cumsum(flows * 1.035 ** (-months / 12.0)) - launch
    assert made.sector[0]["discount_rate"] == 0.035
    assert states[0].centre[0]["net_present_value_gbp"] == -launch < 0.0
    for number, state in enumerate(states[1:]):
        value = so_far[min(number, len(flows) - 1)]
        assert state.centre[0]["net_present_value_gbp"] == pytest.approx(value)


@every_run
def test_each_payer_is_shown_its_own_cost(run_of: tuple[str, int]) -> None:
    """Outcomes say what regions saved and were told, and what trusts, provider and centre paid."""
    states = trajectory(*run_of).states
    regions, providers, flows = ledger(*run_of)
    last, outcome = states[-1].providers, swept(run_of[0]).outcomes[run_of[1]]
    bank = {name: so_far[-1].sum() for name, so_far in regions.items()}
    book = {name: so_far[-1].sum() for name, so_far in providers.items()}
    fees, offset, grants = last["fees_gbp"].sum(), last["offset_gbp"].sum(), book["grants_gbp"]
    levers = trajectory(*run_of).episode.levers[1 : len(flows) + 1]
    programme = levers["programme_cost_gbp"].sum() / 12.0
    outlay = np.sum(last["invested_gbp"] + last["committed_gbp"])
    revenue = fees + book["own_saving_gbp"] + offset - book["rebates_gbp"] - book["price_cuts_gbp"]
    moved = bank["one_off_gbp"] + bank["disruption_gbp"]
    expected = {
        "realised_saving_gbp": bank["realised_saving_gbp"],
        "claimed_saving_gbp": bank["claimed_saving_gbp"],
        "disrupted_months": bank["disrupted_months"],
        "trusts_cost_gbp": moved + fees - book["rebates_gbp"] - grants,
        "centre_cost_gbp": grants + programme + offset - book["price_cuts_gbp"],
        "provider_loss_gbp": outlay - revenue,
        "grants_gbp": grants,
        "net_present_value_gbp": states[-1].centre[0]["net_present_value_gbp"],
    }
    for name, value in expected.items():
        assert outcome[name] == pytest.approx(value, abs=1e-6), name


def test_money_moves_in_every_account() -> None:
    """No account of the eventful runs stays empty, unless nobody enters or cuts prices in them."""
    launched = {"invested_gbp", "committed_gbp"}
    unmoved = {"voting": launched, "staged": launched | {"price_cuts_gbp"}}
    for name in ("market", "merging", "stranded", "dropped", "voting", "staged"):
        moved: set[str] = set()
        for regions, providers, _ in (ledger(name, run) for run in RUNS):
            accounts = regions | providers
            moved |= {account for account, so_far in accounts.items() if np.any(so_far[-1] != 0.0)}
        assert set(accounts) - moved == unmoved.get(name, set())
    mixed = [ledger("voting", run)[0]["disrupted_months"] for run in RUNS]
    assert any(np.any(months % 1.0 > 0.0) for months in mixed), "nobody shared with many systems"
    assert trajectory("dropped", 0).states[-1].providers["offset_gbp"].sum() == 1e6


def undiscounted(made: Episode) -> Episode:
    """Return an episode in which a pound is worth the same in every month."""
    sector = made.sector.copy()
    sector["discount_rate"] = 0.0
    return made._replace(sector=sector)


def payers_agree(outcomes: Records) -> bool:
    """Tell whether the net present value is what was saved less what the payers paid."""
    costs = [outcomes[f"{payer}_gbp"] for payer in ("trusts_cost", "centre_cost", "provider_loss")]
    paid = np.sum(costs, axis=0)
    gross = np.abs(outcomes["realised_saving_gbp"]) + np.sum(np.abs(costs), axis=0)
    gap = outcomes["net_present_value_gbp"] - (outcomes["realised_saving_gbp"] - paid)
    return bool(np.all(np.abs(gap) <= 1e-11 * gross))


@pytest.mark.parametrize("name", EPISODES)
def test_what_one_pays_another_cancels(name: str) -> None:
    """Undiscounted, the present value is the saving less the costs of trusts, centre, provider."""
    design = parameters(8, **BUSY)
    design["realised_saving_share"][::2] = LOSSES["realised_saving_share"]
    outcomes = run_chunk(undiscounted(EPISODES[name]), lambda _, __: design, 6, 0, 8).outcomes
    assert payers_agree(outcomes)
    assert np.all(outcomes["net_present_value_gbp"] != 0.0)
    assert len(set(outcomes["trusts_cost_gbp"])) == 8


TOPS = {
    "upfront_fee_gbp": 2e5, "grant_gbp": 2e5, "yearly_fee_gbp": 2e5, "term_years": 4.0,
    "offset_gbp": 5e6, "programme_cost_gbp": 5e6, "news_weight": 50.0, "benchmark_weight": 50.0,
    "target_joined": 60.0, "review_month": 24.0, "assessment_month": 20.0, "pathfinders": 3.0,
    "deadline_months": 6.0, "redundancy_cost_share": 1.0, "in_house": 3.0, "incident_provider": 4.0,
}  # fmt: skip


def any_levers() -> st.SearchStrategy[dict[str, float]]:
    """Return a strategy for the levers, each over its range or what matters of it."""
    values: dict[str, st.SearchStrategy[float]] = {}
    for name, meaning in lever_meanings().items():
        low, high = meaning.low, TOPS.get(name, meaning.high)
        inside = st.floats(low, high)
        if meaning.whole:
            inside = st.integers(int(low), int(high)).map(float)
        values[name] = st.one_of(st.just(meaning.neutral), inside)
    return st.fixed_dictionaries(values)


@settings(derandomize=True, database=None, max_examples=100)
@given(any_levers(), any_levers(), st.integers(1, 20), st.integers(1, 4), st.integers(0, 2**32))
def test_counts_and_payments_agree_whatever_the_levers(
    first: Any, later: dict[str, float], month: int, offers: int, seed: int
) -> None:
    """Whatever the levers are and change to, with one provider or several."""
    made = undiscounted(
        episode(30, 24, 4, changes=[(month, later)], offers=OFFERS[:offers], **first)
    )
    design = parameters(1, **BUSY)
    assert payers_agree(run_chunk(made, lambda _, __: design, seed, 0, 1).outcomes)
    for state in lived(made, design[0], seed, 0):
        assert_counted(state, design[0])


# Who pays more (1) or less (-1) of trusts, centre and provider, when a payment between them grows.
TRANSFERS: dict[str, tuple[float, tuple[int, int, int]]] = {
    "upfront_fee_gbp": (9e4, (1, 0, -1)),
    "yearly_fee_gbp": (3e4, (1, 0, -1)),
    "refund_share": (0.9, (-1, 0, 1)),
    "grant_gbp": (8e4, (-1, 1, 0)),
    "offset_gbp": (3e6, (0, 1, -1)),
    "price_cut_share": (0.4, (0, -1, 1)),
    "discount_share": (0.3, (-1, 0, 1)),
    "management_cost_cap": (0.3, (-1, 0, 1)),
}


@pytest.mark.parametrize("name", TRANSFERS)
def test_a_transfer_moves_cost_between_payers_alone(name: str) -> None:
    """Where nobody minds money, a payment changes who pays, not what is paid or who does what."""
    value, signs = TRANSFERS[name]
    offers = [{k: x for k, x in o.items() if not k.startswith("parent")} for o in OFFERS[:2]]
    changes = [(at, {k: x for k, x in row.items() if k not in TRANSFERS}) for at, row in TURNS]
    blind: Any = BUSY | dict.fromkeys(("value_weight", "liquidity_weight", "skimping"), 0.0)
    levers = DROPPED | {"upfront_fee_gbp": 3e4}
    little, much = (
        run_chunk(
            episode(months=30, changes=changes, offers=offers, **(levers | changed)),
            lambda _, runs: parameters(runs, **blind),
            5,
            0,
            4,
        )
        for changed in ({}, {name: value})
    )
    assert np.array_equal(little.curves, much.curves)
    assert little.outcomes["joined"].min() > 0
    present = [chunk.outcomes["net_present_value_gbp"] for chunk in (little, much)]
    assert present[0] == pytest.approx(present[1], rel=1e-12)
    moved = []
    for payer, sign in zip(("trusts_cost", "centre_cost", "provider_loss"), signs, strict=True):
        more = much.outcomes[f"{payer}_gbp"] - little.outcomes[f"{payer}_gbp"]
        assert np.array_equal(np.sign(np.round(more, 3)), np.full(4, sign)), payer
        moved.append(more)
    assert np.sum(moved, axis=0) == pytest.approx(0.0, abs=1e-6)
