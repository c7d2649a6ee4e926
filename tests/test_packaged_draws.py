"""The draws that the package brings: of every history, under every structure, of these priors."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from uptake.cli.arguments import question
from uptake.cli.main import main
from uptake.config.case import Case
from uptake.config.offers import share_read
from uptake.config.posterior import NEW, known_of, read, structure_of
from uptake.config.schema import configs_folder
from uptake.inference import predictions
from uptake.inference.data import EpisodeData
from uptake.inference.likelihood import is_taken
from uptake.model.draws import run_keys
from uptake.results.runs import run

STRUCTURES = ["default"]  # the variants are not fitted to the histories yet: parameters=prior
SCENARIOS = sorted(file.stem for file in (configs_folder() / "scenario").glob("*.yaml"))
DRAWS = configs_folder() / "parameters" / "posterior"
RUNS = 50
# Histories that the model does not reproduce: docs/inference.md says how far it is off.
DEVIATING = {
    "association_2014", "commissioning_support_2012", "nhs_sbs", "referrals_2017",
    "secure_network_2005",
}  # fmt: skip
# Histories whose draws are still to be made: they are asked as schemes that nobody has tried.
NOT_YET = {"council_websites_2019", "prescriptions_2009"}


@cache
def data_of(name: str) -> EpisodeData:
    """Return what was reported of a scenario."""
    case = question("run", [f"scenario={name}", "parameters=prior"]).case()
    return EpisodeData(case, case.config.calibration.error_rate.value)


@cache
def histories() -> list[str]:
    """Return the scenarios of which something was reported, and that are fitted."""
    return [name for name in SCENARIOS if data_of(name).is_told and name not in NOT_YET]


def asked(name: str, kind: str, *more: str) -> Case:
    """Return a scenario on draws of a kind."""
    return question("run", [f"scenario={name}", f"draws={kind}", f"runs={RUNS}", *more]).case()


@pytest.mark.parametrize("structure", STRUCTURES)
def test_every_history_has_its_draws_under_every_structure(structure: str) -> None:
    """And a scheme that nobody has tried; made under this structure, these priors and settings.

    If this fails, what they depend on has changed since: ``make posterior``.
    """
    config = question("run", [f"structure={structure}", "parameters=prior"]).configuration()
    here = {path.stem: path for path in (DRAWS / structure).glob("*.parquet")}
    assert set(here) == {*histories(), NEW}
    for name, path in here.items():
        posterior, about = read(path)
        assert about["structure"] == structure_of(config)
        assert about["priors"] == known_of(data_of(histories()[0]).case.priors)
        said, now = about["calibration"], config.calibration
        for key in ("pooled", "tolerances", "matches", "most_runs"):
            assert said[key] == getattr(now, key), key
        assert said["error_rate"]["value"] == now.error_rate.value
        if name == NEW:
            assert sorted(about["histories"]) == histories()
            assert (posterior.draws.luck_seed == 0).all()
            continue
        assert about["fitted"] == data_of(name).fitted
        assert (posterior.draws.luck_seed > 0).all()
        last = {stages[-1]["tolerance"] for stages in about["diagnostics"]["chains"]}
        assert last == {about["deviation"]}


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_was_reported_came_about(name: str) -> None:
    """In every run as it happened, which is done again from its luck, under the default structure.

    Within the deviation of a history that the model does not reproduce, if that is listed. Among
    200 runs at least that differ. If this fails, rules or scenario have changed since.
    """
    if name not in histories():
        pytest.skip("it is not fitted")
    case, data = asked(name, "happened"), data_of(name)
    assert case.posterior is not None
    drawn = case.posterior.draws
    pairs = np.column_stack([drawn.luck_seed, drawn.luck_run])[case.posterior.weights > 0.0]
    assert len(np.unique(pairs, axis=0)) >= 200
    chosen = case.design(0, RUNS)
    keys = [
        run_keys(int(seed), np.array([number]))
        for seed, number in zip(chosen.luck_seed, chosen.luck_run, strict=True)
    ]
    came = data.read(run(case).chunk, np.concatenate(keys))
    _, about = read(DRAWS / "default" / f"{name}.parquet")
    assert (about["deviation"] > 0.0) == (name in DEVIATING)
    assert is_taken(came, data.errors, about["deviation"]).all()


def test_every_history_is_predicted_by_the_others() -> None:
    """All that are read of bodies, by as many as are pooled: whether they are themselves or not."""
    config = question("skill", []).configuration()
    told = {row.reading.history for row in predictions.read(predictions.kept_for(config), config)}
    assert told == {
        name
        for name in SCENARIOS
        if any(
            share_read(data_of(name).case, outcome, seen)
            for outcome, seen in data_of(name).readings
        )
    }


def test_provenance_names_the_draws_by_their_place_in_the_package(tmp_path: Path) -> None:
    assert main(["run", "runs=20", f"out={tmp_path}"]) == 0
    told = json.loads((tmp_path / "provenance.json").read_text())
    place = "parameters/posterior/default/nhs_employers_2009.parquet"
    assert list(told["input_files_sha256"]) == [place]
    assert told["configuration"]["parameters"]["draws"] == "posterior"
    assert told["configuration"]["parameters"]["title"] == (
        "as it happened (given what was reported, each number within its error)"
    )


def test_17_and_9_lie_within_nine_in_ten_runs_tried_again(tmp_path: Path) -> None:
    """They were fitted: a model that cannot even hold what it was shown has not learnt it."""
    assert main(["run", "runs=2000", "draws=again", f"out={tmp_path}"]) == 0
    observed = json.loads((tmp_path / "summary.json").read_text())["observed"]
    for said in observed[:2]:
        assert said["outcome"] in ("joined", "interested")
        assert said["at_month"]["q05"] <= said["value"] <= said["at_month"]["q95"]
