"""Draws nearer to where others point: of the right posterior, and of the right weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from inferring import binomials, p_of_mean, plain, uniforms
from scipy import stats
from uptake.inference.chain import Problem, Settings
from uptake.inference.diagnostics import Sample
from uptake.inference.likelihood import Effort, Floats, Integers, Simulated, Source
from uptake.inference.nearer import Narrower, together
from uptake.inference.smc import favoured, run_chain, unit
from uptake.inference.weights import effective

PRIOR = Narrower((0,), np.array([1.2]), np.array([0.4]))
MILD = Narrower((0,), np.array([0.2]), np.array([0.4]))
SETTINGS = Settings(particles=60, tolerances=(8.0, 3.0, 0.0), effort=Effort(4, 400))


def problem(seed: int) -> Problem:
    """Return that of 6 of 20 trials, of which the first column is the probability."""

    def simulate(points: Floats, numbers: Integers) -> Simulated:
        return plain(binomials(uniforms(numbers, seed, 0), 20, points[:, 0]) - 6)

    return Problem(2, lambda cube: cube, (Source("six", simulate, np.zeros(1)),))


def exact(prior: Narrower) -> tuple[float, float, float]:
    """Return mean and variance of the first coordinate under a narrower prior, and log evidence.

    By summing over a fine grid.
    """
    z = np.linspace(-8.0, 8.0, 40_001)
    weights = stats.norm.pdf(z, prior.mean[0], prior.sd[0]) * stats.binom.pmf(6, 20, unit(z))
    mean = float((weights * z).sum() / weights.sum())
    variance = float((weights * (z - mean) ** 2).sum() / weights.sum())
    return mean, variance, float(np.log(weights.sum() * (z[1] - z[0])))


def test_a_chain_goes_on_to_the_posterior_of_a_narrower_prior() -> None:
    """Means, variances and evidence of 60 chains are those of the sum; what is not touched stays.

    6 of 20 are -0.5, and it expects 0.2 with an sd of 0.4: one step is enough.
    """
    first = [run_chain(problem(seed), SETTINGS, seed) for seed in range(60)]
    states = [
        favoured(problem(seed), SETTINGS, seed, state, MILD.log_ratio)
        for seed, state in enumerate(first)
    ]
    evidence = np.array([state.stages[-1].log_marginal_likelihood for state in states])
    mean, variance, log_evidence = exact(MILD)
    points = np.array([state.particles.normal for state in states])
    ratio = np.exp(evidence - log_evidence)
    # A chain counts by its evidence, which is unbiased.
    assert p_of_mean(ratio, 1.0) > 1e-4
    assert p_of_mean(ratio * (points[:, :, 0].mean(axis=1) - mean), 0.0) > 1e-4
    spread = ((points[:, :, 0] - mean) ** 2).mean(axis=1) - variance
    assert p_of_mean(ratio * spread, 0.0) > 1e-4
    assert p_of_mean(ratio * points[:, :, 1].mean(axis=1), 0.0) > 1e-4
    assert ratio.std() < 1.0, "evidence is known well enough to find an error of a third"
    for before, after in zip(first, states, strict=True):
        assert after.next_stream > before.next_stream
        assert after.stages[:-1] == before.stages
        assert after.stages[-1].tempering == 1.0


def test_a_prior_that_is_far_off_is_reached_in_steps() -> None:
    """Each keeps half of the effective sample size; the evidence is that of the sum.

    Of particles under the first prior one in twenty counts. To weight them at once would err by
    more than the evidence itself.
    """
    settings = replace(SETTINGS, particles=200)
    ratios, means = [], []
    for seed in range(24):
        before = run_chain(problem(seed), settings, seed)
        after = favoured(problem(seed), settings, seed, before, PRIOR.log_ratio)
        steps = after.stages[len(before.stages) :]
        assert len(steps) >= 2
        assert [step.tempering for step in steps] == sorted({step.tempering for step in steps})
        assert steps[-1].tempering == 1.0
        assert all(step.ess >= 0.49 * 200 for step in steps)
        ratios.append(np.exp(steps[-1].log_marginal_likelihood - exact(PRIOR)[2]))
        means.append(ratios[-1] * (after.particles.normal[:, 0].mean() - exact(PRIOR)[0]))
    assert p_of_mean(ratios, 1.0) > 1e-4
    assert p_of_mean(means, 0.0) > 1e-4
    assert np.std(ratios) < 0.6


def posterior(rng: np.random.Generator, prior: Floats, sd: float, count: int) -> Sample:
    """Return draws for a normal prior (mean, sd) and a normal reading of 1.5 with an sd of 0.5."""
    precision = 1.0 / prior[1] ** 2 + 1.0 / sd**2
    mean = (prior[0] / prior[1] ** 2 + 1.5 / sd**2) / precision
    normal = rng.standard_normal((count, 3))
    normal[:, 0] = mean + normal[:, 0] / np.sqrt(precision)
    evidence = stats.norm.logpdf(1.5, prior[0], np.hypot(prior[1], sd))
    return Sample(normal, np.arange(count), np.zeros(count, int), np.array([evidence]))


def test_two_samples_together_are_one_of_the_first_posterior() -> None:
    """Means, squares and the likelihood under other priors are those of the normal distribution.

    As if 400 pairs of samples had been drawn; where the second lies, more draws count.
    """
    rng, found, gains = np.random.default_rng(1), [], []
    mean, variance = 1.5 / 0.25 / 5.0, 0.2  # of the reading, under N(0, 1)
    there = Narrower((0,), np.array([2.0]), np.array([0.3]))  # a population that is asked about
    for _ in range(400):
        first = posterior(rng, np.array([0.0, 1.0]), 0.5, 100)
        second = posterior(rng, np.array([1.2, 0.4]), 0.5, 100)
        weights = together(first, second, PRIOR)
        normal = np.concatenate([first.normal, second.normal])
        assert weights.sum() == pytest.approx(1.0)
        assert weights.max() <= 1.3 / 100  # 1 / 100, over the sum of all
        ratio = np.exp(there.log_ratio(normal))
        found.append([weights @ normal[:, 0], weights @ normal[:, 0] ** 2, weights @ ratio])
        alone = np.exp(there.log_ratio(first.normal))
        with np.errstate(divide="ignore"):
            gains.append(effective(np.log(weights * ratio)) / effective(np.log(alone)))
    # The evidence under another prior over that under the first: a normal density each.
    known = stats.norm.pdf(1.5, 2.0, np.hypot(0.3, 0.5)) / stats.norm.pdf(
        1.5, 0.0, np.hypot(1, 0.5)
    )
    for column, expected in enumerate((mean, variance + mean**2, known)):
        values = np.array(found)[:, column]
        # ratios of weights are right as draws grow in number: an error of one in a hundred
        assert values.mean() == pytest.approx(expected, abs=0.01 * expected + 4 * values.std() / 20)
    assert np.median(gains) > 1.5


def test_other_coordinates_do_not_matter() -> None:
    """The ratio of the priors is that of the coordinates that are narrower, and integrates to 1."""
    rng = np.random.default_rng(3)
    points = rng.standard_normal((200_000, 3))
    ratio = np.exp(Narrower((2, 0), np.array([0.5, -0.2]), np.array([0.8, 0.6])).log_ratio(points))
    assert ratio.mean() == pytest.approx(1.0, abs=5 * ratio.std() / np.sqrt(len(ratio)))
    assert (ratio * points[:, 2]).mean() == pytest.approx(0.5, abs=0.02)
    assert (ratio * points[:, 0]).mean() == pytest.approx(-0.2, abs=0.02)
    assert (ratio * points[:, 1]).mean() == pytest.approx(0.0, abs=0.02)
