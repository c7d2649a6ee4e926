"""What the commands show in a terminal: progress, tables of what came out, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.printing import Listing, console, say
from experiments.waiting import compile_rules, doing, length, progress, shown

__all__ = [
    "compile_rules",
    "console",
    "doing",
    "length",
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
    from sim.answer import amount

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
    from sim.answer import NAMES, amount, span

    names = list(dict.fromkeys([shown, "joined", "live", "net_present_value_gbp"]))
    names = [name for name in names if name in next(iter(variants.values()))]
    compared = table("structures: median (9 runs in 10)", "structure", *(NAMES[n] for n in names))
    for variant, outcomes in variants.items():
        cells = [
            f"{amount(n, outcomes[n]['median'])} "
            f"({span(n, outcomes[n]['q05'], outcomes[n]['q95'])})"
            for n in names
        ]
        compared.add_row(variant.replace("_", " "), *cells)
    console.print(compared)


def show_summary(summary: dict[str, Any]) -> None:
    """Print the outcomes against what was observed, then who joined by kind and by size."""
    from sim.answer import NAMES, amount, span

    title = f"{summary['title']}: {summary['runs']:,} runs"
    outcomes = table(title, "outcome", "median", "half of runs", "9 in 10", "observed")
    for name, outcome in summary["outcomes"].items():
        if name == "approached" or not (outcome["q95"] or outcome["q05"] or "observed" in outcome):
            continue
        cells = [
            amount(name, outcome["median"]),
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
        "by kind and size: median (9 runs in 10)",
        "trusts", "approached", "joined", "interested", "declined",
    )  # fmt: skip
    for group, counts in [*summary["by_kind"].items(), *summary["by_size"].items()]:
        cells = [
            f"{counts[c]['median']:,.0f} ({counts[c]['q05']:,.0f} to {counts[c]['q95']:,.0f})"
            for c in ("joined", "interested", "declined")
        ]
        groups.add_row(group.replace("_", " "), f"{counts['approached']['median']:,.0f}", *cells)
    console.print(groups)
