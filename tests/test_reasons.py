"""Why a trust decided: the terms add up to its utility, agree with what it did, point right."""

from __future__ import annotations

import math
from functools import cache

import pytest
from uptake.analysis.reasons import Reasons, reasons
from uptake.cli.arguments import question
from uptake.config.case import assemble
from uptake.engine.mesa import Decision, SharedServiceModel, Trust
from uptake.model.entities import CONSIDERING, DECLINED, IDLE, LEFT, NEVER
from uptake.model.month import taste
from uptake.model.processes.trusts import gap_decided_on, prospect
from uptake.report.text import reasons as words

EPISODES = ("nhs_employers_2009", "stp_back_office_2016", "cabinet_office_2012", "nhs_sbs")
MARKET = (
    "scenario=commissioning_support_2012", "scenario.providers.support_unit.capacity.value=1",
    "levers.mandate=0.5",
)  # fmt: skip
Decided = list[tuple[Trust, Decision, Reasons]]


@cache
def decided(*overrides: str, runs: int = 2) -> Decided:
    """Return the trusts that decided in some runs on the prior, each when it last did, and why."""
    case = assemble(question("run", ["parameters=prior", *overrides]).configuration())
    found = []
    for run in range(runs):
        model = SharedServiceModel(case.episode, case.design(run, 1)[0], 1, run)
        while model.running:
            model.step()
        found += [(t, t.decision, reasons(t.decision)) for t in model.trusts if t.decision]
    assert found
    return found


def utility(why: Reasons) -> float:
    """Return what the terms add up to, in logits."""
    return math.fsum(term.logits for term in why.terms)


def sentences(why: Reasons) -> str:
    """Return what a reader is told."""
    return " ".join(words.why(why))


@pytest.mark.parametrize("episode", EPISODES)
def test_the_terms_add_up_to_what_the_rule_said_in_that_very_month(episode: str) -> None:
    """The utility is the rule's own, from the state of the month of the decision."""
    asked = ["parameters=prior", f"scenario={episode}"]
    case = assemble(question("run", asked).configuration())
    model = SharedServiceModel(case.episode, case.design(0, 1)[0], 1, 0)
    then: dict[int, tuple[int, float]] = {}
    while model.running:
        model.step()
        for trust in model.trusts:
            made = trust.decision
            if made is None or made.month.number != model.month.number:
                continue
            state = model.state
            peers = state.peers[trust.record.peers]
            gap = 0.0 if made.is_look else gap_decided_on(made.trust, made.month)
            faced = prospect(made.trust, peers, made.provider, state.centre[0], gap, made.month)
            then[trust.row] = model.month.number, faced.utility
    assert then
    for row, (number, said) in then.items():
        decision = model.trusts[row].decision
        assert decision is not None
        why = reasons(decision)
        assert why.month == number
        assert utility(why) == pytest.approx(said, abs=1e-9)
        assert why.probability == pytest.approx(1.0 / (1.0 + math.exp(-said)))


@pytest.mark.parametrize("episode", EPISODES)
def test_a_trust_did_what_its_terms_and_its_taste_say(episode: str) -> None:
    """Who is free asks if its taste is below the logistic of their sum, and else does not."""
    for trust, decision, why in decided(f"scenario={episode}"):
        if not why.obliged:
            convinced = taste(decision.month, trust.record) < why.probability
            assert decision.wants == convinced, (why, trust.stage)


def test_who_lets_it_be_at_the_first_look_opened_no_case() -> None:
    """It kept its stage, weighed no gap, and has looked; the reader is told so."""
    found = [one for one in decided("scenario=nhs_employers_2009") if one[2].at_first_look]
    assert found
    for trust, decision, why in found:
        assert trust.record.looked == 1
        assert decision.prospect.gap == 0.0
        assert decision.trust.stage in (IDLE, DECLINED, LEFT)
        assert (why.joined, why.turned_away, why.hurried) == (False, False, False)
        assert "changing its own processes" not in {term.name for term in why.terms}
        assert "looked at it and let it be" in sentences(why)
        assert "it opened no business case" in sentences(why)


def test_who_is_hurried_weighed_the_gap_of_a_middling_body() -> None:
    """Its own gap it does not know: its case was cut short by the deadline, not later."""
    found = decided("scenario=stp_back_office_2016", "months=3", "levers.deadline_month=2")
    hurried = [one for one in found if one[2].hurried]
    assert hurried
    for _, decision, why in hurried:
        middling = decision.month.sector.middling_gap * decision.month.levers.gap_analysis
        assert decision.prospect.gap == pytest.approx(middling)
        assert why.month <= 2
        assert "The deadline cut its case short" in sentences(why)
    in_time = [one for one in found if not one[2].hurried and not one[2].at_first_look]
    assert in_time
    for _, decision, why in in_time:
        own = decision.trust.gap * decision.month.levers.gap_analysis
        assert decision.prospect.gap == pytest.approx(own)
        assert "cut its case short" not in sentences(why)


