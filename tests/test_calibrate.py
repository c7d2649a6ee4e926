"""uptake calibrate on tiny settings: real processes, killed and resumed, and what they say."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from calibrating import (
    FREE,
    HELD,
    HISTORIES,
    OWN,
    PRIORS,
    SMALL,
    TINY,
    assert_same,
    calibrating,
    chains,
    schemes,
    summary_of,
)
from drawing import NAMES, instead, refused, said
from sweeping import ended, wait_for
from uptake.config.posterior import read

FILES = {
    "manifest.json", "summary.json", "provenance.json", "report.html",
    "learnt.png", "learnt.svg", "predicted.png", "predicted.svg", "skill/default.parquet",
    *(f"draws/default/{name}.parquet" for name in (*HISTORIES, "new")),
    *(f"chains/default/{name}/{folder}chain_{number}.npz" for name in HISTORIES
      for folder in ("", "nearer/") for number in (1, 2)),
    *(f"checks/default/{side}/{name}/{table}.parquet" for side in ("before", "after", "without")
      for name in HISTORIES for table in ("curves", "outcomes")),
}  # fmt: skip


def test_everything_is_in_one_folder(calibration: Path) -> None:
    """Draws, summary, report, figures, and the checks of every history; nothing half written."""
    here = calibration / "here"
    found = {path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file()}
    found = {re.sub(r"nearer_\w{12}/", "nearer/", name) for name in found}
    assert found == FILES
    report = (here / "report.html").read_text()
    assert not re.search(r"""(src|href)=["'](?!data:)""", report)
    assert report.count("data:image/svg+xml;base64,") == 2


def test_what_is_held_is_held_in_all_draws(calibration: Path) -> None:
    """Of every history, and of a scheme that nobody has tried."""
    for of in (*HISTORIES, "new"):
        posterior, _ = read(calibration / "here" / "draws" / "default" / f"{of}.parquet")
        for name in NAMES:
            assert (len(np.unique(posterior.draws[name])) > 20) == (name in FREE), (of, name)
            assert name in FREE or (posterior.draws[name] == np.float32(HELD[name])).all()


def test_the_draws_foresee_what_they_were_fitted_to(calibration: Path) -> None:
    """Better than the prior does, tried again with fresh luck; one of both learns of the other."""
    told = summary_of(calibration / "here")["default"]
    checks = {
        (check["episode"], check["fact"], check["before"]["month"]): check
        for check in told["checks"]
    }
    for key, seen in ((("county", "joined", 12), 4), (("shire", "joined", 12), 0)):
        sides = ("before", "after", "without")
        apart = {side: abs(checks[key][side]["at_month"]["mean"] - seen) for side in sides}
        assert checks[key]["fitted"]
        assert apart["after"] < apart["before"]
        assert apart["without"] < apart["before"]  # both have few, the prior many
    for name in HISTORIES:
        learnt = told["histories"][name]["parameters"]
        assert set(learnt) == FREE
        assert learnt["attention_per_month"]["sd_ratio"] < 0.9
        _, about = read(calibration / "here" / "draws" / "default" / f"{name}.parquet")
        assert about["diagnostics"] == told["histories"][name]["diagnostics"]


def test_provenance_holds_all_that_the_draws_depend_on(calibration: Path) -> None:
    told = json.loads((calibration / "here" / "provenance.json").read_text())
    assert (told["seed"], told["input_files_sha256"]) == (1, {})
    assert told["configuration"]["calibration"]["tolerances"] == [0.5, 0.1, 0.0]
    assert told["configuration"]["calibration"]["histories"] == list(HISTORIES)
    typed = told["configuration"]["asked"]
    assert set(typed) >= {*TINY[2:], "threads=1", "out=here"}


