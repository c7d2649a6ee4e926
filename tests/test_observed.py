"""What was observed: several dates, ratios, bounds, reading errors; what is refused of them."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uptake as up
import yaml
from conftest import ROOT
from drawing import refused, said
from matplotlib.figure import Figure
from scipy import special
from uptake.app.parts import axes_of
from uptake.cli.arguments import question
from uptake.config.compose import Question
from uptake.config.schema import Finding, Observation, Quantity
from uptake.inference.data import EpisodeData
from uptake.report.answer import adoption, answered, observed
from uptake.report.figures import draw_adoption, legend, legend_below, seen_of
from uptake.report.text.observed import fact, is_inside, reads, row_of
from uptake.report.text.question import title
from uptake.results.summary import sides, summarise, tail

RUNS = 4
SERVED, ALIGNED, APPROACHED = (0, 5, 10, 20), (0, 1, 5, 20), (20, 20, 20, 40)
SEEN: dict[str, Any] = {
    "served": [
        {"value": 10, "month": 6},
        {"value": 10, "month": 12, "bound": "at_most"},
        {"value": 5, "to": 10, "month": 12, "bound": "between"},
        {"value": 10, "of": "approached", "month": 12, "unit": "share"},
        {"value": 0.5, "of": "approached", "month": 12, "unit": "share", "bound": "at_least"},
    ],
    "aligned": {
        "value": 0.5, "of": "served", "month": 12, "error": 0.1, "note": "two counts differ",
        "unit": "share of those served",
    },
    "joined": 12,
}  # fmt: skip


def scheme(**others: Any) -> up.Scenario:
    """A scheme of councils' kind with some of what ``up.Scenario`` takes otherwise."""
    given = {
        "title": "County payroll", "start": "2026-04", "months": 12, "approached": 40,
        "sector": "nhs_england_2016", "observed": SEEN,
    }  # fmt: skip
    return up.Scenario("county", **{**given, **others})


@pytest.fixture(scope="module")
def result() -> up.Result:
    """Four runs of which is known what they came to: half as much had been served by month 6."""
    made = scheme().run(RUNS)
    for name, values in (("served", SERVED), ("aligned", ALIGNED)):
        made.chunk.outcomes[name] = values
        made.chunk.curves[name][:, 12] = values
        made.chunk.curves[name][:, 6] = np.array(values) // 2
    made.chunk.outcomes["approached"] = APPROACHED
    return made


def test_runs_are_held_against_a_number_a_ratio_and_a_bound_in_its_month(
    result: up.Result,
) -> None:
    """At month 6 runs have 0, 2, 5, 10; of 0, 5, 10, 20 served in month 12 the ratios follow."""
    dated, most, some, whole, half, ratio, _ = summarise(result)["observed"]
    assert (dated["at_month"]["mean"], dated["agree"]) == (17 / 4, 1 / 4)
    assert (most["agree"], some["agree"]) == (3 / 4, 2 / 4)
    assert (whole["at_month"]["mean"], whole["agree"]) == (pytest.approx(1.25 / 4), 0.0)
    assert (half["at_month"]["median"], half["agree"]) == (0.375, 2 / 4)
    assert (ratio["at_month"]["mean"], ratio["at_month"]["median"]) == (pytest.approx(1.7 / 3), 0.5)
    assert (ratio["agree"], ratio["no_value"]) == (pytest.approx(2 / 3), 1 / 4)
    assert {row["no_value"] for row in (dated, most, some, whole, half)} == {0.0}


def test_a_run_without_a_value_is_told(result: up.Result) -> None:
    """In sentences, tables and the interface; if no run has one there is no quantile of it."""
    told = "Aligned / served, month 12: no value in 25 % of the runs, as served is nil."
    assert told in result.text
    row = result.observed.to_pandas().set_index("fact").loc["aligned / served"]
    assert (row["observed"], row["no_value"]) == ("50 % +- 10 points", 0.25)
    none = scheme(levers={"opens_month": 1_000_000}).run(3)
    (said_of,) = (row for row in summarise(none)["observed"] if row["of"] == "served")
    assert (said_of["at_month"], said_of["agree"], said_of["no_value"]) == (None, None, 1.0)
    assert "no value in all of the runs, as served is nil" in none.text


