"""What is not known of the trusts: a blank of a table of facts is drawn anew in every run.

A population is a table of facts with blanks. A synthetic one knows little more than kinds; one
read from a file knows what its user knew. So what is not known about the trusts is part of the
uncertainty of every answer.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.model import draws
from uptake.model._jit import Records, Word, njit
from uptake.model.entities import BOUNDS, FACTS, IDLE, NEVER, Facts, Trust
from uptake.model.episode import Episode, Kind, Sector
from uptake.model.rules.trusts import typical_spend_gbp

_LEAST_INCOME, _MOST_INCOME = BOUNDS["income_gbp"]
_LEAST_SPEND, _MOST_SPEND = BOUNDS["spend_gbp"]


def blank_facts(kinds: NDArray[np.int64]) -> Records:
    """Return facts of which nothing but the kind is known, shape (len(kinds),), of FACTS."""
    facts = np.zeros(len(kinds), FACTS).view(np.recarray)
    facts.number = np.arange(len(kinds))
    facts.kind = kinds
    facts.region = NEVER
    for name in ("income_gbp", "spend_gbp", "budget_gbp", "gap", "slack"):
        facts[name] = np.nan
    return facts


@njit
def row_at(cumulative: NDArray[np.float64], u: float) -> int:
    """Return the first row whose cumulative share is above ``u``, for ``u`` in (0, 1).

    The search starts where it would end if all shares were equal.

    >>> row_at(np.array([0.5, 0.9, 1.0]), 0.7)
    1
    """
    row = int(u * len(cumulative))
    while row > 0 and u < cumulative[row - 1]:
        row -= 1
    while row < len(cumulative) - 1 and u >= cumulative[row]:
        row += 1
    return row


@njit
def income_gbp(kind: Kind, z: float) -> float:
    """Return the income at a standard normal ``z``: lognormal, each half with its own spread.

    The halves meet at the median, so that three published percentiles are met exactly.
    """
    sigma = kind.income_sigma_below if z < 0.0 else kind.income_sigma_above
    return kind.income_median_gbp * math.exp(sigma * z)


@njit
def spend_in_scope_gbp(sector: Sector, income: float, z: float) -> float:
    """Return the yearly spend in the scheme's scope, GBP: smaller trusts pay more per pound."""
    return typical_spend_gbp(sector, income) * math.exp(sector.cost_sigma * z)


@njit
def _lot(fact: Facts, key: Word) -> float:
    """Return the lot of a trust, of which the lowest are approached: a named one is first."""
    return 0.0 if fact.named != 0 else draws.uniform_at(key, fact.number)


@njit
def approached_rows(episode: Episode, seed: int, run: int) -> Any:
    """Return the rows of the trusts that a run approaches, in order, shape (approached,).

    Their number is that of the sector's record, if there is one, else uniform from
    ``approached_low`` to ``approached_high``; which they are is
    decided by the trusts' own draws, so that it does not depend on the order of the rows.
    """
    total = len(episode.facts)
    spread = episode.approached_high - episode.approached_low + 1
    u = draws.uniform(seed, draws.APPROACHED_NUMBER, run, 0, 0)
    number = min(episode.approached_low + int(u * spread), total)
    if episode.sector[0].approached > 0.0:
        number = min(int(episode.sector[0].approached), total)
    key = draws.month_key(draws.run_key(seed, run), draws.APPROACHED, 0)
    last = 1.0  # lot that is approached: here above all
    if number < total:
        lots = np.empty(total)
        for row in range(total):
            lots[row] = _lot(episode.facts[row], key)
        last = draws.lot_in_place(lots, number - 1)
    rows, found = np.empty(number, np.int64), 0
    for row in range(total):
        if found < number and _lot(episode.facts[row], key) <= last:
            rows[found] = row
            found += 1
    return rows


class Keys(NamedTuple):
    """The keys of the draws that fill blanks, one a stream (see ``draws.month_key``)."""

    kind: Word
    region: Word
    income: Word
    spend: Word
    gap: Word
    slack: Word
    profession: Word
    exemption: Word
    quality: Word
    choice: Word


@njit
def keys_of_launch(seed: int, run: int) -> Keys:
    """Return the keys under which the blanks of a run are filled."""
    key = draws.run_key(seed, run)
    return Keys(
        draws.month_key(key, draws.KIND, 0),
        draws.month_key(key, draws.REGION, 0),
        draws.month_key(key, draws.INCOME, 0),
        draws.month_key(key, draws.SPEND, 0),
        draws.month_key(key, draws.GAP, 0),
        draws.month_key(key, draws.SLACK, 0),
        draws.month_key(key, draws.PROFESSION, 0),
        draws.month_key(key, draws.EXEMPTION, 0),
        draws.month_key(key, draws.QUALITY, 0),
        draws.month_key(key, draws.CHOICE, 0),
    )


@njit
def fill_trust(trust: Trust, fact: Facts, kind: Kind, sector: Sector, keys: Keys) -> None:
    """Set a trust of known kind and region to what is known of it, and draw what is not."""
    number = fact.number
    trust.number = number
    trust.income_gbp = fact.income_gbp
    if math.isnan(fact.income_gbp):
        z = draws.normal_quantile(draws.uniform_at(keys.income, number))
        trust.income_gbp = min(max(income_gbp(kind, z), _LEAST_INCOME), _MOST_INCOME)
    trust.spend_gbp = fact.spend_gbp
    if math.isnan(fact.spend_gbp):
        z = draws.normal_quantile(draws.uniform_at(keys.spend, number))
        spend = spend_in_scope_gbp(sector, trust.income_gbp, z)
        trust.spend_gbp = min(max(spend, _LEAST_SPEND), _MOST_SPEND)
    trust.budget_gbp = fact.budget_gbp
    if math.isnan(fact.budget_gbp):
        trust.budget_gbp = sector.budget_share * trust.income_gbp
    trust.gap = fact.gap
    if math.isnan(fact.gap):
        u = draws.uniform_at(keys.gap, number)
        trust.gap = sector.gap_low + (sector.gap_high - sector.gap_low) * u
    trust.slack = fact.slack
    if math.isnan(fact.slack):
        trust.slack = draws.uniform_at(keys.slack, number)
    trust.slack = max(trust.slack, sector.slack_floor)
    trust.unsuited = kind.unsuited
    trust.stage = IDLE
    trust.reports = 0
    trust.provider = 0
    trust.looked = 0
    trust.hurried = 0
    trust.aligned = 0
    trust.bound = 0
    trust.signed_month = NEVER
    trust.case_month = NEVER
    trust.served_month = NEVER
    trust.work_month = NEVER
    trust.aligned_month = NEVER
    trust.work = 0.0
    trust.paid_gbp = 0.0
