"""The rows of an Excel workbook: those of the first sheet that is seen, and what is hidden in it.

A workbook is a ZIP file of XML, and a few kilobytes of it can unpack to gigabytes. So its size is
looked at before it is opened, and the sheet is gone through once, cell by cell, before it is read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import IO, Any, BinaryIO
from xml.parsers import expat

import openpyxl
from openpyxl.utils.cell import get_column_letter

from uptake.config.trust_file.cells import MOST_CELLS, Cells, refuse_more

MOST_BYTES = 300_000_000  # of XML, unpacked
MOST_BYTES_OF_FEW = 10_000_000  # that any workbook may unpack to, however well it was packed
MOST_PACKED = 100  # times; sheets of numbers are packed 10 to 20 times
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of a sheet, in Excel
_SHOWN = 3


def check_archive(file: BinaryIO) -> None:
    """Refuse a ZIP file that unpacks to more than any workbook of trusts would."""
    with zipfile.ZipFile(file) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    most = min(MOST_BYTES, max(MOST_BYTES_OF_FEW, MOST_PACKED * file.seek(0, io.SEEK_END)))
    if unpacked > most:
        raise ValueError(f"it unpacks to {unpacked:,} bytes; allowed are {most:,}")
    file.seek(0)


class Survey:
    """What a sheet holds, found by going through its XML once, in little memory."""

    def __init__(self, part: IO[bytes]) -> None:
        self.hidden_rows: list[str] = []
        self.hidden_columns: list[str] = []
        self.merged: list[str] = []
        self._cells = self._row = self._width = 0
        self._formula, self._needs_value, self._reads_value = "", False, False
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._starts
        parser.EndElementHandler = self._ends
        parser.CharacterDataHandler = self._says
        parser.EntityDeclHandler = self._declares
        parser.ParseFile(part)

    def notes(self) -> list[str]:
        """Return what is told of the sheet: a sentence each."""
        found = {
            "hidden rows, read as well": self.hidden_rows,
            "hidden columns, read as well": self.hidden_columns,
            "merged cells, of which only the first holds a value": self.merged,
        }
        return [
            f"{what} ({len(which)}: {', '.join(which[:_SHOWN])}{', ...' if which[_SHOWN:] else ''})"
            for what, which in found.items()
            if which
        ]

    def _starts(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "c":
            self._starts_cell(attributes)
        elif tag == "f":
            self._needs_value = self._formula == "n"
        elif tag == "v":
            self._reads_value = True
        elif tag == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._width = 0
            if not 0 < self._row <= LAST_ROW:
                raise ValueError(f"row {self._row}: a sheet has at most {LAST_ROW:,}")
            if attributes.get("hidden") in ("1", "true"):
                self.hidden_rows.append(f"row {self._row}")
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            self.hidden_columns.append(get_column_letter(int(attributes["min"])))
        elif tag == "mergeCell":
            self.merged.append(attributes["ref"][:40])

    def _starts_cell(self, attributes: dict[str, str]) -> None:
        """Count a cell and those left out before it, which are read as blanks."""
        column = _column(attributes["r"]) if "r" in attributes else self._width + 1
        if not 0 < column <= LAST_COLUMN:
            raise ValueError(f"row {self._row}: a cell beyond column {LAST_COLUMN:,}")
        self._cells += max(1, column - self._width)
        self._width = max(self._width, column)
        refuse_more(self._cells, MOST_CELLS, "cells")
        self._formula = attributes.get("t", "n")  # an empty text is a value as well

    def _says(self, text: str) -> None:
        if self._reads_value and not text.isspace():
            self._needs_value = False

    def _ends(self, name: str) -> None:
        if name.endswith(" v"):
            self._reads_value = False
        elif name.endswith(" c") and self._needs_value:
            cell = f"{get_column_letter(self._width)}{self._row}"
            raise ValueError(f"cell {cell}: a formula saved without its value")

    @staticmethod
    def _declares(*_: Any) -> None:
        raise ValueError("entities are not allowed in a sheet")


def _column(reference: str) -> int:
    """Return the number of the column of a cell, such as 28 of AB7."""
    number = 0
    for letter in reference.rstrip("0123456789")[:4].upper():
        number = 26 * number + ord(letter) - 64
    return number


def excel_rows(file: BinaryIO) -> tuple[Iterator[Cells], list[str]]:
    """Return the rows of the first sheet that is seen, and what is told of the workbook."""
    check_archive(file)
    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not seen:
        raise ValueError("every sheet is hidden")
    sheet, others = seen[0], [other for other in book.worksheets if other is not seen[0]]
    with zipfile.ZipFile(file) as archive, archive.open(sheet._worksheet_path) as part:
        notes = Survey(part).notes()
    if others:
        names = [
            f"{'' if o.sheet_state == 'visible' else 'hidden '}{o.title!r:.80}" for o in others
        ]
        more = ", ..." if names[_SHOWN:] else ""
        notes.insert(0, f"sheet {sheet.title!r:.80}; not read: {', '.join(names[:_SHOWN])}{more}")
    sheet.reset_dimensions()  # some programs write wrong ones
    return _as_wide_as_the_first(sheet.iter_rows(values_only=True)), notes


def _as_wide_as_the_first(rows: Iterator[Cells]) -> Iterator[Cells]:
    """Yield rows with the blanks at their end, which are not stored."""
    width = 0
    for cells in rows:
        width = width or len(cells)
        yield [*cells, *[None] * (width - len(cells))]
