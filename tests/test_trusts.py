"""The rules of every kind of agent: limiting cases, directions, and the equations of docs/model.md.

A *case* is all that a decision depends on, as one flat dict: facts of the trust, levers,
parameters, the share of peers that joined and the believed saving. Hypothesis draws the cases; its
examples are the same every time.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from building import MIDDLING, NEUTRAL, episode, records
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from uptake.model.entities import JOINED, LIVE, MIGRATING, NO_PLAN, PEERS, PLANNED, TRUST
from uptake.model.levers import LEVERS
from uptake.model.parameters import PARAMETERS
from uptake.model.rules import clocks, peers, trusts

Case = dict[str, float]
RATE = 0.035  # discount rate, real, per year

# Ranges of what a decision depends on, chosen so that few decisions are foregone conclusions. No
# weight is 0, so that all directions are strict.
RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("share", "pressure", "misfit", "conditional_share"), (0.0, 1.0)),
    "saving": (0.01, 0.3),
    "spend_gbp": (1e6, 2e7),
    "budget_gbp": (1e5, 1e6),
    "gap": (0.05, 0.95),
    "upfront_fee_gbp": (1e4, 2e5),
    "grant_gbp": (0.0, 1e4),
    "yearly_fee_gbp": (0.0, 1e5),
    "term_years": (0.25, 10.0),
    "discount_share": (0.001, 0.2),
    "gap_analysis": (0.05, 1.0),
    "bundle_share": (0.0, 0.1),
    "legal_risk_per_year": (0.01, 2.0),
    "endorsement": (-1.0, 1.0),
    "budget_squeeze": (0.0, 0.9),
    **dict.fromkeys(("mandate", "binding", "professions_lead"), (0.0, 0.9)),
    "savings_drive": (0.0, 1.0),
    "common_frameworks": (0.0, 0.9),
    "staff_leaving_share": (0.05, 1.0),
    "capacity": (0.1, 1.0),
    "attention_per_month": (0.001, 1.0),
    **dict.fromkeys(("cashable_share", "liquidity_weight"), (0.1, 1.0)),
    "value_weight": (0.5, 4.0),
    "sovereignty": (0.0, 3.0),
    "migration_cost_years": (0.05, 0.5),
    **dict.fromkeys(("misfit_weight", "endorsement_weight", "caution"), (0.1, 2.0)),
    "staff_resistance": (0.1, 2.0),
    **dict.fromkeys(("peers_weight", "peers_attention_weight", "pressure_weight"), (0.1, 2.0)),
    "pressure_attention_weight": (0.1, 2.0),
}
CASES = st.fixed_dictionaries(
    {name: st.floats(low, high) for name, (low, high) in RANGES.items()}
    | {"unsuited": st.sampled_from([0.0, 1.0]), "stage": st.sampled_from([JOINED, MIGRATING, LIVE])}
    | {"region_stage": st.sampled_from([NO_PLAN, PLANNED]), "aligned": st.sampled_from([0, 1])}
)


def for_all(*strategies: Any, **named: Any) -> Any:
    """Try a law on 60 examples of these strategies, the same ones every time."""
    repeatable = settings(derandomize=True, database=None, max_examples=60)
    return lambda law: repeatable(given(*strategies, **named)(law))


VOLUNTARY = {"mandate": 0.0, "binding": 0.0}


def of(dtype: Any, case: Case) -> Any:
    """Return the record of a dtype with the case's values."""
    values: Any = {name: case[name] for name in dtype.names if name in case}
    return records(dtype, **values)[0]


def advocates(case: Case) -> float:
    """Return the share of peers that speak for the scheme."""
    return peers.advocates_share(of(LEVERS, case), case["share"])


def climate(case: Case) -> float:
    """Return what speaks for the scheme to all, in logits."""
    return trusts.common_utility(of(LEVERS, case), of(PARAMETERS, case), advocates(case))


def weighed(case: Case) -> tuple[Any, Any, Any, float, float]:
    """Return what every decision weighs: trust, levers, parameters, annuity, believed saving."""
    years = trusts.annuity(case["term_years"], RATE)
    return of(TRUST, case), of(LEVERS, case), of(PARAMETERS, case), years, case["saving"]


def agreeing(case: Case, wish: float) -> float:
    """Return the probability of a yes, with the refusals that are overruled."""
    return trusts.agreement_probability(wish, of(LEVERS, case), int(case["region_stage"]))


def joining(case: Case) -> float:
    """Return the probability of joining, of the gap that a business case sees."""
    wish = trusts.joining_probability(*weighed(case), climate(case), case["gap_analysis"])
    return agreeing(case, wish)


