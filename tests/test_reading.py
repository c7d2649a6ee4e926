"""Reading a sweep: its tables say what its runs say, whatever they are read with."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from conftest import Command
from sweeping import command
from uptake.analysis.comparison import cells, lines
from uptake.analysis.effects import AxisEffect, axis_effects
from uptake.cli.main import main
from uptake.errors import InputError
from uptake.results.export import write_excel
from uptake.results.reading import SweepTables, open_sweep
from uptake.results.saved import open_run

FEES, PRESSURES, RUNS = (0.0, 10000.0, 35000.0), (0.0, 1.0), 40
FEE, PRESSURE = "levers.upfront_fee_gbp", "levers.pressure"
TWO_YEARS = ["months=24", "levers.review_month=0"]
GRID = [f"{FEE}=0,10000,35000", f"{PRESSURE}=0,1", *TWO_YEARS, f"sweep.runs={RUNS}"]


def swept(folder: Path, *asked: str) -> SweepTables:
    """Return the tables of a sweep, run as a user would."""
    code, _, err = command(folder.parent, *asked, f"out={folder}")
    assert (code, err) == (0, "")
    return open_sweep(folder)


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> SweepTables:
    """Return a grid of three fees and two pressures."""
    return swept(tmp_path_factory.mktemp("grid"), *GRID)


def test_a_comparison_without_figures_has_none(
    grid: SweepTables, uptake: Command, tmp_path: Path
) -> None:
    """The report holds its tables alone."""
    done = uptake("compare", str(grid.folder), "figures=false", f"out={tmp_path / 'plain'}")
    assert done.returncode == 0, done.stderr
    assert not [*(tmp_path / "plain").glob("*.svg"), *(tmp_path / "plain").glob("*.png")]
    report = (tmp_path / "plain" / "report.html").read_text()
    assert "<table" in report
    assert "<img" not in report


def test_a_point_is_the_same_question_asked_alone(
    grid: SweepTables, uptake: Command, tmp_path: Path
) -> None:
    """Its rows and bands are those of uptake run with its values, to the last digit."""
    asked = [f"{FEE}=10000", f"{PRESSURE}=1", *TWO_YEARS, f"runs={RUNS}", f"out={tmp_path}"]
    assert uptake("run", *asked).returncode == 0
    alone = pq.read_table(tmp_path / "outcomes.parquet").to_pandas()
    among = grid.query("SELECT * FROM outcomes WHERE point = 3 ORDER BY run").df()
    assert not among.error.notna().any()
    alone, among = (table.drop(columns=["point", "error"]) for table in (alone, among))
    pd.testing.assert_frame_equal(alone, among, check_dtype=False)
    assert alone.joined.sum() > 0
    bands = grid.bands("joined", [3]).df()
    for name, band in open_run(tmp_path).bands("joined").items():
        np.testing.assert_allclose(bands[name], band, rtol=1e-6)


def test_points_are_those_of_the_grid(grid: SweepTables) -> None:
    """The last axis moves fastest, and every library reads the same."""
    expected = [(i, *pair) for i, pair in enumerate((f, p) for f in FEES for p in PRESSURES)]
    assert grid.points.fetchall() == expected
    assert grid.points.pl().rows() == expected
    assert list(grid.points.df().columns) == ["point", FEE, PRESSURE]


def test_a_summary_is_that_of_the_rows(grid: SweepTables) -> None:
    """Quantiles and means by point are numpy's over the rows of the point."""
    rows, said = grid.runs.df(), grid.summary("joined", "net_present_value_gbp").df()
    for name in ("joined", "net_present_value_gbp"):
        groups = rows.groupby("point")[name]
        for share, column in ((0.05, "q05"), (0.5, "median"), (0.95, "q95")):
            np.testing.assert_allclose(said[f"{name}_{column}"], groups.quantile(share))
        np.testing.assert_allclose(said[f"{name}_mean"], groups.mean())
    assert (said.runs == RUNS).all()
    assert (said.failed == 0).all()


