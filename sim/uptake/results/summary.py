"""What runs came to: quantiles, what was observed beside them, what differs in pairs of runs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uptake.config.schema import Finding
from uptake.model.observation import BREAKDOWN, CURVES, SIZES
from uptake.results.runs import DERIVED, NO_AMOUNT, OUTCOME_NAMES, THRESHOLDS, Runs, quantiles

SUMMARISED = tuple(name for name in OUTCOME_NAMES if name not in NO_AMOUNT)


def _beside_observed(runs: Runs, name: str) -> dict[str, Any]:
    """Return what was observed of an outcome, and how many runs reach it in that very month.

    Nothing if the run does not go on to that month, or says nothing of it.
    """
    observed, months = runs.case.observed.get(name), runs.case.months
    if observed is None or observed.month > months:
        return {}
    if name not in CURVES and observed.month != months:
        return {}
    value, then = float(observed.value), runs.at_month(name, observed.month)
    return {
        "observed": value,
        "observed_month": observed.month,
        "source": observed.source,
        "at_month": quantiles(then),
        "share_of_runs_at_least_observed": float(np.mean(then >= value)),
    }


def sides(runs: Runs, finding: Finding) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which runs agree with a finding and which contradict it, shape (runs,) each.

    To reach a threshold is enough to agree; of two outcomes that are the same, neither is larger.
    """
    than = float(finding.than.value) if finding.than else np.nan
    larger = np.asarray(runs[finding.larger]) if finding.larger else np.full(len(runs), than)
    smaller = np.asarray(runs[finding.smaller]) if finding.smaller else np.full(len(runs), than)
    agree = larger > smaller if finding.smaller else larger >= smaller
    return agree, larger < smaller


def _findings(runs: Runs) -> list[dict[str, Any]]:
    """Return what was reported without a number, and the share of runs on either side of it."""
    said = []
    for finding in runs.case.findings:
        agree, contradict = sides(runs, finding)
        said.append(
            {
                "statement": finding.statement,
                "foreseen": finding.foreseen,
                "source": finding.source,
                "agree": float(agree.mean()),
                "contradict": float(contradict.mean()),
            }
        )
    return said


def summarise(runs: Runs) -> dict[str, Any]:
    """Return what ``summary.json`` holds: outcomes with quantiles and what was observed."""
    case = runs.case
    return {
        "scenario": case.config.scenario.name,
        "title": case.config.scenario.title,
        "parameters": case.config.parameters.name,
        "structure": case.config.structure.name,
        "runs": len(runs),
        "seed": case.config.seed,
        "months": case.months,
        "bodies": case.bodies,
        "outcomes": {
            name: quantiles(runs[name]) | _beside_observed(runs, name) for name in SUMMARISED
        },
        "findings": _findings(runs),
        "scrapped_share": float(runs["scrapped_share"].mean()),
        "scrapped_for": {
            name: float(runs[f"scrapped_for_{name}_share"].mean()) for name in THRESHOLDS
        },
        "by_kind": _by_group(runs, case.people.kind_names),
        "by_size": _by_group(runs, SIZES),
        "notes": case.notes,
    }


def _by_group(runs: Runs, groups: Sequence[str]) -> dict[str, Any]:
    """Return the quantiles of the counts of each group, and of the share of it that joins."""
    counts = (*BREAKDOWN, "share")
    return {g: {count: quantiles(runs[f"{count}_{g}"]) for count in counts} for g in groups}


_ROUNDING = 1e-9  # sums in another order differ by less


def differences(runs: Runs, base: Runs) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the mean of every outcome in the base, and how those differ that do.

    Both hold the same runs in the same order. What differs in any pair is told by the quantiles
    and the mean of the difference, and by the share of pairs in which there is one.
    """
    means, moved = {}, {}
    for name in (*SUMMARISED, *DERIVED):
        asked, was = np.asarray(runs[name]), np.asarray(base[name])
        is_same = np.isclose(asked, was, rtol=_ROUNDING, atol=_ROUNDING)
        change = np.where(is_same, 0.0, asked - was)
        means[name] = float(was.mean())
        if change.any():
            share = {"share_of_pairs": float(np.mean(change != 0.0))}
            moved[name] = quantiles(change) | share
    return means, moved
