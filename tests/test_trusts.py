"""How a trust decides, and how fast: limits, directions, and the equations of docs/model.md.

A *case* is all that a decision depends on, as one flat dict: facts of the trust, its provider and
its sector, levers, parameters, what its peers did and believe, the month. ``Spec`` is the section
"Decisions" of the page, coded again. Hypothesis draws the cases; its examples are the same every
time.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import pytest
from building import MIDDLING, NEUTRAL, SECTOR_OF_TESTS, records
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from uptake.model._jit import word
from uptake.model.draws import run_key
from uptake.model.entities import (
    CENTRE,
    IDLE,
    LEFT,
    NEVER,
    NO_PLAN,
    PEERS,
    PLANNED,
    PROVIDER,
    SERVED,
    SIGNED,
    TRUST,
)
from uptake.model.episode import LASTING, SECTOR, STRUCTURE
from uptake.model.levers import LEVERS
from uptake.model.month import Month, terms
from uptake.model.parameters import PARAMETERS
from uptake.model.processes.alignment import is_worth_aligning
from uptake.model.processes.members import utility_of_staying
from uptake.model.processes.trusts import gap_decided_on, prospect
from uptake.model.rules import clocks, peers, trusts
from uptake.model.rules import value as value_rules

Case = dict[str, float]
SHARES = st.floats(0.0, 1.0)

# Ranges of what a decision depends on, chosen so that few decisions are foregone conclusions. No
# weight is 0, so that all directions are strict.
RANGES: dict[str, tuple[float, float]] = {
    # the trust, its provider, its peers, the month
    "spend_gbp": (1e6, 2e7),
    "budget_gbp": (1e5, 1e6),
    "income_gbp": (1e8, 1e9),
    "gap": (0.05, 0.95),
    "work": (0.5, 40.0),
    "outlook": (0.3, 1.0),
    "public_share": (0.0, 0.9),
    "running_cost_share": (0.3, 1.2),
    "fixed_cost_gbp": (1e5, 3e6),
    "served_at_start_gbp": (1e6, 1e8),
    "planned_gbp": (0.0, 5e7),
    "joined_share": (0.0, 0.9),
    "saving": (0.01, 0.3),
    "signals": (0.0, 300.0),
    "month": (1.0, 60.0),
    "waiting": (0.0, 60.0),
    # levers
    **dict.fromkeys(("pressure", "savings_drive", "misfit", "autonomy", "funded"), (0.0, 0.9)),
    **dict.fromkeys(("conditional_share", "exit_freedom", "leadership"), (0.05, 0.9)),
    **dict.fromkeys(("share_replaced", "cost_shared"), (0.05, 0.95)),
    **dict.fromkeys(("mandate", "binding", "professions_lead"), (0.0, 0.9)),
    **dict.fromkeys(("budget_squeeze", "common_frameworks"), (0.0, 0.9)),
    "upfront_fee_gbp": (2e4, 2e5),
    "grant_gbp": (0.0, 1e4),
    "yearly_fee_gbp": (0.0, 1e5),
    "term_years": (0.25, 10.0),
    "discount_share": (0.01, 0.3),
    "bundle_share": (0.0, 0.1),
    "legal_risk_per_year": (0.01, 2.0),
    "endorsement": (-1.0, 1.0),
    "staff_leaving_share": (0.05, 1.0),
    "service_month": (0.0, 60.0),
    "opens_month": (0.0, 60.0),
    "waves_per_month": (0.5, 30.0),
    "deadline_month": (0.1, 90.0),
    "sanction_share": (0.0, 0.1),
    "migration_months": (1.0, 36.0),
    "gap_analysis": (0.05, 1.0),
    "benchmark_weight": (0.0, 40.0),
    "capacity": (0.1, 1.0),
    # parameters
    "attention_per_month": (0.001, 1.0),
    "stakes_attention": (0.1, 20.0),
    **dict.fromkeys(("cashable_share", "liquidity_weight"), (0.1, 1.0)),
    "value_weight": (0.5, 4.0),
    "risk_aversion": (0.1, 4.0),
    "belief_sd_share": (0.01, 0.2),
    "sovereignty": (0.1, 3.0),
    "migration_cost_years": (0.05, 0.5),
    "misfit_weight": (0.1, 2.0),
    "endorsement_weight": (0.1, 2.0),
    "caution": (0.1, 2.0),
    "staff_resistance": (0.1, 2.0),
    "public_preference": (0.1, 2.0),
    "peers_weight": (0.1, 2.0),
    "peers_attention_weight": (0.1, 2.0),
    "pressure_attention_weight": (0.1, 2.0),
    "pace": (0.2, 1.5),
    # the sector
    "home_quality": (0.5, 1.0),
    "middling_gap": (0.2, 0.8),
    "middling_slack": (0.2, 0.8),
    "discount_rate": (0.001, 0.1),
}
CASES = st.fixed_dictionaries(
    {name: st.floats(low, high) for name, (low, high) in RANGES.items()}
    | {"unsuited": st.sampled_from([0.0, 1.0]), "hurried": st.sampled_from([0.0, 1.0])}
    | {"alignment_first": st.sampled_from([0.0, 1.0]), "staged": st.sampled_from([0.0, 1.0])}
    | {"quorum_share": st.sampled_from([0.0, 0.5]), "has_signed": st.sampled_from([0.0, 1.0])}
    | {"is_served": st.sampled_from([0.0, 1.0]), "stand": st.sampled_from([0.0, 1.0, 2.0])}
    | {"served_for": st.floats(0.0, 200.0), "left": st.floats(0.0, 40.0)}
)
NOT_BEGUN, AT_WORK, ALIGNED = 0.0, 1.0, 2.0  # where a trust stands with its processes


def for_all(*strategies: Any, **named: Any) -> Any:
    """Try a law on 60 examples of these strategies, the same ones every time.

    One that fails is shown as it is: to shrink eighty numbers takes minutes.
    """
    repeatable = settings(
        derandomize=True, database=None, max_examples=60, phases=[Phase.explicit, Phase.generate]
    )
    return lambda law: repeatable(given(*strategies, **named)(law))


def of(dtype: Any, case: Case) -> Any:
    """Return the record of a dtype with the case's values."""
    base: Any = {LEVERS: NEUTRAL, PARAMETERS: MIDDLING, SECTOR: SECTOR_OF_TESTS}.get(dtype, {})
    values: Any = base | {name: case[name] for name in dtype.names if name in case}
    return records(dtype, 1, **values)[0]


