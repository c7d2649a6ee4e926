"""Commands around one's own scheme: new, list, check, rerun; help, version, completion."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from conftest import PATIENCE, ROOT
from drawing import refused, said
from uptake.cli import completion, keys
from uptake.cli.list import TOPICS
from uptake.cli.main import COMMANDS, main
from uptake.cli.meanings import meaning_of
from uptake.config import schema
from uptake.config.compose import Question
from uptake.config.schema import configs_folder
from uptake.config.schema.observed import OBSERVABLE
from uptake.config.validation import problems
from uptake.model.levers import IMPULSES, LEVERS
from uptake.model.parameters import PARAMETER_NAMES
from uptake.results.same import difference
from uptake.version import __version__

SCENARIOS = sorted(path.stem for path in (ROOT / "configs" / "scenario").glob("*.yaml"))
OWN = "my_configs"
PAGE = (ROOT / "docs" / "own_schemes.md").read_text()


def done(folder: Path, *arguments: str) -> str:
    """Return what a command says that has nothing to complain of."""
    code, out, err = said(folder, *arguments)
    assert (code, err) == (0, ""), err
    return out


def process(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Return what a fresh process of Python, told these arguments, comes to."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "sim")}, timeout=PATIENCE, check=False,
    )  # fmt: skip


def own(folder: Path, group: str, name: str = "mine") -> Path:
    """Return where a configuration of one's own is."""
    return folder / OWN / group / f"{name}.yaml"


def changed(path: Path, old: str, new: str) -> int:
    """Write a file with one text for another, and return the line where that stands."""
    text = path.read_text()
    assert text.count(old) == 1, text.count(old)
    path.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


# Help and version


@pytest.mark.parametrize("asked", [[], ["-h"], ["--help"], ["help"]], ids=str)
def test_help_names_every_command_and_imports_nothing_heavy(
    asked: list[str], tmp_path: Path
) -> None:
    """So that it is there at once; ``python -m uptake`` is the same."""
    told = process(tmp_path, "-X", "importtime", "-m", "uptake", *asked)
    assert (told.returncode, told.stdout) == (0, done(tmp_path, *asked))
    for command, text in COMMANDS.items():
        assert f"  {command:<12}{text}\n" in told.stdout
    imported = set(re.findall(r"\| +([\w.]+)$", told.stderr, flags=re.MULTILINE))
    assert "uptake.cli.main" in imported or "uptake.errors" in imported
    assert not imported & {"numpy", "hydra", "omegaconf", "yaml", "rich", "pydantic", "argparse"}


def test_version_in_all_its_forms(tmp_path: Path) -> None:
    for asked in ("-V", "--version"):
        assert done(tmp_path, asked) == f"uptake {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_help_is_there_and_helps(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert importlib.import_module(f"uptake.cli.{command}").main
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert f"uptake {command}" in capsys.readouterr().out


# new


def test_a_new_scheme_runs_as_it_is_and_says_what_to_do_next(tmp_path: Path) -> None:
    """In processes of their own, as a user would: two files, two lines of what is next."""
    new = process(tmp_path, "-m", "uptake", "new", "my_scheme")
    assert (new.returncode, new.stderr) == (0, "")
    files = [f"{OWN}/sector/my_scheme.yaml", f"{OWN}/scenario/my_scheme.yaml"]
    *written, check, run = new.stdout.splitlines()
    assert written == [f"Written: {file}" for file in files]
    assert f"uptake check {OWN}" in check
    typed = shlex.split(run.partition(": uptake ")[2])
    asked = process(tmp_path, "-m", "uptake", *typed, "runs=20", "out=here")
    assert asked.returncode == 0, asked.stderr
    summary = json.loads((tmp_path / "here" / "summary.json").read_text())
    assert summary["question"] == "My scheme"
    assert 0 < summary["outcomes"]["joined"]["mean"] < 60
    assert done(tmp_path, "check", OWN) == "2 files: no problem\n"


def numbers(tree: Any) -> list[dict[str, Any]]:
    """Return every number of a file, as the mapping it is."""
    if isinstance(tree, dict):
        inside = [one for branch in tree.values() for one in numbers(branch)]
        return [tree, *inside] if "value" in tree else inside
    return [one for branch in tree for one in numbers(branch)] if isinstance(tree, list) else []


