"""What runs came to: quantiles, what was observed beside them, what differs in pairs of runs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from uptake.config.reported import NO_AMOUNT, is_count, is_known
from uptake.config.schema import Finding, Observation
from uptake.config.target import Target
from uptake.model.observation import BREAKDOWN, CURVES, SIZES
from uptake.results.runs import DERIVED, OUTCOME_NAMES, THRESHOLDS, Runs, quantiles

SUMMARISED = tuple(name for name in OUTCOME_NAMES if name not in NO_AMOUNT)


def ratio(above: NDArray[Any], below: NDArray[Any]) -> NDArray[np.float64]:
    """Return a ratio run by run, NaN where nil is below.

    >>> ratio(np.array([1, 2]), np.array([4, 0]))
    array([0.25,  nan])
    """
    found = np.full(len(above), np.nan)
    return np.divide(np.asarray(above), np.asarray(below), out=found, where=np.asarray(below) != 0)


def seen_in(runs: Runs, name: str, seen: Observation) -> NDArray[np.float64]:
    """Return what an observation is of, in its month, shape (runs,); NaN: a run has no value."""
    above = runs.at_month(name, seen.month)
    return ratio(above, runs.at_month(seen.of, seen.month)) if seen.of else np.asarray(above, float)


def agreeing(values: NDArray[np.float64], seen: Observation) -> NDArray[np.bool_]:
    """Return which runs reach a number that was observed, or keep to a bound, shape (runs,)."""
    low, high = seen.ends
    return (values >= low) & (values <= (high if seen.bound else np.inf))


def tail(values: NDArray[np.float64], seen: Observation) -> float:
    """Return the two-sided predictive p of an observation: how seldom runs are read as extreme.

    Twice the smaller of the shares of runs that are read at most, and at least, as what was
    observed, 1 at most; the error of the reading is that of a normal distribution. Of a bound, the
    share of runs that keep to it.

    Parameters
    ----------
    values
        What the runs come to, shape (runs,).
    seen
        What was observed.
    """
    if seen.bound:
        return float(agreeing(values, seen).mean())
    apart = float(seen.value) - values
    if seen.sd > 0.0:
        below = float(special.ndtr(apart / seen.sd).mean())
        sides = below, 1.0 - below
    else:
        sides = float((apart >= 0.0).mean()), float((apart <= 0.0).mean())
    return float(min(1.0, 2.0 * min(sides)))


def _observed(runs: Runs) -> list[dict[str, Any]]:
    """Return what was observed, and what the runs say of it in that very month.

    Nothing of a month that the run does not reach, or in which it does not know the outcome.
    Quantiles, and the share of runs that agree, are of those that have a value.
    """
    said = []
    for name, seen in runs.case.observed:
        if not all(is_known(one, seen.month, runs.case.months) for one in (name, seen.of) if one):
            continue
        values = seen_in(runs, name, seen)
        has_value = ~np.isnan(values)
        known = values[has_value]
        said.append(
            {
                "outcome": name,
                "of": seen.of,
                "month": seen.month,
                "value": float(seen.value),
                "bound": seen.bound,
                "to": seen.to,
                "error": seen.sd,
                "fit": seen.is_fitted(is_count(name)),
                "source": seen.source,
                "at_month": quantiles(known) if len(known) else None,
                "agree": float(agreeing(known, seen).mean()) if len(known) else None,
                "p": tail(known, seen) if len(known) else None,
                "no_value": float(1.0 - has_value.mean()),
            }
        )
    return said


def sides(runs: Runs, finding: Finding) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which runs agree with a finding and which contradict it, shape (runs,) each.

    To reach a threshold is enough to agree; of two outcomes that are the same, neither is larger.
    A run that has no value of a ratio is on neither side.
    """

    def side(above: str | None, below: str | None) -> NDArray[Any]:
        if above is None:
            return np.full(len(runs), finding.than.value if finding.than else np.nan)
        return ratio(runs[above], runs[below]) if below else np.asarray(runs[above])

    larger = side(finding.larger, finding.larger_of)
    smaller = side(finding.smaller, finding.smaller_of)
    agree = larger > smaller if finding.smaller else larger >= smaller
    return agree, larger < smaller


def _has_no_value(runs: Runs, finding: Finding) -> NDArray[np.bool_]:
    """Return which runs have no value of a ratio that a finding is about, shape (runs,)."""
    nil = np.zeros(len(runs), bool)
    for below in filter(None, (finding.larger_of, finding.smaller_of)):
        nil |= np.asarray(runs[below]) == 0
    return nil


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
                "no_value": float(_has_no_value(runs, finding).mean()),
            }
        )
    return said


def chance(runs: Runs, target: Target) -> dict[str, Any]:
    """Return the share of the runs that reach a target: at the end, and in every month if known.

    ``ever_by`` is the share that has reached it in that month or in one before.
    """
    at_end, by_month, ever_by = runs[target.name], None, None
    if target.outcome in CURVES:
        met = runs.curve(target.name)
        by_month = met.mean(axis=0).tolist()
        ever_by = np.maximum.accumulate(met, axis=1).mean(axis=0).tolist()
    return {
        "name": target.name,
        "outcome": target.outcome,
        "at_most" if target.is_most else "at_least": target.number,
        "chance": float(at_end.mean()),
        "by_month": by_month,
        "ever_by": ever_by,
    }


def _reached(runs: Runs, target: Target) -> dict[str, Any]:
    """Return how probable it is that a target is reached by the end."""
    return {
        "outcome": target.outcome,
        "at_most" if target.is_most else "at_least": target.number,
        "month": runs.case.months,
        "probability": float(runs[target.name].mean()),
    }


def funnel(runs: Runs) -> dict[str, float]:
    """Return how many bodies came how far, on average; who decided has joined or declined."""
    counts = {name: np.asarray(runs[name]) for name in ("approached", "looked")}
    counts["decided"] = np.asarray(runs["joined"] + runs["declined"])
    counts |= {name: np.asarray(runs[name]) for name in ("joined", "served", "left")}
    return {name: float(column.mean()) for name, column in counts.items()}


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
        "outcomes": {name: quantiles(runs[name]) for name in SUMMARISED},
        "observed": _observed(runs),
        "findings": _findings(runs),
        "target": chance(runs, case.target) if case.target else None,
        "targets": [_reached(runs, case.target)] if case.target else [],
        "funnel": funnel(runs),
        "broke_even_share": float(runs["broke_even_share"].mean()),
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
