"""The public interface: what a notebook asks is what the commands answer, to the bit."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import matplotlib
import mesa
import numpy as np
import pyarrow.parquet as pq
import pytest
import uptake as up
from drawing import said
from matplotlib.figure import Figure
from uptake.cli.arguments import question
from uptake.model.observation import CURVES
from uptake.report.text.question import title
from uptake.results.runs import run

MINE: dict[str, Any] = {
    "title": "County payroll",
    "start": "2026-04",
    "months": 24,
    "approached": 40,
    "sector": "nhs_england_2016",
    "levers": {"upfront_fee_gbp": 10_000},
}
# Another structure, on parameters that need no draws of it.
PEERS_ON_PRIOR = {"structure": "regional_peers", "parameters": "prior"}


@pytest.fixture(scope="module")
def base() -> up.Scenario:
    return up.scenario("nhs_employers_2009")


def same(one: up.Result, other: up.Result) -> bool:
    """Tell whether two results are the same runs, to the bit."""
    parts = zip(one.chunk, other.chunk, strict=True)
    return all(mine.tobytes() == theirs.tobytes() for mine, theirs in parts)


def test_the_ten_lines_of_the_design(base: up.Scenario, tmp_path: Path) -> None:
    """As they stand there."""
    cheap = base.set(upfront_fee_gbp=10_000).without("tender")
    a, b = base.run(1_000, seed=1), cheap.run(1_000, seed=1)
    low, median, high = b["joined"].quantile([0.05, 0.5, 0.95])
    assert low < median < high
    assert (b["joined"] - a["joined"]).mean() > 0
    assert len(b.to_pandas()) == 1000
    assert b.plot.adoption().get_title(loc="left").startswith("NHS Employers membership")
    assert (b.report(tmp_path / "folder") / "report.html").is_file()
    grid = base.sweep(pressure=np.linspace(0, 1, 5), upfront_fee_gbp=[0, 35_000], runs=20)
    assert grid.summary("joined").df()["levers.pressure"].tolist() == [
        share for share in (0.0, 0.25, 0.5, 0.75, 1.0) for _ in range(2)
    ]


@pytest.mark.parametrize(
    ("asked", "typed"),
    [
        (lambda s: s.set(mandate=0.3, term_years=4), ["levers.mandate=0.3", "levers.term_years=4"]),
        (lambda s: s.without("letter"), ["without=[letter]"]),
        (lambda s: s.move("letter", endorsement=-1), ["timeline.letter.endorsement=-1"]),
        (lambda s: s.using(months=9), ["months=9"]),
        (
            lambda s: s.using(**PEERS_ON_PRIOR),
            ["structure=regional_peers", "parameters=prior"],
        ),
        (
            lambda s: s.set({"parameters.priors.caution.value": 0.5}),
            ["parameters.priors.caution.value=0.5"],
        ),
        (lambda s: s.set({"scenario.approached.value": 90}), ["scenario.approached.value=90"]),
        (
            lambda s: s.set(pressure=1).using(**PEERS_ON_PRIOR).set(pressure=None),
            ["structure=regional_peers", "parameters=prior"],
        ),
    ],
)
def test_what_is_set_is_what_is_typed(base: up.Scenario, asked: Any, typed: list[str]) -> None:
    """The same runs, the same question in words, and a command line that asks it."""
    scenario = asked(base)
    result = scenario.run(40, seed=7)
    composed = question("run", [*typed, "runs=40", "seed=7"]).case()
    runs = run(composed)
    assert [part.tobytes() for part in result.chunk] == [part.tobytes() for part in runs.chunk]
    assert scenario.title == title(composed)
    again = question("run", shlex.split(scenario.command)[2:]).case()
    assert again.episode.levers.tobytes() == composed.episode.levers.tobytes()


def test_nothing_changes_a_scenario(base: up.Scenario) -> None:
    """What is set makes another one; what is taken back makes the same again."""
    before = base.run(30)
    changed = base.set(upfront_fee_gbp=0).without("tender").move("letter", endorsement=1)
    assert not same(before, changed.run(30))
    assert same(before, base.run(30))
    assert same(before, changed.as_it_was().run(30))
    assert same(before, base.set(pressure=1).set(pressure=None).run(30))


def test_a_report_is_that_of_the_command(base: up.Scenario, tmp_path: Path) -> None:
    """The same tables and summary, and files of the same names."""
    fee = "levers.upfront_fee_gbp=5000"
    code, _, err = said(tmp_path, "run", "runs=50", fee, "figures=true", "out=typed")
    assert (code, err) == (0, "")
    base.set(upfront_fee_gbp=5_000).run(50).report(tmp_path / "asked")
    typed, asked = tmp_path / "typed", tmp_path / "asked"
    names = [{p.relative_to(folder) for p in folder.rglob("*")} for folder in (typed, asked)]
    assert names[0] == names[1]
    for table in ("outcomes", "curves", "as_it_was/outcomes"):
        one, other = (pq.read_table(folder / f"{table}.parquet") for folder in (typed, asked))
        assert one.equals(other)
    one, other = (json.loads((folder / "summary.json").read_text()) for folder in (typed, asked))
    assert one == other


def test_columns_are_named_and_know_their_seed(base: up.Scenario) -> None:
    """Those of two results are paired run by run, so they are of one seed; equality needs none."""
    again = base.using(draws="again")  # as it happened, 17 join in every run of every seed
    result, other = again.run(30), again.run(30, seed=2)
    assert "joined" in result
    assert "members" in result
    assert "joind" not in result
    assert 0 not in result
    assert list(result) == result.columns
    assert not (result["joined"] == other["joined"]).all()
    doubled: Any = 2 * result["joined"]
    assert doubled.median() == 2 * result["joined"].median()
    assert doubled.seed == 1
    assert isinstance(result["joined"].mean(), float)
    assert result["joined"].std() == pytest.approx(np.std(result["joined"].tolist()))
    assert (result["joined"] - result["joined"].mean()).seed == 1
    with pytest.raises(up.InputError, match="seed=1 and 2: runs of one seed are needed"):
        _ = doubled - other["joined"]


def test_what_is_kept_is_read_again(base: up.Scenario, tmp_path: Path) -> None:
    """Columns, curves and what the folder says of itself; no other folder is taken for one."""
    result = base.run(30)
    saved = up.open_run(result.report(tmp_path / "kept"))
    assert (saved["joined"] == result["joined"]).all()
    assert (saved.curve("members") == result.curve("members")).all()
    assert "30 runs, seed 1" in repr(saved)
    assert saved._repr_html_().startswith("<pre")
    assert "joined" in saved
    assert list(saved)[:2] == saved.table.column_names[:2]
    assert saved.to_pandas()["joined"].tolist() == result["joined"].tolist()
    with pytest.raises(up.InputError, match=r"summary\.json: cannot be read: No such file"):
        up.open_run(tmp_path)
    for text in ("{", "[1]", '{"a": 1}'):
        (tmp_path / "summary.json").write_text(text)
        with pytest.raises(up.InputError):
            up.open_run(tmp_path)


def test_tables_turn_into_those_of_other_libraries(base: up.Scenario) -> None:
    """pandas and Polars hold the runs and the curves; curves are tidy, a row a run and month."""
    result = base.run(25)
    assert result.to_pandas()["joined"].tolist() == result["joined"].tolist()
    assert result.to_polars()["joined"].to_list() == result["joined"].tolist()
    curves = result.to_pandas("curves")
    assert list(curves.columns) == ["run", "month", *CURVES]
    assert len(curves) == 25 * (base.months + 1)
    last = curves[curves["month"] == base.months]
    assert last["joined"].tolist() == result["joined"].tolist()
    with pytest.raises(up.InputError, match="allowed is one of outcomes, curves"):
        result.to_pandas("trusts")


def test_tables_of_a_scenario_say_value_unit_range_and_source(base: up.Scenario) -> None:
    """Of every lever; of facts, events, parameters and what was observed."""
    fee = next(row for row in base.levers.records() if row["lever"] == "upfront_fee_gbp")
    assert (fee["value"], fee["unit"], fee["allowed"]) == (35_000.0, "GBP", "0 to 1e+09")
    assert fee["source"] == "Health Service Journal, March 2010"
    bundle = next(row for row in base.levers.records() if row["lever"] == "bundle_share")
    assert bundle["course"] == "0.01, then 0 from month 5"
    held = base.set(bundle_share=0.1).levers.to_pandas().set_index("lever").loc["bundle_share"]
    assert (held["value"], held["course"], held["source"]) == (0.1, "", "set for this run")
    for table in (base.facts, base.timeline, base.parameters, base.observed, up.scenarios()):
        assert len(table.to_pandas()) == len(table.rows) > 0
        assert len(table.to_polars()) == len(table.rows)
        assert table.heading in repr(table)
        assert table._repr_html_().count("<tr>") == min(len(table.rows), 60) + 1


def test_what_a_reader_sees_is_escaped() -> None:
    """A name of a user's is text in a notebook, whatever it holds."""
    mine = up.Scenario("mine", **{**MINE, "title": "<script>alert(1)</script>"})
    for shown in (mine.levers, mine.facts, mine, mine.run(2), mine.sweep(pressure=[0], runs=1)):
        assert "alert(1)" in shown._repr_html_()
        assert "<script>" not in shown._repr_html_()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (lambda s: s.set(upfront_fe_gbp=1), "levers.upfront_fe_gbp: no such lever (did you mean"),
        (lambda s: s.set(pressure=2), "levers.pressure=2.0: allowed is 0 to 1"),
        (lambda s: s.set(pressure="high"), "levers.pressure=high: a number is needed"),
        (lambda s: s.set(pressure=float("nan")), "levers.pressure=nan: allowed is 0 to 1"),
        (lambda s: s.without("tendr"), "without=tendr: allowed is one of letter, tender"),
        (lambda s: s.move("letter", pressure=1), "timeline.letter=pressure: allowed is one of"),
        (lambda s: s.run(0), "runs=0: allowed is 1 to 1e+08"),
        (lambda s: s.run(10, seed=-1), "seed=-1: allowed is 0 to"),
        (lambda s: s.run(2.5), "runs=2.5: a whole number is needed"),
        (lambda s: s.using(structure="regional"), "structure=regional: allowed is one of"),
        (lambda s: s.with_trusts("nowhere.csv"), "population.path=nowhere.csv: "),
        (lambda s: s.set({"scenario.aproached.value": 1}), "scenario.aproached.value"),
        (lambda s: s.set({"levers.pressure": [0, 1]}), "levers.pressure=[0, 1]: a number"),
        (lambda s: s.run(5)["joind"], "result.joind: no such column (did you mean joined?)"),
        (lambda s: s.run(5).trusts(month=99), "month=99: allowed is 0 to 5"),
        (lambda s: s.sweep(pressure=[0, 2]), "levers.pressure=2.0: allowed is 0 to 1"),
        (lambda s: s.sweep(pressure=[]), "levers.pressure=[]: at least one value is needed"),
        (lambda s: s.sweep(presure=[0]), "levers.presure: no such lever (did you mean"),
        (lambda s: s.sweep(pressure=[0, float("nan")]), "levers.pressure=[0, nan]: numbers are"),
        (lambda s: s.sweep(structure=["default"] * 2), "structure=['default', 'default']: a value"),
        (lambda s: s.set({"monthss": 5}), "monthss=5: no such key (did you mean months?)"),
        (lambda s: s.set({"levers.a.pressure": 1}), "levers.a"),
        (lambda s: s.set({"out": "x"}), "out=x: an argument of run(...) or sweep(...)"),
        (lambda s: s.run("ten"), "runs=ten: a whole number is needed"),
        (lambda s: s.run(5).trusts(5), "run=5: allowed is 0 to 4"),
        (
            lambda s: s.run(5).differences(s.run(6)),
            "differences=runs and seed (6, 1): the same runs",
        ),
        (lambda s: s.run(5).differences(s.run(5, 2)), "differences=runs and seed (5, 2): the"),
        (lambda s: s.model(run=-1), "run=-1: allowed is 0 to"),
        (lambda s: s.model(run="x"), "run=x: a whole number is needed"),
        (lambda s: s.save("here"), "scenario=nhs_employers_2009: the package brings it"),
        (lambda s: s.set(pressure=1).save("here"), "scenario=nhs_employers_2009: the package"),
        (lambda s: s.save("here", name="nhs_sbs"), "scenario=nhs_sbs: the package brings it"),
        (lambda s: s.run(5)[0], "column=0: one name in quotes is needed, such as 'joined'"),
        (lambda s: s.run(5)[["joined"]], "column=['joined']: one name in quotes is needed"),
        (lambda s: s.run(5).at_month(3, "joined"), "column=3: one name in quotes is needed"),
        (lambda s: s.run(5).at_month("joined", 9), "month=9: allowed is 0 to 5"),
        (lambda s: s.run(6)["joined"] - s.run(5)["joined"], "runs=6 and 5: as many runs are"),
        (lambda s: s.run(5)["joined"] - s.run(5, 2)["joined"], "seed=1 and 2: runs of one seed"),
        (lambda s: s.using(3), "using=3: a result of calibrate is needed, or a folder of draws"),
        (lambda s: s.set(3), "set=3: keys with values are needed, or levers by name"),
        (lambda s: s.set(months=4), "months=4: no lever; ask by using(months=...)"),
        (lambda s: s.set(runs=4), "runs=4: no lever; ask by run(runs=...)"),
        (lambda s: s.set({"pressure": 1}), "pressure=1: no such key (did you mean levers.pressure"),
        (lambda s: s.run(5).plot.adoption(s.run(5)), "curve=Result of NHS Employers"),
        (lambda s: s.run(5).differences(3), "differences=3: another result is needed"),
        (lambda _: up.open_run(3), "folder=3: the name of a folder is needed"),  # type: ignore[arg-type]
        (lambda _: up.open_sweep(3), "folder=3: the name of a folder is needed"),  # type: ignore[arg-type]
        (lambda s: s.run(5).report(3), "folder=3: the name of a folder is needed"),
        (lambda _: up.sweep("nhs_wale"), "scenario=nhs_wale: allowed is one of"),
        (lambda _: up.sweep(3), "scenario=3: a scenario is needed, or the name of one"),  # type: ignore[arg-type]
        (lambda _: up.Model(3), "scenario=3: a scenario is needed, or the name of one"),  # type: ignore[arg-type]
        (lambda _: up.calibrate(tolerances=8), "tolerances=8: a list is needed"),  # type: ignore[arg-type]
        (lambda _: up.calibrate([3]), "scenarios=3: names of scenarios, or scenarios"),  # type: ignore[list-item]
        (lambda _: up.Scenario("a", **MINE).command, "scenario=a: made in Python: first save("),
        (lambda _: up.Scenario("a", **MINE).without("b"), "without=b: there is none to name"),
        (lambda _: up.scenario("nhs_employer"), "scenario=nhs_employer: allowed is one of"),
        (lambda _: up.scenario(config_dir="nowhere"), "config_dir=nowhere: no such folder"),
    ],
)
def test_bad_input_is_one_exception_with_the_same_one_line(
    base: up.Scenario, asked: Any, told: str
) -> None:
    """Key, value, what is allowed, the nearest name."""
    with pytest.raises(up.InputError) as problem:
        asked(base)
    assert str(problem.value).startswith(told), str(problem.value)
    assert "\n" not in str(problem.value)


