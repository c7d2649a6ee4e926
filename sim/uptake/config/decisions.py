"""What uptake decide asks: which levers over which ranges, which options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uptake.config.case import Case
from uptake.config.schema import lever_meanings, plain_of
from uptake.config.schema.levers import ONE_MONTH, lever_within
from uptake.config.target import Target
from uptake.errors import InputError, wrong
from uptake.model.levers import IMPULSES

AS_IT_IS = "as it is"
NOT_AT_ALL = "not at all"  # the scheme is not offered: nothing is spent, nothing is saved
MOST_LEVERS = 6
_MOST_POINTS = 100_000_000  # runs that are kept at once


@dataclass(frozen=True)
class Choice:
    """A lever that is asked of, over which values, and how it is in each month."""

    name: str
    low: float
    high: float
    path: NDArray[np.float64]  # (months,)
    whole: bool


def _range_of(case: Case, name: str) -> tuple[float, float]:
    """Return the least and the most that a lever is held at."""
    meaning, asked = lever_meanings()[name], case.config.decide.ranges.get(name)
    usual: list[float] | None = plain_of("decide.yaml")["levers"].get(name)
    if asked is None and usual is None:
        return meaning.low, meaning.high if meaning.usual is None else meaning.usual
    low_high, key = asked or usual or [], f"decide.ranges.{name}"
    if len(low_high) != 2 or low_high[0] >= low_high[1]:
        raise wrong(key, low_high, "two numbers are needed, the least and the most")
    for value in low_high:
        meaning.within.checked(key, value)
    return float(low_high[0]), float(low_high[1])


def choices_of(case: Case) -> list[Choice]:
    """Return the levers that are asked of: those that are named, or all of ``decide.yaml``.

    Raises
    ------
    InputError
        A lever that there is not, or that cannot be held; more than can be asked; a range that is
        none, or of a lever that is not asked of.
    """
    asked, key = case.config.decide, "decide.levers"
    names = asked.levers or list(plain_of("decide.yaml")["levers"])
    for name in names:
        lever_within(key, name)
        if name in IMPULSES:
            raise wrong(key, name, ONE_MONTH)
        if names.count(name) > 1:
            raise wrong(key, name, "it is named twice")
    if len(asked.levers) > MOST_LEVERS:
        raise wrong(key, len(asked.levers), f"at most {MOST_LEVERS} levers can be asked of at once")
    for name in asked.ranges:
        lever_within("decide.ranges", name)
        if name not in names:
            raise wrong("decide.ranges", name, f"a range of no lever that is asked of ({key})")
    path, meanings = case.episode.levers, lever_meanings()
    return [
        Choice(name, *_range_of(case, name), np.asarray(path[name], float), meanings[name].whole)
        for name in names
    ]


def target_asked(case: Case) -> Target:
    """Return what is to be reached, or refuse a question that has nothing to reach."""
    if case.target is None:
        told = "what is to be reached is needed, as target=25 or target=break_even"
        raise InputError(f"target: the centre of this scheme aims at no number; {told}")
    if case.config.runs > _MOST_POINTS // 500:
        raise wrong("runs", case.config.runs, f"allowed is up to {_MOST_POINTS // 500:,}")
    return case.target


def options_of(case: Case) -> dict[str, Mapping[str, float | None]]:
    """Return the options by name: as it is, those that are named, and not to offer it at all."""
    named = case.config.decide.options
    for name in (AS_IT_IS, NOT_AT_ALL):
        if name in named:
            raise wrong("decide.options", name, "it is among them already; give it another name")
    for name, levers in named.items():
        if not levers:
            raise wrong("decide.options", name, "levers are needed, as {upfront_fee_gbp: 10000}")
    return {AS_IT_IS: {}, **named}


def refuse_own_list(folder: Path | None) -> None:
    """Refuse a list of levers in a folder of the user's own: it would not be read."""
    if folder is not None and (Path(folder) / "decide.yaml").exists():
        told = "it is not read; decide.levers and decide.ranges choose others"
        raise InputError(f"{Path(folder) / 'decide.yaml'}: {told}")