def staying(case: Case) -> float:
    """Return the probability of staying."""
    return agreeing(case, trusts.staying_probability(*weighed(case), climate(case)))


def migrating(case: Case) -> float:
    """Return the probability of starting to migrate."""
    return agreeing(case, trusts.migrating_probability(*weighed(case)))


def attention(case: Case) -> float:
    """Return the hazard of taking an interest in a case, with pressure on attention."""
    return clocks.attention_rate(of(LEVERS, case), of(PARAMETERS, case), 1.0, advocates(case))


def logit(probability: float) -> float:
    """Return the logit of a probability."""
    return math.log(probability / (1.0 - probability))


def spec_logits(case: Case) -> dict[str, float]:
    """Return the logits of joining, migrating and staying, coded from docs/model.md alone."""
    c = case
    years = sum(1.0 / (1.0 + RATE) ** n for n in range(1, int(c["term_years"]) + 1))  # whole terms
    closing = c["migration_cost_years"] * (1 - c["common_frameworks"])

    def value(gap: float) -> float:
        per_year = c["saving"] * (1 - gap) * c["cashable_share"] + c["discount_share"]
        per_year += c["bundle_share"] - c["yearly_fee_gbp"] / c["spend_gbp"]
        return years * per_year - closing * gap

    challenge = 1 - math.exp(-c["legal_risk_per_year"] * c["term_years"])
    speak = c["share"] + c["professions_lead"] * (1 - c["share"])
    to_all = c["peers_weight"] * speak + c["pressure_weight"] * c["pressure"]
    to_all -= c["staff_resistance"] * c["staff_leaving_share"]
    to_all += c["endorsement_weight"] * c["endorsement"] - c["caution"] * challenge
    to_all -= c["misfit_weight"] * c["misfit"] * c["unsuited"]
    net = c["upfront_fee_gbp"] - c["grant_gbp"]
    strain = max(net, 0) / (c["budget_gbp"] * (1 - c["budget_squeeze"]))
    cost = c["value_weight"] * net / c["spend_gbp"] + c["liquidity_weight"] * strain
    only_migrated = c["saving"] * (1 - c["gap"]) * c["cashable_share"]
    only_migrated += c["conditional_share"] * c["discount_share"]
    migrated = years * only_migrated - closing * c["gap"]
    beta, own, live = c["value_weight"], c["sovereignty"], c["stage"] == LIVE
    return {
        "join": beta * value(c["gap"] * c["gap_analysis"]) - cost + to_all - own,
        "migrate": beta * migrated,
        "stay": beta * value(0 if live or c["aligned"] else c["gap"]) + to_all + own * live,
    }


@for_all(CASES, st.integers(1, 10), st.floats(0.0, 2e5))
def test_decisions_are_those_of_the_specification(case: Case, term: int, grant: float) -> None:
    """They are those logits; a mandate overrules refusals, and so does a region's vote."""
    case = case | {"term_years": float(term), "grant_gbp": grant}
    refused = {name: 1 / (1 + math.exp(x)) for name, x in spec_logits(case).items()}
    voluntary = 1.0 - case["mandate"]
    if case["region_stage"] == PLANNED:
        voluntary *= 1.0 - case["binding"]
    assert joining(case) == pytest.approx(1 - refused["join"] * voluntary, rel=1e-12)
    assert staying(case) == pytest.approx(1 - refused["stay"] * voluntary, rel=1e-12)
    assert migrating(case) == pytest.approx(1 - refused["migrate"] * voluntary, rel=1e-12)


