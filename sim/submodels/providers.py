"""The provider's accounts: what it takes in, and what it loses."""

from __future__ import annotations

from typing import Any

from sim._jit import njit


@njit
def month_fees_gbp(levers: Any, members: int) -> float:
    """Return the running fees of a month, GBP, at a twelfth of the yearly fee a member."""
    return members * levers.yearly_fee_gbp / 12.0


@njit
def refund_gbp(levers: Any, upfront_fees_gbp: float) -> float:
    """Return what is paid back of the fees on signing when the scheme is scrapped, GBP."""
    return levers.refund_share * upfront_fees_gbp


@njit
def loss_gbp(provider: Any) -> float:
    """Return invested plus committed less revenue, GBP; negative is a surplus."""
    return provider.invested_gbp + provider.committed_gbp - provider.revenue_gbp
