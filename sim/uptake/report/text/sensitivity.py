"""What moves the expected outcome, in words: how much is luck, and what each input accounts for."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from uptake.analysis.sensitivity import Sensitivity
from uptake.analysis.variance import Interval
from uptake.config.case import Case
from uptake.config.factors import ASSUMPTION, HELD, PARAMETER, Factor
from uptake.config.schema.run import meaning_of
from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text.numbers import amount, average, called, is_share, unit_of
from uptake.report.text.question import lever_name, own_words, title

FIGURE = (
    "What each input accounts for of the variance of the expected outcome, luck apart; lines: 90 % "
    "intervals."
)
_NAMED = 4  # inputs in a sentence
_SMALL = 0.01  # a share below which an input is told with others
_FAR = 2.0  # times the draws' variance from which on a copula is told to be another thing
_KINDS = {PARAMETER: "behaviour", ASSUMPTION: "assumptions of the scheme", HELD: "levers"}


class Input(NamedTuple):
    """An input in words, with its shares: value and 90 % interval of each."""

    name: str
    meaning: str
    kind: str
    effect: tuple[float, float, float]
    alone: tuple[float, float, float]
    total: tuple[float, float, float]


def meaning(case: Case, factor: Factor) -> str:
    """What an input is, in a few words and in the sector's own."""
    if factor.kind == PARAMETER:
        return own_words(case, case.config.parameters.priors[factor.name].meaning)
    *above, last = re.sub(r"\[(\d+)\]", r".\1", factor.name).split(".")
    if factor.kind == HELD or above == ["levers"]:
        return lever_name(case, last)
    said = meaning_of(".".join(["scenario", *above, last])).partition(";")[0]
    owner = above[-1].replace("_", " ") if len(above) > 1 else ""
    if above[:1] == ["providers"]:
        owner = case.config.scenario.providers[above[1]].title
    return f"{own_words(case, said)}{f' ({owner})' if owner else ''}"


def inputs(found: Sensitivity) -> list[Input]:
    """The inputs, that with the largest effect first."""
    shares = found.shares
    columns = [
        zip(*(part.tolist() for part in one), strict=True)
        for one in (shares.effect(), shares.alone, shares.total)
    ]
    made = [
        Input(factor.name, meaning(found.case, factor), factor.kind, effect, alone, total)
        for factor, effect, alone, total in zip(found.inputs.factors, *columns, strict=True)
    ]
    return sorted(made, key=lambda one: -one.effect[0])


def places(found: Sensitivity, some: list[Input]) -> list[int]:
    """The columns of some inputs."""
    known = [(factor.kind, factor.name) for factor in found.inputs.factors]
    return [known.index((one.kind, one.name)) for one in some]


def small(found: Sensitivity) -> list[Input]:
    """The inputs that leave next to nothing if all others are known, and have no effect to show.

    They are not chosen by their estimated effects, as the sum of the lowest would be too low.
    """
    return [one for one in inputs(found) if one.total[0] < _SMALL and one.effect[1] < _SMALL]


def share(value: float) -> str:
    """Share in percent, whole, or to a digit where it is small.

    >>> share(0.314), share(0.0123), share(-0.0004), share(0.0)
    ('31 %', '1.2 %', '0 %', '0 %')
    """
    return f"{_number(value)} %"


def _number(value: float) -> str:
    """Share in percent without its sign of percent."""
    text = f"{100.0 * value:.0f}" if abs(value) >= 0.0995 else f"{100.0 * value:.1f}"
    return "0" if float(text) == 0.0 else text.removesuffix(".0")


def between(low: float, high: float) -> str:
    """Interval of shares; one value if both ends read the same.

    >>> between(0.27, 0.351), between(-0.002, 0.011), between(0.0, 0.0)
    ('27 to 35 %', '-0.2 to 1.1 %', '0 %')
    """
    first, last = _number(low), _number(high)
    return f"{first} %" if first == last else f"{first} to {last} %"


def _told(one: Interval | tuple[float, float, float]) -> str:
    """Share with its interval."""
    value, low, high = map(float, one)
    return f"{share(value)} ({between(low, high)})"


def outcome(found: Sensitivity) -> str:
    """What is asked about, by the end."""
    return f"{called(found.outcome, found.case.bodies)} by month {found.case.months}"


def _deviation(found: Sensitivity) -> str:
    """By how much the expected outcome varies, as a standard deviation."""
    size = max(float(found.spread.variance.value), 0.0) ** 0.5
    if is_share(found.outcome):
        return f"{100.0 * size:.2g} points"
    return amount(found.outcome, size) if unit_of(found.outcome) else f"{size:.2g}"


def headline(found: Sensitivity) -> str:
    """What is asked, how much of it is luck, and by how much its mean is uncertain."""
    name = found.outcome
    mean = share(found.mean) if is_share(name) else average(name, found.mean)
    luck = found.spread.luck
    return (
        f"{title(found.case)}: {outcome(found)}: {mean} on average. Luck accounts for "
        f"{share(float(luck.value))} of its variance (90 % interval: "
        f"{between(float(luck.q05), float(luck.q95))}). The rest is what is not known: it moves "
        f"the expected outcome by {_deviation(found)} (one standard deviation)."
    )


def _most(found: Sensitivity) -> list[str]:
    """What accounts for most, by input and by kind of input."""
    every = inputs(found)
    first = [f"{one.meaning} {_told(one.effect)}" for one in every[:_NAMED] if one.effect[0] > 0.0]
    said = [
        f"Of the variance of the expected outcome, luck apart, most is accounted for by: "
        f"{'; '.join(first)}."
    ]
    kinds = [kind for kind in _KINDS if any(one.kind == kind for one in every)]
    if len(kinds) > 1:
        parts = [
            f"{_KINDS[kind]} {_told(found.shares.effect(*found.inputs.of_kind(kind)))}"
            for kind in kinds
        ]
        said.append(f"By kind of input: {'; '.join(parts)}.")
    return said


