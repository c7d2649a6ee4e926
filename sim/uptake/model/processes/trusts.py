"""What a trust does in a month: when it acts at all, and what it does while it is no member."""

from __future__ import annotations

from typing import NamedTuple

from uptake.model import draws
from uptake.model._jit import njit
from uptake.model.entities import (
    CONSIDERING,
    DECLINED,
    EXEMPT,
    NEVER,
    Centre,
    Peers,
    Provider,
    Region,
    Trust,
)
from uptake.model.month import Month, draw, lasting, taste_since
from uptake.model.processes.alignment import (
    benchmark_precision,
    own_saving,
)
from uptake.model.rules import clocks, value
from uptake.model.rules import providers as provider_rules
from uptake.model.rules import trusts as rules
from uptake.model.transitions import is_member, move


class Prospect(NamedTuple):
    """What a trust goes by when it weighs the scheme."""

    saving: float  # believed, share of spend
    doubt: float  # what it costs to be bound to it, years of own spend
    delay: float  # until it expects to be served, years
    gap: float  # as it is seen
    benefit: float  # of a term, years of own spend
    utility: float  # of joining, logits


@njit
def obliged(trust: Trust, region: Region, month: Month) -> bool:
    """Tell whether a trust must join: by the timeline, the centre or the plan of its region."""
    if trust.bound != 0:
        return True
    share = rules.obliged_share(month.levers, region.stage)
    return share > 0.0 and lasting(month, draws.OBLIGATION, trust.number) < share


@njit
def looks(trust: Trust, peers: Peers, month: Month) -> bool:
    """Tell whether a trust without a business case looks at the scheme this month."""
    offer = value.offered(month.levers, month.terms.years, month.terms.spared)
    stake = rules.stake(trust, month.levers, offer)
    rate = peers.attention * clocks.stakes_factor(month.parameters, stake) + month.terms.hurry
    return clocks.strikes(rate, draw(month, draws.ATTENTION, trust.number))


@njit
def case_ends(trust: Trust, hurry: float, u: float, month: Month) -> bool:
    """Tell whether a business case, or a reappraisal, comes to its end at a draw ``u``.

    ``hurry`` is the hazard that the deadline adds, which cuts it short.
    """
    rate = trust.slack * clocks.business_case_rate(month.levers, month.parameters)
    return clocks.strikes(rate + hurry, u)


@njit
def trust_is_due(
    trust: Trust, peers: Peers, region: Region, provider: Provider, month: Month
) -> bool:
    """Tell whether a trust does anything this month; mostly it does not."""
    if trust.stage == EXEMPT:
        return False
    if is_member(trust.stage):
        if provider_rules.has_closed(provider) or trust.aligned_month == month.number:
            return True
        return case_ends(trust, 0.0, draw(month, draws.ATTENTION, trust.number), month)
    if obliged(trust, region, month):
        return True
    if trust.stage != CONSIDERING:
        return looks(trust, peers, month)
    return case_ends(trust, month.terms.hurry, draw(month, draws.ATTENTION, trust.number), month)


@njit
def faces_choice(
    trust: Trust, peers: Peers, region: Region, provider: Provider, providers: int, month: Month
) -> bool:
    """Tell whether a trust that is due may go to another provider, of several, than its last."""
    if is_member(trust.stage):
        return provider_rules.has_closed(provider)
    if providers == 1 and provider_rules.takes_members(provider):
        return False
    return not looks_in_vain(trust, peers, region, month)


@njit
def looks_in_vain(trust: Trust, peers: Peers, region: Region, month: Month) -> bool:
    """Tell whether a trust that looks would open a case with no provider that there may be."""
    if trust.stage == CONSIDERING or obliged(trust, region, month):
        return False
    own = taste_since(month, trust, month.number)
    return rules.needed_to_join(trust, month.levers, month.parameters, own) > peers.best_utility


