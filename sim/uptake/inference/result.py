"""The result of calibrating one model structure: draws, diagnostics, predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from uptake.inference.diagnostics import (
    Direction,
    ParameterUpdate,
    correlations,
    directions,
    updates,
)

if TYPE_CHECKING:
    from uptake.inference.fit import Fit, Variant
    from uptake.inference.pooling import Pool
    from uptake.inference.predictions import Predicted

LITTLE = 0.1  # bits: a parameter that gained less is as it was before
TIED = 0.3  # correlations from here on are reported


@dataclass(frozen=True)
class StructureResult:
    """The result of one model structure.

    Parameters
    ----------
    variant
        The structure, with its episodes and data.
    fits
        The histories, each fitted by itself, by name.
    pool
        What they say together.
    before, after, without
        Summaries of runs by episode: on the prior; tried again on its own draws; on what the other
        histories say of a scheme never seen.
    predicted
        The readings of every history, beside what the others say of them.
    """

    variant: Variant
    fits: dict[str, Fit]
    pool: Pool
    before: dict[str, Any]
    after: dict[str, Any]
    without: dict[str, Any]
    predicted: list[Predicted] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name of the structure, for a reader."""
        return self.variant.name.replace("_", " ")

    def updates(self, history: str) -> list[ParameterUpdate]:
        """Return what a history alone says of each parameter, the most first."""
        return updates(self.fits[history].sample, self.variant.names)

    def directions(self, history: str) -> list[Direction]:
        """Return the sums of parameters that a history fixes."""
        sample = self.fits[history].sample
        return directions(sample, self.variant.names, sample.ess)

    def tied(self, history: str) -> list[tuple[str, str, float]]:
        """Return the pairs of parameters that a history correlates."""
        return correlations(self.fits[history].sample, self.variant.names, TIED)


def diagnostics(found: Fit) -> dict[str, Any]:
    """Return how far the draws of a history can be trusted, as ``summary.json`` holds it."""
    sample, again = found.sample, found.again
    log_marginal_likelihood, error = sample.log_marginal_likelihood
    alive = again[np.isfinite(again)]
    last = [state.stages[-1] for state in found.states]
    ended = found.nearer.states if found.nearer else found.states
    every = [stage for state in ended for stage in state.stages]
    return {
        "draws": len(found.weights),
        "ess_distinct": sample.ess_distinct,
        "ess_between_chains": _number(sample.ess_between_chains),
        "acceptance_at_the_last_tolerance": float(np.mean([one.acceptance for one in last])),
        "log_marginal_likelihood": log_marginal_likelihood,
        "log_marginal_likelihood_standard_error": _number(error),
        "log_likelihood_variance": _number(alive.var(ddof=1) if len(alive) > 1 else np.nan),
        "log_likelihood_not_met_share": float(1.0 - len(alive) / len(again)),
        "least_stage_ess": min(stage.ess for stage in every),
        "runs": sum(stage.runs for stage in every),
        "chains": [[asdict(stage) for stage in state.stages] for state in ended],
        "nearer": found.nearer
        and {"mean": found.nearer.prior.mean.tolist(), "sd": found.nearer.prior.sd.tolist()},
    }


def _number(value: float) -> float | None:
    """Return a number, or None if it is not finite."""
    return float(value) if np.isfinite(value) else None


def in_words(quantiles: list[float], unit_of: str) -> str:
    """Return a median with 90 % of its draws."""
    low, median, high = (f"{value:.2g}" for value in quantiles)
    return f"{median} ({low} to {high}) {unit_of}"


def facts(result: StructureResult) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """Yield episode, fact, what runs say of it before, without and after, and if it is fitted.

    What was observed is called by its outcome, a finding by the number of its row.
    """
    fitted = {data.name for data in result.variant.data}
    for episode, summary in result.before.items():
        sides = {"before": summary}
        for side, summaries in (("without", result.without), ("after", result.after)):
            if episode in summaries:
                sides[side] = summaries[episode]
        for row, seen in enumerate(summary["observed"]):
            found = {side: of["observed"][row] for side, of in sides.items()}
            yield episode, seen["outcome"], found, episode in fitted and seen["fit"]
        for row, finding in enumerate(summary["findings"]):
            found = {side: of["findings"][row] for side, of in sides.items()}
            yield episode, str(row), found, episode in fitted and not finding["foreseen"]
