"""Who is counted where: a trust that moves takes its counts along. No rules, no draws.

Everything counted is a whole number, so sums have no order: Mesa may shuffle its agents, and the
counts agree to the bit.
"""

from __future__ import annotations

from uptake.model._jit import Records, njit
from uptake.model.entities import (
    JOINED,
    LIVE,
    MIGRATING,
    NEVER,
    OPEN_FOR_ALL,
    Peers,
    Provider,
    Region,
    Trust,
)
from uptake.model.month import Month
from uptake.model.parameters import Parameters
from uptake.model.rules import trusts as rules


@njit
def is_member(stage: int) -> bool:
    """Tell whether a trust in this stage is in the scheme."""
    return JOINED <= stage <= LIVE


@njit
def members_of(group: Peers | Region) -> int:
    """Return how many trusts of a network or region are in the scheme."""
    return group.in_stage[JOINED] + group.in_stage[MIGRATING] + group.in_stage[LIVE]


@njit
def open_provider(providers: Records, u: float) -> int:
    """Return the row of an open provider, each with equal chance at a draw ``u``, or NEVER."""
    opened = 0
    for provider in providers:
        opened += 1 if provider.status == OPEN_FOR_ALL else 0
    left = int(u * opened)
    for row in range(len(providers)):
        if providers[row].status == OPEN_FOR_ALL:
            if left == 0:
                return row
            left -= 1
    return NEVER


@njit
def count(trust: Trust, peers: Peers, region: Region, provider: Provider, sign: int) -> None:
    """Count a trust in (``sign`` 1) or out (-1) at its network, region and provider."""
    peers.in_stage[trust.stage] += sign
    region.in_stage[trust.stage] += sign
    if not is_member(trust.stage):
        return
    spend = rules.whole_gbp(trust.spend_gbp)
    region.member_spend_gbp += sign * spend
    provider.customers += sign
    if trust.stage == LIVE:
        region.live_spend_gbp += sign * spend
        provider.live_spend_gbp += sign * spend
    else:
        provider.waiting_spend_gbp += sign * spend
    if trust.aligned != 0:
        region.aligned += sign
    if trust.stage == MIGRATING and trust.exposed != 0:
        region.exposed += sign
        provider.open_gap_gbp += sign * rules.whole_gbp(trust.gap * trust.spend_gbp)


@njit
def count_flows(trust: Trust, region: Region, parameters: Parameters, sign: int) -> None:
    """Count in or out what a trust saves and what disrupts it, month by month."""
    if trust.stage == LIVE:
        region.saving_gbp_per_month += sign * rules.monthly_saving_gbp(trust, parameters)
    elif trust.stage == MIGRATING and trust.exposed != 0:
        region.disruption_gbp_per_month += sign * rules.monthly_disruption_gbp(trust, parameters)


@njit
def align(trust: Trust, region: Region, provider: Provider, parameters: Parameters) -> None:
    """Count a migrating trust's processes as aligned: what had been disrupted, no longer is."""
    if trust.exposed != 0:
        region.exposed -= 1
        region.disruption_gbp_per_month -= rules.monthly_disruption_gbp(trust, parameters)
        provider.open_gap_gbp -= rules.whole_gbp(trust.gap * trust.spend_gbp)
    trust.exposed = 0
    trust.aligned = 1
    region.aligned += 1


@njit
def move(
    trust: Trust,
    peers: Peers,
    region: Region,
    provider: Provider,
    new_provider: Provider,
    stage: int,
    month: Month,
) -> None:
    """Move a trust to a stage, and to a provider, and count it and its money there."""
    count(trust, peers, region, provider, -1)
    count_flows(trust, region, month.parameters, -1)
    if stage == LIVE and trust.stage != LIVE:
        cost = rules.one_off_cost_gbp(trust, month.levers, month.parameters)
        region.one_off_gbp += cost
    trust.stage = stage
    if not is_member(stage):
        trust.aligned = 0
        trust.exposed = 0
    count(trust, peers, region, new_provider, 1)
    count_flows(trust, region, month.parameters, 1)
