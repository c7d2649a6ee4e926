"""A month as every agent faces it: levers, behaviour, and the key of its draws."""

from __future__ import annotations

from typing import Any, NamedTuple

from uptake.model import draws
from uptake.model._jit import njit
from uptake.model.rules import trusts as rules


class Month(NamedTuple):
    """A month as every agent faces it."""

    number: int  # months since the launch
    levers: Any  # record of LEVERS, this month's
    structure: Any  # record of STRUCTURE
    sector: Any  # record of SECTOR
    parameters: Any  # record of PARAMETERS
    years: float  # present value of a year's pound in every year of the term
    key: Any  # of the run, from which all its random numbers follow


@njit
def draw(month: Month, stream: int, entity: int) -> float:
    """Return an agent's draw for a purpose in this month: uniform on (0, 1)."""
    return draws.uniform_in(month.key, stream, month.number, entity)


@njit
def annuity_factor(levers: Any, sector: Any) -> float:
    """Return the present value of 1 a year over the term on offer, in years."""
    return rules.annuity(levers.term_years, sector.discount_rate)