def test_a_finding_may_be_about_ratios(result: up.Result) -> None:
    """Aligned of served is none, 0.2, 0.5, 1; served of approached is 0, 0.25, 0.5, 0.5."""
    ratio: dict[str, Any] = {"larger": "aligned", "larger_of": "served"}
    half = Finding("", "", than=Quantity(0.5, "share", "test"), **ratio)
    agree, contradict = sides(result, half)
    assert (agree.tolist(), contradict.tolist()) == ([0, 0, 1, 1], [0, 1, 0, 0])
    both = Finding("", "", smaller="served", smaller_of="approached", **ratio)
    agree, contradict = sides(result, both)
    assert (agree.tolist(), contradict.tolist()) == ([0, 0, 0, 1], [0, 1, 0, 0])
    told = {"statement": "most are aligned", "source": "a paper", "than": {
        "value": 0.5, "unit": "share", "source": "a paper"}, **ratio}  # fmt: skip
    none = scheme(findings=[told], levers={"opens_month": 1_000_000}).run(3)
    (found,) = summarise(none)["findings"]
    assert (found["agree"], found["contradict"], found["no_value"]) == (0.0, 0.0, 1.0)
    assert "all have no value, as nil is below" in none.text


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({"value": 5001, "bound": "at_least"}, "at least 5,001"),
        ({"value": 3, "bound": "at_most"}, "at most 3"),
        ({"value": 89, "to": 110, "bound": "between"}, "89 to 110"),
        ({"value": 110, "error": 10}, "110 +- 10"),
        ({"value": 200, "error_share": 0.05}, "200 +- 10"),
        ({"value": 0.35, "of": "served"}, "35 %"),
        ({"value": 2, "of": "harm_gbp"}, "2"),
        ({"value": 17}, "17"),
    ],
)
def test_it_reads_as_it_was_observed(seen: dict[str, Any], words: str) -> None:
    one = Observation(unit="bodies", source="x", note="a reason", month=3, **seen)
    assert reads(row_of("joined", one)) == words


def test_a_reading_error_is_one_standard_deviation() -> None:
    """In the unit of the value, or a share of its size; none if none is given."""

    def sd(**error: Any) -> float:
        return Observation(-200, "GBP", "x", "a reason", month=3, **error).sd

    assert (sd(error=3), sd(error_share=0.1), sd(error=0), sd()) == (3.0, 20.0, 0.0, 0.0)


def test_whatever_can_be_is_fitted() -> None:
    """A whole count exactly; else a bound, or what is read with an error. ``fit: false``: not."""

    def fitted(is_count: bool = True, value: float = 3, **more: Any) -> bool:
        return Observation(value, "x", "x", "a reason", month=3, **more).is_fitted(is_count)

    assert fitted()
    assert not fitted(value=2.5)
    assert not fitted(of="served")
    assert not fitted(is_count=False)
    for more in ({"error": 1}, {"error_share": 0.1}, {"bound": "at_least"}):
        assert fitted(is_count=False, value=2.5, **more)
        assert not fitted(fit=False, **more)
    assert not fitted(fit=False)


def test_the_ends_of_a_bound() -> None:
    one, other = (Observation(1, "x", "x", month=3, bound=b) for b in ("at_least", "at_most"))
    assert (one.ends, other.ends) == ((1, math.inf), (-math.inf, 1))
    assert Observation(1, "share", "x", month=3).ends == (1, 1)


def test_a_bound_holds_what_runs_reach_in_part() -> None:
    then = {"q05": 3.0, "median": 5.0, "q95": 7.0}
    for seen, inside in (
        ({"value": 5}, True), ({"value": 2}, False), ({"value": 8}, False),
        ({"value": 6, "bound": "at_least"}, True), ({"value": 8, "bound": "at_least"}, False),
        ({"value": 4, "bound": "at_most"}, True), ({"value": 2, "bound": "at_most"}, False),
        ({"value": 1, "to": 4, "bound": "between"}, True),
        ({"value": 8, "to": 9, "bound": "between"}, False),
    ):  # fmt: skip
        one = Observation(unit="bodies", source="x", month=3, **seen)
        assert is_inside(row_of("joined", one), then) == inside, seen


