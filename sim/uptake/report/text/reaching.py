"""What it would take, in words: the least change of one lever, and of two; what pays."""

from __future__ import annotations

import numpy as np

from uptake.analysis.decision import Decision
from uptake.analysis.least_change import Least, LeastPair
from uptake.analysis.switching import Switch
from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text.numbers import amount, called, money, percent, share_between
from uptake.report.text.question import lever_short, lever_value, lever_was, title

_NAMED = 3  # levers in a sentence


def goal(found: Decision) -> str:
    """What is to be reached: at least 25 joined."""
    target, limit = found.target, "at most" if found.target.is_most else "at least"
    what = called(target.outcome, found.case.bodies)
    return f"{what}: {limit} {amount(target.outcome, target.number)}"


def headline(found: Decision) -> str:
    """What is to be reached, how often it is, and how often it is to be."""
    case, reached = found.case, found.reaching
    said = share_between(reached.now, reached.runs)
    return (
        f"{title(case)}: the target ({goal(found)}, by month {case.months}) is reached in {said} "
        f"as it is. Asked is a chance of {percent(reached.asked)}."
    )


def _interval(found: Decision, one: Least) -> str:
    """Between which values of a lever the chance is not told apart from the one asked."""
    name, case = one.scale.name, found.case
    runs = f"as far as {found.reaching.runs:,} runs tell"
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


def _reached(found: Decision) -> list[Least]:
    """Levers that reach it alone, the least change first."""
    alone = [one for one in found.reaching.alone if one.value is not None]
    return sorted(alone, key=lambda one: one.change)


def one_lever(found: Decision) -> list[str]:
    """What each lever would have to be, alone."""
    reached, case = found.reaching, found.case
    if reached.now >= reached.asked:
        return ["It is reached as it is, as often as is asked: no lever needs to change."]
    told, said = _reached(found), []
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
    pair, alone, names = least_pair(found), _reached(found), found.scales
    all_best = (
        f"With each of the {len(names)} at what is best for it alone it is reached in "
        f"{share_between(reached.together, reached.runs)}."
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
    share = share_between(pair.share, reached.runs)
    return [f"The least change of two levers in all: {told}: reached in {share}.{less}", all_best]


def switch_of(found: Decision, name: str, switch: Switch, does_pay: bool) -> str:
    """From which value of a lever on it pays, or no longer does."""
    side, case = "above" if switch.positive_above != does_pay else "below", found.case

    def read(value: float) -> str:
        return lever_value(case, name, float(f"{value:.3g}"))

    ends = [read(end) for end in (switch.low, switch.high) if end is not None]
    as_far = "" if len(ends) == 2 else "as far as "
    between = f" (95 %: {as_far}{' to '.join(ends)})" if ends else ""
    return f"{side} {read(switch.value)}{between}"


def does_pay(found: Decision) -> bool:
    """Tell whether it pays on average, as it is."""
    return float(next(iter(found.options.by_structure.values())).worth[0].mean()) > 0.0


def pays(found: Decision) -> list[str]:
    """Whether it pays on average, and which value of a lever switches that."""
    worth = next(iter(found.options.by_structure.values())).worth[0]
    mean, error = float(worth.mean()), float(worth.std()) / len(worth) ** 0.5
    ends = f"95 %: {money(mean - 1.96 * error)} to {money(mean + 1.96 * error)}"
    how = "in every run" if float(np.ptp(worth)) == 0.0 else f"on average ({ends})"
    is_paying = does_pay(found)
    does = "pays" if is_paying else "does not pay"
    said = f"It {does}: its net present value is {money(mean)} {how}."
    told = [
        f"{lever_short(found.case, scale.name)} {switch_of(found, scale.name, one, is_paying)}"
        for scale, one in zip(found.scales, found.reaching.switches, strict=True)
        if one is not None
    ]
    if told:
        turns = "It no longer does" if is_paying else "It does"
        return [f"{said} {turns}, on average, with one of these alone: {'; '.join(told)}."]
    return [f"{said} No value of any of these levers alone, within its range, switches that."]


def levers_table(found: Decision) -> Table:
    """What each lever would have to be, alone, and where it pays."""
    case, rows, is_paying = found.case, [], does_pay(found)
    every = zip(found.reaching.alone, found.reaching.switches, strict=True)
    for one, switch in every:
        name = one.scale.name
        needed = one.value if one.value is not None else None
        is_now = needed is not None and np.isnan(needed)
        rows.append(
            (
                lever_short(case, name),
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
                "at no value" if switch is None else switch_of(found, name, switch, is_paying),
            )
        )
    turns = "no longer pays" if is_paying else "pays"
    columns = ("lever", "as it is", "range", "needed", "change", "between", "best chance", turns)
    return Table("what one lever would take", "", columns, rows)


def pairs_table(found: Decision) -> Table:
    """What two levers would have to be, of the pairs that reach it with less than one alone."""
    case, rows = found.case, []
    told = [pair for pair in found.reaching.pairs if pair.values is not None]
    for pair in sorted(told, key=lambda pair: pair.change):
        both = zip(pair.scales, pair.values or (), strict=True)
        needed = " and ".join(lever_value(case, scale.name, value) for scale, value in both)
        names = [lever_short(case, scale.name) for scale in pair.scales]
        share = share_between(pair.share, found.reaching.runs)
        rows.append((*names, needed, percent(pair.change), share))
    left = len(found.reaching.pairs) - len(told)
    sentence = f"{counted(left, 'other pair')}: not with less than one of the two needs alone."
    columns = ("one lever", "the other", "needed", "change in all", "reached in")
    return Table("what two levers would take", sentence if left else "", columns, rows)
