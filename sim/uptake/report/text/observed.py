"""What was observed in words: a count, a ratio or a bound, and how exactly it was read.

A row is an entry of ``observed`` in ``summary.json``; ``row_of`` makes one of an observation that
is not beside any runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from math import hypot
from typing import Any

from uptake.config.schema import Observation
from uptake.report.text.numbers import (
    amount,
    average,
    called,
    difference,
    is_share,
    share_of_runs,
    span,
)

Row = Mapping[str, Any]

_HALF_OF_90 = 1.645  # sd from the middle of a normal distribution to either end of 90 % of it


def row_of(name: str, seen: Observation) -> dict[str, Any]:
    """An observation as a row, without what runs say of it."""
    return {**asdict(seen), "outcome": name, "error": seen.sd}


def _kind(name: str) -> str:
    """What an outcome is counted in."""
    if name.endswith("_gbp"):
        return "_gbp"
    return "_share" if is_share(name) else "number"


def measure(row: Row) -> str:
    """The outcome that reads as a row does: money over money or a count over a count is a share.

    >>> measure({"outcome": "aligned", "of": "served"})
    '_share'
    >>> measure({"outcome": "trusts_cost_gbp", "of": "joined"}), measure({"outcome": "joined"})
    ('_gbp', 'joined')
    """
    name, of = row["outcome"], row.get("of")
    if not of:
        return "_share" if _kind(name) == "_share" else str(name)
    return "_share" if _kind(name) == _kind(of) else _kind(name)


def fact(row: Row, bodies: str, months: int | None = None) -> str:
    """What was observed, and when; the month goes without saying if it is the last of ``months``.

    >>> fact({"outcome": "aligned", "of": "served", "month": 32}, "councils")
    'aligned / served, month 32'
    """
    what = called(row["outcome"], bodies)
    what = f"{what} / {called(row['of'], bodies)}" if row.get("of") else what
    return what if row["month"] == months else f"{what}, month {row['month']}"


def reads(row: Row) -> str:
    """What was observed, as it was read: a number or a bound, with its standard deviation.

    >>> reads({"outcome": "served", "value": 110, "error": 10.0})
    '110 +- 10'
    >>> reads({"outcome": "served", "value": 89, "to": 110, "bound": "between"})
    '89 to 110'
    >>> reads({"outcome": "aligned", "of": "served", "value": 0.5, "bound": "at_least"})
    'at least 50 %'
    """
    name, bound = measure(row), row.get("bound")
    if bound == "between":
        said = span(name, row["value"], row["to"])
    else:
        said = f"{bound.replace('_', ' ')} " if bound else ""
        said += amount(name, row["value"])
    return f"{said} +- {difference(name, row['error']).lstrip('+')}" if row.get("error") else said


def means(row: Row) -> str:
    """The mean of the runs that have a value, in the month of the observation."""
    return average(measure(row), row["at_month"]["mean"]) if row["at_month"] else ""


def between(row: Row, low: str, high: str) -> str:
    """Two quantiles of the runs that have a value, in the month of the observation."""
    then = row["at_month"]
    return span(measure(row), then[low], then[high]) if then else "no value"


def no_value(row: Row, bodies: str) -> str:
    """How many runs have no value of a ratio, and why; nothing if all have one."""
    if not row["no_value"]:
        return ""
    runs = share_of_runs(row["no_value"])
    return f"no value in {runs} of the runs, as {called(row['of'], bodies)} is nil"


def agreement(row: Row, bodies: str) -> str:
    """How many runs reach what was observed, or keep to the bound, in brackets."""
    how = {"at_most": "stay within it", "between": "lie within it"}.get(row["bound"], "reach it")
    said = [] if row["agree"] is None else [f"{share_of_runs(row['agree'])} {how}"]
    return f"({'; '.join([*said, *filter(None, [no_value(row, bodies)])])})"


def is_inside(row: Row, then: Mapping[str, float]) -> bool:
    """Tell whether 90 % of runs hold what was observed, or some of what a bound allows.

    A reading error widens the interval on either side, about as if each run were read with it.

    >>> runs = {"q05": 2.0, "median": 6.0, "q95": 10.0}
    >>> seen = {"value": 12.0, "to": None, "bound": None}
    >>> is_inside(seen | {"error": 0.0}, runs), is_inside(seen | {"error": 3.0}, runs)
    (False, True)
    """
    wide = _HALF_OF_90 * row["error"]
    least = then["median"] - hypot(then["median"] - then["q05"], wide)
    most = then["median"] + hypot(then["q95"] - then["median"], wide)
    low, high = row["value"], row["to"] if row["bound"] == "between" else row["value"]
    return (row["bound"] == "at_most" or most >= low) and (
        row["bound"] == "at_least" or least <= high
    )
