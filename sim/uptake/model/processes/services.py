"""How services start: which of the trusts that have signed are served from now on."""

from __future__ import annotations

import math

import numpy as np

from uptake.model import draws
from uptake.model._jit import Records, njit
from uptake.model.entities import (
    COMMON_SYSTEMS,
    NEVER,
    SERVED,
    SIGNED,
    Provider,
    Region,
    State,
    Trust,
)
from uptake.model.month import Month, lasting
from uptake.model.places import priority
from uptake.model.processes.alignment import begins_to_align, is_worth_aligning
from uptake.model.rules import regions as region_rules
from uptake.model.rules import trusts as rules
from uptake.model.rules import value
from uptake.model.rules.providers import has_closed
from uptake.model.scan import copy_to
from uptake.model.transitions import move


@njit
def _may_go_on(trust: Trust, region: Region, provider: Provider, month: Month) -> bool:
    """Tell whether a trust that has signed may align, or be served, this month."""
    is_new = trust.signed_month == month.number
    if trust.stage != SIGNED or is_new or has_closed(provider):
        return False
    return region_rules.opens_work(month.levers, region.stage)


@njit
def _is_ready(trust: Trust, region: Region, month: Month) -> bool:
    """Tell whether a trust that may go on can be served."""
    levers = month.levers
    if value.waits_for_region(levers) and region.stage < COMMON_SYSTEMS:
        return False
    return levers.alignment_first <= 0.0 or trust.hurried != 0 or trust.aligned != 0


@njit
def _starts_this_month(month: Month) -> int:
    """Return how many services can start this month, by the waves that the centre allows."""
    if month.number < month.levers.opens_month:
        return 0
    waves = month.levers.waves_per_month
    return math.floor(waves * month.number) - math.floor(waves * (month.number - 1))


@njit
def services_start(state: State, trusts: int, month: Month) -> None:
    """Trusts that signed earlier begin to align where that comes first; the ready are served."""
    levers, rows, signed = month.levers, state.due, 0
    starts = _starts_this_month(month)
    is_first = levers.alignment_first > 0.0 or value.waits_for_region(levers)
    if starts <= 0 and not is_first:
        return
    for at in range(trusts):  # without a branch, as in a look for those who are due
        rows[signed] = at
        signed += state.scan_rows[at].stage == SIGNED
    found = 0
    for i in range(signed):
        at = rows[i]
        trust = state.trusts[at]
        provider, region = state.providers[trust.provider], state.regions[trust.region]
        if not _may_go_on(trust, region, provider, month):
            continue
        if is_first and trust.work_month == NEVER:
            begins_to_align(trust, region, state.work_done, month)
            copy_to(trust, state.scan_rows[at], month)
        if _is_ready(trust, region, month):
            rows[found] = at
            found += 1
    if starts > 0:
        _serve(state, rows[:found], starts, month)


@njit
def _serve(state: State, ready: Records, starts: int, month: Month) -> None:
    """Serve those who are ready, or as many of them as can start, by priority."""
    last = 1.0  # priority that is served: here above all
    if len(ready) > starts:
        lots = np.empty(len(ready))
        for i in range(len(ready)):
            lots[i] = priority(state.trusts[ready[i]], month.key)
        last = draws.lot_in_place(lots, starts - 1)
    for at in ready:
        trust = state.trusts[at]
        if priority(trust, month.key) <= last:
            _is_served(trust, state, month)
            copy_to(trust, state.scan_rows[at], month)


@njit
def _is_served(trust: Trust, state: State, month: Month) -> None:
    """A trust is served from now on; it may begin to align."""
    peers, region = state.peers[trust.peers], state.regions[trust.region]
    provider = state.providers[trust.provider]
    if trust.served_month == NEVER:
        owed = rules.redundancy_gbp(trust, month.levers)
        trust.paid_gbp += owed
        region.redundancy_gbp += owed
    trust.served_month = month.number
    move(trust, peers, region, provider, provider, SERVED)
    if trust.work_month != NEVER:
        return
    bound = rules.bound_share(month.levers, region.stage)
    must = bound > 0.0 and lasting(month, draws.OBLIGATION, trust.number) < bound
    if must or is_worth_aligning(trust, peers, provider, month):
        begins_to_align(trust, region, state.work_done, month)
