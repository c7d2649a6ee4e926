"""State at month 0 of a run: what is known of the trusts is taken, what is blank is drawn.

A population is a table of facts with blanks. A synthetic one knows little more than kinds; one
read from a file knows what its user knew. Blanks are drawn anew in every run, so that what is not
known about the trusts is part of the uncertainty of every answer.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import draws
from sim._jit import Records, njit
from sim.counting import count, open_provider
from sim.entities import (
    ABSENT,
    BOUNDS,
    CENTRE,
    EXEMPT,
    FACTS,
    GLANCE,
    IDLE,
    JOINED,
    NEVER,
    NO_PLAN,
    OPEN_FOR_ALL,
    PEERS,
    PLANNED,
    PROVIDER,
    REGION,
    REQUEST,
    TRUST,
    State,
)
from sim.inputs import NATION, REGION_ONLY, Episode
from sim.places import ask, draw_lots, wins
from sim.submodels.providers import free_places
from sim.submodels.trusts import typical_spend_gbp

_LEAST_INCOME, _MOST_INCOME = BOUNDS["income_gbp"]
_LEAST_SPEND, _MOST_SPEND = BOUNDS["spend_gbp"]

__all__ = ["approached_rows", "blank_facts", "empty_state", "initialise"]


def blank_facts(kinds: NDArray[np.int64]) -> Records:
    """Return facts of which nothing but the kind is known, shape (len(kinds),), of FACTS."""
    facts = np.zeros(len(kinds), FACTS).view(np.recarray)
    facts.number = np.arange(len(kinds))
    facts.kind = kinds
    facts.region = NEVER
    for name in ("income_gbp", "spend_gbp", "budget_gbp", "gap", "slack"):
        facts[name] = np.nan
    return facts


def empty_state(episode: Episode) -> State:
    """Return arrays large enough for any run of an episode; ``initialise`` fills them."""
    regions = len(episode.region_cumulative)
    choice, professions = episode.structure[0].peers, int(episode.sector[0].professions)
    networks = {NATION: 1, REGION_ONLY: regions}.get(choice, professions)

    def records(count: int, dtype: np.dtype[Any]) -> Records:
        return np.zeros(count, dtype).view(np.recarray)

    return State(
        trusts=records(episode.approached_high, TRUST),
        peers=records(networks, PEERS),
        regions=records(regions, REGION),
        providers=records(len(episode.offers), PROVIDER),
        centre=records(1, CENTRE),
        requests=records(episode.approached_high, REQUEST),
        glances=records(episode.approached_high, GLANCE),
        due=np.zeros(episode.approached_high, np.uint32),
    )


@njit
def row_at(cumulative: Any, u: float) -> int:
    """Return the first row whose cumulative share is above ``u``, for ``u`` in (0, 1).

    The search starts where it would end if all shares were equal.

    >>> row_at(np.array([0.5, 0.9, 1.0]), 0.7)
    1
    """
    row = int(u * len(cumulative))
    while row > 0 and u < cumulative[row - 1]:
        row -= 1
    while row < len(cumulative) - 1 and u >= cumulative[row]:
        row += 1
    return row


@njit
def income_gbp(kind: Any, z: float) -> float:
    """Return the income at a standard normal ``z``: lognormal, each half with its own spread.

    The halves meet at the median, so that three published percentiles are met exactly.
    """
    sigma = kind.income_sigma_below if z < 0.0 else kind.income_sigma_above
    return kind.income_median_gbp * math.exp(sigma * z)


@njit
def spend_in_scope_gbp(sector: Any, income: float, z: float) -> float:
    """Return the yearly spend in the scheme's scope, GBP: smaller trusts pay more per pound."""
    return typical_spend_gbp(sector, income) * math.exp(sector.cost_sigma * z)


@njit
def approached_rows(episode: Episode, seed: int, run: int) -> Any:
    """Return the rows of the trusts that a run approaches, in order, shape (approached,).

    Their number is uniform from ``approached_low`` to ``approached_high``; which they are is
    decided by the trusts' own draws, so that it does not depend on the order of the rows.
    """
    total = len(episode.facts)
    spread = episode.approached_high - episode.approached_low + 1
    u = draws.uniform(seed, draws.APPROACHED_NUMBER, run, 0, 0)
    number = min(episode.approached_low + int(u * spread), total)
    if number == total:
        return np.arange(total)
    key = draws.month_key(draws.run_key(seed, run), draws.APPROACHED, 0)
    lots = np.empty(total)
    for row in range(total):
        lots[row] = draws.uniform_at(key, episode.facts[row].number)
    return np.sort(np.argsort(lots)[:number])


