"""Calibration of this model: against itself, against what is known, against plain rejection.

Seeds are fixed. A correct engine fails a test with probability ``RARE`` at most, over all the
p-values of that test together (Bonferroni).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from building import MIDDLING, episode, parameters
from inferring import chains, p_of_mean, rank, reported, small_case
from numpy.typing import NDArray
from scipy import stats
from uptake.config.case import Case
from uptake.engine import executors
from uptake.engine.compiled import run_numbered
from uptake.inference.chain import Problem, Settings
from uptake.inference.likelihood import Effort, Floats, Integers, Simulated, Source
from uptake.inference.smc import run_chain, unit
from uptake.model._jit import Records
from uptake.model.parameters import free, from_prior, from_unit

RARE = 1e-3
DRAWS = 19  # from every posterior, so that a rank is one of 20
WRONG = 0.2  # chance that whether trusts declined is reported wrongly
NARROWED = 0.9  # how far from their middle draws lie that are a tenth too sure
SMALL = Settings(particles=150, tolerances=(5.0, 2.0, 0.0), effort=Effort(4, 300))


def quantities(
    free_case: Case, points: Records, few_interested: bool, few_declined: bool
) -> Floats:
    """Return what is ranked, shape (points, quantities): parameters, a what-if, and four more.

    The what-if is how many join without a fee, in one run of a fixed stream. The last four are
    parameters that are turned round where little was observed: they depend on the data, so that a
    posterior that learns nothing is found out (Modrak et al. 2023, "Simulation-based calibration
    checking for Bayesian computation: the choice of test quantities shapes sensitivity").
    """
    free_of_charge = run_numbered(free_case.episode, points, 5, np.full(len(points), 7)).outcomes
    turned = [
        sign * points[name]
        for sign, name in (
            (-1.0 if few_interested else 1.0, "attention_per_month"),
            (-1.0 if few_interested else 1.0, "reporting_probability"),
            (-1.0 if few_declined else 1.0, "attention_per_month"),
            (-1.0 if few_declined else 1.0, "business_case_per_month"),
        )
    ]
    own = [points[name] for name in free(free_case.priors)]
    return np.column_stack([*own, free_of_charge.joined, *turned])


def ranks_of(data_sets: int) -> NDArray[np.int64]:
    """Return the ranks of the true quantities among draws, shape (3, data sets, quantities).

    Among draws from the posterior, and among two kinds of wrong ones: the same draws, drawn
    together by ``NARROWED``, and draws from the prior.
    """
    case, free_case = small_case(20), small_case(20, "levers.upfront_fee_gbp=0")
    priors, names = case.priors, free(case.priors)
    truth = from_prior(priors, 77, 0, data_sets)
    seen = run_numbered(case.episode, truth, 88, np.arange(data_sets)).outcomes
    is_wrong = np.random.default_rng(99).random(data_sets) < WRONG
    declined = (seen.declined >= 2) ^ is_wrong

    def work(number: int) -> list[list[int]]:
        counts = {name: int(seen[name][number]) for name in ("joined", "interested")}
        source = reported(case, counts, bool(declined[number]), WRONG).source(
            number, 300, threads=1
        )
        problem = Problem(len(names), lambda cube: from_unit(priors, cube), (source,))
        points = run_chain(problem, SMALL, number).particles
        rng = np.random.default_rng([66, number])
        few = (counts["interested"] < 3, not declined[number])

        def ranked(normal: Floats) -> list[int]:
            both = np.concatenate([from_unit(priors, unit(normal)), truth[[number]]])
            among = quantities(free_case, both.view(np.recarray), *few)
            return [rank(rng, column[:-1], column[-1]) for column in among.T]

        distinct = np.unique(points.stream, return_index=True)[1]
        drawn = points.normal[rng.choice(distinct, DRAWS, replace=False)]
        middle = points.normal.mean(axis=0)
        right, narrow = ranked(drawn), ranked(middle + NARROWED * (drawn - middle))
        return [right, narrow, ranked(rng.standard_normal(drawn.shape))]

    with executors.threads(2) as run:
        return np.array([ranks for _, ranks in run(work, range(data_sets))]).swapaxes(0, 1)


def p_values_of(ranks: NDArray[np.int64]) -> list[float]:
    """Return the p-values of ranks being even, and of intervals holding the truth as they say.

    Of each quantity by itself; at last, that intervals of all parameters together are as wide as
    they should be.
    """
    p_values = []
    for column in ranks.T:
        p_values.append(stats.chisquare(np.bincount(column, minlength=DRAWS + 1)).pvalue)
        for outside, share in ((5, 0.5), (1, 0.9)):
            covered = (outside <= column) & (column <= DRAWS - outside)
            p_values.append(stats.binomtest(int(covered.sum()), len(ranks), share).pvalue)
    off = (ranks[:, :31] - 0.5 * DRAWS) ** 2
    return [*p_values, p_of_mean(off.mean(axis=1), ((DRAWS + 1) ** 2 - 1) / 12.0)]


@pytest.mark.slow
def test_posteriors_of_data_sets_from_the_prior_are_the_prior() -> None:
    """Truths rank uniformly among posterior draws, and intervals cover them as often as they say.

    Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari and Gelman 2018, "Validating
    Bayesian inference algorithms with simulation-based calibration") of all 31 parameters and one
    what-if. The same check finds out intervals that are a tenth too narrow, and a posterior that
    learnt nothing.
    """
    p_values = [min(p_values_of(ranks)) * (3 * 36 + 1) for ranks in ranks_of(600)]
    right, narrow, prior = p_values
    assert right > RARE
    assert max(narrow, prior) < RARE


LEARNT = {  # known values to be found again
    "attention_per_month": (0.04, 0.1),
    "business_case_per_month": (0.2, 0.5),
    "reporting_probability": (0.3, 0.8),
}
PLACES = 24  # each of four combinations of known values six times
COUNTS = ("joined", "interested", "considering")


def episode_seen(number: int, stream: int, truth: Records) -> Source:
    """Return one count of what became of 40 trusts of the known parameters in 8 or 16 months."""
    made, count = episode(40, 8 + 8 * (number % 2)), COUNTS[number // 2]

    def simulate(points: Records, numbers: Integers) -> Simulated:
        outcomes = run_numbered(made, points, 100 + number, numbers).outcomes
        return Simulated(outcomes[count][:, None], np.ones(len(numbers)))

    seen = run_numbered(made, truth, 200 + number, np.array([stream])).outcomes[count]
    return Source(f"episode {number}", simulate, seen)


@pytest.mark.slow
def test_known_parameters_are_found_again() -> None:
    """Six episodes of 40 trusts, a count each, tell three parameters, wherever they are known.

    As many intervals of 90 % hold the truth as should, and posteriors are narrower than the prior:
    less than half as wide for attention, less than 0.85 for the others.
    """
    priors = {
        name: replace(prior, value=None if name in LEARNT else MIDDLING[name])
        for name, prior in small_case(40).priors.items()
    }
    assert free(priors) == list(LEARNT)
    settings = Settings(particles=100, tolerances=(8.0, 4.0, 2.0, 1.0, 0.0), effort=Effort(4, 150))

    def work(place: int) -> Floats:
        first, second = place & 1, place >> 1 & 1
        which = (first, second, first ^ second)
        known = {n: LEARNT[n][high] for n, high in zip(LEARNT, which, strict=True)}
        truth = parameters(1, **known)
        sources = tuple(episode_seen(i, place, truth) for i in range(6))
        problem = Problem(3, lambda cube: from_unit(priors, cube), sources)
        normal = run_chain(problem, settings, place).particles.normal
        found = from_unit(priors, unit(normal))
        below = [(found[name] < value).mean() for name, value in known.items()]
        return np.array([below, normal.std(axis=0)])

    with executors.threads(2) as run:
        below, widths = np.array([found for _, found in run(work, range(PLACES))]).swapaxes(0, 1)
    covered = int(((below > 0.05) & (below < 0.95)).sum())
    assert stats.binomtest(covered, 3 * PLACES, 0.9).pvalue > RARE
    assert widths[:, 0].max() < 0.5
    assert widths.max() < 0.85


REJECTED, CHAINS = 2_000_000, 40  # runs, and how often the chain is repeated


def rejected(case: Case, counts: dict[str, int]) -> tuple[Floats, Floats]:
    """Return the points of those of many runs that met counts, and how likely the report then is.

    Points are normal numbers, shape (kept, parameters), drawn by numpy and turned into parameters
    by scipy's normal distribution; nothing is weighted, moved or stopped early.
    """
    size = 20_000

    def work(chunk: int) -> tuple[Floats, Floats]:
        normal = np.random.default_rng([55, chunk]).standard_normal((size, len(free(case.priors))))
        points = from_unit(case.priors, stats.norm.cdf(normal))
        outcomes = run_numbered(case.episode, points, 44, chunk * size + np.arange(size)).outcomes
        kept = np.all([outcomes[name] == count for name, count in counts.items()], axis=0)
        return normal[kept], np.where(outcomes.declined[kept] >= 2, 1.0 - WRONG, WRONG)

    with executors.threads(2) as run:
        parts = [part for _, part in run(work, range(REJECTED // size))]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def p_of_same(found: Floats, mean: Floats, error: Floats) -> Floats:
    """Return p-values of repeats, shape (repeats, ...), having a mean known with an error."""
    repeats = len(found)
    both = np.sqrt(found.var(axis=0, ddof=1) / repeats + error**2)
    return np.asarray(2.0 * stats.t.sf(np.abs(found.mean(axis=0) - mean) / both, repeats - 1))


@pytest.mark.slow
def test_plain_rejection_finds_the_same() -> None:
    """1 joined and 3 interested of 20: means, spreads, 5 and 95 % points, and the evidence.

    Of all 31 parameters, with a report that two or more declined. The chains' Monte Carlo error
    is that between them, plain rejection's that of its weighted draws.
    """
    case, counts = small_case(20), {"joined": 1, "interested": 3}
    plain, weights = rejected(case, counts)
    shares = weights / weights.sum()

    def averaged(values: Floats) -> tuple[Floats, Floats]:
        mean = shares @ values
        return mean, np.sqrt(shares**2 @ (values - mean) ** 2)

    order = np.argsort(plain, axis=0)
    ends = np.cumsum(shares[order], axis=0)
    edges = [
        np.take_along_axis(plain, order, axis=0)[(ends < q).sum(axis=0), np.arange(31)]
        for q in (0.05, 0.95)
    ]

    def features(normal: Floats) -> Floats:
        return np.concatenate([normal, normal**2, *(normal < edge for edge in edges)], axis=1)

    source = reported(case, counts, True, WRONG).source(1, 300, threads=1)
    problem = Problem(31, lambda cube: from_unit(case.priors, cube), (source,))
    settings = Settings(particles=200, tolerances=(3.0, 0.0), effort=Effort(2, 300))
    states = chains(problem, settings, range(CHAINS))
    found = np.array([features(state.particles.normal).mean(axis=0) for state in states])
    mean, error = averaged(features(plain))
    evidence = np.exp([state.stages[-1].log_marginal_likelihood for state in states])
    share, spread = weights.sum() / REJECTED, np.sqrt((weights**2).sum()) / REJECTED
    p_values = np.append(p_of_same(found, mean, error), p_of_same(evidence, share, spread))
    assert p_values.min() > RARE / len(p_values)
    apart = np.abs(found.mean(axis=0) - mean)
    assert apart[:31].max() < 0.2, "in units of the prior's standard deviation"
    assert np.abs(mean[:31]).max() > 0.35, "something is learnt"
