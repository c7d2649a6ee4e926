"""What a provider does in a month: it opens its doors, acts at the end, and may be merged."""

from __future__ import annotations

import math

from uptake.model import draws
from uptake.model._jit import Records, njit
from uptake.model.entities import ABSENT, NEVER, OPEN_FOR_ALL, STOPPED, WITHDRAWN, Centre, Provider
from uptake.model.episode import Offer
from uptake.model.month import Month, draw
from uptake.model.rules import clocks
from uptake.model.rules import providers as rules
from uptake.model.rules import trusts as trust_rules
from uptake.model.transitions import open_provider


@njit
def provider_opens(provider: Provider, offer: Offer, row: int, month: Month) -> None:
    """A provider offers itself to the trusts that decide this month."""
    levers, parameters = month.levers, month.parameters
    provider.served_at_start_gbp = provider.served_spend_gbp
    provider.planned_gbp = rules.planned_spend_gbp(provider, offer, month.number)
    years, target = month.terms.years, rules.quality_target(provider, row, levers, parameters)
    provider.outlook = rules.outlook(provider.quality, target, levers, parameters)
    provider.appeal = trust_rules.appeal(provider, levers, parameters, month.sector, years)
    provider.odds = math.exp(min(provider.appeal, 700.0))
    provider.places = rules.free_places(provider)


@njit
def provider_acts(provider: Provider, offer: Offer, centre: Centre, row: int, month: Month) -> None:
    """A provider keeps its books and its quality, and is assessed; it enters or gives up."""
    if provider.status == ABSENT:
        _considers_entry(provider, offer, centre, row, month)
        return
    _books(provider, month)
    _serves(provider, row, month)
    if rules.has_closed(provider):
        return
    status = provider.status
    if month.levers.assessment_month > 0.0 and month.number == month.levers.assessment_month:
        status = rules.verdict(month.levers, provider.quality)
    bearable = rules.bearable_loss_gbp(provider, month.levers, month.parameters)
    if status != STOPPED and rules.loss_gbp(provider) > bearable:
        status = WITHDRAWN
    provider.status = status
    if rules.has_closed(provider):
        provider.closed_month = month.number
        provider.fixed_cost_gbp = 0.0  # it only serves out those who wait
        centre.providers_open -= 1


@njit
def _considers_entry(
    provider: Provider, offer: Offer, centre: Centre, row: int, month: Month
) -> None:
    """A provider in waiting enters in its month, or may enter, and invests when it does."""
    if offer.entry_month > 0.0:
        enters = month.number == offer.entry_month
    else:
        rate = rules.entry_rate(provider, month.levers, month.parameters)
        enters = clocks.strikes(rate, draw(month, draws.ENTRY, row))
    if enters:
        provider.status = OPEN_FOR_ALL
        provider.entered_month = month.number
        provider.invested_gbp = offer.invested_gbp
        provider.committed_gbp = offer.committed_gbp
        centre.providers_open += 1


@njit
def _books(provider: Provider, month: Month) -> None:
    """A provider books a month: what it and its customers pay and save, at this month's quality."""
    levers, spend = month.levers, provider.served_spend_gbp
    new = provider.signed - provider.booked_signatures
    provider.booked_signatures = provider.signed
    provider.upfront_fees_gbp += new * levers.upfront_fee_gbp
    provider.costs_gbp += provider.fixed_cost_gbp / 12.0
    if spend == 0:
        return
    provider.costs_gbp += rules.yearly_running_cost_gbp(provider, levers) / 12.0
    provider.charges_gbp += rules.yearly_charges_gbp(provider, levers) / 12.0
    provider.bundles_gbp += levers.bundle_share * spend / 12.0
    replaced_gbp = levers.share_replaced * spend
    provider.caps_gbp += levers.management_cost_cap * replaced_gbp / 12.0
    provider.price_cuts_gbp += levers.price_cut_share * replaced_gbp / 12.0
    provider.own_saving_gbp += rules.yearly_own_saving_gbp(provider, levers) / 12.0
    provider.ended_gbp += replaced_gbp / 12.0
    provider.harm_gbp += rules.yearly_harm_gbp(provider, levers, month.sector) / 12.0
    provider.saving_gbp += rules.yearly_saving_gbp(provider, month.parameters) / 12.0


@njit
def _serves(provider: Provider, row: int, month: Month) -> None:
    """A provider's quality moves on; its service may fail, which everyone hears of next month."""
    parameters = month.parameters
    severity = rules.failure_on_record(month.levers, row)
    rate = rules.failure_rate(provider, parameters)
    if clocks.strikes(rate, draw(month, draws.FAILURE, row)):
        severity = max(severity, draw(month, draws.SEVERITY, row))
    target = rules.quality_target(provider, row, month.levers, parameters)
    provider.quality = rules.next_quality(provider.quality, target, parameters, severity)
    provider.alarm = severity


@njit
def provider_merges(providers: Records, row: int, month: Month) -> None:
    """A provider closed this month is merged into a survivor, each of them with equal chance."""
    if providers[row].closed_month != month.number or month.levers.merger <= 0.0:
        return
    heir = open_provider(providers, draw(month, draws.MERGER, row))
    if heir != NEVER:
        providers[heir].capacity += providers[row].capacity
        providers[heir].expected += providers[row].customers
        providers[row].successor = heir
