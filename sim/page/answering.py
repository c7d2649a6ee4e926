"""From a question to its answer: many runs beside those of the episode as it was, in memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim import sweep
from sim._jit import Records
from sim.observation import BREAKDOWN, CURVES, OUTCOMES, SIZES
from sim.page.question import TABS, Question
from sim.results import QUANTILES
from sim.scenario import Case

CASES_KEPT, BASES_KEPT = 24, 8
SECONDS_TO_FIRST = 0.15  # of computing, before an answer of fewer runs is shown
_NAMES = [name for name in OUTCOMES.names or () if name not in ("run", "scrapped_month")]

Quantiles = dict[str, float]  # by the names of QUANTILES, and the mean


class Composer(Protocol):
    """What finds configurations: the commands' own, or a test's."""

    def case(self, overrides: Sequence[str]) -> Case:
        """Return the case that overrides describe, or refuse them."""

    def choices(self, group: str) -> list[str]:
        """Return the names of a group of configurations."""

    def titles(self) -> dict[str, str]:
        """Return the titles of the episodes, by name."""

    def write(self, case: Case, folder: Path) -> None:
        """Write into a folder what ``uptake run`` writes of a case."""


@dataclass(frozen=True)
class Answer:
    """What the runs of a case came to."""

    case: Case
    outcomes: Records  # (runs,) of OUTCOMES
    curves: NDArray[np.int32]  # (runs, len(CURVES), months + 1)
    by_group: NDArray[np.int32]  # (runs, kinds + sizes, len(BREAKDOWN))

    @property
    def runs(self) -> int:
        """Return how many runs there are."""
        return len(self.outcomes)

    def at_end(self, curve: str) -> NDArray[np.int32]:
        """Return what a curve came to in every run, shape (runs,)."""
        return self.curves[:, CURVES.index(curve), -1]

    def bands(self, curve: str) -> dict[str, list[float]]:
        """Return the quantiles of a curve, month by month."""
        points = np.quantile(self.curves[:, CURVES.index(curve)], list(QUANTILES.values()), axis=0)
        return {name: row.tolist() for name, row in zip(QUANTILES, points, strict=True)}

    def summary(self) -> dict[str, Any]:
        """Return quantiles and means of the outcomes, as ``summary.json`` has them."""
        outcomes = {name: quantiles(self.outcomes[name]) for name in _NAMES}
        return {"outcomes": outcomes}

    def groups(self) -> list[str]:
        """Return the names of the rows of ``by_group``: kinds, then sizes."""
        return [*self.case.people.kind_names, *SIZES]

    def group(self, name: str, count: str) -> Quantiles:
        """Return the quantiles of a count of ``BREAKDOWN`` in a kind or size."""
        row = self.groups().index(name)
        return quantiles(self.by_group[:, row, BREAKDOWN.index(count)])


def quantiles(values: NDArray[Any]) -> Quantiles:
    """Return the quantiles and the mean of an outcome over the runs."""
    points = np.quantile(values, list(QUANTILES.values()))
    found = dict(zip(QUANTILES, map(float, points), strict=True))
    return found | {"mean": float(np.mean(values))}


def _gathered(case: Case, chunks: Sequence[sweep.Chunk]) -> Answer:
    """Return the answer that the chunks so far give."""
    for chunk in chunks:
        for row in np.flatnonzero(chunk.errors != ""):
            raise RuntimeError(str(chunk.errors[row]))
    return Answer(
        case=case,
        outcomes=np.concatenate([chunk.outcomes for chunk in chunks]).view(np.recarray),
        curves=np.concatenate([chunk.curves for chunk in chunks]),
        by_group=np.concatenate(
            [np.concatenate([chunk.by_kind, chunk.by_size], axis=1) for chunk in chunks]
        ),
    )


def answers(case: Case, clock: Callable[[], float]) -> Iterator[Answer]:
    """Yield the answer of all runs; before, where that takes long, answers of fewer runs.

    ``clock`` tells the time in seconds. Whoever stops asking stops the runs.
    """
    chunks: list[sweep.Chunk] = []
    shown, wait, config = clock(), SECONDS_TO_FIRST, case.config
    runs = sweep.simulate(case.episode, case.design, config.runs, config.seed, config.threads)
    for chunk in runs:
        chunks.append(chunk)
        if clock() - shown > wait:
            yield _gathered(case, chunks)
            shown, wait = clock(), 4.0 * wait
    yield _gathered(case, chunks)


class Catalogue:
    """The episodes as they were, composed once for all who ask: nothing in a case ever changes."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._cases: OrderedDict[Question, Case] = OrderedDict()
        self._bases: OrderedDict[Question, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def choices(self, group: str) -> list[str]:
        """Return the names of a group, the usual one first."""
        usual = {"structure": "default", "parameters": "posterior"}.get(group)
        return sorted(self._composer.choices(group), key=lambda name: (name != usual, name))

    def _composed(self, question: Question) -> Case:
        """Return the episode of a question, with nothing held and nothing left out."""
        plain = replace(question, levers=(), without=(), months=None, tab=TABS[0])
        with self._lock:
            if plain not in self._cases:
                self._cases[plain] = self._composer.case(plain.overrides())
            return _used(self._cases, plain, CASES_KEPT)

    def case(self, question: Question) -> Case:
        """Return the case of a question, or refuse it."""
        levers, without = dict(question.levers), question.without
        return self._composed(question).holding(levers, without, question.months)

    def base(self, question: Question) -> Answer:
        """Return the answer of the episode as it was: worked out once for all who ask."""
        plain = replace(question, levers=(), without=(), tab=TABS[0])
        with self._lock:
            if plain in self._bases:
                return _used(self._bases, plain, BASES_KEPT)
        *_, base = answers(self.case(plain), time.perf_counter)
        with self._lock:
            self._bases[plain] = base
            return _used(self._bases, plain, BASES_KEPT)


def _used(kept: OrderedDict[Question, Any], question: Question, most: int) -> Any:
    """Return what is kept of a question, and let go what was not used for the longest time."""
    kept.move_to_end(question)
    while len(kept) > most:
        kept.popitem(last=False)
    return kept[question]
