"""What each mechanism does, beside what was reported of it: the ledger for a reader."""

from collections.abc import Mapping, Sequence
from typing import Any

from uptake.analysis.ledger import Effect, Mechanism, Pair
from uptake.config.schema import Run
from uptake.report.tables import Table
from uptake.report.text.numbers import called, difference, differences, shares_of

Found = Sequence[tuple[Mechanism, list[Effect]]]  # the first effect is the main one
TITLE = "What each mechanism does, and what was reported of it"
FIGURE = "The main effect of every mechanism; the table holds the numbers."
NOT_IN_A_TERMINAL = ("median", "note", "setting and switch", "source")


def bodies_of(tried: Sequence[Pair]) -> dict[int, str]:
    """The word of the sector of each row, by number of the mechanism."""
    return {row.mechanism.number: row.on.bodies for row in tried if row.on}


def outcome(effect: Effect, bodies: str) -> str:
    """The outcome of an effect, or the two whose difference it is."""
    return " less ".join(called(name, bodies) for name in effect.outcome.split(" less "))


def bars(found: Found, bodies: Mapping[int, str]) -> list[tuple[str, float, float, float, bool]]:
    """Main effects as a figure draws them: label, median, 5 and 95 % points, as reported."""
    rows = []
    for mechanism, (main, *_) in found:
        label = f"{mechanism.number}  {mechanism.name}: {outcome(main, bodies[mechanism.number])}"
        rows.append((label, main.median, main.q05, main.q95, main.as_reported))
    return rows


def table(found: Found, bodies: Mapping[int, str], runs: int) -> Table:
    """The ledger, a row an outcome; ``bodies`` as ``bodies_of`` has them."""
    rows = []
    for mechanism, effects in found:
        switch = ", ".join(mechanism.absent) or ", ".join(mechanism.present)
        side = "off: " if mechanism.absent else "on: "
        setting = "; ".join([f"scenario={mechanism.scenario}", *mechanism.setting, side + switch])
        for i, effect in enumerate(effects):
            name = effect.outcome.partition(" ")[0]
            rows.append(
                [
                    "" if i else f"{mechanism.number} {mechanism.name}",
                    outcome(effect, bodies[mechanism.number]),
                    effect.reported,
                    difference(name, effect.mean),
                    difference(name, effect.median),
                    differences(name, effect.q05, effect.q95),
                    effect.verdict,
                    effect.note,
                    setting,
                    mechanism.source,
                ]
            )
    most = shares_of(runs, "pairs")[1]
    columns = ("mechanism", "outcome", "reported", "mean", "median", most, "as reported")
    return Table("The ledger", "", (*columns, "note", "setting and switch", "source"), rows)


def sentences(found: Found, untried: Sequence[Pair], config: Run) -> list[str]:
    """The ledger as a whole."""
    good = sum(all(effect.as_reported for effect in effects) for _, effects in found)
    said = [
        f"{good} of {len(found)} mechanisms move their outcomes in the direction that their source "
        f"reports, in the mean of {config.runs:,} pairs of runs and by more than three standard "
        "errors." + ("" if good == len(found) else " More runs may settle the others."),
        "The two runs of a pair share behaviour and random numbers: they differ in the switch "
        "alone. "
        f"Behaviour: {config.parameters.title}.",
        "Many pairs show no effect at all, where few join under either: hence the median is often "
        "0 while the mean is not. A direction is a property of the rules, not evidence that the "
        "mechanism carried the outcome.",
    ]
    if untried:
        rows = "; ".join(f"{row.mechanism.number} ({row.held})" for row in untried)
        said.insert(1, f"Not tried, as you hold what they switch or set: {rows}.")
    return said


def summary_of(found: Found, runs: int) -> dict[str, Any]:
    """Content of ``summary.json``: a row a mechanism, with its other effects under ``also``."""
    rows = []
    for mechanism, (main, *others) in found:
        row = vars(mechanism) | _measured(main) | {"also": [_measured(one) for one in others]}
        row["as_reported"] = all(effect.as_reported for effect in (main, *others))
        del row["effects"]
        rows.append(row)
    return {"mechanisms": rows, "runs": runs}


def _measured(effect: Effect) -> dict[str, Any]:
    """An effect as ``summary.json`` holds it; its median is also called ``effect``."""
    return vars(effect) | {"effect": effect.median, "as_reported": effect.as_reported}
