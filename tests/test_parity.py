"""Two schedulers, one trajectory: Mesa, compiled and uncompiled runs agree to the bit."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import episode, parameters
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from test_conservation import EPISODES, passed
from uptake.cli.arguments import configuration
from uptake.config.case import assemble
from uptake.config.schema import lever_meanings
from uptake.engine.compiled import Chunk, run_chunk, simulate
from uptake.engine.mesa import SharedServiceModel
from uptake.model._jit import Records, word
from uptake.model.entities import CONDITIONAL, DECLINED, IDLE, LEFT, NEVER, OPEN_FOR_ALL
from uptake.model.episode import NATION, PROFESSION, REGION_ONLY, Episode
from uptake.model.levers import AT_LAUNCH, IMPULSES
from uptake.model.month import Month, terms
from uptake.model.observation import OUTCOMES, observe_run
from uptake.model.parameters import PARAMETER_NAMES, from_prior
from uptake.model.processes.members import utility_of_staying
from uptake.model.processes.trusts import prospect
from uptake.model.rules.trusts import misfit, upfront_cost

MEANINGS = lever_meanings()
SCENARIOS = sorted(path.stem for path in (ROOT / "configs" / "scenario").glob("*.yaml"))
STRUCTURES = sorted(path.stem for path in (ROOT / "configs" / "structure").glob("*.yaml"))


TOPS = {
    "upfront_fee_gbp": 2e5, "grant_gbp": 2e5, "yearly_fee_gbp": 2e5, "offset_gbp": 1e6,
    "programme_cost_gbp": 1e6, "news_weight": 50.0, "benchmark_weight": 50.0,
    "target_joined": 60.0, "review_month": 14.0, "assessment_month": 14.0, "term_years": 2.0,
    "deadline_month": 20.0, "pathfinders": 5.0, "incident_provider": 3.0, "in_house": 2.0,
    "service_month": 10.0, "opens_month": 6.0, "waves_per_month": 4.0, "migration_months": 12.0,
    "scrap_below_served": 20.0, "scrap_above_cost_gbp": 1e7, "damage_provider": 3.0,
}  # fmt: skip


def levers() -> st.SearchStrategy[dict[str, float]]:
    """Return strategies for every lever, over its whole range but for money and months."""
    values: dict[str, st.SearchStrategy[float]] = {}
    for name, meaning in MEANINGS.items():
        top = TOPS.get(name, meaning.high)
        if meaning.whole:
            values[name] = st.integers(int(meaning.low), int(top)).map(float)
        else:
            ends = st.sampled_from([meaning.low, meaning.neutral, min(top, meaning.high)])
            values[name] = st.one_of(ends, st.floats(meaning.low, top))
    return st.fixed_dictionaries(values)


def behaviours() -> st.SearchStrategy[dict[str, float]]:
    """Return strategies for every parameter."""
    positive = st.floats(0.01, 3.0)
    return st.fixed_dictionaries(
        dict.fromkeys(PARAMETER_NAMES, positive)
        | {
            "sovereignty": st.floats(0.0, 6.0),
            "stakes_attention": st.floats(0.0, 20.0),
            "believed_saving_share": st.floats(-0.1, 0.3),
            "realised_saving_share": st.floats(-0.1, 0.3),
            "cashable_share": st.floats(0.0, 1.0),
            "reporting_probability": st.floats(0.0, 1.0),
        }
    )


def offers() -> st.SearchStrategy[list[dict[str, float]]]:
    """Return strategies for one to four providers, the first of them open at the launch."""
    share = st.floats(0.0, 1.0)
    offer = st.fixed_dictionaries(
        {
            "public_share": share,
            "quality": share,
            "quality_sd": st.floats(0.0, 0.3),
            "capacity": st.sampled_from([1.0, 5.0, np.inf]),
            "parent_income_gbp": st.sampled_from([1e4, 1e7, np.inf]),
            "parent_dependence_share": share,
            "enters_later": st.sampled_from([0.0, 1.0]),
            "entry_month": st.sampled_from([0.0, 4.0]),
            "running_cost_share": st.floats(0.0, 1.5),
            "fixed_cost_gbp": st.sampled_from([0.0, 1e6]),
            "planned_spend_gbp": st.sampled_from([0.0, 1e7]),
            "ramp_months": st.sampled_from([0.0, 6.0]),
        }
    )
    return st.lists(offer, min_size=1, max_size=4).map(
        lambda o: [o[0] | {"enters_later": 0.0}, *o[1:]]
    )


def same_in_mesa(case: Episode, design: Records, chunk: Chunk, seed: int) -> None:
    """Assert that Mesa's run of every row of a design is the compiled one: all that is observed."""
    for run in range(len(design)):
        model = SharedServiceModel(case, design[run], seed, run)
        while model.running:
            model.step()
        np.testing.assert_array_equal(model.curves, chunk.curves[run])
        outcome = np.zeros(1, OUTCOMES).view(np.recarray)
        by_kind, by_size = np.zeros_like(chunk.by_kind[run]), np.zeros_like(chunk.by_size[run])
        trusts = len(model.trusts)
        observe_run(model.state, trusts, model.episode, model.curves, outcome[0], by_kind, by_size)
        np.testing.assert_array_equal(by_kind, chunk.by_kind[run])
        np.testing.assert_array_equal(by_size, chunk.by_size[run])
        for name in (OUTCOMES.names or ())[1:]:
            assert outcome[name][0] == chunk.outcomes[name][run], name


