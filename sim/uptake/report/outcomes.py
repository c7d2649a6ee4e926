"""Outcomes in tables: for the terminal, the report, the page."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text.answer import Compared
from uptake.report.text.numbers import (
    average,
    called,
    difference,
    differences,
    shares_of,
    span,
)
from uptake.report.text.observed import between, fact, means, no_value, reads
from uptake.report.text.why import REASON, STANDS
from uptake.results.runs import Runs, quantiles

_COUNTED = ("joined", "interested", "declined")  # of every group
_STAGES = ("looked", "considering", "joined", "served", "aligned")
# What is added up in a row of the table of costs; the first names it.
_COSTS = (
    ("trusts_cost_gbp",),
    ("centre_cost_gbp",),
    ("trusts_cost_gbp", "centre_cost_gbp"),
    ("provider_loss_gbp",),
    ("realised_saving_gbp",),
    ("net_present_value_gbp",),
    ("price_saving_gbp",),
    ("harm_gbp",),
)
_BESIDE = ("mean", "median", "q05", "q25", "q75", "q95")
_PAID = (
    "Net cost to {bodies}: fees, aligning, redundancy, exits, sanctions and harm, less grants, "
    "what is bundled in, and the saving in the price."
)


_MONEY = (
    "Net cost to each payer, less than nil where it comes out ahead; what one pays another cancels "
    "in what all spend and save. Beside doing nothing; not discounted; the last year may be short."
)


def is_nil(outcome: Mapping[str, Any]) -> bool:
    """Tell whether an outcome is nil in all runs."""
    return not any(outcome[q] for q in ("mean", "q05", "q95"))


def _interval(name: str, outcome: Mapping[str, float]) -> str:
    """Mean of an outcome, and in brackets its 5 and 95 % points."""
    return f"{average(name, outcome['mean'])} ({span(name, outcome['q05'], outcome['q95'])})"


def outcomes(summary: Mapping[str, Any]) -> Table:
    """Outcomes beside what was observed; without those that are nil in all runs.

    Ratios stand below, as the runs have them in the month of the observation.
    """
    half, most = shares_of(summary["runs"])
    rows, last = [], summary["months"]
    for name, one in summary["outcomes"].items():
        seen = [row for row in summary["observed"] if row["outcome"] == name and not row["of"]]
        if is_nil(one) and not seen:
            continue
        label = called(name, summary["bodies"])
        observed = ", ".join(
            reads(row) + ("" if row["month"] == last else f" (month {row['month']})")
            for row in seen
        )
        source = "; ".join(dict.fromkeys(row["source"] for row in seen))
        middle = span(name, one["q25"], one["q75"])
        cells = [average(name, one["mean"]), middle, span(name, one["q05"], one["q95"]), observed]
        for unit in (" GBP", " %"):
            if cells[0].endswith(unit):
                label += f",{unit}"
                cells = [cell.replace(unit, "") for cell in cells]
        rows.append((label, *cells, source))
    bodies = summary["bodies"]
    for row in summary["observed"]:
        if row["of"]:
            label, none = fact(row, bodies, last), no_value(row, bodies)
            spans = (between(row, "q25", "q75"), between(row, "q05", "q95"))
            label = f"{label} ({none})" if none else label
            rows.append((label, means(row), *spans, reads(row), row["source"]))
    head = "observed, as it was" if summary["departures"] else "observed"
    title = f"{summary['question']}: {counted(summary['runs'], 'run')}"
    return Table(title, "", ("outcome", "mean", half, most, head, "source"), rows)


def observed(summary: Mapping[str, Any]) -> Table:
    """What was observed beside the runs, in its month: values, as a data frame takes them."""
    columns = ("fact", "month", "observed", "value", *_BESIDE, "agree", "no_value", "source")
    rows = [
        (
            fact(row, summary["bodies"], row["month"]),
            row["month"],
            reads(row),
            row["value"],
            *((row["at_month"] or {}).get(quantile) for quantile in _BESIDE),
            row["agree"],
            row["no_value"],
            row["source"],
        )
        for row in summary["observed"]
    ]
    return Table(f"observed, beside {counted(summary['runs'], 'run')}", "", columns, rows)


def groups(summary: Mapping[str, Any]) -> Table:
    """Who joined, took an interest and declined, by kind and size."""
    most = shares_of(summary["runs"])[1]
    found = {**summary["by_kind"], **summary["by_size"]}
    rows = [
        (
            group.replace("_", " "),
            f"{counts['approached']['mean']:,.0f}",
            *(_interval(count, counts[count]) for count in _COUNTED),
        )
        for group, counts in found.items()
    ]
    title = f"by kind and size: mean ({most})"
    return Table(title, "", (summary["bodies"], "approached", *_COUNTED), rows)


def standings(summary: Mapping[str, Any]) -> Table:
    """Where the bodies stand at the end: means, intervals, shares of those approached."""
    of = summary["outcomes"]["approached"]["mean"]
    rows = [
        (STANDS[name], *_mean_and_span(one), f"{100 * one['mean'] / of:.0f} %")
        for name, one in summary["standings"].items()
        if not is_nil(one)
    ]
    most = shares_of(summary["runs"])[1]
    title = f"where they stand after {summary['months']} months"
    return Table(title, "", (summary["bodies"], "mean", most, "of all"), rows)


def refusals(summary: Mapping[str, Any]) -> Table:
    """What turned away those that said no, each thing by itself."""
    found = summary["refusals"]
    rows = [
        (REASON[name], *_mean_and_span(one, "_share"))
        for name, one in sorted(found["reasons"].items(), key=lambda of: -of[1]["mean"])
        if not is_nil(one)
    ]
    many = average("joined", found["said_no"]["mean"])
    title = f"what turned away the {many} that looked and said no, each by itself"
    most = shares_of(summary["runs"])[1]
    return Table(title, "", ("reason", "share of them", most), rows)


def _mean_and_span(one: Mapping[str, float], name: str = "joined") -> tuple[str, str]:
    """Mean and interval of a number over the runs."""
    return average(name, one["mean"]), span(name, one["q05"], one["q95"])


def standings_by(summary: Mapping[str, Any], by: str) -> Table:
    """Where the bodies of each group stand at the end: means."""
    found = _with_any(summary[f"standings_by_{by}"])
    names = [name for name in STANDS if any(one[name] for one in found.values())]
    rows = [
        (group.replace("_", " "), *(average("joined", one[name]) for name in names))
        for group, one in found.items()
    ]
    return Table(
        f"where they stand, by {by}: means", "", (by, *(STANDS[name] for name in names)), rows
    )


def refusals_by(summary: Mapping[str, Any], by: str) -> Table:
    """What turned away those of each group that said no: shares."""
    found = _with_any(summary[f"refusals_by_{by}"])
    names = [name for name in REASON if any(one[name] for one in found.values())]
    rows = [
        (
            group.replace("_", " "),
            average("joined", one["said_no"]),
            *(average("_share", one[name]) for name in names),
        )
        for group, one in found.items()
    ]
    columns = (by, "said no", *(REASON[name] for name in names))
    return Table(f"what turned them away, by {by}", "", columns, rows)


def gains_by(summary: Mapping[str, Any], by: str) -> Table:
    """What the bodies of each group gain, and how many come out ahead and behind."""
    rows = [
        (
            group.replace("_", " "),
            average("joined", one["bodies"]),
            differences("_gbp", one["gained_gbp"], one["gained_gbp"]),
            average("_share", one["ahead"]),
            average("_share", one["behind"]),
        )
        for group, one in _with_any(summary[f"gains_by_{by}"]).items()
    ]
    columns = (by, summary["bodies"], "gain of each, mean", "ahead", "behind")
    return Table(f"who gains, who loses, by {by}", "", columns, rows)


def _with_any(groups: Mapping[str, Mapping[str, float]]) -> dict[str, Mapping[str, float]]:
    """Groups that have anybody."""
    return {name: one for name, one in groups.items() if any(one.values())}


def money(summary: Mapping[str, Any]) -> Table:
    """What each payer pays and all spend and save, year by year and in all: means."""
    years = summary["money"]["years"]
    columns = ("year", summary["bodies"], "centre", "providers", "spent", "saved", "gained")
    names = ("trusts", "centre", "providers", "spent", "saved")

    def row(label: str, of: Mapping[str, float]) -> tuple[str, ...]:
        cells = [*(of[name] for name in names), of["saved"] - of["spent"]]
        return (label, *(average("_gbp", cell) for cell in cells))

    rows = [row("launch" if one["year"] == 0 else str(one["year"]), one) for one in years]
    whole = {name: sum(one[name] for one in years) for name in names}
    rows.append(row("in all", whole))
    return Table("what is paid net, spent and saved, a year: means", _MONEY, columns, rows)


def moved(compared: Compared, runs: int) -> Table:
    """Every outcome that differs from the scheme as it was."""
    most = shares_of(runs, "pairs")[1]
    rows = [
        (
            called(name, compared.bodies),
            average(name, compared.was[name] + change["mean"]),
            average(name, compared.was[name]),
            difference(name, change["mean"]),
            differences(name, change["q05"], change["q95"]),
        )
        for name, change in compared.moved.items()
    ]
    same = "on the same behaviour and random numbers"
    title = f"what differs from the scheme {compared.than}, {same}: means"
    return Table(title, "", ("outcome", "as asked", compared.than, "difference", most), rows)


def who_joins(runs: Runs, was: Runs, than: str) -> Table:
    """Who joins, by kind and size, beside the scheme as it was."""
    rows = []
    for group in runs.groups:
        now, before = (quantiles(one[f"joined_{group}"]) for one in (runs, was))
        if (of := runs[f"approached_{group}"].mean()) > 0.0:
            cells = _beside("joined", now, before)
            rows.append((group.replace("_", " "), f"{of:,.0f}", *cells))
    return Table("Who joins", "", ("", "approached", *_beside_heads(runs, than)), rows)


def stages(runs: Runs, was: Runs, than: str) -> Table:
    """How far organisations come, beside the scheme as it was."""
    rows = [
        (
            called(name, runs.case.bodies),
            *_beside(name, quantiles(runs[name]), quantiles(was[name])),
        )
        for name in _STAGES
    ]
    return Table("How far they come", "", ("", *_beside_heads(runs, than)), rows)


def costs(runs: Runs, was: Runs, than: str) -> Table:
    """What it costs whom, beside the scheme as it was."""
    rows = []
    for names in _COSTS:
        now, before = (
            quantiles(np.sum([one[name] for name in names], axis=0)) for one in (runs, was)
        )
        label = called(names[0], runs.case.bodies)
        if len(names) > 1:
            label = f"cost to the public: {runs.case.bodies} and centre"
        rows.append((label, *_beside(names[0], now, before)))
    paid = _PAID.format(bodies=runs.case.bodies)
    return Table("What it costs whom", paid, ("", *_beside_heads(runs, than)), rows)


def _beside_heads(runs: Runs, than: str) -> tuple[str, str, str]:
    """Heads of the cells of ``_beside``."""
    return shares_of(len(runs))[1], "mean", f"mean {than}"


def _beside(name: str, now: Mapping[str, float], was: Mapping[str, float]) -> tuple[str, ...]:
    """Interval and mean of an outcome, and its mean as it was."""
    means = average(name, now["mean"]), average(name, was["mean"])
    return (span(name, now["q05"], now["q95"]), *means)


def variants(summary: Mapping[str, Any], shown: str) -> Table:
    """Outcomes under each variant of the structure, side by side; ``shown`` comes first."""
    found = summary["variants"]
    names = dict.fromkeys([shown, "joined", "served", "aligned", "net_present_value_gbp"])
    known = [name for name in names if name in next(iter(found.values()))]
    rows = [
        (variant.replace("_", " "), *(_interval(name, outcomes[name]) for name in known))
        for variant, outcomes in found.items()
    ]
    columns = ("structure", *(called(name, summary["bodies"]) for name in known))
    title = f"structures: mean ({shares_of(summary['runs'])[1]})"
    return Table(title, "", columns, rows)
