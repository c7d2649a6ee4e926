"""A scheme at many points: levers held otherwise, on the same behaviour, bodies and luck."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.draws import Draws
from uptake.config.case import Case
from uptake.engine import executors
from uptake.engine.compiled import Rows, run_rows, runs_a_chunk
from uptake.errors import Stopped
from uptake.model._jit import Records
from uptake.model.levers import LEVERS
from uptake.results.runs import Runs

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Read = TypeVar("Read")
_ROWS_AT_ONCE, _TRUST_MONTHS_AT_ONCE = 500, 20_000_000
WORTH = "net_present_value_gbp"
COSTS = ("trusts_cost_gbp", "centre_cost_gbp", "provider_loss_gbp")  # of each payer, net
_NAMES = list(LEVERS.names or ())


@dataclass(frozen=True)
class Points:
    """What gives the runs of a case with some of its levers held.

    What is held at a point is held throughout, as ``levers.NAME=`` does, and run ``i`` of one point
    shares all but the levers with run ``i`` of another.

    Parameters
    ----------
    case
        The scheme; nothing that it holds itself is changed but these levers.
    columns
        Outcomes that are kept of every run; see ``at``.
    """

    case: Case
    columns: tuple[str, ...] = ()

    @cached_property
    def _drawn(self) -> Records:
        """Return the behaviour of all runs."""
        return self.case.design(0, self.case.config.runs)

    def draws(self, runs: int) -> Draws:
        """Return which of the first runs share a draw."""
        return Draws.keyed(self._drawn["draw"][:runs])

    def _runs(
        self, levers: Sequence[str], values: Floats, points: Integers, numbers: Integers
    ) -> Runs:
        """Return runs of these numbers, each at its row of the values."""
        places = np.array([_NAMES.index(name) for name in levers], np.int64)
        behaviour = self._drawn[numbers].view(np.recarray)
        rows = Rows(numbers, points, behaviour, places, np.ascontiguousarray(values, float))
        seed = self.case.config.seed
        chunk = run_rows(self.case.episode, seed, rows)
        if (chunk.errors != "").any():
            raise Stopped(f"a run with seed {seed} failed: {max(chunk.errors)}")
        return Runs(self.case, chunk)

    def read(
        self,
        levers: Sequence[str],
        values: Floats,
        what: Callable[[Runs], Read],
        advance: Callable[[int], object] = lambda _: None,
    ) -> Iterator[Read]:
        """Yield what is read of all runs at each point, point by point.

        Parameters
        ----------
        levers
            Those that are held.
        values
            Of the levers, shape (points, levers); NaN: as the scheme has it.
        what
            Makes of the runs at a point what is kept of them.
        advance
            Is told of points that are done.

        Raises
        ------
        Stopped
            A run failed.
        """
        numbers = np.arange(len(self._drawn))
        here = np.zeros(len(numbers), np.int64)

        def work(row: int) -> Read:
            return what(self._runs(levers, values[row : row + 1], here, numbers))

        with executors.threads(self.case.config.threads) as run:
            for _, found in run(work, range(len(values))):
                yield found
                advance(1)

    def at(self, levers: Sequence[str], values: Floats, runs: int) -> dict[str, Floats]:
        """Return each of the outcomes that are kept at each point, shape (points, runs).

        Parameters
        ----------
        levers
            Those that are held.
        values
            Of the levers, shape (points, levers); NaN: as the scheme has it.
        runs
            How many of a point, the first of the case's.

        Raises
        ------
        Stopped
            A run failed.
        """
        rows = len(values) * runs
        found = {name: np.empty(rows) for name in self.columns}
        size = runs_a_chunk(self.case.episode, _ROWS_AT_ONCE, _TRUST_MONTHS_AT_ONCE)
        assert len(self._drawn) >= runs  # drawn before threads ask for it

        def work(first: int) -> list[Floats]:
            of = np.arange(first, min(first + size, rows))
            made = self._runs(levers, values, of // runs, of % runs)
            return [np.asarray(made[name], float) for name in self.columns]

        with executors.threads(self.case.config.threads) as run:
            for first, columns in run(work, range(0, rows, size)):
                for name, column in zip(self.columns, columns, strict=True):
                    found[name][first : first + len(column)] = column
        return {name: column.reshape(len(values), runs) for name, column in found.items()}
