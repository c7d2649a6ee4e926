"""Places in a queue: who asks for one, and who gets one. No order of the trusts matters.

A trust has a priority that lasts. Where there are fewer places than trusts, those with the lowest
priorities get them.
"""

from __future__ import annotations

import numpy as np

from uptake.model import draws
from uptake.model._jit import Word, njit
from uptake.model.entities import Provider, State, Trust


@njit
def ask(state: State, trust: int, provider: int) -> None:
    """A trust asks a provider for a place (rows of both); it hears when all have asked."""
    centre = state.centre[0]
    request = state.requests[centre.requests]
    request.trust = trust
    request.provider = provider
    centre.requests += 1
    state.providers[provider].asked += 1


@njit
def priority(trust: Trust, key: Word) -> float:
    """Return a trust's place in every queue of the run with this key: uniform on (0, 1)."""
    return draws.uniform_in(key, draws.PRIORITY, 0, trust.number)


@njit
def draw_lots(state: State, key: Word) -> None:
    """Set for every provider the priority below which all win: above all where there is room."""
    requests = state.requests[: state.centre[0].requests]
    for row in range(len(state.providers)):
        provider = state.providers[row]
        provider.lot = 1.0
        if provider.asked > provider.places:
            lots, found = np.empty(provider.asked), 0
            for request in requests:
                if request.provider == row:
                    lots[found] = priority(state.trusts[request.trust], key)
                    found += 1
            provider.lot = draws.lot_in_place(lots, provider.places)
        provider.asked = 0


@njit
def wins(trust: Trust, provider: Provider, key: Word) -> bool:
    """Tell whether a trust that asked a provider gets a place with it."""
    return priority(trust, key) < provider.lot
