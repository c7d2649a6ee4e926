"""Sentences and tables in a terminal. What a user wrote is shown, never obeyed.

A table keeps every number at any width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from uptake.errors import plain

console = Console(highlight=False)
_WHOLE = 24  # cells of up to so many characters are not broken over lines
_NARROWEST = 16  # columns of a label or a text
_GAP = 2  # beside every column


def say(*sentences: str) -> None:
    """Print sentences, a line each."""
    for sentence in sentences:
        console.print(Text(plain(sentence)), soft_wrap=not console.is_terminal)


def _longest(texts: Sequence[str]) -> int:
    """Return the width of the longest text."""
    return max(map(cell_len, texts), default=0)


class Listing:
    """Rows of cells: side by side where they fit, and where not, row by row beneath the first."""

    def __init__(self, title: str, columns: Sequence[str], numbers: bool = False) -> None:
        """With ``numbers``, all columns but the first are set flush right."""
        self.title, self.numbers = plain(title), numbers
        self.columns = list(map(plain, columns))
        self.rows: list[list[str]] = []

    def add_row(self, *cells: str) -> None:
        """Add a row, a cell a column."""
        self.rows.append(list(map(plain, cells)))

    def _widths(self, room: int) -> list[int] | None:
        """Return how wide each column is to be, or None if there is no room for them all."""
        least, most = [], []
        for i, name in enumerate(self.columns):
            cells = [row[i] for row in self.rows if any(row[1:]) or i]  # a heading may run on
            longest, words = _longest(cells), _longest(" ".join([name, *cells]).split())
            is_whole = i > 0 and longest <= _WHOLE
            least.append(max(words, longest if is_whole else min(longest, _NARROWEST)))
            most.append(max(longest, cell_len(name), least[-1]))
        free = room - sum(least) - _GAP * len(least) - 1
        if free < 0:
            return None
        wanted = sum(most) - sum(least)
        share = min(1.0, free / wanted) if wanted else 0.0
        return [low + int(share * (high - low)) for low, high in zip(least, most, strict=True)]

    def _beside(self, widths: list[int]) -> Iterator[RenderableType]:
        """Yield the rows as a table; a row of one cell is a heading, which runs across."""
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
        for i, (name, width) in enumerate(zip(self.columns, widths, strict=True)):
            justify = "right" if self.numbers and i else "left"
            table.add_column(Text(name), justify=justify, width=width)  # type: ignore[arg-type]
        for row in self.rows:
            table.add_row(*map(Text, row))
        yield table

    def _beneath(self, room: int) -> Iterator[RenderableType]:
        """Yield the rows one below the other, what stands in a column after its name."""
        for label, *cells in self.rows:
            if label:
                yield Text(label.strip())
            line = ""
            for name, cell in zip(self.columns[1:], cells, strict=True):
                if not cell:
                    continue
                piece = f"{name}: {cell}" if name else cell
                if line and cell_len(f"  {line}; {piece};") > room:
                    yield Padding(Text(f"{line};"), (0, 0, 0, 2), expand=False)
                    line = piece
                else:
                    line = f"{line}; {piece}" if line else piece
            if line:
                yield Padding(Text(line), (0, 0, 0, 2), expand=False)
        yield Text("")

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Yield what rich is to print within its width."""
        yield Text(self.title, style="italic")
        widths = self._widths(options.max_width)
        yield from self._beneath(options.max_width) if widths is None else self._beside(widths)


def show_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table of text."""
    listing = Listing(title, columns)
    for row in rows:
        listing.add_row(*row)
    console.print(listing)
