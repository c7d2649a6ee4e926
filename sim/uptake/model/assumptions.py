"""Assumptions: numbers of an episode that are known within a range, drawn with the parameters.

An episode holds the middle of each, and says where it stands. A run writes what it draws into a
copy of the episode's tables, before its first month; no rule knows of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.model import draws
from uptake.model._jit import Word, njit, word
from uptake.model.episode import Episode, Range

# The tables that hold such a number.
LEVER = 0
SECTOR_FACT = 1
OFFER_FACT = 2
MEDIAN_INCOME = 3
START_FACT = 4

AS_DRAWN = np.zeros((1, 0))  # shares of assumptions: none is given, the key of each run draws them


class Tables(NamedTuple):
    """Numbers of an episode as they lie in its records: writing into one changes the other."""

    levers: NDArray[np.float64]  # (months + 1, levers)
    sector: NDArray[np.float64]  # (1, facts)
    offers: NDArray[np.float64]  # (providers, facts)
    medians: NDArray[np.float64]  # (kinds, 1) median incomes, GBP a year
    starts: NDArray[np.float64]  # (entries, facts)


def own_copy(episode: Episode) -> Episode:
    """Return an episode whose numbers can be written over."""
    return episode._replace(
        levers=episode.levers.copy(),
        sector=episode.sector.copy(),
        offers=episode.offers.copy(),
        kinds=episode.kinds.copy(),
        starts=episode.starts.copy(),
    )


def tables_of(episode: Episode) -> Tables:
    """Return the numbers of an episode as they lie in its records."""

    def plain(records: Any) -> NDArray[np.float64]:
        return np.asarray(records).view(np.float64).reshape(len(records), len(records.dtype))

    medians = np.asarray(episode.kinds)["income_median_gbp"].reshape(-1, 1)
    return Tables(
        plain(episode.levers),
        plain(episode.sector),
        plain(episode.offers),
        medians,
        plain(episode.starts),
    )


@njit
def value_in(one: Range, share: float) -> float:
    """Return the value of an assumption at a share of its draws: half of them lie below its middle.

    Parameters
    ----------
    one
        Its range.
    share
        Of the draws, from 0 to 1.
    """
    if share < 0.5:
        value = one.low + 2.0 * share * (one.middle - one.low)
    else:
        value = one.middle + (2.0 * share - 1.0) * (one.high - one.middle)
    return float(round(value)) if one.whole > 0.0 else value


@njit
def assumed_value(one: Range, draw: Word) -> float:
    """Return the value of an assumption with the parameters whose key is ``draw``."""
    return value_in(one, draws.uniform_in(draw, draws.ASSUMPTIONS, 0, one.key))


@njit
def shares_of(one: Range, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return at which share of its draws an assumption is with each set of parameters."""
    shares = np.empty(len(keys))
    for i in range(len(keys)):
        shares[i] = draws.uniform_in(keys[i], draws.ASSUMPTIONS, 0, one.key)
    return shares


@njit
def assumed_values(one: Range, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return the values of an assumption with each set of parameters, shape (sets,)."""
    values = np.empty(len(keys))
    for i in range(len(keys)):
        values[i] = assumed_value(one, keys[i])
    return values


@njit
def assume(episode: Episode, tables: Tables, draw: Word, shares: NDArray[np.float64]) -> None:
    """Write what is assumed into an episode's tables.

    Parameters
    ----------
    episode
        Its ranges, and where they stand.
    tables
        What is written into.
    draw
        The key of the parameters, by which each assumption is drawn;
    shares
        unless it is given, as a share of its draws, shape (ranges,); none are: shape (0,).
    """
    for i in range(len(episode.cells)):
        cell = episode.cells[i]
        one = episode.ranges[cell.range]
        given = len(shares) > 0
        value = value_in(one, shares[cell.range]) if given else assumed_value(one, draw)
        if cell.table == LEVER:
            for month in range(cell.row, cell.last + 1):
                tables.levers[month, cell.field] = value
        elif cell.table == SECTOR_FACT:
            tables.sector[0, cell.field] = value
        elif cell.table == OFFER_FACT:
            for row in range(cell.row, cell.last + 1):
                tables.offers[row, cell.field] = value
        elif cell.table == START_FACT:
            tables.starts[cell.row, cell.field] = value
        else:
            tables.medians[cell.row, 0] = value


def of_draw(episode: Episode, draw: int) -> Episode:
    """Return an episode with what is assumed with the parameters whose key is ``draw``."""
    own = own_copy(episode)
    assume(own, tables_of(own), word(draw), AS_DRAWN[0])
    return own
