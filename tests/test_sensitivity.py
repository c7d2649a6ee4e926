"""What moves the expected outcome: the model's own inputs, what is said of them, the command."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uptake as up
from conftest import Command
from uptake.analysis.sensitivity import (
    Sensitivity,
    correlation_of,
    inputs_of,
    scores,
    sensitivity,
)
from uptake.config.case import Case
from uptake.config.compose import Question
from uptake.config.factors import ASSUMPTION, HELD, PARAMETER, factors_of
from uptake.engine.compiled import Rows, run_rows
from uptake.inference.smc import normal_of
from uptake.model.assumptions import shares_of
from uptake.model.parameters import PARAMETER_NAMES, Posterior, weighted_quantiles
from uptake.report.text import sensitivity as words
from uptake.results.runs import run

FEW = ("attention_per_month", "caution", "entry_per_month")  # the last is read by no membership


def case(*typed: str) -> Case:
    """Return a case of the membership scheme."""
    return Question(["threads=1", *typed]).case()


def holding(*free: str) -> list[str]:
    """Return what holds every parameter but some at the middle of its prior."""
    priors = case("parameters=prior").priors
    middle = {
        name: next(iter(prior.arguments.values())) for name, prior in priors.items()
    }  # a median, a mean or an sd: each is a value that it can have
    middle = {name: min(value, 0.9) for name, value in middle.items()}
    held = [n for n in PARAMETER_NAMES if n not in free]
    return [f"parameters.priors.{name}.value={middle[name]:.6g}" for name in held]


PRIOR = ["parameters=prior", "fix=assumptions"]


def plain(made: Case, first: int, runs: int, **others: Any) -> Rows:
    """Return rows of a case as they would be drawn, but for some of their columns."""
    numbers, point = np.arange(first, first + runs), np.zeros(runs, np.int64)
    design = made.design(first, runs)
    rows = Rows(numbers, point, design, np.zeros(0, np.int64), np.zeros((1, 0)))
    return rows._replace(**others)


@pytest.mark.parametrize("scenario", ["nhs_employers_2009", "stp_back_office_2016"])
def test_what_a_key_draws_can_be_given(scenario: str) -> None:
    """The same runs, to the bit; and other shares make others."""
    made = case(f"scenario={scenario}", "parameters=prior")
    keys = made.design(0, 30)["draw"]
    assumed = np.column_stack([shares_of(one, keys) for one in made.episode.ranges])
    drawn = run_rows(made.episode, 1, plain(made, 0, 30))
    given = run_rows(made.episode, 1, plain(made, 0, 30, assumed=assumed))
    others = run_rows(made.episode, 1, plain(made, 0, 30, assumed=np.sqrt(assumed)))
    assert given.outcomes.tobytes() == drawn.outcomes.tobytes() != others.outcomes.tobytes()
    assert given.curves.tobytes() == drawn.curves.tobytes()


def test_each_uncertain_number_is_one_input() -> None:
    """A lever that several rows of the timeline set has one draw; what is held is no input."""
    made = case("scenario=stp_back_office_2016")
    found = factors_of(made)
    names = [one.name for one in found]
    assert len(set(names)) == len(names)
    assert set(PARAMETER_NAMES) == {one.name for one in found if one.kind == PARAMETER}
    assumed = [one for one in found if one.kind == ASSUMPTION]
    assert {one.name for one in assumed} == {one.key for one in made.assumptions}
    assert sorted(row for one in assumed for row in one.ranges) == list(
        range(len(made.assumptions))
    )
    pressure = next(one for one in found if one.name == "levers.pressure")
    assert len(pressure.ranges) > 1
    held = factors_of(case("parameters.priors.caution.value=1", "fix=assumptions"))
    assert [one.name for one in held] == [n for n in PARAMETER_NAMES if n != "caution"]
    fees = factors_of(case("sensitivity.levers.endorsement=[0,0.5]"))
    assert [one.name for one in fees if "endorsement" in one.name] == [
        "endorsement_weight", "endorsement",
    ]  # fmt: skip
    assert fees[-1].kind == HELD


@pytest.fixture(scope="module")
def few() -> Sensitivity:
    """Return what three parameters move, and no assumption."""
    return sensitivity(case(*PRIOR, *holding(*FEW), "sensitivity.runs=14000"), "joined")


def test_what_no_rule_reads_moves_nothing(few: Sensitivity) -> None:
    """Exactly; attention moves most; together they are all."""
    effects = dict(zip([one.name for one in few.inputs.factors], few.shares.effect().value,
                       strict=True))  # fmt: skip
    assert list(effects) == list(FEW)
    assert effects["entry_per_month"] == 0.0
    assert effects["attention_per_month"] > 0.5
    assert sum(effects.values()) == pytest.approx(1.0)
    assert few.runs == 14_000
    assert not few.inputs.is_correlated


def test_luck_is_what_varies_with_all_inputs_held() -> None:
    """One input has all of V; what it leaves is the variance of runs at each of its values."""
    asked = case(*PRIOR, *holding("attention_per_month"), "sensitivity.runs=30000")
    found = sensitivity(asked, "joined")
    assert found.shares.effect().value == pytest.approx([1.0])
    numbers = np.arange(4000)
    behaviour = np.repeat(asked.design(0, 400), 10).view(np.recarray)
    rows = plain(asked, 0, 4000, numbers=numbers, parameters=behaviour)
    joined = np.asarray(run_rows(asked.episode, 7, rows).outcomes["joined"], float)
    groups = joined.reshape(400, 10)
    noise = groups.var(axis=1, ddof=1).mean()
    whole = groups.mean(axis=1).var(ddof=1) + 0.9 * noise
    luck = found.spread.luck
    apart = abs(noise / whole - float(luck.value))
    assert apart < 2.0 * float(luck.q95 - luck.q05)  # six standard errors; that of the other counts


def test_shares_are_those_of_runs_that_have_one_input_in_common() -> None:
    """Of attention, by the definition: the covariance of runs that share it, and nothing else.

    Under the prior, with assumptions; within four standard errors of both.
    """
    asked = case("parameters=prior", "sensitivity.runs=60000")
    found = sensitivity(asked, "joined")
    count, name = 6000, "attention_per_month"
    first, other = asked.design(0, count), asked.design(count, count)
    other[name] = first[name]
    joined = [
        np.asarray(
            run_rows(asked.episode, 5, plain(asked, at, count, parameters=design)).outcomes.joined,
            float,
        )
        for at, design in ((0, first), (count, first), (2 * count, other))
    ]
    one, again, shared = (each - np.mean(joined) for each in joined)
    whole, part = one * again, one * shared
    alone = part.mean() / whole.mean()
    error = np.std(part - alone * whole) / whole.mean() / count**0.5
    value, low, high = (
        one[[factor.name for factor in found.inputs.factors].index(name)]
        for one in found.shares.alone
    )
    assert alone > 8.0 * error  # so that this says something
    assert abs(value - alone) < 4.0 * np.hypot(error, (high - low) / 3.29)
    luck = 1.0 - whole.mean() / np.var(one)
    assert abs(luck - float(found.spread.luck.value)) < 0.06


def test_threads_make_no_difference(few: Sensitivity) -> None:
    asked = Question([*PRIOR, *holding(*FEW), "sensitivity.runs=14000", "threads=2"]).case()
    found = sensitivity(asked, "joined")
    assert np.array_equal(found.shares.effects, few.shares.effects)
    other = sensitivity(case(*PRIOR, *holding(*FEW), "sensitivity.runs=7000", "seed=2"), "joined")
    assert not np.array_equal(other.shares.effects[:5], few.shares.effects[:5])


def test_a_lever_over_an_interval_is_an_input() -> None:
    """With all else held it has all; the fee moves who joins, and what is at one end stays."""
    typed = [*PRIOR, *holding(), "sensitivity.levers.upfront_fee_gbp=[0,100000]"]
    found = sensitivity(case(*typed, "sensitivity.runs=3000"), "joined")
    assert [one.name for one in found.inputs.factors] == ["upfront_fee_gbp"]
    assert found.shares.effect().value == pytest.approx([1.0])
    assert found.shares.variance.q05 > 0.3
    rows = found.inputs.rows(np.array([[-9.0], [0.0], [9.0]]), np.arange(3))
    assert rows.overrides[:, 0] == pytest.approx([0.0, 50_000.0, 100_000.0], abs=1e-6)
    whole = inputs_of(case(*typed[:-1], "sensitivity.levers.review_month=[2,5]"))
    drawn = whole.rows(np.linspace(-3, 3, 50)[:, None], np.arange(50)).overrides
    assert set(drawn[:, 0]) == {2.0, 3.0, 4.0, 5.0}
    even = whole.rows(normal_of((np.arange(400) + 0.5) / 400)[:, None], np.arange(400)).overrides
    assert np.unique(even[:, 0], return_counts=True)[1].tolist() == [100] * 4


def test_scores_and_quantiles_of_weighted_draws() -> None:
    """Copies are one value; a score is the quantile of the weight up to the middle of a value."""
    normal, shares, known = scores(np.array([3.0, 1.0, 2.0, 2.0]), np.array([1.0, 1.0, 1.0, 1.0]))
    assert known.tolist() == [1.0, 2.0, 3.0]
    assert shares == pytest.approx([0.125, 0.5, 0.875])
    assert normal == pytest.approx([1.15035, -1.15035, 0.0, 0.0], abs=1e-5)


def test_correlation_is_that_of_weighted_draws() -> None:
    """Weights are numbers of copies; draws without weight say nothing."""
    rng = np.random.default_rng(1)
    columns = rng.standard_normal((50, 3))
    copies = rng.integers(0, 4, 50)
    weighted = correlation_of(columns, copies.astype(float))
    assert weighted == pytest.approx(np.corrcoef(np.repeat(columns, copies, axis=0).T))
    assert np.abs(weighted - np.corrcoef(columns.T)).max() > 0.05
    asked = case("draws=again")
    posterior = asked.posterior
    assert posterior is not None
    draws, half = posterior.draws, np.arange(len(posterior.draws)) % 2 == 0
    some = Posterior(draws[half].view(np.recarray), np.ones(half.sum()))
    weight = Posterior(draws, half.astype(float))
    found = [inputs_of(replace(asked, posterior=one)) for one in (weight, some)]
    assert found[0].correlation == pytest.approx(found[1].correlation)
    assert np.abs(found[0].correlation - inputs_of(asked).correlation).max() > 0.02


def test_inputs_vary_as_the_draws_of_a_posterior_do() -> None:
    """Each has their quantiles, and the correlation of their scores; assumptions too."""
    asked = case("draws=again")
    found, posterior = inputs_of(asked), asked.posterior
    assert posterior is not None
    rng = np.random.default_rng(1)
    normal = (
        rng.standard_normal((8000, len(found.factors))) @ np.linalg.cholesky(found.correlation).T
    )
    rows = found.rows(normal, np.arange(8000))
    for name in ("attention_per_month", "sovereignty", "pace"):
        own = weighted_quantiles(posterior.draws[name], posterior.weights, [0.1, 0.5, 0.9])
        made = np.quantile(rows.parameters[name], [0.1, 0.5, 0.9])
        assert made == pytest.approx(own, rel=0.15), name
    place = [one.name for one in asked.assumptions].index("approached")
    own = weighted_quantiles(
        shares_of(asked.episode.ranges[place], posterior.draws["draw"]), posterior.weights, [0.5]
    )
    assert np.median(rows.assumed[:, place]) == pytest.approx(own[0], abs=0.05)
    pair = [
        [one.name for one in found.factors].index(n) for n in ("attention_per_month", "approached")
    ]
    expected = found.correlation[pair[0], pair[1]]
    assert expected < -0.05  # many approached, or each likely to look: the same number joins
    assert np.corrcoef(normal[:, pair].T)[0, 1] == pytest.approx(expected, abs=0.05)


def test_what_happened_is_asked_again_and_told_so() -> None:
    """Luck is fresh; mean and luck are those of the draws; how far a copula is off is said."""
    found = sensitivity(case("sensitivity.runs=30000"), "joined")
    assert found.happened == pytest.approx(run(case())["joined"].mean())
    assert found.case.draws == "again"
    assert np.all(found.inputs.rows(np.zeros((2, 56)), np.arange(2)).parameters["luck_seed"] == 0)
    again = run(case("draws=again", "runs=4000"))["joined"]
    assert found.mean == pytest.approx(again.mean(), abs=0.5)
    own = found.spread.variance.value + found.spread.noise.mean()
    assert own == pytest.approx(np.var(again), rel=0.12)
    text = " ".join(words.sentences(found))
    assert "this scheme tried again (what its history tells" in text
    assert "(draws=again)" in text
    assert f"mean {found.mean:.0f}; as it happened it is {found.happened:.0f} (1,000 runs)" in text
    assert words.is_far(found)
    assert "Read the shares as an order of what matters only" in words.sentences(found)[2]
    prior = sensitivity(case("parameters=prior", "sensitivity.runs=60000"), "joined")
    said = " ".join(words.sentences(prior))
    assert prior.runs == 59_890
    assert "59,890 runs (60,000 in whole rows of 226) tell each effect to within " in said
    assert prior.happened is None
    own = words.shown(prior)
    assert own == [one for one in words.inputs(prior) if one.effect[1] >= 0.01]
    assert any(one.effect[0] > 0.01 for one in words.inputs(prior) if one not in own)
    assert f"{len(prior.inputs.factors) - len(own)} other inputs together: " in said
    assert "copula" not in said
    assert "Input by input, each known alone," in said


def test_a_chance_is_asked_about_where_a_target_is() -> None:
    typed = [*PRIOR, *holding(*FEW), "sensitivity.runs=7000"]
    found = sensitivity(case(*typed, "target=4"), "joined>=4")
    assert 0.0 < found.mean < 1.0
    assert "chance that joined is at least 4 by month 5" in words.headline(found)


def test_where_all_is_luck_no_shares_are_told() -> None:
    """Of an input that nothing reads nothing can be shared out."""
    typed = [*PRIOR, *holding("entry_per_month"), "sensitivity.runs=600"]
    with pytest.raises(up.InputError, match=r"runs=600: luck accounts for so much of joined that"):
        sensitivity(case(*typed), "joined")


def test_inputs_that_are_not_told_apart_are_not_ranked() -> None:
    """And about how many runs would tell them is said: with these they are."""
    typed = [*PRIOR, *holding(*FEW), "target=8"]
    told = r"the widest 90 % interval of an effect is (\d+) points; about ([\d,]+) runs would"
    with pytest.raises(up.InputError, match=told) as refused:
        sensitivity(case(*typed, "sensitivity.runs=1400"), "joined>=8")
    width, needed = re.search(told, str(refused.value)).groups()  # type: ignore[union-attr]
    assert int(width) > 25
    enough = int(needed.replace(",", ""))
    assert enough == pytest.approx(2800 * (int(width) / 25) ** 2, rel=0.1)
    assert sensitivity(case(*typed, f"sensitivity.runs={enough}"), "joined>=8").shown


def test_one_rule_for_others(few: Sensitivity) -> None:
    """Text, table and figure tell an input by itself where its effect is shown to be 1 %."""
    effect = few.shares.effect()
    own = [few.inputs.factors[at].name for at in few.shown]
    assert own == [one.name for one in words.inputs(few) if one.effect[1] >= 0.01]
    assert "entry_per_month" not in own
    rest = words.together(few)
    assert rest is not None
    table = words.table(few)
    assert [*table.column("key")] == [*own, ""]
    assert table.column("input")[-1] == rest[0]
    assert sum(effect.value[few.shown]) + rest[1][0] == pytest.approx(1.0)
    assert {one for made in words.others(few) for one in made.column("key")} == set(FEW) - set(own)
    assert f"{rest[0]}: " in " ".join(words.sentences(few))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("sensitivity.outcome=joind", "sensitivity.outcome=joind: allowed is one of joined"),
        ("sensitivity.outcome=scrapped_month", "sensitivity.outcome=scrapped_month: allowed is "),
        ("sensitivity.outcome=parameter_pace", "sensitivity.outcome=parameter_pace: allowed is "),
        ("sensitivity.outcome=served target=9", "with target= it is the chance of the target"),
        ("sensitivity.runs=100", "sensitivity.runs=100: at least 4,758 runs are needed"),
        ("sensitivity.runs=4758 target=25", "sensitivity.runs=4758: luck accounts for so much"),
        ("sensitivity.runs=5000 target=9999", "target=9999: it is the same in all runs"),
        ("sensitivity.runs=0", "sensitivity.runs=0: allowed is 1 to"),
        ("sensitivity.levers.fee=[0,1]", "sensitivity.levers.fee=[0,1]: no such lever"),
        (
            "sensitivity.levers.pressure=[0,2]",
            "sensitivity.levers.pressure=[0,2]: allowed is 0 to 1",
        ),
        ("sensitivity.levers.pressure=[1,0]", "two numbers are needed, the lower first"),
        ("sensitivity.levers.pressure=0.5", "sensitivity.levers.pressure=0.5: "),
        ("sensitivity.levers.pressure=[0,1] levers.pressure=1", "it is held by levers"),
        ("runs=5", "uptake sensitivity does not read runs; of all inputs together: sensitivity"),
        ("sensitivity.outcome=grants_gbp sensitivity.runs=5000", "it is the same in all runs"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    uptake: Command, tmp_path: Path, typed: str, told: str
) -> None:
    """In one line, with exit code 2; nothing is left behind."""
    done = uptake("sensitivity", *typed.split(" "), "out=there")
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert not (tmp_path / "there").exists()


def test_a_folder_that_is_in_use_is_refused_before_any_run(uptake: Command, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    done = uptake("sensitivity", "out=.", "sensitivity.runs=100")
    assert done.returncode == 2
    assert "kept is there; an empty folder is needed" in done.stderr
    assert "runs" not in done.stderr


def test_a_parameter_alone_that_is_held_leaves_nothing(uptake: Command) -> None:
    done = uptake("sensitivity", *PRIOR, *holding())
    assert done.returncode == 2
    assert "nothing of this question is uncertain but luck" in done.stderr


def test_too_few_draws_are_refused() -> None:
    asked = case("draws=again")
    assert asked.posterior is not None
    rows = asked.posterior.draws[:60].view(np.recarray)
    few = replace(asked, posterior=Posterior(rows, np.ones(60)))
    with pytest.raises(up.InputError, match="59 draws do not tell how 56 inputs are correlated"):
        inputs_of(few)


def test_the_command_writes_what_it_says(uptake: Command, tmp_path: Path) -> None:
    """Sentences, table, figure, report; Python gives the same numbers."""
    typed = [*PRIOR, *holding(*FEW), "sensitivity.runs=7000"]
    done = uptake("sensitivity", *typed, "figures=true", "out=there")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "there"
    assert {one.name for one in folder.iterdir()} == {
        "sensitivity.png", "sensitivity.svg", "report.html", "provenance.json", "summary.json"
    }  # fmt: skip
    made = json.loads((folder / "summary.json").read_text())
    told = made["sensitivity"]
    assert made["runs"] == 7000
    assert told["outcome"] == "joined"
    assert sum(one["effect"] for one in told["factors"]) == pytest.approx(1.0)
    assert all(one["q05"] <= one["effect"] <= one["q95"] for one in told["factors"])
    assert 0.0 < told["luck_share"]["q05"] < told["luck_share"]["value"] < 1.0
    assert "Luck accounts for" in done.stdout
    assert "hazard of looking at the scheme" in (folder / "report.html").read_text()
    held = dict(line.split("=") for line in holding(*FEW))
    base = up.scenario("nhs_employers_2009").using(parameters="prior", fix="assumptions")
    scheme = base.set({key: float(value) for key, value in held.items()})
    found = scheme.sensitivity(runs=7000)
    assert {n: v[0] for n, v in found.effects.items()} == {
        one["name"]: one["effect"] for one in told["factors"]
    }
    assert found.luck[0] == told["luck_share"]["value"]
    assert found.text.splitlines()[0] in done.stdout.replace("\n", " ") + found.text
    assert "sensitivity.png" in {one.name for one in found.report(tmp_path / "again").iterdir()}
    assert found.table.column("key")[0] == "attention_per_month"
    with pytest.raises(up.InputError, match=r"sensitivity\.levers\.pressure"):
        scheme.sensitivity(levers={"pressure": (0, 2)})
