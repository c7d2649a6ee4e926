"""What was observed, in figures: a dot, with a bar for the error of its reading, or a bound."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from uptake.report.figures.style import OBSERVED

_ARROW = 26  # points, from a bound to where the outcome may lie
WIDEST = 56  # characters of a line of the legend, which has two columns


class Seen(NamedTuple):
    """A number or bound that was observed, as it is drawn: one end of a bound may be open."""

    month: int
    low: float
    high: float
    error: float  # one standard deviation of both ends
    label: str = ""  # how it reads
    source: str = ""

    @property
    def drawn(self) -> tuple[float, float]:
        """Return the least and the most that is drawn, without the arrow of an open end."""
        low = self.high if math.isinf(self.low) else self.low
        high = self.low if math.isinf(self.high) else self.high
        return low - self.error, high + self.error

    @property
    def is_number(self) -> bool:
        """Tell whether it is a number, and no bound."""
        return self.low == self.high


def seen_of(row: Mapping[str, Any], label: str = "", whole: float = 1.0) -> Seen:
    """What was observed, of an entry of ``observed`` in ``summary.json``; of a whole, if a share.

    >>> row = {"month": 7, "value": 0.5, "bound": None, "to": None, "error": 0.1, "source": "x"}
    >>> seen_of(row, "half", 60.0)
    Seen(month=7, low=30.0, high=30.0, error=6.0, label='half', source='x')
    """
    value, bound = whole * float(row["value"]), row["bound"]
    low = -math.inf if bound == "at_most" else value
    high = whole * row["to"] if bound == "between" else math.inf if bound == "at_least" else value
    return Seen(row["month"], low, high, whole * row["error"], label, row["source"])


def legend(every: Sequence[Seen], what: str = "observed") -> str:
    """What is said of all that was observed: of one what it is, of several their sources."""
    if len(every) == 1:
        return f"{what}: {every[0].label} ({every[0].source})"
    sources = "; ".join(dict.fromkeys(seen.source for seen in every))
    return f"{what} at {len(every)} dates ({sources})" if every else ""


def draw_observed(axes: Any, every: Sequence[Seen], label: str, size: float = 8) -> None:
    """Draw what was observed by month, each on its own; the legend has ``label`` once."""
    wrapped = "\n".join(textwrap.wrap(label.replace("$", r"\$"), WIDEST))
    for i, seen in enumerate(every):
        low, high = seen.drawn
        marker = "o-" if seen.is_number else "_-"
        ends = [one for one in {seen.low: 0, seen.high: 0} if not math.isinf(one)]
        at, one = [seen.month] * len(ends), {"color": OBSERVED, "clip_on": False, "zorder": 5}
        if seen.error:
            axes.errorbar(at, ends, yerr=seen.error, fmt="none", capsize=3.5, lw=1.2, **one)
        axes.plot(
            at, ends, marker, markersize=size, markeredgewidth=1 if seen.is_number else 2.5,
            linewidth=2.5 if len(ends) > 1 else 0, label=wrapped if i == 0 else None, **one,
        )  # fmt: skip
        for end, start, way in ((seen.high, high, _ARROW), (seen.low, low, -_ARROW)):
            if math.isinf(end):
                _arrow(axes, (seen.month, start), (0, way))


def draw_across(axes: Any, seen: Seen, label: str, rows: tuple[float, float] | None = None) -> None:
    """Draw what was observed across a panel whose outcome goes to the right, or some rows of it."""
    low, high = seen.drawn
    if high > low:
        if rows:
            axes.fill_betweenx(rows, low, high, color=OBSERVED, alpha=0.2, linewidth=0)
        else:
            axes.axvspan(low, high, color=OBSERVED, alpha=0.2, linewidth=0)
    for end in {seen.low: 0, seen.high: 0}:
        if not math.isinf(end) and rows:
            axes.plot([end, end], rows, color=OBSERVED, linewidth=2, label=label)
        elif not math.isinf(end):
            axes.axvline(end, color=OBSERVED, linewidth=2, label=label)
    for end, start, way in ((seen.high, high, _ARROW), (seen.low, low, -_ARROW)):
        if math.isinf(end):
            _arrow(axes, (start, 0 if rows is None else sum(rows) / 2), (way, 0))


def _arrow(axes: Any, start: tuple[float, float], way: tuple[float, float]) -> None:
    """Draw an arrow from a bound to where the outcome may lie, so many points long."""
    axes.annotate(
        "", start, way, xycoords="data", textcoords="offset points", annotation_clip=False,
        zorder=5, arrowprops={"arrowstyle": "<-", "color": OBSERVED, "linewidth": 1.6},
    )  # fmt: skip
