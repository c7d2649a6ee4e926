"""The answer in words: what the runs of a question say, for readers who do not read tables.

No sentence here says more than the summary holds. An outcome is given by its mean, of which
differences add up, and by its 5 and 95 % points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from uptake.config.case import Case
from uptake.config.offers import median_spend_gbp
from uptake.errors import counted
from uptake.report.text.money import account, balance, who_gains
from uptake.report.text.numbers import (
    NAMES,
    SCRAPPED_FOR,
    amount,
    average,
    called,
    capital,
    difference,
    differences,
    known,
    money,
    most,
    share_between,
    share_of_runs,
    span,
)
from uptake.report.text.observed import between, fact, is_inside, no_value, reads
from uptake.report.text.question import copied, departures, has_been
from uptake.report.text.why import stands, turned_away

Numbers = Mapping[str, float]  # quantiles by name, and the mean


_MISSED = 3  # of what is missed, in a sentence


class Compared(NamedTuple):
    """Runs of a question in pairs with runs of the same behaviour and draws, nothing changed."""

    than: str  # what they are compared with: as it was
    was: Mapping[str, float]  # mean of every outcome in those runs
    moved: Mapping[str, Numbers]  # what differs in any pair, by outcome: mean, q05, q95
    bodies: str  # what the organisations are called


def offer(case: Case) -> str:
    """The offer at the launch, in words."""
    levers = case.episode.levers[0]
    fee = levers.upfront_fee_gbp
    parts = [f"{money(fee)} on signing" if fee > 0 else "no fee on signing"]
    if levers.yearly_fee_gbp > 0:
        parts.append(f"{money(levers.yearly_fee_gbp)} a year")
    if levers.grant_gbp > 0:
        parts.append(f"less a grant of {money(levers.grant_gbp)}")
    return f"{', '.join(parts)}, for a term of {levers.term_years:g} years"


def headline(case: Case, runs: int, name: str, outcome: Numbers, approached: Numbers) -> str:
    """The answer in a sentence, the question first.

    ``name`` and ``outcome`` are the outcome that it gives; ``approached`` the organisations asked.
    """
    of = span("approached", approached["q05"], approached["q95"])
    what = known(name, outcome, runs, " join" if name == "joined" else "")
    what = what if name == "joined" else f"{NAMES[name]} {what}"
    asked = departures(case)
    opening = f"What if {'; '.join(asked)}? " if asked else ""
    return (
        f"{opening}Of {of} {case.bodies} approached over {case.months} months ({offer(case)}), "
        f"{what}."
    )


def beside(said: str, case: Case, name: str, runs: int, pairs: Compared | None) -> tuple[str, str]:
    """A headline beside the scheme as it was, and what else differs from that."""
    if pairs:
        return f"{said} {in_pairs(name, runs, pairs)}", also_moved(name, pairs)
    is_plain = departures(case) or not has_been(case)
    return (said if is_plain else f"As it was: {said[0].lower()}{said[1:]}"), ""


def in_pairs(name: str, runs: int, compared: Compared) -> str:
    """How an outcome differs from what it was, over pairs of runs."""
    than = compared.than
    if name not in compared.moved:
        return f"{capital(NAMES[name])}: no run differs from the scheme {than}."
    moved = compared.moved[name]
    pairs = differences(name, moved["q05"], moved["q95"])
    was = average(name, compared.was[name])
    if runs == 1:
        return f"The scheme {than} has {was}: the difference is {pairs}."
    more = _more(name, moved["mean"])
    of = most(runs, "pairs of runs")
    return f"The scheme {than} has {was} on average: {more} ({of}: {pairs})."


def _more(name: str, value: float) -> str:
    """A difference of an outcome in words, without its sign."""
    if value == 0.0:
        return "as much now"
    how = "more" if value > 0.0 else "less" if name.endswith(("_gbp", "_share")) else "fewer"
    return f"{difference(name, abs(value)).lstrip('+')} {how} now"


def also_moved(name: str, compared: Compared) -> str:
    """Every other outcome that differs in any run, with its mean difference."""
    others = [
        f"{called(other, compared.bodies)} {difference(other, moved['mean'])}"
        for other, moved in compared.moved.items()
        if other != name
    ]
    if not others:
        return f"Nothing else differs from the scheme {compared.than}."
    return f"What else differs from the scheme {compared.than}, on average: {'; '.join(others)}."


def reached(summary: Mapping[str, Any], case: Case) -> list[str]:
    """The chance that the target is reached, if there is one, as far as so many runs tell."""
    found, target = summary["target"], case.target
    if found is None or target is None:
        return []
    limit = "at most" if target.is_most else "at least"
    number = amount(target.outcome, target.number)
    if target.outcome == "joined":
        what = f"{limit} {number} join within {counted(case.months, 'month')}"
    else:
        name = called(target.outcome, case.bodies)
        what = f"{name}: {limit} {number} after {counted(case.months, 'month')}"
    aimed = "" if case.config.target else ", which the centre aims at"
    share = share_between(found["chance"], summary["runs"])
    return [f"Chance of the target{aimed} ({what}): {share}."]


def scrapped(summary: Mapping[str, Any]) -> list[str]:
    """How often the review ends the scheme, and for which threshold."""
    if summary["scrapped_share"] == 0.0:
        return []
    found = {name: share for name, share in summary["scrapped_for"].items() if share > 0.0}
    whole = share_of_runs(summary["scrapped_share"])
    if len(found) == 1:
        for_what = "".join(SCRAPPED_FOR[name] for name in found)
    else:
        for_what = "; ".join(
            f"{SCRAPPED_FOR[name]}: {share_of_runs(share)}" for name, share in found.items()
        )
    return [
        f"Of the runs, {whole} end with the scheme scrapped by its review ({for_what}), which cuts "
        "the count off: it is not where adoption would have settled."
    ]


def _dear(case: Case) -> list[str]:
    """How a fee compares with the spend on the scheme's scope, where it is as large."""
    levers, spend = case.episode.levers[0], median_spend_gbp(case)
    fees = (("fee on signing", levers.upfront_fee_gbp), ("running fee", levers.yearly_fee_gbp))
    return [
        f"The {what} is {fee / spend:,.2g} times what the median {case.body} spends in a year on "
        f"all that the scheme covers ({money(spend)})."
        for what, fee in fees
        if fee >= spend
    ]


