"""Where pieces of work are done: on threads of this process, or by the workers of a Dask cluster.

Neither knows what the work is. Only a few pieces are under way or waiting to be taken at any time,
so that memory does not grow with their number.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from sim.errors import InputError, Stopped

Item = TypeVar("Item")
Done = TypeVar("Done")

AHEAD = 2  # pieces under way or waiting to be taken, for each thread
_SECONDS_TO_ANSWER = 20


def on_threads(
    work: Callable[[Item], Done], items: Iterable[Item], threads: int | None = None
) -> Iterator[tuple[Item, Done]]:
    """Yield every item with what the work made of it, in order; None: as many threads as cores."""
    threads = threads or os.cpu_count() or 1
    coming = iter(items)
    pool = ThreadPoolExecutor(threads)
    waiting: list[tuple[Item, Future[Done]]] = []
    try:

        def submit_next() -> None:
            for item in coming:
                waiting.append((item, pool.submit(work, item)))
                break

        for _ in range(AHEAD * threads):
            submit_next()
        while waiting:
            item, future = waiting.pop(0)
            yield item, future.result()
            submit_next()
    finally:
        pool.shutdown(cancel_futures=True)


def _itself(work: Any) -> Any:
    """Return the work: a task of its own, so that a new worker can be given it again."""
    return work


def _apply(work: Callable[[Item], Done], item: Item) -> Done:
    """Do one piece of work."""
    return work(item)


@contextmanager
def _dask(address: str | None, workers: int | None) -> Iterator[Any]:
    """Connect to a Dask cluster, or start one on this machine that no other can reach."""
    try:
        import dask
        import distributed
    except ImportError:
        allowed = "Dask is not installed: pip install 'uptake-sim[dask]'"
        raise InputError(f"executor=dask: {allowed}") from None
    with dask.config.set({"distributed.comm.timeouts.connect": _SECONDS_TO_ANSWER}):
        if address is not None:
            try:
                client = distributed.Client(address)
            except (OSError, ValueError) as problem:
                allowed = "no Dask scheduler answers there; tcp://HOST:PORT is needed"
                raise InputError(f"executor.address={address}: {allowed}") from problem
            with client:
                yield client
            return
        with (
            distributed.LocalCluster(
                n_workers=workers or os.cpu_count() or 1,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,
                silence_logs="CRITICAL",
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client


def on_dask(
    work: Callable[[Item], Done],
    items: Iterable[Item],
    address: str | None = None,
    workers: int | None = None,
) -> Iterator[tuple[Item, Done]]:
    """Yield every item with what the work made of it, as they come, from a Dask cluster.

    ``address`` is that of a scheduler; None: one is started here, with ``workers`` processes (None:
    as many as cores). A piece whose worker dies is done again by another.
    """
    coming = iter(items)
    with _dask(address, workers) as client:
        import distributed

        shared = client.submit(_itself, work, pure=False)
        underway: dict[Any, Item] = {}

        def submit_next() -> list[Any]:
            for item in coming:
                future = client.submit(_apply, shared, item, pure=False)
                underway[future] = item
                return [future]
            return []

        finished = distributed.as_completed()
        cores = sum(client.nthreads().values()) or workers or 1
        for _ in range(AHEAD * cores):
            finished.update(submit_next())
        while underway:
            future = next(finished)
            try:
                done = future.result()
            except distributed.KilledWorker as problem:
                raise Stopped(f"executor=dask: workers died again and again: {problem}") from None
            yield underway.pop(future), done
            finished.update(submit_next())
