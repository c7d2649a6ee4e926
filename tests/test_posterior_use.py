"""What a user can ask of draws: whose they must be, where they may lie, what is kept of them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from drawing import NAMES, drawn, refused, said, two_kinds, write_draws
from sweeping import content
from uptake.model.parameters import Posterior

FEE = "levers.upfront_fee_gbp"
ASK = ["run", "parameters.draws=draws", "runs=5", "out=here"]


def anew(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Return what a command says whose results are to take the place of those before.

    Of a key that is given twice the last counts.
    """
    shutil.rmtree(folder / "here", ignore_errors=True)
    return said(folder, *{word.partition("=")[0]: word for word in arguments}.values())


def outcomes(folder: Path) -> pd.DataFrame:
    """Return a row a run, of a single question or of all chunks of a sweep."""
    single = folder / "outcomes.parquet"
    files = [single] if single.exists() else sorted((folder / "outcomes").glob("*.parquet"))
    table = pd.concat([pq.read_table(path).to_pandas() for path in files])
    return table.sort_values(["point", "run"], ignore_index=True)


def test_runs_have_the_draws_that_are_theirs(tmp_path: Path) -> None:
    """Run by run, in the table of outcomes, and they act on what happens."""
    write_draws(tmp_path / "draws")
    code, _, err = anew(tmp_path, *ASK, "runs=90", "seed=8")
    assert (code, err) == (0, "")
    table = outcomes(tmp_path / "here")
    chosen = Posterior(two_kinds(), np.ones(60)).of_runs(8, 0, 90)
    for name in NAMES:
        assert (table[f"parameter_{name}"].to_numpy() == chosen[name]).all()
    idle = chosen.attention_per_month < 1e-6
    assert 10 < idle.sum() < 60
    assert (table.interested + table.joined)[idle].max() == 0
    assert (table.interested + table.joined)[~idle].min() > 0


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("parameters.priors.caution.sd=2", "another parameters.priors.caution;"),
        ("parameters.priors.skimping.distribution=beta parameters.priors.skimping.a=1 "
         "parameters.priors.skimping.b=1", "another parameters.priors.skimping;"),
        ("structure.peers=region", "another structure.peers;"),
        ("structure.evidence_shared=false", "another structure.evidence_shared;"),
        ("structure=regional_peers", "nothing was inferred under the structure regional_peers;"),
        ("structure=regional_peers structure.name=default", "another structure.peers;"),
    ],
)  # fmt: skip
def test_draws_of_something_else_are_refused_with_advice(
    override: str, words: str, tmp_path: Path
) -> None:
    """Of another structure, from other priors: one line that says what differs and what to do."""
    write_draws(tmp_path / "draws")
    err = refused(tmp_path, *ASK, *override.split())
    assert err.startswith("uptake: parameters.draws=draws: ")
    assert words in err
    assert "parameters=prior" in err
    assert "uptake calibrate" in err


def test_draws_that_do_not_say_what_they_were_made_from_are_refused(tmp_path: Path) -> None:
    """A prior that is missing from what they say, or all of them, or the structure."""
    write_draws(tmp_path / "draws", priors={})
    assert "another parameters.priors.attention_per_month;" in refused(tmp_path, *ASK)
    write_draws(tmp_path / "draws", priors=[1, 2])
    assert "another parameters.priors.attention_per_month;" in refused(tmp_path, *ASK)
    write_draws(tmp_path / "draws", structure=None)
    assert "another structure.peers;" in refused(tmp_path, *ASK)


def test_draws_of_another_structure_serve_that_one(tmp_path: Path) -> None:
    """A folder a structure; one under the name of another is found out."""
    write_draws(tmp_path / "draws", overrides=["structure=regional_peers"])
    assert anew(tmp_path, *ASK, "structure=regional_peers")[0] == 0
    path = tmp_path / "draws" / "regional_peers"
    path.rename(path.with_name("default"))
    assert "another structure.peers;" in refused(tmp_path, *ASK)


@pytest.mark.parametrize("name", ["../draws/default", "a/b", ".", "a b"])
def test_a_structure_cannot_lead_to_a_file_elsewhere(name: str, tmp_path: Path) -> None:
    write_draws(tmp_path / "draws")
    err = refused(tmp_path, *ASK, f"structure.name='{name}'")
    assert f"structure.name={name}: a plain name is needed" in err


