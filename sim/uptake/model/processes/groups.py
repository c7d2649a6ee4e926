"""What peer networks and regions do in a month."""

from __future__ import annotations

from uptake.model import draws
from uptake.model._jit import Records, njit
from uptake.model.entities import (
    NO_PLAN,
    ONE_PROVIDER,
    PLANNED,
    SERVED,
    Centre,
    Peers,
    Region,
)
from uptake.model.levers import Levers
from uptake.model.month import Month, draw
from uptake.model.parameters import Parameters
from uptake.model.processes.bounds import bound_what_may_happen
from uptake.model.rules import clocks
from uptake.model.rules import peers as peer_rules
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
    bound_what_may_happen(peers, providers, centre, is_obliging, month)


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
    return peer_rules.share(members_of(region), region.trusts)


@njit
def region_acts(region: Region, centre: Centre, row: int, month: Month) -> None:
    """A region banks a month of its members at the start of it, and may move on by a stage."""
    levers, parameters = month.levers, month.parameters
    members = members_of(region)
    if members > 0:
        _region_banks(region, levers, parameters)
    if region.collaboration > 0.0:
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
    is_tested = False
    if region.stage == ONE_PROVIDER:
        rate = clocks.business_case_rate(month.levers, month.parameters)
        is_tested = clocks.strikes(rate, draw(month, draws.VOTE, row))
    stage = region_rules.next_stage(
        region.stage,
        month.levers,
        _in_favour(region),
        peer_rules.share(region.aligned, members),
        peer_rules.share(region.in_stage[SERVED], members),
        is_tested,
    )
    if region.stage == NO_PLAN and stage != NO_PLAN:
        centre.regions_planned += 1
    region.stage = stage
