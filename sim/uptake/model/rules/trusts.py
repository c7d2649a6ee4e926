"""How a trust decides. Read this file first: it is the model.

A trust goes through stages, and in every stage one clock runs (``clocks.py``): attention makes an
idle trust interested, a business case brings it to a decision, capacity moves a member to the
common processes, reappraisal may make it leave.

What it decides is one *utility*, in logits: the value of the scheme in years of the trust's own
spend, less what stands against it. Money is in GBP, shares are 0..1.
"""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.entities import LIVE, PLANNED, Peers, Trust
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
def own_believed_saving(
    trust: Trust,
    levers: Levers,
    parameters: Parameters,
    sector: Sector,
    peers: Peers,
    signal_precision: float,
) -> float:
    """Return what a trust believes of its own saving: its peers' belief and its own benchmark.

    A benchmark is a signal of what it would save if its spend came down to what is typical of its
    income (nothing, if it spends less), with the precision of ``benchmark_weight`` signals.
    """
    if levers.benchmark_weight <= 0.0:
        return peers.believed_saving
    typical = typical_spend_gbp(sector, trust.income_gbp)
    potential = max(0.0, 1.0 - typical / trust.spend_gbp)
    precision = levers.benchmark_weight * signal_precision
    return believed_saving(
        parameters, peers.precision + precision, peers.weighted + precision * potential
    )


@njit
def typical_spend_gbp(sector: Sector, income_gbp: float) -> float:
    """Return the median spend in scope at an income, GBP a year: smaller trusts pay more."""
    is_large = income_gbp >= sector.large_from_gbp
    cost_share = sector.cost_share_large if is_large else sector.cost_share_small
    return income_gbp * cost_share * sector.scope_share


@njit
def annuity(years: float, rate: float) -> float:
    """Return the present value of 1 a year for some years: ``(1 - (1 + rate)^-years) / rate``.

    >>> round(annuity(3.0, 0.035), 3), round(annuity(5.0, 0.035), 3), annuity(3.0, 0.0)
    (2.802, 4.515, 3.0)
    """
    if rate == 0.0:
        return years
    return (1.0 - math.exp(-years * math.log(1.0 + rate))) / rate


@njit
def value_of_service(
    trust: Trust, levers: Levers, parameters: Parameters, years: float, saving: float, gap: float
) -> float:
    """Return the present value of a term before the fee on signing, in years of own spend.

    ``A [m (1 - gap) cashable + D + bundle - f / b] - c gap``, with the annuity ``A`` of the term as
    ``years`` and the believed saving ``m`` as ``saving``.
    """
    per_year = (
        saving * (1.0 - gap) * parameters.cashable_share
        + levers.discount_share
        + levers.bundle_share
        - levers.yearly_fee_gbp / trust.spend_gbp
    )
    return years * per_year - migration_cost(levers, parameters, gap)


@njit
def migration_cost(levers: Levers, parameters: Parameters, gap: float) -> float:
    """Return the cost of closing a process gap, years of own spend; common frameworks save part."""
    return parameters.migration_cost_years * gap * (1.0 - levers.common_frameworks)


@njit
def common_utility(levers: Levers, parameters: Parameters, advocates_share: float) -> float:
    """Return what speaks for the scheme to every trust of a peer network, in logits.

    Peers, pressure and endorsement, less the loss of staff and the risk that a term signed without
    competition is challenged, ``1 - exp(-risk per year x years)``.
    """
    challenged = 1.0 - math.exp(-levers.legal_risk_per_year * levers.term_years)
    return (
        parameters.peers_weight * advocates_share
        + parameters.pressure_weight * levers.pressure
        + parameters.endorsement_weight * levers.endorsement
        - parameters.staff_resistance * levers.staff_leaving_share
        - parameters.caution * challenged
    )


@njit
def misfit(trust: Trust, levers: Levers, parameters: Parameters) -> float:
    """Return the weight of a scheme that was not designed for the trust's kind, in logits."""
    return parameters.misfit_weight * levers.misfit * trust.unsuited


