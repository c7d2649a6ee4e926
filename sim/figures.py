"""Tables to figures. Never runs the model.

Colours are those of Okabe and Ito (2008), told apart by the colour-blind; what was observed is
always orange, what the model says is always blue.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.results import whole_file

MODEL = "#0072B2"
OBSERVED = "#D55E00"
GREY = "#595959"


def _new(width: float, height: float, columns: int = 1) -> tuple[Any, Any]:
    """Return a figure and its axes, drawn without a screen."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    matplotlib.rcParams.update(
        {
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "svg.hashsalt": "uptake",
            "figure.constrained_layout.use": True,
        }
    )
    return pyplot.subplots(1, columns, figsize=(width, height))


def save(figure: Any, path: Path) -> None:
    """Save a figure as PNG and SVG, each whole or not at all, and close it."""
    from matplotlib import pyplot

    for suffix in ("png", "svg"):
        target = path.with_suffix(f".{suffix}")
        with whole_file(target) as temporary:
            metadata = {"Date": None} if suffix == "svg" else {"Software": None}
            figure.savefig(temporary, format=suffix, dpi=150, metadata=metadata)
    pyplot.close(figure)


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
        labels = "; ".join(label for at, label in events if at == month)
        lines.append(f"{chr(ord('a') + i % 26)}  {labels}")
    axes.annotate(
        "\n".join(lines), (0, 0), (0, -42), xycoords="axes fraction",
        textcoords="offset points", va="top", fontsize=8, color=GREY, parse_math=False,
    )  # fmt: skip


def adoption_curve(
    bands: dict[str, list[float]],
    observed: Sequence[tuple[int, float, str]],
    events: Sequence[tuple[int, str]],
    title: str,
    subtitle: str,
    start: str,
    path: Path,
) -> None:
    """Draw the adoption curve: median, 50 and 90 % bands, what was observed, dated events.

    ``bands`` holds the quantiles by month from 0 on, ``observed`` (month, trusts, label),
    ``events`` (month, label), ``start`` the month of the launch.
    """
    figure, axes = _new(8.0, 5.2)
    months = range(len(bands["median"]))
    axes.fill_between(
        months, bands["q05"], bands["q95"], color=MODEL, alpha=0.18, linewidth=0,
        label="9 runs in 10",
    )  # fmt: skip
    axes.fill_between(
        months, bands["q25"], bands["q75"], color=MODEL, alpha=0.35, linewidth=0,
        label="half of all runs",
    )  # fmt: skip
    axes.plot(months, bands["median"], color=MODEL, linewidth=2, label="median run")
    for month, value, label in observed:
        label = label.replace("$", r"\$")
        axes.plot([month], [value], "o", color=OBSERVED, markersize=8, label=label, clip_on=False)
    tallest = max([1.0, *bands["q95"], *(value for _, value, _ in observed)])
    axes.set_ylim(0, 1.08 * tallest)
    axes.set_xlim(0, max(1, len(months) - 1))
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_major_locator().set_params(integer=True)
    axes.set_xlabel(f"months after the launch ({start})")
    axes.set_ylabel("trusts that have joined")
    figure.suptitle(title, x=0.02, ha="left", fontweight="bold", parse_math=False)
    subtitle = "\n".join(textwrap.wrap(subtitle, 110))
    axes.set_title(subtitle, loc="left", fontsize=9, color=GREY, pad=16, parse_math=False)
    axes.legend(loc="upper left", frameon=False)
    if events:
        _mark_events(axes, events, 1.08 * tallest)
    save(figure, path)


def who_joins(summary: dict[str, Any], path: Path) -> None:
    """Draw the share of each kind and size of trust that joins: mean, 50 and 90 % intervals."""
    figure, both = _new(8.0, 3.6, columns=2)
    for axes, key, title in zip(both, ("by_kind", "by_size"), ("by kind", "by size"), strict=True):
        groups = {g: c for g, c in summary[key].items() if c["approached"]["mean"] >= 0.5}
        labels, largest = [], 0.0
        for row, (name, counts) in enumerate(groups.items()):
            share = counts["share"]
            axes.plot([share["q05"], share["q95"]], [row, row], color=MODEL, alpha=0.35, lw=2)
            axes.plot([share["q25"], share["q75"]], [row, row], color=MODEL, alpha=0.6, lw=6)
            axes.plot([share["mean"]], [row], "o", color=MODEL)
            labels.append(f"{name.replace('_', ' ')} ({counts['approached']['mean']:.0f})")
            largest = max(largest, share["q95"], share["mean"])
        axes.set_yticks(range(len(groups)), labels, parse_math=False)
        axes.set_ylim(len(groups) - 0.5, -0.5)
        axes.set_xlim(0, 1.1 * largest or 1.0)
        axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
        axes.xaxis.get_major_locator().set_params(nbins=4)
        axes.set_title(f"Share that joins, {title}", loc="left", fontsize=10)
    figure.supxlabel(
        "dot: mean; thick: half of all runs; thin: 9 runs in 10; in brackets: trusts approached",
        fontsize=8, color=GREY,
    )  # fmt: skip
    save(figure, path)
