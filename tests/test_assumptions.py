"""Assumptions are ranges: what is drawn, when, and what takes the place of a draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from uptake.cli.arguments import question
from uptake.config.case import Case
from uptake.engine.compiled import run_chunk, run_numbered
from uptake.engine.mesa import SharedServiceModel
from uptake.inference.chain import Settings
from uptake.inference.data import EpisodeData
from uptake.inference.fit import Variant
from uptake.inference.likelihood import Effort
from uptake.inference.smc import run_chain
from uptake.model import assumptions as model
from uptake.model.draws import run_keys
from uptake.model.episode import RANGE
from uptake.model.parameters import PARAMETERS, Posterior, from_prior
from uptake.results.runs import run

RUNS = 4000
TYPED = ["parameters=prior", "population.approached=20", "months=6", "runs=40"]
FEE = ["scenario.levers.upfront_fee_gbp.low=1000", "scenario.levers.upfront_fee_gbp.high=95000"]


def case(*typed: str) -> Case:
    """Return the membership scheme with what was typed; no number of it is drawn by itself."""
    return question("run", [*TYPED, *typed]).case()


def ranged(**values: float) -> Any:
    """Return a range from 1 to 9 with the middle at 3, changed as given."""
    one = np.zeros(1, RANGE).view(np.recarray)
    for name, value in ({"low": 1.0, "middle": 3.0, "high": 9.0} | values).items():
        one[name] = value
    return one[0]


def drawn(case: Case, name: str, runs: int = RUNS) -> Any:
    """Return an assumption's values over the runs of a case."""
    row = [one.name for one in case.assumptions].index(name)
    return model.assumed_values(case.episode.ranges[row], case.design(0, runs)["draw"])


@pytest.mark.parametrize(
    ("share", "value"), [(0, 1), (0.25, 2), (0.5, 3), (0.75, 6), (0.9, 7.8), (1, 9)]
)
def test_half_of_the_draws_lie_below_the_middle(share: float, value: float) -> None:
    """A draw is uniform on either side of the middle, with half of the chance each."""
    assert model.value_in(ranged(), share) == pytest.approx(value)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    ends=st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3).map(sorted), share=st.floats(0, 1)
)
def test_a_draw_lies_within_its_range(ends: list[float], share: float) -> None:
    """Whatever the range, and whichever the share, up to rounding."""
    one = ranged(low=ends[0], middle=ends[1], high=ends[2])
    room = 1e-9 * max(map(abs, ends))
    assert ends[0] - room <= model.value_in(one, share) <= ends[2] + room


def test_what_is_whole_stays_whole() -> None:
    """A number of months is drawn as one."""
    found = {model.value_in(ranged(whole=1.0), share) for share in np.linspace(0, 1, 400)}
    assert found == set(range(1, 10))


def test_draws_have_the_distribution_of_the_range() -> None:
    """Of 4,000 runs half are below the fee asked, and each half is spread evenly."""
    fees = drawn(case(*FEE), "levers.upfront_fee_gbp")
    below = fees < 35_000
    assert stats.binomtest(int(below.sum()), RUNS, 0.5).pvalue > 1e-6
    assert stats.kstest(fees[below], stats.uniform(1_000, 34_000).cdf).pvalue > 1e-6
    assert stats.kstest(fees[~below], stats.uniform(35_000, 60_000).cdf).pvalue > 1e-6


def test_two_assumptions_are_drawn_apart() -> None:
    """Two numbers of one scenario, and the same number of two scenarios, are not alike."""
    budget = ["scenario.sector.budget_share.low=0.0001", "scenario.sector.budget_share.high=0.001"]
    both = case(*FEE, *budget)
    one, other = drawn(both, "levers.upfront_fee_gbp"), drawn(both, "sector.budget_share")
    assert abs(stats.spearmanr(one, other).statistic) < 4.5 / np.sqrt(RUNS)
    named = case(*FEE) if False else both
    assert named.episode.ranges[0].key != named.episode.ranges[1].key


def test_fixed_assumptions_are_their_values() -> None:
    """``fix=assumptions`` gives, bit for bit, what numbers without a range give."""
    plain, fixed = run(case()), run(case(*FEE, "fix=assumptions"))
    assert (plain.chunk.outcomes == fixed.chunk.outcomes).all()
    assert not case(*FEE, "fix=assumptions").assumptions
    assert (run(case(*FEE)).chunk.outcomes != plain.chunk.outcomes).any()


def test_each_draw_is_as_if_its_value_were_typed() -> None:
    """Whatever kind of number it is: run by run, a draw does what the value does by itself."""
    keys = {
        "scenario.levers.upfront_fee_gbp": (1000, 95000),
        "scenario.sector.budget_share": (0.0001, 0.001),
        "scenario.sector.kinds.acute.income_p50": (200e6, 300e6),
        "scenario.providers.nhs_employers.quality": (0.5, 1.0),
        "scenario.scope_share": (0.01, 0.2),
    }
    ends = [
        f"{key}.{end}={at}"
        for key, two in keys.items()
        for end, at in zip(("low", "high"), two, strict=True)
    ]
    whole = case(*ends)
    names = {f"scenario.{one.name}": one.name for one in whole.assumptions}
    assert names.keys() == keys.keys()
    came = run(whole).chunk.outcomes
    for number in range(4):
        values = {key: float(drawn(whole, names[key], 5)[number]) for key in keys}
        income = values["scenario.sector.kinds.acute.income_p50"] / 248e6
        said = [f"{key}.value={value!r}" for key, value in values.items()]
        said += [
            f"scenario.sector.kinds.acute.income_{one}.value={at * income!r}"
            for one, at in (("p10", 123e6), ("p90", 557e6))
        ]
        alone = case(*said)
        outcomes = run_numbered(
            alone.episode, alone.design(number, 1), alone.config.seed, np.array([number])
        ).outcomes
        for name in ("joined", "interested", "trusts_cost_gbp", "net_present_value_gbp"):
            assert outcomes[name][0] == pytest.approx(came[name][number], rel=1e-9), name


