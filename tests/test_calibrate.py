"""uptake calibrate on tiny settings: real processes, killed and resumed, and what they say."""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from calibrating import FREE, HELD, PRIORS, TINY, assert_same, calibrating, chains, summary_of
from conftest import ROOT
from drawing import NAMES, instead, refused, said
from sweeping import ended, wait_for
from uptake.config.posterior import read

EPISODES = ("nhs_employers_2009", "cabinet_office_2012")
FILES = {
    "manifest.json", "summary.json", "provenance.json", "report.html", "draws/default.parquet",
    "learnt.png", "learnt.svg", "predicted.png", "predicted.svg",
    *(f"chains/default/{which}/chain_{number}.npz" for number in (1, 2)
      for which in ("all", *(f"without_{name}" for name in EPISODES))),
}  # fmt: skip


def page(folder: Path) -> str:
    """Return the words of a report."""
    text = re.sub(r"<style.*?</style>", " ", (folder / "report.html").read_text(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text)))


def test_everything_is_in_one_folder(calibration: Path) -> None:
    """Draws, summary, report, figures, and the checks of every episode; nothing half written."""
    here = calibration / "here"
    found = {path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file()}
    episodes = {path.stem for path in (ROOT / "configs" / "scenario").glob("*.yaml")}
    checks = {f"{when}/{name}" for when in ("before", "after") for name in episodes}
    checks |= {f"without/{name}" for name in EPISODES}
    tables = {f"checks/default/{of}/{t}.parquet" for of in checks for t in ("curves", "outcomes")}
    assert found == FILES | tables
    report = (here / "report.html").read_text()
    assert not re.search(r"""(src|href)=["'](?!data:)""", report)
    assert report.count("data:image/svg+xml;base64,") == 2


def test_the_draws_say_what_they_were_made_from(calibration: Path) -> None:
    """Two chains of 50 draws, each chain of a weight in all; what was held is held in all."""
    posterior, about = read(calibration / "here" / "draws" / "default.parquet")
    assert len(posterior.draws) == 100
    evidence = [s[-1]["log_marginal_likelihood"] for s in about["diagnostics"]["chains"]]
    shares = np.exp(evidence - np.max(evidence))
    weights = posterior.weights.reshape(2, 50)
    assert weights.sum(axis=1) == pytest.approx(shares / shares.sum())
    assert np.ptp(weights, axis=1) == pytest.approx([0.0, 0.0])
    for name in NAMES:
        assert (len(np.unique(posterior.draws[name])) > 20) == (name in FREE)
        assert name in FREE or (posterior.draws[name] == HELD[name]).all()
    assert about["episodes"] == {
        EPISODES[0]: {"joined": 17, "interested": 9},
        EPISODES[1]: {"rejoined": 3, "worst_exit_share": 1.0},
    }
    assert (about["seed"], about["calibration"]["particles"]) == (1, 50)
    assert about["diagnostics"] == summary_of(calibration / "here")["default"]["diagnostics"]


def test_the_draws_foresee_the_counts_that_they_were_fitted_to(calibration: Path) -> None:
    """Closer than the priors do, in runs with random numbers of their own."""
    checks = {
        (check["episode"], check["fact"]): check
        for check in summary_of(calibration / "here")["default"]["checks"]
    }
    joined = checks[EPISODES[0], "joined"]
    found = {side: joined[side]["at_month"] for side in ("before", "after")}
    wide = {side: one["q95"] - one["q05"] for side, one in found.items()}
    assert joined["fitted"]
    assert abs(found["after"]["median"] - 17) <= 5
    assert wide["after"] < 0.8 * wide["before"]
    assert "without" in joined
    assert not checks[EPISODES[0], "provider_loss_gbp"]["fitted"]
    for (episode, fact), check in checks.items():
        if episode not in EPISODES:
            assert not check["fitted"], fact
            assert "without" not in check
    learnt = summary_of(calibration / "here")["default"]["parameters"]
    assert set(learnt) == FREE
    assert learnt["reporting_probability"]["sd_ratio"] < 0.5


