"""How a trust decides. Read this file first: it is the model.

A trust that looks at the scheme opens a business case if it would join knowing no gap; the case
ends in a decision, in which it knows what it was told of its own. Members reappraise in the same
way. What decides is one *utility*, in logits: the value of the scheme in years of the trust's own
spend, less what stands against it. A trust says yes if its *taste*, a draw that lasts, is below
the logistic of it. Money is in GBP, shares are 0..1.
"""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.entities import NEVER, PLANNED, SERVED, Peers, Provider, Trust
from uptake.model.episode import Sector
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters


@njit
def believed_saving(parameters: Parameters, precision: float, weighted: float) -> float:
    """Return the believed saving, a share of spend: the Normal-Normal posterior mean.

    ``(m0 / sd0^2 + sum(precision x value)) / (1 / sd0^2 + sum(precision))`` over the signals.
    """
    prior_precision = 1.0 / (parameters.belief_sd_share * parameters.belief_sd_share)
    total = parameters.believed_saving_share * prior_precision + weighted
    return total / (prior_precision + precision)


@njit
def belief_sd(parameters: Parameters, precision: float) -> float:
    """Return the sd of a believed saving: ``1 / sqrt(1 / sd0^2 + sum(precision))``."""
    prior_precision = 1.0 / (parameters.belief_sd_share * parameters.belief_sd_share)
    return 1.0 / math.sqrt(prior_precision + precision)


@njit
def benchmark_precision(levers: Levers, signal_precision: float) -> float:
    """Return the precision of a trust's own benchmark: that of ``benchmark_weight`` signals."""
    return levers.benchmark_weight * signal_precision


@njit
def own_believed_saving(
    trust: Trust, parameters: Parameters, sector: Sector, peers: Peers, benchmark: float
) -> float:
    """Return what a trust believes of its own saving: its peers' belief and its own benchmark.

    A benchmark, of this precision, is a signal of what it would save if its spend came down to what
    is typical of its income: nothing, if it spends less.
    """
    if benchmark <= 0.0:
        return peers.believed_saving
    potential = potential_saving(trust, sector)
    return believed_saving(
        parameters, peers.precision + benchmark, peers.weighted + benchmark * potential
    )


@njit
def potential_saving(trust: Trust, sector: Sector) -> float:
    """Return what a trust would save if its spend came down to what is typical, a share of it."""
    typical = typical_spend_gbp(sector, trust.income_gbp)
    return max(0.0, 1.0 - typical / trust.spend_gbp)


@njit
def typical_spend_gbp(sector: Sector, income_gbp: float) -> float:
    """Return the median spend in scope at an income, GBP a year: smaller trusts pay more."""
    is_large = income_gbp >= sector.large_from_gbp
    cost_share = sector.cost_share_large if is_large else sector.cost_share_small
    return income_gbp * cost_share * sector.scope_share


@njit
def common_utility(levers: Levers, parameters: Parameters, advocates_share: float) -> float:
    """Return what speaks for the scheme to every trust of a peer network, in logits.

    Peers and endorsement, less the loss of staff and the risk that a term signed without
    competition is challenged, ``1 - exp(-risk per year x years)``.
    """
    challenged = 1.0 - math.exp(-levers.legal_risk_per_year * levers.term_years)
    return (
        parameters.peers_weight * advocates_share
        + parameters.endorsement_weight * levers.endorsement
        - parameters.staff_resistance * levers.staff_leaving_share
        - parameters.caution * challenged
    )


@njit
def reserve(provider: Provider, parameters: Parameters) -> float:
    """Return what stands against a provider that is not public, in logits."""
    return parameters.public_preference * (1.0 - provider.public_share)


@njit
def appeal(
    provider: Provider, levers: Levers, parameters: Parameters, sector: Sector, years: float
) -> float:
    """Return what sets a provider apart but for its fixed cost, in logits.

    0 is as good as home, no dearer, and public:
    ``beta A [x (Qe - quality at home) - w x (c - 1)] - public preference (1 - public)``.
    """
    better = provider.outlook - sector.home_quality
    dearer = levers.cost_shared * (provider.running_cost_share - 1.0)
    year = levers.share_replaced * (better - dearer)
    return parameters.value_weight * years * year - reserve(provider, parameters)


@njit
def misfit(trust: Trust, levers: Levers, parameters: Parameters) -> float:
    """Return the weight of a scheme that was not designed for the trust's kind, in logits."""
    return parameters.misfit_weight * levers.misfit * trust.unsuited


@njit
def control(levers: Levers, parameters: Parameters) -> float:
    """Return the weight of the control that a member gives up, in logits.

    It gives up none over what is not taken over.
    """
    return parameters.sovereignty * levers.share_replaced * (1.0 - levers.autonomy)