def month_of(case: Case) -> Month:
    """Return the month of a case."""
    levers, sector, number = of(LEVERS, case), of(SECTOR, case), int(case["month"])
    structure, key = records(STRUCTURE, 1, taste=LASTING)[0], word(run_key(1, 0))
    parameters = of(PARAMETERS, case)
    now = terms(levers, sector, number)
    return Month(number, levers, structure, sector, parameters, now, key)


def trust_of(case: Case, stage: int) -> Any:
    """Return the trust of a case in a stage."""
    trust, is_member = of(TRUST, case), stage in (SIGNED, SERVED)
    stand = case["stand"] if is_member else NOT_BEGUN
    trust.stage, trust.aligned = stage, stand == ALIGNED
    trust.signed_month = 0 if is_member or case["has_signed"] else NEVER
    trust.work_month = NEVER if stand == NOT_BEGUN else 0
    trust.served_month = int(case["month"]) - int(case["served_for"])
    return trust


def group_of(case: Case) -> Any:
    """Return the peer network of a case, after it took stock."""
    parameters, levers = of(PARAMETERS, case), of(LEVERS, case)
    group = records(PEERS, 1, joined_share=case["joined_share"])[0]
    advocates = peers.advocates_share(levers, case["joined_share"])
    group.precision = case["signals"] * peers.signal_precision(parameters)
    # What it learnt is such that it believes what the case says.
    prior = 1.0 / case["belief_sd_share"] ** 2
    group.weighted = case["saving"] * (prior + group.precision) - (
        parameters.believed_saving_share * prior
    )
    group.believed_saving = trusts.believed_saving(parameters, group.precision, group.weighted)
    group.common_utility = trusts.common_utility(levers, parameters, advocates)
    group.attention = clocks.attention_rate(levers, parameters, advocates)
    return group


def joining(case: Case, share_of_gap: float | None = None) -> float:
    """Return the utility of joining at the end of a business case, or at a part of the gap."""
    trust = trust_of(case, LEFT if case["has_signed"] else IDLE)
    month, centre = month_of(case), records(CENTRE, 1, waiting=int(case["waiting"]))[0]
    gap = gap_decided_on(trust, month) if share_of_gap is None else share_of_gap * case["gap"]
    side = of(PROVIDER, case)
    return float(prospect(trust, group_of(case), side, centre, gap, month).utility)


def looking(case: Case) -> float:
    """Return the utility of joining that a trust goes by when it looks: it knows of no gap."""
    return joining(case | {"hurried": 0.0}, 0.0)


def staying(case: Case) -> float:
    """Return the utility of staying of a member."""
    trust = trust_of(case, SERVED if case["is_served"] else SIGNED)
    centre, month = records(CENTRE, 1, waiting=int(case["waiting"]))[0], month_of(case)
    side = of(PROVIDER, case)
    return float(utility_of_staying(trust, group_of(case), side, centre, case["left"], month))


def staying_served(case: Case) -> float:
    """Return the same of one that is served: to be served later may be to lose less."""
    return staying(case | {"is_served": 1.0})


def attention(case: Case) -> float:
    """Return the hazard of a look."""
    levers, month = of(LEVERS, case), month_of(case)
    offer = value_rules.offered(levers, month.terms.years, month.terms.spared)
    trust = trust_of(case, LEFT if case["has_signed"] else IDLE)
    factor = clocks.stakes_factor(of(PARAMETERS, case), trusts.stake(trust, levers, offer))
    return float(group_of(case).attention * factor)


def appealing(case: Case) -> float:
    """Return the appeal of a provider to a trust that it does not serve."""
    years = value_rules.annuity(case["term_years"], case["discount_rate"])
    levers, mind, sector = of(LEVERS, case), of(PARAMETERS, case), of(SECTOR, case)
    side = of(PROVIDER, case)
    fixed = value_rules.share_of_fixed_cost(trust_of(case, IDLE), side, levers, False)
    to_all = trusts.appeal(side, levers, mind, sector, years)
    return float(to_all - case["value_weight"] * years * fixed)


