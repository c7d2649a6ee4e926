"""Keys of before: they work for one version, with a warning that names the present key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from conftest import Command
from drawing import refused, said
from uptake.config.schema import Run
from uptake.config.schema.former import FORMER_KEYS, under_present_names
from uptake.config.schema.tree import fields_of, within
from uptake.errors import FormerName

VALUES = {
    "calibration.searches": "2",
    "calibration.points": "60",
    "calibration.points_left_out": "0",
    "calibration.windows": "[3,0]",
}


def warned(folder: Path, *arguments: str) -> tuple[int, str, str, set[str]]:
    """Return what a command says, and what it warns of."""
    with pytest.warns(FormerName) as found:
        code, out, err = said(folder, *arguments)
    return code, out, err, {str(one.message) for one in found}


def test_former_keys_do_what_their_present_names_do(tmp_path: Path) -> None:
    """The same configuration, and a warning each that says what it is called now."""
    former = [f"{before}={value}" for before, value in VALUES.items()]
    code, out, err, found = warned(tmp_path, "calibrate", "--cfg", *former)
    assert (code, err) == (0, "")
    end = "the former name goes with the next version"
    assert found == {f"{before} is called {now}; {end}" for before, now in FORMER_KEYS.items()}
    present = [f"{FORMER_KEYS[before]}={value}" for before, value in VALUES.items()]
    _, again, silent = said(tmp_path, "calibrate", "--cfg", *present)
    assert silent == ""
    made, asked = yaml.safe_load(out), yaml.safe_load(again)
    assert (made.pop("asked"), asked.pop("asked")) == (former, present)
    assert made == asked
    assert made["calibration"]["tolerances"] == [3, 0]


def test_the_warning_is_one_line_on_stderr(process: Command) -> None:
    """In a process, as a user sees it: once a key, without a place in the source."""
    done = process("calibrate", "--cfg", "calibration.points=60", "calibration.searches=2")
    assert done.returncode == 0
    assert "particles: 60" in done.stdout
    assert sorted(done.stderr.splitlines()) == [
        f"uptake: calibration.{before} is called calibration.{now}; the former name goes with the "
        "next version"
        for before, now in (("points", "particles"), ("searches", "chains"))
    ]


@pytest.mark.parametrize("before", FORMER_KEYS)
def test_a_key_under_both_names_is_refused(before: str, tmp_path: Path) -> None:
    now, value = FORMER_KEYS[before], VALUES[before]
    for pair in ([before, now], [now, before]):
        err = refused(tmp_path, "calibrate", "--cfg", *(f"{key}={value}" for key in pair))
        assert f"{before}: the former name of {now}, which is given too" in err


def test_a_former_key_is_checked_as_its_present_name(tmp_path: Path) -> None:
    code, out, err, _ = warned(tmp_path, "calibrate", "calibration.points=3")
    assert (code, out) == (2, "")
    assert err == "uptake: calibration.particles=3: allowed is 50 to 100000 (particles)\n"


def test_a_record_of_before_is_read(tmp_path: Path) -> None:
    """A folder that says how it was made under former keys is run again."""
    assert said(tmp_path, "run", "runs=5", "out=here")[0] == 0
    path = tmp_path / "here" / "provenance.json"
    record = json.loads(path.read_text())
    kept = record["configuration"]["calibration"]
    for before, now in FORMER_KEYS.items():
        kept[before.rpartition(".")[2]] = kept.pop(now.rpartition(".")[2])
    path.write_text(json.dumps(record))
    code, out, err, found = warned(tmp_path, "rerun", "here")
    assert (code, err) == (0, "")
    assert "The same." in out
    assert len(found) == len(FORMER_KEYS)


def test_a_file_of_before_is_read(tmp_path: Path) -> None:
    """Behaviour of one's own that also says how it is inferred."""
    (tmp_path / "mine" / "parameters").mkdir(parents=True)
    text = "# @package _global_\ndefaults: [/parameters/prior]\ncalibration: {searches: 2}\n"
    (tmp_path / "mine" / "parameters" / "own.yaml").write_text(text)
    asked = [
        "calibrate",
        "--cfg",
        "--config-dir",
        "mine",
        "parameters=own",
        "parameters.name=prior",
    ]
    code, out, _, found = warned(tmp_path, *asked)
    assert code == 0
    assert yaml.safe_load(out)["calibration"]["chains"] == 2
    assert len(found) == 1


def test_every_present_name_is_a_key_and_no_former_one() -> None:
    """Both in the same group, as the table needs."""
    for before, now in FORMER_KEYS.items():
        fields = fields_of(within(Run, now.split(".")[:-1]))
        assert now.rpartition(".")[2] in fields
        assert before.rpartition(".")[2] not in fields
        assert before.rpartition(".")[0] == now.rpartition(".")[0]


def test_other_keys_are_left_alone() -> None:
    plain = {"calibration": {"chains": 3}, "runs": 5, "sweep": {"points": 4}}
    assert under_present_names(plain, ["calibration.chains"]) == plain
