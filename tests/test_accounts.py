"""Money: every account is recounted trust by trust, and what one pays another cancels.

The runs are those of ``test_conservation``; the recount is plain numpy, from copies of the state.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from building import episode, parameters
from conftest import ROOT
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
    has_closed,
    is_member,
    is_open,
    lived,
    new_signatures,
    swept,
    trajectory,
)
from uptake.cli.arguments import configuration
from uptake.config.case import assemble
from uptake.config.schema import lever_meanings
from uptake.engine.compiled import run_chunk
from uptake.model._jit import Records
from uptake.model.entities import (
    ABSENT,
    EXEMPT,
    LEFT,
    MARKET_TESTED,
    NEVER,
    SERVED,
    STOPPED,
    WITHDRAWN,
    State,
)
from uptake.model.episode import Episode
from uptake.model.observation import COUNTED

Accounts = dict[str, NDArray[np.float64]]  # by name of the state variable, a row an agent


def pounds(amount: Any) -> Any:
    """Return amounts in whole pounds, halves upwards."""
    return np.floor(amount + 0.5)


def by(trusts: Records, group: str, rows: int, amounts: Any, where: Any) -> Any:
    """Return the sums of the trusts' amounts by group, of the trusts that are picked."""
    amounts = np.broadcast_to(amounts, len(trusts))
    return np.bincount(trusts[group][where], amounts[where], rows).astype(np.float64)


def counted_in_regions(trusts: Records, rows: int) -> Accounts:
    """Return what a region keeps count of, from its trusts."""
    spend, served, members = trusts["spend_gbp"], trusts["stage"] == SERVED, is_member(trusts)
    of = (trusts, "region", rows)
    return {
        "spend_gbp": by(*of, pounds(spend), trusts["stage"] != EXEMPT),
        "member_spend_gbp": by(*of, pounds(spend), members),
        "served_spend_gbp": by(*of, pounds(spend), served),
    }


def counted_by_providers(trusts: Records, rows: int) -> Accounts:
    """Return what a provider keeps count of, from its customers."""
    spend, served, members = trusts["spend_gbp"], trusts["stage"] == SERVED, is_member(trusts)
    aligned, of = trusts["aligned"] == 1, (trusts, "provider", rows)
    return {
        "customers": by(*of, 1.0, members),
        "served": by(*of, 1.0, served),
        "served_spend_gbp": by(*of, pounds(spend), served),
        "aligned_spend_gbp": by(*of, pounds(spend), served & aligned),
        "open_gap_gbp": by(*of, pounds(trusts["gap"] * spend), served & ~aligned),
    }


def banked(number: int, made: Episode, behaviour: Any, before: State, after: State) -> Accounts:
    """Return what a month brought to each region.

    Savings and months of disruption are of its trusts at the start of the month, at its new stage;
    outlays are of those who began to align, or were served, in it.
    """
    levers, trusts, rows = made.levers[number], before.trusts, len(before.regions)
    served = trusts["stage"] == SERVED
    spend = by(trusts, "region", rows, pounds(trusts["spend_gbp"]), served)
    member_spend = by(trusts, "region", rows, pounds(trusts["spend_gbp"]), is_member(trusts))
    market = levers["market_saving_share"] * behaviour.cashable_share
    market = market * (before.regions["stage"] == MARKET_TESTED)
    mixed = by(trusts, "region", rows, 1.0, served & (trusts["aligned"] == 0))
    begins = (after.trusts["work_month"] == number) & (trusts["work_month"] != number)
    closing = behaviour.migration_cost_years * (1.0 - levers["common_frameworks"])
    aligning = closing * trusts["gap"] * trusts["spend_gbp"]
    first = (after.trusts["served_month"] == number) & (trusts["served_month"] == NEVER)
    gone = levers["staff_leaving_share"] * levers["redundancy_cost_share"]
    gone = gone * (1.0 - levers["redundancy_avoided_share"]) * trusts["spend_gbp"]
    of = (trusts, "region", rows)
    return {
        "market_saving_gbp": pounds(spend * market / 12.0),
        "claimed_saving_gbp": pounds(member_spend * levers["claimed_saving_share"] / 12.0),
        "disrupted_months": levers["share_replaced"] * mixed,
        "aligning_gbp": by(*of, pounds((1.0 - levers["funded"]) * aligning), begins),
        "funded_gbp": by(*of, pounds(levers["funded"] * aligning), begins),
        "redundancy_gbp": by(*of, pounds(gone), first),
    }


