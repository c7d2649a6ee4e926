"""What the points of a sweep say, in words and in tables of words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uptake.analysis.comparison import level
from uptake.analysis.effects import NOT_MOVED
from uptake.config.schema import Observation, every, lever_meanings
from uptake.config.target import target_in
from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text.numbers import average, called, capital, difference
from uptake.report.text.observed import reads, row_of
from uptake.results.reading import exact_mean

if TYPE_CHECKING:
    from uptake.analysis.comparison import Cells
    from uptake.analysis.effects import AxisEffect
    from uptake.results.reading import SweepTables

EFFECT_COLUMNS = ("what is moved", "from", "to", "mean effect", "95 % of the mean", "90 % of pairs")
_MOST_EFFECTS_TOLD = 4
_PAST_ALL = 1e300  # no outcome is beyond
# Keys that change the question, where one value holds at every point.
_HELD = (
    "levers", "timeline", "without", "months", "fix", "scenario", "population", "structure",
    "parameters",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """What is compared, and along which axes."""

    sweep: SweepTables
    outcome: str
    x: str | None
    y: str | None

    @property
    def title(self) -> str:
        """Titles of the scenarios that were swept, and what is held at every point."""
        told = self.sweep.title
        held = [
            axis_name(key) + typed.lstrip("+").removeprefix(key)
            for typed in self.sweep.manifest["asked"]
            if (key := typed.lstrip("+").partition("=")[0]).partition(".")[0] in _HELD
            and key not in (*self.sweep.axes, "scenario")
        ]
        return f"{told}, with {', '.join(held)}" if held else told

    @property
    def label(self) -> str:
        """What is counted, in the word of the sector that was swept; of several, "bodies"."""
        parts = {part["scenario"] for part in self.sweep.manifest["parts"]}
        sector = self.sweep.manifest["configuration"]["scenario"]["sector"]
        several = sector.get("bodies") or f"{sector.get('body', 'trust')}s"
        return called(self.outcome, several if len(parts) == 1 else "bodies")

    def words(self, value: float) -> str:
        """A mean of the outcome for a reader."""
        return average(self.outcome, value)


def axis_name(key: str) -> str:
    """An axis for a reader: a lever or parameter by its name alone.

    >>> axis_name("levers.upfront_fee_gbp"), axis_name("parameters.priors.sovereignty.value")
    ('upfront_fee_gbp', 'sovereignty')
    """
    return key.removeprefix("levers.").removeprefix("parameters.priors.").removesuffix(".value")


def axis_label(key: str) -> str:
    """An axis for a reader, with the unit of a lever where that is a word or two."""
    name = axis_name(key)
    unit = lever_meanings()[name].unit if key.startswith("levers.") else ""
    return f"{name} ({unit})" if unit and len(unit) <= 24 and unit != "GBP" else name


def corner(comparison: Comparison) -> str:
    """Head of a table of cells: the axis that goes down, the axis that goes across."""
    across = axis_name(comparison.x or "")
    return f"{axis_name(comparison.y)} \\ {across}" if comparison.y else across


def pooled(found: Cells) -> str:
    """How many points share a cell, if they do."""
    return f" of up to {counted(found.points, 'point')} a cell" if found.points > 1 else ""


def effect_rows(comparison: Comparison, effects: list[AxisEffect]) -> list[list[str]]:
    """Effects for a reader, a row each."""

    def words(value: float) -> str:
        return difference(comparison.outcome, value)

    rows = []
    for effect in effects:
        low, high = effect.interval
        known = "one run: none" if math.isnan(low) else f"{words(low)} to {words(high)}"
        what = axis_name(effect.axis)
        what = f"{effect.scenario}: {what}" if effect.scenario else what
        is_chance = target_in(comparison.outcome) is not None  # of a pair it is none, or all
        most = "" if is_chance else f"{words(effect.q05)} to {words(effect.q95)}"
        rows.append([what, effect.low, effect.high, words(effect.mean), known, most])
    return rows


def sentences(
    comparison: Comparison, effects: list[AxisEffect], rows: list[list[str]]
) -> list[str]:
    """The sweep in words; no more than its tables hold."""
    manifest = comparison.sweep.manifest
    said = [_range_of(comparison), *_observed(comparison)]
    furthest = {(effect.scenario, effect.axis): i for i, effect in enumerate(effects)}
    for i in list(furthest.values())[:_MOST_EFFECTS_TOLD]:
        what, start, end, mean, known, _ = rows[i]
        how = "points otherwise alike" if effects[i].pairs else "a linear fit over the sample"
        sure = "one run, so no interval" if effects[i].runs == 1 else f"{known} at 95 %"
        said.append(f"{what} from {start} to {end}: {mean} ({sure}), by {how}.")
    if any(effect.pairs for effect in effects):
        said.append(
            "Such points share behaviour and random numbers run by run, so their difference is the "
            "axis's doing. The interval is of the mean over runs; the wider one holds 90 % of the "
            "differences, over runs and pairs of points."
        )
    elif effects:
        said.append(
            "A line is fitted for every run, as points share behaviour and random numbers run by "
            "run. The interval is of the mean slope over runs: it holds neither curvature and "
            "interaction of the axes nor the choice of points."
        )
    said += _untold(comparison, effects)
    said.append(f"Behaviour: {manifest['configuration']['parameters']['title']}.")
    return [*said, *_not_there(comparison)]


def _untold(comparison: Comparison, effects: list[AxisEffect]) -> list[str]:
    """Axes without an effect, and why."""
    sweep = comparison.sweep
    if not sweep.manifest["common_random_numbers"]:
        return ["Points do not share their random numbers here, so no effects are told."]
    told = {effect.axis for effect in effects}
    moved = [axis_name(axis) for axis in sweep.axes if axis not in told and axis not in NOT_MOVED]
    if not moved or sweep.manifest["points"] == 1:
        return []
    return [f"No effect can be told from these points: {', '.join(moved)}."]


def _not_there(comparison: Comparison) -> list[str]:
    """What is missing of a sweep: chunks that are not there yet, runs that failed."""
    sweep, said = comparison.sweep, []
    if sweep.missing:
        chunks = sweep.manifest["chunks"]
        said.append(
            f"{sweep.missing:,} of {chunks:,} chunks are not there yet: all this is of the others."
        )
    failed = sweep.query(
        "SELECT count(error), any_value(error ORDER BY point, run) FROM outcomes"
    ).fetchall()[0]
    if failed[0]:
        said.append(f"{counted(failed[0], 'run')} failed and are left out; the first: {failed[1]}")
    return said


def _range_of(comparison: Comparison) -> str:
    """The smallest and the largest mean over the points, and where they are."""
    sweep = comparison.sweep
    runs = sweep.manifest["runs"]
    column = sweep.outcome(comparison.outcome)
    low, high, at_low, at_high = sweep.query(
        f"SELECT min(m), max(m), arg_min(point, (m, point)), arg_max(point, (m, -point)) FROM "
        f"(SELECT point, {exact_mean(column)} AS m FROM outcomes GROUP BY point) "
        "WHERE m IS NOT NULL"
    ).fetchall()[0]
    points = sweep.points_there(comparison.outcome)
    over = f"over {counted(points, 'point')} of {counted(runs, 'run')}"
    if low is None:
        return f"Nothing is known of {comparison.label} {over}."
    least, most = comparison.words(low), comparison.words(high)
    if points == 1:
        return f"{capital(comparison.label)}, on average {over}: {least}."
    return (
        f"{capital(comparison.label)}, on average {over} each: {least} "
        f"({_settings(sweep, at_low)}) to {most} ({_settings(sweep, at_high)})."
    )


def _observed(comparison: Comparison) -> list[str]:
    """What was observed of the outcome at the end, if one scenario was swept, and where it lies."""
    sweep, name = comparison.sweep, comparison.outcome
    scenario = sweep.manifest["configuration"]["scenario"]
    alike = {(part["scenario"], part["months"]) for part in sweep.manifest["parts"]}
    points, said = sweep.points_there(name), []
    for one in every(scenario["observed"].get(name, [])):
        seen = Observation(**one)
        if seen.of or alike != {(scenario["name"], seen.month)} or not points:
            continue
        low, high = (min(max(end, -_PAST_ALL), _PAST_ALL) for end in seen.ends)
        held = sweep.query(
            f"SELECT count(*) FROM (SELECT quantile_cont({sweep.outcome(name)}, [0.05, 0.95]) AS q "
            f"FROM outcomes GROUP BY point) WHERE q[1] <= {high!r} AND q[2] >= {low!r}"
        ).fetchall()[0][0]
        where = f"at {held:,} of {points:,} points" if points > 1 else ("yes" if held else "no")
        said.append(
            f"Observed, as the scheme was: {reads(row_of(name, seen))} ({seen.source}); "
            f"within 90 % of runs: {where}."
        )
    return said


def _settings(sweep: SweepTables, point: int) -> str:
    """Levels of a point in words."""
    row = sweep.query(f"SELECT * EXCLUDE (point) FROM points WHERE point = {int(point)}")
    values = row.fetchall()[0]
    return ", ".join(
        f"{axis_name(axis)} {level(v)}" for axis, v in zip(sweep.axes, values, strict=True)
    )


def cell_table(comparison: Comparison, found: Cells) -> Any:
    """Cells as a table of the report."""

    def words(mean: float, low: float, high: float) -> str:
        if math.isnan(mean):
            return ""
        if found.is_chance:
            return comparison.words(mean)
        return f"{comparison.words(mean)} ({comparison.words(low)} to {comparison.words(high)})"

    body = [
        [name, *(words(*cell) for cell in zip(*cells, strict=True))]
        for name, *cells in zip(found.rows, found.mean, found.q05, found.q95, strict=True)
    ]
    sentence = f"Mean over the runs{pooled(found)}, and in brackets 90 % of runs."
    if found.is_chance:
        sentence = f"Share of the runs{pooled(found)}."
    return Table(capital(comparison.label), sentence, [corner(comparison), *found.columns], body)


def _finite(value: float) -> float | None:
    """A number, or None where JSON has none for it."""
    return float(value) if math.isfinite(value) else None


def summary_of(comparison: Comparison, effects: list[AxisEffect]) -> dict[str, Any]:
    """Content of ``summary.json``."""
    manifest = comparison.sweep.manifest
    return {
        "title": comparison.title,
        "outcome": comparison.outcome,
        "axes": comparison.sweep.axes,
        "points": manifest["points"],
        "runs": manifest["runs"],
        "seed": manifest["seed"],
        "missing_chunks": comparison.sweep.missing,
        "effects": [
            {
                "axis": effect.axis,
                "scenario": effect.scenario,
                "from": effect.low,
                "to": effect.high,
                "pairs_of_points": effect.pairs,
                "mean": effect.mean,
                "interval_95": [_finite(end) for end in effect.interval],
                "q05": effect.q05,
                "q95": effect.q95,
            }
            for effect in effects
        ],
    }
