"""Process overview: what happens in a month, and in which order. No formulas.

One month, synchronous (everyone acts on the state at its start):

1. the timeline acts: the month's record of levers holds from now on;
2. providers open their doors: their appeal and their places hold for the month; named bodies do
   what the timeline says;
3. peer networks take stock: who has joined, what members, news and failures say of the saving;
4. regions bank a month, move on by a stage, and vote where it is time to;
5. trusts act: a look, the end of a business case, the end of work, a reappraisal, a takeover;
6. places are given to those who ask for one, by priority where there are too few; then services
   start for those who are ready;
7. providers keep their books, serve well or badly, are assessed, enter or give up; when all have,
   those that closed are merged;
8. the centre pays, draws up the accounts, and reviews.

Both schedulers call the same processes (``uptake.model.processes``): ``step`` in a compiled loop,
Mesa one agent at a time. A trust counts itself in and out of the whole numbers of its network,
region, provider and centre, so the order of the trusts within a month makes no difference, to the
bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uptake.model import draws
from uptake.model._jit import Records, Word, njit, uncounted
from uptake.model.entities import NEVER, OPEN, State
from uptake.model.month import Month
from uptake.model.places import ask
from uptake.model.processes.accounts import bodies_bank, bodies_book
from uptake.model.processes.bodies import bodies_act
from uptake.model.processes.centre import centre_acts, centre_takes_stock
from uptake.model.processes.choices import trust_chooses
from uptake.model.processes.groups import peers_take_stock, region_acts
from uptake.model.processes.members import member_acts
from uptake.model.processes.places import places_are_given
from uptake.model.processes.providers import provider_acts, provider_merges, provider_opens
from uptake.model.processes.refusals import notes_refusal, takes_reasons_away
from uptake.model.processes.services import services_start
from uptake.model.processes.trusts import faces_choice, trust_is_due, undecided_acts
from uptake.model.processes.votes import regions_vote
from uptake.model.scan import copy_anew, copy_to
from uptake.model.transitions import is_member


@njit
def _find_due(
    scan_rows: Records,
    networks: Records,
    count: int,
    number: int,
    key: Word,
    due: NDArray[np.uint32],
    in_vain_too: bool,
) -> int:
    """Write the rows of the trusts whose clock may strike for something, and return their number.

    First those for whom that is in reach, or all if they are asked what they find; of these, those
    whose clock may strike: one of rate ``h`` never does at a draw of ``h`` or more. Work that comes
    to its end has a month, and who is bound to join acts in every one. Looking over all trusts
    without a branch, and letting the few act afterwards, is faster than both at once.
    """
    found = 0
    for row in range(count):
        scan = scan_rows[row]
        due[found] = row
        matters = scan.needs <= networks[scan.peers].reach[scan.stage]
        found += matters | (scan.due_month <= number) | in_vain_too
    striking = 0
    for i in range(found):
        scan = scan_rows[due[i]]
        due[striking] = due[i]
        within = scan.pace * networks[scan.peers].max_hazard[scan.stage]
        strikes = draws.uniform_at(key, scan.number) < within
        striking += strikes | (scan.due_month <= number)
    return striking


_FETCHED_AT_ONCE = 32


@njit
def _fetch(trusts: Records, due: NDArray[np.uint32], first: int, last: int) -> None:
    """Touch the trusts that come next, so that they are fetched from memory side by side.

    Among a million trusts, waiting for each in its turn costs more than all rules together.
    """
    touched = 0
    for i in range(first, last):
        touched += trusts[due[i]].number
    if touched < 0:  # never, as numbers are not negative; but an unread sum would be left out
        due[first] = last


@njit
def step(state: State, offers: Records, deeds: Records, trusts: int, month: Month) -> None:
    """Go through one month of the first ``trusts`` trusts; after scrapping, nothing moves."""
    state, offers, deeds = uncounted(state), uncounted(offers), uncounted(deeds)
    centre = state.centre[0]
    if centre.status != OPEN:
        return
    records, networks, regions = state.trusts, state.peers, state.regions
    providers, work, notes = state.providers, state.work_done, len(state.turned) > 0
    for row in range(len(providers)):
        provider_opens(providers[row], offers[row], row, month)
    centre_takes_stock(centre, networks)
    if len(deeds) > 0 or month.levers.pathfinders > centre.pathfinders:
        bodies_act(state, deeds, trusts, month)
    for network in range(len(networks)):
        peers_take_stock(networks[network], regions, providers, centre, network, month)
    if notes and month.levers.market_saving_share > 0.0:
        bodies_bank(state, trusts, month)
    for row in range(len(regions)):
        region_acts(regions[row], centre, row, month)
    if month.levers.vote > 0.0:
        regions_vote(state, trusts, month)
    copy_anew(records[:trusts], state.scan_rows, state.scan_levers[0], month)
    if notes:
        takes_reasons_away(state, month)
    key = draws.month_key(month.key, draws.ATTENTION, month.number)
    due = _find_due(state.scan_rows, networks, trusts, month.number, key, state.due, notes)
    for first in range(0, due, _FETCHED_AT_ONCE):
        last = min(first + _FETCHED_AT_ONCE, due)
        _fetch(records, state.due, first, last)
        for i in range(first, last):
            at = state.due[i]
            trust = records[at]
            peers, provider = networks[trust.peers], providers[trust.provider]
            region = regions[trust.region]
            if not trust_is_due(trust, peers, region, provider, month):
                continue
            row = int(trust.provider)
            if faces_choice(trust, peers, region, provider, len(providers), month):
                row = trust_chooses(trust, providers, month)
            chosen = provider if row == NEVER else providers[row]
            if is_member(trust.stage):
                asks = member_acts(trust, peers, region, provider, row, chosen, centre, work, month)
            else:
                before = trust.stage
                asks = undecided_acts(trust, peers, region, provider, row, chosen, centre, month)
                if notes:
                    notes_refusal(state, at, before, asks, month)
            if asks:
                ask(state, at, row)
            copy_to(trust, state.scan_rows[at], month)
    if centre.requests > 0:
        places_are_given(state, month)
    if centre.waiting > 0:
        services_start(state, trusts, month)
    if notes:
        bodies_book(state, trusts, month)
    for row in range(len(providers)):
        provider_acts(providers[row], offers[row], centre, row, month)
    for row in range(len(providers)):
        provider_merges(providers, row, month)
    centre_acts(centre, regions, providers, month)
