"""What a scheme offers: of which kind it is, and which histories offered the like.

Likeness is Gower's distance (1971, "A general coefficient of similarity and some of its
properties") by ranks (Podani 1999, "Extending Gower's general coefficient of similarity to ordinal
characters"): over what either of two schemes offers, the mean difference of their ranks among all.
It weighs nothing by what came of a scheme, and is the same rule for every scheme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from uptake.config.case import Case
from uptake.config.schema import Observation, lever_meanings
from uptake.errors import InputError, refusal
from uptake.model.initialization import empty_state, initialise

# The outcomes that count bodies, by the step on the way that they are of.
STEPS = {
    "looked": "attention", "interested": "attention", "considering": "attention",
    "joined": "signing", "members": "signing", "served": "service", "aligned": "service",
    "left": "leaving", "declined": "leaving",
}  # fmt: skip
MARKET, WAVES, MANDATED, VOLUNTARY = "market", "wave roll-out", "mandated", "voluntary"
KINDS = (VOLUNTARY, MANDATED, WAVES, MARKET)
NEAREST = 3

_HALF = 0.5  # a mandate above it overrules most refusals
_OFFERED = ("the offer", "the centre", "the way there")  # groups of levers
_KIND, _APPROACHED = "kind of offer", "bodies approached"


class Offer(NamedTuple):
    """What a scheme offered, and what was read of how far it came.

    Parameters
    ----------
    title
        Of the scheme, for a reader.
    kind
        One of ``KINDS``.
    terms
        The levers at the launch that are not neutral, by name; sums of money as shares of what the
        median body spends in scope a year. The number of bodies approached is one of them.
    read
        Month and share of the bodies approached, by outcome.
    """

    title: str
    kind: str
    terms: dict[str, float]
    read: dict[str, list[tuple[int, float]]]


class Like(NamedTuple):
    """A history that offered the like."""

    name: str
    offer: Offer
    distance: float  # 0: the same; at most 1

    def share_read(self, outcome: str, months: int) -> list[tuple[int, float]]:
        """Return month and share of what was read of an outcome, or of one of the same step."""
        step = STEPS.get(outcome)
        of = outcome if outcome in self.offer.read else None
        of = of or next((name for name in self.offer.read if STEPS.get(name) == step), None)
        return sorted(at for at in self.offer.read.get(str(of), []) if at[0] <= months)


def kind_of_offer(case: Case) -> str:
    """Return the kind of a scheme's offer, one of ``KINDS``.

    Of a market providers may enter. Else bodies have to take part if a mandate is above a half in
    some month, or a deadline with a sanction lies within the horizon; they do so in waves if so
    many start a month. All others are voluntary.
    """
    if any(provider.enters_later for provider in case.config.scenario.providers.values()):
        return MARKET
    levers = case.episode.levers
    is_due = (levers["deadline_month"] <= case.months) & (levers["sanction_share"] > 0.0)
    if not ((levers["mandate"] > _HALF) | is_due).any():
        return VOLUNTARY
    no_limit = lever_meanings()["waves_per_month"].neutral
    return WAVES if (levers["waves_per_month"] < no_limit).any() else MANDATED


def median_spend_gbp(case: Case) -> float:
    """Return what the median organisation of the first run spends in scope, GBP a year."""
    state = empty_state(case.episode)
    trusts = initialise(state, case.episode, case.config.seed, 0)
    return float(np.median(state.trusts.spend_gbp[:trusts]))


def share_read(case: Case, name: str, seen: Observation) -> tuple[float, float] | None:
    """Return what an observation reads as a share of the bodies approached, and what all are.

    A count is a share of the number that the scenario says; a ratio of the approached is one. None
    for bounds, and for what does not count bodies.
    """
    if name not in STEPS or seen.bound is not None or seen.of not in (None, "approached"):
        return None
    whole = 1.0 if seen.of else float(case.config.scenario.approached.value)
    return float(seen.value) / whole, whole


def offer_of(case: Case) -> Offer:
    """Return what a scheme offers at its launch, and what was read of it."""
    levers, spend, terms = case.episode.levers[0], median_spend_gbp(case), {}
    for name, meaning in lever_meanings().items():
        value = float(levers[name])
        if meaning.group in _OFFERED and value != meaning.neutral:
            terms[name] = value / spend if meaning.unit.startswith("GBP") else value
    terms[_APPROACHED] = float(case.config.scenario.approached.value)
    read: dict[str, list[tuple[int, float]]] = {}
    for name, seen in case.observed:
        found = share_read(case, name, seen)
        if found is not None:
            read.setdefault(name, []).append((seen.month, found[0]))
    return Offer(case.config.scenario.title, kind_of_offer(case), terms, read)


def _rank(value: float, among: Sequence[float]) -> float:
    """Return the rank of a value among others, from 0 to 1; the middle rank among equals."""
    every = np.asarray(among)
    return float(((every < value).mean() + (every <= value).mean()) / 2.0)


def distance(one: Offer, other: Offer, among: Sequence[Offer]) -> float:
    """Return how far two offers are from one another: 0 the same, at most 1.

    Parameters
    ----------
    one, other
        The offers.
    among
        All offers, by which terms are ranked.
    """
    neutral = {name: meaning.neutral for name, meaning in lever_meanings().items()}
    apart = [float(one.kind != other.kind)]
    for name in sorted(one.terms.keys() | other.terms.keys()):
        usual = neutral.get(name, 0.0)
        every = [offer.terms.get(name, usual) for offer in among]
        pair = (_rank(offer.terms.get(name, usual), every) for offer in (one, other))
        apart.append(abs(next(pair) - next(pair)))
    return float(np.mean(apart))


def histories_behind(case: Case) -> dict[str, Offer]:
    """Return what the histories offered from which the behaviour of a new scheme is drawn.

    Raises
    ------
    InputError
        The file of draws says it in another form.
    """
    try:
        return {name: _offer(**said) for name, said in case.histories.items()}
    except (AttributeError, OverflowError, TypeError, ValueError):
        told = "it does not say what its histories offered as uptake calibrate does"
        raise InputError(refusal("parameters.draws", case.config.parameters.draws, told)) from None


def _offer(title: str, kind: str, terms: Mapping[str, Any], read: Mapping[str, Any]) -> Offer:
    """Return an offer as a file says it, or raise a ValueError."""
    numbers = {str(name): float(value) for name, value in terms.items()}
    shares = {
        str(name): [(int(month), float(share)) for month, share in every]
        for name, every in read.items()
    }
    every = [*numbers.values(), *(share for found in shares.values() for _, share in found)]
    if kind not in KINDS or not isinstance(title, str) or not np.isfinite(every).all():
        raise ValueError
    return Offer(title, kind, numbers, shares)


def nearest(case: Case, count: int = NEAREST) -> list[Like]:
    """Return the histories whose offers are most like that of a new scheme, the nearest first.

    None if its behaviour is not drawn from histories of others. It is like no history of its own.

    Parameters
    ----------
    case
        The scheme.
    count
        Of the histories that are returned.
    """
    known = histories_behind(case)
    if not known:
        return []
    own, among = offer_of(case), list(known.values())
    found = [Like(name, offer, distance(own, offer, among)) for name, offer in known.items()]
    others = [like for like in found if like.name != case.config.scenario.name]
    return sorted(others, key=lambda like: (like.distance, like.name))[:count]
