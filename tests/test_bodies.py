"""A sector has its own word for its organisations: councils are not called trusts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import uptake as up
from conftest import ROOT
from drawing import said


@pytest.fixture
def payroll(tmp_path: Path) -> up.Scenario:
    """A scheme for councils."""
    sector = (ROOT / "configs" / "sector" / "nhs_england_2016.yaml").read_text()
    sector = re.sub(r"(?m)^title: .*", "title: councils\\nbody: council", sector)
    (tmp_path / "mine" / "sector").mkdir(parents=True)
    (tmp_path / "mine" / "sector" / "councils.yaml").write_text(sector)
    return up.Scenario(
        "payroll", title="Payroll", start="2026-04", months=24, approached=40, sector="councils",
        levers={"upfront_fee_gbp": 10_000}, config_dir=tmp_path / "mine",
    )  # fmt: skip


def test_what_is_said_has_the_sectors_word(payroll: up.Scenario, tmp_path: Path) -> None:
    """Sentences, notes, tables, the scenario's own lines and the report; "trust" nowhere."""
    result = payroll.set(upfront_fee_gbp=0, yearly_fee_gbp=50_000_000).run(20)
    assert "Of 40 councils approached" in result.text
    assert "what the median council spends" in result.text
    assert "40 synthetic councils after councils" in repr(payroll)
    page = (result.report(tmp_path / "made") / "report.html").read_text()
    shown = re.sub(r"<style.*?</style>|base64,[^\"]*", "", page, flags=re.DOTALL)
    told = shown[: shown.index("<h2>Levers</h2>")]  # whose meanings are those of all sectors
    for text in (result.text, repr(payroll), repr(result), told):
        assert "trust" not in text.lower()


def test_the_terminal_has_it_too(payroll: up.Scenario, tmp_path: Path) -> None:
    """Tables and sentences of the command."""
    payroll.save(tmp_path / "mine")
    asked = ["run", "--config-dir", "mine", "scenario=payroll", "runs=20", "out=out"]
    code, out, err = said(tmp_path, *asked)
    assert (code, err) == (0, "")
    assert "councils approached" in out
    assert "trust" not in out.lower()


def test_several_can_have_a_word_of_their_own() -> None:
    """Bodies, not bodys."""
    told = up.scenario("cabinet_office_2012").run(10).text
    assert re.search(r"Of [0-9]+ bodies approached", told)