class Spec:
    """The section "Decisions" of docs/model.md, coded again from the page alone, in its letters."""

    def __init__(self, case: Case, stage: int) -> None:
        """``stage`` is that of the trust: of one that is no member, or signed, or served."""
        self.c, self.stage = case, stage
        self.is_served, self.is_member = stage == SERVED, stage in (SIGNED, SERVED)
        self.stand = case["stand"] if self.is_member else NOT_BEGUN
        self.r, self.T, self.x = case["discount_rate"], case["term_years"], case["share_replaced"]
        self.w, self.t = case["cost_shared"], int(case["month"])

    def A(self, years: float) -> float:
        return years if self.r == 0 else (1 - (1 + self.r) ** -years) / self.r

    @cached_property
    def advocates(self) -> float:
        share = self.c["joined_share"]
        return share + self.c["professions_lead"] * (1 - share)

    @cached_property
    def belief(self) -> tuple[float, float]:
        """Mean and sd of the belief: prior and network's signals, and the trust's benchmark."""
        c, tau = self.c, MIDDLING["signal_sd_share"]
        known = 1 / c["belief_sd_share"] ** 2 + c["signals"] / tau**2
        own = c["benchmark_weight"] / tau**2
        sector = SECTOR_OF_TESTS
        is_large = c["income_gbp"] >= sector["large_from_gbp"]
        part = sector["cost_share_large"] if is_large else sector["cost_share_small"]
        typical = c["income_gbp"] * part * sector["scope_share"]
        value = max(0.0, 1 - typical / c["spend_gbp"])
        return (c["saving"] * known + value * own) / (known + own), (known + own) ** -0.5

    @cached_property
    def N(self) -> float:
        c, b = self.c, self.c["spend_gbp"]
        S_p = max(int(c["served_at_start_gbp"]), b if self.is_served else 0)  # it is one of them
        return max(S_p + (0 if self.is_served else b), c["planned_gbp"])

    def charge(self, is_aligned: bool) -> float:
        c, D = self.c, self.c["discount_share"]
        d = D if is_aligned else D * (1 - c["conditional_share"])
        price = c["yearly_fee_gbp"] / c["spend_gbp"] + self.x * (1 - d)
        cost = self.x * c["running_cost_share"] + c["fixed_cost_gbp"] / self.N
        return (1 - self.w) * price + self.w * cost

    @cached_property
    def served(self) -> float:
        harm = self.x * (self.c["home_quality"] - self.c["outlook"])
        return self.x - self.charge(False) + self.c["bundle_share"] - harm

    @cached_property
    def gain(self) -> float:
        c = self.c
        process = self.belief[0] * c["cashable_share"] * c["outlook"]
        return process + self.x * c["discount_share"] * c["conditional_share"] * (1 - self.w)

    def work(self, g: float) -> float:
        c = self.c
        return c["migration_months"] * (g / c["middling_gap"]) * (1 - c["common_frameworks"])

    def own_cost(self, g: float) -> float:
        c = self.c["migration_cost_years"] * (1 - self.c["common_frameworks"])
        return (1 - self.c["funded"]) * c * g

    def aligned(self, g: float) -> float:
        if self.stand == ALIGNED:
            return self.A(self.T) * self.gain
        n = self.work(g) if self.stand == NOT_BEGUN else self.c["left"]
        paid = self.own_cost(g) if self.stand == NOT_BEGUN else 0.0
        return (self.A(self.T) - self.A(min(n / 12, self.T))) * self.gain - paid

    @cached_property
    def e(self) -> float:
        return self.c["exit_freedom"] * (1 - self.c["leadership"])

    @cached_property
    def doubt(self) -> float:
        c = self.c
        if self.is_member:
            return 0.0
        spread = self.T * c["cashable_share"] * c["outlook"] * self.belief[1]
        return 0.5 * c["risk_aversion"] * (1 - self.e) * spread**2

    @cached_property
    def months_until_served(self) -> float:
        c, t = self.c, self.t
        if self.is_served:
            return 0.0
        months = max(c["service_month"] - t, 0.0)
        if c["service_month"] < t < c["opens_month"]:
            months = t - c["service_month"]
        return months + int(c["waiting"]) / c["waves_per_month"]

    def benefit(self, g: float) -> float:
        c, months = self.c, self.months_until_served
        is_first = c["alignment_first"] == 1 or (c["quorum_share"] > 0 and c["staged"] == 1)
        if not is_first or c["hurried"] or self.is_served:
            eta = (1 + self.r) ** -(months / 12)
            return eta * self.A(self.T) * self.served + max(eta * self.aligned(g) - self.doubt, 0)
        n = {NOT_BEGUN: self.work(g), AT_WORK: c["left"], ALIGNED: 0.0}[self.stand]
        eta = (1 + self.r) ** -(max(months, n) / 12)
        paid = self.own_cost(g) if self.stand == NOT_BEGUN else 0.0
        return eta * self.A(self.T) * (self.served + self.gain) - paid - self.doubt

    @cached_property
    def sanction(self) -> float:
        h = max(self.c["deadline_month"] - self.t, 0) / 12
        return self.c["sanction_share"] * (1 + self.r) ** -h * self.A(max(self.T - h, 0))

    @cached_property
    def common(self) -> float:
        c = self.c
        q = 1 - math.exp(-c["legal_risk_per_year"] * self.T)
        to_all = c["peers_weight"] * self.advocates + c["endorsement_weight"] * c["endorsement"]
        to_all -= c["staff_resistance"] * c["staff_leaving_share"] + c["caution"] * q
        return to_all - c["public_preference"] * (1 - c["public_share"])

    @cached_property
    def misfit(self) -> float:
        return self.c["misfit_weight"] * self.c["misfit"] * self.c["unsuited"]

    @cached_property
    def control(self) -> float:
        return self.c["sovereignty"] * self.x * (1 - self.c["autonomy"])

    @cached_property
    def S(self) -> float:
        return 0.0 if self.c["has_signed"] else self.c["grant_gbp"]

    def V(self, g: float) -> float:
        c, net = self.c, self.c["upfront_fee_gbp"] - self.S
        value = self.benefit(g) + self.sanction - net / c["spend_gbp"]
        left = c["budget_gbp"] * (1 - c["budget_squeeze"])
        strain = c["liquidity_weight"] * max(net, 0) / left
        return c["value_weight"] * value - strain + self.common - self.misfit - self.control

    @cached_property
    def exit(self) -> float:
        rest = self.T
        if self.is_served:
            rest = max(self.T - int(self.c["served_for"]) / 12, 0)
        margin = self.charge(self.stand == ALIGNED) - self.x * self.c["running_cost_share"]
        return (1 - self.e) * self.A(rest) * max(margin, 0)

    @cached_property
    def V_stay(self) -> float:
        value = self.benefit(self.c["gap"]) + self.sanction + self.exit
        locked_in = self.control if self.is_served else 0.0
        return self.c["value_weight"] * value + self.common - self.misfit + locked_in

    @cached_property
    def stake(self) -> float:
        offer = self.x * self.c["discount_share"] * (1 - self.w) + self.c["bundle_share"]
        return self.S / self.c["spend_gbp"] + self.A(self.T) * offer + self.sanction

    @cached_property
    def h(self) -> float:
        c = self.c
        push = math.exp(c["pressure_attention_weight"] * (c["pressure"] + c["savings_drive"]))
        seen = 1 + c["peers_attention_weight"] * self.advocates
        at_stake = 1 + c["stakes_attention"] * self.stake / (1 + self.stake)
        return c["attention_per_month"] * push * seen * at_stake

    @cached_property
    def appeal(self) -> float:
        c = self.c
        dearer = self.x * c["running_cost_share"] + c["fixed_cost_gbp"] / self.N - self.x
        year = self.x * (c["outlook"] - c["home_quality"]) - self.w * dearer
        private = c["public_preference"] * (1 - c["public_share"])
        return c["value_weight"] * self.A(self.T) * year - private


