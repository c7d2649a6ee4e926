"""Calibration to figures: behaviour in every history, and what was observed beside predictions."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from uptake.report.figures.observed import Seen, draw_across
from uptake.report.figures.style import GREY, LINES, MODEL, new, save, styled

_NORMAL = (-1.645, -0.674, 0.0, 0.674, 1.645)  # 5, 25, 50, 75, 95 % points of the prior
_HISTORY = LINES[0][0]
_SIDES = (GREY, LINES[1][0], MODEL)  # on the prior, by the others alone, tried again
_COLUMNS = 3  # of parameters
_TICKS = (-2.0, 0.0, 2.0)  # sd of the prior

_HALVES = 2  # columns of readings on a page
_ROW, _PANEL = 0.4, 0.52  # inches that a reading takes, and a panel beside its readings
_PAGE = 13.0  # inches of a column of a page at most
_LINE = 76  # characters of a line above a reading

Quantiles = Sequence[float]  # 5, 25, 50, 75, 95 % points


def _interval(axes: Any, height: float, points: Quantiles, colour: str, label: str) -> None:
    """Draw a median with 50 and 90 % intervals."""
    axes.plot([points[0], points[4]], [height, height], color=colour, alpha=0.5, linewidth=1.5)
    axes.plot([points[1], points[3]], [height, height], color=colour, alpha=0.8, linewidth=4)
    axes.plot([points[2]], [height], "o", color=colour, markersize=4, label=label)


def _legend(figure: Any, axes: Any, note: str) -> None:
    """Draw one legend for all, each name once."""
    named: dict[str, Any] = {}
    for one in axes:
        handles, labels = one.get_legend_handles_labels()
        named |= dict(zip(labels, handles, strict=True))
    figure.legend(
        list(named.values()), list(named), loc="outside lower left", ncols=4, frameon=False,
        fontsize=8, title=note, title_fontsize=8, alignment="left",
    )  # fmt: skip


class Learnt(NamedTuple):
    """A pooled parameter, in sd of its prior: in a new scheme, and by every history alone."""

    title: str
    unit: str
    new: Quantiles
    histories: Mapping[str, Quantiles]
    in_unit: Callable[[Sequence[float]], list[float]]


@styled
def learnt(rows: Sequence[Learnt], title: str, path: Path) -> None:
    """Draw pooled parameters, a panel each: the prior, a new scheme, every history by itself."""
    names = list(rows[0].histories)
    columns = min(_COLUMNS, len(rows))
    lines = -(-len(rows) // columns)
    height = 1.2 + (0.75 + 0.17 * (len(names) + 2)) * lines
    figure, grid = new(2.4 + 2.3 * columns, height, columns, lines)
    every = list(grid.flat) if len(rows) > 1 else [grid]
    for place, (axes, row) in enumerate(zip(every, rows, strict=False)):
        axes.axvspan(_NORMAL[0], _NORMAL[4], color=GREY, alpha=0.10, linewidth=0)
        axes.axvspan(_NORMAL[1], _NORMAL[3], color=GREY, alpha=0.14, linewidth=0)
        _interval(axes, 0, _NORMAL, GREY, "prior")
        _interval(axes, 1, row.new, MODEL, "a new scheme, given all histories")
        for at, points in enumerate(row.histories.values(), 2):
            _interval(axes, at, points, _HISTORY, "a history by itself")
        shown = ["prior", "a new scheme", *names] if place % columns == 0 else []
        axes.set_yticks(range(len(shown)), shown, fontsize=8, parse_math=False)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(names) + 1.6, -0.6)
        axes.set_xlim(-3.2, 3.2)
        values = [f"{round(value, 9) + 0.0:.2g}" for value in row.in_unit(_TICKS)]
        axes.set_xticks(_TICKS, values, fontsize=8)
        axes.set_xlabel(row.unit, fontsize=8, parse_math=False)
        axes.set_title(row.title, loc="left", fontsize=9, parse_math=False)
    for axes in every[len(rows) :]:
        axes.set_axis_off()
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", parse_math=False)
    note = (
        "dot: median; thick: 50 % of draws; thin: 90 %. Across: the scale on which the prior is "
        "normal, with its median and two sd to either side"
    )
    _legend(figure, every[: len(rows)], note)
    save(figure, path)


class Predicted(NamedTuple):
    """A number that was observed, and what is predicted."""

    title: str  # of its history
    said: str
    observed: Seen
    sides: Mapping[str, Quantiles]  # by what runs are on
    words: Callable[[float], str]
    kind: str  # of readings that share a scale
    is_missed: bool


Panel = list[Predicted]  # readings of a history on one scale


def _panels(rows: Sequence[Predicted]) -> list[Panel]:
    """Return the readings by history and scale."""
    made = []
    for _, same in groupby(rows, lambda row: row.title):
        by_kind: dict[str, Panel] = {}
        for row in same:
            by_kind.setdefault(row.kind, []).append(row)
        made += list(by_kind.values())
    return made


def _tall(panel: Panel) -> float:
    """Return the inches that a panel takes."""
    return _PANEL + _ROW * len(panel)


def _columns(panels: Sequence[Panel], count: int) -> list[list[Panel]]:
    """Return the panels in so many columns at most, the tallest as low as can be."""
    most = max(max(map(_tall, panels)), sum(map(_tall, panels)) / count)
    while True:
        columns: list[list[Panel]] = []
        left = 0.0
        for panel in panels:
            if not columns or _tall(panel) > left:
                columns.append([])
                left = most
            columns[-1].append(panel)
            left -= _tall(panel)
        if len(columns) <= count:
            return columns
        most += 0.5 * _ROW


def pages(rows: Sequence[Predicted]) -> Iterator[Sequence[Predicted]]:
    """Yield the readings of each page: as many histories as are legible on it."""
    if not rows:
        return
    panels = _panels(rows)
    count = -(-sum(map(_tall, panels)) // (_HALVES * _PAGE))
    columns = _columns(panels, _HALVES * int(count))
    for first in range(0, len(columns), _HALVES):
        yield [row for column in columns[first : first + _HALVES] for one in column for row in one]


@styled
def predicted(rows: Sequence[Predicted], title: str, path: Path) -> None:
    """Draw what was observed beside what is predicted, a panel a history and scale."""
    from matplotlib.figure import Figure

    columns = _columns(_panels(rows), _HALVES)
    tallest = max(sum(map(_tall, column)) for column in columns)
    width = 9.0 if len(columns) > 1 else 6.0
    figure = Figure(figsize=(width, tallest + 1.1), layout="constrained")
    halves, every = figure.subfigures(1, len(columns), squeeze=False)[0], []
    for half, column in zip(halves, columns, strict=True):
        heights = [_tall(panel) for panel in column]
        below = tallest - sum(heights)
        ratios = [*heights, below] if below > 0.05 else heights
        grid = half.subplots(len(ratios), 1, squeeze=False, height_ratios=ratios)[:, 0]
        for place, (axes, panel) in enumerate(zip(grid, column, strict=False)):
            is_first = not place or column[place - 1][0].title != panel[0].title
            _draw(axes, panel, is_first)
        for axes in grid[len(column) :]:
            axes.set_axis_off()
        every += list(grid[: len(column)])
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", parse_math=False)
    note = "dot: median; thick: 50 % of runs; thin: 90 %; shaded: reading error; bold: missed"
    _legend(figure, every, note)
    save(figure, path)


def _draw(axes: Any, panel: Panel, is_first: bool) -> None:
    """Draw the readings of a panel, one below the other, each under its words."""
    for at, row in enumerate(panel):
        for line, (points, colour) in enumerate(_coloured(row)):
            _interval(axes, at + 0.42 + 0.18 * line, points, colour, list(row.sides)[line])
        draw_across(axes, row.observed, "observed", (at + 0.3, at + 0.9))
        missed = {"color": "black", "fontweight": "bold"} if row.is_missed else {"color": GREY}
        axes.text(
            0.0, at + 0.22, textwrap.shorten(row.said, _LINE, placeholder=" ..."), fontsize=7,
            va="bottom", transform=axes.get_yaxis_transform(), parse_math=False, **missed,
        )  # fmt: skip
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(panel), -0.1)
    axes.margins(x=0.02)
    axes.xaxis.get_major_locator().set_params(nbins=5, steps=[1, 2, 5, 10])
    axes.xaxis.set_major_formatter(lambda value, _: panel[0].words(value))
    axes.tick_params(labelsize=7)
    if is_first:
        axes.set_title(
            textwrap.shorten(panel[0].title, _LINE, placeholder=" ..."), loc="left", fontsize=7.5,
            fontweight="bold", parse_math=False,
        )  # fmt: skip


def _coloured(row: Predicted) -> Iterator[tuple[Quantiles, str]]:
    """Yield the intervals of a reading, each with its colour."""
    colours = dict(zip(("on the prior", "by the others alone", "tried again"), _SIDES, strict=True))
    for side, points in row.sides.items():
        yield points, str(colours[side])
