"""What it would take, in words: the least change of one lever, and of two; what pays."""

from __future__ import annotations

import numpy as np

from uptake.analysis.decision import Decision
from uptake.analysis.least_change import Least, LeastPair
from uptake.config.decisions import passed_over
from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text.numbers import amount, called, difference, percent, share_between
from uptake.report.text.paying import does_pay, turned
from uptake.report.text.question import lever_short, lever_value, lever_was, title


def share_of(found: Decision, share: float) -> str:
    """A share of the runs, and how far they tell it."""
    return share_between(share, found.reaching.runs, found.reaching.apart)


def goal(found: Decision) -> str:
    """What is to be reached: at least 25 joined."""
    target, limit = found.target, "at most" if found.target.is_most else "at least"
    what = called(target.outcome, found.case.bodies)
    return f"{what}: {limit} {amount(target.outcome, target.number)}"


def headline(found: Decision) -> str:
    """What is to be reached, how often it is, and how often it is to be."""
    case, reached = found.case, found.reaching
    said = share_of(found, reached.now)
    return (
        f"{title(case)}: the target ({goal(found)}, by month {case.months}) is reached in {said} "
        f"as it is. Asked is a chance of {percent(reached.asked)}."
    )


def _interval(found: Decision, one: Least) -> str:
    """Between which values of a lever the chance is not told apart from the one asked."""
    name, case = one.scale.name, found.case
    number = found.reaching.runs
    runs = f"as far as {number:,} runs tell" if number > 1 else "as far as one run tells"
    if one.easiest is None or one.surest is None or np.isnan(one.easiest):
        low = lever_was(case, name) if one.easiest is not None else ""
        high = "" if one.surest is None else f" at {lever_value(case, name, one.surest)} surely"
        told = f"perhaps as it is, {low}" if low else "perhaps less"
        return f"{told};{high or ' no value in its range surely'}, {runs}"
    if one.easiest == one.surest:
        return f"to the step of {one.scale.step:g}, {runs}"
    ends = sorted((one.easiest, one.surest))
    low, high = (lever_value(case, name, end) for end in ends)
    return f"{low} to {high}, {runs}"


def _changed(found: Decision, name: str, value: float) -> str:
    """A lever, its value, and what it was."""
    case = found.case
    return (
        f"{lever_short(case, name)} {lever_value(case, name, value)} (was {lever_was(case, name)})"
    )


def passed(found: Decision) -> list[str]:
    """Which of the usual levers are not asked of."""
    names = [scale.name for scale in found.scales]
    left = [lever_short(found.case, name) for name in passed_over(found.case, names)]
    if not left:
        return []
    return [
        f"Of {len(names) + len(left)} usual levers, tried in short at the ends of their ranges, "
        f"these {len(names)} bring it nearest or have a range of their own. Others may "
        f"do it too, and can be named (decide.levers): {'; '.join(left)}."
    ]


def one_lever(found: Decision) -> list[str]:
    """What each lever would have to be, alone."""
    reached, case = found.reaching, found.case
    if reached.now >= reached.asked:
        return ["It is reached as it is, as often as is asked: no lever needs to change."]
    told, said = reached.in_order, []
    if told:
        first, *others = told
        assert first.value is not None
        said.append(
            f"The least change of one lever: {_changed(found, first.scale.name, first.value)}, "
            f"{percent(first.change)} of its range ({_interval(found, first)})."
        )
        if others:
            more = [
                f"{_changed(found, one.scale.name, one.value)}, {percent(one.change)}"
                for one in others
                if one.value is not None
            ]
            said.append(f"By itself each of these does it too: {'; '.join(more)} of its range.")
    if never := [one for one in reached.alone if one.value is None]:
        best = [
            f"{lever_short(case, one.scale.name)} (at best {percent(one.best_share)} of runs, at "
            f"{lever_value(case, one.scale.name, one.best)})"
            for one in never
        ]
        each = "Not within its range by then" if told else "No lever does it alone by then"
        said.append(f"{each}: {'; '.join(best)}.")
    return said


def least_pair(found: Decision) -> LeastPair | None:
    """The pair of levers that needs the least change in all, if any reaches it."""
    reached = [pair for pair in found.reaching.pairs if pair.values is not None]
    return min(reached, key=lambda pair: pair.change, default=None)


def two_levers(found: Decision) -> list[str]:
    """What two levers would have to be, and what all of them make of it."""
    reached, case = found.reaching, found.case
    if not reached.pairs:
        return []
    pair, alone, names = least_pair(found), reached.in_order, found.scales
    all_best = (
        f"With each of the {len(names)} at what is best for it alone, which need not be the best "
        f"together, it is reached in {share_of(found, reached.together)}."
    )
    if pair is None:
        said = (
            f"No two of them need less in all than {lever_short(case, alone[0].scale.name)} alone."
            if alone
            else "No two of them reach it within their ranges."
        )
        return [said, all_best]
    assert pair.values is not None
    both = zip(pair.scales, pair.values, strict=True)
    told = " and ".join(
        f"{_changed(found, s.name, v)}, {percent(s.change(v))} of its range" for s, v in both
    )
    less = ""
    if alone:
        first = lever_short(case, alone[0].scale.name)
        is_less = pair.change < alone[0].change
        less = f" In all that is {'less' if is_less else 'more'} than {first} alone."
    share = share_of(found, pair.share)
    return [f"The least change of two levers in all: {told}: reached in {share}.{less}", all_best]


def levers_table(found: Decision) -> Table:
    """What each lever would have to be, alone, and where it pays."""
    case, rows = found.case, []
    every = zip(found.reaching.alone, found.reaching.prices, strict=True)
    for i, (one, price) in enumerate(every):
        name = one.scale.name
        needed = one.value if one.value is not None else None
        is_now = needed is not None and np.isnan(needed)
        rows.append(
            (
                lever_short(case, name),
                name,
                lever_was(case, name),
                f"{one.scale.low:,.6g} to {one.scale.high:,.6g}",
                "not within its range"
                if needed is None
                else "as it is"
                if is_now
                else lever_value(case, name, needed),
                "" if needed is None or is_now else percent(one.change),
                "" if needed is None or is_now else _interval(found, one).partition(", as far")[0],
                f"{percent(one.best_share)} at {lever_value(case, name, one.best)}",
                "" if price is None else difference("_gbp", price.cost),
                turned(found, i) or "at no value",
            )
        )
    turns = f"{'no longer pays' if does_pay(found) else 'pays'} over {case.months} months"
    more = f"cost to {case.bodies} and centre, more than as it is"
    columns = ("lever", "key", "as it is", "range", "needed", "change", "between", "best chance",
               more, turns)  # fmt: skip
    return Table("what one lever would take", "", columns, rows)


def pairs_table(found: Decision) -> Table:
    """What two levers would have to be, of the pairs that reach it with less than one alone."""
    case, rows = found.case, []
    told = [pair for pair in found.reaching.pairs if pair.values is not None]
    for pair in sorted(told, key=lambda pair: pair.change):
        both = zip(pair.scales, pair.values or (), strict=True)
        needed = " and ".join(lever_value(case, scale.name, value) for scale, value in both)
        names = [lever_short(case, scale.name) for scale in pair.scales]
        share = share_of(found, pair.share)
        rows.append((*names, needed, percent(pair.change), share))
    left = len(found.reaching.pairs) - len(told)
    sentence = f"{counted(left, 'other pair')}: not with less than one of the two needs alone."
    columns = ("one lever", "the other", "needed", "change in all", "reached in")
    return Table("what two levers would take", sentence if left else "", columns, rows)