class TestOneOfYourOwn:
    """A scenario that is made in Python."""

    def test_five_lines_make_a_scheme(self) -> None:
        """What is left out does nothing: one perfect public provider, suited to all kinds."""
        mine = up.Scenario("county_payroll", **MINE)
        result = mine.run(50)
        assert 0 < result["joined"].mean() < 40
        assert (result["approached"] == 40).all()
        assert not mine.case.episode.kinds.unsuited.any()
        assert "County payroll" in repr(mine)
        assert mine.levers.records().__next__()["source"] == "assumption"

    def test_it_is_saved_as_yaml_and_read_again(self, tmp_path: Path) -> None:
        """The same runs, from a file that the commands take as well; nothing is written over."""
        events = [{"name": "ministers_write", "month": 6, "set": {"pressure": 0.5}}]
        mine = up.Scenario("county_payroll", **MINE, timeline=events, observed={"joined": 12})
        mine.save(tmp_path / "mine")
        again = up.scenario("county_payroll", config_dir=tmp_path / "mine")
        assert same(mine.run(40), again.run(40))
        assert again.timeline.column("date") == ["October 2026"]
        code, out, err = said(
            tmp_path, "run", "--config-dir", "mine", "scenario=county_payroll", "runs=40", "out=o"
        )
        assert (code, err) == (0, "")
        assert "observed" in out
        assert up.open_run(tmp_path / "o")["joined"].tolist() == mine.run(40)["joined"].tolist()
        with pytest.raises(up.InputError, match="nothing is written over"):
            mine.save(tmp_path / "mine")

    def test_what_is_set_becomes_the_scheme_that_is_saved(
        self, base: up.Scenario, tmp_path: Path
    ) -> None:
        """Levers held, moved and left out with their event; the horizon as well.

        Nothing was reported of the scheme that is saved, so it is one that nobody has tried: its
        runs are those of what was set, asked of such a scheme.
        """
        asked = base.set(bundle_share=0.1).without("letter").move("launch", review_month=0)
        asked = asked.using(months=9)
        asked.save(tmp_path, name="other")
        again = up.scenario("other", config_dir=tmp_path)
        assert again.title == asked.title != base.title
        assert again.observed.rows == []
        assert again.case.episode.levers.tobytes() == asked.case.episode.levers.tobytes()
        assert (again.case.draws, asked.case.draws) == ("new", "happened")
        assert same(again.run(30), asked.using(draws="new").run(30))

    def test_a_copy_has_a_name_and_a_title_of_its_own(
        self, base: up.Scenario, tmp_path: Path
    ) -> None:
        """What the file cannot hold is not lost in silence."""
        base.set(pressure=1).save(tmp_path, name="firm", title="A firm hand")
        assert up.scenario("firm", config_dir=tmp_path).title == "A firm hand"
        base.save(tmp_path, name="copy")
        assert up.scenario("copy", config_dir=tmp_path).observed.rows == base.observed.rows
        asked = up.experiment("fee_by_pressure")
        for lost in (base.using(parameters="prior"), base.using(approached=90), asked):
            with pytest.raises(up.InputError, match=r"save: .*: no part of a scheme"):
                lost.save(tmp_path, name="lost")
        assert not (tmp_path / "scenario" / "lost.yaml").exists()

    def test_a_lever_that_is_held_is_moved_by_no_event_of_the_saved_scheme(
        self, tmp_path: Path
    ) -> None:
        """Nor are the other levers of that event lost."""
        events = [{"name": "letter", "month": 3, "set": {"pressure": 0.5, "mandate": 0.2}}]
        asked = up.Scenario("county_payroll", **MINE, timeline=events).set(pressure=0.1)
        asked.save(tmp_path)
        levers = up.scenario("county_payroll", config_dir=tmp_path).case.episode.levers
        assert levers.tobytes() == asked.case.episode.levers.tobytes()
        assert (levers.pressure[-1], levers.mandate[-1]) == (0.1, 0.2)

    @pytest.mark.parametrize(
        ("other", "told"),
        [
            ({"levers": {"fee": 1}}, "scenario.levers.fee: no such lever"),
            ({"start": "spring"}, "scenario.start=spring: allowed is year-month"),
            ({"months": "two years"}, "scenario.months.value"),
            ({"approached": -1}, "scenario.approached.value=-1"),
            ({"sector": "nhs_englnd_2016"}, "sector"),
            ({"colour": "red"}, "scenario.colour"),
            ({"timeline": [5]}, "scenario.timeline[0]=5: keys with values are needed"),
            ({"timeline": [{"month": 1, "set": 5}]}, "set=5: keys with values are needed"),
            ({"sector": None}, "scenario.sector=None: keys with values are needed"),
            ({"title": "${oc.env:HOME}"}, "${...} is not read"),
            ({"timeline": [{"name": "a", "month": 99}]}, "scenario.timeline.a.month=99"),
        ],
    )
    def test_what_cannot_be_is_refused_in_one_line(self, other: dict[str, Any], told: str) -> None:
        """As in a file, without its line."""
        with pytest.raises(up.InputError) as problem:
            up.Scenario("county_payroll", **{**MINE, **other})
        assert told in str(problem.value)
        assert "\n" not in str(problem.value)

    def test_a_name_that_is_no_name_or_is_taken_is_refused(self) -> None:
        with pytest.raises(up.InputError, match=r"name=\.\./a: allowed are letters"):
            up.Scenario("../a", **MINE)
        with pytest.raises(up.InputError, match="there is one of this name"):
            up.Scenario("nhs_wales", **MINE)

    def test_its_own_trusts(self, base: up.Scenario, tmp_path: Path) -> None:
        """The trusts of a table, by name."""
        rows = "".join(f"T{i},Trust {i},acute,North,{200 + i}\n" for i in range(30))
        (tmp_path / "t.csv").write_text("id,name,kind,region,income_million_gbp\n" + rows)
        own = base.with_trusts(tmp_path / "t.csv")
        assert own.run(5).trusts().column("trust") == [f"Trust {i}" for i in range(30)]
        assert (own.run(5)["approached"] == 30).all()


