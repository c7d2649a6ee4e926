"""Tables: of a report, where cells are text, and of the interface, where they are values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from html import escape
from typing import Any, NamedTuple

_WIDEST = 60  # characters of a cell
_MOST_ROWS = 60  # that are shown


def aligned(lines: Sequence[Sequence[str]], right: Collection[int] = ()) -> Iterator[str]:
    """Yield lines whose cells stand below one another, those of some columns flush right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = enumerate(zip(line, widths, strict=True))
        put = [c.rjust(width) if i in right else c.ljust(width) for i, (c, width) in cells]
        yield "  ".join(put).rstrip()


class Table(NamedTuple):
    """A table: its heading, a sentence about it, its columns, and rows of as many cells."""

    heading: str
    sentence: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def column(self, name: str) -> list[Any]:
        """Return the cells of a column."""
        at = list(self.columns).index(name)
        return [row[at] for row in self.rows]

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the rows, each as its cells by column."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))

    def to_pandas(self) -> Any:
        """Return the table as a pandas ``DataFrame``."""
        import pandas

        return pandas.DataFrame([list(row) for row in self.rows], columns=list(self.columns))

    def to_polars(self) -> Any:
        """Return the table as a Polars ``DataFrame``."""
        import polars

        return polars.DataFrame({name: self.column(name) for name in self.columns}, strict=False)

    def __repr__(self) -> str:
        """Return the table as aligned text."""
        body = [list(map(_cell, row)) for row in self.rows[:_MOST_ROWS]]
        right = {i for row in self.rows[:1] for i, cell in enumerate(row) if _is_number(cell)}
        shown = aligned([self.columns, *body], right)
        more = len(self.rows) - len(body)
        return "\n".join([self.heading, *shown, *([f"... and {more:,} more"] if more else [])])

    def _repr_html_(self) -> str:
        """Return the table as a notebook shows it."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(_cell(cell, 400))}</td>" for cell in row) + "</tr>"
            for row in self.rows[:_MOST_ROWS]
        )
        more = len(self.rows) - _MOST_ROWS
        after = f"<p>... and {more:,} more</p>" if more > 0 else ""
        title = escape(self.heading)
        return f"<table><caption>{title}</caption><tr>{head}</tr>{body}</table>{after}"


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _cell(cell: Any, widest: int = _WIDEST) -> str:
    """Return a cell for a reader."""
    text = "" if cell is None else f"{cell:,.6g}" if _is_number(cell) else str(cell)
    return text if len(text) <= widest else f"{text[: widest - 3]}..."
