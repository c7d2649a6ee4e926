"""The whole model against answers that are known without it.

Who ever joins follows from its taste, trust by trust; when is binomial; trusts that see one another
are a small Markov chain, solved exactly; many follow an equation; work, waves, deadlines and a cost
that is shared go by the month; names and rows mean nothing.
Seeds are fixed, so that a test passes always or never. A correct model fails each p-value with
probability ``RARE``: the 24 of them (40 with the slow ones) with probability 0.02 (0.04).
"""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from building import episode, parameters
from numpy.typing import NDArray
from scipy import signal, sparse, stats
from test_conservation import lived
from uptake.engine.compiled import Chunk, run_chunk
from uptake.model import draws
from uptake.model.entities import CONSIDERING, DECLINED, FACTS, IDLE, NEVER, SERVED, SIGNED
from uptake.model.episode import FRESH, LASTING, REGION_ONLY, Episode
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


# What one trust does is nothing to another, and what is at stake draws no attention.
ALONE: dict[str, float] = {
    "peers_weight": 0.0, "peers_attention_weight": 0.0, "stakes_attention": 0.0,
}  # fmt: skip
AT_ONCE = {"attention_per_month": 1e3, "business_case_per_month": 1e6}  # at any slack


def value_at(gap: float, *, bundle: float = 0.0, fee: float = 0.0, x: float = 0.0) -> float:
    """Return the utility of joining of a suited trust that is ``ALIKE``, sees a gap, has no peers.

    Coded from docs/model.md for three years, middling parameters and quality 1 against 0.9 at home.
    """
    work = min(12.0 * gap / 0.5 / 12.0, 3.0)
    adds = (annuity(3.0) - annuity(work)) * 0.1 * 0.6 - 0.15 * gap
    doubt = 0.5 * 1.0 * (3.0 * 0.6 * 0.05) ** 2
    worth = annuity(3.0) * (bundle + 0.1 * x) + max(adds - doubt, 0.0)
    return 8.0 * (worth - fee / 1e6) - 0.8 * fee / 1e5 - 1.0 * x


