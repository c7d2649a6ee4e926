"""What each input accounts for of the variance of the expected outcome, as bars."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from uptake.report.figures.style import GREY, LINES, MODEL, new, save, styled


class Bar(NamedTuple):
    """An input, or several: its effect with a 90 % interval; alone and total, where it is one."""

    label: str
    effect: float
    q05: float
    q95: float
    alone: float | None = None
    total: float | None = None


def _at(share: float) -> float:
    """Where a share is drawn, in percent: an estimate below nil at nil, as no share is below.

    >>> _at(0.25), _at(-0.02)
    (25.0, 0.0)
    """
    return 100.0 * max(share, 0.0)


@styled
def bars(drawn: Sequence[Bar], words: tuple[str, str], path: Path) -> None:
    """Save horizontal bars in their order; ``words`` are the title and the subtitle."""
    title, subtitle = words
    title = "\n".join(textwrap.wrap(title, 76))
    lines = "\n".join(textwrap.wrap(subtitle, 80))
    height = 0.42 * len(drawn) + 2.2 + 0.18 * (title + lines).count("\n")
    figure, axes = new(9.0, height)
    rows = range(len(drawn))
    colours = [GREY if one.total is None else MODEL for one in drawn]
    axes.barh(rows, [_at(one.effect) for one in drawn], color=colours,
              height=0.6, alpha=0.75, label="effect: shares add up to 100 %")  # fmt: skip
    for row, one in enumerate(drawn):
        axes.plot([_at(one.q05), _at(one.q95)], [row, row], color="black", linewidth=1.0)
    single = [(row, one) for row, one in enumerate(drawn) if one.total is not None]
    for name, marker in (("alone", "|"), ("total", "x")):
        axes.plot(
            [_at(getattr(one, name)) for _, one in single], [row for row, _ in single],
            linestyle="none", marker=marker, color=_MARK, markersize=9 if marker == "|" else 6,
            markeredgewidth=1.8, label=_MARKS[name],
        )  # fmt: skip
    labels = ["\n".join(textwrap.wrap(one.label, 44)) for one in drawn]
    axes.set_yticks(rows, labels, parse_math=False, fontsize=9)
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.set_xlabel("of the variance of the expected outcome; lines: 90 % intervals of effects")
    figure.suptitle(title, x=0.02, ha="left", fontweight="bold", parse_math=False)
    axes.set_title(lines, loc="left", fontsize=9, color=GREY, parse_math=False)
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    save(figure, path)


_MARK, _ = LINES[0]
_MARKS = {"alone": "alone: what goes if it alone is known",
          "total": "total: what is left if all others are known"}  # fmt: skip
