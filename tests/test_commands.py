"""The commands as a user runs them: whole processes, real files, exit codes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest
from conftest import PATIENCE, ROOT, Command
from drawing import refused, said
from uptake.cli.arguments import question
from uptake.cli.main import main
from uptake.config.schema import Run
from uptake.errors import InputError
from uptake.model.observation import CURVES, OUTCOMES
from uptake.report.text.question import departures

FILES = {
    "adoption_curve.png", "adoption_curve.svg", "curves.parquet", "outcomes.parquet",
    "provenance.json", "report.html", "summary.json", "who_joins.png", "who_joins.svg",
}  # fmt: skip


def test_run_answers_what_happened_in_2009(process: Command, tmp_path: Path) -> None:
    """All files are there, the table compares with what was observed, and nothing is left over."""
    done = process("run", "runs=300", "out=here")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "here").iterdir()} == FILES
    asked = r"Of 1\d\d to 3\d\d trusts approached over 5 months \(35,000 GBP on signing"
    assert re.search(asked, " ".join(done.stdout.split()))
    assert "Observed: 17 had joined by month 5 (Health Service Journal, March 2010)" in done.stdout
    assert "as it happened (given what was reported, each number within its error)" in done.stdout

    summary = json.loads((tmp_path / "here" / "summary.json").read_text())
    table = pd.read_parquet(tmp_path / "here" / "outcomes.parquet")
    assert list(table.run) == list(range(300))
    assert set(OUTCOMES.names or ()) | {"point", "joined_acute", "declined_small"} < set(table)
    for name, observed in (("joined", 17), ("interested", 9), ("provider_loss_gbp", 3.4e6)):
        said = summary["outcomes"][name]
        (seen,) = (row for row in summary["observed"] if row["outcome"] == name)
        assert seen["value"] == observed
        assert seen["source"] == "Health Service Journal, March 2010"
        for quantile, share in (("q05", 0.05), ("q25", 0.25), ("median", 0.5), ("q95", 0.95)):
            assert said[quantile] == pytest.approx(table[name].quantile(share))
        reached = (table[name] >= observed).mean()
        assert seen["agree"] == pytest.approx(reached)
    sizes = table[["joined_small", "joined_medium", "joined_large"]]
    assert (sizes.sum(axis=1) == table.joined).all()

    curves = pd.read_parquet(tmp_path / "here" / "curves.parquet")
    assert list(curves.columns) == ["run", "point", *CURVES]
    assert all(len(row) == 6 for row in curves.joined)
    assert [row[-1] for row in curves.joined] == list(table.joined)


def test_the_report_stands_alone_and_answers_first(uptake: Command, tmp_path: Path) -> None:
    """No address of another machine, the answer first, both figures inside, if they are wanted."""
    assert uptake("run", "runs=50", "figures=false", "out=plain").returncode == 0
    plain = tmp_path / "plain"
    assert "<img" not in (plain / "report.html").read_text()
    assert not [*plain.glob("*.png"), *plain.glob("*.svg")]
    uptake("run", "runs=50", "figures=true", "out=here")
    page = (tmp_path / "here" / "report.html").read_text()
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert "<script" not in page
    assert page.count("data:image/svg+xml;base64,") == 2
    body = page[page.index("<body>") :]
    assert body.index(" trusts approached over 5 months") < body.index("<img")
    for word in ("35,000", "Health Service Journal, March 2010", "assumption", "sovereignty"):
        assert word in body


def test_the_same_run_twice_gives_the_same_tables(
    uptake: Command, process: Command, tmp_path: Path
) -> None:
    """Byte for byte in content, on three threads of another process; another seed gives others."""
    for run, out, more in (
        (uptake, "a", "threads=1"), (process, "b", "threads=3"), (uptake, "c", "seed=2"),
    ):  # fmt: skip
        assert run("run", "runs=120", f"out={out}", more).returncode == 0
    for name in ("outcomes.parquet", "curves.parquet"):
        a, b, c = (pd.read_parquet(tmp_path / out / name) for out in "abc")
        pd.testing.assert_frame_equal(a, b)
        assert not a.equals(c)
    a, b = (json.loads((tmp_path / out / "summary.json").read_text()) for out in "ab")
    assert a == b


def test_a_lever_moves_the_answer_and_is_said(uptake: Command, tmp_path: Path) -> None:
    """A full mandate: everybody joins; the question is said, in the title of the report too."""
    asked = ["levers.mandate=1", "months=6", "without=[tender]", "fix=assumptions"]
    done = uptake("run", "runs=60", "figures=true", "out=here", *asked)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "here" / "summary.json").read_text())
    assert summary["outcomes"]["joined"]["q05"] == 200
    departures = [
        "part of refusals that the centre overrules 1 (was 0)",
        "without the event tender (jobs website put to tender)",
        "6 months instead of 5",
        "assumptions at their values",
    ]
    assert summary["departures"] == departures
    question = f"NHS Employers membership, 2009-10: what if {'; '.join(departures)}"
    assert summary["question"] == question
    assert f"What if {'; '.join(departures)}? Of 200 trusts" in done.stdout
    assert f"<title>{question}</title>" in (tmp_path / "here" / "report.html").read_text()
    drawn = {path.name for path in (tmp_path / "here").glob("*.svg")}
    stem = "nhs_employers_2009_mandate=1_without=tender_months=6"
    assert drawn == {f"adoption_curve_{stem}.svg", f"who_joins_{stem}.svg"}


REFUSED = {
    "levers.upfront_fe_gbp=3": ["no such lever", "did you mean upfront_fee_gbp?"],
    "levers.upfront_fee_gbp=abc": ["levers.upfront_fee_gbp=abc", "a number is needed"],
    "levers.pressure=1.5": ["levers.pressure=1.5", "allowed is 0 to 1"],
    "levers.pressure=nan": ["levers.pressure=nan", "allowed is 0 to 1"],
    "levers.upfront_fee_gbp=-1": ["levers.upfront_fee_gbp=-1", "allowed is 0 to"],
    "+levers.new=1": ["levers.new=1", "no such lever"],
    "levers=3": ["levers=3"],
    "fee=3": ["fee=3", "no such key"],
    "runs=0": ["runs=0", "allowed is 1 to"],
    "runs=2.5": ["runs=2.5", "a whole number is needed"],
    "runs=[1": ["runs=[1", "key=value"],
    "runs": ["runs", "key=value"],
    "seed=-1": ["seed=-1", "allowed is 0 to"],
    "seed=null": ["seed=null", "a value is needed"],
    "months=0": ["months=0", "allowed is 1 to 1200"],
    "scenario=nhs_employer_2009": ["did you mean nhs_employers_2009?"],
    "structure=defualt": ["did you mean default?"],
    "structure.peers=town": ["structure.peers=town", "nation, region"],
    "without=[tendr]": ["without=tendr", "did you mean tender?"],
    "population.approached=0": ["population.approached=0", "allowed is 1 to"],
    "population.approached_spread=2": ["population.approached_spread=2"],
    "population=file": ["population.path", "a CSV, Parquet or Excel file"],
    "scenario.name=../x": ["scenario.name=../x", "letters"],
    "parameters.priors.caution.value=x": ["parameters.priors.caution.value=x", "a number"],
    "parameters.priors.caution.sd=0": ["parameters.priors.caution.sd=0", "allowed is"],
    "parameters.priors.caution.distribution=cauchy": ["cauchy", "half_normal"],
    "levers.mandate='${oc.env:HOME}'": ["oc.env"],
    "--config-dir=nowhere": ["nowhere", "no such folder"],
    "--colour": ["--colour", "no such option"],
    "~levers.pressure": ["~levers.pressure"],
    "levers.review_month=2.5": ["levers.review_month=2.5", "whole number"],
    "levers.news_weight=3": ["levers.news_weight=3", "timeline"],
    "without=[launch]": ["without=launch", "letter, tender, broken_promise, contract, review"],
    "out=": ["out=", "folder"],
    "hydra.run.dir=x": ["hydra.run.dir=x", "not used"],
    "parameters.priors.sovereigny.value=1": ["sovereigny.value=1", "did you mean sovereignty?"],
    "scenario.levers.upfront_fe_gbp.value=1": ["did you mean upfront_fee_gbp?"],
    "parameters.priors.belief_sd_share.value=0": ["allowed is 1e-06 to 100"],
    "parameters.priors.reporting_probability.value=3": ["allowed is 0 to 1"],
    "scenario.months.value=nan": ["scenario.months.value=nan", "allowed is 1 to 1200"],
    "scenario.approached.value=200.9": ["scenario.approached.value=200.9", "whole number"],
    "scenario.sector.kinds.acute.bodies.value=-5": ["acute.bodies.value=-5", "allowed is"],
    "scenario.observed.joined.value=inf": ["scenario.observed.joined.value=inf", "allowed is"],
    "scenario.start=rubbish": ["scenario.start=rubbish", "2009-10"],
    "scenario.shows=joind": ["scenario.shows=joind", "did you mean joined?"],
    "levers.incident_severity=1": ["levers.incident_severity=1", "timeline"],
    "levers.staged=0.5": ["levers.staged=0.5", "whole number"],
    "scenario.findings=[{statement: x, source: y, larger: joined}]": [
        "scenario.findings[0]",
        "two of larger, smaller and than",
    ],
    "scenario.findings=[{statement: x, source: y, larger: joind, smaller: served}]": [
        "scenario.findings[0].larger=joind",
        "did you mean joined?",
    ],
    "scenario.providers.nhs_employers.enters_later=true": ["at least one", "open at the launch"],
    "scenario.providers.nhs_employers.capacity.value=10": ["capacity.unit: a value is needed"],
    "scenario.providers.nhs_employers.capacity=10": ["{value: ..., unit: ..., source: ...}"],
    "scenario.providers.nhs_employers.quality.value=2": ["quality.value=2", "allowed is 0 to 1"],
    "scenario.timeline=[{name: a, month: 3, date: b, label: c, source: d, "
    "set: {together: {value: 1, unit: share, source: e}}}]": [
        "timeline.a.set.together=1.0",
        "month 0 only",
    ],
}


REFUSED |= {
    "scenario=2009": ["scenario=2009: allowed is one of"],
    "structure=2": ["structure=2: allowed is one of"],
    "structure=null": ["structure=null: allowed is one of"],
    "structure=[default,regional_peers]": ["one name is needed"],
    "scenario=../scenario/nhs_wales": ["did you mean nhs_wales?"],
    "levers=foo": ["levers=foo: ", "keys with values are needed"],
    "levers.foo=1": ["levers.foo=1: no such lever", "and 64 more"],
    "levers.PRESSURE=1": ["did you mean pressure?"],
    "asked=[x]": ["uptake run does not read asked"],
    "=3": ["=3: write key=value"],
    "levers.pressure=" + "1" * 400: ["levers.pressure=111", "...", "at most 19 digits"],
    "levers.pressure=" + "1" * 400 + ".0": ["levers.pressure=111", "allowed is 0 to 1"],
    "runs=" + "1" * 5000: ["runs=111", "at most 19 digits"],
    "levers=" + "[" * 3000: ["at most 20 brackets"],
    "levers=${levers}": ["${...} is not read"],
    "scenario.title=" + "x" * 3000: ["scenario.title=xxx", "at most 2,000 characters"],
    "scenario.title=" + "x" * 200_000: ["scenario.title=xxx", "at most 100,000 characters"],
    "scenario.title='\x1b[31m'": ["scenario.title='\\x1b[31m': control characters"],
    "scenario.title='\udcff'": ["scenario.title='\\udcff': control characters"],
    "\x1b[31m=3": ["\\x1b[31m=3"],
    "scenario.approached=100": ["scenario.approached=100: this number needs {value: ..., unit:"],
    "scenario.months.value=3": ["scenario.timeline.tender.month=5", "shortened by months=N"],
}


@pytest.mark.parametrize(
    "typed",
    [
        ["levers.pressure=1", "levers.pressure=0"],
        ["levers.pressure=1", "++levers.pressure=1"],
        ["levers={pressure: 1}", "levers.pressure=0"],
        ["structure=default", "structure=regional_peers"],
        ["seed=1", "runs=5", "seed=1"],
    ],
    ids=" ".join,
)
def test_a_key_is_given_once(typed: list[str], tmp_path: Path) -> None:
    """The second of two is not taken in silence, nor the first; a choice may be changed further."""
    err = refused(tmp_path, "run", *typed)
    assert f"{typed[-1]}: " in err
    assert f"is given already: {typed[0]}" in err
    twice = ("--config-dir", ".", "--config-dir=..")
    assert "--config-dir is given twice" in refused(tmp_path, "run", *twice)
    assert "x is given already" in refused(tmp_path, "compare", "folder", "x=a", "x=b")
    ask = ("run", "structure=default", "structure.peers=region", "parameters=prior", "--cfg")
    assert said(tmp_path, *ask)[0] == 0


# An example of every key that a help lists.
EXAMPLES = {
    "experiment=NAME": "experiment=fee_by_pressure",
    "scenario=NAME": "scenario=nhs_wales", "scenario.KEY=VALUE": "scenario.scope_share.value=0.2",
    "levers.NAME=NUMBER": "levers.pressure=1", "without=[EVENT,...]": "without=[tender]",
    "timeline.EVENT.LEVER=NUMBER": "timeline.letter.endorsement=0",
    "population.units=as_given": "population.units=as_given", "months=N": "months=9",
    "fix=assumptions": "fix=assumptions", "draws=happened|again|new": "draws=null",
    "population=NAME": "population=file",
    "population.path=FILE": "population.path=trusts.csv",
    "population.approached=N": "population.approached=20",
    "population.approached_spread=SHARE": "population.approached_spread=0.2",
    "population.KEY=VALUE": "population.source=file", "structure=NAME": "structure=default",
    "structure.KEY=VALUE": "structure.peers=nation", "variants=[NAME,...]": "variants=[default]",
    "parameters=NAME": "parameters=prior", "parameters.draws=FOLDER": "parameters.draws=null",
    "parameters.priors.NAME.value=NUMBER": "parameters.priors.caution.value=1",
    "parameters.KEY=VALUE": "parameters.priors.caution.sd=1",
    "calibration.chains=N": "calibration.chains=2",
    "calibration.particles=N": "calibration.particles=60",
    "calibration.histories=[NAME,...]": "calibration.histories=[]",
    "calibration.resume=true": "calibration.resume=true",
    "calibration.KEY=VALUE": "calibration.matches=3", "sweep.design=NAME": "sweep.design=grid",
    "sweep.points=N": "sweep.points=8", "sweep.file=FILE": "sweep.file=points.csv",
    "sweep.runs=N": "sweep.runs=2", "sweep.curves=runs": "sweep.curves=runs",
    "sweep.chunks=I/N": "sweep.chunks=1/2", "sweep.resume=true": "sweep.resume=true",
    "sweep.KEY=VALUE": "sweep.chunk_runs=9", "executor=NAME": "executor=dask",
    "executor.address=ADDRESS": "executor.address=tcp://127.0.0.1:1",
    "executor.KEY=VALUE": "executor.name=dask",
    "target=NUMBER|break_even": "target=25",
    "explain.causes=[NAME,...]": "explain.causes=[fee]", "explain.months=N": "explain.months=36",
    "explain.levers.NAME=NUMBER": "explain.levers.endorsement=0.5",
    "explain.parameters.NAME=NUMBER": "explain.parameters.attention_per_month=1",
    "publish.levers=[NAME,...]": "publish.levers=[pressure]",
    "publish.ranges.NAME=[LOW,HIGH]": "publish.ranges.pressure=[0,0.5]",
    "publish.points=N": "publish.points=300", "publish.within=NUMBER": "publish.within=2",
    "sensitivity.outcome=NAME": "sensitivity.outcome=served",
    "sensitivity.runs=N": "sensitivity.runs=5000",
    "sensitivity.levers.NAME=[LOW,HIGH]": "sensitivity.levers.endorsement=[0,1]",
    "decide.levers=[NAME,...]": "decide.levers=[pressure]",
    "decide.ranges.NAME=[LOW,HIGH]": "decide.ranges.pressure=[0,0.5]",
    "decide.chance=SHARE": "decide.chance=0.8",
    "decide.options.NAME={LEVER:NUMBER}": "decide.options.free={upfront_fee_gbp: 0}",
    "runs=N": "runs=5", "seed=N": "seed=2", "threads=N": "threads=1",
    "figures=false": "figures=false", "out=FOLDER": "out=here",
}  # fmt: skip
COMMANDS = (
    "run",
    "run -m",
    "explain",
    "sensitivity",
    "decide",
    "brief",
    "publish",
    "episodes",
    "mechanisms",
    "calibrate",
    "skill",
    "watch",
    "bench",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_reads_all_keys_that_its_help_lists_and_no_others(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """All together are taken; those of the configuration that are not listed are refused."""
    with pytest.raises(SystemExit):
        main([command.split()[0], "--help"])
    usage, _, told = capsys.readouterr().out.partition("keys (key=value")
    first, _, more = told.partition("keys of a sweep")
    more = more.partition("several values of one key")[0]
    lines = first + more if command == "run -m" else first
    listed = re.findall(r"^  (\S+=\S+) +\w", lines, re.MULTILINE)
    if command == "run -m":
        listed.remove("variants=[NAME,...]")
        listed.remove("target=NUMBER|break_even")
    assert usage.startswith("usage: uptake")
    examples = [EXAMPLES[typed] for typed in listed]
    assert question(command.split()[0], [*command.split()[1:], *examples]).configuration()
    for typed in set(EXAMPLES) - set(listed):
        with pytest.raises(InputError, match="does not read"):
            question(command.split()[0], [*command.split()[1:], EXAMPLES[typed]])
    known = {typed.partition("=")[0].partition(".")[0] for typed in EXAMPLES}
    assert known - {"experiment"} == {field.name for field in fields(Run)} - {"asked"}


def test_the_page_takes_choices_but_nothing_within_them(tmp_path: Path) -> None:
    """An address could not carry it."""
    err = refused(tmp_path, "watch", "structure.peers=region")
    assert "uptake watch does not read structure.peers" in err


def test_a_command_refuses_keys_that_it_does_not_read(uptake: Command) -> None:
    for command, key in (("bench", "runs=5"), ("watch", "runs=5")):
        done = uptake(command, key)
        assert done.returncode == 2
        assert f"uptake {command} does not read runs" in done.stderr


@pytest.mark.parametrize("argument", REFUSED)
def test_bad_input_is_refused_in_one_line(argument: str, tmp_path: Path) -> None:
    """Exit code 2 from the same entry point, one line that names key, value and what is allowed."""
    err = refused(tmp_path, "run", argument)
    for part in REFUSED[argument]:
        assert part in err


def test_bad_input_in_a_real_process(process: Command) -> None:
    """The typo, the wrong type and the bad file end the process with code 2 and one line each."""
    for argument in ("levers.fee=1", "runs=many", "population=file population.path=none.csv"):
        done = process("run", *argument.split())
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("uptake: ")
        assert done.stderr.count("\n") == 1
        assert "Traceback" not in done.stderr


def test_a_command_that_is_not_there_is_refused(uptake: Command) -> None:
    """With the nearest name."""
    done = uptake("rum")
    assert (done.returncode, "did you mean run?" in done.stderr) == (2, True)


def test_what_was_observed_is_compared_in_its_own_month(uptake: Command, tmp_path: Path) -> None:
    """Month 5 of a run of 24 months, and nothing where the run ends before."""
    uptake("run", "runs=80", "out=long", "months=24", "levers.review_month=0")
    curves = pd.read_parquet(tmp_path / "long" / "curves.parquet")
    said = json.loads((tmp_path / "long" / "summary.json").read_text())["observed"]
    reached = sum(row[5] >= 9 for row in curves.interested) / 80
    assert {row["outcome"]: row["month"] for row in said} == {
        "joined": 5, "interested": 5, "provider_loss_gbp": 5
    }  # fmt: skip
    assert said[1]["agree"] == pytest.approx(reached)
    losses = [row[5] for row in curves.provider_loss_gbp]  # so far; at the end it is another
    assert said[2]["at_month"]["mean"] == pytest.approx(sum(losses) / 80)
    done = uptake("run", "runs=20", "out=short", "months=3")
    assert "Observed" not in done.stdout
    assert json.loads((tmp_path / "short" / "summary.json").read_text())["observed"] == []


def test_the_account_says_no_more_than_it_holds(tmp_path: Path) -> None:
    """Fixed by the scenario, a fixed surplus, and a loss without any refund are told apart."""

    def told(*arguments: str) -> str:
        return said(tmp_path, *arguments, "fix=assumptions")[1]

    assert "loses 3.4m GBP in every run: what it invested" in told("run", "runs=20")
    mandated = told("run", "runs=20", "levers.mandate=1", "levers.review_month=0")
    assert "makes a surplus of 3.6m GBP in every run." in mandated
    assert "in the one run" in told("run", "runs=1")
    few = told("run", "runs=7")
    assert "the middle 90 % of 7 runs" in few
    assert "(90 % of runs" not in few
    free = told("run", "runs=20", "levers.upfront_fee_gbp=0", "levers.review_month=0")
    assert "with no fees kept" in free
    assert "paid back" not in free


def test_every_departure_from_what_happened_is_said() -> None:
    """Behaviour held fixed, another structure and another number approached are what-ifs too."""
    for override, words in (
        ("parameters.priors.sovereignty.value=1", "sovereignty held at 1"),
        ("structure=regional_peers", "structure.peers = region"),
        ("structure.evidence_shared=false", "structure.evidence_shared = false"),
        ("scenario.scope_share.value=0.2", "scenario.scope_share.value=0.2"),
        ("parameters.priors.caution.sd=2", "parameters.priors.caution.sd=2"),
        ("population.approached=40", "40 trusts approached"),
        ("population.approached_spread=0.25", "the number approached unknown by 0.25"),
        (
            "levers.review_month=0",
            "month after the launch in which the centre reviews the scheme 0 months "
            "(was 0, then 5 from month 5)",
        ),
    ):
        is_learnt = not override.endswith((".sd=2", "shared=false", "regional_peers"))
        on_prior = [] if is_learnt else ["parameters=prior"]
        assert departures(question("run", [override, *on_prior]).case()) == [words]
    assert departures(question("run", []).case()) == []


def test_texts_of_a_scenario_reach_the_reader_as_they_are(uptake: Command, tmp_path: Path) -> None:
    """Markup, mathematics and tags are shown, not obeyed; control characters are refused."""
    folder = tmp_path / "mine" / "scenario"
    folder.mkdir(parents=True)
    text = (ROOT / "configs" / "scenario" / "nhs_employers_2009.yaml").read_text()
    text = text.replace("name: nhs_employers_2009", "name: odd")
    odd = r"[/x] a $\\foo$ <script>alert(1)</script>"  # in YAML, a double backslash is one
    text = text.replace("Health Service Journal, March 2010", odd)
    text = text.replace("NHS Employers membership, 2009-10", odd)
    (folder / "odd.yaml").write_text(text)
    done = uptake("run", "runs=5", "out=here", "--config-dir", "mine", "scenario=odd")
    assert done.returncode == 0, done.stderr
    assert "[/x]" in done.stdout
    assert "<script" not in (tmp_path / "here" / "report.html").read_text()
    (folder / "odd.yaml").write_text(text.replace("[/x]", r"\x1b"))
    done = uptake("run", "--config-dir", "mine", "scenario=odd", "runs=5")
    assert (done.returncode, "control characters" in done.stderr) == (2, True)


def test_a_folder_of_configurations_stays_within_itself(uptake: Command, tmp_path: Path) -> None:
    """No file outside it is drawn in, none of the package is hidden, none that is not UTF-8."""
    folder = tmp_path / "mine" / "scenario"
    folder.mkdir(parents=True)
    source = ROOT / "configs" / "scenario" / "nhs_employers_2009.yaml"
    cases = {
        "nhs_employers_2009.yaml": (source.read_bytes(), "in the package already"),
        "a.yaml": (b"defaults: [/sector@sector: ../../evil]", "files of the configuration"),
        "b.yaml": ("title: caf\xe9".encode("latin-1"), "not UTF-8"),
        "c.yaml": (b"3", "keys with values"),
    }
    for name, (content, told) in cases.items():
        (folder / name).write_bytes(content)
        done = uptake("run", "--config-dir", "mine", f"scenario={name[:-5]}", "runs=5")
        assert done.returncode == 2, name
        assert told in done.stderr
        assert done.stderr.count("\n") == 1
        (folder / name).unlink()


def test_a_scenario_of_ones_own(uptake: Command, tmp_path: Path) -> None:
    """A folder of the user's adds scenarios; an unknown key in a file is refused by name."""
    folder = tmp_path / "mine" / "scenario"
    folder.mkdir(parents=True)
    text = (ROOT / "configs" / "scenario" / "nhs_employers_2009.yaml").read_text()
    text = text.replace("name: nhs_employers_2009", "name: mine").replace("35000", "5000")
    (folder / "mine.yaml").write_text(text)
    done = uptake("run", "--config-dir", "mine", "scenario=mine", "runs=20")
    assert done.returncode == 0, done.stderr
    assert "5,000 GBP on signing" in done.stdout
    (folder / "mine.yaml").write_text(text + "\nfee_gbp: 3\n")
    done = uptake("run", "--config-dir", "mine", "scenario=mine", "runs=20")
    assert done.returncode == 2
    assert "fee_gbp" in done.stderr
    assert done.stderr.count("\n") == 1
    (folder / "mine.yaml").write_text(text.replace("title:", "title: ["))
    done = uptake("run", "--config-dir", "mine", "scenario=mine", "runs=20")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_configuration_is_data(uptake: Command, tmp_path: Path) -> None:
    """It cannot run code through Hydra, nor say where results go, nor read a file elsewhere."""
    (tmp_path / "mine" / "scenario").mkdir(parents=True)
    (tmp_path / "mine" / "population").mkdir()
    attack = (
        "# @package _global_\nhydra: {callbacks: {x: {_target_: os.mkdir, path: pwned}}, "
        "run: {dir: pwned}}\n"
    )
    (tmp_path / "mine" / "structure").mkdir()
    (tmp_path / "mine" / "structure" / "bad.yaml").write_text(attack)
    uptake("run", "--config-dir", "mine", "+structure@_global_=bad", "runs=5", "out=here")
    assert not (tmp_path / "pwned").exists()
    (tmp_path / "secret.csv").write_text("id,name,kind,region,income_million_gbp\n1,a,acute,x,1\n")
    for path in ("../secret.csv", str(tmp_path / "secret.csv")):
        text = f"source: file\npath: {path}\napproached: null\napproached_spread: 0\n"
        (tmp_path / "mine" / "population" / "bad.yaml").write_text(text)
        done = uptake("run", "--config-dir", "mine", "population=bad", "runs=5")
        assert done.returncode == 2
        assert "only name a file in its own folder" in done.stderr
    (tmp_path / "mine" / "population" / "bad.yaml").write_text(
        "# @package _global_\nout: elsewhere\n"
    )
    done = uptake("run", "--config-dir", "mine", "+population@_global_=bad", "runs=5")
    assert done.returncode == 2
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("when", ["here", "here/.outcomes.parquet.{}.partial"])
def test_a_run_that_is_stopped_leaves_no_half_file(
    how: signal.Signals, when: str, tmp_path: Path
) -> None:
    """Ctrl-C or a polite kill while it runs or writes: exit code 130, one line, no file at all."""
    command = [sys.executable, "-m", "uptake.cli.main", "run", "runs=80000", "out=here"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "sim")}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    until = time.monotonic() + PATIENCE
    while not (tmp_path / when.format(process.pid)).exists():
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(how)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "stopped" in err
    assert "Traceback" not in err
    assert list((tmp_path / "here").iterdir()) == []


def test_help_lists_the_commands_and_starts_fast() -> None:
    """And does not load the engine to do so."""
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "uptake.cli.main", "--help"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    for command in ("run", "watch", "bench"):
        assert command in loaded.stdout
    for heavy in ("numba", "mesa", "matplotlib", "scipy", "pandas", "hydra", "numpy", "pydantic"):
        assert not re.search(rf"\| +{heavy}$", loaded.stderr, re.MULTILINE), heavy
