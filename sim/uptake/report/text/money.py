"""Money in words: what providers lose, what is saved and spent, whether it pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uptake.config.case import Case
from uptake.errors import counted
from uptake.report.text.numbers import (
    NAMES,
    difference,
    known,
    money,
    percent,
    share_between,
    where,
)

_TEN_YEARS = 120  # months
Numbers = Mapping[str, float]  # quantiles by name, and the mean


def account(case: Case, summary: Mapping[str, Any]) -> str:
    """What the providers lose or gain, and in how many runs they break even."""
    loss, runs = summary["outcomes"]["provider_loss_gbp"], int(summary["runs"])
    return _loss(case, loss, runs) + _broke_even(case, summary)


def balance(case: Case, summary: Mapping[str, Any]) -> str:
    """What was claimed and realised, what it is worth to all together, and whether it pays."""
    return _saved(case, summary["outcomes"], int(summary["runs"])) + _worth(summary)


def _loss(case: Case, loss: Numbers, runs: int) -> str:
    """What the providers lose or gain."""
    offers = case.episode.offers
    outlay = float((offers.invested_gbp + offers.committed_gbp).sum())
    low, high = loss["q05"], loss["q95"]
    if low == high == 0.0:
        return f"Providers neither gain nor lose in {where(loss, runs)}; their outlay is not known."
    if low == high == outlay:
        return (
            f"The provider loses {money(low)} in {where(loss, runs)}: what it invested and "
            "committed, with no fees kept. Both are inputs of the scenario; the model did not "
            "find them."
        )
    is_one = len(offers) == 1
    if high <= 0:
        surplus = {"mean": -loss["mean"], "q05": -high, "q95": -low, "sd": loss["sd"]}
        who = "The provider makes" if is_one else "The providers together make"
        return f"{who} a surplus of {known('_gbp', surplus, runs)}."
    who = "The provider loses" if is_one else "The providers together lose"
    said = f"{who} {known('_gbp', loss, runs)}"
    if not outlay:
        said += _unknown_cost(case)
    return f"{said}.{' A negative loss is a surplus.' if low < 0 else ''}"


def _broke_even(case: Case, summary: Mapping[str, Any]) -> str:
    """In how many runs providers break even, where it is known what they put in."""
    offers = case.episode.offers
    if not (offers.invested_gbp + offers.committed_gbp + offers.fixed_cost_gbp).any():
        return ""
    share = summary["broke_even_share"]
    of = share_between(share, summary["runs"])
    return f" {'It breaks' if len(offers) == 1 else 'Together they break'} even in {of}."


def _unknown_cost(case: Case) -> str:
    """What the service itself is taken to cost, where the scenario does not say."""
    offers = case.episode.offers
    if offers.fixed_cost_gbp.any() or (offers.running_cost_share != 1.0).any():
        return ""
    if case.episode.levers[0].share_replaced > 0.0:
        return ", if the service costs what its members spent on it before"
    return "; what the service itself costs is not in the model"


def _saved(case: Case, outcomes: Mapping[str, Any], runs: int) -> str:
    """What was claimed, what was realised, and what it is worth to all together."""
    names = (
        "claimed_saving_gbp", "realised_saving_gbp", "price_saving_gbp", "net_present_value_gbp",
    )  # fmt: skip
    parts = "; ".join(f"{NAMES[name]} {known(name, outcomes[name], runs)}" for name in names)
    rate = f"{100 * case.episode.sector[0].discount_rate:g} % a year real"
    return f"The balance: {parts}. The net present value is that at the launch, at {rate}."


def who_gains(summary: Mapping[str, Any]) -> str:
    """How many bodies come out ahead and behind, and which sizes gain most and least."""
    groups = summary["gains_by_kind"].values()
    bodies = sum(one["bodies"] for one in groups)
    ahead, behind = (
        sum(one["bodies"] * one[side] for one in groups) / bodies for side in ("ahead", "behind")
    )
    if ahead == behind == 0.0:
        return ""
    sizes = {
        name: one["gained_gbp"] for name, one in summary["gains_by_size"].items() if one["bodies"]
    }
    most, least = max(sizes, key=lambda name: sizes[name]), min(sizes, key=lambda name: sizes[name])
    told = ""
    if most != least:
        best, worst = (difference("_gbp", sizes[one]) for one in (most, least))
        first = "gain most" if sizes[most] > 0.0 else "lose least"
        last = "lose most" if sizes[least] < 0.0 else "gain least"
        told = (
            f" By size, {most} ones {first} ({best} each on average, those who stay outside "
            f"included), {least} ones {last} ({worst})."
        )
    return (
        f"Beside doing nothing {percent(ahead)} of the {summary['bodies']} come out ahead, "
        f"{percent(behind)} behind and the others as they were, over all "
        f"{counted(summary['months'], 'month')}, not discounted.{told}"
    )


def _not_cashable(summary: Mapping[str, Any]) -> str:
    """What is saved beside, and cannot be taken out as cash."""
    found = summary["money"]["not_cashable"]
    if found["mean"] == 0.0:
        return ""
    told = known("_gbp", found, int(summary["runs"]))
    return (
        f" Beside that, processes save {told} that cannot be taken out as cash: it is not counted."
    )


def _longer(summary: Mapping[str, Any]) -> str:
    """How a longer time is asked, where savings may come after the end."""
    return "" if summary["months"] >= _TEN_YEARS else " (months=120 asks of ten years)"


def _worth(summary: Mapping[str, Any]) -> str:
    """What is saved for each pound that is spent, and how often it pays."""
    found = summary["money"]
    if found["ratio"] is None:
        return " Nothing is spent."
    bias = f"{100 * found['optimism_bias']:g} %"
    share = share_between(found["pays_share"], int(summary["runs"]))
    return (
        f" Over {counted(summary['months'], 'month')}{_longer(summary)}, in present value "
        f"{money(found['spent']['mean'])} is spent and "
        f"{money(found['saved']['mean'])} saved on average: {found['ratio']:.2f} pounds for each "
        f"pound, {found['ratio_with_bias']:.2f} if {bias} more is spent than planned. More is "
        f"saved than spent in {share}.{_not_cashable(summary)}"
    )
