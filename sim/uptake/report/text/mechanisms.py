"""What each mechanism does, beside what was reported of it: the ledger for a reader."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from uptake.analysis.ledger import WEAK_AGAINST, WEAK_SIZE, Effect, Mechanism, Pair
from uptake.config.schema import Run
from uptake.report.tables import Table
from uptake.report.text.numbers import called, difference, differences, percent, shares_of

Found = Sequence[tuple[Mechanism, list[Effect]]]  # the first effect is the main one
TITLE = "What each mechanism does, and what was reported of it"
FIGURE = "The main effect of every mechanism; the table holds the numbers."
NOT_IN_A_TERMINAL = ("median", "note", "setting and switch", "source")


class Bar(NamedTuple):
    """An effect as a figure draws it, as a share of its outcome."""

    label: str
    mean: float
    q05: float
    q95: float
    verdict: str  # "yes" if it is as reported
    inferred: float | None  # the mean on inferred behaviour, if that is drawn as well


def bodies_of(tried: Sequence[Pair]) -> dict[int, str]:
    """The word of the sector of each row, by number of the mechanism."""
    return {row.mechanism.number: row.on.bodies for row in tried if row.on}


def outcome(effect: Effect, bodies: str) -> str:
    """The outcome of an effect, or the two whose difference it is."""
    return " less ".join(called(name, bodies) for name in effect.outcome.split(" less "))


def bars(found: Found, bodies: Mapping[int, str], after: Found | None = None) -> list[Bar]:
    """Main effects as a figure draws them, as shares of their outcomes."""
    rows = []
    for place, (mechanism, (main, *_)) in enumerate(found):
        label = f"{mechanism.number}  {mechanism.name}: {outcome(main, bodies[mechanism.number])}"
        scale = main.scale or 1.0
        points = (main.mean / scale, main.q05 / scale, main.q95 / scale)
        inferred = None
        if after:
            again = after[place][1][0]
            inferred = again.mean / (again.scale or 1.0)
        rows.append(Bar(label, *points, main.verdict, inferred))
    return rows


def table(found: Found, bodies: Mapping[int, str], runs: int, after: Found | None = None) -> Table:
    """The ledger, a row an outcome; ``bodies`` as ``bodies_of`` has them.

    ``found`` is on the prior and ``after`` on what was inferred, or it is on what was asked for.
    """
    rows = []
    for place, (mechanism, effects) in enumerate(found):
        switch = ", ".join(mechanism.absent) or ", ".join(mechanism.present)
        side = "off: " if mechanism.absent else "on: "
        setting = "; ".join([f"scenario={mechanism.scenario}", *mechanism.setting, side + switch])
        for i, effect in enumerate(effects):
            name = effect.outcome.partition(" ")[0]
            again = after[place][1][i] if after else None
            rows.append(
                [
                    "" if i else f"{mechanism.number} {mechanism.name}",
                    outcome(effect, bodies[mechanism.number]),
                    effect.reported,
                    difference(name, effect.mean),
                    difference(name, effect.median),
                    differences(name, effect.q05, effect.q95),
                    percent(effect.size),
                    effect.verdict,
                    *((difference(name, again.mean), again.verdict) if again else ()),
                    effect.note,
                    setting,
                    mechanism.source,
                ]
            )
    most = shares_of(runs, "pairs")[1]
    columns = ["mechanism", "outcome", "reported", "mean", "median", most, "of the outcome"]
    columns += ["as reported", *(("mean, inferred", "as reported, inferred") if after else ())]
    return Table("The ledger", "", (*columns, "note", "setting and switch", "source"), rows)


def _weak(found: Found) -> str:
    """The rows that are as reported but weak, with their numbers."""
    weak = [str(m.number) for m, effects in found if any(effect.is_weak for effect in effects)]
    return ", ".join(weak) if weak else "none"


def sentences(
    found: Found, untried: Sequence[Pair], config: Run, after: Found | None = None
) -> list[str]:
    """The ledger as a whole."""
    good = sum(all(effect.as_reported for effect in effects) for _, effects in found)
    said = [
        f"{good} of {len(found)} mechanisms move their outcomes in the direction that their source "
        f"reports, in the mean of {config.runs:,} pairs of runs and by more than three standard "
        "errors." + ("" if good == len(found) else " More runs may settle the others."),
        "The two runs of a pair share behaviour and random numbers: they differ in the switch "
        "alone. "
        + (
            "Behaviour: drawn from the prior and, where it says inferred, from the posterior."
            if after
            else f"Behaviour: {config.parameters.title}."
        ),
        f"Weak (under {100 * WEAK_SIZE:g} % of the outcome, or more than {100 * WEAK_AGAINST:g} % "
        f"of the pairs the other way): rows {_weak(found)}"
        + (f"; on what was inferred: rows {_weak(after)}." if after else "."),
        "Many pairs show no effect at all, where few join under either: hence the median is often "
        "0 while the mean is not. A direction is a property of the rules, not evidence that the "
        "mechanism carried the outcome.",
    ]
    if untried:
        rows = "; ".join(f"{row.mechanism.number} ({row.held})" for row in untried)
        said.insert(1, f"Not tried, as you hold what they switch or set: {rows}.")
    return said


def summary_of(found: Found, runs: int, after: Found | None = None) -> dict[str, Any]:
    """Content of ``summary.json``: a row a mechanism, with its other effects under ``also``."""
    rows = []
    for place, (mechanism, (main, *others)) in enumerate(found):
        row = vars(mechanism) | _measured(main) | {"also": [_measured(one) for one in others]}
        row["as_reported"] = all(effect.as_reported for effect in (main, *others))
        if after:
            row["inferred"] = [_measured(one) for one in after[place][1]]
        del row["effects"]
        rows.append(row)
    return {"mechanisms": rows, "runs": runs}


def _measured(effect: Effect) -> dict[str, Any]:
    """An effect as ``summary.json`` holds it; its median is also called ``effect``."""
    told = {"effect": effect.median, "as_reported": effect.as_reported, "weak": effect.is_weak}
    return vars(effect) | told