UP, DOWN, SAME = 1, -1, 0
MONEY = {"discount_share": UP, "bundle_share": UP, "yearly_fee_gbp": DOWN, "saving": UP}
CLIMATE = {
    "pressure": UP, "endorsement": UP, "share": UP, "mandate": UP, "legal_risk_per_year": DOWN,
    "caution": DOWN, "staff_leaving_share": DOWN, "staff_resistance": DOWN,
}  # fmt: skip
DIRECTIONS: list[tuple[Any, dict[str, int]]] = [
    (joining, MONEY | CLIMATE),
    (joining, {"upfront_fee_gbp": DOWN, "grant_gbp": UP, "budget_squeeze": DOWN}),
    (joining, {"sovereignty": DOWN, "liquidity_weight": DOWN, "migration_cost_years": DOWN}),
    (joining, {"budget_gbp": UP, "gap": DOWN, "gap_analysis": DOWN, "conditional_share": SAME}),
    (joining, {"common_frameworks": UP, "savings_drive": SAME, "capacity": SAME}),
    (staying, MONEY | CLIMATE | {"upfront_fee_gbp": SAME, "grant_gbp": SAME, "gap_analysis": SAME}),
    (migrating, {"saving": UP, "conditional_share": UP, "gap": DOWN, "migration_cost_years": DOWN}),
    (migrating, dict.fromkeys(("bundle_share", "yearly_fee_gbp", "upfront_fee_gbp"), SAME)),
    (migrating, {"common_frameworks": UP, "mandate": UP}),
    (
        migrating,
        dict.fromkeys((*sorted(CLIMATE.keys() - {"mandate"}), "grant_gbp", "sovereignty"), SAME),
    ),
    (attention, dict.fromkeys(("pressure", "savings_drive", "share", "mandate", "capacity"), UP)),
    (attention, dict.fromkeys(("endorsement", "upfront_fee_gbp", "saving", "gap"), SAME)),
    (attention, dict.fromkeys(("budget_squeeze", "staff_leaving_share"), SAME)),
    (climate, {"share": UP, "term_years": DOWN, "legal_risk_per_year": DOWN, "saving": SAME}),
]


@pytest.mark.parametrize(
    ("rule", "name", "sign"),
    [(rule, name, sign) for rule, signs in DIRECTIONS for name, sign in signs.items()],
)
@for_all(case=CASES, where=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)))
def test_direction(rule: Any, name: str, sign: int, case: Case, where: tuple[float, float]) -> None:
    """A rule rises, falls or stays as one thing alone rises over its range, in every case."""
    low, high = RANGES[name]
    assume(abs(where[1] - where[0]) > 1e-3)
    before, after = (rule(case | {name: low + (high - low) * at}) for at in sorted(where))
    if sign == SAME:
        assert after == before
    elif rule in (joining, staying, migrating) and min(before, after) > 1.0 - 1e-9:
        assert sign * (after - before) >= 0.0  # as good as certain, and no more digits to tell
    else:
        assert sign * (after - before) > 0.0


@for_all(CASES, st.floats(1.1, 3.0))
def test_a_fee_weighs_more_on_smaller_budgets(case: Case, times: float) -> None:
    """What a fee takes from the logit grows with 1 / budget, by exactly the extra strain."""
    case = case | VOLUNTARY
    lost = logit(joining(case | {"budget_gbp": case["budget_gbp"] * times})) - logit(joining(case))
    left_gbp = case["budget_gbp"] * (1.0 - case["budget_squeeze"])
    strain = (case["upfront_fee_gbp"] - case["grant_gbp"]) / left_gbp
    assert lost == pytest.approx(case["liquidity_weight"] * strain * (1.0 - 1.0 / times), abs=1e-7)


@for_all(CASES, st.floats(0.0, 1e6))
def test_a_grant_beyond_the_fee_is_value_alone(case: Case, extra: float) -> None:
    """Beyond the fee a grant relieves no strain: neither budget nor squeeze matter any more."""
    case = case | {"grant_gbp": case["upfront_fee_gbp"] + extra}
    assert joining(case) == joining(case | {"budget_gbp": 1.0, "budget_squeeze": 0.95})
    assert joining(case) <= joining(case | {"grant_gbp": case["grant_gbp"] + 1e4})


@for_all(CASES, st.floats(0.01, 1.0))
def test_misfit_weighs_on_the_unsuited_alone(case: Case, misfit: float) -> None:
    """A scheme designed for others costs those others nothing, whether joining or staying."""
    suited, unsuited = case | {"unsuited": 0.0}, case | {"unsuited": 1.0}
    for rule in (joining, staying):
        assert rule(suited | {"misfit": misfit}) == rule(suited | {"misfit": 0.0})
        assert rule(unsuited | {"misfit": misfit}) < rule(unsuited | {"misfit": 0.0})


@for_all(CASES, st.floats(0.0, 1.0))
def test_a_discount_paid_either_way_cancels_from_migrating(case: Case, other: float) -> None:
    """Only the conditional part of a discount speaks for migrating."""
    unconditional = case | {"conditional_share": 0.0}
    assert migrating(unconditional) == migrating(unconditional | {"discount_share": other})
    assert migrating(case | {"conditional_share": 1.0}) > migrating(unconditional)


