"""Where trusts stand at the end of a run, and what they gained, by kind, size and region.

Source: docs/why.md, docs/money.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uptake.model._jit import njit
from uptake.model.entities import CONSIDERING, DECLINED, EXEMPT, NEVER, SERVED, SIGNED, State, Trust
from uptake.model.episode import Episode
from uptake.model.observation import SIZES, size_of
from uptake.model.processes.accounts import gained_gbp

STANDINGS = (
    "exempt", "never_looked", "let_be", "considering", "declined", "waiting", "served", "left",
)  # fmt: skip
GAINS = ("gained_gbp", "ahead", "behind")  # of a group: the sum, and how many trusts
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
def _count_gain(gains: NDArray[np.float64], gained: float) -> None:
    """Add what a trust gained to a group: the sum, and whether it is ahead or behind."""
    gains[0] += gained
    gains[1] += gained > 0.0
    gains[2] += gained < 0.0


@njit
def observe_standings(
    state: State,
    trusts: int,
    episode: Episode,
    standings: NDArray[np.int32],
    refusals: NDArray[np.int32],
    gains: NDArray[np.float64],
) -> None:
    """Count where trusts stand at the end of a run, what turned away those that said no, who gains.

    ``standings`` has shape (groups, len(STANDINGS)), ``refusals`` (groups, reasons), ``gains``
    (groups, len(GAINS)): kinds, sizes and regions, in this order.
    """
    sector, centre = episode.sector[0], state.centre[0]
    refund = episode.levers[max(centre.scrapped_month, 0)].refund_share
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
        gained = gained_gbp(trust, state.accounts[row], centre.status, refund)
        _count_gain(gains[trust.kind], gained)
        _count_gain(gains[by_size], gained)
        _count_gain(gains[by_region], gained)
