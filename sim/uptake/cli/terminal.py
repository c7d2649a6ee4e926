"""What commands print in a terminal: progress, tables, sentences."""

from __future__ import annotations

from uptake.report.printing import Listing, console, say, show_rows
from uptake.report.progress import compile_rules, doing, growing, progress, shown
from uptake.report.tables import Table

__all__ = [
    "compile_rules",
    "console",
    "doing",
    "growing",
    "progress",
    "say",
    "show",
    "show_rows",
    "shown",
    "table",
]  # fmt: skip


def table(title: str, *columns: str) -> Listing:
    """Empty table, its first column text and the others numbers."""
    return Listing(title, columns, numbers=True)


def show(made: Table, *left_out: str, numbers: bool = True) -> None:
    """Print a table without some of its columns; ``numbers`` are set flush right."""
    kept = [i for i, name in enumerate(made.columns) if name not in left_out]
    shown = Listing(made.heading, [made.columns[i] for i in kept], numbers)
    for row in made.rows:
        shown.add_row(*(row[i] for i in kept))
    console.print(shown)
