"""A path is a path: taken as typed, on every key that is one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from uptake.cli.arguments import configuration, question
from uptake.config.paths import paths_as_typed

NAMES = [
    "trusts (1).csv", "Übersicht für März.csv", "Guy's & St Thomas'.csv", "~ours.csv", "a=b,c.csv",
    "[old] {new}.csv", "$HOME ${oc.env:HOME} ${x}.csv", "no #5; new.csv", 'a "b".csv', "a\\b.csv",
    "a: b.csv", "100 %.csv", " spaces .csv", "null.csv", "'.csv", "choice(a).csv",
]  # fmt: skip
visible = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))


def composed(override: str) -> str:
    """Return what Hydra's grammar and OmegaConf make of the value of an override."""
    value = OverridesParser.create().parse_override(override).value()
    return str(OmegaConf.to_container(OmegaConf.create({"path": value}), resolve=True)["path"])  # type: ignore[call-overload,index]


def typed(key: str, path: str) -> str:
    """Return the path that a command is given for what was typed."""
    return composed(paths_as_typed([f"{key}={path}"])[0])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["population.path", "out", "sweep.file", "parameters.draws"])
def test_a_path_is_taken_as_typed(key: str, name: str) -> None:
    assert typed(key, f"/x/{name}") == f"/x/{name}"
    assert typed(key, f"x {name}") == f"x {name}"


def test_a_command_gets_its_paths_as_typed() -> None:
    """With all that is said and done to a configuration on its way to a run."""
    name = "/x/Guy's & ${x} (1), [#2].csv"
    asked = [f"population.path={name}", f"out={name}", f"parameters.draws={name}"]
    config = configuration("run", asked)
    assert config is not None
    assert (config.population.path, config.out, config.parameters.draws) == (name, name, name)


def test_the_file_of_a_sweep_too() -> None:
    arguments = ["-m", "sweep.design=file", "sweep.file=/x/points, (1).csv", "out=/x/a, b"]
    config = question("run", arguments).configuration()
    assert (config.sweep.file, config.out) == ("/x/points, (1).csv", "/x/a, b")


@settings(max_examples=200, deadline=None)
@given(name=st.text(visible, min_size=1, max_size=8))
def test_any_character_can_stand_in_a_path(name: str) -> None:
    assert typed("out", f"x{name}x") == f"x{name}x"


def test_what_is_quoted_already_stays_as_it_is() -> None:
    for same in ("out='a b'", 'out="a b"', "out=null", "out=", "+out='x'", "runs=1,2", "~out"):
        assert paths_as_typed([same]) == [same]
    assert typed("out", r"'it\'s'") == "it's"


def test_the_users_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell leaves a tilde after a ``=``; a file of that very name comes first."""
    monkeypatch.setenv("HOME", "/home of mine")
    monkeypatch.chdir(tmp_path)
    assert typed("out", "~/a b") == "/home of mine/a b"
    os.mkdir("~")
    Path("~/a b").touch()
    assert typed("out", "~/a b") == "~/a b"


def test_in_a_sweep_a_comma_parts_paths_unless_a_file_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["population.path=a (1).csv,b.csv"]
    assert paths_as_typed(asked, is_sweep=True) == ["population.path='a (1).csv',b.csv"]
    Path("a (1).csv,b.csv").touch()
    assert paths_as_typed(asked, is_sweep=True) == ["population.path='a (1).csv,b.csv'"]
