"""Two schedulers, one trajectory: Mesa, compiled and uncompiled runs agree to the bit."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from building import episode, parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from sim._jit import Records
from sim.configuration import lever_meanings
from sim.inputs import NATION, REGION_ONLY, Episode
from sim.mesa_model import SharedServiceModel
from sim.parameters import PARAMETERS
from sim.sweep import Chunk, run_chunk, simulate

MEANINGS = lever_meanings()


def levers() -> st.SearchStrategy[dict[str, float]]:
    """Return strategies for every lever, over its whole range but for money and months."""
    tops = {"upfront_fee_gbp": 2e5, "grant_gbp": 2e5, "yearly_fee_gbp": 2e5, "news_weight": 50.0}
    tops |= {"target_joined": 60.0, "review_month": 14.0, "term_years": 2.0}
    values: dict[str, st.SearchStrategy[float]] = {}
    for name, meaning in MEANINGS.items():
        ends = st.sampled_from([meaning.low, tops.get(name, meaning.high)])
        inside = st.floats(meaning.low, tops.get(name, meaning.high))
        values[name] = st.one_of(ends, inside)
    values["review_month"] = st.integers(0, 14).map(float)
    return st.fixed_dictionaries(values)


def behaviours() -> st.SearchStrategy[dict[str, float]]:
    """Return strategies for every parameter."""
    positive = st.floats(0.01, 3.0)
    return st.fixed_dictionaries(
        dict.fromkeys(PARAMETERS.names or (), positive)
        | {
            "sovereignty": st.floats(-3.0, 6.0),
            "believed_saving_share": st.floats(-0.1, 0.3),
            "realised_saving_share": st.floats(-0.1, 0.3),
            "cashable_share": st.floats(0.0, 1.0),
            "reporting_probability": st.floats(0.0, 1.0),
        }
    )


def same_in_mesa(case: Episode, design: Records, chunk: Chunk, seed: int) -> None:
    """Assert that Mesa's run of every row of a design is the compiled one."""
    for run in range(len(design)):
        model = SharedServiceModel(case, design[run], seed, run)
        while model.running:
            model.step()
        np.testing.assert_array_equal(model.curves, chunk.curves[run])
        outcome: Any = chunk.outcomes[run]
        saved = sum(int(region.record.realised_saving_gbp) for region in model.regions)
        assert saved == outcome.realised_saving_gbp
        provider = model.provider.record
        loss = provider.invested_gbp + provider.committed_gbp - provider.revenue_gbp
        assert loss == outcome.provider_loss_gbp
        assert model.centre.record.grants_gbp == outcome.grants_gbp


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    levers=levers(),
    behaviour=behaviours(),
    later=levers(),
    month=st.integers(1, 12),
    peers=st.sampled_from([NATION, REGION_ONLY]),
    switches=st.tuples(*[st.sampled_from([0.0, 1.0])] * 3),
    approached=st.tuples(st.integers(1, 20), st.integers(20, 24)),
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
    seed: int,
) -> None:
    """Whatever the levers, timeline, behaviour, structure, number approached and seed."""
    names = ("pressure_on_attention", "evidence_shared", "declined_report_interest")
    structure = {"peers": float(peers)} | dict(zip(names, switches, strict=True))
    case = episode(
        trusts=24,
        months=15,
        approached=approached,
        changes=[(month, later)],
        structure=structure,
        **levers,
    )
    design = parameters(2, **behaviour)
    chunk = run_chunk(case, lambda first, runs: design[first : first + runs], seed, 0, 2)
    same_in_mesa(case, design, chunk, seed)


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
from sim._jit import Records, COMPILED
from sim.sweep import run_chunk
case = episode(trusts=30, months=30, approached=(20, 28), exit_freedom=0.5, upfront_fee_gbp=35000.0,
               news_weight=3.0, pressure=0.4, budget_squeeze=0.2, legal_risk_per_year=0.1,
               misfit=1.0, term_years=1.0, yearly_fee_gbp=5000.0)
chunk = run_chunk(case, lambda first, runs: parameters(runs), 11, 0, 6)
names = [n for n in chunk.outcomes.dtype.names]
text = "".join(repr(chunk.outcomes[n].tolist()) for n in names) + repr(chunk.curves.tolist())
print(COMPILED, chunk.outcomes.joined.sum() > 0, hashlib.sha256(text.encode()).hexdigest())
"""


def test_the_compiler_does_not_matter() -> None:
    """With the compiler switched off, the same trajectories come out, to the bit."""
    tests = Path(__file__).parent
    said = {}
    for disabled in ("0", "1"):
        environment = os.environ | {
            "NUMBA_DISABLE_JIT": disabled,
            "PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}",
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
