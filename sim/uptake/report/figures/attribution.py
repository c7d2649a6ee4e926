"""Why so few, as a waterfall: from what was to what could have been, a step a cause."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from uptake.report.figures.style import GREY, MODEL, OBSERVED, new, save, styled
from uptake.report.text.numbers import amount, average, difference, tick


class Step(NamedTuple):
    """A cause: its mean part, and 90 % of the runs."""

    label: str
    mean: float
    q05: float
    q95: float


class Whole(NamedTuple):
    """What was, or could be: its mean, and 90 % of the runs."""

    label: str
    mean: float
    q05: float
    q95: float


@styled
def waterfall(
    steps: Sequence[Step],
    ends: tuple[Whole, Whole],
    aimed: float | None,
    outcome: str,
    words: tuple[str, str, str],
    path: Path,
) -> None:
    """Save a waterfall; ``words`` are its title, its subtitle, and what is counted."""
    title, subtitle, label = words
    title = "\n".join(textwrap.wrap(title, 76))
    figure, axes = new(9.0, 0.42 * len(steps) + 2.6 + 0.18 * title.count("\n"))
    was, could = ends
    labels, at = [was.label], was.mean
    _whole(axes, 0, was, GREY, outcome)
    for row, step in enumerate(steps, 1):
        colour = MODEL if step.mean >= 0.0 else OBSERVED
        axes.barh(row, step.mean, left=at, color=colour, height=0.6, alpha=0.75)
        axes.plot([at + step.q05, at + step.q95], [row, row], color="black", linewidth=1.0)
        axes.plot([at + step.mean] * 2, [row - 0.3, row + 1.3], color=GREY, linewidth=0.6, ls=":")
        _say(axes, max(at, at + step.mean, at + step.q95), row, difference(outcome, step.mean))
        labels.append("\n".join(textwrap.wrap(step.label, 34)))
        at += step.mean
    _whole(axes, len(steps) + 1, could, MODEL, outcome)
    labels.append(could.label)
    if aimed is not None:
        axes.axvline(aimed, color=OBSERVED, linewidth=1.5, zorder=0)
        axes.annotate(
            f"aimed at: {amount(outcome, aimed)}", (aimed, 1.0), (0, 3), ha="center", fontsize=9,
            xycoords=("data", "axes fraction"), textcoords="offset points", color=OBSERVED,
        )  # fmt: skip
    axes.set_yticks(range(len(labels)), labels, parse_math=False)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    top = max(map(abs, axes.get_xlim()))
    axes.set_xlim(axes.get_xlim()[0], axes.get_xlim()[1] * 1.08)
    axes.xaxis.set_major_formatter(lambda value, _: tick(outcome, value, top))
    axes.set_xlabel(label)
    figure.suptitle(title, x=0.02, ha="left", fontweight="bold", parse_math=False)
    lines = "\n".join(textwrap.wrap(subtitle, 92))
    axes.set_title(lines, loc="left", fontsize=9, color=GREY, pad=20, parse_math=False)
    save(figure, path)


def _whole(axes: Any, row: int, whole: Whole, colour: str, outcome: str) -> None:
    """Draw a bar from nil, and 90 % of the runs."""
    axes.barh(row, whole.mean, color=colour, height=0.6, alpha=0.75)
    axes.plot([whole.q05, whole.q95], [row, row], color="black", linewidth=1.0)
    _say(axes, max(0.0, whole.mean, whole.q95), row, average(outcome, whole.mean))


def _say(axes: Any, at: float, row: int, text: str) -> None:
    """Write a number to the right of a row, readable over any line."""
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
    axes.annotate(text, (at, row), (5, 0), textcoords="offset points", va="center", fontsize=9,
                  bbox=box)  # fmt: skip
