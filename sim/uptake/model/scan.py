"""The copy of the trusts that is looked at every month, kept in step with them."""

from __future__ import annotations

import math

from uptake.model._jit import Records, njit
from uptake.model.entities import CONSIDERING, EXEMPT, LATER, NEVER, ScanRow, Trust
from uptake.model.episode import LASTING
from uptake.model.levers import Levers
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
    scan.due_month = LATER
    if is_member(trust.stage):
        if trust.aligned_month != NEVER and trust.aligned == 0:
            scan.due_month = min(trust.aligned_month, LATER)
    elif trust.bound != 0 and trust.stage != EXEMPT:
        scan.due_month = 0
    scan.stage = trust.stage


@njit
def copy_to(trust: Trust, scan: ScanRow, month: Month) -> None:
    """Copy what is looked at every month of a trust: what it needs lasts as long as its stage."""
    is_known = scan.stage == trust.stage and scan.needs > -math.inf
    needs = scan.needs if is_known else _needs(trust, month)
    first_copy(trust, scan)
    scan.needs = needs


@njit
def _needs(trust: Trust, month: Month) -> float:
    """Return the utility in reach from which on a trust's clock strikes for something.

    It strikes in vain where the trust has looked and would open no business case; or, if it is a
    member that has begun to align, where it would not leave.
    """
    if month.structure.taste != LASTING or trust.looked == 0 or trust.stage == CONSIDERING:
        return -math.inf
    if not is_member(trust.stage):
        needs = rules.needed_to_join(trust, month.levers, month.parameters, taste(month, trust))
    elif trust.work_month != NEVER:
        needs = rules.needed_to_leave(trust, month.levers, month.parameters, taste(month, trust))
    else:
        return -math.inf
    return needs - 2e-7 * (1.0 + abs(needs))  # as rounded to the row, no higher


@njit
def copy_anew(trusts: Records, scan_rows: Records, before: Levers, month: Month) -> None:
    """Copy all trusts anew if a lever has changed ``before`` this month on which needs depend."""
    levers = month.levers
    if (
        levers.upfront_fee_gbp == before.upfront_fee_gbp
        and levers.grant_gbp == before.grant_gbp
        and levers.budget_squeeze == before.budget_squeeze
        and levers.misfit == before.misfit
    ):
        return
    before.upfront_fee_gbp = levers.upfront_fee_gbp
    before.grant_gbp = levers.grant_gbp
    before.budget_squeeze = levers.budget_squeeze
    before.misfit = levers.misfit
    for row in range(len(trusts)):
        first_copy(trusts[row], scan_rows[row])
        copy_to(trusts[row], scan_rows[row], month)
