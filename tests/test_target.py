"""What is to be reached: how it is said, its chance at every month and point, and break-even."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import uptake as up
from conftest import Command
from uptake.cli.arguments import question
from uptake.config.compose import Question
from uptake.config.target import Target, target_in
from uptake.report.answer import answered
from uptake.report.text.numbers import called, share_between
from uptake.results.summary import chance, summarise

ASKED = ["scenario=nhs_employers_2009", "parameters=prior", "months=24", "levers.review_month=0"]


@pytest.fixture(scope="module")
def result() -> up.Result:
    """Some runs whose review is left out."""
    scheme = up.scenario("nhs_employers_2009", parameters="prior").using(months=24)
    return scheme.set(review_month=0).run(200, seed=2)


@pytest.mark.parametrize(
    ("said", "target"),
    [
        ("joined>=25", Target("joined", False, 25.0)),
        ("joined >= 25", Target("joined", False, 25.0)),
        ("provider_loss_gbp<=0", Target("provider_loss_gbp", True, 0.0)),
        ("trusts_cost_gbp<=-1.5e6", Target("trusts_cost_gbp", True, -1.5e6)),
        ("joined>=1,000", Target("joined", False, 1000.0)),
        ("joined", None), ("joined>25", None), ("joined>=", None), (">=25", None), ("", None),
        ("joined>=25; DROP TABLE outcomes", None), ("joined>=1e400", None), ("joined>=inf", None),
        ("joined>=0,5", None), ("joined>=nan", None),
        ("share_band_8a>=0.5", Target("share_band_8a", False, 0.5)),
        ("break_even", Target("provider_loss_gbp", True, 0.0)),
    ],
)  # fmt: skip
def test_a_target_is_an_outcome_and_a_number(said: str, target: Target | None) -> None:
    """Anything else is a plain name; a target's name reads back as the same."""
    assert target_in(said) == target
    if target:
        assert target_in(target.name) == target


def test_it_can_be_asked_wherever_an_outcome_can(result: up.Result) -> None:
    """Runs, months, groups, derived outcomes: 1 where a run reaches it, else 0."""
    joined = np.asarray(result["joined"])
    assert np.array_equal(result["joined>=12"], joined >= 12)
    assert np.array_equal(result["joined<=12"], joined <= 12)
    assert np.array_equal(result["members>=10"], np.asarray(result["members"]) >= 10)
    assert np.array_equal(result["share_large>=0.1"], np.asarray(result["share_large"]) >= 0.1)
    curve = result.curve("joined>=12")
    assert np.array_equal(curve, result.curve("joined") >= 12)
    assert np.array_equal(result.at_month("joined>=12", 5), curve[:, 5])
    worth = "net_present_value_gbp>=0"  # of which there is no curve
    assert np.array_equal(result.at_month(worth, 24), result[worth])
    for wrong in ("joyned>=12", "share_purple>=1"):
        with pytest.raises(up.InputError, match="no such column"):
            result[wrong]


def test_the_chance_of_every_month(result: up.Result) -> None:
    """Of that month, and of that month or one before; what falls again shows that they differ."""
    found = chance(result, Target("members", False, 10.0))
    met = result.curve("members") >= 10
    assert found["chance"] == met[:, -1].mean()
    assert found["by_month"] == met.mean(axis=0).tolist()
    ever = [met[:, : month + 1].any(axis=1).mean() for month in range(25)]
    assert found["ever_by"] == pytest.approx(ever)
    assert np.all(np.diff(found["ever_by"]) >= 0.0)
    at_end = chance(result, Target("net_present_value_gbp", False, -4e6))
    assert (at_end["by_month"], at_end["ever_by"]) == (None, None)
    assert 0.0 < at_end["chance"] <= 1.0


def said(*overrides: str) -> tuple[list[str], dict[str, object]]:
    """Return the sentences and the summary of an answer."""
    answer = answered(Question([*ASKED, "runs=100", "threads=1", *overrides]).case())
    return [line for line in answer.sentences if line.startswith("Chance")], answer.summary


