"""How a member aligns its processes with the common ones: work, done in months of a plan."""

from __future__ import annotations

from uptake.model._jit import Records, njit
from uptake.model.entities import LATER, NEVER, Peers, Provider, Region, Trust
from uptake.model.month import Month
from uptake.model.rules import clocks, value
from uptake.model.rules import peers as peer_rules
from uptake.model.rules import trusts as rules

_ROUNDING = 1e-9  # months of work that sums of months may miss


@njit
def fill_work_done(work_done: Records, levers: Records, parameters: Records) -> None:
    """Write what a body at work can have done up to each month of a run, months of a plan."""
    own, funded = 0.0, 0.0
    for month in range(len(work_done)):
        if month > 0:
            done = clocks.work_a_month(levers[month], parameters)
            own += done * (1.0 - levers[month].funded)
            funded += done * levers[month].funded
        work_done[month].own = own
        work_done[month].funded = funded


@njit
def _done(trust: Trust, work_done: Records, until: int, middling_slack: float) -> float:
    """Return the work that a trust has done since it began, by the end of a month."""
    since, now = int(trust.work_month), until
    own = work_done[now].own - work_done[since].own
    funded = work_done[now].funded - work_done[since].funded
    return clocks.work_done(trust, own, funded, middling_slack)


@njit
def work_left(trust: Trust, work_done: Records, month: Month) -> float:
    """Return the planned months of work that a trust which has begun has left after this month."""
    if trust.work_month == NEVER or trust.aligned != 0:
        return 0.0
    done = _done(trust, work_done, month.number, month.sector.middling_slack)
    return max(trust.work - done, 0.0)


@njit
def benchmark_precision(month: Month) -> float:
    """Return the precision of the benchmark that each trust has this month, 0 without one."""
    signal = peer_rules.signal_precision(month.parameters)
    return rules.benchmark_precision(month.levers, signal)


@njit
def own_saving(trust: Trust, peers: Peers, month: Month) -> float:
    """Return the saving that a trust believes in for itself, a share of spend."""
    benchmark = benchmark_precision(month)
    return rules.own_believed_saving(trust, month.parameters, month.sector, peers, benchmark)


@njit
def is_worth_aligning(trust: Trust, peers: Peers, provider: Provider, month: Month) -> bool:
    """Tell whether to align would pay for a member that has not begun, as it sees it now."""
    if trust.work_month != NEVER:
        return False
    levers, parameters, sector = month.levers, month.parameters, month.sector
    saving = own_saving(trust, peers, month)
    gain = value.gain_of_alignment(levers, parameters, saving, provider.outlook)
    years = month.terms.years
    if years * gain <= value.own_cost_of_alignment(levers, parameters, trust.gap):
        return False  # not even if it took no time
    adds = value.value_of_alignment(trust, levers, parameters, sector, years, gain, trust.gap, 0.0)
    return adds > 0.0


@njit
def begins_to_align(
    trust: Trust,
    region: Region,
    work_done: Records,
    month: Month,
) -> None:
    """A member begins to align, and pays for it: nothing to do is done in the month after."""
    levers, sector = month.levers, month.sector
    cost = value.cost_of_alignment(levers, month.parameters, trust.gap) * trust.spend_gbp
    own = rules.whole_gbp((1.0 - levers.funded) * cost)
    trust.paid_gbp += own
    region.aligning_gbp += own
    region.funded_gbp += rules.whole_gbp(levers.funded * cost)
    trust.work = value.planned_work(levers, trust.gap / sector.middling_gap)
    trust.work_month = month.number
    trust.aligned_month = LATER
    for last in range(month.number + 1, len(work_done)):
        if _done(trust, work_done, last, sector.middling_slack) >= trust.work - _ROUNDING:
            trust.aligned_month = last
            return
