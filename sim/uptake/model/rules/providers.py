"""What becomes of a provider: its appeal, its quality, its accounts, its entry and its end."""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.entities import CONDITIONAL, OPEN_FOR_ALL, STOPPED, Provider
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters

MOST_PLACES = 1_000_000_000  # of a provider whose capacity has no limit


@njit
def appeal(provider: Provider, parameters: Parameters) -> float:
    """Return what a provider's quality and ownership weigh, in logits; 0 is perfect and public.

    ``quality weight x (quality - 1) - public preference x (1 - public share)``.
    """
    faults = parameters.quality_weight * (1.0 - provider.quality)
    return -faults - parameters.public_preference * (1.0 - provider.public_share)


@njit
def has_closed(provider: Provider) -> bool:
    """Tell whether a provider has been stopped or has withdrawn."""
    return provider.status >= STOPPED


@njit
def takes_members(provider: Provider) -> bool:
    """Tell whether a provider is open to new members, with or without conditions."""
    return provider.status == OPEN_FOR_ALL or provider.status == CONDITIONAL


@njit
def free_places(provider: Provider) -> int:
    """Return how many customers more a provider can take: never below 0.

    The whole part of its capacity, less its customers, less those of a provider merged into it.
    """
    whole = int(min(provider.capacity, MOST_PLACES))
    return max(0, whole - provider.customers - provider.expected)


@njit
def quality_target(provider: Provider, levers: Levers, parameters: Parameters) -> float:
    """Return the quality that a provider moves to in the long run, 0..1.

    Its own, less what a price cut makes it skimp, and the open process gaps of customers that share
    before they are aligned.
    """
    spend = provider.waiting_spend_gbp + provider.live_spend_gbp
    open_gaps = provider.open_gap_gbp / spend if spend > 0 else 0.0
    skimped = parameters.skimping * levers.price_cut_share
    return min(1.0, max(0.0, provider.quality_at_launch - skimped - open_gaps))


@njit
def next_quality(quality: float, target: float, parameters: Parameters, severity: float) -> float:
    """Return the quality after a month: on its way to the target, then hit by a failure."""
    if quality != target:
        quality = target + (quality - target) * math.exp(-parameters.recovery_per_month)
    return quality * (1.0 - severity)


@njit
def failure_rate(provider: Provider, parameters: Parameters) -> float:
    """Return the hazard of a service failure, per month: the worse the quality, the higher."""
    if provider.customers == 0:
        return 0.0
    return parameters.failure_per_month * (1.0 - provider.quality)


@njit
def failure_on_record(levers: Levers, row: int) -> float:
    """Return the severity of this month's failure of provider ``row`` by the timeline; 0 if none.

    Providers are numbered from 1; number 0 stands for every one.
    """
    is_named = levers.incident_provider == 0.0 or levers.incident_provider == row + 1.0
    return levers.incident_severity if is_named else 0.0


@njit
def verdict(levers: Levers, quality: float) -> int:
    """Return what a provider is after an assessment: stopped, open with conditions, or open."""
    if quality < levers.assessment_bar:
        return STOPPED
    if quality < levers.assessment_bar + levers.assessment_margin:
        return CONDITIONAL
    return OPEN_FOR_ALL


@njit
def entry_rate(provider: Provider, levers: Levers, parameters: Parameters) -> float:
    """Return the hazard at which a provider in waiting enters, per month.

    A private owner is deterred by the risk of a reversal, a public one is set up to avoid the cost
    of redundancy; a cap on what customers may spend deters both.
    """
    private = (1.0 - provider.public_share) * (1.0 - levers.reversal_risk)
    public = provider.public_share * levers.redundancy_avoided_share
    return parameters.entry_per_month * (private + public) * (1.0 - levers.management_cost_cap)


@njit
def month_fees_gbp(levers: Levers, members: int) -> float:
    """Return the running fees of a month, GBP, at a twelfth of the yearly fee a member."""
    return members * levers.yearly_fee_gbp / 12.0


@njit
def month_rebates_gbp(provider: Provider, levers: Levers) -> float:
    """Return what a provider gives its customers in a month, GBP: discounts, capped prices.

    Customers that have not migrated get the unconditional part of the discount only.
    """
    unconditional = levers.discount_share * (1.0 - levers.conditional_share)
    waiting = provider.waiting_spend_gbp * (unconditional + levers.management_cost_cap)
    live = provider.live_spend_gbp * (levers.discount_share + levers.management_cost_cap)
    return (waiting + live) / 12.0


@njit
def month_price_cut_gbp(provider: Provider, levers: Levers) -> float:
    """Return what a provider gives the centre in a month by a lower price, GBP."""
    spend = provider.waiting_spend_gbp + provider.live_spend_gbp
    return spend * levers.price_cut_share / 12.0


@njit
def month_own_saving_gbp(provider: Provider, levers: Levers) -> float:
    """Return what a provider saves itself in a month on customers that have migrated, GBP."""
    return provider.live_spend_gbp * levers.supplier_saving_share / 12.0


@njit
def revenue_gbp(provider: Provider) -> float:
    """Return revenue so far, GBP: fees, own savings and offsets, less rebates and price cuts."""
    received = provider.fees_gbp + provider.own_saving_gbp + provider.offset_gbp
    return received - provider.rebates_gbp - provider.price_cuts_gbp


@njit
def loss_gbp(provider: Provider) -> float:
    """Return invested plus committed less revenue, GBP; negative is a surplus."""
    return provider.invested_gbp + provider.committed_gbp - revenue_gbp(provider)


@njit
def bearable_loss_gbp(provider: Provider, levers: Levers, parameters: Parameters) -> float:
    """Return the running loss beyond which a provider withdraws, GBP.

    A share of its parent's income, of which the part that hangs on the centre's contract counts as
    far as that contract is secure.
    """
    secure = 1.0 - provider.parent_dependence_share * (1.0 - levers.contract_security)
    if secure <= 0.0:
        return 0.0
    return parameters.loss_tolerance_share * provider.parent_income_gbp * secure


@njit
def refund_gbp(levers: Levers, upfront_fees_gbp: float) -> float:
    """Return what is paid back of the fees on signing when the scheme is scrapped, GBP."""
    return levers.refund_share * upfront_fees_gbp
