"""Where pieces of work are done: on threads of this process, or by the workers of a Dask cluster.

Neither knows what the work is. Only a few pieces are under way or waiting to be taken at any time,
so that memory does not grow with their number.
"""

from __future__ import annotations

import itertools
import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sim.errors import InputError, Stopped

# What is done with the number of a piece, and how: yields every number with what became of it.
Work = Callable[[int], Any]
Executor = Callable[[Work, Iterable[int]], Iterator[tuple[int, Any]]]

AHEAD = 2  # pieces under way or waiting to be taken, for each thread
_SECONDS_TO_ANSWER = 10


@contextmanager
def threads(count: int | None = None) -> Iterator[Executor]:
    """Give an executor of threads (None: as many as cores) whose results come in order."""
    cores = count or os.cpu_count() or 1

    def run(work: Work, items: Iterable[int]) -> Iterator[tuple[int, Any]]:
        coming, waiting = iter(items), deque[tuple[int, Future[Any]]]()
        pool = ThreadPoolExecutor(cores)
        try:
            while True:
                for item in itertools.islice(coming, AHEAD * cores - len(waiting)):
                    waiting.append((item, pool.submit(work, item)))
                if not waiting:
                    return
                item, future = waiting.popleft()
                yield item, future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    yield run


def _itself(work: Any) -> Any:
    """Return the work: a task of its own, so that a new worker can be given it again."""
    return work


def _apply(work: Work, item: int) -> Any:
    """Do one piece of work."""
    return work(item)


def _client(address: str) -> Any:
    """Return a connection to a scheduler that has workers, or refuse its address."""
    import distributed

    needed = "tcp://HOST:PORT of a Dask scheduler is needed"
    try:
        client = distributed.Client(address)
    except (OSError, TypeError, ValueError) as problem:
        said = f"none answers there ({problem!s:.80}); {needed}"
        raise InputError(f"executor.address={address}: {said}") from None
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_ANSWER)
    except TimeoutError:
        client.close()
        said = "the scheduler has no workers; start some with: dask worker ADDRESS"
        raise InputError(f"executor.address={address}: {said}") from None
    return client


@contextmanager
def _cluster(workers: int | None) -> Iterator[Any]:
    """Give a connection to a cluster on this machine, which no other machine can reach."""
    import distributed

    with (
        distributed.LocalCluster(
            n_workers=workers or os.cpu_count() or 1,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs="CRITICAL",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def dask(address: str | None = None, workers: int | None = None) -> Iterator[Executor]:
    """Give an executor of a Dask cluster's workers. Results come as they are done.

    ``address`` is that of a scheduler; None: one is started here, with ``workers`` processes (None:
    as many as cores). A piece whose worker dies is done again by another.
    """
    try:
        import dask as library
        import distributed
    except ImportError:
        allowed = "Dask is not installed: in the checkout of uptake, pip install -e '.[dask]'"
        raise InputError(f"executor=dask: {allowed}") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said here
    with (
        library.config.set({"distributed.comm.timeouts.connect": _SECONDS_TO_ANSWER}),
        _cluster(workers) if address is None else _client(address) as client,
    ):

        def run(work: Work, items: Iterable[int]) -> Iterator[tuple[int, Any]]:
            coming, underway = iter(items), dict[Any, int]()
            shared = client.submit(_itself, work, pure=False)
            finished = distributed.as_completed()
            cores = sum(client.nthreads().values()) or 1
            while True:
                for item in itertools.islice(coming, AHEAD * cores - len(underway)):
                    future = client.submit(_apply, shared, item, pure=False)
                    underway[future] = item
                    finished.add(future)
                if not underway:
                    return
                future = next(finished)
                try:
                    done = future.result()
                except distributed.KilledWorker:
                    raise Stopped("executor=dask: workers died again and again") from None
                except (CancelledError, distributed.comm.CommClosedError):
                    raise Stopped("executor=dask: the scheduler cannot be reached") from None
                yield underway.pop(future), done

        yield run
