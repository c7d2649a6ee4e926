"""Evidence: what was reported of an episode, and how a run of it is held against that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from uptake.config.case import Case
from uptake.config.schema import Finding
from uptake.engine import executors
from uptake.engine.compiled import Chunk, run_numbered
from uptake.inference.likelihood import Integers, Simulated, Source
from uptake.model._jit import Records
from uptake.results.runs import Runs
from uptake.results.summary import sides

_ROWS_AT_ONCE = 4000


@dataclass(frozen=True)
class Evidence:
    """What calibration takes from an episode: counts to meet, and facts that may be wrong."""

    case: Case
    error_rate: float  # chance that a fact is reported of a run which it does not hold of

    @property
    def name(self) -> str:
        """Return the name of the episode."""
        return self.case.config.scenario.name

    @property
    def counts(self) -> dict[str, int]:
        """Return the counts that are to be met exactly, by outcome."""
        seen = self.case.observed.items()
        return {name: round(found.value) for name, found in seen if found.fit == "exactly"}

    @property
    def reached(self) -> dict[str, float]:
        """Return what was reached at least, by outcome."""
        seen = self.case.observed.items()
        return {name: found.value for name, found in seen if found.fit == "at_least"}

    @property
    def findings(self) -> list[Finding]:
        """Return what was reported without a number; what was only foreseen is not evidence."""
        return [finding for finding in self.case.findings if not finding.foreseen]

    def read(self, chunk: Chunk) -> Simulated:
        """Return the counts of runs, and how likely the facts are to be reported of each."""
        runs, counts = Runs(self.case, chunk), self.counts
        month = {name: seen.month for name, seen in self.case.observed.items()}
        columns = [runs.at_month(name, month[name]) for name in counts]
        holds = [sides(runs, finding)[0] for finding in self.findings]
        for name, value in self.reached.items():
            holds.append(np.asarray(runs.at_month(name, month[name]) >= value))
        factors = np.ones(len(runs))
        for held in holds:
            factors *= np.where(held, 1.0 - self.error_rate, self.error_rate)
        table = np.column_stack(columns) if columns else np.zeros((len(factors), 0))
        return Simulated(table.astype(np.int64), factors)

    def source(
        self, seed: int, threads: int | None = None, ran: Callable[[int], None] = lambda _: None
    ) -> Source:
        """Return the evidence as a source that points, records of parameters, are held against.

        Every episode has luck of its own: its seed is a hash of the seed and its name. ``ran`` is
        told of runs as they are done.
        """
        own = int.from_bytes(hashlib.sha256(f"{seed} {self.name}".encode()).digest()[:7], "big")

        def simulate(points: Records, numbers: Integers) -> Simulated:
            def work(first: int) -> Simulated:
                rows = slice(first, first + _ROWS_AT_ONCE)
                return self.read(run_numbered(self.case.episode, points[rows], own, numbers[rows]))

            with executors.threads(threads) as run:
                done = []
                for _, part in run(work, range(0, len(numbers), _ROWS_AT_ONCE)):
                    done.append(part)
                    ran(len(part.factors))
            return Simulated(*(np.concatenate(column) for column in zip(*done, strict=True)))

        return Source(self.name, simulate, np.array(list(self.counts.values()), np.int64))