@for_all(CASES)
def test_live_members_are_locked_in(case: Case) -> None:
    """Once live the gap is closed and sovereignty speaks for staying; before, it says nothing."""
    for stage, effect in ((JOINED, 0.0), (MIGRATING, 0.0), (LIVE, 2.0)):
        at = case | VOLUNTARY | {"stage": stage}
        probabilities = [staying(at | {"sovereignty": value}) for value in (0.0, 2.0)]
        gained = logit(probabilities[1]) - logit(probabilities[0])
        assert gained == pytest.approx(effect, abs=1e-5)
    live = case | {"stage": LIVE}
    assert staying(live) == staying(live | {"gap": 0.05, "migration_cost_years": 0.5})


@for_all(CASES)
def test_attention_has_its_limits(case: Case) -> None:
    """Nobody pushing and nobody joined: alpha, as far as managers have time for the scheme.

    Pressure can be kept off attention, a drive for savings cannot.
    """
    nobody = ("pressure", "savings_drive", "share", "mandate", "professions_lead")
    calm = case | dict.fromkeys(nobody, 0.0) | {"capacity": 1.0}
    assert attention(calm) == case["attention_per_month"]
    assert attention(calm | {"capacity": 0.5}) == 0.5 * case["attention_per_month"]
    levers, parameters = of(LEVERS, case), of(PARAMETERS, case)
    deaf = clocks.attention_rate(levers, parameters, 0.0, advocates(case))
    assert deaf == attention(case | {"pressure": 0.0})
    bass = attention(calm | {"share": 0.4}) / attention(calm)
    assert bass == pytest.approx(1.0 + 0.4 * case["peers_attention_weight"])
    assert attention(calm | {"savings_drive": 0.7}) == attention(calm | {"pressure": 0.7})


@for_all(CASES)
def test_professions_in_the_lead_speak_as_peers_that_joined(case: Case) -> None:
    """Where they lead all the way, everybody hears what they would if all peers had joined."""
    led, joined = case | {"professions_lead": 1.0}, case | {"share": 1.0}
    for rule in (joining, attention):
        assert rule(led) == pytest.approx(rule(joined))
        assert rule(led) >= rule(case) * (1.0 - 1e-12)


def test_refusals_are_overruled_by_the_centre_and_by_a_vote() -> None:
    """A mandate of 0.5 overrules half of them; a vote that binds 0.4, where there was one, more."""
    levers = records(LEVERS, mandate=0.5, binding=0.4)[0]
    assert trusts.overruled_share(levers, NO_PLAN) == 0.5
    assert trusts.overruled_share(levers, PLANNED) == pytest.approx(0.7)
    assert trusts.agreement_probability(0.2, levers, NO_PLAN) == pytest.approx(0.6)
    assert trusts.agreement_probability(0.2, levers, PLANNED) == pytest.approx(0.76)
    assert trusts.agreement_probability(0.2, records(LEVERS, binding=1.0)[0], PLANNED) == 1.0


def test_a_benchmark_tells_a_trust_of_its_own_saving() -> None:
    """A trust that spends twice what is typical of its income could save half of its spend.

    With prior 0.1 (sd 0.05: precision 400) a signal of sd 0.3 with weight 36 has precision 400 too:
    it believes the mean of 0.1 and 0.5, and one that spends less than is typical of 0.1 and 0.
    """
    levers, sector = records(LEVERS, benchmark_weight=36.0)[0], episode().sector[0]
    parameters: Any = records(PARAMETERS, **MIDDLING)[0]
    group = records(PEERS, believed_saving=0.1)[0]
    precision = peers.signal_precision(parameters)
    income = 100e6  # 5.4 % of it on corporate services, a tenth of that in scope: 540,000 GBP
    for spend, believed in ((1.08e6, 0.3), (0.27e6, 0.05), (0.54e6, 0.05)):
        trust = records(TRUST, spend_gbp=spend, income_gbp=income)[0]
        own = trusts.own_believed_saving(trust, levers, parameters, sector, group, precision)
        assert own == pytest.approx(believed)
        none: Any = records(LEVERS, **NEUTRAL)[0]
        assert trusts.own_believed_saving(trust, none, parameters, sector, group, precision) == 0.1


def test_what_going_live_and_sharing_early_cost() -> None:
    """Hand-made: 1,200,000 GBP a year, a gap of 0.5, half of the work saved, a tenth of staff gone.

    Migration 0.15 * 0.5 * 0.5 years and redundancy 0.1 * 0.5 * (1 - 0.4): 0.0675 years. To share
    with the gap open costs 0.1 * 0.5 of the spend a year.
    """
    trust = records(TRUST, spend_gbp=1.2e6, gap=0.5)[0]
    values = {"staff_leaving_share": 0.1, "redundancy_cost_share": 0.5}
    levers: Any = records(LEVERS, common_frameworks=0.5, redundancy_avoided_share=0.4, **values)[0]
    parameters: Any = records(PARAMETERS, **MIDDLING)[0]
    assert trusts.one_off_cost_gbp(trust, levers, parameters) == 81_000
    assert trusts.monthly_disruption_gbp(trust, parameters) == 5_000
    assert trusts.monthly_saving_gbp(trust, parameters) == 3_000


