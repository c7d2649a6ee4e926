"""What moves the expected outcome, in words: how much is luck, and what each input accounts for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from uptake.analysis.sensitivity import SHOWN, Sensitivity
from uptake.analysis.variance import Interval
from uptake.config.case import Case
from uptake.config.factors import ASSUMPTION, HELD, PARAMETER, Factor
from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text.inputs import assumption_in_words, parameter_in_words
from uptake.report.text.numbers import amount, average, called, capital, is_share, unit_of
from uptake.report.text.question import lever_name, title

FIGURE = (
    "What each input accounts for of the variance of the expected outcome, luck apart; lines: 90 % "
    "intervals."
)
_COLUMNS = ("input", "key", "effect", "alone", "total")
_NAMED = 4  # inputs in a sentence
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
        return parameter_in_words(case, factor.name)
    if factor.kind == HELD:
        return lever_name(case, factor.name)
    return assumption_in_words(case, factor.name)


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


def shown(found: Sensitivity) -> list[Input]:
    """The inputs that are told by themselves, that with the largest effect first."""
    known = {(one.kind, one.name): one for one in inputs(found)}
    factors = (found.inputs.factors[at] for at in found.shown)
    return [known[one.kind, one.name] for one in factors]


def together(found: Sensitivity) -> tuple[str, tuple[float, float, float]] | None:
    """What all others are called, and their effect; None if there are none."""
    if not found.others:
        return None
    value, low, high = map(float, found.shares.effect(*found.others))
    count = counted(len(found.others), "other input" if found.shown else "input")
    return f"{count}{' together' if len(found.others) > 1 else ''}", (value, low, high)


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


def _mean(found: Sensitivity, value: float) -> str:
    """A mean of the outcome."""
    return share(value) if is_share(found.outcome) else average(found.outcome, value)


def headline(found: Sensitivity) -> str:
    """What is asked, how much of it is luck, and by how much its mean is uncertain."""
    luck = found.spread.luck
    return (
        f"{title(found.case)}: {outcome(found)}: {_mean(found, found.mean)} on average. "
        f"Luck accounts for {share(float(luck.value))} of its variance (90 % interval: "
        f"{between(float(luck.q05), float(luck.q95))}). The rest is what is not known: it moves "
        f"the expected outcome by {_deviation(found)} (one standard deviation)."
    )


def _most(found: Sensitivity) -> list[str]:
    """What accounts for most, by input and by kind of input."""
    first = [f"{one.meaning} {_told(one.effect)}" for one in shown(found)[:_NAMED]]
    said = []
    if first:
        said.append(
            "Of the variance of the expected outcome, luck apart, most is accounted for by: "
            f"{'; '.join(first)}."
        )
    kinds = [kind for kind in _KINDS if found.inputs.of_kind(kind)]
    if len(kinds) > 1:
        parts = [
            f"{_KINDS[kind]} {_told(found.shares.effect(*found.inputs.of_kind(kind)))}"
            for kind in kinds
        ]
        said.append(f"By kind of input: {'; '.join(parts)}.")
    return said


def _little(found: Sensitivity) -> list[str]:
    """Inputs that are not shown to account for more than next to nothing, in one line."""
    rest = together(found)
    if rest is None:
        return []
    name, effect = rest
    each = " each" if len(found.others) > 1 else ""
    return [
        f"{name}: {_told(effect)}; not shown to account for {share(SHOWN)} or more{each}. The "
        "report names them."
    ]


def _precision(found: Sensitivity) -> str:
    """To within how many points effects are told: half of the widest interval."""
    return f"{50.0 * found.shares.width:.2g}"


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


def _first(found: Sensitivity) -> list[str]:
    """What is to be known before any share is read."""
    said = []
    if found.happened is not None:
        said.append(
            "Asked as tried again, with fresh luck (draws=again): mean "
            f"{_mean(found, found.mean)}; as it happened it is {_mean(found, found.happened)} "
            f"({counted(found.case.config.runs, 'run')}). Given what was reported luck is not "
            "free, and cannot be set apart."
        )
    if is_far(found):
        said.append(
            "Read the shares as an order of what matters only, not as numbers: how inputs are tied "
            "to one another is kept by pairs (a Gaussian copula), and under it the variance of the "
            f"expected outcome is {copula_ratio(found):.2g} times that of the draws of behaviour "
            "themselves. draws=new and parameters=prior ask where less is tied."
        )
    return said


def _conditional(found: Sensitivity) -> list[str]:
    """How inputs vary together."""
    if not found.is_copula:
        return []
    told = (
        "Inputs vary together as in the draws of behaviour: each as there, and their dependence by "
        "the correlation of their normal scores (a Gaussian copula)."
    )
    if not is_far(found):
        told += (
            " Under it the variance of the expected outcome is "
            f"{copula_ratio(found):.2g} times that of the draws themselves."
        )
    return [told]


def _runs(found: Sensitivity) -> str:
    """How many runs there are, and why fewer than asked for."""
    runs, whole = found.runs, found.inputs.evaluations
    asked = found.case.config.sensitivity.runs
    return f"{runs:,} runs{f' ({asked:,} in whole rows of {whole})' if runs < asked else ''}"


def sentences(found: Sensitivity) -> list[str]:
    """The whole answer, a sentence a fact."""
    case = found.case
    levers = case.config.sensitivity.levers
    held = [f"{lever_name(case, n)} from {a:,g} to {b:,g}" for n, (a, b) in levers.items()]
    return [
        headline(found),
        *_first(found),
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
        f"{_runs(found)} tell each effect to within {_precision(found)} points or less (90 % "
        "intervals, over the points at which it was run); four times as many (sensitivity.runs), "
        "to half of that.",
    ]  # fmt: skip


def _rows(some: list[Input]) -> list[tuple[str, ...]]:
    """Rows of a table."""
    return [
        (capital(one.meaning), one.name, *map(_told, (one.effect, one.alone, one.total)))
        for one in some
    ]


def table(found: Sensitivity) -> Table:
    """Inputs that are told by themselves, the largest effect first, and all others together."""
    rows, rest = _rows(shown(found)), together(found)
    if rest is not None:
        rows.append((rest[0], "", _told(rest[1]), "", ""))
    heading = f"{outcome(found)}: shares of the variance of its expected value (90 % intervals)"
    return Table(heading, "", _COLUMNS, rows)


def others(found: Sensitivity) -> list[Table]:
    """Inputs that are not shown to account for more than next to nothing, one by one."""
    own = shown(found)
    rows = _rows([one for one in inputs(found) if one not in own])
    heading = f"Inputs that are not shown to account for {share(SHOWN)} or more"
    return [Table(heading, "", _COLUMNS, rows)] if rows else []
