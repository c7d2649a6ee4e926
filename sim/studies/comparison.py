"""What the points of a sweep say beside one another: effects of axes, in pairs; cells; curves.

Where the design holds pairs of points that differ on one axis alone, an effect is the difference
between them, run by run, since both share behaviour and luck. In a sample no two points do: there
it is the slope of a linear fit, again run by run.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.reading import SweepTables, exact_mean
from sim.results.tables import quoted

BINS = 8  # of an axis with more than as many levels
MOST_LEVELS = 12
_MOST_LINES = 6
_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class AxisEffect:
    """What it does to an outcome to move one axis and leave the others as they are."""

    axis: str
    scenario: str  # where several are swept
    low: str  # from this level
    high: str  # to this one
    pairs: int  # of points; 0: a linear fit over a sample
    runs: int
    mean: float
    standard_error: float  # over runs, which are the independent units; NaN with one run
    q05: float  # of pairs of runs; of runs' slopes in a linear fit
    q95: float

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of the mean."""
        half = _NORMAL_95 * self.standard_error
        return self.mean - half, self.mean + half


def level(value: Any) -> str:
    """Return a level of an axis for a reader; null is the scenario's own.

    >>> level(35000.0), level(0.25), level("regional_peers"), level(None)
    ('35,000', '0.25', 'regional_peers', 'as it was')
    """
    if value is None or value != value:
        return "as it was"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _own_scenarios(sweep: SweepTables) -> list[tuple[str, str]]:
    """Return a name and an SQL condition for every scenario of a sweep, in their order."""
    if "scenario" not in sweep.axes:
        return [("", "TRUE")]
    rows = sweep.query("SELECT scenario FROM points GROUP BY scenario ORDER BY min(point)")
    return [(str(n), "scenario = '" + str(n).replace("'", "''") + "'") for (n,) in rows.fetchall()]


def axis_effects(sweep: SweepTables, outcome: str) -> list[AxisEffect]:
    """Return the effect of every axis on an outcome, level by level, for each scenario apart."""
    column, found = sweep.outcome(outcome), []
    for scenario, where in _own_scenarios(sweep):
        axes = [axis for axis in sweep.axes if axis != "scenario"]
        paired = [
            effect
            for axis in axes
            if sweep.manifest["design"] not in ("lhs", "sobol")
            for effect in _paired(sweep, column, axis, scenario, where)
        ]
        found += paired or _fitted(sweep, column, axes, scenario, where)
    return found


def _paired(
    sweep: SweepTables, column: str, axis: str, scenario: str, where: str
) -> list[AxisEffect]:
    """Return what moving an axis from its first level does, between points otherwise alike."""
    own = quoted(axis)
    others = [quoted(other) for other in sweep.axes if other != axis]
    alike = " AND ".join([f"p.{o} IS NOT DISTINCT FROM b.{o}" for o in others] or ["TRUE"])
    first = f"(SELECT {own} FROM points WHERE {where} ORDER BY point LIMIT 1)"
    sweep.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE pairs AS SELECT p.point, b.point AS base, p.{own} AS level "
        f"FROM (SELECT * FROM points WHERE {where}) p JOIN (SELECT * FROM points WHERE {where} "
        f"AND {own} IS NOT DISTINCT FROM {first}) b ON {alike} "
        f"WHERE p.{own} IS DISTINCT FROM b.{own}"
    )
    rows = sweep.query(
        "SELECT level, count(*), min(point) FROM pairs GROUP BY level ORDER BY min(point)"
    ).fetchall()
    base = sweep.query(f"SELECT {first}").fetchall()[0][0]
    found = []
    for moved_to, pairs, _ in rows if len(rows) <= MOST_LEVELS else [rows[-1]]:
        said = _differences(sweep, column, moved_to)
        if said is not None:
            found.append(AxisEffect(axis, scenario, level(base), level(moved_to), pairs, *said))
    return found


def _differences(
    sweep: SweepTables, column: str, moved_to: Any
) -> tuple[int, float, float, float, float] | None:
    """Return runs, mean, standard error, 5 and 95 % points of the differences to a level."""
    difference = f"(a.{column} - b.{column})"
    joined = (
        "FROM pairs JOIN outcomes a ON a.point = pairs.point JOIN outcomes b "
        "ON b.point = pairs.base AND b.run = a.run "
        f"WHERE pairs.level IS NOT DISTINCT FROM $level AND {difference} IS NOT NULL"
    )
    by_run = sweep.query(
        f"SELECT {exact_mean(difference)} AS mean {joined} GROUP BY a.run ORDER BY a.run",
        level=moved_to,
    ).fetchnumpy()["mean"]
    if not len(by_run):
        return None
    ((low, high),) = sweep.query(
        f"SELECT quantile_cont({difference}, [0.05, 0.95]) {joined}", level=moved_to
    ).fetchall()[0]
    return len(by_run), float(by_run.mean()), _standard_error(by_run), float(low), float(high)


