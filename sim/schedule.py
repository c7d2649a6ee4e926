"""Process overview: what happens in a month, in which order, and who does it. No formulas.

One month, synchronous (everyone acts on the state at its start):

1. the timeline acts: the month's record of levers holds from now on;
2. peer networks take stock: who has joined, what live members and the news say of the saving;
3. regions bank a month of the savings of their live trusts;
4. trusts act: attention, business case and decision, migration, reappraisal;
5. the provider books fees;
6. the centre reviews.

Both schedulers call the processes below: ``step`` in a compiled loop, Mesa one agent at a time. A
trust counts itself in and out of the whole numbers of its network, region and centre, so the order
of the trusts within a month makes no difference, to the bit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sim import draws
from sim._jit import njit
from sim.entities import (
    CONSIDERING,
    DECLINED,
    IDLE,
    INTERESTED,
    JOINED,
    LEFT,
    LIVE,
    MIGRATING,
    NEVER,
    OPEN,
    SCRAPPED,
    State,
)
from sim.submodels import centre as centre_rules
from sim.submodels import peers as peer_rules
from sim.submodels import providers as provider_rules
from sim.submodels import trusts as rules


class Luck(NamedTuple):
    """The keys of a month's draws, one a stream (see ``draws.month_key``)."""

    attention: Any
    decision: Any
    competing: Any
    reporting: Any
    evidence: Any


class Month(NamedTuple):
    """A month as every agent faces it."""

    number: int  # months since the launch
    levers: Any  # record of LEVERS, this month's
    structure: Any  # record of STRUCTURE
    sector: Any  # record of SECTOR
    parameters: Any  # record of PARAMETERS
    years: float  # present value of a year's pound in every year of the term
    luck: Luck


@njit
def luck_of_month(seed: int, run: int, month: int) -> Luck:
    """Return the keys under which the agents of a run draw in a month."""
    key = draws.run_key(seed, run)
    return Luck(
        draws.month_key(key, draws.ATTENTION, month),
        draws.month_key(key, draws.DECISION, month),
        draws.month_key(key, draws.COMPETING, month),
        draws.month_key(key, draws.REPORTING, 0),
        draws.month_key(key, draws.EVIDENCE, month),
    )


@njit
def term_in_years(levers: Any, sector: Any) -> float:
    """Return the present value of 1 a year over the term on offer, in years."""
    return rules.annuity(levers.term_years, sector.discount_rate)


@njit
def peers_take_stock(peers: Any, network: int, month: Month) -> None:
    """A peer network learns of the month's evidence, and sets the pace of its members."""
    levers, parameters = month.levers, month.parameters
    live = peers.in_stage[LIVE]
    members = peers.in_stage[JOINED] + peers.in_stage[MIGRATING] + live
    peers.joined_share = peer_rules.share(members, peers.members)
    precision = peer_rules.signal_precision(parameters)
    if live > 0 and month.structure.evidence_shared > 0.0:
        z = draws.normal_quantile(draws.uniform_at(month.luck.evidence, network))
        peers.precision += live * precision
        peers.weighted += live * precision * peer_rules.members_signal(parameters, live, z)
    if levers.news_weight > 0.0:
        peers.precision += levers.news_weight * precision
        peers.weighted += levers.news_weight * precision * levers.news_saving_share
    peers.believed_saving = rules.believed_saving(parameters, peers.precision, peers.weighted)
    peers.pull = rules.climate(levers, parameters, peers.joined_share)
    attention = rules.attention_rate(
        levers, parameters, month.structure.pressure_on_attention, peers.joined_share
    )
    migration = rules.migration_rate(levers, parameters)
    reappraisal = rules.reappraisal_rate(parameters)
    peers.hazard[IDLE] = attention
    peers.hazard[DECLINED] = attention
    peers.hazard[LEFT] = attention
    peers.hazard[INTERESTED] = rules.CERTAIN_PER_MONTH
    peers.hazard[CONSIDERING] = rules.business_case_rate(levers, parameters)
    peers.hazard[JOINED] = migration + reappraisal
    peers.hazard[MIGRATING] = migration + reappraisal
    peers.hazard[LIVE] = reappraisal


@njit
def region_banks(region: Any) -> None:
    """A region banks a month of the savings of its trusts that were live at its start."""
    region.realised_saving_gbp += region.saving_gbp_per_month


@njit
def _rate(trust: Any, peers: Any) -> float:
    """Return the hazard of a trust's present clock, per month."""
    return trust.slack * peers.hazard[trust.stage]


@njit
def trust_is_due(trust: Any, peers: Any, month: Month) -> bool:
    """Tell whether the clock of a trust's stage strikes this month; mostly it does not."""
    return rules.strikes(_rate(trust, peers), draws.uniform_at(month.luck.attention, trust.number))


@njit
def trust_acts(trust: Any, peers: Any, region: Any, centre: Any, month: Month) -> None:
    """A trust whose clock has struck does what its stage has it do."""
    stage = trust.stage
    if stage in (IDLE, DECLINED, LEFT):
        next_stage = _takes_interest(trust, centre, month)
    elif stage == INTERESTED and not _finishes_at_once(trust, peers, month):
        next_stage = CONSIDERING
    elif stage in (INTERESTED, CONSIDERING):
        next_stage = _decides(trust, peers, centre, month)
    else:
        next_stage = _acts_as_member(trust, peers, month)
    if next_stage != stage:
        _move(trust, peers, region, next_stage, month)


