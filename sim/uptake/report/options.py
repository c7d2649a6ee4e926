"""Options side by side: who joins, the chance of the target, money, and how they differ."""

from __future__ import annotations

from uptake.report.tables import Table
from uptake.report.text import question as words
from uptake.report.text.numbers import average, called, differences, shares_of, span
from uptake.results.runs import Runs, quantiles

_TOLD = ("trusts_cost_gbp", "centre_cost_gbp", "provider_loss_gbp", "net_present_value_gbp")


def _option(name: str, runs: Runs, was: Runs | None) -> list[str]:
    """What an option comes to: members and money, and how members differ from what was."""
    shown = runs.case.config.scenario.shows
    now = quantiles(runs.at_month(shown, runs.case.months))
    row = [name, f"{average(shown, now['mean'])} ({span(shown, now['q05'], now['q95'])})"]
    if was is None:
        row.append("")
    else:
        month = runs.case.months
        moved = quantiles(runs.at_month(shown, month) - was.at_month(shown, month))
        ends = differences(shown, moved["q05"], moved["q95"])
        row.append(f"{differences(shown, moved['mean'], moved['mean'])} ({ends})")
    target = runs.case.target
    row.append(average("_share", float(runs[target.name].mean())) if target else "")
    return [*row, *(average(name, float(runs[name].mean())) for name in _TOLD)]


def options(runs: Runs, base: Runs | None) -> Table:
    """The scheme as it was and as it is asked, side by side; ``base`` are its runs as it was."""
    case, shown = runs.case, runs.case.config.scenario.shows
    most = shares_of(len(runs))[1]
    columns = [
        "option", f"{called(shown, case.bodies)}: mean ({most})", "difference, in pairs of runs",
        "chance of the target", *(f"{called(name, case.bodies)}, mean" for name in _TOLD),
    ]  # fmt: skip
    if base is None:
        was = words.has_been(case) and not words.departures(case)
        name = "as it was" if was else "as asked"
        rows = [_option(name, runs, None)]
    else:
        than = words.reference(base.case)
        rows = [_option(than, base, None), _option("as asked", runs, base)]
    keep = [i for i in range(len(columns)) if i == 0 or any(row[i] for row in rows)]
    return Table(
        "Options", "", [columns[i] for i in keep], [[row[i] for i in keep] for row in rows]
    )
