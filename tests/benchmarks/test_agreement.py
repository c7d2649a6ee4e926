"""Two codings of one page: the package and a plain Mesa model give outcomes of one distribution.

``plain_mesa.py`` was written from ``docs/model.md`` and the YAML alone, without sight of ``sim``.
It has a population, a schedule, draws and rules of its own: what both say is what the page says.
Each comparison is a two-sample Kolmogorov-Smirnov test (conservative for counts) and a test of
means, on many outcomes at once; the thresholds are such that all of them together fail once in
1,000 times when both are right.
"""

from __future__ import annotations

import functools
import pathlib
import statistics
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from benchmarks import plain_mesa
from numpy.typing import NDArray
from scipy import stats
from uptake.cli.arguments import configuration
from uptake.config.case import assemble
from uptake.config.schema import configs_folder
from uptake.engine.compiled import run_chunk
from uptake.model._jit import Records
from uptake.model.observation import COUNTED, OUTCOMES
from uptake.model.parameters import from_prior
from uptake.results.runs import breakdown_columns

Outcomes = dict[str, NDArray[np.float64]]

SCHEMES = pathlib.Path(__file__).with_name("schemes")  # a scenario of the tests' own
OWN = ("islands", "hamlet")
FALSE_ALARM = 1e-3
OUR_RUNS = 8  # for each run of the plain model, which is far slower
UNSAID = {
    "fixed_cost_gbp": "GBP a year",
    "planned_spend_gbp": "GBP a year",
    "ramp_months": "months",
    "entry_month": "months",
    "capacity": "customers",
    "running_cost_share": "share of spend",
}  # facts of providers that no scenario gives, and their units
MONTHS_SEEN = 6  # of each curve, the last month too
RARE = 50  # an outcome that varies in fewer runs is compared in shape alone: no normal mean

# Behaviour under which much happens, for a comparison that sees every rule.
BUSY = {
    "attention_per_month": 0.2, "stakes_attention": 2.0, "business_case_per_month": 0.6,
    "sovereignty": 0.3, "believed_saving_share": 0.12, "realised_saving_share": 0.08,
    "belief_sd_share": 0.06, "signal_sd_share": 0.4, "risk_aversion": 3.0, "cashable_share": 0.6,
    "value_weight": 5.0, "misfit_weight": 0.8, "liquidity_weight": 0.7, "caution": 0.6,
    "peers_weight": 1.2, "peers_attention_weight": 1.0, "pressure_attention_weight": 0.8,
    "endorsement_weight": 0.7, "pace": 0.7, "migration_cost_years": 0.15,
    "reporting_probability": 0.4, "staff_resistance": 0.8, "public_preference": 0.6,
    "skimping": 0.8, "recovery_per_month": 0.15, "failure_per_month": 0.3, "alarm_weight": 6.0,
    "open_gap_harm": 0.6, "crowding_out_per_month": 0.03, "loss_tolerance_share": 0.02,
    "entry_per_month": 0.1,
}  # fmt: skip
# Services that fail, and customers who mind.
FRAIL = BUSY | {"failure_per_month": 0.8, "recovery_per_month": 0.3, "value_weight": 8.0}


@dataclass(frozen=True)
class Question:
    """What both codings are asked."""

    runs: int  # of the plain model
    months: int | None = None
    levers: dict[str, float] = field(default_factory=dict)
    structure: dict[str, Any] = field(default_factory=dict)
    spread: float = 0.0
    behaviour: dict[str, float] | None = None  # None: drawn from the prior, by each in its own way
    scenario: str = "nhs_employers_2009"
    approached: int | None = None
    inputs: dict[str, float] = field(default_factory=dict)  # such as "sector.regions"
    events: dict[int, dict[str, float]] = field(default_factory=dict)  # what rows set, by month
    fixed: bool = False  # every assumption at its value


