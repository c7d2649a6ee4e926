"""Episodes to figures: adoption curves, who joins, small multiples, effects of mechanisms."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from uptake.report.figures.observed import WIDEST, Seen, draw_observed, legend
from uptake.report.figures.style import (
    GREY,
    LINES,
    MODEL,
    OBSERVED,
    draw_bands,
    draw_base,
    new,
    save,
    scale,
    styled,
)
from uptake.report.text.mechanisms import Bar
from uptake.report.text.numbers import amount, shares_of

_NEAR = 2.0  # times what is drawn else: a target up to here is drawn too


class Base(NamedTuple):
    """What a curve is compared with, and what it is called."""

    than: str
    bands: dict[str, list[float]]


class Alike(NamedTuple):
    """What was read of another scheme, as counts among as many bodies, by month."""

    title: str
    months: list[int]
    counts: list[float]


class Adoption(NamedTuple):
    """An adoption curve: its bands by month from 0 on, and what is drawn and said beside them."""

    bands: dict[str, list[float]]
    runs: int
    outcome: str  # whose curve it is
    title: str
    subtitle: str
    start: str  # month of the launch
    label: str  # what is counted
    observed: Sequence[Seen]
    seen: str  # what that is called
    events: Sequence[tuple[int, str]]  # month, label
    base: Base | None
    alike: Sequence[Alike] = ()
    target: float | None = None  # what is to be reached

    @property
    def ends(self) -> tuple[float, float]:
        """Return from where to where the axis goes: from nil at least, and a little beyond all."""
        bands = [self.bands, *([self.base.bands] if self.base else [])]
        alike = [count for one in self.alike for count in one.counts]
        seen = [end for seen in self.observed for end in seen.drawn]
        low = [end for one in bands for end in one["q05"]]
        high = [end for one in bands for end in one["q95"]]
        top = max([1.0, *high, *alike, *seen])
        near = [self.target] if self.target is not None and self.target < _NEAR * top else []
        return 1.08 * min([0.0, *low, *seen, *near]), 1.08 * max([top, *near])


class Panel(NamedTuple):
    """One of several small curves: what it shows, its bands, what was observed."""

    title: str
    outcome: str  # whose curve it is
    label: str  # what is counted
    start: str  # month of the launch
    bands: dict[str, list[float]]  # quantiles by month from 0 on
    observed: Sequence[Seen] = ()
    lines: Mapping[str, list[float]] = MappingProxyType({})  # further medians, by name

    @property
    def ends(self) -> tuple[float, float]:
        """Return from where to where the axis goes: from nil at least, and a little beyond all."""
        beside = [end for seen in self.observed for end in seen.drawn]
        beside += [value for line in self.lines.values() for value in line]
        low, high = min([0.0, *self.bands["q05"], *beside]), max([*self.bands["q95"], *beside, 1.0])
        return 1.08 * low, 1.08 * high


def _mark_events(axes: Any, events: Sequence[tuple[int, str]], top: float) -> None:
    """Mark dated events by lettered lines, explained under the axes."""
    months = sorted({month for month, _ in events})
    for i, month in enumerate(months):
        axes.axvline(month, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
        axes.text(
            month, top, chr(ord("a") + i % 26), color=GREY, ha="center", va="bottom", fontsize=9
        )
    lines = []
    for i, month in enumerate(months):
        labels = "; ".join(dict.fromkeys(label for at, label in events if at == month))
        text = f"{chr(ord('a') + i % 26)}  {labels}"
        lines += textwrap.wrap(text, 105, subsequent_indent="    ")
    axes.annotate(
        "\n".join(lines), (0, 0), (0, -42), xycoords="axes fraction",
        textcoords="offset points", va="top", fontsize=8, color=GREY, parse_math=False,
    )  # fmt: skip


def draw_adoption(axes: Any, drawn: Adoption) -> None:
    """Draw an adoption curve: median, 50 and 90 % bands, what was observed; no title, no legend."""
    bands, base = drawn.bands, drawn.base
    draw_bands(axes, bands, drawn.runs)
    if base:
        draw_base(axes, base.bands, base.than, drawn.runs)
    for (_, dashes), marker, one in zip(LINES, "s^v", drawn.alike, strict=False):
        axes.plot(
            one.months, one.counts, marker, color=GREY, linestyle=dashes, linewidth=1.0,
            markersize=5, fillstyle="none", zorder=1, label=textwrap.fill(one.title, WIDEST),
        )  # fmt: skip
    draw_observed(axes, drawn.observed, legend(drawn.observed, drawn.seen))
    scale(axes, drawn.outcome, drawn.ends, len(bands["median"]) - 1)
    low, high = drawn.ends
    if drawn.target is not None and low <= drawn.target <= high:
        said = f"to be reached: {amount(drawn.outcome, drawn.target)}"
        axes.axhline(drawn.target, color="black", linewidth=1.0, linestyle=(0, (8, 3)), label=said)
    axes.set_xlabel(f"months after the launch ({drawn.start})")
    axes.set_ylabel(drawn.label)


def legend_below(figure: Any) -> None:
    """Say under the axes of a figure what is drawn, so that nothing of it is covered."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower left", ncols=2, frameon=False, fontsize=8
    )  # fmt: skip


