"""A sector has its own word for its organisations: councils are not called trusts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import uptake as up
from councils import payroll
from drawing import said
from uptake.analysis.ledger import Effect, Mechanism
from uptake.report.text import mechanisms


@pytest.fixture
def scheme(tmp_path: Path) -> up.Scenario:
    return payroll(tmp_path / "mine")


def test_what_is_said_has_the_sectors_word(scheme: up.Scenario, tmp_path: Path) -> None:
    """Sentences, notes, tables, the scenario's own lines and the report; "trust" nowhere."""
    result = scheme.set(upfront_fee_gbp=0, yearly_fee_gbp=50_000_000).run(20)
    assert "Of 40 councils approached" in result.text
    assert "what the median council spends" in result.text
    assert "40 synthetic councils after councils" in repr(scheme)
    page = (result.report(tmp_path / "made") / "report.html").read_text()
    shown = re.sub(r"<style.*?</style>|base64,[^\"]*", "", page, flags=re.DOTALL)
    told = shown[: shown.index("<h2>Facts held fixed</h2>")]  # which are the copied sector's
    names = [str(name) for name in result.summary().column("name")]
    names += [str(name) for name in result.differences().column("name")]
    assert {"councils approached", "net cost to councils"} <= set(names)
    heading = result.trusts(0).heading
    assert heading.startswith("councils of run 0")
    for text in (result.text, repr(scheme), repr(result), told, "; ".join(names), heading):
        assert "trust" not in text.lower()


def test_the_terminal_has_it_too(scheme: up.Scenario, tmp_path: Path) -> None:
    """Tables and sentences of the command."""
    scheme.save(tmp_path / "mine")
    asked = ["run", "--config-dir", "mine", "scenario=payroll", "runs=20", "out=out"]
    code, out, err = said(tmp_path, *asked)
    assert (code, err) == (0, "")
    assert "councils approached" in out
    assert "trust" not in out.lower()


def test_several_can_have_a_word_of_their_own() -> None:
    """Bodies, not bodys."""
    told = up.scenario("cabinet_office_2012").run(10).text
    assert re.search(r"Of [0-9]+ bodies approached", told)


def test_the_ledger_names_outcomes_in_the_word_of_the_sector_of_each_row() -> None:
    """Two rows of two sectors: each has its own."""
    cost = Effect("trusts_cost_gbp", "fewer", "", -1.0, -2.0, 0.0, -1.0, 0.1, 2.0, 0.0)
    found = [(Mechanism(number, f"row {number}", "x", "y"), [cost]) for number in (1, 2)]
    table = mechanisms.table(found, {1: "councils", 2: "bodies"}, 100)
    assert table.column("outcome") == ["net cost to councils", "net cost to bodies"]