def test_calibration_takes_what_is_fitted_at_every_date() -> None:
    """Counts of two months, a ratio with an error, one that is reached, a finding; no more.

    By how much a run is off is a share: of the bodies approached for a count, of itself for a
    ratio. A bound that is known without error is a fact, and may be wrong as a finding may.
    """
    seen = {
        "joined": [{"value": v, "month": m} for m, v in ((4, 1), (12, 3))],
        "served": [
            {"value": 0.5, "of": "joined", "month": 12, "error": 0.1, "note": "x"},
            {"value": 0.1, "of": "joined", "month": 12, "bound": "at_least"},
            {"value": 0.1, "of": "joined", "month": 12, "bound": "at_most", "fit": False},
            {"value": 0.2, "of": "joined", "month": 12},
        ],
        "aligned": {"value": 5, "to": 8, "month": 12, "bound": "between", "error": 2, "note": "x"},
    }
    told = {"statement": "few are served", "source": "a paper", "smaller": "served", "than": {
        "value": 2, "unit": "bodies", "source": "a paper"}}  # fmt: skip
    made = scheme(observed=seen, findings=[told, told | {"foreseen": True}]).run(50)
    data = EpisodeData(made.case, 0.1)
    assert data.fitted == {
        "joined, month 4": 1, "joined, month 12": 3, "served / joined, month 12": 0.5,
        "served / joined, month 12, at_least": 0.1, "aligned": 5,
    }  # fmt: skip
    assert [name for name, _ in data.readings] == ["joined", "joined", "served", "aligned"]
    assert data.errors == pytest.approx([0.0, 0.0, 0.1, 2 / 40])
    read = data.read(made.chunk, np.arange(50, dtype=np.uint64))
    curves, outcomes = made.chunk.curves, made.chunk.outcomes
    joined, aligned = curves["joined"][:, [4, 12]], outcomes["aligned"]
    assert read.apart[:, :2] == pytest.approx(np.abs(joined - [1, 3]) / 40)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num(outcomes["served"] / outcomes["joined"])
    assert read.apart[:, 2] == pytest.approx(np.abs(share - 0.5))
    off = np.maximum(5 - aligned, 0) + np.maximum(aligned - 8, 0)
    assert read.apart[:, 3] == pytest.approx(off / 40)
    wrong = (share < 0.1).astype(int) + (outcomes["served"] >= 2)
    assert len(set(wrong)) > 1
    assert read.chances == pytest.approx((0.1 / 0.9) ** wrong)
    assert ((read.lots > 0.0) & (read.lots < 1.0)).all()
    assert len(set(read.lots)) == 50


