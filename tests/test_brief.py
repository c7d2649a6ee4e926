"""A board paper: Word, slide and book say what the answer says, in numbers that can be used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import uptake as up
from conftest import ROOT, Command

docx = pytest.importorskip("docx", reason="the extra brief is not installed")
pptx = pytest.importorskip("pptx", reason="the extra brief is not installed")

ASKED = ("levers.upfront_fee_gbp=10000", "runs=40", "parameters=prior")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which a brief was written."""
    from drawing import said

    made = tmp_path_factory.mktemp("brief")
    code, out, err = said(made, "brief", *ASKED, "out=there")
    assert code == 0, err
    assert "paper.docx, slide.pptx and numbers.xlsx are in there" in " ".join(out.split())
    return made / "there"


def texts(folder: Path) -> list[str]:
    """Return the paragraphs of the paper."""
    return [one.text for one in docx.Document(str(folder / "paper.docx")).paragraphs]


def test_the_paper_has_question_answer_options_caveats_sources_and_command(folder: Path) -> None:
    """In this order; the figure is in it; the page is A4."""
    paper = docx.Document(str(folder / "paper.docx"))
    said = texts(folder)
    assert said[0].startswith("NHS Employers membership, 2009-10: what if fee on signing 10,000")
    assert said[1].startswith("What if fee on signing 10,000 GBP")
    assert any(line.startswith("Chance of the target") for line in said)
    assert any(line.startswith("What turned away the") for line in said)
    headings = [one.text for one in paper.paragraphs if one.style.name.startswith("Heading 2")]
    assert headings == ["Why", "Mind", "What the evidence cannot tell", "Sources", "Made by"]
    assert "Health Service Journal, March 2010" in said[said.index("Sources") + 1]
    assert said[-1] == "uptake brief levers.upfront_fee_gbp=10000 runs=40 parameters=prior"
    assert len(paper.inline_shapes) == 1
    (table,) = paper.tables
    assert [row.cells[0].text for row in table.rows] == ["option", "as it was", "as asked"]
    assert "difference, in pairs of runs" in [cell.text for cell in table.rows[0].cells]
    assert round(paper.sections[0].page_width.cm, 1) == 21.0
    bullets = [one for one in paper.paragraphs if one.style.name == "List Bullet"]
    assert len(bullets) == 6  # three to mind, three that cannot be told


def test_the_slide_has_a_chart_of_the_very_numbers(folder: Path) -> None:
    """One slide; a chart that PowerPoint can edit: its series are the bands, month by month."""
    deck = pptx.Presentation(str(folder / "slide.pptx"))
    (slide,) = deck.slides
    (chart,) = [one.chart for one in slide.shapes if one.has_chart]
    series = {one.name: list(one.values) for one in chart.plots[0].series}
    book = openpyxl.load_workbook(folder / "numbers.xlsx")
    rows = list(book["month by month"].iter_rows(values_only=True))
    column = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    assert series["median run"] == list(column["median"])
    assert series["5 % of runs are below"] == list(column["q05"])
    assert set(series) == {
        "median run", "median run, as it was", "5 % of runs are below", "5 % of runs are above",
        "observed of the scheme as it was",
    }  # fmt: skip
    (table,) = [one.table for one in slide.shapes if one.has_table]
    assert [cell.text for cell in table.rows[0].cells] == ["option", "as it was", "as asked"]


def test_numbers_are_numbers(folder: Path) -> None:
    """Every outcome of the summary, to the last digit, in cells that can be computed with."""
    import json

    said = json.loads((folder / "summary.json").read_text())
    book = openpyxl.load_workbook(folder / "numbers.xlsx")
    rows: list[Any] = list(book["outcomes"].iter_rows(values_only=True))
    head, *body = rows
    found = {row[0]: dict(zip(head, row, strict=True)) for row in body}
    for name, one in said["outcomes"].items():
        assert found[name]["mean"] == pytest.approx(one["mean"], rel=1e-12), name
        assert isinstance(found[name]["mean"], int | float)
    years = list(book["money by year"].iter_rows(values_only=True))
    assert years[0] == ("year", "trusts", "centre", "providers", "spent", "saved")
    assert book["where they stand"].max_row == 9
    moved = said["as_it_was"]["differences"]["joined"]["mean"]
    assert found["joined"]["difference, mean"] == pytest.approx(moved)


def test_a_title_is_text_wherever_it_goes(uptake: Command, tmp_path: Path) -> None:
    """One that looks like a formula, or like markup, is neither."""
    title = "=HYPERLINK(1) <b>&amp;"
    done = uptake("brief", f"scenario.title='{title}'", "runs=5", "figures=false", "out=there")
    assert done.returncode == 0, done.stderr
    assert texts(tmp_path / "there")[0].startswith(title)
    assert not (tmp_path / "there" / "figure.png").exists()
    sheet = openpyxl.load_workbook(tmp_path / "there" / "numbers.xlsx")["answer"]
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value.startswith(title)


def test_without_the_libraries_it_says_how_to_get_them(tmp_path: Path) -> None:
    """Before anything is run."""
    script = (
        "import sys; sys.modules['docx'] = None\n"
        "from uptake.cli.main import main\nsys.exit(main(['brief', 'runs=5']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "sim")},
    )  # fmt: skip
    assert done.returncode == 2
    assert "uptake: brief: docx is not installed: pip install '.[brief]'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_from_python_the_same_of_a_scheme_of_ones_own(tmp_path: Path) -> None:
    """Paper, slide and book of a result; a folder with something in it is refused."""
    scheme = up.Scenario(
        "sixty", title="A joint office", start="2027-04", months=12, approached=30,
        sector="councils_2019", levers={"upfront_fee_gbp": 12_000},
    )  # fmt: skip
    result = scheme.run(20)
    made = result.brief(tmp_path / "paper")
    said = texts(made)
    assert said[0] == "A joint office"
    assert said[-1] == "Python: sixty, run(20, seed=1)"
    plain = up.scenario("nhs_wales").run(5)
    assert texts(plain.brief(tmp_path / "other"))[-1] == plain.scenario.command
    assert {path.name for path in made.iterdir()} >= {"paper.docx", "slide.pptx", "numbers.xlsx"}
    with pytest.raises(up.InputError):
        result.brief(tmp_path / "paper")
