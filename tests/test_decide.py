"""uptake decide on schemes: what is told holds when it is asked by itself; files; bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uptake as up
from conftest import Command
from councils import payroll
from uptake.analysis import decision
from uptake.analysis.decision import Decision
from uptake.analysis.options import Held, Options
from uptake.analysis.points import COSTS, Points
from uptake.analysis.reaching import Course
from uptake.analysis.switching import Switch
from uptake.analysis.trade_offs import uptake_of
from uptake.analysis.uncertain import uncertain, varying_of
from uptake.config.case import Case
from uptake.config.compose import Question
from uptake.config.decisions import choices_of
from uptake.config.target import target_in
from uptake.report.text import decision as words
from uptake.report.text import reaching
from uptake.report.text.paying import sides
from uptake.report.text.uncertain import factor_name, factor_value
from uptake.results.runs import run

ASKED = ["scenario=nhs_employers_2009", "runs=100", "threads=1"]
LEVERS = "decide.levers=[upfront_fee_gbp,pressure]"


def case(*overrides: str) -> Case:
    """Return a case of the membership scheme."""
    return Question([*ASKED, *overrides]).case()


def decided(*overrides: str) -> Decision:
    """Return all that is told of it, under its own structure."""
    asked = case(*overrides)
    points = decision.points_of(asked)
    return decision.decide({"default": asked}, points, decision.levers_of(points))


@pytest.fixture(scope="module")
def found() -> Decision:
    """Return what it would take for 20 to join, tried again: as it is fewer do in most runs."""
    options = "decide.options={free: {upfront_fee_gbp: 0}, pressed: {pressure: 1}}"
    return decided("target=20", "draws=again", LEVERS, options, "decide.chance=0.7")


def share(*overrides: str) -> float:
    """Return how often 20 join if it is asked by itself."""
    return float(run(case("draws=again", *overrides))["joined>=20"].mean())


def test_what_is_told_as_least_change_reaches_the_chance_when_typed(found: Decision) -> None:
    """And a step less does not: to the run, with the same seed."""
    one, other = found.reaching.alone
    assert found.reaching.now == share() < 0.7
    for each in (one, other):
        if each.value is None:
            continue
        name, scale = each.scale.name, each.scale
        assert share(f"levers.{name}={each.value!r}") == each.share >= 0.7
        towards = 1 if scale.place(each.value) < scale.now else -1
        less = scale.value(scale.place(each.value) + towards)
        assert share(f"levers.{name}={less!r}") < 0.7
    assert one.value is not None or other.value is not None
    assert share(f"levers.{one.scale.name}={one.best!r}") == one.best_share
    (pair,) = found.reaching.pairs
    if pair.values is not None:
        held = [f"levers.{s.name}={v!r}" for s, v in zip(pair.scales, pair.values, strict=True)]
        assert share(*held) == pair.share >= 0.7
        assert pair.change < min(one.change, other.change)


def test_the_chance_with_all_at_their_best_is_that_question(found: Decision) -> None:
    held = [f"levers.{one.scale.name}={one.best!r}" for one in found.reaching.alone]
    assert found.reaching.together == share(*held)


def test_points_are_the_what_if_questions_of_their_own() -> None:
    """Every outcome, run by run, also where a point goes over several pieces."""
    asked = case("runs=620", "threads=2")
    points = Points(asked, ("joined", "net_present_value_gbp"))
    values = np.array([[np.nan, np.nan], [0.0, np.nan], [0.0, 0.5]])
    made = points.at(["upfront_fee_gbp", "pressure"], values, 620)
    fee, pressed = "levers.upfront_fee_gbp=0", "levers.pressure=0.5"
    for row, held in enumerate(([], [fee], [fee, pressed])):
        alone = run(case("runs=620", *held))
        for name in ("joined", "net_present_value_gbp"):
            assert np.array_equal(made[name][row], np.asarray(alone[name], float))


def test_options_are_what_their_levers_make_of_it(found: Decision) -> None:
    """Outcome, chance and worth; not offering it is worth nothing; regret is to the best."""
    held = found.options.by_structure["default"]
    assert found.options.names == ("as it is", "free", "pressed", "not at all")
    free = run(case("draws=again", "levers.upfront_fee_gbp=0"))
    assert np.array_equal(held.outcome[1], np.asarray(free["joined"]))
    assert np.array_equal(held.worth[1], np.asarray(free["net_present_value_gbp"]))
    assert held.met[1].mean() == free["joined>=20"].mean()
    assert not held.worth[3].any()
    assert not held.met[3].any()
    assert held.paid[1] == pytest.approx([np.mean(free[name]) for name in COSTS])
    assert np.array_equal(held.worth + held.regret, np.tile(held.worth.max(axis=0), (4, 1)))
    best = found.options.least_regret
    assert best.largest == held.regret.mean(axis=1).min()


def test_the_front_has_as_it_is_among_its_points_and_none_that_is_bettered(
    found: Decision,
) -> None:
    """Means are those of the question of a point; its levers lie within their ranges."""
    one = found.front
    better = one.means * np.array([1.0, -1.0, -1.0])
    for at in one.different:
        above = np.all(better >= better[at], axis=1) & np.any(better > better[at], axis=1)
        assert above.any() != (at in one.kept)
    assert len(one.different) == len(np.unique(one.means, axis=0))
    assert one.means[0, 0] == pytest.approx(run(case("draws=again"))["joined"].mean())
    assert np.isnan(one.values[[0, -1]]).all()
    assert one.values[1:-1, 1].min() >= 0.0
    assert one.values[1:-1, 1].max() <= 1.0
    assert not one.means[-1].any()  # not at all


def by_draw(values: Any, draws: Any) -> float:
    """Return the standard error of a mean, of runs whose draws count as one."""
    known, of = np.unique(np.asarray(draws), return_inverse=True)
    share = np.bincount(of) / len(of)
    means = np.array([np.asarray(values)[of == i].mean() for i in range(len(known))])
    return float(np.sqrt(share @ (means - share @ means) ** 2 * (share**2).sum()))


def test_points_are_named_by_the_numbers_that_are_told(found: Decision) -> None:
    """As it is and not at all are among them; errors are those of the runs, by draw."""
    told = found.front.told
    assert (told[0].at, told[-1].at) == (0, len(found.front.values) - 1)
    means = np.array([one.mean for one in told])
    best = [means[:, 0].max(), means[:, 1].min(), means[:, 2].min()]
    for i, why in enumerate(("most uptake", "least cost", "best result")):
        (named,) = [one for one in told if why in one.why]
        assert named.mean[i] == best[i]
    runs = run(found.case)
    draws = runs.chunk.parameters["draw"]
    assert told[0].mean[0] == pytest.approx(np.mean(runs["joined"]))
    assert told[0].error[0] == pytest.approx(by_draw(runs["joined"], draws))
    loss = by_draw(runs["provider_loss_gbp"], draws)
    assert told[0].error[2] == pytest.approx(loss)


def test_intervals_of_a_lever_are_by_draw(found: Decision) -> None:
    """The worth at an end of its range, and how many runs tell the chance."""
    course = found.reaching.courses[1]
    runs = run(case("draws=again", f"levers.pressure={float(course.values[-1])}"))
    draws = runs.chunk.parameters["draw"]
    worth = runs["net_present_value_gbp"]
    assert course.worth[-1] == pytest.approx(np.mean(worth))
    assert course.worth_error[-1] == pytest.approx(by_draw(worth, draws))
    counts = np.unique(draws, return_counts=True)[1]
    assert found.reaching.apart == pytest.approx(100**2 / (counts**2).sum())


def test_what_a_least_change_costs_is_beside_how_it_is(found: Decision) -> None:
    was = run(found.case)
    for one, price in zip(found.reaching.alone, found.reaching.prices, strict=True):
        if one.value is None:
            assert price is None
            continue
        assert price is not None
        made = run(case("draws=again", f"levers.{one.scale.name}={one.value!r}"))
        more = [float(np.mean(made[n]) - np.mean(was[n])) for n in COSTS[:2]]
        assert price.cost == pytest.approx(sum(more))
        assert price.more == pytest.approx(np.mean(made["joined"]) - np.mean(was["joined"]))


def test_not_at_all_reaches_what_nothing_reaches() -> None:
    """Nobody joins: at most 5 do, at least 5 do not."""
    for target, met in (("joined<=5", 1.0), ("joined>=5", 0.0)):
        held = decided(f"target='{target}'", "decide.levers=[pressure]", "runs=20").options
        assert held.names[-1] == "not at all"
        assert held.by_structure["default"].met[-1].tolist() == [met] * 20


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_the_box_is_of_the_kind_that_it_is_said_to_be(share: float) -> None:
    """The target is reached where one factor is low, as made here: by few, or by most."""
    asked = case("parameters=prior", "runs=400", "target=25")
    factors = varying_of(asked)
    column = factors.columns["parameter_sovereignty"][factors.draws.of]
    met = (column <= np.quantile(column, share)).astype(float)
    nil, names = np.zeros((2, 400)), ("as it is", "not at all")
    held = Held(nil, np.array([met, nil[0]]), nil, np.zeros((2, 3)), factors.draws, 0.0)
    made = uncertain(asked, Options(names, {name: {} for name in names}, {"default": held}))
    assert made.reaches == (share < 0.5)
    assert made.box is not None
    (side,) = made.box.limits
    assert side.name == "parameter_sovereignty"
    assert side.is_most == (share < 0.5)
    assert made.box.base == pytest.approx(0.3, abs=0.06)
    assert made.box.density > 0.9


def test_where_no_lever_moves_the_worth_nothing_is_told_of_what_does(found: Decision) -> None:
    """Its review scraps it in every run; and what its horizon is."""
    made = decided("target=25", "decide.levers=[mandate,pressure]", "runs=60")
    said = words.sentences(made)
    (pays,) = [line for line in said if "pay over 5 months" in line and "It does" in line]
    assert "none of these levers moves it" in pays
    assert "A review scraps it in every run" in pays
    assert "a longer horizon alone changes nothing" in pays
    paying = next(line for line in words.sentences(found) if "net present value is" in line)
    assert "over 5 months" in paying
    assert not any("worth finding out" in line or "switches that over" in line for line in said)
    assert made.options.names[0] == "as it is"
    assert made.options.names[1].startswith("mandate=")  # the least change, if none is named


def test_signs_beside_that_of_the_scheme() -> None:
    """A lever that pays wherever it is held switches it, if the scheme does not pay."""
    values = np.linspace(0.0, 1.0, 5)
    flat = np.zeros(5)
    all_pay = Course(values, flat, flat, flat + 1.0, flat)
    assert all_pay.switched(None, does_pay=False) == [(None, None)]
    assert all_pay.switched(None, does_pay=True) == []
    hump = Switch(0.3, 0.2, 0.4, True, (0.3, 0.7))
    assert all_pay.switched(hump, does_pay=False) == [(0.3, 0.7)]
    assert sides([(0.3, 0.7)], str) == "from 0.3 to 0.7"
    assert sides(all_pay.switched(hump, does_pay=True), str) == "below 0.3 or above 0.7"


def test_a_typed_range_is_asked_even_if_its_lever_is_not_among_the_best() -> None:
    points = decision.points_of(case("target=25", "decide.ranges.exit_freedom=[0,0.5]"))
    asked = {scale.name: (scale.low, scale.high) for scale in decision.levers_of(points)}
    assert asked["exit_freedom"] == (0.0, 0.5)
    assert len(asked) == 6


def test_a_range_holds_how_it_is_unless_one_is_typed() -> None:
    """A term of 20 years is beyond the list's 10; a limit that is none lies at its high end."""
    held = [one for one in choices_of(case("target=25", "levers.term_years=20"))
            if one.name == "term_years"]  # fmt: skip
    assert (held[0].low, held[0].high) == (1.0, 20.0)
    (typed,) = choices_of(case("target=25", "decide.levers=[mandate]",
                               "decide.ranges.mandate=[0.6,1]"))  # fmt: skip
    assert (typed.low, typed.high, typed.path.max()) == (0.6, 1.0, 0.0)
    (limit,) = choices_of(case("target=25", "decide.levers=[waves_per_month]"))
    assert limit.path.max() == limit.high == 20.0


