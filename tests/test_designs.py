"""Which points a sweep has: grids, samples, files; and that chunks cover all of its runs once."""

from __future__ import annotations

import itertools
import math
import os
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from building import episode
from hypothesis import given, settings
from hypothesis import strategies as st
from sweeping import command
from uptake.cli.arguments import question
from uptake.config.axes import axes_of
from uptake.engine.designs import Axis, Grid, Listed, sampled
from uptake.engine.plan import Part, Plan
from uptake.errors import InputError

FRACTIONS = st.floats(0.0, 1.0, exclude_max=True)


def test_a_grid_is_every_combination_the_last_axis_fastest() -> None:
    """From any point on, and with no axes a single point."""
    axes = tuple(np.array(values) for values in ([0.0, np.nan], [3.0, 1.0, 2.0], [5.0], [7.0, 6.0]))
    grid = Grid(("a", "b", "c", "d"), axes)
    product = np.array(list(itertools.product(*axes)))
    assert grid.count == len(product) == 12
    np.testing.assert_array_equal(grid.values(0, 12), product)
    for first, count in itertools.combinations(range(13), 2):
        np.testing.assert_array_equal(grid.values(first, count - first), product[first:count])
    assert Grid((), ()).count == 1
    assert Grid((), ()).values(0, 1).shape == (1, 0)


def test_a_grid_of_millions_is_not_laid_out() -> None:
    """Any point of it is worked out from its number."""
    grid = Grid(("a", "b"), (np.arange(3000.0), np.arange(3000.0)))
    assert grid.count == 9_000_000
    np.testing.assert_array_equal(grid.values(8_999_998, 2), [[2999, 2998], [2999, 2999]])


@pytest.mark.parametrize(("design", "points"), [("lhs", 37), ("lhs", 1), ("sobol", 64)])
def test_a_sample_has_one_point_in_every_stratum_of_every_axis(design: str, points: int) -> None:
    """As many strata as points."""
    ranges = [(0.0, 1.0), (-2.0, 6.0), (1e5, 3e5)]
    axes = [Axis(f"axis{i}", None, low, high) for i, (low, high) in enumerate(ranges)]
    rows = sampled(design, axes, points, seed=3)
    assert rows.shape == (points, 3)
    for column, (low, high) in zip(rows.T, ranges, strict=True):
        strata = np.floor((column - low) / (high - low) * points)
        assert sorted(strata) == list(range(points))
    if points > 1:
        assert len({tuple(np.argsort(column)) for column in rows.T}) == 3


@pytest.mark.parametrize("points", [3, 5, 6, 1000])
def test_a_sobol_sequence_needs_a_power_of_two(points: int) -> None:
    """The nearest ones are named."""
    with pytest.raises(InputError, match=f"sweep.points={points}: a power of two") as refused:
        sampled("sobol", [Axis("a", None, 0.0, 1.0)], points, 1)
    below, above = map(int, re.findall(r"([0-9]+) or ([0-9]+)", str(refused.value))[0])
    assert below < points < above == 2 * below


