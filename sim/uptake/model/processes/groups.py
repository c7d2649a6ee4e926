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
    peers.best_utility = _best_utility(peers, providers, centre, month)
    _bound_hazards(peers, providers, is_obliging, month)


_ROUNDING = 1e-9  # of a utility: more than rounding can add


@njit
def _best_utility(peers: Peers, providers: Records, centre: Centre, month: Month) -> float:
    """Return a utility of joining, knowing no gap, that no trust exceeds but for its fee and kind.

    It is that of a body with a provider that has the best of all of them, and no yearly fee.
    """
    levers, parameters, sector = month.levers, month.parameters, month.sector
    quality, worst, cost, reserve = 0.0, 1.0, math.inf, math.inf
    for provider in providers:
        if provider_rules.takes_members(provider):
            quality, worst = max(quality, provider.outlook), min(worst, provider.outlook)
            cost = min(cost, provider.running_cost_share)
            reserve = min(reserve, rules.reserve(provider, parameters))
    if cost == math.inf:
        return -math.inf
    charged = value.charge_at(levers, 0.0, cost, 0.0, 0)
    year = value.value_of_year_at(levers, sector, charged, quality)
    saving = max(peers.believed_saving, _believed_at(peers, centre.most_potential, month), 0.0)
    gain = value.gain_of_alignment(levers, parameters, saving, quality)
    sd = rules.belief_sd(parameters, peers.precision + benchmark_precision(month))
    doubt = value.price_of_doubt(levers, parameters, worst, sd)
    delay = value.years_until_served(levers, month.number, centre.waiting)
    years = value.later(sector.discount_rate, delay) * month.terms.years
    worth = years * year + max(years * gain - doubt, 0.0)
    utility = parameters.value_weight * (worth + month.terms.spared) + peers.common_utility
    utility -= reserve + rules.control(levers, parameters)
    return utility + _ROUNDING * (1.0 + abs(utility))


@njit
def _believed_at(peers: Peers, potential: float, month: Month) -> float:
    """Return the saving that a trust with this benchmark of its own would believe in."""
    precision = benchmark_precision(month)
    weighted = peers.weighted + precision * potential
    return rules.believed_saving(month.parameters, peers.precision + precision, weighted)


@njit
def _bound_leaving(peers: Peers, providers: Records, month: Month) -> None:
    """Set a utility of leaving that no member exceeds but for its kind, if it can be told.

    It is that of a body with a provider that has the worst of all of them, for which no price of
    leaving counts, and no process saving. One that is signed has begun to align.
    """
    levers, parameters, sector = month.levers, month.parameters, month.sector
    peers.reach[SIGNED], peers.reach[SERVED] = math.inf, math.inf
    if levers.yearly_fee_gbp > 0.0:  # it weighs the more, the smaller a body is
        return
    quality, cost, reserve = 1.0, 0.0, 0.0
    for provider in providers:
        is_shared = provider.fixed_cost_gbp > 0.0 and levers.cost_shared > 0.0
        if is_shared or (provider.customers > 0 and provider_rules.has_closed(provider)):
            return
        if provider.customers > 0:
            quality = min(quality, provider.outlook)
            cost = max(cost, provider.running_cost_share)
            reserve = max(reserve, rules.reserve(provider, parameters))
    charged = value.charge_at(levers, 0.0, cost, 0.0, 0)
    year = value.value_of_year_at(levers, sector, charged, quality)
    # What is signed for begins later, and those who align first may believe in a loss by that.
    saving = min(peers.believed_saving, _believed_at(peers, 0.0, month), 0.0)
    signed = min(year + saving * parameters.cashable_share, 0.0)
    rest = peers.common_utility - reserve
    for stage, worth in ((SIGNED, signed), (SERVED, year)):
        utility = parameters.value_weight * (month.terms.years * worth + month.terms.spared) + rest
        peers.reach[stage] = _ROUNDING * (1.0 + abs(utility)) - utility
        if levers.mandate >= 1.0:
            peers.reach[stage] = -math.inf


@njit
def _bound_hazards(peers: Peers, providers: Records, is_obliging: bool, month: Month) -> None:
    """Set what the hazard of anything happening is at most, so that most trusts are passed by."""
    levers, parameters, hurry = month.levers, month.parameters, month.terms.hurry
    stake = value.offered(levers, month.terms.years, month.terms.spared)
    factor = clocks.stakes_factor(parameters, stake)
    if levers.grant_gbp > 0.0:
        factor = 1.0 + parameters.stakes_attention
    case = clocks.business_case_rate(levers, parameters)
    look, deciding = peers.attention * factor + hurry, case
    if hurry > 0.0:  # it is not slowed by slack, as ``case`` is
        floor = month.sector.slack_floor
        deciding += hurry / floor if floor > 0.0 else clocks.CERTAIN_PER_MONTH
    is_stranded = False
    for provider in providers:
        is_stranded |= provider.customers > 0 and provider_rules.has_closed(provider)
    for stage in (IDLE, DECLINED, LEFT):
        peers.max_hazard[stage] = clocks.CERTAIN_PER_MONTH if is_obliging else look
        peers.reach[stage] = math.inf if is_obliging else peers.best_utility
    peers.max_hazard[CONSIDERING] = clocks.CERTAIN_PER_MONTH if is_obliging else deciding
    for stage in (SIGNED, SERVED):
        peers.max_hazard[stage] = clocks.CERTAIN_PER_MONTH if is_stranded else case
    _bound_leaving(peers, providers, month)


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
