"""State at month 0 of a run: trusts, networks, regions, providers and the centre on that day."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from uptake.model import draws
from uptake.model._jit import Records, Word, njit
from uptake.model.blanks import Keys, approached_rows, fill_trust, keys_of_launch, row_at
from uptake.model.entities import (
    ABSENT,
    ACCOUNT,
    CENTRE,
    EXEMPT,
    IDLE,
    NEVER,
    OPEN_FOR_ALL,
    PEERS,
    PLANNED,
    PROVIDER,
    REGION,
    REQUEST,
    SCAN_ROW,
    SERVED,
    SIGNED,
    TRUST,
    WORK_DONE,
    Centre,
    Provider,
    State,
    Trust,
)
from uptake.model.episode import (
    JOINS,
    LEAVES,
    NATION,
    REGION_ONLY,
    STAYS_OUT,
    Episode,
    Offer,
    Start,
)
from uptake.model.levers import LEVERS, Levers
from uptake.model.parameters import PARAMETERS
from uptake.model.places import ask, draw_lots, priority, wins
from uptake.model.rules.providers import free_places, outlay_gbp
from uptake.model.rules.trusts import potential_saving, whole_gbp
from uptake.model.scan import first_copy
from uptake.model.transitions import count, members_of, open_provider


def empty_state(episode: Episode, refusals: int = 0) -> State:
    """Return arrays large enough for any run of an episode; ``initialise`` fills them.

    ``refusals`` is how many terms are taken away to tell what turns a trust away; 0: nobody asks.
    """
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
        work_done=records(len(episode.levers), WORK_DONE),
        requests=records(episode.approached_high, REQUEST),
        scan_rows=records(episode.approached_high, SCAN_ROW),
        scan_levers=records(1, LEVERS),
        due=np.zeros(episode.approached_high, np.uint32),
        turned=np.zeros(episode.approached_high if refusals else 0, np.uint32),
        without_levers=records(refusals, LEVERS),
        without_parameters=records(refusals, PARAMETERS),
        without_provider=records(min(refusals, 1), PROVIDER),
        accounts=records(episode.approached_high if refusals else 0, ACCOUNT),
    )


# A record of each kind of group with every field nil.
_BLANK_PEERS = np.zeros(1, PEERS)
_BLANK_REGION = np.zeros(1, REGION)
_BLANK_PROVIDER = np.zeros(1, PROVIDER)
_BLANK_CENTRE = np.zeros(1, CENTRE)


@njit
def _clear_groups(state: State, levers: Levers) -> None:
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
def _set_up_provider(provider: Provider, offer: Offer, centre: Centre, z: float) -> None:
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
    provider.running_cost_share = offer.running_cost_share
    provider.fixed_cost_gbp = offer.fixed_cost_gbp
    if provider.status == OPEN_FOR_ALL:
        provider.invested_gbp = offer.invested_gbp
        provider.committed_gbp = offer.committed_gbp
        outlay = outlay_gbp(provider)
        centre.providers_open += 1
        centre.booked_gbp -= outlay
        centre.net_present_value_gbp -= outlay


@njit
def _open_providers(state: State, offers: Records, keys: Keys) -> None:
    """Set all providers to the day of the launch; what is not known of their quality is drawn."""
    for row in range(len(offers)):
        z = draws.normal_quantile(draws.uniform_at(keys.quality, row))
        _set_up_provider(state.providers[row], offers[row], state.centre[0], z)


@njit
def _is_exempt(trust: Trust, levers: Levers, keys: Keys) -> bool:
    """Tell whether a trust is let off at the launch."""
    share = levers.exempt_share
    return share > 0.0 and draws.uniform_at(keys.exemption, trust.number) < share


@njit
def _does_at_launch(trust: Trust, deeds: Records) -> None:
    """A named body is obliged, or exempt, from the launch on."""
    for deed in deeds:
        if deed.month == 0 and deed.number == trust.number and deed.deed != LEAVES:
            trust.bound = 1 if deed.deed == JOINS else 0
            trust.stage = EXEMPT if deed.deed == STAYS_OUT else IDLE


@njit
def _members_at_start(state: State, episode: Episode, rows: Any, key: Word, keys: Keys) -> None:
    """Trusts are members at the start: named ones, some by their priority, those of pathfinders.

    ``rows`` are those of the facts of the trusts approached.
    """
    trusts, providers, pathfinders = state.trusts, len(state.providers), state.centre[0].pathfinders
    for start in episode.starts:
        last = _last_priority(state, start, episode.facts, rows, key)
        for i in range(len(rows)):
            is_named, is_it = episode.facts[rows[i]].named != 0, trusts[i].number == start.number
            by_chance = not is_named and priority(trusts[i], key) <= last
            if trusts[i].stage == IDLE and (is_it or by_chance):
                _asks_at_launch(state, i, int(start.first_provider), int(start.last_provider), keys)
        _places_at_launch(state, int(start.stage), int(start.aligned), key)
    if pathfinders == 0:
        return
    for i in range(len(rows)):
        if trusts[i].stage == IDLE and trusts[i].region < pathfinders:
            _asks_at_launch(state, i, 0, providers, keys)
    _places_at_launch(state, SIGNED, 0, key)
    for region in state.regions[: min(pathfinders, len(state.regions))]:
        if members_of(region) > 0:
            region.stage = PLANNED
            state.centre[0].regions_planned += 1


@njit
def _last_priority(state: State, start: Start, facts: Records, rows: Any, key: Word) -> float:
    """Return the last priority of those that an entry takes by chance, or below all."""
    count = int(start.count) + math.floor(start.share * len(rows) + 0.5)
    lots, found = np.empty(len(rows) if count > 0 else 0), 0
    for i in range(len(lots)):
        if state.trusts[i].stage == IDLE and facts[rows[i]].named == 0:
            lots[found] = priority(state.trusts[i], key)
            found += 1
    return draws.lot_in_place(lots[:found], min(count, found) - 1) if found > 0 else 0.0


@njit
def _asks_at_launch(state: State, at: int, first: int, last: int, keys: Keys) -> None:
    """A trust asks one of the open providers of some rows, each with equal chance."""
    u = draws.uniform_at(keys.choice, state.trusts[at].number)
    row = open_provider(state.providers[first:last], u)
    if row != NEVER:
        ask(state, at, first + row)


@njit
def _places_at_launch(state: State, stage: int, aligned: int, key: Word) -> None:
    """Those who asked at the launch are members, as far as there are places, free of charge."""
    centre = state.centre[0]
    draw_lots(state, key)
    for i in range(centre.requests):
        at, row = state.requests[i].trust, int(state.requests[i].provider)
        trust, provider = state.trusts[at], state.providers[row]
        if wins(trust, provider, key):
            peers, region = state.peers[trust.peers], state.regions[trust.region]
            count(trust, peers, region, provider, -1)
            _has_joined(trust, row, stage, aligned)
            count(trust, peers, region, provider, 1)
            first_copy(trust, state.scan_rows[at])
            provider.signed += 1
            provider.booked_signatures += 1
            centre.joined += 1
            centre.looked += 1
    centre.requests = 0
    for provider in state.providers:
        provider.places = free_places(provider)


@njit
def _has_joined(trust: Trust, row: int, stage: int, aligned: int) -> None:
    """A trust has signed by the launch, and may be served, and aligned, since then."""
    trust.stage = stage
    trust.provider = row
    trust.signed_month = 0
    trust.looked = 1
    trust.aligned = aligned
    if stage == SERVED:
        trust.served_month = 0
    if aligned != 0:
        trust.work_month = 0
        trust.aligned_month = 0


@njit
def initialise(state: State, episode: Episode, seed: int, run: int) -> int:
    """Set a state to month 0 of a run and return the number of trusts approached.

    Only that many rows of ``state.trusts`` belong to the run; the caller cuts the rest off.
    """
    sector, levers = episode.sector[0], episode.levers[0]
    keys = keys_of_launch(seed, run)
    _clear_groups(state, levers)
    _open_providers(state, episode.offers, keys)
    rows = approached_rows(episode, seed, run)
    trusts, facts, kinds = state.trusts, episode.facts, episode.kinds
    region_cumulative = episode.region_cumulative
    networks, regions, providers = state.peers, state.regions, state.providers
    centre = state.centre[0]
    centre.pathfinders = int(levers.pathfinders)
    choice, professions = episode.structure[0].peers, int(sector.professions)
    for i in range(len(rows)):
        trust, fact = trusts[i], facts[rows[i]]
        trust.kind = fact.kind
        if fact.kind == NEVER:
            u = draws.uniform_at(keys.kind, fact.number)
            trust.kind = row_at(kinds.cumulative_share, u)
        trust.region = fact.region
        if fact.region == NEVER:
            u = draws.uniform_at(keys.region, fact.number)
            trust.region = row_at(region_cumulative, u)
        fill_trust(trust, fact, kinds[trust.kind], sector, keys)
        trust.peers = 0
        if choice == REGION_ONLY:
            trust.peers = trust.region
        elif choice != NATION:
            u = draws.uniform_at(keys.profession, fact.number)
            trust.peers = int(u * professions)
        peers, region = networks[trust.peers], regions[trust.region]
        if _is_exempt(trust, levers, keys):
            trust.stage = EXEMPT
        if fact.named != 0:
            _does_at_launch(trust, episode.deeds)
        centre.most_potential = max(centre.most_potential, potential_saving(trust, sector))
        if trust.stage != EXEMPT:
            region.spend_gbp += whole_gbp(trust.spend_gbp)
        peers.trusts += 1
        region.trusts += 1
        peers.spend_gbp += whole_gbp(trust.spend_gbp)
        count(trust, peers, region, providers[trust.provider], 1)
        first_copy(trust, state.scan_rows[i])
    _members_at_start(state, episode, rows, draws.run_key(seed, run), keys)
    return len(rows)
