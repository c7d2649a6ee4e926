"""Shapley's value on known games; and why so few, held to what-if questions asked one by one."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uptake as up
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from uptake.analysis.attribution import Attribution, attribute, shapley
from uptake.config.case import Case
from uptake.config.causes import Cause, causes_of
from uptake.config.compose import Question
from uptake.report.text import attribution as words
from uptake.results.runs import run

GAMES = arrays(float, 16, elements=st.floats(-1e3, 1e3))  # of four players


def by_orders(worth: Any) -> Any:
    """Return what players add on average over all orders in which they can come: the definition."""
    players = len(worth).bit_length() - 1
    found = np.zeros(players)
    orders = list(itertools.permutations(range(players)))
    for order in orders:
        there = 0
        for player in order:
            found[player] += worth[there | 1 << player] - worth[there]
            there |= 1 << player
    return found / len(orders)


@given(GAMES)
def test_the_value_is_the_mean_over_all_orders_and_adds_up(worth: Any) -> None:
    """Efficiency: all of the difference is shared out, whatever the game."""
    found = shapley(worth)
    assert found == pytest.approx(by_orders(worth), abs=1e-9)
    assert found.sum() == pytest.approx(worth[-1] - worth[0], abs=1e-9)


@given(GAMES, GAMES, st.floats(-5, 5))
def test_games_add_up(one: Any, other: Any, times: float) -> None:
    """Linearity: the value of a sum of games is the sum of their values."""
    together = shapley(one + times * other)
    assert together == pytest.approx(shapley(one) + times * shapley(other), abs=1e-7)


@given(arrays(float, 8, elements=st.floats(-1e3, 1e3)), st.integers(0, 3), st.floats(-9, 9))
def test_who_adds_the_same_whoever_is_there_gets_just_that(
    rest: Any, player: int, adds: float
) -> None:
    """A dummy; with nothing added, nil."""
    worth = np.empty(16)
    for place in range(16):
        others = place & (1 << player) - 1 | place >> player + 1 << player
        worth[place] = rest[others] + (adds if place >> player & 1 else 0.0)
    assert shapley(worth)[player] == pytest.approx(adds, abs=1e-9)


@given(GAMES)
def test_players_who_can_be_exchanged_get_the_same(worth: Any) -> None:
    """Symmetry: a game made the same in players 1 and 2."""
    exchanged = [place & ~6 | (place & 2) << 1 | (place & 4) >> 1 for place in range(16)]
    alike = worth + worth[exchanged]
    found = shapley(alike)
    assert found[1] == pytest.approx(found[2], abs=1e-9)


def test_games_whose_value_is_known() -> None:
    """Gloves (one left, two right), a majority of three, an airport (Littlechild and Owen 1973)."""
    gloves = [0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]  # the first has the left one
    assert shapley(np.array(gloves)) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    majority = [float(place.bit_count() >= 2) for place in range(8)]
    assert shapley(np.array(majority)) == pytest.approx([1 / 3] * 3)
    costs = (8.0, 11.0, 13.0, 18.0)
    airport = [max([c for i, c in enumerate(costs) if s >> i & 1], default=0.0) for s in range(16)]
    assert shapley(np.array(airport)) == pytest.approx([2.0, 3.0, 4.0, 9.0])


ASKED = ["scenario=nhs_employers_2009", "runs=40", "threads=1"]


def case(*overrides: str) -> Case:
    """Return a case of the membership scheme."""
    return Question([*ASKED, *overrides]).case()


@pytest.fixture(scope="module")
def found() -> Attribution:
    """Return what five causes account for."""
    asked = case("explain.causes=[fee,bundle,evidence,attention,window]")
    return attribute(asked, causes_of(asked), "joined")


def test_every_subset_is_the_what_if_question_of_its_own(found: Attribution) -> None:
    """Run by run: levers held, an event left out, more time; what was reported in none of them."""
    names = [cause.name for cause in found.causes]
    assert names == ["fee", "bundle", "evidence", "attention", "window"]
    fee, bundle, _, _, window = (1 << i for i in range(5))
    free, kept = ["levers.upfront_fee_gbp=0"], ["without=[tender]"]
    given_time = ["months=24", "levers.review_month=0"]
    for subset, asked, month in (
        (0, [], 5),
        (fee, free, 5),
        (bundle, kept, 5),
        (window, given_time, 24),
        (fee | window, [*free, *given_time], 24),
        (bundle | window, [*kept, *given_time], 24),
        (fee | bundle | window, [*free, *kept, *given_time], 24),
    ):
        expected = run(case(*asked)).curve("joined")[:, month]
        assert np.array_equal(found.worth[subset], expected), asked
    assert np.all(found.was == 17)


def test_parts_add_up_run_by_run(found: Attribution) -> None:
    """To what all causes put right make of what was; alone is the subset of one."""
    for parts in (found.parts, found.over_all_orders):
        assert parts.sum(axis=0) == pytest.approx(found.could - found.was)
    window, others = 1 << 4, [0, 1, 2, 3]
    last = found.worth[31] - found.worth[31 - window]
    assert np.array_equal(found.parts[4], last)
    assert found.parts[others] == pytest.approx(shapley(found.worth[:16]))
    assert np.array_equal(found.alone[0], found.worth[1] - found.worth[0])
    assert found.parts[3].mean() > 5.0  # attention: everybody looks


def test_attention_put_right_is_that_everybody_looks() -> None:
    """As many look as are approached; and the parameter alone makes the difference."""
    asked = case("explain.causes=[attention]")
    found = attribute(asked, causes_of(asked), "looked")
    approached = run(asked)["approached"]
    assert np.array_equal(found.could, np.asarray(approached))
    assert np.all(found.was < found.could)


def test_what_a_scheme_has_already_is_no_cause() -> None:
    """No fee, no cause; the reference can be changed, and is then told."""
    every = [cause.name for cause in causes_of(case())]
    assert "control" not in every  # nothing is taken over
    assert every == [
        "fee", "budget", "fit", "legal", "bundle", "evidence", "endorsement", "attention",
        "provider", "window",
    ]  # fmt: skip
    free = causes_of(case("levers.upfront_fee_gbp=0"))
    assert not {"fee", "budget"} & {cause.name for cause in free}
    half = causes_of(case("explain.causes=[endorsement]", "explain.levers.endorsement=0.5"))
    assert half[0].levers == {"endorsement": 0.5}
    longer = causes_of(case("explain.causes=[window]", "explain.months=36"))
    assert longer[0].months == 36
    stp = [cause.name for cause in causes_of(Question(["scenario=stp_back_office_2016"]).case())]
    assert "control" in stp
    assert "bundle" not in stp


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("explain.causes=[fees]", "explain.causes=fees: allowed is one of fee, "),
        ("explain.levers.pressure=1", "explain.levers=pressure: allowed is one of "),
        ("explain.parameters.pace=1", "explain.parameters=pace: allowed is one of "),
        ("explain.months=x", "explain.months=x: "),
        ("explain.months=4", "more than the scheme's own 5 are needed"),
        ("explain.parameters.attention_per_month=-1", "allowed is 0 to 1e+06"),
        ("explain.causes=[fee] explain.levers.endorsement=0.3", "no cause of this scheme uses it"),
        ("target='net_present_value_gbp>=0'", "what is known in every month is needed"),
    ],
)
def test_what_cannot_be_explained_is_refused(uptake: Command, typed: str, told: str) -> None:
    """In one line that says what is allowed."""
    done = uptake("explain", *typed.split(" "), "runs=5")
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_where_nothing_kept_it_that_is_said(uptake: Command) -> None:
    """All that is asked about is as it should be."""
    done = uptake("explain", "levers.upfront_fee_gbp=0", "explain.causes=[fee,budget]", "runs=5")
    assert done.returncode == 2
    assert "none of these can have kept this scheme from its target" in done.stderr


def test_the_command_writes_summary_figure_and_report(uptake: Command, tmp_path: Path) -> None:
    """Parts add up in the summary; sentences, table and waterfall are in the report."""
    done = uptake("explain", "runs=30", "explain.causes=[fee,fit,window]", "out=there")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "there").iterdir()} == {
        "explain.png", "explain.svg", "report.html", "provenance.json", "summary.json"
    }  # fmt: skip
    said = json.loads((tmp_path / "there" / "summary.json").read_text())
    assert [one["name"] for one in said["causes"]] == ["fee", "fit", "window"]
    parts = sum(one["part"]["mean"] for one in said["causes"])
    assert parts == pytest.approx(sum(one["effect"] for one in said["causes"]))
    assert said["distance"] - parts == pytest.approx(said["residual"])
    assert parts == pytest.approx(said["could"]["mean"] - said["was"]["mean"])
    assert said["target"] == "joined>=200"
    assert len(said["subsets"]) == 8
    assert "at least 200 is aimed at" in " ".join(done.stdout.split())
    assert "the parts add up to the difference" in done.stdout
    report = (tmp_path / "there" / "report.html").read_text()
    assert "no fee, on signing or a year" in report


@pytest.mark.parametrize("target", ["target=100", "target='joined<=5'"])
def test_what_helps_and_what_makes_it_worse(target: str) -> None:
    """A part on the wrong side beyond chance; of what is to be low, what lowers it helps."""
    causes = [Cause("a", "the one", "x"), Cause("b", "the other", "y")]
    luck = np.random.default_rng(1).normal(0.0, 0.5, (4, 40))
    worth = np.array([17.0, 10.0, 30.0, 23.0])[:, None] + luck
    said = words.sentences(Attribution(case(target), "joined", causes, worth))
    helps, worse = ("the other", "the one") if "100" in target else ("the one", "the other")
    assert any(line.startswith(f"Most of it is accounted for by: {helps}") for line in said)
    assert any(
        line.startswith("To put this right makes it worse") and worse in line for line in said
    )
    assert not any("makes it worse" in line and f"{helps} (" in line for line in said)
    assert any("The target is reached in none of 40 runs" in line for line in said)


def test_from_python_it_is_the_same(uptake: Command, tmp_path: Path) -> None:
    """Parts by name, run by run; some put right; the folder of the command, to the byte."""
    scheme = up.scenario("nhs_employers_2009")
    found = scheme.explain("fee", "window", months=12, target=50, runs=20, seed=3, threads=1)
    assert list(found.parts) == ["fee", "window"]
    total = sum(np.asarray(part) for part in found.parts.values())
    assert total == pytest.approx(found.with_right("fee", "window") - found.with_right())
    longer = scheme.using(months=12).set(review_month=0).run(20, seed=3)
    assert np.array_equal(found.with_right("window"), longer["joined"])
    assert "at least 50 is aimed at" in found.text
    uptake("explain", "explain.causes=[fee,window]", "explain.months=12", "target=50", "runs=20",
           "seed=3", "out=there", "figures=false")  # fmt: skip
    made = found.report(tmp_path / "here")
    one, other = ((folder / "summary.json").read_bytes() for folder in (made, tmp_path / "there"))
    assert one == other
    with pytest.raises(up.InputError, match="allowed is one of fee, window"):
        found.with_right("fees")
    with pytest.raises(up.InputError, match=r"explain\.causes=fees: allowed is one of"):
        scheme.explain("fees", runs=5)
    with pytest.raises(up.InputError, match="a number, break_even, or an outcome"):
        scheme.explain("fee", target="many", runs=5)


def test_pieces_of_runs_are_the_very_runs() -> None:
    """More runs than are worked on at once: each subset is still the what-if question's runs."""
    asked = Question(["scenario=nhs_employers_2009", "runs=620", "threads=2",
                      "explain.causes=[fee]"]).case()  # fmt: skip
    found = attribute(asked, causes_of(asked), "joined")
    free = ["scenario=nhs_employers_2009", "runs=620", "levers.upfront_fee_gbp=0"]
    assert np.array_equal(found.could, run(Question(free).case()).curve("joined")[:, 5])


