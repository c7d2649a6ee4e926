"""An assumption is a range: it has low and high, or stands here as one number, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from conftest import ROOT
from test_configs import leaves
from uptake.config.schema import lever_meanings

SWITCHES = {
    name for name, meaning in lever_meanings().items() if meaning.whole and meaning.high == 1
}
# By what they are called: they are one number everywhere.
ONE_NUMBER = dict.fromkeys(SWITCHES, "0 or 1: nothing lies between") | {
    "months": "a horizon",
    "regions": "sets the shape of a run",
    "professions": "sets the shape of a run",
    "bodies": "sets the shape of a run; how many are approached may be a range",
    "number": "sets the shape of a run",
    "income_p10": "moves with the median",
    "income_p90": "moves with the median",
    "medium_from_gbp": "a convention",
    "large_from_gbp": "a convention",
    "than": "the threshold of a finding",
}
# By file and place: there alone.
BY_DEFINITION = {
    ("commissioning_support_2012", ".scope_share"): "the sector's cost share is that of the scope"
}
FILES = [file for group in ("scenario", "sector") for file in (ROOT / "configs" / group).iterdir()]


def numbers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every number of the packaged scenarios and sectors, with its file and place."""
    for file in FILES:
        for path, leaf in leaves(yaml.safe_load(file.read_text())):
            yield file.stem, path, leaf


ASSUMED = [
    pytest.param(stem, path, leaf, id=f"{stem}{path}")
    for stem, path, leaf in numbers()
    if leaf["source"] == "assumption"
]


@pytest.mark.parametrize(("stem", "path", "leaf"), ASSUMED)
def test_every_assumption_is_a_range_or_one_number_for_a_reason(
    stem: str, path: str, leaf: dict[str, Any]
) -> None:
    """A range has two ends that differ, with the value within, and a reason in its note."""
    assert leaf.get("note"), "an assumption has a reason"
    if path.rpartition(".")[2] in ONE_NUMBER or (stem, path) in BY_DEFINITION:
        assert not {"low", "high"} & leaf.keys()
        return
    low, value, high = (float(leaf[part]) for part in ("low", "value", "high"))
    assert low <= value <= high
    assert low < high


def test_every_exception_is_of_something() -> None:
    """None is left over from a number that has gone."""
    places = {(stem, path) for stem, path, _ in numbers()}
    assert set(BY_DEFINITION) <= places
    assert set(ONE_NUMBER) - SWITCHES <= {path.rpartition(".")[2] for _, path, _ in numbers()}


def test_what_was_reported_is_a_range_only_where_its_note_says_so() -> None:
    """Shares that are usually claimed, and a sum of which it was not decided who pays."""
    ranged = {
        path.rpartition(".")[2]
        for _, path, leaf in numbers()
        if leaf["source"] != "assumption" and "low" in leaf
    }
    assert ranged == {"claimed_saving_share", "offset_gbp"}


def test_a_range_stands_in_low_and_high_and_not_in_words() -> None:
    for file in FILES:
        assert "as plausible" not in file.read_text(), file.name
