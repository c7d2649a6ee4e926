"""Between which values levers are moved: those of a slider, or a user's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from uptake.config.case import Case
from uptake.config.schema import lever_meanings
from uptake.config.schema.levers import ONE_MONTH, lever_within
from uptake.errors import wrong
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


def check_named(key: str, names: Sequence[str], most: int) -> None:
    """Refuse levers that a study cannot be asked of.

    Parameters
    ----------
    key
        Of the study, such as ``publish``.
    names
        Of the levers, as typed under ``KEY.levers``.
    most
        How many can be asked at once.
    """
    for name in names:
        lever_within(f"{key}.levers", name)
        if name in IMPULSES:
            raise wrong(f"{key}.levers", name, ONE_MONTH)
        if list(names).count(name) > 1:
            raise wrong(f"{key}.levers", name, "it is named twice")
    if len(names) > most:
        raise wrong(f"{key}.levers", len(names), f"at most {most} levers can be asked of at once")


def check_ranged(key: str, ranged: Iterable[str], names: Sequence[str]) -> None:
    """Refuse a range, typed under ``KEY.ranges``, of a lever that is not asked of."""
    for name in ranged:
        if name not in names:
            told = f"it is not asked of: name it under {key}.levers too"
            raise wrong(f"{key}.ranges", name, told)


def asked_ranges(
    case: Case, key: str, names: Sequence[str], ends: Mapping[str, Sequence[float]], most: int
) -> list[LeverRange]:
    """Return the ranges of levers that a user names, or refuse them."""
    check_named(key, names, most)
    check_ranged(key, ends, names)
    return [range_of(case, name, ends.get(name)) for name in names]
