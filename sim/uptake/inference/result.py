"""The result of calibrating one model structure: draws, diagnostics, predictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from uptake.inference.diagnostics import (
    Direction,
    ParameterUpdate,
    correlations,
    directions,
    updates,
)
from uptake.inference.smc import unit
from uptake.model.parameters import DISTRIBUTIONS, Posterior, weighted_quantiles

if TYPE_CHECKING:
    from uptake.inference.fit import Fit, Variant

LITTLE = 0.1  # bits: a parameter that gained less is as it was before
TIED = 0.3  # correlations from here on are reported

# What diagnostics were called before, by their present name: they have both for one version.
_FORMER = {
    "ess_distinct": "effective_draws_distinct",
    "ess_between_chains": "effective_draws_between_searches",
    "log_marginal_likelihood": "log_evidence",
    "log_marginal_likelihood_standard_error": "log_evidence_standard_error",
    "least_stage_ess": "effective_points_at_least",
}
_FORMER_OF_STAGES = {
    "tolerance": "window",
    "tempering": "power",
    "log_marginal_likelihood": "log_evidence",
}


@dataclass(frozen=True)
class StructureResult:
    """The result of one model structure.

    Parameters
    ----------
    variant
        The structure, with its episodes and data.
    found
        Draws, and how the chains went.
    before, after, without
        Summaries of runs by episode: on the prior; on the draws; on draws made without the
        episode's own counts.
    ess_without
        Effective sample size of the latter draws, by episode.
    """

    variant: Variant
    found: Fit
    before: dict[str, Any]
    after: dict[str, Any]
    without: dict[str, Any]
    ess_without: dict[str, float]

    @property
    def name(self) -> str:
        """Name of the structure, for a reader."""
        return self.variant.name.replace("_", " ")

    @property
    def ess(self) -> float:
        """Effective sample size: the smaller of two measures."""
        return self.found.sample.ess

    @cached_property
    def posterior(self) -> Posterior:
        """The draws, in the units of the parameters."""
        return self.variant.posterior(self.found.sample)

    @cached_property
    def updates(self) -> list[ParameterUpdate]:
        """What was learnt of each parameter, the most first."""
        return updates(self.found.sample, self.variant.names)

    @cached_property
    def directions(self) -> list[Direction]:
        """The sums of parameters that the data fix."""
        return directions(self.found.sample, self.variant.names, self.ess)

    @cached_property
    def tied(self) -> list[tuple[str, str, float]]:
        """The pairs of parameters that the data correlate."""
        return correlations(self.found.sample, self.variant.names, TIED)

    def diagnostics(self) -> dict[str, Any]:
        """Return how far the draws can be trusted, as ``summary.json`` holds it."""
        sample, again = self.found.sample, self.found.again
        log_marginal_likelihood, error = sample.log_marginal_likelihood
        alive = again[np.isfinite(again)]
        last = [state.stages[-1] for state in self.found.states]
        every = [stage for state in self.found.states for stage in state.stages]
        chains = [[asdict(stage) for stage in state.stages] for state in self.found.states]
        said = {
            "draws": len(sample.weights),
            "ess_distinct": sample.ess_distinct,
            "ess_between_chains": _number(sample.ess_between_chains),
            "acceptance_at_the_exact_match": float(np.mean([one.acceptance for one in last])),
            "log_marginal_likelihood": log_marginal_likelihood,
            "log_marginal_likelihood_standard_error": _number(error),
            "log_likelihood_variance": _number(alive.var(ddof=1) if len(alive) > 1 else np.nan),
            "log_likelihood_not_matched_share": float(1.0 - len(alive) / len(again)),
            "least_stage_ess": min(stage.ess for stage in every),
            "runs": sum(stage.runs for stage in every),
            "chains": chains,
        }
        before = {_FORMER[name]: value for name, value in said.items() if name in _FORMER}
        return said | before | {"searches": [list(map(_former_stage, one)) for one in chains]}


def _former_stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stage under the names that its fields had before."""
    return {_FORMER_OF_STAGES.get(name, name): value for name, value in stage.items()}


def _number(value: float) -> float | None:
    """Return a number, or None if it is not finite."""
    return float(value) if np.isfinite(value) else None


def quantiles(
    result: StructureResult, name: str, shares: list[float]
) -> tuple[list[float], list[float]]:
    """Return quantiles of a parameter in its own unit, before and after.

    Parameters
    ----------
    result
        Of a structure.
    name
        Of the parameter.
    shares
        Where the quantiles are, 0 to 1.
    """
    prior = result.variant.cases[0].priors[name]
    quantile, _ = DISTRIBUTIONS[prior.distribution]
    place, sample = result.variant.names.index(name), result.found.sample
    after = weighted_quantiles(sample.normal[:, place], sample.weights, shares)
    both = (np.array(shares), unit(np.array(after)))
    before, now = (quantile(at, **prior.arguments).tolist() for at in both)
    return before, now


def in_words(quantiles: list[float], unit_of: str) -> str:
    """Return a median with 90 % of its draws."""
    low, median, high = (f"{value:.2g}" for value in quantiles)
    return f"{median} ({low} to {high}) {unit_of}"


def facts(result: StructureResult) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """Yield episode, fact, what runs say of it before, after and without, and if it is fitted.

    What was observed is called by its outcome, a finding by the number of its row.
    """
    fitted = {data.name for data in result.variant.data}
    for episode, summary in result.after.items():
        sides = {"before": result.before[episode], "after": summary}
        sides |= {"without": result.without[episode]} if episode in result.without else {}
        for row, seen in enumerate(summary["observed"]):
            found = {side: of["observed"][row] for side, of in sides.items()}
            is_fitted = episode in fitted and seen["fit"] != "none"
            yield episode, seen["outcome"], found, is_fitted
        for row, finding in enumerate(summary["findings"]):
            found = {side: of["findings"][row] for side, of in sides.items()}
            yield episode, str(row), found, episode in fitted and not finding["foreseen"]
