"""A user's table of trusts, read from CSV, Parquet or Excel (the first sheet).

Every cell is text before it is anything else, and text is data: nothing is evaluated. What can be
mended without a guess is mended and said. What cannot is refused, all of it at once. A blank is a
fact that is not known, and is filled anew in every run (see ``sim.initialization``).
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
import warnings
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim._jit import Records
from sim.entities import FACTS, NEVER
from sim.errors import InputError, nearest, refusal

MOST_ROWS = 1_000_000
LINES_SHOWN = 50
FEWEST_INCOMES = 10  # fewer say too little about their 10th and 90th percentile
ABOVE_0 = 5e-324  # the smallest number there is above 0

# Columns of numbers: name in FACTS, unit of the file in that of FACTS, least, most, both in words.
NUMBERS = {
    "income_million_gbp": ("income_gbp", 1e6, ABOVE_0, 1e6, "above 0 and at most 1,000,000"),
    "spend_in_scope_gbp": ("spend_gbp", 1.0, ABOVE_0, 1e12, "above 0 and at most 1e12"),
    "discretionary_budget_gbp": ("budget_gbp", 1.0, ABOVE_0, 1e12, "above 0 and at most 1e12"),
    "process_gap": ("gap", 1.0, 0.0, 1.0, "from 0 to 1"),
    "capacity_slack": ("slack", 1.0, ABOVE_0, 1.0, "above 0 and at most 1"),
}
REQUIRED = ("id", "name", "kind", "region", "income_million_gbp")
COLUMNS = (*REQUIRED[:4], *NUMBERS)
FILLED = {"name": "left blank", "income_million_gbp": "drawn from the distribution of their kind"}

BLANKS = frozenset(("na", "n/a", "#n/a", "nan", "null", "none", "-", "\u2013", "\u2014"))
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
WITH_SEPARATORS = re.compile(r"[+-]?\d{1,3}([, ']\d{3})+(\.\d*)?", re.ASCII)
SPREADSHEET_ERROR = re.compile(r"#(REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)", re.IGNORECASE)
# Words that make another region of the name next to them, not another spelling of it.
BEARINGS = frozenset(("north", "south", "east", "west", "central", "mid", "greater", "and"))
Cells = Sequence[object]  # of a row


class TrustTable(NamedTuple):
    """What a file says of its trusts, an entry a trust in the order of the rows."""

    ids: list[str]
    names: list[str]  # '' if blank
    kinds: list[str]  # '' if blank
    regions: list[str]  # '' if blank
    numbers: dict[str, NDArray[np.float64]]  # by name in FACTS and in its unit, NaN if blank
    notes: list[str]  # what was mended, left out or is worth a look: a sentence each


class _Findings(NamedTuple):
    problems: list[str]
    mended: defaultdict[tuple[str, str], list[str]]  # trusts, by column and what was done
    remarks: list[str]

    def mendings(self) -> list[str]:
        return [
            f"{column}: {what} ({len(ids)}: {', '.join(ids[:3])}{', ...' if ids[3:] else ''})"
            for (column, what), ids in self.mended.items()
        ]

    def refusal(self, path: Path) -> str:
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = [refusal("population.path", path, f"{count}, nothing was run")]
        mendings = [f"would mend: {mending}" for mending in self.mendings()]
        for said in (self.problems, mendings, [f"note: {remark}" for remark in self.remarks]):
            more = [f"... and {len(said) - LINES_SHOWN} more"] if len(said) > LINES_SHOWN else []
            lines += said[:LINES_SHOWN] + more
        return "\n".join(lines)


def _csv_rows(file: BinaryIO) -> Iterator[Cells]:
    rows = csv.reader((line.decode("utf-8-sig") for line in file), strict=True)
    try:
        yield from rows
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"near line {rows.line_num + 1}: {error}; allowed: UTF-8 CSV") from error


def _parquet_rows(file: BinaryIO) -> Iterator[Cells]:
    import pyarrow.parquet

    table = pyarrow.parquet.ParquetFile(file)
    yield table.schema_arrow.names
    for batch in table.iter_batches():
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _excel_rows(file: BinaryIO) -> Iterator[Cells]:
    import openpyxl

    books = [openpyxl.load_workbook(file, True, data_only=only) for only in (True, False)]
    sheets = [book.worksheets[0] for book in books]  # with values; with formulas
    for sheet in sheets:
        sheet.reset_dimensions()  # some programs write wrong ones
    width = 0
    for cells, formulas in zip(*sheets, strict=True):
        for cell, formula in zip(cells, formulas, strict=True):
            if formula.data_type == "f" and cell.value is None and cell.data_type == "n":
                raise ValueError(f"cell {formula.coordinate}: a formula saved without its value")
        width = width or len(cells)  # blanks at the end of a row are not stored
        yield [cell.value for cell in cells] + [None] * (width - len(cells))


READERS = {".csv": _csv_rows, ".parquet": _parquet_rows, ".xlsx": _excel_rows}


def _rows(path: Path) -> list[tuple[int, Cells]]:
    """Return the rows that are not empty with their numbers, the names of the columns first."""
    if not path.is_file():
        raise ValueError("a folder; allowed is a file" if path.is_dir() else "no such file")
    if path.suffix.lower() not in READERS:
        raise ValueError(f"allowed are files that end in {', '.join(READERS)}")
    with path.open("rb") as file, warnings.catch_warnings(action="ignore"):
        rows = enumerate(READERS[path.suffix.lower()](file), start=1)
        filled = list(islice((row for row in rows if any(map(_text, row[1]))), MOST_ROWS + 2))
    if len(filled) < 2 or filled[0][0] != 1:
        raise ValueError("empty; row 1 holds the names of the columns, every row below a trust")
    if len(filled) > MOST_ROWS + 1:
        raise ValueError(f"more than {MOST_ROWS:,} rows below the names of the columns")
    return filled


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None or cell != cell or str(cell).isspace() else str(cell)


def _mended(text: str, is_code: bool) -> tuple[str, list[str]]:
    """Return the text of a cell as it is used, and what was done to it."""
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


def _objection(column: str, text: str, cell: object) -> str:
    """Return what is allowed in a column if a cell, or its mended text, is not; or nothing."""
    allowed = "an id of its own, not blank" if column == "id" else "text"
    if column in NUMBERS:
        _, _, least, most, words = NUMBERS[column]
        allowed = f"a number {words}, or blank if not known"
    if type(cell) not in (str, int, float, Decimal, type(None)) or SPREADSHEET_ERROR.match(text):
        return f"{allowed}; not a date, a truth value or an error of a spreadsheet"
    if column not in NUMBERS or not text:
        return allowed if column == "id" and not text else ""
    if WITH_SEPARATORS.fullmatch(text):
        return f"{allowed}; without thousands separators"
    value = float(text if NUMBER.fullmatch(text) else "nan")
    if column == "income_million_gbp" and value > most:
        return f"{allowed}; this looks like GBP, not GBP million"
    return "" if least <= value <= most else allowed


def _columns(header: Cells, found: _Findings) -> dict[str, int]:
    """Return the position of every column that is used, in the order of COLUMNS."""
    texts = [_text(cell) for cell in header]
    names = [_mended(text, is_code=True)[0] for text in texts]
    given = dict(zip(names, texts, strict=True))
    spare = [name for name, text in given.items() if text and name not in COLUMNS]
    for column in COLUMNS:
        if column in REQUIRED and column not in given:
            near = [*difflib.get_close_matches(column, spare, 1, 0.0), "none"][0]
            found.problems.append(f"row 1: no column {column}; nearest: {given.get(near)!r:.80}")
        elif names.count(column) > 1:
            found.problems.append(f"row 1: {names.count(column)} columns {column}; allowed is one")
        elif given.get(column, column) != column:
            found.mended[column, f"column name {given[column]!r:.80} mended"].append("row 1")
    absent = [column for column in COLUMNS if column not in given]
    if told := ", ".join(f"{given[name]!r:.80}{nearest(name, absent)}" for name in spare):
        found.remarks.append(f"columns ignored: {told}")
    return {column: names.index(column) for column in COLUMNS if column in names}


def _record(row: int, cells: Cells, columns: dict[str, int], found: _Findings) -> dict[str, str]:
    """Return the texts of a row as they are used, by column."""
    record = dict.fromkeys(COLUMNS, "")
    for column, position in columns.items():
        cell = cells[position]
        record[column], done = _mended(_text(cell), column == "kind")
        for what in done:
            found.mended[column, what].append(record["id"] or f"row {row}")
        if objection := _objection(column, record[column], cell):
            found.problems.append(f"row {row}, column {column}: {_text(cell)!r:.80}: {objection}")
    return record


def _usual_spellings(regions: list[str], ids: list[str], found: _Findings) -> list[str]:
    """Return the regions, of spellings that differ by case or spaces the most frequent one."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for region in regions:
        spellings["".join(region.casefold().split())][region] += 1
    usual = {form: forms.most_common(1)[0][0] for forms in spellings.values() for form in forms}
    for region, trust in zip(regions, ids, strict=True):
        if usual[region] != region:
            mending = "region", f"{region!r:.80} read as {usual[region]!r:.80}"
            found.mended[mending].append(trust or "no id")
    return [usual[region] for region in regions]


