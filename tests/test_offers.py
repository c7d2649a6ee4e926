"""What a scheme offers, and which histories offered the like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from uptake.cli.arguments import question
from uptake.config.case import Case
from uptake.config.offers import KINDS, Offer, distance, nearest, offer_of
from uptake.errors import InputError

AMONG = [
    Offer("a", KINDS[0], {"term_years": 5.0, "pressure": 0.2}, {}),
    Offer("b", KINDS[0], {"term_years": 10.0}, {}),
    Offer("c", KINDS[1], {"mandate": 1.0}, {}),
    Offer("d", KINDS[1], {"mandate": 0.8, "term_years": 1.0}, {}),
]


def case_of(name: str, *more: str) -> Case:
    """Return a scenario on the prior."""
    return question("run", [f"scenario={name}", "parameters=prior", *more]).case()


def test_distance_by_hand() -> None:
    """Terms of a: ranks of 5 of (1, 3, 5, 10) years and 0.2 of (0, 0, 0, 0.2), b has 10 and none.

    Middle ranks: 5 is 0.625, 10 is 0.875; 0.2 is 0.875, none 0.375. The kind is the same: the mean
    of 0, 0.25 and 0.5.
    """
    assert distance(AMONG[0], AMONG[1], AMONG) == pytest.approx((0.0 + 0.25 + 0.5) / 3)


@given(st.permutations(range(4)), st.integers(0, 3), st.integers(0, 3))
def test_distance_is_symmetric_nil_to_itself_and_at_most_one(
    order: list[int], one: int, other: int
) -> None:
    """And does not depend on the order in which schemes are listed."""
    found = distance(AMONG[one], AMONG[other], AMONG)
    assert 0.0 <= found <= 1.0
    assert found == pytest.approx(distance(AMONG[other], AMONG[one], [AMONG[i] for i in order]))
    assert distance(AMONG[one], AMONG[one], AMONG) == 0.0


@given(st.floats(0.01, 100.0))
def test_the_unit_of_a_term_does_not_matter(factor: float) -> None:
    """Ranks are the same in months and in years."""
    plain = [o._replace(terms=o.terms | {"fee": 1.0 + i}) for i, o in enumerate(AMONG)]
    scaled = [o._replace(terms=o.terms | {"fee": factor * o.terms["fee"]}) for o in plain]
    assert distance(scaled[0], scaled[3], scaled) == distance(plain[0], plain[3], plain)


def test_what_is_offered_is_that_of_the_launch_with_money_as_a_share() -> None:
    """What was read is no part of it: a count more changes no distance."""
    offer = offer_of(case_of("nhs_employers_2009"))
    assert offer.kind == "voluntary"
    assert [month for month, _ in offer.read["joined"]] == [5]
    assert 17 / 411 < offer.read["joined"][0][1] < 17 / 100
    assert 0.0 < offer.terms["upfront_fee_gbp"] < 5.0
    twice = offer_of(case_of("nhs_employers_2009", "levers.upfront_fee_gbp=70000"))
    assert twice.terms["upfront_fee_gbp"] == pytest.approx(2 * offer.terms["upfront_fee_gbp"])
    assert "target_joined" in offer.terms
    assert "incident_severity" not in offer.terms


def test_the_nearest_come_first_and_schemes_with_a_history_have_none() -> None:
    case = case_of("nhs_sbs")
    assert nearest(case) == []
    names = ("council_websites_2019", "nhs_wales", "dutch_hr_2006", "nhs_sbs")
    said = {name: offer_of(case_of(name))._asdict() for name in names}
    found = nearest(replace(case, histories=said), 4)
    assert found[0].name == "council_websites_2019"
    assert sorted(one.name for one in found) == sorted(set(names) - {"nhs_sbs"})  # not its own
    assert 0.0 < found[0].distance <= found[1].distance <= found[2].distance
    read = np.array(found[0].share_read("joined", 60))
    np.testing.assert_allclose(read[:, 0], [14, 17, 26])
    np.testing.assert_allclose(415 * read[:, 1], [6, 11, 22])
    assert found[0].share_read("aligned", 60) == []
    assert found[0].share_read("aligned", 72) == found[0].offer.read["served"]


@pytest.mark.parametrize(
    "said",
    [
        {"title": "x", "kind": "free", "terms": {}, "read": {}},
        {"title": "x", "kind": KINDS[0], "terms": {"a": "b"}, "read": {}},
        {"title": "x", "kind": KINDS[0], "terms": {"a": float("nan")}, "read": {}},
        {"title": "x", "kind": KINDS[0], "terms": [], "read": {}},
        {"title": "x", "kind": KINDS[0], "terms": {}, "read": {"joined": [1]}},
        {"title": "x"},
        None,
    ],
)  # fmt: skip
def test_draws_that_say_it_otherwise_are_refused(said: object) -> None:
    case = replace(case_of("nhs_sbs"), histories={"x": said})
    with pytest.raises(InputError, match=r"parameters.draws.*calibrate"):
        nearest(case)
