"""Tables for other programs: CSV and Excel, written whole or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from pyarrow import csv

from uptake.files import whole_file

MOST_EXCEL_CELLS = 300_000  # more take minutes


def write_csv(tables: Iterable[Any], path: Path) -> None:
    """Write Arrow tables of the same columns as one CSV file, one after the other."""
    with whole_file(path) as temporary:
        writer = None
        for table in tables:
            writer = writer or csv.CSVWriter(temporary, table.schema)
            writer.write_table(table)
        if writer is not None:
            writer.close()


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell; of a text, one that Excel does not take for a formula."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell


def write_excel(
    sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Any]]]], path: Path
) -> None:
    """Write sheets (their columns, their rows) as an Excel file; a text is never a formula."""
    book = Workbook(write_only=True)
    for title, (columns, rows) in sheets.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for row in itertools.chain([columns], rows):
            sheet.append([_cell(sheet, value) for value in row])
    with whole_file(path) as temporary:
        book.save(temporary)
