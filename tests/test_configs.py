"""The configurations that the package ships: complete, sourced, and read by something."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from uptake.cli.arguments import configuration
from uptake.config.case import assemble
from uptake.config.compose import Question
from uptake.config.schema import lever_meanings
from uptake.errors import InputError
from uptake.model.entities import CENTRE, PEERS, PROVIDER, REGION, TRUST
from uptake.model.episode import FRESH, LASTING
from uptake.model.levers import LEVERS
from uptake.model.parameters import PARAMETER_NAMES

CONFIGS = ROOT / "configs"
PACKAGE = ROOT / "sim" / "uptake"
ENGINE = [
    *(PACKAGE / "model" / "processes").glob("*.py"),
    *(
        PACKAGE / "model" / f"{n}.py"
        for n in ("blanks", "transitions", "initialization", "places", "schedule", "observation")
    ),
]
RULES = sorted(PACKAGE.rglob("*.py"))
SCENARIOS = sorted(path.stem for path in (CONFIGS / "scenario").glob("*.yaml"))


STATE = [TRUST, PEERS, REGION, PROVIDER, CENTRE]


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every mapping in a tree of YAML that holds a value, with its path."""
    if isinstance(tree, dict):
        if "value" in tree:
            yield path, tree
        for key, branch in tree.items():
            yield from leaves(branch, f"{path}.{key}")
    if isinstance(tree, list):
        for i, branch in enumerate(tree):
            yield from leaves(branch, f"{path}[{i}]")


@pytest.mark.parametrize("group", ["scenario", "sector"])
def test_every_number_has_unit_and_source(group: str) -> None:
    """A number without unit and source, or with the name of a file as source, fails."""
    seen = 0
    for file in (CONFIGS / group).glob("*.yaml"):
        tree = yaml.safe_load(file.read_text())
        for path, leaf in leaves(tree):
            seen += 1
            assert float(leaf["value"]) == float(leaf["value"]), f"{file.name}{path}"
            assert leaf.get("unit"), f"{file.name}{path} has no unit"
            assert leaf.get("source"), f"{file.name}{path} has no source"
            assert ".txt" not in leaf["source"], f"{file.name}{path} cites a file"
        for event in tree.get("timeline", []):
            assert event["source"], f"{file.name}: {event['name']}"
            for name, quantity in event.get("set", {}).items():
                assert "value" in quantity, f"{file.name}: {event['name']} sets a bare {name}"
    assert seen > 10


def test_every_prior_has_unit_and_source() -> None:
    """Every parameter of the model has exactly one prior, with unit, meaning and source."""
    priors = yaml.safe_load((CONFIGS / "parameters" / "prior.yaml").read_text())["priors"]
    assert set(priors) == set(PARAMETER_NAMES)
    for name, prior in priors.items():
        assert prior["unit"], name
        assert prior["source"], name
        assert prior["meaning"], name


def test_every_lever_is_described_with_a_neutral_value_within_its_range() -> None:
    """configs/levers.yaml and the engine's record of levers name the same levers."""
    meanings = lever_meanings()
    assert list(meanings) == list(LEVERS.names or ())
    for name, meaning in meanings.items():
        assert meaning.low <= meaning.neutral <= meaning.high, name


def names_read(paths: list[Path]) -> set[str]:
    """Return every attribute name that is read in some files."""
    read = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                read.add(node.attr)
    return read


@pytest.mark.parametrize("dtype", STATE, ids=str)
def test_nothing_is_kept_that_no_rule_reads(dtype: Any) -> None:
    """Every field of the state is read by a rule or process; of inputs see test_levers.py."""
    engine = [*ENGINE, *(PACKAGE / "model" / "rules").glob("*.py")]
    assert set(dtype.names) - names_read(engine) == set()


def test_no_function_takes_what_it_does_not_read() -> None:
    """An argument that nothing reads fails."""
    for path in RULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.Lambda):
                continue
            arguments = [a.arg for a in [*node.args.args, *node.args.kwonlyargs]]
            body = node.body if isinstance(node.body, list) else [node.body]
            if len(body) == 1 and isinstance(body[0], ast.Expr):  # said only: it is done elsewhere
                continue
            read = {n.id for b in body for n in ast.walk(b) if isinstance(n, ast.Name)}
            for argument in arguments:
                is_used = argument in read or argument in ("self", "_")
                assert is_used, f"{path.name}: {getattr(node, 'name', 'lambda')}({argument})"


def test_no_module_knows_an_episode_by_name() -> None:
    """Episodes are data: their names stand in no rule and no command's code path."""
    for path in RULES:
        if path == PACKAGE / "cli" / "main.py":  # examples
            continue
        text = path.read_text()
        for name in SCENARIOS:
            assert name not in text, path.name


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_can_be_assembled(scenario: str) -> None:
    """It passes the schema and every range, and its events are dated within its horizon."""
    config = configuration("run", [f"scenario={scenario}"])
    assert config is not None
    case = assemble(config)
    assert case.config.scenario.name == scenario
    assert all(event.month <= case.months for event in case.events)
    assert all(seen.month <= case.months for _, seen in case.observed)


def test_a_sector_of_before_has_the_usual_numbers_and_every_packaged_one_says_its_own() -> None:
    """What a user's file leaves out is an assumption, in words on the page of keys."""
    names = ("slack_floor", "middling_gap", "middling_slack", "home_quality")
    left_out = [f"scenario.sector.{name}=null" for name in names]
    sector = Question(["parameters=prior", *left_out]).case().episode.sector[0]
    assert [float(sector[name]) for name in names] == [0.05, 0.5, 0.5, 0.9]
    for file in sorted((CONFIGS / "sector").glob("*.yaml")):
        said = yaml.safe_load(file.read_text())
        assert set(names) <= said.keys(), file.stem


def test_a_provider_with_a_month_of_entry_enters_later() -> None:
    """By its date; without one, and said to enter later, by chance."""
    key = "scenario.providers.company"
    month = f"{key}.entry_month={{value: 7, unit: months, source: assumption}}"
    for typed, later, entry in (
        ([], 0.0, 0.0),
        ([month], 1.0, 7.0),
        ([f"{key}.enters_later=true"], 1.0, 0.0),
    ):
        asked = ["scenario=stp_back_office_2016", "parameters=prior", *typed]
        offer = Question(asked).case().episode.offers[1]
        assert (offer.enters_later, offer.entry_month) == (later, entry)
        assert (offer.running_cost_share, offer.fixed_cost_gbp) == (1.0, 0.0)
    with pytest.raises(InputError, match="at least one that is open at the launch"):
        Question([month.replace("company", "nhs_employers"), "parameters=prior"]).case()


def test_a_structure_says_how_long_a_taste_lasts() -> None:
    for name, taste in (("default", LASTING), ("fresh_taste", FRESH)):
        made = Question([f"structure={name}", "parameters=prior"]).case()
        assert made.episode.structure[0].taste == taste


def test_a_month_that_never_comes_is_not_told_as_left_out() -> None:
    """A service that opens after the horizon is; one that never opens is as it was."""
    for month, told in ((1e6, False), (9, True)):
        notes = Question([f"levers.opens_month={month}", "parameters=prior"]).case().notes
        assert any("opens_month" in note for note in notes) == told
