"""What the centre does in a month: it pays, it counts, it reviews."""

from __future__ import annotations

from uptake.model._jit import Records, njit
from uptake.model.entities import SCRAPPED, Centre
from uptake.model.month import Month
from uptake.model.rules import centre as rules
from uptake.model.rules import providers as provider_rules


@njit
def centre_acts(centre: Centre, regions: Records, providers: Records, month: Month) -> None:
    """The centre pays grants and programme, draws up the accounts of all, reviews the scheme."""
    levers = month.levers
    new = centre.signatures - centre.booked_signatures
    centre.booked_signatures = centre.signatures
    centre.grants_gbp += new * levers.grant_gbp
    centre.programme_gbp += levers.programme_cost_gbp / 12.0
    flow = _flow_gbp(regions, providers) - levers.programme_cost_gbp / 12.0
    rate = month.sector.discount_rate
    centre.net_present_value_gbp += rules.present_value(flow, rate, month.number)
    if rules.review_scraps(levers, month.number, centre.joined):
        centre.status = SCRAPPED
        centre.scrapped_month = month.number
        for provider in providers:
            fees = provider.upfront_fees_gbp
            provider.fees_gbp -= provider_rules.refund_gbp(levers, fees)
            provider.offset_gbp += levers.offset_gbp / len(providers)


@njit
def _flow_gbp(regions: Records, providers: Records) -> float:
    """Return what a month brought to all payers together, GBP: what one pays another cancels."""
    flow = 0.0
    for region in regions:
        one_off = region.one_off_gbp - region.booked_one_off_gbp
        region.booked_one_off_gbp = region.one_off_gbp
        flow += region.flow_gbp - one_off
    for provider in providers:
        outlay = provider.invested_gbp + provider.committed_gbp
        brought = provider.own_saving_gbp - outlay
        flow += brought - provider.booked_gbp
        provider.booked_gbp = brought
    return flow
