"""Structures of the model side by side: how each predicts, and what stacking makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from uptake.analysis.skill import MOST, Score, score
from uptake.inference.predictions import Predicted
from uptake.inference.scores import Coverage, coverage
from uptake.inference.stacking import stacked


class Weighed(NamedTuple):
    """A structure, and how it predicts histories from the others; means over histories.

    Parameters
    ----------
    name
        Of the structure.
    crps, log_score
        Mean scores; of shares.
    held
        What its 90 % intervals hold.
    weight, low, high
        Its part in the mixture that predicts best, and 90 % of that over resampled histories.
    """

    name: str
    crps: float
    log_score: float
    held: Coverage
    weight: float
    low: float
    high: float


def _by_history(values: Sequence[float], histories: Sequence[str]) -> float:
    """Return a mean in which every history counts once."""
    every: dict[str, list[float]] = {}
    for history, value in zip(histories, values, strict=True):
        every.setdefault(history, []).append(value)
    return float(np.mean([np.mean(found) for found in every.values()]))


def _key(one: Predicted) -> tuple[str, str, int, float]:
    """Return what tells a reading from all others."""
    reading = one.reading
    return reading.history, reading.outcome, reading.month, reading.share


def weighed(structures: Mapping[str, Sequence[Predicted]], seed: int) -> list[Weighed]:
    """Return how structures predict the readings that all of them do, the weightiest first.

    Parameters
    ----------
    structures
        Readings of left-out histories beside what each structure says of them, by its name.
    seed
        Of resamples.

    Raises
    ------
    ValueError
        No reading is predicted by all.
    """
    by_key = [{_key(one): one for one in rows} for rows in structures.values()]
    keys = sorted(set.intersection(*(set(found) for found in by_key)))
    if not keys:
        raise ValueError("no reading is predicted by every structure")
    histories = [key[0] for key in keys]
    scores: list[list[Score]] = [
        [score(found[k].model, found[k].reading.share, found[k].reading.error) for k in keys]
        for found in by_key
    ]
    logs = np.array([[one.log_score for one in every] for every in scores]).T
    shares, found = stacked(logs, histories, seed), []
    for column, (name, every) in enumerate(zip(structures, scores, strict=True)):
        spans = [
            np.array([one.pit for one, of in zip(every, histories, strict=True) if of == history])
            for history in dict.fromkeys(histories)
        ]
        mean_crps = _by_history([one.crps for one in every], histories)
        mean_log = _by_history([one.log_score for one in every], histories)
        weight, low, high = (float(side[column]) for side in shares)
        held = coverage(spans, MOST, seed)
        found.append(Weighed(name, mean_crps, mean_log, held, weight, low, high))
    return sorted(found, key=lambda one: (-one.weight, one.name))
