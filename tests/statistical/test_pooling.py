"""Pooling against answers that are known without it, and against planted faults.

A history whose observations are Gaussian has a Gaussian posterior under the prior, from which it is
drawn exactly; and the posterior of (m_j, t_j) is that of each coordinate by itself, worked out on a
grid. Pools are repeated with draws and seeds of their own, so that their Monte Carlo error is
seen: a p-value is that of the repeats having the known mean (Student's t). A correct pool fails a
test with probability ``RARE`` at most, over all p-values of that test together (Bonferroni); a
planted fault must fail it. Bounds beside them say how small an error is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pytest
from inferring import p_of_mean, rank
from scipy import special, stats
from uptake.engine import executors
from uptake.inference.diagnostics import Sample
from uptake.inference.likelihood import Floats
from uptake.inference.nearer import Narrower, together
from uptake.inference.pooling import Pool, pool
from uptake.inference.population import FLOOR, History, Hyperprior
from uptake.inference.weights import pareto_k, pareto_shape

RARE = 1e-3
SHARES = (0.05, 0.5, 0.95)


class Means(Hyperprior):
    """Planted fault: means are N(0, 1), whatever the spread."""

    def at(self, normal: Floats) -> tuple[Floats, Floats]:
        _, t = super().at(normal)
        return normal[:, : t.shape[1]], t


class Roots(Hyperprior):
    """Planted fault: t is taken for the variance. Such a pool calls t what is t^2 here."""

    def at(self, normal: Floats) -> tuple[Floats, Floats]:
        m, t = super().at(normal)
        return m, np.sqrt(t)


class Gaussian(NamedTuple):
    """Observations of the pooled coordinates, the first ones, and their errors' sd."""

    seen: Floats  # (histories, J)
    sd: Floats  # (histories, J)

    def without(self, place: int) -> Gaussian:
        return Gaussian(np.delete(self.seen, place, axis=0), np.delete(self.sd, place, axis=0))


def data(rng: np.random.Generator, count: int, spread: float, coordinates: int) -> Gaussian:
    """Return weak observations of schemes that are so different; most errors exceed the prior."""
    mean = np.sqrt(1.0 - spread**2) * rng.standard_normal(coordinates)
    truth = mean + spread * rng.standard_normal((count, coordinates))
    sd = rng.uniform(0.8, 3.0, truth.shape)
    return Gaussian(truth + sd * rng.standard_normal(truth.shape), sd)


def fitted(
    given: Gaussian,
    rng: np.random.Generator,
    draws: int = 2000,
    dimensions: int = 30,
    proposals: Sequence[tuple[Floats, Floats]] | None = None,
) -> list[History]:
    """Return exact draws of each history, fitted by itself; with proposals, as many nearer."""
    histories, J = [], given.seen.shape[1]

    def sample(place: int, mean: Floats, sd: Floats) -> Sample:
        seen, error = given.seen[place], given.sd[place]
        precision = 1.0 / sd**2 + 1.0 / error**2
        normal = rng.standard_normal((draws, dimensions))
        middle = (mean / sd**2 + seen / error**2) / precision
        normal[:, :J] = middle + normal[:, :J] / np.sqrt(precision)
        evidence = stats.norm.logpdf(seen, mean, np.hypot(sd, error)).sum()
        return Sample(normal, np.arange(draws), np.zeros(draws, int), np.array([evidence]))

    for place in range(len(given.seen)):
        first = sample(place, np.zeros(J), np.ones(J))
        normal, weights = first.normal, first.weights
        if proposals:
            prior = Narrower(tuple(range(J)), *proposals[place])
            second = sample(place, prior.mean, prior.sd)
            normal = np.concatenate([normal, second.normal])
            weights = together(first, second, prior)
        histories.append(History(f"history {place}", normal, weights))
    return histories


