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
    rate = discount(levers, aligned)
    price = levers.yearly_fee_gbp / trust.spend_gbp + levers.share_replaced * (1.0 - rate)
    shared = levers.cost_shared
    running = shared * levers.share_replaced * provider.running_cost_share
    fixed = share_of_fixed_cost(trust, provider, levers, is_served)
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
    replaced = levers.share_replaced
    harm = replaced * (sector.home_quality - provider.outlook)
    charged = charge(trust, provider, levers, is_served, 0)
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
def net_fee_gbp(trust: Trust, levers: Levers) -> float:
    """Return the fee on signing less the grant, GBP; a grant is paid once for a trust."""
    grant = levers.grant_gbp if trust.signed_month == NEVER else 0.0
    return levers.upfront_fee_gbp - grant


@njit
def upfront_cost(trust: Trust, levers: Levers, parameters: Parameters) -> float:
    """Return the weight of what must be paid on signing, in logits.

    ``beta (F - S) / b`` for its value, ``omega (F - S) / L`` for the strain on the budget, which a
    squeeze shrinks. A grant beyond the fee is value, but relieves no strain.
    """
    net_gbp = net_fee_gbp(trust, levers)
    budget_gbp = trust.budget_gbp * (1.0 - levers.budget_squeeze)
    strain = max(net_gbp, 0.0) / budget_gbp
    value = parameters.value_weight * net_gbp / trust.spend_gbp
    return value + parameters.liquidity_weight * strain


@njit
def offered(levers: Levers, years: float, spared: float) -> float:
    """Return what is at stake for every trust, in years of own spend.

    The discount and the bundle of a term, and the sanction spared.
    """
    discounts = levers.share_replaced * levers.discount_share * (1.0 - levers.cost_shared)
    return years * (discounts + levers.bundle_share) + spared


@njit
def stake(trust: Trust, levers: Levers, offer: float) -> float:
    """Return what is at stake for a trust: the grant, if it has not had it, and the offer."""
    grant = levers.grant_gbp if trust.signed_month == NEVER else 0.0
    return grant / trust.spend_gbp + offer


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
def obliged_share(levers: Levers, region_stage: int) -> float:
    """Return the part of trusts that must join: by the centre, or by a region that voted."""
    return 1.0 - (1.0 - levers.mandate) * (1.0 - bound_share(levers, region_stage))


@njit
def bound_share(levers: Levers, region_stage: int) -> float:
    """Return the part of a region's trusts that its plan binds."""
    return levers.binding if region_stage >= PLANNED else 0.0


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
