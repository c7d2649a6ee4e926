"""What is uncertain, in words: where it is reached, where it pays, what is worth finding out."""

from __future__ import annotations

import numpy as np

from uptake.analysis.decision import Decision
from uptake.analysis.information import Worth
from uptake.analysis.prim import Limit
from uptake.analysis.switching import Switch
from uptake.analysis.uncertain import ASSUMPTION, PARAMETER
from uptake.config.case import Case
from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text.inputs import assumption_in_words, parameter_in_words
from uptake.report.text.numbers import money, percent
from uptake.report.text.paying import does_pay, is_fixed, sides
from uptake.report.text.question import with_unit

_NAMED = 3  # factors in a sentence


def is_fact(name: str) -> bool:
    """Tell whether a factor is an assumption, which can be found out; behaviour is none."""
    return name.startswith(ASSUMPTION)


def factor_name(case: Case, name: str) -> str:
    """A factor in a few words."""
    if not is_fact(name):
        return parameter_in_words(case, name.removeprefix(PARAMETER))
    return assumption_in_words(case, name.removeprefix(ASSUMPTION))


def factor_value(case: Case, name: str, value: float) -> str:
    """A value of a factor, with its unit."""
    if not is_fact(name):
        unit = case.config.parameters.priors[name.removeprefix(PARAMETER)].unit
    else:
        key = name.removeprefix(ASSUMPTION)
        unit = next(one.number.unit for one in case.assumptions if one.key == key)
    if unit.startswith("GBP"):
        return money(value) + unit.removeprefix("GBP")
    return with_unit(value, unit, 3)


def _limit(found: Decision, one: Limit) -> str:
    """A side of a box."""
    side = "at most" if one.is_most else "at least"
    case, name = found.case, one.name
    return f"{factor_name(case, name)} {side} {factor_value(case, name, one.value)}"


def where(found: Decision) -> list[str]:
    """Which runs reach the target, or miss it."""
    one, does = found.uncertain, "reach" if found.uncertain.reaches else "miss"
    share = float(next(iter(found.options.by_structure.values())).met[0].mean())
    if share in (0.0, 1.0):
        which = "All runs reach" if share else "No run reaches"
        return [f"{which} the target as it is: there is nothing to tell apart."]
    if one.box is None:
        return [
            f"With so many runs ({found.reaching.runs:,}) no circumstances are found that tell "
            f"those that {does} the target from the others beyond chance, in "
            f"{counted(len(one.factors.columns), 'uncertain number')}."
        ]
    sides = " and ".join(_limit(found, side) for side in one.box.limits)
    return [
        f"Of the runs that {does} the target {percent(one.box.coverage)} have {sides}; of the runs "
        f"in which this is so {percent(one.box.density)} {does} it, of all "
        f"{percent(one.box.base)} (told by the {one.box.held_out:,} draws that did not find it)."
    ]


def _switch(found: Decision, name: str, one: Switch) -> str:
    """From which value of a factor on it is to be expected to pay, or no longer to."""

    def read(value: float) -> str:
        return factor_value(found.case, name, value)

    ends = [read(end) for end in (one.low, one.high) if end is not None]
    of = f" of {read(one.value)}" if len(one.crossings) > 1 else ""
    between = f" (95 %{of}: {' to '.join(ends)})" if len(ends) == 2 else " (perhaps at no value)"
    return f"{sides(one.where(not does_pay(found)), read)}{between}"


def switches(found: Decision) -> list[str]:
    """Which value of what is uncertain switches whether it pays."""
    every, case = found.uncertain.switches, found.case
    if is_fixed(found):
        return []
    first = [one.name for one in found.uncertain.known.factors]  # the most worth knowing
    ordered = sorted(every.items(), key=lambda one: first.index(one[0]))
    sure = [(name, one) for name, one in ordered if one.low is not None]
    perhaps = [factor_name(case, name) for name, one in ordered if one.low is None]
    also = f" Perhaps: {'; '.join(perhaps)}." if perhaps else ""
    if not sure:
        which = "surely switches" if perhaps else "switches"
        return [
            f"No value of anything uncertain, by itself and within its range, {which} that "
            f"over {case.months} months.{also}"
        ]
    named = [f"{factor_name(case, n)} {_switch(found, n, one)}" for n, one in sure[:_NAMED]]
    turns = "is no longer to be expected" if does_pay(found) else "is to be expected"
    more = f"; and {len(sure) - _NAMED} more, in the table" if len(sure) > _NAMED else ""
    said = f"Over {case.months} months it {turns} to pay where one of these is so"
    return [f"{said}: {'; '.join(named)}{more}.{also}"]


def _worth(found: Decision, one: Worth) -> str:
    """What it is worth to know a factor."""
    low, high = one.value - 1.96 * one.error, one.value + 1.96 * one.error
    return (
        f"{factor_name(found.case, one.name)}, worth {money(one.value)} "
        f"(95 %: {money(max(0.0, low))} to {money(high)})"
    )


def worth_knowing(found: Decision) -> list[str]:
    """What is worth finding out before deciding, and with how much."""
    known, names = found.uncertain.known, "; ".join(found.options.names)
    worth = next(iter(found.options.by_structure.values())).worth
    if is_fixed(found) and not np.ptp(worth, axis=1).any():
        return []
    if known.all <= 0.0:
        return [
            f"Nothing in here is worth finding out: of the options ({names}) the same is best in "
            "every run."
        ]
    low, high = known.all - 1.96 * known.all_error, known.all + 1.96 * known.all_error
    said = (
        f"To know everything before choosing between the options ({names}) would be worth "
        f"{money(known.all)} over {found.case.months} months (95 %: {money(max(0.0, low))} to "
        f"{money(high)})."
    )
    facts = [one for one in known.factors if one.is_told and is_fact(one.name)]
    behaviour = [one for one in known.factors if one.is_told and not is_fact(one.name)]
    if facts:
        said += f" The fact most worth finding out: {_worth(found, facts[0])}."
    else:
        said += (
            " No single fact is worth finding out beyond what chance makes: knowing it would "
            "hardly change the choice."
        )
    if behaviour:
        said += f" Of behaviour, which a pilot could show: {_worth(found, behaviour[0])}."
    return [said]


def factors_table(found: Decision) -> Table:
    """What each factor is worth knowing, and where it switches; without those that do neither."""
    rows = []
    for one in found.uncertain.known.factors:
        switch = found.uncertain.switches.get(one.name)
        if not (one.is_told or (switch and switch.low is not None)):
            continue
        rows.append(
            (
                factor_name(found.case, one.name),
                "fact" if is_fact(one.name) else "behaviour",
                money(one.value) if one.is_told else "not told apart from nil",
                f"+- {money(1.96 * one.error)}" if one.is_told else "",
                money(one.bias) if one.is_told else "",
                "" if switch is None else _switch(found, one.name, switch),
            )
        )
    turns = f"{'no longer pays' if does_pay(found) else 'pays'} over {found.case.months} months"
    columns = ("what is uncertain", "kind", "worth knowing", "95 %", "too high by at least", turns)
    sentence = (
        "Worth knowing by itself, before choosing between the options (Strong, Oakley and Brennan "
        "2014); an estimate of its kind is too high by at least so much on average. What is "
        "neither worth knowing beyond chance nor surely switches whether it pays is left out."
    )
    return Table("what is uncertain", sentence, columns, rows)
