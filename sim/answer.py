"""The answer in words: what a run's summary says, for readers who do not read tables.

No sentence here says more than the summary holds.
"""

from __future__ import annotations

from typing import Any

from sim.scenario import Case

NAMES = {
    "approached": "trusts approached",
    "joined": "joined",
    "interested": "interested, as reported",
    "considering": "interested or considering",
    "declined": "declined",
    "turned_away": "times turned away, no place",
    "stalled": "members not live",
    "live": "live",
    "left": "left",
    "rejoined": "came back",
    "exempt": "exempt",
    "joined_dear": "joined, above typical spend",
    "joined_lean": "joined, below typical spend",
    "regions_planned": "regions with a plan",
    "followers_share": "other regions that followed",
    "regions_common_systems": "regions on common systems",
    "regions_one_provider": "regions with one provider",
    "regions_market_tested": "regions market-tested",
    "providers_open": "providers open",
    "providers_conditional": "providers with conditions",
    "providers_stopped": "providers stopped",
    "providers_withdrawn": "providers withdrawn",
    "public_share": "customers of public providers",
    "worst_exit_share": "customers lost, worst provider",
    "collaboration_share": "voluntary collaboration",
    "believed_saving_share": "saving believed",
    "service_quality": "quality of service",
    "disrupted_months": "months of disrupted service",
    "claimed_saving_gbp": "saving claimed",
    "realised_saving_gbp": "saving realised",
    "trusts_cost_gbp": "cost to trusts",
    "provider_loss_gbp": "providers' loss",
    "centre_cost_gbp": "cost to the centre",
    "grants_gbp": "grants paid",
    "net_present_value_gbp": "net present value, all payers",
    "members": "members",
}


def _plain(name: str, value: float) -> tuple[str, str]:
    """Return a value of an outcome for a reader, and its unit."""
    if name.endswith("_gbp"):
        if abs(value) >= 1e6:
            return f"{value / 1e6:,.1f}m", " GBP"
        if abs(value) >= 1e5:
            return f"{value / 1e6:,.2f}m", " GBP"
        return f"{value + 0.0:,.0f}", " GBP"
    if name.endswith("_share") or name == "service_quality":
        return f"{round(100.0 * value) + 0:,d}", " %"
    return f"{value:,.0f}", ""


def amount(name: str, value: float) -> str:
    """Return the value of an outcome for a reader: money, a share in percent, or a whole number.

    >>> amount("joined", 17.0), amount("public_share", 0.5), amount("grants_gbp", 3.4e6)
    ('17', '50 %', '3.4m GBP')
    """
    return "".join(_plain(name, value))


def money(value: float) -> str:
    """Return an amount of GBP for a reader.

    >>> money(3.4e6), money(35000.0), money(-120.0), money(546435.0)
    ('3.4m GBP', '35,000 GBP', '-120 GBP', '0.55m GBP')
    """
    return amount("_gbp", value)


def share_of_runs(share: float) -> str:
    """Return a share of runs in percent, with none and all for what never or always happened.

    >>> [share_of_runs(share) for share in (0.0, 0.001, 0.25, 0.9999, 1.0)]
    ['none', 'under 1 %', '25 %', 'over 99 %', 'all']
    """
    if share in (0.0, 1.0):
        return "all" if share else "none"
    if share < 0.01:
        return "under 1 %"
    if share > 0.99:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def _signed(value: float) -> str:
    """Return a number with its sign, to two digits or to the whole number."""
    return f"{value:+,.2g}" if abs(value) < 99.5 else f"{value:+,.0f}"


def difference(name: str, value: float) -> str:
    """Return a difference of an outcome for a reader, with its sign and to two digits.

    >>> difference("joined", -2.4), difference("grants_gbp", 1.8e6), difference("live_share", 0.0)
    ('-2.4', '+1.8m GBP', '0')
    """
    if value == 0.0:
        return "0"
    if name.endswith("_gbp") and abs(value) >= 1e5:
        return f"{_signed(value / 1e6)}m GBP"
    return _signed(value)


def average(name: str, value: float) -> str:
    """Return the mean of an outcome for a reader: a mean of counts to two digits.

    >>> average("joined", 0.939), average("joined", 41.6), average("grants_gbp", 3.4e6)
    ('0.94', '42', '3.4m GBP')
    """
    _, unit = _plain(name, value)
    return f"{value:,.2g}" if not unit and abs(value) < 9.95 else amount(name, value)


def offer(case: Case) -> str:
    """Return what is on offer at the launch, in words."""
    levers = case.episode.levers[0]
    fee = levers.upfront_fee_gbp
    parts = [f"{money(fee)} on signing" if fee > 0 else "no fee on signing"]
    if levers.yearly_fee_gbp > 0:
        parts.append(f"{money(levers.yearly_fee_gbp)} a year")
    if levers.grant_gbp > 0:
        parts.append(f"less a grant of {money(levers.grant_gbp)}")
    return f"{', '.join(parts)}, for a term of {levers.term_years:g} years"