@pytest.mark.parametrize("gap_analysis", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("pace", ["at once", "slow"])
def test_who_ever_joins_follows_from_its_taste(gap_analysis: float, pace: str) -> None:
    """Those for whom both ``V(0)`` and ``V(g gap_analysis)`` suffice, trust by trust.

    At once in month 1; and at any pace over ten years, however often the others look again.
    """
    gaps = np.linspace(0.0, 0.5, 200)
    levers = {"upfront_fee_gbp": 6e4, "share_replaced": 0.3, "gap_analysis": gap_analysis}
    made = episode_of(1 if pace == "at once" else 120, 200, {}, levers=levers, gap=gaps)
    rates = AT_ONCE if pace == "at once" else {"attention_per_month": 0.3}
    last = lived(made, parameters(**ALONE | rates)[0], 8, 0)[-1]
    tastes = [draws.uniform(8, draws.TASTE, 0, number, 0) for number in range(200)]
    first = logistic(value_at(0.0, fee=6e4, x=0.3))
    then = [logistic(value_at(gap * gap_analysis, fee=6e4, x=0.3)) for gap in gaps]
    joins = [w < min(first, second) for w, second in zip(tastes, then, strict=True)]
    refuses = [second <= w < first for w, second in zip(tastes, then, strict=True)]
    assert list(last.trusts["signed_month"] != NEVER) == joins
    assert np.all(np.isin(last.trusts["stage"][refuses], (DECLINED, CONSIDERING)))
    assert np.all(last.trusts["stage"][[w >= first for w in tastes]] == IDLE)
    assert last.centre[0]["looked"] == 200
    assert 40 < sum(joins) < 160
    assert sum(refuses) > (10 if gap_analysis > 0.0 else -1)


@pytest.mark.parametrize("taste", [LASTING, FRESH])
@pytest.mark.parametrize("gap", [0.0, 0.4])
def test_a_first_decision_has_the_logistic_odds(taste: int, gap: float) -> None:
    """Whether taste lasts or not; a probability that is off by 0.01 would be noticed.

    All look and decide in month 1, and a look and its case are of one taste.
    """
    made = episode_of(1, 50, {"taste": taste}, levers={"upfront_fee_gbp": 6e4}, gap=gap)
    joined = chunk_of(made, 5_000, seed=2, **ALONE, **AT_ONCE).outcomes["joined"]
    chance = logistic(value_at(gap, fee=6e4))
    assert p_value(np.bincount(joined, minlength=51), binomial(50, chance)) > RARE


@pytest.mark.parametrize("month", [5, 24])
@pytest.mark.parametrize("taste", [LASTING, FRESH])
@pytest.mark.parametrize("runs", [20_000, pytest.param(200_000, marks=FULL)])
def test_signatures_without_peers_are_binomial(month: int, taste: int, runs: int) -> None:
    """Two kinds of trusts each sign as often as their own chain of four stages says.

    The chain (no case, case under way, declined, signed) is solved by powers of its matrix. Where
    taste lasts, a part of the trusts never opens a case, a part declines for ever, and the others
    sign at their first case; where it is fresh, every look is a new chance. A probability of
    having signed that is off by 0.01 would be noticed.
    """
    levers = {"upfront_fee_gbp": 1e4, "bundle_share": 0.01, "pressure": 0.5, "misfit": 0.5}
    gaps, slacks, kind = np.array([0.0, 0.4]), np.array([1.0, 0.5]), np.arange(40) % 2
    known = {"kind": kind, "gap": gaps[kind], "slack": slacks[kind]}
    made = episode_of(month, 40, {"taste": taste}, levers=levers, **known)
    # Whoever has joined stays: the fee is sunk, and a member has no doubt and its own gap in view.
    chunk = chunk_of(made, runs, seed=1, **ALONE)
    for group, (gap, slack) in enumerate(zip(gaps, slacks, strict=True)):
        case, joins = (
            logistic(value_at(at, bundle=0.01, fee=1e4) - 0.7 * 0.5 * group) for at in (0.0, gap)
        )
        looks, decides = -np.expm1([-0.1 * math.exp(0.7 * 0.5), -slack * 0.5])
        if taste == LASTING:
            signed = joins * chain(looks, decides, 1.0, 1.0, month)
        else:
            signed = chain(looks, decides, case, joins / case, month)
        joined = chunk.by_kind[:, group, BREAKDOWN.index("joined")]
        assert p_value(np.bincount(joined, minlength=21), binomial(20, signed)) > RARE


def chain(looks: float, decides: float, case: float, joins: float, month: int) -> float:
    """Return the chance of having signed by a month, from a look on that may decide at once."""
    opens, ends = looks * case, decides * joins
    monthly: Any = [
        [1 - opens, opens * (1 - decides), opens * (decides - ends), opens * ends],
        [0, 1 - decides, decides - ends, ends],
        [0, opens * (1 - decides), 1 - opens + opens * (decides - ends), opens * ends],
        [0, 0, 0, 1],
    ]
    return float(np.linalg.matrix_power(monthly, month)[0, 3])


@cache
def multinomial(count: int, *chances: float) -> dict[tuple[int, ...], float]:
    """Return the law of how ``count`` trusts spread over these ends and a last one, the rest."""
    ends = [s for s in product(range(count + 1), repeat=len(chances)) if sum(s) <= count]
    every = [*chances, 1.0 - sum(chances)]
    law = stats.multinomial(count, every)
    return {s: float(law.pmf([*s, count - sum(s)])) for s in ends}


@cache
def exact_law(count: int, month: int, base: float, **by: float) -> NDArray[np.float64]:
    """Return the law of (joined, considering) of ``count`` equal trusts that see one another.

    The states are all ways to spread the trusts over no case, case and joined; in a month each
    splits multinomially, all at the share that has joined at its start. Nobody declines, as what
    was worth a case is worth the more, the more have joined.
    """
    states = [s for s in product(range(count + 1), repeat=3) if sum(s) == count]
    row = {state: i for i, state in enumerate(states)}
    entries: list[tuple[int, int, float]] = []
    decides = 1.0 - math.exp(-by["slack"] * by["kappa"])
    for (idle, busy, joined), start in row.items():
        share = joined / count
        looks = 1.0 - math.exp(-by["alpha"] * (1.0 + by["psi_a"] * share))
        opens = looks * logistic(base + by["psi"] * share)
        for (waits, signs), weight in multinomial(
            idle, opens * (1.0 - decides), opens * decides
        ).items():
            for done in range(busy + 1):
                to = (idle - waits - signs, busy - done + waits, joined + signs + done)
                entries.append((start, row[to], weight * binomial(busy, decides)[done]))
    starts, ends, weights = zip(*entries, strict=True)
    monthly = sparse.csr_array((weights, (ends, starts)), shape=(len(states), len(states)))
    chance = np.zeros(len(states))
    chance[row[count, 0, 0]] = 1.0
    for _ in range(month):
        chance = monthly @ chance
    law = np.zeros((count + 1, count + 1))
    for (_, busy, joined), weight in zip(states, chance, strict=True):
        law[joined, busy] += weight
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    return law


@pytest.mark.parametrize("month", [8, 24])
@pytest.mark.parametrize("regional", [False, True])
@pytest.mark.parametrize("runs", [100_000, pytest.param(1_000_000, marks=FULL)])
def test_twelve_trusts_follow_the_exact_chain(month: int, regional: bool, runs: int) -> None:
    """12 trusts that see one another, or 6 and 6 in two regions, of fresh taste: the exact law.

    All of the joint law of joined and considering is compared. The fee is as large as what is
    bundled in, so that members, for whom it is sunk, stay with 1 - 1e-15. Peers that counted for
    5 % less would be noticed after 24 months.
    """
    structure = {"peers": REGION_ONLY} if regional else {}
    worth = annuity(30.0) * 2.0
    levers = {"term_years": 30.0, "bundle_share": 1.0, "upfront_fee_gbp": 1e6 * (worth + 2.0) / 2.0}
    region = np.arange(12) % 2
    made = episode_of(
        month, 12, structure | {"taste": FRESH}, levers=levers, region=region, slack=0.7
    )
    changed = {"peers_weight": 2.5, "peers_attention_weight": 4.0, "stakes_attention": 0.0}
    changed |= {"value_weight": 2.0, "liquidity_weight": 0.0, "cashable_share": 0.0}
    rates = {"slack": 0.7, "alpha": 0.1, "kappa": 0.5, "psi": 2.5, "psi_a": 4.0}
    law = exact_law(6 if regional else 12, month, -2.0, **rates)
    law = signal.convolve2d(law, law) if regional else law
    observed = np.zeros(law.shape, np.int64)
    for part in range(runs // 100_000):
        chunk = chunk_of(made, 100_000, seed=10 + part, **changed)
        at = curve(chunk, "joined")[:, -1], curve(chunk, "considering")[:, -1]
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
    """With cases decided at once and an offer that nobody refuses, it is Bass's closed form.

    Innovation 0.03 and imitation 0.38 a year, ten years. The offer weighs 22 logits, and what is
    at stake draws no attention.
    """
    innovation, imitation = 0.03, 0.38
    behaviour = {
        "attention_per_month": innovation / 12.0, "peers_attention_weight": imitation / innovation,
        "business_case_per_month": 1e9, "stakes_attention": 0.0,
    }  # fmt: skip
    means = mean_curves(runs, 120, {"bundle_share": 1.0}, behaviour)
    faded = np.exp(-(innovation + imitation) * np.arange(121) / 12.0)
    exact = (1.0 - faded) / (1.0 + imitation / innovation * faded)
    assert_first_order(means[:, CURVES.index("joined")], exact, noise=0.008 / math.sqrt(runs))


@pytest.mark.parametrize("runs", [50, pytest.param(500, marks=FULL)])
def test_many_trusts_follow_the_mean_field_equation(runs: int) -> None:
    """With peers and tastes that last, curves follow the equation of the shares by taste and stage.

    Rates a month at slack 1. A trust of taste w opens a case, if it looks, once so many have joined
    that V(0) suffices for it, and joins, if its case ends, once V(g) does; the gap is 0.3.
    """
    behaviour = {
        "attention_per_month": 0.05, "business_case_per_month": 0.2, "stakes_attention": 0.0,
        "peers_attention_weight": 2.0, "peers_weight": 2.0, "value_weight": 6.0,
        "risk_aversion": 0.0,
    }  # fmt: skip
    gap, beta = 0.3, 6.0
    adds = [(annuity(3.0) - annuity(g / 0.5)) * 0.1 * 0.6 - 0.15 * g for g in (0.0, gap)]
    w = (np.arange(4_000) + 0.5) / 4_000

    def flow(shares: NDArray[np.float64]) -> NDArray[np.float64]:
        idle, case, declined, signed = shares
        share = signed.mean()
        opens, joins = (w < logistic(beta * add - 1.5 + 2.0 * share) for add in adds)
        looks = 0.05 * (1.0 + 2.0 * share) * opens
        new, ends = looks * (idle + declined), 0.2 * case
        no = ends * ~joins
        return np.array([-looks * idle, new - ends, no - looks * declined, ends * joins])

    shares, step, path = np.array([np.ones_like(w), *np.zeros((3, len(w)))]), 1.0 / 16.0, []
    for at in range(60 * 16 + 1):
        if at % 16 == 0:
            path.append(shares[1:].mean(axis=1))
        half = shares + 0.5 * step * flow(shares)
        shares = shares + step * flow(half)
    exact = np.array(path).T
    rows = [CURVES.index(name) for name in ("considering", "declined", "joined")]
    levers = {"legal_risk_per_year": 10.0}  # a challenge is certain, and weighs 1.5 logits
    means = mean_curves(runs, 60, levers, behaviour | {"caution": 1.5})
    assert_first_order(means[:, rows], exact, noise=0.0055 / math.sqrt(runs))


# Capacity, waves, work, deadlines, a cost that is shared: by the month.


def test_services_start_by_the_wave() -> None:
    """All have signed in month 1; by month t of a service that opens in month 6,

    ``floor(w t) - floor(w 5)`` are served, the lowest priorities first.
    """
    for waves in (0.01, 0.4, 1.0, 2.5, 7.0, 1e6):
        levers = {"mandate": 1.0, "waves_per_month": waves, "opens_month": 6.0}
        made = episode_of(30, 40, {}, levers=levers)
        states = lived(made, parameters()[0], 9, 0)
        lots = [draws.uniform(9, draws.PRIORITY, 0, number, 0) for number in range(40)]
        for month, state in enumerate(states):
            served = state.trusts["stage"] == SERVED
            due = math.floor(waves * month) - math.floor(waves * 5) if month > 5 else 0
            assert served.sum() == min(due, 40)
            assert set(np.flatnonzero(served)) == set(np.argsort(lots)[: served.sum()])
            assert month == 0 or np.all(np.isin(state.trusts["stage"], (SIGNED, SERVED)))


def test_one_body_starts_in_a_hundred_months_at_a_hundredth_a_month() -> None:
    """Waves of 0.01: one is served in month 100, the next in month 200."""
    made = episode_of(201, 5, {}, levers={"mandate": 1.0, "waves_per_month": 0.01})
    served = curve(chunk_of(made, 3, seed=4), "served")
    assert np.array_equal(served[0], np.arange(202) // 100)
    assert np.array_equal(served, np.tile(served[0], (3, 1)))


@pytest.mark.parametrize("first", [0.0, 1.0])
@pytest.mark.parametrize(
    ("pace", "lead", "funded", "capacity", "frameworks"),
    [(0.7, 0.0, 0.0, 1.0, 0.0), (0.7, 1.0, 0.0, 1.0, 0.0), (1.3, 1.0, 0.0, 0.5, 0.3),
     (0.7, 0.0, 1.0, 1.0, 0.0), (0.4, 0.5, 0.6, 0.8, 0.5)],
)  # fmt: skip
def test_work_takes_its_months(
    first: float, pace: float, lead: float, funded: float, capacity: float, frameworks: float
) -> None:
    """All sign in month 1 and begin in month 2; it takes ``n / a month's work`` months, rounded up.

    Who has to align first is served in the month in which it is aligned, the others in month 2.
    """
    gap, slack = (at.ravel() for at in np.meshgrid([0.0, 0.13, 0.5, 0.97], [0.05, 0.31, 0.99]))
    levers = {
        "mandate": 1.0, "alignment_first": first, "leadership": lead, "funded": funded,
        "capacity": capacity, "common_frameworks": frameworks, "migration_months": 9.0,
    }  # fmt: skip
    made = episode_of(240, 12, {}, levers=levers, gap=gap, slack=slack)
    mind = {"pace": pace, "believed_saving_share": 10.0}  # so that nobody finds it not worth it
    states = lived(made, parameters(**mind)[0], 3, 0)
    months = 9.0 * gap / 0.5 * (1.0 - frameworks)
    done = capacity * (pace + lead * max(1.0 - pace, 0.0)) * ((1.0 - funded) * slack / 0.5 + funded)
    expected = 2 + np.maximum(np.ceil(months / done - 1e-9), 1)  # a month at least
    aligned = np.array([state.trusts["aligned"] for state in states])
    served = np.array([state.trusts["stage"] == SERVED for state in states])
    ends = expected <= 240
    assert ends.sum() > 8
    assert np.array_equal(aligned.argmax(axis=0)[ends], expected[ends])
    assert not aligned[:, ~ends].any()
    starts = expected[ends] if first else np.full(ends.sum(), 2)
    assert np.array_equal(served.argmax(axis=0)[ends], starts)


@pytest.mark.parametrize("deadline", [0.1, 1.0, 4.5, 12.0])
def test_everyone_has_looked_by_the_deadline(deadline: float) -> None:
    """By month ceil(D) exactly, though nobody would look of itself; and every case has ended.

    Each month up to it is as likely as any other for a first look, where a look is let be.
    """
    last = math.ceil(deadline)
    levers = {"deadline_month": deadline, "legal_risk_per_year": 10.0}
    made = episode_of(last + 6, 60, {}, levers=levers)
    quiet = {"attention_per_month": 0.0, "caution": 1e3}  # nobody opens a case
    chunk = chunk_of(made, 500, seed=6, **quiet)
    looked = curve(chunk, "looked")
    assert np.all(looked[:, last:] == 60)
    if last > 1:
        assert looked[:, last - 1].mean() < 60
        assert stats.chisquare(np.diff(looked[:, : last + 1]).sum(axis=0)).pvalue > RARE
    assert chunk.outcomes["joined"].max() == 0
    keen = chunk_of(made, 50, seed=6, attention_per_month=0.0, caution=0.0)
    assert np.all(curve(keen, "considering")[:, last:] == 0)
    assert keen.outcomes["joined"].min() > 0


def test_a_deadline_without_a_sanction_changes_when_and_not_who() -> None:
    """Whoever would join in ten years has joined by it; of one gap, that a hurried body expects."""
    joined = []
    for deadline in (7.0, 1e6):
        made = episode_of(240, 60, {}, levers={"deadline_month": deadline}, gap=0.5)
        fast = {"attention_per_month": 0.2, "business_case_per_month": 0.5}
        chunk = chunk_of(made, 20, seed=7, **ALONE, **fast)
        joined.append(curve(chunk, "joined"))
    assert np.array_equal(joined[0][:, 7], joined[0][:, -1])
    assert np.array_equal(joined[0][:, -1], joined[1][:, -1])
    assert np.any(joined[0][:, 7] > joined[1][:, 7])


def test_a_cost_that_is_shared_unravels_body_by_body() -> None:
    """Five bodies of 1, 2, 3, 4 and 5m bear 9m a year; free to go from month 3 on, they look at it

    every month. Each pays ``9m / N`` a pound: 0.6 to begin with, and all pay 9m together. Who finds
    that too much goes, and the charge of the others rises by the share of who has gone.
    """
    spends = np.array([1e6, 2e6, 3e6, 4e6, 5e6])
    levers: Any = {
        "mandate": 1.0, "share_replaced": 1.0, "cost_shared": 1.0, "exit_freedom": 1.0,
        "autonomy": 1.0,
    }  # fmt: skip
    facts = episode_of(1, 5, {}, levers={}, spend_gbp=spends).facts
    made = episode(
        5, 12, 1, changes=[(3, {"mandate": 0.0})], facts=facts,
        offers=[{"running_cost_share": 0.0, "fixed_cost_gbp": 9e6, "quality": 0.9}],
        structure={"evidence_shared": 0.0}, **levers,
    )  # fmt: skip
    mind = ALONE | {"attention_per_month": 0.0, "business_case_per_month": 1e6}
    mind |= {"cashable_share": 0.0, "value_weight": 2.0, "failure_per_month": 0.0}
    one_by_one = 0
    for run in range(40):
        states = lived(made, parameters(**mind)[0], 11, run)
        tastes = np.array([draws.uniform(11, draws.TASTE, run, number, 0) for number in range(5)])
        stays, sizes = np.ones(5, bool), [5]
        for month in range(3, 13):  # served from month 2, so that each bears its part
            charge = 9e6 / spends[stays].sum() if stays.any() else math.inf
            stays = stays & (tastes < logistic(2.0 * annuity(3.0) * (1.0 - charge)))
            served = states[month].trusts["stage"] == SERVED
            assert np.array_equal(served, stays), (run, month)
            sizes.append(int(stays.sum()))
            side, before = states[month].providers[0], states[month - 1].providers[0]
            paid = side["charges_gbp"] - before["charges_gbp"]
            assert paid == pytest.approx(9e6 / 12.0 if stays.any() else 0.0)
        one_by_one += max(a - b for a, b in pairwise(sizes)) == 1 and sizes[-1] < 4
    assert one_by_one > 0


def test_the_order_of_the_rows_changes_nothing() -> None:
    """Shuffled rows that keep their numbers give the same runs to the bit, all mechanisms on."""
    levers: Any = {"upfront_fee_gbp": 5e4, "yearly_fee_gbp": 1e4, "exit_freedom": 0.5}
    levers |= {"share_replaced": 0.5, "discount_share": 0.1, "waves_per_month": 1.5}
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
