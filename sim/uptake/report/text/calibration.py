"""What was learnt, in sentences: none claims more than the draws hold."""

from __future__ import annotations

import numpy as np

from uptake.errors import counted
from uptake.inference.diagnostics import Direction
from uptake.inference.result import LITTLE, CalibrationResult, facts, in_words, quantiles
from uptake.report.text.numbers import NAMES, amount, span

_TOLD = 6  # parameters of which most was learnt


def direction_words(direction: Direction) -> str:
    """Return a sum of parameters for a reader."""
    parts = [f"{weight:+.2f} {name}" for name, weight in direction.loadings.items()]
    return " ".join(parts)


def _moved(told: CalibrationResult) -> str:
    """Return the sentence on the parameters of which most was learnt."""
    parts = []
    for lesson in [one for one in told.updates if one.bits > LITTLE][:_TOLD]:
        before, after = quantiles(told, lesson.name, [0.05, 0.5, 0.95])
        parts.append(f"{lesson.name} from {in_words(before, '')}to {in_words(after, '').strip()}")
    return "; ".join(parts)


def sentences(all_told: list[CalibrationResult]) -> list[str]:
    """Return what was learnt and what was not, the main structure first."""
    told = all_told[0]
    said, names = told.diagnostics(), told.variant.names
    cases = {case.config.scenario.name: case for case in told.variant.cases}
    fitted = "; ".join(
        f"{cases[e.name].config.scenario.title}: "
        + ", ".join(f"{value:,} {NAMES[name]}" for name, value in e.counts.items())
        for e in told.variant.evidence
    )
    little = [one.name for one in told.updates if one.bits <= LITTLE]
    learnt = len(names) - len(little)
    rate = told.variant.evidence[0].error_rate
    reached = [
        f"{NAMES[n]} {amount(n, v)}" for e in told.variant.evidence for n, v in e.reached.items()
    ]
    also = f" or as reached ({', '.join(reached)})" if reached else ""
    met = counted(len(told.variant.evidence), "episode")
    spoken = [
        f"The counts of {met} speak of {learnt} of {len(names)} parameters; of the other "
        f"{len(little)} little or nothing was learnt.",
        f"Structure {told.name}. Fitted to the exact counts of {met} ({fitted}), and to what was "
        f"reported without a number{also}, each time with a chance of {100 * rate:g} % that it is "
        "wrong (assumption). No number was set by hand.",
        "Before, exactly these counts, with all else reported as it was, would come out once in "
        f"{np.exp(-said['log_evidence']):,.0f} times. The {said['draws']:,} draws are worth "
        f"{told.draws:,.0f} independent ones, on average over the parameters.",
    ]
    if learnt:
        spoken.append(
            f"Of {len(names)} parameters, {learnt} are known better or otherwise than before "
            f"(more than {LITTLE} bits). Most was learnt of (median, 90 % of draws): "
            f"{_moved(told)}."
        )
    if little:
        spoken.append(
            f"Little or nothing ({LITTLE} bits at most) was learnt of {len(little)} parameters: "
            f"{', '.join(little)}. What is said of them is mostly still the prior, an assumption."
        )
    far = [one for one in told.updates if abs(one.shift) > 1.0]
    if far:
        moved = ", ".join(f"{one.name} ({one.shift:+.1f})" for one in far)
        spoken.append(
            f"The counts lie where the priors did not expect them: the mean of {moved} moved by "
            "more than one sd of its prior. That can be news about behaviour, or a sign that the "
            "prior or the model is wrong; the counts cannot tell which."
        )
    if not told.directions:
        spoken.append("Several causes share each count; no sum of parameters stands out as fixed.")
    else:
        spoken.append(
            f"Several causes share each count. {len(told.directions)} sums of parameters are "
            f"fixed, the closest being {direction_words(told.directions[0])} (to "
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


def _left_out(told: CalibrationResult) -> str:
    """Return how well each episode is foreseen by the others."""
    parts = []
    for episode, name, found, is_fitted in facts(told):
        if is_fitted and "without" in found and "observed" in found["without"]:
            side = found["without"]["at_month"]
            is_inside = side["q05"] <= found["after"]["observed"] <= side["q95"]
            inside = "inside" if is_inside else "outside"
            parts.append(
                f"{told.after[episode]['title']}, {NAMES[name]}: {inside} "
                f"{span(name, side['q05'], side['q95'])}"
            )
    if not parts:
        return ""
    worth = ", ".join(f"{draws:,.0f}" for draws in told.ess.values())
    return (
        f"Not knowing an episode's own counts, 90 % of runs: {'; '.join(parts)} "
        f"(from draws that are worth {worth} independent ones)."
    )


def _limits(told: CalibrationResult) -> list[str]:
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
