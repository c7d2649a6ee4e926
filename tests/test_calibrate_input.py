"""What uptake calibrate refuses, and what it takes from the scenarios of a user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from calibrating import TINY, summary_of
from conftest import ROOT
from drawing import instead, refused, said
from uptake.config.posterior import read

REFUSED = {
    "calibration.tolerances=[8,4]": ["calibration.tolerances=[8,4]: ", "ever smaller", "to 0"],
    "calibration.tolerances=[0,8]": ["calibration.tolerances=[0,8]: ", "ever smaller"],
    "calibration.tolerances=[8,8,0]": ["calibration.tolerances=[8,8,0]: ", "ever smaller"],
    "calibration.tolerances=[4,8,0]": ["calibration.tolerances=[4,8,0]: ", "ever smaller"],
    "calibration.tolerances=[8,0,-1]": ["calibration.tolerances=[8,0,-1]: ", "down to 0"],
    "calibration.tolerances=[]": ["calibration.tolerances=[]: ", "ever smaller"],
    "calibration.tolerances=[nan,0]": ["calibration.tolerances=[nan,0]: ", "ever smaller"],
    "calibration.tolerances=8": ["calibration.tolerances=8"],
    "calibration.particles=3": ["calibration.particles=3: allowed is 50 to 100000 (particles)"],
    "calibration.particles=50.5": ["calibration.particles=50.5", "a whole number is needed"],
    "calibration.particles_left_out=3": ["calibration.particles_left_out=3: allowed is 50 to"],
    "calibration.chains=0": ["calibration.chains=0: allowed is 1 to 1000 (chains)"],
    "calibration.matches=1": ["calibration.matches=1: allowed is 2 to 1000 (runs)"],
    "calibration.most_runs=9": ["calibration.most_runs=9: allowed is 10 to"],
    "calibration.error_rate.value=0.7": ["error_rate.value=0.7: allowed is 1e-06 to 0.5"],
    "calibration.error_rate.value=0": ["error_rate.value=0: allowed is 1e-06 to 0.5"],
    "calibration.error_rate.value=nan": ["error_rate.value=nan: allowed is 1e-06 to 0.5"],
    "calibration.resume=perhaps": ["calibration.resume=perhaps"],
    "calibration.paticles=60": ["calibration.paticles", "no such key", "did you mean particles?"],
    "+calibration.new=1": ["calibration.new=1", "no such key"],
    "variants=[defualt]": ["variants=defualt", "did you mean default?"],
    "structure=defualt": ["did you mean default?"],
    "seed=-1": ["seed=-1", "allowed is 0 to"],
    "runs=0": ["runs=0", "allowed is 1 to"],
    "out=": ["out=", "folder"],
    "scenario=nhs_sbs": ["uptake calibrate does not read scenario"],
    "levers.mandate=1": ["uptake calibrate does not read levers"],
    "months=6": ["uptake calibrate does not read months"],
    "population.approached=100": ["uptake calibrate does not read population"],
    "sweep.runs=5": ["uptake calibrate does not read sweep"],
    "--multirun": ["--multirun", "no such option"],
}


@pytest.mark.parametrize("argument", REFUSED)
def test_bad_input_is_refused_in_one_line(argument: str, tmp_path: Path) -> None:
    """Exit code 2, key, value and what is allowed; no folder is made."""
    err = refused(tmp_path, "calibrate", argument)
    for part in REFUSED[argument]:
        assert part in err


@pytest.mark.parametrize("command", ["run", "run -m"])
def test_only_calibrate_reads_what_is_about_calibration(command: str, tmp_path: Path) -> None:
    err = refused(tmp_path, *command.split(), "calibration.particles=60")
    assert "calibration.particles=60: uptake run does not read calibration" in err
    assert "it is for uptake calibrate" in err


FITS = {
    "scenario=cabinet_office_2012 scenario.observed.worst_exit_share.fit=exactly": [
        "scenario.observed.worst_exit_share.fit=exactly: only a whole count",
    ],
    "scenario.observed.provider_loss_gbp.fit=exactly": ["provider_loss_gbp.fit=exactly"],
    "scenario.observed.joined.value=17.5": ["scenario.observed.joined.fit=exactly", "whole"],
    "scenario.observed.joined.fit=nearly": [
        "scenario.observed.joined.fit=nearly", "exactly, at_least, none",
    ],
    "scenario.observed.joined.fit=exact": ["did you mean exactly?"],
    "scenario.observed.joined.month=6": ["scenario.observed.joined.month=6: "],
    "scenario.observed.interested.fit=none scenario.observed.joined.month=0": [
        "scenario.observed.joined.month=0", "allowed is 1 to",
    ],
    "scenario=cabinet_office_2012 scenario.observed.rejoined.month=56": [
        "scenario.observed.rejoined.month=56: ", "rejoined is known at the last month, 57",
    ],
    "scenario=cabinet_office_2012 scenario.observed.worst_exit_share.month=58": [
        "scenario.observed.worst_exit_share.month=58: ", "the last month, 57",
    ],
}  # fmt: skip


@pytest.mark.parametrize("asked", FITS)
def test_a_scenario_cannot_have_fitted_what_its_runs_do_not_tell(
    asked: str, tmp_path: Path
) -> None:
    """A share or a broken number exactly, an unknown word, a month without a figure."""
    err = refused(tmp_path, "run", "runs=5", *asked.split())
    for part in FITS[asked]:
        assert part in err


def test_a_curve_may_be_seen_at_any_month_and_what_has_none_at_the_last(tmp_path: Path) -> None:
    """What no run could be compared with is refused, fitted or not: it would vanish."""
    asked = ["scenario.observed.joined.month=3", "scenario.observed.interested.fit=none"]
    code, _, err = said(tmp_path, "run", "runs=5", "out=here", *asked)
    assert (code, err) == (0, "")
    asked = ["scenario=cabinet_office_2012", "scenario.observed.rejoined.month=56"]
    err = refused(tmp_path, "run", *asked, "scenario.observed.rejoined.fit=none")
    assert "rejoined is known at the last month, 57, only" in err


def own(folder: Path, **observed: dict[str, Any]) -> list[str]:
    """Make a folder with a scenario in which these things were observed; return its option."""
    source = ROOT / "configs" / "scenario" / "nhs_employers_2009.yaml"
    scenario = yaml.safe_load(source.read_text())
    seen = {name: {"unit": "trusts", "source": "mine"} | of for name, of in observed.items()}
    scenario |= {"name": "mine", "title": "A scheme of mine", "findings": [], "observed": seen}
    (folder / "mine" / "scenario").mkdir(parents=True, exist_ok=True)
    (folder / "mine" / "scenario" / "mine.yaml").write_text(yaml.safe_dump(scenario))
    return ["--config-dir", "mine"]


def test_a_count_of_ones_own_that_cannot_be_fitted_is_refused(tmp_path: Path) -> None:
    """Before anything is run, and before a folder is made."""
    for seen, words in (
        ({"value": 0.5, "month": 5, "fit": "exactly"}, "fit=exactly: only a whole count"),
        ({"value": 1, "month": 5, "fit": "roughly"}, "fit=roughly: allowed is one of exactly"),
        ({"value": 1, "month": 4, "fit": "exactly"}, "month=4: "),
    ):
        option = own(tmp_path, exempt=seen)
        err = refused(tmp_path, "calibrate", *option, *TINY, "out=here")
        assert f"scenario.observed.exempt.{words}" in err


def test_a_count_of_ones_own_is_fitted_too(tmp_path: Path) -> None:
    """A count that every run meets is fitted with the others, and the report says so."""
    option = own(tmp_path, providers_stopped={"value": 0, "month": 5, "fit": "exactly"})
    asked = [
        "calibrate", *option, *instead(TINY, "calibration.chains=1"), "threads=2", "out=here"
    ]  # fmt: skip
    code, out, err = said(tmp_path, *asked)
    assert (code, err) == (0, "")
    assert "the exact counts of 3 episodes" in out
    assert "A scheme of mine: 0 " in out
    told = "A scheme of mine: 100 to 411 approached and 5 months are taken as given"
    assert told in " ".join(out.split())
    _, about = read(tmp_path / "here" / "draws" / "default.parquet")
    assert about["episodes"]["mine"] == {"providers_stopped": 0}
    checks = summary_of(tmp_path / "here")["default"]["checks"]
    (mine,) = (check for check in checks if check["episode"] == "mine")
    assert (mine["fitted"], "without" in mine) == (True, True)
    assert (
        about["diagnostics"]["log_marginal_likelihood_standard_error"] is None
    )  # of a single chain


def test_a_count_of_ones_own_that_no_run_meets_ends_the_chain_in_one_line(tmp_path: Path) -> None:
    """Exit code 1, no draws; nothing is fitted to the other episodes alone."""
    option = own(tmp_path, providers_stopped={"value": 1, "month": 5, "fit": "exactly"})
    code, _, err = said(tmp_path, "calibrate", *option, *TINY, "threads=2", "out=here")
    assert (code, err.count("\n")) == (1, 1)
    assert "no run of any of 50 particles is within 0 of what was observed" in err
    assert not (tmp_path / "here" / "draws").exists()


@pytest.mark.slow
def test_structures_are_fitted_side_by_side_and_never_averaged(tmp_path: Path) -> None:
    """A table of draws for each, and what one comes to does not depend on the others."""
    asked = ["calibrate", *instead(TINY, "calibration.chains=1"), "threads=2"]
    both = [*asked, "variants=[default,regional_peers]", "out=both"]
    code, out, err = said(tmp_path, *both)
    assert (code, err) == (0, "")
    words = " ".join(out.split())
    assert "Answers are given by structure and never averaged" in words
    assert "Log marginal likelihood by structure: default " in words
    assert said(tmp_path, *asked, "structure=regional_peers", "out=alone")[0] == 0
    assert set(summary_of(tmp_path / "both")) == {"default", "regional_peers"}
    assert (
        summary_of(tmp_path / "both")["regional_peers"]
        == summary_of(tmp_path / "alone")["regional_peers"]
    )
    for name in ("default", "regional_peers"):
        _, about = read(tmp_path / "both" / "draws" / f"{name}.parquet")
        assert about["structure"]["peers"] == ("nation" if name == "default" else "region")
