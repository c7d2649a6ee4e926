"""How a trust decides. Read this file first: it is the model.

A trust goes through stages, and in every stage one clock runs: the *hazard* of the stage, per
month and per unit of the trust's slack. Attention makes an idle trust interested, a business case
brings it to a decision, capacity moves a member to the common processes, reappraisal may make it
leave. In a month with hazard rate ``h`` the clock strikes with probability ``1 - exp(-h)``.

What it decides is one *appraisal*, in logits: the value of the scheme in years of the trust's own
spend, less what stands against it. Money is in GBP, rates are per month, shares are 0..1.
"""

from __future__ import annotations

import math
from typing import Any

from sim._jit import njit
from sim.entities import LIVE

# A hazard that is as good as certain within the month, for any slack that a trust can have.
CERTAIN_PER_MONTH = 1e20


@njit
def strikes(rate: float, u: float) -> bool:
    """Tell whether a clock of this rate strikes this month: ``u < 1 - exp(-rate)``.

    Nearly always ``rate - rate^2 / 2 <= 1 - exp(-rate) <= rate`` settles it without an exponential;
    beyond a rate of 40 the probability is 1 to the last bit.

    >>> strikes(0.1, 0.09), strikes(0.1, 0.0999), strikes(0.1, 0.1001), strikes(1e20, 0.9999)
    (True, False, False, True)
    """
    if u >= rate:
        return False
    if rate > 40.0 or u < rate - 0.5 * rate * rate:
        return True
    return u < 1.0 - math.exp(-rate)


@njit
def mandate_rate(mandate: float) -> float:
    """Return the hazard per month that a mandate adds: ``-log(1 - mandate)``.

    >>> mandate_rate(0.0)
    0.0
    """
    if mandate >= 1.0:
        return CERTAIN_PER_MONTH
    return 0.0 - math.log(1.0 - mandate)


@njit
def attention_rate(
    levers: Any, parameters: Any, pressure_on_attention: float, joined_share: float
) -> float:
    """Return the hazard of taking an interest, per month and unit of slack.

    ``alpha exp(chi_a (pressure + squeeze)) (1 + psi_a share)`` plus the mandate. It is additive
    in the share of peers that joined, which makes diffusion the Bass (1969) equation with
    ``p = alpha`` and ``q = alpha psi_a``. A squeeze on budgets makes trusts look for savings.
    """
    push = pressure_on_attention * levers.pressure + levers.budget_squeeze
    spontaneous = parameters.attention_per_month * math.exp(
        parameters.pressure_attention_weight * push
    )
    contagion = 1.0 + parameters.peers_attention_weight * joined_share
    return spontaneous * contagion + mandate_rate(levers.mandate)


@njit
def business_case_rate(levers: Any, parameters: Any) -> float:
    """Return the hazard of finishing a business case, per month and unit of slack."""
    return parameters.business_case_per_month + mandate_rate(levers.mandate)


@njit
def freedom_to_leave(levers: Any, months_since_signing: int) -> float:
    """Return the chance that a reappraisal can end in leaving: 1 once the term is over."""
    if months_since_signing >= 12.0 * levers.term_years:
        return 1.0
    return levers.exit_freedom


@njit
def reappraisal_rate(parameters: Any) -> float:
    """Return the hazard of a member's reappraisal, per month and unit of slack: a business case."""
    return parameters.business_case_per_month


@njit
def migration_rate(levers: Any, parameters: Any) -> float:
    """Return the hazard of a step of migration, per month and unit of slack; 0 until it opens."""
    return levers.service_open * parameters.migration_per_month


@njit
def believed_saving(parameters: Any, precision: float, weighted: float) -> float:
    """Return the believed saving, a share of spend: the Normal-Normal posterior mean.

    ``(m0 / sd0^2 + sum(precision x value)) / (1 / sd0^2 + sum(precision))`` over the signals.
    """
    prior_precision = 1.0 / (parameters.belief_sd_share * parameters.belief_sd_share)
    total = parameters.believed_saving_share * prior_precision + weighted
    return total / (prior_precision + precision)


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
    trust: Any, levers: Any, parameters: Any, years: float, saving: float, gap: float
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
    return years * per_year - parameters.migration_cost_years * gap


@njit
def climate(levers: Any, parameters: Any, joined_share: float) -> float:
    """Return what speaks for the scheme to every trust of a peer network, in logits.

    Peers, pressure and endorsement, less the risk that a term signed without competition is
    challenged, ``1 - exp(-risk per year x years)``.
    """
    challenged = 1.0 - math.exp(-levers.legal_risk_per_year * levers.term_years)
    return (
        parameters.peers_weight * joined_share
        + parameters.pressure_weight * levers.pressure
        + parameters.endorsement_weight * levers.endorsement
        - parameters.caution * challenged
    )


@njit
def misfit(trust: Any, levers: Any, parameters: Any) -> float:
    """Return the weight of a scheme that was not designed for the trust's kind, in logits."""
    return parameters.misfit_weight * levers.misfit * trust.unsuited


@njit
def upfront_cost(trust: Any, levers: Any, parameters: Any) -> float:
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
def joining_probability(
    trust: Any, levers: Any, parameters: Any, years: float, saving: float, pull: float
) -> float:
    """Return the probability that a finished business case ends in a signature.

    ``years`` is the annuity of the term, ``saving`` the believed saving, ``pull`` the climate.
    Without a gap analysis the trust decides as if there were no gap. A mandate leaves a refusal
    standing with probability ``1 - mandate`` only.
    """
    gap = trust.gap * levers.gap_analysis
    value = value_of_service(trust, levers, parameters, years, saving, gap)
    logit = (
        parameters.value_weight * value
        + pull
        - upfront_cost(trust, levers, parameters)
        - misfit(trust, levers, parameters)
        - parameters.sovereignty
    )
    return 1.0 - (1.0 - logistic(logit)) * (1.0 - levers.mandate)


@njit
def migrating_probability(
    trust: Any, levers: Any, parameters: Any, years: float, saving: float
) -> float:
    """Return the probability that a member with time to migrate starts to.

    Only what depends on migrating counts: the saving, the conditional part of the discount, the
    cost of closing the gap, now seen. A discount paid either way cancels.
    """
    per_year = (
        saving * (1.0 - trust.gap) * parameters.cashable_share
        + levers.conditional_share * levers.discount_share
    )
    value = years * per_year - parameters.migration_cost_years * trust.gap
    return logistic(parameters.value_weight * value)


@njit
def staying_probability(
    trust: Any, levers: Any, parameters: Any, years: float, saving: float, pull: float
) -> float:
    """Return the probability that a member that reappraises the scheme stays.

    The fee on signing is sunk. Before migration the gap still has to be closed; a live member has
    given its systems up, so that sovereignty now speaks for staying (lock-in).
    """
    is_live = trust.stage == LIVE
    gap = 0.0 if is_live else trust.gap
    lock_in = parameters.sovereignty if is_live else 0.0
    value = value_of_service(trust, levers, parameters, years, saving, gap)
    logit = parameters.value_weight * value + pull + lock_in - misfit(trust, levers, parameters)
    return 1.0 - (1.0 - logistic(logit)) * (1.0 - levers.mandate)


@njit
def monthly_saving_gbp(trust: Any, parameters: Any) -> int:
    """Return the saving of a live trust, whole GBP a month: whole, so that sums have no order."""
    yearly = trust.spend_gbp * parameters.realised_saving_share * parameters.cashable_share
    return math.floor(yearly / 12.0 + 0.5)
