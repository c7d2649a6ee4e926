"""What turned a trust away that said no: noted where it is asked for, and without consequence.

Each reason is taken away alone, and all else left as it was in that month. Source: docs/why.md.
"""

from __future__ import annotations

from uptake.model._jit import njit
from uptake.model.entities import CONSIDERING, NEVER, Centre, Peers, Provider, State, Trust
from uptake.model.month import Month, taste_since
from uptake.model.processes.choices import trust_chooses
from uptake.model.processes.trusts import gap_decided_on, prospect
from uptake.model.rules import peers as peer_rules
from uptake.model.rules import trusts as rules

REASONS = (
    "fee", "budget", "running_fee", "cost_shared", "quality", "gap", "doubt", "control", "owner",
    "misfit", "legal", "staff", "no_place", "no_provider", "several",
)  # fmt: skip
TERMS = 12  # the first of these speak against joining, and can be taken away
(
    _FEE, _BUDGET, _RUNNING_FEE, _COST_SHARED, _QUALITY, _GAP, _DOUBT, _CONTROL, _OWNER,
    _MISFIT, _LEGAL, _STAFF, _NO_PLACE, _NO_PROVIDER, _SEVERAL,
) = range(len(REASONS))  # fmt: skip


@njit
def takes_reasons_away(state: State, month: Month) -> None:
    """Write a month's levers and parameters less what each reason takes away."""
    levers, parameters = state.without_levers, state.without_parameters
    for reason in range(TERMS):
        levers[reason] = month.levers
        parameters[reason] = month.parameters
    levers[_FEE].upfront_fee_gbp = 0.0
    parameters[_BUDGET].liquidity_weight = 0.0
    levers[_RUNNING_FEE].yearly_fee_gbp = 0.0
    levers[_COST_SHARED].cost_shared = 0.0
    parameters[_GAP].migration_cost_years = 0.0
    parameters[_DOUBT].risk_aversion = 0.0
    parameters[_CONTROL].sovereignty = 0.0
    parameters[_OWNER].public_preference = 0.0
    parameters[_MISFIT].misfit_weight = 0.0
    parameters[_LEGAL].caution = 0.0
    parameters[_STAFF].staff_resistance = 0.0


@njit
def _utility_without(
    trust: Trust, peers: Peers, provider: Provider, centre: Centre, gap: float, month: Month
) -> float:
    """Return the utility of joining at a gap, with what peers hold in common worked out anew."""
    utility = prospect(trust, peers, provider, centre, gap, month).utility
    advocates = peer_rules.advocates_share(month.levers, peers.joined_share)
    common = rules.common_utility(month.levers, month.parameters, advocates)
    return utility - peers.common_utility + common


@njit
def _decisive(state: State, trust: Trust, provider: Provider, since: int, month: Month) -> int:
    """Return the reasons without any one of which a trust would join, as bits."""
    peers, centre, own = state.peers[trust.peers], state.centre[0], taste_since(month, trust, since)
    gap, found = gap_decided_on(trust, month), 0
    for reason in range(TERMS):
        if reason == _QUALITY:
            if provider.outlook >= month.sector.home_quality:
                continue
            state.without_provider[0] = provider
            as_good = state.without_provider[0]
            as_good.outlook = month.sector.home_quality
            utility = _utility_without(trust, peers, as_good, centre, gap, month)
        else:
            without = Month(
                month.number,
                state.without_levers[reason],
                month.structure,
                month.sector,
                state.without_parameters[reason],
                month.terms,
                month.key,
            )
            utility = _utility_without(trust, peers, provider, centre, gap, without)
        if own < rules.logistic(utility):
            found |= 1 << reason
    return found if found != 0 else 1 << _SEVERAL


@njit
def notes_refusal(state: State, at: int, before: int, asks: bool, month: Month) -> None:
    """Note what stands against the trust in a row that looked or decided this month.

    ``before`` is its stage before that. One that asks for a place is noted as if it found none: one
    that does is a member, of which nobody asks.
    """
    trust = state.trusts[at]
    if asks:
        state.turned[at] = 1 << _NO_PLACE
        return
    if trust.stage == CONSIDERING:  # its case is under way
        return
    row = trust_chooses(trust, state.providers, month)
    if row == NEVER:
        state.turned[at] = 1 << _NO_PROVIDER
        return
    is_look = before != CONSIDERING and trust.case_month != month.number
    hurried = trust.hurried
    if is_look:  # what its case before the last was, it is no more
        trust.hurried = 0
    since = month.number if is_look else trust.case_month
    state.turned[at] = _decisive(state, trust, state.providers[row], since, month)
    trust.hurried = hurried
