"""Skill to a figure: PIT histograms beside each other, and CRPS by history."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from uptake.report.figures.style import GREY, LINES, MODEL, save, styled

_MARKERS = ("o", "s", "^", "x")
_WIDEST = 40  # characters of a line of the title of a history


class Pit(NamedTuple):
    """Density of the PIT in equal bins, and 90 % of what chance allows."""

    density: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def _draw_pit(axes: Any, name: str, pit: Pit, colour: str) -> None:
    """Draw a histogram with the band of chance."""
    bins = len(pit.density)
    edges = [i / bins for i in range(bins + 1)]
    for start, low, high in zip(edges, pit.low, pit.high, strict=False):
        axes.fill_between([start, start + 1 / bins], low, high, color=GREY, alpha=0.2, linewidth=0)
    axes.stairs(pit.density, edges, fill=True, color=colour, alpha=0.6)
    axes.axhline(1.0, color=GREY, linewidth=0.8)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.set_title(name, loc="left", fontsize=10)
    axes.tick_params(labelsize=8)


@styled
def skill(
    pits: Mapping[str, Pit],
    scores: Sequence[tuple[str, Mapping[str, float]]],
    title: str,
    path: Path,
) -> None:
    """Draw PIT histograms above, and below CRPS by history, in points; the first is on top.

    ``scores`` holds the title of each history, and the CRPS of each prediction.
    """
    from matplotlib.figure import Figure

    colours = [MODEL, *(str(colour) for colour, _ in LINES)][: len(pits)]
    height = 0.34 * len(scores) + 1.2
    figure = Figure(figsize=(9.0, 2.6 + height), layout="constrained")
    layout = [[f"pit {name}" for name in pits], ["crps"] * len(pits)]
    axes = figure.subplot_mosaic(layout, height_ratios=[1.9, height])  # type: ignore[arg-type]
    top = 1.05 * max(max([*pit.density, *pit.high]) for pit in pits.values())
    for (name, pit), colour in zip(pits.items(), colours, strict=True):
        _draw_pit(axes[f"pit {name}"], name, pit, colour)
        axes[f"pit {name}"].set_ylim(0, top)
    below = axes["crps"]
    for name, colour, marker in zip(pits, colours, _MARKERS, strict=True):
        values = [100.0 * found[name] for _, found in scores]
        below.plot(values, range(len(values)), marker, color=colour, label=name, alpha=0.85)
    names = [textwrap.fill(name, _WIDEST) for name, _ in scores]
    below.set_yticks(range(len(names)), names, parse_math=False, fontsize=7.5)
    below.set_ylim(len(names) - 0.5, -0.5)
    below.grid(axis="y", color=GREY, alpha=0.2, linewidth=0.6)
    below.set_xlim(left=min(0.0, below.get_xlim()[0]))
    below.set_xlabel("CRPS by history, points of share; less is better")
    below.legend(loc="lower right", framealpha=0.85, edgecolor="none", fontsize=8)
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", parse_math=False)
    note = "above: PIT, flat at 1 if calibrated; grey: 90 % of what chance allows"
    figure.supxlabel(note, fontsize=8, color=GREY)
    save(figure, path)
