"""A board paper as files of an office: two pages for Word, a slide, a book of numbers."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from uptake.errors import InputError
from uptake.files import whole_file, write_json
from uptake.report import outcomes
from uptake.report.answer import Answer, adoption, counted_on, observed, of_scheme
from uptake.report.brief import Brief, brief
from uptake.report.figures import adoption_curve
from uptake.report.text.numbers import called
from uptake.results.export import write_excel
from uptake.results.provenance import provenance
from uptake.results.runs import QUANTILES
from uptake.results.standings import refusals, standings

_BLUE, _GREY, _ORANGE = (0x00, 0x72, 0xB2), (0x59, 0x59, 0x59), (0xD5, 0x5E, 0x00)
_LONGEST = 32_000  # characters of a cell


def _library(name: str) -> Any:
    """Return a module of a library that is an extra, or say how to get it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        told = "not installed: pip install '.[brief]' in the checkout"
        raise InputError(f"brief: {name.partition('.')[0]} is {told}") from None


def check_libraries() -> None:
    """Refuse before anything is run if what writes the files is not there."""
    for name in ("docx", "pptx"):
        _library(name)


def write_word(made: Brief, figure: Path | None, path: Path) -> None:
    """Write the paper: question, answer, figure, options, why, caveats, sources, command."""
    docx, shared = _library("docx"), _library("docx.shared")
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = shared.Cm(21.0), shared.Cm(29.7)
    for side in ("left_margin", "right_margin"):
        setattr(section, side, shared.Cm(2.0))
    section.top_margin = section.bottom_margin = shared.Cm(1.5)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", shared.Pt(9.5)
    normal.paragraph_format.space_after = shared.Pt(3)
    for level in (1, 2):
        style = document.styles[f"Heading {level}"]
        style.font.size, style.font.name = shared.Pt(15 if level == 1 else 11), "Calibri"
        style.paragraph_format.space_before = shared.Pt(6)
    document.add_heading(made.title, 1)
    first, *others = made.answer
    lead = document.add_paragraph().add_run(first)
    lead.bold, lead.font.size = True, shared.Pt(11)
    for line in others:
        document.add_paragraph(line)
    if figure is not None:
        document.add_picture(str(figure), width=shared.Cm(14.5))
    _word_table(document, made.options, shared)
    for heading, lines in (("Why", made.why), ("Mind", made.caveats),
                           ("What the evidence cannot tell", made.cannot_tell)):  # fmt: skip
        document.add_heading(heading, 2)
        for line in filter(None, lines):
            document.add_paragraph(line, style=None if heading == "Why" else "List Bullet")
    document.add_heading("Sources", 2)
    document.add_paragraph("; ".join(made.sources) + ".")
    document.add_heading("Made by", 2)
    document.add_paragraph(made.command)
    with whole_file(path) as temporary:
        document.save(str(temporary))


def _word_table(document: Any, table: Any, shared: Any) -> None:
    """Add a table, its head in bold."""
    grid = document.add_table(rows=1, cols=len(table.columns), style="Light Grid Accent 1")
    for cell, text in zip(grid.rows[0].cells, table.columns, strict=True):
        cell.text = text
    for row in table.rows:
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = text
    for row in grid.rows:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                for run in paragraph.runs:
                    run.font.size = shared.Pt(8)


def write_slide(made: Brief, answer: Answer, path: Path) -> None:
    """Write a slide: the answer, a chart that can be edited, the options, a caveat."""
    pptx, data = _library("pptx"), _library("pptx.chart.data")
    kind, util = _library("pptx.enum.chart").XL_CHART_TYPE.LINE, _library("pptx.util")
    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = util.Cm(33.87), util.Cm(19.05)
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    _text(slide, util, made.title, (1.2, 0.5, 31.4, 1.6), 16, bold=True)
    _text(slide, util, made.answer[0], (1.2, 2.0, 31.4, 2.4), 18)
    case, bands = answer.case, answer.runs.bands()
    chart_data = data.CategoryChartData()
    chart_data.categories = [str(month) for month in range(case.months + 1)]
    lines: dict[str, Any] = {"5 % of runs are below": bands["q05"], "median run": bands["median"],
             "5 % of runs are above": bands["q95"]}  # fmt: skip
    if answer.base is not None:
        lines["median run, as it was"] = answer.was.bands()["median"]
    lines |= _marks(answer, max(bands["q95"]))
    for name, values in lines.items():
        chart_data.add_series(name, values)
    at = [util.Cm(side) for side in (1.2, 4.6, 20.5, 12.4)]
    chart = slide.shapes.add_chart(kind, *at, chart_data).chart
    _style(chart, util, counted_on(case, case.config.scenario.shows), case)
    rows, columns = len(made.options.columns), len(made.options.rows) + 1
    where = [util.Cm(side) for side in (22.2, 4.8, 10.4, 0.8 * rows)]
    grid = slide.shapes.add_table(rows, columns, *where).table
    for i, column in enumerate(made.options.columns):
        for j, text in enumerate([column, *(row[i] for row in made.options.rows)]):
            grid.cell(i, j).text = text
            for paragraph in grid.cell(i, j).text_frame.paragraphs:
                paragraph.font.size = util.Pt(9)
    _text(slide, util, f"{made.caveats[0]} {made.command}", (1.2, 17.3, 31.4, 1.4), 9)
    with whole_file(path) as temporary:
        deck.save(str(temporary))


