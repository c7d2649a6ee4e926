"""The copy of the trusts that is looked at every month, kept in step with them."""

from __future__ import annotations

from uptake.model._jit import njit
from uptake.model.entities import CONSIDERING, LATER, NEVER, SERVED, SIGNED, ScanRow, Trust


@njit
def copy_to(trust: Trust, scan: ScanRow) -> None:
    """Copy what is looked at every month; slack is rounded up, so as not to miss anyone."""
    is_slowed = trust.stage == CONSIDERING or trust.stage == SIGNED or trust.stage == SERVED
    scan.pace = trust.slack * 1.0000002 if is_slowed else 1.0
    scan.number = trust.number
    scan.peers = trust.peers
    scan.aligned_month = LATER
    if trust.aligned_month != NEVER:
        scan.aligned_month = min(trust.aligned_month, LATER)
    scan.stage = trust.stage
