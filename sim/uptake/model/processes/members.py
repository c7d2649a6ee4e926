"""What a member does in a month: it stays or leaves, aligns, or looks for another provider."""

from __future__ import annotations

from uptake.model import draws
from uptake.model._jit import Records, njit
from uptake.model.entities import (
    LEFT,
    NEVER,
    SERVED,
    SIGNED,
    Centre,
    Peers,
    Provider,
    Region,
    Trust,
)
from uptake.model.month import Month, draw, taste_since
from uptake.model.processes.alignment import (
    begins_to_align,
    is_worth_aligning,
    own_saving,
    work_left,
)
from uptake.model.processes.bounds import least_utility_of_staying
from uptake.model.processes.trusts import case_ends, obliged
from uptake.model.rules import providers as provider_rules
from uptake.model.rules import trusts as rules
from uptake.model.rules import value
from uptake.model.transitions import align, move


@njit
def member_acts(
    trust: Trust,
    peers: Peers,
    region: Region,
    provider: Provider,
    row: int,
    chosen: Provider,
    centre: Centre,
    work_done: Records,
    month: Month,
) -> bool:
    """A member that is due is aligned, looks for another provider, or reappraises.

    ``provider`` is its own; ``chosen`` is the one in ``row`` that it would go to (its own, if that
    is open or it finds none: then ``row`` is NEVER). Return whether it asks that one for a place.
    """
    if trust.aligned_month == month.number:
        align(trust, peers, region, provider)
    if provider_rules.has_closed(provider):
        return _looks_for_another(trust, peers, region, provider, row, chosen)
    if case_ends(trust, 0.0, draw(month, draws.ATTENTION, trust.number), month):
        _reappraises(trust, peers, region, provider, centre, work_done, month)
    return False


@njit
def _looks_for_another(
    trust: Trust, peers: Peers, region: Region, provider: Provider, row: int, chosen: Provider
) -> bool:
    """A member whose provider has closed goes over to its heir, asks another, leaves, or waits."""
    if row == NEVER:
        provider.departures += 1
        move(trust, peers, region, provider, provider, LEFT)
        return False
    if row == trust.provider:
        return False
    if row != provider.successor:
        return True
    chosen.expected -= 1
    move(trust, peers, region, provider, chosen, int(trust.stage))
    trust.provider = row
    return False


@njit
def _stays_anyway(
    trust: Trust, peers: Peers, provider: Provider, taste: float, month: Month
) -> bool:
    """Tell whether a member stays whatever process savings and a price of leaving speak for it."""
    if trust.stage == SIGNED and trust.work_month == NEVER:
        return False
    least = least_utility_of_staying(peers, provider, int(trust.stage), month)
    return rules.needed_to_leave(trust, month.levers, month.parameters, taste) > -least


@njit
def utility_of_staying(
    trust: Trust, peers: Peers, provider: Provider, centre: Centre, left: float, month: Month
) -> float:
    """Return what speaks for staying, in logits, for a member with so much planned work left."""
    levers, parameters, sector = month.levers, month.parameters, month.sector
    saving = own_saving(trust, peers, month)
    is_served = trust.stage == SERVED
    delay = 0.0 if is_served else value.years_until_served(levers, month.number, centre.waiting)
    worth = value.benefit(
        trust,
        provider,
        levers,
        parameters,
        sector,
        month.terms.years,
        saving,
        delay,
        trust.gap,
        left,
        0.0,
    )
    leaving = value.price_of_leaving(trust, provider, levers, sector, month.number)
    return rules.staying_utility(
        trust,
        provider,
        levers,
        parameters,
        worth,
        month.terms.spared,
        leaving,
        peers.common_utility,
    )


@njit
def leaves(trust: Trust, peers: Peers, region: Region, provider: Provider, month: Month) -> None:
    """A member leaves, and pays its provider what the term has it pay."""
    price = value.price_of_leaving(trust, provider, month.levers, month.sector, month.number)
    owed = rules.whole_gbp(price * trust.spend_gbp)
    trust.paid_gbp += owed
    provider.exits_gbp += owed
    provider.departures += 1
    move(trust, peers, region, provider, provider, LEFT)


@njit
def is_taken_out(
    trust: Trust, peers: Peers, region: Region, providers: Records, month: Month
) -> None:
    """A member leaves, whatever it would decide: not to a provider that has closed does it pay."""
    provider = providers[trust.provider]
    if not provider_rules.has_closed(provider):
        leaves(trust, peers, region, provider, month)
        return
    if provider.successor != NEVER:  # where its place was kept
        providers[provider.successor].expected -= 1
    provider.departures += 1
    move(trust, peers, region, provider, provider, LEFT)


@njit
def _reappraises(
    trust: Trust,
    peers: Peers,
    region: Region,
    provider: Provider,
    centre: Centre,
    work_done: Records,
    month: Month,
) -> None:
    """A member stays or leaves; one that stays and is served may begin to align."""
    if not obliged(trust, region, month):
        taste = taste_since(month, trust, month.number)
        if not _stays_anyway(trust, peers, provider, taste, month):
            left = work_left(trust, work_done, month)
            utility = utility_of_staying(trust, peers, provider, centre, left, month)
            if taste >= rules.logistic(utility):
                leaves(trust, peers, region, provider, month)
                return
    if trust.stage == SERVED and is_worth_aligning(trust, peers, provider, month):
        begins_to_align(trust, region, work_done, month)