def booked(number: int, made: Episode, behaviour: Any, before: State, after: State) -> Accounts:
    """Return what a month brought to each provider, by the table "Accounts" of docs/model.md.

    Of each of the trusts that it serves at the end of the month, at the quality of its start.
    """
    levers, offers, rows = made.levers[number], made.offers, len(before.providers)
    trusts, sides = after.trusts, before.providers
    row, x, w = trusts["provider"], levers["share_replaced"], levers["cost_shared"]
    served, aligned = trusts["stage"] == SERVED, trusts["aligned"] == 1
    b, quality = pounds(trusts["spend_gbp"]), sides["quality"][row]
    is_there = ~np.isin(sides["status"], (ABSENT, STOPPED, WITHDRAWN))
    fixed = np.where(is_there, offers["fixed_cost_gbp"], 0.0)
    total = by(trusts, "provider", rows, b, served)
    ramps = number <= sides["entered_month"] + offers["ramp_months"]
    counts_on = np.maximum(total, np.where(ramps, offers["planned_spend_gbp"], 0.0))
    discount = levers["discount_share"] * np.where(aligned, 1.0, 1.0 - levers["conditional_share"])
    price = levers["yearly_fee_gbp"] + x * (1.0 - discount) * b
    share = b * fixed[row] / np.maximum(counts_on[row], 1.0)
    cost = x * offers["running_cost_share"][row] * b
    # What a trust that has left had been charged to leave, worked out as it stood.
    left = is_member(before.trusts) & (trusts["stage"] == LEFT)
    left &= ~has_closed(before)[before.trusts["provider"]]
    exits = [price_of_leaving(number, made, before, int(at)) for at in np.flatnonzero(left)]
    leavers = before.trusts[left]
    signed = by(trusts, "provider", rows, 1.0, new_signatures(before, after))
    enters = (sides["status"] == ABSENT) & (after.providers["status"] != ABSENT)

    def served_by(yearly: Any, where: Any = served) -> Any:
        return by(trusts, "provider", rows, yearly, served & where) / 12.0

    process = behaviour.realised_saving_share * behaviour.cashable_share * quality * b
    return {
        "upfront_fees_gbp": signed * levers["upfront_fee_gbp"],
        "charges_gbp": served_by((1.0 - w) * price + w * (cost + share)),
        "costs_gbp": served_by(cost) + fixed / 12.0,
        "bundles_gbp": served_by(levers["bundle_share"] * b),
        "caps_gbp": served_by(levers["management_cost_cap"] * x * b),
        "price_cuts_gbp": served_by(levers["price_cut_share"] * x * b),
        "own_saving_gbp": served_by(levers["supplier_saving_share"] * x * b, aligned),
        "ended_gbp": served_by(x * b),
        "harm_gbp": served_by(x * (made.sector[0]["home_quality"] - quality) * b),
        "saving_gbp": served_by(process, aligned),
        "exits_gbp": np.bincount(leavers["provider"], exits, rows),
        "invested_gbp": offers["invested_gbp"] * enters,
        "committed_gbp": offers["committed_gbp"] * enters,
    }


