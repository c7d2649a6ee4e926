"""How fast things happen: hazards and chances, by the month.

In a month with hazard rate ``h`` a clock strikes with probability ``1 - exp(-h)``. Rates are per
month, shares 0..1.
"""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.entities import Trust
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters

# A hazard that is as good as certain within the month.
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
def deadline_rate(levers: Levers, month: int) -> float:
    """Return the hazard that a deadline in month ``D`` adds.

    ``-ln(1 - 1 / (ceil(D) - month + 1))``: every month that is left is as likely as any
    other, and the last is certain; after that, nil.
    """
    left = math.ceil(levers.deadline_month) - month + 1.0
    if left < 1.0:
        return 0.0
    return -math.log(1.0 - 1.0 / left) if left > 1.0 else CERTAIN_PER_MONTH


@njit
def attention_rate(levers: Levers, parameters: Parameters, advocates_share: float) -> float:
    """Return the hazard of a look at a scheme that offers and threatens nothing.

    ``alpha exp(chi (pressure + savings drive)) (1 + psi_a share)``. It is additive in the share of
    peers that speak for the scheme, which makes diffusion the Bass (1969) equation with
    ``p = alpha`` and ``q = alpha psi_a``. Austerity makes trusts look for savings.
    """
    push = levers.pressure + levers.savings_drive
    spontaneous = parameters.attention_per_month * math.exp(
        parameters.pressure_attention_weight * push
    )
    return spontaneous * (1.0 + parameters.peers_attention_weight * advocates_share)


@njit
def stakes_factor(parameters: Parameters, stake: float) -> float:
    """Return how much sooner trusts look where something is at stake: ``1 + a x / (1 + x)``.

    ``x`` is what is offered and threatened, in years of own spend.
    """
    return 1.0 + parameters.stakes_attention * stake / (1.0 + stake)


@njit
def business_case_rate(levers: Levers, parameters: Parameters) -> float:
    """Return the hazard of an end to a business case, and of a reappraisal, per unit of slack."""
    return levers.capacity * parameters.business_case_per_month


@njit
def work_a_month(levers: Levers, parameters: Parameters) -> float:
    """Return the planned months of work that a month gets done at full staffing.

    ``capacity (pace + lead max(1 - pace, 0))``: a central lead keeps to the plan.
    """
    kept = parameters.pace + levers.leadership * max(1.0 - parameters.pace, 0.0)
    return levers.capacity * kept


@njit
def work_done(trust: Trust, own: float, funded: float, middling_slack: float) -> float:
    """Return the work that gets done: ``own`` at middling slack, and the centre's ``funded``."""
    return own * trust.slack / middling_slack + funded
