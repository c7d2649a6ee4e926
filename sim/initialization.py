"""State at month 0 of a run: what is known of the trusts is taken, what is blank is drawn.

A population is a table of facts with blanks. A synthetic one knows little more than kinds; one
read from a file knows what its user knew. Blanks are drawn anew in every run, so that what is not
known about the trusts is part of the uncertainty of every answer.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim._jit import Records, njit
from sim.entities import (
    CENTRE,
    FACTS,
    IDLE,
    NEVER,
    PEERS,
    PROVIDER,
    REGION,
    TRUST,
    State,
)
from sim.inputs import NATION, Episode

__all__ = ["approached_rows", "blank_facts", "empty_state", "initialise"]


def blank_facts(kinds: NDArray[np.int64]) -> Records:
    """Return facts of which nothing but the kind is known, shape (len(kinds),), of FACTS."""
    facts = np.zeros(len(kinds), FACTS).view(np.recarray)
    facts.number = np.arange(len(kinds))
    facts.kind = kinds
    facts.region = NEVER
    for name in ("income_gbp", "spend_gbp", "budget_gbp", "gap", "slack"):
        facts[name] = np.nan
    return facts


def empty_state(episode: Episode) -> State:
    """Return arrays large enough for any run of an episode; ``initialise`` fills them."""
    regions = len(episode.region_cumulative)
    networks = 1 if episode.structure[0].peers == NATION else regions

    def records(count: int, dtype: np.dtype[Any]) -> Records:
        return np.zeros(count, dtype).view(np.recarray)

    return State(
        trusts=records(episode.approached_high, TRUST),
        peers=records(networks, PEERS),
        regions=records(regions, REGION),
        providers=records(1, PROVIDER),
        centre=records(1, CENTRE),
        due=np.zeros(episode.approached_high, np.uint32),
    )


@njit
def row_at(cumulative: Any, u: float) -> int:
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
def income_gbp(kind: Any, z: float) -> float:
    """Return the income at a standard normal ``z``: lognormal, each half with its own spread.

    The halves meet at the median, so that three published percentiles are met exactly.
    """
    sigma = kind.income_sigma_below if z < 0.0 else kind.income_sigma_above
    return kind.income_median_gbp * math.exp(sigma * z)


@njit
def spend_in_scope_gbp(sector: Any, income: float, z: float) -> float:
    """Return the yearly spend in the scheme's scope, GBP: smaller trusts pay more per pound."""
    is_large = income >= sector.large_from_gbp
    cost_share = sector.cost_share_large if is_large else sector.cost_share_small
    return income * cost_share * sector.scope_share * math.exp(sector.cost_sigma * z)


@njit
def approached_rows(episode: Episode, seed: int, run: int) -> Any:
    """Return the rows of the trusts that a run approaches, in order, shape (approached,).

    Their number is uniform from ``approached_low`` to ``approached_high``; which they are is
    decided by the trusts' own draws, so that it does not depend on the order of the rows.
    """
    total = len(episode.facts)
    spread = episode.approached_high - episode.approached_low + 1
    u = draws.uniform(seed, draws.APPROACHED_NUMBER, run, 0, 0)
    number = min(episode.approached_low + int(u * spread), total)
    if number == total:
        return np.arange(total)
    key = draws.month_key(draws.run_key(seed, run), draws.APPROACHED, 0)
    lots = np.empty(total)
    for row in range(total):
        lots[row] = draws.uniform_at(key, episode.facts[row].number)
    return np.sort(np.argsort(lots)[:number])


class Luck(NamedTuple):
    """The keys of the draws that fill blanks, one a stream (see ``draws.month_key``)."""

    kind: Any
    region: Any
    income: Any
    spend: Any
    gap: Any
    slack: Any


@njit
def luck_of_launch(seed: int, run: int) -> Luck:
    """Return the keys under which the blanks of a run are filled."""
    key = draws.run_key(seed, run)
    return Luck(
        draws.month_key(key, draws.KIND, 0),
        draws.month_key(key, draws.REGION, 0),
        draws.month_key(key, draws.INCOME, 0),
        draws.month_key(key, draws.SPEND, 0),
        draws.month_key(key, draws.GAP, 0),
        draws.month_key(key, draws.SLACK, 0),
    )