def undivided(history: History) -> History:
    """Return a history for the planted fault that the new prior is not divided by the old one."""
    weights = history.weights * stats.norm.pdf(history.normal[:, :1]).prod(axis=1)
    return History(history.name, history.normal, weights / weights.sum())


class Grid(NamedTuple):
    """The posterior of the mean and spread of a coordinate, on a grid; weights add up to 1."""

    m: Floats
    t: Floats
    weights: Floats

    @classmethod
    def of(cls, seen: Floats, sd: Floats, fine: int = 200) -> Grid:
        square, at = np.meshgrid(
            FLOOR**2 + (1.0 - FLOOR**2) * (np.arange(fine) + 0.5) / fine,
            np.linspace(-6.0, 6.0, fine),
            indexing="ij",
        )
        m, t = (np.sqrt(1.0 - square) * at).ravel(), np.sqrt(square).ravel()
        logs = stats.norm.logpdf(at.ravel())
        for one, error in zip(seen, sd, strict=True):
            logs = logs + stats.norm.logpdf(one, m, np.sqrt(t**2 + error**2))
        weights = np.exp(logs - logs.max())
        return cls(m, t, weights / weights.sum())


def exact(given: Gaussian, fine: int = 200) -> list[Grid]:
    return [Grid.of(*both, fine) for both in zip(given.seen.T, given.sd.T, strict=True)]


class Known(NamedTuple):
    """A distribution on a grid: mean, sd, its 5, 50 and 95 % points, and the shares below these."""

    mean: float
    sd: float
    edges: Floats
    shares: Floats

    @classmethod
    def of(cls, values: Floats, weights: Floats) -> Known:
        mean, order = weights @ values, np.argsort(values)
        places = np.searchsorted(np.cumsum(weights[order]), SHARES)
        edges = values[order][places]
        shares = [weights @ (0.5 * (values < e) + 0.5 * (values <= e)) for e in edges]
        sd = np.sqrt(weights @ (values - mean) ** 2)
        return cls(float(mean), float(sd), edges, np.array(shares))

    def off(self, values: Floats, weights: Floats) -> Floats:
        """Return by how much draws are off: mean and sd, in units of the sd, and shares."""
        mean = weights @ values
        sd = np.sqrt(weights @ (values - mean) ** 2)
        below = np.array([weights @ (values <= edge) for edge in self.edges])
        return np.array([(mean - self.mean) / self.sd, sd / self.sd - 1.0, *(below - self.shares)])


def known(given: Gaussian) -> list[tuple[Known, Known]]:
    """Return m and t of each coordinate as they are."""
    grids = exact(given)
    return [(Known.of(one.m, one.weights), Known.of(one.t, one.weights)) for one in grids]


def off(found: Pool, truth: Sequence[tuple[Known, Known]], power: int = 1) -> Floats:
    """Return by how much a pool is off, shape (J, 2, 5): m_j, and t_j to a power."""
    columns = zip(found.m.T, found.t.T**power, truth, strict=True)
    return np.array(
        [[m.off(a, found.weights), t.off(b, found.weights)] for a, b, (m, t) in columns]
    )


def repeated(work: Callable[[int], Floats], repeats: int) -> Floats:
    with executors.threads(2) as run:
        return np.array([found for _, found in run(work, range(repeats))])


def least_p(found: Floats) -> float:
    """Return the least p-value of repeats having no error, times how many there are."""
    columns = found.reshape(len(found), -1).T
    return min(p_of_mean(column, 0.0) for column in columns) * len(columns)


def test_the_shape_of_a_pareto_tail_is_found() -> None:
    """Of 500 numbers, over 200 samples: within 0.02 of the shape; so good an estimate as can be.

    The asymptotic sd of the best estimate is (1 + k) / sqrt(n).
    """
    for shape in (-0.2, 0.1, 0.5, 0.9):
        rng = np.random.default_rng(3)
        samples = np.sort(stats.genpareto.rvs(shape, size=(200, 500), random_state=rng))
        found = np.array([pareto_shape(sample) for sample in samples])
        assert found.mean() == pytest.approx(shape, abs=0.02)
        assert found.std() == pytest.approx((1.0 + shape) / np.sqrt(500), rel=0.25)
        assert pareto_shape(7.0 * samples[0]) == pytest.approx(found[0]), "in any unit"


