"""uptake compare: what the points of a sweep say beside one another."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import terminal
from experiments.compare_words import (
    EFFECT_COLUMNS,
    Comparison,
    axis_label,
    axis_name,
    cell_table,
    corner,
    effect_rows,
    sentences,
)
from sim.errors import InputError, one_of

if TYPE_CHECKING:
    from sim.results import SweepTables
    from sim.studies.comparison import AxisEffect, Cells

KEYS = {
    "outcome": "what is compared, such as joined or net_present_value_gbp",
    "x": "the axis of the heat map that goes across",
    "y": "the axis that goes up; the curves have a panel each",
    "out": "another folder for what is drawn and tabulated",
}
ALWAYS = (
    "joined", "interested", "declined", "live", "left", "provider_loss_gbp", "trusts_cost_gbp",
    "centre_cost_gbp", "realised_saving_gbp", "net_present_value_gbp",
)  # fmt: skip
_POINTS_AT_ONCE = 50_000
_WIDEST_IN_TERMINAL = 50


def _chosen(sweep: SweepTables, asked: dict[str, str]) -> Comparison:
    """Return what is to be compared: what was asked for, or what tells the sweep's story."""
    shown = str(sweep.manifest["parts"][0]["shows"])
    known = sweep.query("SELECT * FROM outcomes LIMIT 0").columns
    outcome = asked.get("outcome", shown if shown in known else "joined")
    sweep.outcome(outcome)
    levels = {
        axis: sweep.query(f'SELECT count(DISTINCT "{axis}") + count(*) FILTER ("{axis}" IS NULL) '
                          "FROM points").fetchall()[0][0]
        for axis in sweep.axes
    }  # fmt: skip
    composed = list(sweep.manifest["parts"][0]["choices"])  # after levers and parameters
    moving = sorted((axis for axis in sweep.axes if levels[axis] > 1), key=composed.__contains__)
    moving.sort(key="scenario".__eq__)
    for name in ("x", "y"):
        if name in asked:
            one_of(name, asked[name], sweep.axes)
            moving = [axis for axis in moving if axis != asked[name]]
    x = asked.get("x") or (moving.pop(0) if moving else None)
    y = asked.get("y") or (moving.pop(0) if moving else None)
    if x == y and x is not None:
        raise InputError(f"y={y}: another axis than x is needed")
    return Comparison(sweep, outcome, x, y)


def _draw_cells(comparison: Comparison, found: Cells, folder: Path) -> None:
    """Draw the heat map."""
    from sim import figures

    manifest, (x, y) = comparison.sweep.manifest, (comparison.x, comparison.y)
    pooled = f" of up to {found.points} points a cell" if found.points > 1 else ""
    figures.heat_map(
        found,
        axis_label(str(x)),
        axis_label(y) if y else "",
        f"{comparison.title}: {comparison.label}",
        f"mean over {manifest['runs']:,} runs{pooled}; small: 9 runs in 10",
        comparison.words,
        folder / "heat_map",
    )


def _draw_curves(comparison: Comparison, folder: Path) -> bool:
    """Draw the curves of the points that tell the story, if there are any."""
    from sim import figures
    from sim.answer import NAMES
    from sim.observation import CURVES
    from sim.results import QUANTILES
    from sim.studies import comparison as study

    if comparison.x is None:
        return False
    sweep = comparison.sweep
    curve = comparison.outcome if comparison.outcome in CURVES else "joined"
    chosen = study.lines(sweep, comparison.x, comparison.y)
    numbers = [point for lines in chosen.values() for point in lines.values()]
    if not numbers:
        return False
    bands: dict[int, dict[str, list[float]]] = {}
    for row in sweep.bands(curve, numbers).fetchall():
        of_point = bands.setdefault(row[0], {name: [] for name in QUANTILES})
        for name, value in zip(QUANTILES, row[2:], strict=True):
            of_point[name].append(value)
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
            panels, NAMES[curve], axis_label(comparison.x), title, folder / "curves"
        )
    return bool(panels)


