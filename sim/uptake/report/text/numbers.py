"""Outcomes and amounts in words: what they are called, and how a number is read."""

from collections.abc import Mapping
from decimal import Decimal

from uptake.analysis.chance import Z95, wilson
from uptake.config import reported
from uptake.config.target import target_in

# What a review scraps a scheme for: the first threshold that is missed.
SCRAPPED_FOR = {
    "signatures": "too few have signed",
    "served": "too few are served",
    "cost": "it costs all payers together too much",
    "quality": "quality is too low",
    "premise": "what it was built on is gone",
}
NAMES = {
    "approached": "trusts approached",
    "looked": "looked at it",
    "joined": "joined",
    "interested": "interested, as reported",
    "considering": "business case under way",
    "declined": "declined",
    "turned_away": "times turned away, no place",
    "stalled": "members not aligned",
    "served": "served",
    "aligned": "aligned",
    "left": "left",
    "rejoined": "came back",
    "exempt": "exempt",
    "joined_above_typical_spend": "joined, above typical spend",
    "joined_below_typical_spend": "joined, below typical spend",
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
    "disrupted_months": "member-months served before aligned",
    "harm_gbp": "harm by quality below that at home",
    "claimed_saving_gbp": "saving claimed",
    "realised_saving_gbp": "saving realised by processes",
    "price_saving_gbp": "saving in the price of the service",
    "trusts_cost_gbp": "net cost to trusts",
    "break_even_gbp": "spend at which a provider breaks even",
    "provider_loss_gbp": "providers' loss",
    "centre_cost_gbp": "cost to the centre",
    "grants_gbp": "grants paid",
    "net_present_value_gbp": "net present value, all payers",
    "members": "members",
    "spent_gbp": "spent by all payers",
    "saved_gbp": "saved by all payers, less harm",
    "broke_even_share": "runs in which providers break even",
    "scrapped_share": "runs in which it is scrapped",
    **{
        f"scrapped_for_{name}_share": f"runs scrapped as {told}"
        for name, told in SCRAPPED_FOR.items()
    },
}


def called(name: str, bodies: str) -> str:
    """Name of an outcome, with the sector's own word for its organisations.

    >>> called("trusts_cost_gbp", "councils"), called("share_large", "councils")
    ('net cost to councils', 'share of large that joins')
    >>> called("joined>=25", "councils")
    'chance that joined is at least 25'
    """
    target = target_in(name)
    if target is not None:
        limit = "at most" if target.is_most else "at least"
        number = amount(target.outcome, target.number)
        return f"chance that {called(target.outcome, bodies)} is {limit} {number}"
    if name.startswith("share_"):
        return f"share of {name.removeprefix('share_').replace('_', ' ')} that joins"
    return NAMES.get(name, name.replace("_", " ")).replace("trusts", bodies)


def is_share(name: str) -> bool:
    """Tell whether an outcome is a share, which reads in percent.

    >>> is_share("public_share"), is_share("share_large"), is_share("service_quality")
    (True, True, True)
    """
    return target_in(name) is not None or reported.is_share(name)


def _plain(name: str, value: float, beside: float = 0.0) -> tuple[str, str]:
    """Value of an outcome and its unit, which is that of a larger one beside it."""
    if name.endswith("_gbp"):
        largest = max(abs(value), abs(beside))
        if largest >= 1e5:
            digits = 1 if largest >= 1e6 else 2
            millions = round(value / 1e6, digits)
            return (f"{millions:,.{digits}f}m" if millions else "0"), " GBP"
        return f"{value + 0.0:,.0f}", " GBP"
    if is_share(name):
        return f"{round(100.0 * value) + 0:,d}", " %"
    return f"{value:,.0f}", ""


def amount(name: str, value: float) -> str:
    """Value of an outcome for a reader: money, a share in percent, or a whole number.

    >>> amount("joined", 17.0), amount("public_share", 0.5), amount("grants_gbp", 3.4e6)
    ('17', '50 %', '3.4m GBP')
    """
    return "".join(_plain(name, value))


