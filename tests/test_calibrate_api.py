"""``uptake.calibrate``: what the command infers, in Python, and scenarios on its draws."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uptake as up
from calibrating import FREE, HELD
from drawing import NAMES
from uptake.config.posterior import read

EPISODES = ["nhs_employers_2009", "cabinet_office_2012"]
FIXED = {
    **{f"parameters.priors.{name}.value": value for name, value in HELD.items()},
    "parameters.priors.attention_per_month.median": 0.2,
    "parameters.priors.sovereignty.sd": 1,
}
SMALL: dict[str, Any] = {
    "particles": 50, "chains": 2, "particles_left_out": 50, "tolerances": [8, 0], "runs": 50,
    "threads": 2,
}  # fmt: skip
OTHERS = {
    **FIXED, "calibration.matches": 3, "calibration.most_runs": 60,
    "calibration.error_rate.value": 0.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def made(calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> up.CalibrationResult:
    """Return the calibration that the command made, gone on with after its chains had ended."""
    folder = tmp_path_factory.mktemp("calibrated") / "here"
    shutil.copytree(calibration / "here" / "chains", folder / "chains")
    shutil.copy(calibration / "here" / "manifest.json", folder)
    return up.calibrate(None, OTHERS, out=folder, resume=True, **SMALL)


def test_the_draws_are_those_of_its_folder(made: up.CalibrationResult) -> None:
    """A row a draw, a column a parameter; what was fixed is fixed in every draw."""
    kept, about = read(made.draws_folder / "default.parquet")
    draws = made.to_pandas()
    assert list(draws.columns) == [*NAMES, "weight"]
    assert len(draws) == 100
    assert (draws.weight == kept.weights).all()
    assert all((draws[name] == kept.draws[name]).all() for name in NAMES)
    assert all((draws[name] == HELD[name]).all() for name in HELD)
    assert made.to_polars().shape == (100, 32)
    assert sorted(about["episodes"]) == sorted(made.episodes) == sorted(EPISODES)
    assert made.structure == "default"
    assert 1.0 < made.ess <= 100.0
    value, error = made.log_marginal_likelihood
    assert value < 0.0 < error


def test_parameters_are_told_before_and_after(made: up.CalibrationResult) -> None:
    """Of a half-normal prior the mean and points are known; of the draws they are recounted."""
    rows = {row["parameter"]: row for row in made.parameters.records()}
    assert set(rows) == FREE
    assert [row["bits"] for row in rows.values()] == sorted(
        (row["bits"] for row in rows.values()), reverse=True
    )
    sovereignty, draws = rows["sovereignty"], made.to_pandas()
    assert [sovereignty[name] for name in ("prior_mean", "prior_q05", "prior_q95")] == (
        pytest.approx([0.797885, 0.062707, 1.959964], abs=1e-5)
    )
    mean = np.average(draws.sovereignty, weights=draws.weight)
    assert sovereignty["mean"] == pytest.approx(mean)
    assert sovereignty["q05"] < mean < sovereignty["q95"]
    below = draws.weight[draws.sovereignty <= sovereignty["q05"]].sum()
    assert 0.05 <= below < 0.05 + draws.weight.max()
    assert rows["reporting_probability"]["sd_ratio"] < 0.5


def test_it_is_read_in_a_notebook(made: up.CalibrationResult) -> None:
    lines = repr(made).split("\n")
    assert lines[0].startswith("CalibrationResult of nhs_employers_2009, cabinet_office_2012")
    assert "2 chains of 50 particles, seed 1: 100 draws, effective sample size" in lines[1]
    assert any("reporting_probability: 0.5 (0.05 to 0.95) -> " in line for line in lines[2:])
    assert "<table><caption>parameters before and after" in made._repr_html_()
    assert "reporting_probability" in made._repr_html_()
    assert "Fitted to the exact counts of 2 episodes" in made.text
    assert made.text.startswith(f"Too few: {made.ess:,.0f} independent draws")
    assert "17" in made.checks.column("observed")


def test_a_scenario_runs_on_the_draws(made: up.CalibrationResult) -> None:
    """Every run has one of them, with the priors that they were made from; a folder will do too."""
    base = up.scenario(EPISODES[0])
    runs = base.set(upfront_fee_gbp=10_000).using(made, months=6).run(50)
    assert set(runs["parameter_sovereignty"]) <= set(made.to_pandas().sovereignty)
    assert runs.scenario.months == 6
    assert runs.case.overridden == {"upfront_fee_gbp": 10_000.0}
    on_priors = up.scenario(EPISODES[0], parameters="prior")
    again = on_priors.set(FIXED).using(made.draws_folder).run(20)
    assert set(again["parameter_sovereignty"]) <= set(made.to_pandas().sovereignty)
    whole = on_priors.set(FIXED).using(made.folder).run(20)
    assert (whole["parameter_sovereignty"] == again["parameter_sovereignty"]).all()
    with pytest.raises(up.InputError, match="save: structure, parameters: no part of a"):
        base.using(made).save(made.folder / "saved", name="mine")
    with pytest.raises(up.InputError, match=r"inferred with another parameters\.priors\."):
        base.using(made.draws_folder)
    with pytest.raises(up.InputError, match="structure"):
        base.using(made, structure="regional_peers")


def test_it_is_the_command_to_the_bit(
    made: up.CalibrationResult, calibration: Path, tmp_path: Path
) -> None:
    """What is asked is the same to the last key; draws, checks and summary are the same bytes.

    The report holds all but chains and checks, and nothing is written over.
    """
    folder, theirs = made.report(tmp_path / "report"), calibration / "here"
    tables = [path.relative_to(theirs) for path in theirs.rglob("*.parquet")]
    assert len(tables) == 33
    for name in tables:
        assert (made.folder / name).read_bytes() == (theirs / name).read_bytes(), name
    for same in ("summary.json", "draws/default.parquet"):
        assert (folder / same).read_bytes() == (theirs / same).read_bytes()
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {
        "summary.json", "provenance.json", "report.html", "learnt.png", "learnt.svg",
        "predicted.png", "predicted.svg", "draws/default.parquet",
    }  # fmt: skip
    with pytest.raises(up.InputError, match="an empty folder is needed"):
        made.report(folder)


FEW = SMALL | {"chains": 1, "particles_left_out": 0}


@pytest.fixture(scope="module")
def single() -> up.CalibrationResult:
    """Return a calibration to a name, of one chain, in no folder of ours."""
    return up.calibrate(EPISODES[:1], OTHERS, **FEW)


@pytest.fixture
def kept(single: up.CalibrationResult, tmp_path: Path) -> Path:
    """Return a folder of its own with the same calibration."""
    return shutil.copytree(single.folder, tmp_path / "kept")


def test_names_and_scenarios_are_calibrated_alike(single: up.CalibrationResult, kept: Path) -> None:
    """The same seed gives the same draws. What is done is not done again."""
    assert single.draws_folder.is_dir()
    assert np.isnan(single.log_marginal_likelihood[1])
    (state,) = kept.rglob("*.npz")
    written = state.stat().st_mtime_ns
    again = up.calibrate(up.scenario(EPISODES[0]), OTHERS, out=kept, resume=True, **FEW)
    assert state.stat().st_mtime_ns == written
    assert again.to_arrow().equals(single.to_arrow())
    fresh = up.calibrate(up.scenario(EPISODES[0]), OTHERS, **FEW | {"threads": 1})
    assert fresh.to_arrow().equals(single.to_arrow())
    assert fresh.folder != single.folder


ANOTHER: dict[str, tuple[dict[str, Any], str]] = {
    "seed": ({"seed": 2}, "seed was 1 and is now 2"),
    "runs": ({"runs": 60}, "runs was 50 and is now 60"),
    "particles": ({"particles": 51}, "calibration.particles was 50 and is now 51"),
    "structure": ({"structure": "regional_peers"}, "structures.regional_peers.peers was nothing"),
    "calibration.error_rate.value": (
        {"calibration.error_rate.value": 0.4},
        "calibration.error_rate.value was 0.5 and is now 0.4",
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
def test_another_calibration_is_not_mixed_in(what: str, kept: Path) -> None:
    """One line says what differs, before anything is done."""
    given, words = ANOTHER[what]
    named = {key: value for key, value in given.items() if "." not in key}
    others = OTHERS | {key: value for key, value in given.items() if "." in key}
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("*")}
    with pytest.raises(up.InputError, match=f"kept holds another calibration: {words}") as refused:
        up.calibrate(EPISODES[:1], others, out=kept, resume=True, **FEW | named)
    assert "\n" not in str(refused.value)
    assert before == {path: path.stat().st_mtime_ns for path in kept.rglob("*")}


def test_a_calibration_that_is_there_is_not_written_over(kept: Path) -> None:
    with pytest.raises(up.InputError, match=r"calibration\.resume=true goes on with it"):
        up.calibrate(EPISODES[:1], OTHERS, out=kept, **FEW)
    fewer = up.scenario(EPISODES[0]).using(approached=190)
    with pytest.raises(up.InputError, match="holds another calibration: scenarios_sha256"):
        up.calibrate(fewer, OTHERS, out=kept, resume=True, **FEW)


def test_another_version_of_the_model_or_a_damaged_record_is_refused(kept: Path) -> None:
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
            up.calibrate(EPISODES[:1], OTHERS, out=kept, resume=True, **FEW)


BASE = "nhs_employers_2009"
REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "no scenario": ([], {}, r"scenarios=\[\]: at least one"),
    "unknown": (["nhs_employer_2009"], {}, "did you mean nhs_employers_2009"),
    "twice": ([BASE, BASE], {}, f"scenarios={BASE}: it stands twice"),
    "nothing counted": (["nhs_sbs"], {}, "nothing was counted that could be matched"),
    "changed": (lambda: up.scenario(BASE).set(mandate=1), {}, r"give as_it_was\(\)"),
    "particles": (BASE, {"particles": 3}, "calibration.particles=3: allowed is 50 to"),
    "chains": (BASE, {"chains": 0}, "calibration.chains=0: allowed is 1 to"),
    "tolerances": (BASE, {"tolerances": [3]}, "ever smaller tolerances"),
    "no folder": (BASE, {"resume": True}, "out=FOLDER is needed"),
    "structure": (BASE, {"structure": "defualt"}, "did you mean default"),
    "config_dir": (BASE, {"config_dir": "nowhere"}, "no such folder"),
    "two priors": (
        lambda: [
            BASE,
            up.scenario(EPISODES[1], parameters="prior").set({"parameters.priors.caution.sd": 2}),
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