def test_uptake_counts_takers() -> None:
    """A target of those that left, or of money, has joined for uptake."""
    for name, uptake in (("left>=3", "joined"), ("members>=9", "members"), ("served>=2", "served"),
                         ("served<=2", "joined"), ("grants_gbp>=5", "joined")):  # fmt: skip
        target = target_in(name)
        assert target is not None
        assert uptake_of(target) == uptake


def test_a_scheme_whose_story_is_members_is_asked() -> None:
    asked = Question(["scenario=nhs_sbs", "runs=20", "threads=1", "target=60",
                      "decide.levers=[pressure]"]).case()  # fmt: skip
    points = decision.points_of(asked)
    made = decision.decide({"default": asked}, points, decision.levers_of(points))
    assert made.front.outcome == made.target.outcome
    course = made.reaching.courses[0]
    held = [f"levers.pressure={float(course.values[-1])}", "scenario=nhs_sbs", "runs=20"]
    runs = run(Question(["threads=1", "target=60", *held]).case())
    worth = by_draw(runs["net_present_value_gbp"], runs.chunk.parameters["draw"])
    assert course.worth_error[-1] == pytest.approx(worth)
    assert worth > 1.0
    assert "members" in words.sentences(made)[0]


def test_what_is_uncertain_is_what_the_runs_drew(found: Decision) -> None:
    """Each factor as a column of the runs; a draw that several runs have counts as often."""
    made, runs = varying_of(found.case), run(found.case)
    assert made.draws.runs == made.draws.counts.sum() == len(runs)
    for name in ("parameter_sovereignty", "assumption_levers.claimed_saving_share"):
        assert np.array_equal(made.columns[name][made.draws.of], np.asarray(runs[name]))
    joined = np.asarray(runs["joined"], float)
    assert made.draws.mean(joined) @ made.draws.counts == pytest.approx(joined.sum())
    assert len(made.draws.counts) == len(np.unique(runs.chunk.parameters["draw"]))


