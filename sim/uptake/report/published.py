"""A scheme in one HTML file: levers that move, and what runs come to, interpolated between points.

The file holds a grid of computed points as whole numbers of two bytes, a little of the range of
each column. It asks no address, and its texts reach the page as texts.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.response import FUNNEL, MONEY, Response
from uptake.config.ranges import LeverRange
from uptake.errors import InputError
from uptake.files import write_json, write_text
from uptake.report import html
from uptake.report.answer import Answer, counted_on, events, observed
from uptake.report.brief import sources
from uptake.report.text import published as words
from uptake.report.text.numbers import called, shares_of, unit_of
from uptake.report.text.question import levers_of, none_from, title, unit_beside
from uptake.results.provenance import provenance

FILE = "scheme.html"
MOST_BYTES = 5_000_000
_LEVELS = 65_535  # of a column
_STEPS = 200  # of a slider
_FUNNEL = {
    "looked": "looked at it",
    "decided": "ended a business case",
    "joined": "joined",
    "served": "are served",
    "left": "left",
}


def _step(one: LeverRange) -> float:
    """Return by how much a slider moves: a round number, a two-hundredth of its range at most."""
    if one.whole:
        return 1.0
    rough = (one.high - one.low) / _STEPS
    power = 10.0 ** np.floor(np.log10(rough))
    return float(max(by * power for by in (1.0, 2.0, 5.0) if by * power <= rough * 1.0001))


def _levers(found: Response) -> list[dict[str, Any]]:
    """Return what the page says of each lever."""
    case, said = found.reading.case, []
    for one, axis in zip(found.ranges, found.grid.axes, strict=True):
        meaning, none = levers_of(case)[one.name], none_from(one.name)
        said.append(
            {
                "name": one.name,
                "short": re.split("[;,]", meaning.meaning)[0],
                "meaning": meaning.meaning,
                "unit": unit_beside(meaning.unit),
                "low": one.low,
                "high": one.high,
                "start": one.was,
                "step": _step(one),
                "levels": list(axis.levels),
                "aside": axis.aside,
                "said": words.course_of(case, one),
                "none": none if np.isfinite(none) else None,
                "note": words.note(case, one),
            }
        )
    return said


def _is_any(found: Response, name: str) -> bool:
    """Tell whether an outcome is anything but nil at any point."""
    rows = found.grid.values.reshape(found.grid.points, -1)
    return bool(found.reading.part(rows, name).any())


def _in_bytes(values: NDArray[np.float64]) -> tuple[str, list[float], list[float]]:
    """Return a table as text, two bytes a number, with the base and step of each column."""
    table = values.reshape(-1, values.shape[-1])
    base, top = table.min(axis=0), table.max(axis=0)
    step = np.where(top > base, (top - base) / _LEVELS, 1.0)
    whole = np.round((table - base) / step).astype("<u2")
    return base64.b64encode(whole.tobytes()).decode(), base.tolist(), step.tolist()


def _content(
    answer: Answer, found: Response, base: list[float], step: list[float]
) -> dict[str, Any]:
    """Return all that the page shows but the grid."""
    case, reading = answer.case, found.reading
    shown, runs, target = reading.shown, len(answer.runs), answer.case.target
    offers = case.episode.offers
    kinds = {"GBP": "gbp", "%": "share", "": "count"}
    return {
        "start": case.config.scenario.start,
        "months": reading.months,
        "kind": kinds[unit_of(shown)],
        "verb": " join" if shown == "joined" else f" {called(shown, case.bodies)}",
        "label": counted_on(case, shown),
        "heading": f"{called(shown, case.bodies)}: mean ({shares_of(runs)[1]})",
        "than": words.start(case),
        "most": shares_of(runs)[1],
        "levers": _levers(found),
        "places": reading.places,
        "was": reading.row(reading.was).tolist(),
        "base": base,
        "step": step,
        "target": None
        if target is None
        else {
            "number": target.number,
            "drawn": target.outcome == shown,
            "said": called(target.name, case.bodies),
        },
        "knowsOutlay": bool(
            (offers.invested_gbp + offers.committed_gbp + offers.fixed_cost_gbp).any()
        ),
        "money": [[name, called(name, case.bodies)] for name in MONEY if _is_any(found, name)],
        "approached": float(answer.runs["approached"].mean()),
        "funnel": [_FUNNEL[name] for name in FUNNEL],
        "funnelHeading": f"How far the {case.bodies} come, on average",
        "observed": [
            {
                "month": one.month,
                "low": one.low if np.isfinite(one.low) else None,
                "high": one.high if np.isfinite(one.high) else None,
                "label": one.label,
            }
            for one in observed(case, shown)
        ],
        "legend": words.legend(case, [label for _, label in events(case)]),
    }


def write(answer: Answer, found: Response, command: str, folder: Path) -> list[str]:
    """Write the file, what it says and where it is from into a folder; return the sentences.

    Parameters
    ----------
    answer
        To the question as asked.
    found
        What runs come to as its levers move.
    command
        What makes it again.
    folder
        It is there.

    Raises
    ------
    InputError
        The file would be larger than it may be.
    """
    case = answer.case
    said = words.trust(case, answer.summary, found)
    grid, base, step = _in_bytes(found.grid.values)
    made = provenance(case)
    page = html.rendered(
        "published.html",
        title=title(case),
        lead=words.lead(case),
        trust=said,
        coarse=words.coarse(found),
        sentences=answer.sentences,
        sources=sources(case),
        version=made["version"],
        command=command,
        content=_content(answer, found, base, step),
        grid=grid,
    )
    if len(page.encode()) > MOST_BYTES:
        told = f"the file would have {len(page) / 1e6:.1f} MB, and may have {MOST_BYTES / 1e6:g}"
        raise InputError(f"publish.points={found.grid.points}: {told}; ask for fewer")
    write_text(folder / FILE, page)
    write_json(folder / "summary.json", answer.summary | {"publish": words.told(found)})
    write_json(folder / "provenance.json", made)
    return [*filter(None, [words.coarse(found)]), *said]
