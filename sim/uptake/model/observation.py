"""From trajectory to outcomes and curves: what is read off a run. No plotting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uptake.model._jit import Records, njit
from uptake.model.entities import (
    COMMON_SYSTEMS,
    CONDITIONAL,
    CONSIDERING,
    DECLINED,
    EXEMPT,
    INTERESTED,
    LIVE,
    MARKET_TESTED,
    NEVER,
    ONE_PROVIDER,
    STOPPED,
    WITHDRAWN,
    Centre,
    State,
    Trust,
)
from uptake.model.episode import Episode
from uptake.model.records import dtype_of, float64, int64
from uptake.model.rules.providers import loss_gbp
from uptake.model.rules.trusts import typical_spend_gbp
from uptake.model.transitions import members_of


class Outcomes:
    """What one run comes to."""

    run: int64
    approached: int64
    joined: int64  # trusts that have ever signed
    interested: int64  # interests that a newspaper could have counted
    considering: int64  # trusts with an interest or a business case under way
    declined: int64
    turned_away: int64  # times that a trust would have signed and found no place
    stalled: int64  # members that are not live
    live: int64
    left: int64  # trusts that were members and are out now
    rejoined: int64  # times that a trust which had left signed again
    exempt: int64
    joined_above_typical_spend: int64  # of those that spend more than their size does
    joined_below_typical_spend: int64  # joined, of the others
    scrapped_month: int64  # or -1
    regions_planned: int64  # regions with a plan or further
    followers_share: float64  # of the regions without a plan at the launch
    regions_common_systems: int64  # the same, on common systems or further
    regions_one_provider: int64
    regions_market_tested: int64
    providers_open: int64  # with or without conditions
    providers_conditional: int64
    providers_stopped: int64
    providers_withdrawn: int64
    public_share: float64  # of members' providers, by customers
    worst_exit_share: float64  # signatures that ended in leaving, worst provider
    collaboration_share: float64  # trusts that collaborate voluntarily, by region
    believed_saving_share: float64  # over the networks, by their trusts
    service_quality: float64  # of providers, by customers; 1 if there are none
    disrupted_months: float64  # member-months of disrupted service
    claimed_saving_gbp: float64
    realised_saving_gbp: float64
    trusts_cost_gbp: float64  # fees, migration, disruption, less grants and rebates
    provider_loss_gbp: float64
    centre_cost_gbp: float64
    grants_gbp: float64
    net_present_value_gbp: float64


OUTCOMES = dtype_of(Outcomes)

# What a column was called before; tables have it under both names for one version.
FORMER_NAMES = {
    "joined_dear": "joined_above_typical_spend",
    "joined_lean": "joined_below_typical_spend",
}

# Counted by kind and by size of trust.
BREAKDOWN = ("approached", "joined", "interested", "declined")

# Counted every month, from month 0 on.
CURVES = (
    "joined", "interested", "considering", "declined", "live", "left", "members",
    "regions_planned", "providers_open", "providers_conditional", "providers_stopped",
)  # fmt: skip

# Sizes of trusts by income: the last has no upper end.
SIZES = ("small", "medium", "large")


@njit
def observe_month(
    networks: Records, providers: Records, centre: Centre, month: int, curves: NDArray[np.int32]
) -> None:
    """Write the month's counts into ``curves``, shape (len(CURVES), months + 1)."""
    for provider in providers:
        curves[9, month] += 1 if provider.status == CONDITIONAL else 0
        curves[10, month] += 1 if provider.status == STOPPED else 0
    considering = declined = members = live = 0
    for peers in networks:
        counts = peers.in_stage
        considering += counts[INTERESTED] + counts[CONSIDERING]
        declined += counts[DECLINED]
        members += members_of(peers)
        live += counts[LIVE]
    curves[0, month] = centre.joined
    curves[1, month] = centre.reported
    curves[2, month] = considering
    curves[3, month] = declined
    curves[4, month] = live
    curves[5, month] = centre.joined - members
    curves[6, month] = members
    curves[7, month] = centre.regions_planned
    curves[8, month] = centre.providers_open


@njit
def _count(counts: NDArray[np.int32], trust: Trust) -> None:
    """Add a trust to the four counts of ``BREAKDOWN``."""
    counts[0] += 1
    counts[1] += trust.signed_month != NEVER
    counts[2] += trust.reports
    counts[3] += trust.stage == DECLINED