def price_of_leaving(number: int, made: Episode, before: State, at: int) -> float:
    """Return what a member paid to leave, whole GBP: the margin lost over the rest of its term."""
    levers, trust, sector = made.levers[number], before.trusts[at], made.sector[0]
    side, offer = before.providers[trust["provider"]], made.offers[trust["provider"]]
    x, w, b = levers["share_replaced"], levers["cost_shared"], trust["spend_gbp"]
    is_served = trust["stage"] == SERVED
    # Work that ends this month is done before anything else.
    is_aligned = trust["aligned"] == 1 or trust["aligned_month"] == number
    discount = levers["discount_share"] * (1.0 - (not is_aligned) * levers["conditional_share"])
    is_new = number <= side["entered_month"] + offer["ramp_months"]
    counts_on = side["served_spend_gbp"] + (0.0 if is_served else b)
    counts_on = max(counts_on, offer["planned_spend_gbp"] if is_new else 0.0)
    cost = x * offer["running_cost_share"]
    price = levers["yearly_fee_gbp"] / b + x * (1.0 - discount)
    charge = (1.0 - w) * price + w * (cost + side["fixed_cost_gbp"] / counts_on)
    gone = (number - trust["served_month"]) / 12.0 if is_served else 0.0
    rest = max(levers["term_years"] - gone, 0.0)
    r = sector["discount_rate"]
    worth = (1.0 - (1.0 + r) ** -rest) / r if r > 0.0 else rest
    bound = 1.0 - levers["exit_freedom"] * (1.0 - levers["leadership"])
    return float(pounds(bound * worth * max(charge - cost, 0.0) * b))


def from_the_centre(number: int, made: Episode, before: State, after: State) -> Accounts:
    """Return what the centre paid and received in a month."""
    levers, trusts = made.levers[number], after.trusts
    first = new_signatures(before, after) & (before.trusts["signed_month"] == NEVER)
    outside = ~is_member(trusts) & (trusts["stage"] != EXEMPT)
    is_late = number > np.ceil(levers["deadline_month"])
    owed = pounds(trusts["spend_gbp"][outside]).sum() * levers["sanction_share"] / 12.0
    return {
        "grants_gbp": np.array([first.sum() * levers["grant_gbp"]]),
        "sanctions_gbp": np.array([owed * is_late]),
        "programme_gbp": np.array([levers["programme_cost_gbp"] / 12.0]),
    }


class Ledger(NamedTuple):
    """The accounts of a whole run so far, a row a month, and what each month brought to all."""

    regions: Accounts
    providers: Accounts
    centre: Accounts
    flows: NDArray[np.float64]


@cache
def ledger(name: str, run: int) -> Ledger:
    """Return the accounts of a whole run.

    It ends with the month in which a scheme is scrapped, before refunds and offsets.
    """
    made, behaviour, states = trajectory(name, run)
    regions, providers, centre, flows = [], [], [], []
    for number, (before, after) in enumerate(pairwise(states), start=1):
        if not is_open(before):
            break
        bank = banked(number, made, behaviour, before, after)
        book = booked(number, made, behaviour, before, after)
        paid = from_the_centre(number, made, before, after)
        regions.append(bank)
        providers.append(book)
        centre.append(paid)
        flow = sum(book[gain].sum() for gain in ("ended_gbp", "saving_gbp", "own_saving_gbp"))
        flow -= sum(book[loss].sum() for loss in ("costs_gbp", "harm_gbp"))
        flow -= sum(book[outlay].sum() for outlay in ("invested_gbp", "committed_gbp"))
        moved = sum(bank[name].sum() for name in ("aligning_gbp", "funded_gbp", "redundancy_gbp"))
        flows.append(flow + bank["market_saving_gbp"].sum() - moved - paid["programme_gbp"][0])
    return Ledger(_so_far(regions), _so_far(providers), _so_far(centre), np.array(flows))


def _so_far(months: list[Accounts]) -> Accounts:
    """Return accounts so far, shape (months, agents), from those of the months."""
    return {name: np.cumsum([month[name] for month in months], axis=0) for name in months[0]}


