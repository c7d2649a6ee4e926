"""Money by payer and year: it adds up to the pound, and its present value is the outcome."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import uptake as up
from conftest import ROOT, Command
from test_conservation import every_run, swept
from uptake.engine.compiled import simulate
from uptake.results.money import by_year, factors, flows, money, optimism_bias

SCENARIOS = sorted(path.stem for path in (ROOT / "configs/scenario").glob("*.yaml"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_present_value_is_that_of_what_is_saved_less_what_is_spent(name: str) -> None:
    """Run by run, in every packaged episode, on the prior."""
    runs = up.scenario(name, parameters="prior").run(20, seed=4)
    net = (flows(runs, "saved_gbp") - flows(runs, "spent_gbp")) @ factors(runs)
    assert net == pytest.approx(np.asarray(runs["net_present_value_gbp"]), rel=1e-9, abs=1e-3)
    spent = runs.curve("spent_gbp")
    assert np.all(np.diff(spent, axis=1) >= 0.0)  # nothing is got back
    found = money(runs)
    assert found["net"]["mean"] == pytest.approx(runs["net_present_value_gbp"].mean())
    assert found["pays_share"] == np.mean(net > 0.0)


@every_run
def test_what_all_gain_is_what_payers_do_not_pay(run_of: tuple[str, int]) -> None:
    """In every month: what one pays another cancels."""
    curves, outcome = swept(run_of[0]).curves[run_of[1]], swept(run_of[0]).outcomes[run_of[1]]
    paid = curves["trusts_cost_gbp"] + curves["centre_cost_gbp"] + curves["provider_loss_gbp"]
    gained = curves["saved_gbp"] - curves["spent_gbp"]
    process = gained + paid  # what is left are process savings, which only grow
    assert process[-1] == pytest.approx(outcome["realised_saving_gbp"], abs=1e-2)
    assert process[0] == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_bodies_gain_is_what_they_save_less_what_they_pay(name: str) -> None:
    """Body by body, run by run, in every scenario: to a pound a region and month of rounding.

    Kinds, sizes and regions count the same bodies; those that are neither ahead nor behind never
    had anything to do with it.
    """
    case = up.scenario(name, parameters="prior").case
    (chunk,) = simulate(case.episode, case.design, 10, 3, 1, explains=True)
    kinds = len(case.episode.kinds)
    parts = (slice(kinds), slice(kinds, kinds + 3), slice(kinds + 3, None))
    by_kind, by_size, by_region = (chunk.gains[:, part].sum(axis=1) for part in parts)
    assert by_kind == pytest.approx(by_size, abs=1e-3)
    assert by_kind == pytest.approx(by_region, abs=1e-3)
    told = chunk.outcomes
    saved = told.realised_saving_gbp - told.trusts_cost_gbp
    rounded = len(case.episode.region_cumulative) * case.months
    off = rounded if case.episode.levers.market_saving_share.any() else 1e-3
    assert by_kind[:, 0] == pytest.approx(saved, rel=1e-12, abs=off)
    touched = by_kind[:, 1] + by_kind[:, 2]
    assert np.all(touched <= told.approached)
    if not case.episode.levers.sanction_share.any():
        assert np.all(touched <= told.joined)


def test_who_pays_and_gets_nothing_is_behind() -> None:
    """In the membership, which never opened: its members paid, and nobody is ahead."""
    case = up.scenario("nhs_employers_2009", parameters="prior").case
    (chunk,) = simulate(case.episode, case.design, 20, 3, 1, explains=True)
    gained, ahead, behind = chunk.gains[:, : len(case.episode.kinds)].sum(axis=(0, 1))
    assert gained < 0.0
    assert (ahead, behind > 0) == (0.0, True)


def test_who_gains_is_told_by_group(tmp_path: Path) -> None:
    """Shares of the bodies of each group, in the summary, the report and from Python."""
    result = up.scenario("nhs_sbs", parameters="prior").run(40, seed=1)
    table = result.gains("size")
    assert table.column("size") == ["small", "medium", "large"]
    for ahead, behind in zip(table.column("ahead"), table.column("behind"), strict=True):
        assert 0.0 <= ahead + behind <= 1.0
    whole = sum(
        gained * bodies
        for gained, bodies in zip(table.column("gained_gbp"), table.column("bodies"), strict=True)
    )
    saved = (result["realised_saving_gbp"] - result["trusts_cost_gbp"]).mean()
    assert whole == pytest.approx(saved, rel=1e-9)
    made = result.report(tmp_path / "there")
    assert "Who gains, who loses" in (made / "report.html").read_text()
    assert set(json.loads((made / "summary.json").read_text())["gains_by_kind"]) == set(
        result.gains("kind").column("kind")
    )


def test_what_cannot_be_cashed_is_told_beside() -> None:
    """At a share of a quarter it is three pounds for each that can; at one it is nothing."""
    scheme = up.scenario("nhs_sbs", parameters="prior")
    for share, more in ((0.25, 3.0), (1.0, 0.0)):
        runs = scheme.set({"parameters.priors.cashable_share.value": share}).run(20, seed=1)
        found = money(runs)["not_cashable"]
        assert found["mean"] == pytest.approx(more * runs["realised_saving_gbp"].mean())
        assert ("cannot be taken out as cash" in runs.text) == (more > 0.0)


def test_years_add_up_to_the_whole() -> None:
    """The launch is year 0, twelve months are a year, and the last may be short."""
    runs = up.scenario("cabinet_office_2012", parameters="prior").run(30, seed=1)
    years = by_year(runs)
    assert [year["year"] for year in years] == [0, 1, 2, 3, 4, 5]  # of 57 months
    for name, curve in (("trusts", "trusts_cost_gbp"), ("spent", "spent_gbp")):
        every = runs.curve(curve)
        whole = every[:, -1].mean()
        assert sum(year[name] for year in years) == pytest.approx(whole, rel=1e-9, abs=1e-3)
        second = (every[:, 24] - every[:, 12]).mean()
        assert years[2][name] == pytest.approx(second, rel=1e-9, abs=1e-3)
        assert years[0][name] == pytest.approx(every[:, 0].mean())
    assert runs.money().column("year") == [0, 1, 2, 3, 4, 5]


def test_ratios_are_of_present_values() -> None:
    """With more spent the ratio falls by just as much; where nothing is spent there is none."""
    runs = up.scenario("nhs_sbs", parameters="prior").run(40, seed=1)
    found = money(runs)
    assert found["ratio"] == pytest.approx(found["saved"]["mean"] / found["spent"]["mean"])
    assert found["ratio_with_bias"] == pytest.approx(found["ratio"] / (1.0 + optimism_bias()))
    assert optimism_bias() == 0.41
    assert any("pounds for each pound" in line for line in runs.answer.sentences)
    free = up.Scenario(
        "free", title="Free", start="2026-04", months=6, approached=20, sector="councils_2019",
        levers={"opens_month": 1e6},
    ).run(10)  # fmt: skip
    assert money(free)["ratio"] is None
    assert any("Nothing is spent." in line for line in free.answer.sentences)


def test_the_command_tells_it(uptake: Command, tmp_path: Path) -> None:
    """In the summary, the report and a sentence."""
    done = uptake("run", "scenario=nhs_sbs", "runs=20", "out=there", "figures=false")
    assert "pounds for each pound" in " ".join(done.stdout.split())
    said = json.loads((tmp_path / "there" / "summary.json").read_text())["money"]
    assert len(said["years"]) == 14
    assert "Money, by payer and year" in (tmp_path / "there" / "report.html").read_text()
