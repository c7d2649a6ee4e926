"""The copy of the trusts that is looked at every month, kept in step with them."""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.entities import CONSIDERING, LATER, NEVER, ScanRow, State, Trust
from uptake.model.episode import LASTING
from uptake.model.month import Month, taste
from uptake.model.rules import trusts as rules
from uptake.model.transitions import is_member


@njit
def first_copy(trust: Trust, scan: ScanRow) -> None:
    """Copy what is looked at every month of a trust; slack is rounded up, so as to miss nothing."""
    is_slowed = trust.stage == CONSIDERING or is_member(trust.stage)
    scan.pace = trust.slack * 1.0000002 if is_slowed else 1.0
    scan.needs = -math.inf
    scan.number = trust.number
    scan.peers = trust.peers
    scan.aligned_month = LATER
    if trust.aligned_month != NEVER:
        scan.aligned_month = min(trust.aligned_month, LATER)
    scan.stage = trust.stage


@njit
def copy_to(trust: Trust, scan: ScanRow, month: Month) -> None:
    """Copy what is looked at every month of a trust that may have looked at the scheme.

    Its clock strikes in vain where it would open no business case; or, if it is a member that has
    begun to align, where it would not leave.
    """
    first_copy(trust, scan)
    if month.structure.taste != LASTING or trust.looked == 0 or trust.stage == CONSIDERING:
        return
    if not is_member(trust.stage):
        needs = rules.needed_to_join(trust, month.levers, month.parameters, taste(month, trust))
    elif trust.work_month != NEVER:
        needs = rules.needed_to_leave(trust, month.levers, month.parameters, taste(month, trust))
    else:
        return
    scan.needs = needs - 2e-7 * (1.0 + abs(needs))


@njit
def copy_anew(state: State, trusts: int, month: Month) -> None:
    """Copy all trusts anew if the levers have changed that what a trust needs depends on."""
    levers, before = month.levers, state.scan_levers[0]
    if (
        levers.upfront_fee_gbp == before.upfront_fee_gbp
        and levers.grant_gbp == before.grant_gbp
        and levers.budget_squeeze == before.budget_squeeze
        and levers.misfit == before.misfit
    ):
        return
    state.scan_levers[0] = levers
    for row in range(trusts):
        copy_to(state.trusts[row], state.scan_rows[row], month)
