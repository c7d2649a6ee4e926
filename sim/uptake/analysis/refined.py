"""A grid that grows where interpolation on it is off. Knows no model.

Between the points of a grid a function is interpolated, linearly along every axis. The grid begins
coarse; the middle of every interval is tried at places spread over the other axes; where the
function is off there by more than is allowed, the interval is halved, the worst first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_FINEST = 1.0 / 256.0  # of an axis: no interval is shorter
_ASIDE = 3  # of so many points that are spread, one lies aside, on an axis that has such a place
_TRIED = 6  # places at which the middle of an interval is tried
_TRIED_LAST = 128  # points off the grid at which it is tried in the end, or fewer:
_TRIED_SHARE = 0.25  # of all points
_SHARE = 2  # of the intervals that are off, so manyth part is halved in a round, the worst


@dataclass(frozen=True)
class Axis:
    """An interval, and the levels at which it is cut.

    Parameters
    ----------
    levels
        Rising, two or more.
    whole
        Whether it is cut at whole numbers only.
    aside
        Whether it has one more place, NaN, before its levels.
    """

    levels: tuple[float, ...]
    whole: bool = False
    aside: bool = False

    @property
    def places(self) -> tuple[float, ...]:
        """Return the levels, after the place that is on no side of them, if there is one."""
        return (np.nan, *self.levels) if self.aside else self.levels

    def middle(self, interval: int) -> float | None:
        """Return the level that halves an interval; None: it is as short as it may be."""
        low, high = self.levels[interval : interval + 2]
        if high - low < 2.0 * _FINEST * (self.levels[-1] - self.levels[0]):
            return None
        middle = round((low + high) / 2.0) if self.whole else (low + high) / 2.0
        return float(middle) if low < middle < high else None

    def halved(self, intervals: Sequence[int]) -> Axis:
        """Return the axis with some of its intervals halved."""
        middles = [self.middle(interval) for interval in intervals]
        more = {one for one in middles if one is not None}
        return replace(self, levels=tuple(sorted({*self.levels, *more})))


@dataclass(frozen=True)
class Grid:
    """A function at every combination of the levels of some axes.

    Parameters
    ----------
    axes
        Each with two levels or more.
    values
        Shape (places of the first axis, ..., of the last, columns).
    tried
        Points that are not on the grid, shape (points, axes).
    off
        How far interpolation is off there, shape (points, columns).
    """

    axes: tuple[Axis, ...]
    values: Floats
    tried: Floats
    off: Floats

    @property
    def points(self) -> int:
        """Return how many points the grid has."""
        return int(np.prod(self.values.shape[:-1]))

    def at(self, points: Floats) -> Floats:
        """Return the function at points, shape (points, columns); linear between the levels."""
        return _interpolated(self.axes, self.values, points)


def _interpolated(axes: Sequence[Axis], values: Floats, points: Floats) -> Floats:
    """Return values between the levels of a grid; at NaN, those of that place."""
    from scipy.interpolate import interpn

    found = np.empty((len(points), values.shape[-1]))
    patterns, which = np.unique(np.isnan(points), axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        here = which.ravel() == number
        cut: list[int | slice] = [
            0 if is_aside else slice(1 if one.aside else 0, None)
            for one, is_aside in zip(axes, pattern, strict=True)
        ]
        some = values[tuple(cut)]
        levels = [one.levels for one, off in zip(axes, pattern, strict=True) if not off]
        found[here] = interpn(levels, some, points[here][:, ~pattern]) if levels else some
    return found


def _combined(axes: Sequence[Axis]) -> Floats:
    """Return every combination of places, shape (points, axes); the last axis moves fastest."""
    meshes = np.meshgrid(*[one.places for one in axes], indexing="ij")
    return np.stack([mesh.ravel() for mesh in meshes], axis=1)


def _spread(axes: Sequence[Axis], count: int, seed: int) -> Floats:
    """Return points spread evenly over all axes, shape (count, axes)."""
    from scipy.stats import qmc

    with np.errstate(all="ignore"):
        shares = qmc.Sobol(len(axes), rng=seed).random_base2(int(np.ceil(np.log2(count))))[:count]
    ends = np.array([(one.levels[0], one.levels[-1]) for one in axes])
    points = ends[:, 0] + shares * (ends[:, 1] - ends[:, 0])
    for column, one in enumerate(axes):
        if one.whole:
            points[:, column] = np.round(points[:, column])
        if one.aside:
            points[column % _ASIDE :: _ASIDE, column] = np.nan
    return np.asarray(points)


class _Known:
    """What is known of a function: it is asked once at each point."""

    def __init__(self, function: Callable[[Floats], Floats]) -> None:
        self._function, self._known = function, dict[tuple[float, ...], Floats]()

    def __len__(self) -> int:
        """Return at how many points it was asked."""
        return len(self._known)

    def __call__(self, points: Floats) -> Floats:
        """Return the function at points, shape (points, columns)."""
        keys = [tuple(row) for row in np.where(np.isnan(points), np.inf, points).tolist()]
        new = {key: row for row, key in enumerate(keys) if key not in self._known}
        if new:
            self._known.update(zip(new, self._function(points[list(new.values())]), strict=True))
        return np.array([self._known[key] for key in keys])


def refined(
    function: Callable[[Floats], Floats],
    axes: Sequence[Axis],
    judged: Callable[[Floats], Floats],
    within: float,
    most: int,
    seed: int = 1,
) -> Grid:
    """Return a function on a grid that is fine enough, or as fine as it may be.

    Parameters
    ----------
    function
        Of points, shape (points, axes): shape (points, columns).
    axes
        Each with two levels or more to begin with.
    judged
        Makes of differences, shape (points, columns), how far off they are, shape (points,).
    within
        How far it may be off.
    most
        Points at which the function is asked, those included at which the grid is tried; more than
        the ends of all axes together.
    seed
        Of where it is tried.
    """
    known, now, rng = _Known(function), _begun(axes, most), np.random.default_rng(seed)
    last = min(_TRIED_LAST, int(_TRIED_SHARE * most))
    while True:
        values = known(_combined(now)).reshape(*(len(one.places) for one in now), -1)
        intervals = [
            (i, j)
            for i, one in enumerate(now)
            for j in range(len(one.levels) - 1)
            if one.middle(j) is not None
        ]
        if not intervals or len(known) + len(intervals) * _TRIED + last > most:
            break
        points = np.concatenate([_middles(rng, now, i, j) for i, j in intervals])
        apart = judged(known(points) - _interpolated(now, values, points))
        off = apart.reshape(len(intervals), -1).max(axis=1)
        worst = [intervals[at] for at in np.argsort(-off) if off[at] > within]
        finer = _halved(now, worst[: -(-len(worst) // _SHARE)], most - len(known) - last)
        if finer == now:
            break
        now = finer
    points = _spread(now, last, seed)
    return Grid(now, values, points, known(points) - _interpolated(now, values, points))


def _begun(axes: Sequence[Axis], most: int) -> tuple[Axis, ...]:
    """Return the axes to begin with: their ends alone, where more would be too many points."""
    whole = (1.0 - _TRIED_SHARE) * most
    if np.prod([len(one.places) for one in axes]) <= whole:
        return tuple(axes)
    return tuple(replace(one, levels=(one.levels[0], one.levels[-1])) for one in axes)


def _middles(rng: np.random.Generator, axes: Sequence[Axis], axis: int, interval: int) -> Floats:
    """Return points in the middle of an interval of an axis, at places of the others.

    Once the interval is halved, they are points of the grid.
    """
    points = np.column_stack([_in_turn(rng, one.places) for one in axes])
    points[:, axis] = axes[axis].middle(interval)
    return points


def _in_turn(rng: np.random.Generator, places: Sequence[float]) -> Floats:
    """Return places of an axis, each as often as any other, in any order."""
    rounds = -(-_TRIED // len(places))
    drawn = np.concatenate([rng.permutation(places) for _ in range(rounds)])
    return np.asarray(rng.permutation(drawn[:_TRIED]))


def _halved(
    axes: tuple[Axis, ...], worst: Sequence[tuple[int, int]], most: int
) -> tuple[Axis, ...]:
    """Return axes with the worst intervals halved, as far as new points are not too many."""
    size = np.prod([len(one.places) for one in axes])
    chosen: dict[int, list[int]] = {}
    found = axes
    for axis, interval in worst:
        asked = {**chosen, axis: [*chosen.get(axis, []), interval]}
        finer = tuple(one.halved(asked.get(i, [])) for i, one in enumerate(axes))
        if np.prod([len(one.places) for one in finer]) - size <= most:
            chosen, found = asked, finer
    return found