@styled
def adoption_curve(drawn: Adoption, path: Path) -> None:
    """Save an adoption curve with its title, and dated events marked under it."""
    title = "\n".join(textwrap.wrap(drawn.title, 70))
    figure, axes = new(8.0, 5.6 + 0.18 * title.count("\n"))
    draw_adoption(axes, drawn)
    legend_below(figure)
    figure.suptitle(title, x=0.02, ha="left", fontweight="bold", parse_math=False)
    subtitle = "\n".join(textwrap.wrap(drawn.subtitle, 110))
    axes.set_title(subtitle, loc="left", fontsize=9, color=GREY, pad=16, parse_math=False)
    if drawn.events:
        _mark_events(axes, drawn.events, drawn.ends[1])
    save(figure, path)


def draw_shares(axes: Any, groups: Mapping[str, Any]) -> None:
    """Draw the share of each group of trusts that joins: mean, 50 and 90 % intervals.

    ``groups`` holds the quantiles of ``share`` and ``approached`` by group.
    """
    shown = {g: c for g, c in groups.items() if c["approached"]["mean"] >= 0.5}
    labels, largest = [], 0.0
    for row, (name, counts) in enumerate(shown.items()):
        share = counts["share"]
        axes.plot([share["q05"], share["q95"]], [row, row], color=MODEL, alpha=0.35, lw=2)
        axes.plot([share["q25"], share["q75"]], [row, row], color=MODEL, alpha=0.6, lw=6)
        axes.plot([share["mean"]], [row], "o", color=MODEL)
        labels.append(f"{name.replace('_', ' ')} ({counts['approached']['mean']:.0f})")
        largest = max(largest, share["q95"], share["mean"])
    axes.set_yticks(range(len(shown)), labels, parse_math=False)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(0, 1.1 * largest or 1.0)
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    axes.xaxis.get_major_locator().set_params(nbins=4)


@styled
def who_joins(summary: dict[str, Any], path: Path) -> None:
    """Save the share of each kind and size of trust that joins."""
    title = "\n".join(textwrap.wrap(summary["question"], 70))
    figure, both = new(8.0, 3.9 + 0.18 * title.count("\n"), columns=2)
    figure.suptitle(title, x=0.02, ha="left", fontweight="bold", parse_math=False)
    for axes, key, title in zip(both, ("by_kind", "by_size"), ("by kind", "by size"), strict=True):
        draw_shares(axes, summary[key])
        axes.set_title(f"Share that joins, {title}", loc="left", fontsize=10)
    half, most = shares_of(summary["runs"])
    figure.supxlabel(
        f"dot: mean; thick: {half}; thin: {most}; in brackets: {summary['bodies']} approached",
        fontsize=8, color=GREY,
    )  # fmt: skip
    save(figure, path)


@styled
def small_multiples(panels: Sequence[Panel], title: str, note: str, runs: int, path: Path) -> None:
    """Draw one small curve a panel, each on its own scale, with one legend for all."""
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure, grid = new(3.6 * columns + 0.4, 2.7 * rows + 1.0, columns, rows)
    every = list(grid.flat) if len(panels) > 1 else [grid]
    for axes, panel in zip(every, panels, strict=False):
        draw_bands(axes, panel.bands, runs)
        for (colour, dashes), (name, line) in zip(LINES, panel.lines.items(), strict=False):
            axes.plot(line, color=colour, linestyle=dashes, linewidth=1.4, label=name)
        draw_observed(axes, panel.observed, "observed", size=7)
        scale(axes, panel.outcome, panel.ends, len(panel.bands["median"]) - 1, bins=5)
        axes.set_title(
            "\n".join(textwrap.wrap(panel.title, 40)), loc="left", fontsize=9, parse_math=False
        )
        axes.set_xlabel(f"months after {panel.start}", fontsize=8)
        axes.set_ylabel(panel.label, fontsize=8)
    for axes in every[len(panels) :]:
        axes.set_axis_off()
    named: dict[str, Any] = {}
    for axes in every[: len(panels)]:
        handles, labels = axes.get_legend_handles_labels()
        named |= dict(zip(labels, handles, strict=True))
    title = "\n".join(textwrap.wrap(title, 32 * columns))
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", parse_math=False)
    figure.legend(
        list(named.values()), list(named), loc="outside lower left", ncols=4, frameon=False,
        fontsize=8, title=note, title_fontsize=8, alignment="left",
    )  # fmt: skip
    save(figure, path)


@styled
def effects(rows: Sequence[Bar], path: Path) -> None:
    """Draw one effect a row, as a share of its outcome: mean and 90 % of pairs of runs."""
    figure, axes = new(11.0, 0.26 * len(rows) + 1.4)
    for at, row in enumerate(rows):
        is_strong = row.verdict == "yes"
        colour = MODEL if row.verdict.startswith("yes") else OBSERVED
        axes.plot([row.q05, row.q95], [at, at], color=colour, linewidth=2, alpha=0.4)
        axes.plot([row.mean], [at], "o", color=colour, fillstyle="full" if is_strong else "none")
        if row.inferred is not None:
            axes.plot([row.inferred], [at], "|", color=GREY, markersize=9, markeredgewidth=2)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [row.label for row in rows], parse_math=False, fontsize=8)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(-1.5, 1.5)
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:+.0f} %" if share else "0")
    figure.supxlabel(
        "effect on the outcome named, as a share of the larger of its means with the switch and "
        "without; dot: mean\n(hollow: weak; red: not as reported); line: 90 % of pairs of runs, "
        "cut off at 150 %; bar: mean on inferred behaviour, where the rest is on the prior",
        fontsize=8, color=GREY,
    )  # fmt: skip
    save(figure, path)