def test_k_of_weights_is_that_of_their_tail() -> None:
    """Weights exp((r - 1) x), x exponential at rate r, have k = (r - 1) / r: from 0.25 to 0.8.

    k is drawn to 0.5 by ten numbers: of 20,000 weights 425 are fitted.
    """
    rng = np.random.default_rng(4)
    for rate in (4.0 / 3.0, 2.0, 5.0):
        logs = (rate - 1.0) * rng.exponential(1.0 / rate, (100, 20_000))
        drawn = (425 * (rate - 1.0) / rate + 5.0) / 435
        assert np.mean([pareto_k(one) for one in logs]) == pytest.approx(drawn, abs=0.02)
    assert pareto_k(np.zeros(1000)) == 0.0
    assert pareto_k(np.append(np.full(997, -np.inf), [0.0, 1.0, 2.0])) == np.inf


POINTS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])  # Rubin 1981, effects of coaching in 8 schools
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
SCHOOLS = Gaussian(POINTS[:, None] / 20.0, ERRORS[:, None] / 20.0)  # a prior sd of 20 points


def schools(
    repeats: int,
    hyperprior: Hyperprior,
    power: int = 1,
    changed: Callable[[History], History] = lambda history: history,
) -> Floats:
    """Return by how much pools of the schools are off, and the effect of the first one."""
    (grid,), truth = exact(SCHOOLS), known(SCHOOLS)
    precision = 1.0 / grid.t**2 + 1.0 / SCHOOLS.sd[0] ** 2
    own = (grid.m / grid.t**2 + SCHOOLS.seen[0] / SCHOOLS.sd[0] ** 2) / precision
    effect = grid.weights @ own

    def work(number: int) -> Floats:
        rng = np.random.default_rng([10, number])
        histories = [changed(one) for one in fitted(SCHOOLS, rng, 1000, 3)]
        found = pool(histories, ["effect"], [0], number, 200, 1, hyperprior)
        first = found.fits[0].weights @ histories[0].normal[:, 0]
        return np.append(off(found, truth, power), first - effect)

    return repeated(work, repeats)


def check_schools(repeats: int) -> Floats:
    found = schools(repeats, Hyperprior())
    assert least_p(found) > RARE
    assert least_p(schools(repeats, Hyperprior(), changed=undivided)) < RARE
    assert least_p(schools(repeats, Roots(), power=2)) < RARE
    return found


def test_eight_schools() -> None:
    """Mean and spread of all schools, and the first one's effect shrunk towards the others."""
    found = check_schools(12)
    assert np.abs(found.mean(axis=0)).max() < 0.1


WEAK = (0.0, 0.2, 0.8)


def weak(spread: float, repeats: int, coordinates: int = 4) -> Floats:
    """Return by how much pools of 16 weak histories in 30 dimensions are off."""
    given = data(np.random.default_rng([20, round(10 * spread)]), 16, spread, coordinates)
    truth, names = known(given), [f"c{j}" for j in range(coordinates)]

    def work(number: int) -> Floats:
        histories = fitted(given, np.random.default_rng([21, number]))
        return off(pool(histories, names, range(coordinates), number, 300, 1), truth)

    return repeated(work, repeats)


@pytest.mark.parametrize("spread", WEAK)
def test_weak_histories_in_thirty_dimensions(spread: float) -> None:
    """16 of them, 4 coordinates pooled: the product of grids; no fault of 0.1 sd in a mean."""
    found = weak(spread, 4)
    assert least_p(found) > RARE
    assert np.abs(found.mean(axis=(0, 1))).max() < 0.12