def test_a_number_that_is_typed_is_not_drawn() -> None:
    """A lever held, a value of the timeline, a fact corrected: a deed takes the place of a draw."""
    assert not case(*FEE, "levers.upfront_fee_gbp=20000").assumptions
    assert not case(*FEE[:0], "scenario.levers.upfront_fee_gbp.value=20000").assumptions
    held = case(*FEE).overriding({"upfront_fee_gbp": 20_000.0})
    assert not held.assumptions
    assert not len(held.episode.cells)
    assert [one.name for one in held.overriding({}).assumptions] == ["levers.upfront_fee_gbp"]


def test_runs_keep_their_draws_when_a_policy_changes() -> None:
    """Two policies are compared on the same assumptions, run by run."""
    fees = drawn(case(*FEE), "levers.upfront_fee_gbp", 50)
    other = drawn(case(*FEE, "levers.pressure=1"), "levers.upfront_fee_gbp", 50)
    assert (fees == other).all()


def test_a_draw_of_behaviour_keeps_its_assumptions() -> None:
    """Whatever the seed and the run, draws from a posterior bring their own."""
    asked = case(*FEE)
    made = from_prior(asked.priors, 3, 0, 10)
    posterior = Posterior(made, np.ones(10))
    one, other = posterior.of_runs(1, 0, 200), posterior.of_runs(2, 500, 200)
    of = {key: {float(v) for v in found["attention_per_month"][found["draw"] == key]}
          for found in (one, other) for key in found["draw"]}  # fmt: skip
    assert len(of) == 10
    assert all(len(values) == 1 for values in of.values())


def test_events_are_drawn_by_themselves() -> None:
    """A lever that the timeline moves has a draw until then and one from the event's month on."""
    typed = ["scenario=cabinet_office_2012", "months=40", *(
        f"scenario.levers.mandate.{end}={at}" for end, at in (("low", 0.2), ("high", 0.9))
    )]  # fmt: skip
    asked = question("run", [*TYPED[:1], *typed]).case()
    (one,) = [one for one in asked.assumptions if one.name == "levers.mandate"]
    assert (one.row, one.last) == (0, 17), "until nobody held departments to their slots"
    path = model.of_draw(asked.episode, 12345).levers
    assert 0.2 <= path.mandate[0] == path.mandate[17] <= 0.9
    assert path.mandate[18] == path.mandate[40] == 0.0


def test_a_number_approached_is_drawn() -> None:
    """As many trusts take part as the draw says, if nobody says how many."""
    typed = ["scenario.approached.low=100", "scenario.approached.high=260", "runs=300"]
    asked = question("run", [TYPED[0], "months=1", *typed]).case()
    approached = drawn(asked, "approached", 300)
    runs = run(asked)
    by_kind = runs.chunk.by_kind[:, :, 0].sum(axis=1)
    assert (by_kind == approached).all()
    assert len(set(by_kind)) > 100
    said = question("run", [TYPED[0], *typed, "population.approached=50"]).case()
    assert "approached" not in [one.name for one in said.assumptions]


def test_mesa_draws_the_same() -> None:
    """A run in Mesa has the assumptions of the compiled one."""
    asked = case(*FEE, "scenario.sector.budget_share.low=0.0001",
                 "scenario.sector.budget_share.high=0.002")  # fmt: skip
    chunk = run_chunk(asked.episode, asked.design, asked.config.seed, 0, 6)
    for number in range(6):
        one = SharedServiceModel(asked.episode, asked.design(number, 1)[0], 1, number)
        while one.running:
            one.step()
        np.testing.assert_array_equal(one.curves, chunk.curves[number])


def test_inference_keeps_what_was_assumed() -> None:
    """Draws say under which assumption the count was met: here it says all.

    Everybody signs at once, so that the number approached is the number that joins.
    """
    typed = ["levers.mandate=1", "scenario.approached.low=10", "scenario.approached.high=30",
             "scenario.approached.value=20", "scenario.observed.interested.fit=none"]  # fmt: skip
    asked = question("run", ["parameters=prior", *typed, "months=5"]).case()
    seen = dict(asked.observed)
    data = EpisodeData(asked, 0.1)
    variant = Variant("default", [asked], [data])
    problem = variant.problem(1, 1, None)
    effort = Effort(asked.config.calibration.matches, asked.config.calibration.most_runs)
    state = run_chain(problem, Settings(60, (8.0, 0.0), effort, most_moves=3), 1)
    made = np.zeros(len(state.particles.stream), PARAMETERS).view(np.recarray)
    made["draw"] = run_keys(1, state.particles.stream)
    ranges = asked.episode.ranges
    row = [one.name for one in asked.assumptions].index("approached")
    approached = {model.assumed_value(ranges[row], key) for key in made["draw"]}
    assert approached == {seen["joined"].value}