@njit
def observe_run(
    state: State,
    trusts: int,
    episode: Episode,
    curves: NDArray[np.int32],
    outcome: Outcomes,
    by_kind: NDArray[np.int32],
    by_size: NDArray[np.int32],
) -> None:
    """Write what a finished run came to into its record, and the counts by kind and by size.

    ``by_kind`` has shape (kinds, 4) and ``by_size`` (3, 4), in the order of ``BREAKDOWN``; the
    counts of the last month are those of ``curves``.
    """
    sector, records, centre = episode.sector[0], state.trusts, state.centre[0]
    for row in range(trusts):
        trust = records[row]
        size = 0 if trust.income_gbp < sector.medium_from_gbp else 1
        size = 2 if trust.income_gbp >= sector.large_from_gbp else size
        _count(by_kind[trust.kind], trust)
        _count(by_size[size], trust)
        if trust.signed_month == NEVER:
            continue
        if trust.spend_gbp > typical_spend_gbp(sector, trust.income_gbp):
            outcome.joined_above_typical_spend += 1
        else:
            outcome.joined_below_typical_spend += 1
    outcome.approached = trusts
    outcome.joined = curves[0, -1]
    outcome.interested = curves[1, -1]
    outcome.considering = curves[2, -1]
    outcome.declined = curves[3, -1]
    outcome.live = curves[4, -1]
    outcome.left = curves[5, -1]
    outcome.stalled = curves[6, -1] - curves[4, -1]
    outcome.regions_planned = curves[7, -1]
    without_plan = len(state.regions) - curves[7, 0]
    followers = curves[7, -1] - curves[7, 0]
    outcome.followers_share = followers / without_plan if without_plan > 0 else 0.0
    outcome.providers_open = curves[8, -1]
    outcome.providers_conditional = curves[9, -1]
    outcome.providers_stopped = curves[10, -1]
    outcome.turned_away = centre.turned_away
    outcome.rejoined = centre.rejoined
    outcome.scrapped_month = centre.scrapped_month
    outcome.grants_gbp = centre.grants_gbp
    outcome.net_present_value_gbp = centre.net_present_value_gbp
    _observe_networks(state.peers, outcome)
    _observe_regions(state.regions, outcome)
    _observe_providers(state.providers, outcome)
    _observe_accounts(state, outcome)


@njit
def _observe_networks(networks: Records, outcome: Outcomes) -> None:
    """Write what trusts believe, and how many were exempt."""
    trusts, believed = 0, 0.0
    for peers in networks:
        trusts += peers.trusts
        believed += peers.trusts * peers.believed_saving
        outcome.exempt += peers.in_stage[EXEMPT]
    outcome.believed_saving_share = believed / trusts if trusts > 0 else 0.0


@njit
def _observe_regions(regions: Records, outcome: Outcomes) -> None:
    """Write how far regions came, what they saved, and what they had been told to expect."""
    collaboration = 0.0
    for region in regions:
        outcome.regions_common_systems += 1 if region.stage >= COMMON_SYSTEMS else 0
        outcome.regions_one_provider += 1 if region.stage >= ONE_PROVIDER else 0
        outcome.regions_market_tested += 1 if region.stage >= MARKET_TESTED else 0
        outcome.realised_saving_gbp += region.realised_saving_gbp
        outcome.claimed_saving_gbp += region.claimed_saving_gbp
        outcome.disrupted_months += region.disrupted_months
        collaboration += region.collaboration
    outcome.collaboration_share = collaboration / len(regions)


@njit
def _observe_providers(providers: Records, outcome: Outcomes) -> None:
    """Write what became of the providers, and who owns and how well they serve their customers."""
    customers, public, quality = 0, 0.0, 0.0
    for provider in providers:
        outcome.providers_withdrawn += 1 if provider.status == WITHDRAWN else 0
        customers += provider.customers
        public += provider.customers * provider.public_share
        quality += provider.customers * provider.quality
        if provider.signed > 0:
            exits = provider.departures / provider.signed
            outcome.worst_exit_share = max(outcome.worst_exit_share, min(1.0, exits))
    outcome.public_share = public / customers if customers > 0 else 0.0
    outcome.service_quality = quality / customers if customers > 0 else 1.0


@njit
def _observe_accounts(state: State, outcome: Outcomes) -> None:
    """Write who paid what: what one pays another is a cost here and a revenue there."""
    centre = state.centre[0]
    trusts_cost = -centre.grants_gbp
    centre_cost = centre.grants_gbp + centre.programme_gbp
    for region in state.regions:
        trusts_cost += region.one_off_gbp + region.disruption_gbp
    for provider in state.providers:
        trusts_cost += provider.fees_gbp - provider.rebates_gbp
        centre_cost += provider.offset_gbp - provider.price_cuts_gbp
        outcome.provider_loss_gbp += loss_gbp(provider)
    outcome.trusts_cost_gbp = trusts_cost
    outcome.centre_cost_gbp = centre_cost
