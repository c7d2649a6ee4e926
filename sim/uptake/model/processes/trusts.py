"""What a trust does in a month."""

from __future__ import annotations

from typing import NamedTuple

from uptake.model import draws
from uptake.model._jit import Records, njit
from uptake.model.entities import (
    CONSIDERING,
    DECLINED,
    IDLE,
    INTERESTED,
    JOINED,
    LEFT,
    LIVE,
    MIGRATING,
    NEVER,
    OPEN_FOR_ALL,
    Centre,
    Peers,
    Provider,
    Region,
    Trust,
)
from uptake.model.month import Month, draw
from uptake.model.rules import clocks
from uptake.model.rules import peers as peer_rules
from uptake.model.rules import providers as provider_rules
from uptake.model.rules import regions as region_rules
from uptake.model.rules import trusts as rules
from uptake.model.transitions import align, is_member, move


class Prospect(NamedTuple):
    """What a trust goes by when it decides."""

    saving: float  # believed, share of spend
    common: float  # utility common to its peers, and the appeal of the provider, logits
    seen: float  # part of the process gap that its business case found
    is_hurried: bool


@njit
def trust_is_due(trust: Trust, peers: Peers, provider: Provider, month: Month) -> bool:
    """Tell whether the clock of a trust's stage strikes this month; mostly it does not."""
    rate = trust.slack * peers.hazard[trust.stage]
    if is_member(trust.stage) and provider_rules.has_closed(provider):
        rate = trust.slack * clocks.CERTAIN_PER_MONTH
    return clocks.strikes(rate, draw(month, draws.ATTENTION, trust.number))


@njit
def faces_choice(trust: Trust, provider: Provider, providers: int) -> bool:
    """Tell whether a trust that is due may go to another provider, of several, than its last."""
    if is_member(trust.stage):
        return provider_rules.has_closed(provider)
    is_deciding = trust.stage == INTERESTED or trust.stage == CONSIDERING
    return is_deciding and (providers > 1 or provider.weight <= 0.0)


@njit
def trust_chooses(trust: Trust, providers: Records, month: Month) -> int:
    """Return the row of the provider that a trust would go to, or NEVER if there is none.

    One that decides looks to those with room, if there are any. A customer of one that closed goes
    to its heir, to another, or in house (NEVER); it waits with its own where none of these is open
    to it.
    """
    u = draw(month, draws.CHOICE, trust.number)
    if not is_member(trust.stage):
        row = _drawn(providers, False, True, 0.0, u)
        return row if row != NEVER else _drawn(providers, False, False, 0.0, u)
    heir = providers[trust.provider].successor
    if heir != NEVER and not provider_rules.has_closed(providers[heir]):
        return int(heir)
    row = _drawn(providers, True, True, month.levers.in_house, u)
    return int(trust.provider) if row == NEVER and month.levers.in_house <= 0.0 else row


@njit
def _odds(provider: Provider, is_takeover: bool, needs_room: bool) -> float:
    """Return the odds of a provider being chosen; 0 if it does not come into question."""
    is_open = provider.status == OPEN_FOR_ALL or not is_takeover
    is_possible = is_open and (provider.places > 0 or not needs_room)
    return provider.weight if is_possible else 0.0


@njit
def _drawn(providers: Records, is_takeover: bool, needs_room: bool, none: float, u: float) -> int:
    """Return a row drawn by the providers' odds, or NEVER, which has the odds ``none``."""
    total = none
    for provider in providers:
        total += _odds(provider, is_takeover, needs_room)
    at, drawn = u * total - none, NEVER
    for row in range(len(providers)):
        if at < 0.0:
            break
        weight = _odds(providers[row], is_takeover, needs_room)
        if weight > 0.0:
            drawn = row
            at -= weight
    return drawn


@njit
def trust_acts(
    trust: Trust,
    peers: Peers,
    region: Region,
    provider: Provider,
    row: int,
    chosen: Provider,
    centre: Centre,
    month: Month,
) -> bool:
    """A trust whose clock has struck does what its stage has it do.

    ``provider`` is its own, of now or before; ``chosen`` is the one in ``row`` that it would go to
    (its own, if it faces no choice or finds none: then ``row`` is NEVER). Return whether it asks
    that one for a place: then it stays as it is until places are given.
    """
    stage = trust.stage
    if stage in (IDLE, DECLINED, LEFT):
        next_stage = _takes_interest(trust, centre, month)
    elif stage == INTERESTED and not _finishes_at_once(trust, peers, month):
        next_stage = CONSIDERING
    elif stage in (INTERESTED, CONSIDERING):
        if row != NEVER and _wants_to_join(trust, peers, region, chosen, month):
            return True
        ends_report(trust, centre, month)
        next_stage = DECLINED
    elif provider_rules.has_closed(provider):
        comes_over = row != NEVER and row == provider.successor
        if not comes_over and row != NEVER and row != trust.provider:
            return True
        chosen.expected -= 1 if comes_over else 0
        next_stage = LEFT if row == NEVER else int(stage)
    else:
        next_stage = _acts_as_member(trust, peers, region, provider, month)
    if next_stage == LEFT and stage != LEFT:
        provider.departures += 1
    goes = is_member(next_stage) and row != NEVER and row != trust.provider
    if next_stage != stage or goes:
        move(trust, peers, region, provider, chosen, next_stage, month)
        if goes:
            trust.provider = row
    return False