def test_a_target_that_is_reached_needs_no_change() -> None:
    made = decided("target=5", LEVERS, "runs=40")
    assert all(np.isnan(one.value or 0.0) and one.change == 0.0 for one in made.reaching.alone)
    assert made.reaching.pairs == ()
    assert any("no lever needs to change" in line for line in words.sentences(made))
    assert any("All runs reach the target" in line for line in words.sentences(made))


def test_not_within_this_window_is_an_answer() -> None:
    """Nobody can have 10,000 join of 411 at most."""
    made = decided("target=10000", LEVERS, "runs=40")
    assert all(one.value is None for one in made.reaching.alone)
    said = words.sentences(made)
    assert any(line.startswith("No lever does it alone by then: ") for line in said)
    assert "No two of them reach it within their ranges." in said
    assert any("in none of 40 runs" in line for line in said)


def test_without_names_those_are_asked_that_bring_it_nearest() -> None:
    """The fee of the scheme is; what does not matter in it is not."""
    points = decision.points_of(case("target=25"))
    names = [scale.name for scale in decision.levers_of(points)]
    assert len(names) == 6
    assert {"mandate", "bundle_share"} <= set(names)
    assert not {"exit_freedom", "cost_shared"} & set(names)
    held = decision.points_of(case("target=25", "decide.levers=[pressure]"))
    assert [scale.name for scale in decision.levers_of(held)] == ["pressure"]


