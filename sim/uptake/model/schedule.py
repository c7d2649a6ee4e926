"""Process overview: what happens in a month, and in which order. No formulas.

One month, synchronous (everyone acts on the state at its start):

1. the timeline acts: the month's record of levers holds from now on;
2. providers open their doors: their appeal and their places hold for the month;
3. peer networks take stock: who has joined, what members, news and failures say of the saving;
4. regions bank a month of their members' savings and disruption, vote, and move on by a stage;
5. trusts act: attention, business case and decision, migration, reappraisal, takeover;
6. places are given to those who ask for one, by lot where there are too few;
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
from uptake.model._jit import Records, Word, njit
from uptake.model.entities import NEVER, OPEN, State
from uptake.model.month import Month
from uptake.model.places import ask
from uptake.model.processes.centre import centre_acts
from uptake.model.processes.groups import peers_take_stock, region_acts
from uptake.model.processes.places import places_are_given
from uptake.model.processes.providers import provider_acts, provider_merges, provider_opens
from uptake.model.processes.trusts import faces_choice, trust_acts, trust_chooses, trust_is_due


@njit
def _find_due(
    scan_rows: Records, networks: Records, count: int, key: Word, due: NDArray[np.uint32]
) -> int:
    """Write the rows of the trusts whose clock may strike, and return how many there are.

    A clock of rate ``h`` never strikes at a draw of ``h`` or more. Looking over all trusts without
    a branch, and letting the few act afterwards, is faster than doing both at once.
    """
    found = 0
    for row in range(count):
        scan = scan_rows[row]
        due[found] = row
        within = scan.slack * networks[scan.peers].max_hazard[scan.stage]
        found += draws.uniform_at(key, scan.number) < within
    return found


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
def step(state: State, offers: Records, trusts: int, month: Month) -> None:
    """Go through one month of the first ``trusts`` trusts; after scrapping, nothing moves."""
    centre = state.centre[0]
    if centre.status != OPEN:
        return
    records, networks, regions = state.trusts, state.peers, state.regions
    providers = state.providers
    for row in range(len(providers)):
        provider_opens(providers[row], month)
    for network in range(len(networks)):
        peers_take_stock(networks[network], providers, network, month)
    for row in range(len(regions)):
        region_acts(regions[row], centre, row, month)
    key = draws.month_key(month.key, draws.ATTENTION, month.number)
    due = _find_due(state.scan_rows, networks, trusts, key, state.due)
    for first in range(0, due, _FETCHED_AT_ONCE):
        last = min(first + _FETCHED_AT_ONCE, due)
        _fetch(records, state.due, first, last)
        for i in range(first, last):
            at = state.due[i]
            trust = records[at]
            peers, provider = networks[trust.peers], providers[trust.provider]
            if not trust_is_due(trust, peers, provider, month):
                continue
            row = int(trust.provider)
            if faces_choice(trust, provider, len(providers)):
                row = trust_chooses(trust, providers, month)
            chosen = provider if row == NEVER else providers[row]
            region = regions[trust.region]
            if trust_acts(trust, peers, region, provider, row, chosen, centre, month):
                ask(state, at, row)
            state.scan_rows[at].stage = trust.stage
    places_are_given(state, month)
    for row in range(len(providers)):
        provider_acts(providers[row], offers[row], centre, row, month)
    for row in range(len(providers)):
        provider_merges(providers, row, month)
    centre_acts(centre, regions, providers, month)