class Luck(NamedTuple):
    """The keys of the draws that fill blanks, one a stream (see ``draws.month_key``)."""

    kind: Any
    region: Any
    income: Any
    spend: Any
    gap: Any
    slack: Any
    profession: Any
    exemption: Any
    quality: Any
    choice: Any


@njit
def luck_of_launch(seed: int, run: int) -> Luck:
    """Return the keys under which the blanks of a run are filled."""
    key = draws.run_key(seed, run)
    return Luck(
        draws.month_key(key, draws.KIND, 0),
        draws.month_key(key, draws.REGION, 0),
        draws.month_key(key, draws.INCOME, 0),
        draws.month_key(key, draws.SPEND, 0),
        draws.month_key(key, draws.GAP, 0),
        draws.month_key(key, draws.SLACK, 0),
        draws.month_key(key, draws.PROFESSION, 0),
        draws.month_key(key, draws.EXEMPTION, 0),
        draws.month_key(key, draws.QUALITY, 0),
        draws.month_key(key, draws.CHOICE, 0),
    )


@njit
def _fill_trust(trust: Any, fact: Any, kind: Any, sector: Any, luck: Luck) -> None:
    """Set a trust of known kind and region to what is known of it, and draw what is not."""
    number = fact.number
    trust.number = number
    trust.income_gbp = fact.income_gbp
    if math.isnan(fact.income_gbp):
        z = draws.normal_quantile(draws.uniform_at(luck.income, number))
        trust.income_gbp = min(max(income_gbp(kind, z), _LEAST_INCOME), _MOST_INCOME)
    trust.spend_gbp = fact.spend_gbp
    if math.isnan(fact.spend_gbp):
        z = draws.normal_quantile(draws.uniform_at(luck.spend, number))
        spend = spend_in_scope_gbp(sector, trust.income_gbp, z)
        trust.spend_gbp = min(max(spend, _LEAST_SPEND), _MOST_SPEND)
    trust.budget_gbp = fact.budget_gbp
    if math.isnan(fact.budget_gbp):
        trust.budget_gbp = sector.budget_share * trust.income_gbp
    trust.gap = fact.gap
    if math.isnan(fact.gap):
        trust.gap = draws.uniform_at(luck.gap, number)
    trust.slack = fact.slack
    if math.isnan(fact.slack):
        trust.slack = draws.uniform_at(luck.slack, number)
    trust.unsuited = kind.unsuited
    trust.stage = IDLE
    trust.signed_month = NEVER
    trust.reports = 0
    trust.provider = 0
    trust.exposed = 0
    trust.aligned = 0


# A record of each kind of group with every field nil.
_BLANK_PEERS = np.zeros(1, PEERS)
_BLANK_REGION = np.zeros(1, REGION)
_BLANK_PROVIDER = np.zeros(1, PROVIDER)
_BLANK_CENTRE = np.zeros(1, CENTRE)


@njit
def _clear_groups(state: State, levers: Any) -> None:
    """Set peer networks, regions, providers and the centre to the day of the launch."""
    for row in range(len(state.peers)):
        state.peers[row] = _BLANK_PEERS[0]
    for row in range(len(state.regions)):
        state.regions[row] = _BLANK_REGION[0]
        state.regions[row].collaboration = levers.collaboration_share
    for row in range(len(state.providers)):
        state.providers[row] = _BLANK_PROVIDER[0]
    state.centre[0] = _BLANK_CENTRE[0]
    state.centre[0].scrapped_month = NEVER


@njit
def _set_up_provider(provider: Any, offer: Any, centre: Any, z: float) -> None:
    """Set a blank provider to the day of the launch: open, with its outlay made, or in waiting."""
    provider.status = ABSENT if offer.enters_later > 0.0 else OPEN_FOR_ALL
    provider.closed_month = NEVER
    provider.successor = NEVER
    provider.public_share = offer.public_share
    provider.quality_at_launch = min(1.0, max(0.0, offer.quality + offer.quality_sd * z))
    provider.quality = provider.quality_at_launch
    provider.capacity = offer.capacity
    provider.places = free_places(provider)
    provider.parent_income_gbp = offer.parent_income_gbp
    provider.parent_dependence_share = offer.parent_dependence_share
    if provider.status == OPEN_FOR_ALL:
        outlay = offer.invested_gbp + offer.committed_gbp
        provider.invested_gbp = offer.invested_gbp
        provider.committed_gbp = offer.committed_gbp
        provider.booked_gbp = -outlay
        centre.providers_open += 1
        centre.net_present_value_gbp -= outlay