def test_a_parameter_can_be_held_fixed_over_the_draws(tmp_path: Path) -> None:
    """It is held, said, and nothing else moves."""
    write_draws(tmp_path / "draws")
    assert anew(tmp_path, *ASK, "runs=40")[0] == 0
    loose = outcomes(tmp_path / "here")
    code, out, _ = anew(tmp_path, *ASK, "runs=40", "parameters.priors.caution.value=0.25")
    assert code == 0
    assert "caution held at 0.25" in out
    held = outcomes(tmp_path / "here")
    assert (held.parameter_caution == 0.25).all()
    others = [f"parameter_{name}" for name in NAMES if name != "caution"]
    pd.testing.assert_frame_equal(held[others], loose[others])


def test_an_answer_from_draws_does_not_say_that_it_is_from_the_prior(tmp_path: Path) -> None:
    write_draws(tmp_path / "draws")
    code, out, _ = anew(tmp_path, *ASK)
    page = (tmp_path / "here" / "report.html").read_text()
    assert code == 0
    assert "drawn from the prior" not in out + page


def test_provenance_holds_the_hash_of_the_draws(tmp_path: Path) -> None:
    """Under the name that was typed, whatever name the folder goes by."""
    path = write_draws(tmp_path / "some where")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for typed in ("./some where/../some where", str(tmp_path / "some where")):
        asked = [*ASK[:1], f"parameters.draws='{typed}'", *ASK[2:]]
        assert anew(tmp_path, *asked)[0] == 0
        told = json.loads((tmp_path / "here" / "provenance.json").read_text())
        assert list(told["input_files_sha256"].values()) == [digest]
        (name,) = told["input_files_sha256"]
        assert (tmp_path / name).samefile(path)
    assert anew(tmp_path, "run", "parameters=prior", "runs=5", "out=here")[0] == 0
    told = json.loads((tmp_path / "here" / "provenance.json").read_text())
    assert told["input_files_sha256"] == {}


def mine(folder: Path, draws: str) -> list[str]:
    """Make a folder of configurations whose parameters name draws; return what asks for them."""
    (folder / "mine" / "parameters").mkdir(parents=True, exist_ok=True)
    text = f'defaults: [prior, _self_]\nname: mine\ntitle: "from my own draws"\ndraws: {draws}\n'
    (folder / "mine" / "parameters" / "mine.yaml").write_text(text)
    return ["run", "--config-dir", "mine", "parameters=mine", "runs=20", "out=here"]


@pytest.mark.parametrize("draws", ["mine", "deep/er", "./mine/../mine"])
def test_a_configuration_may_bring_draws_in_its_own_folder(draws: str, tmp_path: Path) -> None:
    """A path is from that folder, wherever the command is run, and they are the draws used."""
    write_draws(tmp_path / "mine" / draws)
    write_draws(tmp_path / "mine", two_kinds(3))  # not these, though the command is run here
    code, out, err = anew(tmp_path, *mine(tmp_path, draws))
    assert (code, err) == (0, "")
    told = "a scheme nobody has tried (behaviour as it varies between 0 histories)"
    assert f"Behaviour: {told}, from my own draws." in " ".join(out.split())
    chosen = Posterior(two_kinds(), np.ones(60)).of_runs(1, 0, 20)
    assert (outcomes(tmp_path / "here").parameter_caution.to_numpy() == chosen.caution).all()


def test_a_configuration_may_not_name_draws_elsewhere(tmp_path: Path) -> None:
    """Above it, by an absolute path, or through a link; the command line may name any folder."""
    write_draws(tmp_path / "elsewhere")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "link").symlink_to(tmp_path / "elsewhere")
    for draws in ("../elsewhere", str(tmp_path / "elsewhere"), "link", "mine/../../elsewhere"):
        err = refused(tmp_path, *mine(tmp_path, draws))
        assert f"parameters.draws={draws}: " in err
        assert "only name a file in its own folder" in err
    for draws in ("elsewhere", str(tmp_path / "elsewhere")):
        assert anew(tmp_path, *mine(tmp_path, "../x"), f"parameters.draws={draws}")[0] == 0