def exactly(value: float) -> Any:
    """Return what is this value but for rounding."""
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@for_all(CASES)
def test_utilities_are_those_of_the_specification(case: Case) -> None:
    """Of joining at a look and at the end of a case, hurried or not; and of staying."""
    spec = Spec(case, LEFT if case["has_signed"] else IDLE)
    seen = case["middling_gap"] if case["hurried"] else case["gap"]
    assert joining(case) == exactly(spec.V(case["gap_analysis"] * seen))
    calm = case | {"hurried": 0.0}
    assert looking(calm) == exactly(Spec(calm, spec.stage).V(0.0))
    stage = SERVED if case["is_served"] else SIGNED
    assert staying(case) == exactly(Spec(case, stage).V_stay)


@for_all(CASES)
def test_what_leads_to_a_decision_is_that_of_the_specification(case: Case) -> None:
    """The hazard of a look, the appeal of a provider, the price of leaving, whether to align."""
    assert attention(case) == exactly(Spec(case, LEFT if case["has_signed"] else IDLE).h)
    assert appealing(case) == exactly(Spec(case, IDLE).appeal)
    for stage in (SIGNED, SERVED):
        trust, levers, sector = trust_of(case, stage), of(LEVERS, case), of(SECTOR, case)
        side, month = of(PROVIDER, case), int(case["month"])
        price = value_rules.price_of_leaving(trust, side, levers, sector, month)
        assert price == exactly(Spec(case, stage).exit)
    begins = is_worth_aligning(
        trust_of(case, SERVED), group_of(case), of(PROVIDER, case), month_of(case)
    )
    gains = Spec(case, SERVED).aligned(case["gap"])
    assert begins == (case["stand"] == NOT_BEGUN and gains > 0.0)


UP, DOWN, SAME = 1, -1, 0
# Of what is weighed to some end only: never the wrong way.
UP_OR_SAME, DOWN_OR_SAME = 2, -2
OFFER = {
    "discount_share": UP, "bundle_share": UP, "yearly_fee_gbp": DOWN, "saving": UP_OR_SAME,
    "outlook": UP, "home_quality": DOWN, "public_share": UP, "fixed_cost_gbp": DOWN,
    "planned_gbp": UP_OR_SAME, "sanction_share": UP_OR_SAME, "deadline_month": DOWN_OR_SAME,
}  # fmt: skip
CLIMATE = {
    "endorsement": UP, "joined_share": UP, "professions_lead": UP, "legal_risk_per_year": DOWN,
    "caution": DOWN, "staff_leaving_share": DOWN, "staff_resistance": DOWN,
    "public_preference": DOWN, "misfit": DOWN_OR_SAME, "pressure": SAME, "savings_drive": SAME,
    "mandate": SAME, "binding": SAME, "capacity": SAME, "pace": SAME, "attention_per_month": SAME,
}  # fmt: skip
ON_SIGNING = {"upfront_fee_gbp": DOWN, "budget_squeeze": DOWN, "budget_gbp": UP}
WAY_THERE = {
    "gap": DOWN_OR_SAME, "migration_cost_years": DOWN_OR_SAME, "common_frameworks": UP_OR_SAME,
    "funded": UP_OR_SAME, "migration_months": DOWN_OR_SAME, "middling_slack": SAME,
}  # fmt: skip
DIRECTIONS: list[tuple[Any, dict[str, int]]] = [
    (joining, {k: v for k, v in OFFER.items() if k not in ("outlook", "discount_share")}),
    (joining, CLIMATE | ON_SIGNING | {"grant_gbp": UP_OR_SAME, "liquidity_weight": DOWN}),
    (joining, {"sovereignty": DOWN, "autonomy": UP, "risk_aversion": DOWN_OR_SAME}),
    (joining, {"exit_freedom": UP_OR_SAME, "leadership": DOWN_OR_SAME}),
    (joining, {"gap_analysis": DOWN_OR_SAME}),
    (looking, {"gap": SAME, "gap_analysis": SAME, "migration_cost_years": SAME, "funded": SAME}),
    (looking, CLIMATE | ON_SIGNING | {"bundle_share": UP, "sovereignty": DOWN}),
    (staying, CLIMATE | dict.fromkeys((*ON_SIGNING, "grant_gbp"), SAME)),
    (staying_served, WAY_THERE),
    (staying, {"bundle_share": UP, "home_quality": DOWN}),
    (staying, {"risk_aversion": SAME, "gap_analysis": SAME}),
    (staying, {"sovereignty": UP_OR_SAME, "autonomy": DOWN_OR_SAME, "sanction_share": UP_OR_SAME}),
    (staying, {"exit_freedom": DOWN_OR_SAME, "leadership": UP_OR_SAME, "served_for": DOWN_OR_SAME}),
    (attention, dict.fromkeys(("pressure", "savings_drive", "joined_share"), UP)),
    (attention, dict.fromkeys(("professions_lead", "discount_share", "bundle_share"), UP)),
    (attention, dict.fromkeys(("grant_gbp", "sanction_share"), UP_OR_SAME)),
    (attention, dict.fromkeys(("share_replaced", "term_years", "stakes_attention"), UP)),
    (attention, dict.fromkeys(("cost_shared", "discount_rate"), DOWN)),
    (attention, dict.fromkeys(("upfront_fee_gbp", "saving", "gap", "endorsement"), SAME)),
    (attention, dict.fromkeys(("capacity", "mandate", "budget_squeeze", "pace"), SAME)),
    (appealing, {"outlook": UP, "public_share": UP, "fixed_cost_gbp": DOWN}),
    (appealing, {"planned_gbp": UP_OR_SAME, "spend_gbp": UP_OR_SAME, "discount_share": SAME}),
    (appealing, {"running_cost_share": DOWN, "saving": SAME, "yearly_fee_gbp": SAME}),
]  # fmt: skip
RANGES_TOO = RANGES | {"served_for": (0.0, 200.0)}