def test_threads_of_the_reader_do_not_matter(grid: SweepTables) -> None:
    """Sums have no order, so a summary is the same to the bit on one thread and on many."""
    said = []
    for threads in (1, 4):
        grid.connection.execute(f"SET threads = {threads}")
        said.append(grid.summary("trusts_cost_gbp", "believed_saving_share").fetchall())
    assert said[0] == said[1]


def test_bands_are_the_same_whether_kept_or_made(grid: SweepTables, tmp_path: Path) -> None:
    """Points that are larger than a chunk keep their runs, and give the same bands."""
    pieces = swept(tmp_path, *GRID, "sweep.chunk_runs=7")
    assert not list((tmp_path / "bands").iterdir())
    assert pieces.bands("served").fetchall() == grid.bands("served").fetchall()
    assert pieces.bands("joined", [2, 4]).fetchall() == grid.bands("joined", [2, 4]).fetchall()
    assert pieces.curves("joined").aggregate("count(*)").fetchall() == [(6 * RUNS * 25,)]
    with pytest.raises(InputError, match=r"sweep\.curves=runs"):
        grid.curves("joined")


def test_the_effect_of_an_axis_is_that_of_pairs(grid: SweepTables) -> None:
    """It is the mean over runs of the differences between points that are otherwise alike."""
    rows = grid.query("SELECT * FROM outcomes JOIN points USING (point)").df()
    table = rows.pivot_table(index="run", columns=[FEE, PRESSURE], values="joined")
    effects = {(e.axis, e.high): e for e in axis_effects(grid, "joined")}
    assert set(effects) == {(FEE, "10,000"), (FEE, "35,000"), (PRESSURE, "1")}
    by_pair = pd.concat([table[(35000.0, p)] - table[(0.0, p)] for p in PRESSURES])
    by_run = by_pair.groupby(level=0).mean()
    found = effects[FEE, "35,000"]
    assert (found.pairs, found.runs, found.low) == (2, RUNS, "0")
    assert found.mean == pytest.approx(by_run.mean())
    assert found.standard_error == pytest.approx(by_run.std() / np.sqrt(RUNS))
    assert (found.q05, found.q95) == pytest.approx(tuple(by_pair.quantile([0.05, 0.95])))
    assert effects[PRESSURE, "1"].interval[0] > 0.0


def test_cells_and_lines_are_those_of_the_grid(grid: SweepTables) -> None:
    """A cell is the mean of its point; the lines are the points with the other axes at first."""
    found = cells(grid, "joined", FEE, PRESSURE)
    means = grid.runs.df().groupby("point").joined.mean().to_numpy().reshape(3, 2).T
    np.testing.assert_allclose(found.mean, means)
    assert (found.columns, found.rows, found.points) == (["0", "10,000", "35,000"], ["0", "1"], 1)
    assert lines(grid, FEE, PRESSURE) == {
        "0": {"0": 0, "10,000": 2, "35,000": 4},
        "1": {"0": 1, "10,000": 3, "35,000": 5},
    }
    pooled = cells(grid, "joined", PRESSURE, None)
    np.testing.assert_allclose(pooled.mean, [means.mean(axis=1)])


def test_the_effect_in_a_sample_is_a_fitted_slope(tmp_path: Path) -> None:
    """No two points of a sample are alike but for one axis: a line is fitted run by run."""
    asked = [f"{PRESSURE}=interval(0,1)", "sweep.design=lhs", "sweep.points=30", "sweep.runs=8"]
    sample = swept(tmp_path, *asked, *TWO_YEARS)
    (found,) = axis_effects(sample, "joined")
    rows = sample.query("SELECT * FROM outcomes JOIN points USING (point)").df()
    slopes = [
        np.polyfit(of_run[PRESSURE], of_run.joined, 1)[0] for _, of_run in rows.groupby("run")
    ]
    moved = np.ptp(rows[PRESSURE])
    assert found.pairs == 0
    assert found.mean == pytest.approx(np.mean(slopes) * moved)
    assert found.standard_error == pytest.approx(moved * np.std(slopes, ddof=1) / np.sqrt(8))