def test_whole_levers_are_sampled_evenly_both_ends_included() -> None:
    """And so are the values of a list, NaN (as it was) among them."""
    whole = Axis("a", None, 2.0, 7.0, whole=True)
    listed = Axis("b", np.array([0.5, np.nan, 9.0]))
    rows = sampled("lhs", [whole, listed], 60, 4)
    assert Counter(rows[:, 0]) == dict.fromkeys([2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 10)
    told = ["as it was" if np.isnan(value) else value for value in rows[:, 1]]
    assert Counter(told) == dict.fromkeys([0.5, "as it was", 9.0], 20)


@settings(max_examples=300, derandomize=True)
@given(
    low=st.floats(-1e9, 1e9),
    width=st.floats(1e-3, 1e9),
    share=st.one_of(FRACTIONS, st.just(float(np.nextafter(1.0, 0.0)))),
)
def test_what_is_drawn_stays_within_its_interval(low: float, width: float, share: float) -> None:
    """Whole numbers too, however near the end."""
    found = Axis("a", None, low, low + width).at(np.array([share]))[0]
    assert low <= found <= low + width
    first, last = np.floor(low), np.floor(low) + np.ceil(width)
    found = Axis("a", None, first, last, whole=True).at(np.array([share]))[0]
    assert first <= found <= last
    assert found == np.floor(found)


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_a_seed_decides_a_sample(design: str) -> None:
    """The same one gives the same points, another one others."""
    axes = [Axis("a", None, 0.0, 1.0), Axis("b", None, 5.0, 6.0)]
    one = sampled(design, axes, 16, 1)
    np.testing.assert_array_equal(one, sampled(design, axes, 16, 1))
    assert not np.isin(one[:, 0], sampled(design, axes, 16, 2)[:, 0]).any()


@settings(max_examples=200, derandomize=True)
@given(
    counts=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    runs=st.integers(1, 40),
    chunk_runs=st.none() | st.integers(1, 120),
)
def test_chunks_hold_every_run_of_every_point_once(
    counts: list[int], runs: int, chunk_runs: int | None
) -> None:
    """In order, and no chunk more runs than were asked for."""
    case, parts, first = episode(trusts=2, months=1), [], 0
    for count in counts:
        points = Listed(("levers.pressure",), np.zeros((count, 1)))
        parts.append(Part(case, {}, 1, ("a", "b"), points, first))
        first += count
    plan = Plan(tuple(parts), runs, chunk_runs=chunk_runs)
    found = []
    for chunk in range(plan.chunks):
        block = plan.block(chunk)
        assert 0 < block.points * block.runs <= (chunk_runs or 10_000)
        for point in range(block.point, block.point + block.points):
            found += [(block.part, point, block.run + i) for i in range(block.runs)]
    expected = [
        (part, point, run)
        for part, count in enumerate(counts)
        for point in range(count)
        for run in range(runs)
    ]
    assert found == expected
    assert plan.points == len(expected) // runs


def test_a_long_run_makes_chunks_short() -> None:
    """A chunk that nobody chose stays within a second or two, and holds a run at least."""
    small = Part(episode(trusts=2, months=1), {}, 1, ("a",), Grid((), ()), 0)
    long = episode(trusts=2, months=999)._replace(approached_high=100_000)
    large = Part(long, {}, 1, ("a",), Grid((), ()), 1)
    huge = Part(long._replace(approached_high=1_000_000), {}, 1, ("a",), Grid((), ()), 2)
    plan = Plan((small, large, huge), runs=4)
    assert [plan.block(chunk).runs for chunk in range(plan.chunks)] == [4, 2, 2, 1, 1, 1, 1]


BAD_ROWS = {
    "1.5,1,nhs_sbs": ["levers.pressure=1.5", "allowed is 0 to 1"],
    "-0.1,1,nhs_sbs": ["levers.pressure=-0.1", "allowed is 0 to 1"],
    "much,1,nhs_sbs": ["levers.pressure=much", "a number is needed"],
    "nan,1,nhs_sbs": ["levers.pressure=nan", "a number is needed"],
    "inf,1,nhs_sbs": ["levers.pressure=inf", "a number is needed"],
    "0_1,1,nhs_sbs": ["levers.pressure=0_1", "a number is needed"],
    "0.5,2.5,nhs_sbs": ["levers.review_month=2.5", "a whole number is needed"],
    "0.5,1201,nhs_sbs": ["levers.review_month=1201", "allowed is 0 to 1200"],
    "0.5,1,nhs_sbx": ["scenario=nhs_sbx", "allowed is one of", "did you mean nhs_sbs?"],
    "0.5,1,": ["scenario=", "a value is needed"],
    "0.5,1": ["2 cells", "the header has 3"],
    "0.5,1,nhs_sbs,4": ["4 cells", "the header has 3"],
}


@pytest.mark.parametrize("first", [0, 6])
def test_every_bad_row_of_a_file_is_named(first: int, tmp_path: Path) -> None:
    """By its row, column, value and what is allowed; good rows are not, nothing is written."""
    bad = dict(list(BAD_ROWS.items())[first : first + 6])
    lines = ["levers.pressure,levers.review_month,scenario"]
    for row in bad:
        lines += [row, "0.5,3,nhs_sbs"]
    (tmp_path / "points.csv").write_text("\n".join(lines) + "\n")
    code, out, err = command(tmp_path, "sweep.design=file", "sweep.file=points.csv", "out=here")
    said = err.strip().split("\n")
    assert (code, out, len(said)) == (2, "", len(bad))
    for at, (line, parts) in enumerate(zip(said, bad.values(), strict=True)):
        assert f"points.csv, row {2 + 2 * at}: " in line
        for part in parts:
            assert part in line
    assert [path.name for path in tmp_path.iterdir()] == ["points.csv"]


def test_ten_bad_rows_are_told_and_the_others_counted(tmp_path: Path) -> None:
    """So that a wrong unit in a long file does not fill the terminal."""
    (tmp_path / "points.csv").write_text("levers.pressure\n" + "7\n" * 25)
    code, _, err = command(tmp_path, "sweep.design=file", "sweep.file=points.csv")
    assert code == 2
    assert err.count("levers.pressure=7.0") == 10
    assert err.strip().endswith("and 15 more rows")


BAD_FILES = {
    "levers.pressur\n1\n": ["levers.pressur", "no such lever", "did you mean pressure?"],
    "fee\n1\n": ["column 'fee'", "allowed is one of levers.NAME"],
    "levers.pressure,levers.pressure\n1,0\n": ["stands twice"],
    "levers.news_weight\n1\n": ["levers.news_weight", "timeline"],
    "levers.pressure\n": ["a header and at least one row"],
    "": ["a header and at least one row"],
    'levers.pressure\n"1\n': ["sweep.file=points.csv", "a CSV file in UTF-8 is needed"],
    "levers.pressure\n\xe9\n": ["sweep.file=points.csv", "a CSV file in UTF-8 is needed"],
}


@pytest.mark.parametrize("text", BAD_FILES)
def test_a_bad_file_of_points_is_refused_in_one_line(text: str, tmp_path: Path) -> None:
    """Unknown columns, a column twice, nothing in it, not CSV, not UTF-8."""
    (tmp_path / "points.csv").write_text(text, encoding="latin-1")
    code, out, err = command(tmp_path, "sweep.design=file", "sweep.file=points.csv", "out=here")
    assert (code, out, err.count("\n")) == (2, "", 1)
    for part in BAD_FILES[text]:
        assert part in err
    assert not (tmp_path / "here").exists()


def test_a_row_that_the_configuration_refuses_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("months\n5\n0\n")
    code, _, err = command(tmp_path, "sweep.design=file", "sweep.file=points.csv", "sweep.runs=1")
    assert code == 2
    assert "row 3" in err


def test_a_column_cannot_be_given_twice_over(tmp_path: Path) -> None:
    """What the file says, the command line does not say too."""
    (tmp_path / "points.csv").write_text("levers.pressure\n1\n")
    file = ("sweep.design=file", "sweep.file=points.csv")
    code, _, err = command(tmp_path, *file, "levers.pressure=0.5")
    assert (code, "given on the command line too" in err, err.count("\n")) == (2, True, 1)
    code, _, err = command(tmp_path, *file, "levers.mandate=0,1")
    assert (code, "the file says what differs" in err, err.count("\n")) == (2, True, 1)


def test_a_file_of_points_is_run_scenario_by_scenario(tmp_path: Path) -> None:
    """Blank cells are as the scenario has it; spreadsheets' marks and blank lines do no harm."""
    (tmp_path / "points.csv").write_text(
        "\ufeffscenario, levers.pressure ,parameters.priors.caution.value,months\r\n"
        "nhs_sbs,0.25,,4\r\n"
        "nhs_employers_2009,,1.5,4\r\n"
        "\r\n"
        'nhs_sbs," 1 ",2,4\r\n'
        "nhs_employers_2009,1e-1,,4\r\n"
        "nhs_sbs,,,4\r\n",
        encoding="utf-8",
    )
    file = ("sweep.design=file", "sweep.file=points.csv", "sweep.runs=2", "sweep.chunks=1/2")
    code, _, err = command(tmp_path, *file, "out=here")
    assert (code, err) == (0, "")
    points = pq.read_table(tmp_path / "here" / "points.parquet").to_pydict()
    assert points == {
        "point": [0, 1, 2, 3, 4],
        "scenario": ["nhs_sbs"] * 3 + ["nhs_employers_2009"] * 2,
        "months": [4.0] * 5,
        "levers.pressure": [0.25, 1.0, None, None, 0.1],
        "parameters.priors.caution.value": [None, 2.0, None, 1.5, None],
    }


@pytest.mark.parametrize(
    ("text", "points", "told"),
    [
        ("levers.pressure,months\n0,5\n0,5\n-0.0,5\n1,5\n", [0.0, 1.0], "row 3 is row 2; row 4 is"),
        ("levers.pressure,levers.mandate\n1,\n,\n \t, \n,0\n", [1.0, None, None], "row 4 is row 3"),
        ('levers.pressure\n1\n""\n\n', [1.0, None], ""),
        ("months,seed\n5,1\n05,1\n5,2\n", [5, 5], "row 3 is row 2."),
        ("levers.pressure\n" + "1\n" * 9, [1.0], "row 4 is row 2; row 5 is row 2; and 5 more"),
    ],
    ids=["numbers", "blanks", "one column", "choices", "many"],
)
def test_a_point_of_several_rows_is_run_once_and_a_blank_row_is_a_point(
    text: str, points: list[float | None], told: str, tmp_path: Path
) -> None:
    """The first is said; blanks are the scenario as it was."""
    (tmp_path / "points.csv").write_text(text)
    file = ["sweep.design=file", "sweep.file=points.csv", "sweep.runs=1", "sweep.chunks=2/2"]
    months = [] if "months" in text else ["months=2"]
    code, out, err = command(tmp_path, *file, *months, "out=here")
    assert (code, err) == (0, "")
    found = pq.read_table(tmp_path / "here" / "points.parquet").to_pydict()
    assert found["months" if "seed" in text else "levers.pressure"] == points
    assert (told in out, "is run once" in out) == (True, bool(told))


def test_an_empty_line_of_one_column_could_mean_either(tmp_path: Path) -> None:
    """It is refused by its row, unless nothing comes after it."""
    (tmp_path / "points.csv").write_text("\nlevers.pressure\n1\n\n0.5\n")
    code, _, err = command(tmp_path, "sweep.design=file", "sweep.file=points.csv", "out=here")
    assert (code, err.count("\n"), "points.csv, row 4: an empty line" in err) == (2, 1, True)


@pytest.mark.parametrize("what", ["pipe", "link to a device", "folder", "large"])
def test_what_is_no_file_of_points_is_refused(what: str, tmp_path: Path) -> None:
    """At once, and in one line."""
    path = tmp_path / "points.csv"
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what == "large":
        path.touch()
        os.truncate(path, 10**9)  # takes no room
    else:
        path.symlink_to("/dev/zero")
    code, out, err = command(tmp_path, "sweep.design=file", "sweep.file=points.csv", "out=here")
    assert (code, out, err.count("\n"), "points.csv: " in err) == (2, "", 1, True)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mfee\n1\n",
        "levers.pressure\n\x1b]0;x\x07\n",
        "scenario\n\x1b[2J\n",
        "months\n\x9b1\n",
    ],
)
def test_what_a_file_says_is_not_obeyed_by_a_terminal(text: str, tmp_path: Path) -> None:
    """It is told in letters, and shortened."""
    (tmp_path / "points.csv").write_text(text + "9" * 100_000)
    code, out, err = command(tmp_path, "sweep.design=file", "sweep.file=points.csv", "out=here")
    assert (code, out) == (2, "")
    assert all(line.isprintable() and len(line) < 400 for line in err.splitlines())