def crps(values: Floats, seen: float) -> float:
    """Return the continuous ranked probability score of draws."""
    ordered, count = np.sort(values), len(values)
    between = 2.0 * ((2.0 * np.arange(1, count + 1) - count - 1) @ ordered) / count**2
    return float(np.abs(ordered - seen).mean() - 0.5 * between)


def predicted(grid: Grid, sd: float, seen: float) -> Floats:
    """Return mean, sd and CRPS of an observation of a new scheme, without draws."""
    mean = grid.weights @ grid.m
    both = grid.t**2 + sd**2
    deviation = np.sqrt(grid.weights @ (both + (grid.m - mean) ** 2))
    x = np.linspace(mean - 9 * deviation, mean + 9 * deviation, 601)
    kept = grid.weights > 1e-8
    m, wide, weights = grid.m[kept], np.sqrt(both[kept]), grid.weights[kept]
    below = np.array([weights @ special.ndtr((at - m) / wide) for at in x])
    score = np.sum((below - (x >= seen)) ** 2) * (x[1] - x[0])
    return np.array([mean, deviation, score])


def left_out(repeats: int) -> tuple[Floats, Floats, Floats]:
    """Return by how much predictions are off, without and with the history's own data; and k.

    8 histories, 3 coordinates; one is far from the others and known well.
    """
    given = data(np.random.default_rng(30), 8, 0.3, 3)
    given.seen[:] -= given.seen.mean(axis=0)
    given.seen[0], given.sd[0] = (2.5, -2.5, 2.5), 0.3
    truth = np.array(
        [
            [
                predicted(grid, given.sd[h, j], given.seen[h, j])
                for j, grid in enumerate(exact(given.without(h), 60))
            ]
            for h in range(8)
        ]
    )

    def work(number: int) -> Floats:
        rng = np.random.default_rng([31, number])
        found = pool(fitted(given, rng, 2000, 4), ["a", "b", "c"], range(3), number, 300, 1)
        sides = []
        for h, history in enumerate(found.histories):
            without = found.left_out(history.name)
            for one in (without, found):
                new = one.new(rng, 10_000)[:, :3] + given.sd[h] * rng.standard_normal((10_000, 3))
                numbers = [
                    (x.mean(), x.std(), crps(x, seen))
                    for x, seen in zip(new.T, given.seen[h], strict=True)
                ]
                sides.append([*(np.array(numbers) - truth[h]).ravel(), without.k])
        return np.array(sides).reshape(8, 2, 10)

    found = repeated(work, repeats)
    return found[:, :, 0, :9], found[:, :, 1, :9], found[:, :, 0, 9]


def check_left_out(repeats: int) -> Floats:
    without, with_own, k = left_out(repeats)
    assert least_p(without) > RARE
    assert least_p(with_own) < RARE, "a history that is not left out is found out"
    assert k.max() <= 0.5
    assert (k[:, 0] == 0.0).any(), "without the one that is far off, a pool is made anew"
    assert (k[:, 1:] != 0.0).mean() > 0.7, "the others are left out by weights"
    return without


def test_predictions_without_a_history_are_exact() -> None:
    """Mean, sd and CRPS of 24 observations: no error of 0.1 is left unseen."""
    assert np.abs(check_left_out(6).mean(axis=0)).max() < 0.08


def test_a_history_gets_draws_nearer_to_where_the_others_are() -> None:
    """Six coordinates, alike schemes: draws under the prior fail, and say so; with others not."""
    given = data(np.random.default_rng([5, 2]), 16, 0.2, 6)
    rng, names = np.random.default_rng(40), [f"c{j}" for j in range(6)]
    first = pool(fitted(given, rng), names, range(6), 1, 300, 1)
    assert len(first.out_of_reach) > 8
    assert first.error.max() > 0.2
    proposals = [first.proposal(history.name) for history in first.histories]
    again = pool(fitted(given, rng, proposals=proposals), names, range(6), 2, 300, 2)
    assert again.out_of_reach == ()
    assert again.error.max() < 0.15
    assert (again.r_hat < 1.02).all()
    assert again.ess > 150
    errors = off(again, known(given))
    assert np.abs(errors[:, :, 0]).max() < 0.4
    assert np.abs(errors[:, :, 0]).mean() < 0.12