@pytest.mark.parametrize("start", [None, *SCENARIOS])
def test_every_number_says_unit_source_and_that_it_is_to_be_replaced(
    start: str | None, tmp_path: Path
) -> None:
    done(tmp_path, "new", "mine", *([f"from={start}"] if start else []))
    source = f"from {start}: replace it" if start else "assumption: replace it"
    for group in ("scenario", "sector"):
        found = numbers(yaml.safe_load(own(tmp_path, group).read_text()))
        assert len(found) > 3
        for number in found:
            assert number["unit"]
            assert number["source"] == source


@pytest.mark.parametrize("start", SCENARIOS)
def test_a_scheme_from_another_has_its_numbers_and_none_of_its_facts(
    start: str, tmp_path: Path
) -> None:
    """What was observed, reported or invested is of that scheme alone; all else is the same."""
    done(tmp_path, "new", "mine", f"from={start}")
    made = Question(["scenario=mine"], tmp_path / OWN).case()
    there = Question([f"scenario={start}"], None).case()
    for mine, other in zip(made.episode, there.episode, strict=True):
        if isinstance(mine, np.ndarray) and "invested_gbp" in (mine.dtype.names or ()):
            assert not mine["invested_gbp"].any()
            mine["invested_gbp"] = other["invested_gbp"]
        alike = mine.tobytes() == other.tobytes() if isinstance(mine, np.ndarray) else mine == other
        assert alike
    assert (made.observed, made.findings) == ([], [])
    assert [event.month for event in made.events] == [event.month for event in there.events]


def uncommented(text: str) -> str:
    """Return a file in which every key that is a comment is used."""
    for empty in ("observed: {}", "timeline: []", "findings: []", "levers: {}"):
        text = text.replace(empty, empty[:-3])
    return re.sub(r"^( *)#(\w+:|  +[-\w#])", r"\1\2", text, flags=re.MULTILINE)


@pytest.mark.parametrize("start", [None, "nhs_wales", "nhs_employers_2009"])
def test_every_key_that_is_a_comment_can_be_used(start: str | None, tmp_path: Path) -> None:
    """All at once: every lever, every fact of a provider, the examples; still nothing is wrong.

    But for the month in which it enters: one provider at least is open at the launch.
    """
    done(tmp_path, "new", "mine", *([f"from={start}"] if start else []))
    file = own(tmp_path, "scenario")
    text, entries = re.subn(r"^ *entry_month: .*\n", "", uncommented(file.read_text()), flags=re.M)
    assert entries
    file.write_text(text)
    assert done(tmp_path, "check", OWN) == "2 files: no problem\n"
    scenario = Question(["scenario=mine"], tmp_path / OWN).case().config.scenario
    assert set(scenario.levers) == set(LEVERS.names or ()) - set(IMPULSES)
    for provider in scenario.providers.values():
        assert {name for name, given in asdict(provider).items() if given is None} == {
            "entry_month"
        }
    assert scenario.observed
    assert scenario.findings
    assert scenario.timeline


def test_the_file_names_every_lever_and_every_key_with_its_meaning(tmp_path: Path) -> None:
    done(tmp_path, "new", "mine")
    text, sector = (own(tmp_path, group).read_text() for group in ("scenario", "sector"))
    for name, lever in schema.lever_meanings().items():
        assert re.search(rf"^ *(# ?)?{name}: \{{", text, re.MULTILINE), name
        assert lever.meaning in re.sub(r"\n *# ", " ", text)
    for owner, page in (
        (schema.Scenario, text), (schema.Provider, text), (schema.Event, text),
        (schema.Sector, sector), (schema.Kind, sector),
    ):  # fmt: skip
        for field in fields(owner):
            if field.name not in ("sector", "pathfinder_regions", "note"):
                assert re.search(rf"^[ -]*#?{field.name}:", page, re.MULTILINE), field.name
                if field.name not in ("title", "source"):
                    assert meaning_of(owner, field.name).text in re.sub(r"\n *# ", " ", page)


