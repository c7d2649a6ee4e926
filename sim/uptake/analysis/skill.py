"""How well histories predict one another: the model beside three rivals, scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import special

from uptake.inference.likelihood import Floats
from uptake.inference.predictions import Predicted
from uptake.inference.rivals import fitted_bass, is_spoken_of, reference_class
from uptake.inference.scores import (
    Coverage,
    Difference,
    bootstrap,
    coverage,
    crps,
    histogram,
    log_score,
    pit_span,
)

MODEL, CLASS, BASS, PRIOR = FOUR = ("model", "reference class", "Bass curve", "prior")
HALF, MOST = 0.5, 0.9  # central intervals whose coverage is told
LEAST_P = 0.05  # below it coverage is rejected
_QUANTILES = 200
_ERRORS = 51  # of a reading, evenly spaced


class Score(NamedTuple):
    """How a prediction did at a reading."""

    crps: float
    log_score: float
    pit: tuple[float, float]  # ends, between which it is uniform
    ends: tuple[float, float]  # 5 and 95 % points of the prediction


def score(sample: Floats, share: float, sd: float, is_random: bool = False) -> Score:
    """Return the scores of a prediction of a share.

    Parameters
    ----------
    sample
        Shares, shape (n,): a random sample or evenly spaced quantiles.
    share, sd
        What was read, and the error of the reading.
    is_random
        Whether the sample is random.
    """
    noise = sd * special.ndtri((np.arange(_ERRORS) + 0.5) / _ERRORS)
    low, high = np.quantile(sample[:, None] + noise, (0.05, 0.95))
    return Score(
        crps(sample, share, sd, is_random),
        log_score(sample, share, sd),
        pit_span(sample, share, sd),
        (float(low), float(high)),
    )


@dataclass(frozen=True)
class Skill:
    """Predictions of histories, each without its own numbers, and how they did.

    Parameters
    ----------
    rows
        The readings, with the model's predictions.
    scores
        Of each reading: by the name of the prediction; of steps that rivals do not speak of, of
        model and prior alone.
    seed
        Of the resamples.
    """

    rows: list[Predicted]
    scores: list[dict[str, Score]]
    seed: int

    @cached_property
    def compared(self) -> list[int]:
        """Readings that all four predict."""
        return [i for i, scores in enumerate(self.scores) if len(scores) == len(FOUR)]

    @cached_property
    def histories(self) -> dict[str, list[int]]:
        """Readings of each history."""
        return self._by_history(range(len(self.rows)))

    @cached_property
    def compared_histories(self) -> dict[str, list[int]]:
        """Readings of each history that all four predict."""
        return self._by_history(self.compared)

    def _by_history(self, chosen: Sequence[int]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for i in chosen:
            found.setdefault(self.rows[i].reading.history, []).append(i)
        return found

    def of_history(self, name: str, history: str, score: str = "crps") -> float:
        """Return the mean score of a prediction over the compared readings of a history."""
        chosen = self.compared_histories[history]
        return float(np.mean([getattr(self.scores[i][name], score) for i in chosen]))

    def values(self, name: str, score: str = "crps") -> Floats:
        """Return the mean score of each compared history, shape (histories,)."""
        return np.array([self.of_history(name, one, score) for one in self.compared_histories])

    def mean(self, name: str, score: str = "crps") -> float:
        """Return the mean score over histories."""
        return float(self.values(name, score).mean())

    def difference(self, name: str, other: str) -> Difference:
        """Return the mean CRPS of a prediction less that of another, and its interval."""
        return bootstrap(self.values(name) - self.values(other), self.seed)

    @cached_property
    def best_first(self) -> list[str]:
        """Names of the four, by mean CRPS."""
        return sorted(FOUR, key=self.mean)

    def spans(self, name: str) -> list[Floats]:
        """Return the spans of PITs by history: of model and prior all, of rivals the compared."""
        by = self.histories if name in (MODEL, PRIOR) else self.compared_histories
        return [np.array([self.scores[i][name].pit for i in chosen]) for chosen in by.values()]

    def coverage(self, name: str, share: float) -> Coverage:
        """Return how many readings central intervals hold, and its test."""
        return coverage(self.spans(name), share, self.seed)

    def histogram(self, name: str, bins: int) -> tuple[Floats, Floats, Floats]:
        """Return the density of the PIT in equal bins, and what chance allows."""
        return histogram(self.spans(name), bins, self.seed)

    @cached_property
    def is_reached(self) -> bool:
        """Whether the model beats both rivals, and no coverage is rejected."""
        beats = all(self.mean(MODEL) < self.mean(rival) for rival in (CLASS, BASS))
        return beats and all(self.coverage(MODEL, s).p >= LEAST_P for s in (HALF, MOST))

    @cached_property
    def missed(self) -> list[int]:
        """Readings outside the model's 90 % interval, the farthest from its middle first."""

        def middle(i: int) -> float:
            return abs(float(np.mean(self.scores[i][MODEL].pit)) - 0.5)

        out = [i for i in range(len(self.rows)) if middle(i) > 0.5 * MOST]
        return sorted(out, key=lambda i: (-self.scores[i][MODEL].crps, i))


def scored(rows: Sequence[Predicted], seed: int) -> Skill:
    """Return the scores of the model and of its rivals.

    Parameters
    ----------
    rows
        The readings of all histories, with the model's predictions.
    seed
        Of the rival that is fitted, and of resamples.

    Raises
    ------
    ValueError
        No reading is of a step of which enough histories speak.
    """
    readings = [row.reading for row in rows]
    spoken = [one for one in readings if is_spoken_of(readings, one)]
    if not spoken:
        raise ValueError("rivals speak of no reading")
    names = list(dict.fromkeys(one.history for one in spoken))
    draws, rng = fitted_bass(spoken, names, seed), np.random.default_rng(seed)
    at, found = (np.arange(_QUANTILES) + 0.5) / _QUANTILES, []
    for row in rows:
        one = row.reading
        scores = {
            name: score(side, one.share, one.error)
            for name, side in ((MODEL, row.model), (PRIOR, row.prior))
        }
        if one in spoken:
            others = reference_class(spoken, one)
            scores[CLASS] = score(others, one.share, 0.0, is_random=True)
            shares = draws.predicted(names.index(one.history), (one.kind, one.step), one.month, rng)
            scores[BASS] = score(np.quantile(shares, at), one.share, one.error)
        found.append(scores)
    return Skill(list(rows), found, seed)
