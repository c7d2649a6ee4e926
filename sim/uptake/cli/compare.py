"""uptake compare: what the points of a sweep say beside one another."""

import math
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import duckdb

from uptake.analysis import comparison as study
from uptake.analysis.effects import AxisEffect, axis_effects
from uptake.cli import terminal
from uptake.cli.options import Options, settings
from uptake.config.target import target_in
from uptake.errors import InputError, Stopped, counted, first_line, one_of, shortened
from uptake.files import write_json
from uptake.model.observation import CURVES
from uptake.report import figures, html
from uptake.report.tables import Table
from uptake.report.text.comparison import (
    EFFECT_COLUMNS,
    Comparison,
    axis_label,
    axis_name,
    cell_table,
    corner,
    effect_rows,
    pooled,
    sentences,
    summary_of,
)
from uptake.report.text.numbers import NAMES, difference
from uptake.results.export import MOST_EXCEL_CELLS, write_csv, write_excel
from uptake.results.folders import beside_sweep, output_folder
from uptake.results.provenance import read_provenance
from uptake.results.reading import MEMORY, SweepTables, open_sweep
from uptake.results.runs import QUANTILES
from uptake.results.tables import quoted

ALWAYS = (
    "looked", "joined", "interested", "declined", "served", "aligned", "left",
    "provider_loss_gbp", "trusts_cost_gbp", "centre_cost_gbp", "realised_saving_gbp",
    "price_saving_gbp", "net_present_value_gbp",
)  # fmt: skip
WRITTEN = [
    *(f"{name}.{kind}" for name in ("heat_map", "effects", "curves") for kind in ("png", "svg")),
    "points.csv", "comparison.xlsx", "summary.json", "report.html",
]  # fmt: skip
_POINTS_AT_ONCE = 50_000  # or fewer, of so many runs:
_RUNS_AT_ONCE = 10_000_000
_COLUMNS_AN_OUTCOME = 6
_WIDEST_IN_TERMINAL = 50


def _levels(sweep: SweepTables, axis: str) -> int:
    """Return the number of levels of an axis, "as it was" among them."""
    own = quoted(axis)
    asked = f"SELECT count(DISTINCT {own}) + max(({own} IS NULL)::INTEGER) FROM points"
    return int(sweep.query(asked).fetchall()[0][0])


def _chosen(sweep: SweepTables, asked: dict[str, str]) -> Comparison:
    """Return what is to be compared: what was asked for, or what tells the sweep's story."""
    told = str(sweep.manifest["parts"][0]["shows"])
    known = sweep.query("SELECT * FROM outcomes LIMIT 0").columns
    outcome = asked.get("outcome", told if told in known else "joined")
    sweep.outcome(outcome)
    levels = {axis: _levels(sweep, axis) for axis in sweep.axes}
    composed = list(sweep.manifest["parts"][0]["choices"])  # after levers and parameters
    moving = sorted((axis for axis in sweep.axes if levels[axis] > 1), key=composed.__contains__)
    moving.sort(key="scenario".__eq__)
    for name in ("x", "y"):
        if name in asked:
            one_of(name, asked[name], sweep.axes)
            moving = [axis for axis in moving if axis != asked[name]]
    x = asked.get("x") or (moving.pop(0) if moving else None)
    y = asked.get("y") or (moving.pop(0) if moving else None)
    if levels.get("scenario", 1) > 1 and "scenario" not in (x, y):
        if "x" in asked and "y" in asked:
            raise InputError(f"y={y}: scenarios are not mixed: x=scenario or y=scenario is needed")
        x, y = (x, "scenario") if "x" in asked or "y" not in asked else ("scenario", y)
    if x == y and x is not None:
        raise InputError(f"y={y}: another axis than x is needed")
    return Comparison(sweep, outcome, x, y)


@terminal.doing("Drawing the heat map")
def _draw_cells(comparison: Comparison, found: study.Cells, folder: Path) -> None:
    """Draw the heat map."""
    manifest, (x, y) = comparison.sweep.manifest, (comparison.x, comparison.y)
    figures.heat_map(
        found,
        axis_label(str(x)),
        axis_label(y) if y else "",
        f"{comparison.title}: {comparison.label}",
        f"{'share of' if found.is_chance else 'mean over'} {counted(manifest['runs'], 'run')}"
        f"{pooled(found)}{'' if found.is_chance else '; small: 90 % of runs'}",
        comparison.words,
        folder / "heat_map",
    )


