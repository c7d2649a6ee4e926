"""Figures of a result, on axes of matplotlib."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from uptake.errors import one_of
from uptake.report import figures
from uptake.report.answer import adoption, observed, of_scheme
from uptake.report.figures.style import GREY, MODEL, look
from uptake.report.text.numbers import amount, called
from uptake.results.summary import summarise

if TYPE_CHECKING:
    from uptake.api.result import Result


class Plot:
    """Draws a result: each method takes axes, or makes some, and returns them."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def __repr__(self) -> str:
        """Return what can be drawn."""
        return f"Plot of {self._result.title}: adoption(), who_joins(), outcome(NAME)"

    def adoption(self, curve: str | None = None, ax: Any = None) -> Any:
        """Draw a curve: median, 50 and 90 % of runs, what was observed.

        ``curve`` is the one that tells the scenario's story, if left out.
        """
        axes, drawn = _axes(ax), adoption(self._result.answer, curve)
        with look():
            figures.draw_adoption(axes, drawn)
            _title(axes, drawn.title)
            if ax is None:
                figures.legend_below(axes.figure)
            else:
                axes.legend(loc="best", fontsize=8, framealpha=0.85, edgecolor="none")
        return axes

    def who_joins(self, by: str = "kind", ax: Any = None) -> Any:
        """Draw the share of each kind of trust that joins, or of each size (``by="size"``)."""
        key = f"by_{one_of('by', by, ('kind', 'size'))}"
        axes = _axes(ax)
        with look():
            figures.draw_shares(axes, summarise(self._result)[key])
            _title(axes, f"Share that joins: {self._result.title}")
        return axes

    def outcome(self, name: str = "joined", ax: Any = None) -> Any:
        """Draw how an outcome is spread over the runs, and what was last observed of it."""
        values, axes = self._result[name], _axes(ax)
        axes.hist(values, bins=_bins(values), color=MODEL, alpha=0.5)
        axes.axvline(values.mean(), color=MODEL, label=f"mean {amount(name, values.mean())}")
        case, seen = self._result.case, observed(self._result.case, name)
        if seen:
            last = max(seen, key=lambda one: one.month)
            when = "" if last.month == case.months else f" in month {last.month}"
            label = f"observed{of_scheme(case)}{when}: {last.label}"
            figures.draw_across(axes, last, label)
        axes.set_xlabel(called(name, self._result.case.bodies))
        axes.set_ylabel("runs")
        axes.legend(frameon=False)
        _title(axes, self._result.title)
        return axes


def _bins(values: Any) -> Any:
    """Return the edges of bars: of counts, each bar holds as many whole numbers."""
    if values.dtype.kind != "i":
        return "auto"
    width = max(1, -(-int(values.max() - values.min() + 1) // 30))
    return np.arange(values.min() - 0.5, values.max() + width + 0.5, width)


def _axes(ax: Any) -> Any:
    """Return axes to draw on: those given, or new ones that a notebook shows."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    axes = pyplot.subplots(figsize=(8.0, 4.5), layout="constrained")[1]
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _title(axes: Any, title: str) -> None:
    """Write the question above the axes, wrapped."""
    axes.set_title(textwrap.fill(title, 80), loc="left", fontsize=10, color=GREY, parse_math=False)
