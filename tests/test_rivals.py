"""Rivals of the model: what they look up, and what they learn of curves that are known."""

from __future__ import annotations

import numpy as np
import pytest
from predicting import curves, reading
from scipy import stats
from uptake.config.offers import MANDATED, VOLUNTARY
from uptake.inference.rivals import (
    BETWEEN_SD,
    MEAN,
    MEAN_SD,
    STRAY_SD,
    WITHIN_SD,
    bass,
    fitted_bass,
    is_spoken_of,
    reference_class,
    share_of,
)
from uptake.inference.scores import pit_span, within


def test_a_bass_curve_solves_its_equation() -> None:
    """dF/dt = (p + q F)(1 - F), F(0) = 0, and all of the ceiling is reached in the end."""
    p, q, t = np.array(0.05), np.array(0.6), np.linspace(0.0, 240.0, 2401)
    found = bass(t, p, q)
    slope = np.gradient(found, t / 12.0)
    assert slope[1:-1] == pytest.approx(((p + q * found) * (1.0 - found))[1:-1], abs=1e-4)
    assert found[0] == 0.0
    assert float(bass(np.array(1200.0), p, q)) == pytest.approx(1.0)


def test_the_reference_class_is_of_the_same_kind_and_step_at_the_nearest_age() -> None:
    """Each other history once; its own numbers, other steps and other kinds are left out."""
    one = reading("own", 20, 0.5)
    others = [
        one,
        reading("own", 10, 0.9),
        reading("a", 10, 0.1), reading("a", 19, 0.2), reading("a", 40, 0.3),
        reading("b", 15, 0.4), reading("b", 25, 0.6),
        reading("c", 90, 0.7, outcome="members"),
        reading("d", 20, 0.8, outcome="served"),
        reading("e", 20, 1.0, kind=MANDATED),
    ]  # fmt: skip
    assert sorted(reference_class(others, one)) == [0.2, 0.4, 0.7]


def test_a_class_of_fewer_than_three_is_that_of_the_step() -> None:
    """Whatever the kind; and of a step that too few have, nothing is said."""
    one = reading("own", 20, 0.5)
    others = [reading("a", 5, 0.1), reading("b", 5, 0.2), reading("c", 5, 0.9, kind=MANDATED)]
    assert sorted(reference_class([one, *others], one)) == [0.1, 0.2, 0.9]
    assert is_spoken_of([one, *others], one)
    assert not is_spoken_of([one, *others[:2]], one)
    assert not is_spoken_of([one, *others], reading("own", 20, 0.5, outcome="left"))


def test_known_curves_are_recovered() -> None:
    """Centre and spread of ceiling, p and q of two groups, from 24 histories with six readings."""
    rng, months = np.random.default_rng(1), (6, 12, 24, 36, 60, 96)
    slow, fast = (-0.5, -3.5, -0.3), (2.0, -1.5, 0.5)
    spread = (0.4, 0.3, 0.3)
    rows = curves(rng, 12, slow, spread, months, 0.005)
    rows += curves(rng, 12, fast, spread, months, 0.005, MANDATED, "order")
    found = fitted_bass(rows, ["nobody"], 1)
    for kind, centre in ((VOLUNTARY, slow), (MANDATED, fast)):
        draws = found.mean[0, :, found.groups.index((kind, "signing"))]
        apart = (draws.mean(axis=0) - centre) / draws.std(axis=0)
        assert (np.abs(apart) < 3.0).all(), (kind, apart)
        assert (draws.std(axis=0) < 0.3).all()  # of curves 0.3 to 0.4 apart, a dozen
    assert found.within[0].mean(axis=0) == pytest.approx(spread, abs=0.2)
    assert found.stray.mean() < 0.01


def test_chains_of_other_seeds_predict_the_same() -> None:
    """Quantiles within 4 points at the ages that were read, within 10 far beyond them."""
    rows = curves(np.random.default_rng(7), 8, (0.0, -2.5, 0.0), (0.8, 0.5, 0.5), (12, 36))
    both = [fitted_bass(rows, ["history_0"], seed) for seed in (1, 2)]
    rng, group = np.random.default_rng(1), (VOLUNTARY, "signing")
    for month, apart in ((6, 0.04), (24, 0.04), (36, 0.04), (90, 0.1)):
        first, second = (
            np.quantile(one.predicted(0, group, month, rng), (0.05, 0.25, 0.5, 0.75, 0.95))
            for one in both
        )
        assert first == pytest.approx(second, abs=apart)


