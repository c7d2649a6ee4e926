"""Where results go: nothing of anybody's is written over."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sweeping import command
from uptake.cli.main import main
from uptake.errors import InputError
from uptake.results.folders import beside_sweep, output_folder

SWEEP = ["levers.pressure=0,1", "sweep.runs=5", "months=2", "parameters=prior"]


def held(folder: Path) -> dict[str, bytes]:
    """Return all that a folder holds."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a sweep is, in the folder ``here``, and a run in ``run[1]`` beside ``run1``."""
    folder = tmp_path_factory.mktemp("made")
    assert command(folder, *SWEEP, "out=here")[0] == 0
    for name, fee in (("run1", 0), ("run[1]", 60000)):
        asked = ["runs=20", "months=6", f"levers.upfront_fee_gbp={fee}", f"out='{folder / name}'"]
        assert main(["run", *asked]) == 0
    return folder


@pytest.mark.parametrize(
    ("command_", "there"),
    [("run", "here"), ("run", "run1"), ("episodes", "run1"), ("mechanisms", "run1"),
     ("calibrate", "here"), ("bench", "run1")],
)  # fmt: skip
def test_results_go_into_an_empty_folder(
    command_: str, there: str, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run, a sweep, or anything else that is there already is left as it is, and named."""
    before = held(made / there)
    assert main([command_, f"out={made / there}"]) == 2
    err = capsys.readouterr().err
    assert (err.count("\n"), held(made / there) == before) == (1, True)
    assert " is there" in err


def test_hidden_files_do_no_harm(tmp_path: Path) -> None:
    """Such as a desktop puts into every folder; a folder that is not there is made."""
    (tmp_path / ".DS_Store").touch()
    assert output_folder(str(tmp_path), "run") == tmp_path
    folder = output_folder(str(tmp_path / "a" / "b"), "run")
    (folder / "thesis\x1b[31m.docx").touch()
    with pytest.raises(InputError, match=r"thesis\\x1b\[31m\.docx is there; an empty folder"):
        output_folder(str(folder), "run")


def test_a_comparison_takes_the_place_of_the_one_before(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside its sweep, which is said; not what anybody has put there or changed."""
    here, sheet = str(made / "here"), made / "here" / "comparison.xlsx"
    (made / "here" / "notes.txt").write_text("mine")
    assert main(["compare", here, "outcome=served"]) == 0
    assert "in place of the comparison that was" in " ".join(capsys.readouterr().out.split())
    assert (made / "here" / "notes.txt").read_text() == "mine"
    written = sheet.read_bytes()
    sheet.write_bytes(written + b"a note of mine")
    before = held(made / "here")
    assert main(["compare", here]) == 2
    err = capsys.readouterr().err
    assert (err.count("\n"), "comparison.xlsx: is there" in err) == (1, True)
    assert held(made / "here") == before
    sheet.write_bytes(written)
    assert main(["compare", here, f"out={made / 'run1'}"]) == 2
    assert "is there; an empty folder is needed" in capsys.readouterr().err
    assert main(["compare", here, f"out={tmp_path / 'apart'}"]) == 0
    assert (tmp_path / "apart" / "report.html").exists()


def test_a_comparison_that_was_stopped_can_be_done_again(made: Path, tmp_path: Path) -> None:
    """What it had written is its own, whatever there is of it."""
    with suppress(KeyboardInterrupt), beside_sweep(tmp_path, ["a.csv", "b.csv"]) as was_there:
        assert not was_there
        (tmp_path / "a.csv").write_text("half")
        raise KeyboardInterrupt
    with beside_sweep(tmp_path, ["a.csv", "b.csv"]) as was_there:
        assert (was_there, list(tmp_path.glob("*.csv"))) == (True, [])
        (tmp_path / "b.csv").write_text("whole")
    with beside_sweep(tmp_path, ["a.csv", "b.csv"]):
        pass
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"a\.csv: is there"), beside_sweep(tmp_path, ["a.csv"]):
        pass


def test_a_folder_of_brackets_is_read_itself(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And not the one that its name would match as a pattern."""
    for name in ("run1", "run[1]"):
        told = json.loads((made / name / "summary.json").read_text())["outcomes"]["joined"]
        rows = pq.read_table(made / name / "outcomes.parquet")["joined"].to_numpy()
        assert told["mean"] == pytest.approx(rows.mean())
