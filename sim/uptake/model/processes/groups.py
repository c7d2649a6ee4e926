"""What peer networks and regions do in a month."""

from __future__ import annotations

import math

from uptake.model import draws
from uptake.model._jit import Records, njit
from uptake.model.entities import (
    CONSIDERING,
    DECLINED,
    IDLE,
    LEFT,
    NO_PLAN,
    PLANNED,
    SERVED,
    SIGNED,
    STAGES,
    Centre,
    Peers,
    Region,
)
from uptake.model.levers import Levers
from uptake.model.month import Month, draw
from uptake.model.parameters import Parameters
from uptake.model.processes.alignment import benchmark_precision
from uptake.model.rules import clocks, value
from uptake.model.rules import peers as peer_rules
from uptake.model.rules import providers as provider_rules
from uptake.model.rules import regions as region_rules
from uptake.model.rules import trusts as rules
from uptake.model.transitions import members_of


@njit
def _peers_learn(peers: Peers, providers: Records, network: int, month: Month) -> None:
    """A peer network takes in the month's evidence: members, news, failures of providers."""
    levers, parameters = month.levers, month.parameters
    precision = peer_rules.signal_precision(parameters)
    aligned = peers.served_aligned
    if aligned > 0 and month.structure.evidence_shared > 0.0:
        z = draws.normal_quantile(draw(month, draws.EVIDENCE, network))
        signal = peer_rules.members_signal(parameters, aligned, z)
        peers.precision += aligned * precision
        peers.weighted += aligned * precision * signal
    if levers.news_weight > 0.0:
        peers.precision += levers.news_weight * precision
        peers.weighted += levers.news_weight * precision * levers.news_saving_share
    for provider in providers:
        if provider.alarm > 0.0:  # a signal of no saving
            peers.precision += provider.alarm * parameters.alarm_weight * precision
    peers.believed_saving = rules.believed_saving(parameters, peers.precision, peers.weighted)


@njit
def peers_take_stock(
    peers: Peers,
    regions: Records,
    providers: Records,
    centre: Centre,
    network: int,
    month: Month,
) -> None:
    """A peer network learns of the month's evidence, and hears what its members would join for."""
    levers, parameters = month.levers, month.parameters
    peers.joined_share = peer_rules.share(members_of(peers), peers.trusts)
    if levers.by_size > 0.0:
        peers.joined_share = peer_rules.share(peers.member_spend_gbp, peers.spend_gbp)
    _peers_learn(peers, providers, network, month)
    advocates = peer_rules.advocates_share(levers, peers.joined_share)
    peers.common_utility = rules.common_utility(levers, parameters, advocates)
    peers.attention = clocks.attention_rate(levers, parameters, advocates)
    is_obliging = _obliges(levers, regions)
    peers.ceiling = 1.0 if is_obliging else _ceiling(peers, providers, centre, month)
    _bound_hazards(peers, providers, is_obliging, month)


@njit
def _ceiling(peers: Peers, providers: Records, centre: Centre, month: Month) -> float:
    """Return a chance to open a business case that no trust of a network exceeds.

    It is that of a body for which no fee and no doubt weighs, with a provider that has the best of
    all of them. Where a grant is worth more to the small there is none.
    """
    levers, parameters, sector = month.levers, month.parameters, month.sector
    if levers.grant_gbp > levers.upfront_fee_gbp:
        return 1.0
    quality, cost, reserve = 0.0, math.inf, math.inf
    for provider in providers:
        if provider_rules.takes_members(provider):
            quality = max(quality, provider.outlook)
            cost = min(cost, provider.running_cost_share)
            reserve = min(reserve, rules.reserve(provider, parameters))
    if cost == math.inf:
        return 0.0
    replaced, shared = levers.share_replaced, levers.cost_shared
    price = (1.0 - shared) * (1.0 - value.discount(levers, 0)) + shared * cost
    year = replaced * (1.0 - price + quality - sector.home_quality) + levers.bundle_share
    saving = max(peers.believed_saving, _most_believed(peers, centre, month), 0.0)
    year += value.gain_of_alignment(levers, parameters, saving, quality)
    delay = value.years_until_served(levers, month.number, centre.waiting)
    worth = value.later(sector.discount_rate, delay) * month.terms.years * year
    utility = parameters.value_weight * (worth + month.terms.spared) + peers.common_utility
    utility -= reserve + rules.control(levers, parameters)
    return rules.logistic(utility + 1e-9 * (1.0 + abs(utility)))  # more than rounding can add


@njit
def _most_believed(peers: Peers, centre: Centre, month: Month) -> float:
    """Return the saving that the trust of the best benchmark would believe in."""
    precision = benchmark_precision(month)
    weighted = peers.weighted + precision * centre.most_potential
    return rules.believed_saving(month.parameters, peers.precision + precision, weighted)