def test_every_factor_has_a_name_and_a_value_in_words() -> None:
    """Of every kind of assumption, in schemes that have them."""
    for name in ("stp_back_office_2016", "nhs_employers_2009", "police_records_2000"):
        if name not in up.scenarios():
            continue
        asked = Question([f"scenario={name}", "runs=20", "fix=null"]).case()
        for factor, column in varying_of(asked).columns.items():
            assert "." not in factor_name(asked, factor).split("(")[0].strip(".")
            assert factor_value(asked, factor, float(column[0]))


def test_the_sentences_read_and_say_what_they_are_conditional_on(found: Decision) -> None:
    said = words.sentences(found)
    assert "is reached in" in said[0]
    assert "Asked is a chance of 70 %" in said[0]
    assert said[-1].startswith("Behaviour: ")
    assert "Structure: default" in said[-1]
    assert not any("  " in line or line.count("(") != line.count(")") for line in said)
    assert not any("nan" in line or "inf " in line or "None" in line for line in said)
    needed = reaching.levers_table(found).column("needed")
    assert len(needed) == 2


REFUSED = [
    ("decide.levers=[upfront_fe_gbp] target=5", "decide.levers.upfront_fe_gbp: no such lever"),
    ("decide.levers=upfront_fee_gbp target=5", "a list is needed, as [upfront_fee_gbp]"),
    ("decide.levers=[vote] target=5", "it acts in one month"),
    ("decide.levers=[pressure,pressure] target=5", "it is named twice"),
    ("decide.levers=[pressure,mandate,misfit,funded,autonomy,leadership,endorsement] target=5",
     "at most 6 levers"),
    ("decide.chance=1.5", "decide.chance=1.5: allowed is 0.01 to 0.99"),
    ("decide.ranges.pressure=[1,0] target=5", "two numbers are needed"),
    ("decide.ranges.pressure=[0,3] target=5", "decide.ranges.pressure=[0,3]: allowed is 0 to 1"),
    ("decide.levers=[mandate] decide.ranges.pressure=[0,1] target=5", "name it under"),
    ("decide.options.cheap={upfront_fe_gbp:1} target=5", "did you mean upfront_fee_gbp?"),
    ("decide.options.cheap={pressure:3} target=5", "allowed is 0 to 1"),
    ("decide.options.none={} target=5", "levers are needed"),
    ("scenario=stp_back_office_2016", "what is to be reached is needed, as target=25"),
    ("target=many", "a number, break_even, or an outcome"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "told"), REFUSED)
