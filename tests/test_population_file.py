"""A user's table of trusts: what is taken, what is mended and said, what is refused and how."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import math
import re
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uptake.config.trust_file import rows as table_rows
from uptake.config.trust_file.cells import BLANKS
from uptake.config.trust_file.checks import TOTALS, trust_numbers
from uptake.config.trust_file.reading import (
    COLUMNS,
    NUMBERS,
    SPREADSHEET_ERROR,
    TrustTable,
    facts_of,
    income_percentiles,
    read_trusts,
)
from uptake.errors import InputError
from uptake.model.entities import FACTS, NEVER

FIVE = ("id", "name", "kind", "region", "income_million_gbp")
GOOD = ("R1A", "Worcestershire", "community", "Hereford", "173.5")

Rows = Sequence[Sequence[Any]]


def write_csv(path: Path, rows: Rows) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["" if cell is None else cell for cell in row] for row in rows])
    path.write_bytes(text.getvalue().encode())
    return path


def write_parquet(path: Path, rows: Rows) -> Path:
    columns = [pyarrow.array(list(cells)) for cells in zip(*rows[1:], strict=True)]
    pyarrow.parquet.write_table(pyarrow.table(columns, names=list(rows[0])), path)
    return path


def write_excel(path: Path, rows: Rows) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for i, row in enumerate(rows, start=1):
        for j, value in enumerate(row, start=1):
            cell = sheet.cell(i, j, value)
            if isinstance(value, str):
                cell.data_type = "s"  # or openpyxl would write "=..." as a formula
    book.save(path)
    return path


def edit_sheet(path: Path, old: str, new: str) -> Path:
    """Replace a stretch of the XML of the first sheet of a workbook."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    sheet = sheet.replace(" />", "/>").replace("<v></v>", "<v/>")  # by lxml, or not
    assert old in sheet
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part)
    return path


WRITERS = {".csv": write_csv, ".parquet": write_parquet, ".xlsx": write_excel}


def read(folder: Path, *rows: Sequence[Any], header: Sequence[str] = FIVE) -> TrustTable:
    return read_trusts(write_csv(folder / "trusts.csv", [header, *rows]))


def refused(path: Path) -> list[str]:
    """Return the lines with which a file is refused."""
    with pytest.raises(InputError) as refusal:
        read_trusts(path)
    return str(refusal.value).split("\n")


def refused_rows(
    folder: Path, *rows: Sequence[Any], header: Sequence[str] = FIVE, ending: str = ".csv"
) -> list[str]:
    return refused(WRITERS[ending](folder / f"trusts{ending}", [header, *rows]))


def with_cell(column: str, value: Any) -> tuple[list[str], list[Any]]:
    """Return a header with the column, and a good row with that value in it."""
    header = list(dict.fromkeys([*FIVE, column]))
    income = {"income_million_gbp": "1e6"} if column.endswith("_gbp") else {}
    record = dict(zip(FIVE, GOOD, strict=True)) | income | {column: value}
    return header, [record[name] for name in header]


def same(one: TrustTable, other: TrustTable) -> bool:
    return one[:4] == other[:4] and one.notes == other.notes and all(
        np.array_equal(one.numbers[fact], other.numbers[fact], equal_nan=True)
        for fact in one.numbers | other.numbers
    )  # fmt: skip


