"""What named bodies do by the timeline, whatever they would decide."""

from __future__ import annotations

from uptake.model._jit import Records, njit
from uptake.model.entities import EXEMPT, IDLE, State, Trust
from uptake.model.episode import JOINS, STAYS_OUT
from uptake.model.month import Month
from uptake.model.processes.members import is_taken_out
from uptake.model.processes.trusts import ends_report
from uptake.model.rules.trusts import whole_gbp
from uptake.model.scan import copy_to
from uptake.model.transitions import is_member, move


@njit
def bodies_act(state: State, deeds: Records, trusts: int, month: Month) -> None:
    """Named bodies do this month's deeds; the trusts of regions that are chosen now are bound."""
    centre, chosen = state.centre[0], int(month.levers.pathfinders)
    first, last = 0, 0
    for row in range(len(deeds)):
        first += deeds[row].month < month.number
        last += deeds[row].month <= month.number
    if first == last and chosen <= centre.pathfinders:
        return
    for at in range(trusts):
        trust = state.trusts[at]
        if centre.pathfinders <= trust.region < chosen:
            trust.bound = 1
        for row in range(first, last):
            if deeds[row].number == trust.number:
                _does(trust, int(deeds[row].deed), state, month)
        copy_to(trust, state.scan_rows[at], month)
    centre.pathfinders = max(centre.pathfinders, chosen)


@njit
def _does(trust: Trust, deed: int, state: State, month: Month) -> None:
    """A body is obliged from now on, or is exempt, or leaves."""
    peers, region = state.peers[trust.peers], state.regions[trust.region]
    last, spend = state.providers[trust.provider], whole_gbp(trust.spend_gbp)
    trust.bound = 1 if deed == JOINS else 0
    if deed == JOINS and trust.stage == EXEMPT:
        region.spend_gbp += spend
        move(trust, peers, region, last, last, IDLE)
    if deed != JOINS and is_member(trust.stage):
        is_taken_out(trust, peers, region, state.providers, month)
    if deed == STAYS_OUT and trust.stage != EXEMPT:
        ends_report(trust, state.centre[0], month)
        region.spend_gbp -= spend
        move(trust, peers, region, last, last, EXEMPT)