def span(name: str, low: float, high: float) -> str:
    """Return an interval for a reader, one value if both ends read the same.

    >>> span("joined", 0.0, 3.0), span("provider_loss_gbp", 3.4e6, 3.4e6)
    ('0 to 3', '3.4m GBP')
    """
    (first, unit), (last, _) = _plain(name, low), _plain(name, high)
    return f"{first}{unit}" if first == last else f"{first} to {last}{unit}"


def headline(case: Case, summary: dict[str, Any]) -> str:
    """Return the answer in one sentence: how many join."""
    outcomes = summary["outcomes"]
    joined, approached = outcomes["joined"], outcomes["approached"]
    number = span("approached", approached["q05"], approached["q95"])
    return (
        f"Of {number} trusts approached over {case.months} months ({offer(case)}), "
        f"{span('joined', joined['q05'], joined['q95'])} join in 9 runs of 10, "
        f"{joined['median']:,.0f} in the median run."
    )


def _account(case: Case, loss: dict[str, Any]) -> str:
    """Return what the provider loses or gains, in words."""
    low, high = loss["q05"], loss["q95"]
    offers = case.episode.offers
    if low == high == 0.0:
        return "Providers neither gain nor lose by it in 9 runs of 10; their outlay is not known."
    if low == high == float((offers.invested_gbp + offers.committed_gbp).sum()):
        return (
            f"The provider loses {money(low)} in 9 runs of 10: what it invested and committed, "
            "with no fees kept. Both are inputs of the scenario; the model did not find them."
        )
    who = "The provider makes" if len(offers) == 1 else "The providers together make"
    if high <= 0:
        return f"{who} a surplus of {span('_gbp', -high, -low)} in 9 runs of 10."
    sign = " (a negative loss is a surplus)" if low < 0 else ""
    who = "The provider loses" if len(offers) == 1 else "The providers together lose"
    said = f"{who} {span('_gbp', low, high)} in 9 runs of 10{sign}"
    if not float((offers.invested_gbp + offers.committed_gbp).sum()):
        said += ", against the former price: what the service itself costs is not in the model"
    return f"{said}."


def _balance(outcomes: dict[str, Any]) -> str:
    """Return what was claimed, what was realised, and what it is worth to all together."""
    parts = [
        f"{NAMES[name]} {span(name, outcomes[name]['q05'], outcomes[name]['q95'])}"
        for name in ("claimed_saving_gbp", "realised_saving_gbp", "net_present_value_gbp")
    ]
    return f"The balance in 9 runs of 10: {'; '.join(parts)} (at the launch, 3.5 % a year real)."


def sentences(case: Case, summary: dict[str, Any]) -> list[str]:
    """Return the rest of the answer, a sentence a fact."""
    outcomes = summary["outcomes"]
    said = []
    if summary["departures"]:
        said.append(
            f"This is a what-if, not what happened: {', '.join(summary['departures'])}. "
            "What was observed is shown for comparison."
        )
    if "observed" in outcomes["joined"]:
        joined = outcomes["joined"]
        reached = share_of_runs(joined["share_of_runs_at_least_observed"])
        said.append(
            f"In fact {joined['observed']:,.0f} had joined by month {joined['observed_month']} "
            f"({joined['source']}); of the runs, {reached} reach that number by then."
        )
    shown = case.config.scenario.shows
    if shown in outcomes and shown != "joined":
        seen = outcomes[shown]
        said.append(
            f"{NAMES[shown].capitalize()} after {case.months} months: "
            f"{span(shown, seen['q05'], seen['q95'])} in 9 runs of 10."
        )
    for finding in summary["findings"]:
        how = "Foreseen" if finding["foreseen"] else "Reported without a number"
        said.append(
            f"{how}: {finding['statement']} ({finding['source']}). "
            f"Of the runs, {share_of_runs(finding['agree'])} agree and "
            f"{share_of_runs(finding['contradict'])} contradict it."
        )
    said.append(_account(case, outcomes["provider_loss_gbp"]))
    said.append(_balance(outcomes))
    if summary["scrapped_share"] > 0:
        said.append(
            f"Of the runs, {share_of_runs(summary['scrapped_share'])} end with the scheme scrapped "
            "by its review, which cuts the count off: it is not where adoption would have settled."
        )
    said.append(f"Behaviour: {case.config.parameters.title}.")
    said.append(
        "The interval covers behaviour, what is not known of each trust, and luck. It does not "
        "cover levers, timeline, window and the sector's figures: these are held as listed."
    )
    return said