def _look_alikes(regions: Collection[str]) -> Iterator[str]:
    """Yield a hint for every region that is another with words before or after it."""
    for region, words in ((region, region.split()) for region in regions):
        for n in range(1, len(words)):
            for part, beside in ((words[:n], words[n]), (words[n:], words[n - 1])):
                if (other := " ".join(part)) in regions and beside.lower() not in BEARINGS:
                    yield f"region: {other!r:.80} and {region!r:.80} may be one; both were kept"


def read_trusts(path: Path) -> TrustTable:
    """Return the trusts of a file; raises InputError with every problem, a line each."""
    try:
        (_, header), *rows = _rows(path)
    except Exception as error:  # also whatever a reader makes of a damaged file
        why = f"cannot be read: {' '.join(str(error).split()):.200}"
        raise InputError(refusal("population.path", path, why)) from error
    found = _Findings([], defaultdict(list), [])
    columns = _columns(header, found)
    records: list[dict[str, str]] = []
    row_of: dict[str, int] = {}
    for row, cells in rows:
        if len(cells) < len(header) or any(map(_text, cells[len(header) :])):
            found.problems.append(f"row {row}: {len(cells)} cells; allowed: {len(header)}")
            continue
        record = _record(row, cells, columns, found)
        if (trust := record["id"]) and row_of.setdefault(trust, row) != row:
            told = f"{trust!r:.80}: an id of its own; row {row_of[trust]} has it already"
            found.problems.append(f"row {row}, column id: {told}")
        records.append(record)
    texts = {column: [record[column] for record in records] for column in COLUMNS}
    texts["region"] = _usual_spellings(texts["region"], texts["id"], found)
    for column in columns:
        if blanks := texts[column].count(""):
            filled = FILLED.get(column, "filled anew in every run")
            found.remarks.append(f"{column}: {blanks} of {len(records)} blank, {filled}")
    found.remarks.extend(_look_alikes(dict.fromkeys(filter(None, texts["region"]))))
    if found.problems:
        raise InputError(found.refusal(path))
    numbers = {
        fact: np.array([float(text or "nan") * unit for text in texts[column]])
        for column, (fact, unit, *_) in NUMBERS.items()
    }
    ids, names, kinds, regions = (texts[column] for column in REQUIRED[:4])
    return TrustTable(ids, names, kinds, regions, numbers, found.mendings() + found.remarks)


