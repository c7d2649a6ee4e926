"""Places with providers: who asks for one, and who wins one by lot. No order matters.

A provider that more trusts ask than it has places takes those with the lowest lots. A trust has a
lot a month, the same whichever provider it asks.
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
def _lot(trust: Trust, key: Word, month: int) -> float:
    """Return the lot of a trust in a month of the run with this key: uniform on (0, 1)."""
    return draws.uniform_in(key, draws.PLACE, month, trust.number)


@njit
def draw_lots(state: State, key: Word, month: int) -> None:
    """Set for every provider the lot below which all win: one above all where there is room."""
    requests = state.requests[: state.centre[0].requests]
    for row in range(len(state.providers)):
        provider = state.providers[row]
        provider.lot = 1.0
        if provider.asked > provider.places:
            lots, found = np.empty(provider.asked), 0
            for request in requests:
                if request.provider == row:
                    lots[found] = _lot(state.trusts[request.trust], key, month)
                    found += 1
            provider.lot = draws.lot_in_place(lots, provider.places)
        provider.asked = 0


@njit
def wins(trust: Trust, provider: Provider, key: Word, month: int) -> bool:
    """Tell whether a trust that asked a provider gets a place with it."""
    return _lot(trust, key, month) < provider.lot
