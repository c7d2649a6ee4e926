"""How far the chains of a calibration are, and how long the rest of them will take.

What is done is counted in runs. How many are still to come is not known: a particle is run until
its counts are met. It is estimated from the chains that have ended, and from this one so far.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from uptake.report.progress import Job, Pace, in_words, often, shown

_RUNS_A_PARTICLE = 13_000  # of the 24 chains behind the packaged draws, with the usual settings
_TRUSTED = 0.03  # this guess counts as much as what was seen of such a share of a chain


def _usual(tolerance: float) -> float:
    """Return how long a tolerance takes, against a wide one: 12 times where counts are met exactly.

    A curve through the shares of runs in the 24 chains behind the packaged draws: 53 % of them
    at the exact match, 15 % within 1, 7 % within 3, 4 to 6 % at each of the wider tolerances.
    """
    return 1.0 + 11.0 / (1.0 + 200.0 * tolerance) ** 2.3


class Chain(NamedTuple):
    """A chain that is to be made: of what kind, such as without an episode, and its particles."""

    kind: str
    particles: int


class Chains(Job):
    """The chains of a structure, one after the other."""

    def __init__(
        self,
        what: str,
        chains: Sequence[Chain],
        tolerances: Sequence[float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(what)
        usual = [_usual(tolerance) for tolerance in tolerances]
        self._shares = [sum(usual[:n]) / sum(usual) for n in range(len(tolerances) + 1)]
        self._chains, self._number = chains, 0
        self._ended: dict[str, list[float]] = {}  # runs a particle of chains that ended, by kind
        self._pace = Pace(0.0, clock)
        self._begin()

    def _begin(self) -> None:
        """Forget the chain before this one."""
        self._share = 0.0  # of the chain, up to its tolerance
        self._resumed: float | None = None  # the same, of what had been done before
        self._runs, self._to_tolerance = 0, 0  # of the chain: so far, and up to its tolerance

    def ran(self, runs: int) -> None:
        """Count runs that are done."""
        self._runs += runs
        self._pace.add(runs)
        self._pace.total = self._pace.done + self._to_come()

    def reached(self, tolerance_index: int) -> None:
        """Note at which tolerance the chain is; past the last, it has ended."""
        if self._resumed is None:
            self._resumed = self._shares[tolerance_index]
        self._share, self._to_tolerance = self._shares[tolerance_index], self._runs
        if tolerance_index == len(self._shares) - 1:
            kind, particles = self._chains[self._number]
            if self._resumed == 0.0:
                self._ended.setdefault(kind, []).append(self._runs / particles)
            self._number += 1
            self._begin()
        self._pace.total = self._pace.done + self._to_come()

    def _guess(self, kind: str) -> float:
        """Return how many runs a particle of a kind of chain takes, by those that have ended."""
        alike = self._ended.get(kind) or [one for ended in self._ended.values() for one in ended]
        return sum(alike) / len(alike) if alike else _RUNS_A_PARTICLE

    def _to_come(self) -> float:
        """Return how many runs are still to come, about."""
        if self._number == len(self._chains):
            return 0.0
        kind, particles = self._chains[self._number]
        seen = self._share - (self._resumed or 0.0)
        a_particle = self._to_tolerance / particles + _TRUSTED * self._guess(kind)
        a_particle /= seen + _TRUSTED
        to_come = max(
            0.0, (1.0 - self._share) * a_particle * particles - self._runs + self._to_tolerance
        )
        for later, more in self._chains[self._number + 1 :]:
            to_come += more * (self._guess(later) if self._ended else a_particle)
        return to_come

    def text(self) -> str:
        """Return which chain it is, how many runs were done, and how long the rest will take."""
        number = min(self._number + 1, len(self._chains))
        said = f"{self.what}: chain {number} of {len(self._chains)}, {self._pace.done:,.0f} runs"
        if self._pace.rate:
            said += f", {often(self._pace.rate)}"
        left = self._pace.left
        return said if left is None else f"{said}, about {in_words(left)} left"

    def share(self) -> float | None:
        """Return how much is done, 0..1, about."""
        return self._pace.done / self._pace.total if self._pace.total else None


@contextmanager
def chains(
    what: str, planned: Sequence[tuple[str, int]], tolerances: Sequence[float]
) -> Iterator[Chains]:
    """Show how far chains are: of what kind each is, and its particles."""
    job = Chains(what, [Chain(*one) for one in planned], tolerances)
    with shown(job):
        yield job