def test_intervals_of_parts_are_of_their_runs() -> None:
    """The mean with 1.96 standard errors, and 90 % of the runs; none of one run."""
    values = np.random.default_rng(3).normal(5.0, 2.0, 400)
    worth = np.stack([np.zeros(400), values])
    made = Attribution(case(), "joined", [Cause("a", "the one", "x")], worth)
    (part,) = words.parts(made)
    error = values.std(ddof=1) / 20.0
    assert (part.low, part.high) == pytest.approx(
        (part.mean - 1.96 * error, part.mean + 1.96 * error)
    )
    assert (part.q05, part.q95) == pytest.approx(tuple(np.quantile(values, [0.05, 0.95])))
    one = Attribution(case("runs=1"), "joined", [Cause("a", "the one", "x")], worth[:, :1])
    assert words.parts(one)[0].low is None
    json.dumps(words.summary(one), allow_nan=False)
    assert "one run" in repr(words.table(one))


def test_what_helps_most_comes_first_and_time_last() -> None:
    """By size, whatever the order of the list."""
    causes = [
        Cause("t", "time", "x", months=24),
        Cause("s", "small", "x"),
        Cause("l", "large", "x"),
    ]
    worth = np.array([0.0, 50.0, 1.0, 51.0, 9.0, 59.0, 10.0, 60.0])[:, None] * np.ones(5)
    made = Attribution(case("runs=5"), "joined", causes, worth)
    assert [one.title for one in words.parts(made)] == ["large", "small", "time"]
    assert [one.mean for one in words.parts(made)] == [9.0, 1.0, 50.0]


