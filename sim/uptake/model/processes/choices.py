"""Which provider a trust goes to: the one that suits it best, of those that it can choose."""

from __future__ import annotations

import math

from uptake.model import draws
from uptake.model._jit import Records, njit
from uptake.model.entities import NEVER, OPEN_FOR_ALL, Provider, Trust
from uptake.model.month import Month, lasting_at
from uptake.model.rules import providers as provider_rules
from uptake.model.rules import value
from uptake.model.transitions import is_member


@njit
def trust_chooses(trust: Trust, providers: Records, month: Month) -> int:
    """Return the row of the provider that a trust would go to, or NEVER if there is none.

    One that weighs the scheme looks to those with room, if there are any. A customer of one that
    closed goes to its heir, to another, or in house (NEVER); it waits with its own where none of
    these is open to it.
    """
    if not is_member(trust.stage):
        row = _best(trust, providers, False, True, 0.0, month)
        return row if row != NEVER else _best(trust, providers, False, False, 0.0, month)
    heir = providers[trust.provider].successor
    if heir != NEVER and not provider_rules.has_closed(providers[heir]):
        return int(heir)
    in_house = month.levers.in_house
    row = _best(trust, providers, True, True, in_house, month)
    return int(trust.provider) if row == NEVER and in_house <= 0.0 else row


@njit
def can_be_chosen(provider: Provider, is_takeover: bool, needs_room: bool) -> bool:
    """Tell whether a trust may go to a provider."""
    is_open = (
        provider.status == OPEN_FOR_ALL if is_takeover else provider_rules.takes_members(provider)
    )
    return is_open and (provider.places > 0 or not needs_room)


@njit
def _match(trust: Trust, row: int, month: Month) -> float:
    """Return how well a trust and a provider suit each other, in logits: a Gumbel draw."""
    return -math.log(-math.log(lasting_at(month, draws.MATCH, row, trust.number)))


@njit
def suits(trust: Trust, provider: Provider, row: int, month: Month) -> float:
    """Return how well a trust and the provider in a row suit each other, in logits."""
    weight = month.parameters.value_weight * month.terms.years
    fixed = value.share_of_fixed_cost(trust, provider, month.levers, False)
    return provider.appeal - weight * fixed + _match(trust, row, month)


@njit
def _best(
    trust: Trust,
    providers: Records,
    is_takeover: bool,
    needs_room: bool,
    in_house: float,
    month: Month,
) -> int:
    """Return the row of the provider that suits a trust best, or NEVER, with odds ``in_house``."""
    best, most = NEVER, -math.inf
    if in_house > 0.0:
        most = math.log(in_house) + _match(trust, len(providers), month)
    for row in range(len(providers)):
        provider = providers[row]
        if can_be_chosen(provider, is_takeover, needs_room):
            suit = suits(trust, provider, row, month)
            if suit > most:
                best, most = row, suit
    return best
