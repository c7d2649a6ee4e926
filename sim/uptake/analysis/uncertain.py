"""What is uncertain about a question: where it is reached, where it pays, what is worth knowing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.draws import Draws
from uptake.analysis.information import Information, information
from uptake.analysis.options import Options
from uptake.analysis.prim import Box, box
from uptake.analysis.switching import Switch, of_factors
from uptake.config.case import Case
from uptake.model.assumptions import assumed_values
from uptake.model.parameters import free

Floats = NDArray[np.float64]
PARAMETER, ASSUMPTION = "parameter_", "assumption_"


@dataclass(frozen=True)
class Factors:
    """What differs between the runs of a case, a row a draw: all runs of a draw have the same."""

    draws: Draws
    columns: Mapping[str, Floats]  # (draws,) by name: parameter_NAME or assumption_KEY


def varying_of(case: Case) -> Factors:
    """Return what differs between the runs of a case."""
    drawn = case.design(0, case.config.runs)
    _, first = np.unique(np.asarray(drawn["draw"]), return_index=True)
    rows = drawn[first]
    columns = {f"{PARAMETER}{name}": np.asarray(rows[name], float) for name in free(case.priors)}
    keys = np.ascontiguousarray(rows["draw"])
    for i, one in enumerate(case.assumptions):
        values = assumed_values(case.episode.ranges[i], keys)
        columns.setdefault(f"{ASSUMPTION}{one.key}", np.asarray(values, float))
    varying = {name: one for name, one in columns.items() if np.ptp(one) > 0.0}
    return Factors(Draws.keyed(drawn["draw"]), varying)


@dataclass(frozen=True)
class Uncertain:
    """What is uncertain about a question, and what it does."""

    factors: Factors
    reaches: bool  # whether the box is of runs that reach the target; else of those that miss it
    box: Box | None
    switches: Mapping[str, Switch]  # where the expected worth changes its sign, by factor
    known: Information


def uncertain(case: Case, options: Options) -> Uncertain:
    """Return where runs reach or miss a target, where it pays, and what is worth knowing.

    The box is of the runs that are fewer: those that reach the target, or those that miss it.
    """
    held, factors = next(iter(options.by_structure.values())), varying_of(case)
    seed, met = case.config.seed, held.met[0]
    reaches = bool(met.mean() <= 0.5)
    draws = factors.draws
    found = box(factors.columns, draws.mean(met if reaches else 1.0 - met), draws.counts, seed)
    worth = draws.mean(held.worth.T)
    switches = of_factors(factors.columns, worth[:, 0], draws.counts, seed)
    known = information(worth, factors.columns, draws.counts, seed)
    return Uncertain(factors, reaches, found, switches, known)
