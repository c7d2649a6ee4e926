"""The centre's review and its accounts."""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.levers import Levers


@njit
def review_scraps(levers: Levers, month: int, joined: int) -> bool:
    """Tell whether this month's review scraps the scheme: joiners under a share of the target.

    ``review_month = 0`` means that there is no review.
    """
    is_review = levers.review_month > 0.0 and month == levers.review_month
    return is_review and joined < levers.scrap_below_share * levers.target_joined


@njit
def present_value(amount_gbp: float, rate: float, month: int) -> float:
    """Return the value at the launch of an amount in a month: ``(1 + rate)^(-month / 12)`` of it.

    Source of the rate, 3.5 % real: HM Treasury, Green Book.

    >>> present_value(100.0, 0.0, 12), round(present_value(103.5, 0.035, 12), 6)
    (100.0, 100.0)
    """
    return amount_gbp * math.exp(-math.log(1.0 + rate) * month / 12.0)
