"""How a region consolidates: by a vote of its trusts, and then in stages."""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.entities import COMMON_SYSTEMS, MARKET_TESTED, NO_PLAN, ONE_PROVIDER, PLANNED
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters


@njit
def next_stage(
    stage: int, levers: Levers, in_favour: float, aligned: float, live: float, tested: bool
) -> int:
    """Return the stage of a region's consolidation after this month; it never goes back.

    ``in_favour`` is the share of its trusts that are members, ``aligned`` and ``live`` are shares
    of its members, ``tested`` tells whether a market test would be done by now. Each step waits for
    the quorum, and where all join alone (a quorum of 0) there is no plan.
    """
    quorum = levers.quorum_share
    if quorum <= 0.0:
        return stage
    if stage == NO_PLAN and in_favour >= quorum:
        return PLANNED
    if stage == PLANNED and aligned >= quorum:
        return COMMON_SYSTEMS
    if stage == COMMON_SYSTEMS and live >= quorum:
        return ONE_PROVIDER
    if stage == ONE_PROVIDER and tested and levers.market_saving_share > 0.0:
        return MARKET_TESTED
    return stage


@njit
def opens_migration(levers: Levers, stage: int) -> bool:
    """Tell whether members of a region may start to migrate: alone, or once it has a plan."""
    return levers.quorum_share <= 0.0 or stage >= PLANNED


@njit
def opens_sharing(levers: Levers, stage: int) -> bool:
    """Tell whether aligned members of a region may go live, or wait for common systems."""
    waits = levers.quorum_share > 0.0 and levers.staged > 0.0
    return not waits or stage >= COMMON_SYSTEMS


@njit
def many_systems(levers: Levers, stage: int, aligned: float) -> float:
    """Return how many sorts of systems live members share with: the share not yet aligned.

    It disrupts them from the plan on, until the region is on common systems.
    """
    is_mixed = levers.quorum_share > 0.0 and stage < COMMON_SYSTEMS
    return 1.0 - aligned if is_mixed else 0.0


@njit
def market_saving_gbp(
    levers: Levers, parameters: Parameters, stage: int, live_spend_gbp: int
) -> int:
    """Return what a market test saves a region further, whole GBP a month."""
    if stage != MARKET_TESTED:
        return 0
    yearly = live_spend_gbp * levers.market_saving_share * parameters.cashable_share
    return math.floor(yearly / 12.0 + 0.5)


@njit
def collaboration_kept(levers: Levers, parameters: Parameters) -> float:
    """Return the part of voluntary collaboration that a month of forced structures leaves.

    ``exp(-crowding out x (pressure + mandate))``.
    """
    force = levers.pressure + levers.mandate
    if force <= 0.0:
        return 1.0
    return math.exp(-parameters.crowding_out_per_month * force)
