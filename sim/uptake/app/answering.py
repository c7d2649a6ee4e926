"""From a question to its answer: many runs beside those of the episode as it was, in memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from uptake.app.question import Question
from uptake.config.case import Case
from uptake.errors import InputError
from uptake.results.runs import Runs, arriving

CASES_KEPT, BASES_KEPT = 24, 8
MOST_TRUST_MONTHS = 5_000_000  # of one run: a thousand of them take a quarter of a minute
SECONDS_TO_FIRST = 0.15  # of computing, before an answer of fewer runs is shown


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


def answers(case: Case, clock: Callable[[], float]) -> Iterator[Runs | None]:
    """Yield all runs at the end; before, where that takes long, as many as there are.

    Between them it yields None, chunk by chunk: whoever stops asking there stops the runs.
    ``clock`` tells the time in seconds.
    """
    shown, wait = clock(), SECONDS_TO_FIRST
    for runs in arriving(case):
        is_due = runs.is_whole or clock() - shown > wait
        yield runs if is_due else None
        if is_due:
            shown, wait = clock(), 4.0 * wait


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

    def bases(self, question: Question) -> Iterator[Runs | None]:
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
