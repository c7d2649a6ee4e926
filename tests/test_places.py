"""Places with providers: never more customers than capacity; the lowest priorities come first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from building import episode, parameters
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from test_conservation import RUNS, lived, trajectory
from uptake.model.blanks import blank_facts
from uptake.model.draws import PRIORITY, uniform
from uptake.model.entities import DECLINED, IDLE, NEVER, SIGNED, State

# All look, all decide and all would sign in the first month: every trust asks at once.
EAGER: dict[str, float] = {
    "attention_per_month": 1e3, "business_case_per_month": 1e3, "believed_saving_share": 10.0,
    "sovereignty": 0.0, "value_weight": 50.0, "migration_cost_years": 0.0, "misfit_weight": 0.0,
    "risk_aversion": 0.0,
}  # fmt: skip
TRUSTS = 40


def asked_at_once(run: int = 0, months: int = 3, **changed: Any) -> list[State]:
    """Return the months of a run in which all trusts ask for a place in the same month."""
    facts = blank_facts(np.zeros(TRUSTS, np.int64))
    facts.slack, facts.gap = 1.0, 0.0
    made = episode(TRUSTS, months, facts=changed.pop("facts", facts), **changed)
    return lived(made, parameters(**EAGER)[0], 5, run)


def signed(state: State) -> set[int]:
    """Return the numbers of the trusts that have ever signed."""
    return set(state.trusts["number"][state.trusts["signed_month"] != NEVER])


@pytest.mark.parametrize("capacity", [0.0, 0.5, 1.0, 7.9, 39.0, 40.0, 1e9])
def test_as_many_sign_as_there_are_places(capacity: float) -> None:
    """Of 40 who ask, as many as the whole part of the capacity; the others are turned away.

    That is no refusal: they are idle again, and none of them has declined.
    """
    places = min(TRUSTS, int(capacity))
    state = asked_at_once(offers=[{"capacity": capacity}], months=1)[-1]
    stages = state.trusts["stage"]
    assert (np.sum(stages == SIGNED), np.sum(stages == IDLE)) == (places, TRUSTS - places)
    assert state.providers["customers"][0] == state.centre["joined"][0] == places
    assert state.centre["turned_away"][0] == TRUSTS - places
    assert state.centre["looked"][0] == TRUSTS


def test_who_was_turned_away_asks_again_and_is_counted_again() -> None:
    """Month after month, as nothing has changed in what it thinks of the scheme."""
    states = asked_at_once(offers=[{"capacity": 10.0}], months=4)
    assert [state.centre["turned_away"][0] for state in states] == [0, 30, 60, 90, 120]
    assert not np.any(states[-1].trusts["stage"] == DECLINED)


def test_one_place_more_goes_to_one_trust_more() -> None:
    """Priorities last: who had a place keeps it, and the next in the queue gets the new one."""
    rows = [signed(asked_at_once(offers=[{"capacity": n}], months=1)[-1]) for n in range(1, TRUSTS)]
    for few, more in pairwise(rows):
        assert few < more
        assert len(more - few) == 1


def test_the_lowest_priorities_win() -> None:
    """Those ten of forty, whatever the run, of a draw that is the same every month."""
    for run in range(5):
        lots = {number: uniform(5, PRIORITY, run, number, 0) for number in range(TRUSTS)}
        winners = sorted(lots, key=lambda number: lots[number])[:10]
        assert signed(asked_at_once(run, offers=[{"capacity": 10.0}], months=1)[-1]) == set(winners)


def test_every_trust_has_the_same_chance_of_a_place() -> None:
    """Over 400 runs with 10 places for 40, each trust wins about a quarter of them.

    A chance that is off by a third for one trust would be noticed; error rate 2e-3.
    """
    won = np.zeros(TRUSTS)
    for run in range(400):
        won[list(signed(asked_at_once(run, offers=[{"capacity": 10.0}], months=1)[-1]))] += 1
    assert won.sum() == 4_000
    # The ten of a run are drawn without replacement: that much less varies than in a multinomial.
    statistic = stats.chisquare(won).statistic / 0.75 * (TRUSTS - 1) / TRUSTS
    assert 1e-3 < stats.chi2.cdf(statistic, TRUSTS - 1) < 1 - 1e-3


@given(st.permutations(range(TRUSTS)))
@settings(max_examples=20, derandomize=True, database=None)
def test_the_order_of_the_trusts_gives_nobody_a_place(order: list[int]) -> None:
    """Two providers of seven and five places take the same twelve of forty."""
    facts = blank_facts(np.zeros(TRUSTS, np.int64))
    facts.slack, facts.gap = 1.0, 0.0
    offers: Any = [{"capacity": 7.0}, {"capacity": 5.0}]
    plain, mixed = (
        signed(asked_at_once(facts=rows, offers=offers, months=1)[-1])
        for rows in (facts, facts[order])
    )
    assert plain == mixed
    assert len(plain) == 12


def test_a_place_that_is_given_up_is_free_from_the_next_month() -> None:
    """Ten of forty are in; in month 6 a fee makes them leave, and a grant the other thirty ask.

    All of those are turned away in that month, and ten of them sign in the next.
    """
    turn: Any = [(6, {"yearly_fee_gbp": 1e8, "grant_gbp": 1e9})]
    states = asked_at_once(offers=[{"capacity": 10.0}], months=7, changes=turn, exit_freedom=1.0)
    assert [int(state.providers["customers"][0]) for state in states] == [0, *[10] * 5, 0, 10]
    turned_away = [int(state.centre["turned_away"][0]) for state in states]
    assert turned_away == [0, 30, 60, 90, 120, 150, 180, 200]


def test_pathfinders_take_no_more_places_than_there_are() -> None:
    """Of 40 that would have signed by the launch, 6 have; the others are idle, not turned away."""
    state = asked_at_once(offers=[{"capacity": 6.0}], pathfinders=5.0, months=1)[0]
    assert state.providers["customers"][0] == len(signed(state)) == 6
    assert state.centre["turned_away"][0] == 0


def settled() -> Iterator[State]:
    """Yield every month of busy runs with scarce, merging, entering and failing providers."""
    for name in ("market", "merging", "stranded", "dropped"):
        for run in RUNS:
            yield from trajectory(name, run).states


def test_no_provider_ever_has_more_customers_than_capacity() -> None:
    """Whatever merges, enters, fails or is taken over; and some are full, so that it matters."""
    full = 0
    for state in settled():
        capacity = np.floor(state.providers["capacity"])
        assert np.all(state.providers["customers"] + state.providers["expected"] <= capacity)
        full += int(np.sum(state.providers["customers"] == capacity))
    assert full > 50
