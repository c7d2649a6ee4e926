"""What is shown while something takes its time: what it is, how far it is, how long it will take.

On a terminal that is a live line; elsewhere plain lines, after two seconds and then ever more
rarely. Threads other than the main one stay silent.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from uptake.config.case import Case
from uptake.engine import compiled
from uptake.errors import plain
from uptake.model import _jit
from uptake.report.printing import console, say

_FIRST_SECONDS = 2.0  # of silence
_MOST_SECONDS = 30.0
_RECENT_SECONDS = 30.0
_FEWEST_SEEN = 5  # steps that a rate is told from, where there are so many
_BAR_FROM = 70  # columns
_BAR = 16


class Pace:
    """How fast a job goes of late, and how long the rest of it will take.

    ``total`` and what is done are in any unit of work. Of late: in the last half minute, or in the
    later half of the time so far, if that is less; so a slow start is soon forgotten.
    """

    def __init__(self, total: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.done, self._clock = total, 0.0, clock
        self._began = clock()
        self._seen = deque([(self._began, 0.0)])

    def add(self, work: float) -> None:
        """Count work that is done."""
        now = self._clock()
        self.done += work
        self._seen.append((now, self.done))
        since = max(now - _RECENT_SECONDS, 0.5 * (self._began + now))
        while len(self._seen) > _FEWEST_SEEN and self._seen[0][0] < since:
            self._seen.popleft()

    @property
    def rate(self) -> float:
        """Return the work done a second, of late; 0 before there is any."""
        (start, before), (end, after) = self._seen[0], self._seen[-1]
        return (after - before) / (end - start) if end > start else 0.0

    @property
    def left(self) -> float | None:
        """Return the seconds that the rest will take, if that can be told."""
        if not self.rate:
            return None
        return max(0.0, (self.total - self.done) / self.rate - (self._clock() - self._seen[-1][0]))


def in_words(seconds: float) -> str:
    """Return a time for a reader.

    >>> in_words(0.4), in_words(89.0), in_words(600.0), in_words(12000.0)
    ('0 s', '89 s', '10 min', '3 h 20 min')
    """
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60.0)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def often(rate: float) -> str:
    """Return so many a second for a reader, or a minute, where they are few."""
    return f"{rate:,.0f} a second" if rate >= 2.0 else f"{60.0 * rate:,.0f} a minute"


class Job:
    """What goes on now: since when, and what is to be said of it."""

    def __init__(self, what: str) -> None:
        self.what, self.began = what, time.monotonic()

    def text(self) -> str:
        """Return what is said of it."""
        return f"{self.what}: {in_words(time.monotonic() - self.began)}"

    def share(self) -> float | None:
        """Return how much of it is done, 0..1, if that is known."""
        return None


class Counted(Job):
    """A job of so many steps. ``work`` is what they take together, where they differ in length."""

    def __init__(self, what: str, total: int, pieces: int, work: float) -> None:
        super().__init__(what)
        self.total, self.pieces = total, pieces
        self.steps, self.calls = 0, 0
        self.pace = Pace(work or total)
        self._is_even = not work

    def advance(self, steps: int, work: float | None = None) -> None:
        """Count steps that are done, and the work that was in them."""
        self.steps, self.calls = self.steps + steps, self.calls + 1
        self.pace.add(steps if work is None else work)

    def text(self) -> str:
        """Return how many steps are done, how fast, and how long the rest will take."""
        said = f"{self.steps:,} of {self.total:,} {self.what}"
        if self.pieces:
            said += f", {self.calls:,} of {self.pieces:,} chunks"
        if self._is_even and self.pace.rate:
            said += f", {often(self.pace.rate)}"
        left = self.pace.left
        if left is None:
            return f"{said}, {in_words(time.monotonic() - self.began)} so far"
        return f"{said}, {in_words(left)} left"

    def share(self) -> float | None:
        """Return how much of the work is done, 0..1."""
        return min(1.0, self.pace.done / self.pace.total) if self.pace.total else None


class Growing(Job):
    """A job of steps of which nobody knows yet how many there will be."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.steps = 0

    def advance(self, steps: int) -> None:
        """Count steps that are done."""
        self.steps += steps

    def text(self) -> str:
        """Return how many steps are done, and for how long it has gone on."""
        return f"{self.steps:,} {self.what}, {in_words(time.monotonic() - self.began)} so far"


_jobs: list[Job] = []  # that go on now, the outermost first


def _live() -> Group:
    """Return what a terminal shows now: a line a job."""
    lines: list[Text | Table] = []
    for job in list(_jobs):
        line, share = Text(plain(job.text())), job.share()
        if share is None or console.width < _BAR_FROM:
            lines.append(line)
            continue
        beside = Table.grid(padding=(0, 1))
        beside.add_row(ProgressBar(1.0, share, width=_BAR), line)
        lines.append(beside)
    return Group(*lines)


@contextmanager
def _plain_lines() -> Iterator[None]:
    """Say now and then what goes on, where there is no terminal."""
    ended, began = threading.Event(), time.monotonic()

    def tell() -> None:
        silence = _FIRST_SECONDS
        while not ended.wait(silence):
            for job in _jobs[-1:]:
                say(job.text())
            silence = min(_MOST_SECONDS, max(_FIRST_SECONDS, 0.1 * (time.monotonic() - began)))

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()


def _showing() -> AbstractContextManager[object]:
    """Return what shows the jobs that go on, if nothing does so already."""
    if len(_jobs) > 1:
        return nullcontext()
    if console.is_terminal and not console.is_dumb_terminal:
        return Live(get_renderable=_live, console=console, transient=True)
    return _plain_lines()


@contextmanager
def shown(job: Job) -> Iterator[None]:
    """Show a job as long as it goes on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _jobs.append(job)
    try:
        with _showing():
            yield
    finally:
        _jobs.pop()


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Name what goes on, with its seconds, as long as it does; decorates a function as well."""
    with shown(Job(what)):
        yield


@contextmanager
def progress(
    what: str, total: int, pieces: int = 0, work: float = 0.0
) -> Iterator[Callable[..., None]]:
    """Show how far a job of so many steps is; what is given is told of steps that are done.

    ``pieces`` is the number of chunks that the steps come in, if that is to be shown. Where steps
    differ in length, ``work`` is what all take together, and the work in them is told with them.
    """
    job = Counted(what, total, pieces, work)
    with shown(job):
        yield job.advance


def compile_rules(case: Case) -> None:
    """Compile the model for this machine where that has not been done; nothing is counted yet."""
    if _jit.is_warm():
        return
    what = "Compiling the model for this machine, once (a quarter of a minute)"
    began = time.monotonic()
    if not console.is_terminal:
        say(f"{what} ...")
    with doing(what):
        compiled.run_chunk(
            case.episode, case.design, case.config.seed, 0, 0
        )  # no run: it is compiled
    say(f"Compiled in {in_words(time.monotonic() - began)}.")


@contextmanager
def growing(what: str) -> Iterator[Callable[[int], None]]:
    """Show how many steps are done, where nobody knows yet how many there will be."""
    job = Growing(what)
    with shown(job):
        yield job.advance
