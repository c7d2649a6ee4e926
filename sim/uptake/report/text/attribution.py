"""Why so few, in words: what each cause accounts for of the distance to what could have been."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.attribution import Attribution
from uptake.report.tables import Table
from uptake.report.text.numbers import (
    amount,
    average,
    called,
    difference,
    differences,
    most,
    shares_of,
    span,
)
from uptake.report.text.question import title

FIGURE = "What each cause accounts for, from what was to what could have been; lines: 90 % of runs."
_NAMED = 4  # causes in a sentence


class Part(NamedTuple):
    """What a cause accounts for: its mean over the runs, 90 % of them, 95 % of the mean."""

    title: str
    reference: str
    mean: float
    q05: float
    q95: float
    low: float
    high: float
    alone: float  # mean of what putting it right alone adds


def parts(found: Attribution) -> list[Part]:
    """What the causes account for, the largest first."""
    every = zip(found.causes, found.parts, found.alone, strict=True)
    made = [
        Part(cause.title, cause.reference, *_told(part), float(alone.mean()))
        for cause, part, alone in every
    ]
    return sorted(made, key=lambda one: -one.mean)


def _told(values: NDArray[np.float64]) -> tuple[float, float, float, float, float]:
    """Mean of a part, its 5 and 95 % points, and the 95 % interval of the mean."""
    mean, (low, high) = float(values.mean()), np.quantile(values, [0.05, 0.95])
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else np.nan
    return mean, float(low), float(high), mean - half, mean + half


def headline(found: Attribution) -> str:
    """What was, what was aimed at, and what could have been."""
    case, name, target = found.case, found.outcome, found.case.target
    runs, last = len(found.was), max([case.months, *(c.months or 0 for c in found.causes)])
    what = called(name, case.bodies)
    was, could = (
        f"{average(name, values.mean())} ({most(runs, 'runs')}: "
        f"{span(name, *np.quantile(values, [0.05, 0.95]))})"
        for values in (found.was, found.could)
    )
    aimed = ""
    if target is not None and target.outcome == name:
        aimed = f"; {amount(name, target.number)} was to be reached"
    by = f" by month {last}" if last != case.months else ""
    return (
        f"{title(case)}: {what} {was} on average by month {case.months}{aimed}. With all of "
        f"{len(found.causes)} causes put right it is {could}{by}."
    )


def sentences(found: Attribution) -> list[str]:
    """The whole answer, a sentence a fact."""
    name, case, every = found.outcome, found.case, parts(found)
    first = [f"{one.title} {difference(name, one.mean)}" for one in every if one.mean > 0.0]
    said = [headline(found), f"Most is accounted for by: {'; '.join(first[:_NAMED])}."]
    worse = [f"{one.title} ({difference(name, one.mean)})" for one in every if one.high < 0.0]
    if worse:
        said.append(
            f"To put right makes it worse, the others given: {'; '.join(worse)}. What stood in the "
            "way of some also kept something up."
        )
    if case.target is not None and case.target.outcome == name and not case.target.is_most:
        left = case.target.number - float(found.could.mean())
        if left > 0.0:
            said.append(f"Not accounted for by any of these: {average(name, left)}.")
        else:
            said.append("With all of them put right the target is reached on average.")
    return [
        *said,
        "A part is what putting a cause right adds, averaged over all orders in which causes can "
        "be put right (Shapley 1953): the parts add up to the difference. Every subset is run on "
        "the same behaviour, bodies and luck.",
        f"Behaviour: {case.config.parameters.title}. Structure: {case.config.structure.name}. What "
        "each cause is compared with is in the table; another reference gives another answer.",
    ]


def table(found: Attribution) -> Table:
    """What each cause accounts for, the largest first."""
    name = found.outcome
    rows = [
        (
            one.title,
            one.reference,
            difference(name, one.mean),
            differences(name, one.q05, one.q95),
            differences(name, one.low, one.high),
            difference(name, one.alone),
        )
        for one in parts(found)
    ]
    columns = (
        "cause", "put right", "part", shares_of(len(found.was))[1], "95 % of the mean", "alone",
    )  # fmt: skip
    heading = f"{called(name, found.case.bodies)}: what each cause accounts for"
    return Table(heading, "", columns, rows)


def summary(found: Attribution) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    case = found.case
    every = zip(found.causes, found.parts, found.alone, strict=True)
    return {
        "scenario": case.config.scenario.name,
        "question": title(case),
        "structure": case.config.structure.name,
        "draws": case.draws,
        "outcome": found.outcome,
        "target": case.target.name if case.target else None,
        "months": case.months,
        "runs": len(found.was),
        "seed": case.config.seed,
        "was": _numbers(found.was),
        "could": _numbers(found.could),
        "causes": [
            {
                "name": cause.name,
                "title": cause.title,
                "reference": cause.reference,
                "levers": dict(cause.levers),
                "parameters": dict(cause.parameters),
                "without": list(cause.without),
                "months": cause.months,
                "part": _numbers(part),
                "alone": _numbers(alone),
            }
            for cause, part, alone in every
        ],
        "subsets": [
            {"causes": [c.name for i, c in enumerate(found.causes) if subset >> i & 1],
             "mean": float(values.mean())}
            for subset, values in enumerate(found.worth)
        ],
    }  # fmt: skip


def _numbers(values: NDArray[np.float64]) -> dict[str, float]:
    """Mean, interval over the runs, and interval of the mean."""
    return dict(zip(("mean", "q05", "q95", "low", "high"), _told(values), strict=True))
