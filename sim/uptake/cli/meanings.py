"""What the keys of a scenario and of its sector mean, and what they can be, for `uptake new`."""

from __future__ import annotations

from typing import NamedTuple


class Meaning(NamedTuple):
    """What a key is, and from and to what its number can be, if it holds one."""

    text: str
    low: float | None = None
    high: float | None = None


def meaning_of(owner: type, key: str) -> Meaning:
    """Return what a key of a class of the schema means: the only place that ``new`` asks."""
    return _MEANINGS[owner.__name__][key]


# Until the schema says so itself.
_MEANINGS: dict[str, dict[str, Meaning]] = {
    "Scenario": {
        "name": Meaning("the name of its file"),
        "title": Meaning("the scheme in words"),
        "start": Meaning("year and month of the launch, which is month 0"),
        "months": Meaning("its horizon", 1, 1200),
        "approached": Meaning("trusts approached", 1, 10_000_000),
        "designed_for": Meaning("kinds of trusts that it suits"),
        "scope_share": Meaning("corporate services that it covers", 1e-9, 1),
        "providers": Meaning("who serves, by name; one at least is open at the launch"),
        "levers": Meaning("the offer and the centre's policy at the launch, by lever"),
        "timeline": Meaning("dated events, and the levers that each sets from its month on"),
        "shows": Meaning("the curve that tells its story"),
        "observed": Meaning("outcomes as they were reported, each in a month"),
        "findings": Meaning("what was reported without a number"),
    },
    "Sector": {
        "title": Meaning("the sector in words"),
        "kinds": Meaning("kinds of trusts, by name"),
        "regions": Meaning("regions that plan by themselves", 1, 1_000_000),
        "professions": Meaning("networks of professions that run across the trusts", 1, 1000),
        "cost_share_small": Meaning("corporate services of those below large_from_gbp", 1e-9, 1),
        "cost_share_large": Meaning("corporate services of those from large_from_gbp on", 1e-9, 1),
        "medium_from_gbp": Meaning("income that parts small from medium trusts", 0, 1e12),
        "large_from_gbp": Meaning("income that parts medium from large trusts", 0, 1e12),
        "cost_sigma": Meaning("spread of log cost between trusts of a kind", 0, 2),
        "budget_share": Meaning("what a trust can commit outside the year's plan", 1e-9, 1),
        "discount_rate": Meaning("real rate at which later years count less", 0, 1),
    },
    "Kind": {
        "bodies": Meaning("how many there are", 0.001, 1e9),
        "income_p10": Meaning("income that 10 % are below", 1e3, 1e12),
        "income_p50": Meaning("median income", 1e3, 1e12),
        "income_p90": Meaning("income that 10 % are above", 1e3, 1e12),
    },
    "Provider": {
        "title": Meaning("the provider in words"),
        "number": Meaning("how many of them there are; not given: one", 1, 200),
        "public_share": Meaning("1 public, between a joint venture, 0 private", 0, 1),
        "quality": Meaning("quality of its service, mean over the runs", 0, 1),
        "quality_sd": Meaning("what is not known of its quality; not given: nothing", 0, 1),
        "capacity": Meaning("customers that it can take; not given: without limit", 1, 1e9),
        "invested_gbp": Meaning("spent before the first member; not given: nothing", 0, 1e12),
        "committed_gbp": Meaning("to be spent whoever comes; not given: nothing", 0, 1e12),
        "parent_income_gbp": Meaning("of the body it belongs to; not given: no limit", 0, 1e13),
        "parent_dependence_share": Meaning(
            "of that income, on the centre's contract; not given: nothing", 0, 1
        ),
        "enters_later": Meaning("it may enter after the launch"),
    },
    "Event": {
        "name": Meaning("a name of its own"),
        "month": Meaning("months after the launch"),
        "date": Meaning("the date in words"),
        "label": Meaning("what happened, in few words"),
        "source": Meaning("where that is reported"),
        "set": Meaning("levers that it sets, by name"),
    },
    "Observation": {
        "value": Meaning("the number"),
        "month": Meaning("months after the launch"),
        "fit": Meaning("what uptake calibrate takes from it: exactly, at_least or none"),
    },
}