def test_what_the_centre_aims_at_is_the_target_unless_another_is_asked() -> None:
    """A number is of the curve that is shown; break-even is a loss of nil; no aim, no sentence."""
    (told,), found = said()
    assert told.startswith("Chance of the target, which the centre aims at (at least 200 join")
    assert found["target"]["name"] == "joined>=200"  # type: ignore[index]
    (told,), found = said("target=12")
    assert told.startswith("Chance of the target (at least 12 join within 24 months): ")
    share = float(found["target"]["chance"])  # type: ignore[index]
    assert told.endswith(f"{share_between(share, 100)}.")
    (told,), _ = said("target=12", "scenario.shows=looked")
    assert "looked at it: at least 12 after 24 months" in told
    (told,), found = said("target=break_even")
    assert "providers' loss: at most 0 GBP" in told
    assert found["target"]["chance"] == found["broke_even_share"]  # type: ignore[index]
    assert said("levers.target_joined=0")[0] == []
    question("run", ["target=joined>=12"])  # as it is typed, without quotes within quotes
    (told,), _ = said("target='service_quality>=0.9'")
    assert "quality of service: at least 90 %" in told


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("many", "target=many: a number, break_even, or an outcome with a number"),
        ("'joyned>=3'", "target=joyned: allowed is one of joined"),
        ("joined>=2.5", "joined is a count: a whole number is allowed"),
        ("'joined>3'", "a number, break_even, or an outcome with a number"),
        ("'service_quality>=0,9'", "a number, break_even, or an outcome with a number"),
        ("'service_quality>=9'", "service_quality is a share: 0 to 1 is allowed"),
        ("0.5", "joined is a count: a whole number is allowed"),
        ("'scrapped_month>=3'", "target=scrapped_month: allowed is one of"),
    ],
)
def test_a_target_that_is_none_is_refused(uptake: Command, target: str, told: str) -> None:
    """In one line, that says what is allowed."""
    done = uptake("run", f"target={target}")
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_break_even_is_an_outcome(result: up.Result) -> None:
    """Where the loss is nil or less; it is told where it is known what providers put in."""
    loss = np.asarray(result["provider_loss_gbp"])
    assert np.array_equal(result["broke_even_share"], loss <= 0.0)
    assert summarise(result)["broke_even_share"] == np.mean(loss <= 0.0)
    account = next(line for line in result.answer.sentences if line.startswith("The provider"))
    assert "It breaks even in " in account


def test_the_chance_at_every_point_of_a_sweep(uptake: Command, tmp_path: Path) -> None:
    """Any number, after the sweep: the mean of an outcome that is 1 or 0."""
    uptake(
        "run", "-m", "parameters=prior", "levers.upfront_fee_gbp=0,35000", "sweep.runs=40",
        "sweep.curves=runs", "out=there",
    )  # fmt: skip
    sweep = up.open_sweep(tmp_path / "there")
    table = sweep.summary("joined>=12").df()
    runs = sweep.runs.df()
    for point in (0, 1):
        share = (runs[runs.point == point].joined >= 12).mean()
        assert table["joined>=12_mean"][point] == pytest.approx(share)
    assert table["joined>=12_mean"][0] > table["joined>=12_mean"][1]
    at_most = sweep.summary("joined<=12").df()["joined<=12_mean"]
    assert at_most[0] == pytest.approx((runs[runs.point == 0].joined <= 12).mean())
    for wrong in ("joined>=1e400", "joyned>=3"):
        with pytest.raises(up.InputError):
            sweep.summary(wrong)
    after = sweep.summary("joined>=7").df()["joined>=7_mean"]  # a refusal leaves nothing behind
    assert after[0] == pytest.approx((runs[runs.point == 0].joined >= 7).mean())
    uptake("compare", "there", "outcome=joined>=12", "out=compared")
    done = uptake("compare", "there", "outcome=break_even", "out=other")
    assert "Chance that providers' loss is at most 0 GBP" in " ".join(done.stdout.split())
    told = json.loads((tmp_path / "compared" / "summary.json").read_text())
    assert told["outcome"] == "joined>=12"
    assert called("joined>=12", "trusts") in (tmp_path / "compared" / "report.html").read_text()


def test_summaries_name_targets_and_the_funnel_as_scripts_read_them() -> None:
    """Each count is at most the one before it; the probability is that of the sentence."""
    said = summarise(up.scenario("nhs_employers_2009").using(target=25).run(40))
    (one,) = said["targets"]
    assert one == {
        "outcome": "joined", "at_least": 25.0, "month": 5, "probability": said["target"]["chance"]
    }  # fmt: skip
    found = said["funnel"]
    assert list(found) == ["approached", "looked", "decided", "joined", "served", "left"]
    assert found["approached"] >= found["looked"] >= found["decided"] >= found["joined"] == 17.0