@pytest.mark.parametrize(
    ("rule", "name", "sign"),
    [(rule, name, sign) for rule, signs in DIRECTIONS for name, sign in signs.items()],
)
@for_all(case=CASES, where=st.tuples(SHARES, SHARES))
def test_direction(rule: Any, name: str, sign: int, case: Case, where: tuple[float, float]) -> None:
    """A rule rises, falls or stays as one thing alone rises over its range, in every case."""
    low, high = RANGES_TOO[name]
    assume(abs(where[1] - where[0]) > 1e-3)
    before, after = (rule(case | {name: low + (high - low) * at}) for at in sorted(where))
    if sign == SAME:
        assert after == before
    elif abs(sign) == 2:
        assert math.copysign(1.0, sign) * (after - before) >= -1e-12 * abs(before)
    else:
        assert sign * (after - before) > 0.0


@for_all(CASES, st.floats(1.1, 3.0))
def test_a_fee_weighs_more_on_smaller_budgets(case: Case, times: float) -> None:
    """What a fee takes from the logit grows with 1 / budget, by exactly the extra strain."""
    case = case | {"has_signed": 0.0}
    lost = joining(case | {"budget_gbp": case["budget_gbp"] * times}) - joining(case)
    left_gbp = case["budget_gbp"] * (1.0 - case["budget_squeeze"])
    strain = (case["upfront_fee_gbp"] - case["grant_gbp"]) / left_gbp
    assert lost == pytest.approx(case["liquidity_weight"] * strain * (1.0 - 1.0 / times), abs=1e-7)


@for_all(CASES, st.floats(0.0, 1e6))
def test_a_grant_beyond_the_fee_is_value_alone(case: Case, extra: float) -> None:
    """Beyond the fee a grant relieves no strain: neither budget nor squeeze matter any more."""
    case = case | {"grant_gbp": case["upfront_fee_gbp"] + extra, "has_signed": 0.0}
    assert joining(case) == joining(case | {"budget_gbp": 1.0, "budget_squeeze": 0.95})
    assert joining(case) < joining(case | {"grant_gbp": case["grant_gbp"] + 1e4})


@for_all(CASES)
def test_a_grant_is_for_those_who_never_signed(case: Case) -> None:
    """Who has signed before neither counts it nor looks for it."""
    case = case | {"has_signed": 1.0}
    for rule in (joining, looking, attention):
        assert rule(case) == rule(case | {"grant_gbp": 1e9})
        assert rule(case) < rule(case | {"grant_gbp": 1e9, "has_signed": 0.0})


@for_all(CASES, st.floats(0.01, 1.0))
def test_misfit_weighs_on_the_unsuited_alone(case: Case, misfit: float) -> None:
    """A scheme designed for others costs those others nothing, whether joining or staying."""
    suited, unsuited = case | {"unsuited": 0.0}, case | {"unsuited": 1.0}
    for rule in (joining, staying):
        assert rule(suited | {"misfit": misfit}) == rule(suited | {"misfit": 0.0})
        assert rule(unsuited | {"misfit": misfit}) < rule(unsuited | {"misfit": 0.0})


@for_all(CASES)
def test_members_that_are_served_are_locked_in(case: Case) -> None:
    """Control lost speaks for staying once a trust is served; before, it says nothing."""
    for is_served, effect in ((0.0, 0.0), (1.0, 2.0)):
        at = case | {"is_served": is_served, "autonomy": 0.0, "share_replaced": 1.0}
        gained = staying(at | {"sovereignty": 3.0}) - staying(at | {"sovereignty": 1.0})
        assert gained == pytest.approx(effect, abs=1e-9)


@for_all(CASES)
def test_who_is_free_to_leave_pays_nothing_and_fears_no_doubt(case: Case) -> None:
    """With all freedom and no lead; and after the term leaving costs nothing either."""
    case = case | {"is_served": 1.0}
    free = case | {"exit_freedom": 1.0, "leadership": 0.0}
    assert Spec(free, SERVED).exit == 0.0
    assert joining(free) == joining(free | {"risk_aversion": 0.0})
    bound = case | {"exit_freedom": 0.0, "leadership": 1.0, "served_for": 12.0 * 31.0}
    assert staying(bound) == exactly(staying(free | {"leadership": 0.0}))


@for_all(CASES)
def test_aligned_processes_are_no_cost_of_a_member_any_more(case: Case) -> None:
    """Its gap and what it costs to close a gap say nothing about staying any more."""
    case = case | {"stand": ALIGNED, "is_served": 1.0}
    assert staying(case) == staying(case | {"gap": 0.05, "migration_cost_years": 0.5})
    at_work = case | {"stand": AT_WORK}
    assert staying(at_work) == staying(at_work | {"gap": 0.05, "migration_cost_years": 0.5})
    done = at_work | {"left": 0.0}
    assert staying(done) == exactly(Spec(done, SERVED).V_stay)


def test_a_charge_is_a_price_or_a_share_of_the_cost() -> None:
    """Hand-made: 1m GBP a year, of which half is taken over, at 20,000 GBP and a discount of 0.2.

    A price of 0.02 + 0.5 x 0.8 if it is aligned, 0.9 before, as half of the discount waits. A
    share of the cost of 0.5 x 0.6, and 3m of fixed cost over 9m and its own 1m, or a plan of 30m.
    """
    trust, side = records(TRUST, 1, spend_gbp=1e6)[0], provider_at(9e6)
    values: Any = {"share_replaced": 0.5, "yearly_fee_gbp": 2e4, "discount_share": 0.2}
    values |= {"conditional_share": 0.5}
    for shared, aligned, charge in (
        (0.0, 1, 0.42), (0.0, 0, 0.47), (1.0, 0, 0.6), (1.0, 1, 0.6), (0.5, 1, 0.51),
    ):  # fmt: skip
        levers = of(LEVERS, values | {"cost_shared": shared})
        assert value_rules.charge(trust, side, levers, False, aligned) == pytest.approx(charge)
    shared_out = of(LEVERS, values | {"cost_shared": 1.0})
    assert value_rules.charge(trust, side, shared_out, True, 0) == pytest.approx(0.3 + 3.0 / 9.0)
    side.planned_gbp = 3e7
    assert value_rules.charge(trust, side, shared_out, False, 0) == pytest.approx(0.4)


