"""Tables as people save them: separators, codings, titles, hidden sheets; and what is too large."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from uptake.cli.main import main
from uptake.config.trust_file import cells
from uptake.config.trust_file import rows as table_rows
from uptake.config.trust_file.reading import TrustTable, read_trusts
from uptake.errors import InputError

FIVE = ("id", "name", "kind", "region", "income_million_gbp")
ROWS = [("A1", "Barts", "acute", "London", 110.5), ("B2", "Kent", "acute", "South", 120.25)]
COMMAS = "\n".join(",".join(map(str, row)) for row in (FIVE, *ROWS)) + "\n"
SHEET = "xl/worksheets/sheet1.xml"


def table(path: Path, content: str | bytes) -> TrustTable:
    path = path / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_trusts(path)


def why_not(path: Path) -> str:
    with pytest.raises(InputError) as refused:
        read_trusts(path)
    assert "\n" not in str(refused.value)
    return str(refused.value).removeprefix(f"population.path={path}: cannot be read: ")


def assert_read(found: TrustTable, *notes: str) -> None:
    assert found.ids == ["A1", "B2"]
    assert found.regions == ["London", "South"]
    assert found.numbers["income_gbp"].tolist() == [110.5e6, 120.25e6]
    assert found.notes == list(notes)


class TestText:
    @pytest.mark.parametrize(
        ("separator", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")]
    )
    def test_separators(self, tmp_path: Path, separator: str, name: str) -> None:
        said = f"columns are parted by {name}"
        assert_read(table(tmp_path, COMMAS.replace(",", separator)), said)
        decimal = COMMAS.replace(",", separator).replace(".", ",")
        numbers = "decimal commas in 2 numbers, such as '110,5'"
        assert_read(table(tmp_path, decimal), said, numbers)

    @pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
    def test_a_first_line_that_says_the_separator(self, tmp_path: Path, end: str) -> None:
        said = "columns are parted by semicolons, as the first line says"
        content = ("sep=;\n" + COMMAS.replace(",", ";")).replace("\n", end)
        assert_read(table(tmp_path, content), said)
        wrong = content.replace("110.5", "x")
        (tmp_path / "t.csv").write_text(wrong, newline="")
        with pytest.raises(InputError, match="row 3, column income_million_gbp: 'x'"):
            read_trusts(tmp_path / "t.csv")

    @pytest.mark.parametrize("end", ["\r", "\r\n", "\n\n"])
    def test_line_ends(self, tmp_path: Path, end: str) -> None:
        assert_read(table(tmp_path, COMMAS.replace("\n", end)))

    def test_quoted_cells_hold_commas_and_lines(self, tmp_path: Path) -> None:
        found = table(tmp_path, COMMAS.replace("Barts", '"Barts;\nand, St\tJohn"'))
        assert found.names == ["Barts; and, St John", "Kent"]

    @pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf_16(self, tmp_path: Path, coding: str) -> None:
        assert_read(table(tmp_path, COMMAS.encode(coding)), "the file is in UTF-16")
        marked = b"\xfe\xff" + COMMAS.encode("utf-16-be")
        assert_read(table(tmp_path, marked), "the file is in UTF-16")

    def test_titles_above_the_names(self, tmp_path: Path) -> None:
        titles = "Income of trusts, 2009/10\n\nsource: accounts\n"
        told = (
            "rows passed over above the names of the columns in row 4 (2: 'Income of trusts', ...)"
        )
        assert_read(table(tmp_path, titles + COMMAS), told)
        (tmp_path / "t.csv").write_text(titles + COMMAS.replace("120.25", "0"))
        with pytest.raises(InputError, match="row 6, column income_million_gbp: '0'"):
            read_trusts(tmp_path / "t.csv")

    @pytest.mark.parametrize(
        ("one", "other", "read"),
        [
            ("1.234,5", "2.000", [1234.5, 2000.0]),
            ("110,5", "1.200,25", [110.5, 1200.25]),
            ("110,500", "1,5", [110.5, 1.5]),
            ("+110,5", "7", [110.5, 7.0]),
        ],
    )
    def test_commas_that_can_only_be_decimal(
        self, tmp_path: Path, one: str, other: str, read: list[float]
    ) -> None:
        content = COMMAS.replace(",", ";").replace("110.5", one).replace("120.25", other)
        assert table(tmp_path, content).numbers["income_gbp"].tolist() == [x * 1e6 for x in read]

    @pytest.mark.parametrize(
        ("one", "other", "why"),
        [
            ("110,500", "120,250", "without thousands separators"),
            ("110,5", "120.25", "with a decimal point, not a comma"),
        ],
    )
    def test_commas_in_doubt_are_refused(
        self, tmp_path: Path, one: str, other: str, why: str
    ) -> None:
        content = COMMAS.replace(",", ";").replace("110.5", one).replace("120.25", other)
        with pytest.raises(InputError, match=f"row 2, column .*{one}.*; {why}"):
            table(tmp_path, content)

    def test_a_workbook_by_another_name(self, tmp_path: Path) -> None:
        write_book(tmp_path / "t.xlsx")
        os.rename(tmp_path / "t.xlsx", tmp_path / "t.csv")
        told = "not text, but an Excel or Parquet file with another ending"
        assert why_not(tmp_path / "t.csv") == told

    def test_a_text_is_not_endless(self, tmp_path: Path) -> None:
        for column in ("A1", "Barts", "acute", "London"):
            with pytest.raises(InputError) as refused:
                table(tmp_path, COMMAS.replace(column, "x" * 201, 1))
            assert "letters, at most 200" in str(refused.value)
            assert max(map(len, str(refused.value).split("\n"))) < 300


def write_book(path: Path, rows: Any = (FIVE, *ROWS)) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


class TestSheets:
    def test_the_first_that_is_seen_is_read(self, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(write_book(tmp_path / "t.xlsx"))
        old = book.create_sheet("Old \x7f", 0)
        old.append(FIVE)
        old.append(("X", "Y", "acute", "Z", 100))
        old.sheet_state = "hidden"
        book.create_sheet("Notes")
        book.save(tmp_path / "t.xlsx")
        said = "sheet 'Sheet'; not read: hidden 'Old \\x7f', 'Notes'"
        assert_read(read_trusts(tmp_path / "t.xlsx"), said)

    def test_hidden_rows_and_columns_and_merged_cells_are_told(self, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(write_book(tmp_path / "t.xlsx"))
        sheet = book.active
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True
        sheet.merge_cells("B2:B3")
        book.save(tmp_path / "t.xlsx")
        assert_read(
            read_trusts(tmp_path / "t.xlsx"),
            "hidden rows, read as well (1: row 3)",
            "hidden columns, read as well (1: B)",
            "merged cells, of which only the first holds a value (1: B2:B3)",
            "name: 1 of 2 blank, left blank",
        )

    def test_titles_above_the_names(self, tmp_path: Path) -> None:
        path = write_book(tmp_path / "t.xlsx", [("Income of trusts",), (), FIVE, *ROWS])
        told = "rows passed over above the names of the columns in row 3 (1: 'Income of trusts')"
        assert_read(read_trusts(path), told)


def repacked(path: Path, part: str, content: bytes) -> Path:
    """Put another content into a part of a workbook."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, old in parts.items():
            book.writestr(name, content if name == part else old)
    return path


