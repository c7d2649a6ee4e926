"""Where the bodies of all runs stand at the end, and what turned away those that said no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from uptake.model.observation import SIZES
from uptake.model.processes.refusals import REASONS
from uptake.model.standings import GAINS, STANDINGS
from uptake.results.runs import Runs, quantiles

SAID_NO = ("let_be", "declined")  # who is asked what turned them away
_REFUSED = tuple(map(STANDINGS.index, SAID_NO))


def groups_of(runs: Runs) -> dict[str, list[str]]:
    """Return the names of the groups in which trusts are counted: by kind, by size, by region."""
    people, regions = runs.case.people, len(runs.case.episode.region_cumulative)
    names = people.region_names or [f"region {row + 1}" for row in range(regions)]
    return {"kind": list(people.kind_names), "size": list(SIZES), "region": list(names)}


def _places(runs: Runs, by: str) -> slice:
    """Return the places of the groups of a kind among all."""
    first = 0
    for name, groups in groups_of(runs).items():
        if name == by:
            return slice(first, first + len(groups))
        first += len(groups)
    raise KeyError(by)


def standings(runs: Runs) -> dict[str, dict[str, float]]:
    """Return how many bodies stand where at the end: quantiles over the runs, by standing."""
    of_all = runs.explained.chunk.standings[:, _places(runs, "kind")].sum(axis=1)
    return {name: quantiles(of_all[:, i]) for i, name in enumerate(STANDINGS)}


def standings_by(runs: Runs, by: str) -> dict[str, dict[str, float]]:
    """Return how many bodies of each group stand where at the end: means over the runs."""
    means = runs.explained.chunk.standings[:, _places(runs, by)].mean(axis=0)
    return {
        name: dict(zip(STANDINGS, row.tolist(), strict=True))
        for name, row in zip(groups_of(runs)[by], means, strict=True)
    }


def _shares(refusals: NDArray[Any], said_no: NDArray[Any]) -> dict[str, dict[str, float]]:
    """Return what turned away those that said no: shares of them all, and of those of each run.

    Parameters
    ----------
    refusals
        Counts of reasons by run, shape (runs, len(REASONS)).
    said_no
        How many said no, shape (runs,).
    """
    known = said_no > 0
    found = {}
    for i, name in enumerate(REASONS):
        share = refusals[known, i] / said_no[known]
        mean = float(refusals[:, i].sum() / said_no.sum())
        found[name] = quantiles(share) | {"mean": mean}
    return found


def refusals(runs: Runs) -> dict[str, Any]:
    """Return how many said no at their last look or decision, and what turned them away.

    ``said_no`` has quantiles over the runs; ``reasons`` the share of all who said no, as ``mean``,
    and quantiles of the share over the runs in which anyone did. Nothing where nobody did.
    """
    at = _places(runs, "kind")
    said_no = runs.explained.chunk.standings[:, at][:, :, _REFUSED].sum(axis=(1, 2))
    if not said_no.any():
        return {"said_no": quantiles(said_no), "reasons": {}}
    found = _shares(runs.explained.chunk.refusals[:, at].sum(axis=1), said_no)
    return {"said_no": quantiles(said_no), "reasons": found}


def refusals_by(runs: Runs, by: str) -> dict[str, dict[str, float]]:
    """Return what turned away those of each group: how many said no on average, shares of these."""
    at = _places(runs, by)
    said_no = runs.explained.chunk.standings[:, at][:, :, _REFUSED].sum(axis=(0, 2))
    counts = runs.explained.chunk.refusals[:, at].sum(axis=0)
    found: dict[str, dict[str, float]] = {}
    for name, no, row in zip(groups_of(runs)[by], said_no, counts, strict=True):
        shares = (row / no if no else 0.0 * row).tolist()
        found[name] = {"said_no": float(no) / len(runs), **dict(zip(REASONS, shares, strict=True))}
    return found


def told_by(runs: Runs, bys: Sequence[str] = ("kind", "size", "region")) -> dict[str, Any]:
    """Return what ``summary.json`` holds of all this."""
    said: dict[str, Any] = {"standings": standings(runs), "refusals": refusals(runs)}
    for by in bys:
        said[f"standings_by_{by}"] = standings_by(runs, by)
        said[f"refusals_by_{by}"] = refusals_by(runs, by)
        said[f"gains_by_{by}"] = gains_by(runs, by)
    return said


def gains_by(runs: Runs, by: str) -> dict[str, dict[str, float]]:
    """Return what bodies of each group gain, and how many come out ahead and behind.

    ``gained_gbp`` is the mean over all bodies of the group in all runs, not discounted, beside
    doing nothing; ``ahead`` and ``behind`` are shares of them; the rest gain and pay nothing.
    """
    at = _places(runs, by)
    gains = runs.explained.chunk.gains[:, at].sum(axis=0)
    bodies = runs.explained.chunk.standings[:, at].sum(axis=(0, 2))
    return {
        name: {"bodies": float(count) / len(runs)}
        | dict(zip(GAINS, (row / max(count, 1)).tolist(), strict=True))
        for name, count, row in zip(groups_of(runs)[by], bodies, gains, strict=True)
    }
