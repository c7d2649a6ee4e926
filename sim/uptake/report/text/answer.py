"""The answer in words: what the runs of a question say, for readers who do not read tables.

No sentence here says more than the summary holds. An outcome is told by its mean, of which
differences add up, and by its 5 and 95 % points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from uptake.config.case import Case
from uptake.model.initialization import empty_state, initialise
from uptake.report.text.numbers import (
    NAMES,
    average,
    called,
    difference,
    differences,
    in_most,
    money,
    share_of_runs,
    span,
)
from uptake.report.text.question import copied, departures

Numbers = Mapping[str, float]  # quantiles by name, and the mean


class Compared(NamedTuple):
    """Runs of a question in pairs with runs of the same behaviour and luck, nothing changed."""

    than: str  # what they are compared with: as it was
    was: Mapping[str, float]  # mean of every outcome in those runs
    moved: Mapping[str, Numbers]  # what differs in any pair, by outcome: mean, q05, q95
    bodies: str = "trusts"  # what the organisations are called


def offer(case: Case) -> str:
    """Return what is on offer at the launch, in words."""
    levers = case.episode.levers[0]
    fee = levers.upfront_fee_gbp
    parts = [f"{money(fee)} on signing" if fee > 0 else "no fee on signing"]
    if levers.yearly_fee_gbp > 0:
        parts.append(f"{money(levers.yearly_fee_gbp)} a year")
    if levers.grant_gbp > 0:
        parts.append(f"less a grant of {money(levers.grant_gbp)}")
    return f"{', '.join(parts)}, for a term of {levers.term_years:g} years"


def _counted(case: Case, runs: int, name: str, outcome: Numbers, approached: Numbers) -> str:
    """Return what a count came to, of whom, by when."""
    of = span("approached", approached["q05"], approached["q95"])
    number = span(name, outcome["q05"], outcome["q95"])
    what = f"{number} join" if name == "joined" else f"{NAMES[name]} {number}"
    mean = "" if runs == 1 else f", {average(name, outcome['mean'])} on average"
    return (
        f"of {of} {case.bodies} approached over {case.months} months ({offer(case)}), "
        f"{what} {in_most(runs)}{mean}."
    )


def headline(case: Case, runs: int, name: str, outcome: Numbers, approached: Numbers) -> str:
    """Return the answer in a sentence, the question first; ``name`` is the outcome that it tells.

    ``outcome`` and ``approached`` are the numbers of that outcome and of the trusts approached.
    """
    said = _counted(case, runs, name, outcome, approached)
    asked = departures(case)
    opening = f"What if {'; '.join(asked)}? " if asked else ""
    return f"{opening}{said[0].upper()}{said[1:]}"


def in_pairs(name: str, runs: int, compared: Compared) -> str:
    """Return how an outcome differs from what it was, over pairs of runs."""
    than = compared.than
    if name not in compared.moved:
        return f"{NAMES[name].capitalize()}: no run differs from the scheme {than}."
    moved = compared.moved[name]
    pairs = differences(name, moved["q05"], moved["q95"])
    was = average(name, compared.was[name])
    if runs == 1:
        return f"The scheme {than} has {was}: the difference is {pairs}."
    most = in_most(runs).replace("runs", "pairs of runs")
    more = _more(name, moved["mean"])
    return f"The scheme {than} has {was} on average: {more} ({pairs} {most})."


def _more(name: str, value: float) -> str:
    """Return a difference of an outcome in words, without its sign."""
    if value == 0.0:
        return "as much now"
    how = "more" if value > 0.0 else "less" if name.endswith(("_gbp", "_share")) else "fewer"
    return f"{difference(name, abs(value)).lstrip('+')} {how} now"


def also_moved(name: str, compared: Compared) -> str:
    """Return every other outcome that differs in any run, with its mean difference."""
    others = [
        f"{called(other, compared.bodies)} {difference(other, moved['mean'])}"
        for other, moved in compared.moved.items()
        if other != name
    ]
    if not others:
        return f"Nothing else differs from the scheme {compared.than}."
    return f"What else differs from the scheme {compared.than}, on average: {'; '.join(others)}."


def _account(case: Case, loss: Numbers, most: str) -> str:
    """Return what the provider loses or gains, in words."""
    low, high = loss["q05"], loss["q95"]
    offers = case.episode.offers
    if low == high == 0.0:
        return f"Providers neither gain nor lose by it {most}; their outlay is not known."
    if low == high == float((offers.invested_gbp + offers.committed_gbp).sum()):
        return (
            f"The provider loses {money(low)} {most}: what it invested and committed, "
            "with no fees kept. Both are inputs of the scenario; the model did not find them."
        )
    who = "The provider makes" if len(offers) == 1 else "The providers together make"
    if high <= 0:
        return f"{who} a surplus of {span('_gbp', -high, -low)} {most}."
    sign = " (a negative loss is a surplus)" if low < 0 else ""
    who = "The provider loses" if len(offers) == 1 else "The providers together lose"
    said = f"{who} {span('_gbp', low, high)} {most}{sign}"
    if not float((offers.invested_gbp + offers.committed_gbp).sum()):
        said += ", against the former price: what the service itself costs is not in the model"
    return f"{said}."


def _balance(outcomes: Mapping[str, Any], most: str) -> str:
    """Return what was claimed, what was realised, and what it is worth to all together."""
    parts = [
        f"{NAMES[name]} {span(name, outcomes[name]['q05'], outcomes[name]['q95'])}"
        for name in ("claimed_saving_gbp", "realised_saving_gbp", "net_present_value_gbp")
    ]
    return f"The balance {most}: {'; '.join(parts)} (at the launch, 3.5 % a year real)."


def _dear(case: Case) -> list[str]:
    """Return what a fee is, beside what is spent on the scheme's scope, where it is as large."""
    levers, spend = case.episode.levers[0], _median_spend_gbp(case)
    fees = (("fee on signing", levers.upfront_fee_gbp), ("running fee", levers.yearly_fee_gbp))
    return [
        f"The {what} is {fee / spend:,.2g} times what the median {case.body} spends in a year on "
        f"all that the scheme covers ({money(spend)})."
        for what, fee in fees
        if fee >= spend
    ]


