"""What becomes of the trusts that asked for a place, once all have asked."""

from __future__ import annotations

from uptake.model._jit import njit
from uptake.model.entities import IDLE, NEVER, SIGNED, Centre, Provider, State, Trust
from uptake.model.month import Month
from uptake.model.places import draw_lots, wins
from uptake.model.processes.trusts import ends_report
from uptake.model.scan import copy_to
from uptake.model.transitions import is_member, move


@njit
def places_are_given(state: State, month: Month) -> None:
    """Every provider takes those who asked, or as many as it has places for, by priority."""
    centre = state.centre[0]
    draw_lots(state, month.key)
    for i in range(centre.requests):
        at, row = state.requests[i].trust, int(state.requests[i].provider)
        trust, provider = state.trusts[at], state.providers[row]
        peers, region = state.peers[trust.peers], state.regions[trust.region]
        last, won = state.providers[trust.provider], wins(trust, provider, month.key)
        if is_member(trust.stage):
            if won:
                move(trust, peers, region, last, provider, int(trust.stage))
                trust.provider = row
        elif won:
            signs(trust, centre, provider, month)
            move(trust, peers, region, last, provider, SIGNED)
            trust.provider = row
        else:
            centre.turned_away += 1
            ends_report(trust, centre, month)
            move(trust, peers, region, last, last, IDLE)
        copy_to(trust, state.scan_rows[at], month)
    centre.requests = 0


@njit
def signs(trust: Trust, centre: Centre, provider: Provider, month: Month) -> None:
    """A trust signs, and is counted as new, with its grant, or as one that came back."""
    trust.reports, centre.reported = 0, centre.reported - trust.reports
    if trust.signed_month == NEVER:
        centre.joined += 1
        centre.granted += 1
    else:
        centre.rejoined += 1
    provider.signed += 1
    trust.signed_month = month.number
