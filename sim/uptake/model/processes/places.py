"""What becomes of the trusts that asked for a place, once all have asked."""

from __future__ import annotations

from uptake.model._jit import njit
from uptake.model.entities import DECLINED, JOINED, NEVER, Centre, Provider, State, Trust
from uptake.model.month import Month
from uptake.model.places import draw_lots, wins
from uptake.model.processes.trusts import ends_report, is_hurried
from uptake.model.transitions import is_member, move


@njit
def places_are_given(state: State, month: Month) -> None:
    """Every provider takes those who asked, or as many as it has places for, by lot."""
    centre = state.centre[0]
    draw_lots(state, month.key, month.number)
    for i in range(centre.requests):
        at, row = state.requests[i].trust, int(state.requests[i].provider)
        trust, provider = state.trusts[at], state.providers[row]
        peers, region = state.peers[trust.peers], state.regions[trust.region]
        last, won = state.providers[trust.provider], wins(trust, provider, month.key, month.number)
        if is_member(trust.stage):
            if won:
                move(trust, peers, region, last, provider, int(trust.stage), month)
                trust.provider = row
        elif won:
            _signs(trust, centre, provider, month)
            move(trust, peers, region, last, provider, JOINED, month)
            trust.provider = row
        else:
            centre.turned_away += 1
            ends_report(trust, centre, month)
            move(trust, peers, region, last, last, DECLINED, month)
        state.scan_rows[at].stage = trust.stage
    centre.requests = 0


@njit
def _signs(trust: Trust, centre: Centre, provider: Provider, month: Month) -> None:
    """A trust signs, and is counted as new or as one that came back."""
    trust.reports, centre.reported = 0, centre.reported - trust.reports
    if trust.signed_month == NEVER:
        centre.joined += 1
    else:
        centre.rejoined += 1
    centre.signatures += 1
    provider.signed += 1
    trust.signed_month = month.number
    at_once = month.levers.alignment_first == 0.0
    trust.exposed = 1 if at_once or is_hurried(trust, month) else 0
