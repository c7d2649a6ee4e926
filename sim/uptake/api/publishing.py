"""A scheme in one HTML file, from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from uptake.analysis.response import ranges_of, response
from uptake.config.case import Case
from uptake.config.ranges import LeverRange
from uptake.config.validation import changed
from uptake.report import published
from uptake.report.answer import answered
from uptake.report.progress import growing
from uptake.results.folders import named_folder, output_folder


def write(case: Case, ranges: Sequence[LeverRange], command: str, folder: Path) -> list[str]:
    """Compute what runs come to as levers move, and write the file; return what is said of it.

    Parameters
    ----------
    case
        The scheme; ``publish`` in its configuration says how finely.
    ranges
        Of the levers that move.
    command
        What makes it again.
    folder
        Where the file goes; it is there.
    """
    asked = case.config.publish
    answer = answered(case)
    with growing("points computed") as advance:
        found = response(answer.runs, ranges, asked.within, asked.points, advance)
    return published.write(answer, found, command, folder)


def publish(
    case: Case,
    command: str,
    folder: str | Path,
    levers: Sequence[str],
    ranges: Mapping[str, Sequence[float]],
    points: int | None,
    within: float | None,
) -> Path:
    """Write the file of a scheme into an empty folder, and return the file."""
    named = list(dict.fromkeys([*levers, *ranges]))
    asked: dict[str, Any] = {"levers": named, "ranges": {n: list(e) for n, e in ranges.items()}}
    usual = case.config.publish
    asked |= {"points": usual.points if points is None else points}
    asked |= {"within": usual.within if within is None else within}
    case = replace(case, config=changed(case.config, publish=asked))
    ranges_asked = ranges_of(case)  # refused, before a folder is made
    made = output_folder(str(named_folder(folder)), "publish")
    write(case, ranges_asked, command, made)
    return made / published.FILE
