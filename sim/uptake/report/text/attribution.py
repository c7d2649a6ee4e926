"""Why so few, in words: what each cause accounts for of the distance to what could have been."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.attribution import Attribution
from uptake.config.target import Target
from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text.numbers import (
    amount,
    average,
    called,
    difference,
    differences,
    most,
    share_between,
    shares_of,
    span,
)
from uptake.report.text.question import title

FIGURE = (
    "What each cause accounts for, from what was to what could have been; time comes last; lines: "
    "90 % of runs."
)
_NAMED = 4  # causes in a sentence
_LESS = (  # of these less is better, if nothing else is aimed at
    "declined", "left", "providers_stopped", "providers_withdrawn", "providers_conditional",
    "trusts_cost_gbp", "centre_cost_gbp", "provider_loss_gbp", "spent_gbp",
)  # fmt: skip


class Part(NamedTuple):
    """What a cause accounts for: its mean over the runs, 90 % of them, 95 % of the mean."""

    title: str
    reference: str
    mean: float
    q05: float
    q95: float
    low: float | None  # None of one run
    high: float | None
    orders: float  # mean of Shapley's value with time put right in any order
    alone: float  # mean of what putting it right alone adds
    is_time: bool


def _aimed(found: Attribution) -> Target | None:
    """The target, if it is of the outcome that is explained."""
    target = found.case.target
    return target if target is not None and target.outcome == found.outcome else None


def _better(found: Attribution) -> int:
    """1 where more is better, -1 where less is: by the target, else by what the outcome is."""
    target = _aimed(found)
    is_low = target.is_most if target is not None else found.outcome in _LESS
    return -1 if is_low else 1


def parts(found: Attribution) -> list[Part]:
    """What the causes account for, what helps most first; more time comes last."""
    every = zip(found.causes, found.parts, found.over_all_orders, found.alone, strict=True)
    made = [
        Part(
            cause.title, cause.reference, *_told(part), float(orders.mean()), float(alone.mean()),
            cause.months is not None,
        )
        for cause, part, orders, alone in every
    ]  # fmt: skip
    return sorted(made, key=lambda one: (one.is_time, -_better(found) * one.mean))


def _told(
    values: NDArray[np.float64],
) -> tuple[float, float, float, float | None, float | None]:
    """Mean of a part, its 5 and 95 % points, and the 95 % interval of the mean."""
    mean, (low, high) = float(values.mean()), map(float, np.quantile(values, [0.05, 0.95]))
    if len(values) == 1:
        return mean, low, high, None, None
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5
    return mean, low, high, mean - half, mean + half


def _last(found: Attribution) -> int:
    """The month by which it is looked at with more time."""
    return max([found.case.months, *(cause.months or 0 for cause in found.causes)])


def _number(found: Attribution, values: NDArray[np.float64]) -> str:
    """Mean and interval of an outcome over the runs."""
    name, ends = found.outcome, np.quantile(values, [0.05, 0.95])
    return (
        f"{average(name, values.mean())} on average ({most(len(values), 'runs')}: "
        f"{span(name, *ends)})"
    )


def headline(found: Attribution) -> str:
    """What it is, what is aimed at, and what it could be."""
    case, name, target = found.case, found.outcome, _aimed(found)
    others = len(found.causes) - (found.time is not None)
    said = f"{title(case)}: {called(name, case.bodies)} by month {case.months}: "
    said += _number(found, found.was)
    if target is not None:
        limit = "at most" if target.is_most else "at least"
        said += f"; {limit} {amount(name, target.number)} is aimed at"
    if others:
        said += f". With {counted(others, 'cause')} put right: {_number(found, found.without_time)}"
    if found.time is not None:
        also = "and with" if others else "With"
        said += f"{'; ' if others else '. '}{also} time until month {_last(found)}: "
        said += _number(found, found.could)
    return f"{said}."


def _chances(found: Attribution) -> str:
    """The chance of the target as it is and with causes put right."""
    target = _aimed(found)
    if target is None:
        return ""

    def chance(values: NDArray[np.float64]) -> str:
        return share_between(float(target.met(values).mean()), len(values))

    said = f"The target is reached in {chance(found.was)} as it is, and in {chance(found.could)} "
    return f"{said}with all put right."


def _accounted(found: Attribution) -> list[str]:
    """What accounts for most, and what makes it worse."""
    name, every, sign = found.outcome, parts(found), _better(found)
    helps = [one for one in every if sign * one.mean > 0.0 and not one.is_time]
    first = [f"{one.title} {difference(name, one.mean)}" for one in helps]
    said = []
    if first:
        said.append(f"Most of it is accounted for by: {'; '.join(first[:_NAMED])}.")
    time = next((one for one in every if one.is_time), None)
    if time is not None:
        said.append(
            f"More time then adds {difference(name, time.mean)}; if it comes in any order, "
            f"{difference(name, time.orders)}."
        )
    worse = [
        f"{one.title} ({difference(name, one.mean)})"
        for one in every
        if one.low is not None
        and one.high is not None
        and max(sign * one.low, sign * one.high) < 0.0
    ]
    if worse:
        said.append(f"To put this right makes it worse, the others given: {'; '.join(worse)}.")
    return said


def sentences(found: Attribution) -> list[str]:
    """The whole answer, a sentence a fact."""
    case = found.case
    return [
        headline(found),
        *filter(None, [_chances(found)]),
        *_accounted(found),
        "A part is what putting a cause right adds, averaged over all orders in which causes can "
        "be put right (Shapley 1953): the parts add up to the difference. Every subset is run on "
        "the same behaviour, bodies and luck. Where causes overlap, as a fee and the budget that "
        "it strains, each has a share of what both bring.",
        "It is about all bodies at the end of the months above; what turned away those that looked "
        "and said no, each thing by itself, is in uptake run.",
        f"Behaviour: {case.config.parameters.title}. Structure: {case.config.structure.name}. What "
        "each cause is compared with is in the table; another reference gives another answer, and "
        "what is not in it (quality, leaving) is not explained.",
    ]


def table(found: Attribution) -> Table:
    """What each cause accounts for, what helps most first, more time last."""
    name, case = found.outcome, found.case
    rows = [
        (
            one.title,
            one.reference,
            difference(name, one.mean),
            differences(name, one.q05, one.q95),
            "one run"
            if one.low is None or one.high is None
            else differences(name, one.low, one.high),
            difference(name, one.alone),
            *([difference(name, one.orders)] if found.time is not None else []),
        )
        for one in parts(found)
    ]
    columns = [
        "cause", "put right", "part", shares_of(len(found.was))[1], "95 % of the mean", "alone",
        *(["any order"] if found.time is not None else []),
    ]  # fmt: skip
    heading = f"{called(name, case.bodies)} by month {case.months}: what each cause accounts for"
    return Table(heading, "", columns, rows)


def summary(found: Attribution) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    case, target = found.case, _aimed(found)
    every = zip(found.causes, found.parts, found.over_all_orders, found.alone, strict=True)
    chances = {
        name: float(target.met(values).mean())
        for name, values in (("was", found.was), ("without_time", found.without_time),
                             ("could", found.could))
        if target is not None
    }  # fmt: skip
    return {
        "scenario": case.config.scenario.name,
        "question": title(case),
        "structure": case.config.structure.name,
        "draws": case.draws,
        "outcome": found.outcome,
        "target": case.target.name if case.target else None,
        "chance": chances,
        "months": case.months,
        "runs": len(found.was),
        "seed": case.config.seed,
        "was": _numbers(found.was),
        "without_time": _numbers(found.without_time),
        "could": _numbers(found.could),
        "distance": target.number - float(found.was.mean()) if target else None,
        "residual": target.number - float(found.could.mean()) if target else None,
        "causes": [
            {
                "name": cause.name,
                "effect": float(part.mean()),
                "q05": float(np.quantile(part, 0.05)),
                "q95": float(np.quantile(part, 0.95)),
                "title": cause.title,
                "reference": cause.reference,
                "levers": dict(cause.levers),
                "parameters": dict(cause.parameters),
                "without": list(cause.without),
                "months": cause.months,
                "part": _numbers(part),
                "over_all_orders": _numbers(orders),
                "alone": _numbers(alone),
            }
            for cause, part, orders, alone in every
        ],
        "subsets": [
            {"causes": [c.name for i, c in enumerate(found.causes) if subset >> i & 1],
             "mean": float(values.mean())}
            for subset, values in enumerate(found.worth)
        ],
    }  # fmt: skip


def _numbers(values: NDArray[np.float64]) -> dict[str, float | None]:
    """Mean, interval over the runs, and interval of the mean."""
    return dict(zip(("mean", "q05", "q95", "low", "high"), _told(values), strict=True))