class TestMesa:
    """One run as a Mesa model."""

    def test_it_is_the_run_of_that_number(self, base: up.Scenario) -> None:
        """Month by month."""
        result = base.set(pressure=0.4).run(5, seed=3)
        model = base.set(pressure=0.4).model(run=4, seed=3)
        while model.running:
            model.step()
        for name in CURVES:
            assert model.curve(name) == result.curve(name)[4].tolist()
        collected = model.datacollector.get_model_vars_dataframe()
        assert collected["month"].tolist() == [1, 2, 3, 4, 5]
        assert collected["joined"].tolist() == result.curve("joined")[4, 1:].tolist()

    def test_the_package_of_the_model_makes_one(self, base: up.Scenario) -> None:
        """``up.model(scenario, run=3)``."""
        model = up.model(base, run=3)  # type: ignore[operator]  # (a package that can be called)
        assert isinstance(model, mesa.Model)
        assert (model.run, model.draw_seed) == (3, 1)

    def test_a_name_will_do_and_after_the_horizon_nothing_is_collected(self) -> None:
        """However often it is asked to step."""
        model = up.Model("nhs_employers_2009")
        for _ in range(8):
            model.step()
        assert len(model.datacollector.get_model_vars_dataframe()) == 5
        assert not model.running
        assert repr(model).endswith("2009-10: run 0, seed 1, month 5 of 5")

    def test_a_collector_of_ones_own(self, base: up.Scenario) -> None:
        """Columns of the model and of its agents."""
        model = up.Model(
            base,
            reporters={"fees": lambda m: float(m.state.providers.upfront_fees_gbp.sum())},
            agent_reporters={"stage": lambda agent: getattr(agent, "stage", None)},
        )
        model.step()
        assert "fees" in model.datacollector.get_model_vars_dataframe()
        stages = model.datacollector.get_agent_vars_dataframe()["stage"].dropna()
        assert len(stages) == len(model.trusts)

    def test_no_seed_is_the_usual_one(self, base: up.Scenario) -> None:
        """As Mesa 3.5 asks in ``batch_run``."""
        assert up.Model(base, seed=None).draw_seed == up.Model(base).draw_seed == 1

    def test_batch_run(self, base: up.Scenario) -> None:
        """Mesa's own, over runs and levers: the runs that ``run`` gives."""
        rows = mesa.batch_run(
            up.Model,
            {"scenario": base, "run": range(3), "upfront_fee_gbp": [0, 35_000]},
            display_progress=False,
        )
        for fee in (0, 35_000):
            found = [row["joined"] for row in rows if row["upfront_fee_gbp"] == fee]
            assert found == base.set(upfront_fee_gbp=fee).run(3)["joined"].tolist()


