"""A history that the model cannot reproduce: it is fitted as near as it comes, and that is told."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import uptake as up
from calibrating import HELD, SMALL, chains
from drawing import said
from uptake.config.posterior import read

# Signatures never become fewer: by the end 9 had been read, and 2 soon after.
FALLING = [
    {"value": 9, "month": 6, "error": 0.5, "note": "a count in the news"},
    {"value": 2, "month": 12, "error": 0.5, "note": "another one"},
]
HOLDING = [f"parameters.priors.{name}.value={value}" for name, value in HELD.items()]
ASKED = [
    "--config-dir", "mine", "calibration.histories=[falling,shire]", "parameters=prior",
    *(one for one in SMALL if "tolerances" not in one),
    *HOLDING,
    "calibration.tolerances=[1,0.5,0.25,0.12,0.05,0]",
]  # fmt: skip


def schemes(folder: Path) -> None:
    """Write a history that cannot be, and one that can."""
    for name, observed in {"falling": FALLING, "shire": {"value": 3, "month": 12}}.items():
        up.Scenario(
            name, title=f"Scheme {name}", start="2026-04", months=12, approached=20,
            sector="nhs_england_2016", observed={"joined": observed},
        ).save(folder / "mine")  # fmt: skip


def test_it_is_fitted_as_near_as_it_comes(tmp_path: Path) -> None:
    """All chains end at one tolerance, which stands in the draws, in words, and in the report.

    7 of 20 apart: half way between both counts a run is 3.5 off, 0.175 of all.
    """
    schemes(tmp_path)
    code, told, err = said(tmp_path, "calibrate", *ASKED, "out=here")
    assert (code, err) == (0, "")
    draws = tmp_path / "here" / "draws" / "default"
    _, about = read(draws / "falling.parquet")
    assert about["deviation"] in (0.25, 0.12)
    last = {stages[-1]["tolerance"] for stages in about["diagnostics"]["chains"]}
    assert last == {about["deviation"]}
    assert read(draws / "shire.parquet")[1]["deviation"] == 0.0
    cut = {f"default/falling/within_{about['deviation']:g}/chain_{i}" for i in (1, 2)}
    assert cut <= chains(tmp_path / "here")
    assert "default/shire/chain_2" in chains(tmp_path / "here")
    percent = f"{100 * about['deviation']:g} %"
    assert re.search(rf"falling.*{percent}", told)
    asked = ["run", "--config-dir", "mine", "scenario=falling", "parameters.draws=here/draws"]
    code, told, _ = said(tmp_path, *asked, *HOLDING, "runs=50", "out=run")
    assert code == 0
    near = f"a further error of {percent} of the bodies approached"
    assert near in " ".join(told.split())
    ask = [*asked, *HOLDING, "runs=50", "draws=again", "out=again"]
    assert near in " ".join(said(tmp_path, *ask)[1].split())
    ask = [one.replace("falling", "shire") for one in [*asked, *HOLDING]]
    told = " ".join(said(tmp_path, *ask, "runs=50", "draws=new", "out=new")[1].split())
    assert "2 histories with its own, 1 of which the model is not shown to reproduce" in told
    was = {path.name: path.read_bytes() for path in draws.iterdir()}
    shutil.rmtree(draws)  # as if it had been killed on the way
    for path in (tmp_path / "here" / "chains").rglob("chain_2.npz"):
        path.unlink()
    assert said(tmp_path, "calibrate", *ASKED, "calibration.resume=true", "out=here")[0] == 0
    assert {path.name: path.read_bytes() for path in draws.iterdir()} == was
