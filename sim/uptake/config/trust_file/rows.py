"""From a file to rows of cells: CSV, Parquet or Excel, none larger than a table of trusts can be.

What is in doubt about a format is settled by the names of the columns: the separator and the row
are taken under which most of them are found. What was assumed is said.
"""

import csv
import io
import re
import stat
import warnings
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from uptake.config.trust_file.cells import (
    MOST_CELLS,
    Cells,
    column_names,
    refuse_more,
    text_of,
)

MOST_ROWS = 1_000_000
MOST_BYTES = 300_000_000  # of text
MOST_LETTERS = 32_767  # of a cell, as in Excel
TITLE_ROWS = 20  # in which the names of the columns are sought
FEWEST_NAMES = 2  # of columns that make a row the one with the names
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_ROWS = "rows below the names of the columns"
_SEPARATOR_TOLD = re.compile(r'"?sep=([^"\r\n])"?(\r\n|\r|\n)', re.IGNORECASE)


class Table(NamedTuple):
    """The rows of a file that are not empty, with their numbers."""

    header: tuple[int, Cells]
    rows: list[tuple[int, Cells]]
    separator: str  # of columns, ',' if there is none
    notes: list[str]  # what was assumed, or passed over


class _Content(NamedTuple):
    rows: Iterator[Cells]
    notes: list[str]
    separator: str = ","


def _decoded(content: bytes) -> tuple[str, list[str]]:
    """Return the text of a CSV file, and the coding if it was not UTF-8."""
    if content.startswith((b"PK\x03\x04", b"PAR1")):
        raise ValueError("not text, but an Excel or Parquet file with another ending")
    utf16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(content[:2])
    if utf16 is None and 0 in content[:2]:  # without the mark that should be there
        utf16 = "utf-16-be" if content[0] == 0 else "utf-16-le"
    if utf16:
        return content.decode(utf16), ["the file is in UTF-16"]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = content[error.start : error.start + 1]
        hint = wrong.decode("cp1252", "replace")
        raise ValueError(
            f"near line {line}: byte 0x{wrong.hex()} is not UTF-8 (it would be {hint!r} in "
            "Windows-1252); save the file as UTF-8, in Excel as 'CSV UTF-8'"
        ) from None


def _names_in(cells: Cells, columns: Collection[str]) -> int:
    """Return how many of the columns are named in a row."""
    return len(set(columns).intersection(column_names(cells)))


def _separator(text: str, columns: Collection[str]) -> str:
    """Return the separator under which most names of columns are found in a row."""

    beginning = text[: TITLE_ROWS * MOST_LETTERS]

    def found(separator: str) -> int:
        rows = csv.reader(io.StringIO(beginning, newline=""), delimiter=separator)
        try:
            return max((_names_in(row, columns) for row in islice(rows, TITLE_ROWS)), default=0)
        except csv.Error:
            return 0

    best = max(SEPARATORS, key=found)
    return best if found(best) >= FEWEST_NAMES else ","


def _csv_content(file: BinaryIO, columns: Collection[str]) -> _Content:
    content = file.read(MOST_BYTES + 1)
    refuse_more(len(content), MOST_BYTES, "bytes")
    text, notes = _decoded(content)
    told = _SEPARATOR_TOLD.match(text)
    separator = told[1] if told else _separator(text, columns)
    if separator != ",":
        name = SEPARATORS.get(separator, repr(separator))
        notes.append(f"columns are parted by {name}{', as the first line says' if told else ''}")
    text = "\n" + text[told.end() :] if told else text  # rows keep their numbers
    return _Content(_csv_rows(text, separator), notes, separator)


def _csv_rows(text: str, separator: str) -> Iterator[Cells]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from rows
    except csv.Error as error:
        raise ValueError(f"near line {rows.line_num + 1}: {error}; allowed: UTF-8 CSV") from error


