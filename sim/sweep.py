"""Many runs at once: the compiled scheduler, in chunks, on threads. No rules.

A run depends on nothing but its own number, so results depend neither on threads nor on chunks.
Memory grows with the trusts and with the chunks in flight, not with the number of runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim._jit import Records, njit
from sim.draws import run_key
from sim.entities import State
from sim.initialization import empty_state, initialise
from sim.inputs import Episode
from sim.observation import BREAKDOWN, CURVES, OUTCOMES, SIZES, observe_month, observe_run
from sim.processes.month import Month, term_in_years
from sim.schedule import step

RUNS_A_CHUNK = 50  # or fewer, where runs are long:
TRUST_MONTHS_A_CHUNK = 50_000_000

# Given the first run and the number of runs, the parameters of each: shape (runs,), of PARAMETERS.
Design = Callable[[int, int], Records]


class Chunk(NamedTuple):
    """What a stretch of consecutive runs came to."""

    parameters: Records  # (runs,) of PARAMETERS
    outcomes: Records  # (runs,) of OUTCOMES
    by_kind: NDArray[np.int32]  # (runs, kinds, len(BREAKDOWN))
    by_size: NDArray[np.int32]  # (runs, len(SIZES), len(BREAKDOWN))
    curves: NDArray[np.int32]  # (runs, len(CURVES), months + 1)


@njit
def run_one(
    state: State,
    episode: Episode,
    parameters: Any,
    seed: int,
    run: int,
    outcome: Any,
    by_kind: Any,
    by_size: Any,
    curves: Any,
) -> None:
    """Go through one run from launch to horizon, and write what it came to into its records."""
    structure, sector = episode.structure[0], episode.sector[0]
    networks, providers, centre = state.peers, state.providers, state.centre[0]
    trusts, key = initialise(state, episode, seed, run), run_key(seed, run)
    observe_month(networks, providers, centre, 0, curves)
    for number in range(1, len(episode.levers)):
        levers = episode.levers[number]
        years = term_in_years(levers, sector)
        month = Month(number, levers, structure, sector, parameters, years, key)
        step(state, episode.offers, trusts, month)
        observe_month(networks, providers, centre, number, curves)
    observe_run(state, trusts, episode, curves, outcome, by_kind, by_size)
    outcome.run = run


@njit
def run_many(
    state: State,
    episode: Episode,
    parameters: Any,
    seed: int,
    first_run: int,
    outcomes: Any,
    by_kind: Any,
    by_size: Any,
    curves: Any,
) -> None:
    """Go through consecutive runs one after the other in the same state."""
    for i in range(len(outcomes)):
        run_one(
            state,
            episode,
            parameters[i],
            seed,
            first_run + i,
            outcomes[i],
            by_kind[i],
            by_size[i],
            curves[i],
        )


def run_chunk(episode: Episode, design: Design, seed: int, first_run: int, runs: int) -> Chunk:
    """Return what runs ``first_run`` to ``first_run + runs - 1`` of an episode came to."""
    chunk = Chunk(
        parameters=design(first_run, runs),
        outcomes=np.zeros(runs, OUTCOMES).view(np.recarray),
        by_kind=np.zeros((runs, len(episode.kinds), len(BREAKDOWN)), np.int32),
        by_size=np.zeros((runs, len(SIZES), len(BREAKDOWN)), np.int32),
        curves=np.zeros((runs, len(CURVES), len(episode.levers)), np.int32),
    )
    state = empty_state(episode)
    run_many(state, episode, chunk.parameters, seed, first_run, *chunk[1:])
    return chunk


def simulate(
    episode: Episode, design: Design, runs: int, seed: int, threads: int | None = None
) -> Iterator[Chunk]:
    """Yield the chunks of ``runs`` runs in order, computed on ``threads`` threads ahead of use."""
    threads = threads or os.cpu_count() or 1
    in_a_run = episode.approached_high * len(episode.levers)
    runs_a_chunk = max(1, min(RUNS_A_CHUNK, TRUST_MONTHS_A_CHUNK // in_a_run))
    starts = iter(range(0, runs, runs_a_chunk))
    pool = ThreadPoolExecutor(threads)
    waiting: list[Future[Chunk]] = []
    try:

        def submit_next() -> None:
            first = next(starts, None)
            if first is not None:
                size = min(runs_a_chunk, runs - first)
                waiting.append(pool.submit(run_chunk, episode, design, seed, first, size))

        for _ in range(2 * threads):
            submit_next()
        while waiting:
            yield waiting.pop(0).result()
            submit_next()
    finally:
        pool.shutdown(cancel_futures=True)