@njit
def _open_providers(state: State, offers: Any, luck: Luck) -> None:
    """Set all providers to the day of the launch; what is not known of their quality is drawn."""
    for row in range(len(offers)):
        z = draws.normal_quantile(draws.uniform_at(luck.quality, row))
        _set_up_provider(state.providers[row], offers[row], state.centre[0], z)


@njit
def _is_exempt(trust: Any, levers: Any, luck: Luck) -> bool:
    """Tell whether a trust is let off at the launch."""
    share = levers.exempt_share
    return share > 0.0 and draws.uniform_at(luck.exemption, trust.number) < share


@njit
def _places_at_launch(state: State, levers: Any, key: Any) -> None:
    """Those who asked at the launch sign, as far as there are places."""
    centre = state.centre[0]
    draw_lots(state, key, 0)
    for i in range(centre.requests):
        at, row = state.requests[i].trust, int(state.requests[i].provider)
        trust, provider = state.trusts[at], state.providers[row]
        if wins(trust, provider, key, 0):
            peers, region = state.peers[trust.peers], state.regions[trust.region]
            count(trust, peers, region, provider, -1)
            _signs_early(trust, row, region, provider, centre, levers)
            count(trust, peers, region, provider, 1)
            state.glances[at].stage = trust.stage
    centre.requests = 0


@njit
def _signs_early(
    trust: Any, row: int, region: Any, provider: Any, centre: Any, levers: Any
) -> None:
    """A trust of a pathfinder has signed by the launch, free of charge; its region has a plan."""
    trust.stage = JOINED
    trust.provider = row
    trust.signed_month = 0
    trust.exposed = 1 if levers.alignment_first == 0.0 else 0
    provider.signed += 1
    provider.booked_signatures += 1
    centre.joined += 1
    centre.signatures += 1
    centre.booked_signatures += 1
    centre.regions_planned += region.stage == NO_PLAN
    region.stage = PLANNED


@njit
def _glance_at(trust: Any, glance: Any) -> None:
    """Copy what is looked at every month; slack is rounded up, so as not to miss anyone."""
    glance.slack = trust.slack * 1.0000002
    glance.number = trust.number
    glance.peers = trust.peers
    glance.stage = trust.stage


@njit
def initialise(state: State, episode: Episode, seed: int, run: int) -> int:
    """Set a state to month 0 of a run and return the number of trusts approached.

    Only that many rows of ``state.trusts`` belong to the run; the caller cuts the rest off.
    """
    sector, levers = episode.sector[0], episode.levers[0]
    luck = luck_of_launch(seed, run)
    _clear_groups(state, levers)
    _open_providers(state, episode.offers, luck)
    rows = approached_rows(episode, seed, run)
    trusts, facts, kinds = state.trusts, episode.facts, episode.kinds
    region_cumulative = episode.region_cumulative
    networks, regions, providers = state.peers, state.regions, state.providers
    choice, professions = episode.structure[0].peers, int(sector.professions)
    for i in range(len(rows)):
        trust, fact = trusts[i], facts[rows[i]]
        trust.kind = fact.kind
        if fact.kind == NEVER:
            u = draws.uniform_at(luck.kind, fact.number)
            trust.kind = row_at(kinds.cumulative_share, u)
        trust.region = fact.region
        if fact.region == NEVER:
            u = draws.uniform_at(luck.region, fact.number)
            trust.region = row_at(region_cumulative, u)
        _fill_trust(trust, fact, kinds[trust.kind], sector, luck)
        trust.peers = 0
        if choice == REGION_ONLY:
            trust.peers = trust.region
        elif choice != NATION:
            u = draws.uniform_at(luck.profession, fact.number)
            trust.peers = int(u * professions)
        peers, region = networks[trust.peers], regions[trust.region]
        if _is_exempt(trust, levers, luck):
            trust.stage = EXEMPT
        elif trust.region < levers.pathfinders:
            ask(state, i, open_provider(providers, draws.uniform_at(luck.choice, fact.number)))
        peers.trusts += 1
        count(trust, peers, region, providers[trust.provider], 1)
        _glance_at(trust, state.glances[i])
    _places_at_launch(state, levers, draws.run_key(seed, run))
    return len(rows)
