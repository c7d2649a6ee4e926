"""What every figure shares: colours, size, saving. Never runs the model.

Colours are those of Okabe and Ito (2008), told apart by the colour-blind; what was observed is
always orange, what the model says is always blue.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

from uptake.files import whole_file
from uptake.report.text.numbers import shares_of, tick, unit_of

MODEL = "#0072B2"
OBSERVED = "#D55E00"
GREY = "#595959"
_DPI = 150

Drawing = TypeVar("Drawing", bound=Callable[..., Any])


# Told apart by the colour-blind, and by their dashes in grey.
LINES = (
    ("#009E73", "--"), ("#CC79A7", "-."), ("#E69F00", ":"), ("#56B4E9", (0, (5, 1))),
    ("#000000", (0, (1, 1))), ("#7F7F7F", (0, (3, 1, 1, 1))),
)  # fmt: skip


def look() -> Any:
    """Return the settings under which figures are drawn; a user's own stay as they are."""
    import matplotlib

    return matplotlib.rc_context(
        {
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "figure.autolayout": False,
            "figure.constrained_layout.use": False,
            "svg.hashsalt": "uptake",
        }
    )


def styled(draw: Drawing) -> Drawing:
    """Have a function draw in the look of all figures."""

    @wraps(draw)
    def drawn(*arguments: Any, **named: Any) -> Any:
        with look():
            return draw(*arguments, **named)

    return cast(Drawing, drawn)


def new(width: float, height: float, columns: int = 1, rows: int = 1) -> tuple[Any, Any]:
    """Return a figure and its axes, drawn without a screen."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns)


@styled
def save(figure: Any, path: Path) -> None:
    """Save a figure as PNG and SVG, each whole or not at all; it is laid out once for both."""
    figure.set_dpi(_DPI)  # at another, letters have other widths, and labels would be cut
    figure.draw_without_rendering()
    figure.set_layout_engine(None)  # "none" would lay it out again before every file
    for suffix in ("png", "svg"):
        target = path.with_name(f"{path.name}.{suffix}")
        with whole_file(target) as temporary:
            metadata = {"Date": None} if suffix == "svg" else {"Software": None}
            figure.savefig(temporary, format=suffix, dpi=_DPI, metadata=metadata)


def draw_bands(axes: Any, bands: dict[str, list[float]], runs: int) -> None:
    """Draw the 50 and 90 % bands of a curve over so many runs, and its median."""
    months = range(len(bands["median"]))
    half, most = shares_of(runs)
    axes.fill_between(
        months, bands["q05"], bands["q95"], color=MODEL, alpha=0.18, linewidth=0, label=most
    )
    axes.fill_between(
        months, bands["q25"], bands["q75"], color=MODEL, alpha=0.35, linewidth=0, label=half
    )
    axes.plot(months, bands["median"], color=MODEL, linewidth=2, label="median run")


def draw_base(axes: Any, bands: dict[str, list[float]], than: str, runs: int) -> None:
    """Draw what a curve is compared with: its median and its 90 % band, by lines alone."""
    months = range(len(bands["median"]))
    label = f"{than}: median run and {shares_of(runs)[1]}"
    axes.plot(months, bands["median"], color=GREY, linewidth=1.5, linestyle="--", label=label)
    for end in ("q05", "q95"):
        axes.plot(months, bands[end], color=GREY, linewidth=0.9, linestyle=":")


def scale(axes: Any, outcome: str, ends: tuple[float, float], months: int, bins: int = 9) -> None:
    """Scale the axes of a curve: money and shares read as such, and counts and months are whole."""
    axes.set_ylim(*ends)
    axes.set_xlim(0, max(1, months))
    axes.xaxis.get_major_locator().set_params(integer=True, nbins=bins)
    is_count = unit_of(outcome) == ""
    axes.yaxis.get_major_locator().set_params(integer=is_count, nbins=bins, steps=[1, 2, 5, 10])
    if not is_count:
        top = max(map(abs, ends))
        axes.yaxis.set_major_formatter(lambda value, _: tick(outcome, value, top))
