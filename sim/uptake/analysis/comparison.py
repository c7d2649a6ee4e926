"""What the points of a sweep say beside one another: cells of two axes, and telling curves."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uptake.config.target import target_in
from uptake.results.reading import SweepTables, exact_mean
from uptake.results.tables import quoted

BINS = 8  # of an axis with more numbers than:
MOST_LEVELS = 12
_MOST_LINES = 6


def level(value: Any) -> str:
    """Return a level of an axis for a reader; null is the scenario's own.

    >>> level(35000.0), level(0.25), level("regional_peers"), level(None)
    ('35,000', '0.25', 'regional_peers', 'as it was')
    """
    if value is None or value != value:
        return "as it was"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Cells:
    """An outcome over the levels of two axes: mean and 90 % of runs, over all points of a cell."""

    columns: list[str]
    rows: list[str]
    mean: NDArray[np.float64]  # (rows, columns); NaN where there is no point
    q05: NDArray[np.float64]
    q95: NDArray[np.float64]
    points: int  # the most that share a cell
    is_chance: bool = False  # each run is 1 or 0: the mean is all that there is


def _levels(sweep: SweepTables, axis: str) -> tuple[str, list[str]]:
    """Return the SQL that numbers the levels of an axis, or its bins, and their names."""
    own = quoted(axis)
    rows = sweep.query(f"SELECT DISTINCT {own} FROM points ORDER BY {own} NULLS FIRST")
    values = [value for (value,) in rows.fetchall()]
    known = [value for value in values if value is not None]
    if len(values) <= MOST_LEVELS or isinstance(known[0], str):
        order = "CASE " + " ".join(
            f"WHEN {own} IS NULL THEN {i}" if v is None else f"WHEN {own} = {_literal(v)} THEN {i}"
            for i, v in enumerate(values)
        )
        return f"{order} END", [level(value) for value in values]
    nulls, low = len(values) - len(known), float(known[0])
    width = (float(known[-1]) - low) / BINS
    number = f"least({BINS - 1}, floor(({own} - {low!r}) / {width!r}))::INTEGER"
    sql = f"CASE WHEN {own} IS NULL THEN 0 ELSE {nulls} + {number} END"
    ends = [level(float(f"{low + i * width:.3g}")) for i in range(BINS + 1)]
    bins = [f"{a} to {b}" for a, b in itertools.pairwise(ends)]
    return sql, [*([level(None)] * nulls), *bins]


def _literal(value: Any) -> str:
    """Return a level as SQL takes it."""
    return (
        repr(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
    )


def cells(sweep: SweepTables, outcome: str, x: str, y: str | None) -> Cells:
    """Return an outcome over the levels of two axes, or of one; over all points that share them."""
    column = sweep.outcome(outcome)
    x_sql, x_names = _levels(sweep, x)
    y_sql, y_names = _levels(sweep, y) if y is not None else ("0", [""])
    rows = sweep.query(
        f"SELECT {x_sql} AS x, {y_sql} AS y, {exact_mean(column)} AS mean, "
        f"quantile_cont({column}, [0.05, 0.95]) AS q, count(DISTINCT point) AS points "
        "FROM outcomes JOIN points USING (point) GROUP BY 1, 2"
    ).fetchall()
    mean, q05, q95 = np.full((3, len(y_names), len(x_names)), np.nan)
    most = 0
    for i, j, middle, ends, points in rows:
        if i is not None and j is not None and middle is not None:
            mean[j, i], (q05[j, i], q95[j, i]) = middle, ends
            most = max(most, points)
    return Cells(x_names, y_names, mean, q05, q95, most, target_in(outcome) is not None)


def evenly(values: Sequence[Any], most: int = _MOST_LINES) -> list[Any]:
    """Return so many values, or fewer, spread evenly over a list with both its ends.

    >>> evenly(["a", "b", "c", "d", "e"], 3)
    ['a', 'c', 'e']
    """
    if len(values) <= most:
        return list(values)
    return [values[round(i * (len(values) - 1) / (most - 1))] for i in range(most)]


def lines(sweep: SweepTables, x: str, y: str | None) -> dict[str, dict[str, int]]:
    """Return the points whose curves tell the story: by level of ``y``, then by level of ``x``.

    All other axes are at their first level. A sample has no such points: nothing is returned.
    """
    if sweep.is_sample:
        return {}
    held = [axis for axis in sweep.axes if axis not in (x, y)]
    first = " AND ".join(
        f"{quoted(a)} IS NOT DISTINCT FROM (SELECT {quoted(a)} FROM points ORDER BY point LIMIT 1)"
        for a in held
    )
    down = quoted(y) if y is not None else "NULL"
    rows = sweep.query(
        f"SELECT {quoted(x)}, {down}, point FROM points WHERE {first or 'TRUE'} ORDER BY point"
    ).fetchall()
    found: dict[str, dict[str, int]] = {}
    for across, panel, point in rows:
        found.setdefault("" if y is None else level(panel), {}).setdefault(level(across), point)
    return {
        panel: {across: found[panel][across] for across in evenly(list(found[panel]))}
        for panel in evenly(list(found))
    }