def test_no_draws_are_the_priors(tmp_path: Path) -> None:
    """parameters.draws=null and parameters=prior do as they say, over a file that has draws."""
    write_draws(tmp_path / "mine" / "mine")
    asked = mine(tmp_path, "mine")
    told = []
    for arguments in (
        ["run", "parameters=prior", "runs=20", "out=here"],
        [*asked, "parameters.draws=null"],
        [*("parameters=prior" if typed == "parameters=mine" else typed for typed in asked)],
    ):
        assert anew(tmp_path, *arguments)[0] == 0
        told.append(drawn(tmp_path / "here" / "outcomes.parquet"))
    for table in told[1:]:
        pd.testing.assert_frame_equal(table, told[0])


def test_every_point_of_a_sweep_has_the_same_draws(tmp_path: Path) -> None:
    """On common random numbers; else each point has draws of its own."""
    write_draws(tmp_path / "draws")
    sweep = ["run", "-m", "parameters.draws=draws", f"{FEE}=0,35000", "sweep.runs=60"]
    assert said(tmp_path, *sweep, "out=same")[0] == 0
    assert said(tmp_path, *sweep, "out=own", "sweep.common_random_numbers=false")[0] == 0
    columns = [f"parameter_{name}" for name in NAMES]
    same, own = (outcomes(tmp_path / out) for out in ("same", "own"))
    first, second = (same[same.point == point][columns].to_numpy() for point in (0, 1))
    assert (first == second).all()
    first, second = (own[own.point == point][columns].to_numpy() for point in (0, 1))
    assert (first[:, 0] != second[:, 0]).sum() > 30


def test_a_point_of_a_sweep_is_the_same_question_asked_alone(tmp_path: Path) -> None:
    """With draws, a parameter held fixed, and two structures: every row of every point."""
    write_draws(tmp_path / "draws")
    write_draws(tmp_path / "draws", two_kinds(7), ["structure=regional_peers"])
    axes = {
        "structure": ["default", "regional_peers"],
        "parameters.priors.caution.value": ["0", "2"],
    }
    asked = [f"{key}={','.join(values)}" for key, values in axes.items()]
    sweep = ["run", "-m", "parameters.draws=draws", *asked, "sweep.runs=30", "out=sweep"]
    code, _, err = said(tmp_path, *sweep)
    assert (code, err) == (0, "")
    points = pq.read_table(tmp_path / "sweep" / "points.parquet").to_pandas()
    assert len(points) == 4
    rows = outcomes(tmp_path / "sweep")
    for _, point in points.iterrows():
        alone = [f"{key}={point[key]}" for key in axes]
        assert anew(tmp_path, *ASK, "runs=30", *alone)[0] == 0
        expected = outcomes(tmp_path / "here").drop(columns=["point"])
        found = rows[rows.point == point["point"]].drop(columns=["point"]).reset_index(drop=True)
        pd.testing.assert_frame_equal(found[expected.columns], expected)


def test_a_sweep_is_refused_if_one_of_its_points_has_no_draws(tmp_path: Path) -> None:
    """Before anything is run; or draws from another prior."""
    write_draws(tmp_path / "draws")
    sweep = ["run", "-m", "parameters.draws=draws", "sweep.runs=5", "out=here"]
    err = refused(tmp_path, *sweep, "structure=default,regional_peers")
    assert "nothing was inferred under the structure regional_peers" in err
    err = refused(tmp_path, *sweep, "parameters.priors.caution.sd=1,2")
    assert "another parameters.priors.caution" in err


def test_a_sweep_does_not_go_on_with_other_draws(tmp_path: Path) -> None:
    """Exchanged between stop and resume, it is noticed; put back, it goes on."""
    path = write_draws(tmp_path / "draws")
    sweep = [
        "run", "-m", "parameters.draws=draws", f"{FEE}=0,1000,2000,3000", "sweep.runs=20",
        "sweep.chunk_runs=20", "sweep.resume=true",
    ]  # fmt: skip
    assert said(tmp_path, *sweep, "out=whole")[0] == 0
    assert said(tmp_path, *sweep, "out=here", "sweep.chunks=1/2")[0] == 0
    shutil.copy(path, tmp_path / "kept")
    write_draws(tmp_path / "draws", two_kinds(61))
    err = refused(tmp_path, *sweep, "out=here")
    assert "inputs.draws/default/new.parquet" in err
    shutil.copy(tmp_path / "kept", path)
    assert said(tmp_path, *sweep, "out=here")[0] == 0
    assert content(tmp_path / "here") == content(tmp_path / "whole")
