"""Sweeps to figures: heat map of two axes, curves of points, effects of axes."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from uptake.report.figures.style import GREY, MODEL, new, save, scale, styled

Words = Callable[[float], str]  # a value of the outcome for a reader
_SCALE = "cividis"  # as good for the colour-blind, and in grey
_LETTERS = 8.6  # of a title, an inch
_DARK = 0.55  # of the scale: up to here, white letters are read


def _title(figure: Any, axes: Any, title: str, subtitle: str) -> None:
    """Write what a figure shows, and under it how, as wide as it is."""
    width, height = figure.get_size_inches()
    title = textwrap.fill(title, int(_LETTERS * width))
    figure.set_size_inches(width, height + 0.2 * title.count("\n"))
    figure.suptitle(title, x=0.02, ha="left", fontweight="bold", parse_math=False)
    lines = "\n".join(textwrap.wrap(subtitle, int(13.5 * width)))
    axes.set_title(lines, loc="left", fontsize=9, color=GREY, pad=10, parse_math=False)


@styled
def heat_map(
    table: Any, x: str, y: str, title: str, subtitle: str, words: Words, path: Path
) -> None:
    """Draw an outcome over the levels of two axes: colour and figure the mean, small 90 % of runs.

    ``table`` holds ``columns`` and ``rows`` (names) and ``mean``, ``q05``, ``q95``, shape (rows,
    columns); of a chance (``is_chance``) the mean is all that there is.
    """
    rows, columns = table.mean.shape
    figure, axes = new(max(6.0, 1.15 * columns + 2.2), max(3.2, 0.62 * rows + 1.9))
    image = axes.imshow(table.mean, cmap=_SCALE, aspect="auto", origin="lower")
    low, high = np.nanmin(table.mean), np.nanmax(table.mean)
    for row in range(rows):
        for column in range(columns):
            mean = table.mean[row, column]
            if np.isnan(mean):
                continue
            is_dark = (mean - low) / (high - low or 1.0) < _DARK
            colour = "white" if is_dark else "black"
            at = {"ha": "center", "color": colour, "parse_math": False}
            if table.is_chance:  # each run reaches it or not
                axes.text(column, row, words(mean), va="center", fontsize=10, **at)
                continue
            axes.text(column, row, words(mean), va="bottom", fontsize=10, **at)
            ends = f"{words(table.q05[row, column])} to {words(table.q95[row, column])}"
            axes.text(column, row - 0.08, ends, va="top", fontsize=7, **at)
    across = ["\n".join(textwrap.wrap(name, 10)) for name in table.columns]
    axes.set_xticks(range(columns), across, parse_math=False)
    axes.set_yticks(range(rows), table.rows, parse_math=False)
    axes.set_xlabel(x, parse_math=False)
    axes.set_ylabel(y, parse_math=False)
    axes.tick_params(length=0)
    bar = figure.colorbar(image, ax=axes, format=lambda value, _: words(value))
    bar.outline.set_visible(False)
    _title(figure, axes, title, subtitle)
    save(figure, path)


@styled
def curves_by_point(
    panels: Mapping[str, Mapping[str, dict[str, list[float]]]],
    outcome: str,
    label: str,
    x: str,
    title: str,
    path: Path,
) -> None:
    """Draw the curves of some points, a panel a level of one axis, a line a level of another.

    ``panels`` holds the bands (quantiles by month) by panel and line; all panels share one scale.
    """
    import matplotlib

    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure, grid = new(3.4 * columns + 0.6, 2.6 * rows + 1.2, columns, rows)
    every = list(grid.flat) if len(panels) > 1 else [grid]
    shades = matplotlib.colormaps[_SCALE]
    every_band = [bands for lines in panels.values() for bands in lines.values()]
    low = min(0.0, *(min(bands["median"]) for bands in every_band))
    ends = 1.05 * low, 1.05 * max(max(bands["q95"]) for bands in every_band) or 1.0
    levels = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    handles: dict[str, Any] = {}
    for axes, (panel, lines) in zip(every, panels.items(), strict=False):
        longest = 0
        for name, bands in lines.items():
            colour = shades(0.9 * levels.index(name) / max(1, len(levels) - 1))
            months = range(len(bands["median"]))
            longest = max(longest, len(months))
            axes.plot(months, bands["median"], color=colour, linewidth=2, label=name)
            axes.plot(months, bands["q95"], color=colour, linewidth=1, linestyle=":")
        scale(axes, outcome, ends, longest - 1, bins=5)
        shown = "\n".join(textwrap.wrap(panel, 44))
        axes.set_title(shown, loc="left", fontsize=9, parse_math=False)
        axes.set_xlabel("months after the launch", fontsize=8)
        axes.set_ylabel(label, fontsize=8)
        handles |= dict(zip(lines, axes.get_legend_handles_labels()[0], strict=True))
    for axes in every[len(panels) :]:
        axes.set_axis_off()
    title = textwrap.fill(title, int(_LETTERS * figure.get_figwidth()))
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", parse_math=False)
    legend = figure.legend(
        [handles[name] for name in levels], levels, loc="outside lower left",
        ncols=max(2, int(figure.get_figwidth() / 1.25)),
        frameon=False, fontsize=8,
        title=f"{x} (line: median run; dots: 95 % point)",
        title_fontsize=8, alignment="left",
    )  # fmt: skip
    for text in [*legend.get_texts(), legend.get_title()]:
        text.set_parse_math(False)
    save(figure, path)


@styled
def axis_effects(
    rows: Sequence[tuple[str, float, tuple[float, float], tuple[float, float]]],
    title: str,
    subtitle: str,
    words: Words,
    path: Path,
) -> None:
    """Draw one effect a row: what moves, mean, its 95 % interval, 90 % of pairs."""
    figure, axes = new(9.0, 0.34 * len(rows) + 1.7)
    for at, (_, mean, interval, pairs) in enumerate(rows):
        axes.plot(pairs, [at, at], color=MODEL, linewidth=1.5, alpha=0.35)
        axes.plot(interval, [at, at], color=MODEL, linewidth=6, alpha=0.5, solid_capstyle="butt")
        axes.plot([mean], [at], "o", color=MODEL, markersize=5)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [row[0] for row in rows], parse_math=False, fontsize=9)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.xaxis.set_major_formatter(lambda value, _: words(value))
    _title(figure, axes, title, subtitle)
    save(figure, path)
