"""Two codings of one page: the package and a plain Mesa model give outcomes of one distribution.

``plain_mesa.py`` was written from ``docs/model.md`` and the YAML alone, without sight of ``sim``.
It has a population, a schedule, draws and rules of its own: what both say is what the page says.
Each comparison is a two-sample Kolmogorov-Smirnov test (conservative for counts) and a test of
means, on many outcomes at once; the thresholds are such that all of them together fail once in
1,000 times when both are right.
"""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from benchmarks import plain_mesa
from numpy.typing import NDArray
from scipy import stats

from experiments.composition import configuration
from sim._jit import Records
from sim.configuration import configs_folder
from sim.observation import OUTCOMES
from sim.parameters import from_prior
from sim.results import breakdown_columns
from sim.scenario import assemble
from sim.sweep import run_chunk

FALSE_ALARM = 1e-3

# Behaviour under which much happens, for a comparison that sees every rule.
BUSY = {
    "attention_per_month": 0.25, "business_case_per_month": 0.6, "sovereignty": 0.3,
    "believed_saving_share": 0.12, "realised_saving_share": 0.08, "belief_sd_share": 0.06,
    "signal_sd_share": 0.4, "cashable_share": 0.6, "value_weight": 5.0, "misfit_weight": 0.8,
    "liquidity_weight": 0.7, "caution": 0.6, "peers_weight": 1.2, "peers_attention_weight": 1.0,
    "pressure_weight": 0.9, "pressure_attention_weight": 0.8, "endorsement_weight": 0.7,
    "migration_per_month": 0.2, "migration_cost_years": 0.2, "reporting_probability": 0.4,
}  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What both codings are asked."""

    runs: int
    months: int | None = None
    levers: dict[str, float] = field(default_factory=dict)
    structure: dict[str, Any] = field(default_factory=dict)
    spread: float = 0.0
    behaviour: dict[str, float] | None = None  # None: drawn from the prior, by each in its own way


LOOSE = {
    "review_month": 0.0, "service_open": 1.0, "exit_freedom": 0.5, "pressure": 0.4,
    "yearly_fee_gbp": 4000.0, "grant_gbp": 9000.0, "discount_share": 0.05,
    "conditional_share": 0.6, "term_years": 1.0, "gap_analysis": 0.5, "mandate": 0.02,
}  # fmt: skip
QUESTIONS = {
    "as it was": Question(2000),
    "as it was, busy": Question(600, behaviour=BUSY),
    "two years, members come and go": Question(250, 24, LOOSE, behaviour=BUSY),
    "regions, unshared evidence": Question(
        250,
        24,
        LOOSE,
        {
            "peers": "region",
            "evidence_shared": False,
            "pressure_on_attention": False,
            "declined_report_interest": True,
        },
        0.3,
        BUSY,
    ),
}


def ours(question: Question) -> dict[str, NDArray[np.float64]]:
    """Return the outcomes of the package, a value a run."""
    overrides = [f"levers.{name}={value}" for name, value in question.levers.items()]
    overrides += [f"structure.{name}={value}" for name, value in question.structure.items()]
    overrides += [f"population.approached_spread={question.spread}"]
    overrides += [f"months={question.months}"] if question.months else []
    for name, value in (question.behaviour or {}).items():
        overrides.append(f"parameters.priors.{name}.value={value}")
    config = configuration("run", overrides)
    assert config is not None
    case = assemble(config)

    def design(first: int, runs: int) -> Records:
        return from_prior(case.priors, 11, first, runs)

    chunk = run_chunk(case.episode, design, 11, 0, question.runs)
    counts = np.concatenate([chunk.by_kind, chunk.by_size], axis=1).reshape(question.runs, -1)
    columns = dict(zip(breakdown_columns(case.people.kind_names), counts.T, strict=True))
    whole = {name: chunk.outcomes[name] for name in OUTCOMES.names or () if name != "run"}
    curve = {f"joined, month {m}": chunk.curves[:, 0, m] for m in range(1, case.months)}
    return {name: np.asarray(v, float) for name, v in (whole | columns | curve).items()}


def theirs(question: Question) -> dict[str, NDArray[np.float64]]:
    """Return the outcomes of the plain Mesa model, a value a run."""
    setting = plain_mesa.load(configs_folder(), "nhs_employers_2009")
    luck, rows = random.Random(5), []
    for run in range(question.runs):
        values = question.behaviour or plain_mesa.draw_parameters(setting, luck)
        model = plain_mesa.PlainModel(
            setting,
            values,
            seed=run,
            months=question.months,
            approached_spread=question.spread,
            pinned=question.levers,
            structure=question.structure,
        )
        row = model.run()
        months = range(1, len(model.curve) - 1)
        rows.append(row | {f"joined, month {m}": model.curve[m] for m in months})
    return {name: np.array([row[name] for row in rows], float) for name in rows[0]}


@pytest.mark.parametrize("name", QUESTIONS)
def test_both_codings_give_the_same_distributions(name: str) -> None:
    """Every outcome, by kind and size too, and the curve month by month."""
    question = QUESTIONS[name]
    one, other = ours(question), theirs(question)
    assert set(one) == set(other)
    varying = [n for n in one if np.ptp(one[n]) > 0.0 or np.ptp(other[n]) > 0.0]
    constant = sorted(set(one) - set(varying))
    assert all(one[n][0] == other[n][0] for n in constant)
    assert len(varying) > 25
    threshold = FALSE_ALARM / len(QUESTIONS) / (2 * len(varying))
    found = {}
    for outcome in varying:
        a, b = one[outcome], other[outcome]
        error = np.sqrt(a.var() / len(a) + b.var() / len(b))
        z = abs(a.mean() - b.mean()) / error
        shape = stats.ks_2samp(a, b, method="asymp").pvalue
        found[outcome] = (shape, 2.0 * stats.norm.sf(z), a.mean(), b.mean())
    wrong = {n: f for n, f in found.items() if min(f[:2]) < threshold}
    assert not wrong
    # A true null spreads its p-values: half of them should not be tiny.
    assert statistics.median(f[1] for f in found.values()) > 1e-3


def test_the_comparison_can_fail() -> None:
    """A fee twice as high in one of them is noticed by the same tests."""
    question = QUESTIONS["as it was, busy"]
    dearer = replace(question, levers={"upfront_fee_gbp": 70000.0})
    one, other = ours(question)["joined"], ours(dearer)["joined"]
    assert stats.ks_2samp(one, other, method="asymp").pvalue < 1e-6
