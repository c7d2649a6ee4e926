"""What uptake decide asks: which levers over which ranges, which options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uptake.config.case import Case
from uptake.config.ranges import check_named, check_ranged
from uptake.config.schema import lever_meanings, plain_of
from uptake.config.target import Target
from uptake.errors import InputError, wrong

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
    meaning = lever_meanings()[name]
    usual: list[float] | None = plain_of("decide.yaml")["levers"].get(name)
    top = meaning.high if meaning.usual is None else meaning.usual
    low, high = case.config.decide.ranges.get(name) or usual or (meaning.low, top)
    return float(low), float(high)


def choices_of(case: Case) -> list[Choice]:
    """Return the levers that are asked of: those that are named, or all of ``decide.yaml``.

    Raises
    ------
    InputError
        A lever that there is not, or that cannot be held; more than can be asked; a range that is
        none, or of a lever that is not asked of.
    """
    asked = case.config.decide
    check_named("decide", asked.levers, MOST_LEVERS)
    names = asked.levers or list(plain_of("decide.yaml")["levers"])
    check_ranged("decide", asked.ranges, names)
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