@njit
def _fill_trust(trust: Any, fact: Any, kind: Any, sector: Any, luck: Luck) -> None:
    """Set a trust of known kind and region to what is known of it, and draw what is not."""
    number = fact.number
    trust.number = number
    trust.income_gbp = fact.income_gbp
    if math.isnan(fact.income_gbp):
        z = draws.normal_quantile(draws.uniform_at(luck.income, number))
        trust.income_gbp = income_gbp(kind, z)
    trust.spend_gbp = fact.spend_gbp
    if math.isnan(fact.spend_gbp):
        z = draws.normal_quantile(draws.uniform_at(luck.spend, number))
        trust.spend_gbp = spend_in_scope_gbp(sector, trust.income_gbp, z)
    trust.budget_gbp = fact.budget_gbp
    if math.isnan(fact.budget_gbp):
        trust.budget_gbp = sector.budget_share * trust.income_gbp
    trust.gap = fact.gap
    if math.isnan(fact.gap):
        trust.gap = draws.uniform_at(luck.gap, number)
    trust.slack = fact.slack
    if math.isnan(fact.slack):
        trust.slack = draws.uniform_at(luck.slack, number)
    trust.unsuited = kind.unsuited
    trust.stage = IDLE
    trust.signed_month = NEVER
    trust.reports = 0


@njit
def _clear_groups(state: State, sector: Any) -> None:
    """Set peer networks, regions, provider and centre to the day of the launch."""
    for peers in state.peers:
        peers.members = 0
        peers.in_stage[:] = 0
        peers.joined_share = 0.0
        peers.precision = 0.0
        peers.weighted = 0.0
        peers.believed_saving = 0.0
        peers.pull = 0.0
        peers.hazard[:] = 0.0
    for region in state.regions:
        region.in_stage[:] = 0
        region.saving_gbp_per_month = 0
        region.realised_saving_gbp = 0
    provider = state.providers[0]
    provider.invested_gbp = sector.invested_gbp
    provider.committed_gbp = sector.committed_gbp
    provider.signatures = 0
    provider.upfront_fees_gbp = 0.0
    provider.revenue_gbp = 0.0
    centre = state.centre[0]
    centre.status = 0
    centre.scrapped_month = NEVER
    centre.joined = 0
    centre.signatures = 0
    centre.reported = 0
    centre.grants_gbp = 0.0


@njit
def initialise(state: State, episode: Episode, seed: int, run: int) -> int:
    """Set a state to month 0 of a run and return the number of trusts approached.

    Only that many rows of ``state.trusts`` belong to the run; the caller cuts the rest off.
    """
    sector = episode.sector[0]
    _clear_groups(state, sector)
    luck = luck_of_launch(seed, run)
    rows = approached_rows(episode, seed, run)
    trusts, facts, kinds = state.trusts, episode.facts, episode.kinds
    region_cumulative = episode.region_cumulative
    networks, regions = state.peers, state.regions
    one_network = episode.structure[0].peers == NATION
    for i in range(len(rows)):
        trust, fact = trusts[i], facts[rows[i]]
        trust.kind = fact.kind
        if fact.kind == NEVER:
            u = draws.uniform_at(luck.kind, fact.number)
            trust.kind = row_at(kinds.cumulative_share, u)
        trust.region = fact.region
        if fact.region == NEVER:
            u = draws.uniform_at(luck.region, fact.number)
            trust.region = row_at(region_cumulative, u)
        _fill_trust(trust, fact, kinds[trust.kind], sector, luck)
        trust.peers = 0 if one_network else trust.region
        peers, region = networks[trust.peers], regions[trust.region]
        peers.members += 1
        peers.in_stage[IDLE] += 1
        region.in_stage[IDLE] += 1
    return len(rows)
