"""A scheme in one file: a grid that is fine enough, numbers that are those of runs, no address."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uptake as up
from conftest import Command
from drawing import refused
from uptake.analysis.refined import Axis, refined
from uptake.analysis.response import Reading, levers_that_matter, response
from uptake.config.ranges import LeverRange, own_levers, range_of

RUNS = 60


def most(apart: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the most by which any column is off."""
    return np.asarray(np.abs(apart).max(axis=1))


# The grid: what is known of functions


def test_what_is_linear_along_every_axis_needs_no_more_than_its_ends() -> None:
    """A product of three: interpolation is exact, and the grid stays as it began."""
    axes = [Axis((0.0, 2.0)), Axis((-1.0, 1.0)), Axis((0.0, 10.0))]
    found = refined(lambda p: p.prod(axis=1, keepdims=True) + p[:, :1], axes, most, 1e-9, 500)
    assert found.axes == tuple(axes)
    assert found.points == 8
    assert np.abs(found.off).max() < 1e-12
    assert found.at(np.array([[1.0, 0.5, 4.0]])).item() == pytest.approx(3.0)


def test_the_grid_grows_where_the_function_bends() -> None:
    """|x - 0.3| y: levels close around 0.3, none more along y; off by no more than asked."""

    def bent(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.abs(points[:, :1] - 0.3) * points[:, 1:2]

    found = refined(bent, [Axis((0.0, 1.0)), Axis((0.0, 2.0))], most, 0.01, 2_000)
    across, up_ = found.axes
    gaps = np.diff(across.levels)
    around = int(np.searchsorted(across.levels, 0.3)) - 1
    assert gaps[around] == gaps.min() < 0.05
    assert gaps[-1] == gaps.max() == 0.5
    assert up_.levels == (0.0, 2.0)
    assert np.abs(found.off).max() <= 0.01


def test_a_step_is_cut_as_finely_as_a_slider_moves_and_no_point_too_many_is_asked() -> None:
    """No grid is fine enough for one; every point is counted, those too at which it is tried."""
    asked = 0

    def step(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        nonlocal asked
        asked += len(points)
        return (points[:, :1] > 1.0 / 3.0).astype(float) * (1.0 + points[:, 1:2])

    axes = [Axis((0.0, 1.0)), Axis((0.0, 1.0))]
    found = refined(step, axes, most, 0.01, 400)
    assert np.diff(found.axes[0].levels).min() == 1.0 / 256.0
    assert asked <= 400


def test_no_point_too_many_is_asked() -> None:
    """Of what no such grid is fine enough for; those at which it is tried are counted."""
    asked = 0

    def rough(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        nonlocal asked
        asked += len(points)
        return np.sin(40.0 * points[:, :1]) * np.cos(50.0 * np.nan_to_num(points[:, 1:2]))

    for budget in (60, 300, 900):
        asked = 0
        found = refined(rough, [Axis((0.0, 1.0)), Axis((0.0, 1.0), aside=True)], most, 0.01, budget)
        assert 0.25 * budget < asked <= budget
        assert np.abs(found.off).max() > 0.01
    begun, asked = [Axis((0.0, 0.3, 1.0), aside=True)] * 4, 0
    refined(lambda p: np.nan_to_num(rough(p)), begun, most, 0.01, 200)
    assert 81 < asked <= 200  # of 256 places it would begin with


def test_the_worst_intervals_are_halved_first() -> None:
    """|x - 0.3| + x^2 / 5, all of which is off, and too few points: they go to the bend."""

    def bent(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.abs(points - 0.3) + 0.2 * points * points

    found = refined(bent, [Axis((0.0, 1.0))], most, 1e-4, 60)
    levels = found.axes[0].levels
    around = int(np.searchsorted(levels, 0.3)) - 1
    assert levels[around + 1] - levels[around] == 0.0625
    assert np.diff(levels).max() == 0.25


def test_whole_levers_are_cut_at_whole_numbers_and_a_place_aside_is_not_interpolated() -> None:
    """Of 0 to 3 all four are levels; NaN has values of its own, whatever lies beside it."""

    def function(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        aside = np.isnan(points[:, 1])
        return np.where(aside, 100.0, points[:, 0] ** 3 + points[:, 1])[:, None]

    axes = [Axis((0.0, 3.0), whole=True), Axis((0.0, 1.0), aside=True)]
    found = refined(function, axes, most, 0.01, 1_000)
    assert found.axes[0].levels == (0.0, 1.0, 2.0, 3.0)
    assert found.axes[1].places[1:] == found.axes[1].levels == (0.0, 1.0)
    at = found.at(np.array([[1.5, np.nan], [2.0, 0.5]]))
    assert at.ravel().tolist() == [100.0, 8.5]
    assert np.isnan(found.tried[:, 1]).any()


# What runs come to


def test_a_point_is_the_what_if_question_of_its_own() -> None:
    """Levers held, one that the timeline moves among them, or left as it moves: to the number."""
    scheme = up.scenario("nhs_employers_2009")
    was = scheme.run(RUNS)
    ranges = [
        range_of(was.case, "upfront_fee_gbp", (0.0, 35_000.0)),
        range_of(was.case, "endorsement", (-1.0, 1.0)),
    ]
    assert [one.is_aside for one in ranges] == [False, True]
    found = response(was, ranges, 1e9, 500)
    reading = Reading(was.case, was)
    for point, asked in (
        ([0.0, -1.0], scheme.set(upfront_fee_gbp=0, endorsement=-1)),
        ([0.0, np.nan], scheme.set(upfront_fee_gbp=0)),
        ([35_000.0, np.nan], scheme),
    ):
        row = found.grid.at(np.array([point]))[0]
        assert row == pytest.approx(reading.row(asked.run(RUNS)), abs=1e-9), point
    first, count = reading.places["apart"]
    assert not found.grid.at(np.array([[35_000.0, np.nan]]))[0, first : first + count].any()


def test_levers_that_matter_are_those_that_move_the_outcome() -> None:
    """The most first; what no rule of the scheme reads is none."""
    case = up.scenario("nhs_employers_2009").case.asking(RUNS, 1, None)
    own = own_levers(case)
    assert {"upfront_fee_gbp", "endorsement"} <= {one.name for one in own}
    chosen = [one.name for one in levers_that_matter(case, own, 3)]
    assert len(chosen) == 3
    nothing = [range_of(case, "assessment_bar"), range_of(case, "upfront_fee_gbp")]
    assert [one.name for one in levers_that_matter(case, nothing, 2)] == ["upfront_fee_gbp"]


def test_a_range_holds_what_the_lever_is() -> None:
    """Beyond the slider's end too, unless that is none: then it is a place aside."""
    case = up.scenario("nhs_employers_2009").set(upfront_fee_gbp=250_000).case
    assert range_of(case, "upfront_fee_gbp") == LeverRange(
        "upfront_fee_gbp", 250_000.0, 0.0, 250_000.0, whole=False, moves=False
    )
    none = range_of(case, "deadline_month")
    assert (none.high, none.is_aside, none.levels) == (24.0, True, (0.1, 24.0))


# The file


def content_of(page: str) -> dict[str, Any]:
    """Return what a file says but its grid."""
    found = re.search(r'id="content">(.*?)</script>', page, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def test_the_file_asks_no_address_and_holds_the_very_numbers(tmp_path: Path) -> None:
    """Under 5 MB; each number within a sixty-five-thousandth of its column's range."""
    title = "<script>alert(1)</script> & more"
    scheme = up.Scenario(
        "sixty", title=title, start="2027-04", months=12, approached=30,
        sector="councils_2019", levers={"upfront_fee_gbp": 12_000, "yearly_fee_gbp": 20_000},
    )  # fmt: skip
    made = scheme.publish(
        tmp_path / "there",
        "yearly_fee_gbp",
        ranges={"upfront_fee_gbp": (0, 20_000)},
        points=200,
        runs=40,
    )
    page = made.read_text()
    assert len(page) < 5_000_000
    told = re.sub(r'id="grid">.*?</script>', "", page, flags=re.DOTALL)
    assert not re.search(r"https?:|//[a-z]|src=|@import|url\(", told)
    assert "<script>alert" not in page
    said = content_of(page)
    assert [one["name"] for one in said["levers"]] == ["yearly_fee_gbp", "upfront_fee_gbp"]
    grid = re.search(r'id="grid">(.*?)</script>', page, re.DOTALL)
    assert grid
    table = np.frombuffer(base64.b64decode(grid[1]), "<u2").reshape(-1, len(said["base"]))
    first = said["base"] + table[0] * np.array(said["step"])  # both levers at their lowest
    free = scheme.set(yearly_fee_gbp=0, upfront_fee_gbp=0)
    row = Reading(scheme.case, scheme.run(40)).row(free.run(40))
    assert np.abs(first - row).max() <= np.max(said["step"])
    summary = json.loads((made.parent / "summary.json").read_text())
    assert summary["publish"]["points"] == len(table)
    assert summary["publish"]["off"]["mean"]["most"] >= 0.0


@pytest.mark.parametrize("name", ["nhs_sbs", "nhs_wales", "stp_back_office_2016", "irish_hr_2013"])
def test_whatever_a_scheme_shows_can_be_published(name: str, tmp_path: Path) -> None:
    """Members, regions, customers: counts all; in few points, which the file then tells."""
    scheme = up.scenario(name).using(months=6)
    made = scheme.publish(tmp_path / "there", "share_replaced", points=200, runs=5)
    said = content_of(made.read_text())
    assert said["kind"] == "count"
    assert len(said["was"]) == len(said["base"])


def test_a_file_that_is_off_says_so_first(tmp_path: Path) -> None:
    """Two hundred points over four levers are too few: a warning stands before the answer."""
    scheme = up.scenario("nhs_employers_2009")
    levers = ("bundle_share", "term_years", "share_replaced", "upfront_fee_gbp")
    page = scheme.publish(tmp_path / "there", *levers, points=200, runs=20).read_text()
    assert page.index("Coarse: between computed points") < page.index('id="answer"')
    fine = scheme.publish(tmp_path / "fine", "upfront_fee_gbp", points=200, runs=20).read_text()
    assert "Coarse" not in fine


def test_what_is_no_count_is_fine_to_a_hundredth_of_its_range() -> None:
    """Money is: not to a pound, which no grid would reach."""
    was = up.scenario("nhs_employers_2009").set({"scenario.shows": "trusts_cost_gbp"}).run(20)
    ranges = [range_of(was.case, "upfront_fee_gbp", (0.0, 50_000.0))]
    found = response(was, ranges, None, 400)
    spread = found.reading.part(found.grid.values.reshape(found.grid.points, -1), "mean")[:, -1]
    assert found.within == pytest.approx(0.01 * abs(spread[-1] - spread[0]))
    assert found.grid.points < 100


REFUSED = {
    "publish.levers=[fee]": ("levers.fee", "upfront_fee_gbp"),
    "publish.levers=[pressure,pressure]": ("publish.levers=pressure", "named twice"),
    "publish.levers=[pressure,mandate,autonomy,misfit,capacity]": (
        "publish.levers",
        "at most 4 levers",
    ),
    "publish.levers=[pressure] publish.ranges.pressure=[0,2]": (
        "publish.ranges.pressure",
        "0 to 1",
    ),
    "publish.levers=[pressure] publish.ranges.pressure=[1,0]": ("the lower first",),
    "publish.levers=[pressure] publish.ranges.mandate=[0,1]": ("publish.ranges", "mandate"),
    "scenario=nhs_wales months=1": ("publish.levers", "name some"),
    "publish.points=5": ("publish.points=5", "200 to"),
}


@pytest.mark.parametrize("asked", REFUSED)
def test_what_cannot_be_published_is_refused_in_one_line(asked: str, tmp_path: Path) -> None:
    err = refused(tmp_path, "publish", "runs=5", *asked.split())
    for part in REFUSED[asked]:
        assert part in err


def test_the_command_writes_a_file_that_tells_its_error(uptake: Command, tmp_path: Path) -> None:
    asked = ("publish.levers=[upfront_fee_gbp]", "publish.points=200", "runs=20", "target=25")
    done = uptake("publish", *asked, "out=there")
    assert done.returncode == 0, done.stderr
    assert "computed points are interpolated" in " ".join(done.stdout.split())
    page = (tmp_path / "there" / "scheme.html").read_text()
    assert "uptake publish &#39;publish.levers=[upfront_fee_gbp]&#39;" in page
    assert content_of(page)["target"]["number"] == 25.0