def _standard_error(by_run: NDArray[np.float64]) -> float:
    """Return the standard error of a mean over runs; NaN for one run, which says nothing of it."""
    return float(by_run.std(ddof=1) / np.sqrt(len(by_run))) if len(by_run) > 1 else float("nan")


def _fitted(
    sweep: SweepTables, column: str, axes: Sequence[str], scenario: str, where: str
) -> list[AxisEffect]:
    """Return what moving each axis of a sample from end to end does, by a linear fit a run.

    Points of which a run failed, or where an axis is as it was, are left out; a constant is fitted
    for every combination of the axes that are no numbers.
    """
    table = sweep.query(
        f"SELECT * FROM points WHERE {where} AND point NOT IN "
        f"(SELECT point FROM outcomes WHERE {column} IS NULL) ORDER BY point"
    ).fetchnumpy()
    numbers = [axis for axis in axes if np.issubdtype(table[axis].dtype, np.number)]
    columns = [np.ma.filled(table[axis], np.nan) for axis in numbers]
    values = np.array(columns, np.float64).reshape(len(numbers), len(table["point"]))
    whole = ~np.isnan(values).any(axis=0)
    values, points = values[:, whole], table["point"][whole]
    spread = np.ptp(values, axis=1) if values.size else np.zeros(len(numbers))
    if (
        not len(points)
        or not numbers
        or not (spread > 0.0).all()
        or not sweep.manifest["common_random_numbers"]
    ):
        return []
    names = [axis for axis in axes if axis not in numbers]
    combinations = [[str(table[name][whole][i]) for name in names] for i in range(len(points))]
    levels = np.unique(["\n".join(row) for row in combinations], return_inverse=True)[1]
    constants = np.eye(levels.max() + 1)[levels]
    scaled = ((values.T - values.min(axis=1)) / spread, constants)
    design = np.concatenate(scaled, axis=1)
    if len(points) <= design.shape[1]:
        return []
    sweep.connection.register("fitted", _one_column("point", points))
    outcomes = sweep.query(
        f"SELECT {column}::DOUBLE AS value FROM outcomes WHERE point IN (SELECT point FROM fitted) "
        "ORDER BY point, run"
    ).fetchnumpy()["value"]
    if len(outcomes) % len(points):  # as some chunks are not there yet
        return []
    slopes = np.linalg.lstsq(design, outcomes.reshape(len(points), -1), rcond=None)[0]
    found = []
    for axis, slope, low, high in zip(numbers, slopes, values.min(1), values.max(1), strict=False):
        q05, q95 = np.quantile(slope, [0.05, 0.95])
        start, end = (level(float(f"{value:.3g}")) for value in (low, high))
        said = (float(slope.mean()), _standard_error(slope), float(q05), float(q95))
        found.append(AxisEffect(axis, scenario, start, end, 0, len(slope), *said))
    return found


def _one_column(name: str, values: NDArray[Any]) -> Any:
    """Return an Arrow table of one column."""
    import pyarrow as pa

    return pa.table({name: values})


@dataclass(frozen=True)
class Cells:
    """An outcome over the levels of two axes: mean and 9 runs in 10, over all points of a cell."""

    columns: list[str]
    rows: list[str]
    mean: NDArray[np.float64]  # (rows, columns); NaN where there is no point
    q05: NDArray[np.float64]
    q95: NDArray[np.float64]
    points: int  # the most that share a cell


def _levels(sweep: SweepTables, axis: str) -> tuple[str, list[str]]:
    """Return the SQL that numbers the levels of an axis, or its bins, and their names."""
    own = quoted(axis)
    rows = sweep.query(f"SELECT DISTINCT {own} FROM points ORDER BY {own} NULLS FIRST")
    values = [value for (value,) in rows.fetchall()]
    if len(values) <= MOST_LEVELS or isinstance(values[-1], str):
        values = values[:MOST_LEVELS]
        order = "CASE " + " ".join(
            f"WHEN {own} IS NULL THEN {i}" if v is None else f"WHEN {own} = {_literal(v)} THEN {i}"
            for i, v in enumerate(values)
        )
        return f"{order} END", [level(value) for value in values]
    low, high = (float(v) for v in (next(v for v in values if v is not None), values[-1]))
    width = (high - low) / BINS
    sql = f"least({BINS - 1}, floor(({own} - {low!r}) / {width!r}))::INTEGER"
    ends = [level(float(f"{low + i * width:.3g}")) for i in range(BINS + 1)]
    return sql, [f"{a} to {b}" for a, b in itertools.pairwise(ends)]


def _literal(value: Any) -> str:
    """Return a level as SQL takes it."""
    return repr(value) if isinstance(value, float) else "'" + str(value).replace("'", "''") + "'"


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
    return Cells(x_names, y_names, mean, q05, q95, most)


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
    if len(found) * 2 > len(rows) > 1:
        return {}
    return {
        panel: {across: found[panel][across] for across in evenly(list(found[panel]))}
        for panel in evenly(list(found))
    }