class TestWhatIsRead:
    def test_every_column_becomes_its_fact_in_its_unit(self, tmp_path: Path) -> None:
        header = COLUMNS
        row = ["R1A", "Barts", "acute", "London", "173.5", "2e6", "90000.5", "0", "1"]
        table = read(tmp_path, row, ["R1B", *[""] * 8], header=header)
        assert (table.ids, table.names) == (["R1A", "R1B"], ["Barts", ""])
        assert (table.kinds, table.regions) == (["acute", ""], ["London", ""])
        known = {fact: values[0] for fact, values in table.numbers.items()}
        assert known == {
            "income_gbp": 173.5e6,
            "spend_gbp": 2e6,
            "budget_gbp": 90000.5,
            "gap": 0.0,
            "slack": 1.0,
        }
        assert all(math.isnan(values[1]) for values in table.numbers.values())
        assert all(values.dtype == np.float64 for values in table.numbers.values())

    def test_optional_columns_may_be_absent(self, tmp_path: Path) -> None:
        table = read(tmp_path, GOOD)
        assert table.notes == []
        assert set(table.numbers) == {fact for fact, *_ in NUMBERS.values()}
        assert math.isnan(table.numbers["slack"][0])

    def test_columns_may_stand_in_any_order(self, tmp_path: Path) -> None:
        assert same(read(tmp_path, GOOD[::-1], header=FIVE[::-1]), read(tmp_path, GOOD))

    def test_text_is_data(self, tmp_path: Path) -> None:
        names = ["=1+1", "+cmd|' /C calc'!A0", "__import__('os')", 'a "b", c', "{0}", "%s"]
        rows = [[f"={i}", name, "acute", "@x", None] for i, name in enumerate(names)]
        for ending, write in WRITERS.items():
            table = read_trusts(write(tmp_path / f"t{ending}", [FIVE, *rows]))
            assert table.names == names
            assert table.ids == [f"={i}" for i in range(len(names))]

    def test_byte_order_mark_and_any_line_ending(self, tmp_path: Path) -> None:
        plain = write_csv(tmp_path / "plain.csv", [FIVE, GOOD])
        for i, ending in enumerate((b"\n", b"\r\n")):
            marked = tmp_path / f"{i}.CSV"
            marked.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes().replace(b"\r\n", ending))
            assert same(read_trusts(marked), read_trusts(plain))

    def test_numbers_of_parquet_and_excel_keep_every_digit(self, tmp_path: Path) -> None:
        rows = [FIVE, [101, "A", "acute", "X", 0.1 + 0.2], [102, "B", "acute", "X", 1e-3]]
        parquet = write_parquet(tmp_path / "t.parquet", rows)
        excel = write_excel(tmp_path / "t.xlsx", rows)
        edit_sheet(excel, "<v>0.3</v>", "<v>0.30000000000000004</v>")  # openpyxl rounds it
        for path in (parquet, excel):
            table = read_trusts(path)
            assert table.ids == ["101", "102"]
            assert table.numbers["income_gbp"].tolist() == [(0.1 + 0.2) * 1e6, 1e-3 * 1e6]

    def test_parquet_decimals_and_missing_floats(self, tmp_path: Path) -> None:
        header = [*FIVE, "process_gap"]
        rows = [[1.0, "A", "acute", "X", Decimal("12.50"), math.nan]]
        table = read_trusts(write_parquet(tmp_path / "t.parquet", [header, *rows]))
        assert table.ids == ["1"]
        assert table.numbers["income_gbp"].tolist() == [12.5e6]
        assert math.isnan(table.numbers["gap"][0])
        assert table.notes == ["process_gap: 1 of 1 blank, filled anew in every run"]

    def test_excel_formulas_give_their_saved_values(self, tmp_path: Path) -> None:
        path = tmp_path / "t.xlsx"
        book = openpyxl.Workbook()
        book.active.append(FIVE)
        book.active.append([*GOOD[:3], '=IF(1,"","x")', "=100+1"])
        book.save(path)
        edit_sheet(path, "<f>100+1</f><v/>", "<f>100+1</f><v>101</v>")
        edit_sheet(path, '<c r="D2">', '<c r="D2" t="str">')  # an empty text is a value as well
        table = read_trusts(path)
        assert table.numbers["income_gbp"].tolist() == [101e6]
        assert table.regions == [""]

    def test_excel_with_wrong_dimensions_is_read_whole(self, tmp_path: Path) -> None:
        path = write_excel(tmp_path / "t.xlsx", [FIVE, GOOD, ["R1B", *GOOD[1:]]])
        edit_sheet(path, '<dimension ref="A1:E3"/>', '<dimension ref="A1"/>')
        assert read_trusts(path).ids == ["R1A", "R1B"]

    def test_excel_is_read_from_its_first_sheet(self, tmp_path: Path) -> None:
        path = write_excel(tmp_path / "t.xlsx", [FIVE, GOOD])
        book = openpyxl.load_workbook(path)
        book.active = book.create_sheet("notes")
        book.save(path)
        assert read_trusts(path).ids == ["R1A"]

    def test_empty_rows_are_passed_over_and_rows_keep_their_numbers(self, tmp_path: Path) -> None:
        rows: Rows = [GOOD, [None] * 5, ["R1B", "B", "acute", "X", "no"], [" "] * 5]
        for ending in (".csv", ".xlsx"):
            count, problem = refused_rows(tmp_path, *rows, ending=ending)
            assert count.endswith(": 1 problem, nothing was run")
            assert problem.startswith("row 4, column income_million_gbp: 'no': ")
        assert read(tmp_path, *rows[:2]).ids == ["R1A"]


