"""Where pieces of work are done: threads, a Dask cluster, any pool of ``concurrent.futures``.

None knows what the work is. Only a few pieces are under way or waiting to be taken at any time, so
that memory does not grow with their number.
"""

from __future__ import annotations

import itertools
import logging
import operator
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from uptake.errors import InputError, Stopped

# What is done with the number of a piece, and how: yields every number with what became of it.
Work = Callable[[int], Any]
Run = Callable[[Work, Iterable[int]], Iterator[tuple[int, Any]]]
Submit = Callable[[Work, int], "Future[Any]"]

AHEAD = 2  # pieces under way or waiting to be taken, for each worker
PATIENCE = 300.0  # seconds that workers are waited for
_SECONDS_TO_ANSWER = 10
_UNREACHABLE = "executor=dask: the scheduler cannot be reached"
_NOT_INSTALLED = "not installed: pip install '.[dask]' in the checkout"


def on(submit: Submit, workers: int, look: Callable[[], None] | None = None) -> Run:
    """Return what works on a pool of ``concurrent.futures``, given its ``submit``, in order.

    With ``look``, which is called when nothing has come for some seconds, results come as they are
    done.
    """

    def run(work: Work, items: Iterable[int]) -> Iterator[tuple[int, Any]]:
        coming, underway = iter(items), dict[Future[Any], int]()
        try:
            while True:
                for item in itertools.islice(coming, AHEAD * workers - len(underway)):
                    underway[submit(work, item)] = item
                if not underway:
                    return
                for future in [next(iter(underway))] if look is None else _done(underway, look):
                    yield underway[future], future.result()
                    del underway[future]
        finally:
            for future in underway:
                future.cancel()

    return run


def _done(underway: Iterable[Future[Any]], look: Callable[[], None]) -> list[Future[Any]]:
    """Return pieces that are done, as soon as there are any."""
    while True:
        found = wait(underway, _SECONDS_TO_ANSWER, FIRST_COMPLETED).done
        if found:
            return list(found)
        look()


@contextmanager
def threads(count: int | None = None) -> Iterator[Run]:
    """Give what works on threads (None: as many as cores), with results in order."""
    cores = count or os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        yield on(pool.submit, cores)


def _client(address: str) -> Any:
    """Return a connection to a scheduler that has workers, or refuse its address."""
    import distributed

    try:
        client = distributed.Client(address)
    except (OSError, TypeError, ValueError) as problem:
        raise InputError(
            f"executor.address={address}: none answers there ({problem!s:.80}); "
            "tcp://HOST:PORT of a Dask scheduler is needed"
        ) from None
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_ANSWER)
    except TimeoutError:
        client.close()
        raise InputError(
            f"executor.address={address}: "
            "the scheduler has no workers; start some with: dask worker ADDRESS"
        ) from None
    return client


@contextmanager
def _cluster(workers: int | None, say: Callable[[str], None], patience: float) -> Iterator[Any]:
    """Give a connection to a cluster on this machine, which nobody else can use.

    Its certificate is made for it and is known to this process and its workers alone: whoever can
    speak to a scheduler can have its workers do anything.
    """
    import dask
    import distributed

    try:
        security = distributed.Security.temporary()
    except ImportError:
        raise InputError(f"executor=dask: cryptography is {_NOT_INSTALLED}") from None
    no_pages: dict[str, Any] = {
        f"distributed.{who}.http.routes": [] for who in ("scheduler", "worker")
    }
    told = f"executor=dask: workers are starting, which may take {patience:,.0f} s at most ..."
    slow = threading.Timer(_SECONDS_TO_ANSWER, say, [told])
    with ExitStack() as started:
        started.enter_context(dask.config.set(no_pages))
        started.callback(slow.cancel)
        slow.start()
        try:
            cluster = started.enter_context(
                distributed.LocalCluster(
                    n_workers=workers or os.cpu_count() or 1,
                    threads_per_worker=1,
                    death_timeout=patience,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",
                    scheduler_kwargs={"dashboard": False},
                    security=security,
                    silence_logs="CRITICAL",
                )
            )
            client = started.enter_context(distributed.Client(cluster))
        except (AssertionError, OSError, RuntimeError):  # Dask's own says no more
            raise Stopped("executor=dask: the workers ended, or hung, as they started") from None
        slow.cancel()
        yield client


@dataclass
class _Watch:
    """Sees to it that nobody waits in silence for workers who are not there."""

    client: Any
    say: Callable[[str], None]
    patience: float  # seconds without a worker
    since: float | None = None  # when the last of them was missed

    def look(self) -> None:
        """Say that no worker is there, once; stop if none has come for too long."""
        try:
            threads = self.client.nthreads()
        except OSError:
            raise Stopped(_UNREACHABLE) from None
        if threads:
            self.since = None
        elif self.since is None:
            self.since = time.monotonic()
            told = f"waiting for one, {self.patience:,.0f} s at most"
            self.say(f"executor=dask: no worker is there; {told} ...")
        elif time.monotonic() - self.since > self.patience:
            raise Stopped(
                f"executor=dask: no worker was there for {self.patience:,.0f} s; look at their logs"
            )


@contextmanager
def dask(
    address: str | None = None,
    workers: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    patience: float = PATIENCE,
) -> Iterator[Run]:
    """Give what works on a Dask cluster's workers. Results come as they are done.

    ``address`` is that of a scheduler; None: one is started here, with ``workers`` processes (None:
    as many as cores). A piece whose worker dies is done again by another. While there is none, this
    is said, and after ``patience`` seconds the work is given up.
    """
    try:
        import dask as library
        import distributed
    except ImportError:
        raise InputError(f"executor=dask: Dask is {_NOT_INSTALLED}") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said here
    with (
        library.config.set({"distributed.comm.timeouts.connect": _SECONDS_TO_ANSWER}),
        _cluster(workers, say, patience) if address is None else _client(address) as client,
    ):
        watch, pool = _Watch(client, say, patience), client.get_executor(pure=False)
        workers = sum(client.nthreads().values()) or 1

        def run(work: Work, items: Iterable[int]) -> Iterator[tuple[int, Any]]:
            # The work is a task of its own, so that a new worker can be given it again.
            shared = client.submit(lambda work: work, work, pure=False)

            def submit(_: Work, item: int) -> Future[Any]:
                return pool.submit(operator.call, shared, item)

            try:
                yield from on(submit, workers, watch.look)(work, items)
            except distributed.KilledWorker:
                raise Stopped("executor=dask: workers died again and again") from None
            except (CancelledError, distributed.comm.CommClosedError):
                raise Stopped(_UNREACHABLE) from None

        yield run
