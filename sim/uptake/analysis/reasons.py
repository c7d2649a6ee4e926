"""Why a trust decided as it did: the terms of its utility, in words and in pounds.

A term is what the rule itself says less what it says with that term taken away, one after the
other, so that the terms add up to the utility. In pounds of the trust's own valuation it is the
sum on signing that would weigh as much: logits x spend / value weight.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

from uptake.engine.mesa import Decision
from uptake.model.entities import Trust
from uptake.model.rules import trusts as rules


class Term(NamedTuple):
    """Something that spoke for joining (above 0) or against it."""

    name: str
    logits: float
    gbp: float


class Reasons(NamedTuple):
    """Why a trust decided as it did."""

    month: int
    joined: bool
    turned_away: bool  # it would have joined, and found no place
    probability: float  # that it would want to join
    hurried: bool
    terms: list[Term]  # by weight


# What is taken away, one after the other: the term, and the fields of levers and parameters (or
# what the trust believes, or the provider's appeal) that are set to nothing.
_TAKEN_AWAY = (
    ("saving that it believes in", ("saving",)),
    ("discount and services bundled in", ("discount_share", "bundle_share")),
    ("running fee", ("yearly_fee_gbp",)),
    ("changing its own processes", ("migration_cost_years",)),
    ("strain on its budget", ("liquidity_weight",)),
    ("fee on signing, less grant", ("upfront_fee_gbp", "grant_gbp")),
    ("peers and professions for it", ("peers_weight",)),
    ("pressure of the centre", ("pressure_weight",)),
    ("standing with the centre", ("endorsement_weight",)),
    ("staff who would leave", ("staff_resistance",)),
    ("risk of a legal challenge", ("caution",)),
    ("the provider", ("appeal",)),
    ("not designed for its kind", ("misfit_weight",)),
    ("control that it would give up", ("sovereignty",)),
)


def _utilities(trust: Trust, decision: Decision) -> Iterator[float]:
    """Yield the utility, then what is left of it as one term after the other is taken away."""
    month = decision.month
    levers: Any = copy(month.levers)
    parameters: Any = copy(month.parameters)
    own = {"saving": decision.prospect.saving, "appeal": decision.appeal}
    for _, fields in (("", ()), *_TAKEN_AWAY):
        for field in fields:
            if field in own:
                own[field] = 0.0
            else:
                (levers if field in levers.dtype.names else parameters)[field] = 0.0
        common = rules.common_utility(levers, parameters, decision.advocates_share)
        yield rules.joining_utility(
            trust,
            levers,
            parameters,
            month.years,
            own["saving"],
            common + own["appeal"],
            decision.prospect.seen,
        )


def reasons(trust: Trust, decision: Decision) -> Reasons:
    """Return why a trust, a record of ``TRUST``, decided as it did."""
    left = list(_utilities(trust, decision))
    weight = float(decision.month.parameters.value_weight)
    pounds = trust.spend_gbp / weight if weight > 0.0 else math.nan
    terms = [
        Term(name, before - after, (before - after) * pounds)
        for (name, _), before, after in zip(_TAKEN_AWAY, left, left[1:], strict=False)
        if before != after
    ]
    return Reasons(
        month=int(decision.month.number),
        joined=decision.joined,
        turned_away=decision.wants and not decision.joined,
        probability=float(rules.logistic(left[0])),
        hurried=bool(decision.prospect.is_hurried),
        terms=sorted(terms, key=lambda term: -abs(term.logits)),
    )
