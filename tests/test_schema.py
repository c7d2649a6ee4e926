"""The schema: all problems of a configuration at once, and the page of reference made from it."""

from __future__ import annotations

import runpy
from typing import Any

import pytest
from conftest import ROOT
from omegaconf import OmegaConf
from uptake.cli.arguments import question
from uptake.config.hydra_source import composed
from uptake.config.posterior import behaviour_of
from uptake.config.schema import Run, Within
from uptake.config.schema.tree import fields_of, within
from uptake.config.validation import changed, problems, validated
from uptake.errors import InputError

REFERENCE = ROOT / "docs" / "reference"
KEYS = str(REFERENCE / "keys.py")


def plain() -> dict[str, Any]:
    """Return the usual configuration as files and command line say it."""
    found: Any = OmegaConf.to_container(composed([], None)[0], resolve=True)
    return dict(found)


def test_the_page_of_reference_is_what_the_schema_says() -> None:
    """``make reference`` writes it anew."""
    assert (REFERENCE / "scenario.md").read_text() == runpy.run_path(KEYS)["page"]()


def test_every_key_has_a_meaning() -> None:
    """Also those of records within records."""
    for _, record in runpy.run_path(KEYS)["records"](Run):
        for name, field in fields_of(record).items():
            assert field.description, f"{record.__name__}.{name}"


def test_all_problems_are_listed_at_once_each_with_its_key() -> None:
    """What is unknown first; what stands below an unknown key is no problem of its own."""
    wrong = plain()
    scenario = wrong["scenario"]
    scenario["levers"]["misfitt"] = {"value": "x"}
    scenario["timeline"][1]["month"] = "two"
    scenario["sector"]["cost_sigma"] = 0.3
    del scenario["months"]["unit"]
    wrong |= {"runs": 0, "seeed": 1, "levers": {"pressure": 5}}
    found = {problem.key: str(problem) for problem in problems(wrong)}
    assert list(found)[:2] == ["scenario.levers.misfitt", "seeed"]
    assert set(found) == {
        "scenario.levers.misfitt", "seeed", "scenario.timeline.letter.month",
        "scenario.sector.cost_sigma", "scenario.months.unit", "runs", "levers.pressure",
    }  # fmt: skip
    assert found["seeed"] == "seeed: no such key (did you mean seed?)"
    assert found["runs"] == "runs=0: allowed is 1 to 1e+08 (runs)"
    assert found["scenario.months.unit"] == "scenario.months.unit: a value is needed"
    with pytest.raises(InputError) as refused:
        validated(wrong, all_problems=True)
    assert str(refused.value).split("\n") == list(found.values())


def test_a_good_configuration_has_no_problem_and_is_the_one_that_a_command_uses() -> None:
    assert problems(plain()) == []
    typed = question("run", ["seed=2"]).configuration()
    made = validated(plain() | {"seed": 2, "asked": ["seed=2"]})
    assert made.parameters.title != behaviour_of(made) == typed.parameters.title
    made.parameters.title = behaviour_of(made)  # which a command says more closely than a file
    assert made == typed


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("runs", "many", "a whole number is needed"),
        ("runs", "5", "a whole number is needed"),
        ("runs", True, "a whole number is needed"),
        ("seed", 2.0, "a whole number is needed"),
        ("levers", {"pressure": "0,5"}, "a number is needed, with a point: 0.5"),
        ("levers", {"pressure": False}, "a number is needed"),
        ("without", "letter", "a list is needed, as [letter]"),
        ("out", ["x"], "a text is needed"),
        ("population", None, "a value is needed"),
        ("executor", {"name": "dusk"}, "allowed is one of threads, dask (did you mean dask?)"),
    ],
)
def test_a_value_of_another_kind_is_refused_in_words(key: str, value: Any, allowed: str) -> None:
    """A number is not given as a text, nor as true or false."""
    (problem,) = problems(plain() | {key: value})
    assert problem.allowed == allowed
    assert problem.key.startswith(key)


def test_a_configuration_is_changed_within_its_ranges_only() -> None:
    config = validated(plain())
    assert changed(config, months=9).months == 9
    with pytest.raises(InputError, match=r"months=0: allowed is 1 to 1200 \(months\)"):
        changed(config, months=0)


def test_a_path_of_keys_leads_to_its_type() -> None:
    assert "value" in fields_of(within(Run, ("scenario", "timeline", 2, "set", "pressure")))
    assert within(Run, ("scenario", "nothing", "more")) is None


def test_a_range_keeps_its_ends_and_refuses_what_is_no_number() -> None:
    share = Within(0, 1, "share")
    assert [share.why_not(value) for value in (0, 1)] == ["", ""]
    assert share.why_not(float("nan")) == share.why_not(1.1) == "allowed is 0 to 1 (share)"
    assert Within(50, 100, "points", besides=0).why_not(0) == ""
    assert Within(0, 9, "months", whole=True).why_not(2.5) == "a whole number is needed (months)"
