"""What to decide: what it would take, what pays, which option, and what is worth finding out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from uptake.analysis.least_change import Scale
from uptake.analysis.options import Options, compare
from uptake.analysis.points import COSTS, WORTH, Points
from uptake.analysis.reaching import Reaching, reaching, scales_of
from uptake.analysis.trade_offs import Front, trade_offs, uptake_of
from uptake.analysis.uncertain import Uncertain, uncertain
from uptake.config.case import Case
from uptake.config.decisions import target_asked
from uptake.config.target import Target

_LEAST = 2  # least changes that are held against others


@dataclass(frozen=True)
class Decision:
    """All that is told of a question to help decide it."""

    case: Case
    target: Target
    scales: tuple[Scale, ...]
    reaching: Reaching
    options: Options
    front: Front
    uncertain: Uncertain


def points_of(case: Case) -> Points:
    """Return what gives the outcomes of a case that a decision needs, or refuse the question."""
    target = target_asked(case)
    return Points(case, tuple(dict.fromkeys((target.outcome, WORTH, uptake_of(target), *COSTS))))


def levers_of(points: Points) -> list[Scale]:
    """Return the levers that are asked of."""
    return scales_of(points.case, points, target_asked(points.case))


def steps(scales: Sequence[Scale], structures: int) -> int:
    """Return how many steps ``decide`` tells of."""
    return len(scales) + comb(len(scales), 2) + structures + 2


def _least_changes(case: Case, reached: Reaching) -> dict[str, dict[str, float | None]]:
    """Return the least changes that reach it as options, if no others are named."""
    if case.config.decide.options:
        return {}
    told = {one.scale.name: one.value for one in reached.in_order if not one.is_as_it_is}
    return {f"{n}={v:g}": {n: v} for n, v in list(told.items())[:_LEAST] if v is not None}


def decide(
    cases: Mapping[str, Case],
    points: Points,
    scales: Sequence[Scale],
    advance: Callable[[int], object] = lambda _: None,
) -> Decision:
    """Return what is to be told of a question to help decide it.

    Parameters
    ----------
    cases
        The question under each structure, by its name; the first is the question's own.
    points
        What gives its outcomes with levers held.
    scales
        The levers that are asked of.
    advance
        Is told of steps that are done.
    """
    case = points.case
    target = target_asked(case)
    reached = reaching(points, scales, target, uptake_of(target), advance)
    options = compare(cases, target, _least_changes(case, reached), advance)
    front = trade_offs(points, scales, target)
    advance(1)
    found = uncertain(case, options)
    advance(1)
    return Decision(case, target, tuple(scales), reached, options, front, found)