class TestWhatIsMendedAndSaid:
    def test_spaces(self, tmp_path: Path) -> None:
        rows = [
            ["R1A ", "A  B", "acute", " South West", " 1.5 "],
            ["R1B", "C", "acute", "South\u00a0West\u2003", "2"],
            ["R1C", "D\nE", "acute", "South West", "3"],
        ]
        table = read(tmp_path, *rows)
        assert table.ids == ["R1A", "R1B", "R1C"]
        assert table.names == ["A B", "C", "D E"]
        assert table.regions == ["South West"] * 3
        assert table.numbers["income_gbp"].tolist() == [1.5e6, 2e6, 3e6]
        assert sorted(table.notes) == [
            "id: stray spaces taken out (1: R1A)",
            "income_million_gbp: stray spaces taken out (1: R1A)",
            "name: no-break or other unusual spaces made plain (1: R1C)",
            "name: stray spaces taken out (1: R1A)",
            "region: no-break or other unusual spaces made plain (1: R1B)",
            "region: stray spaces taken out (1: R1A)",
        ]

    def test_invisible_characters(self, tmp_path: Path) -> None:
        table = read(tmp_path, ["R\u200b1A", "\ufeffA\u202e\x1b[31m", "acute", "X", "1\u2060"])
        assert (table.ids, table.names) == (["R1A"], ["A[31m"])
        what = "zero-width or control characters taken out (1: R1A)"
        assert table.notes == [f"{column}: {what}" for column in ("id", "name", FIVE[4])]

    @pytest.mark.parametrize(
        "token", ["NA", "n/a", "null", "NULL", "-", "nan", "NaN", "#N/A", "\u2014"]
    )
    @pytest.mark.parametrize("column", COLUMNS[1:])
    def test_words_for_blank(self, tmp_path: Path, token: str, column: str) -> None:
        header, row = with_cell(column, token)
        header, blank = with_cell(column, "")
        table, expected = read(tmp_path, row, header=header), read(tmp_path, blank, header=header)
        note = f"{column}: {token!r} taken as blank (1: R1A)"
        assert same(table, expected._replace(notes=[note, *expected.notes]))

    def test_blanks_are_counted_by_column(self, tmp_path: Path) -> None:
        rows = [[f"R{i}", "", "", "X", "" if i < 3 else "5"] for i in range(4)]
        assert read(tmp_path, *rows).notes == [
            "name: 4 of 4 blank, left blank",
            "kind: 4 of 4 blank, filled anew in every run",
            "income_million_gbp: 3 of 4 blank, drawn from the distribution of their kind",
        ]

    def test_kinds_are_lower_case_with_underscores(self, tmp_path: Path) -> None:
        kinds = ["Mental Health", "mental-health", "mental_health", "Unknown", "unknown", ""]
        table = read(tmp_path, *([f"R{i}", "A", kind, "X", "1"] for i, kind in enumerate(kinds)))
        assert table.kinds == ["mental_health"] * 3 + [""] * 3
        assert table.notes == [
            "kind: 'Mental Health' read as mental_health (1: R0)",
            "kind: 'mental-health' read as mental_health (1: R1)",
            "kind: 'Unknown' taken as blank (1: R3)",
            "kind: 'unknown' taken as blank (1: R4)",
            "kind: 3 of 6 blank, filled anew in every run",
        ]

    def test_only_a_kind_is_unknown_by_that_word(self, tmp_path: Path) -> None:
        table = read(tmp_path, ["R1", "unknown", "acute", "unknown", "1"])
        assert (table.names, table.regions, table.notes) == (["unknown"], ["unknown"], [])

    def test_three_examples_are_named(self, tmp_path: Path) -> None:
        rows = [[f"R{i}", "A", "unknown", "X", "1"] for i in range(5)]
        assert "kind: 'unknown' taken as blank (5: R0, R1, R2, ...)" in read(tmp_path, *rows).notes
        assert "kind: 'unknown' taken as blank (3: R0, R1, R2)" in read(tmp_path, *rows[:3]).notes

    def test_regions_take_their_most_frequent_spelling(self, tmp_path: Path) -> None:
        regions = ["north west", "North West", "NorthWest", "Kent", "North West", "", ""]
        table = read(tmp_path, *([f"R{i}", "A", "b", name, "1"] for i, name in enumerate(regions)))
        assert table.regions == ["North West"] * 3 + ["Kent", "North West", "", ""]
        assert table.notes[:2] == [
            "region: 'north west' read as 'North West' (1: R0)",
            "region: 'NorthWest' read as 'North West' (1: R2)",
        ]

    def test_names_of_columns(self, tmp_path: Path) -> None:
        header = [" ID", "name", "Kind", "region", "Income\u00a0Million GBP"]
        table = read(tmp_path, GOOD, header=header)
        assert same(table._replace(notes=[]), read(tmp_path, GOOD))
        assert table.notes == [
            "id: column name ' ID' mended (1: row 1)",
            "kind: column name 'Kind' mended (1: row 1)",
            f"{FIVE[4]}: column name 'Income\\xa0Million GBP' mended (1: row 1)",
        ]

    def test_other_columns_are_ignored(self, tmp_path: Path) -> None:
        table = read(tmp_path, [*GOOD, "1", "x"], header=[*FIVE, "staff_fte", "proces_gap"])
        note = "columns ignored: 'staff_fte', 'proces_gap' (did you mean process_gap?)"
        assert same(table, read(tmp_path, GOOD)._replace(notes=[note]))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("North West London", "North West London Health and Care Partnership"),
            ("West Yorkshire and Harrogate", "West Yorkshire and Harrogate (Partnership)"),
            ("Derbyshire", "Joined Up Care Derbyshire"),
            ("Black Country", "The Black Country"),
        ],
    )
    def test_regions_that_look_alike_are_hinted_at(
        self, tmp_path: Path, one: str, other: str
    ) -> None:
        table = read(tmp_path, ["R1", "A", "b", one, "1"], ["R2", "A", "b", other, "1"])
        assert table.regions == [one, other]
        assert table.notes == [f"region: {one!r} and {other!r} may be one; both were kept"]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Gloucestershire", "Bristol and South Gloucestershire"),
            ("East London", "Our Healthier South East London"),
            ("Manchester", "Greater Manchester"),
            ("Norfolk", "Norfolk and Waveney"),
            ("North London", "North Londoners"),
        ],
    )
    def test_regions_of_their_own_are_not(self, tmp_path: Path, one: str, other: str) -> None:
        assert read(tmp_path, ["R1", "A", "b", one, "1"], ["R2", "A", "b", other, "1"]).notes == []


