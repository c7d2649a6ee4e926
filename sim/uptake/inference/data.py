"""The data of an episode: what was reported of it, and how its runs are compared with that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from uptake.config.case import Case
from uptake.config.schema import Finding, Observation
from uptake.engine import executors
from uptake.engine.compiled import Chunk, run_numbered
from uptake.inference.likelihood import Integers, Simulated, Source
from uptake.model._jit import Records
from uptake.model.draws import run_keys
from uptake.results.runs import Runs
from uptake.results.summary import agreeing, seen_in, sides

_ROWS_AT_ONCE = 4000


@dataclass(frozen=True)
class EpisodeData:
    """What calibration takes from an episode: counts to match, and facts that may be wrong.

    Parameters
    ----------
    case
        The episode.
    error_rate
        Probability that a fact is reported although it is false in a run.
    """

    case: Case
    error_rate: float

    @property
    def name(self) -> str:
        """Name of the episode."""
        return self.case.config.scenario.name

    @property
    def counts(self) -> list[tuple[str, Observation]]:
        """Counts to match exactly, each with its outcome."""
        return [(name, seen) for name, seen in self.case.observed if seen.fit == "exactly"]

    @property
    def reached(self) -> list[tuple[str, Observation]]:
        """What was reached at least, each with its outcome."""
        return [(name, seen) for name, seen in self.case.observed if seen.fit == "at_least"]

    @property
    def fitted(self) -> dict[str, float]:
        """All numbers that are fitted, by outcome; by outcome and month where there are several."""
        fitted = [*self.counts, *self.reached]
        names = [name for name, _ in fitted]
        return {
            name if names.count(name) == 1 else f"{name}, month {seen.month}": seen.value
            for name, seen in fitted
        }

    @property
    def findings(self) -> list[Finding]:
        """What was reported without a number; what was only foreseen is not data."""
        return [finding for finding in self.case.findings if not finding.foreseen]

    def read(self, chunk: Chunk) -> Simulated:
        """Return the counts of runs, and how likely the facts are to be reported of each run."""
        runs = Runs(self.case, chunk)
        columns = [runs.at_month(name, seen.month) for name, seen in self.counts]
        holds = [sides(runs, finding)[0] for finding in self.findings]
        holds += [agreeing(seen_in(runs, name, seen), seen) for name, seen in self.reached]
        factors = np.ones(len(runs))
        for held in holds:
            factors *= np.where(held, 1.0 - self.error_rate, self.error_rate)
        table = np.column_stack(columns) if columns else np.zeros((len(factors), 0))
        return Simulated(table.astype(np.int64), factors)

    def source(
        self,
        seed: int,
        most_runs: int,
        threads: int | None = None,
        ran: Callable[[int], None] = lambda _: None,
    ) -> Source:
        """Return the data as a source whose runs are those of the model.

        Parameters
        ----------
        seed
            Of the random streams. Every episode has streams of its own: they are keyed by a hash
            of the seed and its name. What is assumed follows from the seed and a particle's
            stream, and so is kept with its parameters.
        most_runs
            Of a particle: the numbers of its runs follow one another in its stream.
        threads
            As many as the machine has, if None.
        ran
            Called with the number of runs that were done.

        Returns
        -------
        Source
            Its parameters are records, shape (particles,).
        """
        own = int.from_bytes(hashlib.sha256(f"{seed} {self.name}".encode()).digest()[:7], "big")

        def simulate(parameters: Records, numbers: Integers) -> Simulated:
            def work(first: int) -> Simulated:
                rows = slice(first, first + _ROWS_AT_ONCE)
                chosen = parameters[rows].copy()
                chosen["draw"] = run_keys(seed, numbers[rows] // most_runs)
                return self.read(run_numbered(self.case.episode, chosen, own, numbers[rows]))

            with executors.threads(threads) as run:
                done = []
                for _, part in run(work, range(0, len(numbers), _ROWS_AT_ONCE)):
                    done.append(part)
                    ran(len(part.factors))
            return Simulated(*(np.concatenate(column) for column in zip(*done, strict=True)))

        return Source(
            self.name, simulate, np.array([round(seen.value) for _, seen in self.counts], np.int64)
        )