def _export(
    comparison: Comparison, effects: list[list[str]], said: list[str], folder: Path
) -> None:
    """Write the points and the effects as CSV and Excel."""
    from sim.results.export import MOST_EXCEL_CELLS, write_csv, write_excel

    sweep = comparison.sweep
    outcomes, count = dict.fromkeys([comparison.outcome, *ALWAYS]), sweep.manifest["points"]
    points = sweep.summary_table(*outcomes, points=range(min(count, _POINTS_AT_ONCE)))
    with terminal.progress("points", count) as advance:

        def stretches() -> Iterator[Any]:
            for first in range(0, count, _POINTS_AT_ONCE):
                last = min(count, first + _POINTS_AT_ONCE)
                yield sweep.summary_table(*outcomes, points=range(first, last))
                advance(last - first)

        write_csv(stretches(), folder / "points.csv")
    sheets: dict[str, Any] = {"effects": (EFFECT_COLUMNS, effects)}
    if count * points.num_columns <= MOST_EXCEL_CELLS:
        rows = zip(*(column.to_pylist() for column in points.columns), strict=True)
        sheets = {"points": (points.column_names, rows), **sheets}
    else:
        said = [*said, "The points are too many for a sheet: they are in points.csv."]
    sheets["about"] = (("about",), [[sentence] for sentence in said])
    write_excel(sheets, folder / "comparison.xlsx")


def _finite(value: float) -> float | None:
    """Return a number, or None where JSON has none for it."""
    return float(value) if math.isfinite(value) else None


def _summary(comparison: Comparison, effects: list[AxisEffect]) -> dict[str, Any]:
    """Return what ``summary.json`` holds."""
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


def _show(comparison: Comparison, found: Cells | None, rows: list[list[str]]) -> None:
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
    from experiments.run import output_folder
    from sim import figures, report, results
    from sim.answer import difference
    from sim.studies import comparison as study

    sweep = results.open_sweep(source)
    sweep.refuse_damaged()
    comparison = _chosen(sweep, asked)
    folder = output_folder(asked.get("out", str(source)), "compare")
    effects = study.axis_effects(sweep, comparison.outcome)
    rows = effect_rows(comparison, effects)
    said = sentences(comparison, effects, rows)
    shown: dict[str, str] = {}
    found = None
    if comparison.x is not None:
        found = study.cells(sweep, comparison.outcome, comparison.x, comparison.y)
        if found.points:
            _draw_cells(comparison, found, folder)
            shown["heat_map.svg"] = "The outcome over the levels of two axes; the tables hold it."
    if effects:
        drawn = [
            (f"{row[0]}: {row[1]} to {row[2]}", e.mean, e.interval, (e.q05, e.q95))
            for row, e in zip(rows, effects, strict=True)
        ]
        figures.axis_effects(
            drawn,
            f"{comparison.title}: effect on {comparison.label}",
            "dot: mean; thick: its 95 % interval; thin: 9 pairs of runs in 10",
            lambda value: difference(comparison.outcome, value),
            folder / "effects",
        )
        shown["effects.svg"] = "Effect of every axis, with intervals; the table holds the numbers."
    if _draw_curves(comparison, folder):
        shown["curves.svg"] = "Curves of points, a panel a level of one axis."
    _export(comparison, rows, said, folder)
    results.write_json(folder / "summary.json", _summary(comparison, effects))
    provenance = json.loads((sweep.folder / "provenance.json").read_text(encoding="utf-8"))
    title = f"{comparison.title}: {comparison.label} over a sweep"
    tables = [report.Table("Effects", "", EFFECT_COLUMNS, rows)] if rows else []
    if found is not None and found.points:
        tables.insert(0, cell_table(comparison, found))
    report.write_study(title, said, shown, tables, provenance, folder)
    _show(comparison, found, rows)
    terminal.say(*said, f"Everything is in {folder}: open report.html there.")
    return folder


def _asked(arguments: list[str]) -> tuple[Path, dict[str, str]]:
    """Return the folder and the keys of the command line."""
    lines = "\n".join(f"  {key}=...  {text}" for key, text in KEYS.items())
    parser = argparse.ArgumentParser(
        prog="uptake compare",
        epilog=f"keys\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = "the folder of a sweep (uptake run -m), then keys"
    parser.add_argument("keys", nargs="*", metavar="FOLDER [key=value ...]", help=what)
    options, unknown = parser.parse_known_intermixed_args(arguments)
    if unknown:
        raise InputError(f"{unknown[0]}: no such option; uptake compare --help lists them")
    if not options.keys:
        raise InputError("uptake compare FOLDER: the folder of a sweep (uptake run -m) is needed")
    folder, *keys = options.keys
    asked = {}
    for typed in keys:
        key, _, value = typed.partition("=")
        one_of("key", key, KEYS)
        asked[key] = value
    return Path(folder), asked


def main(arguments: list[str]) -> None:
    """Compare the points of a sweep."""
    folder, asked = _asked(arguments)
    answer(folder, **asked)
