"""What the axes of a sweep do: in pairs of points, or by a linear fit over a sample.

Where the design holds pairs of points that differ on one axis alone, an effect is the difference
between them, run by run, since both share behaviour and random numbers. In a sample no two points
do: there it is the slope of a linear fit, again run by run. Runs are the independent units of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.comparison import level
from uptake.results.reading import SweepTables, exact_mean
from uptake.results.tables import quoted

MOST_LEVELS = 12  # of an axis of which all effects are told; of more, that of the last level

# Points of different scenarios count different things; those of different seeds share no draws.
NOT_MOVED = ("scenario", "seed")


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
    standard_error: float  # over runs; NaN with one run
    q05: float  # over runs and pairs of points; in a linear fit, of the runs' slopes
    q95: float

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of the mean over runs, by Student's t."""
        from scipy.special import stdtrit

        half = (
            float(stdtrit(self.runs - 1, 0.975)) * self.standard_error if self.runs > 1 else np.nan
        )
        return self.mean - half, self.mean + half


def _own_scenarios(sweep: SweepTables) -> list[tuple[str, str]]:
    """Return a name and an SQL condition for every scenario of a sweep, in their order."""
    if "scenario" not in sweep.axes:
        return [("", "TRUE")]
    rows = sweep.query("SELECT scenario FROM points GROUP BY scenario ORDER BY min(point)")
    return [(str(n), "scenario = '" + str(n).replace("'", "''") + "'") for (n,) in rows.fetchall()]


def axis_effects(sweep: SweepTables, outcome: str) -> list[AxisEffect]:
    """Return the effect of every axis on an outcome, level by level, for each scenario apart."""
    column, found = sweep.outcome(outcome), []
    if not sweep.manifest["common_random_numbers"]:
        return []
    axes = [axis for axis in sweep.axes if axis not in NOT_MOVED]
    for scenario, where in _own_scenarios(sweep):
        paired = [
            effect
            for axis in axes
            if not sweep.is_sample
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
    rows = sweep.query("SELECT level FROM pairs GROUP BY level ORDER BY min(point)").fetchall()
    base = sweep.query(f"SELECT {first}").fetchall()[0][0]
    found = []
    for (moved_to,) in rows if len(rows) <= MOST_LEVELS else rows[-1:]:
        said = _differences(sweep, column, moved_to)
        if said is not None:
            found.append(AxisEffect(axis, scenario, level(base), level(moved_to), *said))
    return found


def _differences(
    sweep: SweepTables, column: str, moved_to: Any
) -> tuple[int, int, float, float, float, float] | None:
    """Return pairs, runs, mean, standard error, 5 and 95 % points of differences to a level."""
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
    pairs, (low, high) = sweep.query(
        f"SELECT count(DISTINCT pairs.point), quantile_cont({difference}, [0.05, 0.95]) {joined}",
        level=moved_to,
    ).fetchall()[0]
    mean, error = float(by_run.mean()), _standard_error(by_run)
    return pairs, len(by_run), mean, error, float(low), float(high)


def _standard_error(by_run: NDArray[np.float64]) -> float:
    """Return the standard error of a mean over runs; NaN for one run, which says nothing of it."""
    return float(by_run.std(ddof=1) / np.sqrt(len(by_run))) if len(by_run) > 1 else float("nan")


def _fitted(
    sweep: SweepTables, column: str, axes: Sequence[str], scenario: str, where: str
) -> list[AxisEffect]:
    """Return what moving each axis of a sample from end to end does, by a linear fit a run.

    Left out are points of which a run failed or is not there yet, and those where an axis is as it
    was. A constant is fitted for every combination of the axes that are no numbers. Nothing is
    returned where axes move together, so that their effects cannot be told apart.
    """
    done = (
        f"SELECT point FROM outcomes GROUP BY point HAVING count({column}) = "
        f"{int(sweep.manifest['runs'])}"
    )
    table = sweep.query(f"SELECT * FROM points WHERE {where} AND point IN ({done}) ORDER BY point")
    columns = table.fetchnumpy()
    numbers = [axis for axis in axes if np.issubdtype(columns[axis].dtype, np.number)]
    values = [np.ma.filled(columns[axis].astype(np.float64), np.nan) for axis in numbers]
    laid_out = np.array(values).reshape(len(numbers), len(columns["point"]))
    whole = ~np.isnan(laid_out).any(axis=0)
    laid_out, points = laid_out[:, whole], columns["point"][whole]
    if not len(points) or not numbers:
        return []
    low, high = laid_out.min(axis=1), laid_out.max(axis=1)
    names = [axis for axis in sweep.axes if axis not in numbers]
    kinds = ["\n".join(str(columns[name][whole][i]) for name in names) for i in range(len(points))]
    levels = np.unique(kinds, return_inverse=True)[1]
    scaled = (laid_out.T - low) / np.where(high > low, high - low, 1.0)
    design = np.concatenate([scaled, levels[:, None] == np.arange(levels.max() + 1)], axis=1)
    if len(points) <= design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        return []
    outcomes = sweep.query(
        f"SELECT {column}::DOUBLE AS value FROM outcomes JOIN "
        f"(SELECT unnest($points) AS point) USING (point) ORDER BY point, run",
        points=points.tolist(),
    ).fetchnumpy()["value"]
    slopes = np.linalg.lstsq(design, outcomes.reshape(len(points), -1), rcond=None)[0]
    found = []
    for axis, slope, start, end in zip(numbers, slopes, low, high, strict=False):
        q05, q95 = np.quantile(slope, [0.05, 0.95])
        ends = [level(float(f"{value:.3g}")) for value in (start, end)]
        said = (float(slope.mean()), _standard_error(slope), float(q05), float(q95))
        found.append(AxisEffect(axis, scenario, ends[0], ends[1], 0, len(slope), *said))
    return found
