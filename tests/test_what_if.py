"""A what-if says what was asked, and what differs from the scheme as it was, run by run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from uptake.cli.main import main
from uptake.config.reported import NO_AMOUNT
from uptake.model.observation import OUTCOMES

FEE = "levers.upfront_fee_gbp=10000"
FIXED = "fix=assumptions"


def told(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what ``uptake run`` says in the terminal."""
    assert main(["run", *arguments, f"out={folder}"]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def test_pairs_share_behaviour_and_luck(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The runs beside are those of the scheme as it was; differences are those of the rows."""
    said = told(tmp_path / "what_if", capsys, FEE, "runs=60", "seed=4")
    told(tmp_path / "plain", capsys, "runs=60", "seed=4")
    now, beside, plain = (
        pd.read_parquet(tmp_path / place / "outcomes.parquet")
        for place in ("what_if", "what_if/as_it_was", "plain")
    )
    pd.testing.assert_frame_equal(beside, plain)
    drawn = [name for name in now.columns if name.startswith("parameter_")]
    pd.testing.assert_frame_equal(now[drawn], beside[drawn])
    summary = json.loads((tmp_path / "what_if" / "summary.json").read_text())["as_it_was"]
    names = [name for name in OUTCOMES.names or () if name not in NO_AMOUNT]
    for name in names:
        change = (now[name] - beside[name]).where(
            ~np.isclose(now[name], beside[name], 1e-9, 1e-9), 0
        )
        assert summary["mean"][name] == pytest.approx(beside[name].mean())
        assert (name in summary["differences"]) == bool((change != 0).any())
        if name in summary["differences"]:
            one = summary["differences"][name]
            assert one["mean"] == pytest.approx(change.mean())
            assert one["q95"] == pytest.approx(np.quantile(change, 0.95))
            assert one["share_of_pairs"] == pytest.approx((change != 0).mean())
    more = (now.joined - beside.joined).mean()
    assert (
        f"The scheme as it was has {beside.joined.mean():.2g} on average: {more:.2g} more" in said
    )
    assert "as_it_was" not in json.loads((tmp_path / "plain" / "summary.json").read_text())


def test_what_a_question_changes_in_money_alone_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told(tmp_path / "o", capsys, "levers.review_month=0", "runs=60")
    assert "Joined: no run differs from the scheme as it was." in said
    assert "What else differs from the scheme as it was, on average: net cost to trusts +" in said
    assert "runs in which it is scrapped -100 points" in said


def test_what_a_scheme_is_scrapped_for_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first threshold that is missed; another one in its place differs, and is told."""
    said = told(tmp_path / "o", capsys, "levers.scrap_below_share=0", "runs=60", FIXED)
    assert "scrapped by its review (what it was built on is gone), which cuts" in said
    assert "runs scrapped as too few have signed -100 points" in said
    assert "runs scrapped as what it was built on is gone +100 points" in said
    summary = json.loads((tmp_path / "o" / "summary.json").read_text())
    assert summary["scrapped_share"] == sum(summary["scrapped_for"].values()) == 1.0
    dear = ["levers.premise_gone=0", "levers.scrap_below_share=0.07"]
    said = told(tmp_path / "p", capsys, *dear, "levers.scrap_above_cost_gbp=1000", "runs=60", FIXED)
    found = json.loads((tmp_path / "p" / "summary.json").read_text())["scrapped_for"]
    assert found["signatures"] > 0.0
    assert found["cost"] == pytest.approx(1.0 - found["signatures"])
    assert found["cost"] > 0.0
    assert "too few have signed: " in said
    assert "; it costs all payers together too much: " in said


@pytest.mark.parametrize(
    ("structure", "words"),
    [("default", "how hard one is to convince lasts;"), ("fresh_taste", "is drawn anew at every")],
)
def test_the_report_says_of_the_structure_how_long_taste_lasts(
    structure: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [f"structure={structure}", "parameters=prior", "runs=5", "figures=false"]
    told(tmp_path / "o", capsys, *asked)
    assert words in (tmp_path / "o" / "report.html").read_text()


def test_what_a_service_is_taken_to_cost_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where its providers have no costs of their own; where they have, nothing is taken."""
    asked = ["scenario=cabinet_office_2012", "parameters=prior", "runs=40"]
    words = "if the service costs what its members spent on it before."
    assert words in told(tmp_path / "o", capsys, *asked)
    costly = "scenario.providers.first_centre.running_cost_share.value=1.1"
    assert words not in told(tmp_path / "p", capsys, *asked, costly)


def test_a_fee_above_all_that_is_spent_is_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody joins at a billion: the answer says how much that is beside the spend in scope."""
    said = told(tmp_path / "o", capsys, "levers.upfront_fee_gbp=1e9", "runs=20")
    assert "times what the median trust spends in a year on all that the scheme covers" in said
    assert "times what" not in told(tmp_path / "p", capsys, FEE, "runs=20")


def test_facts_copied_from_another_scheme_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A county's scheme that still has the counts of 2009 is told so, in the first sentences."""
    folder = tmp_path / "mine" / "scenario"
    folder.mkdir(parents=True)
    text = (ROOT / "configs" / "scenario" / "nhs_employers_2009.yaml").read_text()
    text = text.replace("name: nhs_employers_2009", "name: county")
    (folder / "county.yaml").write_text(text)
    asked = ("--config-dir", str(tmp_path / "mine"), "scenario=county", "runs=20")
    said = told(tmp_path / "o", capsys, *asked)
    assert "Copied word for word from NHS Employers membership, 2009-10: observed.joined" in said
    assert "providers' invested_gbp" in said
    own = text.replace("value: 17, ", "value: 3, ").replace("value: 9, ", "value: 2, ")
    (folder / "county.yaml").write_text(own)
    shutil.rmtree(tmp_path / "o")
    assert "from NHS Employers membership, 2009-10: observed.joined" not in told(
        tmp_path / "o", capsys, *asked
    )
    assert "Copied" not in told(tmp_path / "p", capsys, "runs=20")


def test_what_holds_at_every_point_of_a_sweep_stands_in_its_title(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lever with one value, an event left out: not the axis, nor what changes no answer."""
    asked = ["levers.pressure=0,1", FEE, "without=[tender]", "runs=10", f"out={tmp_path / 'o'}"]
    assert main(["run", "-m", *asked]) == 0, capsys.readouterr().err
    title = "NHS Employers membership, 2009-10, with upfront_fee_gbp=10000, without=[tender]"
    report = (tmp_path / "o" / "report.html").read_text()
    assert f"<title>{title}: " in report
