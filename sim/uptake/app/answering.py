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

from uptake.app.question import Question
from uptake.config.case import Case
from uptake.engine import compiled as sweep
from uptake.errors import InputError
from uptake.model._jit import Records
from uptake.model.observation import BREAKDOWN, CURVES, SIZES
from uptake.results import QUANTILES

CASES_KEPT, BASES_KEPT = 24, 8
MOST_TRUST_MONTHS = 5_000_000  # of one run: a thousand of them take a quarter of a minute
SECONDS_TO_FIRST = 0.15  # of computing, before an answer of fewer runs is shown

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

    def options(self) -> list[str]:
        """Return the options that ``uptake run`` needs to find the same configurations."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What the runs of a case came to."""

    case: Case
    outcomes: Records  # (runs,) of OUTCOMES
    curve: NDArray[np.int32]  # (runs, months + 1), the one that tells the story of the episode
    by_group: NDArray[np.int32]  # (runs, kinds + sizes, len(BREAKDOWN))

    @property
    def runs(self) -> int:
        """Return how many runs there are."""
        return len(self.outcomes)

    @property
    def is_whole(self) -> bool:
        """Tell whether these are all runs that were asked for."""
        return self.runs == self.case.config.runs

    def bands(self) -> dict[str, list[float]]:
        """Return the quantiles of the curve, month by month."""
        points = np.quantile(self.curve, list(QUANTILES.values()), axis=0)
        return {name: row.tolist() for name, row in zip(QUANTILES, points, strict=True)}

    def first(self, runs: int) -> Answer:
        """Return the answer of the first runs only, to be paired with an answer of as many."""
        parts = (self.outcomes[:runs], self.curve[:runs], self.by_group[:runs])
        return Answer(self.case, *parts)

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
    shown = CURVES.index(case.config.scenario.shows)
    return Answer(
        case=case,
        outcomes=np.concatenate([chunk.outcomes for chunk in chunks]).view(np.recarray),
        curve=np.concatenate([chunk.curves[:, shown] for chunk in chunks]),
        by_group=np.concatenate(
            [np.concatenate([chunk.by_kind, chunk.by_size], axis=1) for chunk in chunks]
        ),
    )


def answers(case: Case, clock: Callable[[], float]) -> Iterator[Answer | None]:
    """Yield the answer of all runs at the end; before, where that takes long, answers of fewer.

    Between them it yields None, chunk by chunk: whoever stops asking there stops the runs.
    ``clock`` tells the time in seconds.
    """
    chunks: list[sweep.Chunk] = []
    shown, wait, config = clock(), SECONDS_TO_FIRST, case.config
    runs = sweep.simulate(case.episode, case.design, config.runs, config.seed, config.threads)
    for chunk in runs:
        chunks.append(chunk)
        is_due = clock() - shown > wait
        yield _gathered(case, chunks) if is_due else None
        if is_due:
            shown, wait = clock(), 4.0 * wait
    yield _gathered(case, chunks)


class Catalogue:
    """The episodes as they were, composed once for all who ask: nothing in a case ever changes."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._cases: OrderedDict[Question, Any] = OrderedDict()
        self._bases: OrderedDict[Question, Any] = OrderedDict()
        self._lock, self._composing = threading.Lock(), threading.Lock()

    def choices(self, group: str) -> list[str]:
        """Return the names of a group, the usual one first."""
        usual = {"structure": "default", "parameters": "posterior"}.get(group)
        return sorted(self._composer.choices(group), key=lambda name: (name != usual, name))

    def _composed(self, question: Question) -> Case:
        """Return the episode of a question, with nothing held and nothing left out."""
        plain = replace(question.plain(), months=None)
        with self._lock:
            if plain in self._cases:
                return _used(self._cases, plain, CASES_KEPT)
        with self._composing:  # Hydra composes one configuration at a time
            case = self._composer.case(plain.overrides())
        with self._lock:
            self._cases[plain] = case
            return _used(self._cases, plain, CASES_KEPT)

    def forget(self, folder: Path) -> None:
        """Let go of all that was made from files of a folder."""
        with self._lock:
            for kept in (self._cases, self._bases):
                for question in list(kept):
                    if question.own and Path(question.own.path).is_relative_to(folder):
                        del kept[question]

    def case(self, question: Question) -> Case:
        """Return the case of a question, or refuse it."""
        held = dict(question.levers), question.without, question.months, question.rows()
        case = self._composed(question).holding(*held)
        size = case.episode.approached_high * case.months
        if size > MOST_TRUST_MONTHS:
            allowed = f"{size:,} trust-months; the page allows {MOST_TRUST_MONTHS:,}"
            raise InputError(f"months={case.months}: {allowed}, the command line any number")
        return case

    def bases(self, question: Question) -> Iterator[Answer | None]:
        """Yield answers of the episode as it was, as ``answers`` does: worked out once for all."""
        plain = question.plain()
        with self._lock:
            known = _used(self._bases, plain, BASES_KEPT) if plain in self._bases else None
        if known is not None:
            yield known
            return
        for base in answers(self.case(plain), time.perf_counter):
            if base is not None and base.is_whole:
                with self._lock:
                    self._bases[plain] = base
                    _used(self._bases, plain, BASES_KEPT)
            yield base


def _used(kept: OrderedDict[Question, Any], question: Question, most: int) -> Any:
    """Return what is kept of a question, and let go what was not used for the longest time."""
    kept.move_to_end(question)
    while len(kept) > most:
        kept.popitem(last=False)
    return kept[question]
