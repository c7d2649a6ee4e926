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
from typing import Any, NamedTuple

import solara
from solara.server import kernel_context

WORKERS = 8  # questions that are worked on at once; others wait


_pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="answers")
_writer = ThreadPoolExecutor(1, thread_name_prefix="reports")  # slow: it keeps nobody else waiting


def start() -> None:
    """Have all threads there, before any session is."""
    everyone = threading.Barrier(WORKERS + 2)
    for pool in [_writer, *[_pool] * WORKERS]:
        pool.submit(everyone.wait)
    everyone.wait()


def written(write: Callable[[], bytes]) -> bytes:
    """Write one after the other, while the caller waits."""
    return _writer.submit(write).result()


class Latest(NamedTuple):
    """The latest that work has found (None before), or why it could not go on."""

    found: Any
    problem: str


def use_latest(steps: Callable[[], Iterator[Any]], dependencies: Sequence[Any]) -> Latest:
    """The latest that work has found; it begins anew when dependencies change.

    ``steps`` yields what is to be shown, one after the other, and None where there is nothing new:
    it is left off there when it is no longer asked for, or when the session ends.
    """
    latest, show = solara.use_state(Latest(None, ""))

    def begin() -> Callable[[], None]:
        left_off = threading.Event()
        context = kernel_context.get_current_context()

        def is_wanted() -> bool:
            return not (left_off.is_set() or context.closed_event.is_set())

        def tell(now: Latest) -> None:
            with context:  # and not if something newer is asked for by the time it is shown
                show(lambda before: now if is_wanted() else before)

        def work() -> None:
            try:
                for step in steps():
                    if not is_wanted():
                        return
                    if step is not None:
                        tell(Latest(step, ""))
            except Exception as problem:  # told where it was asked for
                traceback.print_exc()
                if is_wanted():
                    tell(Latest(None, f"This could not be worked out: {problem!s:.300}"))

        _pool.submit(work)
        return left_off.set

    solara.use_effect(begin, list(dependencies))
    return latest
