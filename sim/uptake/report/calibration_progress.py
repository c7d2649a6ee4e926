"""How far the chains of a calibration are, and how long the rest of them will take.

How many runs are still to come is not known: a particle is run until what was reported comes about,
and histories differ in that, and in how long a run takes, by a factor of a hundred. So what is left
of a history is told by its own chains, and what is left of all by those that have been done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from uptake.report.progress import Job, Pace, in_words, often, shown

_SEEN = 0.04  # of a chain, before which nothing is told of the time that it takes
_TRUSTED = 0.3  # chains of the same history count as much as what was seen of such a share of one


def _usual(tolerances: Sequence[float]) -> list[float]:
    """Return how long tolerances take against one another.

    A wide one, at which most runs are taken, takes little. At the last one particles are moved
    until hardly any has not, 2.5 times as often. So it was, to a fifth, in four chains of two
    histories: 42 % at the last, 16 % at 0.01 and at 0.03, 14 % at 0.06, 8 %, 3 % and 1 % before.
    """
    each = [1.0 / (1.0 + (10.0 * tolerance) ** 2) for tolerance in tolerances]
    return [*each[:-1], 2.5 * each[-1]]


class Chain(NamedTuple):
    """A chain that is to be made: of which history, and its particles."""

    history: str
    particles: int


class Chains(Job):
    """The chains of a structure, one after the other, those of a history together."""

    def __init__(
        self,
        what: str,
        chains: Sequence[Chain],
        tolerances: Sequence[float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(what)
        usual = _usual(tolerances)
        self._shares = [sum(usual[:n]) / sum(usual) for n in range(len(usual) + 1)]
        self._chains, self._number, self._clock = chains, 0, clock
        self._histories = list(dict.fromkeys(chain.history for chain in chains))
        self._ended: dict[str, list[float]] = {}  # seconds a particle of a history's whole chains
        self._pace = Pace(0.0, clock)
        self._start = clock()
        self._begin()

    def _begin(self) -> None:
        """Forget the chain before this one."""
        self._began = self._at = self._clock()  # the chain, and its present tolerance
        self._share = 0.0  # of the chain, up to this tolerance
        self._resumed: float | None = None  # the same, of what had been done before

    def ran(self, runs: int) -> None:
        """Count runs that are done."""
        self._pace.add(runs)

    def reached(self, tolerance_index: int) -> None:
        """Note at which tolerance the chain is; past the last, it has ended."""
        if self._resumed is None:
            self._resumed = self._shares[tolerance_index]
        if self._shares[tolerance_index] > self._share:
            self._share, self._at = self._shares[tolerance_index], self._clock()
        if tolerance_index == len(self._shares) - 1:
            history, particles = self._chains[self._number]
            if self._resumed == 0.0:
                took = (self._clock() - self._began) / particles
                self._ended.setdefault(history, []).append(took)
            self._number += 1
            self._begin()

    def restarted(self) -> None:
        """Begin again with the first chain of the history."""
        history = self._chains[self._number].history
        self._number = [one.history for one in self._chains].index(history)
        self._begin()

    def _a_particle(self) -> float | None:
        """Return the seconds of a particle of this chain, if they can be told."""
        history, particles = self._chains[self._number]
        seen = self._share - (self._resumed or 0.0)
        took = (self._at - self._began) / particles
        if history in self._ended:
            alike = sum(self._ended[history]) / len(self._ended[history])
            return (took + _TRUSTED * alike) / (seen + _TRUSTED)
        return took / seen if seen >= _SEEN else None

    def _left(self) -> tuple[float | None, float | None]:
        """Return the seconds that are left of this history, and of all; None where not known."""
        if self._number == len(self._chains):
            return 0.0, 0.0
        now, later = self._chains[self._number], self._chains[self._number + 1 :]
        a_particle, of_this = self._a_particle(), None
        known = {one: sum(took) / len(took) for one, took in self._ended.items()}
        if a_particle is not None:
            known[now.history] = a_particle
            rest = (1.0 - self._share) * a_particle * now.particles - (self._clock() - self._at)
            alike = sum(one.particles for one in later if one.history == now.history)
            of_this = max(0.0, rest) + alike * a_particle
        if of_this is None or not known:
            return None, None
        typical = sum(known.values()) / len(known)
        others = [one for one in later if one.history != now.history]
        return of_this, of_this + sum(
            one.particles * known.get(one.history, typical) for one in others
        )

    def text(self) -> str:
        """Return which chain it is, how many runs were done, and how long the rest will take."""
        number = min(self._number, len(self._chains) - 1)
        history = self._chains[number].history
        alike = [at for at, one in enumerate(self._chains) if one.history == history]
        said = (
            f"{self.what}: {history} ({self._histories.index(history) + 1} of "
            f"{len(self._histories)}), chain {alike.index(number) + 1} of {len(alike)}, "
            f"{self._pace.done:,.0f} runs"
        )
        if self._pace.rate:
            said += f", {often(self._pace.rate)}"
        this, every = self._left()
        if this is None or every is None:
            return said
        if len(self._histories) == 1:
            return f"{said}, about {in_words(this)} left"
        if history == self._histories[-1]:
            return f"{said}, about {in_words(every)} left"
        return f"{said}, about {in_words(this)} left of it, perhaps {in_words(every)} of all"

    def share(self) -> float | None:
        """Return how much is done, 0..1, about."""
        left = self._left()[1]
        if left is None:
            return None
        done = self._clock() - self._start
        return done / (done + left) if done + left else None


@contextmanager
def chains(
    what: str, planned: Sequence[tuple[str, int]], tolerances: Sequence[float]
) -> Iterator[Chains]:
    """Show how far chains are: of which history each is, and its particles."""
    job = Chains(what, [Chain(*one) for one in planned], tolerances)
    with shown(job):
        yield job