def tick(name: str, value: float, top: float) -> str:
    """Value of an outcome beside an axis that goes up to ``top``.

    >>> tick("grants_gbp", 2.5e5, 2e6), tick("service_quality", 0.5, 1.0), tick("joined", 20, 60)
    ('0.25m GBP', '50 %', '20')
    """
    if unit_of(name) == "GBP" and top >= 1e5 and value != 0.0:
        return f"{value / 1e6:,.4g}m GBP"
    return amount(name, value)


def unit_of(name: str) -> str:
    """Unit of an outcome, or nothing if it is counted.

    >>> unit_of("grants_gbp"), unit_of("service_quality"), unit_of("joined")
    ('GBP', '%', '')
    """
    return "GBP" if name.endswith("_gbp") else "%" if is_share(name) else ""


def money(value: float) -> str:
    """Amount of GBP for a reader.

    >>> money(3.4e6), money(35000.0), money(-120.0), money(546435.0)
    ('3.4m GBP', '35,000 GBP', '-120 GBP', '0.55m GBP')
    """
    return amount("_gbp", value)


def most(runs: int, of: str = "runs") -> str:
    """The runs between the 5 and 95 % points, as they stand before or after an interval.

    >>> most(1000), most(7), most(1), most(1000, "pairs of runs")
    ('90 % of runs', 'the middle 90 % of 7 runs', 'the one run', '90 % of pairs of runs')
    """
    if runs == 1:
        return "the one run"
    return f"90 % of {of}" if runs >= 20 else f"the middle 90 % of {runs} {of}"


def shares_of(runs: int, of: str = "runs") -> tuple[str, str]:
    """Heads of the columns of the 25 to 75 and of the 5 to 95 % points.

    >>> shares_of(1000), shares_of(7)
    (('50 % of runs', '90 % of runs'), ('25 to 75 %', '5 to 95 %'))
    """
    return (f"50 % of {of}", f"90 % of {of}") if runs >= 20 else ("25 to 75 %", "5 to 95 %")


def percent(share: float) -> str:
    """Share in percent, to two digits or to the whole number.

    >>> [percent(share) for share in (0.0, 0.0123, 0.52, 1.0, 1.234)]
    ['0 %', '1.2 %', '52 %', '100 %', '123 %']
    """
    value = 100.0 * share
    return f"{value:.2g} %" if abs(value) < 99.5 else f"{value:,.0f} %"


def share_between(share: float, runs: int, apart: float | None = None) -> str:
    """Share of runs in percent, and between which others it lies as far as so many runs tell.

    95 % of the time (``uptake.analysis.chance.wilson``). ``apart`` is how many runs that share no
    draw tell as much, if it is fewer (``uptake.analysis.draws``).

    >>> share_between(0.37, 1000), share_between(0.0, 1000), share_between(1.0, 1)
    ('37 % of runs (34 to 40 %, as far as 1,000 tell)', 'none of 1,000 runs', 'the one run')
    >>> share_between(0.0, 40)
    'none of 40 runs (under 9 %, as far as 40 tell)'
    >>> share_between(0.37, 1000, 250.0)
    '37 % of runs (31 to 43 %, as far as 1,000 tell)'
    """
    if runs == 1:
        return "the one run" if share else "none, of one run"
    count = apart or runs
    z2 = Z95 * Z95 / count
    if share in (0.0, 1.0):
        whole, least = f"{'all' if share else 'none'} of {runs:,} runs", 100.0 * z2 / (1.0 + z2)
        if least < 0.5:
            return whole
        limit = f"over {100.0 - least:.0f}" if share else f"under {least:.0f}"
        return f"{whole} ({limit} %, as far as {runs:,} tell)"
    low, high = (100.0 * end for end in wilson(share, count))
    digits = 1 if min(share, 1.0 - share) < 0.02 else 0
    said = f"{100.0 * share:.{digits}f} % of runs ({low:.{digits}f} to {high:.{digits}f} %"
    return f"{said}, as far as {runs:,} tell)"


def capital(text: str) -> str:
    """A text with a capital first letter, and the others as they are.

    >>> capital("net cost, GBP")
    'Net cost, GBP'
    """
    return text[:1].upper() + text[1:]