LOOSE = {
    "review_month": 0.0, "exit_freedom": 0.5, "pressure": 0.4, "opens_month": 0.0,
    "service_month": 0.0, "waves_per_month": 20.0, "share_replaced": 0.6, "cost_shared": 0.3,
    "yearly_fee_gbp": 20000.0, "grant_gbp": 9000.0, "discount_share": 0.15,
    "conditional_share": 0.6, "term_years": 2.0, "gap_analysis": 0.5, "mandate": 0.02,
    "migration_months": 5.0, "funded": 0.2, "contract_security": 1.0, "misfit": 0.5,
}  # fmt: skip
REGIONAL = {
    "peers": "region",
    "taste": "fresh",
    "evidence_shared": False,
    "declined_report_interest": True,
}
# How well bodies serve themselves, and what the work of aligning asks of them.
HOME = {
    "sector.home_quality": 0.7,
    "sector.slack_floor": 0.2,
    "sector.middling_gap": 0.5,
    "sector.middling_slack": 0.5,
}
# Regions that vote, with members who may leave and then pay for it.
VOTED = {
    "market_saving_share": 0.03, "capacity": 0.9, "alignment_first": 0.0, "exit_freedom": 0.3,
    "leadership": 0.2, "endorsement": 0.0, "term_years": 3.0, "staged": 0.0,
    "migration_months": 4.0, "funded": 0.3, "waves_per_month": 12.0, "share_replaced": 0.6,
    "cost_shared": 0.4, "discount_share": 0.1, "conditional_share": 0.5, "deadline_month": 1e6,
    "opens_month": 2.0, "service_month": 2.0, "pathfinders": 4.0, "upfront_fee_gbp": 20000.0,
    "grant_gbp": 50000.0, "pressure": 0.3, "gap_analysis": 0.7,
}  # fmt: skip
QUESTIONS = {
    "as it was": Question(400),
    "reviewed, and scrapped in half of all runs": Question(
        300,
        8,
        {"scrap_below_share": 0.19, "refund_share": 0.6, "offset_gbp": 4e5, "share_replaced": 0.2},
        behaviour=BUSY,
        inputs=HOME,
    ),
    "scrapped for one of five reasons": Question(
        300,
        14,
        LOOSE | {
            "review_month": 12.0, "target_joined": 100.0, "scrap_below_share": 0.52,
            "scrap_below_served": 36.0, "scrap_above_cost_gbp": 6.5e6, "scrap_below_quality": 0.65,
            "premise_gone": 1.0, "refund_share": 0.5, "offset_gbp": 4e5, "alignment_first": 0.0,
            "upfront_fee_gbp": 10000.0,
        },
        behaviour=BUSY,
        approached=100,
        inputs=HOME | {"providers.nhs_employers.quality": 0.85},
    ),
    "two years, members come and go": Question(
        300,
        24,
        LOOSE,
        behaviour=BUSY | {"sovereignty": 1.0, "loss_tolerance_share": 0.08},
        approached=100,
        inputs=HOME | {"providers.nhs_employers.quality": 0.9},
    ),
    "fresh tastes, regions, unshared evidence": Question(
        300,
        24,
        LOOSE,
        REGIONAL,
        0.3,
        BUSY,
        approached=100,
        inputs=HOME | {"providers.nhs_employers.quality": 0.7},
    ),
    "a provider whose parent depends on an insecure contract": Question(
        300,
        18,
        LOOSE | {
            "contract_security": 0.85, "bundle_share": 0.05, "in_house": 0.05, "cost_shared": 0.1,
        },
        behaviour=BUSY,
        approached=100,
        inputs=HOME | {"providers.nhs_employers.fixed_cost_gbp": 2.5e5},
    ),
    "a service that opens late, and in waves": Question(
        300,
        24,
        LOOSE | {
            "service_month": 4.0, "opens_month": 9.0, "waves_per_month": 3.5, "cost_shared": 0.0,
            "alignment_first": 0.0, "binding": 0.4, "pathfinders": 3.0, "sanction_share": 0.03,
            "deadline_month": 12.0,
        },
        behaviour=BUSY,
        approached=100,
        inputs=HOME,
    ),
    "members bear the whole cost of the provider": Question(
        300,
        30,
        {
            "share_replaced": 0.7, "cost_shared": 1.0, "exit_freedom": 0.6, "mandate": 0.1,
            "term_years": 3.0, "migration_months": 6.0, "discount_share": 0.1,
            "waves_per_month": 2.5,
        },
        {"peers": "profession"},
        behaviour=BUSY,
        scenario="nhs_sbs",
        approached=60,
        inputs=HOME | {
            "providers.joint_venture.running_cost_share": 0.75,
            "providers.joint_venture.fixed_cost_gbp": 5e6,
            "providers.joint_venture.planned_spend_gbp": 3e7,
            "providers.joint_venture.ramp_months": 18,
        },
    ),
    "regions consolidate in stages": Question(
        300,
        36,
        {
            "quorum_share": 0.6, "pathfinders": 10.0, "binding": 0.2, "market_saving_share": 0.05,
            "mandate": 0.04, "capacity": 1.0, "exempt_share": 0.1, "alignment_first": 0.0,
            "exit_freedom": 0.5, "leadership": 0.1, "endorsement": -1.0, "term_years": 2.0,
            "staged": 1.0, "migration_months": 4.0, "funded": 0.5, "waves_per_month": 6.0,
            "share_replaced": 0.5, "deadline_month": 2.0, "opens_month": 5.0,
            "service_month": 5.0, "cost_shared": 0.5, "discount_share": 0.1,
        },
        behaviour=BUSY | {"pace": 1.2, "value_weight": 10.0},
        scenario="stp_back_office_2016",
        approached=110,
        inputs=HOME | {"sector.regions": 20},
    ),
    "regions hurried by a deadline, with a sanction": Question(
        300,
        24,
        {
            "deadline_month": 3.5, "sanction_share": 0.06, "staged": 0.0, "quorum_share": 0.5,
            "binding": 0.5, "alignment_first": 1.0, "mandate": 0.03, "benchmark_weight": 100.0,
            "exit_freedom": 0.4, "term_years": 1.5, "upfront_fee_gbp": 20000.0,
            "grant_gbp": 50000.0, "programme_cost_gbp": 1e6, "common_frameworks": 0.2,
            "share_replaced": 0.4, "opens_month": 4.0, "funded": 0.3, "migration_months": 8.0,
        },
        {"peers": "region"},
        behaviour=BUSY | {"sovereignty": 3.0},
        scenario="stp_back_office_2016",
        approached=110,
        inputs=HOME | {"sector.regions": 20},
    ),
    "regions vote by head, and places are scarce": Question(
        300,
        20,
        VOTED | {"together": 0.5, "quorum_share": 0.5, "mandate": 0.04, "exempt_share": 0.1},
        behaviour=BUSY | {"value_weight": 10.0, "sovereignty": 1.5, "attention_per_month": 0.1},
        scenario="stp_back_office_2016",
        approached=80,
        inputs=HOME | {
            "sector.regions": 16,
            "providers.within_the_region.capacity": 30,
            "providers.within_the_region.running_cost_share": 0.8,
            "providers.within_the_region.fixed_cost_gbp": 2e7,
            "providers.company.capacity": 18.5,
            "providers.company.running_cost_share": 0.7,
        },
        events={5: {"vote": 1.0}, 13: {"vote": 1.0}},
    ),
    "regions of one view vote by size, and come to common systems first": Question(
        300,
        20,
        VOTED | {
            "together": 1.0, "quorum_share": 0.4, "by_size": 1.0, "staged": 1.0, "binding": 0.3,
            "benchmark_weight": 60.0, "professions_lead": 0.1, "deadline_month": 9.0,
            "sanction_share": 0.02, "endorsement": -1.0,
        },
        {"peers": "region"},
        behaviour=BUSY | {"attention_per_month": 0.06, "sovereignty": 4.0, "pace": 1.2},
        scenario="stp_back_office_2016",
        approached=80,
        inputs=HOME | {
            "sector.regions": 16,
            "providers.within_the_region.capacity": 40,
            "providers.within_the_region.running_cost_share": 0.8,
        },
        events={4: {"vote": 1.0}, 14: {"vote": 1.0}},
    ),
    "two centres as they were": Question(
        300, behaviour=BUSY | {"loss_tolerance_share": 0.1}, scenario="cabinet_office_2012"
    ),
    "two centres at a price too low": Question(
        400,
        40,
        {
            "price_cut_share": 0.1, "redundancy_cost_share": 0.5, "staff_leaving_share": 0.5,
            "redundancy_avoided_share": 0.3, "exit_freedom": 0.2, "mandate": 0.1,
            "conditional_share": 0.5, "leadership": 0.2, "in_house": 0.05, "term_years": 3.0,
            "supplier_saving_share": 0.1, "professions_lead": 0.4, "autonomy": 0.4,
            "assessment_month": 10.0, "assessment_bar": 0.2, "assessment_margin": 0.3,
            "share_replaced": 0.6, "cost_shared": 0.2, "opens_month": 0.0, "service_month": 0.0,
            "waves_per_month": 3.0,
        },
        {"peers": "profession"},
        behaviour=FRAIL | {"loss_tolerance_share": 0.12, "sovereignty": 2.0},
        scenario="cabinet_office_2012",
        approached=40,
        inputs=HOME | {
            "providers.first_centre.parent_income_gbp": 5e8,
            "providers.first_centre.running_cost_share": 0.9,
        },
        events={12: {"damage": 0.4, "damage_provider": 2.0}, 32: {"damage": 0.0}},
    ),
    "regions vote with fresh tastes, while providers close": Question(
        300,
        24,
        {
            "assessment_month": 7.0, "assessment_bar": 0.45, "assessment_margin": 0.1,
            "merger": 1.0, "in_house": 0.3, "pathfinders": 8.0, "quorum_share": 0.5,
            "exit_freedom": 0.3, "term_years": 2.0, "share_replaced": 0.6, "cost_shared": 0.4,
            "migration_months": 6.0, "service_month": 3.0, "opens_month": 3.0, "by_size": 1.0,
            "together": 0.5, "upfront_fee_gbp": 3000.0, "grant_gbp": 20000.0,
        },
        {"taste": "fresh", "peers": "profession"},
        behaviour=FRAIL | {"attention_per_month": 0.1},
        scenario="commissioning_support_2012",
        approached=80,
        inputs=HOME | {
            "sector.regions": 16,
            "providers.support_unit.number": 5,
            "providers.support_unit.capacity": 12,
            "providers.support_unit.fixed_cost_gbp": 5e5,
            "providers.private_entrant.number": 2,
            "providers.private_entrant.capacity": 9,
            "providers.private_entrant.parent_income_gbp": 4e7,
            "providers.private_entrant.entry_month": 5,
        },
        events={8: {"vote": 1.0}, 16: {"vote": 1.0, "incident_severity": 0.3}},
    ),
    "a market of providers": Question(
        300,
        24,
        {
            "assessment_month": 9.0, "assessment_bar": 0.4, "assessment_margin": 0.2,
            "merger": 1.0, "in_house": 0.5, "management_cost_cap": 0.2, "grant_gbp": 50000.0,
            "exit_freedom": 0.2, "yearly_fee_gbp": 2000.0, "term_years": 2.0, "pathfinders": 5.0,
            "share_replaced": 0.7, "cost_shared": 0.5, "migration_months": 6.0,
        },
        behaviour=FRAIL | {"entry_per_month": 0.2},
        scenario="commissioning_support_2012",
        approached=120,
        inputs=HOME | {
            "providers.support_unit.number": 10,
            "providers.support_unit.capacity": 6,
            "providers.support_unit.running_cost_share": 0.8,
            "providers.support_unit.fixed_cost_gbp": 8e5,
            "providers.support_unit.planned_spend_gbp": 6e6,
            "providers.support_unit.ramp_months": 12,
            "providers.private_entrant.capacity": 12,
            "providers.private_entrant.parent_income_gbp": 4e7,
            "providers.private_entrant.fixed_cost_gbp": 4e5,
            "providers.private_entrant.entry_month": 0,
        },
    ),
    "few places, and mergers": Question(
        300,
        36,
        {
            "assessment_month": 9.0, "assessment_bar": 0.4, "assessment_margin": 0.15,
            "merger": 1.0, "in_house": 0.5, "pathfinders": 1.0, "deadline_month": 12.0,
            "exit_freedom": 0.3, "term_years": 1.0, "mandate": 0.05, "yearly_fee_gbp": 2000.0,
            "share_replaced": 0.5, "discount_share": 0.1, "migration_months": 8.0,
        },
        behaviour=FRAIL,
        scenario="commissioning_support_2012",
        approached=100,
        inputs=HOME | {  # two halves of a place are one, once merged
            "providers.support_unit.number": 3,
            "providers.support_unit.capacity": 4.5,
            "providers.private_entrant.number": 2,
            "providers.private_entrant.capacity": 7.25,
            "providers.private_entrant.parent_income_gbp": 4e7,
            "providers.private_entrant.entry_month": 6,
        },
    ),
    "few places, and stranded customers": Question(
        300,
        36,
        {
            "assessment_month": 9.0, "assessment_bar": 0.5, "assessment_margin": 0.1,
            "merger": 0.0, "in_house": 0.02, "pathfinders": 8.0, "binding": 0.3,
            "exit_freedom": 0.3, "term_years": 1.0, "mandate": 0.1, "share_replaced": 0.5,
            "cost_shared": 0.4, "migration_months": 10.0,
        },
        behaviour=FRAIL,
        scenario="commissioning_support_2012",
        approached=100,
        inputs=HOME | {
            "sector.regions": 30,
            "providers.support_unit.number": 6,
            "providers.support_unit.capacity": 2.9,
            "providers.support_unit.fixed_cost_gbp": 5e5,
            "providers.private_entrant.number": 2,
            "providers.private_entrant.capacity": 7.25,
            "providers.private_entrant.parent_income_gbp": 4e7,
        },
    ),
    "a national contract fails": Question(
        300,
        None,
        {
            "mandate": 0.6, "exit_freedom": 0.3, "common_frameworks": 0.3, "share_replaced": 0.8,
            "cost_shared": 0.5, "opens_month": 2.0, "service_month": 0.0, "waves_per_month": 6.0,
        },
        behaviour=FRAIL,
        scenario="primary_care_support_2015",
        approached=60,
        inputs=HOME,
    ),
    "nowhere else to go": Question(
        300,
        66,
        {
            "in_house": 0.0, "discount_share": 0.2, "pressure": 0.3, "legal_risk_per_year": 0.05,
            "share_replaced": 0.6, "cost_shared": 0.2, "exit_freedom": 0.2,
        },
        behaviour=FRAIL | {"loss_tolerance_share": 0.004, "attention_per_month": 0.08},
        scenario="nhs_sbs",
        approached=40,
        inputs=HOME,
    ),
    "a nation that is told to": Question(
        300,
        30,
        {
            "mandate": 0.7, "leadership": 0.5, "share_replaced": 0.5, "claimed_saving_share": 0.2,
            "opens_month": 3.0, "waves_per_month": 1.5, "migration_months": 9.0, "capacity": 0.8,
            "exit_freedom": 0.5, "pressure": 0.3, "cost_shared": 0.8,
        },
        {"taste": "fresh"},
        behaviour=BUSY,
        scenario="nhs_wales",
        approached=20,
        inputs=HOME | {
            "providers.national_service.running_cost_share": 0.9,
            "providers.national_service.fixed_cost_gbp": 1e6,
        },
    ),
    "assumptions at their values": Question(
        300, behaviour=FRAIL, scenario="islands", fixed=True
    ),
    "named bodies in regions that are chosen, and plan": Question(
        300,
        26,
        {
            "quorum_share": 0.5, "binding": 0.3, "alignment_first": 1.0, "assessment_month": 0.0,
            "share_replaced": 0.6, "leadership": 0.2, "together": 0.3, "waves_per_month": 4.0,
        },
        {"peers": "region", "declined_report_interest": True},
        behaviour=BUSY,
        scenario="islands",
        events={13: {"vote": 1.0}},
    ),
    "bodies of which little is known, drawn from the prior": Question(400, scenario="islands"),
    "named bodies, members at the start, and regions chosen by and by": Question(
        300, behaviour=FRAIL | {"attention_per_month": 0.1}, scenario="islands", spread=0.2
    ),
    "nearly all bodies are named, and come and go": Question(
        400, behaviour=FRAIL | {"attention_per_month": 0.1}, scenario="hamlet"
    ),
}  # fmt: skip
SCENARIOS = (
    "nhs_employers_2009", "stp_back_office_2016", "cabinet_office_2012", "nhs_sbs", "nhs_wales",
    "primary_care_support_2015", "commissioning_support_2012",
)  # fmt: skip


