"""What was learnt, in tables of words and in rows for the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from uptake.inference.result import LITTLE, StructureResult
from uptake.report.text import learnt
from uptake.report.text.calibration import direction_words, in_words, number, reported
from uptake.report.text.learnt import AGAIN, OTHERS, SIDES, Check
from uptake.report.text.numbers import amount, share_of_runs
from uptake.report.text.observed import between, fact, measure, reads

if TYPE_CHECKING:
    from uptake.report.figures import Learnt, Predicted
    from uptake.report.tables import Table

TITLE = "What histories teach about behaviour"
CHECKS = "What was reported, and what is predicted"
CHECK_COLUMNS = (
    "history", "fact", "observed", "on the prior", "by the others", AGAIN, "missed", "fitted",
    "source",
)  # fmt: skip
SHORT = ("fact", "observed", "on the prior", "by the others", AGAIN, "missed")

_MOST_LEARNT = 4  # parameters of a history
_MOST_DIRECTIONS = 2  # of a history
_CLEAR = 4.0  # sd of chance, from which on a correlation is told


def check_rows(result: StructureResult) -> list[list[str]]:
    """Return what was reported beside what is predicted, a row a fact, misses first."""
    rows = []
    for one in learnt.checks(result):
        row, fitted = one.row, "yes" if one.is_fitted else "no"
        if one.is_finding:
            said = {side: f"{share_of_runs(of['agree'])} agree" for side, of in one.sides.items()}
            what, seen = row["statement"], "foreseen" if row["foreseen"] else "reported"
        else:
            said = {side: between(of, "q05", "q95") for side, of in one.sides.items()}
            again = one.sides.get("after")
            if again and again["p"] is not None:
                said["after"] += f", p {again['p']:.2g}"
            what, seen = fact(row, one.bodies), reads(row)
        predicted = [said.get(side, "") for side in SIDES]
        rows.append([one.episode, what, seen, *predicted, one.missed, fitted, row["source"]])
    return rows


def short_rows(result: StructureResult) -> list[list[str]]:
    """Return the same for a terminal: a history heads its own facts."""
    shown: list[list[str]] = []
    last = ""
    for history, what, *cells, missed, _, _ in check_rows(result):
        if history != last:
            head = history.replace("_", " ").upper()
            shown += [[""] * len(SHORT), [head, *[""] * (len(SHORT) - 1)]]
        shown.append([f"  {what}", *cells, missed])
        last = history
    return shown


def _history_rows(result: StructureResult) -> list[list[str]]:
    """Return what was fitted, how, and how well it serves in the pool, a row a history."""
    rows, told = [], learnt.told_of(result)
    fitted, off = reported(result), learnt.deviations(result)
    for one in result.pool.fits:
        said = told[one.name]
        rows.append(
            [
                one.name,
                fitted[one.name],
                f"{said['draws']:,}",
                f"{100 * off[one.name]:g} %" if off[one.name] else "",
                number(said["ess_distinct"]),
                number(said["ess_between_chains"]),
                f"{100 * said['acceptance_at_the_last_tolerance']:.0f} %",
                _evidence(said),
                number(said["log_likelihood_variance"], 1),
                f"{100 * said['log_likelihood_not_met_share']:.0f} %",
                f"{said['runs'] / 1e6:,.1f}m",
                number(one.ess_median),
                number(one.k_median, 2),
                "yes" if one.reaches else "no",
            ]
        )
    return rows


def _evidence(said: Any) -> str:
    """Return a log marginal likelihood with its standard error."""
    error = said["log_marginal_likelihood_standard_error"]
    within = "" if error is None else f" +- {error:.1f}"
    return f"{said['log_marginal_likelihood']:.1f}{within}"


def _pooled_rows(result: StructureResult) -> list[list[str]]:
    """Return how behaviour varies between schemes, a row a pooled parameter."""
    known, pool = result.variant.cases[0].config.parameters.priors, result.pool
    seen, rows = learnt.new(result), []
    for place, name in enumerate(pool.names):
        typical = learnt.between(result, pool.m[:, place])
        spread = learnt.between(result, pool.t[:, place])
        new = seen[name]
        apart = (new[4] - new[0]) / (learnt.PRIOR[4] - learnt.PRIOR[0])
        prior, ours, one = (
            in_words(learnt.in_unit(result, name, at))
            for at in (learnt.PRIOR[::2], [new[0], new[2], new[4]], typical)
        )
        r_hat = float(np.max(pool.r_hat[:, place]))
        rows.append(
            [
                name, known[name].unit, prior, ours, f"{apart:.2f}", one,
                in_words(spread), number(r_hat, 2),
            ]
        )  # fmt: skip
    return rows


def _learnt_rows(result: StructureResult) -> list[list[str]]:
    """Return what each history by itself taught most, a row a parameter."""
    known, rows = result.variant.cases[0].config.parameters.priors, []
    for history in result.fits:
        for one in result.updates(history)[:_MOST_LEARNT]:
            if one.bits <= LITTLE:
                continue
            own = learnt.own(result, history, one.name)
            before, after = (
                in_words(learnt.in_unit(result, one.name, at))
                for at in (learnt.PRIOR[::2], own[::2])
            )
            pooled = "yes" if one.name in result.pool.names else "no"
            rows.append(
                [
                    history, one.name, known[one.name].unit, before, after, f"{one.shift:+.2f}",
                    f"{one.sd_ratio:.2f}", f"{one.bits:.2f}", pooled,
                ]
            )  # fmt: skip
    return rows


def _tied(result: StructureResult, history: str) -> list[tuple[str, str, float]]:
    """Return the pairs that a history correlates by more than chance makes them."""
    least = _CLEAR / np.sqrt(result.fits[history].sample.ess)
    return [pair for pair in result.tied(history) if abs(pair[2]) >= least]


def _side_by_side(results: Sequence[StructureResult]) -> list[list[str]]:
    """Return what all histories come to, a row a structure."""
    rows, shared = [], learnt.reproduced(results)
    for result in results:
        pool = result.pool
        scored = [one for one in learnt.checks(result) if one.is_fitted]
        alone = [one for one in scored if "without" in one.sides]
        again = [one for one in scored if "after" in one.sides]
        rows.append(
            [
                result.name,
                str(len(pool.histories)),
                f"{learnt.evidence(result, shared):.1f}",
                number(pool.ess),
                number(float(np.max(pool.r_hat, initial=0.0)), 2),
                f"{np.max(pool.error, initial=0.0):.2f}",
                str(len(pool.out_of_reach)),
                _of(alone, "without"),
                _of(again, "after"),
            ]
        )
    return rows


def _of(checks: Sequence[Check], side: str) -> str:
    """Return how many are missed, of how many."""
    return f"{sum(one.is_missed(side) for one in checks)} of {len(checks)}" if checks else ""


def tables(results: list[StructureResult]) -> list[Table]:
    """Return the tables of the report, those of every structure in turn; none without a row."""
    return [
        table._replace(rows=[[row[0].replace("_", " "), *row[1:]] for row in table.rows])
        for table in _tables(results)
        if table.rows
    ]


def _tables(results: list[StructureResult]) -> Iterator[Table]:
    from uptake.report.tables import Table

    yield Table(
        "All histories together",
        "Log evidence: log marginal likelihood of what was reported of every history that all "
        "structures reproduce, each by "
        "itself under the prior; a difference of 1 is a factor of 2.7. Structures are not "
        "averaged. ESS: effective sample size of the pool. R hat: 1 where chains agree, the "
        "largest. Error: of means of the pool, as draws are few, in their sd; up to 0.2 is good. "
        "Out of reach: histories whose draws serve badly where the pool lies.",
        ("structure", "histories", "log evidence", "ESS", "R hat", "error", "out of reach",
         f"missed {OTHERS}", f"missed, {AGAIN}"),
        _side_by_side(results),
    )  # fmt: skip
    for result in results:
        of = f" ({result.name})" if len(results) > 1 else ""
        yield Table(
            f"{CHECKS}{of}",
            "90 % of runs; of a finding, the share of runs that agree. By the others: on what all "
            "other histories alone say of a new scheme. Tried again: on what its own history says, "
            "with fresh luck; what was fitted is then no test of the model. Missed (alone: by the "
            "others; again; or twice): outside 90 % of runs, widened by the reading error; a "
            "finding with which under 5 % agree.",
            CHECK_COLUMNS,
            check_rows(result),
        )
        yield Table(
            f"How behaviour varies between schemes{of}",
            "Median and 90 % of draws, in the unit of the parameter. Width: of 90 % in a new "
            "scheme, against the prior's. Mean scheme: where schemes lie around. Spread: of "
            "schemes around it, in sd of the prior; 1: they have nothing in common.",
            ("parameter", "unit", "prior", "a new scheme", "width", "the mean scheme",
             "spread", "R hat"),
            _pooled_rows(result),
        )  # fmt: skip
        yield Table(
            f"The histories{of}",
            "Each by itself, under the prior. Off: the further error, of the bodies approached, "
            "with which it is fitted, if any. ESS: effective sample size by distinct draws; by "
            "chains: the same by how far chains disagree. Accepted: moves at the last tolerance. "
            "Log evidence: log marginal likelihood. The log likelihood is an estimate: its "
            "variance (up to 2 is good), and how often no run came about as reported, at the mean "
            "of the draws. There: in the pool, median ESS (at least 100) and Pareto k (at most "
            "0.7) of its draws.",
            ("history", "fitted", "draws", "off", "ESS", "by chains", "accepted", "log evidence",
             "variance", "not met", "runs", "ESS there", "k", "reaches"),
            _history_rows(result),
        )  # fmt: skip
        yield Table(
            f"What each history taught most{of}",
            "By itself: median and 90 % of draws. Shift and sd are in sd of the prior; "
            f"{LITTLE} bits are as little as a shift of a third of one, or an sd of three "
            "quarters. What is not pooled says nothing of another scheme.",
            ("history", "parameter", "unit", "prior", "by itself", "shift", "sd ratio", "bits",
             "pooled"),
            _learnt_rows(result),
        )  # fmt: skip
        yield Table(
            f"What each history fixes{of}",
            "Sums of parameters, in sd of their priors, that are known more closely than chance "
            "alone explains among so many draws.",
            ("history", "sd ratio", "sum"),
            [
                [history, f"{one.sd_ratio:.2f}", direction_words(one)]
                for history in result.fits
                for one in result.directions(history)[:_MOST_DIRECTIONS]
            ],
        )
        yield Table(
            f"Parameters that are tied{of}",
            "Correlations that chance hardly makes: what is added to one can be taken from the "
            "other.",
            ("history", "one", "other", "correlation"),
            [
                [history, one, other, f"{r:+.2f}"]
                for history in result.fits
                for one, other, r in _tied(result, history)
            ],
        )


def _summary(result: StructureResult) -> dict[str, Any]:
    """Return what ``summary.json`` holds of a structure."""
    pool, new = result.pool, learnt.new(result)
    told = learnt.told_of(result)
    histories: dict[str, Any] = {}
    for one in pool.fits:
        reach = {
            name: _finite(getattr(one, name))
            for name in ("ess_median", "ess_low", "k_median", "k_high")
        }
        histories[one.name] = {
            "diagnostics": told[one.name],
            "in_the_pool": {**reach, "reaches": one.reaches},
        }
        if one.name in result.fits:
            histories[one.name] |= {
                "parameters": {update.name: asdict(update) for update in result.updates(one.name)},
                "correlations": [list(pair) for pair in _tied(result, one.name)],
                "directions": [asdict(direction) for direction in result.directions(one.name)],
            }
    pooled = {
        name: {
            "mean": _ends(learnt.between(result, pool.m[:, place])),
            "spread": _ends(learnt.between(result, pool.t[:, place])),
            "r_hat": _finite(float(np.max(pool.r_hat[:, place]))),
            "new": _ends(new[name][::2]),
            "new_in_unit": _ends(learnt.in_unit(result, name, new[name][::2])),
        }
        for place, name in enumerate(pool.names)
    }
    return {
        "histories": histories,
        "pool": {
            "parameters": pooled,
            "ess": _finite(pool.ess),
            "error": _finite(float(np.max(pool.error, initial=0.0))),
            "out_of_reach": list(pool.out_of_reach),
        },
        "checks": [
            {
                "episode": one.episode,
                "fact": one.row.get("statement", one.name),
                "fitted": one.is_fitted,
                "missed": [side for side in ("without", "after") if one.is_missed(side)],
                **one.sides,
            }
            for one in learnt.checks(result)
        ],
    }


def _ends(numbers: Sequence[float]) -> dict[str, float]:
    """Return a median and the ends of 90 % by name."""
    return dict(zip(("q05", "median", "q95"), numbers, strict=True))


def _finite(value: float) -> float | None:
    """Return a number, or None if it is not finite."""
    return float(value) if np.isfinite(value) else None


def summary(results: list[StructureResult]) -> dict[str, Any]:
    """Return the content of ``summary.json``."""
    return {"structures": {result.variant.name: _summary(result) for result in results}}


def learnt_rows(result: StructureResult) -> list[Learnt]:
    """Return, for every pooled parameter, its quantiles in a new scheme and in each history."""
    from uptake.report.figures import Learnt

    known, new = result.variant.cases[0].config.parameters.priors, learnt.new(result)
    return [
        Learnt(
            name.replace("_", " "),
            known[name].unit,
            new[name],
            {
                one.name.replace("_", " "): learnt.own(result, one.name, name)
                for one in result.pool.histories
            },
            partial(learnt.in_unit, result, name),
        )
        for name in result.pool.names
    ]


def predicted_rows(result: StructureResult) -> list[Predicted]:
    """Return, for every number that was observed, the intervals of all sides, by history."""
    from uptake.report.figures import Predicted, seen_of

    order, rows = list(result.before), []
    found = [one for one in learnt.checks(result) if not one.is_finding]
    for one in sorted(found, key=lambda one: (order.index(one.episode), one.row["month"])):
        row, name = one.row, measure(one.row)
        intervals = {
            label: [of["at_month"][q] for q in ("q05", "q25", "median", "q75", "q95")]
            for side, label in SIDES.items()
            if (of := one.sides.get(side)) and of["at_month"]  # else no run has a value
        }
        said = f"{fact(row, one.bodies)}: {reads(row)}" + ("" if one.is_fitted else " (not fitted)")
        rows.append(
            Predicted(
                one.title, said, seen_of(row), intervals, partial(amount, name),
                "_gbp" if name.endswith("_gbp") else "_share" if name == "_share" else "",
                bool(one.missed),
            )
        )  # fmt: skip
    return rows