INCOME = "a number from 0.001 to 1,000,000, or blank if not known"
SPEND = "a number from 0.01 to 1e12, or blank if not known"
GAP = "a number from 0 to 1, or blank if not known"
SLACK = "a number from 1e-9 to 1, or blank if not known"
ODD = "; not a date, a truth value or an error of a spreadsheet"

# column, value, what is allowed
FAULTS = [
    *(("id", value, "an id of its own, not blank") for value in ("", "NA", "\u200b")),
    *(
        (FIVE[4], value, INCOME)
        for value in ("0", "0.0", "-5", "inf", "-inf", "1e-400", "5e-324", "=1+1")
    ),
    *((FIVE[4], value, INCOME) for value in ("about 5", "£5", "5m", "1_000", "٣", "5 5")),
    *((FIVE[4], value, INCOME) for value in ("TRUE", "2016-04-01", "0x10", "1e", ".")),
    *(
        ("income_million_gbp", value, f"{INCOME}; without thousands separators")
        for value in ("1,234.5", "1,234", "1 234", "12'345", "173,500,000", "1\u00a0234.5")
    ),
    ("income_million_gbp", "5,5", f"{INCOME}; with a decimal point, not a comma"),
    *(
        ("income_million_gbp", value, f"{INCOME}; this looks like GBP, not GBP million")
        for value in ("173500000", "1000000.1", "1e999")
    ),
    *(
        ("spend_in_scope_gbp", value, SPEND)
        for value in ("0", "-1", "5e-324", "1.1e12", "inf", "some")
    ),
    *(("discretionary_budget_gbp", value, SPEND) for value in ("0", "-1", "1.1e12", "1e999")),
    *(("process_gap", value, GAP) for value in ("-0.1", "1.01", "45", "45%", "inf")),
    *(("capacity_slack", value, SLACK) for value in ("0", "0.0", "5e-324", "-0.1", "1.01", "x")),
    *(("region", value, f"text{ODD}") for value in ("#REF!", "#DIV/0!", "#NAME?")),
    ("process_gap", "#VALUE!", f"{GAP}{ODD}"),
    ("kind", "#REF!", f"text{ODD}"),
]