@pytest.mark.parametrize("end", ["low", "high"])
def test_what_a_number_can_be_is_what_is_refused_beyond_it(end: str, tmp_path: Path) -> None:
    """At both ends of every range that the files tell, all at once."""
    done(tmp_path, "new", "mine")
    file = own(tmp_path, "scenario")
    file.write_text(uncommented(file.read_text()))
    asked = asdict(Question(["scenario=mine"], tmp_path / OWN).configuration())
    scenario, expected = asked["scenario"], {}
    for where, owner, tree in (
        ("scenario", schema.Scenario, scenario),
        ("scenario.sector", schema.Sector, scenario["sector"]),
        (
            "scenario.sector.kinds.large_body",
            schema.Kind,
            scenario["sector"]["kinds"]["large_body"],
        ),
        ("scenario.providers.provider", schema.Provider, scenario["providers"]["provider"]),
    ):
        for field in fields(owner):
            within = meaning_of(owner, field.name).within
            if within is not None and "value" in tree[field.name]:
                beyond = within.low - 1 if end == "low" else within.high * 2 + 1
                tree[field.name]["value"] = beyond
                line = f"allowed is {within.low:g} to {within.high:g}"
                expected[f"{where}.{field.name}.value"] = line
    assert len(expected) > 20
    told = {problem.key: problem.allowed for problem in problems(asked)}
    assert told.keys() == expected.keys()
    for key, line in expected.items():
        assert told[key].startswith(line)


def test_a_sector_that_is_there_is_taken_as_it_stands(tmp_path: Path) -> None:
    done(tmp_path, "new", "mine", "sector=whitehall_2012")
    assert not own(tmp_path, "sector").exists()
    made = Question(["scenario=mine"], tmp_path / OWN).case().config.scenario
    assert list(made.sector.kinds) == made.designed_for == ["department", "agency"]
    assert "replace it" not in json.dumps(asdict(made.sector))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["new"], "required: name;"),
        (["new", "a b"], "letters, digits"),
        (["new", "../x"], "letters, digits"),
        (["new", "nhs_wales"], "the package has a scenario of this name"),
        (["new", "whitehall_2012"], "the package has a sector of this name"),
        (["new", "mine", "from=nhs_wale"], "did you mean nhs_wales?"),
        (["new", "mine", "sector=nhs_wale"], "did you mean nhs_wales?"),
        (["new", "mine", "form=nhs_wales"], "did you mean from?"),
        (["new", "mine", "from"], "write key=value"),
        (["new", "mine", "from=nhs_wales", "from=nhs_sbs"], "is given already: nhs_wales"),
        (["new", "mine", f"--config-dir={configs_folder()}"], "the package's own folder"),
        (["new", "mine", f"--config-dir={__file__}"], "a folder is needed"),
        (["new", "mine", "--colour"], "--colour: no such option"),
        (["list", "lever"], "did you mean levers?"),
        (["list", "--config-dir=nowhere"], "no such folder"),
        (["check"], "the folder of your configurations is needed"),
        (["check", "nowhere"], "no such folder"),
        (["check", "."], "no configurations are there"),
        (["rerun"], "required: FOLDER;"),
        (["rerun", "nowhere"], "no such folder"),
        (["rerun", "."], "provenance.json: cannot be read"),
        (["completion"], "required: SHELL;"),
        (["completion", "bsh"], "did you mean bash?"),
    ],
    ids=str,
)
def test_bad_input_is_refused_in_one_line(typed: list[str], told: str, tmp_path: Path) -> None:
    assert told in refused(tmp_path, *typed)


@pytest.mark.parametrize("there", ["scenario", "sector"])
def test_nothing_is_written_over_or_beside(there: str, tmp_path: Path) -> None:
    """One of the two files is enough for neither to be written, be it a link to nowhere."""
    path = own(tmp_path, there)
    path.parent.mkdir(parents=True)
    path.symlink_to("nowhere")
    assert "nothing is written over" in refused(tmp_path, "new", "mine")


# list


