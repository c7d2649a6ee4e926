"""What the commands show in a terminal: progress, tables of what came out, sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uptake.report.printing import Listing, console, say, show_rows
from uptake.report.progress import compile_rules, doing, progress, shown

if TYPE_CHECKING:
    from uptake.report.tables import Table

__all__ = [
    "compile_rules",
    "console",
    "doing",
    "progress",
    "say",
    "show",
    "show_rows",
    "shown",
    "table",
]  # fmt: skip


def table(title: str, *columns: str) -> Listing:
    """Return an empty table, its first column text and the others numbers."""
    return Listing(title, columns, numbers=True)


def show(made: Table, *left_out: str) -> None:
    """Print a table of numbers, without some of its columns."""
    kept = [i for i, name in enumerate(made.columns) if name not in left_out]
    shown = table(made.heading, *(made.columns[i] for i in kept))
    for row in made.rows:
        shown.add_row(*(row[i] for i in kept))
    console.print(shown)