@for_all(st.floats(-0.5, 0.5), st.floats(0.01, 1.0), st.floats(0.01, 1e6), st.floats(-0.5, 0.5))
def test_belief_lies_between_prior_and_evidence(m0: float, sd0: float, n: float, v: float) -> None:
    """The believed saving is a weighted mean of prior and evidence, by their precisions."""
    parameters = records(PARAMETERS, believed_saving_share=m0, belief_sd_share=sd0)[0]
    believed = trusts.believed_saving(parameters, n, n * v)
    assert min(m0, v) - 1e-12 <= believed <= max(m0, v) + 1e-12
    assert abs(believed - v) == pytest.approx(abs(m0 - v) / (1.0 + n * sd0 * sd0), abs=1e-12)
    assert trusts.believed_saving(parameters, 0.0, 0.0) == pytest.approx(m0)


@pytest.mark.parametrize(("years", "value"), [(3.0, 2.802), (5.0, 4.515), (10.0, 8.317)])
def test_annuity_is_that_of_the_tables(years: float, value: float) -> None:
    """1 a year at 3.5 % (HM Treasury's rate) is worth what annuity tables say."""
    assert trusts.annuity(years, RATE) == pytest.approx(value, abs=5e-4)
    assert trusts.annuity(years, 0.0) == years


@for_all(st.floats(0.0, 50.0) | st.floats(0.0, 1e-3), st.floats(2.0**-53, 1.0 - 2.0**-53))
def test_a_clock_strikes_with_its_probability(rate: float, u: float) -> None:
    """``strikes`` is ``u < 1 - exp(-rate)``, except where rounding decides."""
    probability = -math.expm1(-rate)
    for draw in (u, probability * (1.0 + 1e-9), probability * (1.0 - 1e-9), rate, rate * u):
        if draw < 1.0 and abs(draw - probability) > 3e-16:
            assert clocks.strikes(rate, draw) == (draw < probability)


def test_a_mandate_is_the_part_that_it_overrules() -> None:
    """A mandate of 0.3 makes 30 in 100 act within a month, one of 1 everybody with any slack."""
    assert 1.0 - math.exp(-clocks.mandate_rate(0.3)) == pytest.approx(0.3)
    assert clocks.strikes(1e-3 * clocks.mandate_rate(1.0), 1.0 - 2.0**-53)
    assert not clocks.strikes(0.0 * clocks.mandate_rate(1.0), 2.0**-53)


def test_freedom_to_leave_begins_with_the_end_of_the_term() -> None:
    """A term of 1.5 years binds for 17 months, and no longer from the 18th on."""
    levers = records(LEVERS, term_years=1.5, exit_freedom=0.25)[0]
    freedom = [clocks.freedom_to_leave(levers, months, 1.0) for months in (0, 17, 18)]
    assert freedom == [0.25, 0.25, 1.0]


@pytest.mark.parametrize(("spend_gbp", "pounds"), [(1200, 5), (1080, 5), (1079, 4), (-1080, -4)])
def test_a_saving_is_in_whole_pounds(spend_gbp: float, pounds: int) -> None:
    """A twelfth of 5 % of the spend a month, halves upwards: 4.5 is 5 and -4.5 is -4."""
    parameters = records(PARAMETERS, realised_saving_share=0.1, cashable_share=0.5)[0]
    trust = records(TRUST, spend_gbp=spend_gbp)[0]
    assert trusts.monthly_saving_gbp(trust, parameters) == pounds


@for_all(st.integers(1, 250), st.floats(-4.0, 4.0))
def test_peers_pool_their_signals(live: int, z: float) -> None:
    """The mean of n signals has their mean and 1/n of their variance; shares of nobody are 0."""
    parameters = records(PARAMETERS, realised_saving_share=0.05, signal_sd_share=0.3)[0]
    scaled = (peers.members_signal(parameters, live, z) - 0.05) * math.sqrt(live) / 0.3
    assert scaled == pytest.approx(z, abs=1e-12)
    assert peers.signal_precision(parameters) * 0.3**2 == pytest.approx(1.0)
    assert (peers.share(0, 0), peers.share(live, live)) == (0.0, 1.0)
