"""What each body gains, booked month by month where that is asked, and without consequence.

A body books what its provider books for all whom it serves: by the same rules, of a provider with
no other customer. Source: docs/money.md.
"""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.entities import EXEMPT, NEVER, SCRAPPED, SERVED, Account, Provider, State, Trust
from uptake.model.month import Month
from uptake.model.rules import providers as rules
from uptake.model.rules.regions import market_saving_gbp
from uptake.model.rules.trusts import whole_gbp
from uptake.model.transitions import is_member


@njit
def _gained_by_service(trust: Trust, provider: Provider, one: Provider, month: Month) -> float:
    """Return what a month of service brings a body, GBP; ``one`` is scratch."""
    levers, spend = month.levers, whole_gbp(trust.spend_gbp)
    one.quality, one.running_cost_share = provider.quality, provider.running_cost_share
    one.fixed_cost_gbp = provider.fixed_cost_gbp
    one.planned_gbp = max(float(provider.served_spend_gbp), provider.planned_gbp)  # a part of that
    one.served, one.served_spend_gbp = 1, spend
    one.aligned_spend_gbp = spend if trust.aligned != 0 else 0
    replaced = levers.share_replaced * spend
    given = levers.bundle_share * spend + levers.management_cost_cap * replaced
    saved = replaced + rules.yearly_saving_gbp(one, month.parameters)
    paid = rules.yearly_charges_gbp(one, levers) + rules.yearly_harm_gbp(one, levers, month.sector)
    return (given + saved - paid) / 12.0


@njit
def _books(trust: Trust, account: Account, state: State, month: Month) -> None:
    """A body books its month: service, fee on signing and grant, or a sanction."""
    levers = month.levers
    if trust.stage == SERVED:
        provider = state.providers[trust.provider]
        one = state.without_provider[0]
        account.gained_gbp += _gained_by_service(trust, provider, one, month)
    if trust.signed_month == month.number:
        account.fees_gbp += levers.upfront_fee_gbp
        if account.has_signed == 0:
            account.gained_gbp += levers.grant_gbp
    account.has_signed = trust.signed_month != NEVER
    if is_member(trust.stage) or trust.stage == EXEMPT:
        return
    if month.number > math.ceil(levers.deadline_month):
        account.gained_gbp -= levers.sanction_share * whole_gbp(trust.spend_gbp) / 12.0


@njit
def bodies_book(state: State, trusts: int, month: Month) -> None:
    """Every body books its month, before its provider's quality moves on."""
    for row in range(trusts):
        _books(state.trusts[row], state.accounts[row], state, month)


@njit
def bodies_bank(state: State, trusts: int, month: Month) -> None:
    """Every body that is served has its part of what its region saves by a market test."""
    for row in range(trusts):
        trust = state.trusts[row]
        if trust.stage == SERVED:
            stage, spend = state.regions[trust.region].stage, whole_gbp(trust.spend_gbp)
            saved = market_saving_gbp(month.levers, month.parameters, stage, spend)
            state.accounts[row].gained_gbp += saved


@njit
def bodies_open_books(state: State, trusts: int) -> None:
    """Set the accounts of bodies to the day of the launch."""
    for row in range(trusts):
        account = state.accounts[row]
        account.gained_gbp = 0.0
        account.fees_gbp = 0.0
        account.has_signed = state.trusts[row].signed_month != NEVER


@njit
def gained_gbp(trust: Trust, account: Account, status: int, refund_share: float) -> float:
    """Return what a body has gained by the end of a run, GBP; negative is a cost."""
    refunded = refund_share if status == SCRAPPED else 0.0
    return account.gained_gbp - (1.0 - refunded) * account.fees_gbp - trust.paid_gbp