def test_what_cannot_be_asked_is_refused(uptake: Command, typed: str, told: str) -> None:
    """In one line that says what is allowed, before anything is run or written."""
    done = uptake("decide", *typed.split(" "), "runs=5")
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_list_of_ones_own_is_not_read_in_silence(uptake: Command, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "decide.yaml").write_text("levers: {pressure: }\n")
    done = uptake("decide", "--config-dir", "mine", "runs=5")
    assert done.returncode == 2
    assert "decide.ranges choose others" in done.stderr


def test_the_command_writes_summary_figures_and_report(uptake: Command, tmp_path: Path) -> None:
    """Under two structures; sentences are in the report, figures stand in it."""
    done = uptake(
        "decide", "runs=40", "target=25", LEVERS, "parameters=prior", "out=there",
        "variants=[regional_peers]", "decide.options.free={upfront_fee_gbp: 0}",
        "decide.ranges.pressure=[0,0.5]",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "there").iterdir()} == {
        "decide_levers.png", "decide_levers.svg", "decide_front.png", "decide_front.svg",
        "report.html", "provenance.json", "summary.json",
    }  # fmt: skip
    said = json.loads((tmp_path / "there" / "summary.json").read_text())["decide"]
    assert said["target"] == "joined>=25"
    assert [one["lever"] for one in said["one_lever"]] == ["upfront_fee_gbp", "pressure"]
    assert said["one_lever"][1]["range"] == [0.0, 0.5]
    assert list(said["options"]["by_structure"]) == ["default", "regional_peers"]
    assert "Over 2 structures" in done.stdout
    report = (tmp_path / "there" / "report.html").read_text()
    assert "Asked is a chance of 50 %" in report
    assert report.count("data:image/svg+xml;base64,") == 2


def test_from_python_it_is_the_same(uptake: Command, tmp_path: Path) -> None:
    """Tables, sentences, regret by run; the folder of the command, to the byte."""
    scheme = up.scenario("nhs_employers_2009")
    free: dict[str, dict[str, float | None]] = {"free": {"upfront_fee_gbp": 0}}
    made = scheme.decide(
        "upfront_fee_gbp", "pressure", target=25, chance=0.6, options=free, runs=40, seed=3,
        threads=1,
    )  # fmt: skip
    assert "Asked is a chance of 60 %" in made.text
    assert len(made.regret("free")) == 40
    assert made.options.column("option") == ["as it is", "free", "not at all"]
    uptake("decide", LEVERS, "target=25", "decide.chance=0.6", "runs=40", "seed=3", "out=there",
           "decide.options.free={upfront_fee_gbp: 0}", "figures=false")  # fmt: skip
    written = made.report(tmp_path / "here")
    one, other = (
        (folder / "summary.json").read_bytes() for folder in (written, tmp_path / "there")
    )
    assert one == other
    with pytest.raises(up.InputError, match="allowed is one of as it is, free, not at all"):
        made.regret("fre")
    with pytest.raises(up.InputError, match=r"decide\.chance=2"):
        scheme.decide("pressure", target=25, chance=2.0, runs=5)


def test_a_scheme_of_councils_is_told_of_in_their_word(tmp_path: Path) -> None:
    said: Any = payroll(tmp_path).decide("pressure", "grant_gbp", target=25, runs=60)
    assert "council" in said.text
    assert "trust" not in said.text
