"""What the points of a sweep say, in words and in tables of words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.configuration import lever_meanings
from sim.results.reading import exact_mean

if TYPE_CHECKING:
    from sim.results import SweepTables
    from sim.studies.comparison import AxisEffect, Cells

EFFECT_COLUMNS = ("what is moved", "from", "to", "mean effect", "95 % of the mean", "9 in 10")
_MOST_EFFECTS_TOLD = 4


@dataclass(frozen=True)
class Comparison:
    """What is compared, and along which axes."""

    sweep: SweepTables
    outcome: str
    x: str | None
    y: str | None

    @property
    def title(self) -> str:
        """Return the titles of the scenarios that were swept."""
        titles = dict.fromkeys(part["title"] for part in self.sweep.manifest["parts"])
        return "; ".join(titles) if len(titles) <= 2 else f"{len(titles)} scenarios"

    @property
    def label(self) -> str:
        """Return what is counted, for a reader."""
        from sim.answer import NAMES

        return NAMES.get(self.outcome, self.outcome.replace("_", " "))

    def words(self, value: float) -> str:
        """Return a mean of the outcome for a reader."""
        from sim.answer import average

        return average(self.outcome, value)


def counted(number: int, what: str) -> str:
    """Return a number of things.

    >>> counted(1, "point"), counted(10000, "run")
    ('1 point', '10,000 runs')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def axis_name(key: str) -> str:
    """Return an axis for a reader: a lever or parameter by its name alone.

    >>> axis_name("levers.upfront_fee_gbp"), axis_name("parameters.priors.sovereignty.value")
    ('upfront_fee_gbp', 'sovereignty')
    """
    return key.removeprefix("levers.").removeprefix("parameters.priors.").removesuffix(".value")


def axis_label(key: str) -> str:
    """Return an axis for a reader with the unit of a lever, where that is a word or two."""
    name = axis_name(key)
    unit = lever_meanings()[name].unit if key.startswith("levers.") else ""
    return f"{name} ({unit})" if unit and len(unit) <= 24 and unit != "GBP" else name


def corner(comparison: Comparison) -> str:
    """Return what heads a table of cells: what goes down, what goes across."""
    across = axis_name(comparison.x or "")
    return f"{axis_name(comparison.y)} \\ {across}" if comparison.y else across


def effect_rows(comparison: Comparison, effects: list[AxisEffect]) -> list[list[str]]:
    """Return the table of effects for a reader."""
    from sim.answer import difference

    def words(value: float) -> str:
        return difference(comparison.outcome, value)

    rows = []
    for effect in effects:
        low, high = effect.interval
        known = "one run: none" if math.isnan(low) else f"{words(low)} to {words(high)}"
        what = axis_name(effect.axis)
        what = f"{effect.scenario}: {what}" if effect.scenario else what
        most = f"{words(effect.q05)} to {words(effect.q95)}"
        rows.append([what, effect.low, effect.high, words(effect.mean), known, most])
    return rows


def sentences(
    comparison: Comparison, effects: list[AxisEffect], rows: list[list[str]]
) -> list[str]:
    """Return what the sweep says, in words; no more than its tables hold."""
    sweep, manifest = comparison.sweep, comparison.sweep.manifest
    said = [_range_of(comparison), *_observed(comparison)]
    furthest = {(effect.scenario, effect.axis): i for i, effect in enumerate(effects)}
    for i in list(furthest.values())[:_MOST_EFFECTS_TOLD]:
        what, start, end, mean, known, _ = rows[i]
        how = "points otherwise alike" if effects[i].pairs else "a linear fit over the sample"
        sure = "one run, so no interval" if manifest["runs"] == 1 else f"{known} at 95 %"
        said.append(f"{what} from {start} to {end}: {mean} ({sure}), by {how}.")
    if effects:
        said.append(
            "Points share behaviour and luck run by run, so a difference is the axis's doing; "
            "its interval is of the mean over runs, and 9 pairs in 10 show how runs differ."
        )
    parameters = manifest["configuration"]["parameters"]["title"]
    said.append(f"Behaviour: {parameters}.")
    if sweep.missing:
        said.append(f"{sweep.missing:,} of {manifest['chunks']:,} chunks are not there yet.")
    failed = sweep.query("SELECT count(error) FROM outcomes").fetchall()[0][0]
    if failed:
        said.append(f"{failed:,} runs failed and are left out; failures() lists them.")
    return said


def _range_of(comparison: Comparison) -> str:
    """Return between which means the points lie, and where."""
    sweep = comparison.sweep
    points, runs = (sweep.manifest[what] for what in ("points", "runs"))
    column = sweep.outcome(comparison.outcome)
    low, high, at_low, at_high = sweep.query(
        f"SELECT min(m), max(m), arg_min(point, (m, point)), arg_max(point, (m, -point)) FROM "
        f"(SELECT point, {exact_mean(column)} AS m FROM outcomes GROUP BY point)"
    ).fetchall()[0]
    over = f"over {counted(points, 'point')} of {counted(runs, 'run')}"
    if low is None:
        return f"Nothing is known of {comparison.label} {over}."
    least, most = comparison.words(low), comparison.words(high)
    if points == 1:
        return f"{comparison.label.capitalize()}, on average {over}: {least}."
    return (
        f"{comparison.label.capitalize()}, on average {over} each: {least} "
        f"({_settings(sweep, at_low)}) to {most} ({_settings(sweep, at_high)})."
    )


def _observed(comparison: Comparison) -> list[str]:
    """Return what was observed of the outcome, in the one scenario swept, and where it is held."""
    from sim.answer import amount

    sweep, name = comparison.sweep, comparison.outcome
    scenario = sweep.manifest["configuration"]["scenario"]
    seen, parts = scenario["observed"].get(name), sweep.manifest["parts"]
    alike = {(part["scenario"], part["months"]) for part in parts}
    if seen is None or alike != {(scenario["name"], seen["month"])}:
        return []
    held = sweep.query(
        f"SELECT count(*) FROM (SELECT quantile_cont({sweep.outcome(name)}, [0.05, 0.95]) AS q "
        f"FROM outcomes GROUP BY point) WHERE {float(seen['value'])!r} BETWEEN q[1] AND q[2]"
    ).fetchall()[0][0]
    points = sweep.manifest["points"]
    where = f"at {held:,} of {points:,} points" if points > 1 else ("yes" if held else "no")
    return [
        f"Observed, as the scheme was: {amount(name, seen['value'])} ({seen['source']}); "
        f"within 9 runs in 10: {where}."
    ]


def _settings(sweep: SweepTables, point: int) -> str:
    """Return the levels of a point in words."""
    from sim.studies.comparison import level

    row = sweep.query(f"SELECT * EXCLUDE (point) FROM points WHERE point = {int(point)}")
    values = row.fetchall()[0]
    return ", ".join(
        f"{axis_name(axis)} {level(v)}" for axis, v in zip(sweep.axes, values, strict=True)
    )


def cell_table(comparison: Comparison, found: Cells) -> Any:
    """Return the cells as a table of the report."""
    from sim import report

    def words(mean: float, low: float, high: float) -> str:
        if math.isnan(mean):
            return ""
        return f"{comparison.words(mean)} ({comparison.words(low)} to {comparison.words(high)})"

    body = [
        [name, *(words(*cell) for cell in zip(*cells, strict=True))]
        for name, *cells in zip(found.rows, found.mean, found.q05, found.q95, strict=True)
    ]
    sentence = "Mean over the runs, and in brackets 9 runs in 10."
    return report.Table(
        comparison.label.capitalize(), sentence, [corner(comparison), *found.columns], body
    )