def provider_at(served_gbp: float, **changed: Any) -> Any:
    """Return a provider of 3m GBP of fixed cost a year that serves so much spend."""
    values: Any = {"running_cost_share": 0.6, "fixed_cost_gbp": 3e6, "outlook": 0.9}
    return records(PROVIDER, 1, served_at_start_gbp=int(served_gbp), **(values | changed))[0]


def test_who_comes_first_bears_a_fixed_cost_alone() -> None:
    """Where members share the cost and nothing is planned it pays ``K / b``; of any size."""
    levers = of(LEVERS, {"cost_shared": 1.0})
    for spend in (0.01, 1.0, 3e6, 1e12):
        trust, side = records(TRUST, 1, spend_gbp=spend)[0], provider_at(0.0)
        charge = value_rules.charge(trust, side, levers, False, 0)
        assert charge == pytest.approx(3e6 / spend)
        side.served_at_start_gbp = trusts.whole_gbp(spend)  # none at all, of a pound to pence
        assert value_rules.charge(trust, side, levers, True, 0) == pytest.approx(
            3e6 / spend, rel=0.01
        )


def test_a_service_that_comes_later_is_a_deferred_annuity() -> None:
    """A bundle of a tenth for five years, from two years on: that of years three to seven.

    Sum of 0.1 / 1.035^n over n = 3 to 7, as income comes at the end of a year.
    """
    levers = of(LEVERS, {"bundle_share": 0.1, "term_years": 5.0, "service_month": 30.0})
    sector, trust = of(SECTOR, {}), records(TRUST, 1, spend_gbp=1e6, work_month=NEVER)[0]
    side, mind = provider_at(0.0), of(PARAMETERS, {"cashable_share": 0.0})
    years, delay = value_rules.annuity(5.0, 0.035), value_rules.years_until_served(levers, 6, 0)
    worth = value_rules.benefit(trust, side, levers, mind, sector, years, 0.1, delay, 0.5, 0.0, 0.0)
    assert delay == 2.0
    assert worth == pytest.approx(sum(0.1 / 1.035**n for n in range(3, 8)))


@pytest.mark.parametrize(
    ("announced", "opens", "month", "waiting", "waves", "months"),
    [(0, 0, 1, 0, 1e6, 0), (24, 0, 6, 0, 1e6, 18), (24, 60, 24, 0, 1e6, 0),
     (24, 60, 30, 0, 1e6, 6), (24, 60, 59, 0, 1e6, 35), (24, 60, 60, 0, 1e6, 0),
     (24, 60, 30, 12, 2, 12), (0, 0, 5, 3, 0.5, 6)],
)  # fmt: skip
def test_who_signs_expects_an_overrun_as_long_as_the_one_so_far(
    announced: int, opens: int, month: int, waiting: int, waves: float, months: float
) -> None:
    """Announced for month 24; once it is late, as late again; those who wait come first."""
    values: Any = {"service_month": announced, "opens_month": opens, "waves_per_month": waves}
    years = value_rules.years_until_served(of(LEVERS, values), month, waiting)
    assert years == pytest.approx(months / 12.0, abs=1e-5)


def test_a_doubt_costs_more_the_longer_it_binds() -> None:
    """Twice the term or the sd costs four times as much; half the freedom, half; by hand 0.0225.

    0.5 x 2 x (5 x 0.6 x 1 x 0.05)^2 = 0.0225 years of own spend.
    """
    mind = of(PARAMETERS, {"risk_aversion": 2.0, "cashable_share": 0.6})
    levers = of(LEVERS, {"term_years": 5.0})
    assert value_rules.price_of_doubt(levers, mind, 1.0, 0.05) == pytest.approx(0.0225)
    assert value_rules.price_of_doubt(levers, mind, 1.0, 0.1) == pytest.approx(0.09)
    longer = of(LEVERS, {"term_years": 10.0, "exit_freedom": 0.5})
    assert value_rules.price_of_doubt(longer, mind, 1.0, 0.05) == pytest.approx(0.045)
    free = of(LEVERS, {"term_years": 30.0, "exit_freedom": 1.0})
    assert value_rules.price_of_doubt(free, mind, 1.0, 0.05) == 0.0


def test_a_sanction_is_spared_from_the_deadline_to_the_end_of_the_term() -> None:
    """A tenth a year over a term of three, a year from now: two years of it, a year from now."""
    levers = of(LEVERS, {"sanction_share": 0.1, "deadline_month": 18.0})
    sector = of(SECTOR, {})
    assert value_rules.sanction(levers, sector, 6) == pytest.approx(0.1 / 1.035**2 + 0.1 / 1.035**3)
    whole = sum(0.1 / 1.035**n for n in (1, 2, 3))
    assert value_rules.sanction(levers, sector, 18) == pytest.approx(whole)
    assert value_rules.sanction(levers, sector, 40) == pytest.approx(whole)
    late = of(LEVERS, {"sanction_share": 1.0, "deadline_month": 60.0})
    assert value_rules.sanction(late, sector, 6) == 0.0
    never = of(LEVERS, {"sanction_share": 1.0})
    assert value_rules.sanction(never, sector, 240) == 0.0


