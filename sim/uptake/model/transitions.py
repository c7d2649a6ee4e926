"""Who is counted where: a trust that moves takes its counts along. No rules, no draws.

Everything counted is a whole number, so sums have no order: Mesa may shuffle its agents, and the
counts agree to the bit.
"""

from __future__ import annotations

from uptake.model._jit import Records, njit
from uptake.model.entities import (
    NEVER,
    OPEN_FOR_ALL,
    SERVED,
    SIGNED,
    Peers,
    Provider,
    Region,
    Trust,
)
from uptake.model.rules.trusts import whole_gbp


@njit
def is_member(stage: int) -> bool:
    """Tell whether a trust in this stage is in the scheme."""
    return SIGNED <= stage <= SERVED


@njit
def members_of(group: Peers | Region) -> int:
    """Return how many trusts of a network or region are in the scheme."""
    return group.in_stage[SIGNED] + group.in_stage[SERVED]


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
    spend = whole_gbp(trust.spend_gbp)
    peers.member_spend_gbp += sign * spend
    region.member_spend_gbp += sign * spend
    provider.customers += sign
    if trust.aligned != 0:
        peers.aligned += sign
        region.aligned += sign
    if trust.stage != SERVED:
        return
    region.served_spend_gbp += sign * spend
    provider.served += sign
    provider.served_spend_gbp += sign * spend
    if trust.aligned != 0:
        peers.served_aligned += sign
        region.served_aligned += sign
        provider.aligned_spend_gbp += sign * spend
    else:
        provider.open_gap_gbp += sign * whole_gbp(trust.gap * trust.spend_gbp)


@njit
def align(trust: Trust, peers: Peers, region: Region, provider: Provider) -> None:
    """Count a member's processes as the common ones."""
    count(trust, peers, region, provider, -1)
    trust.aligned = 1
    count(trust, peers, region, provider, 1)


@njit
def move(
    trust: Trust,
    peers: Peers,
    region: Region,
    provider: Provider,
    new_provider: Provider,
    stage: int,
) -> None:
    """Move a trust to a stage, and to a provider, and count it there."""
    count(trust, peers, region, provider, -1)
    trust.stage = stage
    if not is_member(stage):
        trust.aligned = 0
        trust.work_month = NEVER
        trust.aligned_month = NEVER
    count(trust, peers, region, new_provider, 1)
