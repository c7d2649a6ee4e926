"""A month as every agent faces it: levers, behaviour, and the key of its draws."""

from __future__ import annotations

from typing import NamedTuple

from uptake.model import draws
from uptake.model._jit import Word, njit
from uptake.model.episode import Sector, Structure
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters
from uptake.model.rules import trusts as rules


class Month(NamedTuple):
    """A month as every agent faces it."""

    number: int  # months since the launch
    levers: Levers  # record of LEVERS, this month's
    structure: Structure  # record of STRUCTURE
    sector: Sector  # record of SECTOR
    parameters: Parameters  # record of PARAMETERS
    years: float  # present value of a year's pound in every year of the term
    key: Word  # of the run, from which all its random numbers follow


@njit
def draw(month: Month, stream: int, entity: int) -> float:
    """Return an agent's draw for a purpose in this month: uniform on (0, 1)."""
    return draws.uniform_in(month.key, stream, month.number, entity)


@njit
def annuity_factor(levers: Levers, sector: Sector) -> float:
    """Return the present value of 1 a year over the term on offer, in years."""
    return rules.annuity(levers.term_years, sector.discount_rate)
