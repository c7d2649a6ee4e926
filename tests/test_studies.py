"""The commands that ask every episode, every mechanism, every structure."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import ROOT, Command
from uptake.cli.arguments import configuration
from uptake.config.case import assemble
from uptake.config.posterior import AGAIN, HAPPENED, NEW, PRIOR
from uptake.model.entities import SIGNED
from uptake.model.initialization import empty_state, initialise
from uptake.model.observation import OUTCOMES
from uptake.model.parameters import PARAMETER_NAMES
from uptake.report.text import episodes as words

EPISODES = {path.stem for path in (ROOT / "configs" / "scenario").glob("*.yaml")}
STRUCTURES = {path.stem for path in (ROOT / "configs" / "structure").glob("*.yaml")}


def numbers(tree: Any) -> list[float]:
    """Return every number in a tree of JSON."""
    if isinstance(tree, dict):
        return [n for branch in tree.values() for n in numbers(branch)]
    if isinstance(tree, list):
        return [n for branch in tree for n in numbers(branch)]
    return [float(tree)] if isinstance(tree, int | float) else []


def behaviour(table: Any, before: str = "") -> list[tuple[float, ...]]:
    """Return the parameters in each row of a table."""
    columns = [table[f"{before}{name}"].to_numpy().astype(float) for name in PARAMETER_NAMES]
    return list(zip(*columns, strict=True))


def flat(text: str) -> str:
    """Return a text without breaks of lines."""
    return " ".join(text.split())


def test_episodes_are_all_answered_with_one_set_of_parameters(
    uptake: Command, process: Command, tmp_path: Path
) -> None:
    """As new schemes: one design of parameters, figures, table, report; the same elsewhere."""
    asked = ("episodes", "draws=new", "runs=12")
    for run, out, more in (
        (process, "two", ("threads=2", "figures=false")),
        (uptake, "one", ("threads=1", "figures=true")),
    ):
        done = run(*asked, f"out={out}", *more)
        assert done.returncode == 0, done.stderr
    folder = tmp_path / "one"
    summary = json.loads((folder / "summary.json").read_text())
    assert set(summary["episodes"]) == EPISODES
    assert np.isfinite(numbers(summary)).all()
    assert "reported" in done.stdout
    for name in ("episodes.png", "episodes.svg", "report.html", "provenance.json"):
        assert (folder / name).stat().st_size > 0
    designs = []
    for episode in EPISODES:
        table = pq.read_table(folder / episode / "outcomes.parquet")
        assert table.equals(pq.read_table(tmp_path / "two" / episode / "outcomes.parquet"))
        designs.append(behaviour(table, "parameter_"))
        assert set(OUTCOMES.names or ()) <= set(table.column_names)
    assert len(set(designs[0])) > 6
    assert all(design == designs[0] for design in designs)
    assert "varies between histories, the same for all. 12 runs each." in flat(done.stdout)


def test_each_episode_is_tried_again_on_its_own_history(uptake: Command, tmp_path: Path) -> None:
    """Its parameters are among the draws of its history, if there are any; how many is said."""
    done = uptake("episodes", "runs=12", "figures=true", "out=here")
    assert done.returncode == 0, done.stderr
    folder = ROOT / "configs" / "parameters" / "posterior" / "default"
    learnt = {path.stem for path in folder.glob("*.parquet")} & EPISODES
    designs = {}
    for episode in EPISODES:
        designs[episode] = behaviour(
            pq.read_table(tmp_path / "here" / episode / "outcomes.parquet"), "parameter_"
        )
        source = f"{episode if episode in learnt else 'new'}.parquet"
        assert set(designs[episode]) <= set(behaviour(pq.read_table(folder / source))), episode
    assert len({tuple(designs[episode]) for episode in learnt}) == len(learnt) > 10
    new = EPISODES - learnt
    assert len({tuple(designs[episode]) for episode in new}) == (1 if new else 0)
    again = "ehaviour is what each history tells of it, and luck is fresh"
    said = flat(done.stdout)
    if new:
        assert f". Of {len(learnt)}, b{again}" in said
        assert f". Of {len(new)}, behaviour is drawn as it varies between histories" in said
    else:
        assert f"; b{again}" in said
    page = flat((tmp_path / "here" / "report.html").read_text())
    assert again in page


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ([AGAIN, AGAIN], ["2 episodes differ", "timeline; behaviour is what each history tells"]),
        ([AGAIN, NEW, NEW], ["timeline. Of 2, behaviour is drawn", ". Of 1, behaviour is what"]),
        ([HAPPENED, NEW], ["timeline. Of 1, each is as it happened", ". Of 1, behaviour is drawn"]),
        ([PRIOR, PRIOR], ["timeline; behaviour is drawn from one prior for all of them"]),
    ],
)
def test_all_kinds_of_behaviour_among_the_episodes_are_told(
    kinds: list[str], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those of the first episode alone; the figure says in short how many are on which."""
    left = iter(kinds * 2)
    monkeypatch.setattr(words, "kind_of", lambda _: next(left))
    config = configuration("run", ["runs=7"])
    assert config is not None
    titled = [replace(config, parameters=replace(config.parameters, title=kind)) for kind in kinds]
    said = words.sentences(titled)[0]
    assert all(one in said for one in told), said
    assert said.endswith(". 7 runs each.")
    is_one = len(set(kinds)) == 1
    shorter = "2 as schemes nobody has tried" if kinds.count(NEW) == 2 else "1 as"
    assert words.note(titled).startswith(f"7 runs each; {kinds[0] if is_one else shorter}")


