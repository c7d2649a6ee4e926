"""Why so few, as a waterfall: from what was to what could have been, a step a cause."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from uptake.report.figures.style import GREY, MODEL, OBSERVED, new, save, styled
from uptake.report.text.numbers import amount, difference, tick


class Step(NamedTuple):
    """A cause: its mean part, and 90 % of the runs."""

    label: str
    mean: float
    q05: float
    q95: float


@styled
def waterfall(
    steps: Sequence[Step],
    was: float,
    could: float,
    aimed: float | None,
    outcome: str,
    words: tuple[str, str, str],
    path: Path,
) -> None:
    """Save a waterfall; ``words`` are its title, its subtitle, and what is counted."""
    title, subtitle, label = words
    title = "\n".join(textwrap.wrap(title, 76))
    figure, axes = new(9.0, 0.42 * len(steps) + 2.6 + 0.18 * title.count("\n"))
    labels, at, rows = ["as it was"], was, len(steps)
    axes.barh(0, was, color=GREY, height=0.6)
    axes.text(was, 0, f" {amount(outcome, was)}", va="center", fontsize=9)
    for row, step in enumerate(steps, 1):
        colour = MODEL if step.mean >= 0.0 else OBSERVED
        axes.barh(row, step.mean, left=at, color=colour, height=0.6)
        axes.plot([at + step.q05, at + step.q95], [row, row], color=GREY, linewidth=1.0)
        axes.plot([at + step.mean] * 2, [row - 0.3, row + 1.3], color=GREY, linewidth=0.6, ls=":")
        end = max(at, at + step.mean, at + step.q95)
        said = f"  {difference(outcome, step.mean)}"
        axes.text(end, row, said, va="center", fontsize=9)
        labels.append("\n".join(textwrap.wrap(step.label, 34)))
        at += step.mean
    axes.barh(rows + 1, could, color=MODEL, height=0.6)
    axes.text(could, rows + 1, f" {amount(outcome, could)}", va="center", fontsize=9)
    labels.append("all put right")
    if aimed is not None:
        axes.axvline(aimed, color=OBSERVED, linewidth=1.5)
        axes.text(aimed, -0.75, f"to be reached: {amount(outcome, aimed)}", color=OBSERVED,
                  ha="center", fontsize=9)  # fmt: skip
    axes.set_yticks(range(rows + 2), labels, parse_math=False)
    axes.set_ylim(rows + 1.6, -1.1)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    top = max(map(abs, axes.get_xlim()))
    axes.set_xlim(axes.get_xlim()[0], axes.get_xlim()[1] * 1.08)
    axes.xaxis.set_major_formatter(lambda value, _: tick(outcome, value, top))
    axes.set_xlabel(label)
    figure.suptitle(title, x=0.02, ha="left", fontweight="bold", parse_math=False)
    lines = "\n".join(textwrap.wrap(subtitle, 92))
    axes.set_title(lines, loc="left", fontsize=9, color=GREY, pad=8, parse_math=False)
    save(figure, path)