def sheet_of(rows: str) -> bytes:
    main_part = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main_part}"><sheetData>{rows}</sheetData></worksheet>'.encode()


class TestFilesThatAreTooLarge:
    @pytest.mark.parametrize(
        ("rows", "why"),
        [
            ('<row r="1000000000"><c><v>1</v></c></row>', "a sheet has at most 1,048,576"),
            ('<row r="-5"><c><v>1</v></c></row>', "a sheet has at most 1,048,576"),
            ('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>', "a cell beyond column 16,384"),
            ('<row><c r="XFD1"/></row>' * 2000, "more than 20,000,000 cells"),
            ('<row r="1" />' + " " * 20_000_000, "it unpacks to 2"),
        ],
    )
    def test_sheets(self, tmp_path: Path, rows: str, why: str) -> None:
        path = repacked(write_book(tmp_path / "t.xlsx"), SHEET, sheet_of(rows))
        assert path.stat().st_size < 100_000
        assert why in why_not(path)

    def test_any_part_of_a_workbook_counts(self, tmp_path: Path) -> None:
        path = write_book(tmp_path / "t.xlsx")
        assert "it unpacks to 3" in why_not(repacked(path, "xl/styles.xml", b" " * 30_000_000))

    def test_entities(self, tmp_path: Path) -> None:
        content = b'<!DOCTYPE x [<!ENTITY a "b">]>' + sheet_of("<row><c><v>&a;</v></c></row>")
        path = repacked(write_book(tmp_path / "t.xlsx"), SHEET, content)
        assert why_not(path) == "entities are not allowed in a sheet"

    def test_parquet(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A few kilobytes of rows that are all alike."""
        path = tmp_path / "t.parquet"
        alike = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 1_000_001), ["x"])
        pyarrow.parquet.write_table(pyarrow.table(dict.fromkeys(FIVE, alike)), path)
        assert path.stat().st_size < 20_000
        assert why_not(path) == "more than 1,000,000 rows below the names of the columns"
        many = {f"{name}{i}": alike[:900_000] for name in FIVE for i in range(5)}
        pyarrow.parquet.write_table(pyarrow.table(many), path)
        assert why_not(path) == "more than 20,000,000 cells"
        long = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 100_000), ["x" * 200_000])
        pyarrow.parquet.write_table(pyarrow.table(dict.fromkeys(FIVE, long)), path)
        assert why_not(path) == "a text of 200,000 bytes"
        nested = pyarrow.table({"id": [[1] * 3], "name": [["a"]]})
        pyarrow.parquet.write_table(nested, path)
        assert "column 'id' holds tables of its own" in why_not(path)
        monkeypatch.setattr(table_rows, "MOST_BYTES", 1000)
        pyarrow.parquet.write_table(pyarrow.table({"id": [f"{i}" for i in range(999)]}), path)
        assert "bytes; allowed are 1,000" in why_not(path)

    def test_text(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "t.csv"
        monkeypatch.setattr(table_rows, "MOST_CELLS", 100)
        path.write_text(COMMAS + "," * 100)
        assert why_not(path) == "more than 100 cells"
        monkeypatch.setattr(table_rows, "MOST_BYTES", 100)
        assert why_not(path) == "more than 100 bytes"
        assert cells.MOST_CELLS == 20_000_000

    def test_pipes_and_devices(self, tmp_path: Path) -> None:
        for name, target in (("zero.csv", "/dev/zero"), ("null.xlsx", "/dev/null")):
            (tmp_path / name).symlink_to(target)
            assert why_not(tmp_path / name) == "a pipe or a device; allowed is a file"
        os.mkfifo(tmp_path / "pipe.csv")
        assert why_not(tmp_path / "pipe.csv") == "a pipe or a device; allowed is a file"
        (tmp_path / "plain.csv").write_text(COMMAS)
        (tmp_path / "link.csv").symlink_to(tmp_path / "plain.csv")
        assert_read(read_trusts(tmp_path / "link.csv"))


def test_nothing_of_a_file_steers_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names, kinds, regions, columns and sheets may hold what a terminal would act on."""
    escape = "\x1b]0;x\x07\x1b[31m\u202e"
    rows = [[f"R{escape}", f"N{escape}", f"k{escape}", f"L{escape}", 100], ["B", "B", "b", "L", 0]]
    lines = [",".join([*FIVE, f"more{escape}"]), *(",".join(map(str, [*row, 1])) for row in rows)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert main(["run", "population=file", f"population.path={path}", f"out={tmp_path / 'o'}"]) == 2
    said = capsys.readouterr().err
    assert "row 3" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
