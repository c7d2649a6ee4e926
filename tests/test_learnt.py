"""What was learnt, against samples of known laws and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from uptake.inference.diagnostics import ParameterUpdate, Sample, correlations, directions, updates
from uptake.inference.likelihood import Floats

NAMES = [f"p{i}" for i in range(31)]


def sample_of(
    normal: Floats, chains: int = 1, log_likelihoods: list[float] | None = None
) -> Sample:
    """Return draws that all differ, an equal number from each chain, the first chain first."""
    each = len(normal) // chains
    return Sample(
        np.asarray(normal, np.float64),
        np.tile(np.arange(each), chains),
        np.repeat(np.arange(chains), each),
        np.array(log_likelihoods or [0.0] * chains),
    )


def noise(seed: int, draws: int, dimensions: int) -> Floats:
    """Return draws from the prior."""
    return np.random.default_rng(seed).standard_normal((draws, dimensions))


def test_bits_are_those_worked_out_by_hand() -> None:
    """(1/4 + ln 4) / (2 ln 2) = 1.1803 bits for mean 1, variance 1/4; 4 / (2 ln 2) for mean -2.

    Four draws a distance d from their mean have the variance 4 d^2 / 3.
    """
    d = np.sqrt(3.0) / 4.0
    one = 1.0 + np.array([-d, d, -d, d])
    other = -2.0 + 2.0 * np.array([-d, -d, d, d])
    most, least = updates(sample_of(np.column_stack([one, other])), ["one", "other"])
    assert (most.name, least.name) == ("other", "one")
    assert [most.shift, most.sd_ratio, most.bits] == pytest.approx([-2.0, 1.0, 2.8853900817779268])
    assert [least.shift, least.sd_ratio, least.bits] == pytest.approx(
        [1.0, 0.5, 1.1803368801111204]
    )


def test_updates_are_those_of_the_law_that_was_drawn_from() -> None:
    """Within 5 standard errors at 40,000 draws; the most is told first, nothing learnt is last."""
    laws = {"as_before": (0.0, 1.0), "closer": (0.0, 0.3), "moved": (2.0, 0.8), "wider": (0.5, 1.3)}
    means, sds = np.array(list(laws.values())).T
    draws = 40_000
    told = updates(sample_of(means + sds * noise(1, draws, 4)), list(laws))
    assert [update.name for update in told] == ["moved", "closer", "wider", "as_before"]
    for update in told:
        mean, sd = laws[update.name]
        bits = (sd**2 + mean**2 - 1.0 - 2.0 * np.log(sd)) / (2.0 * np.log(2.0))
        assert abs(update.shift - mean) < 5.0 * sd / np.sqrt(draws)
        assert abs(update.sd_ratio - sd) < 5.0 * sd / np.sqrt(2.0 * draws)
        assert update.bits == pytest.approx(bits, abs=0.04)
    assert told[-1].bits < 1e-3


def test_updates_count_draws_by_the_marginal_likelihood_of_their_chain() -> None:
    """A chain with 9 times the marginal likelihood counts 9 times, however its draws lie."""
    normal = np.array([[0.0], [1.0], [10.0], [11.0]])
    (update,) = updates(sample_of(normal, 2, [0.0, np.log(9.0)]), ["x"])
    assert update.shift == pytest.approx(0.1 * 0.5 + 0.9 * 10.5)
    assert isinstance(update, ParameterUpdate)


def test_correlations_have_their_sign_and_the_closest_comes_first() -> None:
    """0.5 and -0.8 are found within 5 standard errors; what is weaker than asked is left out."""
    x = noise(2, 20_000, 4)
    normal = np.column_stack(
        [x[:, 0], 0.5 * x[:, 0] + np.sqrt(0.75) * x[:, 1], x[:, 2], 0.6 * x[:, 3] - 0.8 * x[:, 2]]
    )
    # Neither the scale nor the place of a parameter matters.
    told = correlations(sample_of(3.0 + normal * [1.0, 0.2, 5.0, 1.0]), list("abcd"), 0.3)
    assert [{one, other} for one, other, _ in told] == [{"c", "d"}, {"a", "b"}]
    assert [r for _, _, r in told] == pytest.approx([-0.8, 0.5], abs=5.0 / np.sqrt(20_000))
    assert len(correlations(sample_of(normal), list("abcd"), 0.6)) == 1
    assert len(correlations(sample_of(normal), list("abcd"), 0.0)) == 6


def test_noise_alone_makes_hardly_a_direction() -> None:
    """The smallest eigenvalue of noise is beyond the edge of Marchenko and Pastur in one of six.

    So Tracy and Widom have it: 0.17. Among 200 samples the share is within 5 standard errors of
    that under 0.31. Taken for worth three tenths less than they are, none of them tells anything.
    """
    samples = [sample_of(noise(seed, 500, 31)) for seed in range(200)]
    assert np.mean([directions(sample, NAMES, 500.0) != [] for sample in samples]) < 0.31
    assert all(directions(sample, NAMES, 350.0) == [] for sample in samples)


def test_copies_make_no_direction() -> None:
    """100 draws, five copies each, are worth 100 and show nothing; taken for 500 they would."""
    sample = sample_of(np.repeat(noise(3, 100, 31), 5, axis=0))
    assert directions(sample, NAMES, 80.0) == []
    assert len(directions(sample, NAMES, 500.0)) > 5


def test_too_few_draws_make_no_direction() -> None:
    """31 parameters, 20 draws: eigenvalues of 0 that mean nothing."""
    assert directions(sample_of(noise(4, 20, 31)), NAMES, 20.0) == []


def test_a_sum_that_the_data_fix_is_found_with_its_loadings() -> None:
    """0.8 of one less 0.6 of another, to a tenth of its prior sd, among 31; then a weaker one."""
    closest, weaker = np.zeros(31), np.zeros(31)
    closest[4], closest[7] = -0.6, 0.8
    weaker[[0, 1, 2, 3]] = 0.5
    normal = noise(5, 4_000, 31)
    for vector, sd in ((closest, 0.1), (weaker, 0.4)):
        normal += (sd - 1.0) * np.outer(normal @ vector, vector)
    first, second = directions(sample_of(normal), NAMES, 4_000.0)
    assert list(first.loadings) == ["p7", "p4"]
    assert first.loadings == pytest.approx({"p7": 0.8, "p4": -0.6}, abs=0.02)
    assert first.sd_ratio == pytest.approx(0.1, abs=5 * 0.1 / np.sqrt(8_000))
    # The data fix the sum whichever sign is given to it: the largest loading is positive.
    assert second.loadings == pytest.approx(dict.fromkeys(["p0", "p1", "p2", "p3"], 0.5), abs=0.05)
    assert second.sd_ratio == pytest.approx(0.4, abs=5 * 0.4 / np.sqrt(8_000))
    (only,) = directions(sample_of(normal), NAMES, 4_000.0, least=0.7)[:1]
    assert list(only.loadings) == ["p7"]


def test_a_chain_counts_by_its_marginal_likelihood_and_not_by_its_draws() -> None:
    """Likelihoods 1 to 3, three draws and one: a quarter and three quarters of all the weight."""
    sample = Sample(
        np.array([[0.0], [3.0], [6.0], [10.0]]),
        np.array([0, 1, 2, 0]),
        np.array([0, 0, 0, 1]),
        np.array([-900.0, -900.0 + np.log(3.0)]),
    )
    assert sample.weights == pytest.approx([1 / 12, 1 / 12, 1 / 12, 3 / 4])
    assert sample.mean == pytest.approx([0.25 * 3.0 + 0.75 * 10.0])


def test_the_marginal_likelihood_is_the_mean_of_the_chains_with_its_standard_error() -> None:
    """Of 1 and 3 the mean is 2, its standard error 1, half of it; one chain tells no error.

    However small they are: e^-900 is no number that a computer holds.
    """
    sample = sample_of(noise(6, 10, 2), 2, [-900.0, -900.0 + np.log(3.0)])
    assert sample.log_marginal_likelihood == pytest.approx((-900.0 + np.log(2.0), 0.5))
    three = sample_of(noise(6, 9, 2), 3, [0.0, np.log(2.0), np.log(6.0)])
    assert three.log_marginal_likelihood == pytest.approx(
        (np.log(3.0), np.sqrt(7.0) / np.sqrt(3.0) / 3.0)
    )
    single, error = sample_of(noise(6, 10, 2), 1, [-3.0]).log_marginal_likelihood
    assert single == -3.0
    assert np.isnan(error)


def test_copies_count_once_and_only_within_a_chain() -> None:
    """Weights 2, 1, 1 in each of two chains: 8^2 / (2 x 6) = 16/3, though streams are called alike.

    All alike are worth 1.
    """
    stream, chain = np.array([7, 7, 1, 2, 7, 1, 2, 2]), np.repeat([0, 1], 4)
    sample = Sample(noise(7, 8, 3), stream, chain, np.zeros(2))
    assert sample.ess_distinct == pytest.approx(16.0 / 3.0)
    alike = Sample(noise(7, 8, 3), np.zeros(8, np.int64), np.zeros(8, np.int64), np.zeros(1))
    assert alike.ess_distinct == pytest.approx(1.0)
    apart = Sample(noise(7, 8, 3), stream, chain, np.array([0.0, 50.0]))
    assert apart.ess_distinct == pytest.approx(16.0 / 6.0)


def test_chains_that_agree_count_for_their_draws_and_those_that_do_not_for_far_fewer() -> None:
    """8 chains of 50 draws, 31 parameters: 400 within a half (5 sd of the ratio's chance).

    Where the chains' means differ by an sd of their own, hardly more than one draw a chain.
    """
    normal = noise(8, 400, 31)
    assert sample_of(normal, 8).ess_between_chains == pytest.approx(400.0, rel=0.5)
    apart = normal + np.repeat(noise(9, 8, 31), 50, axis=0)
    assert 4.0 < sample_of(apart, 8).ess_between_chains < 16.0
    copied = np.repeat(noise(10, 80, 31), 5, axis=0)  # each draw five times
    assert sample_of(copied, 8).ess_between_chains == pytest.approx(80.0, rel=0.5)
    assert np.isnan(sample_of(normal, 1).ess_between_chains)