def _copied(case: Case) -> list[str]:
    """A warning that a scenario has facts of another scheme, copied word for word."""
    return [
        f"Copied word for word from {source}: {', '.join(facts)}. If this is another scheme, give "
        "it figures and sources of its own, or take them out."
        for source, facts in copied(case).items()
    ]


def _missed(summary: Mapping[str, Any]) -> list[str]:
    """What was observed of the scheme as it was and lies outside 90 % of runs, the worst first.

    Of a what-if nothing is said: it need not come to what was observed.
    """
    known = [row for row in summary["observed"] if row["at_month"] is not None]
    missed = [row for row in known if not is_inside(row, row["at_month"])]
    if summary["departures"] or not missed:
        return []
    missed.sort(key=lambda row: float(row["p"]))
    bodies, runs = summary["bodies"], summary["runs"]
    told = [
        f"{fact(row, bodies)}: {reads(row)}, {between(row, 'q05', 'q95')} in {most(runs)}"
        for row in missed[:_MISSED]
    ]
    more = f", and {len(missed) - _MISSED} more" if len(missed) > _MISSED else ""
    return [
        f"Missed: {len(missed)} of {counted(len(known), 'number')} that were observed "
        f"{'lies' if len(missed) == 1 else 'lie'} outside {most(runs)}, errors of reading "
        f"included ({'; '.join(told)}{more})."
    ]