def test_a_sample_that_is_half_there_is_fitted_with_what_is_there(tmp_path: Path) -> None:
    """Points whose runs are not all there are left out; what is left is not shifted."""
    asked = [f"{PRESSURE}=interval(0,1)", "sweep.design=lhs", "sweep.points=12", "sweep.runs=20"]
    part = swept(tmp_path, *asked, *TWO_YEARS, "sweep.chunk_runs=8", "sweep.chunks=1/2")
    assert part.missing == 18
    (found,) = axis_effects(part, "joined")
    rows = part.query("SELECT * FROM outcomes JOIN points USING (point) WHERE point < 6").df()
    assert len(rows) == 6 * 20
    by_run = [of_run for _, of_run in rows.groupby("run")]
    slopes = [np.polyfit(of_run[PRESSURE], of_run.joined, 1)[0] for of_run in by_run]
    assert found.mean == pytest.approx(np.mean(slopes) * np.ptp(rows[PRESSURE]))


def test_axes_that_move_together_have_no_effects(tmp_path: Path) -> None:
    """No fit tells them apart, and this is said."""
    file = tmp_path / "points.csv"
    file.write_text(f"{PRESSURE},{FEE}\n0,0\n0.3,3000\n0.5,5000\n1,10000\n")
    folder = tmp_path / "swept"
    together = swept(folder, "sweep.design=file", f"sweep.file={file}", "sweep.runs=10")
    assert axis_effects(together, "joined") == []
    said = (folder / "report.html").read_text()
    assert "No effect can be told from these points: pressure, upfront_fee_gbp." in said


def test_an_interval_of_few_runs_is_that_of_student() -> None:
    """With two runs it is nearly 13 standard errors to either side; with one there is none."""
    few = AxisEffect("a", "", "0", "1", 1, 2, 3.0, 0.5, 0.0, 0.0)
    low, high = few.interval
    assert (low, high) == pytest.approx((3.0 - 12.706 * 0.5, 3.0 + 12.706 * 0.5), abs=1e-3)
    assert np.isnan(replace(few, runs=1, standard_error=float("nan")).interval).all()


def test_seeds_are_no_policy(tmp_path: Path) -> None:
    """Points of different seeds share no draws: no effect of the seed, pairs within a seed."""
    sweep = swept(tmp_path, "seed=1,2,3", f"{PRESSURE}=0,1", "sweep.runs=10")
    (found,) = axis_effects(sweep, "joined")
    assert (found.axis, found.pairs) == (PRESSURE, 3)


def test_a_point_without_results_is_not_the_highest(grid: SweepTables, tmp_path: Path) -> None:
    """What is said of the ends is said of points that are known."""
    folder = tmp_path / "swept"
    shutil.copytree(grid.folder, folder)
    (path,) = (folder / "outcomes").iterdir()
    table = pq.read_table(path)
    failed = pc.equal(table["point"], 5)
    for name in ("joined", "error"):
        other = pa.scalar("it broke") if name == "error" else pa.scalar(None, pa.int64())
        column = pc.if_else(failed, other, table[name])
        table = table.set_column(table.column_names.index(name), name, column)
    path.unlink()
    pq.write_table(table, path)
    digest = hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
    path.rename(path.with_name(f"000000-{digest}.parquet"))
    assert main(["compare", str(folder)]) == 0
    said = " ".join((folder / "report.html").read_text().split())
    assert "on average over 5 points of 40 runs each" in said
    assert "40 runs failed and are left out; the first: it broke" in said
    assert "(upfront_fee_gbp 35,000, pressure 1)." not in said
    assert open_sweep(folder).failures().df().run.tolist() == list(range(40))


