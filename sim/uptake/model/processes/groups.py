"""What peer networks and regions do in a month."""

from __future__ import annotations

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
    NO_PLAN,
    STAGES,
    Centre,
    Peers,
    Region,
)
from uptake.model.levers import Levers
from uptake.model.month import Month, draw
from uptake.model.parameters import Parameters
from uptake.model.rules import clocks
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
    live = peers.in_stage[LIVE]
    if live > 0 and month.structure.evidence_shared > 0.0:
        z = draws.normal_quantile(draw(month, draws.EVIDENCE, network))
        peers.precision += live * precision
        peers.weighted += live * precision * peer_rules.members_signal(parameters, live, z)
    if levers.news_weight > 0.0:
        peers.precision += levers.news_weight * precision
        peers.weighted += levers.news_weight * precision * levers.news_saving_share
    for provider in providers:
        if provider.alarm > 0.0:  # a signal of no saving
            peers.precision += provider.alarm * parameters.alarm_weight * precision
    peers.believed_saving = rules.believed_saving(parameters, peers.precision, peers.weighted)


@njit
def peers_take_stock(peers: Peers, providers: Records, network: int, month: Month) -> None:
    """A peer network learns of the month's evidence, and sets the pace of its members."""
    levers, parameters = month.levers, month.parameters
    members = members_of(peers)
    peers.joined_share = peer_rules.share(members, peers.trusts)
    _peers_learn(peers, providers, network, month)
    advocates = peer_rules.advocates_share(levers, peers.joined_share)
    peers.common_utility = rules.common_utility(levers, parameters, advocates)
    attention = clocks.attention_rate(
        levers, parameters, month.structure.pressure_on_attention, advocates
    )
    migration = clocks.migration_rate(levers, parameters)
    reappraisal = clocks.reappraisal_rate(levers, parameters)
    peers.hazard[IDLE] = attention
    peers.hazard[DECLINED] = attention
    peers.hazard[LEFT] = attention
    peers.hazard[INTERESTED] = clocks.CERTAIN_PER_MONTH
    peers.hazard[CONSIDERING] = clocks.business_case_rate(levers, parameters)
    peers.hazard[JOINED] = migration + reappraisal
    peers.hazard[MIGRATING] = migration + reappraisal
    peers.hazard[LIVE] = reappraisal
    for stage in range(STAGES):
        peers.max_hazard[stage] = peers.hazard[stage]
    for provider in providers:
        if provider.customers > 0 and provider_rules.has_closed(provider):
            for stage in (JOINED, MIGRATING, LIVE):
                peers.max_hazard[stage] = clocks.CERTAIN_PER_MONTH


@njit
def region_acts(region: Region, centre: Centre, row: int, month: Month) -> None:
    """A region banks a month of its members at the start of it, and may move on by a stage."""
    levers, parameters = month.levers, month.parameters
    members = members_of(region)
    region.flow_gbp = 0
    if members > 0:
        _region_banks(region, members, levers, parameters)
    region.collaboration *= region_rules.collaboration_kept(levers, parameters)
    if levers.quorum_share > 0.0:
        _region_moves_on(region, centre, row, members, month)


@njit
def _region_banks(region: Region, members: int, levers: Levers, parameters: Parameters) -> None:
    """A region banks what its members save, are told to save, and lose by disruption."""
    aligned = peer_rules.share(region.aligned, members)
    mixed = region_rules.many_systems(levers, region.stage, aligned)
    live_spend = region.live_spend_gbp
    further = region_rules.market_saving_gbp(levers, parameters, region.stage, live_spend)
    saving = region.saving_gbp_per_month + further
    mixed_gbp = live_spend * mixed * parameters.disruption_cost_share / 12.0
    disruption = region.disruption_gbp_per_month + rules.whole_gbp(mixed_gbp)
    claimed = region.member_spend_gbp * levers.claimed_saving_share
    region.flow_gbp = saving - disruption
    region.realised_saving_gbp += saving
    region.disruption_gbp += disruption
    region.claimed_saving_gbp += rules.whole_gbp(claimed / 12.0)
    region.disrupted_months += region.exposed + mixed * region.in_stage[LIVE]


@njit
def _region_moves_on(region: Region, centre: Centre, row: int, members: int, month: Month) -> None:
    """A region votes, or goes from one stage of its consolidation to the next."""
    trusts = 0
    for stage in range(STAGES):
        trusts += region.in_stage[stage]
    rate = clocks.reappraisal_rate(month.levers, month.parameters)
    stage = region_rules.next_stage(
        region.stage,
        month.levers,
        peer_rules.share(members, trusts),
        peer_rules.share(region.aligned, members),
        peer_rules.share(region.in_stage[LIVE], members),
        clocks.strikes(rate, draw(month, draws.VOTE, row)),
    )
    if region.stage == NO_PLAN and stage != NO_PLAN:
        centre.regions_planned += 1
    region.stage = stage
