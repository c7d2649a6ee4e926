"""What was learnt, in sentences; none claims more than the draws do."""

from __future__ import annotations

import numpy as np

from uptake.errors import counted
from uptake.inference.diagnostics import Direction
from uptake.inference.result import LITTLE, StructureResult, facts, in_words, quantiles
from uptake.report.text.numbers import amount
from uptake.report.text.observed import between, fact, is_inside, measure, row_of

_MOST_NAMED = 6  # parameters of which most was learnt
_ENOUGH = 100  # independent draws, of fewer no interval is steady


def plan(particles: int, chains: int, without: tuple[int, int], structures: int) -> str:
    """Return what is about to be done, in words.

    ``without`` are the episodes that are left out in turn, and the particles of their chains.
    """
    steps = [f"{counted(chains, 'chain')} of {particles:,} particles"]
    if without[0]:
        steps.append(
            f"{counted(chains * without[0], 'chain')} of {without[1]:,} particles, each without "
            "one episode"
        )
    steps += ["every episode run before and after", "figures and report"]
    each = f" for each of {structures} structures" if structures > 1 else ""
    return f"To come{each}: {', then '.join(steps)}."


def direction_words(direction: Direction) -> str:
    """Return a sum of parameters for a reader."""
    parts = [f"{weight:+.2f} {name}" for name, weight in direction.loadings.items()]
    return " ".join(parts)


def _moved(result: StructureResult) -> str:
    """Return the sentence on the parameters of which most was learnt."""
    parts = []
    for update in [one for one in result.updates if one.bits > LITTLE][:_MOST_NAMED]:
        before, after = quantiles(result, update.name, [0.05, 0.5, 0.95])
        parts.append(f"{update.name} from {in_words(before, '')}to {in_words(after, '').strip()}")
    return "; ".join(parts)


def _too_few(ess: float) -> str:
    """Return the warning that the draws are too few to say much, or nothing if they are not."""
    if ess >= _ENOUGH:
        return ""
    return (
        f"Too few: {ess:,.0f} independent draws (effective sample size) stand behind all that "
        f"follows, and at least {_ENOUGH} are needed. Take it for a trial, and ask for more "
        "particles or chains before anything is quoted."
    )


def sentences(results: list[StructureResult]) -> list[str]:
    """Return what was learnt and what was not, the main structure first."""
    result = results[0]
    said, names = result.diagnostics(), result.variant.names
    cases = {case.config.scenario.name: case for case in result.variant.cases}
    fitted = "; ".join(
        f"{cases[e.name].config.scenario.title}: "
        + ", ".join(
            f"{seen.value:,.0f} {fact(row_of(name, seen), 'trusts', e.case.months)}"
            for name, seen in e.counts
        )
        for e in result.variant.data
    )
    little = [one.name for one in result.updates if one.bits <= LITTLE]
    learnt = len(names) - len(little)
    rate = result.variant.data[0].error_rate
    reached = [
        f"{fact(row, 'trusts', e.case.months)} {amount(measure(row), seen.value)}"
        for e in result.variant.data
        for name, seen in e.reached
        for row in [row_of(name, seen)]
    ]
    also = f" or as reached ({', '.join(reached)})" if reached else ""
    met = counted(len(result.variant.data), "episode")
    spoken = [
        _too_few(result.ess),
        f"The counts of {met} speak of {learnt} of {len(names)} parameters; of the other "
        f"{len(little)} little or nothing was learnt.",
        f"Structure {result.name}. Fitted to the exact counts of {met} ({fitted}), and to what was "
        f"reported without a number{also}, each time with a chance of {100 * rate:g} % that it is "
        "wrong (assumption). No number was set by hand.",
        "Under the prior, exactly these counts, with all else reported as it was, would come "
        f"out once in {np.exp(-said['log_marginal_likelihood']):,.0f} times. The "
        f"{said['draws']:,} draws have an effective sample size of {result.ess:,.0f}, on average "
        "over the parameters.",
    ]
    if learnt:
        spoken.append(
            f"Of {len(names)} parameters, {learnt} are known better or otherwise than before "
            f"(more than {LITTLE} bits). Most was learnt of (median, 90 % of draws): "
            f"{_moved(result)}."
        )
    if little:
        spoken.append(
            f"Little or nothing ({LITTLE} bits at most) was learnt of {len(little)} parameters: "
            f"{', '.join(little)}. What is said of them is mostly still the prior, an assumption."
        )
    far = [one for one in result.updates if abs(one.shift) > 1.0]
    if far:
        moved = ", ".join(f"{one.name} ({one.shift:+.1f})" for one in far)
        spoken.append(
            f"The counts lie where the priors did not expect them: the mean of {moved} moved by "
            "more than one sd of its prior. That can be news about behaviour, or a sign that the "
            "prior or the model is wrong; the counts cannot tell which."
        )
    if not result.directions:
        spoken.append("Several causes share each count; no sum of parameters stands out as fixed.")
    else:
        spoken.append(
            f"Several causes share each count. {len(result.directions)} sums of parameters are "
            f"fixed, the closest being {direction_words(result.directions[0])} (to "
            f"{100 * result.directions[0].sd_ratio:.0f} % of its prior sd); single parameters are "
            "known less well than these sums, and are not to be quoted alone."
        )
    spoken += [_left_out(result), *_limits(result)]
    if len(results) > 1:
        values = ", ".join(
            f"{one.name} {one.found.sample.log_marginal_likelihood[0]:.1f}" for one in results
        )
        spoken.append(
            f"Log marginal likelihood by structure: {values}. Answers are given by structure and "
            "never averaged; differences of less than 3 say little."
        )
    return [sentence for sentence in spoken if sentence]


def _left_out(result: StructureResult) -> str:
    """Return how well each episode is foreseen by the others."""
    parts = []
    for episode, _, found, is_fitted in facts(result):
        side = found.get("without", {})
        if is_fitted and side.get("at_month"):
            inside = "inside" if is_inside(side, side["at_month"]) else "outside"
            after = result.after[episode]
            what = fact(side, "trusts", after["months"])
            parts.append(f"{after['title']}, {what}: {inside} {between(side, 'q05', 'q95')}")
    if not parts:
        return ""
    sizes = ", ".join(f"{size:,.0f}" for size in result.ess_without.values())
    return (
        f"Not knowing an episode's own counts, 90 % of runs: {'; '.join(parts)} "
        f"(effective sample sizes {sizes})."
    )


def _limits(result: StructureResult) -> list[str]:
    """Return what the draws do not know of each fitted episode."""
    spoken = []
    for data in result.variant.data:
        scenario, summary = data.case.config.scenario, result.after[data.name]
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
        ends = scenario.approached.ends
        number = f"{ends[0]:g} to {ends[1]:g}" if ends else f"{scenario.approached.value:g}"
        spoken.append(
            f"{scenario.title}: {number} approached and "
            f"{scenario.months.value:g} months are taken as given"
            + (f" ({notes})" if notes else "")
            + f"; if they were other, so would the draws be.{cut}"
        )
    return spoken
