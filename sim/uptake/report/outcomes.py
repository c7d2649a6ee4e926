"""A summary in tables: for the terminal, the report and whoever asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text.answer import compared_of
from uptake.report.text.numbers import (
    NAMES,
    amount,
    average,
    called,
    difference,
    differences,
    shares_of,
    span,
)

_COUNTED = ("joined", "interested", "declined")  # of every group


def is_nil(outcome: Mapping[str, Any]) -> bool:
    """Tell whether an outcome is nil in all runs, and nothing was observed of it."""
    return "observed" not in outcome and not any(outcome[q] for q in ("mean", "q05", "q95"))


def _interval(name: str, outcome: Mapping[str, float]) -> str:
    """Return the mean of an outcome, and in brackets its 5 and 95 % points."""
    return f"{average(name, outcome['mean'])} ({span(name, outcome['q05'], outcome['q95'])})"


def outcomes(summary: Mapping[str, Any]) -> Table:
    """Return the outcomes beside what was observed; without those that are nil in all runs."""
    half, most = shares_of(summary["runs"])
    rows = []
    for name, one in summary["outcomes"].items():
        if is_nil(one):
            continue
        label, source, observed = called(name, summary["bodies"]), one.get("source", ""), ""
        if "observed" in one:
            month = one["observed_month"]
            at = "" if month == summary["months"] else f" (month {month})"
            observed = amount(name, one["observed"]) + at
        middle = span(name, one["q25"], one["q75"])
        cells = [average(name, one["mean"]), middle, span(name, one["q05"], one["q95"]), observed]
        for unit in (" GBP", " %"):
            if cells[0].endswith(unit):
                label += f",{unit}"
                cells = [cell.replace(unit, "") for cell in cells]
        rows.append((label, *cells, source))
    seen = "observed, as it was" if summary["departures"] else "observed"
    title = f"{summary['question']}: {counted(summary['runs'], 'run')}"
    return Table(title, "", ("outcome", "mean", half, most, seen, "source"), rows)


def groups(summary: Mapping[str, Any]) -> Table:
    """Return who joined, took an interest and declined, by kind and size."""
    most = shares_of(summary["runs"])[1]
    found = {**summary["by_kind"], **summary["by_size"]}
    rows = [
        (
            group.replace("_", " "),
            f"{counts['approached']['mean']:,.0f}",
            *(_interval(count, counts[count]) for count in _COUNTED),
        )
        for group, counts in found.items()
    ]
    title = f"by kind and size: mean ({most})"
    return Table(title, "", (summary["bodies"], "approached", *_COUNTED), rows)


def moved(summary: Mapping[str, Any]) -> Table | None:
    """Return every outcome that differs from the scheme as it was, if the question changes it."""
    compared = compared_of(summary)
    if compared is None:
        return None
    most = shares_of(summary["runs"])[1].replace("runs", "pairs")
    rows = [
        (
            called(name, compared.bodies),
            average(name, compared.was[name] + change["mean"]),
            average(name, compared.was[name]),
            difference(name, change["mean"]),
            differences(name, change["q05"], change["q95"]),
        )
        for name, change in compared.moved.items()
    ]
    title = f"what differs from the scheme {compared.than}, on the same behaviour and luck: means"
    return Table(title, "", ("outcome", "as asked", compared.than, "difference", most), rows)


def variants(found: Mapping[str, Any], shown: str) -> Table:
    """Return what the variants of the structure say, side by side; ``shown`` comes first."""
    names = dict.fromkeys([shown, "joined", "live", "net_present_value_gbp"])
    known = [name for name in names if name in next(iter(found.values()))]
    rows = [
        (variant.replace("_", " "), *(_interval(name, outcomes[name]) for name in known))
        for variant, outcomes in found.items()
    ]
    columns = ("structure", *(NAMES[name] for name in known))
    return Table("structures: mean (9 runs in 10)", "", columns, rows)