@njit
def upfront_cost(trust: Trust, levers: Levers, parameters: Parameters) -> float:
    """Return the weight of what must be paid on signing, in logits.

    ``beta (F - S) / b`` for its value, ``omega (F - S) / L`` for the strain on the budget, which a
    squeeze shrinks. A grant beyond the fee is value, but relieves no strain.
    """
    net_gbp = levers.upfront_fee_gbp - levers.grant_gbp
    budget_gbp = trust.budget_gbp * (1.0 - levers.budget_squeeze)
    strain = max(net_gbp, 0.0) / budget_gbp
    value = parameters.value_weight * net_gbp / trust.spend_gbp
    return value + parameters.liquidity_weight * strain


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
def overruled_share(levers: Levers, region_stage: int) -> float:
    """Return the part of refusals that is overruled: by the centre, or by a region that voted."""
    binding = levers.binding if region_stage >= PLANNED else 0.0
    return 1.0 - (1.0 - levers.mandate) * (1.0 - binding)


@njit
def agreement_probability(wish: float, levers: Levers, region_stage: int) -> float:
    """Return the probability of a yes, when part of the noes is overruled."""
    return 1.0 - (1.0 - wish) * (1.0 - overruled_share(levers, region_stage))


@njit
def joining_utility(
    trust: Trust,
    levers: Levers,
    parameters: Parameters,
    years: float,
    saving: float,
    common: float,
    seen: float,
) -> float:
    """Return what speaks for joining less what speaks against it, in logits.

    ``years`` is the annuity of the term, ``saving`` the believed saving, ``common`` the common
    utility and the provider's appeal, ``seen`` the part of the process gap that the business case
    found: with none, the trust decides as if there were no gap.
    """
    value = value_of_service(trust, levers, parameters, years, saving, trust.gap * seen)
    return (
        parameters.value_weight * value
        + common
        - upfront_cost(trust, levers, parameters)
        - misfit(trust, levers, parameters)
        - parameters.sovereignty * (1.0 - levers.autonomy)
    )


@njit
def joining_probability(
    trust: Trust,
    levers: Levers,
    parameters: Parameters,
    years: float,
    saving: float,
    common: float,
    seen: float,
) -> float:
    """Return the probability that a business case ends in a decision to join."""
    return logistic(joining_utility(trust, levers, parameters, years, saving, common, seen))


@njit
def migrating_probability(
    trust: Trust, levers: Levers, parameters: Parameters, years: float, saving: float
) -> float:
    """Return the probability that a member with time to migrate wants to.

    Only what depends on migrating counts: the saving, the conditional part of the discount, the
    cost of closing the gap, now seen. A discount paid either way cancels.
    """
    per_year = (
        saving * (1.0 - trust.gap) * parameters.cashable_share
        + levers.conditional_share * levers.discount_share
    )
    value = years * per_year - migration_cost(levers, parameters, trust.gap)
    return logistic(parameters.value_weight * value)


@njit
def staying_probability(
    trust: Trust, levers: Levers, parameters: Parameters, years: float, saving: float, common: float
) -> float:
    """Return the probability that a member that reappraises the scheme wants to stay.

    The fee on signing is sunk. Until it is aligned the gap still has to be closed; a live member
    has given its systems up, so that sovereignty now speaks for staying (lock-in).
    """
    is_live = trust.stage == LIVE
    gap = 0.0 if is_live or trust.aligned != 0 else trust.gap
    lock_in = parameters.sovereignty * (1.0 - levers.autonomy) if is_live else 0.0
    value = value_of_service(trust, levers, parameters, years, saving, gap)
    return logistic(
        parameters.value_weight * value + common + lock_in - misfit(trust, levers, parameters)
    )


@njit
def whole_gbp(amount: float) -> int:
    """Return an amount in whole pounds: whole, so that sums over trusts have no order."""
    return math.floor(amount + 0.5)


@njit
def monthly_saving_gbp(trust: Trust, parameters: Parameters) -> int:
    """Return the saving of a live trust, whole GBP a month."""
    yearly = trust.spend_gbp * parameters.realised_saving_share * parameters.cashable_share
    return whole_gbp(yearly / 12.0)


@njit
def monthly_disruption_gbp(trust: Trust, parameters: Parameters) -> int:
    """Return what it costs a trust to share a service with its gap open, whole GBP a month."""
    return whole_gbp(trust.spend_gbp * trust.gap * parameters.disruption_cost_share / 12.0)


@njit
def one_off_cost_gbp(trust: Trust, levers: Levers, parameters: Parameters) -> int:
    """Return what a trust pays once to go live, whole GBP: migration, and redundancy.

    Redundancy is avoided for staff who are moved into a new body.
    """
    leaving = levers.staff_leaving_share * levers.redundancy_cost_share
    redundancy = leaving * (1.0 - levers.redundancy_avoided_share)
    years = migration_cost(levers, parameters, trust.gap) + redundancy
    return whole_gbp(trust.spend_gbp * years)
