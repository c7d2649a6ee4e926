"""Assumptions are ranges: what is drawn, when, and what takes the place of a draw."""

from __future__ import annotations

from dataclasses import replace
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
    """Two numbers of one scenario have nothing to do with one another."""
    asked = case(*FEE)
    one, other = drawn(asked, "levers.upfront_fee_gbp"), drawn(asked, "sector.budget_share")
    assert abs(stats.spearmanr(one, other).statistic) < 4.5 / np.sqrt(RUNS)


def test_fixed_assumptions_are_their_values() -> None:
    """``fix=assumptions`` gives, bit for bit, what numbers without a range give."""
    ranged, fixed = case(*FEE), case(*FEE, "fix=assumptions")
    nothing = ranged.episode.cells[:0]
    plain = replace(ranged, episode=ranged.episode._replace(cells=nothing))
    assert (run(plain).chunk.outcomes == run(fixed).chunk.outcomes).all()
    assert (run(ranged).chunk.outcomes != run(fixed).chunk.outcomes).any()
    assert not fixed.assumptions


def typed(case: Case, number: int) -> list[str]:
    """Return what would be typed to hold every assumption at what a run draws."""
    said, medians = [], {}
    for one in case.assumptions:
        value = float(drawn(case, one.name, number + 1)[number])
        is_moved = one.name.startswith("timeline.")
        said.append(f"{one.name}={value!r}" if is_moved else f"scenario.{one.name}.value={value!r}")
        if one.name.endswith(".income_p50"):
            medians[one.name.split(".")[2]] = value / one.number.value
    for kind, factor in medians.items():
        facts = case.config.scenario.sector.kinds[kind]
        for name in ("income_p10", "income_p90"):
            at = getattr(facts, name).value * factor
            said.append(f"scenario.sector.kinds.{kind}.{name}.value={at!r}")
    return said


def test_each_draw_is_as_if_its_value_were_typed() -> None:
    """Whatever kind of number it is: run by run, a draw does what the value does by itself."""
    whole = case(*FEE)
    assert {one.name.partition(".")[0] for one in whole.assumptions} == {
        "levers", "timeline", "sector", "providers", "scope_share",
    }  # fmt: skip
    came = run(whole).chunk.outcomes
    for number in range(4):
        alone = case(*typed(whole, number))
        assert not alone.assumptions
        outcomes = run_numbered(
            alone.episode, alone.design(number, 1), alone.config.seed, np.array([number])
        ).outcomes
        for name in ("joined", "interested", "trusts_cost_gbp", "net_present_value_gbp"):
            assert outcomes[name][0] == pytest.approx(came[name][number], rel=1e-9), name


def test_a_number_that_is_typed_is_not_drawn() -> None:
    """A lever held, a fact corrected: a deed takes the place of a draw."""
    fee = "levers.upfront_fee_gbp"

    def is_drawn(asked: Case) -> bool:
        return fee in [one.name for one in asked.assumptions]

    ranged = case(*FEE)
    assert is_drawn(ranged)
    assert not is_drawn(case(*FEE, f"{fee}=20000"))
    assert not is_drawn(case(f"scenario.{fee}.value=20000"))
    held = ranged.overriding({"upfront_fee_gbp": 20_000.0})
    assert not is_drawn(held)
    assert len(held.episode.cells) == len(ranged.episode.cells) - 1
    assert is_drawn(held.overriding({}))


def test_a_range_that_is_typed_is_drawn_from() -> None:
    """A number typed with its ends has those, and one without them has none."""
    both = case(
        "scenario.sector.budget_share.low=0.0004", "scenario.sector.budget_share.high=0.0006"
    )
    shares = drawn(both, "sector.budget_share", 200)
    assert 0.0004 <= shares.min() < shares.max() <= 0.0006


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


def test_a_lever_has_one_draw_whatever_the_timeline_makes_of_it() -> None:
    """What goes up goes up in every draw; each value lasts until the next row."""
    asked = question("run", ["parameters=prior", "scenario=stp_back_office_2016"]).case()
    rows = [one for one in asked.assumptions if one.name.endswith(".pressure")]
    assert len(rows) > 1
    assert len({one.key for one in rows}) == 1
    assert len({one.key for one in asked.assumptions}) < len(asked.assumptions)
    row = [asked.assumptions.index(one) for one in rows]
    for key in asked.design(0, 200)["draw"]:
        values = [model.assumed_value(asked.episode.ranges[at], key) for at in row]
        shares = [
            np.interp(value, [*one.number.ends[:1], one.number.value, *one.number.ends[1:]],
                      [0.0, 0.5, 1.0])
            for one, value in zip(rows, values, strict=True)
            if one.number.ends and one.number.ends[0] < one.number.value < one.number.ends[1]
        ]  # fmt: skip
        assert np.ptp(shares) < 1e-9
        path = model.of_draw(asked.episode, int(key)).levers.pressure
        for one, value in zip(rows, values, strict=True):
            assert path[one.row] == path[min(one.last, len(path) - 1)] == value


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
             "scenario.approached.value=20", "scenario.observed.interested.fit=false"]  # fmt: skip
    asked = question("run", ["parameters=prior", *typed, "months=5"]).case()
    seen = dict(asked.observed)
    data = EpisodeData(asked, 0.1)
    variant = Variant("default", [asked], [data])
    problem = variant.problem(data, 1, None)
    effort = Effort(asked.config.calibration.matches, asked.config.calibration.most_runs)
    tolerances = (0.5, 0.1, 0.03, 0.0)  # so near by each that a twentieth meets the next
    state = run_chain(problem, Settings(60, tolerances, effort, most_moves=3), 1)
    made = np.zeros(len(state.particles.stream), PARAMETERS).view(np.recarray)
    made["draw"] = run_keys(1, state.particles.stream)
    ranges = asked.episode.ranges
    row = [one.name for one in asked.assumptions].index("approached")
    approached = {model.assumed_value(ranges[row], key) for key in made["draw"]}
    assert approached == {seen["joined"].value}
