"""The runs of a case at points of its levers, all on the same behaviour, bodies and luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from uptake.config.case import Case
from uptake.engine import executors
from uptake.engine.compiled import Rows, run_rows, runs_a_chunk
from uptake.errors import Stopped
from uptake.model._jit import Records
from uptake.model.levers import LEVERS
from uptake.results.runs import Runs

Floats = NDArray[np.float64]
_ROWS_AT_ONCE, _TRUST_MONTHS_AT_ONCE = 500, 20_000_000
_NAMES = list(LEVERS.names or ())


@dataclass(frozen=True)
class Points:
    """What gives the outcomes of a case with some of its levers held."""

    case: Case
    columns: tuple[str, ...]  # the outcomes that are kept

    @cached_property
    def _drawn(self) -> Records:
        """Return the behaviour of all runs."""
        return self.case.design(0, self.case.config.runs)

    def at(self, levers: Sequence[str], values: Floats, runs: int) -> dict[str, Floats]:
        """Return each outcome at each point, shape (points, runs).

        Parameters
        ----------
        levers
            Those that are held.
        values
            Of each at each point, shape (points, levers); NaN: as it is.
        runs
            How many of a point, the first of the case's.

        Raises
        ------
        Stopped
            A run failed.
        """
        config, episode = self.case.config, self.case.episode
        places = np.array([_NAMES.index(name) for name in levers], np.int64)
        overrides = np.ascontiguousarray(values, np.float64)
        rows = len(values) * runs
        found = {name: np.empty(rows) for name in self.columns}
        size = runs_a_chunk(episode, _ROWS_AT_ONCE, _TRUST_MONTHS_AT_ONCE)

        def work(first: int) -> list[Floats]:
            of = np.arange(first, min(first + size, rows))
            points, numbers = of // runs, of % runs
            behaviour = self._drawn[numbers].view(np.recarray)
            chunk = run_rows(
                episode, config.seed, Rows(numbers, points, behaviour, places, overrides)
            )
            if (chunk.errors != "").any():
                raise Stopped(f"a run with seed {config.seed} failed: {max(chunk.errors)}")
            made = Runs(self.case, chunk)
            return [np.asarray(made[name], float) for name in self.columns]

        drawn = self._drawn  # before threads ask for it
        assert len(drawn) >= runs
        with executors.threads(config.threads) as run:
            for first, columns in run(work, range(0, rows, size)):
                for name, column in zip(self.columns, columns, strict=True):
                    found[name][first : first + len(column)] = column
        return {name: column.reshape(len(values), runs) for name, column in found.items()}
