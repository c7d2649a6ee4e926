"""What the commands show in a terminal: progress, tables of what came out, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from uptake.report.printing import Listing, console, say
from uptake.report.progress import compile_rules, doing, progress, shown

if TYPE_CHECKING:
    from uptake.report.text.answer import Compared

__all__ = [
    "compile_rules",
    "console",
    "doing",
    "progress",
    "say",
    "show_rows",
    "show_summary",
    "show_variants",
    "shown",
    "table",
]  # fmt: skip


def table(title: str, *columns: str) -> Listing:
    """Return an empty table, its first column text and the others numbers."""
    return Listing(title, columns, numbers=True)


def _observed(name: str, outcome: dict[str, Any], months: int) -> str:
    """Return what was observed of an outcome, with the month if it is not the last."""
    from uptake.report.text.numbers import amount

    if "observed" not in outcome:
        return ""
    month = outcome["observed_month"]
    at = "" if month == months else f" (m. {month})"
    return amount(name, outcome["observed"]) + at


def show_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table of text."""
    shown = Listing(title, columns)
    for row in rows:
        shown.add_row(*row)
    console.print(shown)


def show_variants(variants: dict[str, Any], shown: str) -> None:
    """Print what the variants of the structure say, side by side."""
    from uptake.report.text.numbers import NAMES, average, span

    names = list(dict.fromkeys([shown, "joined", "live", "net_present_value_gbp"]))
    names = [name for name in names if name in next(iter(variants.values()))]
    compared = table("structures: mean (9 runs in 10)", "structure", *(NAMES[n] for n in names))
    for variant, outcomes in variants.items():
        cells = [
            f"{average(n, outcomes[n]['mean'])} ({span(n, outcomes[n]['q05'], outcomes[n]['q95'])})"
            for n in names
        ]
        compared.add_row(variant.replace("_", " "), *cells)
    console.print(compared)


def show_summary(summary: dict[str, Any]) -> None:
    """Print the outcomes against what was observed, who joined, and what differs from what was."""
    from uptake.errors import counted
    from uptake.report.text.answer import compared_of
    from uptake.report.text.numbers import NAMES, average, shares_of, span

    half, most = shares_of(summary["runs"])
    title = f"{summary['question']}: {counted(summary['runs'], 'run')}"
    seen = "observed, as it was" if summary["departures"] else "observed"
    outcomes = table(title, "outcome", "mean", half, most, seen)
    for name, outcome in summary["outcomes"].items():
        if name == "approached" or not (outcome["q95"] or outcome["q05"] or "observed" in outcome):
            continue
        cells = [
            average(name, outcome["mean"]),
            span(name, outcome["q25"], outcome["q75"]),
            span(name, outcome["q05"], outcome["q95"]),
            _observed(name, outcome, summary["months"]),
        ]
        label = NAMES[name]
        for unit in (" GBP", " %"):
            if cells[0].endswith(unit):
                label += f",{unit}"
                cells = [cell.replace(unit, "") for cell in cells]
        outcomes.add_row(label, *cells)
    console.print(outcomes)
    groups = table(
        f"by kind and size: mean ({most})",
        "trusts", "approached", "joined", "interested", "declined",
    )  # fmt: skip
    for group, counts in [*summary["by_kind"].items(), *summary["by_size"].items()]:
        cells = [
            f"{average(c, counts[c]['mean'])} ({span(c, counts[c]['q05'], counts[c]['q95'])})"
            for c in ("joined", "interested", "declined")
        ]
        groups.add_row(group.replace("_", " "), f"{counts['approached']['mean']:,.0f}", *cells)
    console.print(groups)
    if compared := compared_of(summary):
        _show_differences(compared, summary["runs"])


def _show_differences(compared: Compared, runs: int) -> None:
    """Print every outcome that differs from the scheme as it was."""
    from uptake.report.text.numbers import NAMES, average, difference, differences, shares_of

    most = shares_of(runs)[1].replace("runs", "pairs")
    title = f"what differs from the scheme {compared.than}, on the same behaviour and luck: means"
    shown = table(title, "outcome", "as asked", compared.than, "difference", most)
    for name, moved in compared.moved.items():
        was = compared.was[name]
        cells = [average(name, was + moved["mean"]), average(name, was)]
        cells += [difference(name, moved["mean"]), differences(name, moved["q05"], moved["q95"])]
        shown.add_row(NAMES[name], *cells)
    console.print(shown)
