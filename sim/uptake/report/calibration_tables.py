"""What was learnt, in tables of words and in rows for the figures."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from uptake.inference.result import LITTLE, TIED, StructureResult, facts, in_words, quantiles
from uptake.model.parameters import weighted_quantiles
from uptake.report.text.calibration import direction_words
from uptake.report.text.numbers import amount, share_of_runs
from uptake.report.text.observed import between, fact, measure, reads

if TYPE_CHECKING:
    from uptake.report.figures import Predicted
    from uptake.report.tables import Table

TITLE = "What the episodes teach about behaviour"
CHECKS = "What was observed, and what the draws predict"
CHECK_COLUMNS = (
    "episode", "fact", "observed", "before", "after: 50 % of runs", "after: 90 % of runs",
    "reached or agree", "not knowing its counts", "fitted", "source",
)  # fmt: skip
SHORT = ("fact", "observed", "before", "50 % after", "90 % after", "not knowing it")


def _update_rows(result: StructureResult) -> list[list[str]]:
    """Return what was learnt of every parameter, a row each."""
    known, rows = result.variant.cases[0].config.parameters.priors, []
    for update in result.updates:
        before, after = quantiles(result, update.name, [0.05, 0.5, 0.95])
        rows.append(
            [
                update.name,
                known[update.name].meaning,
                in_words(before, ""),
                in_words(after, known[update.name].unit),
                f"{update.shift:+.2f}",
                f"{update.sd_ratio:.2f}",
                f"{update.bits:.2f}",
            ]
        )
    return rows


def check_rows(result: StructureResult) -> list[list[str]]:
    """Return what was observed beside what the draws predict, a row a fact."""
    rows: list[list[str]] = []
    last = ""
    for episode, _, found, is_fitted in facts(result):
        title, last = ("" if episode == last else result.after[episode]["title"]), episode
        after, fitted = found["after"], "yes" if is_fitted else "no"
        if "statement" in after:
            agree = {side: share_of_runs(one["agree"]) for side, one in found.items()}
            rows.append(
                [
                    title, after["statement"], "foreseen" if after["foreseen"] else "reported",
                    agree["before"], "", "", agree["after"], agree.get("without", ""), fitted,
                    after["source"],
                ]
            )  # fmt: skip
            continue
        spans = {side: between(one, "q05", "q95") for side, one in found.items()}
        rows.append(
            [
                title,
                fact(after, "trusts"),
                reads(after),
                spans["before"],
                between(after, "q25", "q75"),
                spans["after"],
                "" if after["agree"] is None else share_of_runs(after["agree"]),
                spans.get("without", ""),
                fitted,
                after["source"],
            ]
        )
    return rows


def short_rows(result: StructureResult) -> list[list[str]]:
    """Return the same for a terminal: an episode heads its own facts."""
    shown: list[list[str]] = []
    for title, what, observed, before, half, after, agree, without, *_ in check_rows(result):
        if title:
            shown += [[""] * len(SHORT), [title.upper(), *[""] * (len(SHORT) - 1)]]
        shown.append([f"  {what}", observed, before, half, after or agree, without])
    return shown


def _structure_rows(results: list[StructureResult]) -> list[list[str]]:
    """Return marginal likelihood and diagnostics, a row a structure."""
    rows = []
    for result in results:
        said = result.diagnostics()
        error, variance = (
            said["log_marginal_likelihood_standard_error"],
            said["log_likelihood_variance"],
        )
        between = said["ess_between_chains"]
        rows.append(
            [
                result.name,
                f"{said['log_marginal_likelihood']:.2f}"
                + ("" if error is None else f" +- {error:.2f}"),
                f"{said['draws']:,}",
                f"{said['ess_distinct']:,.0f}",
                "" if between is None else f"{between:,.0f}",
                f"{100 * said['acceptance_at_the_exact_match']:.0f} %",
                "" if variance is None else f"{variance:.2f}",
                f"{100 * said['log_likelihood_not_matched_share']:.0f} %",
                f"{said['runs'] / 1e6:,.1f}m",
            ]
        )
    return rows


def _stage_rows(result: StructureResult) -> list[list[str]]:
    """Return the stages of the first chain, a row each."""
    return [
        [
            f"{stage.tolerance:g}", f"{stage.tempering:.2f}", f"{stage.ess:.0f}",
            f"{100 * stage.acceptance:.0f} %", str(stage.moves), str(stage.distinct),
            f"{stage.log_marginal_likelihood:.2f}", f"{stage.runs:,}",
        ]
        for stage in result.found.states[0].stages
    ]  # fmt: skip


def tables(results: list[StructureResult]) -> list[Table]:
    """Return the tables of the report, those of every structure in turn."""
    from uptake.report.tables import Table

    made = [
        Table(
            "Structures side by side",
            "Marginal likelihood: the probability under the prior of exactly these counts, with "
            "all else reported as it was, as a natural logarithm; a difference of 1 is a factor "
            "of 2.7. Structures are not averaged. The effective sample size is the smaller of "
            "two: by distinct draws; and by the disagreement of independent chains. The log "
            "likelihood is an estimate: the table gives its variance at the mean of the draws "
            "(up to 2 is good), and how often no run matched.",
            ("structure", "log marginal likelihood", "draws", "ESS, distinct",
             "ESS, by disagreement", "moves accepted",
             "variance of log likelihood", "no match", "runs"),
            _structure_rows(results),
        )
    ]  # fmt: skip
    for result in results:
        of = f" ({result.name})" if len(results) > 1 else ""
        made += [
            Table(
                f"{CHECKS}{of}",
                "90 % of runs, unless said otherwise. What is fitted is no test of the model. "
                "'Not knowing its counts': from draws that were made without this episode.",
                CHECK_COLUMNS,
                check_rows(result),
            ),
            Table(
                f"Every parameter before and after{of}",
                "Median and 90 % of draws. Shift and sd are in sd of the prior; "
                f"{LITTLE} bits are as little as a shift of a third of one, or an sd of three "
                "quarters.",
                ("parameter", "meaning", "before", "after", "shift", "sd ratio", "bits"),
                _update_rows(result),
            ),
            Table(
                f"What the data fix{of}",
                "Sums of parameters, in sd of their priors, that are known more closely than "
                "chance alone explains among so many draws.",
                ("sd ratio", "sum"),
                [[f"{one.sd_ratio:.2f}", direction_words(one)] for one in result.directions],
            ),
            Table(
                f"Parameters that are tied{of}",
                f"Correlations of {TIED} or more: what is added to one can be taken from another.",
                ("one", "other", "correlation"),
                [[one, other, f"{r:+.2f}"] for one, other, r in result.tied],
            ),
            Table(
                f"Stages of the first chain{of}",
                "Stage by stage, from the prior to the exact match.",
                ("tolerance", "tempering", "effective sample size", "moves accepted", "moves",
                 "distinct", "log marginal likelihood", "runs"),
                _stage_rows(result),
            ),
        ]  # fmt: skip
    return made


def summary(results: list[StructureResult]) -> dict[str, Any]:
    """Return the content of ``summary.json``."""
    return {
        "structures": {
            result.variant.name: {
                "diagnostics": result.diagnostics(),
                "parameters": {one.name: asdict(one) for one in result.updates},
                "correlations": [list(pair) for pair in result.tied],
                "directions": [asdict(one) for one in result.directions],
                "checks": [
                    {"episode": episode, "fact": found["after"].get("statement", name)}
                    | {"fitted": is_fitted} | found
                    for episode, name, found, is_fitted in facts(result)
                ],
            }
            for result in results
        }
    }  # fmt: skip


def learnt_rows(results: list[StructureResult]) -> list[tuple[str, dict[str, list[float]]]]:
    """Return, for every parameter, its quantiles in sd of the prior by structure."""
    shares = [0.05, 0.25, 0.5, 0.75, 0.95]
    return [
        (
            update.name.replace("_", " "),
            {
                result.name: weighted_quantiles(
                    result.found.sample.normal[:, result.variant.names.index(update.name)],
                    result.found.sample.weights,
                    shares,
                )
                for result in results
            },
        )
        for update in results[0].updates
    ]


def predicted_rows(results: list[StructureResult]) -> list[Predicted]:
    """Return, for everything that was counted, the value and the intervals before and after."""
    from uptake.report.figures import Predicted, seen_of

    rows = []
    for same in zip(*(list(facts(result)) for result in results), strict=True):
        episode, _, found, is_fitted = same[0]
        row = found["after"]
        if "statement" in row:
            continue
        sides = {"before": found["before"]}
        for result, other in zip(results, same, strict=True):
            label = "after" if len(results) == 1 else f"after, {result.name}"
            sides[label] = other[2]["after"]
        if "without" in found:
            known = "" if len(results) == 1 else f", {results[0].name}"
            sides[f"not knowing its counts{known}"] = found["without"]
        quantiles = {
            label: [side["at_month"][q] for q in ("q05", "q25", "median", "q75", "q95")]
            for label, side in sides.items()
            if side["at_month"]  # else no run has a value
        }
        called = f"{fact(row, 'trusts')} ({'fitted' if is_fitted else 'not fitted'})"
        title = f"{results[0].after[episode]['title']}: {called}"
        rows.append(Predicted(title, seen_of(row), quantiles, partial(amount, measure(row))))
    return rows
