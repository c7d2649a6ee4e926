"""The centre's review: a scheme too far under its target is scrapped."""

from __future__ import annotations

from typing import Any

from sim._jit import njit


@njit
def review_scraps(levers: Any, month: int, joined: int) -> bool:
    """Tell whether this month's review scraps the scheme: joiners under a share of the target.

    ``review_month = 0`` means that there is no review.
    """
    is_review = levers.review_month > 0.0 and month == levers.review_month
    return is_review and joined < levers.scrap_below_share * levers.target_joined
