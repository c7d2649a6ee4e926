"""Tables for other programs: CSV and Excel, written whole or not at all."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.worksheet.properties import PageSetupProperties
from pyarrow import csv

from uptake.files import whole_file

_LINE = 15  # points
_PROSE_WIDTH, _WIDTH = 95, 34  # of the first column, characters: alone, or beside others
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


def _cell(sheet: Any, value: Any, wraps: bool) -> Any:
    """Return a cell; of a text, one that Excel does not take for a formula."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    if wraps:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def write_excel(
    sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Any]]]], path: Path
) -> None:
    """Write sheets (their columns, their rows) as an Excel file; a text is never a formula."""
    book = Workbook(write_only=True)
    for title, (columns, rows) in sheets.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        is_prose = len(columns) == 1
        sheet.column_dimensions["A"].width = _PROSE_WIDTH if is_prose else _WIDTH
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
        for number, row in enumerate(itertools.chain([columns], rows), 1):
            if is_prose:  # what wraps is as high as its lines
                lines = -(-len(str(row[0])) // _PROSE_WIDTH)
                sheet.row_dimensions[number].height = _LINE * lines
            sheet.append([_cell(sheet, value, is_prose) for value in row])
    with whole_file(path) as temporary:
        book.save(temporary)
