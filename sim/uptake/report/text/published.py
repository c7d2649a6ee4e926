"""A published file in words: what it is, what it opens with, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from uptake.analysis.response import Response
from uptake.config.case import Case
from uptake.config.ranges import LeverRange
from uptake.report.text.answer import covers, offer, scrapped
from uptake.report.text.numbers import amount, called, shares_of
from uptake.report.text.question import (
    course,
    departures,
    has_been,
    levers_of,
    moves_of,
    unit_beside,
)

_DIGITS = 2


def start(case: Case) -> str:
    """What the file opens with: the scheme as it was, or as it is asked."""
    return "As it was" if has_been(case) and not departures(case) else "As asked"


def lead(case: Case) -> str:
    """What this is, for somebody who was sent the file."""
    return (
        f"{case.config.runs:,} runs of a model of {case.bodies} that decide for themselves, at "
        f"every point of a grid over the levers. The offer as asked: {offer(case)}; "
        f"{case.months} months."
    )


def course_of(case: Case, one: LeverRange) -> str:
    """What a lever is in the scheme, month by month if it moves, without its unit."""
    if one.moves:
        return course(moves_of(case, one.name)) or f"{one.was:,.6g} at the launch"
    return f"{one.was:,.6g}" if one.low <= one.was <= one.high else "none"


def note(case: Case, one: LeverRange) -> str:
    """What is told beneath a slider: what it is in the scheme, and that it is held throughout."""
    unit = levers_of(case)[one.name].unit
    scale = "" if unit_beside(unit) else f" ({unit})"
    said = f"{start(case)}: {course_of(case, one)}{scale}."
    return f"{said} Moved here, it is held throughout." if one.moves else said


def legend(case: Case, events: Sequence[str]) -> str:
    """What the lines of the chart are."""
    runs = case.config.runs
    said = (
        f"Line: mean over {runs:,} runs; band: {shares_of(runs)[1]}; dashed: "
        f"{start(case).lower()}; dots: what was observed."
    )
    return f"{said} Events: {'; '.join(events)}." if events else said


def _off(found: Response, name: str) -> tuple[float, float]:
    """How far interpolation is off: at most, and as much as in nineteen of twenty places."""
    off = found.off(name)
    return float(off.max()), float(np.quantile(off, 0.95))


def told(found: Response) -> dict[str, Any]:
    """Content of ``summary.json``: levers, points, how far interpolation is off."""
    return {
        "levers": {
            one.name: list(axis.levels)
            for one, axis in zip(found.ranges, found.grid.axes, strict=True)
        },
        "points": found.grid.points,
        "tried": len(found.grid.tried),
        "off": {
            name: dict(zip(("most", "q95"), _off(found, name), strict=True))
            for name in found.reading.places
            if found.reading.places[name][1]
        },
    }


def _interpolated(found: Response) -> str:
    """How far numbers between computed points are off."""
    shown, bodies = found.reading.shown, found.reading.case.bodies
    (most, usual), band = _off(found, "mean"), max(_off(found, "low")[1], _off(found, "high")[1])

    told = (
        f"Numbers between the {found.grid.points:,} computed points are interpolated. Tried at "
        f"{len(found.grid.tried)} other places, the mean of {called(shown, bodies)} is off by "
        f"{_said(found, usual)} or less in 95 % of them, and by {_said(found, most)} at most; the "
        f"ends of the band by {_said(found, band)} or less in 95 %"
    )
    if found.reading.places["target"][1]:
        told += f", the chance of the target by {100.0 * _off(found, 'target')[1]:.2g} points"
    return f"{told}."


def coarse(found: Response) -> str:
    """A warning, where numbers between computed points are off by much more than they were to be.

    By more than twice that in over one of twenty places, or the chance of the target by over five
    points.
    """
    off = _off(found, "mean")[1]
    has_target = bool(found.reading.places["target"][1])
    chance = _off(found, "target")[1] if has_target else 0.0
    if off <= 2.0 * found.within and chance <= 0.05:
        return ""
    also = f", the chance of the target by up to {100.0 * chance:.0f} points" if has_target else ""
    return (
        f"Coarse: between computed points the mean is off by up to "
        f"{_said(found, off)}{also}. Compute more points, or fewer levers over shorter ranges."
    )


def _said(found: Response, value: float) -> str:
    """By how much the outcome shown is off, for a reader."""
    return f"{value:.{_DIGITS}g}" if abs(value) < 100.0 else amount(found.reading.shown, value)


def trust(case: Case, summary: Mapping[str, Any], found: Response) -> list[str]:
    """How far the file can be trusted: behaviour, what is covered and what is not."""
    return [
        _interpolated(found),
        f"Behaviour: {case.config.parameters.title}; structure: {case.config.structure.name}. "
        "Another structure of the model may say otherwise.",
        covers(case),
        *scrapped(summary),
        f"What a named {case.body} will do is not in it: each {case.body} is simulated.",
    ]