class TestWhatIsRefused:
    @pytest.mark.parametrize(("column", "value", "allowed"), FAULTS)
    def test_a_cell(self, tmp_path: Path, column: str, value: str, allowed: str) -> None:
        header, row = with_cell(column, value)
        _, good = with_cell(column, "0.5")
        good[0] = "R0"
        lines = refused_rows(tmp_path, good, row, header=header)
        path = tmp_path / "trusts.csv"
        assert lines[0] == f"population.path={path}: 1 problem, nothing was run"
        assert lines[1] == f"row 3, column {column}: {value!r}: {allowed}"

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("income_million_gbp", "1000000"),
            ("income_million_gbp", "1e-3"),
            ("income_million_gbp", "+5."),
            ("spend_in_scope_gbp", "1e12"),
            ("discretionary_budget_gbp", ".5"),
            ("process_gap", "0"),
            ("process_gap", "1"),
            ("capacity_slack", "1e-9"),
            ("capacity_slack", "1"),
        ],
    )
    def test_but_not_at_the_bounds(self, tmp_path: Path, column: str, value: str) -> None:
        header, row = with_cell(column, value)
        fact, unit, *_ = NUMBERS[column]
        assert read(tmp_path, row, header=header).numbers[fact][0] == float(value) * unit

    @pytest.mark.parametrize("ending", [".parquet", ".xlsx"])
    @pytest.mark.parametrize("column", ["id", "name", "kind", "region", "process_gap", FIVE[4]])
    @pytest.mark.parametrize("value", [True, datetime.datetime(2016, 4, 1), datetime.time(1)])
    def test_a_truth_value_or_a_date(
        self, tmp_path: Path, ending: str, column: str, value: object
    ) -> None:
        header, row = with_cell(column, value)
        lines = refused_rows(tmp_path, row, header=header, ending=ending)
        assert re.fullmatch(rf"row 2, column {column}: '.+': .+{ODD}", lines[1])
        assert lines[0].endswith("1 problem, nothing was run")

    def test_an_id_twice(self, tmp_path: Path) -> None:
        rows = [[name, *GOOD[1:]] for name in ("R1A", "R1B", "R1A ", "R1A", "r1b")]
        lines = refused_rows(tmp_path, *rows)
        assert lines[1:3] == [
            f"row {row}, column id: 'R1A': an id of its own; row 2 has it already" for row in (4, 5)
        ]
        assert "2 problems" in lines[0]

    def test_missing_columns_name_the_nearest(self, tmp_path: Path) -> None:
        header = ["trust id", "name", "Kind of body", "region", "income"]
        lines = refused_rows(tmp_path, [*GOOD[:4], "x"], [*GOOD[:4], "y"], header=header)
        assert lines[:4] == [
            f"population.path={tmp_path / 'trusts.csv'}: 3 problems, nothing was run",
            "row 1: no column id; nearest: 'trust id'",
            "row 1: no column kind; nearest: 'Kind of body'",
            "row 1: no column income_million_gbp; nearest: 'income'",
        ]

    def test_a_column_that_is_nothing_alike_is_no_hint(self, tmp_path: Path) -> None:
        lines = refused_rows(tmp_path, list(GOOD), header=["OXFORD ROAD", *FIVE[1:]])
        assert lines[1] == "row 1: no column id"

    def test_missing_columns_do_not_hide_faults_of_others(self, tmp_path: Path) -> None:
        lines = refused_rows(tmp_path, ["R1", "a", "b", "0"], header=[*FIVE[:3], FIVE[4]])
        assert lines[1:3] == [
            "row 1: no column region",
            f"row 2, column income_million_gbp: '0': {INCOME}",
        ]

    def test_a_column_twice(self, tmp_path: Path) -> None:
        for ending in WRITERS:
            lines = refused_rows(tmp_path, [*GOOD, "X"], header=[*FIVE, "Region"], ending=ending)
            assert lines[1] == "row 1: 2 columns region; allowed is one"

    def test_rows_with_more_or_fewer_cells(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        lines = [",".join(FIVE), "R1,A,acute,X,1,234.5", "R2,A acute,X,5", "R3,A,acute,X,5,,"]
        path.write_text("\n".join(lines))
        assert refused(path)[1:3] == ["row 2: 6 cells; allowed: 5", "row 3: 4 cells; allowed: 5"]
        path.write_text("\n".join([lines[0], lines[3]]))
        assert read_trusts(path).ids == ["R3"]

    def test_a_formula_without_its_value(self, tmp_path: Path) -> None:
        path = tmp_path / "t.xlsx"
        book = openpyxl.Workbook()
        book.active.append(FIVE)
        book.active.append([*GOOD[:4], "=100+1"])
        book.save(path)
        why = "cannot be read: cell E2: a formula saved without its value"
        assert refused(path) == [f"population.path={path}: {why}"]

    def test_what_would_be_mended_is_said_too(self, tmp_path: Path) -> None:
        rows = [["R1", " A", "unknown", "Kent", "0"], ["R2", "B", "acute", "Kent ICS", ""]]
        assert refused_rows(tmp_path, *rows)[2:] == [
            "would mend: name: stray spaces taken out (1: R1)",
            "would mend: kind: 'unknown' taken as blank (1: R1)",
            "note: kind: 1 of 2 blank, filled anew in every run",
            "note: income_million_gbp: 1 of 2 blank, drawn from the distribution of their kind",
            "note: region: 'Kent' and 'Kent ICS' may be one; both were kept",
        ]

    def test_fifty_lines_are_shown(self, tmp_path: Path) -> None:
        rows = [[f"R{i}", "A", "acute", "X", "0"] for i in range(53)]
        lines = refused_rows(tmp_path, *rows)
        assert lines[0].endswith(": 53 problems, nothing was run")
        assert lines[50].startswith("row 51, ")
        assert lines[51:] == ["... and 3 more"]
        assert refused_rows(tmp_path, *rows[:50])[50:] == [lines[50]]

    def test_a_long_value_is_cut_and_cannot_break_a_line(self, tmp_path: Path) -> None:
        lines = refused_rows(tmp_path, [*GOOD[:4], "5\n\x1b[31m" * 1000])
        assert len(lines[1]) < 250
        assert "\x1b" not in "".join(lines)


class TestFilesThatCannotBeRead:
    def why(self, path: Path) -> str:
        lines = refused(path)
        assert len(lines) == 1
        start = f"population.path={path}: cannot be read: "
        assert lines[0].startswith(start)
        return lines[0].removeprefix(start)

    def test_missing_folder_and_ending(self, tmp_path: Path) -> None:
        assert self.why(tmp_path / "none.csv") == "no such file"
        folder = tmp_path / "folder.csv"
        folder.mkdir()
        assert self.why(folder) == "a folder; allowed is a file"
        for name in ("t.xls", "t.txt", "t"):
            (tmp_path / name).write_text("id")
            allowed = "allowed are files that end in .csv, .parquet, .xlsx"
            assert self.why(tmp_path / name) == allowed

    def test_empty(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        for text in ("", "\n\n", ",".join(FIVE), ",".join(FIVE) + "\n,,,,\n", "\nid\nR1"):
            path.write_text(text)
            assert self.why(path).startswith("empty; row 1 holds the names of the columns")
        for ending in (".parquet", ".xlsx"):
            assert self.why(WRITERS[ending](tmp_path / f"t{ending}", [FIVE, [None] * 5]))
        openpyxl.Workbook().save(tmp_path / "t.xlsx")
        assert self.why(tmp_path / "t.xlsx").startswith("empty")
        for ending in (".parquet", ".xlsx"):
            (tmp_path / f"zero{ending}").write_bytes(b"")
            assert self.why(tmp_path / f"zero{ending}")

    def test_too_many_rows(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert table_rows.MOST_ROWS == 1_000_000
        monkeypatch.setattr(table_rows, "MOST_ROWS", 3)
        rows = [[f"R{i}", *GOOD[1:]] for i in range(4)]
        for ending, write in WRITERS.items():
            path = write(tmp_path / f"t{ending}", [FIVE, *rows])
            assert self.why(path) == "more than 3 rows below the names of the columns"
            write(path, [FIVE, *rows[:3]])
            assert len(read_trusts(path).ids) == 3

    def test_another_coding_is_named_with_the_cure(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        path.write_bytes("id,name\nR1,A\nR2,£5\n".encode("cp1252"))
        assert self.why(path) == (
            "near line 3: byte 0xa3 is not UTF-8 (it would be '£' in Windows-1252); "
            "save the file as UTF-8, in Excel as 'CSV UTF-8'"
        )

    def test_quotes_that_do_not_close(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        path.write_text(",".join(FIVE) + '\nR1,A,b,c,"5\nR2,A,b,c,5\n')
        assert "unexpected end of data" in self.why(path)

    @settings(
        max_examples=60,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(ending=st.sampled_from(sorted(WRITERS)), at=st.floats(0, 1), byte=st.binary(max_size=3))
    def test_a_damaged_file_gives_a_message_and_no_traceback(
        self, tmp_path: Path, ending: str, at: float, byte: bytes
    ) -> None:
        path = WRITERS[ending](tmp_path / f"t{ending}", [FIVE, GOOD])
        whole = path.read_bytes()
        cut = int(at * len(whole))
        for damaged in (whole[:cut], whole[:cut] + byte + whole[cut + len(byte) :]):
            path.write_bytes(damaged)
            with contextlib.suppress(InputError):
                read_trusts(path)

    @pytest.mark.parametrize("byte", [0, 1])
    def test_no_byte_of_a_table_ends_the_process(self, tmp_path: Path, byte: int) -> None:
        """Of some damaged footers pyarrow ends it, if it is asked what they say of a column."""
        path = write_parquet(tmp_path / "t.parquet", [FIVE, GOOD])
        whole = path.read_bytes()
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
            with contextlib.suppress(InputError):
                read_trusts(path)


visible = st.characters(categories=("L", "N", "P", "S"), include_characters=" ")
plain_texts = (
    st.text(visible, max_size=12)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text.lower() not in BLANKS and not SPREADSHEET_ERROR.match(text))
    .filter(lambda text: not TOTALS.search(text))
)


def maybe(low: float, high: float) -> st.SearchStrategy[float | None]:
    """Return blanks and numbers of as many digits as openpyxl writes."""
    numbers = st.floats(low, high, exclude_min=True)
    return st.none() | numbers.map(lambda number: float(f"{number:.15g}"))


records = st.fixed_dictionaries(
    {
        "name": plain_texts,
        "kind": st.sampled_from(["", "acute", "mental_health", "Mental Health", "unknown"]),
        "region": st.sampled_from(["", "Kent", "kent", "North  West", "North\u00a0West", "N/A"]),
        "income_million_gbp": maybe(1e-3, 1e6),
        "spend_in_scope_gbp": maybe(0.01, 1e3),  # at most the income
        "discretionary_budget_gbp": maybe(0.01, 1e3),
        "process_gap": maybe(0.0, 1.0),
        "capacity_slack": maybe(1e-9, 1.0),
    }
)


def holds_no_total(table: dict[str, dict[str, Any]]) -> bool:
    """Tell whether no income is the sum of the others by chance."""
    incomes = [x for record in table.values() if (x := record["income_million_gbp"]) is not None]
    return len(incomes) < 4 or abs(2.0 * max(incomes) - sum(incomes)) > 1e-3 * sum(incomes)


tables = (
    st.dictionaries(plain_texts.filter(bool), records, min_size=1, max_size=8)
    .filter(holds_no_total)
    .map(lambda table: [{"id": trust} | record for trust, record in table.items()])
)
# Each of these is wrong on its own.
faults = st.sampled_from([(column, value) for column, value, _ in FAULTS if column != "id"])


class TestProperties:
    @settings(max_examples=100)
    @given(table=tables)
    def test_every_format_says_the_same(
        self, tmp_path_factory: pytest.TempPathFactory, table: list[dict[str, Any]]
    ) -> None:
        folder = tmp_path_factory.mktemp("formats")
        rows = [list(COLUMNS), *([record[column] for column in COLUMNS] for record in table)]
        one, *others = (
            read_trusts(write(folder / f"t{ending}", rows)) for ending, write in WRITERS.items()
        )
        assert all(same(one, other) for other in others)
        assert one.ids == [record["id"] for record in table]
        assert one.names == [record["name"] for record in table]
        for column, (fact, unit, *_) in NUMBERS.items():
            expected = [math.nan if (x := record[column]) is None else x * unit for record in table]
            assert np.array_equal(one.numbers[fact], expected, equal_nan=True)

    @settings(max_examples=100)
    @given(
        table=tables,
        injected=st.dictionaries(st.integers(0, 7), st.lists(faults, max_size=4), max_size=8),
        nameless=st.sets(st.integers(0, 7)),
        doubled=st.sets(st.integers(1, 7)),
    )
    def test_every_fault_is_told_with_its_place(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        table: list[dict[str, Any]],
        injected: dict[int, list[tuple[str, str]]],
        nameless: set[int],
        doubled: set[int],
    ) -> None:
        expected = set()
        for row, record in enumerate(table):
            for column, value in injected.get(row, []):
                record[column] = value
                expected.add((row + 2, column))
            if row in nameless or (row in doubled and 0 not in nameless):
                record["id"] = "" if row in nameless else table[0]["id"]
                record["name"] = "x"  # a row without any text would be passed over
                expected.add((row + 2, "id"))
        folder = tmp_path_factory.mktemp("faults")
        path = write_csv(folder / "t.csv", [COLUMNS, *([r[c] for c in COLUMNS] for r in table)])
        if not expected:
            read_trusts(path)
            return
        count, *lines = refused(path)
        told = [re.match(r"row (\d+), column (\w+): ['\"]", line) for line in lines]
        places = [(int(match[1]), match[2]) for match in told if match]
        assert sorted(places) == sorted(expected)
        assert f": {len(expected)} problem" in count
        assert [row for row, _ in places] == sorted(row for row, _ in places)


class TestFactsAndIncomes:
    def test_facts_keep_what_is_known(self, tmp_path: Path) -> None:
        rows = [["R1", "A", "acute", "Kent", "2"], ["R2", "", "", "", ""], ["R3", "", "b", "X", ""]]
        facts = facts_of(read(tmp_path, *rows), ["b", "acute"], ["Kent", "Y", "X"])
        assert facts.dtype.names == FACTS.names
        assert facts["number"].tolist() == trust_numbers(["R1", "R2", "R3"]).tolist()
        assert facts["kind"].tolist() == [1, NEVER, 0]
        assert facts["region"].tolist() == [0, NEVER, 2]
        assert facts["income_gbp"][0] == 2e6
        assert np.isnan(facts["income_gbp"][1:]).all()
        for fact in ("spend_gbp", "budget_gbp", "gap", "slack"):
            assert np.isnan(facts[fact]).all()

    def test_facts_give_every_number_its_own_column(self, tmp_path: Path) -> None:
        row = ["R1", "A", "acute", "Kent", "2", "3", "4", "0.5", "0.6"]
        fact = facts_of(read(tmp_path, row, header=COLUMNS), ["acute"], ["Kent"])[0]
        assert fact.tolist()[1:] == (0, 0, 0, 2e6, 3.0, 4.0, 0.5, 0.6)

    def test_a_kind_or_region_that_nobody_knows_is_refused(self, tmp_path: Path) -> None:
        table = read(tmp_path, GOOD)
        for kinds, regions, start in (
            (["comunity"], ["Hereford"], "population.path: kind=community: allowed are comunity"),
            (["community"], ["X"], "population.path: region=Hereford: allowed are X"),
        ):
            with pytest.raises(InputError, match=start):
                facts_of(table, kinds, regions)

    def test_percentiles_of_known_incomes(self, tmp_path: Path) -> None:
        rows = [[f"A{i}", "", "acute", "", str(i)] for i in range(1, 12)]
        rows += [[f"B{i}", "", "b", "", "100"] for i in range(9)]
        rows += [[f"C{i}", "", "b", "", ""] for i in range(9)]
        rows += [["D", "", "", "", "1000"]]
        percentiles = income_percentiles(read(tmp_path, *rows))
        assert percentiles == {
            "": (3e6, 11e6, 100e6),
            "acute": (2e6, 6e6, 10e6),
        }
        assert income_percentiles(read(tmp_path, *rows[:9])) == {}
        few_of_a_kind = income_percentiles(read(tmp_path, *rows[11:]))
        assert list(few_of_a_kind) == [""]
        assert few_of_a_kind[""] == pytest.approx((100e6, 100e6, 190e6))


class TestRealTables:
    def test_trusts_of_2016(self, shared_data: Path) -> None:
        table = read_trusts(shared_data / "england_trusts_2016.csv")
        assert table.notes == []
        assert len(set(table.ids)) == 226
        assert len(set(table.regions)) == 44
        assert np.isfinite(table.numbers["income_gbp"]).all()
        assert set(income_percentiles(table)) == {
            "", "acute", "mental_health", "community", "ambulance",
        }  # fmt: skip

    def test_bodies_of_2009(self, shared_data: Path) -> None:
        table = read_trusts(shared_data / "england_nhs_2009.csv")
        assert len(table.ids) == 400
        assert table.kinds.count("acute") == 158
        assert table.kinds.count("") == 14
        assert table.notes == [
            "kind: 'unknown' taken as blank (14: RBF, RCC, RGC, ...)",
            "columns ignored: 'staff_fte', 'managers_fte'",
            "name: 176 of 400 blank, left blank",
            "kind: 14 of 400 blank, filled anew in every run",
            "region: 176 of 400 blank, filled anew in every run",
            "income_million_gbp: 163 of 400 blank, drawn from the distribution of their kind",
        ]

    def test_an_untidy_table(self, shared_data: Path) -> None:
        path = shared_data / "england_trusts_2016_untidy.csv"
        lines = refused(path)
        wrong = path.read_text(encoding="utf-8").split("\n").index("RJD,,unknown,,0.0") + 1
        assert lines[:7] == [
            f"population.path={path}: 1 problem, nothing was run",
            f"row {wrong}, column income_million_gbp: '0.0': {INCOME}",
            "would mend: region: no-break or other unusual spaces made plain (3: RHW, RTH, RXQ)",
            "would mend: kind: 'unknown' taken as blank (7: RJD, RJX, RLU, ...)",
            "note: name: 7 of 239 blank, left blank",
            "note: kind: 7 of 239 blank, filled anew in every run",
            "note: region: 13 of 239 blank, filled anew in every run",
        ]
        hints = [line for line in lines[7:] if line.startswith("note: region: '")]
        assert len(hints) == len(lines) - 7 == 14

    def test_an_untidy_table_put_right(self, shared_data: Path, tmp_path: Path) -> None:
        untidy = (shared_data / "england_trusts_2016_untidy.csv").read_text(encoding="utf-8")
        path = tmp_path / "mended.csv"
        path.write_text(untidy.replace("RJD,,unknown,,0.0", "RJD,,unknown,,"), encoding="utf-8")
        table = read_trusts(path)
        assert len(table.ids) == 239
        assert not any("\u00a0" in region for region in table.regions)
