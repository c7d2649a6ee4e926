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
    MARKET_TESTED,
    NEVER,
    NO_PLAN,
    ONE_PROVIDER,
    SERVED,
    STOPPED,
    WITHDRAWN,
    State,
    Trust,
)
from uptake.model.episode import Episode, Sector
from uptake.model.levers import Levers
from uptake.model.records import dtype_of, float64, int32, int64
from uptake.model.rules.providers import (
    break_even_gbp,
    loss_gbp,
    outlay_gbp,
    price_saving_gbp,
    takes_members,
)
from uptake.model.rules.trusts import typical_spend_gbp
from uptake.model.transitions import members_of


class Outcomes:
    """What one run comes to."""

    run: int64
    approached: int64
    looked: int64  # trusts that have ever looked at the scheme
    joined: int64  # trusts that have ever signed
    interested: int64  # interests that a newspaper could have counted
    considering: int64  # trusts with a business case under way
    declined: int64
    turned_away: int64  # times that a trust would have signed and found no place
    stalled: int64  # members that are not aligned
    served: int64
    aligned: int64
    left: int64  # trusts that were members and are out now
    rejoined: int64  # times that a trust which had left signed again
    exempt: int64
    joined_above_typical_spend: int64  # of those that spend more than their size does
    joined_below_typical_spend: int64  # joined, of the others
    scrapped_month: int64  # or -1
    scrapped_for: int64  # the threshold missed, from 1, or 0
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
    disrupted_months: float64  # member-months served before aligned, by share replaced
    harm_gbp: float64  # of a quality below that at home
    claimed_saving_gbp: float64
    realised_saving_gbp: float64  # by aligned processes and market tests
    price_saving_gbp: float64  # own spend that ended, less what is charged instead
    trusts_cost_gbp: float64  # net of all but the saving realised
    break_even_gbp: float64  # spend served that covers a provider's fixed cost, or 0
    provider_loss_gbp: float64
    centre_cost_gbp: float64
    grants_gbp: float64
    net_present_value_gbp: float64


OUTCOMES = dtype_of(Outcomes)

# What a column was called before; tables have it under both names for one version.
FORMER_NAMES = {
    "joined_dear": "joined_above_typical_spend",
    "joined_lean": "joined_below_typical_spend",
    "live": "served",
}

# Counted by kind and by size of trust.
BREAKDOWN = ("approached", "joined", "interested", "declined")


class Monthly:
    """What is read off every month, from month 0 on: a curve each. Counts first, then amounts."""

    looked: int32  # trusts that have ever looked at the scheme
    joined: int32  # trusts that have ever signed
    interested: int32  # interests that a newspaper could count
    considering: int32
    declined: int32
    served: int32
    aligned: int32
    left: int32  # joined, and no member now
    members: int32
    regions_planned: int32
    providers_open: int32
    providers_conditional: int32
    providers_stopped: int32
    providers_withdrawn: int32
    service_quality: float64  # of providers, by customers; 1 if there are none
    trusts_cost_gbp: float64  # so far, net of all but the saving realised
    provider_loss_gbp: float64
    centre_cost_gbp: float64
    spent_gbp: float64  # by all: outlay, running, programme, aligning, redundancy
    saved_gbp: float64  # by all: spend that ended, process savings, less harm


MONTHLY = dtype_of(Monthly)
CURVES: tuple[str, ...] = MONTHLY.names or ()
COUNTED = tuple(name for name in CURVES if MONTHLY[name].kind == "i")

# Sizes of trusts by income: the last has no upper end.
SIZES = ("small", "medium", "large")


@njit
def observe_month(state: State, counts: Monthly) -> None:
    """Write the month's counts and amounts into a record of nils."""
    centre = state.centre[0]
    for peers in state.peers:
        counts.considering += peers.in_stage[CONSIDERING]
        counts.declined += peers.in_stage[DECLINED]
        counts.members += members_of(peers)
        counts.served += peers.in_stage[SERVED]
        counts.aligned += peers.aligned
    counts.looked = centre.looked
    counts.joined = centre.joined
    counts.interested = centre.reported
    counts.left = counts.joined - counts.members
    counts.regions_planned = centre.regions_planned
    counts.providers_open = centre.providers_open
    _observe_accounts(state, counts)


@njit
def _count(counts: NDArray[np.int32], trust: Trust) -> None:
    """Add a trust to the four counts of ``BREAKDOWN``."""
    counts[0] += 1
    counts[1] += trust.signed_month != NEVER
    counts[2] += trust.reports
    counts[3] += trust.stage == DECLINED


@njit
def size_of(trust: Trust, sector: Sector) -> int:
    """Return the place of a trust's size in ``SIZES``."""
    if trust.income_gbp >= sector.large_from_gbp:
        return 2
    return 1 if trust.income_gbp >= sector.medium_from_gbp else 0