def assert_counted(state: State) -> None:
    """Assert that all that is counted as trusts move is, to the pound, a sum over the trusts."""
    for name, counted in counted_in_regions(state.trusts, len(state.regions)).items():
        assert np.array_equal(state.regions[name], counted), name
    for name, counted in counted_by_providers(state.trusts, len(state.providers)).items():
        assert np.array_equal(state.providers[name], counted), name
    assert not np.any(state.providers["customers"][state.providers["status"] == ABSENT])


@every_run
def test_regions_and_providers_count_their_trusts(run_of: tuple[str, int]) -> None:
    """What they have counted is there, every month; and nobody is served by an absent provider."""
    for state in trajectory(*run_of).states:
        assert_counted(state)


@every_run
def test_regions_bank_what_their_trusts_bring(run_of: tuple[str, int]) -> None:
    """A month of every trust that was served as it began, to the pound; and moves paid."""
    states = trajectory(*run_of).states
    accounts, *_, flows = ledger(*run_of)
    for name, so_far in accounts.items():
        for number, state in enumerate(states[1:]):
            expected = so_far[min(number, len(flows) - 1)]
            if name == "disrupted_months":
                assert state.regions[name] == pytest.approx(expected), name
            else:
                assert np.array_equal(state.regions[name], expected), name


@every_run
def test_providers_book_what_the_table_of_accounts_says(run_of: tuple[str, int]) -> None:
    """Every row of it, trust by trust; fees and exits; and refunds and offsets at the end."""
    made, _, states = trajectory(*run_of)
    _, accounts, centre, flows = ledger(*run_of)
    opened = made.offers["enters_later"] == 0.0
    for number, state in enumerate(states[1:]):
        at = min(number, len(flows) - 1)
        refunds, offset = np.zeros(len(made.offers)), 0.0
        if not is_open(state):
            levers = made.levers[len(flows)]
            refunds = accounts["upfront_fees_gbp"][at] * levers["refund_share"]
            offset = levers["offset_gbp"]
        for name, so_far in accounts.items():
            outlay = name in ("invested_gbp", "committed_gbp")
            launch = made.offers[name] * opened if outlay else 0.0
            booked_so_far = launch + so_far[at]
            assert state.providers[name] == pytest.approx(booked_so_far, abs=1e-3), name
        assert state.providers["refunds_gbp"] == pytest.approx(refunds)
        assert state.providers["offset_gbp"].sum() == pytest.approx(offset)
        for name, so_far in centre.items():
            assert state.centre[0][name] == pytest.approx(so_far[at][0]), name


@every_run
def test_net_present_value_is_that_of_the_months(run_of: tuple[str, int]) -> None:
    """It is the sum of what every month brought to all, each discounted at 3.5 % a year."""
    made, _, states = trajectory(*run_of)
    flows = ledger(*run_of).flows
    months = np.arange(1, len(flows) + 1)
    launch = np.sum(states[0].providers["invested_gbp"] + states[0].providers["committed_gbp"])
    so_far = np.cumsum(flows * 1.035 ** (-months / 12.0)) - launch
    assert made.sector[0]["discount_rate"] == 0.035
    assert states[0].centre[0]["net_present_value_gbp"] == -launch < 0.0
    for number, state in enumerate(states[1:]):
        value = so_far[min(number, len(flows) - 1)]
        assert state.centre[0]["net_present_value_gbp"] == pytest.approx(value, abs=1e-3)


