"""The text of a table's cells: what it is taken for, and what was done to it.

Every cell is text before it is anything else, and text is data: nothing is evaluated.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

BLANKS = frozenset(("na", "n/a", "#n/a", "nan", "null", "none", "-", "\u2013", "\u2014"))
Cells = Sequence[object]  # of a row
MOST_CELLS = 20_000_000  # of a file


def refuse_more(count: int, most: int, what: str) -> None:
    """Refuse more of something than is read."""
    if count > most:
        raise ValueError(f"more than {most:,} {what}")


def text_of(cell: object) -> str:
    """Return the text of a cell, '' if it holds nothing."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None or cell != cell or str(cell).isspace() else str(cell)


def printable(text: str) -> str:
    """Return a text with whatever would steer a terminal written out."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def mended(text: str, is_code: bool) -> tuple[str, list[str]]:
    """Return the text of a cell as it is used, and what was done to it.

    A code is written in lower case, with an underscore for every space or hyphen.
    """
    plain, done = " ".join(text.split()), []
    if plain != text or not text.isprintable():
        seen = [c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf")]
        plain = " ".join("".join(seen).split())
        if len(seen) < len(text):
            done.append("zero-width or control characters taken out")
        if any(c.isspace() and c != " " for c in seen):
            done.append("no-break or other unusual spaces made plain")
        if plain != text and not done:
            done.append("stray spaces taken out")
    used = "_".join(plain.lower().replace("-", " ").split()) if is_code else plain
    if plain.lower() in BLANKS or (is_code and used == "unknown"):
        return "", [*done, f"{plain!r:.80} taken as blank"]
    return used, [*done, f"{plain!r:.80} read as {used}"] if used != plain else done


def column_names(cells: Cells) -> list[str]:
    """Return the cells of a row as names of columns."""
    return [mended(text_of(cell), is_code=True)[0] for cell in cells]