def test_only_the_command_line_names_the_file_of_points(tmp_path: Path) -> None:
    """A configuration of somebody else's cannot have one's files read."""
    (tmp_path / "points.csv").write_text("levers.pressure\n1\n")
    (tmp_path / "mine" / "scenario").mkdir(parents=True)
    (tmp_path / "mine" / "scenario" / "bad.yaml").write_text(
        "# @package _global_\nsweep: {design: file, file: points.csv}\n"
    )
    code, out, err = command(
        tmp_path, "--config-dir", "mine", "+scenario@_global_=bad", "sweep.runs=1", "out=here"
    )
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "sweep.file=points.csv: only the command line can say what file to read" in err
    assert not (tmp_path / "here").exists()
    code, _, err = command(tmp_path, "sweep.design=file", "sweep.file=points.csv", "--cfg")
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("range(0,1,0.1)", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        ("range(0.1,0.8,0.1)", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        ("range(3)", [0, 1, 2]),
        ("range(1,0,-0.25)", [1, 0.75, 0.5, 0.25]),
        ("range(0,1e-6,2.5e-7)", [0, 2.5e-7, 5e-7, 7.5e-7]),
        ("0.2,null,1", [0.2, None, 1]),
        ("sort(0.5,0,1)", [0, 0.5, 1]),
        ("0.5,0.1", [0.5, 0.1]),
    ],
)
def test_values_are_those_typed(typed: str, values: list[float | None]) -> None:
    """Ranges go in decimal steps and leave their end out; lists keep their order, or are sorted."""
    (axis,) = axes_of(question("run", ["-m", f"levers.misfit={typed}"])).numbers
    assert axis.values is not None
    assert [None if np.isnan(value) else value for value in axis.values] == values


@given(st.integers(-300, 300), st.integers(1, 400), st.integers(1, 60), st.integers(0, 6))
def test_a_range_is_that_of_decimal_numbers(start: int, span: int, step: int, digits: int) -> None:
    """Every value is the double next to the decimal number, as if it had been typed."""
    first, last, by = (Decimal(number).scaleb(-digits) for number in (start, start + span, step))
    typed = f"levers.misfit=range({first:f},{last:f},{by:f})"
    (axis,) = axes_of(question("run", ["-m", typed])).numbers
    assert axis.values is not None
    expected = [float(first + i * by) for i in range(math.ceil((last - first) / by))]
    assert axis.values.tolist() == expected