@njit
def _takes_interest(trust: Trust, centre: Centre, month: Month) -> int:
    """Return the stage of a trust that takes an interest; a newspaper may hear of it."""
    if trust.reports == 0:
        u = draws.uniform_in(month.key, draws.REPORTING, 0, trust.number)
        trust.reports = 1 if u < month.parameters.reporting_probability else 0
        centre.reported += trust.reports
    return INTERESTED


@njit
def _finishes_at_once(trust: Trust, peers: Peers, month: Month) -> bool:
    """Tell whether a business case ends in the month in which it is opened."""
    rate = trust.slack * peers.hazard[CONSIDERING]
    return clocks.strikes(rate, draw(month, draws.COMPETING, trust.number))


@njit
def faces_decision(trust: Trust, peers: Peers, provider: Provider, month: Month) -> Prospect:
    """Return what a trust with a finished business case goes by when it decides on a provider."""
    levers, parameters = month.levers, month.parameters
    hurried = is_hurried(trust, month)
    saving = rules.own_believed_saving(
        trust, levers, parameters, month.sector, peers, peer_rules.signal_precision(parameters)
    )
    seen = 0.0 if hurried else levers.gap_analysis
    return Prospect(saving, peers.common_utility + provider.appeal, seen, hurried)


@njit
def is_hurried(trust: Trust, month: Month) -> bool:
    """Tell whether it was the deadline that ended a trust's business case this month."""
    if month.levers.deadline_months <= 0.0:
        return False
    u = draw(month, draws.HASTE, trust.number)
    return u < clocks.haste_probability(month.levers, month.parameters)


@njit
def ends_report(trust: Trust, centre: Centre, month: Month) -> None:
    """A trust that declined, or found no place, is no longer reported to have an interest.

    Under ``declined_report_interest`` it still is.
    """
    if month.structure.declined_report_interest == 0.0:
        centre.reported -= trust.reports
        trust.reports = 0


@njit
def _wants_to_join(
    trust: Trust, peers: Peers, region: Region, provider: Provider, month: Month
) -> bool:
    """Tell whether a trust with a finished business case would sign with a provider."""
    levers = month.levers
    prospect = faces_decision(trust, peers, provider, month)
    wants = rules.joining_probability(
        trust,
        levers,
        month.parameters,
        month.years,
        prospect.saving,
        prospect.common,
        prospect.seen,
    )
    u = draw(month, draws.DECISION, trust.number)
    return u < rules.agreement_probability(wants, levers, region.stage)


@njit
def _acts_as_member(
    trust: Trust, peers: Peers, region: Region, provider: Provider, month: Month
) -> int:
    """Return the stage of a member that takes a step of migration, or reappraises the scheme.

    One draw says which, in proportion to the two hazards, and whether it comes to anything.
    """
    levers, parameters = month.levers, month.parameters
    migration = 0.0 if trust.stage == LIVE else clocks.migration_rate(levers, parameters)
    reappraisal = clocks.reappraisal_rate(levers, parameters)
    at = draw(month, draws.COMPETING, trust.number) * (migration + reappraisal)
    u = draw(month, draws.DECISION, trust.number)
    saving = rules.own_believed_saving(
        trust, levers, parameters, month.sector, peers, peer_rules.signal_precision(parameters)
    )
    if at < migration:
        return _migrates(trust, region, provider, saving, at / migration, u, month)
    held = month.number - trust.signed_month
    freedom = clocks.freedom_to_leave(levers, held, provider.quality)
    if at >= migration + reappraisal * freedom:
        return int(trust.stage)
    wants = rules.staying_probability(
        trust, levers, parameters, month.years, saving, peers.common_utility + provider.appeal
    )
    stays = u < rules.agreement_probability(wants, levers, region.stage)
    return int(trust.stage) if stays else LEFT


@njit
def _migrates(
    trust: Trust,
    region: Region,
    provider: Provider,
    saving: float,
    at: float,
    u: float,
    month: Month,
) -> int:
    """Return the stage of a member after a step of migration, with two draws ``at`` and ``u``."""
    levers, parameters = month.levers, month.parameters
    if trust.stage == JOINED:
        wants = rules.migrating_probability(trust, levers, parameters, month.years, saving)
        starts = u < rules.agreement_probability(wants, levers, region.stage)
        may_start = region_rules.opens_migration(levers, region.stage)
        return MIGRATING if starts and may_start else JOINED
    if trust.aligned == 0 and at < clocks.alignment_probability(levers, trust.gap):
        align(trust, region, provider, parameters)
    if trust.aligned == 1 and region_rules.opens_sharing(levers, region.stage):
        return LIVE
    return MIGRATING
