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
    "live": "live",
    "left": "left",
    "provider_loss_gbp": "provider's loss",
    "grants_gbp": "grants paid",
    "realised_saving_gbp": "saving realised",
}


def money(value: float) -> str:
    """Return an amount of GBP for a reader.

    >>> money(3.4e6), money(35000.0), money(-120.0)
    ('3.4m GBP', '35,000 GBP', '-120 GBP')
    """
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.1f}m GBP"
    return f"{value:,.0f} GBP"


def amount(name: str, value: float) -> str:
    """Return the value of an outcome for a reader: money, or whole trusts."""
    return money(value) if name.endswith("_gbp") else f"{value:,.0f}"


def _percent(share: float) -> str:
    """Return a share of runs in percent, with none and all for what never or always happened.

    >>> _percent(0.0), _percent(0.001), _percent(0.25), _percent(0.9999), _percent(1.0)
    ('none', 'under 1 %', '25 %', 'over 99 %', 'all')
    """
    if share in (0.0, 1.0):
        return "all" if share else "none"
    if share < 0.01:
        return "under 1 %"
    if share > 0.99:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def offer(case: Case) -> str:
    """Return what is on offer at the launch, in words."""
    levers = case.episode.levers[0]
    parts = [f"{money(levers.upfront_fee_gbp)} on signing"]
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
    ends = [amount(name, low), amount(name, high)]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


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
    scenario = case.config.scenario
    if low == high == scenario.invested_gbp.value + scenario.committed_gbp.value:
        return (
            f"The provider loses {money(low)} in 9 runs of 10: what it invested and committed, "
            "with no fees kept. Both are inputs of the scenario; the model did not find them."
        )
    if high <= 0:
        return f"The provider makes a surplus of {span('_gbp', -high, -low)} in 9 runs of 10."
    sign = " (a negative loss is a surplus)" if low < 0 else ""
    return f"The provider loses {span('_gbp', low, high)} in 9 runs of 10{sign}."


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
        reached = _percent(joined["share_of_runs_at_least_observed"])
        said.append(
            f"In fact {joined['observed']:,.0f} had joined by month {joined['observed_month']} "
            f"({joined['source']}); of the runs, {reached} reach that number by then."
        )
    said.append(_account(case, outcomes["provider_loss_gbp"]))
    if summary["scrapped_share"] > 0:
        said.append(
            f"Of the runs, {_percent(summary['scrapped_share'])} end with the scheme scrapped by "
            "its review, which cuts the count off: it is not where adoption would have settled."
        )
    said.append(f"Behaviour: {case.config.parameters.title}.")
    said.append(
        "The interval covers behaviour, what is not known of each trust, and luck. It does not "
        "cover levers, timeline, window and the sector's figures: these are held as listed."
    )
    return said
