"""Keys of before: they work for one version, with a warning that names the present key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from conftest import Command
from drawing import refused, said
from uptake.config.schema import Run, lever_meanings
from uptake.config.schema.former import (
    FORMER_KEYS,
    FORMER_LEVERS,
    GONE,
    IDLE_KEYS,
    under_present_names,
)
from uptake.config.schema.tree import fields_of, within
from uptake.errors import FormerName, InputError
from uptake.model.parameters import PARAMETER_NAMES

VALUES = {
    "calibration.searches": "2",
    "calibration.points": "60",
    "calibration.windows": "[0.3,0]",
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
    assert made["calibration"]["tolerances"] == [0.3, 0]


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


@pytest.mark.parametrize("idle", IDLE_KEYS)
def test_a_key_that_does_nothing_any_more_is_told(idle: str, tmp_path: Path) -> None:
    """It is read, and in no configuration."""
    code, out, _, found = warned(tmp_path, "calibrate", "--cfg", f"{idle}=50")
    assert code == 0
    assert found == {f"{idle} does nothing any more: {IDLE_KEYS[idle]}"}
    assert "left_out" not in yaml.safe_load(out)["calibration"]


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


@pytest.mark.parametrize(
    ("before", "value", "now", "present"),
    [
        ("deadline_months", 3.0, "deadline_month", 3.0),
        ("deadline_months", 0.0, "deadline_month", 1e6),
        ("service_open", 1.0, "opens_month", 0.0),
        ("service_open", 0.0, "opens_month", 1e6),
    ],
)
def test_a_lever_of_before_that_is_held_throughout_has_its_present_name(
    before: str, value: float, now: str, present: float
) -> None:
    """Typed, and in the file of a scenario, where it keeps its source."""
    quantity = {"value": value, "unit": "months", "source": "assumption"}
    plain = {
        "levers": {before: value, "mandate": 1.0},
        "scenario": {"name": "own", "levers": {before: quantity}, "timeline": []},
    }
    with pytest.warns(FormerName) as found:
        made = under_present_names(plain)
    assert len(found) == 2
    assert made["levers"] == {now: present, "mandate": 1.0}
    assert made["scenario"]["levers"] == {now: quantity | {"value": present}}
    assert lever_meanings()[now].within.why_not(present) == ""
    with pytest.raises(InputError, match=f"{before}: the former name of levers.{now}, which is"):
        under_present_names({"levers": {before: value, now: present}})


def test_a_lever_of_before_that_the_timeline_moves_is_refused() -> None:
    """What it was from month to month has no present name: the line tells what has."""
    event = {"name": "grace", "month": 3, "set": {"deadline_months": {"value": 0}}}
    scenario = {"levers": {"deadline_months": {"value": 1}}, "timeline": [event]}
    for plain, key in (
        ({"scenario": scenario}, "scenario.levers"),
        ({"scenario": {"levers": {}, "timeline": [event]}}, "scenario.timeline.grace.set"),
        ({"timeline": {"launch": {"deadline_months": 2}}}, "timeline.launch"),
    ):
        told = rf"^{key}\.deadline_months: it is gone; deadline_month says in which month"
        with pytest.raises(InputError, match=told):
            under_present_names(plain)


def test_an_outcome_of_before_has_its_present_name_in_a_scenario() -> None:
    """Shown, observed and found: what was live is served, to align is another thing."""
    scenario = {
        "shows": "live",
        "observed": {"live": {"value": 2}, "joined": {"value": 3}},
        "findings": [{"larger": "joined", "smaller": "live"}],
    }
    with pytest.warns(FormerName) as found:
        made = under_present_names({"scenario": scenario})["scenario"]
    assert len(found) == 3
    assert made["shows"] == "served"
    assert list(made["observed"]) == ["served", "joined"]
    assert made["findings"] == [{"larger": "joined", "smaller": "served"}]


@pytest.mark.parametrize(
    "typed",
    [
        "levers.timetable_slip=0.5",
        "parameters.priors.pressure_weight.value=1",
        "parameters.priors.quality_weight.value=1",
        "parameters.priors.migration_per_month.value=0.1",
        "parameters.priors.disruption_cost_share.value=0.1",
        "structure.pressure_on_attention=false",
    ],
)
def test_what_is_gone_is_refused_in_one_line(typed: str, tmp_path: Path) -> None:
    err = refused(tmp_path, "run", "parameters=prior", typed)
    key = typed.partition("=")[0].removesuffix(".value")
    assert err.startswith(f"uptake: {key}: it is gone; ")
    assert err.count("\n") == 1


def test_no_name_that_is_gone_is_one_of_the_model() -> None:
    known = {*lever_meanings(), *PARAMETER_NAMES}
    gone = {name for names in GONE.values() for name in names}
    assert not known & gone
    assert FORMER_LEVERS.keys() <= GONE["levers"].keys()
    assert {now for now, _ in FORMER_LEVERS.values()} <= known
