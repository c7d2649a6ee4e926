"""A scheme at many points: levers held otherwise, on the same behaviour, bodies and luck."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from uptake.config.case import Case
from uptake.engine import executors
from uptake.engine.compiled import Rows, run_rows
from uptake.errors import Stopped
from uptake.model.levers import LEVERS
from uptake.results.runs import Runs

Read = TypeVar("Read")
_NAMES = list(LEVERS.names or ())


def at_points(
    case: Case,
    levers: Sequence[str],
    values: NDArray[np.float64],
    read: Callable[[Runs], Read],
    advance: Callable[[int], object] = lambda _: None,
) -> Iterator[Read]:
    """Yield what is read of the runs at every point, point by point.

    What is held at a point is held throughout, as ``levers.NAME=`` does, and run ``i`` of one point
    shares all but the levers with run ``i`` of another.

    Parameters
    ----------
    case
        The scheme; nothing that it holds itself is changed but these levers.
    levers
        Names, (levers,).
    values
        Of the levers, shape (points, levers); NaN: as the scheme has it.
    read
        Makes of the runs at a point what is kept of them.
    advance
        Is told of points that are done.

    Raises
    ------
    Stopped
        A run failed.
    """
    config = case.config
    numbers, behaviour = np.arange(config.runs), case.design(0, config.runs)
    places = np.array([_NAMES.index(name) for name in levers], np.int64)
    point = np.zeros(config.runs, np.int64)

    def work(row: int) -> Read:
        held = np.ascontiguousarray(values[row : row + 1], float)
        chunk = run_rows(case.episode, config.seed, Rows(numbers, point, behaviour, places, held))
        if (chunk.errors != "").any():
            raise Stopped(f"a run with seed {config.seed} failed: {max(chunk.errors)}")
        return read(Runs(case, chunk))

    with executors.threads(config.threads) as run:
        for _, found in run(work, range(len(values))):
            yield found
            advance(1)