def costs_at(run_of: tuple[str, int], number: int) -> dict[str, float]:
    """Return what outcomes are to say at the end of a month, from 1, of savings and of payers."""
    state, (regions, providers, centre, flows) = trajectory(*run_of).states[number], ledger(*run_of)
    at, at_end = min(number, len(flows)) - 1, state.providers
    bank = {name: so_far[at].sum() for name, so_far in regions.items()}
    book = {name: so_far[at].sum() for name, so_far in providers.items()}
    paid = {name: so_far[at][0] for name, so_far in centre.items()}
    refunds, offset = at_end["refunds_gbp"].sum(), at_end["offset_gbp"].sum()
    outlay = np.sum(at_end["invested_gbp"] + at_end["committed_gbp"])
    fees = book["upfront_fees_gbp"] - refunds + book["exits_gbp"]
    given = book["bundles_gbp"] + book["caps_gbp"]
    received = fees + book["charges_gbp"] + book["own_saving_gbp"] + offset
    price_saving = book["ended_gbp"] - book["charges_gbp"] + book["caps_gbp"]
    trusts = fees + book["harm_gbp"] - price_saving - book["bundles_gbp"]
    trusts += bank["aligning_gbp"] + bank["redundancy_gbp"]
    return {
        "realised_saving_gbp": book["saving_gbp"] + bank["market_saving_gbp"],
        "claimed_saving_gbp": bank["claimed_saving_gbp"],
        "price_saving_gbp": price_saving,
        "harm_gbp": book["harm_gbp"],
        "disrupted_months": bank["disrupted_months"],
        "trusts_cost_gbp": trusts + paid["sanctions_gbp"] - paid["grants_gbp"],
        "centre_cost_gbp": paid["grants_gbp"] + paid["programme_gbp"] - paid["sanctions_gbp"]
        + bank["funded_gbp"] + offset - book["price_cuts_gbp"],
        "provider_loss_gbp": outlay + book["costs_gbp"] + given + book["price_cuts_gbp"] - received,
        "grants_gbp": paid["grants_gbp"],
        "net_present_value_gbp": state.centre[0]["net_present_value_gbp"],
    }  # fmt: skip


@every_run
def test_each_payer_is_shown_its_own_cost(run_of: tuple[str, int]) -> None:
    """Outcomes say what regions saved and were told, and what trusts, providers and centre paid.

    What each payer has paid by then is a curve too: it is so month by month.
    """
    chunk, states = swept(run_of[0]), trajectory(*run_of).states
    for name, value in costs_at(run_of, len(states) - 1).items():
        assert chunk.outcomes[run_of[1]][name] == pytest.approx(value, abs=1e-3), name
    launch = np.sum(states[0].providers["invested_gbp"] + states[0].providers["committed_gbp"])
    first = chunk.curves[run_of[1]][0]
    payers = ("trusts_cost_gbp", "centre_cost_gbp", "provider_loss_gbp")
    assert [first[name] for name in payers] == [0.0, 0.0, launch]
    for number in range(1, len(states)):
        expected = costs_at(run_of, number)
        for name in payers:
            found = chunk.curves[run_of[1]][number][name]
            assert found == pytest.approx(expected[name], abs=1e-3), (name, number)


def test_money_moves_in_every_account() -> None:
    """Every account of the eventful runs moves in some of them: the laws here are not idle."""
    moved: set[str] = set()
    for name in ("market", "merging", "stranded", "dropped", "voting", "staged"):
        for *kept, _ in (ledger(name, run) for run in RUNS):
            accounts: Accounts = kept[0] | kept[1] | kept[2]
            moved |= {account for account, so_far in accounts.items() if np.any(so_far[-1] != 0.0)}
    assert moved == set(ledger("market", 0).regions | ledger("market", 0).providers) | {
        "grants_gbp", "sanctions_gbp", "programme_gbp",
    }  # fmt: skip
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


@pytest.mark.parametrize("name", sorted(p.stem for p in (ROOT / "configs/scenario").glob("*.yaml")))
def test_what_one_pays_another_cancels_in_every_packaged_episode(name: str) -> None:
    """With draws from the prior, and undiscounted."""
    config = configuration("run", [f"scenario={name}", "parameters=prior"])
    assert config is not None
    case = assemble(config)
    found = run_chunk(undiscounted(case.episode), case.design, 6, 0, 10).outcomes
    assert payers_agree(found)
    assert np.any(found["net_present_value_gbp"] != 0.0)


