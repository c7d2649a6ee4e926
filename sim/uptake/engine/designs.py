"""Designs: which values the axes of a sweep take at each of its points.

An axis is a key that differs from point to point. A grid is never laid out as a whole: its points
are worked out from their numbers, so that a million of them weigh nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptake.errors import InputError

Floats = NDArray[np.float64]

DESIGNS = ("grid", "lhs", "sobol", "file")
MOST_POINTS = 10_000_000


@dataclass(frozen=True)
class Axis:
    """A key and the values that it takes: those of a list, or any of an interval.

    NaN stands for "as the scenario has it".
    """

    key: str
    values: Floats | None  # (levels,), or
    low: float = 0.0  # from low
    high: float = 0.0  # up to high, where whole numbers include both
    whole: bool = False

    def at(self, shares: Floats) -> Floats:
        """Return the values at shares of the way along the axis, in [0, 1)."""
        if self.values is not None:
            return self.values[np.floor(shares * len(self.values)).astype(np.int64)]
        if self.whole:
            return self.low + np.floor(shares * (self.high - self.low + 1.0))
        return self.low + shares * (self.high - self.low)


@dataclass(frozen=True)
class Grid:
    """Every combination of the values of some axes; the last one moves fastest."""

    keys: tuple[str, ...]
    axes: tuple[Floats, ...]

    @property
    def count(self) -> int:
        """Return the number of points."""
        return int(np.prod([len(axis) for axis in self.axes], dtype=np.int64))

    def values(self, first: int, count: int) -> Floats:
        """Return the values at consecutive points, shape (count, axes)."""
        if not self.axes:
            return np.empty((count, 0))
        shape = [len(axis) for axis in self.axes]
        levels = np.unravel_index(np.arange(first, first + count), shape)
        return np.column_stack([axis[at] for axis, at in zip(self.axes, levels, strict=True)])


@dataclass(frozen=True)
class Listed:
    """Points one by one."""

    keys: tuple[str, ...]
    rows: Floats  # (points, axes)

    @property
    def count(self) -> int:
        """Return the number of points."""
        return len(self.rows)

    def values(self, first: int, count: int) -> Floats:
        """Return the values at consecutive points, shape (count, axes)."""
        return self.rows[first : first + count]


Points = Grid | Listed


def sampled(design: str, axes: Sequence[Axis], points: int, seed: int) -> Floats:
    """Return points that fill the space of the axes evenly, shape (points, axes).

    ``lhs`` is a Latin hypercube (McKay, Beckman and Conover 1979), ``sobol`` a scrambled sequence
    of Sobol' (1967; Owen 1998), whose points are balanced at powers of two only.
    """
    from scipy.stats import qmc

    if design == "sobol" and points & (points - 1):
        allowed = "a power of two is needed, such as"
        near = 1 << (points.bit_length() - 1)
        raise InputError(f"sweep.points={points}: {allowed} {near} or {2 * near}")
    sampler = qmc.Sobol if design == "sobol" else qmc.LatinHypercube
    shares = np.asarray(sampler(d=len(axes), rng=seed).random(points))
    return np.column_stack([axis.at(shares[:, i]) for i, axis in enumerate(axes)])