# What is said of an outcome, the key that is then wrong, and what is told of it.
WRONG: dict[str, tuple[str, str, str]] = {
    "beyond the horizon": (
        "joined: [{value: 1, month: 3}, {value: 2, month: 9}]",
        "joined[1].month=9", "allowed is 1 to 5",
    ),
    "no curve": (
        "exempt: {value: 1, month: 3}", "exempt.month=3", "exempt is known at the last month, 5,",
    ),
    "of what has no curve": (
        "joined: {value: 1, month: 3, of: exempt}",
        "joined.month=3", "exempt is known at the last month, 5, only",
    ),
    "of what is none": (
        "joined: {value: 1, month: 3, of: sreved}", "joined.of=sreved", "did you mean served?",
    ),
    "of itself": (
        "joined: {value: 1, month: 3, of: joined}", "joined.of=joined", "another outcome",
    ),
    "no such bound": (
        "joined: {value: 1, month: 3, bound: above}",
        "joined.bound=above", "at_least, at_most, between",
    ),
    "between without an end": (
        "joined: {value: 1, month: 3, bound: between}", "joined.to: ", "needs its upper end",
    ),
    "an end without between": (
        "joined: [{value: 1, month: 3}, {value: 1, month: 3, to: 4, bound: at_most}]",
        "joined[1].to=4", "with bound=between only",
    ),
    "an end below": (
        "joined: {value: 5, month: 3, bound: between, to: 5}", "joined.to=5", "above the value, 5",
    ),
    "two errors": (
        "joined: {value: 5, month: 3, error: 1, error_share: 0.1, note: x}",
        "joined.error_share=0.1", "one of both",
    ),
    "an error without a reason": (
        "joined: {value: 5, month: 3, error: 1}", "joined.note: ", "needs its reason",
    ),
    "a negative error": (
        "joined: {value: 5, month: 3, error: -1, note: x}", "joined.error=-1", "allowed is 0 to",
    ),
    "an error larger than the value": (
        "joined: {value: 5, month: 3, error_share: 5, note: x}",
        "joined.error_share=5", "allowed is 0 to 1 (share of the value)",
    ),
    "a ratio exactly": (
        "joined: {value: 1, month: 3, of: approached, fit: true}",
        "joined.fit=True", "only a whole count can be met exactly",
    ),
    "half a body exactly": (
        "joined: {value: 1.5, month: 3, fit: true}", "joined.fit=True", "error_share is needed",
    ),
    "money exactly": (
        "provider_loss_gbp: {value: 100, month: 5, fit: true}",
        "provider_loss_gbp.fit=True", "only a whole count can be met exactly",
    ),
    "fitted in other words": (
        "joined: {value: 1, month: 3, fit: nearly}", "joined.fit=nearly", "true",
    ),
    "nothing": ("joined: []", "joined=[]", "at least one is needed"),
    "an unknown key": (
        "joined: [{value: 1, month: 3}, {value: 1, month: 3, bond: at_least}]",
        "joined[1].bond", "no such key (did you mean bound?)",
    ),
    "a bare number": ("joined: 3", "joined=3", "this number needs {value: ..., unit: ..., source"),
}  # fmt: skip


def own(folder: Path, seen: str, findings: str = "[]") -> Path:
    """Write a scenario of which this was observed, a line each."""
    text = (ROOT / "configs" / "scenario" / "nhs_employers_2009.yaml").read_text()
    text = text.partition("\nobserved:")[0].replace("name: nhs_employers_2009", "name: mine")
    seen = seen.replace("month:", "unit: bodies, source: mine, month:")
    file = folder / "mine" / "scenario" / "mine.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(f"{text}\nobserved:\n  {seen}\nfindings: {findings}\n")
    return file


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_refused_with_its_line(what: str, tmp_path: Path) -> None:
    """Exit code 2 and a line: file, line, key, value, what is allowed."""
    seen, key, allowed = WRONG[what]
    text = own(tmp_path, seen).read_text().splitlines()
    at = next(i for i, line in enumerate(text, 1) if line.startswith(f"  {seen[:6]}"))
    err = refused(tmp_path, "run", "--config-dir", "mine", "scenario=mine", "runs=2", "out=o")
    assert err.startswith(f"uptake: mine/scenario/mine.yaml, line {at}: scenario.observed.{key}")
    assert allowed in err


@pytest.mark.parametrize(
    ("finding", "key", "allowed"),
    [
        ("larger: joined, larger_of: sreved", "larger_of=sreved", "did you mean served?"),
        ("larger: joined, smaller_of: served", "smaller_of=served", "smaller is needed"),
    ],
)
def test_a_ratio_of_a_finding_is_checked(
    finding: str, key: str, allowed: str, tmp_path: Path
) -> None:
    than = "than: {value: 1, unit: x, source: y}, statement: z, source: y"
    own(tmp_path, "joined: {value: 1, month: 3}", f"[{{{finding}, {than}}}]")
    err = refused(tmp_path, "run", "--config-dir", "mine", "scenario=mine", "runs=2", "out=o")
    assert re.search(rf"line \d+: scenario.findings\[0\].{key}: .*{re.escape(allowed)}", err)


def test_a_shortened_run_tells_what_lies_beyond(tmp_path: Path) -> None:
    """It is compared with the dates that it reaches."""
    own(tmp_path, "joined: [{value: 3, month: 3}, {value: 0.1, month: 5, of: approached}]")
    asked = ("run", "--config-dir", "mine", "scenario=mine", "runs=20", "months=3", "out=o")
    code, out, err = said(tmp_path, *asked)
    assert (code, err) == (0, "")
    assert "joined / approached observed in month 5" in " ".join(out.split())
    rows = json.loads((tmp_path / "o" / "summary.json").read_text())["observed"]
    assert [(row["month"], row["value"]) for row in rows] == [(3, 3.0)]


