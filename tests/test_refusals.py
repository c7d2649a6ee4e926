"""Where bodies stand, and what turned away those that said no: counts, laws, and Mesa."""

from __future__ import annotations

from copy import copy
from itertools import product
from typing import Any

import numpy as np
import pytest
import uptake as up
from building import episode, parameters
from uptake.cli.arguments import question
from uptake.config.case import Case, assemble
from uptake.engine.compiled import Chunk, Design, simulate
from uptake.engine.mesa import Decision, SharedServiceModel
from uptake.model._jit import word
from uptake.model.draws import run_key
from uptake.model.entities import DECLINED, IDLE
from uptake.model.episode import Episode
from uptake.model.initialization import empty_state, initialise
from uptake.model.month import Month, taste_since, terms
from uptake.model.parameters import luck_of
from uptake.model.processes.alignment import fill_work_done
from uptake.model.processes.refusals import REASONS, TERMS
from uptake.model.processes.trusts import gap_decided_on
from uptake.model.rules import trusts as rules
from uptake.model.rules import value
from uptake.model.schedule import step
from uptake.model.standings import STANDINGS
from uptake.report import outcomes
from uptake.report.text.why import REASON, STANDS, turned_away
from uptake.results.standings import SAID_NO, refusals, standings_by

EPISODES = ("nhs_employers_2009", "stp_back_office_2016", "cabinet_office_2012", "nhs_sbs")
TAKEN: dict[str, tuple[str, ...]] = {  # fields of levers or parameters that a reason sets to nil
    "fee": ("upfront_fee_gbp",), "budget": ("liquidity_weight",),
    "running_fee": ("yearly_fee_gbp",), "cost_shared": ("cost_shared",), "quality": (),
    "gap": ("migration_cost_years",), "doubt": ("risk_aversion",), "control": ("sovereignty",),
    "owner": ("public_preference",), "misfit": ("misfit_weight",), "legal": ("caution",),
    "staff": ("staff_resistance",),
}  # fmt: skip


def case_of(*overrides: str) -> Case:
    """Return a case on the prior."""
    return assemble(question("run", ["parameters=prior", *overrides]).configuration())


def lived(case: Case, run: int) -> Any:
    """Return the state of the compiled processes at the end of a run, with what was noted."""
    made, behaviour = case.episode, case.design(run, 1)[0]
    model = SharedServiceModel(made, behaviour, 1, run)  # whose episode is as it is assumed here
    made = model.episode
    state, luck = empty_state(made, TERMS), luck_of(behaviour, 1, run)
    key = word(run_key(*luck))
    trusts = initialise(state, made, *luck)
    fill_work_done(state.work_done, made.levers, behaviour)
    for number in range(1, len(made.levers)):
        levers, sector = made.levers[number], made.sector[0]
        now = terms(levers, sector, number)
        month = Month(number, levers, made.structure[0], sector, behaviour, now, key)
        step(state, made.offers, made.deeds, trusts, month)
    while model.running:
        model.step()
    return state, trusts, model


def decisive(decision: Decision, without: str) -> bool:
    """Tell whether a trust would have joined without a reason, as docs/why.md has it."""
    month, trust, provider = decision.month, copy(decision.trust), copy(decision.provider)
    levers: Any = copy(month.levers)
    parameters: Any = copy(month.parameters)
    for field in TAKEN[without]:
        (levers if field in levers.dtype.names else parameters)[field] = 0.0
    if without == "quality":
        provider.outlook = max(provider.outlook, month.sector.home_quality)
    doubt = 0.0 if without == "doubt" else decision.prospect.doubt
    if decision.is_look:
        trust.hurried = 0
    gap = gap_decided_on(trust, month)
    worth = value.benefit(
        trust, provider, levers, parameters, month.sector, month.terms.years,
        decision.prospect.saving, decision.prospect.delay, gap, 0.0, doubt,
    )  # fmt: skip
    common = rules.common_utility(levers, parameters, decision.advocates_share)
    utility = rules.joining_utility(
        trust, provider, levers, parameters, worth, month.terms.spared, common
    )
    since = month.number if decision.is_look else int(trust.case_month)
    return bool(taste_since(month, trust, since) < rules.logistic(utility))


def test_what_is_noted_is_what_mesa_weighed() -> None:
    """Trust by trust: whoever stands outside has the reasons of its own last look or decision."""
    asked, found = 0, set[str]()
    for name, run in product(EPISODES, (0, 1)):
        state, trusts, model = lived(case_of(f"scenario={name}"), run)
        for agent in model.trusts[:trusts]:
            trust, decision = state.trusts[agent.row], agent.decision
            assert trust.stage == agent.record.stage
            said_no = trust.stage in (IDLE, DECLINED) and trust.looked and trust.signed_month < 0
            if not said_no or decision is None:
                continue
            noted = {n for i, n in enumerate(REASONS) if int(state.turned[agent.row]) >> i & 1}
            if noted == {"no_provider"}:  # of which Mesa keeps the decision before
                continue
            expected = {"no_place"} if decision.wants else {
                reason for reason in TAKEN if decisive(decision, reason)
            } or {"several"}  # fmt: skip
            assert noted == expected, (name, run, agent.row)
            asked, found = asked + 1, found | noted
    assert asked > 300
    assert len(found) > 6