def test_lists_hold_all_that_there_is() -> None:
    known = {
        "scenarios": SCENARIOS,
        "levers": LEVERS.names,
        "outcomes": OBSERVABLE,
        "structures": Question([], None).choices("structure"),
        "parameters": PARAMETER_NAMES,
        "sectors": Question([], None).choices("sector"),
    }
    for topic, names in known.items():
        rows = TOPICS[topic].rows(None)
        assert set(names or ()) <= {row[0] for row in rows}, topic
        assert [row[0] for row in rows] == TOPICS[topic].names(None)
        assert all(len(row) == len(TOPICS[topic].columns) and all(row) for row in rows)


def test_a_list_is_a_line_each_in_a_pipe_and_counts_in_the_overview(tmp_path: Path) -> None:
    levers = done(tmp_path, "list", "levers").splitlines()
    assert len(levers) == len(LEVERS.names or ()) + 1
    fee = next(line for line in levers if line.startswith("upfront_fee_gbp"))
    assert re.split("  +", fee)[1:] == ["GBP", "0 to 1,000,000,000", "0", "fee on signing"]
    overview = done(tmp_path, "list")
    for name, topic in TOPICS.items():
        assert re.search(rf"^{name} +{len(topic.names(None))} ", overview, re.MULTILINE)


def test_a_list_holds_ones_own_and_names_what_cannot_be_read(tmp_path: Path) -> None:
    done(tmp_path, "new", "mine")
    own(tmp_path, "scenario", "broken").write_text("a: [")
    lines = done(tmp_path, "list", "scenarios", "--config-dir", OWN)
    assert re.search(r"^mine +Mine$", lines, re.MULTILINE)
    assert re.search(r"^broken +cannot be read: uptake check tells why$", lines, re.MULTILINE)
    assert "large_body, small_body" in done(tmp_path, "list", "sectors", "--config-dir", OWN)


def test_a_list_imports_no_library_that_it_does_not_need(tmp_path: Path) -> None:
    """So that it is fast."""
    told = process(tmp_path, "-X", "importtime", "-m", "uptake", "list")
    imported = set(re.findall(r"\| +([\w.]+)$", told.stderr, flags=re.MULTILINE))
    assert "yaml" in imported
    assert not imported & {"hydra", "mesa", "scipy.stats", "matplotlib", "pyarrow", "duckdb"}


# check


def test_check_tells_all_files_with_a_problem_each_with_its_line(tmp_path: Path) -> None:
    for name in ("mine", "fine", "typo", "text"):
        done(tmp_path, "new", name)
    expected = [
        (own(tmp_path, "sector"), "cost_sigma: {value: 0.3", "cost_sigma: {value: 9"),
        (own(tmp_path, "sector"), "discount_rate: {value: 0.035", "discount_rate: {value: 3.5"),
        (own(tmp_path, "scenario", "typo"), "  yearly_fee_gbp", "  yearly_fe_gbp"),
        (own(tmp_path, "scenario", "text"), "value: 0.15", "value: much"),
    ]
    places = [
        f"{path.relative_to(tmp_path)}, line {changed(path, old, new)}:"
        for path, old, new in expected
    ]
    structure = own(tmp_path, "structure")
    structure.parent.mkdir()
    structure.write_text("defaults: [default, _self_]\nname: mine\npeers: town\n")
    population = own(tmp_path, "population")
    population.parent.mkdir()
    population.write_text("defaults: [file, _self_]\npath: bodies.csv\n")
    (tmp_path / OWN / "bodies.csv").write_text(
        "id,name,kind,region,income_million_gbp\na,,acute,,0\nb,,acute,,x\n"
    )
    (tmp_path / OWN / "scenarios").mkdir()
    (tmp_path / OWN / "scenarios" / "lost.yaml").touch()
    own(tmp_path, "scenario", "old").with_suffix(".yml").touch()
    code, out, err = said(tmp_path, "check", OWN)
    assert (code, err) == (2, "")
    places += [f"{OWN}/structure/mine.yaml, line 3:"]
    table = f"{OWN}/population/mine.yaml, line 2: population.path={tmp_path / OWN / 'bodies.csv'}: "
    places += [f"{table}row {row}, column income_million_gbp" for row in (2, 3)]
    places += [f"{OWN}/scenarios/lost.yaml: not read here", f"{OWN}/scenario/old.yml: not read"]
    lines = out.splitlines()
    for place in places:
        assert sum(line.startswith(place) for line in lines) == 1, (place, out)
    assert len(lines) == len(places), out
    assert "did you mean scenario?" in out