@njit
def _floor(peers: Peers, providers: Records, month: Month) -> float:
    """Return a chance to stay that no served trust of a network falls below, or 0.

    It is that of a body for which no process saving and no price of leaving counts, of a kind that
    the scheme does not suit, with a provider that has the worst of all of them.
    """
    levers, parameters, sector = month.levers, month.parameters, month.sector
    if levers.yearly_fee_gbp > 0.0:  # it weighs the more, the smaller a body is
        return 0.0
    quality, cost, reserve = 1.0, 0.0, 0.0
    for provider in providers:
        if provider.fixed_cost_gbp > 0.0 and levers.cost_shared > 0.0:
            return 0.0
        if provider.served > 0:
            quality = min(quality, provider.outlook)
            cost = max(cost, provider.running_cost_share)
            reserve = max(reserve, rules.reserve(provider, parameters))
    replaced, shared = levers.share_replaced, levers.cost_shared
    price = (1.0 - shared) * (1.0 - value.discount(levers, 0)) + shared * cost
    year = replaced * (1.0 - price + quality - sector.home_quality) + levers.bundle_share
    worth = month.terms.years * year + month.terms.spared
    utility = parameters.value_weight * worth + peers.common_utility
    utility -= reserve + parameters.misfit_weight * levers.misfit
    return rules.logistic(utility - 1e-9 * (1.0 + abs(utility)))


@njit
def _bound_hazards(peers: Peers, providers: Records, is_obliging: bool, month: Month) -> None:
    """Set what the hazard of anything happening is at most, so that most trusts are passed by."""
    levers, parameters, hurry = month.levers, month.parameters, month.terms.hurry
    stake = value.offered(levers, month.terms.years, month.terms.spared)
    factor = clocks.stakes_factor(parameters, stake)
    if levers.grant_gbp > 0.0:
        factor = 1.0 + parameters.stakes_attention
    case = clocks.business_case_rate(levers, parameters)
    look, deciding, staying = peers.attention * factor + hurry, case, case
    if hurry > 0.0:  # it is not slowed by slack, as ``case`` is
        floor = month.sector.slack_floor
        deciding += hurry / floor if floor > 0.0 else clocks.CERTAIN_PER_MONTH
    if is_obliging:
        look, deciding = clocks.CERTAIN_PER_MONTH, clocks.CERTAIN_PER_MONTH
    floor = _floor(peers, providers, month)
    for provider in providers:
        if provider.customers > 0 and provider_rules.has_closed(provider):
            staying, floor = clocks.CERTAIN_PER_MONTH, 0.0
    peers.floor = floor
    for stage in (IDLE, DECLINED, LEFT):
        peers.max_hazard[stage] = look
    peers.max_hazard[CONSIDERING] = deciding
    for stage in (SIGNED, SERVED):
        peers.max_hazard[stage] = staying


@njit
def _obliges(levers: Levers, regions: Records) -> bool:
    """Tell whether the centre or the plan of any region obliges anyone, one of this month too."""
    obliged = levers.mandate > 0.0
    if levers.binding > 0.0:
        for region in regions:
            votes = 0.0 < levers.quorum_share <= _in_favour(region)
            obliged |= region.stage >= PLANNED or votes
    return obliged


@njit
def _in_favour(region: Region) -> float:
    """Return the share of a region's trusts, exempt ones too, that are members."""
    trusts = 0
    for stage in range(STAGES):
        trusts += region.in_stage[stage]
    return peer_rules.share(members_of(region), trusts)


@njit
def region_acts(region: Region, centre: Centre, row: int, month: Month) -> None:
    """A region banks a month of its members at the start of it, and may move on by a stage."""
    levers, parameters = month.levers, month.parameters
    members = members_of(region)
    if members > 0:
        _region_banks(region, levers, parameters)
    region.collaboration *= region_rules.collaboration_kept(levers, parameters)
    if levers.quorum_share > 0.0:
        _region_moves_on(region, centre, row, members, month)


@njit
def _region_banks(region: Region, levers: Levers, parameters: Parameters) -> None:
    """A region banks what a market test saves and what its members are told to save."""
    spend = region.served_spend_gbp
    further = region_rules.market_saving_gbp(levers, parameters, region.stage, spend)
    region.market_saving_gbp += further
    claimed = region.member_spend_gbp * levers.claimed_saving_share
    region.claimed_saving_gbp += rules.whole_gbp(claimed / 12.0)
    unaligned = region.in_stage[SERVED] - region.served_aligned
    region.disrupted_months += levers.share_replaced * unaligned


@njit
def _region_moves_on(region: Region, centre: Centre, row: int, members: int, month: Month) -> None:
    """A region votes, or goes from one stage of its consolidation to the next."""
    rate = clocks.business_case_rate(month.levers, month.parameters)
    stage = region_rules.next_stage(
        region.stage,
        month.levers,
        _in_favour(region),
        peer_rules.share(region.aligned, members),
        peer_rules.share(region.in_stage[SERVED], members),
        clocks.strikes(rate, draw(month, draws.VOTE, row)),
    )
    if region.stage == NO_PLAN and stage != NO_PLAN:
        centre.regions_planned += 1
    region.stage = stage
