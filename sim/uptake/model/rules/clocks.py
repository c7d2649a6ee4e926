"""How fast things happen: hazards, per month and per unit of a trust's slack.

In every stage of a trust one clock runs. In a month with hazard rate ``h`` it strikes with
probability ``1 - exp(-h)``. Rates are per month, shares 0..1.
"""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters

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
def deadline_rate(levers: Levers) -> float:
    """Return the hazard that a deadline adds: one over the time given for a plan.

    It makes trusts look at the scheme, and cuts their business cases short.
    """
    return 1.0 / levers.deadline_months if levers.deadline_months > 0.0 else 0.0


@njit
def attention_rate(
    levers: Levers, parameters: Parameters, pressure_on_attention: float, advocates_share: float
) -> float:
    """Return the hazard of taking an interest.

    ``alpha exp(chi_a (pressure + savings drive)) (1 + psi_a share)`` plus the mandate and the
    deadline. It is additive in the share of peers that speak for the scheme, which makes diffusion
    the Bass (1969) equation with ``p = alpha`` and ``q = alpha psi_a``. Austerity makes trusts look
    for savings.
    """
    push = pressure_on_attention * levers.pressure + levers.savings_drive
    spontaneous = parameters.attention_per_month * math.exp(
        parameters.pressure_attention_weight * push
    )
    contagion = 1.0 + parameters.peers_attention_weight * advocates_share
    own = levers.capacity * (spontaneous * contagion + mandate_rate(levers.mandate))
    return own + deadline_rate(levers)


@njit
def business_case_rate(levers: Levers, parameters: Parameters) -> float:
    """Return the hazard of an end to a business case: finished, ordered, or cut short."""
    pace = parameters.business_case_per_month + mandate_rate(levers.mandate)
    return levers.capacity * pace + deadline_rate(levers)


@njit
def haste_probability(levers: Levers, parameters: Parameters) -> float:
    """Return the chance that it was the deadline that ended a business case, not its own pace."""
    deadline = deadline_rate(levers)
    return deadline / (deadline + levers.capacity * parameters.business_case_per_month)


@njit
def migration_rate(levers: Levers, parameters: Parameters) -> float:
    """Return the hazard of a step of migration; 0 until the service opens.

    Timetables slip, as far as no central lead holds them.
    """
    kept = 1.0 - levers.timetable_slip * (1.0 - levers.leadership)
    return levers.capacity * levers.service_open * kept * parameters.migration_per_month


@njit
def reappraisal_rate(levers: Levers, parameters: Parameters) -> float:
    """Return the hazard of a member's reappraisal: that of a business case."""
    return levers.capacity * parameters.business_case_per_month


@njit
def freedom_to_leave(levers: Levers, months_since_signing: int, quality: float) -> float:
    """Return the chance that a reappraisal can end in leaving: 1 once the term is over.

    Within the term it is ``exit_freedom``, less what a central lead prevents; a provider whose
    quality fails cannot hold its customers to their term to that extent.
    """
    if months_since_signing >= 12.0 * levers.term_years:
        return 1.0
    granted = levers.exit_freedom * (1.0 - levers.leadership)
    return granted + (1.0 - granted) * (1.0 - quality)


@njit
def alignment_probability(levers: Levers, gap: float) -> float:
    """Return the chance that a step of migration aligns the processes: ``1 - gap``.

    Common frameworks take their part of the work away.
    """
    return 1.0 - gap * (1.0 - levers.common_frameworks)