def test_check_in_the_folder_itself_names_a_place_once(tmp_path: Path) -> None:
    done(tmp_path, "new", "mine")
    line = changed(own(tmp_path, "scenario"), "value: 0.15", "value: 2")
    place = f"scenario/mine.yaml, line {line}: scenario.levers.claimed_saving_share.value=2.0: "
    told = f"{place}allowed is 0 to 1 (share of spend)\n"
    assert said(tmp_path / OWN, "check", ".") == (2, told, "")
    assert said(tmp_path, "check", "--config-dir", OWN) == (2, f"{OWN}/{told}", "")


# rerun


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where runs are: a what-if, one of a scheme and trusts of one's own; a sweep.

    And one under another structure, on parameters that need no draws of it.
    """
    folder = tmp_path_factory.mktemp("made")
    done(folder, "new", "mine")
    rows = "\n".join(f"{i},,large_body,,{200 + 10 * i}" for i in range(20))
    (folder / "bodies.csv").write_text(f"id,name,kind,region,income_million_gbp\n{rows}\n")
    asked = {
        "what_if": ["levers.mandate=0.5", "without=[tender]", "months=6"],
        "peers": ["levers.mandate=0.5", "structure=regional_peers", "parameters=prior"],
        "own": [
            "--config-dir", OWN, "scenario=mine", "population=file", "population.path=bodies.csv",
            "timeline.letter.pressure=0.2", "parameters.priors.caution.value=1",
        ],
    }  # fmt: skip
    for name, words in asked.items():
        done(folder, "run", *words, "runs=25", "seed=7", f"out={name}")
    sweep = ["levers.pressure=0,1", "runs=3", "months=2", "out=sweep"]
    done(folder, "run", "-m", *sweep)
    return folder


@pytest.mark.parametrize("name", ["what_if", "peers", "own"])
def test_the_same_again_is_the_same(name: str, made: Path, tmp_path: Path) -> None:
    """Without the configurations it was made of; every table, on another number of threads."""
    away = tmp_path / "there"
    shutil.copytree(made / name, away)
    moved = [f"population.path={made / 'bodies.csv'}"] if name == "own" else []
    out = done(tmp_path, "rerun", "there", *moved, "threads=2")
    tables = [p.relative_to(away).as_posix() for p in away.rglob("*.parquet")]
    assert len(tables) == 4  # those of the scheme as it was among them
    for table in tables:
        assert f"{table}: 25 runs, equal to the bit\n" in out
    assert out.endswith("The same.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_the_same_again_in_a_process_and_kept(made: Path) -> None:
    told = process(made, "-m", "uptake", "rerun", "what_if", "out=again")
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    for folder in ("what_if", "again"):
        assert {p.name for p in (made / folder).iterdir()} == {
            p.name for p in (made / "again").iterdir()
        }
    summaries = [json.loads((made / f / "summary.json").read_text()) for f in ("what_if", "again")]
    assert summaries[0] == summaries[1]


def test_what_is_not_the_same_is_told_with_its_first_run(made: Path, tmp_path: Path) -> None:
    """One number more in one run; exit code 1."""
    shutil.copytree(made / "what_if", tmp_path / "there")
    path = tmp_path / "there" / "curves.parquet"
    table = pq.read_table(path)
    joined = table["joined"].combine_chunks()
    values = joined.flatten().to_numpy().copy()
    values[9 * 7 + 4] += 1  # run 9, month 4 of 0 to 6
    lists = pa.FixedSizeListArray.from_arrays(pa.array(values), 7)
    at = table.column_names.index("joined")
    pq.write_table(table.set_column(at, table.schema.field("joined"), lists), path)
    code, out, err = said(tmp_path, "rerun", "there")
    assert (code, err) == (1, "")
    now = int(values[9 * 7 + 4])
    first = f"joined in month 4: {now} there, {now - 1} now"
    assert f"curves.parquet: 1 of 25 runs differ; first run 9, {first}\n" in out
    assert "\noutcomes.parquet: 25 runs, equal to the bit\n" in f"\n{out}"
    assert out.endswith("Not the same.\n")


def test_tables_are_compared_to_the_bit() -> None:
    """NaN is itself, 0 is not -0; columns, types and numbers of rows count."""
    one = pa.table({"run": [0, 1], "x": [0.0, float("nan")]})
    assert difference(one, one) is None
    other = pa.table({"run": [0, 1], "x": [-0.0, float("nan")]})
    assert difference(one, other) == "1 of 2 runs differ; first run 0, x: 0.0 there, -0.0 now"
    assert difference(one, one.slice(0, 1)) == "2 runs there, 1 now"
    assert difference(one, one.rename_columns(["run", "y"])) == "the columns differ: x, y"
    whole = pa.table({"run": [0, 1], "x": [0, 1]})
    assert difference(one, whole) == "x: double there, int64 now"
    texts = pa.table({"run": [0, 1], "x": ["a", None]})
    assert difference(texts, texts) is None


def test_other_versions_are_told(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "what_if", tmp_path / "there")
    path = tmp_path / "there" / "provenance.json"
    told = json.loads(path.read_text())
    told |= {
        "version": "0.0.1",
        "commit": "abc",
        "libraries": {**told["libraries"], "numpy": "1.0"},
    }
    path.write_text(json.dumps(told))
    out = done(tmp_path, "rerun", "there")
    assert f"made with uptake 0.0.1; this is {__version__}\n" in out
    assert "made with commit abc; this is" in out
    assert f"made with numpy 1.0; this is {np.__version__}\n" in out


# What a record could hold that is no question of its owner's: where, and what is said.
HOSTILE: list[tuple[Sequence[str], Any, str]] = [
    (["scenario", "title"], "\x1b[31m", "control characters"),
    (["scenario", "title"], "x" * 3000, "at most 2,000 characters"),
    (["scenario", "name"], "../x", "letters, digits"),
    (["scenario", "nme"], "x", "nme"),
    (["scenario", "levers", "presure"], {"value": 1, "unit": "x", "source": "y"}, "pressure"),
    (["levers", "mandate"], 7, "levers.mandate=7.0: allowed is 0 to 1"),
    (["runs"], "many", "a whole number is needed"),
    (["runs"], 0, "allowed is 1 to"),
    (["seed"], None, "provenance.json: seed: "),
    (["structure", "name"], "../../x", "../../x"),
    (["parameters", "draws"], "/etc", "No such file"),
    (["parameters", "draws"], "elsewhere", "No such file"),
    (["population", "path"], "/dev/zero", "a pipe or a device"),
    (["population", "path"], "/etc/passwd", "its hash is not that"),
    (["population", "path"], "gone.csv", "No such file"),
    (["_target_"], "os.system", "_target_"),
    ([], "all of it", "keys with values are needed"),
]


@pytest.mark.parametrize(("where", "value", "told"), HOSTILE, ids=str)
def test_a_record_is_checked_as_any_configuration(
    where: Sequence[str], value: Any, told: str, made: Path, tmp_path: Path
) -> None:
    """It is data of others: nothing of it is run, read or written that its owner could not ask."""
    shutil.copytree(made / "what_if", tmp_path / "there")
    path = tmp_path / "there" / "provenance.json"
    record = json.loads(path.read_text())
    owner = record
    for key in ["configuration", *where][:-1]:
        owner = owner[key]
    owner[["configuration", *where][-1]] = value
    path.write_text(json.dumps(record))
    assert told in refused(tmp_path, "rerun", "there")


def test_a_record_never_says_where_to_write_nor_what_is_to_be_looked_up(
    made: Path, tmp_path: Path
) -> None:
    shutil.copytree(made / "what_if", tmp_path / "there")
    path = tmp_path / "there" / "provenance.json"
    record = json.loads(path.read_text())
    record["configuration"]["out"] = str(tmp_path / "chosen_by_others")
    record["configuration"]["scenario"]["title"] = "${oc.env:HOME}"
    path.write_text(json.dumps(record))
    before = sorted(tmp_path.rglob("*"))
    done(tmp_path, "rerun", "there")
    assert sorted(tmp_path.rglob("*")) == before
    done(tmp_path, "rerun", "there", "out=again")
    summary = json.loads((tmp_path / "again" / "summary.json").read_text())
    assert summary["question"].startswith("${oc.env:HOME}: what if")


def test_trusts_that_are_others_are_refused(made: Path, tmp_path: Path) -> None:
    """A row more, and the hash is another; no table, and none can be named."""
    shutil.copytree(made / "own", tmp_path / "there")
    text = (made / "bodies.csv").read_text()
    (tmp_path / "bodies.csv").write_text(f"{text}99,,large_body,,500\n")
    assert "bodies.csv: its hash is not that" in refused(tmp_path, "rerun", "there")
    (tmp_path / "bodies.csv").unlink()
    assert "bodies.csv: No such file" in refused(tmp_path, "rerun", "there")
    shutil.copytree(made / "what_if", tmp_path / "none")
    err = refused(tmp_path, "rerun", "none", "population.path=x.csv")
    assert "the run was made of no table" in err


def test_a_sweep_is_refused_with_the_line_that_asks_it_again(made: Path) -> None:
    err = refused(made, "rerun", "sweep")
    assert "uptake run -m levers.pressure=0,1 runs=3 months=2 figures=false out=ANOTHER" in err


def test_an_empty_folder_is_needed_to_keep_it(made: Path) -> None:
    assert "an empty folder is needed" in refused(made, "rerun", "what_if", "out=own")


# completion


@pytest.mark.parametrize("command", COMMANDS)
def test_what_completes_is_what_the_command_reads(command: str) -> None:
    """Every key of the one table, and names that are there."""
    words = completion.words_of(command)
    typed = dict([*keys.keys_of(command), *(keys.keys_of("run -m") if command == "run" else [])])
    for one in typed:
        key, equals, value = re.split("[A-Z\\[]", one)[0].partition("=")
        for choice in value.split("|"):
            stem = f"{key}{equals}{choice}"
            assert any(word.startswith(stem) for word in words), one
    if "scenario=NAME" in typed:
        assert {f"scenario={name}" for name in SCENARIOS} <= set(words)
        assert {f"levers.{name}=" for name in set(LEVERS.names or ()) - set(IMPULSES)} <= set(words)


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], ". ./script"),
    "zsh": (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u -D; . ./script"),
}
# What is typed, and the words that the command gets.
TYPED = {
    "uptake mech\t": ["mechanisms"],
    "uptake run scenario=nhs_w\t": ["run", "scenario=nhs_wales"],
    "uptake run levers.upfr\t9": ["run", "levers.upfront_fee_gbp=9"],
    "uptake run runs=3 lev\tpressu\t1": ["run", "runs=3", "levers.pressure=1"],
    "uptake run --config-dir own scenario=mine\t": [
        "run", "--config-dir", "own", "scenario=mine_alone",
    ],
    "uptake run parameters.pri\tcauti\tv\t1": ["run", "parameters.priors.caution.value=1"],
    "uptake run population.path=own/bod\t": ["run", "population.path=own/bodies.csv"],
    "uptake new q from=nhs_sb\tsector=wh\t": ["new", "q", "from=nhs_sbs", "sector=whitehall_2012"],
    "uptake list lev\t": ["list", "levers"],
    "uptake completion z\t": ["completion", "zsh"],
}  # fmt: skip


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
def test_fish_completes(tmp_path: Path) -> None:
    """The words that it offers for a line; those of ``TYPED`` that name no file of the user's."""
    script = process(tmp_path, "-m", "uptake", "completion", "fish")
    (tmp_path / "script").write_text(script.stdout)
    offered = {
        "uptake mech": ["mechanisms"],
        "uptake run scenario=nhs_w": ["scenario=nhs_wales"],
        "uptake run runs=3 levers.upfr": ["levers.upfront_fee_gbp="],
        "uptake new q from=nhs_sb": ["from=nhs_sbs"],
        "uptake list lev": ["levers"],
        "uptake completion z": ["zsh"],
    }
    for line, words in offered.items():
        asked = f"source script; complete -C '{line}'"
        found = subprocess.run(
            ["fish", "--no-config", "-c", asked], cwd=tmp_path, capture_output=True, text=True,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, check=True,
        )  # fmt: skip
        assert found.stdout.split() == words, line