TOPS = {
    "upfront_fee_gbp": 2e5, "grant_gbp": 2e5, "yearly_fee_gbp": 2e5, "term_years": 4.0,
    "offset_gbp": 5e6, "programme_cost_gbp": 5e6, "news_weight": 50.0, "benchmark_weight": 50.0,
    "target_joined": 60.0, "review_month": 24.0, "assessment_month": 20.0, "pathfinders": 3.0,
    "deadline_month": 30.0, "redundancy_cost_share": 1.0, "in_house": 3.0, "incident_provider": 4.0,
    "service_month": 20.0, "opens_month": 12.0, "waves_per_month": 5.0, "migration_months": 12.0,
    "scrap_below_served": 20.0, "scrap_above_cost_gbp": 1e7, "damage_provider": 4.0,
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
        assert_counted(state)


# Who pays more (1) or less (-1) of trusts, centre and provider, when a payment between them grows.
TRANSFERS: dict[str, tuple[float, tuple[int, int, int]]] = {
    "upfront_fee_gbp": (9e4, (1, 0, -1)),
    "yearly_fee_gbp": (3e4, (1, 0, -1)),
    "refund_share": (0.9, (-1, 0, 1)),
    "grant_gbp": (8e4, (-1, 1, 0)),
    "offset_gbp": (3e6, (0, 1, -1)),
    "price_cut_share": (0.4, (0, -1, 1)),
    "discount_share": (0.5, (-1, 0, 1)),
    "bundle_share": (0.3, (-1, 0, 1)),
    "management_cost_cap": (0.3, (-1, 0, 1)),
    "cost_shared": (1.0, (0, 0, 0)),
    "sanction_share": (0.2, (1, -1, 0)),
}


@pytest.mark.parametrize("name", TRANSFERS)
def test_a_transfer_moves_cost_between_payers_alone(name: str) -> None:
    """Where nobody minds money, a payment changes who pays, not what is paid or who does what.

    Sharing the cost moves it one way or the other, as price and cost happen to lie.
    """
    value, signs = TRANSFERS[name]
    offers = [{k: x for k, x in o.items() if not k.startswith("parent")} for o in OFFERS[:2]]
    changes = [(at, {k: x for k, x in row.items() if k not in TRANSFERS}) for at, row in TURNS]
    indifferent = ("value_weight", "liquidity_weight", "skimping", "stakes_attention")
    # Nor does anyone find it worth to align, of which a discount may be a part.
    blind: Any = BUSY | dict.fromkeys(indifferent, 0.0) | {"migration_cost_years": 1e3}
    levers = DROPPED | {"upfront_fee_gbp": 3e4, "gap_analysis": 0.0, "cost_shared": 0.0}
    levers |= {"conditional_share": 0.0, "sanction_share": 0.0}
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
    for curve in COUNTED:
        assert np.array_equal(little.curves[curve], much.curves[curve]), curve
    assert little.outcomes["joined"].min() > 0
    present = [chunk.outcomes["net_present_value_gbp"] for chunk in (little, much)]
    assert present[0] == pytest.approx(present[1], rel=1e-12)
    moved = []
    for payer, sign in zip(("trusts_cost", "centre_cost", "provider_loss"), signs, strict=True):
        more = much.outcomes[f"{payer}_gbp"] - little.outcomes[f"{payer}_gbp"]
        if name != "cost_shared" or payer == "centre_cost":
            assert np.array_equal(np.sign(np.round(more, 3)), np.full(4, sign)), payer
        moved.append(more)
    assert np.any(np.abs(moved) > 1.0)
    assert np.sum(moved, axis=0) == pytest.approx(0.0, abs=1e-6)
