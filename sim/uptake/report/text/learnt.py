"""The numbers behind the report of a calibration: parameters in their unit, and what was missed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from uptake.config.posterior import deviation_of
from uptake.inference.calibration import NEW_DRAWS
from uptake.inference.fit import own_seed
from uptake.inference.likelihood import Floats
from uptake.inference.result import StructureResult, diagnostics, facts
from uptake.inference.smc import unit
from uptake.model.parameters import DISTRIBUTIONS, weighted_quantiles
from uptake.report.text.observed import is_inside

POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)
PRIOR = (-1.645, -0.674, 0.0, 0.674, 1.645)  # the same points of it, in its sd
ENDS = (0.05, 0.5, 0.95)

OTHERS, AGAIN = "by the others alone", "tried again"
SIDES = {"before": "on the prior", "without": OTHERS, "after": AGAIN}
_RARE = 0.05  # a finding that fewer runs agree with is missed


def in_unit(result: StructureResult, name: str, normal: Sequence[float]) -> list[float]:
    """Return values of a parameter that are given in sd of its prior in its own unit."""
    prior = result.variant.cases[0].priors[name]
    quantile, _ = DISTRIBUTIONS[prior.distribution]
    return [float(value) for value in quantile(unit(np.asarray(normal)), **prior.arguments)]


def own(result: StructureResult, history: str, name: str) -> list[float]:
    """Return the quantiles of a parameter that a history by itself gives it, in sd of the prior."""
    found = next(one for one in result.pool.histories if one.name == history)
    column = result.variant.names.index(name)
    return weighted_quantiles(found.normal[:, column], found.weights, POINTS)


def new(result: StructureResult) -> dict[str, list[float]]:
    """Return the quantiles of the pooled parameters in a new scheme, in sd of the prior."""
    pool = result.pool
    seed = own_seed(pool.seed, result.variant.name, "report")
    drawn = pool.new(np.random.default_rng(seed), 10 * NEW_DRAWS)
    even = np.ones(len(drawn))
    return {
        name: weighted_quantiles(drawn[:, column], even, POINTS)
        for name, column in zip(pool.names, pool.columns, strict=True)
    }


def between(result: StructureResult, values: Floats) -> list[float]:
    """Return the median and the ends of 90 % of draws of a mean or spread, shape (draws,)."""
    return weighted_quantiles(values, result.pool.weights, ENDS)


def told_of(result: StructureResult) -> dict[str, Mapping[str, Any]]:
    """Return how far the draws of each history can be trusted, by name; as they were fitted."""
    told: dict[str, Mapping[str, Any]] = {
        name: diagnostics(one) for name, one in result.fits.items()
    }
    return told | {one.name: one.about["diagnostics"] for one in result.variant.kept}


def deviations(result: StructureResult) -> dict[str, float]:
    """Return the further error of each history, a share of the bodies approached; mostly 0."""
    found = {one.name: deviation_of(one.about) for one in result.variant.kept}
    return found | {name: one.deviation for name, one in result.fits.items()}


def evidence(result: StructureResult, named: Collection[str]) -> float:
    """Return the sum of the log marginal likelihoods of some histories."""
    told = told_of(result)
    return float(sum(told[name]["log_marginal_likelihood"] for name in named))


def reproduced(results: Sequence[StructureResult]) -> list[str]:
    """Return the histories that every structure is fitted to without a deviation."""
    first, *others = (
        [name for name, off in deviations(result).items() if off == 0.0] for result in results
    )
    return [name for name in first if all(name in found for found in others)]


def ess(told: Mapping[str, Any]) -> float:
    """Return the smaller of both effective sample sizes of a history."""
    sizes = (told["ess_distinct"], told["ess_between_chains"])
    return float(min(size for size in sizes if size is not None))


class Check(NamedTuple):
    """Something that was reported, and what runs say of it."""

    episode: str
    title: str
    bodies: str
    name: str  # of the outcome; of a finding the number of its row
    sides: dict[str, Any]  # by what runs are on: before, without, after
    is_fitted: bool

    @property
    def row(self) -> dict[str, Any]:
        """What was reported, as every side holds it."""
        return dict(self.sides["before"])

    @property
    def is_finding(self) -> bool:
        """Tell what was reported without a number."""
        return "statement" in self.row

    def is_missed(self, side: str) -> bool:
        """Tell whether 90 % of runs of a side miss it; of a finding, whether hardly any agree."""
        row = self.sides.get(side)
        if row is None or row.get("foreseen"):
            return False
        if self.is_finding:
            return bool(row["agree"] < _RARE)
        return row["at_month"] is None or not is_inside(row, row["at_month"])

    @property
    def missed(self) -> str:
        """By what it is missed, in a word or two; nothing if by neither."""
        by_others, again = self.is_missed("without"), self.is_missed("after")
        return "twice" if by_others and again else "again" if again else "alone" * by_others


def checks(result: StructureResult) -> list[Check]:
    """Return all that was reported: first what is missed even when tried again, then by others."""
    made = []
    for episode, name, found, is_fitted in facts(result):
        summary = result.before[episode]
        head = (episode, summary["title"], summary["bodies"], name)
        made.append(Check(*head, found, is_fitted))
    return sorted(made, key=lambda one: (not one.is_missed("after"), not one.is_missed("without")))