def _little(found: Sensitivity) -> list[str]:
    """Inputs that account for next to nothing, in one line."""
    some = small(found)
    if not some:
        return []
    together = found.shares.effect(*places(found, some))
    return [
        f"{counted(len(some), 'other input')} would leave less than {share(_SMALL)} each if all "
        f"others were known; together they account for {_told(together)}: "
        f"{', '.join(one.name for one in some)}."
    ]


def _precision(found: Sensitivity) -> str:
    """To within how many points effects are told: half of the widest interval."""
    effect = found.shares.effect()
    return f"{50.0 * float((effect.q95 - effect.q05).max()):.2g}"


def _interplay(found: Sensitivity) -> list[str]:
    """How much no input accounts for by itself, where they are independent."""
    if found.inputs.is_correlated:
        return []
    alone = found.shares.together
    return [
        f"Input by input, each known alone, {_told(alone)} of that variance would go; the rest is "
        "of inputs that work together, and no index of one input alone has it."
    ]


def copula_ratio(found: Sensitivity) -> float:
    """The variance of the expected outcome under the copula, over that of the draws themselves."""
    own = float(found.spread.variance.value)
    return float(found.shares.variance.value) / own if own > 0.0 else np.inf


def is_far(found: Sensitivity) -> bool:
    """Tell whether a copula loses much of what ties inputs to one another."""
    return found.is_copula and not 1.0 / _FAR < copula_ratio(found) < _FAR


def _conditional(found: Sensitivity) -> list[str]:
    """How inputs vary together, and what that leaves out."""
    said = []
    if found.has_happened:
        said.append(
            "Given what was reported the luck of a run is no longer free; so it is asked of this "
            "scheme tried again, with fresh luck (draws=again)."
        )
    if not found.is_copula:
        return said
    ratio = copula_ratio(found)
    told = (
        "Inputs vary together as in the draws of behaviour: each as there, and their dependence by "
        "the correlation of their normal scores (a Gaussian copula). Under it the variance of the "
        f"expected outcome is {ratio:.2g} times that of the draws themselves."
    )
    if is_far(found):
        told += (
            " So it loses much of what ties them to one another: read the shares as an order of "
            "what matters, not as numbers; draws=new and parameters=prior ask where less is tied."
        )
    return [*said, told]


def sentences(found: Sensitivity) -> list[str]:
    """The whole answer, a sentence a fact."""
    case = found.case
    levers = case.config.sensitivity.levers
    held = [f"{lever_name(case, n)} from {a:,g} to {b:,g}" for n, (a, b) in levers.items()]
    return [
        headline(found),
        *_most(found),
        *_little(found),
        *_interplay(found),
        *_conditional(found),
        *([f"Uniform, throughout, and apart from all else: {'; '.join(held)}."] if held else []),
        "An effect is Shapley's value of an input: what knowing it takes off that variance, "
        "averaged over all orders in which inputs can become known; effects add up to 100 %. "
        "Alone is what goes if it is known and no other (first-order index of Sobol'), total what "
        "is left if all others are known. Luck is chance and what is not known of single "
        f"{case.bodies}; none of it is in the shares.",
        f"Behaviour: {case.config.parameters.title}. Structure: {case.config.structure.name}. "
        f"{found.runs:,} runs tell each effect to within {_precision(found)} points or less (90 % "
        "intervals, over the points at which it was run); four times as many (sensitivity.runs), "
        "to half of that.",
    ]  # fmt: skip


def table(found: Sensitivity) -> Table:
    """Inputs that account for more than next to nothing, the largest effect first."""
    some = small(found)
    rows = [
        (one.name, one.meaning, *map(_told, (one.effect, one.alone, one.total)))
        for one in inputs(found)
        if one not in some
    ]
    if some:
        told = f"{counted(len(some), 'other')}, totals below {share(_SMALL)}"
        rows.append((told, "", _told(found.shares.effect(*places(found, some))), "", ""))
    columns = ["input", "what it is", "effect", "alone", "total"]
    heading = f"{outcome(found)}: shares of the variance of its expected value (90 % intervals)"
    return Table(heading, "", columns, rows)


def _numbers(one: Interval | tuple[float, float, float]) -> dict[str, float]:
    """An estimate and the ends of its interval."""
    return dict(zip(("value", "q05", "q95"), map(float, one), strict=True))


def summary(found: Sensitivity) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    case, shares = found.case, found.shares
    return {
        "scenario": case.config.scenario.name,
        "question": title(case),
        "structure": case.config.structure.name,
        "draws": case.draws,
        "months": case.months,
        "runs": found.runs,
        "seed": case.config.seed,
        "sensitivity": {
            "outcome": found.outcome,
            "mean": found.mean,
            "variance": _numbers(found.spread.variance),
            "luck_share": _numbers(found.spread.luck),
            "variance_of_copula": _numbers(shares.variance) if found.is_copula else None,
            "alone_together": _numbers(shares.together),
            "factors": [
                {
                    "name": one.name,
                    "title": one.meaning,
                    "kind": one.kind,
                    "effect": one.effect[0],
                    "q05": one.effect[1],
                    "q95": one.effect[2],
                    "alone": _numbers(one.alone),
                    "total": _numbers(one.total),
                }
                for one in inputs(found)
            ],
        },
    }
