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
def _match(u: float) -> float:
    """Return how well a trust and a provider suit each other at a draw, in logits: Gumbel's law."""
    return -math.log(-math.log(u))


@njit
def _pull(trust: Trust, provider: Provider, month: Month) -> float:
    """Return what speaks for a provider to a trust but for how they suit each other, in logits."""
    weight = month.parameters.value_weight * month.terms.years
    return provider.appeal - weight * value.share_of_fixed_cost(
        trust, provider, month.levers, False
    )


@njit
def suits(trust: Trust, provider: Provider, row: int, month: Month) -> float:
    """Return how well a trust and the provider in a row suit each other, in logits."""
    u = lasting_at(month, draws.MATCH, row, trust.number)
    return _pull(trust, provider, month) + _match(u)


@njit
def _best(
    trust: Trust,
    providers: Records,
    is_takeover: bool,
    needs_room: bool,
    in_house: float,
    month: Month,
) -> int:
    """Return the row of the provider that suits a trust best, or NEVER, with odds ``in_house``.

    As ``-ln(-ln u) <= -ln(1 - u)``, most of them are out without a logarithm.
    """
    best, most, out = NEVER, -math.inf, 0.0
    if in_house > 0.0:
        u = lasting_at(month, draws.MATCH, len(providers), trust.number)
        most = math.log(in_house) + _match(u)
        out = _odds_beaten(most)
    for row in range(len(providers)):
        provider = providers[row]
        if can_be_chosen(provider, is_takeover, needs_room):
            u = lasting_at(month, draws.MATCH, row, trust.number)
            if (1.0 - u) * out > provider.odds:
                continue
            suit = _pull(trust, provider, month) + _match(u)
            if suit > most:
                best, most, out = row, suit, _odds_beaten(suit)
    return best


@njit
def _odds_beaten(most: float) -> float:
    """Return the odds below which no provider suits better than the best so far at a draw of 0."""
    return 0.999999 * math.exp(most) if abs(most) < 600.0 else 0.0