def _median_spend_gbp(case: Case) -> float:
    """Return the spend in scope of the median trust of the first run, GBP a year."""
    state = empty_state(case.episode)
    trusts = initialise(state, case.episode, case.config.seed, 0)
    return float(np.median(state.trusts.spend_gbp[:trusts]))


def _copied(case: Case) -> list[str]:
    """Return a warning that facts of another scheme stand in a scenario, copied word for word."""
    return [
        f"Copied word for word from {source}: {', '.join(facts)}. If this is another scheme, give "
        "it figures and sources of its own, or take them out."
        for source, facts in copied(case).items()
    ]


def _facts(summary: Mapping[str, Any]) -> list[str]:
    """Return what was observed and reported, beside the runs."""
    outcomes, said = summary["outcomes"], []
    of_scheme = " of the scheme as it was" if summary["departures"] else ""
    if "observed" in outcomes["joined"]:
        joined = outcomes["joined"]
        reached = share_of_runs(joined["share_of_runs_at_least_observed"])
        said.append(
            f"Observed{of_scheme}: {joined['observed']:,.0f} had joined by month "
            f"{joined['observed_month']} ({joined['source']}); of the runs, {reached} reach that "
            "number by then."
        )
    for finding in summary["findings"]:
        how = "Foreseen" if finding["foreseen"] else "Reported without a number"
        said.append(
            f"{how}{of_scheme}: {finding['statement']} ({finding['source']}). "
            f"Of the runs, {share_of_runs(finding['agree'])} agree and "
            f"{share_of_runs(finding['contradict'])} contradict it."
        )
    return said


def compared_of(summary: Mapping[str, Any]) -> Compared | None:
    """Return the pairs of runs that a summary tells of, if it does."""
    if "as_it_was" not in summary:
        return None
    base = summary["as_it_was"]
    return Compared(base["called"], base["mean"], base["differences"], summary["bodies"])


def than(summary: Mapping[str, Any]) -> str:
    """Return what the runs of a summary are compared with, or nothing."""
    compared = compared_of(summary)
    return compared.than if compared else ""


def told(case: Case, summary: Mapping[str, Any]) -> list[str]:
    """Return the whole answer, a sentence a fact: what joins comes first."""
    outcomes, runs = summary["outcomes"], int(summary["runs"])
    most, compared = in_most(runs), compared_of(summary)
    said = [headline(case, runs, "joined", outcomes["joined"], outcomes["approached"])]
    if compared:
        said += [in_pairs("joined", runs, compared), also_moved("joined", compared)]
    said += _copied(case) + _dear(case) + _facts(summary)
    shown = case.config.scenario.shows
    if shown in outcomes and shown != "joined":
        seen = outcomes[shown]
        number = span(shown, seen["q05"], seen["q95"])
        said.append(f"{NAMES[shown].capitalize()} after {case.months} months: {number} {most}.")
    said.append(_account(case, outcomes["provider_loss_gbp"], most))
    said.append(_balance(outcomes, most))
    if summary["scrapped_share"] > 0:
        said.append(
            f"Of the runs, {share_of_runs(summary['scrapped_share'])} end with the scheme scrapped "
            "by its review, which cuts the count off: it is not where adoption would have settled."
        )
    said.append(f"Behaviour: {case.config.parameters.title}.")
    said.append(
        f"The interval covers behaviour, what is not known of each {case.body}, and luck. It does "
        "not cover levers, timeline, window and the sector's figures: these are held as listed."
    )
    return said