def compiled(made: Episode, design: Design, explains: bool) -> Chunk:
    """Return some runs of an episode."""
    return next(simulate(made, design, 20, 1, 1, explains))


@pytest.mark.parametrize("name", [*EPISODES, "commissioning_support_2012", "staff_record_2006"])
def test_it_makes_no_difference_to_ask(name: str) -> None:
    """All else is the same to the bit; who stands where is what the outcomes count."""
    case = case_of(f"scenario={name}")
    plain, asked = (compiled(case.episode, case.design, explains) for explains in (False, True))
    for field in Chunk._fields:
        if field not in ("standings", "refusals", "gains"):
            assert getattr(plain, field).tobytes() == getattr(asked, field).tobytes(), field
    assert plain.standings.shape[1] == plain.refusals.shape[1] == 0
    kinds, sizes = len(case.episode.kinds), 3
    parts = (slice(kinds), slice(kinds, kinds + sizes), slice(kinds + sizes, None))
    by_kind, by_size, by_region = (asked.standings[:, part].sum(axis=1) for part in parts)
    assert np.array_equal(by_kind, by_size)
    assert np.array_equal(by_kind, by_region)
    refused = [asked.refusals[:, part].sum(axis=1) for part in parts]
    assert np.array_equal(refused[0], refused[1])
    assert np.array_equal(refused[0], refused[2])
    stands = dict(zip(STANDINGS, by_kind.T, strict=True))
    told = asked.outcomes
    assert np.array_equal(by_kind.sum(axis=1), told.approached)
    assert np.array_equal(stands["served"], told.served)
    assert np.array_equal(stands["exempt"], told.exempt)
    assert np.array_equal(stands["left"] <= told.left, np.ones(20, bool))
    assert np.array_equal(stands["waiting"] + stands["served"], told.joined - told.left)
    looked = told.approached - stands["never_looked"]
    assert np.all(looked - stands["exempt"] - told.looked >= 0)  # members at the start never look
    said_no = sum(stands[name] for name in SAID_NO)
    turned = dict(zip(REASONS, refused[0].T, strict=True))
    assert np.all(turned["several"] <= said_no)
    assert np.all(sum(turned.values()) >= said_no)  # everyone who said no has a reason
    for name in ("several", "no_place", "no_provider"):
        assert np.all(turned[name] <= said_no)


# All look and decide in their first month, and hear of nobody.
AT_ONCE: Any = {
    "peers_weight": 0.0, "peers_attention_weight": 0.0, "attention_per_month": 1e3,
    "business_case_per_month": 1e6,
}  # fmt: skip
AGAINST: Any = {
    "upfront_fee_gbp": 4e4, "yearly_fee_gbp": 2e4, "cost_shared": 0.3, "share_replaced": 0.5,
    "autonomy": 0.2, "legal_risk_per_year": 0.2, "staff_leaving_share": 0.3, "misfit": 1.0,
    "exit_freedom": 0.2, "bundle_share": 0.2,
}  # fmt: skip
HOME = 0.9  # quality
OFFER = {
    "public_share": 0.3, "fixed_cost_gbp": 2e5, "running_cost_share": 1.1, "quality": 0.8,
    "quality_sd": 0.0,
}  # fmt: skip


def at_once(reason: str = "") -> Chunk:
    """Return runs in which all decide at once, without one reason."""
    levers, behaviour = dict(AGAINST), dict(AT_ONCE)
    for field in TAKEN.get(reason, ()):
        (levers if field in levers else behaviour)[field] = 0.0
    offer = OFFER | ({"quality": HOME} if reason == "quality" else {})
    made = episode(
        400, 1, structure={"evidence_shared": 0.0}, offers=[offer], sector={"home_quality": HOME},
        **levers,
    )  # fmt: skip
    return compiled(made, lambda _, runs: parameters(runs, **behaviour), True)


@pytest.mark.parametrize("reason", TAKEN)
def test_a_reason_turns_away_just_those_who_join_without_it(reason: str) -> None:
    """Run by run, to the body: what is noted is what the run without it comes to."""
    asked, without = at_once(), at_once(reason)
    assert np.array_equal(asked.outcomes.looked, np.full(20, 400))
    noted = asked.refusals[:, :2, REASONS.index(reason)].sum(axis=1)
    assert np.array_equal(noted, without.outcomes.joined - asked.outcomes.joined)
    assert noted.sum() > 5