def test_a_question_that_is_written_down_is_told() -> None:
    """Where it is shown, as in the list; one that is not found says where else to look."""
    (asked,) = [q for name, q in up.experiments().rows if name == "fee_by_pressure"]
    assert f"question    {asked}" in repr(up.experiment("fee_by_pressure"))
    with pytest.raises(up.InputError, match="one of your own needs --config-dir DIR"):
        up.scenario("councils")
    assert "importlib" not in dir(up)


def test_trusts_of_a_run_add_up_to_its_counts(base: up.Scenario) -> None:
    """Those that have signed, at the end and in every month before; a decision has a reason."""
    result = base.run(4)
    for month in (0, 3, 5):
        table = result.trusts(run=3, month=month)
        signed = [row for row in table.records() if row["signed_month"] is not None]
        assert len(signed) == result.curve("joined")[3, month]
        assert all(row["signed_month"] <= month for row in signed)
        for row in table.records():
            assert (row["decided_month"] is None) == (row["reason"] == "")


class TestSweeps:
    """Many points from Python."""

    def test_it_is_the_sweep_of_the_command(self, base: up.Scenario, tmp_path: Path) -> None:
        """The same points and rows."""
        axes = ["levers.pressure=0,1", "structure=default,regional_peers", "sweep.runs=20"]
        code, _, err = said(tmp_path, "run", "-m", "parameters=prior", *axes, "out=typed")
        assert (code, err) == (0, "")
        choices = ["default", "regional_peers"]
        prior = base.using(parameters="prior")
        asked = prior.sweep(structure=choices, pressure=[0, 1], runs=20, out=tmp_path / "asked")
        typed = up.open_sweep(tmp_path / "typed")
        for table in ("points", "outcomes"):
            rows = [
                sweep.query(f"SELECT * FROM {table}").df().sort_values(["point"]).to_csv()
                for sweep in (typed, asked)
            ]
            assert rows[0] == rows[1]

    def test_a_point_is_the_result_of_its_scenario(self, base: up.Scenario) -> None:
        """Run by run."""
        grid = base.sweep(upfront_fee_gbp=[0, 35_000], runs=15, seed=5)
        for point, fee in enumerate((0, 35_000)):
            rows = grid.query(f"SELECT joined FROM outcomes WHERE point = {point} ORDER BY run")
            expected = base.set(upfront_fee_gbp=fee).run(15, seed=5)["joined"]
            assert rows.df()["joined"].tolist() == expected.tolist()

    def test_an_axis_goes_before_what_is_set(self, base: up.Scenario) -> None:
        """A lever that was held is free where it is an axis."""
        grids = [one.sweep(pressure=[0, 1], runs=8) for one in (base, base.set(pressure=0.5))]
        rows = [
            grid.query("SELECT joined FROM outcomes ORDER BY point, run").df() for grid in grids
        ]
        assert rows[0].equals(rows[1])
        for grid in grids:  # the record says the axes, and nothing that did not hold
            said = [typed for typed in grid.manifest["asked"] if typed.startswith("levers.")]
            assert said == ["levers.pressure=0,1"]

    def test_any_pool_of_futures_does_the_work(self, base: up.Scenario) -> None:
        """Threads, as an instance (Dask has its own tests): the same rows; it stays open."""
        with ThreadPoolExecutor(2) as pool:
            done = base.sweep(pressure=[0, 1], runs=10, executor=pool)
            assert pool.submit(abs, -1).result() == 1
        here = base.sweep(pressure=[0, 1], runs=10)
        rows = [
            one.query("SELECT * FROM outcomes ORDER BY point, run").df() for one in (done, here)
        ]
        assert rows[0].equals(rows[1])

    def test_a_sample_of_intervals(self, base: up.Scenario) -> None:
        """A tuple of two numbers is an interval."""
        grid = base.sweep(pressure=(0, 1), term_years=(1, 5), design="lhs", points=16, runs=5)
        terms = grid.points.df()["levers.term_years"]
        assert len(terms) == 16
        assert (terms.min() >= 1) & (terms.max() <= 5) & (terms.nunique() == 16)

    def test_what_is_not_kept_is_there_until_python_ends(self) -> None:
        """Tables can be asked for in one line; no folder is left."""
        code = (
            "import uptake as up; base = up.scenario(); axes = {'pressure': [0, 1], 'runs': 5}; "
            "assert len(base.sweep(**axes).bands('joined').df()) == 12; "
            "assert len(base.sweep(**axes).runs.filter('run < 2').order('run').df()) == 4; "
            "grid = up.sweep('nhs_wales', **axes); assert grid.folder.is_dir(); print(grid.folder)"
        )
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        assert not Path(done.stdout.decode().strip()).exists()

    def test_it_says_what_is_in_it(self, base: up.Scenario) -> None:
        """Scheme, axes, points, runs."""
        told = repr(base.sweep(pressure=[0, 1], runs=5))
        assert "2 points of 5 runs" in told
        assert "levers.pressure" in told
        assert "query(SQL) asks the views points, outcomes, bands" in told
        both = repr(up.scenario().sweep(scenario=["nhs_wales", "nhs_sbs"], runs=2))
        assert all(up.scenario(name).title in both for name in ("nhs_wales", "nhs_sbs"))


