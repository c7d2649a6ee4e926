"""Evidence: what was reported of an episode, and how a run of it is held against that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptake.config.case import Case
from uptake.config.schema import Finding
from uptake.engine import executors
from uptake.engine.compiled import Chunk, run_numbered
from uptake.errors import one_of
from uptake.inference.likelihood import Floats, Integers, Simulated, Source
from uptake.model._jit import Records
from uptake.model.observation import BREAKDOWN, CURVES, OUTCOMES, SIZES

_ROWS_AT_ONCE = 4000


def outcome_of(case: Case, chunk: Chunk, name: str) -> NDArray[np.float64]:
    """Return an outcome run by run, or the share of a kind or size that joined, shape (runs,)."""
    if name in (OUTCOMES.names or ()):
        return np.asarray(chunk.outcomes[name], np.float64)
    groups = [*case.people.kind_names, *SIZES]
    group = one_of("outcome", name.removeprefix("share_"), groups)
    counts = np.concatenate([chunk.by_kind, chunk.by_size], axis=1)[:, groups.index(group), :]
    joined, approached = (counts[:, BREAKDOWN.index(c)] for c in ("joined", "approached"))
    return joined / np.maximum(approached, 1)


def at_month(case: Case, chunk: Chunk, name: str, month: int) -> Floats:
    """Return an outcome run by run at a month, or at the end if there is no curve of it."""
    if name in CURVES:
        return np.asarray(chunk.curves[:, CURVES.index(name), month], np.float64)
    return outcome_of(case, chunk, name)


def agrees(case: Case, finding: Finding, chunk: Chunk) -> NDArray[np.bool_]:
    """Tell run by run whether it agrees with a finding; to reach a threshold is enough."""
    than = finding.than.value if finding.than else np.nan
    larger = outcome_of(case, chunk, finding.larger) if finding.larger else than
    smaller = outcome_of(case, chunk, finding.smaller) if finding.smaller else than
    return np.asarray(larger >= smaller if finding.smaller is None else larger > smaller)


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
        case, counts = self.case, self.counts
        month = {name: case.observed[name].month for name in [*counts, *self.reached]}
        columns = [at_month(case, chunk, name, month[name]) for name in counts]
        holds = [agrees(case, finding, chunk) for finding in self.findings]
        for name, value in self.reached.items():
            holds.append(at_month(case, chunk, name, month[name]) >= value)
        factors = np.ones(len(chunk.outcomes))
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