@for_all(CASES)
def test_attention_has_its_limits(case: Case) -> None:
    """Nobody pushing, nothing at stake, nobody joined: alpha; at most 1 + a times as much.

    Neither the capacity of management nor slack comes in: noticing takes neither.
    """
    nothing = ("pressure", "savings_drive", "joined_share", "professions_lead", "grant_gbp")
    no_offer = ("discount_share", "bundle_share", "sanction_share")
    calm = case | dict.fromkeys((*nothing, *no_offer), 0.0) | {"has_signed": 0.0}
    assert attention(calm) == case["attention_per_month"]
    bass = attention(calm | {"joined_share": 0.4}) / attention(calm)
    assert bass == pytest.approx(1.0 + 0.4 * case["peers_attention_weight"])
    assert attention(calm | {"savings_drive": 0.7}) == attention(calm | {"pressure": 0.7})
    past_all_measure = attention(calm | {"grant_gbp": 1e9}) / attention(calm)
    most = 1.0 + case["stakes_attention"]
    assert 0.95 * most < past_all_measure < most
    a_year = attention(calm | {"grant_gbp": case["spend_gbp"]}) / attention(calm)
    assert a_year == pytest.approx(1.0 + 0.5 * case["stakes_attention"])


@for_all(CASES)
def test_professions_in_the_lead_speak_as_peers_that_joined(case: Case) -> None:
    """Where they lead all the way, everybody hears what they would if all peers had joined."""
    led, joined = case | {"professions_lead": 1.0}, case | {"joined_share": 1.0}
    for rule in (joining, attention):
        assert rule(led) == pytest.approx(rule(joined))
        assert rule(led) >= rule(case)


def test_trusts_are_obliged_by_the_centre_and_by_a_plan() -> None:
    """A mandate of 0.5 obliges half; a plan that binds 0.4 of the rest, where there is one."""
    levers = of(LEVERS, {"mandate": 0.5, "binding": 0.4})
    assert trusts.obliged_share(levers, NO_PLAN) == 0.5
    assert trusts.obliged_share(levers, PLANNED) == pytest.approx(0.7)
    assert trusts.bound_share(levers, NO_PLAN) == 0.0
    assert trusts.bound_share(levers, PLANNED) == 0.4
    assert trusts.obliged_share(of(LEVERS, {"binding": 1.0}), PLANNED) == 1.0
    assert trusts.obliged_share(of(LEVERS, {}), PLANNED) == 0.0


@pytest.mark.parametrize(
    ("first", "quorum", "staged", "hurried", "aligns_first"),
    [(0, 0, 0, 0, False), (1, 0, 0, 0, True), (0, 0, 1, 0, False), (0, 0.5, 0, 0, False),
     (0, 0.5, 1, 0, True), (1, 0, 0, 1, False), (0, 0.5, 1, 1, False)],
)  # fmt: skip
def test_who_aligns_first(
    first: int, quorum: float, staged: int, hurried: int, aligns_first: bool
) -> None:
    """All where it comes first, or where regions go in stages; but nobody that was hurried."""
    levers = of(LEVERS, {"alignment_first": first, "quorum_share": quorum, "staged": staged})
    trust = records(TRUST, 1, hurried=hurried)[0]
    assert value_rules.aligns_first(trust, levers) == aligns_first


def test_a_benchmark_tells_a_trust_of_its_own_saving() -> None:
    """A trust that spends twice what is typical of its income could save half of its spend.

    With prior 0.1 (sd 0.05: precision 400) a signal of sd 0.3 with weight 36 has precision 400 too:
    it believes the mean of 0.1 and 0.5, and one that spends less than is typical of 0.1 and 0.
    Its doubt is that of a precision of 800.
    """
    levers, sector = of(LEVERS, {"benchmark_weight": 36.0}), of(SECTOR, {})
    parameters = of(PARAMETERS, {})
    group = records(PEERS, 1, believed_saving=0.1)[0]
    benchmark = trusts.benchmark_precision(levers, peers.signal_precision(parameters))
    assert benchmark == pytest.approx(400.0)
    assert trusts.belief_sd(parameters, benchmark) == pytest.approx(800.0**-0.5)
    income = 100e6  # 5.4 % of it on corporate services, a tenth of that in scope: 540,000 GBP
    for spend, believed in ((1.08e6, 0.3), (0.27e6, 0.05), (0.54e6, 0.05)):
        trust = records(TRUST, 1, spend_gbp=spend, income_gbp=income)[0]
        own = trusts.own_believed_saving(trust, parameters, sector, group, benchmark)
        assert own == pytest.approx(believed)
        assert trusts.own_believed_saving(trust, parameters, sector, group, 0.0) == 0.1


def test_what_redundancy_costs() -> None:
    """Hand-made: 1,200,000 GBP a year, a tenth of staff gone at half a year, of it 0.4 avoided."""
    trust = records(TRUST, 1, spend_gbp=1.2e6)[0]
    values = {"staff_leaving_share": 0.1, "redundancy_cost_share": 0.5}
    levers = of(LEVERS, values | {"redundancy_avoided_share": 0.4})
    assert trusts.redundancy_gbp(trust, levers) == 36_000
    assert trusts.redundancy_gbp(trust, of(LEVERS, values)) == 60_000
    moved = of(LEVERS, values | {"redundancy_avoided_share": 1.0})
    assert trusts.redundancy_gbp(trust, moved) == 0


@pytest.mark.parametrize(("amount", "pounds"), [(4.5, 5), (-4.5, -4), (4.49, 4), (0.0, 0)])
def test_pounds_are_whole(amount: float, pounds: int) -> None:
    """Halves go upwards."""
    assert trusts.whole_gbp(amount) == pounds


@for_all(st.floats(-0.5, 0.5), st.floats(0.01, 1.0), st.floats(0.01, 1e6), st.floats(-0.5, 0.5))
def test_belief_lies_between_prior_and_evidence(m0: float, sd0: float, n: float, v: float) -> None:
    """The believed saving is a weighted mean of prior and evidence; doubt falls with evidence."""
    parameters = of(PARAMETERS, {"believed_saving_share": m0, "belief_sd_share": sd0})
    believed = trusts.believed_saving(parameters, n, n * v)
    assert min(m0, v) - 1e-12 <= believed <= max(m0, v) + 1e-12
    assert abs(believed - v) == pytest.approx(abs(m0 - v) / (1.0 + n * sd0 * sd0), abs=1e-12)
    assert trusts.believed_saving(parameters, 0.0, 0.0) == pytest.approx(m0)
    assert trusts.belief_sd(parameters, n) < trusts.belief_sd(parameters, 0.0)
    assert trusts.belief_sd(parameters, 0.0) == pytest.approx(sd0)