@pytest.mark.parametrize("typed", ["joined.value=3", "joined.7.value=3", "joined.0.vlaue=3"])
def test_what_is_typed_for_a_list_is_refused_in_one_line(typed: str, tmp_path: Path) -> None:
    """An entry goes by its number."""
    own(tmp_path, "joined: [{value: 1, month: 3}, {value: 2, month: 5}]")
    ask = ("run", "--config-dir", "mine", "scenario=mine", "runs=2", "out=o")
    err = refused(tmp_path, *ask, f"scenario.observed.{typed}")
    assert f"scenario.observed.{typed.partition('=')[0]}" in err.replace("[0]", ".0")
    code, out, err = said(tmp_path, *ask, "scenario.observed.joined.1.value=7")
    assert (code, err) == (0, "")
    assert "1 (month 3), 7" in " ".join(out.split())


def test_every_command_shows_all_dates(tmp_path: Path) -> None:
    """The table of a run, the terminal, what a sweep says, a run that is done again."""
    own(
        tmp_path,
        "joined: [{value: 1, month: 2}, {value: 1, month: 5, bound: at_least}, "
        "{value: 0.4, month: 5, of: approached}]",
    )
    ask = ("--config-dir", "mine", "scenario=mine", "runs=20")
    code, out, err = said(tmp_path, "run", *ask, "out=o", "figures=true")
    assert (code, err) == (0, "")
    told = " ".join(out.split())
    assert "1 (month 2), at least 1" in told
    assert "joined / trusts approached" in told
    assert "Observed: at least 1 had joined by month 5 (mine); of the runs," in told
    report = (tmp_path / "o" / "report.html").read_text()
    assert "at least 1" in report
    code, _, err = said(tmp_path, "rerun", "o")
    assert (code, err) == (0, "")
    code, out, err = said(tmp_path, "run", "-m", *ask, "levers.pressure=0,1", "out=s")
    assert (code, err) == (0, "")
    code, out, err = said(tmp_path, "compare", "s", "figures=false")
    assert (code, err) == (0, "")
    told = " ".join(out.split())
    assert "Observed, as the scheme was: at least 1 (mine); within 90 % of runs: at 2 of 2" in told
    code, out, err = said(tmp_path, "episodes", "--config-dir", "mine", "runs=5", "out=e")
    assert (code, err) == (0, "")
    assert "joined / trusts approached, month 5" in (tmp_path / "e" / "report.html").read_text()


def test_what_was_observed_is_saved_and_read_again(tmp_path: Path) -> None:
    """One alone without a list; a value as it was; what a shorter horizon leaves out is dropped."""
    made = scheme(timeline=[{"name": "letter", "month": 9, "set": {"pressure": 0.5}}])
    file = made.save(tmp_path)
    kept = yaml.safe_load(file.read_text())["observed"]
    assert [type(seen) for seen in kept.values()] == [list, dict, dict]
    again = up.scenario("county", config_dir=tmp_path)
    assert again.observed.rows == made.observed.rows
    assert made.observed.column("observed")[:3] == ["10", "at most 10", "5 to 10"]
    made.using(months=6).save(tmp_path, name="shorter")
    assert up.scenario("shorter", config_dir=tmp_path).timeline.rows == []


def test_the_example_of_the_page_can_be_used(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "own_schemes.md").read_text()
    seen = next(b for b in re.findall(r"```yaml\n(.*?)```", page, re.S) if b.startswith("observed"))
    code, _, err = said(tmp_path, "new", "mine")
    assert (code, err) == (0, "")
    file = tmp_path / "my_configs" / "scenario" / "mine.yaml"
    text = re.sub(r"(?m)^observed: \{\}.*$", lambda _: seen, file.read_text())
    file.write_text(text)
    made = up.scenario("mine", config_dir=tmp_path / "my_configs")
    assert made.observed.column("observed") == [
        "40", "8", "24 +- 2", "at least 50 %", "2 to 5"
    ]  # fmt: skip


