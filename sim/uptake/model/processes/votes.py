"""How the trusts of a region decide together, in a month in which they vote."""

from __future__ import annotations

import math

import numpy as np

from uptake.model._jit import Records, njit
from uptake.model.entities import CONSIDERING, EXEMPT, NEVER, SIGNED, State, Trust
from uptake.model.month import Month, taste_since
from uptake.model.processes.alignment import work_left
from uptake.model.processes.choices import can_be_chosen, suits
from uptake.model.processes.members import is_taken_out, utility_of_staying
from uptake.model.processes.places import signs
from uptake.model.processes.trusts import (
    counts_as_looked,
    gap_decided_on,
    obliged,
    prospect,
)
from uptake.model.rules import trusts as rules
from uptake.model.scan import copy_to
from uptake.model.transitions import is_member, move


@njit
def regions_vote(state: State, trusts: int, month: Month) -> None:
    """Every region joins with one provider, or has no members any more, as its trusts vote.

    One after the other, as the places of a provider may not do for all.
    """
    if month.levers.vote <= 0.0 or month.levers.quorum_share <= 0.0:
        return
    votes = np.zeros((len(state.regions), 2), np.int64)  # in favour, of all
    outside = np.zeros(len(state.regions), np.int64)
    choices = _choices(state, trusts, month)
    for at in range(trusts):
        trust = state.trusts[at]
        if trust.stage == EXEMPT:
            continue
        weight = rules.whole_gbp(trust.spend_gbp) if month.levers.by_size > 0.0 else 1
        votes[trust.region, 1] += weight
        outside[trust.region] += not is_member(trust.stage)
        if _is_in_favour(trust, state, int(choices[trust.region]), month):
            votes[trust.region, 0] += weight
    for row in range(len(state.regions)):
        passes = votes[row, 0] >= month.levers.quorum_share * votes[row, 1]
        if passes and outside[row] > 0:
            chosen = choices[row]
            passes = chosen != NEVER and state.providers[chosen].places >= outside[row]
            if passes:
                state.providers[chosen].places -= outside[row]
        votes[row, 0] = passes
    for at in range(trusts):
        trust = state.trusts[at]
        if trust.stage != EXEMPT:
            _follows(trust, state, votes[trust.region, 0] > 0, int(choices[trust.region]), month)
            copy_to(trust, state.scan_rows[at], month)


@njit
def _choices(state: State, trusts: int, month: Month) -> Records:
    """Return the row of the provider that suits the trusts of each region best, or NEVER."""
    sums = np.zeros((len(state.regions), len(state.providers)))
    for row in range(len(state.providers)):
        provider = state.providers[row]
        for at in range(trusts):
            trust = state.trusts[at]
            if trust.stage != EXEMPT:
                sums[trust.region, row] += suits(trust, provider, row, month)
    choices = np.full(len(state.regions), NEVER, np.int64)
    for region in range(len(state.regions)):
        most = -math.inf
        for row in range(len(state.providers)):
            is_possible = can_be_chosen(state.providers[row], False, True)
            if is_possible and sums[region, row] > most:
                most, choices[region] = sums[region, row], row
    return choices


@njit
def _is_in_favour(trust: Trust, state: State, choice: int, month: Month) -> bool:
    """Tell whether a trust votes for the service: with its own provider, if it is a member."""
    peers, region = state.peers[trust.peers], state.regions[trust.region]
    centre = state.centre[0]
    if not is_member(trust.stage) and choice != NEVER:
        counts_as_looked(trust, centre)
        trust.hurried = 0
    if obliged(trust, region, month):
        return True
    if is_member(trust.stage):
        provider = state.providers[trust.provider]
        left = work_left(trust, state.work_done, month)
        utility = utility_of_staying(trust, peers, provider, centre, left, month)
    elif choice == NEVER:
        return False
    else:
        gap = gap_decided_on(trust, month)
        utility = prospect(trust, peers, state.providers[choice], centre, gap, month).utility
    since = trust.case_month if trust.stage == CONSIDERING else month.number
    return taste_since(month, trust, since) < rules.logistic(utility)


@njit
def _follows(trust: Trust, state: State, passes: bool, choice: int, month: Month) -> None:
    """A trust signs with its region, or leaves with it."""
    peers, region = state.peers[trust.peers], state.regions[trust.region]
    centre, last = state.centre[0], state.providers[trust.provider]
    if passes and not is_member(trust.stage):
        provider = state.providers[choice]
        signs(trust, centre, provider, month)
        move(trust, peers, region, last, provider, SIGNED)
        trust.provider = choice
    elif not passes and is_member(trust.stage):
        is_taken_out(trust, peers, region, state.providers, month)
