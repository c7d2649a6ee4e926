"""``uptake.calibrate``: what the command infers, in Python, and scenarios on its draws."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uptake as up
from calibrating import FREE, HELD, HISTORIES
from drawing import NAMES
from uptake.config.posterior import read

FIXED = {
    **{f"parameters.priors.{name}.value": value for name, value in HELD.items()},
    "parameters.priors.attention_per_month.median": 0.2,
    "parameters.priors.sovereignty.sd": 1,
}
SMALL: dict[str, Any] = {
    "particles": 50, "chains": 2, "tolerances": [0.5, 0.1, 0], "runs": 50, "threads": 2,
}  # fmt: skip
HELD_ONE = "parameters.priors.sovereignty.value"
OTHERS = {
    "parameters": "prior", **FIXED, "calibration.matches": 3, "calibration.most_runs": 60,
}  # fmt: skip


@pytest.fixture(scope="module")
def made(calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> up.CalibrationResult:
    """Return the calibration that the command made, gone on with after its chains had ended."""
    folder = tmp_path_factory.mktemp("calibrated") / "here"
    shutil.copytree(calibration / "here" / "chains", folder / "chains")
    shutil.copy(calibration / "here" / "manifest.json", folder)
    asked: dict[str, Any] = {"out": folder, "resume": True, "config_dir": calibration / "mine"}
    return up.calibrate(HISTORIES, OTHERS, **asked, **SMALL)


@pytest.fixture(scope="module")
def mine(calibration: Path) -> Path:
    """Return the folder of the schemes."""
    return calibration / "mine"


def test_the_draws_are_those_of_its_folder(made: up.CalibrationResult) -> None:
    """A row a draw, a column a parameter; what was fixed is fixed in every draw."""
    draws = made.to_pandas()
    assert list(draws.columns) == ["history", *NAMES, "weight", "alone"]
    assert made.to_polars().shape == (400, 34)
    for name in HISTORIES:
        path = made.draws_folder / "default" / f"{name}.parquet"
        ours, kept = draws[draws.history == name], made.draws(name)
        assert len(ours) == 200  # of both chains, and as many nearer to the pool
        assert (ours.weight == read(path)[0].weights).all()
        assert (ours.alone == read(path, "alone")[0].weights).all()
        for parameter in FREE:
            assert (ours[parameter] == kept.draws[parameter]).all()
    assert all((draws[name] == HELD[name]).all() for name in HELD)
    assert (made.histories, made.others) == (list(HISTORIES), [])
    assert made.structure == "default"
    assert len(made.draws("new").weights) == 2_000
    with pytest.raises(up.InputError, match="did you mean county"):
        made.draws("conty")


def test_parameters_are_told_before_and_after(made: up.CalibrationResult) -> None:
    """Of a half-normal prior the mean and points are known; of the draws they are recounted."""
    draws = made.to_pandas()
    for name in HISTORIES:
        told = [row for row in made.parameters.records() if row["history"] == name]
        rows = {row["parameter"]: row for row in told}
        assert set(rows) == FREE
        bits = [row["bits"] for row in told]
        assert bits == sorted(bits, reverse=True)
        sovereignty, ours = rows["sovereignty"], draws[draws.history == name]
        assert [sovereignty[column] for column in ("prior_mean", "prior_q05", "prior_q95")] == (
            pytest.approx([0.797885, 0.062707, 1.959964], abs=1e-5)
        )
        mean = np.average(ours.sovereignty, weights=ours.alone)
        assert sovereignty["mean"] == pytest.approx(mean)
        pooled = np.average(ours.sovereignty, weights=ours.weight)
        assert sovereignty["pooled_mean"] == pytest.approx(pooled)
        assert sovereignty["q05"] < mean < sovereignty["q95"]
        below = ours.alone[ours.sovereignty <= sovereignty["q05"]].sum()
        assert 0.05 <= below < 0.05 + ours.alone.max()
        assert rows["attention_per_month"]["sd_ratio"] < 0.9


def test_what_differs_between_histories_is_told(made: up.CalibrationResult) -> None:
    """Few looked in both: the mean of attention lies below the prior's, and spreads are not known.

    Of the pooled parameters those that are free; the draws of a new scheme have mean and spread.
    """
    rows = {row["parameter"]: row for row in made.pooled.records()}
    assert set(rows) == {"attention_per_month", "sovereignty"}
    attention = rows["attention_per_month"]
    assert attention["mean_q05"] < attention["mean"] < attention["mean_q95"] < 0.3
    assert 0.1 < attention["spread_q05"] < attention["spread"] < attention["spread_q95"] < 1.0
    assert 0.0 < attention["error"] < 1.0
    assert attention["r_hat"] == pytest.approx(1.0, abs=0.05)
    new = np.log(made.draws("new").draws.attention_per_month / 0.2) / 0.8
    assert new.mean() == pytest.approx(attention["mean"], abs=0.1)
    assert attention["spread"] < new.std() < 1.1


def test_how_far_draws_can_be_trusted_is_told(made: up.CalibrationResult) -> None:
    rows = {row["history"]: row for row in made.diagnostics.records()}
    assert set(rows) == set(HISTORIES)
    for row in rows.values():
        assert row["draws"] == 200
        assert 1.0 < row["ess"] <= 100.0  # of those from its own prior
        assert 1.0 < row["ess_pooled"] < 100.0
        assert row["log_marginal_likelihood"] < 0.0 < row["standard_error"]
        assert not row["reaches"]  # 100 draws are too few, and with as many nearer they still are
        chains = (made.folder / "chains" / "default" / row["history"]).glob("nearer_*/chain_*.npz")
        assert [path.name for path in sorted(chains)] == ["chain_1.npz", "chain_2.npz"]


def test_it_is_read_in_a_notebook(made: up.CalibrationResult) -> None:
    lines = repr(made).split("\n")
    assert lines[0] == "CalibrationResult of county, shire; structure default"
    assert "2 chains of 50 particles for each, seed 1; means of the pool are off by" in lines[1]
    for name, line in zip(HISTORIES, lines[2:], strict=True):
        assert line.strip().startswith(f"{name}: attention_per_month 0.28 (0.054 to 0.75) -> ")
    assert "<caption>parameters before and after" in made._repr_html_()
    assert "<caption>behaviour between 2 histories" in made._repr_html_()
    assert made.text.startswith("Too few: under 100 independent draws")
    assert "2 +- 1" in made.checks.column("observed")


def test_a_scenario_runs_on_the_draws(made: up.CalibrationResult, mine: Path) -> None:
    """Every run has one of them, with the priors that they were made from; a folder will do too."""
    base = up.scenario("county", config_dir=mine, parameters="prior")
    ours = made.draws("county").draws
    runs = base.set(upfront_fee_gbp=10_000).using(made, months=6).run(50)
    assert set(runs["parameter_sovereignty"]) <= set(ours.sovereignty)
    assert runs.scenario.months == 6
    assert runs.case.overridden == {"upfront_fee_gbp": 10_000.0}
    again = base.set(FIXED).using(made.draws_folder, draws="again").run(20)
    assert set(again["parameter_sovereignty"]) <= set(ours.sovereignty)
    whole = base.set(FIXED).using(made.folder, draws="again").run(20)
    assert (whole["parameter_sovereignty"] == again["parameter_sovereignty"]).all()
    new = base.using(made, draws="new").run(20)
    assert set(new["parameter_sovereignty"]) <= set(made.draws("new").draws.sovereignty)
    with pytest.raises(up.InputError, match=r"save: .*parameters: no part of a"):
        base.using(made).save(made.folder / "saved", name="mine")
    with pytest.raises(up.InputError, match=r"inferred with another parameters\.priors\."):
        base.using(made.draws_folder)
    with pytest.raises(up.InputError, match="structure"):
        base.using(made, structure="regional_peers")


@pytest.mark.parametrize("draws", ["happened", "again", "new"])
def test_which_draws_can_be_asked_beside_them(
    draws: str, made: up.CalibrationResult, mine: Path
) -> None:
    """In one step or two; a lever is no draw, and a scheme is not saved on them."""
    base = up.scenario("county", config_dir=mine, parameters="prior")
    scheme = base.using(made, draws=draws)
    assert scheme.case.draws == draws
    assert base.using(made).using(draws=draws).case.draws == draws
    joined = scheme.run(100)["joined"]
    assert (joined == 4).all() == (draws == "happened")
    with pytest.raises(up.InputError, match=r"no lever; ask by using\(draws=\.\.\.\)"):
        base.set(draws=draws)  # type: ignore[arg-type]
    with pytest.raises(up.InputError, match="draws: no part of a scheme"):
        scheme.save(made.folder / "saved", name="mine")


def test_what_happened_is_refused_where_it_did_not(made: up.CalibrationResult, mine: Path) -> None:
    """Other trusts, a number approached, what is held: one line. Tried again they can be asked."""
    base = up.scenario("county", config_dir=mine, parameters="prior")
    happened = base.using(made, draws="happened")
    others: dict[str, Callable[[], Any]] = {
        "other trusts": lambda: happened.using(approached=19),
        "fix=assumptions": lambda: happened.using(fix="assumptions"),
        "a parameter that is held": lambda: happened.set({HELD_ONE: 1}),
        "scenario.approached.value": lambda: happened.set({"scenario.approached.value": 19}),
    }  # fmt: skip
    for words, ask in others.items():
        with pytest.raises(up.InputError, match=f"draws=happened: .*{words}; draws=again can"):
            ask()
    assert base.using(made, approached=19).case.draws == "again"
    assert base.using(made, fix="assumptions", draws="again").case.draws == "again"
    with pytest.raises(up.InputError, match="draws=happened: nothing was learnt from borough"):
        up.scenario("borough", config_dir=mine, parameters="prior").using(made, draws="happened")


def test_it_is_the_command_to_the_bit(
    made: up.CalibrationResult, calibration: Path, tmp_path: Path
) -> None:
    """What is asked is the same to the last key; draws, checks and summary are the same bytes.

    The report holds all but chains and checks, and nothing is written over.
    """
    folder, theirs = made.report(tmp_path / "report"), calibration / "here"
    tables = [path.relative_to(theirs) for path in theirs.rglob("*.parquet")]
    assert len(tables) == 3 + 1 + 2 * 3 * 2  # draws, how the histories were predicted, checks
    for name in tables:
        assert (made.folder / name).read_bytes() == (theirs / name).read_bytes(), name
    draws = [f"draws/default/{name}.parquet" for name in (*HISTORIES, "new")]
    for same in ("summary.json", *draws):
        assert (folder / same).read_bytes() == (theirs / same).read_bytes()
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {
        "summary.json", "provenance.json", "report.html", "learnt.png", "learnt.svg",
        "predicted.png", "predicted.svg", *draws,
    }  # fmt: skip
    with pytest.raises(up.InputError, match="an empty folder is needed"):
        made.report(folder)


def test_a_history_of_ones_own_is_pooled_with_others(
    made: up.CalibrationResult, mine: Path
) -> None:
    """Those of the draws that are asked for; it is fitted by itself, as it was among them.

    As many draws more lie where the others point: of these all draws are known by now.
    """
    asked = OTHERS | {"parameters.draws": str(made.draws_folder)}
    found = up.calibrate("county", asked, config_dir=mine, **SMALL)
    assert (found.histories, found.others) == (["county"], ["shire"])
    before = made.to_pandas().query("history == 'county'")
    now = found.to_pandas()
    assert len(now) == len(before) == 200
    assert (now[NAMES][:100] == before[NAMES][:100]).all(axis=None)
    fitted, was_fitted = (next(iter(table.diagnostics.records())) for table in (found, made))
    assert fitted["history"] == was_fitted["history"] == "county"
    for what in ("ess", "log_marginal_likelihood", "standard_error"):
        assert fitted[what] == was_fitted[what]
    for weight in ("alone", "weight"):
        assert np.corrcoef(now[weight][:100], before[weight][:100])[0, 1] > 0.99
        assert now[weight][:100].sum() == pytest.approx(before[weight][:100].sum(), abs=0.05)
        for name in FREE:
            means = [np.average(table[name], weights=table[weight]) for table in (now, before)]
            assert means[0] == pytest.approx(means[1], abs=0.2 * before[name].std())
    mean, was = (table.pooled.column("mean") for table in (found, made))
    assert mean == pytest.approx(was, abs=0.1)
    scheme = up.scenario("shire", config_dir=mine, parameters="prior").using(found)
    assert (scheme.case.draws, scheme.run(50)["joined"].max()) == ("happened", 0)
    assert "pooled with 1 that had been fitted before" in repr(found)
    with pytest.raises(up.InputError, match=r"another parameters\.priors\."):
        up.calibrate("county", asked | {"parameters.priors.sovereignty.sd": 2}, config_dir=mine)


FEW = SMALL | {"chains": 1}


@pytest.fixture(scope="module")
def single(mine: Path) -> up.CalibrationResult:
    """Return a calibration to a name, of one chain, in no folder of ours."""
    return up.calibrate(["county"], OTHERS, config_dir=mine, **FEW)


@pytest.fixture
def kept(single: up.CalibrationResult, tmp_path: Path) -> Path:
    """Return a folder of its own with the same calibration."""
    return shutil.copytree(single.folder, tmp_path / "kept")


def test_names_and_scenarios_are_calibrated_alike(
    single: up.CalibrationResult, kept: Path, mine: Path
) -> None:
    """The same seed gives the same draws. What is done is not done again."""
    assert single.draws_folder.is_dir()
    assert np.isnan(single.diagnostics.column("standard_error")[0])
    (state,) = kept.rglob("*.npz")
    written = state.stat().st_mtime_ns
    scheme = up.scenario("county", config_dir=mine)
    again = up.calibrate(scheme, OTHERS, out=kept, resume=True, **FEW)
    assert state.stat().st_mtime_ns == written
    assert again.to_arrow().equals(single.to_arrow())
    fresh = up.calibrate(scheme, OTHERS, **FEW | {"threads": 1})
    assert fresh.to_arrow().equals(single.to_arrow())
    assert fresh.folder != single.folder


ANOTHER: dict[str, tuple[dict[str, Any], str]] = {
    "seed": ({"seed": 2}, "seed was 1 and is now 2"),
    "runs": ({"runs": 60}, "runs was 50 and is now 60"),
    "particles": ({"particles": 51}, "calibration.particles was 50 and is now 51"),
    "structure": ({"structure": "regional_peers"}, "structures.regional_peers.peers was nothing"),
    "calibration.error_rate.value": (
        {"calibration.error_rate.value": 0.4},
        "calibration.error_rate.value was 0.1 and is now 0.4",
    ),
    "a prior": (
        {"parameters.priors.sovereignty.sd": 2},
        r"priors.sovereignty\[1\].sd was 1.0 and is now 2.0",
    ),
    "a fixed value": (
        {"parameters.priors.caution.value": 2}, r"priors.caution\[2\] was 0.67 and is now 2.0",
    ),
    "one more fixed": (
        {"parameters.priors.sovereignty.value": 1},
        r"priors.sovereignty\[2\] was None and is now 1.0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ANOTHER)
def test_another_calibration_is_not_mixed_in(what: str, kept: Path, mine: Path) -> None:
    """One line says what differs, before anything is done."""
    given, words = ANOTHER[what]
    named = {key: value for key, value in given.items() if "." not in key}
    others = OTHERS | {key: value for key, value in given.items() if "." in key}
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("*")}
    with pytest.raises(up.InputError, match=f"kept holds another calibration: {words}") as refused:
        up.calibrate(["county"], others, out=kept, resume=True, config_dir=mine, **FEW | named)
    assert "\n" not in str(refused.value)
    assert before == {path: path.stat().st_mtime_ns for path in kept.rglob("*")}


def test_a_calibration_that_is_there_is_not_written_over(kept: Path, mine: Path) -> None:
    with pytest.raises(up.InputError, match=r"calibration\.resume=true goes on with it"):
        up.calibrate(["county"], OTHERS, out=kept, config_dir=mine, **FEW)
    fewer = up.scenario("county", config_dir=mine).using(approached=19)
    with pytest.raises(up.InputError, match="holds another calibration: scenarios_sha256"):
        up.calibrate(fewer, OTHERS, out=kept, resume=True, **FEW)


def test_another_version_of_the_model_or_a_damaged_record_is_refused(
    kept: Path, mine: Path
) -> None:
    """By its rules, though its version be called the same; a record that is cut off, by name."""
    path = kept / "manifest.json"
    told = path.read_text()
    records = [
        (json.dumps(json.loads(told) | {key: "0"}), f"another calibration: {key} was 0 and is now")
        for key in ("version", "source")
    ]
    records += [(told[: len(told) // 2], "manifest.json: not a manifest"), ("[]", "was nothing")]
    for text, words in records:
        path.write_text(text)
        with pytest.raises(up.InputError, match=words):
            up.calibrate(["county"], OTHERS, out=kept, resume=True, config_dir=mine, **FEW)


BASE = "nhs_employers_2009"
REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "no scenario": ([], {}, r"scenarios=\[\]: at least one"),
    "unknown": (["nhs_employer_2009"], {}, "did you mean nhs_employers_2009"),
    "twice": ([BASE, BASE], {}, f"scenarios={BASE}: it stands twice"),
    "changed": (lambda: up.scenario(BASE).set(mandate=1), {}, r"give as_it_was\(\)"),
    "particles": (BASE, {"particles": 3}, "calibration.particles=3: allowed is 50 to"),
    "chains": (BASE, {"chains": 0}, "calibration.chains=0: allowed is 1 to"),
    "tolerances": (BASE, {"tolerances": [3]}, "ever smaller shares are needed, from 1 at most"),
    "no folder": (BASE, {"resume": True}, "out=FOLDER is needed"),
    "structure": (BASE, {"structure": "defualt"}, "did you mean default"),
    "config_dir": (BASE, {"config_dir": "nowhere"}, "no such folder"),
    "two priors": (
        lambda: [
            BASE,
            up.scenario("nhs_sbs", parameters="prior").set({"parameters.priors.caution.sd": 2}),
        ],
        {},
        "parameters.priors.caution: .* have different priors; one is needed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_is_one_exception_with_one_line(what: str) -> None:
    scenarios, others, words = REFUSED[what]
    with pytest.raises(up.InputError, match=words) as refused:
        up.calibrate(scenarios() if callable(scenarios) else scenarios, **others)
    assert "\n" not in str(refused.value)


def test_a_scheme_of_which_nothing_was_reported_is_refused(mine: Path) -> None:
    """Asked for by name; histories are named as the first argument, and not by key as well."""
    with pytest.raises(up.InputError, match="scenarios=borough: nothing was reported that can be"):
        up.calibrate(["county", "borough"], OTHERS, config_dir=mine, **FEW)
    with pytest.raises(up.InputError, match=r"calibration\.histories=.*: the first argument says"):
        up.calibrate("county", OTHERS | {"calibration.histories": ["shire"]}, config_dir=mine)