@settings(max_examples=60, derandomize=True)
@given(
    levers=levers(),
    behaviour=behaviours(),
    later=levers(),
    month=st.integers(1, 12),
    peers=st.sampled_from([NATION, REGION_ONLY, PROFESSION]),
    switches=st.tuples(*[st.sampled_from([0.0, 1.0])] * 3),
    approached=st.tuples(st.integers(1, 20), st.integers(20, 24)),
    offered=offers(),
    seed=st.integers(0, 2**63 - 1),
)
def test_mesa_is_the_compiled_engine_to_the_bit(
    levers: Any,
    behaviour: dict[str, float],
    later: dict[str, float],
    month: int,
    peers: int,
    switches: tuple[float, float, float],
    approached: tuple[int, int],
    offered: list[dict[str, float]],
    seed: int,
) -> None:
    """Whatever the levers, timeline, behaviour, structure, providers, number approached, seed."""
    names = ("taste", "evidence_shared", "declined_report_interest")
    structure = {"peers": float(peers)} | dict(zip(names, switches, strict=True))
    moved = {name: value for name, value in later.items() if name not in AT_LAUNCH}
    case = episode(
        trusts=24,
        months=15,
        approached=approached,
        changes=[(month, moved)],
        structure=structure,
        offers=offered,
        **levers,
    )
    design = parameters(2, **behaviour)
    chunk = run_chunk(case, lambda first, runs: design[first : first + runs], seed, 0, 2)
    same_in_mesa(case, design, chunk, seed)


def pairs() -> list[Any]:
    """Return every episode under every structure: under the default and one other, or slow."""
    others = [name for name in STRUCTURES if name != "default"]
    return [
        pytest.param(
            scenario,
            structure,
            marks=[] if structure in ("default", others[at % len(others)]) else pytest.mark.slow,
        )
        for at, scenario in enumerate(SCENARIOS)
        for structure in STRUCTURES
    ]


@pytest.mark.parametrize(("scenario", "structure"), pairs())
def test_every_episode_under_every_structure_is_the_same_in_mesa(
    scenario: str, structure: str
) -> None:
    """As it was, and with some levers held at random, over draws from the prior."""
    luck = random.Random(f"{scenario} {structure}")
    asked = [f"scenario={scenario}", f"structure={structure}", "population.approached=30"]
    asked += ["parameters=prior"]
    held = luck.sample(sorted(set(MEANINGS) - set(IMPULSES)), 12)
    for levers_held in ([], held):
        overrides = list(asked)
        for name in levers_held:
            meaning = MEANINGS[name]
            value = luck.uniform(meaning.low, TOPS.get(name, meaning.high))
            overrides.append(f"levers.{name}={round(value) if meaning.whole else value}")
        config = configuration("run", overrides)
        assert config is not None
        case = assemble(config)
        design = from_prior(case.priors, 3, 0, 2)
        chunk = run_chunk(case.episode, partial(from_prior, case.priors, 3), 3, 0, 2)
        same_in_mesa(case.episode, design, chunk, 3)


def test_a_plan_obliges_from_its_month_on() -> None:
    """Also the first of all: the scheduler must not pass by who is obliged by this month's vote."""
    case = episode(40, 20, 1, quorum_share=0.05, binding=1.0)
    design = parameters(4, attention_per_month=0.05)
    chunk = run_chunk(case, lambda first, runs: design[first : first + runs], 1, 0, 4)
    same_in_mesa(case, design, chunk, 1)
    planned, joined = chunk.curves["regions_planned"], chunk.curves["joined"]
    assert np.all(planned[:, -1] == 1)
    assert np.array_equal(joined == 40, planned == 1)


BOUNDED = ("unpriced", "national", "regional", "aligning", "market", "stranded", "voting", "staged")