def test_the_report_says_what_was_fitted_and_what_is_taken_as_given(calibration: Path) -> None:
    """That causes share a count, that a review cuts it off, that facts may be wrong."""
    said_there = page(calibration / "here")
    for words in (
        "Fitted to the exact counts of 2 episodes (NHS Employers membership, 2009-10: 17 joined, "
        "9 interested, as reported; Two shared centres for central government, 2012-17: 3 came "
        "back), and to what was reported without a number or as reached (customers lost, worst "
        "provider 100 %), each time with a chance of 50 % that "
        "it is wrong (assumption)",
        "No number was set by hand",
        "2009-10: 100 to 411 approached and 5 months are taken as given",
        "if they were other, so would the draws be. The review cuts the count off",
        "27 approached and 57 months are taken as given",
        "Several causes share each count",
        "are not to be quoted alone",
        "Not knowing an episode's own counts, 90 % of runs: NHS Employers membership",
        "Structures are not averaged",
        "What is fitted is no test of the model",
    ):
        assert words in said_there, words
    for name in HELD:  # what was held is not said to have been learnt
        assert not re.search(rf"{name} from [0-9.-]+ \(", said_there)


def test_provenance_holds_all_that_the_draws_depend_on(calibration: Path) -> None:
    told = json.loads((calibration / "here" / "provenance.json").read_text())
    assert (told["seed"], told["input_files_sha256"]) == (1, {})
    assert told["configuration"]["calibration"]["tolerances"] == [8.0, 0.0]
    typed = told["configuration"]["asked"]
    assert [word for word in typed if word in (*TINY, "threads=1", "out=here")] == [
        *TINY,
        "threads=1",
        "out=here",
    ]


def test_uptake_run_takes_the_draws(calibration: Path) -> None:
    """As the last line says, with the priors that they were made from; with others it refuses."""
    ask = ["run", "parameters.draws=here/draws", "runs=200", "out=asked"]
    code, _, err = said(calibration, *ask, *PRIORS)
    assert (code, err) == (0, "")
    table = pq.read_table(calibration / "asked" / "outcomes.parquet").to_pandas()
    posterior, _ = read(calibration / "here" / "draws" / "default.parquet")
    assert set(table.parameter_sovereignty) <= set(posterior.draws.sovereignty)
    assert 12 <= table.joined.median() <= 22
    told = json.loads((calibration / "asked" / "provenance.json").read_text())["input_files_sha256"]
    path = calibration / "here" / "draws" / "default.parquet"
    assert told == {"here/draws/default.parquet": hashlib.sha256(path.read_bytes()).hexdigest()}
    shutil.rmtree(calibration / "asked")
    assert "another parameters.priors.attention_per_month;" in refused(calibration, *ask)


@pytest.mark.slow  # as is seen of one that was killed, too
def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(
    calibration: Path, tmp_path: Path
) -> None:
    """Draws, summary, checks and the state of every chain; started as a user would."""
    asked = [*TINY, "threads=2", "out=here"]
    with calibrating(tmp_path, *asked) as process:
        code, _, err = ended(process)
    assert (code, err) == (0, "")
    assert_same(tmp_path / "here", calibration / "here")


@pytest.mark.slow
def test_a_killed_calibration_goes_on_where_it_was(calibration: Path, tmp_path: Path) -> None:
    """Killed in the first chain, again while an episode is left out: the same bytes.

    On two threads, where what it is compared with was made on one.
    """
    here = tmp_path / "here"
    asked = [*TINY, "threads=2", "out=here", "calibration.resume=true"]
    for mark in ("default/all/chain_1", "default/without_cabinet_office_2012/chain_1"):
        with calibrating(tmp_path, *asked) as process:
            wait_for(process, lambda: mark in chains(here))  # noqa: B023
            process.kill()
            assert ended(process)[0] == -9
        assert not (here / "draws").exists()
        assert "default/without_cabinet_office_2012/chain_2" not in chains(here)
    first = here / "chains" / "default" / "all" / "chain_1.npz"
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
    shutil.copytree(calibration / "here", tmp_path / "here")
    shutil.rmtree(tmp_path / "here" / "checks")
    path = tmp_path / "here" / "chains" / "default" / "all" / "chain_2.npz"
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)
    asked = ["calibrate", *TINY, "out=here", "calibration.resume=true"]
    code, _, err = said(tmp_path, *asked)
    assert (code, err.count("\n")) == (2, 1)
    assert "here/chains/default/all/chain_2.npz: damaged" in err
    path.unlink()
    assert said(tmp_path, *asked)[0] == 0
    assert_same(tmp_path / "here", calibration / "here")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """With calibration.resume=true as well; a file is no folder."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "thesis.docx").write_text("mine")
    for more in ([], ["calibration.resume=true"]):
        err = said_or_refused(tmp_path, *TINY, "out=here", *more)
        assert "out=here: thesis.docx is there; an empty folder is needed" in err
    err = said_or_refused(tmp_path, *TINY, "out=here/thesis.docx")
    assert "out=here/thesis.docx: " in err
    assert "a folder is needed" in err
