"""From a question to its answer: many runs beside those of the episode as it was, in memory."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from uptake.api.scheme import Scenario
from uptake.app.question import Question
from uptake.config import compose
from uptake.config.case import Case
from uptake.config.posterior import histories_of
from uptake.config.schema import Run
from uptake.errors import InputError
from uptake.report.text.page import too_long
from uptake.results.runs import Runs, arriving

CASES_KEPT, BASES_KEPT = 24, 8
MOST_TRUST_MONTHS = 5_000_000  # of one run: a thousand of them take a quarter of a minute
SECONDS_TO_FIRST = 0.15  # of computing, before an answer of fewer runs is shown


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
    """Scenarios as the commands find them, composed once for all who ask: none ever changes."""

    def __init__(self, asked: compose.Question) -> None:
        self._asked = asked
        self._plain: OrderedDict[Question, Any] = OrderedDict()
        self._bases: OrderedDict[Question, Any] = OrderedDict()
        self._behaviours: dict[str, Run] = {}  # a configuration on each, by name
        self._lock, self._composing = threading.Lock(), threading.Lock()

    @cached_property
    def titles(self) -> dict[str, str]:
        """Titles of the episodes, by name."""
        return {
            name: self._asked.words("scenario", name) or name
            for name in self._asked.choices("scenario")
        }

    @property
    def options(self) -> list[str]:
        """Options that ``uptake run`` needs to find the same configurations."""
        folder = self._asked.config_dir
        return [] if folder is None else ["--config-dir", str(folder)]

    def choices(self, group: str) -> list[str]:
        """Names of a group of configurations, the usual one first."""
        usual = {"structure": "default", "parameters": "posterior"}.get(group)
        return sorted(self._asked.choices(group), key=lambda name: (name != usual, name))

    def is_learnt(self, structure: str, parameters: str) -> bool:
        """Whether there is such behaviour under a structure: a prior is, draws if inferred."""
        with self._composing:
            if parameters not in self._behaviours:
                asked = replace(self._asked, overrides=[f"parameters={parameters}"])
                self._behaviours[parameters] = asked.configuration()
        config = self._behaviours[parameters]
        under = replace(config, structure=replace(config.structure, name=structure))
        return config.parameters.draws is None or bool(histories_of(under))

    def answerable(self, question: Question) -> Question:
        """The question, on the prior if nothing was inferred under its structure."""
        is_learnt = self.is_learnt(question.structure, question.parameters)
        return question if is_learnt else question.choosing("parameters", "prior")

    def plain(self, question: Question) -> Scenario:
        """The episode of a question, with nothing held and nothing left out."""
        plain = replace(question.plain(), months=None)
        with self._lock:
            if plain in self._plain:
                return _used(self._plain, plain, CASES_KEPT)
        with self._composing:  # Hydra composes one configuration at a time
            scenario = Scenario.of(replace(self._asked, overrides=plain.overrides()))
        with self._lock:
            self._plain[plain] = scenario
            return _used(self._plain, plain, CASES_KEPT)

    def scenario(self, question: Question) -> Scenario:
        """The scenario of a question, if it can be asked."""
        scenario = self.plain(question).set(question.changes())
        case = scenario.case
        size = case.episode.approached_high * case.months
        if size > MOST_TRUST_MONTHS:
            raise InputError(too_long(case, size, MOST_TRUST_MONTHS))
        return scenario

    def case(self, question: Question) -> Case:
        """The case of a question, if it can be asked."""
        return self.scenario(question).case

    def forget(self, folder: Path) -> None:
        """Drop all that was made from files of a folder."""
        with self._lock:
            for kept in (self._plain, self._bases):
                for question in list(kept):
                    if question.own and Path(question.own.path).is_relative_to(folder):
                        del kept[question]

    def bases(self, question: Question) -> Iterator[Runs | None]:
        """Yield the runs of the episode as it was, as ``answers`` does: made once for all."""
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
    """What is kept of a question; what was not used for the longest time is dropped."""
    kept.move_to_end(question)
    while len(kept) > most:
        kept.popitem(last=False)
    return kept[question]
