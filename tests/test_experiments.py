"""The scripts of ``experiments/``: short, on the public interface alone; each draws a figure."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
import uptake as up
from conftest import ROOT
from drawing import said

SCRIPTS = sorted((ROOT / "experiments").glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_it_draws_its_figure(script: Path, tmp_path: Path) -> None:
    """In reduced form, as a user would run it; it says nothing on the error stream."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), "10", "figure.png"],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_it_is_short_and_on_the_public_interface(script: Path) -> None:
    """At most 30 lines; of the package it imports the interface and no more."""
    text = script.read_text()
    assert len(text.splitlines()) <= 30
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            assert not str(node.module).startswith("uptake")
        if isinstance(node, ast.Import):
            assert all(one.name in ("sys", "uptake") for one in node.names)


def test_a_question_that_is_written_down_is_that_of_the_command(tmp_path: Path) -> None:
    """Its scenario, runs and seed; what is typed goes before what is written."""
    code, _, err = said(tmp_path, "run", "experiment=seventeen_of_200", "runs=20", "out=a")
    assert (code, err) == (0, "")
    asked = up.experiment("seventeen_of_200")
    assert up.open_run(tmp_path / "a")["joined"].tolist() == asked.run(20)["joined"].tolist()
    assert len(asked.run()) == 2000
    assert up.experiments().column("name") == sorted(up.experiments().column("name"))
    assert all(up.experiments().column("question"))


def test_its_axes_are_those_of_the_sweep(tmp_path: Path) -> None:
    """An axis that is typed takes the place of one that is written down."""
    typed = ["experiment=fee_by_pressure", "levers.pressure=0,1", "sweep.runs=5", "out=a"]
    code, out, err = said(tmp_path, "run", "-m", *typed)
    assert (code, err) == (0, "")
    assert "12 points of 5 runs" in out
    grid = up.experiment("fee_by_pressure").sweep(runs=5)
    assert grid.axes == ["levers.upfront_fee_gbp", "levers.pressure"]
    assert grid.manifest["points"] == 24
    other = up.experiment("fee_by_pressure").sweep(pressure=[0, 1], runs=5)
    assert (sorted(other.axes), other.manifest["points"]) == (sorted(grid.axes), 12)
    fixed = up.experiment("fee_by_pressure").set(pressure=0).sweep(runs=5)
    assert (fixed.axes, fixed.manifest["points"]) == (["levers.upfront_fee_gbp"], 6)


def written(folder: Path, text: str) -> list[str]:
    """Write an experiment of one's own, and return how it is asked."""
    (folder / "mine" / "experiment").mkdir(parents=True)
    (folder / "mine" / "experiment" / "own.yaml").write_text(f"# @package _global_\n{text}\n")
    return ["--config-dir", "mine", "experiment=own"]


@pytest.mark.parametrize(
    "axes", ["{levers.pressure: [0, 0.5, 1]}", '{levers.pressure: "range(0,1.5,0.5)"}']
)
def test_one_of_ones_own(axes: str, tmp_path: Path) -> None:
    """Levers it sets are told in the question; axes are lists, or text as it is typed."""
    own = written(tmp_path, f"levers: {{mandate: 0.5}}\nsweep: {{runs: 5, axes: {axes}}}")
    code, out, err = said(tmp_path, "run", "-m", *own, "out=a")
    assert (code, err) == (0, "")
    assert "3 points of 5 runs" in out
    asked = up.experiment("own", config_dir=tmp_path / "mine")
    assert "refusals that the centre overrules 0.5 (was 0)" in asked.title.replace("part of ", "")


@pytest.mark.parametrize(
    ("text", "asked", "told"),
    [
        ("sweep: {axes: {levers.pressure: [0, 1]}}", [], "this is a sweep: uptake run -m"),
        ("sweep: {axes: {levers.pressure: 1}}", ["-m"], "sweep.axes.levers.pressure=1: a list"),
        ("sweep: {axes: {levers.presure: [0, 1]}}", ["-m"], "levers.presure: no such lever"),
        ("sweep: {axes: {levers.pressure: [0, 7]}}", ["-m"], "levers.pressure=7.0: allowed is 0"),
        ("sweep: {axes: {levers.pressure: [1]}}", ["-m"], "sweep.axes.levers.pressure=1: several"),
        ("sweep: {axes: {out: [a, b]}}", ["-m"], "sweep.axes.out: only the command line"),
        ("sweep: {axes: {population.path: [/etc/a, b]}}", ["-m"], "only the command line can say"),
        ("scenario: {title: as it was}", [], "line 2: scenario: an experiment chooses one"),
        ("out: elsewhere", [], "out=elsewhere: only the command line can say"),
    ],
)
def test_what_it_cannot_say_is_refused_in_one_line(
    text: str, asked: list[str], told: str, tmp_path: Path
) -> None:
    """Nothing is written, and no scheme is made to look as it was."""
    own = written(tmp_path, text)
    code, out, err = said(tmp_path, "run", *asked, *own)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err
    assert not (tmp_path / "outputs").exists()