def facts_of(table: TrustTable, kind_names: list[str], region_names: list[str]) -> Records:
    """Return what is known of the trusts, shape (trusts,), of FACTS; a blank is NEVER or NaN."""
    facts = np.zeros(len(table.ids), FACTS).view(np.recarray)
    facts.number = np.arange(len(table.ids))
    for fact, known in (("kind", kind_names), ("region", region_names)):
        given = table.kinds if fact == "kind" else table.regions
        code = {"": NEVER} | {name: row for row, name in enumerate(known)}
        if strange := [name for name in given if name not in code]:
            allowed = f"allowed are {', '.join(known)}{nearest(strange[0], known)}"
            raise InputError(refusal(f"population.path: {fact}", strange[0], allowed))
        facts[fact] = [code[name] for name in given]
    for fact, values in table.numbers.items():
        facts[fact] = values
    return facts


def income_percentiles(table: TrustTable) -> dict[str, tuple[float, float, float]]:
    """Return p10, p50, p90 of known incomes by kind and ('') in all, GBP a year; none of a few."""
    incomes, kinds = table.numbers["income_gbp"], np.array(table.kinds, object)
    percentiles = {}
    for kind in dict.fromkeys(["", *table.kinds]):
        known = incomes[~np.isnan(incomes) & ((kinds == kind) | (kind == ""))]
        if len(known) >= FEWEST_INCOMES:
            low, middle, high = np.percentile(known, (10.0, 50.0, 90.0))
            percentiles[kind] = (float(low), float(middle), float(high))
    return percentiles