def test_uptake_run_takes_the_draws(calibration: Path) -> None:
    """As the last line says, with the priors that they were made from; with others it refuses."""
    ask = ["run", *OWN, "scenario=county", "parameters.draws=here/draws", "runs=200", "out=asked"]
    code, _, err = said(calibration, *ask, *PRIORS)
    assert (code, err) == (0, "")
    table = pq.read_table(calibration / "asked" / "outcomes.parquet").to_pandas()
    path = calibration / "here" / "draws" / "default" / "county.parquet"
    posterior, _ = read(path)
    assert set(table.parameter_sovereignty) <= set(posterior.draws.sovereignty)
    assert (table.joined == 4).all()
    told = json.loads((calibration / "asked" / "provenance.json").read_text())["input_files_sha256"]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert told == {"here/draws/default/county.parquet": digest}
    shutil.rmtree(calibration / "asked")
    assert "another parameters.priors.attention_per_month;" in refused(calibration, *ask)


def test_one_history_is_fitted_again_and_pooled_with_those_that_were(calibration: Path) -> None:
    """It comes out as it did, fitted alone; so does the other, which is not fitted again.

    Its draws stand in the new folder too, under the weights that both together give. The draws
    nearer to the other start from a slightly other pool, so they are not the same to the bit.
    """
    asked = instead(TINY, "calibration.histories=[county]", "parameters.draws=here/draws")
    code, _, err = said(calibration, "calibrate", *asked, "threads=2", "out=one")
    assert (code, err) == (0, "")
    made = {re.sub(r"nearer_\w{12}", "nearer", one) for one in chains(calibration / "one")}
    assert made == {f"default/county/{of}chain_{i}" for of in ("", "nearer/") for i in (1, 2)}
    first, second = (calibration / out / "draws" / "default" for out in ("here", "one"))
    assert {path.name for path in second.iterdir()} == {path.name for path in first.iterdir()}
    for name in HISTORIES:
        was, now = (pq.read_table(path / f"{name}.parquet").to_pandas() for path in (first, second))
        weights = ["weight", "alone"] if name == "county" else ["weight"]
        others = [one for one in was.columns if one not in weights]
        rows = 100 if name == "county" else 200
        assert was[others][:rows].equals(now[others][:rows])
        assert np.corrcoef(was.weight[:rows], now.weight[:rows])[0, 1] > 0.95
        assert now.weight.sum() == pytest.approx(1.0)
    assert list(read(second / "new.parquet")[1]["histories"]) == ["county", "shire"]
    kept = json.loads((calibration / "one" / "manifest.json").read_text())["kept_sha256"]
    digest = hashlib.sha256((first / "shire.parquet").read_bytes()).hexdigest()
    assert kept == {"default/shire": digest}
    ask = ["run", *OWN, "scenario=shire", "parameters.draws=one/draws", *PRIORS, "runs=50"]
    assert said(calibration, *ask, "out=then")[0] == 0
    assert (
        pq.read_table(calibration / "then" / "outcomes.parquet")["joined"].to_numpy() == 0
    ).all()
    (calibration / "only" / "scenario").mkdir(parents=True)
    for name in ("county", "borough"):  # of which the second has nothing to be fitted
        file = Path("scenario") / f"{name}.yaml"
        shutil.copy(calibration / "mine" / file, calibration / "only" / file)
    own = ["--config-dir", "only", *SMALL, *PRIORS, "parameters.draws=here/draws", "out=own"]
    assert said(calibration, "calibrate", *own)[0] == 0
    assert chains(calibration / "own") == chains(calibration / "one")
    for name in (*HISTORIES, "new"):
        path = Path("draws") / "default" / f"{name}.parquet"
        one, same = (read(calibration / out / path)[0] for out in ("one", "own"))
        assert same.draws.tobytes() == one.draws.tobytes()
        assert same.weights.tobytes() == one.weights.tobytes()
    alone = instead(TINY, "calibration.histories=[county]")
    assert said(calibration, "calibrate", *alone, "out=alone")[0] == 0
    _, about = read(calibration / "alone" / "draws" / "default" / "new.parquet")
    assert list(about["histories"]) == ["county"]


@pytest.mark.slow  # as is seen of one that was killed, too
def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(
    calibration: Path, tmp_path: Path
) -> None:
    """Draws, summary, checks and the state of every chain; started as a user would."""
    shutil.copytree(calibration / "mine", tmp_path / "mine")
    asked = [*TINY, "threads=2", "out=here"]
    with calibrating(tmp_path, *asked) as process:
        code, _, err = ended(process)
    assert (code, err) == (0, "")
    assert_same(tmp_path / "here", calibration / "here")