DRAWN: list[dict[str, Any]] = [
    {"value": 4, "month": 2},
    {"value": 8, "month": 4, "error": 2, "note": "x"},
    {"value": 10, "month": 6, "bound": "at_least"},
    {"value": 12, "to": 16, "month": 8, "bound": "between"},
    {"value": 18, "month": 10, "bound": "at_most"},
]


def test_every_date_is_drawn_with_its_error_or_bound() -> None:
    """A dot at each number, a bar for its error, an arrow at each open end; one key for all."""
    result = scheme(observed={"joined": DRAWN}).run(20)
    figure = Figure(layout="constrained")
    axes: Any = figure.subplots()
    draw_adoption(axes, adoption(result.answer))
    legend_below(figure)
    dots = [tuple(line.get_xydata()[0]) for line in axes.lines if line.get_marker() == "o"]
    assert dots == [(2.0, 4.0), (4.0, 8.0)]
    ends = [line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "_"]
    bounds = [end for end in ends if end[0][0] in (6.0, 8.0, 10.0)]
    assert [[6.0, 10.0]] in bounds
    assert [[8.0, 12.0], [8.0, 16.0]] in bounds
    arrows = [(text.xy, text.xyann[1] > 0) for text in axes.texts if text.arrow_patch]
    assert arrows == [((6, 10.0), True), ((10, 18.0), False)]
    bars = [c.get_segments()[0].tolist() for c in axes.collections if hasattr(c, "get_segments")]
    assert [[4.0, 6.0], [4.0, 10.0]] in bars
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said[-1] == "observed at 5 dates (assumption)"
    assert axes.get_ylim()[1] > 18
    figure.draw_without_rendering()
    box, window = axes.get_tightbbox(), figure.legends[0].get_window_extent()
    assert window.y1 < box.y0  # beside the axes: it covers nothing
    assert window.y0 >= 0 <= window.x0 < window.x1 <= figure.bbox.x1


def test_a_curve_of_money_or_of_quality_reads_as_such() -> None:
    """An observation of it is drawn in its month; what is paid back lies below nil."""
    seen = {"value": 3e5, "month": 4, "error": 1e5, "note": "x"}
    paid = {"grant_gbp": 2e5}
    gains = scheme(levers=paid, observed={"trusts_cost_gbp": seen}, shows="trusts_cost_gbp").run(20)
    assert gains.curve().dtype == np.float64
    assert np.array_equal(gains.curve()[:, -1], gains["trusts_cost_gbp"])
    assert gains.at_month("trusts_cost_gbp", 4).min() < 0.0
    axes: Any = gains.plot.adoption()
    bottom, top = axes.get_ylim()
    assert bottom < gains.bands()["q05"][-1] < 0.0
    assert top > 4e5
    axes.figure.draw_without_rendering()
    marks = [text.get_text() for text in axes.get_yticklabels()]
    assert all(mark.endswith(" GBP") for mark in marks)
    served = gains.plot.adoption("service_quality")
    served.figure.draw_without_rendering()
    assert "100 %" in [text.get_text() for text in served.get_yticklabels()]


SHOWS = "scenario.shows=service_quality"


def test_which_curve_is_shown_is_no_what_if() -> None:
    """The question, its draws and its runs are those of the scheme as it was."""
    asked = ["scenario=nhs_employers_2009", "runs=10", "threads=1"]
    plain, other = (answered(Question([*asked, *more]).case()) for more in ([], [SHOWS]))
    assert title(other.case) == title(plain.case)
    assert other.case.draws == plain.case.draws == "happened"
    assert np.array_equal(other.runs["joined"], plain.runs["joined"])
    assert np.array_equal(other.runs.curve(), plain.runs.curve("service_quality"))


def test_the_page_is_given_every_date() -> None:
    """Ends are none where a bound is open; the key is that of the figure."""
    case = scheme(observed={"joined": DRAWN}).case
    given = axes_of(case)
    drawn = [(one["low"], one["high"], one["error"]) for one in given["observed"]]
    assert drawn == [(4, 4, 0), (8, 8, 2), (10, None, 0), (12, 16, 0), (None, 18, 0)]
    assert given["legend"] == legend(observed(case, "joined")) == "observed at 5 dates (assumption)"
    assert given["observed"][2]["label"] == "observed, month 6: at least 10 (assumption)"
    alone = scheme(observed={"joined": 12}).case
    assert axes_of(alone)["legend"] == "observed: 12 (assumption)"