def test_who_is_obliged_is_said_to_have_had_no_choice() -> None:
    """Everyone under a full mandate, whatever it thinks of it; nobody without one."""
    found = decided("levers.mandate=1")
    assert all(why.obliged and why.joined for _, _, why in found)
    assert min(why.probability for _, _, why in found) < 0.5
    assert all("It had no choice" in sentences(why) for _, decision, why in found)
    free = decided("scenario=nhs_employers_2009")
    assert not any(why.obliged for _, _, why in free)
    assert not any("no choice" in sentences(why) for _, decision, why in free)


def test_who_found_no_place_is_told_so() -> None:
    """It would have joined, and is no refusal: the page says which of the two it was."""
    found = [one for one in decided(*MARKET, "fix=assumptions", runs=1) if one[2].turned_away]
    assert found
    for trust, decision, why in found:
        assert decision.wants
        assert not why.joined
        assert trust.record.signed_month < why.month
        assert "would have joined, and found no place" in sentences(why)


def test_what_was_decided_is_what_became_of_the_trust() -> None:
    """The month and the yes of a decision are those of the record, where it joined and stayed."""
    seen = 0
    for trust, _, why in decided("scenario=nhs_employers_2009", runs=4):
        seen += why.joined
        assert (why.month if why.joined else NEVER) == trust.record.signed_month
        assert not (why.joined and trust.record.stage == CONSIDERING)
    assert seen > 0


def test_a_fee_weighs_as_much_as_it_costs_and_is_named() -> None:
    """In pounds of the trust's own valuation the fee on signing is the fee; a grant lessens it."""
    for _, _, why in decided("levers.upfront_fee_gbp=35000", "levers.grant_gbp=5000"):
        (fee,) = (term for term in why.terms if term.name == "fee on signing, less grant")
        assert fee.gbp == pytest.approx(-30_000.0)
    for _, _, why in decided("levers.upfront_fee_gbp=0"):
        assert not [term for term in why.terms if "fee on signing" in term.name]


@pytest.mark.parametrize(
    ("asked", "name", "side"),
    [
        (("levers.discount_share=0.2", "levers.share_replaced=1"), "discount and services", "for"),
        (("levers.endorsement=1",), "standing with the centre", "for"),
        (("levers.endorsement=-1",), "standing with the centre", "against"),
        (("levers.sanction_share=0.1", "levers.deadline_month=5"), "sanction for those who", "for"),
        (("levers.yearly_fee_gbp=50000",), "running fee", "against"),
        (("levers.staff_leaving_share=1",), "staff who would leave", "against"),
        (("levers.legal_risk_per_year=1",), "risk of a legal challenge", "against"),
    ],
)
def test_what_helps_is_said_to_help_and_what_hinders_to_hinder(
    asked: tuple[str, ...], name: str, side: str
) -> None:
    for _, _, why in decided(*asked):
        assert [term.side for term in why.terms if term.name.startswith(name)] == [side]


def test_a_member_says_since_when_it_is_served_and_how_far_its_processes_are() -> None:
    """Three facts; one that is no member has neither of the two."""
    case = assemble(question("run", ["parameters=prior", "scenario=nhs_wales"]).configuration())
    model = SharedServiceModel(case.episode, case.design(0, 1)[0], 1, 0)
    seen = set()
    while model.running:
        model.step()
        for trust in model.trusts:
            told, record = dict(words.facts(case, trust.record)), trust.record
            served = f"since month {record.served_month}" if trust.stage == "served" else "not yet"
            is_member = trust.stage in ("signed", "served")
            assert told.get("served") == (served if is_member else None)
            aligned = told.get("on common processes", "")
            assert (aligned == "yes") == bool(record.aligned)
            assert aligned.startswith("at work") == (
                is_member and not record.aligned and record.work_month != NEVER
            )
            seen.add(aligned.partition(" since")[0])
    assert {"yes", "at work"} <= seen


def test_who_has_not_decided_is_told_where_it_stands() -> None:
    """Exempt, not looked yet, at its business case, or a member at the launch."""
    seen = set()
    for name in ("nhs_employers_2009", "cabinet_office_2012", "stp_back_office_2016"):
        asked = ["parameters=prior", f"scenario={name}", "levers.exempt_share=0.2"]
        asked += ["levers.pathfinders=4"] if name == "stp_back_office_2016" else []
        case = assemble(question("run", asked).configuration())
        model = SharedServiceModel(case.episode, case.design(0, 1)[0], 1, 0)
        model.step()
        for trust in model.trusts:
            if trust.decision is None:
                seen.add((trust.stage, words.undecided(trust.record)))
    assert {
        ("exempt", "It is exempt: it takes no part."),
        ("idle", "It has not looked at the scheme yet."),
        ("considering", "It has not decided yet: its business case is under way."),
        ("signed", "It was a member at the launch: it did not decide itself."),
    } <= seen
