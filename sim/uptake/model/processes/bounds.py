"""What a month can lead to at most, so that most trusts are passed by: no rule, and no outcome.

Trusts of a network and a stage have a hazard and a utility that none of them exceeds. Who is beyond
them would do nothing.
"""

from __future__ import annotations

import math

from uptake.model._jit import Records, njit
from uptake.model.entities import (
    CONSIDERING,
    DECLINED,
    IDLE,
    LEFT,
    SERVED,
    SIGNED,
    Centre,
    Peers,
    Provider,
)
from uptake.model.month import Month
from uptake.model.processes.alignment import benchmark_precision
from uptake.model.rules import clocks, value
from uptake.model.rules import providers as provider_rules
from uptake.model.rules import trusts as rules

_ROUNDING = 1e-9  # of a utility: more than rounding can add


@njit
def bound_what_may_happen(
    peers: Peers, providers: Records, centre: Centre, is_obliging: bool, month: Month
) -> None:
    """Set what the hazard of a clock, and the utility of moving on, are at most this month."""
    case = clocks.business_case_rate(month.levers, month.parameters)
    look, deciding = _look_rate(peers, month), case + _hurried_rate(month)
    peers.best_utility = _best_utility(peers, providers, centre, month)
    for stage in (IDLE, DECLINED, LEFT):
        peers.max_hazard[stage] = clocks.CERTAIN_PER_MONTH if is_obliging else look
        peers.reach[stage] = math.inf if is_obliging else peers.best_utility
    peers.max_hazard[CONSIDERING] = clocks.CERTAIN_PER_MONTH if is_obliging else deciding
    for stage in (SIGNED, SERVED):
        peers.max_hazard[stage] = case
        peers.reach[stage] = -math.inf
    for provider in providers:
        if provider.customers > 0:
            _bound_leaving(peers, provider, month)


@njit
def _look_rate(peers: Peers, month: Month) -> float:
    """Return the hazard of a look at most: a grant is worth the more, the smaller a trust is."""
    levers, parameters = month.levers, month.parameters
    stake = value.offered(levers, month.terms.years, month.terms.spared)
    factor = clocks.stakes_factor(parameters, stake)
    if levers.grant_gbp > 0.0:
        factor = 1.0 + parameters.stakes_attention
    return peers.attention * factor + month.terms.hurry


@njit
def _hurried_rate(month: Month) -> float:
    """Return what a deadline, which no slack slows, adds to the end of a case at most, by slack."""
    hurry, floor = month.terms.hurry, month.sector.slack_floor
    if hurry <= 0.0:
        return 0.0
    return hurry / floor if floor > 0.0 else clocks.CERTAIN_PER_MONTH


@njit
def _bound_leaving(peers: Peers, provider: Provider, month: Month) -> None:
    """Widen the bounds of members so that they hold for the customers of a provider."""
    is_closed = provider_rules.has_closed(provider)
    for stage in (SIGNED, SERVED):
        if is_closed:
            peers.max_hazard[stage], peers.reach[stage] = clocks.CERTAIN_PER_MONTH, math.inf
        elif month.levers.mandate < 1.0:  # else none leaves
            leaving = -least_utility_of_staying(peers, provider, stage, month)
            peers.reach[stage] = max(peers.reach[stage], leaving)


@njit
def least_utility_of_staying(peers: Peers, provider: Provider, stage: int, month: Month) -> float:
    """Return a utility of staying that no customer of a provider falls below but for its kind.

    No process saving counts; nor, for one that is served, a price of leaving. One that is signed
    has begun to align.
    """
    levers, parameters = month.levers, month.parameters
    is_fixed_cost_shared = provider.fixed_cost_gbp > 0.0 and levers.cost_shared > 0.0
    if levers.yearly_fee_gbp > 0.0 or is_fixed_cost_shared:  # more to the small
        return -math.inf
    cost, rest = provider.running_cost_share, month.terms.spared
    charged = value.charge_at(levers, 0.0, cost, 0.0, 0)
    year = value.value_of_year_at(levers, month.sector, charged, provider.outlook)
    control = rules.control(levers, parameters)
    if stage == SIGNED:  # served later; and who aligns first may believe in a loss by that
        saving = min(peers.believed_saving, _believed_at(peers, 0.0, month), 0.0)
        year, control = min(year + saving * parameters.cashable_share, 0.0), 0.0
        margin = value.charge_at(levers, 0.0, cost, 0.0, 1) - levers.share_replaced * cost
        rest += value.exit_bound(levers) * month.terms.years * max(margin, 0.0)
    utility = parameters.value_weight * (month.terms.years * year + rest)
    utility += peers.common_utility - rules.reserve(provider, parameters) + control
    return utility - _ROUNDING * (1.0 + abs(utility))


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
