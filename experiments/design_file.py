"""Points of a sweep from a CSV file: a row a point, a column a key. Bad rows are named."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from experiments.axes import (
    Group,
    allowed_numbers,
    is_numbered,
    refuse_value,
)
from experiments.composition import Question
from experiments.overrides import GROUPS, Choice
from sim.configuration import Run
from sim.designs import Listed
from sim.errors import InputError, one_of, refusal

_CHOICES = ("scenario", "structure", "months", "seed", "population.approached")
_BAD_ROWS_TOLD = 10
MOST_ROWS = 1_000_000


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file that hold anything, each with the number of its last line."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            for count, row in enumerate(reader):
                if count > MOST_ROWS:
                    raise InputError(f"sweep.file={path}: at most {MOST_ROWS:,} rows are read")
                if any(map(str.strip, row)):
                    yield reader.line_num, [cell.strip() for cell in row]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        said = problem.strerror if isinstance(problem, OSError) else problem
        raise InputError(f"sweep.file={path}: {said}: a CSV file in UTF-8 is needed") from None


def _check_header(path: Path, header: list[str], asked: Question) -> None:
    """Refuse a column that is no key, that stands twice, or that the command line gives too."""
    typed = {override.split("=")[0].lstrip("+") for override in asked.overrides}
    known = ["levers.NAME", "parameters.priors.NAME.value", *_CHOICES]
    for i, name in enumerate(header):
        where = f"{path}: column {name!r:.80}"
        if not is_numbered(name) and name not in _CHOICES:
            hint = "commas are needed between cells; " if ";" in name else ""
            raise InputError(f"{where}: {hint}allowed is one of {', '.join(known)}")
        if name in header[:i]:
            raise InputError(f"{where}: stands twice")
        if name in typed:
            raise InputError(f"{where}: given on the command line too")


def points_of_file(path: Path, config: Run, asked: Question) -> list[Group]:
    """Return the points of a CSV file: a row a point, a column a key, blank: as it was."""
    (_, header), *rows = [*_rows(path)] or [(1, [])]
    _check_header(path, header, asked)
    if not rows:
        raise InputError(f"sweep.file={path}: a header and at least one row are needed")
    numbered = [name for name in header if is_numbered(name)]
    allowed = {name: allowed_numbers(config, name) for name in numbered}
    values, found, problems = np.full((len(rows), len(numbered)), np.nan), [], []
    places = [f"{path}, row {number}: " for number, _ in rows]
    for at, (_, row) in enumerate(rows):
        choices: dict[str, Choice] = {}
        try:
            if len(row) != len(header):
                raise InputError(f"{len(row)} cells, where the header has {len(header)}")
            for name, cell in zip(header, row, strict=True):
                if name in allowed:
                    values[at, numbered.index(name)] = _number(name, cell, allowed[name])
                else:
                    choices[name] = _choice(name, cell, asked)
        except InputError as problem:
            problems.append(f"{places[at]}{problem}")
        found.append(choices)
    if problems:
        more = len(problems) - _BAD_ROWS_TOLD
        told = [*problems[:_BAD_ROWS_TOLD], *([f"and {more} more rows"] if more > 0 else [])]
        raise InputError("\n".join(told))
    members: dict[tuple[Choice, ...], list[int]] = {}  # in the order in which they first stand
    for at, choices in enumerate(found):
        members.setdefault(tuple(choices.values()), []).append(at)
    return [
        Group(found[at[0]], Listed(tuple(numbered), values[at]), places[at[0]])
        for at in members.values()
    ]


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
    if not cell:
        raise InputError(f"{key}=: a value is needed")
    if key in GROUPS:
        return Choice(f"{key}={one_of(key, cell, asked.choices(key))}", cell)
    if not re.fullmatch(r"[0-9]{1,19}", cell):
        raise InputError(refusal(key, f"{cell:.40}", "a whole number is needed"))
    return Choice(f"{key}={int(cell)}", int(cell))
