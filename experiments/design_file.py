"""Points of a sweep from a CSV file: a row a point, a column a key. Bad rows are named."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import numpy as np

from experiments.axes import (
    GROUPS,
    Choice,
    Group,
    allowed_numbers,
    grouped,
    is_numbered,
    refuse_value,
)
from experiments.composition import Question
from sim.configuration import Run
from sim.designs import MOST_POINTS
from sim.errors import InputError, one_of, refusal, within

_CHOICES = ("scenario", "structure", "months", "seed", "population.approached")
_BAD_ROWS_TOLD = 10


def points_of_file(path: Path, config: Run, asked: Question) -> list[Group]:
    """Return the points of a CSV file: a row a point, a column a key, blank: as it was."""
    problems: list[str] = []
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            header, *lines = list(csv.reader(file, strict=True)) or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        said = problem.strerror if isinstance(problem, OSError) else problem
        raise InputError(f"sweep.file={path}: {said}: a CSV file in UTF-8 is needed") from None
    header = [name.strip() for name in header]
    rows = [(number, row) for number, row in enumerate(lines, start=2) if any(map(str.strip, row))]
    within("points", len(rows), 1, MOST_POINTS, f"rows of {path}, after a header")
    if len(set(header)) < len(header):
        raise InputError(f"{path}: a column stands twice")
    for name in header:
        if not is_numbered(name) and name not in _CHOICES:
            known = ["levers.NAME", "parameters.priors.NAME.value", *_CHOICES]
            raise InputError(f"{path}: column {name!r:.80}: allowed is one of {', '.join(known)}")
        if name in {typed.split("=")[0] for typed in asked.overrides}:
            raise InputError(f"{path}: column {name}: given on the command line too")
    numbered = [name for name in header if is_numbered(name)]
    allowed = {name: allowed_numbers(config, name) for name in numbered}
    values = np.full((len(rows), len(numbered)), np.nan)
    found: list[dict[str, Choice]] = []
    for at, (number, row) in enumerate(rows):
        choices: dict[str, Choice] = {}
        try:
            if len(row) != len(header):
                raise InputError(f"{len(row)} cells, where the header has {len(header)}")
            for name, cell in zip(header, map(str.strip, row), strict=True):
                if name in allowed:
                    values[at, numbered.index(name)] = _number(name, cell, allowed[name])
                elif cell:
                    choices[name] = _choice(name, cell, asked)
                else:
                    raise InputError(f"{name}=: a value is needed")
        except InputError as problem:
            problems.append(f"{path}, row {number}: {problem}")
        found.append(choices)
    if problems:
        more = len(problems) - _BAD_ROWS_TOLD
        told = [*problems[:_BAD_ROWS_TOLD], *([f"and {more} more rows"] if more > 0 else [])]
        raise InputError("\n".join(told))
    return grouped(found, tuple(numbered), values)


def _number(key: str, cell: str, allowed: tuple[float, float, bool, str]) -> float:
    """Return the number in a cell, or NaN for a blank one."""
    if not cell:
        return math.nan
    try:
        value = math.nan if "_" in cell else float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(refusal(key, f"{cell:.40}", "a number is needed"))
    refuse_value(key, value, allowed)
    return value


def _choice(key: str, cell: str, asked: Question) -> Choice:
    """Return the choice in a cell: one of a group, or a whole number."""
    if key in GROUPS:
        return Choice(f"{key}={one_of(key, cell, asked.choices(key))}", cell)
    if not re.fullmatch(r"[0-9]{1,19}", cell):
        raise InputError(refusal(key, f"{cell:.40}", "a whole number is needed"))
    return Choice(f"{key}={int(cell)}", float(int(cell)))