def test_mechanisms_are_a_ledger_of_forty_two_rows(uptake: Command, tmp_path: Path) -> None:
    """Each with the keys that scripts of users rely on."""
    done = uptake("mechanisms", "runs=8", "figures=true", "out=here")
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "here" / "summary.json").read_text())["mechanisms"]
    assert [row["number"] for row in rows] == list(range(1, 43))
    for row in rows:
        assert row["q05"] <= row["effect"] <= row["q95"]
        assert row["reported"] in ("more", "fewer")
        assert isinstance(row["as_reported"], bool)
        assert row["name"]
        assert row["source"]
    assert (tmp_path / "here" / "mechanisms.png").stat().st_size > 0
    page = (tmp_path / "here" / "report.html").read_text()
    assert "national service with no opt-out" in page


def test_structures_stand_side_by_side(uptake: Command, tmp_path: Path) -> None:
    """In a run and in the episodes: every variant on the same draws, of the prior."""
    asked = ("run", "variants=[all]", "parameters=prior", "runs=10", "months=3")
    done = uptake(*asked, "figures=true", "out=here")
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "here" / "summary.json").read_text())
    assert set(summary["variants"]) == STRUCTURES
    assert summary["variants"]["default"]["joined"]["mean"] == summary["outcomes"]["joined"]["mean"]
    assert (tmp_path / "here" / "variants.png").stat().st_size > 0
    tables = [tmp_path / "here" / "variants" / name for name in STRUCTURES]
    drawn = [behaviour(pq.read_table(t / "outcomes.parquet"), "parameter_") for t in tables]
    assert all(design == drawn[0] for design in drawn)
    chosen = "variants=[default,regional_peers]"
    done = uptake("episodes", chosen, "parameters=prior", "runs=4", "out=episodes")
    assert done.returncode == 0, done.stderr
    episodes = json.loads((tmp_path / "episodes" / "summary.json").read_text())["episodes"]
    assert all(set(e["variants"]) == {"default", "regional_peers"} for e in episodes.values())


@pytest.mark.parametrize(
    ("command", "argument", "said"),
    [
        ("episodes", "scenario=nhs_wales", "does not read scenario"),
        ("episodes", "levers.pressure=1", "does not read levers"),
        ("mechanisms", "months=3", "does not read months"),
        ("run", "variants=[regional_pears]", "did you mean regional_peers?"),
        ("episodes", "runs=0", "runs=0"),
    ],
)
def test_what_a_study_does_not_read_is_refused(
    uptake: Command, tmp_path: Path, command: str, argument: str, said: str
) -> None:
    """Exit code 2, one line, nothing left behind."""
    done = uptake(command, argument)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "outputs").exists()


def test_a_scheme_of_the_users_own_is_one_of_the_episodes(uptake: Command, tmp_path: Path) -> None:
    """A new episode is a YAML file, in a folder of the user's."""
    mine = tmp_path / "mine" / "scenario"
    mine.mkdir(parents=True)
    text = (ROOT / "configs" / "scenario" / "nhs_wales.yaml").read_text()
    (mine / "my_scheme.yaml").write_text(text.replace("name: nhs_wales", "name: my_scheme"))
    done = uptake("episodes", "--config-dir", "mine", "runs=3", "out=here")
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "here" / "summary.json").read_text())
    assert set(summary["episodes"]) == EPISODES | {"my_scheme"}


def test_the_named_pathfinders_of_a_file_have_a_plan_at_the_launch(
    shared_data: Path, tmp_path: Path
) -> None:
    """The four regions that were chosen, by name; a file that lacks one says so."""
    asked = ["scenario=stp_back_office_2016", "population=file", "levers.pathfinders=4"]
    file = shared_data / "england_trusts_2016.csv"
    config = configuration("run", [*asked, f"population.path={file}"])
    assert config is not None
    case = assemble(config)
    state = empty_state(case.episode)
    trusts = initialise(state, case.episode, 1, 0)
    signed = state.trusts[:trusts]["stage"] == SIGNED
    with open(file, newline="", encoding="utf-8") as rows:
        regions = [row["region"] for row in csv.DictReader(rows)]
    chosen = config.scenario.pathfinder_regions
    assert signed.tolist() == [region in chosen for region in regions]
    assert state.centre[0]["regions_planned"] == 4
    assert len(state.regions) == 44
    smaller = tmp_path / "smaller.csv"
    kept = [line for line in file.read_text().splitlines() if "Greater Manchester" not in line]
    smaller.write_text("\n".join(kept))
    config = configuration("run", [*asked, f"population.path={smaller}"])
    assert config is not None
    assert any("Greater Manchester" in note for note in assemble(config).people.notes)