@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_shell_completes(shell: str, tmp_path: Path) -> None:
    """At its prompt, with the key of tabulation; a file whose name is code is not offered."""
    import pty  # which not every system has

    argv, start = SHELLS[shell]
    if shutil.which(argv[0]) is None:
        pytest.skip(f"there is no {argv[0]} here")
    script = process(tmp_path, "-m", "uptake", "completion", shell)
    assert script.returncode == 0, script.stderr
    (tmp_path / "script").write_text(script.stdout)
    noting, noted = tmp_path / "bin" / "uptake", tmp_path / "noted"
    noting.parent.mkdir()
    noting.write_text('#!/bin/sh\n{ printf "%s\\t" "$@"; echo; } >> "$NOTED"\n')
    noting.chmod(0o755)
    (tmp_path / "own" / "scenario").mkdir(parents=True)
    for name in ("scenario/mine_alone.yaml", "scenario/mine$(touch ran).yaml", "bodies.csv"):
        (tmp_path / "own" / name).touch()
    master, slave = pty.openpty()
    env = {"PATH": f"{noting.parent}:/usr/bin:/bin", "HOME": str(tmp_path), "TERM": "dumb"}
    at_work = subprocess.Popen(
        argv, stdin=slave, stdout=slave, stderr=slave, cwd=tmp_path, start_new_session=True,
        env=env | {"NOTED": str(noted)},
    )  # fmt: skip
    os.close(slave)
    shown = b""
    try:
        for i, line in enumerate([f'{start}; : > "$NOTED"', *TYPED]):
            os.write(master, f"{line}\n".encode())
            for _ in range(10 * PATIENCE):
                if noted.exists() and noted.read_text().count("\n") == i:
                    break
                time.sleep(0.1)
        os.write(master, b"exit\n")
        while piece := os.read(master, 4096):
            shown += piece
    except OSError:  # the shell has gone
        pass
    at_work.wait(PATIENCE)
    os.close(master)
    arrived = [line.split("\t")[:-1] for line in noted.read_text().splitlines()]
    assert arrived == list(TYPED.values()), shown.decode(errors="replace")
    assert not (tmp_path / "ran").exists()


