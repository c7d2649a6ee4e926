"""What a service is worth to a trust, in years of its own spend.

A year of being served, what aligning adds to it, what a term of it is worth from the month in which
it is expected to start, and what it costs to be bound. Money is in GBP, shares are 0..1.
"""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.entities import NEVER, SERVED, Provider, Trust
from uptake.model.episode import Sector
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters


@njit
def annuity(years: float, rate: float) -> float:
    """Return the present value of 1 a year for some years: ``(1 - (1 + rate)^-years) / rate``.

    >>> round(annuity(3.0, 0.035), 3), round(annuity(5.0, 0.035), 3), annuity(3.0, 0.0)
    (2.802, 4.515, 3.0)
    """
    if rate == 0.0 or years <= 0.0:
        return years
    return -math.expm1(-years * math.log1p(rate)) / rate


@njit
def discount(levers: Levers, aligned: int) -> float:
    """Return the discount that a trust gets, as a share: part of it waits for its alignment."""
    return levers.discount_share * (1.0 if aligned != 0 else 1.0 - levers.conditional_share)


@njit
def counted_spend_gbp(trust: Trust, provider: Provider, is_served: bool) -> float:
    """Return the spend over which a provider's fixed cost is shared, GBP a year.

    What it serves, or what it plans to serve at first; a trust that comes counts itself in. Spend
    is counted in whole pounds, so that one of pence might be missed: it is there all the same.
    """
    served = provider.served_at_start_gbp + (0.0 if is_served else trust.spend_gbp)
    return max(served, provider.planned_gbp, trust.spend_gbp)


@njit
def share_of_fixed_cost(trust: Trust, provider: Provider, levers: Levers, is_served: bool) -> float:
    """Return what a trust bears of a provider's fixed cost a year, in years of own spend."""
    if levers.cost_shared <= 0.0:
        return 0.0
    counted = counted_spend_gbp(trust, provider, is_served)
    return levers.cost_shared * provider.fixed_cost_gbp / counted


@njit
def charge(
    trust: Trust, provider: Provider, levers: Levers, is_served: bool, aligned: int
) -> float:
    """Return what a trust is charged for a year of service, in years of own spend.

    ``(1 - w)(f / b + x (1 - d)) + w (x c + K / N)``: a price, or a share of the provider's cost.
    """
    fee = levers.yearly_fee_gbp / trust.spend_gbp
    fixed = share_of_fixed_cost(trust, provider, levers, is_served)
    return charge_at(levers, fee, provider.running_cost_share, fixed, aligned)


@njit
def charge_at(
    levers: Levers, fee: float, running_cost_share: float, fixed: float, aligned: int
) -> float:
    """Return what a year of service is charged at, for a fee and a part of the fixed cost."""
    shared = levers.cost_shared
    price = fee + levers.share_replaced * (1.0 - discount(levers, aligned))
    running = shared * levers.share_replaced * running_cost_share
    return (1.0 - shared) * price + running + fixed


@njit
def value_of_year(
    trust: Trust, provider: Provider, levers: Levers, sector: Sector, is_served: bool
) -> float:
    """Return what a year of being served is worth, in years of own spend.

    ``x - charge + B - x (quality at home - Qe)``: what it need not spend itself, less what it is
    charged before it is aligned, with what is bundled in, less the harm of a quality that is
    expected to be below that at home.
    """
    charged = charge(trust, provider, levers, is_served, 0)
    return value_of_year_at(levers, sector, charged, provider.outlook)


@njit
def value_of_year_at(levers: Levers, sector: Sector, charged: float, quality: float) -> float:
    """Return what a year of service is worth at a charge and a quality, years of own spend."""
    replaced = levers.share_replaced
    harm = replaced * (sector.home_quality - quality)
    return replaced - charged + levers.bundle_share - harm


@njit
def gain_of_alignment(
    levers: Levers, parameters: Parameters, saving: float, quality: float
) -> float:
    """Return what being aligned adds a year, in years of own spend: ``m k Qe + x D cond (1 - w)``.

    Process savings, where the quality is there, and the conditional part of the discount.
    """
    conditional = levers.discount_share * levers.conditional_share * (1.0 - levers.cost_shared)
    process = saving * parameters.cashable_share * quality
    return process + levers.share_replaced * conditional


@njit
def cost_of_alignment(levers: Levers, parameters: Parameters, gap: float) -> float:
    """Return the cost of closing a gap, years of own spend; common frameworks save part of it."""
    return parameters.migration_cost_years * gap * (1.0 - levers.common_frameworks)


@njit
def own_cost_of_alignment(levers: Levers, parameters: Parameters, gap: float) -> float:
    """Return the part of the cost of closing a gap that the centre does not pay."""
    return (1.0 - levers.funded) * cost_of_alignment(levers, parameters, gap)


@njit
def planned_work(levers: Levers, gap_share: float) -> float:
    """Return the planned months of work to align a gap, as a share of a middling one.

    Common frameworks take their part of the work away.
    """
    return levers.migration_months * gap_share * (1.0 - levers.common_frameworks)