@njit
def grant_gbp(trust: Trust, levers: Levers) -> float:
    """Return the grant that a trust gets if it signs, GBP: it is paid once."""
    return levers.grant_gbp if trust.signed_month == NEVER else 0.0


@njit
def upfront_cost(trust: Trust, levers: Levers, parameters: Parameters) -> float:
    """Return the weight of what must be paid on signing, in logits.

    ``beta (F - S) / b`` for its value, ``omega (F - S) / L`` for the strain on the budget, which a
    squeeze shrinks. A grant beyond the fee is value, but relieves no strain.
    """
    net_gbp = levers.upfront_fee_gbp - grant_gbp(trust, levers)
    budget_gbp = trust.budget_gbp * (1.0 - levers.budget_squeeze)
    strain = max(net_gbp, 0.0) / budget_gbp
    value = parameters.value_weight * net_gbp / trust.spend_gbp
    return value + parameters.liquidity_weight * strain


@njit
def stake(trust: Trust, levers: Levers, offer: float) -> float:
    """Return what is at stake for a trust: the grant, if it has not had it, and the offer."""
    return grant_gbp(trust, levers) / trust.spend_gbp + offer


@njit
def logistic(logit: float) -> float:
    """Return ``1 / (1 + exp(-logit))`` without overflow.

    >>> logistic(0.0), logistic(-1e6), logistic(1e6)
    (0.5, 0.0, 1.0)
    """
    if logit >= 0.0:
        return 1.0 / (1.0 + math.exp(-logit))
    odds = math.exp(logit)
    return odds / (1.0 + odds)


@njit
def logit(probability: float) -> float:
    """Return ``ln(p / (1 - p))``, the inverse of ``logistic``.

    >>> logit(0.5), round(logit(logistic(-3.0)), 12)
    (0.0, -3.0)
    """
    return math.log(probability / (1.0 - probability))


@njit
def needed_to_join(trust: Trust, levers: Levers, parameters: Parameters, taste: float) -> float:
    """Return the utility from which on a trust joins, but for its own fee and kind, in logits."""
    against = upfront_cost(trust, levers, parameters) + misfit(trust, levers, parameters)
    return logit(taste) + against


@njit
def needed_to_leave(trust: Trust, levers: Levers, parameters: Parameters, taste: float) -> float:
    """Return the utility of leaving from which on a member leaves, but for its kind, in logits."""
    return -logit(taste) - misfit(trust, levers, parameters)


@njit
def obliged_share(levers: Levers, region_stage: int) -> float:
    """Return the part of trusts that must join: by the centre, or by a region that voted."""
    return 1.0 - (1.0 - levers.mandate) * (1.0 - bound_share(levers, region_stage))


@njit
def bound_share(levers: Levers, region_stage: int) -> float:
    """Return the part of a region's trusts that its plan binds."""
    return levers.binding if region_stage >= PLANNED else 0.0


@njit
def joining_utility(
    trust: Trust,
    provider: Provider,
    levers: Levers,
    parameters: Parameters,
    worth: float,
    spared: float,
    common: float,
) -> float:
    """Return what speaks for joining less what speaks against it, in logits.

    ``worth`` is the benefit of a term, ``spared`` the sanction, both in years of own spend;
    ``common`` is common to the trust's peers.
    """
    return (
        parameters.value_weight * (worth + spared)
        - upfront_cost(trust, levers, parameters)
        + common
        - reserve(provider, parameters)
        - misfit(trust, levers, parameters)
        - control(levers, parameters)
    )


@njit
def staying_utility(
    trust: Trust,
    provider: Provider,
    levers: Levers,
    parameters: Parameters,
    worth: float,
    spared: float,
    leaving: float,
    common: float,
) -> float:
    """Return what speaks for staying less what speaks against it, in logits.

    The fee on signing is sunk; to leave has a price. Once it is served a trust has given its own
    systems up, so that loss of control speaks for staying.
    """
    locked_in = control(levers, parameters) if trust.stage == SERVED else 0.0
    return (
        parameters.value_weight * (worth + spared + leaving)
        + common
        - reserve(provider, parameters)
        - misfit(trust, levers, parameters)
        + locked_in
    )


@njit
def whole_gbp(amount: float) -> int:
    """Return an amount in whole pounds: whole, so that sums over trusts have no order."""
    return math.floor(amount + 0.5)


@njit
def redundancy_gbp(trust: Trust, levers: Levers) -> int:
    """Return what a trust pays for redundancy when it is first served, whole GBP.

    It is avoided for staff who are moved into a new body.
    """
    leaving = levers.staff_leaving_share * levers.redundancy_cost_share
    return whole_gbp(trust.spend_gbp * leaving * (1.0 - levers.redundancy_avoided_share))
