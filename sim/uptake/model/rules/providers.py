"""What becomes of a provider: its appeal, its quality, its accounts, its entry and its end."""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.entities import CONDITIONAL, OPEN_FOR_ALL, STOPPED, Provider
from uptake.model.episode import Offer, Sector
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters

MOST_PLACES = 1_000_000_000  # of a provider whose capacity has no limit


@njit
def planned_spend_gbp(provider: Provider, offer: Offer, month: int) -> float:
    """Return the spend that a provider counts on in a month, GBP a year: nil after its ramp."""
    is_new = month <= provider.entered_month + offer.ramp_months
    return offer.planned_spend_gbp if is_new else 0.0


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
def is_meant(number: float, row: int) -> bool:
    """Tell whether a lever's number means provider ``row``: they are numbered from 1, 0 is all."""
    return number == 0.0 or number == row + 1.0


@njit
def quality_target(provider: Provider, row: int, levers: Levers, parameters: Parameters) -> float:
    """Return the quality that provider ``row`` moves to in the long run, 0..1.

    Its own, less what a price cut makes it skimp, what the open process gaps of customers that
    share before they are aligned do to all, as far as it has taken over what they did themselves,
    and lasting damage.
    """
    spend = provider.served_spend_gbp
    open_gaps = provider.open_gap_gbp / spend if spend > 0 else 0.0
    skimped = parameters.skimping * levers.price_cut_share
    muddled = parameters.open_gap_harm * levers.share_replaced * open_gaps
    damage = levers.damage if is_meant(levers.damage_provider, row) else 0.0
    return min(1.0, max(0.0, provider.quality_at_launch - skimped - muddled - damage))


@njit
def outlook(quality: float, target: float, levers: Levers, parameters: Parameters) -> float:
    """Return the mean quality to expect over a term, 0..1: what has failed recovers.

    ``Q* + (Q - Q*) (1 - exp(-n)) / n``, with ``n`` the recovery over the term, ``rate x months``.
    """
    if quality == target:
        return target
    recovery = parameters.recovery_per_month * 12.0 * levers.term_years
    lasts = -math.expm1(-recovery) / recovery if recovery > 0.0 else 1.0
    return target + (quality - target) * lasts


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
    """Return the severity of provider ``row``'s failure of this month by the timeline, or 0."""
    return levers.incident_severity if is_meant(levers.incident_provider, row) else 0.0


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
def yearly_price_gbp(provider: Provider, levers: Levers) -> float:
    """Return what a provider's customers would pay in a year if they paid a price, GBP."""
    spend = provider.served_spend_gbp
    conditional = levers.discount_share * levers.conditional_share
    discounts = (levers.discount_share - conditional) * spend
    discounts += conditional * provider.aligned_spend_gbp
    fees = provider.served * levers.yearly_fee_gbp
    return fees + levers.share_replaced * (spend - discounts)


@njit
def yearly_cost_shared_gbp(provider: Provider, levers: Levers) -> float:
    """Return what a provider's customers would pay in a year if they shared its cost, GBP.

    Of the fixed cost it is the part of those who are there: the plan's, while it counts on more.
    """
    spend = provider.served_spend_gbp
    if spend <= 0:
        return 0.0
    fixed = provider.fixed_cost_gbp * spend / max(spend, provider.planned_gbp)
    return levers.share_replaced * provider.running_cost_share * spend + fixed


@njit
def yearly_charges_gbp(provider: Provider, levers: Levers) -> float:
    """Return what a provider's customers are charged in a year, GBP."""
    shared = levers.cost_shared
    price = (1.0 - shared) * yearly_price_gbp(provider, levers)
    return price + shared * yearly_cost_shared_gbp(provider, levers)


@njit
def yearly_running_cost_gbp(provider: Provider, levers: Levers) -> float:
    """Return what it costs a provider in a year to serve its customers, fixed cost apart, GBP."""
    return levers.share_replaced * provider.running_cost_share * provider.served_spend_gbp


@njit
def yearly_harm_gbp(provider: Provider, levers: Levers, sector: Sector) -> float:
    """Return the harm in a year of a quality below that at home, GBP; a better one is a benefit."""
    worse = sector.home_quality - provider.quality
    return levers.share_replaced * worse * provider.served_spend_gbp


@njit
def yearly_saving_gbp(provider: Provider, parameters: Parameters) -> float:
    """Return what aligned customers save in a year where the quality is there, GBP: ``v k Q b``."""
    share = parameters.realised_saving_share * parameters.cashable_share * provider.quality
    return share * provider.aligned_spend_gbp


@njit
def yearly_own_saving_gbp(provider: Provider, levers: Levers) -> float:
    """Return what a provider saves itself in a year on aligned customers, GBP."""
    return levers.supplier_saving_share * levers.share_replaced * provider.aligned_spend_gbp


@njit
def outlay_gbp(provider: Provider) -> float:
    """Return what was put in, invested and committed, GBP."""
    return provider.invested_gbp + provider.committed_gbp


@njit
def price_saving_gbp(provider: Provider) -> float:
    """Return what its customers spent before, less what they are charged instead, GBP so far."""
    return provider.ended_gbp - provider.charges_gbp + provider.caps_gbp


@njit
def loss_gbp(provider: Provider) -> float:
    """Return outlay and costs so far less receipts, GBP; negative is a surplus."""
    fees = provider.upfront_fees_gbp - provider.refunds_gbp
    received = fees + provider.charges_gbp + provider.exits_gbp + provider.own_saving_gbp
    given = provider.bundles_gbp + provider.caps_gbp + provider.price_cuts_gbp
    return outlay_gbp(provider) + provider.costs_gbp + given - received - provider.offset_gbp


@njit
def bearable_loss_gbp(provider: Provider, levers: Levers, parameters: Parameters) -> float:
    """Return the loss beyond which a provider withdraws, GBP.

    What was put in, and a share of its parent's income; of both, what hangs on the centre's
    contract counts as far as that contract is secure.
    """
    secure = 1.0 - provider.parent_dependence_share * (1.0 - levers.contract_security)
    if secure <= 0.0:
        return 0.0
    borne = parameters.loss_tolerance_share * provider.parent_income_gbp
    return (outlay_gbp(provider) + borne) * secure


@njit
def break_even_gbp(provider: Provider, levers: Levers) -> float:
    """Return the spend served at which a provider's fixed cost is covered, GBP a year; 0 for none.

    Where members share the cost, the one from which they pay less than at home.
    """
    spend = provider.served_spend_gbp
    if levers.cost_shared >= 1.0:
        margin = levers.share_replaced * (1.0 - provider.running_cost_share)
    elif spend > 0:
        given = levers.bundle_share + levers.share_replaced * levers.management_cost_cap
        yearly = yearly_charges_gbp(provider, levers) - yearly_running_cost_gbp(provider, levers)
        margin = yearly / spend - given
    else:
        margin = 0.0
    return provider.fixed_cost_gbp / margin if margin > 0.0 else 0.0


@njit
def refund_gbp(levers: Levers, upfront_fees_gbp: float) -> float:
    """Return what is paid back of the fees on signing when the scheme is scrapped, GBP."""
    return levers.refund_share * upfront_fees_gbp
