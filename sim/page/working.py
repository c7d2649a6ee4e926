"""Work that goes on beside the page, in threads that belong to no reader's session.

Solara ties every thread to the session that starts it, and one that is being started while its
session closes never comes up: whoever waits for it waits for ever, with the lock of all thread
pools in hand. So the threads that compute are started once, before any session, and only what they
found is handed over within the session, if it is still there.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import solara
from solara.server import kernel_context

WORKERS = 8  # questions that are worked on at once; others wait
Found = TypeVar("Found")


_pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="page")


def start() -> None:
    """Have all threads there, before any session is."""
    everyone = threading.Barrier(WORKERS + 1)
    for _ in range(WORKERS):
        _pool.submit(everyone.wait)
    everyone.wait()


def done(work: Callable[[], Found]) -> Found:
    """Return what work comes to, done by the pool while the caller waits."""
    return _pool.submit(work).result()


def use_latest(steps: Callable[[], Iterator[Any]], dependencies: Sequence[Any]) -> Any:
    """Return the latest that work has found (None before), begun anew when dependencies change.

    ``steps`` yields what is to be shown, one after the other; it is left off when it is no longer
    asked for, or when the session ends. What it raises is raised here.
    """
    found, find = solara.use_state(None)
    failure, fail = solara.use_state(None)

    def begin() -> Callable[[], None]:
        left_off = threading.Event()
        context = kernel_context.get_current_context()

        def tell(how: Callable[[Any], None], what: Any) -> None:
            if left_off.is_set() or context.closed_event.is_set():
                left_off.set()
                return
            with context:
                how(what)

        def work() -> None:
            try:
                for step in steps():
                    tell(find, step)
                    if left_off.is_set():
                        return
            except Exception as problem:  # shown where it was asked for
                if not left_off.is_set():
                    traceback.print_exc()
                    tell(fail, problem)

        _pool.submit(work)
        return left_off.set

    solara.use_effect(begin, list(dependencies))
    if failure is not None:
        raise failure
    return found