def test_the_report_and_python_tell_it() -> None:
    """Sentences, tables, columns; by kind, size and region they add up to all."""
    result = up.scenario("stp_back_office_2016", parameters="prior").run(60, seed=3)
    said = result.answer.summary
    of_all = {name: one["mean"] for name, one in said["standings"].items()}
    for by in ("kind", "size", "region"):
        groups = standings_by(result, by)
        for name, mean in of_all.items():
            assert sum(one[name] for one in groups.values()) == pytest.approx(mean)
        assert result.standings(by).column(by) == list(groups)
        no = sum(one["said_no"] for one in said[f"refusals_by_{by}"].values())
        assert no == pytest.approx(said["refusals"]["said_no"]["mean"])
    assert sum(of_all.values()) == pytest.approx(result["approached"].mean())
    assert result.standings().column("standing") == list(STANDINGS) == list(STANDS)
    assert result.refusals().column("reason") == list(REASONS) == list(REASON)
    assert list(TAKEN) == list(REASONS[:TERMS])
    shares = dict(zip(REASONS, result.refusals().column("mean"), strict=True))
    table = outcomes.refusals(said)
    first = max((name for name in shares), key=lambda name: shares[name])
    assert table.rows[0][0] == REASON[first]
    assert any(line.startswith("Where they stand after") for line in result.answer.sentences)
    assert any(line.startswith("What turned away the") for line in result.answer.sentences)
    with pytest.raises(up.InputError, match="allowed is one of kind, size, region"):
        result.refusals("colour")


def test_where_nobody_said_no_nothing_is_told_of_reasons() -> None:
    """All are obliged, and nobody is exempt: no division by nil."""
    scheme = up.Scenario(
        "told_to", title="Told to", start="2026-04", months=12, approached=20,
        sector="councils_2019", levers={"mandate": 1.0},
    )  # fmt: skip
    result = scheme.run(10)
    found = refusals(result)
    assert (found["said_no"]["mean"], found["reasons"]) == (0.0, {})
    assert result["joined"].min() == 20
    assert "Nobody that looked said no." in result.answer.sentences
    assert outcomes.refusals(result.answer.summary).rows == []


def test_shares_and_regions_are_recounts() -> None:
    """Of each run's own refusals; region by region, as the trusts of a run say."""
    result = up.scenario("stp_back_office_2016", parameters="prior").run(12, seed=2)
    said = refusals(result)
    chunk, kinds = result.explained.chunk, len(result.case.people.kind_names)
    no = chunk.standings[:, :kinds, [2, 4]].sum(axis=(1, 2))
    control = chunk.refusals[:, :kinds, REASONS.index("control")].sum(axis=1)
    shares = control[no > 0] / no[no > 0]
    assert said["reasons"]["control"]["q95"] == pytest.approx(np.quantile(shares, 0.95))
    assert said["reasons"]["control"]["mean"] == pytest.approx(control.sum() / no.sum())
    state, trusts, _ = lived(result.case, 0)
    regions = np.asarray([int(state.trusts[row].region) for row in range(trusts)])
    case = case_of("scenario=stp_back_office_2016")
    first = compiled(case.episode, case.design, True).standings[0, kinds + 3 :].sum(axis=1)
    assert np.array_equal(first, np.bincount(regions, minlength=len(first)))


def test_what_is_no_reason_by_itself_is_told_apart() -> None:
    """None by itself, and no provider open, are not among the things that decide alone."""
    numbers = {"mean": 0.5, "q05": 0.0, "q95": 1.0}
    reasons = {name: dict(numbers) for name in ("fee", "no_provider", "several")}
    told = turned_away({"refusals": {"said_no": {"mean": 10.0}, "reasons": reasons}})
    assert "by itself: the fee on signing (50 %)." in told
    assert "For 50 % no provider was open any more" in told
    assert "For 50 % no one thing would have done" in told


def test_a_hurried_case_before_does_not_count_at_a_look() -> None:
    """Whose case the deadline cut short looks again with its own gap, and stays as it was noted."""
    given_time = ("months=24", "levers.review_month=0")
    made = case_of("scenario=nhs_employers_2009", "levers.deadline_month=3", *given_time)
    found = 0
    for run in range(6):
        state, trusts, model = lived(made, run)
        for agent in model.trusts[:trusts]:
            trust, decision = state.trusts[agent.row], agent.decision
            if decision is None or decision.wants or not decision.is_look:
                continue
            if trust.hurried and trust.stage in (IDLE, DECLINED) and trust.signed_month < 0:
                noted = {n for i, n in enumerate(REASONS) if int(state.turned[agent.row]) >> i & 1}
                expected = {one for one in TAKEN if decisive(decision, one)} or {"several"}
                assert noted in (expected, {"no_provider"})
                found += 1
            assert trust.hurried == agent.record.hurried
    assert found > 0