def test_without_any_history_the_hyperprior_is_drawn() -> None:
    """All of one history's readings are left out: means and spreads are as they are stated."""
    rows = [reading("own", month, 0.5) for month in (5, 10)]
    found = fitted_bass(rows, ["own"] * 25, 3)
    mean = found.mean[:, :, 0].reshape(-1, 3)
    assert mean.mean(axis=0) == pytest.approx(MEAN, abs=0.15)
    known = np.sqrt(MEAN_SD**2 + BETWEEN_SD**2)
    assert mean.std(axis=0) == pytest.approx(known, rel=0.1)
    spread = found.within.reshape(-1, 3)
    assert spread.mean(axis=0) == pytest.approx(WITHIN_SD * np.sqrt(2 / np.pi), rel=0.1)
    assert found.stray.mean() == pytest.approx(STRAY_SD * np.sqrt(2 / np.pi), rel=0.15)


def test_a_history_that_is_left_out_says_nothing() -> None:
    """Whatever its readings: the others' draws are the same to the bit."""
    rng = np.random.default_rng(8)
    rows = curves(rng, 5, (0.0, -2.5, 0.0), (0.8, 0.5, 0.5), (12, 36))
    other = [one._replace(share=0.99) if one.history == "history_2" else one for one in rows]
    first, second = (fitted_bass(given, ["history_2"], 1, 300) for given in (rows, other))
    for part, same in zip(first[1:], second[1:], strict=True):
        assert np.array_equal(part, same)


def test_what_a_mandate_does_is_learnt_by_kind() -> None:
    """A voluntary scheme is predicted to stay low, a mandated one to be joined by nearly all."""
    rng = np.random.default_rng(9)
    rows = curves(rng, 6, (-1.5, -2.0, 0.5), (0.3, 0.3, 0.3), (12, 36))
    rows += curves(rng, 6, (3.0, 0.5, 1.0), (0.3, 0.3, 0.3), (12, 36), 0.01, MANDATED, "order")
    found = fitted_bass(rows, ["history_0", "order_0"], 1)
    low = found.predicted(0, (VOLUNTARY, "signing"), 36, rng)
    high = found.predicted(1, (MANDATED, "signing"), 36, rng)
    assert np.median(low) < 0.3 < 0.8 < np.median(high)
    assert ((low >= 0.0) & (low <= 1.0)).all()


@pytest.mark.slow
def test_intervals_hold_histories_of_simulated_populations() -> None:
    """Populations of curves drawn from the hyperprior, with strays: 50 and 90 % hold, PIT flat."""
    spans = []
    for number in range(40):
        rng = np.random.default_rng([11, number])
        common = MEAN + MEAN_SD * rng.standard_normal(3)
        between = np.abs(BETWEEN_SD * rng.standard_normal(3))
        spread = np.abs(WITHIN_SD * rng.standard_normal(3))
        stray = abs(STRAY_SD * rng.standard_normal())
        rows = []
        for kind in (VOLUNTARY, MANDATED):
            centre = common + between * rng.standard_normal(3)
            for h in range(5):
                curve = centre + spread * rng.standard_normal(3)
                for month in (8, 20, 45):
                    share = float(share_of(curve, np.array(float(month))))
                    share += float(np.hypot(stray, 0.02) * rng.standard_normal())
                    rows.append(reading(f"{kind}_{h}", month, share, kind=kind, error=0.02))
        names = [f"{VOLUNTARY}_0", f"{MANDATED}_0"]
        found = fitted_bass(rows, names, number)
        for place, kind in enumerate((VOLUNTARY, MANDATED)):
            one = next(r for r in rows if r.history == names[place] and r.month == 20)
            shares = found.predicted(place, (kind, "signing"), 20, rng)
            spans.append(pit_span(shares, one.share, one.error))
    pits = np.array(spans)
    assert within(pits, 0.05, 0.95).mean() == pytest.approx(0.9, abs=0.08)
    assert within(pits, 0.25, 0.75).mean() == pytest.approx(0.5, abs=0.14)
    assert stats.kstest(pits.mean(axis=1), "uniform").pvalue > 0.01
