"""Scores of predictions, held against what is known of them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats
from uptake.inference.scores import (
    UNIFORM_SHARE,
    bootstrap,
    coverage,
    crps,
    histogram,
    log_score,
    pit_span,
    randomised,
    within,
)

Floats = NDArray[np.float64]
AT = (np.arange(200) + 0.5) / 200


def crps_of_normal(observed: float, mean: float, sd: float) -> float:
    """Return the CRPS of a normal prediction (Gneiting and others 2005)."""
    z = (observed - mean) / sd
    density, below = stats.norm.pdf(z), stats.norm.cdf(z)
    return float(sd * (z * (2.0 * below - 1.0) + 2.0 * density - 1.0 / math.sqrt(math.pi)))


@pytest.mark.parametrize("observed", [-2.0, 0.3, 1.0, 4.0])
def test_crps_of_a_normal_prediction(observed: float) -> None:
    """By its quantiles; and by one point with an error of reading, to the last digit."""
    known = crps_of_normal(observed, 0.5, 0.8)
    assert crps(stats.norm.ppf(AT, 0.5, 0.8), observed) == pytest.approx(known, abs=1e-3)
    assert crps(np.array([0.5]), observed, 0.8) == pytest.approx(known, rel=1e-12)


def test_quantiles_and_error_add_up_to_the_wider_normal() -> None:
    """N(0, 0.3^2) read with an sd of 0.4 is N(0, 0.5^2)."""
    quantiles = stats.norm.ppf(AT, 0.0, 0.3)
    known = crps_of_normal(0.7, 0.0, 0.5)
    assert crps(quantiles, 0.7, 0.4) == pytest.approx(known, abs=1e-3)


def test_crps_of_a_point_is_the_distance() -> None:
    """However often the point stands in the sample, and if it is random, too."""
    for count in (2, 7):
        for is_random in (False, True):
            assert crps(np.full(count, 3.0), 4.5, is_random=is_random) == 1.5


def test_crps_is_the_area_between_two_distribution_functions() -> None:
    """Its definition: the integral of (F(x) - 1(x >= y))^2, F of a sample with errors."""
    sample, sd, observed = np.array([0.1, 0.2, 0.2, 0.9]), 0.05, 0.35

    def square(x: float) -> float:
        below = stats.norm.cdf(x, sample, sd).mean()
        return float((below - (x >= observed)) ** 2)

    ends = (-1.0, observed, 2.0)
    area = sum(integrate.quad(square, *e, limit=500)[0] for e in (ends[:2], ends[1:]))
    assert crps(sample, observed, sd) == pytest.approx(area, rel=1e-6)


def test_the_fair_estimator_does_not_depend_on_the_size_of_a_random_sample() -> None:
    """Its mean over samples of 3 is the CRPS of the prediction; the other's is higher."""
    rng = np.random.default_rng(1)
    samples = rng.standard_normal((20_000, 3))
    fair = np.array([crps(one, 0.4, is_random=True) for one in samples])
    other = np.array([crps(one, 0.4) for one in samples])
    known, error = crps_of_normal(0.4, 0.0, 1.0), fair.std() / math.sqrt(len(fair))
    assert abs(fair.mean() - known) < 4 * error
    assert other.mean() - known > 20 * error
    with pytest.raises(ValueError, match="of one"):
        crps(np.array([1.0]), 0.4, is_random=True)


def test_evenly_spaced_quantiles_are_no_random_sample() -> None:
    """Of a uniform prediction, at 0: E X - E|X - X'| / 2 = 1/2 - 1/6, to a hundred-thousandth."""
    assert crps(AT, 0.0) == pytest.approx(1 / 3, abs=1e-5)


def test_log_score_is_a_density_and_has_a_floor() -> None:
    """It integrates to 1 over shares, is that of a normal within 2 %, and one miss is bounded."""
    quantiles = stats.norm.ppf(AT, 0.5, 0.1)
    total = integrate.quad(lambda y: math.exp(log_score(quantiles, y, 0.02)), 0.0, 1.0)[0]
    assert total == pytest.approx(1.0, abs=1e-3)
    wide = math.hypot(0.1, 0.05)
    assert log_score(quantiles, 0.5, 0.05) == pytest.approx(
        stats.norm.logpdf(0.5, 0.5, wide), abs=0.06
    )
    assert log_score(np.array([0.5]), 50.0) == pytest.approx(math.log(UNIFORM_SHARE))