@pytest.mark.slow
def test_a_killed_calibration_goes_on_where_it_was(calibration: Path, tmp_path: Path) -> None:
    """Killed in the first history, again in the second: the same bytes.

    On two threads, where what it is compared with was made on one.
    """
    here = tmp_path / "here"
    shutil.copytree(calibration / "mine", tmp_path / "mine")
    asked = [*TINY, "threads=2", "out=here", "calibration.resume=true"]
    for mark in ("default/county/chain_1", "default/shire/chain_1"):
        with calibrating(tmp_path, *asked) as process:
            wait_for(process, lambda: mark in chains(here))  # noqa: B023
            process.kill()
            assert ended(process)[0] == -9
        assert not (here / "draws").exists()
        assert "default/shire/chain_2" not in chains(here)
    first = here / "chains" / "default" / "county" / "chain_1.npz"
    written = first.stat().st_mtime_ns
    with calibrating(tmp_path, *asked) as process:
        code, _, err = ended(process)
    assert (code, err) == (0, "")
    assert first.stat().st_mtime_ns == written  # what was done is not done again
    for stale in here.rglob("*.partial"):  # a killed process can leave half a file, under no name
        stale.unlink()
    assert_same(here, calibration / "here")


def said_or_refused(folder: Path, *arguments: str) -> str:
    """Return the one line of a refusal; every file is left as it was."""
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    err = refused(folder, "calibrate", *arguments)
    assert times == {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    return err


OTHERS = {
    "seed=2": "seed was 1 and is now 2",
    "parameters.priors.caution.value=null": "priors.caution[2] was 0.67 and is now None",
    "structure=regional_peers": "structures.regional_peers.peers was nothing",
    "variants=[default,regional_peers]": "structures.regional_peers.peers was nothing",
    "calibration.histories=[county]": "calibration.histories was ['county', 'shire'] and is now",
    "calibration.pooled=[pace]": "calibration.pooled was ['attention_per_month'",
    "": "out=here: a calibration is there already; calibration.resume=true goes on with it",
}


@pytest.mark.parametrize("other", OTHERS)
def test_another_calibration_is_not_mixed_in(other: str, calibration: Path) -> None:
    """Exit code 2 and one line that says what differs, before anything is done.

    Other keys are tried in Python (``test_calibrate_api.py``): both are refused by the same code.
    """
    more = [other, "calibration.resume=true"] if other else []
    err = said_or_refused(calibration, *instead(TINY, *more), "out=here")
    assert OTHERS[other] in err
    assert not more or "calibration.resume=true: here holds another calibration: " in err


def test_a_damaged_chain_is_refused_by_name(calibration: Path, tmp_path: Path) -> None:
    """Deleted, as the line says, it is made anew, and all comes to the same."""
    for name in ("here", "mine"):
        shutil.copytree(calibration / name, tmp_path / name)
    shutil.rmtree(tmp_path / "here" / "checks")
    path = tmp_path / "here" / "chains" / "default" / "county" / "chain_2.npz"
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)
    asked = ["calibrate", *TINY, "out=here", "calibration.resume=true"]
    code, _, err = said(tmp_path, *asked)
    assert (code, err.count("\n")) == (2, 1)
    assert "here/chains/default/county/chain_2.npz: damaged" in err
    path.unlink()
    assert said(tmp_path, *asked)[0] == 0
    assert_same(tmp_path / "here", calibration / "here")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """With calibration.resume=true as well; a file is no folder."""
    schemes(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "thesis.docx").write_text("mine")
    for more in ([], ["calibration.resume=true"]):
        err = said_or_refused(tmp_path, *TINY, "out=here", *more)
        assert "out=here: thesis.docx is there; an empty folder is needed" in err
    err = said_or_refused(tmp_path, *TINY, "out=here/thesis.docx")
    assert "out=here/thesis.docx: " in err
    assert "a folder is needed" in err
