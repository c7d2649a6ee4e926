"""What to decide, in figures: what each lever makes of the chance; uptake against public cost."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.report.figures.style import GREY, MODEL, OBSERVED, new, save, styled
from uptake.report.text.numbers import tick

Floats = NDArray[np.float64]
_SCALE = "cividis"


class Panel(NamedTuple):
    """A lever: the chance at each of its values, between which others it lies, what is needed."""

    label: str
    values: Floats
    shares: Floats
    low: Floats
    high: Floats
    was: Floats  # least and most as it is
    needed: float | None


def _words(figure: Any, title: str, subtitle: str, width: int) -> None:
    """Write what a figure shows, and how, above it."""
    title = "\n".join(textwrap.wrap(title, int(width * 0.76)))
    lines = "\n".join(textwrap.wrap(subtitle, width))
    figure.suptitle(f"{title}", x=0.01, ha="left", fontweight="bold", parse_math=False)
    figure.supxlabel(lines, x=0.01, ha="left", fontsize=9, color=GREY, parse_math=False)


@styled
def levers(
    panels: Sequence[Panel], asked: float, now: float, words: tuple[str, str, str], path: Path
) -> None:
    """Save a panel a lever; ``words`` are the title, the subtitle and what is reached."""
    title, subtitle, label = words
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure, grid = new(3.3 * columns + 0.4, 2.5 * rows + 1.3, columns, rows)
    every = list(np.atleast_1d(grid).flat)
    for at, (axes, one) in enumerate(zip(every, panels, strict=False)):
        axes.axhline(asked, color=OBSERVED, linewidth=1.2)
        axes.fill_between(one.values, one.low, one.high, color=MODEL, alpha=0.25, linewidth=0)
        axes.plot(one.values, one.shares, color=MODEL, linewidth=1.8)
        axes.plot(one.was, [now, now], color="black", linewidth=3, marker="o", markersize=5)
        if one.needed is not None:
            axes.plot([one.needed], [asked], marker="D", color=OBSERVED, markersize=7)
        axes.set_ylim(-0.04, 1.04)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        axes.xaxis.get_major_locator().set_params(nbins=4)
        shown = "\n".join(textwrap.wrap(one.label, 40, break_on_hyphens=False))
        axes.set_title(shown, loc="left", fontsize=9, parse_math=False)
        if at % columns == 0:
            axes.set_ylabel(label, fontsize=8)
    for axes in every[len(panels) :]:
        axes.set_axis_off()
    _words(figure, title, subtitle, 42 * columns)
    save(figure, path)


@styled
def front(
    means: Floats,
    kept: NDArray[np.int64],
    told: Sequence[tuple[str, Floats]],
    outcome: str,
    words: tuple[str, str, str, str],
    path: Path,
) -> None:
    """Save the front; rows of ``means`` are uptake, public cost, providers' loss.

    The first is as it is; ``words`` are the title, the subtitle, what it costs, what is counted.
    """
    title, subtitle, cost, label = words
    figure, axes = new(9.0, 5.6)
    colours = {"c": -means[:, 2], "cmap": _SCALE}
    axes.scatter(means[:, 1], means[:, 0], s=14, alpha=0.55, linewidths=0, **colours)
    colours["c"] = -means[kept, 2]
    colours |= {"vmin": float((-means[:, 2]).min()), "vmax": float((-means[:, 2]).max())}
    drawn = axes.scatter(
        means[kept, 1], means[kept, 0], s=46, edgecolors="black", linewidths=0.8, **colours
    )
    axes.plot(means[0, 1], means[0, 0], marker="*", markersize=17, color=OBSERVED, linestyle="",
              markerfacecolor="none", markeredgewidth=1.8)  # fmt: skip
    top, loss = float(np.abs(means[:, 1]).max()), float(np.abs(means[:, 2]).max())
    for letter, point in told:
        axes.annotate(
            letter, (point[1], point[0]), (0, 8), textcoords="offset points", fontweight="bold",
            ha="center",
        )  # fmt: skip
    axes.xaxis.set_major_formatter(lambda value, _: tick("_gbp", value, top))
    axes.yaxis.set_major_formatter(lambda value, _: tick(outcome, value, 1.0))
    axes.set_xlabel(cost)
    axes.set_ylabel(label)
    bar = figure.colorbar(drawn, ax=axes, format=lambda value, _: tick("_gbp", value, loss))
    bar.set_label("providers' result (less than nil: a loss)")
    bar.outline.set_visible(False)
    _words(figure, title, subtitle, 112)
    save(figure, path)
