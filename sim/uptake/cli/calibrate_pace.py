"""How far the searches of a calibration are, and how long the rest of them will take.

What is done is counted in runs. How many are still to come nobody knows: a point is run until its
counts are met. It is guessed from the searches that have ended, and from how this one has gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from uptake.report.progress import Job, Pace, in_words, often

_RUNS_A_POINT = 13_000  # of the 24 searches behind the packaged draws, with the usual settings
_TRUSTED = 0.03  # this guess counts as much as what was seen of such a share of a search


def _usual(window: float) -> float:
    """Return how long a window takes, against a wide one: 12 times where counts are met exactly.

    A curve through the shares of runs in the 24 searches behind the packaged draws: 53 % of them
    at the exact match, 15 % within 1, 7 % within 3, 4 to 6 % at each of the wider windows.
    """
    return 1.0 + 11.0 / (1.0 + window) ** 2.3


class Search(NamedTuple):
    """A search that is to be made: of what kind, such as without an episode, and its points."""

    kind: str
    points: int


class Searches(Job):
    """The searches of a structure, one after the other."""

    def __init__(
        self,
        what: str,
        searches: Sequence[Search],
        windows: Sequence[float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(what)
        usual = [_usual(window) for window in windows]
        self._shares = [sum(usual[:n]) / sum(usual) for n in range(len(windows) + 1)]
        self._searches, self._number = searches, 0
        self._ended: dict[str, list[float]] = {}  # runs a point of searches that ended, by kind
        self._pace = Pace(0.0, clock)
        self._begin()

    def _begin(self) -> None:
        """Forget the search before this one."""
        self._share = 0.0  # of the search, up to its window
        self._resumed: float | None = None  # the same, of what had been done before
        self._runs, self._to_window = 0, 0  # of the search: so far, and up to its window

    def ran(self, runs: int) -> None:
        """Count runs that are done."""
        self._runs += runs
        self._pace.add(runs)
        self._pace.total = self._pace.done + self._to_come()

    def reached(self, window: int) -> None:
        """Note at which window the search is; past the last, it has ended."""
        if self._resumed is None:
            self._resumed = self._shares[window]
        self._share, self._to_window = self._shares[window], self._runs
        if window == len(self._shares) - 1:
            kind, points = self._searches[self._number]
            if self._resumed == 0.0:
                self._ended.setdefault(kind, []).append(self._runs / points)
            self._number += 1
            self._begin()
        self._pace.total = self._pace.done + self._to_come()

    def _guess(self, kind: str) -> float:
        """Return how many runs a point of a kind of search takes, by those that have ended."""
        alike = self._ended.get(kind) or [one for ended in self._ended.values() for one in ended]
        return sum(alike) / len(alike) if alike else _RUNS_A_POINT

    def _to_come(self) -> float:
        """Return how many runs are still to come, about."""
        if self._number == len(self._searches):
            return 0.0
        kind, points = self._searches[self._number]
        seen = self._share - (self._resumed or 0.0)
        a_point = self._to_window / points + _TRUSTED * self._guess(kind)
        a_point /= seen + _TRUSTED
        to_come = max(0.0, (1.0 - self._share) * a_point * points - self._runs + self._to_window)
        for later, more in self._searches[self._number + 1 :]:
            to_come += more * (self._guess(later) if self._ended else a_point)
        return to_come

    def text(self) -> str:
        """Return which search it is, how many runs were done, and how long the rest will take."""
        number = min(self._number + 1, len(self._searches))
        said = f"{self.what}: search {number} of {len(self._searches)}, {self._pace.done:,.0f} runs"
        if self._pace.rate:
            said += f", {often(self._pace.rate)}"
        left = self._pace.left
        return said if left is None else f"{said}, about {in_words(left)} left"

    def share(self) -> float | None:
        """Return how much is done, 0..1, about."""
        return self._pace.done / self._pace.total if self._pace.total else None
