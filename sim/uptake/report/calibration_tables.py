"""What was learnt, in tables of words and in rows for the figures."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from uptake.inference.result import LITTLE, TIED, CalibrationResult, facts, in_words, quantiles
from uptake.model.parameters import weighted_quantiles
from uptake.report.text.calibration import direction_words
from uptake.report.text.numbers import NAMES, amount, share_of_runs, span

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


def _lesson_rows(told: CalibrationResult) -> list[list[str]]:
    """Return what was learnt of every parameter, a row each."""
    known, rows = told.variant.cases[0].config.parameters.priors, []
    for lesson in told.updates:
        before, after = quantiles(told, lesson.name, [0.05, 0.5, 0.95])
        rows.append(
            [
                lesson.name,
                known[lesson.name].meaning,
                in_words(before, ""),
                in_words(after, known[lesson.name].unit),
                f"{lesson.shift:+.2f}",
                f"{lesson.sd_ratio:.2f}",
                f"{lesson.bits:.2f}",
            ]
        )
    return rows


def check_rows(told: CalibrationResult) -> list[list[str]]:
    """Return what was observed beside what the draws predict, a row a fact."""
    rows: list[list[str]] = []
    last = ""
    for episode, name, found, is_fitted in facts(told):
        title, last = ("" if episode == last else told.after[episode]["title"]), episode
        after, fitted = found["after"], "yes" if is_fitted else "no"
        if "observed" not in after:
            agree = {side: share_of_runs(one["agree"]) for side, one in found.items()}
            rows.append(
                [
                    title, after["statement"], "foreseen" if after["foreseen"] else "reported",
                    agree["before"], "", "", agree["after"], agree.get("without", ""), fitted,
                    after["source"],
                ]
            )  # fmt: skip
            continue
        spans = {
            side: span(name, one["at_month"]["q05"], one["at_month"]["q95"])
            for side, one in found.items()
        }
        rows.append(
            [
                title,
                f"{NAMES[name]}, month {after['observed_month']}",
                amount(name, after["observed"]),
                spans["before"],
                span(name, after["at_month"]["q25"], after["at_month"]["q75"]),
                spans["after"],
                share_of_runs(after["share_of_runs_at_least_observed"]),
                spans.get("without", ""),
                fitted,
                after["source"],
            ]
        )
    return rows


def short_rows(told: CalibrationResult) -> list[list[str]]:
    """Return the same for a terminal: an episode heads its own facts."""
    shown: list[list[str]] = []
    for title, fact, observed, before, half, after, agree, without, *_ in check_rows(told):
        if title:
            shown += [[""] * len(SHORT), [title.upper(), *[""] * (len(SHORT) - 1)]]
        shown.append([f"  {fact}", observed, before, half, after or agree, without])
    return shown


def _evidence_rows(all_told: list[CalibrationResult]) -> list[list[str]]:
    """Return how well each structure foresees the counts, and how good its draws are."""
    rows = []
    for told in all_told:
        said = told.diagnostics()
        error, variance = said["log_evidence_standard_error"], said["log_likelihood_variance"]
        between = said["effective_draws_between_searches"]
        rows.append(
            [
                told.name,
                f"{said['log_evidence']:.2f}" + ("" if error is None else f" +- {error:.2f}"),
                f"{said['draws']:,}",
                f"{said['effective_draws_distinct']:,.0f}",
                "" if between is None else f"{between:,.0f}",
                f"{100 * said['acceptance_at_the_exact_match']:.0f} %",
                "" if variance is None else f"{variance:.2f}",
                f"{100 * said['log_likelihood_not_matched_share']:.0f} %",
                f"{said['runs'] / 1e6:,.1f}m",
            ]
        )
    return rows


def _stage_rows(told: CalibrationResult) -> list[list[str]]:
    """Return how the first search went, a row a stage."""
    return [
        [
            f"{stage.window:g}", f"{stage.power:.2f}", f"{stage.ess:.0f}",
            f"{100 * stage.acceptance:.0f} %", str(stage.moves), str(stage.distinct),
            f"{stage.log_evidence:.2f}", f"{stage.runs:,}",
        ]
        for stage in told.found.states[0].stages
    ]  # fmt: skip


def tables(all_told: list[CalibrationResult]) -> list[Table]:
    """Return the tables of the report, those of every structure in turn."""
    from uptake.report.tables import Table

    made = [
        Table(
            "Structures side by side",
            "Evidence: the chance, before anything is fitted, of exactly these counts with all "
            "else reported as it was, as a natural logarithm; a difference of 1 is a factor of "
            "2.7. Structures are not averaged. The "
            "number of draws that count is the smaller of: draws that differ; and what the "
            "disagreement of independent searches says. The log likelihood is an estimate; at "
            "the mean of the draws it varies as told (up to 2 is well), and so often no run "
            "matched.",
            ("structure", "log evidence", "draws", "distinct", "by disagreement", "moves made",
             "variance of log likelihood", "no match", "runs"),
            _evidence_rows(all_told),
        )
    ]  # fmt: skip
    for told in all_told:
        of = f" ({told.name})" if len(all_told) > 1 else ""
        made += [
            Table(
                f"{CHECKS}{of}",
                "90 % of runs, unless said otherwise. What is fitted is no test of the model. "
                "'Not knowing its counts': from draws that were made without this episode.",
                CHECK_COLUMNS,
                check_rows(told),
            ),
            Table(
                f"Every parameter before and after{of}",
                "Median and 90 % of draws. Shift and sd are in sd of the prior; "
                f"{LITTLE} bits are as little as a shift of a third of one, or an sd of three "
                "quarters.",
                ("parameter", "meaning", "before", "after", "shift", "sd ratio", "bits"),
                _lesson_rows(told),
            ),
            Table(
                f"What the data fix{of}",
                "Sums of parameters, in sd of their priors, that are known more closely than "
                "chance would have it among so many draws.",
                ("sd ratio", "sum"),
                [[f"{one.sd_ratio:.2f}", direction_words(one)] for one in told.directions],
            ),
            Table(
                f"Parameters that are tied{of}",
                f"Correlations of {TIED} or more: what is added to one can be taken from another.",
                ("one", "other", "correlation"),
                [[one, other, f"{r:+.2f}"] for one, other, r in told.tied],
            ),
            Table(
                f"How the first search went{of}",
                "Stage by stage, from the prior to the exact match.",
                ("window", "power", "effective points", "moves made", "moves", "distinct",
                 "log evidence", "runs"),
                _stage_rows(told),
            ),
        ]  # fmt: skip
    return made


def summary(all_told: list[CalibrationResult]) -> dict[str, Any]:
    """Return what ``summary.json`` holds."""
    return {
        "structures": {
            told.variant.name: {
                "diagnostics": told.diagnostics(),
                "parameters": {one.name: asdict(one) for one in told.updates},
                "correlations": [list(pair) for pair in told.tied],
                "directions": [asdict(one) for one in told.directions],
                "checks": [
                    {"episode": episode, "fact": found["after"].get("statement", name)}
                    | {"fitted": is_fitted} | found
                    for episode, name, found, is_fitted in facts(told)
                ],
            }
            for told in all_told
        }
    }  # fmt: skip


def learnt_rows(all_told: list[CalibrationResult]) -> list[tuple[str, dict[str, list[float]]]]:
    """Return, for every parameter, its quantiles in sd of the prior by structure."""
    points = [0.05, 0.25, 0.5, 0.75, 0.95]
    return [
        (
            lesson.name.replace("_", " "),
            {
                told.name: weighted_quantiles(
                    told.found.sample.normal[:, told.variant.names.index(lesson.name)],
                    told.found.sample.weights,
                    points,
                )
                for told in all_told
            },
        )
        for lesson in all_told[0].updates
    ]


def predicted_rows(all_told: list[CalibrationResult]) -> list[Predicted]:
    """Return, for everything that was counted, the value and the intervals before and after."""
    from uptake.report.figures import Predicted

    rows = []
    for same in zip(*(list(facts(told)) for told in all_told), strict=True):
        episode, name, found, is_fitted = same[0]
        if "observed" not in found["after"]:
            continue
        sides = {"before": found["before"]}
        for told, fact in zip(all_told, same, strict=True):
            label = "after" if len(all_told) == 1 else f"after, {told.name}"
            sides[label] = fact[2]["after"]
        if "without" in found:
            known = "" if len(all_told) == 1 else f", {all_told[0].name}"
            sides[f"not knowing its counts{known}"] = found["without"]
        quantiles = {
            label: [side["at_month"][q] for q in ("q05", "q25", "median", "q75", "q95")]
            for label, side in sides.items()
        }
        told_as = f"{NAMES[name]} ({'fitted' if is_fitted else 'not fitted'})"
        title = f"{all_told[0].after[episode]['title']}: {told_as}"
        observed, words = float(found["after"]["observed"]), partial(amount, name)
        rows.append(Predicted(title, observed, quantiles, words))
    return rows