def ours(question: Question) -> Outcomes:
    """Return the outcomes of the package, a value a run."""
    overrides = ["--config-dir", str(SCHEMES)] if question.scenario in OWN else []
    overrides += [f"scenario={question.scenario}"]
    overrides += ["fix=assumptions"] if question.fixed else []
    overrides += [f"levers.{name}={value}" for name, value in question.levers.items()]
    overrides += [f"structure.{name}={value}" for name, value in question.structure.items()]
    overrides += [f"population.approached_spread={question.spread}"]
    overrides += [f"population.approached={question.approached}"] if question.approached else []
    overrides += [f"months={question.months}"] if question.months else []
    for name, value in question.inputs.items():  # those that the scenario has not: with a source
        overrides.append(f"scenario.{name}.value={value}")
        if name.rpartition(".")[2] in UNSAID:
            unit = UNSAID[name.rpartition(".")[2]]
            overrides += [f"scenario.{name}.unit={unit}", f"scenario.{name}.source=assumption"]
    for name, value in (question.behaviour or {}).items():
        overrides.append(f"parameters.priors.{name}.value={value}")
    config = configuration("run", ["parameters=prior", *overrides])
    assert config is not None
    case = assemble(config)
    levers = case.episode.levers.copy()  # a record a month, from month 0
    for month, event in question.events.items():
        for name, value in event.items():
            rest = month + 1 if name in plain_mesa.MOMENTARY else None  # others last
            levers[name][month:rest] = value
    episode = case.episode._replace(levers=levers)

    def design(first: int, runs: int) -> Records:
        return from_prior(case.priors, 11, first, runs)

    runs = OUR_RUNS * question.runs
    chunk = run_chunk(episode, design, 11, 0, runs)
    counts = np.concatenate([chunk.by_kind, chunk.by_size], axis=1).reshape(runs, -1)
    columns = dict(zip(breakdown_columns(case.people.kind_names), counts.T, strict=True))
    whole = {name: chunk.outcomes[name] for name in OUTCOMES.names or () if name != "run"}
    curves = {
        f"{name}, month {month}": chunk.curves[name][:, month]
        for name in COUNTED
        for month in months_seen(case.months)
    }
    return {name: np.asarray(v, float) for name, v in (whole | columns | curves).items()}