# The page


def test_every_command_of_the_page_runs_in_its_order(tmp_path: Path) -> None:
    """And what it says of files is so; the Python on it as well."""
    (tmp_path / "bodies.csv").write_text(re.findall(r"^```csv\n(.*?)^```", PAGE, re.M | re.S)[0])
    typed = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
        for line in block.splitlines()
    ]
    assert len(typed) > 10
    for line in typed:
        program, *arguments = shlex.split(line)
        assert program == "uptake"
        code, _, err = said(tmp_path, *arguments)
        assert code == 0, (line, err)
    found = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
    named = next(block for block in found if "\npath:" in block)
    more = [
        next(block for block in found if block.startswith(f"{key}:"))
        for key in ("trusts", "bodies", "members_at_start")
    ]
    population = tmp_path / OWN / "population" / "bodies.yaml"
    population.parent.mkdir()
    population.write_text(named)
    shutil.copy(tmp_path / "bodies.csv", tmp_path / OWN)
    files = len(list((tmp_path / OWN).glob("*/*.yaml")))
    assert done(tmp_path, "check", OWN) == f"{files} files: no problem\n"
    scheme = own(tmp_path, "scenario", "my_scheme")
    assert found[0] in scheme.read_text()
    shutil.copy(tmp_path / "bodies.csv", scheme.parent)
    for i, blocks in enumerate((more[:1], more[1:])):
        said_more = {key: one for block in blocks for key, one in yaml.safe_load(block).items()}
        tree = yaml.safe_load(scheme.read_text()) | said_more | {"name": f"more_{i}"}
        own(tmp_path, "scenario", f"more_{i}").write_text(yaml.safe_dump(tree, sort_keys=False))
    assert done(tmp_path, "check", OWN) == f"{files + 2} files: no problem\n"
    with chdir(tmp_path):
        exec(re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)[0], {})
