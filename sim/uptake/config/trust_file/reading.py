"""A user's table of trusts: its columns, what is taken, mended or refused.

What can be mended without a guess is mended and said. What cannot is refused, all of it at once. A
blank is a fact that is not known, and is filled anew in every run (see ``uptake.model.blanks``).
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.config.trust_file.cells import Cells, column_names, mended, printable, text_of
from uptake.config.trust_file.checks import Usual, totals_rows, trust_numbers, units_off
from uptake.config.trust_file.regions import look_alikes, usual_spellings
from uptake.config.trust_file.rows import Table, read_table
from uptake.errors import InputError, nearest, refusal, wrong
from uptake.model._jit import Records
from uptake.model.entities import BOUNDS, FACTS, NEVER

LINES_SHOWN = 50
FEWEST_INCOMES = 10  # fewer say too little about their 10th and 90th percentile
MOST_LETTERS = 200  # of a text

# Columns of numbers: name in FACTS, unit of the file in that of FACTS, what is allowed in words.
NUMBERS = {
    "income_million_gbp": ("income_gbp", 1e6, "from 0.001 to 1,000,000"),
    "spend_in_scope_gbp": ("spend_gbp", 1.0, "from 0.01 to 1e12"),
    "discretionary_budget_gbp": ("budget_gbp", 1.0, "from 0.01 to 1e12"),
    "process_gap": ("gap", 1.0, "from 0 to 1"),
    "capacity_slack": ("slack", 1.0, "from 1e-9 to 1"),
}
REQUIRED = ("id", "name", "kind", "region", "income_million_gbp")
COLUMNS = (*REQUIRED[:4], *NUMBERS)
FILLED = {"name": "left blank", "income_million_gbp": "drawn from the distribution of their kind"}

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
WITH_SEPARATORS = re.compile(r"[+-]?\d{1,3}([, ']\d{3})+(\.\d*)?", re.ASCII)
WITH_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+", re.ASCII)  # for the decimal point
WITH_POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII)  # between thousands
SPREADSHEET_ERROR = re.compile(r"#(REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)", re.IGNORECASE)


class TrustTable(NamedTuple):
    """What a file says of its trusts, an entry a trust in the order of the rows."""

    ids: list[str]
    names: list[str]  # '' if blank
    kinds: list[str]  # '' if blank
    regions: list[str]  # '' if blank
    numbers: dict[str, NDArray[np.float64]]  # by name in FACTS and in its unit, NaN if blank
    notes: list[str]  # what was mended, left out or is worth a look: a sentence each


class _Findings(NamedTuple):
    problems: list[tuple[int, str]]  # with their rows, 0 for what is wrong with a whole column
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
        problems = [text for _, text in sorted(self.problems, key=lambda problem: problem[0])]
        mendings = [f"would mend: {mending}" for mending in self.mendings()]
        for said in (problems, mendings, [f"note: {remark}" for remark in self.remarks]):
            more = [f"... and {len(said) - LINES_SHOWN} more"] if len(said) > LINES_SHOWN else []
            lines += said[:LINES_SHOWN] + more
        return "\n".join(lines)


def _objection(column: str, text: str, cell: object) -> str:
    """Return what is allowed in a column if a cell, or its mended text, is not; or nothing."""
    allowed = "an id of its own, not blank" if column == "id" else "text"
    if column in NUMBERS:
        allowed = f"a number {NUMBERS[column][2]}, or blank if not known"
    if type(cell) not in (str, int, float, Decimal, type(None)) or SPREADSHEET_ERROR.match(text):
        return f"{allowed}; not a date, a truth value or an error of a spreadsheet"
    if column not in NUMBERS:
        if len(text) > MOST_LETTERS:
            return f"{allowed}; {len(text):,} letters, at most {MOST_LETTERS}"
        return allowed if column == "id" and not text else ""
    if not text:
        return ""
    if WITH_SEPARATORS.fullmatch(text):
        return f"{allowed}; without thousands separators"
    if WITH_COMMA.fullmatch(text):
        return f"{allowed}; with a decimal point, not a comma"
    fact, unit, _ = NUMBERS[column]
    least, most = (bound / unit for bound in BOUNDS[fact])
    value = float(text if NUMBER.fullmatch(text) else "nan")
    if column == "income_million_gbp" and value > most:
        return f"{allowed}; this looks like GBP, not GBP million"
    return "" if least <= value <= most else allowed


def _nearest_column(column: str, spare: list[str], given: dict[str, str]) -> str:
    """Return a hint at the column that may be meant: one that is alike or shares a word."""
    words = set(column.split("_"))
    alike = difflib.get_close_matches(column, spare, 1, 0.6)
    near = [*alike, *(name for name in spare if words & set(name.split("_")))]
    return f"; nearest: {given[near[0]]!r:.80}" if near else ""


def _columns(row: int, header: Cells, found: _Findings) -> dict[str, int]:
    """Return the position of every column that is used, in the order of COLUMNS."""
    texts, names = [text_of(cell) for cell in header], column_names(header)
    given = dict(zip(names, texts, strict=True))
    spare = [name for name, text in given.items() if text and name not in COLUMNS]
    for column in COLUMNS:
        if column in REQUIRED and column not in given:
            hint = _nearest_column(column, spare, given)
            found.problems.append((row, f"row {row}: no column {column}{hint}"))
        elif (times := names.count(column)) > 1:
            found.problems.append((row, f"row {row}: {times} columns {column}; allowed is one"))
        elif given.get(column, column) != column:
            found.mended[column, f"column name {given[column]!r:.80} mended"].append(f"row {row}")
    absent = [column for column in COLUMNS if column not in given]
    if told := ", ".join(f"{given[name]!r:.80}{nearest(name, absent)}" for name in spare):
        found.remarks.append(f"columns ignored: {told}")
    return {column: names.index(column) for column in COLUMNS if column in names}


def _with_points(table: Table, columns: dict[str, int], found: _Findings) -> Table:
    """Return a table with decimal points for commas, where they cannot part thousands.

    Commas are for decimals if they part no columns, a number has one that can be nothing else, and
    no number has a point that can be nothing else.
    """
    numeric = [position for column, position in columns.items() if column in NUMBERS]
    if table.separator == ",":
        return table
    texts = [text_of(row[at]).strip() for _, row in table.rows for at in numeric if at < len(row)]
    commas = [text for text in texts if WITH_COMMA.fullmatch(text)]
    surely = [text for text in commas if not WITH_SEPARATORS.fullmatch(text)]
    if not surely or any("." in text and not WITH_POINTS.fullmatch(text) for text in texts):
        return table
    found.remarks.append(f"decimal commas in {len(commas)} numbers, such as {surely[0]!r:.80}")
    rows: list[tuple[int, Cells]] = []
    for number, row in table.rows:
        cells = list(row)
        for at in (at for at in numeric if at < len(cells)):
            text = text_of(cells[at]).strip()
            if WITH_COMMA.fullmatch(text) or WITH_POINTS.fullmatch(text):
                cells[at] = text.replace(".", "").replace(",", ".")
        rows.append((number, cells))
    return table._replace(rows=rows)


def _record(row: int, cells: Cells, columns: dict[str, int], found: _Findings) -> dict[str, str]:
    """Return the texts of a row as they are used, by column."""
    record = dict.fromkeys(COLUMNS, "")
    for column, position in columns.items():
        cell = cells[position]
        record[column], done = mended(text_of(cell), column == "kind")
        for what in done:
            found.mended[column, what].append(f"{record['id'] or f'row {row}':.80}")
        if objection := _objection(column, record[column], cell):
            told = f"row {row}, column {column}: {text_of(cell)!r:.80}: {objection}"
            found.problems.append((row, told))
    return record


def read_trusts(path: Path, usual: Usual | None = None) -> TrustTable:
    """Return the trusts of a file; raises InputError with every problem, a line each.

    What is ``usual`` in the sector is held against the unit of the columns, unless it is None.
    """
    try:
        table = read_table(path, COLUMNS)
    except Exception as error:  # also whatever a reader makes of a damaged file
        raise wrong(
            "population.path",
            path,
            f"cannot be read: {printable(' '.join(str(error).split())):.200}",
        ) from error
    found = _Findings([], defaultdict(list), list(table.notes))
    columns = _columns(*table.header, found)
    rows, texts = _texts(_with_points(table, columns, found), columns, found)
    usual_spelling = usual_spellings(texts["region"])
    for region, trust in zip(texts["region"], texts["id"], strict=True):
        if usual_spelling[region] != region:
            mending = "region", f"{region!r:.80} read as {usual_spelling[region]!r:.80}"
            found.mended[mending].append(f"{trust or 'no id':.80}")
    texts["region"] = [usual_spelling[region] for region in texts["region"]]
    for column in columns:
        if blanks := texts[column].count(""):
            filled = FILLED.get(column, "filled anew in every run")
            found.remarks.append(f"{column}: {blanks} of {len(rows)} blank, {filled}")
    found.remarks.extend(look_alikes(dict.fromkeys(filter(None, texts["region"]))))
    numbers = {
        fact: _numbers(texts[column], unit, *BOUNDS[fact])
        for column, (fact, unit, _) in NUMBERS.items()
    }
    ids, names, kinds, regions = (texts[column] for column in REQUIRED[:4])
    trusts = TrustTable(ids, names, kinds, regions, numbers, [])
    rounded = np.array([_last_place(text) for text in texts["income_million_gbp"]]) * 0.5e6
    found.problems.extend(_of_the_whole(trusts, rounded, rows, usual))
    if found.problems:
        raise InputError(found.refusal(path))
    return trusts._replace(notes=found.mendings() + found.remarks)


def _texts(
    table: Table, columns: dict[str, int], found: _Findings
) -> tuple[list[int], dict[str, list[str]]]:
    """Return the rows that could be read, and their texts by column."""
    header, rows = table.header[1], []
    texts: dict[str, list[str]] = {column: [] for column in COLUMNS}
    row_of: dict[str, int] = {}
    for row, cells in table.rows:
        if len(cells) < len(header) or any(map(text_of, cells[len(header) :])):
            told = f"row {row}: {len(cells)} cells; allowed: {len(header)}"
            found.problems.append((row, told))
            continue
        record = _record(row, cells, columns, found)
        if (trust := record["id"]) and row_of.setdefault(trust, row) != row:
            told = f"{trust!r:.80}: an id of its own; row {row_of[trust]} has it already"
            found.problems.append((row, f"row {row}, column id: {told}"))
        rows.append(row)
        for column, text in record.items():
            texts[column].append(text)
    return rows, texts


def _numbers(texts: list[str], unit: float, least: float, most: float) -> NDArray[np.float64]:
    """Return the numbers of a column, NaN where it is blank or was refused."""
    plain = (text if NUMBER.fullmatch(text) else "nan" for text in texts)
    values = np.fromiter(map(float, plain), np.float64, len(texts)) * unit
    values[(values < least) | (values > most)] = np.nan
    return values


def _last_place(text: str) -> float:
    """Return what the last digit of a number counts, such as 0.1 of 173.5."""
    return float(10.0 ** -len(text.partition(".")[2]))


def _of_the_whole(
    table: TrustTable, rounded: NDArray[np.float64], rows: list[int], usual: Usual | None
) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with the rows together, with the row if it is wrong with one."""
    incomes, spends = table.numbers["income_gbp"], table.numbers["spend_gbp"]
    for at, why in totals_rows(table.ids, table.names, table.regions, incomes, rounded):
        called = table.names[at] or table.ids[at]
        yield (
            rows[at],
            f"row {rows[at]}: {called!r:.80}: a total, not a trust ({why}); leave it out",
        )
    off = list(units_off(usual, table.kinds, incomes, spends)) if usual else []
    yield from ((0, told) for told in off)
    for column in () if off else ("spend_in_scope_gbp", "discretionary_budget_gbp"):
        values = table.numbers[NUMBERS[column][0]]
        for at in map(int, np.flatnonzero(values > incomes)):
            told = f"{values[at]:.6g}: at most its income, {incomes[at]:.6g}"
            yield rows[at], f"row {rows[at]}, column {column}: {told}"


def facts_of(table: TrustTable, kind_names: list[str], region_names: list[str]) -> Records:
    """Return what is known of the trusts, shape (trusts,), of FACTS; a blank is NEVER or NaN."""
    facts = np.zeros(len(table.ids), FACTS).view(np.recarray)
    facts.number = trust_numbers(table.ids)
    for fact, known in (("kind", kind_names), ("region", region_names)):
        given = table.kinds if fact == "kind" else table.regions
        code = {"": NEVER} | {name: row for row, name in enumerate(known)}
        if strange := [name for name in given if name not in code]:
            raise wrong(
                f"population.path: {fact}",
                strange[0],
                f"allowed are {', '.join(known)}{nearest(strange[0], known)}",
            )
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
