"""The draws that the package brings: there for every structure, and of these very priors."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from uptake.cli.arguments import question
from uptake.cli.main import main
from uptake.config.case import assemble
from uptake.config.posterior import known_of, read, structure_of
from uptake.config.schema import configs_folder
from uptake.config.schema.former import under_present_names
from uptake.errors import FormerName

STRUCTURES = sorted(file.stem for file in (configs_folder() / "structure").glob("*.yaml"))
DRAWS = configs_folder() / "parameters" / "posterior"


@pytest.mark.parametrize("structure", STRUCTURES)
def test_every_structure_has_its_draws(structure: str) -> None:
    """2,000 of them, or 600 of a variant; half as many at least count, and a run draws from them.

    How far four chains disagree tells that number less surely: to a fifth or so.
    """
    draws = 2_000 if structure == "default" else 600
    posterior, about = read(DRAWS / f"{structure}.parquet")
    case = assemble(question("run", [f"structure={structure}"]).configuration())
    assert about["structure"] == structure_of(case.config)
    assert about["priors"] == known_of(case.priors)
    assert len(posterior.weights) == draws
    said = about["diagnostics"]
    assert said["ess_distinct"] >= draws / 2
    assert said["ess_between_chains"] >= 0.3 * draws
    assert {stages[-1]["tolerance"] for stages in said["chains"]} == {0.0}
    drawn = case.design(0, 500)
    assert np.isin(drawn["sovereignty"], posterior.draws["sovereignty"]).all()


def presently(about: dict[str, Any]) -> dict[str, Any]:
    """Return what draws say of themselves under the present names of keys."""
    with warnings.catch_warnings(action="ignore", category=FormerName):
        return under_present_names(about)


def test_they_were_made_with_the_settings_and_counts_of_the_configuration() -> None:
    """Nothing of what they depend on has changed since: if this fails, ``make posterior``."""
    config = question("calibrate", []).configuration()
    for structure in STRUCTURES:
        _, about = read(DRAWS / f"{structure}.parquet")
        asked = presently(about)["calibration"]
        for name in ("chains", "tolerances", "matches", "most_runs"):
            assert asked[name] == getattr(config.calibration, name), name
        assert asked["error_rate"]["value"] == config.calibration.error_rate.value
        for episode, counts in about["episodes"].items():
            case = assemble(question("run", [f"scenario={episode}"]).configuration())
            fitted = {n: o.value for n, o in case.observed if o.fit != "none"}
            assert counts == fitted


def test_provenance_names_the_draws_by_their_place_in_the_package(tmp_path: Path) -> None:
    assert main(["run", "runs=20", f"out={tmp_path}"]) == 0
    told = json.loads((tmp_path / "provenance.json").read_text())
    assert list(told["input_files_sha256"]) == ["parameters/posterior/default.parquet"]
    assert told["configuration"]["parameters"]["draws"] == "posterior"


def test_17_and_9_lie_within_half_of_the_runs(tmp_path: Path) -> None:
    """They were fitted: a model that cannot even hold what it was shown has not learnt it."""
    assert main(["run", "runs=2000", f"out={tmp_path}"]) == 0
    observed = json.loads((tmp_path / "summary.json").read_text())["observed"]
    for said in observed[:2]:
        assert said["outcome"] in ("joined", "interested")
        assert said["at_month"]["q25"] <= said["value"] <= said["at_month"]["q75"]
