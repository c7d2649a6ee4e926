"""Calibration to figures: parameters before and after, what was counted and what is predicted."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from uptake.report.figures.observed import Seen, draw_across
from uptake.report.figures.style import GREY, LINES, MODEL, new, save, styled

_NORMAL = (-1.645, -0.674, 0.0, 0.674, 1.645)  # 5, 25, 50, 75, 95 % points of the prior
Quantiles = Mapping[str, Sequence[float]]  # by what they are of: 5, 25, 50, 75, 95 % points


def _interval(axes: Any, height: float, points: Sequence[float], colour: str, label: str) -> None:
    """Draw a median with 50 and 90 % intervals."""
    axes.plot([points[0], points[4]], [height, height], color=colour, alpha=0.5, linewidth=1.5)
    axes.plot([points[1], points[3]], [height, height], color=colour, alpha=0.8, linewidth=4)
    axes.plot([points[2]], [height], "o", color=colour, markersize=4, label=label)


def _colours(count: int) -> list[str]:
    """Return as many colours as are needed, the model's own first."""
    return [MODEL, *(str(colour) for colour, _ in LINES)][:count]


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


@styled
def learnt(rows: Sequence[tuple[str, Quantiles]], title: str, path: Path) -> None:
    """Draw every parameter after beside before, in sd of its prior; the most learnt on top."""
    variants = list(rows[0][1])
    colours, step = _colours(len(variants)), 0.8 / len(variants)
    figure, axes = new(8.0, 1.6 + (0.24 + 0.06 * len(variants)) * len(rows))
    axes.axvspan(
        _NORMAL[0], _NORMAL[4], color=GREY, alpha=0.10, linewidth=0, label="before: 90 % of draws"
    )
    axes.axvspan(_NORMAL[1], _NORMAL[3], color=GREY, alpha=0.14, linewidth=0, label="before: half")
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    for row, (_, after) in enumerate(rows):
        for place, (variant, colour) in enumerate(zip(variants, colours, strict=True)):
            label = "after" if len(variants) == 1 else f"after, {variant}"
            height = row + step * (place - 0.5 * (len(variants) - 1))
            _interval(axes, height, after[variant], colour, label)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize=8, parse_math=False)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel("in sd of the prior, from its median", fontsize=9)
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", parse_math=False)
    _legend(figure, [axes], "dot: median; thick: 50 % of draws; thin: 90 % of draws")
    save(figure, path)


class Predicted(NamedTuple):
    """Something that was observed: its name, what it was, what is predicted, values in words."""

    title: str
    observed: Seen
    sides: Quantiles
    words: Callable[[float], str]


@styled
def predicted(rows: Sequence[Predicted], title: str, path: Path) -> None:
    """Draw what was counted, a panel each, beside what is predicted before and after."""
    columns = min(2, len(rows))
    lines = -(-len(rows) // columns)
    most = max(len(row.sides) for row in rows)
    figure, grid = new(9.0, (0.9 + 0.22 * most) * lines + 1.2, columns, lines)
    every = list(grid.flat) if len(rows) > 1 else [grid]
    for axes, (name, observed, sides, words) in zip(every, rows, strict=False):
        after = [side for side in sides if side.startswith("after")]
        colours = dict(zip(after, _colours(len(after)), strict=True))
        for height, (side, points) in enumerate(sides.items()):
            colour = colours.get(side, GREY if side == "before" else LINES[4][0])
            _interval(axes, height, points, str(colour), side)
        draw_across(axes, observed, "observed")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_ylim(len(sides) - 0.4, -0.6)
        axes.xaxis.get_major_locator().set_params(nbins=5, steps=[1, 2, 5, 10])
        axes.xaxis.set_major_formatter(lambda value, _, words=words: words(value))
        axes.set_title("\n".join(textwrap.wrap(name, 58)), loc="left", fontsize=8, parse_math=False)
        axes.tick_params(labelsize=8)
    for axes in every[len(rows) :]:
        axes.set_axis_off()
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", parse_math=False)
    note = "dot: median; thick: 50 % of runs; thin: 90 % of runs"
    _legend(figure, every[: len(rows)], note)
    save(figure, path)