def _facts(summary: Mapping[str, Any]) -> list[str]:
    """What was observed and reported, beside the runs: what is missed first."""
    said, bodies = _missed(summary), summary["bodies"]
    of_scheme = " of the scheme as it was" if summary["departures"] else ""
    counts = [r for r in summary["observed"] if r["outcome"] == "joined" and not r["of"]]
    if counts:
        last = max(counts, key=lambda row: int(row["month"]))
        reach = {"at_most": "stay within that number", "between": "lie within that"}
        met = reach.get(last["bound"], "reach that number")
        said.append(
            f"Observed{of_scheme}: {reads(last)} had joined by month {last['month']} "
            f"({last['source']}); of the runs, {share_of_runs(last['agree'])} {met} by then"
            f"{_then(last['at_month'], summary['runs'])}."
        )
    for row in summary["observed"]:
        if row["no_value"]:
            what = fact(row, bodies)
            said.append(f"{what[0].upper()}{what[1:]}: {no_value(row, bodies)}.")
    for finding in summary["findings"]:
        how = "Foreseen" if finding["foreseen"] else "Reported without a number"
        said.append(
            f"{how}{of_scheme}: {finding['statement']} ({finding['source']}). "
            f"{_sides(finding['agree'], finding['contradict'], finding['no_value'])}"
        )
    return said


def _then(then: Numbers | None, runs: int) -> str:
    """Where the runs are at the month of an observation, unless they are all the same."""
    if then is None or then["sd"] == 0.0:
        return ""
    return f"; {most(runs)} have {span('joined', then['q05'], then['q95'])} then"


def _sides(agree: float, contradict: float, no_value: float = 0.0) -> str:
    """How many runs agree with a finding and how many contradict it, as a sentence.

    >>> _sides(1.0, 0.0), _sides(0.8, 0.2)
    ('All runs agree with it.', 'Of the runs, 80 % agree and 20 % contradict it.')
    >>> _sides(0.8, 0.1, 0.1)
    'Of the runs, 80 % agree and 10 % contradict it; 10 % have no value, as nil is below.'
    """
    if agree == 1.0:
        return "All runs agree with it."
    if contradict == 1.0:
        return "All runs contradict it."
    return (
        f"Of the runs, {share_of_runs(agree)} agree and {share_of_runs(contradict)} contradict it"
        + (f"; {share_of_runs(no_value)} have no value, as nil is below." if no_value else ".")
    )


def _like(summary: Mapping[str, Any]) -> str:
    """Which histories offered the like, the nearest first."""
    found = [f"{one['title']} ({one['distance']:.2f})" for one in summary.get("nearest", [])]
    if not found:
        return ""
    return (
        " By what is offered it is most like these of them (distance, from 0 to 1): "
        f"{'; '.join(found)}."
    )


def covers(case: Case) -> str:
    """What the interval covers, and what it does not."""
    also = f" {len(case.assumptions)} assumptions within their ranges," if case.assumptions else ""
    return (
        f"The interval covers behaviour,{also} what is not known of each {case.body}, and chance. "
        "It does not cover what was reported or set: levers, timeline, window and figures of the "
        "sector without a range are held as listed."
    )


def told(case: Case, summary: Mapping[str, Any], compared: Compared | None) -> list[str]:
    """The whole answer, a sentence a fact: who joins comes first."""
    outcomes, runs = summary["outcomes"], int(summary["runs"])
    said = [headline(case, runs, "joined", outcomes["joined"], outcomes["approached"])]
    if compared:
        said += [in_pairs("joined", runs, compared), also_moved("joined", compared)]
    said += reached(summary, case)
    said += _copied(case) + _dear(case) + _facts(summary)
    shown = case.config.scenario.shows
    if shown in outcomes and shown != "joined":
        what, number = capital(NAMES[shown]), known(shown, outcomes[shown], runs)
        said.append(f"{what} after {case.months} months: {number}.")
    said += [stands(summary), turned_away(summary)]
    said += [account(case, summary), balance(case, summary)]
    said += [*filter(None, [who_gains(summary)]), *scrapped(summary)]
    said.append(f"Behaviour: {case.config.parameters.title}.{_like(summary)}")
    said.append(covers(case))
    return said
