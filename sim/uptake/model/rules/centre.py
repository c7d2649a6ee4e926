"""The centre's review and its accounts."""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.levers import Levers

# What a review can scrap a scheme for: the first threshold missed.
SIGNATURES = 1
SERVICE = 2
COST = 3
QUALITY = 4
PREMISE = 5


@njit
def scrapped_for(
    levers: Levers, month: int, joined: int, served: int, cost_gbp: float, quality: float
) -> int:
    """Return the first threshold that this month's review finds missed, or 0.

    ``cost_gbp`` is the net cost to all payers so far, ``quality`` the mean over those served.
    ``review_month = 0`` means that there is no review.
    """
    if levers.review_month <= 0.0 or month != levers.review_month:
        return 0
    if joined < levers.scrap_below_share * levers.target_joined:
        return SIGNATURES
    if served < levers.scrap_below_served:
        return SERVICE
    if cost_gbp > levers.scrap_above_cost_gbp:
        return COST
    if served > 0 and quality < levers.scrap_below_quality:
        return QUALITY
    return PREMISE if levers.premise_gone > 0.0 else 0


@njit
def present_value(amount_gbp: float, rate: float, month: int) -> float:
    """Return the value at the launch of an amount in a month: ``(1 + rate)^(-month / 12)`` of it.

    Source of the rate, 3.5 % real: HM Treasury, Green Book.

    >>> present_value(100.0, 0.0, 12), round(present_value(103.5, 0.035, 12), 6)
    (100.0, 100.0)
    """
    return amount_gbp * math.exp(-math.log(1.0 + rate) * month / 12.0)
