"""What was learnt, in words and tables of words: no sentence claims more than the draws hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.answer import NAMES, amount, share_of_runs, span
from sim.studies.calibration import unit
from sim.studies.learnt import Direction, Lesson, correlations, directions, lessons

if TYPE_CHECKING:
    from sim.report import Table
    from sim.studies.inference import Fit, Variant

TITLE = "What the episodes teach about behaviour"
CHECKS = "What was observed, and what the draws predict"
LITTLE = 0.1  # bits: a parameter that gained less is as it was before
_TIED = 0.3  # correlations from here on are told
_TOLD = 6
CHECK_COLUMNS = (
    "episode", "fact", "observed", "before", "after: half of runs", "after: 9 in 10",
    "reached or agree", "not knowing its counts", "fitted", "source",
)  # fmt: skip
SHORT = ("fact", "observed", "before", "half after", "9 in 10 after", "not knowing it")


@dataclass(frozen=True)
class Told:
    """All that is to be told of one structure."""

    variant: Variant
    found: Fit
    before: dict[str, Any]  # summaries by episode: on the priors,
    after: dict[str, Any]  # on the draws,
    without: dict[str, Any]  # and on draws that do not know the episode's own counts

    @property
    def name(self) -> str:
        """Return the name of the structure, for a reader."""
        return self.variant.name.replace("_", " ")

    @property
    def draws(self) -> float:
        """Return how many independent draws these are worth, by the stricter of two measures."""
        sample = self.found.sample
        between = sample.effective_between
        return min(sample.effective_distinct, between if np.isfinite(between) else np.inf)

    @cached_property
    def lessons(self) -> list[Lesson]:
        """Return what was learnt of each parameter, the most first."""
        return lessons(self.found.sample, self.variant.names)

    @cached_property
    def directions(self) -> list[Direction]:
        """Return the sums of parameters that the data fix."""
        return directions(self.found.sample, self.variant.names, self.draws)

    @cached_property
    def tied(self) -> list[tuple[str, str, float]]:
        """Return the pairs of parameters that the data tie together."""
        return correlations(self.found.sample, self.variant.names, _TIED)

    def diagnostics(self) -> dict[str, Any]:
        """Return how trustworthy the draws are."""
        sample, again = self.found.sample, self.found.again
        log_evidence, error = sample.evidence
        alive = again[np.isfinite(again)]
        last = [state.stages[-1] for state in self.found.states]
        return {
            "draws": len(sample.weights),
            "effective_draws_distinct": sample.effective_distinct,
            "effective_draws_between_searches": _number(sample.effective_between),
            "acceptance_at_the_exact_match": float(np.mean([one.acceptance for one in last])),
            "log_evidence": log_evidence,
            "log_evidence_standard_error": _number(error),
            "log_likelihood_variance": _number(alive.var(ddof=1) if len(alive) > 1 else np.nan),
            "log_likelihood_not_matched_share": float(1.0 - len(alive) / len(again)),
            "runs": sum(stage.runs for state in self.found.states for stage in state.stages),
            "searches": [[asdict(stage) for stage in state.stages] for state in self.found.states],
        }


def _number(value: float) -> float | None:
    """Return a number, or none if it is not finite."""
    return float(value) if np.isfinite(value) else None


def _quantiles(told: Told, name: str, points: list[float]) -> tuple[list[float], list[float]]:
    """Return quantiles of a parameter in its own unit, before and after."""
    from sim.parameters import DISTRIBUTIONS

    prior = told.variant.cases[0].priors[name]
    quantile, _ = DISTRIBUTIONS[prior.distribution]
    place = told.variant.names.index(name)
    after = _weighted(told.found.sample.normal[:, place], told.found.sample.weights, points)
    both = (np.array(points), unit(np.array(after)))
    before, now = (quantile(shares, **prior.arguments).tolist() for shares in both)
    return before, now


def _weighted(values: Any, weights: Any, points: list[float]) -> list[float]:
    """Return quantiles of weighted values."""
    order = np.argsort(values)
    ends = np.cumsum(weights[order])
    places = np.searchsorted(ends, np.array(points) * ends[-1])
    return [float(v) for v in values[order][np.minimum(places, len(values) - 1)]]


def _known(quantiles: list[float], unit_of: str) -> str:
    """Return a median with its 9 in 10."""
    low, median, high = (f"{value:.2g}" for value in quantiles)
    return f"{median} ({low} to {high}) {unit_of}"


def _lesson_rows(told: Told) -> list[list[str]]:
    """Return what was learnt of every parameter, a row each."""
    known, rows = told.variant.cases[0].config.parameters.priors, []
    for lesson in told.lessons:
        before, after = _quantiles(told, lesson.name, [0.05, 0.5, 0.95])
        rows.append(
            [
                lesson.name,
                known[lesson.name].meaning,
                _known(before, ""),
                _known(after, known[lesson.name].unit),
                f"{lesson.shift:+.2f}",
                f"{lesson.sd_ratio:.2f}",
                f"{lesson.bits:.2f}",
            ]
        )
    return rows


def _direction_words(direction: Direction) -> str:
    """Return a sum of parameters for a reader."""
    parts = [f"{weight:+.2f} {name}" for name, weight in direction.loadings.items()]
    return " ".join(parts)


def _facts(told: Told) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
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


def check_rows(told: Told) -> list[list[str]]:
    """Return what was observed beside what the draws predict, a row a fact."""
    rows: list[list[str]] = []
    last = ""
    for episode, name, found, is_fitted in _facts(told):
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


def short_rows(told: Told) -> list[list[str]]:
    """Return the same for a terminal: an episode heads its own facts."""
    shown: list[list[str]] = []
    for title, fact, observed, before, half, after, agree, without, *_ in check_rows(told):
        if title:
            shown += [[""] * len(SHORT), [title.upper(), *[""] * (len(SHORT) - 1)]]
        shown.append([f"  {fact}", observed, before, half, after or agree, without])
    return shown


def _evidence_rows(all_told: list[Told]) -> list[list[str]]:
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


def _stage_rows(told: Told) -> list[list[str]]:
    """Return how the first search went, a row a stage."""
    return [
        [
            f"{stage.window:g}", f"{stage.power:.2f}", f"{stage.ess:.0f}",
            f"{100 * stage.acceptance:.0f} %", str(stage.moves), str(stage.distinct),
            f"{stage.log_evidence:.2f}", f"{stage.runs:,}",
        ]
        for stage in told.found.states[0].stages
    ]  # fmt: skip


def tables(all_told: list[Told]) -> list[Table]:
    """Return the tables of the report, those of every structure in turn."""
    from sim.report import Table

    made = [
        Table(
            "Structures side by side",
            "Evidence: the chance of exactly these counts before anything is fitted, as a natural "
            "logarithm; a difference of 1 is a factor of 2.7. Structures are not averaged. The "
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
                "Nine runs in ten, unless said otherwise. What is fitted is no test of the model. "
                "'Not knowing its counts': from draws that were made without this episode.",
                CHECK_COLUMNS,
                check_rows(told),
            ),
            Table(
                f"Every parameter before and after{of}",
                f"Median and 9 in 10. Shift and sd are in sd of the prior; {LITTLE} bits or less "
                "is as good as nothing.",
                ("parameter", "meaning", "before", "after", "shift", "sd ratio", "bits"),
                _lesson_rows(told),
            ),
            Table(
                f"What the data fix{of}",
                "Sums of parameters, in sd of their priors, that are known more closely than "
                "chance would have it among so many draws.",
                ("sd ratio", "sum"),
                [[f"{one.sd_ratio:.2f}", _direction_words(one)] for one in told.directions],
            ),
            Table(
                f"Parameters that are tied{of}",
                f"Correlations of {_TIED} or more: what is added to one can be taken from another.",
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


def _moved(told: Told) -> str:
    """Return the sentence on the parameters of which most was learnt."""
    parts = []
    for lesson in [one for one in told.lessons if one.bits > LITTLE][:_TOLD]:
        before, after = _quantiles(told, lesson.name, [0.05, 0.5, 0.95])
        parts.append(f"{lesson.name} from {_known(before, '')}to {_known(after, '').strip()}")
    return "; ".join(parts)


def sentences(all_told: list[Told]) -> list[str]:
    """Return what was learnt and what was not, the main structure first."""
    told = all_told[0]
    said, names = told.diagnostics(), told.variant.names
    cases = {case.config.scenario.name: case for case in told.variant.cases}
    fitted = "; ".join(
        f"{cases[e.name].config.scenario.title}: "
        + ", ".join(f"{value:,} {NAMES[name]}" for name, value in e.counts.items())
        for e in told.variant.evidence
    )
    little = [one.name for one in told.lessons if one.bits <= LITTLE]
    learnt = len(names) - len(little)
    rate = told.variant.evidence[0].error_rate
    spoken = [
        f"Structure {told.name}. Fitted to the exact counts of {len(told.variant.evidence)} "
        f"episodes ({fitted}), and to what was reported without a number, of which "
        f"{100 * rate:g} % may be wrong (assumption). No number was set by hand.",
        f"Before, exactly these counts would come out once in {np.exp(-said['log_evidence']):,.0f} "
        f"times. The {said['draws']:,} draws are worth {told.draws:,.0f} independent ones.",
    ]
    if learnt:
        spoken.append(
            f"Of {len(names)} parameters, {learnt} are known better or otherwise than before "
            f"(more than {LITTLE} bits). Most was learnt of (median, 9 in 10): {_moved(told)}."
        )
    if little:
        spoken.append(
            f"Nothing to speak of was learnt of {len(little)} parameters: {', '.join(little)}. "
            "What is said of them is still the prior, an assumption."
        )
    far = [one for one in told.lessons if abs(one.shift) > 1.0]
    if far:
        moved = ", ".join(f"{one.name} ({one.shift:+.1f})" for one in far)
        spoken.append(
            f"The counts lie where the priors did not expect them: the mean of {moved} moved by "
            "more than one sd of its prior. That can be news about behaviour, or a sign that the "
            "prior or the model is wrong; the counts cannot tell which."
        )
    if told.directions:
        spoken.append(
            f"Several causes share each count. {len(told.directions)} sums of parameters are "
            f"fixed, the closest being {_direction_words(told.directions[0])} (to "
            f"{100 * told.directions[0].sd_ratio:.0f} % of its prior sd); single parameters are "
            "known less well than these sums, and are not to be quoted alone."
        )
    spoken += [_left_out(told), *_limits(told)]
    if len(all_told) > 1:
        values = ", ".join(f"{one.name} {one.found.sample.evidence[0]:.1f}" for one in all_told)
        spoken.append(
            f"Log evidence by structure: {values}. Answers are given by structure and never "
            "averaged; differences of less than 3 say little."
        )
    return [sentence for sentence in spoken if sentence]


def _left_out(told: Told) -> str:
    """Return how well each episode is foreseen by the others."""
    parts = []
    for episode, name, found, is_fitted in _facts(told):
        if is_fitted and "without" in found and "observed" in found["without"]:
            side = found["without"]["at_month"]
            inside = (
                "inside"
                if side["q05"] <= found["after"]["observed"] <= side["q95"]
                else ("outside")
            )
            parts.append(
                f"{told.after[episode]['title']}, {NAMES[name]}: {inside} "
                f"{span(name, side['q05'], side['q95'])}"
            )
    if not parts:
        return ""
    return f"Not knowing an episode's own counts, 9 runs in 10 give: {'; '.join(parts)}."


def _limits(told: Told) -> list[str]:
    """Return what the draws do not know of each fitted episode."""
    spoken = []
    for evidence in told.variant.evidence:
        scenario, summary = evidence.case.config.scenario, told.after[evidence.name]
        cut = (
            " The review cuts the count off: it is not where adoption would have settled."
            if summary["scrapped_share"] > 0
            else ""
        )
        notes = "; ".join(
            f"{name}: {quantity.note}"
            for name, quantity in (("approached", scenario.approached), ("months", scenario.months))
            if quantity.note
        )
        spoken.append(
            f"{scenario.title}: {scenario.approached.value:g} approached and "
            f"{scenario.months.value:g} months are taken as given"
            + (f" ({notes})" if notes else "")
            + f"; if they were other, so would the draws be.{cut}"
        )
    return spoken


def summary(all_told: list[Told]) -> dict[str, Any]:
    """Return what ``summary.json`` holds."""
    return {
        "structures": {
            told.variant.name: {
                "diagnostics": told.diagnostics(),
                "parameters": {one.name: asdict(one) for one in told.lessons},
                "correlations": [list(pair) for pair in told.tied],
                "directions": [asdict(one) for one in told.directions],
                "checks": [
                    {"episode": episode, "fact": found["after"].get("statement", name)}
                    | {"fitted": is_fitted} | found
                    for episode, name, found, is_fitted in _facts(told)
                ],
            }
            for told in all_told
        }
    }  # fmt: skip


def learnt_rows(all_told: list[Told]) -> list[tuple[str, dict[str, list[float]]]]:
    """Return, for every parameter, its quantiles in sd of the prior by structure."""
    points = [0.05, 0.25, 0.5, 0.75, 0.95]
    return [
        (
            lesson.name.replace("_", " "),
            {
                told.name: _weighted(
                    told.found.sample.normal[:, told.variant.names.index(lesson.name)],
                    told.found.sample.weights,
                    points,
                )
                for told in all_told
            },
        )
        for lesson in all_told[0].lessons
    ]


def predicted_rows(all_told: list[Told]) -> list[tuple[str, float, bool, dict[str, list[float]]]]:
    """Return, for everything that was counted, the observed value and intervals before and after.

    A row holds what was counted, the value, whether it was fitted, and 5, 25, 50, 75, 95 % points.
    """
    rows = []
    for facts in zip(*(list(_facts(told)) for told in all_told), strict=True):
        episode, name, found, is_fitted = facts[0]
        if "observed" not in found["after"]:
            continue
        sides = {"before": found["before"]}
        for told, fact in zip(all_told, facts, strict=True):
            label = "after" if len(all_told) == 1 else f"after, {told.name}"
            sides[label] = fact[2]["after"]
        if "without" in found:
            sides["not knowing its counts"] = found["without"]
        quantiles = {
            label: [side["at_month"][q] for q in ("q05", "q25", "median", "q75", "q95")]
            for label, side in sides.items()
        }
        title = f"{all_told[0].after[episode]['title']}: {NAMES[name]}"
        rows.append((title, float(found["after"]["observed"]), is_fitted, quantiles))
    return rows
