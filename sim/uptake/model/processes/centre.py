"""What the centre does in a month: it counts, it pays, it reviews."""

from __future__ import annotations

import math

from uptake.model._jit import Records, njit
from uptake.model.entities import SCRAPPED, SIGNED, Centre
from uptake.model.month import Month
from uptake.model.rules import centre as rules
from uptake.model.rules import providers as provider_rules


@njit
def centre_takes_stock(centre: Centre, networks: Records) -> None:
    """The centre counts those who have signed and are not served yet."""
    centre.waiting = 0
    for peers in networks:
        centre.waiting += peers.in_stage[SIGNED]


@njit
def centre_acts(centre: Centre, regions: Records, providers: Records, month: Month) -> None:
    """The centre pays grants and programme, draws up the accounts of all, reviews the scheme."""
    levers = month.levers
    centre.grants_gbp += centre.granted * levers.grant_gbp
    centre.granted = 0
    centre.programme_gbp += levers.programme_cost_gbp / 12.0
    if month.number > math.ceil(levers.deadline_month):
        outside = 0
        for region in regions:
            outside += region.spend_gbp - region.member_spend_gbp
        centre.sanctions_gbp += outside * levers.sanction_share / 12.0
    gained = gained_gbp(centre, regions, providers)
    flow = gained - centre.booked_gbp
    centre.booked_gbp = gained
    rate = month.sector.discount_rate
    centre.net_present_value_gbp += rules.present_value(flow, rate, month.number)
    served, quality = 0, 0.0
    for provider in providers:
        served += provider.served
        quality += provider.served * provider.quality
    mean = quality / served if served > 0 else 1.0
    why = rules.scrapped_for(levers, month.number, centre.joined, served, -gained, mean)
    if why > 0:
        _scraps(centre, providers, why, month)


@njit
def _scraps(centre: Centre, providers: Records, why: int, month: Month) -> None:
    """The centre ends the scheme: fees on signing are refunded, an underspend is shared out."""
    levers = month.levers
    centre.status = SCRAPPED
    centre.scrapped_month = month.number
    centre.scrapped_for = why
    for provider in providers:
        fees = provider.upfront_fees_gbp
        provider.refunds_gbp += provider_rules.refund_gbp(levers, fees)
        provider.offset_gbp += levers.offset_gbp / len(providers)


@njit
def gained_gbp(centre: Centre, regions: Records, providers: Records) -> float:
    """Return what all payers together have gained so far, GBP: what one pays another cancels."""
    gained = -centre.programme_gbp
    for region in regions:
        paid = region.aligning_gbp + region.funded_gbp + region.redundancy_gbp
        gained += region.market_saving_gbp - paid
    for provider in providers:
        saved = provider.ended_gbp + provider.saving_gbp + provider.own_saving_gbp
        spent = provider.costs_gbp + provider.harm_gbp
        gained += saved - spent - provider_rules.outlay_gbp(provider)
    return gained
