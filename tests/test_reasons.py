"""Why a trust decided: the terms add up to the rule's own appraisal, and point the right way."""

from __future__ import annotations

import math

import pytest
from uptake.analysis.reasons import Reasons, reasons
from uptake.cli.arguments import question
from uptake.config.case import assemble
from uptake.engine.mesa import SharedServiceModel, Trust
from uptake.model.rules import trusts as rules
from uptake.model.rules.peers import signal_precision
from uptake.report.text import reasons as words

EPISODES = ("nhs_employers_2009", "stp_back_office_2016", "cabinet_office_2012", "nhs_sbs")


def decided(*overrides: str, runs: int = 2) -> list[tuple[SharedServiceModel, Trust, Reasons]]:
    """Return the trusts that decided in some runs, with their reasons."""
    case = assemble(question("run", list(overrides)).configuration())
    found = []
    for run in range(runs):
        model = SharedServiceModel(case.episode, case.design(run, 1)[0], 1, run)
        while model.running:
            model.step()
        found += [(model, t, reasons(t.record, t.decision)) for t in model.trusts if t.decision]
    assert found
    return found


@pytest.mark.parametrize("episode", EPISODES)
def test_the_terms_add_up_to_what_the_rule_said_in_that_very_month(episode: str) -> None:
    """The chance at the end is the rule's own, from the state of the month of the decision."""
    case = assemble(question("run", [f"scenario={episode}"]).configuration())
    model = SharedServiceModel(case.episode, case.design(0, 1)[0], 1, 0)
    then: dict[int, tuple[int, float]] = {}
    while model.running:
        model.step()
        for trust in model.trusts:
            made = trust.decision
            if made is None or made.month.number != model.month.number:
                continue
            month, peers = made.month, model.state.peers[trust.record.peers]
            saving = rules.own_believed_saving(
                trust.record, month.levers, month.parameters, month.sector, peers,
                signal_precision(month.parameters),
            )  # fmt: skip
            common = peers.common_utility + made.appeal
            appraisal = rules.joining_utility(
                trust.record, month.levers, month.parameters, month.years, saving, common,
                made.prospect.seen,
            )  # fmt: skip
            then[trust.row] = month.number, appraisal
    assert then
    for row, (number, appraisal) in then.items():
        trust = model.trusts[row]
        assert trust.decision is not None
        why = reasons(trust.record, trust.decision)
        assert why.month == number
        assert math.fsum(term.logits for term in why.terms) == pytest.approx(appraisal, abs=1e-9)
        assert why.probability == pytest.approx(1.0 / (1.0 + math.exp(-appraisal)))


def test_a_fee_weighs_as_much_as_it_costs_and_is_named() -> None:
    """In pounds of the trust's own valuation the fee on signing is the fee; a grant lessens it."""
    for _, _, why in decided("levers.upfront_fee_gbp=35000", "levers.grant_gbp=5000"):
        (fee,) = (term for term in why.terms if term.name == "fee on signing, less grant")
        assert fee.gbp == pytest.approx(-30_000.0)
    for _, _, why in decided("levers.upfront_fee_gbp=0"):
        assert not [term for term in why.terms if "fee on signing" in term.name]


def test_what_was_decided_is_what_became_of_the_trust() -> None:
    """The month and the yes of a decision are those of the record, where it joined and stayed."""
    seen = 0
    for _, trust, why in decided("scenario=nhs_employers_2009", runs=4):
        if why.joined and trust.record.signed_month == why.month:
            seen += 1
        assert why.joined == (trust.record.signed_month >= 0)
    assert seen > 0


def test_who_found_no_place_is_told_so() -> None:
    """It would have joined, and is no refusal: the page says which of the two it was."""
    few = "scenario.providers.support_unit.capacity.value=1"
    told = decided("scenario=commissioning_support_2012", few, "levers.mandate=0.5", runs=1)
    found = [
        words.why(of, trust.decision)[0]
        for _, trust, of in told
        if of.turned_away and trust.decision is not None
    ]
    assert found
    assert all("would have joined, and found no place" in said for said in found)
    assert not any(of.joined and of.turned_away for _, _, of in told)


@pytest.mark.parametrize(
    ("lever", "value", "name"),
    [
        ("pressure", 1.0, "pressure of the centre"),
        ("discount_share", 0.2, "discount and services bundled in"),
        ("endorsement", 1.0, "standing with the centre"),
    ],
)
def test_what_helps_is_said_to_help(lever: str, value: float, name: str) -> None:
    for _, _, why in decided(f"levers.{lever}={value}"):
        assert [term.gbp > 0 for term in why.terms if term.name == name] == [True]
