"""Between which values levers are moved: those of a slider, or a user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from uptake.config.case import Case
from uptake.config.schema import lever_meanings
from uptake.config.timeline import lever_range
from uptake.errors import no_such, wrong
from uptake.model.levers import IMPULSES


class LeverRange(NamedTuple):
    """A lever, what it is at the launch, and between which values it is moved."""

    name: str
    was: float
    low: float
    high: float
    whole: bool
    moves: bool  # whether the timeline moves it, so that no value held throughout is as it was

    @property
    def is_aside(self) -> bool:
        """Tell whether what it is in the scheme is none of the values between which it is moved."""
        return self.moves or not self.low <= self.was <= self.high

    @property
    def levels(self) -> tuple[float, ...]:
        """Return both ends, and between them what it is."""
        return tuple(sorted({self.low, self.high, *([] if self.is_aside else [self.was])}))


def range_of(case: Case, name: str, ends: Sequence[float] | None = None) -> LeverRange:
    """Return the range of a lever: that of its slider and what it is, or ends of a user's own."""
    lever_range(name)  # refused, if it cannot be held
    meaning, was = lever_meanings()[name], float(case.episode.levers[0][name])
    if ends is None:
        top = meaning.high if meaning.usual is None else meaning.usual
        ends = meaning.low, top if was == meaning.neutral else max(top, was)
    moves = bool(np.any(np.asarray(case.episode.levers[name]) != was))
    return LeverRange(name, was, float(ends[0]), float(ends[1]), meaning.whole, moves)


def own_levers(case: Case) -> list[LeverRange]:
    """Return the ranges of the levers that a scheme or its timeline sets."""
    given = {*case.config.scenario.levers, *case.overridden}
    given |= {name for event in case.events for name in event.set}
    names = [name for name in lever_meanings() if name in given - set(IMPULSES)]
    return [range_of(case, name) for name in names]


def asked_ranges(
    case: Case, key: str, names: Sequence[str], ends: Mapping[str, Sequence[float]], most: int
) -> list[LeverRange]:
    """Return the ranges of levers that a user names, or refuse what cannot be used.

    Parameters
    ----------
    case
        The scheme.
    key
        Under which both are typed, such as ``publish``.
    names
        Of the levers.
    ends
        Lowest and highest value of some of them.
    most
        How many can be asked at once.
    """
    if len(names) > most:
        raise wrong(f"{key}.levers", ", ".join(names), f"{most} levers at most are allowed")
    if len(set(names)) < len(names):
        raise wrong(f"{key}.levers", ", ".join(names), "each lever once is allowed")
    for name, two in ends.items():
        if name not in names:
            raise no_such(f"{key}.ranges", name, names, "lever that is asked")
        within = lever_range(name)
        if len(two) != 2 or not two[0] < two[1] or any(map(within.why_not, two)):
            told = f"two numbers are needed, the lower first, of {within}"
            raise wrong(f"{key}.ranges.{name}", list(two), told)
    return [range_of(case, name, ends.get(name)) for name in names]
