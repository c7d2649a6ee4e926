"""Places with providers: never more customers than capacity; who gets one follows from a lot."""

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
from uptake.model.entities import CONSIDERING, DECLINED, INTERESTED, JOINED, NEVER, State

# All look, all decide and all would sign in the second month: every trust asks at once.
EAGER: dict[str, float] = {
    "attention_per_month": 1e3, "business_case_per_month": 1e3, "believed_saving_share": 10.0,
    "sovereignty": 0.0, "value_weight": 50.0, "migration_cost_years": 0.0, "misfit_weight": 0.0,
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


@pytest.mark.parametrize("capacity", [0.5, 1.0, 7.9, 39.0, 40.0, 1e9])
def test_as_many_sign_as_there_are_places(capacity: float) -> None:
    """Of 40 who ask, as many as the whole part of the capacity; the others decline, turned away."""
    places = min(TRUSTS, int(capacity))
    state = asked_at_once(offers=[{"capacity": capacity}], months=2)[-1]
    stages = state.trusts["stage"]
    assert (np.sum(stages == JOINED), np.sum(stages == DECLINED)) == (places, TRUSTS - places)
    assert state.providers["customers"][0] == state.centre["joined"][0] == places
    assert state.centre["turned_away"][0] == TRUSTS - places


def test_one_place_more_goes_to_one_trust_more() -> None:
    """Lots do not move: who had a place keeps it, and the next lot gets the new one."""
    rows = [signed(asked_at_once(offers=[{"capacity": n}], months=2)[-1]) for n in range(1, TRUSTS)]
    for few, more in pairwise(rows):
        assert few < more
        assert len(more - few) == 1


def test_every_trust_has_the_same_chance_of_a_place() -> None:
    """Over 400 runs with 10 places for 40, each trust wins about a quarter of them."""
    won = np.zeros(TRUSTS)
    for run in range(400):
        won[list(signed(asked_at_once(run, offers=[{"capacity": 10.0}], months=2)[-1]))] += 1
    assert won.sum() == 4_000
    # The ten of a run are drawn without replacement: that much less varies than in a multinomial.
    statistic = stats.chisquare(won).statistic / 0.75 * (TRUSTS - 1) / TRUSTS
    assert 1e-3 < stats.chi2.cdf(statistic, TRUSTS - 1) < 1 - 1e-3


@given(st.permutations(range(TRUSTS)))
@settings(max_examples=20)
def test_the_order_of_the_trusts_gives_nobody_a_place(order: list[int]) -> None:
    facts = blank_facts(np.zeros(TRUSTS, np.int64))
    facts.slack, facts.gap = 1.0, 0.0
    offers: Any = [{"capacity": 7.0}, {"capacity": 5.0}]
    plain, mixed = (
        signed(asked_at_once(facts=rows, offers=offers, months=2)[-1])
        for rows in (facts, facts[order])
    )
    assert plain == mixed
    assert len(plain) == 12


def test_who_is_turned_away_does_not_burst_in_when_a_place_comes_free() -> None:
    """They have decided, and look again at their own pace: who signs had just taken an interest."""
    offers: Any = [{"capacity": 10.0}, {"capacity": 30.0, "enters_later": 1.0, "public_share": 0.0}]
    facts = blank_facts(np.zeros(TRUSTS, np.int64))
    facts.slack, facts.gap = 1.0, 0.0
    made = episode(TRUSTS, 30, facts=facts, offers=offers)
    slow = parameters(**EAGER | {"attention_per_month": 0.2, "entry_per_month": 0.1})[0]
    turned_away = entered = 0
    for run in range(20):
        for before, after in pairwise(lived(made, slow, 5, run)):
            interested = before.trusts["stage"] == INTERESTED
            assert not np.any(after.trusts["stage"] == CONSIDERING)
            assert signed(after) - signed(before) <= set(before.trusts["number"][interested])
            entered += after.centre["providers_open"][0] - before.centre["providers_open"][0]
        turned_away += after.centre["turned_away"][0]
    assert entered > 10
    assert turned_away > 100


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