def _parquet_content(file: BinaryIO, _: Collection[str]) -> _Content:
    import pyarrow.parquet
    import pyarrow.types

    source = pyarrow.parquet.ParquetFile(file)
    known, schema = source.metadata, source.schema_arrow
    # It is not asked what the footer says of columns: if that is damaged, pyarrow ends the process.
    groups = [known.row_group(i) for i in range(known.num_row_groups)]
    rows = max(known.num_rows, sum(group.num_rows for group in groups))
    refuse_more(rows, MOST_ROWS, _ROWS)
    refuse_more(rows * known.num_columns, MOST_CELLS, "cells")
    if (unpacked := sum(group.total_byte_size for group in groups)) > MOST_BYTES:
        raise ValueError(f"it unpacks to {unpacked:,} bytes; allowed are {MOST_BYTES:,}")
    if nested := [field.name for field in schema if pyarrow.types.is_nested(field.type)]:
        raise ValueError(
            f"column {nested[0]!r:.80} holds tables of its own; allowed are plain cells"
        )
    # A text that stands in many rows is kept once, so that its length is known before it is copied.
    is_text = (pyarrow.types.is_string, pyarrow.types.is_binary)
    texts = [field.name for field in schema if any(kind(field.type) for kind in is_text)]
    source = pyarrow.parquet.ParquetFile(file, read_dictionary=texts)
    return _Content(_parquet_rows(source), [])


def _parquet_rows(source: object) -> Iterator[Cells]:
    import pyarrow
    from pyarrow import compute

    yield source.schema_arrow.names  # type: ignore[attr-defined]
    for batch in source.iter_batches():  # type: ignore[attr-defined]
        for column in batch.columns:
            if pyarrow.types.is_dictionary(column.type):
                longest = compute.max(compute.binary_length(column.dictionary)).as_py()
                if (longest or 0) > 4 * MOST_LETTERS:
                    raise ValueError(f"a text of {longest:,} bytes")
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _excel_content(file: BinaryIO, _: Collection[str]) -> _Content:
    from uptake.config.trust_file.spreadsheet import excel_rows

    return _Content(*excel_rows(file))


_READERS: dict[str, Callable[[BinaryIO, Collection[str]], _Content]] = {
    ".csv": _csv_content,
    ".parquet": _parquet_content,
    ".xlsx": _excel_content,
}


def _check_file(path: Path) -> None:
    """Refuse what is not a regular file, such as a folder, a pipe or a device."""
    if not path.exists():
        raise ValueError("no such file")
    if path.is_dir():
        raise ValueError("a folder; allowed is a file")
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("a pipe or a device; allowed is a file")
    if path.suffix.lower() not in _READERS:
        raise ValueError(f"allowed are files that end in {', '.join(_READERS)}")


def _filled(rows: Iterator[Cells]) -> Iterator[tuple[int, Cells]]:
    """Yield the rows that are not empty, with their numbers, as many as can be used."""
    cells = 0
    for number, row in enumerate(rows, start=1):
        cells += len(row)
        refuse_more(cells, MOST_CELLS, "cells")
        if any(map(text_of, row)):
            yield number, row


def read_table(path: Path, columns: Collection[str]) -> Table:
    """Return the rows of a file in which these columns are sought; raises ValueError.

    The row that names most of them, if it names two or more, is the one with the names; the first
    row is, if there is none.
    """
    _check_file(path)
    with path.open("rb") as file, warnings.catch_warnings(action="ignore"):
        content = _READERS[path.suffix.lower()](file, columns)
        rows = list(islice(_filled(content.rows), TITLE_ROWS + MOST_ROWS + 1))
    named = [_names_in(cells, columns) for _, cells in rows[:TITLE_ROWS]]
    at = named.index(max(named)) if named and max(named) >= FEWEST_NAMES else 0
    if len(rows) < at + 2 or (at == 0 and rows[0][0] != 1 and named[0] < FEWEST_NAMES):
        raise ValueError("empty; row 1 holds the names of the columns, every row below a trust")
    refuse_more(len(rows) - at - 1, MOST_ROWS, _ROWS)
    notes = list(content.notes)
    if at > 0:
        first = next(filter(None, map(text_of, rows[0][1])))
        notes.append(
            f"rows passed over above the names of the columns in row {rows[at][0]} "
            f"({at}: {first!r:.80}{', ...' if at > 1 else ''})"
        )
    return Table(rows[at], rows[at + 1 :], content.separator, notes)
