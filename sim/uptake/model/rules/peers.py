"""What trusts learn from one another: evidence as precisions and weighted values of signals."""

from __future__ import annotations

import math

from uptake.model._jit import njit
from uptake.model.levers import Levers
from uptake.model.parameters import Parameters


@njit
def signal_precision(parameters: Parameters) -> float:
    """Return the precision of one signal of the saving (one member, one month)."""
    return 1.0 / (parameters.signal_sd_share * parameters.signal_sd_share)


@njit
def members_signal(parameters: Parameters, aligned: int, z: float) -> float:
    """Return the mean of a month's signals from aligned members, a share of spend.

    Each is ``Normal(realised saving, signal sd)``, so the mean of ``aligned`` of them is
    ``realised + sd z / sqrt(aligned)`` for a standard normal ``z``.
    """
    return parameters.realised_saving_share + parameters.signal_sd_share * z / math.sqrt(aligned)


@njit
def share(part: int, whole: int) -> float:
    """Return ``part / whole``, 0 where there is nobody."""
    return part / whole if whole > 0 else 0.0


@njit
def advocates_share(levers: Levers, joined_share: float) -> float:
    """Return the share of peers that speak for the scheme: those who joined, and professions.

    Professional networks that take the lead speak for it as peers that had joined would:
    ``share + lead (1 - share)``.
    """
    return joined_share + levers.professions_lead * (1.0 - joined_share)
