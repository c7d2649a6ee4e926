"""What is uncertain about a question: where it is reached, where it pays, what is worth knowing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.information import Information, information
from uptake.analysis.options import Options
from uptake.analysis.prim import Box, box
from uptake.analysis.switching import Switch, of_factor
from uptake.config.case import Case
from uptake.model.assumptions import assumed_values
from uptake.model.parameters import free

Floats = NDArray[np.float64]
PARAMETER, ASSUMPTION = "parameter_", "assumption_"


@dataclass(frozen=True)
class Factors:
    """What differs between the runs of a case, a row a draw: all runs of a draw have the same."""

    of: NDArray[np.int64]  # (runs,) the row of each run
    weights: Floats  # (rows,) runs of each
    columns: Mapping[str, Floats]  # (rows,) by name: parameter_NAME or assumption_KEY

    def mean(self, values: Floats) -> Floats:
        """Return the mean of each draw over its runs: of values, shape (runs, ...)."""
        found = np.zeros((len(self.weights), *values.shape[1:]))
        np.add.at(found, self.of, values)
        return found / self.weights.reshape(-1, *[1] * (values.ndim - 1))


def factors_of(case: Case) -> Factors:
    """Return what differs between the runs of a case."""
    drawn = case.design(0, case.config.runs)
    _, first, of, counts = np.unique(
        np.asarray(drawn["draw"]), return_index=True, return_inverse=True, return_counts=True
    )
    rows = drawn[first]
    columns = {f"{PARAMETER}{name}": np.asarray(rows[name], float) for name in free(case.priors)}
    keys = np.ascontiguousarray(rows["draw"])
    for i, one in enumerate(case.assumptions):
        values = assumed_values(case.episode.ranges[i], keys)
        columns.setdefault(f"{ASSUMPTION}{one.key}", np.asarray(values, float))
    varying = {name: one for name, one in columns.items() if np.ptp(one) > 0.0}
    return Factors(np.asarray(of), counts.astype(float), varying)


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
    held, factors = next(iter(options.by_structure.values())), factors_of(case)
    seed, met = case.config.seed, held.met[0]
    reaches = bool(met.mean() <= 0.5)
    kind = factors.mean(met if reaches else 1.0 - met)
    found = box(factors.columns, kind, factors.weights, seed)
    worth = factors.mean(held.worth.T)
    switches = {
        name: switch
        for name, one in factors.columns.items()
        if (switch := of_factor(one, worth[:, 0], factors.weights, seed)) is not None
    }
    known = information(worth, factors.columns, factors.weights, seed)
    return Uncertain(factors, reaches, found, switches, known)
