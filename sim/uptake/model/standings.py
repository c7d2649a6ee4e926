"""Where trusts stand at the end of a run, counted by kind, size and region. Source: docs/why.md."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uptake.model._jit import njit
from uptake.model.entities import CONSIDERING, DECLINED, EXEMPT, NEVER, SERVED, SIGNED, State, Trust
from uptake.model.episode import Sector
from uptake.model.observation import SIZES, size_of

STANDINGS = (
    "exempt", "never_looked", "let_be", "considering", "declined", "waiting", "served", "left",
)  # fmt: skip
_EXEMPT, _NEVER_LOOKED, _LET_BE, _CONSIDERING, _DECLINED, _WAITING, _SERVED, _LEFT = range(
    len(STANDINGS)
)


@njit
def _standing(trust: Trust) -> int:
    """Return where a trust stands, as its place in ``STANDINGS``."""
    if trust.stage == EXEMPT:
        return _EXEMPT
    if trust.stage == SIGNED:
        return _WAITING
    if trust.stage == SERVED:
        return _SERVED
    if trust.signed_month != NEVER:
        return _LEFT
    if trust.stage == CONSIDERING:
        return _CONSIDERING
    if trust.stage == DECLINED:
        return _DECLINED
    return _LET_BE if trust.looked != 0 else _NEVER_LOOKED


@njit
def _count_standing(
    standings: NDArray[np.int32], refusals: NDArray[np.int32], standing: int, turned: int
) -> None:
    """Add a trust to the counts of a group: where it stands, and its reasons, as bits."""
    standings[standing] += 1
    for reason in range(len(refusals)):
        refusals[reason] += (turned >> reason) & 1


@njit
def observe_standings(
    state: State,
    trusts: int,
    sector: Sector,
    standings: NDArray[np.int32],
    refusals: NDArray[np.int32],
) -> None:
    """Count where trusts stand at the end of a run, and what turned away those that said no.

    ``standings`` has shape (groups, len(STANDINGS)), ``refusals`` (groups, reasons): kinds, sizes
    and regions, in this order.
    """
    kinds = len(standings) - len(SIZES) - len(state.regions)
    for row in range(trusts):
        trust = state.trusts[row]
        standing = _standing(trust)
        said_no = standing in (_LET_BE, _DECLINED)
        turned = int(state.turned[row]) if said_no else 0
        by_size, by_region = kinds + size_of(trust, sector), kinds + len(SIZES) + int(trust.region)
        _count_standing(standings[trust.kind], refusals[trust.kind], standing, turned)
        _count_standing(standings[by_size], refusals[by_size], standing, turned)
        _count_standing(standings[by_region], refusals[by_region], standing, turned)
