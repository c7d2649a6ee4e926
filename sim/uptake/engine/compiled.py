"""Many runs at once: the compiled scheduler, in chunks of fixed content. No rules.

A run depends on nothing but its point and its number, so results depend neither on threads nor on
chunks. Memory grows with the trusts and with the chunks in flight, not with the number of runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.engine import executors
from uptake.engine.designs import Floats
from uptake.errors import Stopped
from uptake.model._jit import Records, njit
from uptake.model.assumptions import AS_DRAWN, Tables, assume, own_copy, tables_of
from uptake.model.draws import run_key
from uptake.model.entities import State
from uptake.model.episode import Episode
from uptake.model.initialization import empty_state, initialise
from uptake.model.month import Month, terms
from uptake.model.observation import (
    BREAKDOWN,
    MONTHLY,
    OUTCOMES,
    SIZES,
    observe_month,
    observe_run,
)
from uptake.model.parameters import luck_of
from uptake.model.processes.accounts import bodies_open_books
from uptake.model.processes.alignment import fill_work_done
from uptake.model.processes.refusals import REASONS, TERMS
from uptake.model.schedule import step
from uptake.model.standings import GAINS, STANDINGS, observe_standings

RUNS_A_CHUNK = 50  # of one question, or fewer, where runs are long:
TRUST_MONTHS_A_CHUNK = 50_000_000

# Given the first run and the number of runs, the parameters of each: shape (runs,), of PARAMETERS.
Design = Callable[[int, int], Records]


class Chunk(NamedTuple):
    """What a stretch of consecutive runs came to."""

    parameters: Records  # (runs,) of PARAMETERS
    outcomes: Records  # (runs,) of OUTCOMES
    by_kind: NDArray[np.int32]  # (runs, kinds, len(BREAKDOWN))
    by_size: NDArray[np.int32]  # (runs, len(SIZES), len(BREAKDOWN))
    curves: Records  # (runs, months + 1) of MONTHLY
    standings: NDArray[np.int32]  # (runs, groups, len(STANDINGS)); no groups if it is not asked
    refusals: NDArray[np.int32]  # (runs, groups, len(REASONS)): the same
    gains: Floats  # (runs, groups, len(GAINS)): the same
    errors: NDArray[np.str_]  # (runs,) why a run failed; empty if it did not


ALONE, APPROACHED = -1, -2  # what a count is a ratio of, where that is no other count


class Readings(NamedTuple):
    """Counts that runs are held against while they go on: a run that strays too far ends there.

    It strays by the sum of d^2 / variance, where d is by how much a count lies outside its ends.
    Of a run that ended the curves are nil afterwards, and no outcome but ``approached`` means
    anything.
    """

    months: NDArray[np.int64]  # (readings,)
    counts: NDArray[np.int64]  # (readings,) places in COUNTED
    of: NDArray[np.int64]  # (readings,) places in COUNTED, ALONE or APPROACHED
    ends: Floats  # (readings, 2) lowest and highest
    variances: Floats  # (readings,) 0: exact
    allowed: Floats  # (rows,) how far each run may stray


_NONE = np.zeros(0, np.int64)
NO_READINGS = Readings(_NONE, _NONE, _NONE, np.zeros((0, 2)), np.zeros(0), np.zeros(0))


class Rows(NamedTuple):
    """The runs of a chunk: the number of each, its point, its parameters, the levers overridden."""

    numbers: NDArray[np.int64]  # (rows,) of the runs, which key their draws
    points: NDArray[np.int64]  # (rows,) rows of ``overrides``
    parameters: Records  # (rows,) of PARAMETERS
    levers: NDArray[np.int64]  # (levers overridden,) their places in LEVERS
    overrides: Floats  # (points, levers); NaN: as the episode has it
    readings: Readings = NO_READINGS
    assumed: Floats = AS_DRAWN  # (rows, ranges) shares of the draws of each; (1, 0): as drawn


@njit
def _override(path: Floats, levers: NDArray[np.int64], values: Floats) -> None:
    """Override the levers of a point throughout its path, shape (months + 1, levers)."""
    for i in range(len(levers)):
        if not np.isnan(values[i]):
            path[:, levers[i]] = values[i]


@njit
def _strayed(readings: Readings, month: int, counts: NDArray[np.int32], approached: int) -> float:
    """Return how far the counts of a month stray from what was reported of it."""
    strayed = 0.0
    for i in range(len(readings.months)):
        if readings.months[i] != month:
            continue
        value, of = float(counts[readings.counts[i]]), readings.of[i]
        if of != ALONE:
            whole = approached if of == APPROACHED else counts[of]
            value = value / whole if whole > 0 else 0.0
        apart = max(readings.ends[i, 0] - value, value - readings.ends[i, 1], 0.0)
        if apart > 0.0:
            exact = readings.variances[i] == 0.0
            strayed += np.inf if exact else apart * apart / readings.variances[i]
    return strayed


@njit
def run_many(
    state: State,
    episode: Episode,
    tables: Tables,
    given: Floats,
    rows: Rows,
    seed: int,
    first: int,
    last: int,
    outcomes: Records,
    by_kind: NDArray[np.int32],
    by_size: NDArray[np.int32],
    curves: Records,
    standings: NDArray[np.int32],
    refusals: NDArray[np.int32],
    gains: Floats,
    counts: NDArray[np.int32],
) -> None:
    """Go through rows ``first`` to ``last - 1`` in the same state, each from launch to horizon.

    ``tables`` are the episode's numbers, which assumptions and the levers of a point are written
    into, and ``given`` its levers before that. What a row comes to is written into its records;
    ``counts`` are those in ``curves``, shape (rows, months + 1, ...).
    """
    structure, sector = episode.structure[0], episode.sector[0]
    readings = rows.readings
    for i in range(first, last):
        if i == first or rows.points[i] != rows.points[i - 1]:
            tables.levers[:] = given
        shares = rows.assumed[i % len(rows.assumed)]
        assume(episode, tables, rows.parameters[i].draw, shares)
        _override(tables.levers, rows.levers, rows.overrides[rows.points[i]])
        parameters = rows.parameters[i]
        luck, run = luck_of(parameters, seed, rows.numbers[i])
        trusts, key = initialise(state, episode, luck, run), run_key(luck, run)
        fill_work_done(state.work_done, episode.levers, parameters)
        observe_month(state, curves[i][0])
        state.turned[:] = 0
        if len(state.turned) > 0:
            bodies_open_books(state, trusts)
        strayed = 0.0
        for number in range(1, len(episode.levers)):
            levers = episode.levers[number]
            now = terms(levers, sector, number)
            month = Month(number, levers, structure, sector, parameters, now, key)
            step(state, episode.offers, episode.deeds, trusts, month)
            observe_month(state, curves[i][number])
            if len(readings.months) > 0:
                strayed += _strayed(readings, number, counts[i, number], trusts)
                if strayed > readings.allowed[i]:
                    break
        observe_run(state, trusts, episode, curves[i], outcomes[i], by_kind[i], by_size[i])
        if len(state.turned) > 0:
            observe_standings(state, trusts, episode, standings[i], refusals[i], gains[i])
        outcomes[i].run = rows.numbers[i]


def run_rows(episode: Episode, seed: int, rows: Rows, explains: bool = False) -> Chunk:
    """Return what rows came to; a row that fails is empty and says why.

    ``explains`` asks where trusts stand at the end, too, and what turned them away.
    """
    count, months = len(rows.numbers), len(episode.levers)
    groups = groups_of(episode) if explains else 0
    episode = own_copy(episode)
    numbers = tables_of(episode)
    tables = (
        np.zeros(count, OUTCOMES).view(np.recarray),
        np.zeros((count, len(episode.kinds), len(BREAKDOWN)), np.int32),
        np.zeros((count, len(SIZES), len(BREAKDOWN)), np.int32),
        np.zeros((count, months), MONTHLY).view(np.recarray),
        np.zeros((count, groups, len(STANDINGS)), np.int32),
        np.zeros((count, groups, len(REASONS)), np.int32),
    )
    gains = np.zeros((count, groups, len(GAINS)))
    words = tables[3].view(np.ndarray).view(np.int32)
    counts = words.reshape(count, months, MONTHLY.itemsize // 4)  # first what is counted
    state = empty_state(episode, TERMS if explains else 0)
    question = (state, episode, numbers, numbers.levers.copy(), rows, seed)
    errors = [""] * count
    try:
        run_many(*question, 0, count, *tables, gains, counts)
    except MemoryError:  # no run's own failure
        raise
    except Exception:  # one run at a time, to tell which: the others are kept
        for table in (*tables, gains):
            table[...] = np.zeros((), table.dtype)
        for row in range(count):
            try:
                run_many(*question, row, row + 1, *tables, gains, counts)
            except Exception as problem:
                errors[row] = f"{type(problem).__name__}: {problem}"
                tables[0][row].run = rows.numbers[row]
    for name in OUTCOMES.names or ():
        for at in np.flatnonzero(~np.isfinite(tables[0][name])):
            errors[at] = errors[at] or f"{name} is {tables[0][name][at]}, not a number"
    return Chunk(rows.parameters, *tables, gains, np.array(errors))


def groups_of(episode: Episode) -> int:
    """Return in how many groups trusts are counted: kinds, sizes and regions."""
    return len(episode.kinds) + len(SIZES) + len(episode.region_cumulative)


def _plain(
    parameters: Records, numbers: NDArray[np.int64], readings: Readings = NO_READINGS
) -> Rows:
    """Return rows of one point, with the levers as the episode has them."""
    no_levers, point = np.zeros(0, np.int64), np.zeros(len(numbers), np.int64)
    return Rows(numbers, point, parameters, no_levers, np.zeros((1, 0)), readings)


def _sound(chunk: Chunk, seed: int) -> Chunk:
    """Return a chunk of which no run failed, or stop and say which did."""
    for row in np.flatnonzero(chunk.errors != ""):
        run, why = chunk.outcomes["run"][row], chunk.errors[row]
        raise Stopped(f"run {run} with seed {seed} failed: {why}")
    return chunk


def run_numbered(
    episode: Episode,
    parameters: Records,
    seed: int,
    numbers: NDArray[np.int64],
    readings: Readings = NO_READINGS,
) -> Chunk:
    """Return what runs of an episode came to: a record of parameters and a number for each.

    Runs that stray too far from ``readings`` end there: see ``Readings`` for what is left of them.
    """
    return _sound(run_rows(episode, seed, _plain(parameters, numbers, readings)), seed)


def run_chunk(episode: Episode, design: Design, seed: int, first_run: int, runs: int) -> Chunk:
    """Return what runs ``first_run`` to ``first_run + runs - 1`` of an episode came to."""
    numbers = np.arange(first_run, first_run + runs)
    return run_numbered(episode, design(first_run, runs), seed, numbers)


def simulate(
    episode: Episode,
    design: Design,
    runs: int,
    seed: int,
    threads: int | None = None,
    explains: bool = False,
) -> Iterator[Chunk]:
    """Yield the chunks of ``runs`` runs in order, computed on ``threads`` threads ahead of use.

    ``explains`` asks where trusts stand at the end, too, and what turned them away.
    """
    size = runs_a_chunk(episode, RUNS_A_CHUNK, TRUST_MONTHS_A_CHUNK)

    def work(first: int) -> Chunk:
        numbers = np.arange(first, min(first + size, runs))
        return run_rows(episode, seed, _plain(design(first, len(numbers)), numbers), explains)

    with executors.threads(threads) as run:
        for _, chunk in run(work, range(0, runs, size)):
            yield _sound(chunk, seed)


def runs_a_chunk(episode: Episode, runs: int, trust_months: int) -> int:
    """Return so many runs, or fewer, where they are long."""
    in_a_run = episode.approached_high * len(episode.levers)
    return max(1, min(runs, trust_months // in_a_run))