def ranks_of(
    data_sets: int,
    hyperprior: Hyperprior,
    power: int = 1,
    changed: Callable[[History], History] = lambda history: history,
    size: int = 12,
) -> Floats:
    """Return ranks, among 19 draws, of true means, spreads and a new scheme's coordinates.

    Each of so many histories counts 15 units, of which a share follows from the first and third
    coordinate by a logit, and reads the second one through tanh; it is fitted by weighting 1,000
    draws from the prior.
    """

    def work(number: int) -> Floats:
        rng = np.random.default_rng([50, number])
        m, t = Hyperprior().at(rng.standard_normal((1, 4)))
        schemes = rng.standard_normal((size + 1, 3))
        schemes[:, :2] = m + t * schemes[:, :2]
        counts = rng.binomial(15, special.expit(schemes[:size, 0] + schemes[:size, 2]))
        read = np.tanh(schemes[:size, 1]) + 0.4 * rng.standard_normal(size)
        histories = []
        for count, seen in zip(counts, read, strict=True):
            normal = rng.standard_normal((1000, 3))
            share = special.expit(normal[:, 0] + normal[:, 2])
            weights = stats.binom.pmf(count, 15, share)
            weights *= np.exp(-0.5 * ((np.tanh(normal[:, 1]) - seen) / 0.4) ** 2)
            histories.append(changed(History(str(count), normal, weights / weights.sum())))
        found = pool(histories, ["a", "b"], [0, 1], number, 120, 1, hyperprior)
        at = rng.choice(np.unique(found.sample.stream, return_index=True)[1], 19, replace=False)
        drawn = np.column_stack([found.m, found.t**power])[at]
        among = np.column_stack([drawn, found.new(rng, 19)[:, :2]])
        truth = np.concatenate([m[0], t[0], schemes[size, :2]])
        return np.array([rank(rng, a, of) for a, of in zip(among.T, truth, strict=True)])

    return repeated(work, data_sets)