@pytest.mark.parametrize(("years", "value"), [(3.0, 2.802), (5.0, 4.515), (10.0, 8.317)])
def test_annuity_is_that_of_the_tables(years: float, value: float) -> None:
    """1 a year at 3.5 % (HM Treasury's rate) is worth what annuity tables say."""
    assert value_rules.annuity(years, 0.035) == pytest.approx(value, abs=5e-4)
    assert value_rules.annuity(years, 0.0) == years
    for rate in (1e-6, 1e-12, 1e-38):  # no rate is the limit of a low one
        assert value_rules.annuity(years, rate) == pytest.approx(years, rel=10.0 * rate + 1e-15)


@for_all(st.floats(0.0, 50.0) | st.floats(0.0, 1e-3), st.floats(2.0**-53, 1.0 - 2.0**-53))
def test_a_clock_strikes_with_its_probability(rate: float, u: float) -> None:
    """``strikes`` is ``u < 1 - exp(-rate)``, except where rounding decides."""
    probability = -math.expm1(-rate)
    for draw in (u, probability * (1.0 + 1e-9), probability * (1.0 - 1e-9), rate, rate * u):
        if draw < 1.0 and abs(draw - probability) > 3e-16:
            assert clocks.strikes(rate, draw) == (draw < probability)


@for_all(st.floats(0.1, 240.0))
def test_a_deadline_gives_every_month_the_same_chance(deadline: float) -> None:
    """Seen from the launch: ``1 / (D' - t + 1)`` of those left is ``1 / D'``, for D' = ceil(D)."""
    levers, last, left = of(LEVERS, {"deadline_month": deadline}), math.ceil(deadline), 1.0
    for month in range(1, last + 1):
        chance = -math.expm1(-clocks.deadline_rate(levers, month))
        assert left * chance == pytest.approx(1.0 / last)
        left *= 1.0 - chance
    assert clocks.strikes(clocks.deadline_rate(levers, last), 1.0 - 2.0**-53)
    assert left == 0.0
    assert clocks.deadline_rate(levers, last + 1) == 0.0


def test_no_deadline_hurries_nobody_to_speak_of() -> None:
    """A month of a deadline of 1e6 hurries one in a million."""
    assert clocks.deadline_rate(of(LEVERS, {}), 240) < 1.001e-6


def test_business_cases_take_capacity() -> None:
    """0.4 a month at half the capacity is 0.2 per unit of slack."""
    pace = of(PARAMETERS, {"business_case_per_month": 0.4})
    assert clocks.business_case_rate(of(LEVERS, {"capacity": 0.5}), pace) == 0.2
    pushed = {"mandate": 0.9, "deadline_month": 1.0, "pressure": 1.0}
    assert clocks.business_case_rate(of(LEVERS, pushed), pace) == 0.4


@pytest.mark.parametrize(
    ("pace", "lead", "capacity", "done"),
    [(0.7, 0.0, 1.0, 0.7), (0.7, 1.0, 1.0, 1.0), (0.7, 0.5, 0.5, 0.425), (1.2, 1.0, 1.0, 1.2)],
)
def test_work_goes_at_its_pace_and_a_lead_keeps_to_the_plan(
    pace: float, lead: float, capacity: float, done: float
) -> None:
    """A lead makes up for what is slow, half of it at 0.5; who is faster than planned stays so."""
    levers = of(LEVERS, {"leadership": lead, "capacity": capacity})
    assert clocks.work_a_month(levers, of(PARAMETERS, {"pace": pace})) == pytest.approx(done)


@pytest.mark.parametrize(
    ("gap", "frameworks", "months"),
    [(0.5, 0.0, 12.0), (1.0, 0.0, 24.0), (0.5, 0.75, 3.0), (0, 0, 0)],
)
def test_planned_work_goes_with_the_gap(gap: float, frameworks: float, months: float) -> None:
    """A middling gap of a half takes the 12 months planned; frameworks save their part."""
    levers = of(LEVERS, {"common_frameworks": frameworks})
    assert value_rules.planned_work(levers, gap / 0.5) == pytest.approx(months)


def test_work_is_done_by_a_bodys_slack_and_by_the_centres_staff() -> None:
    """Half the slack of a middling body does half of its own part; what is funded is done."""
    trust = records(TRUST, 1, slack=0.25)[0]
    assert clocks.work_done(trust, 6.0, 0.0, 0.5) == pytest.approx(3.0)
    assert clocks.work_done(trust, 6.0, 4.0, 0.5) == pytest.approx(7.0)


@for_all(SHARES, SHARES)
def test_a_term_binds_as_far_as_there_is_no_freedom(freedom: float, lead: float) -> None:
    """A lead takes freedom back; whoever has none is bound."""
    levers = of(LEVERS, {"exit_freedom": freedom, "leadership": lead})
    assert 0.0 <= value_rules.exit_bound(levers) <= 1.0
    assert value_rules.exit_bound(levers) == pytest.approx(1.0 - freedom + freedom * lead)
    assert value_rules.exit_bound(of(LEVERS, {"exit_freedom": freedom, "leadership": 1.0})) == 1.0


@for_all(st.integers(1, 250), st.floats(-4.0, 4.0))
def test_peers_pool_their_signals(aligned: int, z: float) -> None:
    """The mean of n signals has their mean and 1/n of their variance; shares of nobody are 0."""
    parameters = of(PARAMETERS, {"realised_saving_share": 0.05, "signal_sd_share": 0.3})
    scaled = (peers.members_signal(parameters, aligned, z) - 0.05) * math.sqrt(aligned) / 0.3
    assert scaled == pytest.approx(z, abs=1e-12)
    assert peers.signal_precision(parameters) * 0.3**2 == pytest.approx(1.0)
    assert (peers.share(0, 0), peers.share(aligned, aligned)) == (0.0, 1.0)
