"""How a region consolidates: by a vote of its trusts, and then in stages."""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.entities import COMMON_SYSTEMS, MARKET_TESTED, NO_PLAN, ONE_PROVIDER, PLANNED
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters


@njit
def next_stage(
    stage: int, levers: Levers, in_favour: float, aligned: float, served: float, tested: bool
) -> int:
    """Return the stage of a region's consolidation after this month; it never goes back.

    ``in_favour`` is the share of its trusts that are members, ``aligned`` and ``served`` are shares
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
    if stage == COMMON_SYSTEMS and served >= quorum:
        return ONE_PROVIDER
    if stage == ONE_PROVIDER and tested and levers.market_saving_share > 0.0:
        return MARKET_TESTED
    return stage


@njit
def opens_work(levers: Levers, stage: int) -> bool:
    """Tell whether members of a region may go on: alone, or once it has a plan."""
    return levers.quorum_share <= 0.0 or stage >= PLANNED


@njit
def market_saving_gbp(
    levers: Levers, parameters: Parameters, stage: int, served_spend_gbp: int
) -> int:
    """Return what a market test saves a region further, whole GBP a month."""
    if stage != MARKET_TESTED:
        return 0
    yearly = served_spend_gbp * levers.market_saving_share * parameters.cashable_share
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