class TestFigures:
    """Figures on axes of one's own, or on new ones."""

    def test_they_leave_settings_alone(self, base: up.Scenario) -> None:
        before = dict(matplotlib.rcParams)
        axes = Figure().subplots()
        result = base.set(upfront_fee_gbp=0).run(20)
        assert result.plot.adoption(ax=axes) is axes
        assert dict(matplotlib.rcParams) == before

    def test_each_draws_what_it_says(self, base: up.Scenario) -> None:
        """The question is the title; what was observed is marked."""
        result = base.set(upfront_fee_gbp=0).run(20)
        for draw in (result.plot.adoption, result.plot.who_joins, result.plot.outcome):
            axes = Figure().subplots()
            draw(ax=axes)
            shown = axes.get_title(loc="left").replace("\n", " ")
            assert "fee on signing 0 GBP (was 35,000)" in shown
        legend = axes.get_legend()
        assert legend is not None
        assert "observed of the scheme as it was: 17" in [
            text.get_text() for text in legend.get_texts()
        ]


def test_a_what_if_tells_what_differs_run_by_run(base: up.Scenario) -> None:
    """From the scheme as it was, or from another result; words are those of the report."""
    a, b = base.run(60), base.set(upfront_fee_gbp=0).run(60)
    told = {row["outcome"]: row for row in b.differences().records()}
    assert told["joined"]["difference"] == pytest.approx((b["joined"] - a["joined"]).mean())
    assert b.differences(a).rows == b.differences().rows
    assert a.differences().rows == []
    assert "fee on signing 0 GBP" in b.text
    assert b.summary().to_pandas().set_index("outcome").loc["joined", "observed"] == 17


def test_the_package_is_light_until_it_is_asked() -> None:
    """Its import loads neither numba nor mesa nor matplotlib; ``dir`` names the interface."""
    code = (
        "import sys, uptake; heavy = {'numba', 'mesa', 'matplotlib', 'hydra', 'numpy'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules); "
        "assert {'scenario', 'Scenario', 'sweep', 'open_run'} <= set(dir(uptake)); "
        "uptake.scenario; assert 'hydra' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'scenaro'"):
        _ = up.scenaro
