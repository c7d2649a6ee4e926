"""The data of an episode: what was reported of it, and how its runs are compared with that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from uptake.config.case import Case
from uptake.config.reported import is_count
from uptake.config.schema import Finding, Observation
from uptake.engine import executors
from uptake.engine.compiled import ALONE, APPROACHED, NO_READINGS, Chunk, Readings, run_numbered
from uptake.inference.likelihood import Floats, Integers, Simulate, Simulated, Source
from uptake.model._jit import Records
from uptake.model.draws import READING, run_keys, uniforms_of
from uptake.model.observation import COUNTED
from uptake.results.runs import Runs
from uptake.results.summary import agreeing, seen_in, sides

_ROWS_AT_ONCE = 4000
_ROUNDING = 1e-6  # more that a run may stray, so that none that would be taken is ended


@dataclass(frozen=True)
class EpisodeData:
    """What calibration takes from an episode: readings of its outcomes, and facts.

    Parameters
    ----------
    case
        The episode.
    error_rate
        Probability that a fact is reported although it is false in a run; up to a half.
    """

    case: Case
    error_rate: float

    @property
    def name(self) -> str:
        """Name of the episode."""
        return self.case.config.scenario.name

    @property
    def readings(self) -> list[tuple[str, Observation]]:
        """Numbers that were observed, each with its outcome."""
        return [(name, seen) for name, seen in self._fitted if not _is_fact(seen)]

    @property
    def facts(self) -> list[tuple[str, Observation]]:
        """Bounds that are known without an error of reading: each may be wrong as a finding may."""
        return [(name, seen) for name, seen in self._fitted if _is_fact(seen)]

    @property
    def _fitted(self) -> list[tuple[str, Observation]]:
        return [(name, seen) for name, seen in self.case.observed if seen.is_fitted(is_count(name))]

    @property
    def fitted(self) -> dict[str, float]:
        """All numbers that are fitted, by outcome; by month and bound too if it has several."""
        fitted = [(f"{name} / {one.of}" if one.of else name, one) for name, one in self._fitted]
        names = [name for name, _ in fitted]
        return {
            name + (_dated(one) if names.count(name) > 1 else ""): one.value for name, one in fitted
        }

    @property
    def findings(self) -> list[Finding]:
        """What was reported without a number; what was only foreseen is not data."""
        return [finding for finding in self.case.findings if not finding.foreseen]

    @property
    def is_told(self) -> bool:
        """Tell whether anything was reported that can be fitted."""
        return bool(self._fitted or self.findings)

    def _unit(self, name: str, seen: Observation) -> float:
        """Return what a tolerance is a share of: the bodies approached, or the number itself."""
        if seen.of or not is_count(name):
            return 1.0 if seen.of else max(abs(seen.value), seen.sd)
        return float(self.case.episode.approached_high)

    @property
    def errors(self) -> Floats:
        """Errors of the readings, as shares of their units, shape (readings,)."""
        return np.array([seen.sd / self._unit(name, seen) for name, seen in self.readings])

    def luck(self, seed: int) -> int:
        """Return the seed of the episode's runs: every episode has random streams of its own."""
        digest = hashlib.sha256(f"{seed} {self.name}".encode()).digest()
        return int.from_bytes(digest[:7], "big")

    def read(self, chunk: Chunk, keys: NDArray[np.uint64]) -> Simulated:
        """Return runs beside what was reported; ``keys`` are those of the runs."""
        runs = Runs(self.case, chunk)
        columns = [
            _apart(seen_in(runs, name, seen), seen) / self._unit(name, seen)
            for name, seen in self.readings
        ]
        holds = [sides(runs, finding)[0] for finding in self.findings]
        holds += [agreeing(seen_in(runs, name, seen), seen) for name, seen in self.facts]
        chances = np.ones(len(runs))
        for held in holds:
            chances *= np.where(held, 1.0, self.error_rate / (1.0 - self.error_rate))
        table = np.column_stack(columns) if columns else np.zeros((len(runs), 0))
        return Simulated(table, chances, uniforms_of(keys, READING))

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
            Of the random streams. What is assumed follows from it and a particle's stream, and so
            is kept with its parameters.
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
        own = self.luck(seed)

        def simulate(
            parameters: Records, numbers: Integers, tolerance: float | None = None
        ) -> Simulated:
            def work(first: int) -> Simulated:
                rows = slice(first, first + _ROWS_AT_ONCE)
                chosen, here = parameters[rows].copy(), numbers[rows]
                chosen["draw"] = run_keys(seed, here // most_runs)
                keys, held = run_keys(own, here), NO_READINGS
                if tolerance is not None:
                    held = self._held_against(tolerance, uniforms_of(keys, READING))
                chunk = run_numbered(self.case.episode, chosen, own, here, held)
                return self.read(chunk, keys)

            with executors.threads(threads) as run:
                done = []
                for _, part in run(work, range(0, len(numbers), _ROWS_AT_ONCE)):
                    done.append(part)
                    ran(len(part.lots))
            return Simulated(*(np.concatenate(column) for column in zip(*done, strict=True)))

        def within(tolerance: float) -> Simulate:
            return partial(simulate, tolerance=tolerance)

        return Source(self.name, simulate, self.errors, within)

    def _held_against(self, tolerance: float, lots: Floats) -> Readings:
        """Return what ends a run that cannot be taken at a tolerance, whatever still comes.

        A run that strays by s is taken if its lot is below exp(-s / 2) times the chances of all
        else. These are 1 at most, as facts are rather true than false, so a run that strays by more
        than -2 log(lot) is not.
        """
        widths = np.sqrt(self.errors**2 + tolerance**2)
        known = [
            (seen, COUNTED.index(name), self._unit(name, seen) * width)
            for (name, seen), width in zip(self.readings, widths, strict=True)
            if name in COUNTED and seen.of in (None, "approached", *COUNTED)
        ]
        return Readings(
            np.array([seen.month for seen, _, _ in known], np.int64),
            np.array([count for _, count, _ in known], np.int64),
            np.array([_whole(seen) for seen, _, _ in known], np.int64),
            np.array([seen.ends for seen, _, _ in known], float).reshape(-1, 2),
            np.array([width**2 for _, _, width in known], float),
            -2.0 * np.log(lots) + _ROUNDING,
        )


def _dated(seen: Observation) -> str:
    """Return the month of an observation, and of what kind its bound is."""
    return f", month {seen.month}" + (f", {seen.bound}" if seen.bound else "")


def _whole(seen: Observation) -> int:
    """Return what the engine calls that of which an observation is a ratio."""
    if seen.of is None:
        return ALONE
    return APPROACHED if seen.of == "approached" else COUNTED.index(seen.of)


def _is_fact(seen: Observation) -> bool:
    """Tell a bound that is known without an error of reading."""
    return seen.bound is not None and seen.sd == 0.0


def _apart(values: Floats, seen: Observation) -> Floats:
    """Return by how much values are off what was observed; what has no value counts as nil."""
    low, high = seen.ends
    values = np.nan_to_num(values, nan=0.0)
    return np.maximum(low - values, 0.0) + np.maximum(values - high, 0.0)
