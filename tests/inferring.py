"""For the tests of calibration: random numbers, chains side by side, a case of 40 trusts."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats
from uptake.cli.arguments import question
from uptake.config.case import Case, assemble
from uptake.config.schema import Finding, Observation, Quantity
from uptake.engine import executors
from uptake.inference.chain import Problem, Settings, State
from uptake.inference.data import EpisodeData
from uptake.inference.likelihood import Floats, Integers, Simulated
from uptake.inference.smc import run_chain
from uptake.model import draws
from uptake.model._jit import njit

_STREAM = 999  # of no purpose within the package


def plain(apart: Any) -> Simulated:
    """Return runs with one reading each, of which all else is as it was reported."""
    count = len(apart)
    return Simulated(
        np.asarray(apart, float).reshape(count, 1), np.ones(count), np.full(count, 0.5)
    )


@njit
def uniforms(numbers: Any, seed: int, entity: int) -> Any:
    """Return a random number for each numbered run, whatever the other runs are."""
    out = np.empty(len(numbers))
    for i in range(len(numbers)):
        out[i] = draws.uniform(seed, _STREAM, numbers[i], entity, 0)
    return out


@njit
def binomials(uniform: Any, trials: int, shares: Any) -> Any:
    """Return binomial quantiles, shape (rows,): of each row's number, at a share of its own."""
    out = np.empty(len(uniform), np.int64)
    for i in range(len(uniform)):
        share = min(shares[i], 1.0 - shares[i])
        count, weight = 0, (1.0 - share) ** trials
        below = weight
        while below < uniform[i] and count < trials:
            weight *= (trials - count) / (count + 1) * share / (1.0 - share)
            below += weight
            count += 1
        out[i] = count if share == shares[i] else trials - count
    return out


def normals(numbers: Integers, seed: int, count: int) -> Floats:
    """Return so many standard normal numbers a run, shape (runs, count)."""
    columns = [special.ndtri(uniforms(numbers, seed, entity)) for entity in range(count)]
    return np.column_stack(columns)


def chains(problem: Problem, settings: Settings, seeds: Iterable[int]) -> list[State]:
    """Return chains that share nothing but their question, on two threads."""
    with executors.threads(2) as run:
        return [state for _, state in run(lambda seed: run_chain(problem, settings, seed), seeds)]


def p_of_mean(found: Any, known: float) -> float:
    """Return the p-value of independent results having the known mean (Student's t)."""
    return float(stats.ttest_1samp(np.asarray(found), known).pvalue)


@cache
def small_case(trusts: int, *overrides: str) -> Case:
    """Return the episode of 2009 with few trusts under full pressure, so that some join."""
    usual = ["scenario=nhs_employers_2009", "parameters=prior", "levers.pressure=1"]
    asked = [*usual, f"population.approached={trusts}", *overrides]
    return assemble(question("run", asked).configuration())


def reported(
    case: Case, counts: dict[str, int], declined: bool, error_rate: float, at_least: int = 2
) -> EpisodeData:
    """Return data: counts at the end, and of so many having declined, or of fewer."""
    config, month = copy(case.config), case.months
    config.scenario = copy(config.scenario)
    config.scenario.observed = {
        name: [Observation(value, "trusts", "test", month=month, fit=True)]
        for name, value in counts.items()
    }
    finding = Finding("test", "test", than=Quantity(at_least, "trusts", "test"))
    setattr(finding, "larger" if declined else "smaller", "declined")
    config.scenario.findings = [finding]
    return EpisodeData(replace(case, config=config), error_rate)


def rank(rng: np.random.Generator, among: NDArray[Any], of: float) -> int:
    """Return how many values are less than one; ties are broken at random."""
    return int((among < of).sum() + rng.integers(0, (among == of).sum() + 1))
