"""The copy of the trusts that is looked at every month, kept in step with them."""

from __future__ import annotations

from uptake.model._jit import njit
from uptake.model.entities import CONSIDERING, LATER, NEVER, ScanRow, Trust
from uptake.model.episode import LASTING
from uptake.model.month import Month, taste
from uptake.model.transitions import is_member


@njit
def first_copy(trust: Trust, scan: ScanRow) -> None:
    """Copy what is looked at every month of a trust; slack is rounded up, so as to miss nothing."""
    is_slowed = trust.stage == CONSIDERING or is_member(trust.stage)
    scan.pace = trust.slack * 1.0000002 if is_slowed else 1.0
    scan.taste = 0.0
    scan.number = trust.number
    scan.peers = trust.peers
    scan.aligned_month = LATER
    if trust.aligned_month != NEVER:
        scan.aligned_month = min(trust.aligned_month, LATER)
    scan.stage = trust.stage


@njit
def copy_to(trust: Trust, scan: ScanRow, month: Month) -> None:
    """Copy what is looked at every month of a trust that may have looked at the scheme.

    A clock strikes in vain if nobody of its taste would open a business case; or, for a member that
    has begun to align, if everyone of its taste, here below 0, would stay.
    """
    first_copy(trust, scan)
    if month.structure.taste != LASTING or trust.looked == 0:
        return
    if is_member(trust.stage) and trust.work_month != NEVER:
        scan.taste = -taste(month, trust) * 1.0000002
    elif trust.stage != CONSIDERING and not is_member(trust.stage):
        scan.taste = taste(month, trust) * 0.9999998
