"""Points of a sweep from a CSV file: a row a point, a column a key. Bad rows are named."""

from __future__ import annotations

import csv
import io
import math
import re
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from uptake.config.axes import Group, allowed_numbers, is_numbered
from uptake.config.compose import Question
from uptake.config.overrides import GROUPS, Choice, as_typed
from uptake.config.schema import Run, Within
from uptake.engine.designs import Floats, Listed
from uptake.errors import InputError, one_of, shortened, wrong
from uptake.files import opened

_CHOICES = ("scenario", "structure", "months", "seed", "population.approached")
_BAD_ROWS_TOLD = 10
_TWICE_TOLD = 3
MOST_ROWS = 1_000_000
_MOST_BYTES = 200_000_000
_EMPTY = 'an empty line; for "as the scenario has it" write ""'


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file, each with the number of its last line; empty lines as well."""
    try:
        with opened(path, _MOST_BYTES, "sweep.file") as raw:
            reader = csv.reader(io.TextIOWrapper(raw, "utf-8-sig", newline=""), strict=True)
            for count, row in enumerate(reader):
                if count > MOST_ROWS:
                    raise InputError(f"sweep.file={path}: at most {MOST_ROWS:,} rows are read")
                yield reader.line_num, [cell.strip() for cell in row]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        said = problem.strerror if isinstance(problem, OSError) else problem
        raise wrong("sweep.file", path, f"{said}: a CSV file in UTF-8 is needed") from None


def _check_header(path: Path, header: list[str], asked: Question) -> None:
    """Refuse a column that is no key, that stands twice, or that the command line gives too."""
    typed = {override.split("=")[0].lstrip("+") for override in asked.overrides}
    known = ["levers.NAME", "parameters.priors.NAME.value", *_CHOICES]
    for i, name in enumerate(header):
        where = f"{path}: column {shortened(name)!r}"
        if not is_numbered(name) and name not in _CHOICES:
            hint = "commas are needed between cells; " if ";" in name else ""
            raise InputError(f"{where}: {hint}allowed is one of {', '.join(known)}")
        if name in header[:i]:
            raise InputError(f"{where}: stands twice")
        if name in typed:
            raise InputError(f"{where}: given on the command line too")


def points_of_file(path: Path, config: Run, asked: Question) -> list[Group]:
    """Return the points of a CSV file: a row a point, a column a key, blank: as it was.

    A point that stands in several rows is one point, and that is said.
    """
    rows = _rows(path)
    header = next((row for _, row in rows if row), [])
    _check_header(path, header, asked)
    allowed = {name: allowed_numbers(config, name) for name in header if is_numbered(name)}
    # By what is chosen, in the order in which it first stands: numbers, and the row of each.
    found: dict[tuple[Choice, ...], dict[bytes, int]] = {}
    problems, twice, empty = [], [], 0
    for number, row in rows:
        if not row or (row == [""] and len(header) > 1):
            empty = empty or number
            continue
        try:
            if empty and len(header) == 1:  # of one column, a blank cell is an empty line
                number, empty = empty, 0
                raise InputError(_EMPTY)
            choices, numbers = _point(header, row, allowed, asked)
        except InputError as problem:
            problems.append(f"{path}, row {number}: {problem}")
            continue
        first = found.setdefault(choices, {}).setdefault(numbers.tobytes(), number)
        if first != number:
            twice.append(f"row {number} is row {first}")
    if problems:
        raise InputError("\n".join(_some(problems, _BAD_ROWS_TOLD, "rows")))
    if not found:
        raise InputError(f"sweep.file={path}: a header and at least one row are needed")
    note = ""
    if twice:
        told = "; ".join(_some(twice, _TWICE_TOLD, "such rows"))
        note = f"{path}: a point that stands in several rows is run once: {told}."
    names = [name for name in header if name not in allowed]
    return [
        Group(
            dict(zip(names, choices, strict=True)),
            Listed(tuple(allowed), _table(points, len(allowed))),
            f"{path}, row {min(points.values())}: ",
            note,
        )
        for choices, points in found.items()
    ]


def _some(told: list[str], most: int, what: str) -> list[str]:
    """Return the first of what is to be told, and how many more there are."""
    more = len(told) - most
    return [*told[:most], *([f"and {more:,} more {what}"] if more > 0 else [])]


def _table(points: Iterable[bytes], columns: int) -> Floats:
    """Return the numbers of points, shape (points, columns)."""
    rows = [np.frombuffer(numbers) for numbers in points]
    return np.array(rows, np.float64).reshape(len(rows), columns)


def _point(
    header: list[str],
    row: list[str],
    allowed: dict[str, Within],
    asked: Question,
) -> tuple[tuple[Choice, ...], array[float]]:
    """Return what a row chooses, and its numbers (NaN: as it was), or refuse it."""
    if len(row) != len(header):
        raise InputError(f"{len(row)} cells, where the header has {len(header)}")
    choices, numbers = [], array("d")
    for name, cell in zip(header, row, strict=True):
        if name in allowed:
            numbers.append(_number(name, cell, allowed[name]))
        else:
            choices.append(_choice(name, cell, asked))
    return tuple(choices), numbers


def _number(key: str, cell: str, allowed: Within) -> float:
    """Return the number in a cell, or NaN for a blank one."""
    if not cell:
        return math.nan
    try:
        value = math.nan if "_" in cell else float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise wrong(key, shortened(cell, 40), "a number is needed")
    return allowed.checked(key, value) + 0.0  # -0.0 is 0.0


def _choice(key: str, cell: str, asked: Question) -> Choice:
    """Return the choice in a cell: one of a group, or a whole number."""
    if not cell:
        raise InputError(f"{key}=: a value is needed")
    if key in GROUPS:
        name = one_of(key, cell, asked.choices(key))
        return Choice(f"{key}={as_typed(name)}", name)
    if not re.fullmatch(r"[0-9]{1,19}", cell):
        raise wrong(key, shortened(cell, 40), "a whole number is needed")
    return Choice(f"{key}={int(cell)}", int(cell))
