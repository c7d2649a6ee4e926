"""What uptake calibrate refuses, and what it takes from the scenarios of a user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from calibrating import TINY, schemes, summary_of
from drawing import instead, refused, said, write_draws
from uptake.config.posterior import read

REFUSED = {
    "calibration.tolerances=[8,4]": ["calibration.tolerances=[8,4]: ", "ever smaller", "to 0"],
    "calibration.tolerances=[0,8]": ["calibration.tolerances=[0,8]: ", "ever smaller"],
    "calibration.tolerances=[8,8,0]": ["calibration.tolerances=[8,8,0]: ", "ever smaller"],
    "calibration.tolerances=[4,8,0]": ["calibration.tolerances=[4,8,0]: ", "ever smaller"],
    "calibration.tolerances=[8,0,-1]": ["calibration.tolerances=[8,0,-1]: ", "down to 0"],
    "calibration.pooled=[pase]": ["calibration.pooled", "did you mean pace?"],
    "calibration.histories=[nhs_sbss]": ["calibration.histories=nhs_sbss", "did you mean nhs_sbs?"],
    "calibration.histories=[nhs_sbs,nhs_sbs]": ["calibration.histories=nhs_sbs: it stands twice"],
    "calibration.histories=nhs_sbs": ["calibration.histories=nhs_sbs"],
    "draws=new": ["uptake calibrate does not read draws"],
    "calibration.tolerances=[]": ["calibration.tolerances=[]: ", "ever smaller"],
    "calibration.tolerances=[nan,0]": ["calibration.tolerances=[nan,0]: ", "ever smaller"],
    "calibration.tolerances=8": ["calibration.tolerances=8"],
    "calibration.particles=3": ["calibration.particles=3: allowed is 50 to 100000 (particles)"],
    "calibration.particles=50.5": ["calibration.particles=50.5", "a whole number is needed"],
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


def own(folder: Path, **observed: dict[str, Any]) -> list[str]:
    """Write a scheme of which this was observed beside two others; return what asks for it."""
    if not (folder / "mine").exists():
        schemes(folder)
    path = folder / "mine" / "scenario" / "borough.yaml"
    seen = {name: {"unit": "trusts", "source": "mine"} | of for name, of in observed.items()}
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"observed": seen}))
    return ["calibrate", *instead(TINY, "calibration.histories=[borough]"), "threads=2", "out=here"]


def test_a_scheme_of_ones_own_is_fitted(tmp_path: Path) -> None:
    """Alone, on the prior: what every run meets teaches nothing, and the report names it."""
    asked = own(tmp_path, providers_stopped={"value": 0, "month": 12})
    code, out, err = said(tmp_path, *instead(asked, "calibration.chains=1"))
    assert (code, err) == (0, "")
    assert "BOROUGH" in out
    assert "One history was fitted by itself" in out
    _, about = read(tmp_path / "here" / "draws" / "default" / "borough.parquet")
    assert about["fitted"] == {"providers_stopped": 0}
    diagnostics = about["diagnostics"]
    assert diagnostics["log_marginal_likelihood"] == 0.0
    assert diagnostics["log_marginal_likelihood_standard_error"] is None  # of a single chain
    (check,) = summary_of(tmp_path / "here")["default"]["checks"]
    assert (check["fitted"], "without" in check) == (True, False)  # there are no others


def test_a_count_of_ones_own_that_no_run_meets_ends_the_chain_in_one_line(tmp_path: Path) -> None:
    """Exit code 1, no draws; within no tolerance, else it is fitted as near as it comes."""
    asked = own(tmp_path, providers_stopped={"value": 1, "month": 12})
    code, _, err = said(tmp_path, *instead(asked, "calibration.tolerances=[0.001,0]"))
    assert (code, err.count("\n")) == (1, 1)
    assert "none of 50 particles have a run within 0.001 of what was observed" in err
    assert not (tmp_path / "here" / "draws").exists()


def test_a_scheme_of_which_nothing_was_reported_is_refused(tmp_path: Path) -> None:
    """Also where what was observed is not to be fitted; before a folder is made."""
    for seen in ({}, {"joined": {"value": 3, "month": 12, "fit": False}}):
        err = refused(tmp_path, *own(tmp_path, **seen))
        assert "calibration.histories=borough: nothing was reported that can be fitted" in err


def test_a_history_cannot_have_the_name_of_the_draws_of_none(tmp_path: Path) -> None:
    """They lie side by side, a file each."""
    own(tmp_path, joined={"value": 3, "month": 12})
    folder = tmp_path / "mine" / "scenario"
    text = (folder / "borough.yaml").read_text().replace("name: borough", "name: new")
    (folder / "new.yaml").write_text(text)
    err = refused(tmp_path, "calibrate", *instead(TINY, "calibration.histories=[new]"))
    assert "scenario.name=new: " in err
    assert "give it another" in err


def test_those_it_is_pooled_with_must_be_of_the_same_priors(tmp_path: Path) -> None:
    """And of the structure; else one line says what to do."""
    asked = own(tmp_path, joined={"value": 3, "month": 12})
    write_draws(tmp_path / "others", of="shire")
    err = refused(tmp_path, *instead(asked, "parameters.draws=others"))
    assert "parameters.draws=others: the draws were inferred with another parameters.priors." in err
    assert "parameters=prior" in err
    write_draws(tmp_path / "empty")  # but for draws of a scheme that nobody has tried
    for folder, told in (("none", "no such folder"), ("empty", "nothing was inferred under the")):
        err = refused(tmp_path, *instead(asked, f"parameters.draws={folder}"))
        assert f"parameters.draws={folder}: {told}" in err


@pytest.mark.slow
def test_structures_are_fitted_side_by_side_and_never_averaged(tmp_path: Path) -> None:
    """A table of draws for each, and what one comes to does not depend on the others."""
    schemes(tmp_path)
    asked = ["calibrate", *instead(TINY, "calibration.chains=1"), "threads=2"]
    both = [*asked, "variants=[default,regional_peers]", "out=both"]
    code, out, err = said(tmp_path, *both)
    assert (code, err) == (0, "")
    words = " ".join(out.split())
    assert "Answers are given by structure and never averaged" in words
    assert "Log marginal likelihood by structure, all histories: default " in words
    assert said(tmp_path, *asked, "structure=regional_peers", "out=alone")[0] == 0
    assert set(summary_of(tmp_path / "both")) == {"default", "regional_peers"}
    assert (
        summary_of(tmp_path / "both")["regional_peers"]
        == summary_of(tmp_path / "alone")["regional_peers"]
    )
    for name in ("default", "regional_peers"):
        _, about = read(tmp_path / "both" / "draws" / name / "new.parquet")
        assert about["structure"]["peers"] == ("nation" if name == "default" else "region")