@pytest.mark.parametrize(("count", "error"), [(3, 0.0), (200, 0.0), (200, 0.7)])
def test_the_pit_of_a_right_prediction_is_uniform(count: int, error: float) -> None:
    """Of whole numbers with ties, of small samples, with and without an error of reading."""
    rng = np.random.default_rng(2)
    spans = []
    for _ in range(4000):
        *sample, truth = rng.poisson(2.0, count + 1).astype(float)
        spans.append(pit_span(np.array(sample), truth + error * rng.standard_normal(), error))
    pits = randomised(rng, np.array(spans))
    assert stats.kstest(pits, "uniform").pvalue > 0.01
    held = within(np.array(spans), 0.05, 0.95).mean()
    assert held == pytest.approx(0.9, abs=0.03)


def test_coverage_of_ties_counts_by_their_part() -> None:
    """A reading that any number of the prediction equals lies within a 50 % interval by half."""
    span = np.array([pit_span(np.ones(200), 1.0)])
    assert within(span, 0.25, 0.75) == pytest.approx(0.5)
    assert within(np.array([[0.1, 0.2], [0.2, 0.3], [0.4, 0.6]]), 0.25, 0.75) == pytest.approx(
        [0.0, 0.5, 1.0]
    )


def _spans(rng: np.random.Generator, tied: float, squeeze: Callable[[Floats], Floats]) -> Floats:
    """Return the PITs of 1 to 6 readings of a history that hang together."""
    count = int(rng.integers(1, 7))
    shared = tied * rng.standard_normal()
    z = shared + math.sqrt(1.0 - tied * tied) * rng.standard_normal(count)
    pit = stats.norm.cdf(squeeze(z))
    return np.column_stack([pit * (1.0 - 1e-9), pit * (1.0 - 1e-9) + 1e-9])


@pytest.mark.parametrize("tied", [0.0, 0.9])
def test_calibrated_coverage_is_rejected_once_in_twenty_times(tied: float) -> None:
    """Also where readings of a history hang together, and every one of them may be held."""
    rng = np.random.default_rng(4)
    found = []
    for seed in range(150):
        spans = [_spans(rng, tied, lambda z: z) for _ in range(22)]
        found.append(coverage(spans, 0.9, seed))
    assert np.mean([one.p < 0.05 for one in found]) <= 0.1
    assert np.mean([one.p < 0.5 for one in found]) >= 0.3  # nor is nothing ever told apart
    outside = [not one.low - 1e-9 <= one.held <= one.high + 1e-9 for one in found]
    assert np.mean(outside) <= 0.1


def test_intervals_half_as_wide_as_they_ought_to_be_are_rejected() -> None:
    """Nearly always, at 22 histories; and the histogram rises at both ends."""
    rng = np.random.default_rng(5)
    p, ends = [], []
    for seed in range(40):
        spans = [_spans(rng, 0.7, lambda z: 2.0 * z) for _ in range(22)]
        p.append(coverage(spans, 0.9, seed).p)
        density, low, high = histogram(spans, 5, seed)
        assert density.mean() == pytest.approx(1.0)
        assert (low < high).all()
        ends.append(density[0] > high[0] or density[4] > high[4])
    assert np.mean(np.array(p) < 0.05) > 0.8
    assert np.mean(ends) > 0.8


def test_bootstrap_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 15 values; an interval for 80 % is within that for 95 %."""
    rng = np.random.default_rng(6)
    held = []
    for seed in range(500):
        values = rng.standard_normal(15)
        found, inner = bootstrap(values, seed), bootstrap(values, seed, 0.8)
        assert found.low < inner.low < found.mean < inner.high < found.high
        held.append([one.low < 0.0 < one.high for one in (found, inner)])
    assert np.mean(held, axis=0) == pytest.approx([0.95, 0.8], abs=0.035)


def test_one_history_gives_no_interval() -> None:
    """Its mean is told all the same."""
    found = bootstrap(np.array([2.0]), 1)
    assert found.mean == 2.0
    assert math.isnan(found.low)
    assert math.isnan(found.high)