def test_a_ratio_of_another_count_is_no_point_of_a_curve() -> None:
    case = scheme(observed={"joined": {"value": 0.3, "of": "looked"}}).case
    assert observed(case, "joined") == []
    row = row_of(*case.observed[0])
    assert fact(row, "councils") == "joined / looked at it, month 12"
    assert seen_of(row).drawn == (0.3, 0.3)


@pytest.mark.parametrize(
    ("value", "error", "bound", "expected"),
    [
        (3, 0.0, None, 1.0),  # 3 of 5 runs are at most 3, 3 are at least
        (5, 0.0, None, 2 * 0.2),
        (6, 0.0, None, 0.0),
        (6, 2.0, None, 2 * np.mean([special.ndtr(-d / 2.0) for d in (5, 4, 3, 2, 1)])),
        (2, 0.0, "at_least", 0.8),
    ],
)
def test_a_predictive_p_is_that_of_both_tails(
    value: float, error: float, bound: str | None, expected: float
) -> None:
    """Of runs at 1, 2, 3, 4 and 5: by counting, and with an error by the normal distribution."""
    seen = Observation(
        value=value,
        unit="bodies",
        month=3,
        source="x",
        note="why",
        error=error or None,
        bound=bound,
    )
    assert tail(np.arange(1.0, 6.0), seen) == pytest.approx(expected)


def test_a_share_of_those_approached_is_drawn_as_so_many() -> None:
    """Of as many as the scenario says, or as are asked; other ratios have no place on a curve."""
    case = question("run", ["scenario=secure_network_2005"]).case()
    early, late = observed(case, "served")
    assert (early.month, early.low, early.error) == (48, 0.512 * 400, 0.051 * 400)
    assert late.label == "98 % +- 3.9 points"
    few = question("run", ["scenario=secure_network_2005", "population.approached=50"]).case()
    assert observed(few, "served")[0].high == 0.512 * 50


def test_where_runs_are_is_said_beside_what_was_reached() -> None:
    """How far they are off, too: to pass a number tenfold is not to meet it."""
    seen = {"joined": {"value": 1, "month": 12, "error": 1.0, "note": "why"}}
    run = scheme(observed=seen).run(40)
    low, high = np.quantile(run.chunk.curves["joined"][:, 12], [0.05, 0.95])
    told = f"reach that number by then; 90 % of runs have {low:.0f} to {high:.0f} then."
    assert told in " ".join(run.text.split())
    few = " ".join(scheme(observed=seen).run(7).text.split())
    assert "by then; the middle 90 % of 7 runs have" in few


def test_what_is_missed_is_told_first_and_the_worst_first() -> None:
    """Beyond 90 % of runs and the error of reading; of a what-if nothing is told."""
    seen = {
        "joined": [
            {"value": 39, "month": 3, "error": 0.1, "note": "far"},
            {"value": 40, "month": 12, "error": 40, "note": "read so badly that it is met"},
        ],
        "looked": {"value": 40, "month": 2, "note": "farther"},
        "left": {"value": 0, "month": 12, "note": "met"},
    }
    made = scheme(observed=seen, levers={"upfront_fee_gbp": 5e6})
    said = made.run(40).answer.sentences
    told = [line for line in said if line.startswith("Missed: ")]
    assert len(told) == 1
    assert told[0].startswith("Missed: 2 of 4 numbers that were observed lie outside 90 % of runs")
    assert "joined, month 3: 39" in told[0]
    assert "looked at it, month 2: 40" in told[0]
    assert said.index(told[0]) < next(i for i, one in enumerate(said) if one.startswith("Observed"))
    other = made.set(pressure=0.5).run(40).answer.sentences
    assert not any(line.startswith("Missed") for line in other)
    only = scheme(observed={"left": seen["left"]}, levers={"upfront_fee_gbp": 5e6}).run(40)
    assert not any(line.startswith("Missed") for line in only.answer.sentences)