def theirs(question: Question) -> Outcomes:
    """Return the outcomes of the plain Mesa model, a value a run."""
    own = SCHEMES if question.scenario in OWN else None
    setting = plain_mesa.load(configs_folder(), question.scenario, own=own)
    for name, value in question.inputs.items():
        *folders, fact = name.split(".")
        functools.reduce(dict.__getitem__, folders, setting.scenario)[fact] = value
    for month, event in question.events.items():
        setting.scenario.setdefault("timeline", []).append({"month": month, "set": event})
    luck, rows = np.random.default_rng(5), []
    for run in range(question.runs):
        model = plain_mesa.PlainModel(
            setting,
            question.behaviour or plain_mesa.draw_parameters(setting, luck),
            seed=run,
            months=question.months,
            trusts=question.approached,
            approached_spread=question.spread,
            overridden=question.levers,
            structure=question.structure,
            fixed=question.fixed,
        )
        row, curves = model.run(), model.curves
        del row["members"]  # of which the package reports the curve alone, to its last month
        for name in COUNTED:
            for month in months_seen(model.horizon):
                row[f"{name}, month {month}"] = curves[name][month]
        rows.append(row)
    return {name: np.array([row[name] for row in rows], float) for name in rows[0]}


def months_seen(months: int) -> list[int]:
    """Return the months, evenly spread, in which curves are compared."""
    return sorted({round(months * part / MONTHS_SEEN) for part in range(1, MONTHS_SEEN + 1)})