@njit
def observe_run(
    state: State,
    trusts: int,
    episode: Episode,
    curves: Records,
    outcome: Outcomes,
    by_kind: NDArray[np.int32],
    by_size: NDArray[np.int32],
) -> None:
    """Write what a finished run came to into its record, and the counts by kind and by size.

    ``by_kind`` has shape (kinds, 4) and ``by_size`` (3, 4), in the order of ``BREAKDOWN``;
    ``curves`` holds a record of ``MONTHLY`` a month.
    """
    sector, records, centre = episode.sector[0], state.trusts, state.centre[0]
    for row in range(trusts):
        trust = records[row]
        _count(by_kind[trust.kind], trust)
        _count(by_size[size_of(trust, sector)], trust)
        if trust.signed_month == NEVER:
            continue
        if trust.spend_gbp > typical_spend_gbp(sector, trust.income_gbp):
            outcome.joined_above_typical_spend += 1
        else:
            outcome.joined_below_typical_spend += 1
    outcome.approached = trusts
    first, last = curves[0], curves[len(curves) - 1]
    outcome.looked = last.looked
    outcome.joined = last.joined
    outcome.interested = last.interested
    outcome.considering = last.considering
    outcome.declined = last.declined
    outcome.served = last.served
    outcome.aligned = last.aligned
    outcome.left = last.left
    outcome.stalled = last.members - last.aligned
    outcome.regions_planned = last.regions_planned
    without_plan = len(state.regions) - first.regions_planned
    followers = last.regions_planned - first.regions_planned
    at_launch = min(int(episode.levers[0].pathfinders), len(state.regions))
    for region in state.regions[at_launch : centre.pathfinders]:  # chosen later
        without_plan -= 1
        followers -= region.stage != NO_PLAN
    outcome.followers_share = followers / without_plan if without_plan > 0 else 0.0
    outcome.providers_open = last.providers_open
    outcome.providers_conditional = last.providers_conditional
    outcome.providers_stopped = last.providers_stopped
    outcome.providers_withdrawn = last.providers_withdrawn
    outcome.turned_away = centre.turned_away
    outcome.rejoined = centre.rejoined
    outcome.scrapped_month = centre.scrapped_month
    outcome.scrapped_for = centre.scrapped_for
    outcome.grants_gbp = centre.grants_gbp
    outcome.net_present_value_gbp = centre.net_present_value_gbp
    outcome.service_quality = last.service_quality
    outcome.trusts_cost_gbp = last.trusts_cost_gbp
    outcome.provider_loss_gbp = last.provider_loss_gbp
    outcome.centre_cost_gbp = last.centre_cost_gbp
    _observe_networks(state.peers, outcome)
    _observe_regions(state.regions, outcome)
    _observe_providers(state.providers, episode.levers[len(episode.levers) - 1], outcome)


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
        outcome.realised_saving_gbp += region.market_saving_gbp
        outcome.claimed_saving_gbp += region.claimed_saving_gbp
        outcome.disrupted_months += region.disrupted_months
        collaboration += region.collaboration
    outcome.collaboration_share = collaboration / len(regions)


@njit
def _observe_accounts(state: State, counts: Monthly) -> None:
    """Write how providers serve, and who paid what: a cost to one that others earn is theirs.

    What one pays another cancels in what all spend and save, and so does what is bundled in.
    """
    centre = state.centre[0]
    spent = centre.programme_gbp
    trusts_cost = centre.sanctions_gbp - centre.grants_gbp
    centre_cost = centre.grants_gbp + centre.programme_gbp - centre.sanctions_gbp
    for region in state.regions:
        trusts_cost += region.aligning_gbp + region.redundancy_gbp
        centre_cost += region.funded_gbp
        spent += region.aligning_gbp + region.redundancy_gbp + region.funded_gbp
    customers, quality = 0, 0.0
    for provider in state.providers:
        counts.providers_conditional += 1 if provider.status == CONDITIONAL else 0
        counts.providers_stopped += 1 if provider.status == STOPPED else 0
        counts.providers_withdrawn += 1 if provider.status == WITHDRAWN else 0
        fees = provider.upfront_fees_gbp - provider.refunds_gbp
        trusts_cost += fees + provider.exits_gbp + provider.harm_gbp
        trusts_cost -= price_saving_gbp(provider) + provider.bundles_gbp
        centre_cost += provider.offset_gbp - provider.price_cuts_gbp
        counts.provider_loss_gbp += loss_gbp(provider)
        spent += outlay_gbp(provider) + provider.costs_gbp
        customers += provider.customers
        quality += provider.customers * provider.quality
    counts.service_quality = quality / customers if customers > 0 else 1.0
    counts.trusts_cost_gbp = trusts_cost
    counts.centre_cost_gbp = centre_cost
    counts.spent_gbp = spent
    counts.saved_gbp = centre.booked_gbp + spent


@njit
def _observe_providers(providers: Records, levers: Levers, outcome: Outcomes) -> None:
    """Write who owns the providers, how they keep customers, and what they save and need."""
    customers, public, with_fixed_cost = 0, 0.0, 0
    for provider in providers:
        customers += provider.customers
        public += provider.customers * provider.public_share
        if provider.signed > 0:
            exits = provider.departures / provider.signed
            outcome.worst_exit_share = max(outcome.worst_exit_share, min(1.0, exits))
        outcome.price_saving_gbp += price_saving_gbp(provider)
        outcome.realised_saving_gbp += provider.saving_gbp
        outcome.harm_gbp += provider.harm_gbp
        if provider.fixed_cost_gbp > 0.0 and takes_members(provider):
            with_fixed_cost += 1
            outcome.break_even_gbp += break_even_gbp(provider, levers)
    if with_fixed_cost > 0:
        outcome.break_even_gbp /= with_fixed_cost
    outcome.public_share = public / customers if customers > 0 else 0.0