def bounds_kept(name: str) -> tuple[int, int]:
    """Assert that the bounds hold in every month of an episode; return how often they bite."""
    beyond = below = 0
    sector, structure, key = EPISODES[name].sector[0], EPISODES[name].structure[0], word(0)
    for number, levers, behaviour, before, after in passed(name):
        month = Month(
            number, levers, structure, sector, behaviour, terms(levers, sector, number), key
        )
        # What decisions went by in the month is still there at its end, but for this.
        sides, centre = after.providers.copy(), after.centre[0]
        for field in ("status", "fixed_cost_gbp"):
            sides[field] = before.providers[field]
        for trust in before.trusts[number % 4 :: 4]:
            peers = after.peers[trust.peers]
            if trust.stage in (IDLE, DECLINED, LEFT):
                trust = trust.copy()
                trust.hurried = 0
                against = upfront_cost(trust, levers, behaviour) + misfit(trust, levers, behaviour)
                assert peers.reach[trust.stage] in (peers.best_utility, np.inf)
                for side in sides[np.isin(sides["status"], (OPEN_FOR_ALL, CONDITIONAL))]:
                    would = prospect(trust, peers, side, centre, 0.0, month).utility
                    assert would + against <= peers.best_utility
                    beyond += 1
            elif trust.work_month != NEVER and peers.reach[trust.stage] < np.inf:
                side = sides[trust.provider]
                stays = utility_of_staying(trust, peers, side, centre, float(trust.work), month)
                assert -stays - misfit(trust, levers, behaviour) <= peers.reach[trust.stage]
                below += 1
    return beyond, below


def test_who_is_passed_by_would_have_done_nothing() -> None:
    """What the compiled scheduler leaves out changes nothing, as both of its bounds hold.

    No trust would open a case, with any provider, whose taste is beyond the ceiling of its peers;
    and none that is served would leave whose taste is below their floor.
    """
    bites = np.sum([bounds_kept(name) for name in BOUNDED], axis=0)
    assert np.all(bites > 500), bites


def test_threads_and_chunks_do_not_matter() -> None:
    """One thread, three threads, and one run at a time give the same bytes."""
    case = episode(trusts=40, months=12, exit_freedom=1.0, upfront_fee_gbp=35000.0)

    def design(first: int, runs: int) -> Records:
        return parameters(runs, attention_per_month=0.05 + 0.01 * np.arange(first, first + runs))

    def digest(chunks: list[Chunk]) -> str:
        fields = zip(*chunks, strict=True)
        return hashlib.sha256(b"".join(np.concatenate(f).tobytes() for f in fields)).hexdigest()

    one = digest(list(simulate(case, design, 120, 7, threads=1)))
    assert one == digest(list(simulate(case, design, 120, 7, threads=3)))
    assert one == digest([run_chunk(case, design, 7, run, 1) for run in range(120)])
    assert one != digest(list(simulate(case, design, 120, 8, threads=3)))


UNCOMPILED = """
import hashlib
from building import episode, parameters
from uptake.model._jit import Records, COMPILED
from uptake.engine.compiled import run_chunk
from uptake.config.compose import Question
case = episode(trusts=30, months=30, approached=(20, 28), exit_freedom=0.5, upfront_fee_gbp=35000.0,
               news_weight=3.0, pressure=0.4, budget_squeeze=0.2, legal_risk_per_year=0.1,
               misfit=1.0, term_years=1.0, yearly_fee_gbp=5000.0, quorum_share=0.2, staged=1.0,
               share_replaced=0.5, discount_share=0.3, cost_shared=0.4, waves_per_month=2.0,
               funded=0.2, sanction_share=0.1, deadline_month=13.0, binding=0.3,
               benchmark_weight=5.0, price_cut_share=0.3, merger=1.0,
               assessment_month=9, assessment_bar=0.6, professions_lead=0.2, pathfinders=1,
               offers=[{"quality": 0.8, "quality_sd": 0.2, "fixed_cost_gbp": 1e5},
                       {"public_share": 0.2},
                       {"quality": 0.7, "enters_later": 1.0, "public_share": 0.0}])
chunk = run_chunk(case, lambda first, runs: parameters(runs), 11, 0, 6)
names = [n for n in chunk.outcomes.dtype.names]
text = "".join(repr(chunk.outcomes[n].tolist()) for n in names) + repr(chunk.curves.tolist())
# One with assumptions, which are drawn; and with draws of a history, which keep their luck.
for asked in ("parameters=prior", "draws=happened"):
    case = Question(["scenario=nhs_employers_2009", asked]).case()
    text += repr(run_chunk(case.episode, case.design, 11, 0, 2).curves.tolist())
print(COMPILED, chunk.outcomes.joined.sum() > 0, hashlib.sha256(text.encode()).hexdigest())
"""


def test_the_compiler_does_not_matter() -> None:
    """With the compiler switched off, the same trajectories come out, to the bit."""
    tests = Path(__file__).parent
    said = {}
    for disabled in ("0", "1"):
        environment = os.environ | {
            "NUMBA_DISABLE_JIT": disabled,
            "PYTHONPATH": f"{tests.parent / 'sim'}{os.pathsep}{tests}",
        }
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", UNCOMPILED],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        said[disabled] = done.stdout.split()
    assert said["0"][0] == "True"
    assert said["1"][0] == "False"
    assert said["0"][1:] == said["1"][1:]
    assert said["0"][1] == "True"
