"""A month as every agent faces it: levers, behaviour, and the key of its draws."""

from __future__ import annotations

import math
from typing import NamedTuple

from uptake.model import draws
from uptake.model._jit import Word, njit
from uptake.model.entities import Trust
from uptake.model.episode import FRESH, Sector, Structure
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters
from uptake.model.rules import clocks, value


class Terms(NamedTuple):
    """What follows from a month's levers alone."""

    years: float  # present value of a year's pound in every year of the term
    spared: float  # sanction that a member is spared, years of own spend
    hurry: float  # hazard that the deadline adds to a look, and to the end of a business case


class Month(NamedTuple):
    """A month as every agent faces it."""

    number: int  # months since the launch
    levers: Levers  # record of LEVERS, this month's
    structure: Structure  # record of STRUCTURE
    sector: Sector  # record of SECTOR
    parameters: Parameters  # record of PARAMETERS
    terms: Terms
    key: Word  # of the run, from which all its random numbers follow


@njit
def terms(levers: Levers, sector: Sector, month: int) -> Terms:
    """Return what follows from a month's levers alone."""
    years = value.annuity(levers.term_years, sector.discount_rate)
    spared = value.sanction(levers, sector, month)
    return Terms(years, spared, clocks.deadline_rate(levers, month))


@njit
def draw(month: Month, stream: int, entity: int) -> float:
    """Return an agent's draw for a purpose in this month: uniform on (0, 1)."""
    return draws.uniform_in(month.key, stream, month.number, entity)


@njit
def lasting(month: Month, stream: int, entity: int) -> float:
    """Return an agent's draw for a purpose in every month of a run: uniform on (0, 1)."""
    return draws.uniform_in(month.key, stream, 0, entity)


@njit
def lasting_at(month: Month, stream: int, row: int, entity: int) -> float:
    """Return a draw that lasts for a pair: an agent and the row of another, uniform on (0, 1)."""
    return draws.uniform_in(month.key, stream, row, entity)


@njit
def taste_since(month: Month, trust: Trust, looked: int) -> float:
    """Return how hard a trust is to convince: uniform on (0, 1).

    Drawn anew when it ``looked``, if it does not last. Trusts of a region share it in part:
    ``Phi(sqrt(t) z_region + sqrt(1 - t) z_own)``, uniform whatever the part ``t``.
    """
    since = looked if month.structure.taste == FRESH else 0
    own = draws.uniform_in(month.key, draws.TASTE, since, trust.number)
    together = month.levers.together
    if together <= 0.0:
        return own
    shared = draws.uniform_in(month.key, draws.REGION_TASTE, since, int(trust.region))
    if together >= 1.0:
        return shared
    z_shared, z_own = draws.normal_quantile(shared), draws.normal_quantile(own)
    return draws.normal_cdf(math.sqrt(together) * z_shared + math.sqrt(1.0 - together) * z_own)


@njit
def taste(month: Month, trust: Trust) -> float:
    """Return how hard a trust is to convince, where that lasts: uniform on (0, 1)."""
    return taste_since(month, trust, 0)