def test_a_cause_tells_the_reference_that_is_used() -> None:
    """Another value, another text; what is left out or held already is no cause."""
    half, longer = causes_of(
        case("explain.causes=[endorsement,window]", "explain.levers.endorsement=0.5",
             "explain.months=36")
    )  # fmt: skip
    assert "endorsement 0.5" in half.reference
    assert longer.reference == "36 months, without a review before"
    without = causes_of(case("without=[tender]", "explain.causes=[bundle,fee]"))
    assert [cause.name for cause in without] == ["fee"]
    stp = ["scenario=stp_back_office_2016", "parameters.priors.sovereignty.value=0"]
    assert "control" not in [cause.name for cause in causes_of(Question(stp).case())]
    nothing = Question(["scenario=council_websites_2019", "parameters=prior"]).case()
    assert not np.any(nothing.episode.levers["claimed_saving_share"])
    assert "evidence" not in [cause.name for cause in causes_of(nothing)]


def test_of_what_is_better_low_less_helps(uptake: Command) -> None:
    """Leavers, by themselves: no fee keeps members, which is no harm."""
    done = uptake("explain", "scenario=association_2014", "runs=40", "figures=false", "out=x")
    told = " ".join(done.stdout.split())
    assert "Most of it is accounted for by: the fee -" in told


def test_own_causes_are_refused_as_they_would_not_be_read(uptake: Command, tmp_path: Path) -> None:
    """In one line that names the file."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "causes.yaml").write_text("fee: {}\n")
    done = uptake("explain", "--config-dir", "mine", "runs=5")
    assert done.returncode == 2
    assert "mine/causes.yaml: it is not read" in done.stderr
