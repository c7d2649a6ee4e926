"""All that is to be told of a calibration, a structure at a time."""

from __future__ import annotations

from collections.abc import Iterator
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
from uptake.model.parameters import DISTRIBUTIONS, weighted_quantiles

if TYPE_CHECKING:
    from uptake.inference.fit import Fit, Variant

LITTLE = 0.1  # bits: a parameter that gained less is as it was before
TIED = 0.3  # correlations from here on are told


@dataclass(frozen=True)
class CalibrationResult:
    """All that is to be told of one structure."""

    variant: Variant
    found: Fit
    before: dict[str, Any]  # summaries by episode: on the priors,
    after: dict[str, Any]  # on the draws,
    without: dict[str, Any]  # and on draws that do not know the episode's own counts,
    ess: dict[str, float]  # which are worth so many independent ones

    @property
    def name(self) -> str:
        """Return the name of the structure, for a reader."""
        return self.variant.name.replace("_", " ")

    @property
    def draws(self) -> float:
        """Return how many independent draws these are worth, by the stricter of two measures."""
        return self.found.sample.ess

    @cached_property
    def updates(self) -> list[ParameterUpdate]:
        """Return what was learnt of each parameter, the most first."""
        return updates(self.found.sample, self.variant.names)

    @cached_property
    def directions(self) -> list[Direction]:
        """Return the sums of parameters that the data fix."""
        return directions(self.found.sample, self.variant.names, self.draws)

    @cached_property
    def tied(self) -> list[tuple[str, str, float]]:
        """Return the pairs of parameters that the data tie together."""
        return correlations(self.found.sample, self.variant.names, TIED)

    def diagnostics(self) -> dict[str, Any]:
        """Return how trustworthy the draws are."""
        sample, again = self.found.sample, self.found.again
        log_evidence, error = sample.evidence
        alive = again[np.isfinite(again)]
        last = [state.stages[-1] for state in self.found.states]
        every = [stage for state in self.found.states for stage in state.stages]
        return {
            "draws": len(sample.weights),
            "effective_draws_distinct": sample.effective_distinct,
            "effective_draws_between_searches": _number(sample.effective_between),
            "acceptance_at_the_exact_match": float(np.mean([one.acceptance for one in last])),
            "log_evidence": log_evidence,
            "log_evidence_standard_error": _number(error),
            "log_likelihood_variance": _number(alive.var(ddof=1) if len(alive) > 1 else np.nan),
            "log_likelihood_not_matched_share": float(1.0 - len(alive) / len(again)),
            "effective_points_at_least": min(stage.ess for stage in every),
            "runs": sum(stage.runs for stage in every),
            "searches": [[asdict(stage) for stage in state.stages] for state in self.found.states],
        }


def _number(value: float) -> float | None:
    """Return a number, or none if it is not finite."""
    return float(value) if np.isfinite(value) else None


def quantiles(
    told: CalibrationResult, name: str, points: list[float]
) -> tuple[list[float], list[float]]:
    """Return quantiles of a parameter in its own unit, before and after."""
    prior = told.variant.cases[0].priors[name]
    quantile, _ = DISTRIBUTIONS[prior.distribution]
    place = told.variant.names.index(name)
    after = weighted_quantiles(
        told.found.sample.normal[:, place], told.found.sample.weights, points
    )
    both = (np.array(points), unit(np.array(after)))
    before, now = (quantile(shares, **prior.arguments).tolist() for shares in both)
    return before, now


def in_words(quantiles: list[float], unit_of: str) -> str:
    """Return a median with 90 % of its draws."""
    low, median, high = (f"{value:.2g}" for value in quantiles)
    return f"{median} ({low} to {high}) {unit_of}"


def facts(told: CalibrationResult) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """Yield episode, outcome, what it came to before, after and without, and whether it is fitted.

    Outcomes that were observed come as ``outcomes``; findings have the number of their row.
    """
    fitted = {e.name: {*e.counts, *e.reached} for e in told.variant.evidence}
    for episode, summary in told.after.items():
        sides = {"before": told.before[episode], "after": summary}
        sides |= {"without": told.without[episode]} if episode in told.without else {}
        for name, outcome in summary["outcomes"].items():
            if "observed" in outcome:
                found = {side: of["outcomes"][name] for side, of in sides.items()}
                yield episode, name, found, name in fitted.get(episode, set())
        for row, finding in enumerate(summary["findings"]):
            found = {side: of["findings"][row] for side, of in sides.items()}
            yield episode, str(row), found, episode in fitted and not finding["foreseen"]
