"""Where runs of one kind lie: boxes by patient rule induction. Knows no model.

Sources: Friedman and Fisher 1999, "Bump hunting in high-dimensional data"; Bryant and Lempert 2010,
"Thinking inside the box". Half of the runs find the box, the others say how good it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PEEL = 0.05  # of the runs in the box, at a time
LEAST = 0.03  # of all runs, in the smallest box
MOST_FACTORS = 4
_CANDIDATES = 12  # factors that tell the kinds apart most, each by itself
BY_CHANCE = 0.05  # quasi-p-value, shared by all factors
FEWEST = 40  # runs of the kind, to look for a box


class Limit(NamedTuple):
    """A side of a box: a factor is at least, or at most, a value."""

    name: str
    is_most: bool
    value: float
    quasi_p: float  # that chance alone makes the box so much denser by this side


class Box(NamedTuple):
    """A box, and what of the held-out runs is in it."""

    limits: tuple[Limit, ...]
    coverage: float  # share of the runs of the kind that are in the box
    density: float  # share of the runs in the box that are of the kind
    base: float  # share of all runs that are of the kind
    runs: int  # in the box
    kind_runs: int  # of the kind
    held_out: int


Side = tuple[int, bool, float]  # factor, whether it is an upper one, value
Sides = dict[tuple[int, bool], float]  # of a box: at most one of each


def _inside(columns: Floats, sides: Sides) -> Bools:
    """Return which rows lie within all sides."""
    within = np.ones(len(columns), np.bool_)
    for (factor, is_most), value in sides.items():
        one = columns[:, factor]
        within &= one <= value if is_most else one >= value
    return within


def _peels(columns: Floats, within: Bools) -> list[Side]:
    """Return how a box can be made a little smaller: a side each."""
    rows, found = columns[within], []
    for factor in range(columns.shape[1]):
        one = rows[:, factor]
        low, high = np.quantile(one, [PEEL, 1.0 - PEEL], method="lower")
        found.append((factor, False, float(one[one > low].min(initial=np.inf))))
        found.append((factor, True, float(one[one < max(high, low)].max(initial=-np.inf))))
    return [side for side in found if np.isfinite(side[2])]


def _share(kind: Floats, weights: Floats, within: Bools) -> float:
    """Return the share of the rows within that are of the kind."""
    total = float(weights[within].sum())
    return float((weights * kind)[within].sum()) / total if total else 0.0


def peeled(columns: Floats, kind: Floats, weights: Floats) -> list[Sides]:
    """Return ever smaller boxes, each the densest that one peel makes of the one before.

    Parameters
    ----------
    columns
        Factors, shape (rows, factors).
    kind
        1 where a row is of the kind, else 0, or which part of it is, shape (rows,).
    weights
        Shape (rows,).
    """
    sides: Sides = {}
    boxes, within = [dict(sides)], np.ones(len(columns), np.bool_)
    whole = float(weights.sum())
    while True:
        best: tuple[float, Side, Bools] | None = None
        for factor, is_most, value in _peels(columns, within):
            one = columns[:, factor]
            smaller = within & (one <= value if is_most else one >= value)
            mass, lost = float(weights[smaller].sum()), int(within.sum() - smaller.sum())
            if mass < LEAST * whole or lost == 0:
                continue
            density = _share(kind, weights, smaller)
            if best is None or density > best[0] + 1e-12:
                best = density, (factor, is_most, value), smaller
        if best is None or _share(kind, weights, within) >= 1.0:
            return boxes
        _, (factor, is_most, value), within = best
        sides = {**sides, (factor, is_most): value}
        boxes.append(sides)


def goodness(columns: Floats, kind: Floats, weights: Floats, sides: Sides) -> float:
    """Return the harmonic mean of coverage and density."""
    within = _inside(columns, sides)
    density, all_of = _share(kind, weights, within), float((weights * kind).sum())
    coverage = float((weights * kind)[within].sum()) / all_of if all_of else 0.0
    return 2.0 * coverage * density / (coverage + density) if coverage + density else 0.0


def quasi_p(columns: Floats, kind: Floats, sides: Sides, side: tuple[int, bool]) -> float:
    """Return how likely chance alone makes a box as dense as it is by one of its sides.

    ``P(Binomial(n, p) >= k)``: of ``n`` rows in the box ``k`` are of the kind, and a share ``p`` of
    those in the box without that side.
    """
    from scipy.stats import binom

    within = _inside(columns, sides)
    without = _inside(columns, {one: value for one, value in sides.items() if one != side})
    hits = int(kind[within].sum())
    return float(binom.sf(hits - 1, int(within.sum()), kind[without].mean()))


def _apart(columns: Floats, kind: Floats) -> Floats:
    """Return how far the distributions of each factor are apart between kinds, (factors,).

    The largest distance between the two, of Kolmogorov and Smirnov.
    """
    found = np.empty(columns.shape[1])
    for factor in range(columns.shape[1]):
        _, at = np.unique(columns[:, factor], return_inverse=True)
        of_kind, others = np.bincount(at, kind), np.bincount(at, 1.0 - kind)
        below = np.cumsum(of_kind) / of_kind.sum() - np.cumsum(others) / others.sum()
        found[factor] = np.abs(below).max()
    return found


def _best_box(columns: Floats, kind: Floats, weights: Floats, factors: list[int]) -> Sides:
    """Return the best of the boxes that peeling some factors goes through."""
    boxes = peeled(columns[:, factors], kind, weights)
    named = [{(factors[i], upper): v for (i, upper), v in sides.items()} for sides in boxes]
    return max(named, key=lambda sides: goodness(columns, kind, weights, sides))


def found_box(columns: Floats, kind: Floats, weights: Floats, limit: float) -> Sides:
    """Return the sides of the best box of a few factors; none if chance may have made them.

    Factors come in one by one, each time the one whose box is best, as long as chance does not
    explain what it adds.
    """
    candidates = list(np.argsort(-_apart(columns, kind), kind="stable")[:_CANDIDATES].tolist())
    chosen: list[int] = []
    sides: Sides = {}
    while len(chosen) < MOST_FACTORS:
        made = [_best_box(columns, kind, weights, [*chosen, c]) for c in candidates]
        scores = [goodness(columns, kind, weights, one) for one in made]
        at = int(np.argmax(scores))
        one = {
            side: value
            for side, value in made[at].items()
            if quasi_p(columns, kind, made[at], side) <= limit
        }
        is_new = any(factor == candidates[at] for factor, _ in one)
        if not is_new or scores[at] <= goodness(columns, kind, weights, sides):
            break
        chosen.append(candidates.pop(at))
        sides = one
        if not candidates:
            break
    return sides


def box(
    factors: Mapping[str, Floats],
    kind: Floats,
    weights: Floats | None = None,
    seed: int = 1,
) -> Box | None:
    """Return the box that holds most runs of a kind and few others, or None if there is none.

    Of the boxes that peeling goes through it is the one with the best harmonic mean of coverage and
    density, without sides that chance may have made. Coverage and density are those of the runs
    that did not find it; these must also be denser in it than chance makes them.

    Parameters
    ----------
    factors
        By name, each shape (runs,).
    kind
        1 where a run is of the kind, else 0; of what is seen several times, the part that is.
    weights
        How often each run is seen, shape (runs,); once, if left out.
    seed
        Of the halves.
    """
    from scipy.stats import binom

    weights = np.ones(len(kind)) if weights is None else weights
    names = [name for name, one in factors.items() if np.ptp(one) > 0.0]
    if not names or min(int(kind.sum()), int((1.0 - kind).sum())) < FEWEST:
        return None
    columns = np.column_stack([factors[name] for name in names])
    is_first = np.random.default_rng(seed).permutation(len(kind)) % 2 == 0
    one = (columns[is_first], kind[is_first], weights[is_first])
    sides = found_box(*one, BY_CHANCE / (2 * len(names)))
    columns, kind, weights = columns[~is_first], kind[~is_first], weights[~is_first]
    within, of_kind = _inside(columns, sides), weights * kind
    hits, rows = int(kind[within].sum()), int(within.sum())
    if not sides or binom.sf(hits - 1, rows, kind.mean()) > BY_CHANCE:
        return None
    limits = tuple(
        Limit(names[factor], is_most, value, quasi_p(*one[:2], sides, (factor, is_most)))
        for (factor, is_most), value in sorted(sides.items())
    )
    return Box(
        limits,
        float(of_kind[within].sum() / of_kind.sum()),
        _share(kind, weights, within),
        float(of_kind.sum() / weights.sum()),
        int(within.sum()),
        int(kind.sum()),
        len(kind),
    )
