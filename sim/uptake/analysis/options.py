"""Named options against structures and draws: outcome, worth, chance and regret of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.draws import Draws
from uptake.analysis.points import COSTS, WORTH
from uptake.analysis.regret import Minimax, minimax, regret
from uptake.config.case import Case
from uptake.config.decisions import NOT_AT_ALL, options_of
from uptake.config.target import Target
from uptake.results.runs import run

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Held:
    """What options come to under a structure, run by run; (options, runs) each."""

    outcome: Floats
    met: Floats  # 1 where the target is reached
    worth: Floats  # net present value, GBP
    paid: Floats  # (options, 3): what bodies, centre and providers pay on average, net, GBP
    draws: Draws
    scrapped: float  # share of the runs as it is that a review scraps

    @cached_property
    def regret(self) -> Floats:
        """Return by how much each falls short of the best in each run, GBP."""
        return regret(self.worth)


@dataclass(frozen=True)
class Options:
    """Options held against one another, under one structure or more: first the question's own."""

    names: tuple[str, ...]
    levers: Mapping[str, Mapping[str, float | None]]
    by_structure: Mapping[str, Held]

    @property
    def least_regret(self) -> Minimax:
        """Return the option whose largest mean regret over structures is the least."""
        means = {name: held.regret.mean(axis=1) for name, held in self.by_structure.items()}
        return minimax(self.names, means)


def _held(case: Case, options: Mapping[str, Mapping[str, float | None]], target: Target) -> Held:
    """Return what options come to under the structure of a case."""
    every = [
        run(case.asked({f"levers.{name}": value for name, value in levers.items()}))
        for levers in options.values()
    ]
    none = np.zeros(case.config.runs)  # not offered: nobody joins, nothing is spent
    outcome = np.array([*(np.asarray(one[target.outcome], float) for one in every), none])
    return Held(
        outcome,
        target.met(outcome),
        np.array([*(np.asarray(one[WORTH], float) for one in every), none]),
        np.array([*([float(one[name].mean()) for name in COSTS] for one in every), [0.0] * 3]),
        Draws.keyed(case.design(0, case.config.runs)["draw"]),
        float(every[0]["scrapped_share"].mean()),
    )


def compare(
    cases: Mapping[str, Case],
    target: Target,
    also: Mapping[str, Mapping[str, float | None]],
    advance: Callable[[int], object] = lambda _: None,
) -> Options:
    """Return what the options of a question come to under each structure.

    Parameters
    ----------
    cases
        The question under each structure, by its name; the first is the question's own.
    target
        What is to be reached.
    also
        Options beside those that are named and how it is.
    advance
        Is told of each structure that is done.
    """
    options, found = {**options_of(next(iter(cases.values()))), **also}, {}
    for name, case in cases.items():
        found[name] = _held(case, options, target)
        advance(1)
    return Options((*options, NOT_AT_ALL), {**options, NOT_AT_ALL: {}}, found)
