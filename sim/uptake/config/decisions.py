"""What uptake decide asks: which levers over which ranges, which options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uptake.config.case import Case
from uptake.config.ranges import check_named, check_ranged, range_of
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
    """Return the least and the most that a lever is held at: as typed, or with how it is."""
    usual: list[float] | None = plain_of("decide.yaml")["levers"].get(name)
    typed = case.config.decide.ranges.get(name)
    found = range_of(case, name, typed or usual)
    if typed or not usual:
        return found.low, found.high
    return min(found.low, found.was), max(found.high, found.was)


def _path_of(case: Case, name: str, high: float) -> NDArray[np.float64]:
    """Return how a lever is in each month; a limit that is none is taken to be its high end."""
    meaning, path = lever_meanings()[name], np.asarray(case.episode.levers[name], float)
    is_none = meaning.usual is not None and meaning.neutral > meaning.usual
    return np.minimum(path, high) if is_none else path


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
    if len(asked.ranges) > MOST_LEVERS:
        told = f"of at most {MOST_LEVERS} levers can be asked at once"
        raise wrong("decide.ranges", len(asked.ranges), told)
    found = []
    for name in names:
        low, high = _range_of(case, name)
        whole = lever_meanings()[name].whole
        found.append(Choice(name, low, high, _path_of(case, name, high), whole))
    return found


def passed_over(case: Case, asked: Sequence[str]) -> list[str]:
    """Return the usual levers that are not asked of, if none are named."""
    usual = [] if case.config.decide.levers else plain_of("decide.yaml")["levers"]
    return [name for name in usual if name not in asked]


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
