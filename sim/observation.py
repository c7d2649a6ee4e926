"""From trajectory to outcomes and curves: what is read off a run. No plotting."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim._jit import njit
from sim.entities import (
    CONSIDERING,
    DECLINED,
    INTERESTED,
    JOINED,
    LIVE,
    MIGRATING,
    NEVER,
    State,
)
from sim.submodels.providers import loss_gbp

OUTCOMES = np.dtype(
    [
        ("run", np.int64),
        ("approached", np.int64),
        ("joined", np.int64),  # trusts that have ever signed
        ("interested", np.int64),  # interests that a newspaper could have counted
        ("considering", np.int64),  # trusts with an interest or a business case under way
        ("declined", np.int64),
        ("live", np.int64),
        ("left", np.int64),  # trusts that were members and are out now
        ("scrapped_month", np.int64),  # or -1
        ("provider_loss_gbp", np.float64),
        ("grants_gbp", np.float64),
        ("realised_saving_gbp", np.float64),
    ]
)

# Counted by kind and by size of trust.
BREAKDOWN = ("approached", "joined", "interested", "declined")

# Counted every month, from month 0 on.
CURVES = ("joined", "interested", "considering", "declined", "live", "left")

# Sizes of trusts by income: the last has no upper end.
SIZES = ("small", "medium", "large")


@njit
def observe_month(networks: Any, centre: Any, month: int, curves: Any) -> None:
    """Write the month's counts into ``curves``, shape (len(CURVES), months + 1)."""
    considering = declined = members = live = 0
    for peers in networks:
        counts = peers.in_stage
        considering += counts[INTERESTED] + counts[CONSIDERING]
        declined += counts[DECLINED]
        members += counts[JOINED] + counts[MIGRATING] + counts[LIVE]
        live += counts[LIVE]
    curves[0, month] = centre.joined
    curves[1, month] = centre.reported
    curves[2, month] = considering
    curves[3, month] = declined
    curves[4, month] = live
    curves[5, month] = centre.joined - members


@njit
def _count(counts: Any, trust: Any) -> None:
    """Add a trust to the four counts of ``BREAKDOWN``."""
    counts[0] += 1
    counts[1] += trust.signed_month != NEVER
    counts[2] += trust.reports
    counts[3] += trust.stage == DECLINED


@njit
def observe_run(
    state: State, trusts: int, sector: Any, curves: Any, outcome: Any, by_kind: Any, by_size: Any
) -> None:
    """Write what a finished run came to into its record, and the counts by kind and by size.

    ``by_kind`` has shape (kinds, 4) and ``by_size`` (3, 4), in the order of ``BREAKDOWN``; the
    counts of the last month are those of ``curves``.
    """
    records, centre = state.trusts, state.centre[0]
    for row in range(trusts):
        trust = records[row]
        size = 0 if trust.income_gbp < sector.medium_from_gbp else 1
        size = 2 if trust.income_gbp >= sector.large_from_gbp else size
        _count(by_kind[trust.kind], trust)
        _count(by_size[size], trust)
    realised = 0
    for region in state.regions:
        realised += region.realised_saving_gbp
    outcome.approached = trusts
    outcome.joined = curves[0, -1]
    outcome.interested = curves[1, -1]
    outcome.considering = curves[2, -1]
    outcome.declined = curves[3, -1]
    outcome.live = curves[4, -1]
    outcome.left = curves[5, -1]
    outcome.scrapped_month = centre.scrapped_month
    outcome.provider_loss_gbp = loss_gbp(state.providers[0])
    outcome.grants_gbp = centre.grants_gbp
    outcome.realised_saving_gbp = realised
