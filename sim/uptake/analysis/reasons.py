"""Why a trust decided as it did: the terms of its utility, in logits and in pounds.

Terms are taken away from the rule's utility one after the other. A term is what the utility loses
with it, so the terms add up to the utility. In pounds of the trust's own valuation it is the sum
on signing that would weigh as much: logits x spend / value weight.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

from uptake.engine.mesa import Decision
from uptake.model.rules import trusts as rules
from uptake.model.rules import value


class Term(NamedTuple):
    """Something that spoke for joining (above 0) or against it."""

    name: str
    logits: float
    gbp: float

    @property
    def side(self) -> str:
        """What it spoke for."""
        return "for" if self.logits > 0.0 else "against"


class Reasons(NamedTuple):
    """Why a trust decided as it did."""

    month: int
    joined: bool
    turned_away: bool  # it would have joined, and found no place
    probability: float  # that it would want to join
    hurried: bool
    obliged: bool
    at_first_look: bool  # it let it be without a business case
    terms: list[Term]  # by weight


# What is taken away, one after the other: the term, and the fields of levers and parameters (or
# what the trust believes, or the provider's reserve) that are set to nothing.
_TAKEN_AWAY = (
    ("saving that it believes in", ("saving",)),
    ("being bound to a saving in doubt", ("doubt",)),
    ("discount and services bundled in", ("discount_share", "bundle_share")),
    ("sharing the provider's cost", ("cost_shared",)),
    ("running fee", ("yearly_fee_gbp",)),
    ("quality, against its own", ("worse",)),
    ("changing its own processes", ("migration_cost_years",)),
    ("sanction for those who stay out", ("spared",)),
    ("strain on its budget", ("liquidity_weight",)),
    ("fee on signing, less grant", ("upfront_fee_gbp", "grant_gbp")),
    ("peers and professions for it", ("peers_weight",)),
    ("standing with the centre", ("endorsement_weight",)),
    ("staff who would leave", ("staff_resistance",)),
    ("risk of a legal challenge", ("caution",)),
    ("a provider that is not public", ("public_preference",)),
    ("not designed for its kind", ("misfit_weight",)),
    ("control that it would give up", ("sovereignty",)),
)


def _utilities(decision: Decision) -> Iterator[float]:
    """Yield the utility, then what is left of it as one term after the other is taken away."""
    month, prospect, trust = decision.month, decision.prospect, decision.trust
    levers: Any = copy(month.levers)
    parameters: Any = copy(month.parameters)
    provider: Any = copy(decision.provider)
    own = {"saving": prospect.saving, "doubt": prospect.doubt, "spared": month.terms.spared}
    for _, fields in (("", ()), *_TAKEN_AWAY):
        for field in fields:
            if field in own:
                own[field] = 0.0
            elif field == "worse":
                provider.outlook = month.sector.home_quality
            else:
                (levers if field in levers.dtype.names else parameters)[field] = 0.0
        worth = value.benefit(
            trust,
            provider,
            levers,
            parameters,
            month.sector,
            month.terms.years,
            own["saving"],
            prospect.delay,
            prospect.gap,
            0.0,
            own["doubt"],
        )
        common = rules.common_utility(levers, parameters, decision.advocates_share)
        yield rules.joining_utility(
            trust, provider, levers, parameters, worth, own["spared"], common
        )


def reasons(decision: Decision) -> Reasons:
    """Return why a trust decided as it last did."""
    left = list(_utilities(decision))
    weight = float(decision.month.parameters.value_weight)
    pounds = decision.trust.spend_gbp / weight if weight > 0.0 else math.nan
    terms = [
        Term(name, before - after, (before - after) * pounds)
        for (name, _), before, after in zip(_TAKEN_AWAY, left, left[1:], strict=False)
        if before != after
    ]
    return Reasons(
        month=int(decision.month.number),
        joined=bool(decision.joined),
        turned_away=bool(decision.wants and not decision.joined),
        probability=float(rules.logistic(left[0])),
        hurried=bool(decision.trust.hurried),
        obliged=bool(decision.is_obliged),
        at_first_look=decision.is_look,
        terms=sorted(terms, key=lambda term: -abs(term.logits)),
    )