@pytest.mark.parametrize(
    "hostile",
    [
        "[]", "null", "{}", "rubbish", '{"design": 1}',
        'point") FROM points; COPY (SELECT 42) TO \'{there}\'; SELECT 1 --', "a\x00b",
    ],
)  # fmt: skip
def test_a_manifest_of_a_stranger_is_data(
    hostile: str, grid: SweepTables, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is refused in one line, and nothing that it says is done."""
    folder, there = tmp_path / "swept", tmp_path / "done.csv"
    shutil.copytree(grid.folder, folder)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    if "FROM" in hostile or "\x00" in hostile:
        manifest["axes"] = [hostile.format(there=there), PRESSURE]
        path.write_text(json.dumps(manifest))
    else:
        path.write_text(hostile)
    assert main(["compare", str(folder)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not there.exists()


def test_scenarios_are_not_mixed(tmp_path: Path) -> None:
    """Effects are given for each scenario apart, and kinds of another sector are null."""
    asked = ["scenario=nhs_employers_2009,nhs_sbs", f"{PRESSURE}=null,1", "sweep.runs=10"]
    both = swept(tmp_path, *asked)
    assert [e.scenario for e in axis_effects(both, "joined")] == ["nhs_employers_2009", "nhs_sbs"]
    assert {e.low for e in axis_effects(both, "joined")} == {"as it was"}
    assert both.points.fetchall()[0] == (0, "nhs_employers_2009", None)
    said = (tmp_path / "report.html").read_text()
    assert r"scenario \ pressure" in said  # and not over both
    assert main(["compare", str(tmp_path), f"x={PRESSURE}", f"y={PRESSURE}"]) == 2


def test_what_is_there_of_a_sweep_can_be_read(tmp_path: Path, uptake: Command) -> None:
    """A share of the chunks is compared, and what is missing is said."""
    part = swept(tmp_path, *GRID, f"sweep.chunk_runs={RUNS}", "sweep.chunks=1/2")
    assert part.missing == 3
    done = uptake("compare", str(tmp_path))
    assert done.returncode == 0
    assert "3 of 6 chunks are not there yet" in " ".join(done.stdout.split())


def test_compare_draws_and_tabulates(grid: SweepTables, tmp_path: Path) -> None:
    """Everything is there: figures, report, CSV and Excel with the rows of the summary."""
    out = tmp_path / "drawn"
    asked = ["outcome=served", f"x={PRESSURE}", f"out={out}"]
    assert main(["compare", str(grid.folder), *asked]) == 0
    for name in ("heat_map", "effects", "curves"):
        assert (out / f"{name}.png").stat().st_size > 5000
        assert (out / f"{name}.svg").exists()
    table = pd.read_csv(out / "points.csv")
    expected = grid.summary("served").df()
    pd.testing.assert_frame_equal(table[expected.columns], expected, check_dtype=False)
    sheet = openpyxl.load_workbook(out / "comparison.xlsx")["points"]
    assert [cell.value for cell in sheet[1]] == list(table.columns)
    assert sheet.max_row == 1 + 6
    text = (out / "report.html").read_text()
    assert "pressure" in text
    assert "served" in text
    assert "http" not in text.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "the folder of a sweep"),
        (["nowhere"], "no sweep is there"),
        (["GRID", "outcome=jined"], "did you mean joined"),
        (["GRID", "z=1"], "z=1: no such key of uptake compare"),
        (["GRID", "x=levers.presure"], "did you mean levers.pressure"),
        (["GRID", f"x={PRESSURE}", f"y={PRESSURE}"], "another axis than x"),
        (["GRID", "--fast"], "no such option"),
        (["GRID", "memory=lots"], "memory=lots"),
    ],
)
def test_compare_says_what_it_cannot_use(
    grid: SweepTables, asked: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one line."""
    asked = [str(grid.folder) if word == "GRID" else word for word in asked]
    assert main(["compare", *asked]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_damaged_chunk_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is drawn from a file that is not what its name says."""
    swept(tmp_path, f"{PRESSURE}=0,1", "sweep.runs=5")
    (path,) = (tmp_path / "outcomes").iterdir()
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert main(["compare", str(tmp_path)]) == 2
    assert path.name in capsys.readouterr().err


def test_a_text_is_no_formula(tmp_path: Path) -> None:
    """What begins with = stays a text in Excel."""
    write_excel({"a": (("name",), [["=1+1"], [2.5]])}, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert sheet["A3"].value == 2.5