@terminal.doing("Drawing the curves")
def _draw_curves(comparison: Comparison, folder: Path) -> bool:
    """Draw the curves of the points that tell the story, if there are any."""
    if comparison.x is None:
        return False
    sweep = comparison.sweep
    target = target_in(comparison.outcome)
    wanted = target.outcome if target else comparison.outcome
    curve = wanted if wanted in CURVES else "joined"
    chosen = study.lines(sweep, comparison.x, comparison.y)
    numbers = [point for lines in chosen.values() for point in lines.values()]
    if not numbers:
        return False
    found = sweep.bands(curve, numbers).fetchnumpy()
    bands = {
        int(point): {name: found[name][found["point"] == point].tolist() for name in QUANTILES}
        for point in set(found["point"])
    }
    panels = {
        f"{axis_name(comparison.y)} = {panel}" if comparison.y else "": {
            across: bands[point] for across, point in lines.items() if point in bands
        }
        for panel, lines in chosen.items()
    }
    panels = {panel: lines for panel, lines in panels.items() if lines}
    if panels:
        title = f"{comparison.title}: {NAMES[curve]} month by month"
        figures.curves_by_point(
            panels, curve, NAMES[curve], axis_label(comparison.x), title, folder / "curves"
        )
    return bool(panels)


@terminal.doing("Writing the tables")
def _export(
    comparison: Comparison, effects: list[list[str]], said: list[str], folder: Path
) -> None:
    """Write the points and the effects as CSV and Excel."""
    sweep = comparison.sweep
    outcomes, count = dict.fromkeys([comparison.outcome, *ALWAYS]), sweep.manifest["points"]
    at_once = max(1, min(_POINTS_AT_ONCE, _RUNS_AT_ONCE // sweep.manifest["runs"]))
    with terminal.progress("points", count) as advance:

        def stretches() -> Iterator[Any]:
            for first in range(0, count, at_once):
                last = min(count, first + at_once)
                yield sweep.summary_table(*outcomes, points=range(first, last))
                advance(last - first)

        write_csv(stretches(), folder / "points.csv")
    sheets: dict[str, Any] = {"effects": (EFFECT_COLUMNS, effects)}
    if count * len(outcomes) * _COLUMNS_AN_OUTCOME <= MOST_EXCEL_CELLS:
        points = sweep.summary_table(*outcomes)
        rows = zip(*(column.to_pylist() for column in points.columns), strict=True)
        sheets = {"points": (points.column_names, rows), **sheets}
    else:
        said = [*said, "The points are too many for a sheet: they are in points.csv."]
    sheets["about"] = (("about",), [[sentence] for sentence in said])
    write_excel(sheets, folder / "comparison.xlsx")


def _show(comparison: Comparison, found: study.Cells | None, rows: list[list[str]]) -> None:
    """Print cells and effects."""
    if found is not None and sum(map(len, found.columns)) <= _WIDEST_IN_TERMINAL:
        body = [
            [name, *("" if math.isnan(mean) else comparison.words(mean) for mean in means)]
            for name, means in zip(found.rows, found.mean, strict=True)
        ]
        columns = [corner(comparison), *found.columns]
        terminal.show_rows(f"{comparison.label}, mean", columns, body)
    if rows:
        terminal.show_rows(f"effect on {comparison.label}", EFFECT_COLUMNS, rows)


def answer(source: Path, **asked: str) -> Path:
    """Draw and tabulate a sweep, and return the folder where everything is."""
    memory = asked.get("memory", MEMORY)
    if not re.fullmatch(r"[1-9][0-9]{0,5}(MB|GB)", memory):
        raise InputError(f"memory={shortened(memory)}: a number of MB or GB is needed, such as 2GB")
    try:
        with terminal.doing(f"Comparing the points of {source}"):
            return _answer(source, asked, memory)
    except duckdb.OutOfMemoryException:
        raise Stopped(
            f"{source}: to compare it takes more memory than {memory}; nothing of it is lost: "
            f"uptake compare {source} memory=4GB"
        ) from None
    except duckdb.Error as problem:
        raise Stopped(f"{source}: cannot be compared: {first_line(problem)}") from None


def _answer(source: Path, asked: dict[str, str], memory: str) -> Path:
    """Draw and tabulate a sweep within so much memory."""
    sweep = open_sweep(source, memory)
    comparison, provenance = _chosen(sweep, asked), read_provenance(source)
    out = asked.get("out", str(source))
    is_beside = Path(out).resolve() == source.resolve()
    folder = source if is_beside else output_folder(out, "compare")
    draws = one_of("figures", asked.get("figures", "true"), ("true", "false")) == "true"
    with beside_sweep(folder, WRITTEN) if is_beside else nullcontext(False) as was_there:
        _write(comparison, provenance, folder, draws)
    if was_there:
        terminal.say(f"It stands in place of the comparison that was in {folder} before.")
    terminal.say(f"Everything is in {folder}: open report.html there.")
    if not sweep.points_there(comparison.outcome):
        raise Stopped("all runs failed")
    return folder


def _draw_effects(
    comparison: Comparison, effects: list[AxisEffect], rows: list[list[str]], folder: Path
) -> None:
    """Draw the effect of every axis."""
    is_chance = target_in(comparison.outcome) is not None  # of a pair it is none, or all
    drawn = [
        (
            f"{row[0]}: {row[1]} to {row[2]}",
            e.mean,
            e.interval,
            (e.mean, e.mean) if is_chance else (e.q05, e.q95),
        )
        for row, e in zip(rows, effects, strict=True)
    ]
    pairs = "slopes of runs" if comparison.sweep.is_sample else "differences between runs"
    figures.axis_effects(
        drawn,
        f"{comparison.title}: effect on {comparison.label}",
        "dot: mean; thick: its 95 % interval"
        + ("" if is_chance else f"; thin: 90 % of the {pairs}"),
        lambda value: difference(comparison.outcome, value),
        folder / "effects",
    )


def _write(comparison: Comparison, provenance: dict[str, Any], folder: Path, draws: bool) -> None:
    """Write all that is said of a comparison into a folder, and show it."""
    sweep = comparison.sweep
    effects = axis_effects(sweep, comparison.outcome)
    rows = effect_rows(comparison, effects)
    said = sentences(comparison, effects, rows)
    drawn: dict[str, str] = {}
    found = None
    if comparison.x is not None:
        found = study.cells(sweep, comparison.outcome, comparison.x, comparison.y)
        if found.points and draws:
            _draw_cells(comparison, found, folder)
            drawn["heat_map.svg"] = "The outcome over the levels of two axes; the tables hold it."
    if effects and draws:
        _draw_effects(comparison, effects, rows, folder)
        drawn["effects.svg"] = "Effect of every axis, with intervals; the table holds the numbers."
    if draws and _draw_curves(comparison, folder):
        drawn["curves.svg"] = "Curves of points, a panel a level of one axis."
    _export(comparison, rows, said, folder)
    write_json(folder / "summary.json", summary_of(comparison, effects))
    title = f"{comparison.title}: {comparison.label} over a sweep"
    tables = [Table("Effects", "", EFFECT_COLUMNS, rows)] if rows else []
    if found is not None and found.points:
        tables.insert(0, cell_table(comparison, found))
    html.write_study(title, said, drawn, tables, provenance, folder)
    _show(comparison, found, rows)
    terminal.say(*said)


def main(arguments: list[str]) -> None:
    """Compare the points of a sweep."""
    parser = Options("compare", "What the points of a sweep say beside one another.")
    what = "the folder of a sweep (uptake run -m)"
    parser.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, help=what)
    parser.add_argument("settings", nargs="*", metavar="key=value")
    options = parser.parsed(arguments)
    if options.folder is None:
        raise InputError(f"uptake compare FOLDER: {what} is needed")
    answer(options.folder, **settings("compare", options.settings))
