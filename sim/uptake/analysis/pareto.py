"""What cannot be bettered in one respect without losing in another. Knows no model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def front(points: Floats) -> NDArray[np.int64]:
    """Return the rows that no other row dominates, in their order.

    One dominates another if it is at least as good in every respect and better in one.

    Parameters
    ----------
    points
        More is better in every column, shape (points, respects).

    Examples
    --------
    >>> front(np.array([[1.0, 3.0], [2.0, 2.0], [1.0, 2.0], [3.0, 1.0]]))
    array([0, 1, 3])
    """
    kept = [
        i
        for i, one in enumerate(points)
        if not np.any(np.all(points >= one, axis=1) & np.any(points > one, axis=1))
    ]
    return np.array(kept, np.int64)


def compromise(points: Floats) -> int:
    """Return the row that is nearest to the best of every column, each as a share of its range."""
    low, high = points.min(axis=0), points.max(axis=0)
    short = (high - points) / np.where(high > low, high - low, 1.0)
    return int((short**2).sum(axis=1).argmin())
