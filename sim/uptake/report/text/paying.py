"""Whether it pays, in words: what switches that, and what least changes cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from uptake.analysis.decision import Decision
from uptake.analysis.reaching import Price
from uptake.config.schema.scenario import MONTHS
from uptake.report.text.numbers import called, money
from uptake.report.text.question import lever_short, lever_value

_LONG = 120  # months
_PENNY = 0.01  # GBP, below which worths are the same
_NAMED = 3  # levers in a sentence


def sides(
    parts: Sequence[tuple[float | None, ...]], read: Callable[[float], str], whole: str = ""
) -> str:
    """Parts of a range in words.

    >>> sides([(None, 3.0), (7.0, 8.0)], str), sides([(None, None)], str, "at any")
    ('below 3.0 or from 7.0 to 8.0', 'at any')
    """
    told = []
    for low, high in parts:
        if low is not None and high is not None:
            told.append(f"from {read(low)} to {read(high)}")
        elif high is not None:
            told.append(f"below {read(high)}")
        else:
            told.append(whole if low is None else f"above {read(low)}")
    return " or ".join(told)


def turned(found: Decision, at: int) -> str:
    """At which values of a lever it pays, or no longer does; nothing if at none."""
    scale, switch, course = (
        found.scales[at],
        found.reaching.switches[at],
        found.reaching.courses[at],
    )

    def read(value: float) -> str:
        return lever_value(found.case, scale.name, float(f"{value:.3g}"))

    parts = course.switched(switch, does_pay(found))
    told = sides(parts, read, f"held at any value of {scale.low:,.6g} to {scale.high:,.6g}")
    if switch is None:
        return told
    ends = [read(end) for end in (switch.low, switch.high) if end is not None]
    of = f" of {read(switch.value)}" if len(switch.crossings) > 1 else ""
    as_far = "" if len(ends) == 2 else "as far as "
    return told + (f" (95 %{of}: {as_far}{' to '.join(ends)})" if ends else "")


def _worth(found: Decision) -> NDArray[np.float64]:
    """Net present value as it is, of each run."""
    return next(iter(found.options.by_structure.values())).worth[0]


def does_pay(found: Decision) -> bool:
    """Tell whether it pays on average, as it is."""
    return float(_worth(found).mean()) > 0.0


def is_fixed(found: Decision) -> bool:
    """Tell whether net present value is the same in all runs, whatever is asked of the levers."""
    every = [one.worth for one in found.reaching.courses]
    errors = [one.worth_error for one in found.reaching.courses]
    first = float(_worth(found)[0])
    apart = max(float(np.ptp(_worth(found))), float(np.concatenate(errors).max()))
    is_same = apart < _PENNY
    return is_same and bool(np.allclose(np.concatenate(every), first, rtol=0.0, atol=_PENNY))


def _longer(months: int) -> str:
    """How a longer horizon is asked, if there is one."""
    more = max(_LONG, 2 * months)
    return f" A longer horizon is asked by months={more}." if more <= MONTHS.high else ""


def pays(found: Decision) -> list[str]:
    """Whether it pays on average, and which value of a lever switches that."""
    held, worth = next(iter(found.options.by_structure.values())), _worth(found)
    mean, error = float(worth.mean()), float(held.draws.error(worth))
    months, is_paying = f"over {found.case.months} months", does_pay(found)
    longer = _longer(found.case.months)
    does = "pays" if is_paying else "does not pay"
    if is_fixed(found):
        if held.scrapped == 1.0:
            longer = " A review scraps it in every run; a longer horizon alone changes nothing."
        return [
            f"It {does} {months}: its net present value is {money(mean)} in every run, and none of "
            f"these levers moves it, so nothing is told of what switches that.{longer}"
        ]
    ends = f"95 %: {money(mean - 1.96 * error)} to {money(mean + 1.96 * error)}"
    how = "in every run" if float(np.ptp(worth)) == 0.0 else f"on average ({ends})"
    said = f"It {does} {months}: its net present value is {money(mean)} {how}.{longer}"
    told = [
        f"{lever_short(found.case, scale.name)} {told_of}"
        for i, scale in enumerate(found.scales)
        if (told_of := turned(found, i))
    ]
    if told:
        turns = "It no longer does" if is_paying else "It does"
        return [said, f"{turns}, {months} and on average, with one of these alone: "
                f"{'; '.join(told)}."]  # fmt: skip
    return [
        said,
        f"No value of any of these levers alone, within its range, switches that {months}.",
    ]


def _dearer(found: Decision, price: Price) -> str:
    """What a least change costs bodies and centre, beside how it is, and for each that joins."""
    more = "more" if price.cost > 0.0 else "less"
    ends = sorted(abs(price.cost + z * 1.96 * price.error) for z in (-1, 1))
    if abs(price.cost) < 1.96 * price.error:
        low, high = (price.cost + z * 1.96 * price.error for z in (-1, 1))
        between = f"no more and no less that {found.reaching.runs:,} runs tell"
        return f"{between} ({money(low)} to {money(high)})"
    what = called(found.front.outcome, found.case.bodies)
    each = f", {money(abs(price.cost / price.more))} for each more ({what})"
    told = f"{money(abs(price.cost))} {more} (95 %: {money(ends[0])} to {money(ends[1])})"
    return told + (each if price.more > 0.0 else "")


def costs(found: Decision) -> list[str]:
    """What the least changes cost bodies and centre: the first of them, the others in the table."""
    names = [one.scale.name for one in found.reaching.alone]
    prices = dict(zip(names, found.reaching.prices, strict=True))
    told = [
        f"{lever_short(found.case, one.scale.name)}: {_dearer(found, price)}"
        for one in found.reaching.in_order
        if (price := prices[one.scale.name]) is not None
    ]
    if not told:
        return []
    who = f"{found.case.bodies} and centre over {found.case.months} months, beside how it is"
    more = "; the others are in the table" if len(told) > _NAMED else ""
    return [
        "Ranges are no prices, so the smaller change need not be the cheaper. What it costs "
        f"{who}: {'; '.join(told[:_NAMED])}{more}."
    ]