def share_of_runs(share: float) -> str:
    """Share of runs in percent; "none" and "all" for what never or always happened.

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
    """Number with its sign, to two digits or to the whole number."""
    if value == 0.0:
        return "0"
    return f"{Decimal(f'{value:.2g}'):+f}" if abs(value) < 99.5 else f"{value:+,.0f}"


def difference(name: str, value: float) -> str:
    """Difference of an outcome for a reader, with its sign and to two digits.

    >>> difference("joined", -2.4), difference("grants_gbp", 1.8e6), difference("live_share", 0.0)
    ('-2.4', '+1.8m GBP', '0')
    >>> difference("service_quality", -0.0091)
    '-0.91 points'
    >>> difference("public_share", 0.05), difference("grants_gbp", -22860.0)
    ('+5 points', '-22,860 GBP')
    >>> difference("believed_saving_share", -1.4e-7), difference("share_large", 0.1)
    ('-0.000014 points', '+10 points')
    """
    return "".join(_changed(name, value))


def _changed(name: str, value: float, beside: float = 0.0) -> tuple[str, str]:
    """Difference and its unit, which is that of a larger one beside it."""
    if value == beside == 0.0:
        return "0", ""
    if is_share(name):
        return _signed(100.0 * value), " points"
    if not name.endswith("_gbp"):
        return _signed(value), ""
    if max(abs(value), abs(beside)) >= 1e5:
        return f"{_signed(value / 1e6)}m" if value else "0", " GBP"
    return _signed(value), " GBP"


def differences(name: str, low: float, high: float) -> str:
    """Interval of differences for a reader; one value if both ends read the same.

    >>> differences("joined", -1.0, 3.0), differences("grants_gbp", 77113.0, 4e5)
    ('-1 to +3', '+0.077m to +0.4m GBP')
    """
    (first, unit), (last, _) = _changed(name, low, high), _changed(name, high, low)
    return f"{first}{unit}" if first == last else f"{first} to {last}{unit}"


def average(name: str, value: float) -> str:
    """Mean of an outcome for a reader; a mean of counts to two digits.

    >>> average("joined", 0.939), average("joined", 41.6), average("grants_gbp", 3.4e6)
    ('0.94', '42', '3.4m GBP')
    """
    _, unit = _plain(name, value)
    return f"{value:,.2g}" if not unit and abs(value) < 9.95 else amount(name, value)


def span(name: str, low: float, high: float) -> str:
    """Interval for a reader; one value if both ends read the same.

    >>> span("joined", 0.0, 3.0), span("grants_gbp", 3.4e6, 3.4e6), span("grants_gbp", 77113.0, 4e5)
    ('0 to 3', '3.4m GBP', '0.08m to 0.40m GBP')
    """
    (first, unit), (last, _) = _plain(name, low, high), _plain(name, high, low)
    return f"{first}{unit}" if first == last else f"{first} to {last}{unit}"


def where(numbers: Mapping[str, float], runs: int) -> str:
    """The runs that an interval of an outcome holds: every one, if all are the same.

    >>> where({"sd": 0.0}, 1000), where({"sd": 0.1}, 1000), where({"sd": 0.0}, 1)
    ('every run', '90 % of runs', 'the one run')
    """
    return "every run" if runs > 1 and numbers["sd"] == 0.0 else most(runs)


def known(name: str, numbers: Mapping[str, float], runs: int, did: str = "") -> str:
    """An outcome for a reader: its mean and the interval of most runs.

    >>> known("joined", {"mean": 14.2, "q05": 7.0, "q95": 23.0, "sd": 5.0}, 1000, " join")
    '14 join on average (90 % of runs: 7 to 23)'
    >>> known("provider_loss_gbp", {"mean": 3.4e6, "q05": 3.4e6, "q95": 3.4e6, "sd": 0.0}, 1000)
    '3.4m GBP in every run'
    """
    low, high = numbers["q05"], numbers["q95"]
    if numbers["sd"] == 0.0:
        return f"{span(name, low, high)}{did} in {where(numbers, runs)}"
    mean = average(name, numbers["mean"])
    return f"{mean}{did} on average ({most(runs)}: {span(name, low, high)})"
