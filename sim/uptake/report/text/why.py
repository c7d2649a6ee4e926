"""Where bodies stand at the end, and what turned away those that said no, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uptake.report.text.numbers import average, share_of_runs

STANDS = {
    "exempt": "exempt, or stays out by name",
    "never_looked": "never looked",
    "let_be": "looked and let it be",
    "considering": "business case under way",
    "declined": "declined after a business case",
    "waiting": "signed, waits for the service",
    "served": "served",
    "left": "left",
}
REASON = {
    "fee": "the fee on signing",
    "budget": "the strain on the budget",
    "running_fee": "the fee a year",
    "cost_shared": "sharing the provider's cost",
    "quality": "a quality below that at home",
    "gap": "changing its own processes",
    "doubt": "being bound to a saving in doubt",
    "control": "control that it would give up",
    "owner": "a provider that is not public",
    "misfit": "not designed for its kind",
    "legal": "the risk of a legal challenge",
    "staff": "staff who would leave",
    "no_place": "found no place",
    "no_provider": "no provider was open to it",
    "several": "none of these by itself",
}
_MOST = 4  # reasons in a sentence


def stands(summary: Mapping[str, Any]) -> str:
    """Where the bodies stand at the end, on average: what nobody does goes without saying."""
    found = [
        f"{average('joined', one['mean'])} {_does(name, summary['scrapped_share'])}"
        for name, one in summary["standings"].items()
        if one["mean"] > 0.0
    ]
    return f"Where they stand after {summary['months']} months, on average: {'; '.join(found)}."


def _does(name: str, scrapped: float) -> str:
    """What bodies of a standing do, after their number; some in runs in which it is scrapped."""
    if name == "waiting" and scrapped == 1.0:
        return "had signed and waited for the service when it was scrapped"
    return {
        "considering": "have a business case under way",
        "waiting": "have signed and wait for the service",
        "served": "are served",
        "left": "have left",
        "exempt": "are exempt",
    }.get(name, STANDS[name])


def turned_away(summary: Mapping[str, Any]) -> str:
    """What turned away those that said no: the most frequent reasons, and who had none."""
    found = summary["refusals"]
    if not found["reasons"]:
        return "Nobody that looked said no."
    shares = {name: one["mean"] for name, one in found["reasons"].items() if one["mean"] > 0.0}
    alone, closed = shares.pop("several", 0.0), shares.pop("no_provider", 0.0)
    most = sorted(shares, key=lambda name: -shares[name])[:_MOST]
    told = [f"{REASON[name]} ({share_of_runs(shares[name])})" for name in most]
    by_itself = f"by itself: {', '.join(told)}" if told else "by itself: nothing"
    many = average("joined", found["said_no"]["mean"])
    said = f"What turned away the {many} that looked and said no, {by_itself}."
    if closed > 0.0:
        said += f" For {share_of_runs(closed)} no provider was open any more, whatever else it was."
    if alone == 0.0:
        return said
    return (
        f"{said} For {share_of_runs(alone)} no one thing would have done: it takes two or more of "
        "them, or more to be said for joining."
    )