@njit
def prospect(
    trust: Trust, peers: Peers, provider: Provider, centre: Centre, gap: float, month: Month
) -> Prospect:
    """Return what a trust that is no member goes by when it weighs a provider's service.

    ``gap`` is its process gap as it is seen: nil while it looks.
    """
    levers, parameters, sector = month.levers, month.parameters, month.sector
    saving = own_saving(trust, peers, month)
    sd = rules.belief_sd(parameters, peers.precision + benchmark_precision(month))
    doubt = value.price_of_doubt(levers, parameters, provider.outlook, sd)
    delay = value.years_until_served(levers, month.number, centre.waiting)
    years, spared = month.terms.years, month.terms.spared
    worth = value.benefit(
        trust, provider, levers, parameters, sector, years, saving, delay, gap, 0.0, doubt
    )
    utility = rules.joining_utility(
        trust, provider, levers, parameters, worth, spared, peers.common_utility
    )
    return Prospect(saving, doubt, delay, gap, worth, utility)


@njit
def gap_decided_on(trust: Trust, month: Month) -> float:
    """Return the gap that a trust sees at the end of its case: a middling one, if it is hurried."""
    gap = month.sector.middling_gap if trust.hurried != 0 else trust.gap
    return gap * month.levers.gap_analysis


@njit
def would_join(
    trust: Trust, peers: Peers, provider: Provider, centre: Centre, gap: float, month: Month
) -> bool:
    """Tell whether a trust would join a provider's service at a gap."""
    utility = prospect(trust, peers, provider, centre, gap, month).utility
    since = trust.case_month if trust.stage == CONSIDERING else month.number
    return taste_since(month, trust, since) < rules.logistic(utility)


@njit
def undecided_acts(
    trust: Trust,
    peers: Peers,
    region: Region,
    provider: Provider,
    row: int,
    chosen: Provider,
    centre: Centre,
    month: Month,
) -> bool:
    """A trust that is no member, and is due, looks or decides.

    ``provider`` is its last one; ``chosen`` is the one in ``row`` that it would go to (its last, if
    it faces no choice or finds none: then ``row`` is NEVER). Return whether it asks that one for a
    place: then it stays as it is until places are given.
    """
    if obliged(trust, region, month):
        if row == NEVER:
            return False
        counts_as_looked(trust, centre)
        trust.hurried = 0
        return True
    if trust.stage != CONSIDERING:
        counts_as_looked(trust, centre)
        if row == NEVER or looks_in_vain(trust, peers, region, month):
            return False
        trust.hurried = 0
        if not would_join(trust, peers, chosen, centre, 0.0, month):
            return False
        trust.case_month = month.number
        _opens_case(trust, peers, region, provider, centre, month)
        u = draw(month, draws.CASE, trust.number)
        if not case_ends(trust, month.terms.hurry, u, month):
            return False
    else:
        u = draw(month, draws.ATTENTION, trust.number)
    trust.hurried = 0 if case_ends(trust, 0.0, u, month) else 1
    gap = gap_decided_on(trust, month)
    if row != NEVER and would_join(trust, peers, chosen, centre, gap, month):
        return True
    ends_report(trust, centre, month)
    move(trust, peers, region, provider, provider, DECLINED)
    return False


@njit
def counts_as_looked(trust: Trust, centre: Centre) -> None:
    """A trust looks at the scheme, and is counted when it does so for the first time."""
    centre.looked += trust.looked == 0
    trust.looked = 1


@njit
def _opens_case(
    trust: Trust, peers: Peers, region: Region, provider: Provider, centre: Centre, month: Month
) -> None:
    """A trust opens a business case; a newspaper may hear of it."""
    if trust.reports == 0:
        u = lasting(month, draws.REPORTING, trust.number)
        trust.reports = 1 if u < month.parameters.reporting_probability else 0
        centre.reported += trust.reports
    move(trust, peers, region, provider, provider, CONSIDERING)


@njit
def ends_report(trust: Trust, centre: Centre, month: Month) -> None:
    """A trust that declined, or found no place, is no longer reported to have an interest.

    Under ``declined_report_interest`` it still is.
    """
    if month.structure.declined_report_interest == 0.0:
        centre.reported -= trust.reports
        trust.reports = 0