def p_of_uniform(ranks: Floats) -> float:
    """Return the least p-value of ranks being uniform on 0 to 19, times how many there are.

    By chi-square, by their mean, and by their variance.
    """
    bins = 20 if len(ranks) >= 300 else 5
    p_values = []
    for column in ranks.T:
        counts = np.bincount(column.astype(int) * bins // 20, minlength=bins)
        apart = column - 9.5
        p_values.append(float(stats.chisquare(counts).pvalue))
        p_values += [p_of_mean(apart, 0.0), p_of_mean(apart**2, 33.25)]
    return min(p_values) * len(p_values)


def test_true_populations_rank_uniformly() -> None:
    """Simulation-based calibration on 60 data sets from the hyperprior."""
    assert p_of_uniform(ranks_of(60, Hyperprior())) > RARE


def one_history(hyperprior: Hyperprior) -> Floats:
    """Return by how much the means of m_j are off, and the distribution of t_j^2."""
    given = Gaussian(np.array([[1.5, 0.5]]), np.array([[0.6, 1.0]]))
    own = given.seen / (1.0 + given.sd**2)

    def work(number: int) -> Floats:
        histories = fitted(given, np.random.default_rng([60, number]), 4000, 3)
        found = pool(histories, ["a", "b"], [0, 1], number, 500, 1, hyperprior)
        square = found.t**2
        means = found.weights @ found.m - (0.5 - 0.5 * FLOOR**2) * own[0]
        spreads = [
            found.weights @ (square <= FLOOR**2 + (1 - FLOOR**2) * share) - share
            for share in SHARES
        ]
        return np.concatenate([means, *spreads])

    return repeated(work, 8)


def test_one_history_says_nothing_of_the_spread() -> None:
    """Whatever it saw: a new scheme is N(0, 1) for each spread. Of the mean it says (1 - t^2) z."""
    found = one_history(Hyperprior())
    assert least_p(found) > RARE
    assert np.abs(found.mean(axis=0)).max() < 0.05
    assert least_p(one_history(Means())) < RARE


def test_without_pooling_nothing_changes() -> None:
    """At t = 1 weights stay what they were, to rounding, and a new scheme is the prior."""
    given, rng = data(np.random.default_rng(70), 3, 0.5, 2), np.random.default_rng(71)
    histories = fitted(given, rng, 500, 5)
    weights = rng.dirichlet(np.ones(500), 3)
    histories = [
        History(one.name, one.normal, w) for one, w in zip(histories, weights, strict=True)
    ]
    found = pool(histories, ["a", "b"], [1, 3], 1, 50, 2, Hyperprior(floor=1.0))
    for history, fit in zip(histories, found.fits, strict=True):
        assert fit.weights == pytest.approx(history.weights, rel=1e-12)
        assert fit.ess == pytest.approx(1.0 / (history.weights**2).sum())
    assert (found.m == 0.0).all()
    assert (found.t == 1.0).all()
    assert stats.kstest(found.new(rng, 1000).ravel(), "norm").pvalue > RARE


def test_copies_count_once_and_a_seed_gives_the_same() -> None:
    """Each draw twice at half its weight: the same pool, the same effective sample size."""
    given = data(np.random.default_rng(80), 4, 0.5, 2)
    once = fitted(given, np.random.default_rng(81), 500, 3)
    twice = [
        History(one.name, np.tile(one.normal, (2, 1)), np.tile(one.weights / 2.0, 2))
        for one in once
    ]
    asked = (["a", "b"], [0, 1], 7, 100, 2)
    first, again, doubled = (pool(histories, *asked) for histories in (once, once, twice))
    assert first.m.tobytes() + first.t.tobytes() == again.m.tobytes() + again.t.tobytes()
    assert doubled.m == pytest.approx(first.m, rel=1e-6)
    for one, other in zip(first.fits, doubled.fits, strict=True):
        assert other.ess_median == pytest.approx(one.ess_median, rel=1e-6)
        assert other.k_median == pytest.approx(one.k_median, rel=1e-6)


@pytest.mark.slow
def test_eight_schools_at_full_size() -> None:
    """No error of 0.03 sd in a mean."""
    assert np.abs(check_schools(40).mean(axis=0)).max() < 0.04
    assert least_p(schools(40, Means())) < RARE


@pytest.mark.slow
@pytest.mark.parametrize("spread", WEAK)
def test_weak_histories_at_full_size(spread: float) -> None:
    """No error of 0.05 sd in a mean, over the coordinates."""
    found = weak(spread, 20)
    assert least_p(found) > RARE
    assert np.abs(found.mean(axis=(0, 1))).max() < 0.06


@pytest.mark.slow
def test_predictions_at_full_size() -> None:
    """No error of 0.03."""
    assert np.abs(check_left_out(16).mean(axis=0)).max() < 0.04


@pytest.mark.slow
def test_true_populations_rank_uniformly_at_full_size() -> None:
    """600 data sets of 12 histories, and of two; and each of the planted faults is found out.

    That means are N(0, 1) hardly matters to 12 histories: it takes the two.
    """
    assert p_of_uniform(ranks_of(600, Hyperprior())) > RARE
    assert p_of_uniform(ranks_of(600, Hyperprior(), size=2)) > RARE
    assert p_of_uniform(ranks_of(1200, Means(), size=2)) < RARE
    assert p_of_uniform(ranks_of(300, Hyperprior(), changed=undivided)) < RARE
    assert p_of_uniform(ranks_of(600, Roots(), power=2)) < RARE