def snap(
    name: str, one: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Make values alike that differ by rounding alone: sums in another order, whole pounds."""
    tolerance = 2.0 if name.endswith("_gbp") else 1e-7
    values, where = np.unique(np.concatenate([one, other]), return_inverse=True)
    first = np.diff(values, prepend=-np.inf) > tolerance  # of those that are alike
    values = values[first][np.cumsum(first) - 1][where]
    return values[: len(one)], values[len(one) :]


def varies(values: NDArray[np.float64]) -> int:
    """Return in how many runs an outcome is not what it most often is."""
    return len(values) - int(np.unique(values, return_counts=True)[1].max())


def compare(question: Question) -> dict[str, tuple[float, float, float, float, float]]:
    """Return for each outcome that varies: p of shape, p of mean, both means, their joint sd."""
    one, other = ours(question), theirs(question)
    assert set(one) == set(other)
    found = {}
    for name in one:
        a, b = snap(name, one[name], other[name])
        if np.ptp(np.concatenate([a, b])) == 0.0:
            continue
        sd = float(np.concatenate([a, b]).std())
        z = abs(a.mean() - b.mean()) / (sd * np.sqrt(1.0 / len(a) + 1.0 / len(b)))
        seen = min(varies(a), varies(b)) >= RARE
        mean = 2.0 * float(stats.norm.sf(z)) if seen else 1.0
        shape = float(stats.ks_2samp(a, b, method="asymp").pvalue)
        found[name] = (shape, mean, float(a.mean()), float(b.mean()), sd)
    return found


def agree(question: Question, questions: int) -> None:
    """Compare, with the false alarms of a family of so many questions."""
    found = compare(question)
    assert len(found) > 20
    threshold = FALSE_ALARM / questions / (2 * len(found))
    wrong = {name: f for name, f in found.items() if min(f[:2]) < threshold}
    assert not wrong
    # A true null spreads its p-values: half of them should not be tiny.
    assert statistics.median(f[1] for f in found.values()) > 1e-3


# The last question of each episode; all of them are asked, in six times as many runs, with the
# slow tests.
ONE_EACH = {question.scenario: name for name, question in QUESTIONS.items()}


@pytest.mark.parametrize("name", ONE_EACH.values())
def test_both_codings_give_the_same_distributions(name: str) -> None:
    """Every outcome, by kind and size too, and the curves of several months."""
    agree(QUESTIONS[name], len(QUESTIONS))


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_both_codings_agree_in_many_runs(name: str) -> None:
    question = QUESTIONS[name]
    agree(replace(question, runs=6 * question.runs), len(QUESTIONS))


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_both_codings_agree_on_every_episode_as_it_was(scenario: str) -> None:
    agree(Question(500, scenario=scenario), len(SCENARIOS))


def test_behaviour_is_held_in_whole() -> None:
    """No parameter that the plain model would draw and the package hold, or the reverse."""
    names = set(plain_mesa.load(configs_folder(), SCENARIOS[0]).priors)
    assert all(q.behaviour is None or set(q.behaviour) == names for q in QUESTIONS.values())


def test_the_comparison_can_fail() -> None:
    """A fee twice as high in one of them is noticed by the same tests."""
    question = replace(QUESTIONS["reviewed, and scrapped in half of all runs"], runs=60)
    dearer = replace(question, levers={"upfront_fee_gbp": 70000.0})
    one, other = ours(question)["joined"], ours(dearer)["joined"]
    assert stats.ks_2samp(one, other, method="asymp").pvalue < 1e-6
