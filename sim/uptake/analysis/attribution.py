"""Why so few: the distance to what could have been, shared out among causes by Shapley's value.

Every subset of the causes is put right, on the same runs: the same behaviour, bodies and luck. A
cause's part is what putting it right adds, averaged over all orders in which causes can be put
right. Source: Shapley 1953, "A value for n-person games".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import factorial

import numpy as np
from numpy.typing import NDArray

from uptake.config.case import Case
from uptake.config.causes import Cause
from uptake.engine import executors
from uptake.engine.compiled import Rows, run_rows, runs_a_chunk
from uptake.errors import Stopped
from uptake.model.levers import LEVERS
from uptake.model.observation import CURVES

_RUNS_AT_ONCE, _TRUST_MONTHS_AT_ONCE = 500, 20_000_000
_NAMES = list(LEVERS.names or ())


def shapley(worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Shapley's value of every player of a game, shape (players, ...).

    ``phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))``.

    Parameters
    ----------
    worth
        What each subset is worth, shape (2 ** players, ...): bit ``i`` of its place says whether
        player ``i`` is in it.

    Examples
    --------
    >>> shapley(np.array([0.0, 1.0, 2.0, 5.0]))  # two players: 1 alone, 2 alone, 5 together
    array([2., 3.])
    """
    players = len(worth).bit_length() - 1
    sizes = np.array([int(place).bit_count() for place in range(len(worth))])
    weights = np.array(
        [factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)]
    )
    found = np.zeros((players, *worth.shape[1:]))
    for player in range(players):
        without = np.array([s for s in range(len(worth)) if not s >> player & 1])
        gains = worth[without + (1 << player)] - worth[without]
        found[player] = np.tensordot(weights[sizes[without]], gains, axes=1)
    return found


@dataclass(frozen=True)
class Attribution:
    """What kept a scheme from what it could have been."""

    case: Case
    outcome: str
    causes: Sequence[Cause]
    worth: NDArray[np.float64]  # (2 ** causes, runs): the outcome with each subset put right

    @property
    def was(self) -> NDArray[np.float64]:
        """Return the outcome as it was, shape (runs,)."""
        return self.worth[0]

    @property
    def could(self) -> NDArray[np.float64]:
        """Return the outcome with all causes put right, shape (runs,)."""
        return self.worth[-1]

    @cached_property
    def over_all_orders(self) -> NDArray[np.float64]:
        """Return Shapley's value of each cause run by run, shape (causes, runs): they add up."""
        return shapley(self.worth)

    @property
    def time(self) -> int | None:
        """Return the place of the cause that gives more time, if there is one."""
        return next((i for i, cause in enumerate(self.causes) if cause.months is not None), None)

    @property
    def without_time(self) -> NDArray[np.float64]:
        """Return the outcome with all put right but time, shape (runs,)."""
        last = len(self.worth) - 1
        return self.worth[last if self.time is None else last & ~(1 << self.time)]

    @cached_property
    def parts(self) -> NDArray[np.float64]:
        """Return the part of each cause run by run, shape (causes, runs): they add up.

        Time comes last: Shapley's value of all others by the scheme's own end, and what more time
        then adds. What counts later only has no part in what was.
        """
        time = self.time
        if time is None:
            return self.over_all_orders
        subsets = np.array([s for s in range(len(self.worth)) if not s >> time & 1])
        others = shapley(self.worth[subsets])  # in the order of the causes, as bits keep theirs
        return np.insert(others, time, self.could - self.without_time, axis=0)

    @property
    def alone(self) -> NDArray[np.float64]:
        """Return what putting right each cause alone adds, shape (causes, runs)."""
        return self.worth[[1 << i for i in range(len(self.causes))]] - self.was


def _horizon(case: Case, causes: Sequence[Cause]) -> int:
    """Return the months that must be run."""
    return max([case.months, *(cause.months or 0 for cause in causes)])


def attribute(
    case: Case,
    causes: Sequence[Cause],
    outcome: str,
    advance: Callable[[int], object] = lambda _: None,
) -> Attribution:
    """Return what kept a scheme from what it could have been.

    Parameters
    ----------
    case
        The scheme, and the runs of which it is asked.
    causes
        What may have kept it.
    outcome
        A curve.
    advance
        Is told of subsets that are done.

    Raises
    ------
    Stopped
        A run failed.
    """
    config, months = case.config, _horizon(case, causes)
    held, rows = case.overridden, config.timeline
    episodes = {}
    for dropped in {cause.without for cause in causes} | {()}:
        without = tuple(dict.fromkeys([*config.without, *dropped]))
        episodes[dropped] = case.overriding(held, without, months, rows).episode
    levers = sorted({name for cause in causes for name in cause.levers}, key=_NAMES.index)
    places = np.array([_NAMES.index(name) for name in levers], np.int64)
    size = runs_a_chunk(episodes[()], _RUNS_AT_ONCE, _TRUST_MONTHS_AT_ONCE)
    starts = range(0, config.runs, size)
    worth = np.empty((1 << len(causes), config.runs))

    def work(piece: int) -> NDArray[np.float64]:
        subset, first = divmod(piece, len(starts))
        first *= size
        chosen = [cause for i, cause in enumerate(causes) if subset >> i & 1]
        numbers = np.arange(first, min(first + size, config.runs))
        behaviour = case.design(first, len(numbers))
        values, by = np.full(len(levers), np.nan), case.months
        dropped: tuple[str, ...] = ()
        for cause in chosen:
            for name, value in cause.levers.items():
                values[levers.index(name)] = value
            for name, value in cause.parameters.items():
                behaviour[name] = value
            dropped, by = cause.without or dropped, cause.months or by
        point = np.zeros(len(numbers), np.int64)
        asked = Rows(numbers, point, behaviour, places, values[None, :])
        chunk = run_rows(episodes[dropped], config.seed, asked)
        if (chunk.errors != "").any():
            raise Stopped(f"a run with seed {config.seed} failed: {max(chunk.errors)}")
        return np.asarray(chunk.curves[outcome][:, by], float)

    assert outcome in CURVES
    with executors.threads(config.threads) as run:
        for piece, found in run(work, range(len(worth) * len(starts))):
            subset, at = divmod(piece, len(starts))
            worth[subset, at * size : at * size + len(found)] = found
            if at == len(starts) - 1:
                advance(1)
    return Attribution(case, outcome, tuple(causes), worth)
