"""Facts and timeline of an episode: what differs from one episode to another.

A *lever* is a choice of policy (a fee, a discount, a deadline), an *input* is a fact of the
episode (its trusts, its dates). The timeline is data: in month ``t`` these levers take those
values. It is laid out here as one record of levers a month, so that a rule only ever sees the
levers of its own month. Ranges, units and neutral values of the levers stand in
``configs/levers.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.model._jit import Records
from uptake.model.levers import IMPULSES, LEVERS
from uptake.model.records import dtype_of, float64, int64, uint8, uint64


class Kind:
    """A kind of trust: how many there are, and their incomes."""

    cumulative_share: float64  # of the trusts, over the kinds in their order
    income_median_gbp: float64  # GBP a year
    income_sigma_below: float64  # of log income under the median
    income_sigma_above: float64  # of log income over the median
    unsuited: uint8  # 1 if the scheme was not designed for this kind, else 0


KIND = dtype_of(Kind, align=True)


class Sector:
    """What holds for all trusts of a sector."""

    cost_share_small: float64  # corporate services, share of income, under large
    cost_share_large: float64  # the same, large trusts
    medium_from_gbp: float64  # income that parts small from medium trusts, GBP a year
    large_from_gbp: float64  # income that parts medium from large trusts, GBP a year
    cost_sigma: float64  # of log cost between trusts of a kind
    scope_share: float64  # of corporate services that the scheme covers
    budget_share: float64  # of income that can be committed unplanned
    discount_rate: float64  # real, per year
    slack_floor: float64  # slack below which no management falls
    gap_low: float64  # the least process gap of a body
    gap_high: float64  # the greatest
    middling_gap: float64  # process gap for which work is planned
    middling_slack: float64  # slack at which a body keeps to a plan that nobody funds
    home_quality: float64  # of the bodies' own services, 0..1
    professions: float64  # networks of professions that run across the trusts
    approached: float64  # trusts that a run approaches; 0: by chance, as the episode says


SECTOR = dtype_of(Sector)


class Offer:
    """A provider of the service, as it is on the day of the launch or enters later."""

    public_share: float64  # of its ownership: 1 NHS, between a joint venture, 0 private
    quality: float64  # 0..1: mean over the runs
    quality_sd: float64  # what is not known of it
    capacity: float64  # customers that it can take
    invested_gbp: float64  # before the first member
    committed_gbp: float64  # whether or not members come
    parent_income_gbp: float64  # GBP a year
    parent_dependence_share: float64  # of that income, on the centre's contract
    enters_later: float64  # 1: may enter after the launch
    entry_month: float64  # in which it does; 0: not known
    running_cost_share: float64  # of a pound of spend that it takes over
    fixed_cost_gbp: float64  # a year
    planned_spend_gbp: float64  # that it counts on at first, GBP a year
    ramp_months: float64  # after its entry in which it does


OFFER = dtype_of(Offer)

# Whose joining and savings a trust sees.
NATION = 0
REGION_ONLY = 1
PROFESSION = 2


# How long a trust's taste for the scheme lasts.
LASTING = 0
FRESH = 1  # until its next look


class Structure:
    """Which of several forms a rule takes."""

    peers: int64  # NATION, REGION_ONLY or PROFESSION
    taste: int64  # LASTING or FRESH
    evidence_shared: float64  # 1: savings of members are seen by their peers
    declined_report_interest: float64  # 1: those who declined are still counted


STRUCTURE = dtype_of(Structure)


class Start:
    """Trusts that are members at the start: a named one, or some by their priority."""

    stage: float64  # SIGNED or SERVED
    aligned: float64  # 1 if their processes are the common ones, else 0
    number: float64  # of the named one, or NEVER
    count: float64  # how many, if none is named
    share: float64  # of the trusts approached, that many more
    first_provider: float64  # rows of the providers that they may be with, from the first
    last_provider: float64  # to before the last


START = dtype_of(Start)

# What a named body does from a month on, whatever it would decide.
JOINS = 0  # it is obliged
STAYS_OUT = 1  # it is exempt; a member leaves first
LEAVES = 2  # a member leaves, and what it had to do ends


class Deed:
    """What a named body does by the timeline."""

    month: int64
    number: int64  # of the trust
    deed: int64  # JOINS, STAYS_OUT or LEAVES


DEED = dtype_of(Deed)


class Range:
    """A number that is known within a range: half of its draws lie below its middle."""

    low: float64
    middle: float64
    high: float64
    whole: float64  # 1: whole numbers only
    key: uint64  # of its draws


class Cell:
    """Where a number that is drawn stands in the tables of an episode: some rows of a field."""

    range: int64
    table: int64
    field: int64
    row: int64
    last: int64  # row


RANGE, CELL = dtype_of(Range), dtype_of(Cell)


class Episode(NamedTuple):
    """One scenario, ready to run under one structure: all but behaviour and random numbers."""

    facts: Records  # (trusts,) of FACTS
    kinds: Records  # (kinds,) of KIND
    region_cumulative: NDArray[np.float64]  # (regions,) cumulative share of the trusts
    offers: Records  # (providers,) of OFFER
    sector: Records  # (1,) of SECTOR
    structure: Records  # (1,) of STRUCTURE
    levers: Records  # (months + 1,) of LEVERS; month 0 is the launch
    starts: Records  # (entries,) of START, those of named bodies first
    deeds: Records  # (deeds,) of DEED, by month
    approached_low: int  # trusts approached in a run: each number from low
    approached_high: int  # to high is equally likely
    ranges: Records = np.zeros(0, RANGE).view(np.recarray)  # (assumptions,) of RANGE
    cells: Records = np.zeros(0, CELL).view(np.recarray)  # (cells,) of CELL, where they stand


def lever_path(
    months: int,
    initial: Mapping[str, float],
    changes: Sequence[tuple[int, Mapping[str, float]]],
    overridden: Mapping[str, float],
) -> Records:
    """Return the levers month by month, shape (months + 1,).

    ``initial`` holds a value for every lever, ``changes`` the rows of the timeline as (month,
    {lever: value}); both may be overruled by ``overridden``, levers that a user holds fixed
    throughout.
    """
    path = np.zeros(months + 1, LEVERS).view(np.recarray)
    for name in LEVERS.names or ():
        path[name] = initial[name]
    for month, change in sorted(changes, key=lambda row: row[0]):
        for name, value in change.items():
            if month <= months:
                path[name][month : month + 1 if name in IMPULSES else None] = value
    for name, value in overridden.items():
        path[name] = value
    return path