@njit
def _takes_interest(trust: Any, centre: Any, month: Month) -> int:
    """Return the stage of a trust that takes an interest; a newspaper may hear of it."""
    if trust.reports == 0:
        u = draws.uniform_at(month.luck.reporting, trust.number)
        trust.reports = 1 if u < month.parameters.reporting_probability else 0
        centre.reported += trust.reports
    return INTERESTED


@njit
def _finishes_at_once(trust: Any, peers: Any, month: Month) -> bool:
    """Tell whether a business case is finished in the month in which it is opened."""
    rate = trust.slack * peers.hazard[CONSIDERING]
    return rules.strikes(rate, draws.uniform_at(month.luck.competing, trust.number))


@njit
def _decides(trust: Any, peers: Any, centre: Any, month: Month) -> int:
    """Return the stage of a trust with a finished business case: it signs or declines."""
    joins = draws.uniform_at(month.luck.decision, trust.number) < rules.joining_probability(
        trust, month.levers, month.parameters, month.years, peers.believed_saving, peers.pull
    )
    if joins or month.structure.declined_report_interest == 0.0:
        centre.reported -= trust.reports
        trust.reports = 0
    if not joins:
        return DECLINED
    if trust.signed_month == NEVER:
        centre.joined += 1
    centre.signatures += 1
    trust.signed_month = month.number
    return JOINED


@njit
def _acts_as_member(trust: Any, peers: Any, month: Month) -> int:
    """Return the stage of a member that takes a step of migration, or reappraises the scheme.

    One draw says which, in proportion to the two hazards, and whether it comes to anything.
    """
    levers, parameters = month.levers, month.parameters
    saving, pull = peers.believed_saving, peers.pull
    migration = 0.0 if trust.stage == LIVE else rules.migration_rate(levers, parameters)
    reappraisal = rules.reappraisal_rate(parameters)
    at = draws.uniform_at(month.luck.competing, trust.number) * (migration + reappraisal)
    u = draws.uniform_at(month.luck.decision, trust.number)
    if at >= migration:
        freedom = rules.freedom_to_leave(levers, month.number - trust.signed_month)
        is_free = at < migration + reappraisal * freedom
        if is_free and u >= rules.staying_probability(
            trust, levers, parameters, month.years, saving, pull
        ):
            return LEFT
    elif trust.stage == JOINED:
        if u < rules.migrating_probability(trust, levers, parameters, month.years, saving):
            return MIGRATING
    elif at < migration * (1.0 - trust.gap):
        return LIVE
    return int(trust.stage)


@njit
def _move(trust: Any, peers: Any, region: Any, stage: int, month: Month) -> None:
    """Move a trust to a stage, and count it and its saving there."""
    peers.in_stage[trust.stage] -= 1
    peers.in_stage[stage] += 1
    region.in_stage[trust.stage] -= 1
    region.in_stage[stage] += 1
    if stage == LIVE:
        region.saving_gbp_per_month += rules.monthly_saving_gbp(trust, month.parameters)
    elif trust.stage == LIVE:
        region.saving_gbp_per_month -= rules.monthly_saving_gbp(trust, month.parameters)
    trust.stage = stage


@njit
def provider_books(provider: Any, regions: Any, centre: Any, month: Month) -> None:
    """The provider books the fees of new and running members; the centre pays the grants."""
    new = centre.signatures - provider.signatures
    members = 0
    for region in regions:
        members += region.in_stage[JOINED] + region.in_stage[MIGRATING] + region.in_stage[LIVE]
    provider.signatures = centre.signatures
    provider.upfront_fees_gbp += new * month.levers.upfront_fee_gbp
    provider.revenue_gbp += new * month.levers.upfront_fee_gbp
    provider.revenue_gbp += provider_rules.month_fees_gbp(month.levers, members)
    centre.grants_gbp += new * month.levers.grant_gbp


@njit
def centre_reviews(centre: Any, provider: Any, month: Month) -> None:
    """The centre scraps a scheme too far under its target, and fees are paid back."""
    if centre_rules.review_scraps(month.levers, month.number, centre.joined):
        centre.status = SCRAPPED
        centre.scrapped_month = month.number
        fees = provider.upfront_fees_gbp
        provider.revenue_gbp -= provider_rules.refund_gbp(month.levers, fees)


@njit
def _find_due(trusts: Any, networks: Any, count: int, key: Any, due: Any) -> int:
    """Write the rows of the trusts whose clock may strike, and return how many there are.

    A clock of rate ``h`` never strikes at a draw of ``h`` or more. Looking over all trusts without
    a branch, and letting the few act afterwards, is faster than doing both at once.
    """
    found = 0
    for row in range(count):
        trust = trusts[row]
        due[found] = row
        found += draws.uniform_at(key, trust.number) < _rate(trust, networks[trust.peers])
    return found


@njit
def step(state: State, trusts: int, month: Month) -> None:
    """Go through one month of the first ``trusts`` trusts; after scrapping, nothing moves."""
    centre, provider = state.centre[0], state.providers[0]
    if centre.status != OPEN:
        return
    records, networks, regions = state.trusts, state.peers, state.regions
    for network in range(len(networks)):
        peers_take_stock(networks[network], network, month)
    for row in range(len(regions)):
        region_banks(regions[row])
    for i in range(_find_due(records, networks, trusts, month.luck.attention, state.due)):
        trust = records[state.due[i]]
        peers = networks[trust.peers]
        if trust_is_due(trust, peers, month):
            trust_acts(trust, peers, regions[trust.region], centre, month)
    provider_books(provider, regions, centre, month)
    centre_reviews(centre, provider, month)