def _marks(answer: Answer, highest: float) -> dict[str, list[float | None]]:
    """What was observed, in its month, and what is to be reached, if that is in sight."""
    case, found = answer.case, dict[str, list[float | None]]()
    shown, months = case.config.scenario.shows, range(case.months + 1)
    in_sight = case.target and case.target.number < 3.0 * highest
    if case.target and case.target.outcome == shown and in_sight:
        found["target"] = [case.target.number for _ in months]
    seen = {one.month: one.low for one in observed(case, shown) if one.is_number}
    if seen:
        found[f"observed{of_scheme(case)}"] = [seen.get(month) for month in months]
    return found


def _text(
    slide: Any, util: Any, text: str, at: tuple[float, ...], size: int, bold: bool = False
) -> None:
    """Put a text on a slide: left, top, width, height in centimetres."""
    frame = slide.shapes.add_textbox(*map(util.Cm, at)).text_frame
    frame.word_wrap = True
    frame.text = text
    for paragraph in frame.paragraphs:
        paragraph.font.size, paragraph.font.bold = util.Pt(size), bold


def _style(chart: Any, util: Any, label: str, case: Any) -> None:
    """Give the lines of a chart their colours, and its axes their titles."""
    colour = importlib.import_module("pptx.dml.color").RGBColor
    markers = importlib.import_module("pptx.enum.chart").XL_MARKER_STYLE
    for series in chart.plots[0].series:
        is_was, is_median = "as it was" in series.name, series.name == "median run"
        series.smooth = False
        is_mark = series.name == "target" or series.name.startswith("observed")
        series.format.line.color.rgb = colour(*(_GREY if is_was else _ORANGE if is_mark else _BLUE))
        series.format.line.width = util.Pt(2.5 if is_median else 1.25)
        if series.name.startswith("observed"):
            series.format.line.fill.background()
            series.marker.style = markers.CIRCLE
            series.marker.size = 10
            series.marker.format.fill.solid()
            series.marker.format.fill.fore_color.rgb = colour(*_ORANGE)
    chart.has_legend, chart.legend.include_in_layout = True, False
    chart.legend.position = importlib.import_module("pptx.enum.chart").XL_LEGEND_POSITION.BOTTOM
    for axis, text in (
        (chart.category_axis, f"months after the launch ({case.config.scenario.start})"),
        (chart.value_axis, label),
    ):
        axis.has_title = True
        axis.axis_title.text_frame.text = text
        axis.axis_title.text_frame.paragraphs[0].font.size = util.Pt(10)
        axis.tick_labels.font.size = util.Pt(9)
    chart.legend.font.size = util.Pt(10)


def write_book(made: Brief, answer: Answer, path: Path) -> None:
    """Write the numbers: every cell that is one can be computed with."""
    runs, summary = answer.runs, answer.summary
    said = [*made.answer, *made.why, *made.caveats, *made.cannot_tell, *made.sources, made.command]
    names = (*QUANTILES, "mean", "sd")
    bands = runs.bands()
    years = summary["money"]["years"]
    differ = answer.compared.moved if answer.compared else {}
    sheets = {
        "answer": (["answer"], [[line[:_LONGEST]] for line in [made.title, *said] if line]),
        "outcomes": (
            ["outcome", "name", *names, "difference, mean", "5 %", "95 %"],
            [
                [name, called(name, runs.case.bodies), *(one[q] for q in names),
                 *(differ[name][q] if name in differ else None for q in ("mean", "q05", "q95"))]
                for name, one in summary["outcomes"].items()
            ],
        ),
        "month by month": (
            ["month", *QUANTILES],
            [[m, *(bands[q][m] for q in QUANTILES)] for m in range(runs.case.months + 1)],
        ),
        "where they stand": (
            ["standing", *names],
            [[n, *(one[q] for q in names)] for n, one in standings(runs).items()],
        ),
        "what turned them away": (
            ["reason", *names],
            [[n, *(one[q] for q in names)] for n, one in refusals(runs)["reasons"].items()],
        ),
        "money by year": (list(years[0]), [list(year.values()) for year in years]),
        "observed": _observed(summary),
    }  # fmt: skip
    write_excel(sheets, path)


def _observed(summary: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """What was observed, beside the runs."""
    found = outcomes.observed(summary)
    return list(found.columns), [list(row) for row in found.rows]


def write(answer: Answer, command: str, folder: Path) -> Brief:
    """Write paper, slide, book, figure, summary and provenance into a folder that is there.

    Parameters
    ----------
    answer
        What they are of.
    command
        What makes them again.
    folder
        Where they go.
    """
    made, case = brief(answer, command), answer.case
    figure = folder / "figure.png" if case.config.figures else None
    if figure is not None:
        adoption_curve(adoption(answer), folder / "figure")
    write_word(made, figure, folder / "paper.docx")
    write_slide(made, answer, folder / "slide.pptx")
    write_book(made, answer, folder / "numbers.xlsx")
    write_json(folder / "summary.json", answer.summary)
    write_json(folder / "provenance.json", provenance(case))
    return made
