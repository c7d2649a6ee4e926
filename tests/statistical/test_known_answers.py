"""The whole model against answers that are known without it.

Trusts without peers are binomial; with peers, counts by stage are a small Markov chain, solved
exactly; many trusts follow an equation; extremes are certain; names and rows mean nothing.
Seeds are fixed, so that a test passes always or never. A correct model fails each of the 14
p-values (26 with the slow ones) with probability ``RARE``.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from building import episode, parameters
from numpy.typing import NDArray
from scipy import integrate, signal, sparse, stats
from uptake.engine.compiled import Chunk, run_chunk
from uptake.model.entities import FACTS
from uptake.model.episode import REGION_ONLY, Episode
from uptake.model.observation import BREAKDOWN, CURVES

RARE, FULL = 1e-3, pytest.mark.slow
MANY = 20_000
SPLITS = (1, 2, 4)  # a month is cut into so many, with hazards as much smaller
ALIKE = {"income_gbp": 2e8, "spend_gbp": 1e6, "budget_gbp": 1e5, "gap": 0.0, "slack": 1.0}


def episode_of(months: int, count: int, structure: Any, *, levers: Any, **known: Any) -> Episode:
    """Return an episode of fixed belief and of trusts without blanks, alike but for ``known``."""
    facts = np.zeros(count, FACTS).view(np.recarray)
    for name, value in (ALIKE | {"number": np.arange(count)} | known).items():
        facts[name] = value
    structure = {"evidence_shared": 0.0} | structure
    return episode(count, months, 2, structure=structure, facts=facts, **levers)


def chunk_of(made: Episode, runs: int, seed: int, **changed: float) -> Chunk:
    """Return ``runs`` runs of an episode, all with middling parameters but for those given."""
    return run_chunk(made, lambda _, count: parameters(count, **changed), seed, 0, runs)


def curve(chunk: Chunk, name: str) -> NDArray[np.int32]:
    """Return a curve of all runs, shape (runs, months + 1)."""
    return chunk.curves[name]


def logistic(logit: float) -> float:
    """Return the probability with this logit."""
    return 1.0 / (1.0 + math.exp(-logit))


def annuity(years: float) -> float:
    """Return the worth of 1 a year at the 3.5 % of the test episodes."""
    return (1.0 - 1.035**-years) / 0.035


@cache
def binomial(count: int, probability: float) -> NDArray[np.float64]:
    """Return the binomial law, shape (count + 1,)."""
    return np.asarray(stats.binom.pmf(np.arange(count + 1), count, probability))


def p_value(observed: NDArray[Any], law: NDArray[np.float64]) -> float:
    """Return the chi-square p-value of counts under a law; rare cells (under 10) are pooled."""
    expected = law * observed.sum()
    order = np.argsort(-expected)
    cells = max(int(np.sum(expected >= 10.0)), 2)
    counts, means = (
        np.append(a[order][: cells - 1], a[order][cells - 1 :].sum()) for a in (observed, expected)
    )
    return float(stats.chisquare(counts, means, sum_check=False).pvalue)


@pytest.mark.parametrize("month", [5, 24])
@pytest.mark.parametrize("runs", [20_000, pytest.param(400_000, marks=FULL)])
def test_signatures_without_peers_are_binomial(month: int, runs: int) -> None:
    """Suited and unsuited trusts each sign as often as their own chain of four stages says.

    The chain (idle, with a business case, declined, signed) is solved by powers of its matrix. A
    probability of having signed that is off by 0.005 would be noticed.
    """
    levers = {"upfront_fee_gbp": 5e4, "discount_share": 0.05, "pressure": 0.5, "misfit": 0.5}
    gaps, slacks, kind = np.array([0.0, 0.4]), np.array([1.0, 0.5]), np.arange(40) % 2
    known = {"kind": kind, "gap": gaps[kind], "slack": slacks[kind]}
    made = episode_of(month, 40, {}, levers=levers, **known)
    chunk = chunk_of(made, runs, seed=1, peers_weight=0.0, peers_attention_weight=0.0)
    for group, (gap, slack) in enumerate(zip(gaps, slacks, strict=True)):
        value = annuity(3.0) * (0.1 * (1 - gap) * 0.6 + 0.05) - 0.15 * gap - 5e4 / 1e6
        joins = logistic(8.0 * value - 0.8 * 5e4 / 1e5 + 1.0 * 0.5 - 0.7 * 0.5 * group - 1.0)
        looks, decides = -np.expm1([-slack * 0.1 * math.exp(0.7 * 0.5), -slack * 0.5])
        monthly = [
            [1 - looks, looks, 0, 0],
            [0, 1 - decides, decides * (1 - joins), decides * joins],
            [0, looks, 1 - looks, 0],
            [0, 0, 0, 1],
        ]
        signed = float(np.linalg.matrix_power(monthly, month)[0, 3])
        joined = chunk.by_kind[:, group, BREAKDOWN.index("joined")]
        assert p_value(np.bincount(joined, minlength=21), binomial(20, signed)) > RARE


@cache
def exact_month(count: int, base: float, **by: float) -> tuple[list[tuple[int, ...]], Any]:
    """Return the states of ``count`` equal trusts that see one another, and the chain of a month.

    The states are all ways to spread the trusts over idle, with a business case, declined and
    joined; in a month each stage splits binomially, all at the hazards of the old counts.
    """
    states = [s for s in product(range(count + 1), repeat=4) if sum(s) == count]
    row = {state: i for i, state in enumerate(states)}
    entries: list[tuple[int, int, float]] = []
    decides = 1.0 - math.exp(-by["slack"] * by["kappa"])
    for (idle, busy, declined, joined), start in row.items():
        share = joined / count
        looks = 1.0 - math.exp(-by["slack"] * by["alpha"] * (1.0 + by["psi_a"] * share))
        joins = logistic(base + by["psi"] * share)
        for i, d, b in product(range(idle + 1), range(declined + 1), range(busy + 1)):
            weight = binomial(idle, looks)[i] * binomial(declined, looks)[d]
            weight *= binomial(busy, decides)[b]
            for j in range(b + 1):
                to = (idle - i, busy - b + i + d, declined - d + b - j, joined + j)
                entries.append((start, row[to], weight * binomial(b, joins)[j]))
    starts, ends, weights = zip(*entries, strict=True)
    return states, sparse.csr_array((weights, (ends, starts)), shape=(len(states), len(states)))


def exact_law(count: int, month: int, base: float, **by: float) -> NDArray[np.float64]:
    """Return the law of (joined, declined) of ``count`` equal trusts that see one another."""
    states, monthly = exact_month(count, base, **by)
    chance = np.zeros(len(states))
    chance[states.index((count, 0, 0, 0))] = 1.0
    for _ in range(month):
        chance = monthly @ chance
    law = np.zeros((count + 1, count + 1))
    for (*_, declined, joined), weight in zip(states, chance, strict=True):
        law[joined, declined] += weight
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    return law


@pytest.mark.parametrize("month", [8, 24])
@pytest.mark.parametrize("regional", [False, True])
@pytest.mark.parametrize("runs", [100_000, pytest.param(1_000_000, marks=FULL)])
def test_twelve_trusts_follow_the_exact_chain(month: int, regional: bool, runs: int) -> None:
    """12 trusts that see one another, or 6 and 6 in two regions, join and decline by the exact law.

    All of the joint law of joined and declined is compared. Peers that counted for 5 % less would
    be noticed after 24 months.
    """
    structure = {"peers": REGION_ONLY} if regional else {}
    levers = {"term_years": 30.0, "service_open": 0.0}
    region = np.arange(12) % 2
    made = episode_of(month, 12, structure, levers=levers, region=region, slack=0.7)
    changed = {"peers_weight": 2.5, "peers_attention_weight": 4.0, "sovereignty": 2.0}
    rates = {"slack": 0.7, "alpha": 0.1, "kappa": 0.5, "psi": 2.5, "psi_a": 4.0}
    base = 1.0 * annuity(30.0) * 0.1 * 0.6 - 2.0
    law = exact_law(6 if regional else 12, month, base, **rates)
    law = signal.convolve2d(law, law) if regional else law
    observed = np.zeros(law.shape, np.int64)
    for part in range(runs // 100_000):
        chunk = chunk_of(made, 100_000, seed=10 + part, value_weight=1.0, **changed)
        at = curve(chunk, "joined")[:, -1], curve(chunk, "declined")[:, -1]
        np.add.at(observed, at, 1)
    assert p_value(observed.ravel(), law.ravel()) > RARE
    assert p_value(observed.sum(axis=1), law.sum(axis=1)) > RARE


def mean_curves(runs: int, months: int, levers: Any, behaviour: dict[str, float]) -> Any:
    """Return mean curves as shares, shape (len(SPLITS), len(CURVES), months + 1)."""
    means = []
    for split in SPLITS:
        made = episode_of(months * split, MANY, {}, levers=levers, gap=0.3)
        slowed = {k: x / split if k.endswith("_per_month") else x for k, x in behaviour.items()}
        chunk = chunk_of(made, runs, 20 + split, **slowed)
        every = [chunk.curves[name][:, ::split].mean(axis=0) for name in CURVES]
        means.append(np.array(every) / MANY)
    return np.array(means)


def assert_first_order(means: Any, exact: Any, noise: float) -> None:
    """Assert that means converge to the exact curves, with an error that shrinks with the step.

    ``noise`` is the standard error of a mean at its largest. The order is measured from month to
    quarter month, to about 0.09. Extrapolated to step 0 (twice the last mean less the one before)
    an error of second order is left, and sqrt(5) times the noise; five times that is allowed.
    Chance alone would lead beyond one or the other in 1 of 2,000 tests.
    """
    errors = np.abs(means - exact).max(axis=tuple(range(1, means.ndim)))
    assert math.log2(errors[0] / errors[2]) / 2.0 == pytest.approx(1.0, abs=0.35), str(errors)
    extrapolated = np.abs(2.0 * means[2] - means[1] - exact).max()
    assert extrapolated < 5.0 * math.sqrt(5.0) * noise, f"errors {errors}, then {extrapolated}"


@pytest.mark.parametrize("runs", [50, pytest.param(500, marks=FULL)])
def test_attention_alone_is_the_bass_curve(runs: int) -> None:
    """With cases decided at once and everybody joining, adoption is Bass's closed form.

    Innovation 0.03 and imitation 0.38 a year, ten years. A trust joins in the month after it took
    an interest, so that a month's delay is part of the error of the step.
    """
    innovation, imitation = 0.03, 0.38
    behaviour = {
        "attention_per_month": innovation / 12.0, "peers_attention_weight": imitation / innovation,
        "business_case_per_month": 1e9, "sovereignty": -1e4,
    }  # fmt: skip
    means = mean_curves(runs, 120, {"term_years": 1000.0}, behaviour)
    faded = np.exp(-(innovation + imitation) * np.arange(121) / 12.0)
    exact = (1.0 - faded) / (1.0 + imitation / innovation * faded)
    assert_first_order(means[:, CURVES.index("joined")], exact, noise=0.008 / math.sqrt(runs))


@pytest.mark.parametrize("runs", [50, pytest.param(500, marks=FULL)])
def test_many_trusts_follow_the_mean_field_equation(runs: int) -> None:
    """With peers, migration and leaving, all curves follow the equation of the shares by stage.

    Rates a month at slack 1: attention, business case, migration, and reappraisal as fast as
    business cases. Those who never signed are held apart, since signatures are counted once.
    """
    behaviour = {
        "attention_per_month": 0.05, "business_case_per_month": 0.2, "migration_per_month": 0.1,
        "peers_attention_weight": 2.0, "peers_weight": 2.0, "sovereignty": 1.5, "value_weight": 0.7,
    }  # fmt: skip
    alpha, kappa, mu, psi_a, psi, own, beta = behaviour.values()
    free, gap, years = 0.5, 0.3, annuity(100.0)
    migrates = logistic(beta * (years * 0.1 * (1 - gap) * 0.6 - 0.15 * gap))

    def flow(_: float, shares: NDArray[np.float64]) -> list[float]:
        case, joined, migrating, live, new, new_case = shares
        share = joined + migrating + live
        looks = alpha * (1.0 + psi_a * share)
        early = beta * (years * 0.1 * (1 - gap) * 0.6 - 0.15 * gap) + psi * share
        late = beta * years * 0.1 * 0.6 + psi * share + own
        joins, leaves = logistic(early - own), kappa * free * (1.0 - logistic(early))
        leaves_live = kappa * free * (1.0 - logistic(late))
        return [
            looks * (1.0 - share - case) - kappa * case,
            kappa * joins * case - (mu * migrates + leaves) * joined,
            mu * migrates * joined - (mu * (1.0 - gap) + leaves) * migrating,
            mu * (1.0 - gap) * migrating - leaves_live * live,
            kappa * (1.0 - joins) * new_case - looks * new,
            looks * new - kappa * new_case,
        ]

    start, at = [0.0, 0.0, 0.0, 0.0, 1.0, 0.0], np.arange(61)
    solved = integrate.solve_ivp(flow, (0, 60), start, t_eval=at, rtol=1e-9, atol=1e-12)
    case, joined, migrating, live, new, new_case = solved.y
    signed = 1.0 - new - new_case
    exact = np.array([signed, case, live, signed - joined - migrating - live])
    rows = [CURVES.index(name) for name in ("joined", "considering", "live", "left")]
    means = mean_curves(runs, 60, {"term_years": 100.0, "exit_freedom": free}, behaviour)
    assert_first_order(means[:, rows], exact, noise=0.0055 / math.sqrt(runs))


def test_nobody_joins_at_the_highest_fee() -> None:
    """The highest fee that a user may set is looked at and always declined."""
    levers = Path(__file__).parents[2] / "configs" / "levers.yaml"
    fee = yaml.safe_load(levers.read_text())["upfront_fee_gbp"]["high"]
    chunk = chunk_of(episode(upfront_fee_gbp=fee), 200, seed=30)
    assert chunk.outcomes["joined"].max() == 0
    assert chunk.outcomes["declined"].min() > 0


@pytest.mark.parametrize("attention", [0.0, 1e-300])
def test_without_attention_nobody_looks(attention: float) -> None:
    """With no attention nothing ever happens, however good the scheme."""
    chunk = chunk_of(episode(discount_share=1.0), 200, seed=31, attention_per_month=attention)
    assert all(chunk.curves[name].max() == 0 for name in CURVES if name != "providers_open")


def test_a_full_mandate_makes_everybody_join_at_once() -> None:
    """Interest in month 1, signature in month 2, whatever the fee, for all trusts of all runs."""
    chunk = chunk_of(episode(mandate=1.0, upfront_fee_gbp=1e9, misfit=1.0), 200, seed=32)
    assert np.all(curve(chunk, "considering")[:, 1] == 60)
    assert np.all(curve(chunk, "joined") == 60 * (np.arange(25) >= 2))


def test_the_order_of_the_rows_changes_nothing() -> None:
    """Shuffled rows that keep their numbers give the same runs to the bit, all mechanisms on."""
    levers: Any = {"upfront_fee_gbp": 5e4, "yearly_fee_gbp": 1e4, "exit_freedom": 0.5}
    made = episode(approached=(30, 60), structure={"peers": REGION_ONLY}, **levers)
    rows = np.random.default_rng(1).permutation(60)
    chunks = [chunk_of(at, 500, seed=33) for at in (made, made._replace(facts=made.facts[rows]))]
    assert len(np.unique(chunks[0].outcomes["joined"])) > 10
    for one, other in zip(*chunks, strict=True):
        assert np.array_equal(one, other)


def test_other_numbers_are_other_luck_alone() -> None:
    """Renumbered trusts have other runs, and the same law of joined and realised saving."""
    made = episode(structure={"peers": REGION_ONLY})
    facts = made.facts.copy()
    facts["number"] = 1_000 + 7 * facts["number"]
    chunks = [chunk_of(at, 5_000, seed=34) for at in (made, made._replace(facts=facts))]
    joined = [chunk.outcomes["joined"] for chunk in chunks]
    assert np.mean(joined[0] == joined[1]) < 0.5
    lowest, top = np.percentile(joined[0], [1, 99]).astype(int)
    counts = [np.bincount(np.clip(each, lowest, top))[lowest:] for each in joined]
    assert stats.chi2_contingency(counts).pvalue > RARE
    assert stats.ks_2samp(*(c.outcomes["realised_saving_gbp"] for c in chunks)).pvalue > RARE