@njit
def value_of_alignment(
    trust: Trust,
    levers: Levers,
    parameters: Parameters,
    sector: Sector,
    years: float,
    gain: float,
    gap: float,
    left: float,
) -> float:
    """Return what aligning adds over a term, in years of own spend.

    ``(A - A(work left)) gain`` less the cost of closing the gap, if that is not paid yet. ``left``
    are the planned months that are left, once work has begun; ``gap`` is the gap as it is seen.
    """
    if trust.aligned != 0:
        return years * gain
    is_begun = trust.work_month != NEVER
    months = left if is_begun else planned_work(levers, gap / sector.middling_gap)
    waiting = annuity(min(months / 12.0, levers.term_years), sector.discount_rate)
    cost = 0.0 if is_begun else own_cost_of_alignment(levers, parameters, gap)
    return (years - waiting) * gain - cost


@njit
def years_until_served(levers: Levers, month: int, waiting: int) -> float:
    """Return the time until a trust that signs expects to be served, in years.

    Until the month announced; once that has passed without an opening, an overrun as long as the
    one so far. Those who wait already come first.
    """
    months = waiting / levers.waves_per_month
    if month <= levers.service_month:
        months += levers.service_month - month
    elif month < levers.opens_month:
        months += month - levers.service_month
    return months / 12.0


@njit
def later(rate: float, years: float) -> float:
    """Return the value today of a pound in some years: ``(1 + rate)^-years``."""
    return math.exp(-years * math.log(1.0 + rate)) if years > 0.0 else 1.0


@njit
def exit_bound(levers: Levers) -> float:
    """Return how far a term binds: 1 less the freedom to leave that a central lead has left."""
    return 1.0 - levers.exit_freedom * (1.0 - levers.leadership)


@njit
def price_of_doubt(levers: Levers, parameters: Parameters, quality: float, sd: float) -> float:
    """Return what it costs to be bound to a saving in doubt, in years of own spend.

    ``1/2 gamma (1 - e) (T k Qe sd)^2``: a certainty equivalent, which grows with the term.
    """
    spread = levers.term_years * parameters.cashable_share * quality * sd
    return 0.5 * parameters.risk_aversion * exit_bound(levers) * spread * spread


@njit
def sanction(levers: Levers, sector: Sector, month: int) -> float:
    """Return what a member is spared over its term, in years of own spend.

    ``share (1 + r)^-h A(max(T - h, 0))``, with ``h`` the years until the deadline.
    """
    if levers.sanction_share <= 0.0:
        return 0.0
    until = max(levers.deadline_month - month, 0.0) / 12.0
    spared = annuity(max(levers.term_years - until, 0.0), sector.discount_rate)
    return levers.sanction_share * later(sector.discount_rate, until) * spared


@njit
def price_of_leaving(
    trust: Trust, provider: Provider, levers: Levers, sector: Sector, month: int
) -> float:
    """Return what a member would pay to leave now, in years of own spend.

    The margin that its provider loses over the rest of the term, as far as the term binds. The term
    runs from the month in which it is served.
    """
    rest = levers.term_years
    if trust.stage == SERVED:
        rest = max(rest - (month - trust.served_month) / 12.0, 0.0)
    paid = charge(trust, provider, levers, trust.stage == SERVED, int(trust.aligned))
    margin = paid - levers.share_replaced * provider.running_cost_share
    bound = exit_bound(levers)
    return bound * annuity(rest, sector.discount_rate) * max(margin, 0.0)


@njit
def offered(levers: Levers, years: float, spared: float) -> float:
    """Return what is at stake for every trust, in years of own spend.

    The discount and the bundle of a term, and the sanction spared.
    """
    discounts = levers.share_replaced * levers.discount_share * (1.0 - levers.cost_shared)
    return years * (discounts + levers.bundle_share) + spared


@njit
def aligns_first(trust: Trust, levers: Levers) -> bool:
    """Tell whether a trust has to align before it is served: unless it was hurried."""
    is_first = levers.alignment_first > 0.0 or waits_for_region(levers)
    return is_first and trust.hurried == 0


@njit
def waits_for_region(levers: Levers) -> bool:
    """Tell whether a region is served once it is on common systems, and not body by body."""
    return levers.quorum_share > 0.0 and levers.staged > 0.0


@njit
def benefit(
    trust: Trust,
    provider: Provider,
    levers: Levers,
    parameters: Parameters,
    sector: Sector,
    years: float,
    saving: float,
    delay: float,
    gap: float,
    left: float,
    doubt: float,
) -> float:
    """Return the present value of a term before the fee on signing, in years of own spend.

    ``eta A served`` and what aligning adds, if it is worth its doubt. ``years`` is the annuity
    ``A`` of the term, ``saving`` the believed saving, ``delay`` the years until it is served,
    ``gap`` the gap as it is seen, ``left`` the planned months of work left once that has begun.
    """
    is_served = trust.stage == SERVED
    rate = sector.discount_rate
    year = value_of_year(trust, provider, levers, sector, is_served)
    gain = gain_of_alignment(levers, parameters, saving, provider.outlook)
    if is_served or not aligns_first(trust, levers):
        eta = later(rate, delay)
        adds = value_of_alignment(trust, levers, parameters, sector, years, gain, gap, left)
        return eta * years * year + max(eta * adds - doubt, 0.0)
    if trust.aligned != 0:
        return later(rate, delay) * years * (year + gain) - doubt
    if trust.work_month != NEVER:
        return later(rate, max(delay, left / 12.0)) * years * (year + gain) - doubt
    months = planned_work(levers, gap / sector.middling_gap)
    cost = own_cost_of_alignment(levers, parameters, gap)
    return later(rate, max(delay, months / 12.0)) * years * (year + gain) - cost - doubt
