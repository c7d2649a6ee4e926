"""Rivals of the model: what other histories say of one that is left out, without any rules.

The reference class looks up what others of its kind had reached at that age. The Bass curve is
fitted to the others: a share of bodies follows ceiling x F(t), where dF/dt = (p + q F)(1 - F), and
ceiling, p and q differ between curves around a mean of their group, as these do around a common
one. Both know of a history what the model is told of its offer: its kind. Neither knows a model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from uptake.inference.likelihood import Floats, Integers

LEAST_CLASS = 3  # histories, of fewer no rival speaks

_CHAINS, _STEPS, _BURNT, _KEPT_EVERY = 4, 1_200, 400, 4
_PREDICTIVE = 5  # schemes never seen for each draw that is kept
_MONTHS = 12.0  # of a year, in which p and q are told

# Of the log odds of the ceiling, of log p and of log q (a year): mean and sd of the common mean,
# and the sd of half-normal spreads between groups and within them. Means of p and q over many
# products: Sultan, Farley and Lehmann 1990. Of a ceiling nothing is known: 5 to 95 %.
MEAN = np.array([0.0, math.log(0.03), math.log(0.38)])
MEAN_SD = np.array([1.5, 1.0, 1.0])
BETWEEN_SD = np.array([1.0, 1.0, 1.0])
WITHIN_SD = np.array([1.5, 1.0, 1.0])
STRAY_SD = 0.05  # half-normal, of how far a history strays from its curve
_SPREADS = np.geomspace(0.05, 6.0, 40)  # on which spreads are drawn
_STEP_SIZES = np.array([0.05, 0.2, 0.6, 1.5])
_RIDGES = np.array(
    [[1.0, -1.0, 0.0], [1.0, 0.0, -1.0], [0.0, 1.0, -1.0], [1.0, -1.0, 1.0]]
)  # of moves of a curve, in units of the three


class Reading(NamedTuple):
    """A share of bodies that was read of a history.

    Parameters
    ----------
    history
        Its name.
    kind
        Of its offer.
    outcome
        What was read.
    step
        That the outcome belongs to, such as service.
    month
        After the launch.
    share
        What was read, of the bodies approached.
    error
        Standard deviation of the reading.
    """

    history: str
    kind: str
    outcome: str
    step: str
    month: int
    share: float
    error: float


def is_spoken_of(readings: Sequence[Reading], one: Reading) -> bool:
    """Tell whether enough other histories have readings of a step for rivals to predict one."""
    others = {other.history for other in readings if other.step == one.step} - {one.history}
    return len(others) >= LEAST_CLASS


def reference_class(readings: Sequence[Reading], one: Reading) -> Floats:
    """Return what other histories had reached at the nearest age, a share each, shape (histories,).

    They are those of the same kind and step; if these are fewer than ``LEAST_CLASS``, those of the
    same step. Of two readings that are as near, the earlier is taken.

    Parameters
    ----------
    readings
        Of all histories; those of its own are left out.
    one
        The reading that is predicted.
    """
    others = [o for o in readings if o.history != one.history and o.step == one.step]
    alike = [other for other in others if other.kind == one.kind]
    if len({other.history for other in alike}) >= LEAST_CLASS:
        others = alike
    nearest: dict[str, Reading] = {}
    for other in sorted(others, key=lambda other: (abs(other.month - one.month), other.month)):
        nearest.setdefault(other.history, other)
    return np.array([other.share for other in nearest.values()])


def bass(months: Floats, p: Floats, q: Floats) -> Floats:
    """Return the share of its ceiling that a Bass curve has reached.

    (1 - e^-(p+q)t) / (1 + q/p e^-(p+q)t), t in years (Bass 1969, "A new product growth for model
    consumer durables").

    Examples
    --------
    Without imitation it is exponential:

    >>> round(float(bass(np.array(12.0), np.array(0.5), np.array(0.0))), 4) == round(
    ...     1 - math.exp(-0.5), 4
    ... )
    True
    """
    gone = np.exp(-(p + q) * months / _MONTHS)
    return np.asarray((1.0 - gone) / (1.0 + q / p * gone))


def share_of(curves: Floats, months: Floats) -> Floats:
    """Return the shares of curves, whose last axis is log odds of ceiling, log p, log q."""
    p, q = np.exp(np.clip(curves[..., 1], -12.0, 6.0)), np.exp(np.clip(curves[..., 2], -12.0, 6.0))
    return np.asarray(special.expit(curves[..., 0]) * bass(months, p, q))


@dataclass(frozen=True)
class _Data:
    """Readings, and which curve each is of; a curve is an outcome of a history."""

    group: Integers  # (curves,)
    is_kept: Floats  # (batch, curves): 1, or 0 where its history is left out
    curve: Integers  # (readings,)
    months: Floats  # (readings,)
    shares: Floats
    variance: Floats


class BassDraws(NamedTuple):
    """Draws of the population of curves, for each history left out.

    Parameters
    ----------
    groups
        Names of the groups, each a kind and a step.
    mean
        Of each group, shape (histories, draws, groups, 3).
    within
        Spread within groups, shape (histories, draws, 3).
    stray
        Shape (histories, draws).
    """

    groups: tuple[tuple[str, str], ...]
    mean: Floats
    within: Floats
    stray: Floats

    def predicted(
        self, place: int, group: tuple[str, str], month: int, rng: np.random.Generator
    ) -> Floats:
        """Return shares that a scheme never seen may have reached, shape (shares,).

        Parameters
        ----------
        place
            Of the history that is left out.
        group
            Of the scheme.
        month
            After its launch.
        rng
            Where random numbers come from.
        """
        mean = np.repeat(self.mean[place, :, self.groups.index(group)], _PREDICTIVE, axis=0)
        within = np.repeat(self.within[place], _PREDICTIVE, axis=0)
        stray = np.repeat(self.stray[place], _PREDICTIVE)
        curves = mean + within * rng.standard_normal(mean.shape)
        shares = share_of(curves, np.array(float(month)))
        return np.clip(shares + stray * rng.standard_normal(len(stray)), 0.0, 1.0)


def _spreads(
    rng: np.random.Generator, squares: Floats, counts: Floats, half_normal: Floats
) -> Floats:
    """Return spreads given sums of squares around a mean, drawn on a grid, shape (batch, 3).

    Grid points lie evenly in the logarithm, which gives each a weight in proportion to itself.
    """
    s = _SPREADS[:, None, None]
    logs = -counts * np.log(s) - 0.5 * squares / (s * s) - 0.5 * (s / half_normal) ** 2 + np.log(s)
    weights = np.cumsum(np.exp(logs - logs.max(axis=0)), axis=0)
    at = (weights < rng.random(squares.shape) * weights[-1]).sum(axis=0)
    return np.asarray(_SPREADS[np.minimum(at, len(_SPREADS) - 1)])


class _Chain:
    """A Gibbs sampler with Metropolis steps for curves, all histories left out side by side.

    Early readings fix ceiling times p, not each. So steps go along ridges, and whole groups move;
    single parameters still mix slowly, while predictions agree between chains and seeds.
    """

    def __init__(self, data: _Data, groups: int, seed: int) -> None:
        self.data, self.rng = data, np.random.default_rng(seed)
        batch, curves = data.is_kept.shape
        self.member = np.zeros((curves, groups))
        self.member[np.arange(curves), data.group] = 1.0
        self.is_of = np.zeros((len(data.curve), curves))  # of a reading, which curve it is of
        self.is_of[np.arange(len(data.curve)), data.curve] = 1.0
        self.common = np.tile(MEAN, (batch, 1))
        self.mean = np.tile(MEAN, (batch, groups, 1))
        self.between = np.tile(0.5 * BETWEEN_SD, (batch, 1))
        self.within = np.tile(0.5 * WITHIN_SD, (batch, 1))
        self.stray = np.full(batch, 0.5 * STRAY_SD)
        noise = self.rng.standard_normal((batch, curves, 3))
        self.curves = MEAN + 0.5 * WITHIN_SD * noise
        self.logs = self._likelihood(self.curves, self.stray)

    def _likelihood(self, curves: Floats, stray: Floats) -> Floats:
        """Return the log likelihood of each curve, shape (batch, curves)."""
        data = self.data
        apart = data.shares - share_of(curves[:, data.curve], data.months)
        variance = data.variance + (stray * stray)[:, None]
        logs = -0.5 * (apart * apart / variance + np.log(variance))
        return np.asarray(logs @ self.is_of * data.is_kept)

    def _steps(self, shape: tuple[int, ...]) -> Floats:
        """Return steps of random size and direction, shape (*shape, 3).

        Half of them go along a ridge, on which what one of the three loses another makes up for.
        """
        noise = self.rng.standard_normal((*shape, 3))
        along = _RIDGES[self.rng.integers(len(_RIDGES), size=shape)] * noise[..., :1]
        is_ridge = self.rng.random(shape) < 0.5
        size = _STEP_SIZES[self.rng.integers(len(_STEP_SIZES), size=shape)]
        return np.asarray(size[..., None] * np.where(is_ridge[..., None], along, noise))

    def _move_curves(self) -> None:
        """Move every curve: by a step of random size, or anew from its group."""
        mean, within = self.mean[:, self.data.group], self.within[:, None]
        is_anew = self.rng.random(self.curves.shape[:2]) < 0.2
        anew = mean + within * self.rng.standard_normal(self.curves.shape)
        stepped = self.curves + self._steps(self.curves.shape[:2])
        proposed = np.where(is_anew[:, :, None], anew, stepped)
        logs = self._likelihood(proposed, self.stray)
        prior = 0.5 * (
            ((self.curves - mean) / within) ** 2 - ((proposed - mean) / within) ** 2
        ).sum(axis=2)
        rise = logs - self.logs + np.where(is_anew, 0.0, prior)
        moved = np.log(self.rng.random(rise.shape)) < rise
        self.curves[moved], self.logs[moved] = proposed[moved], logs[moved]

    def _draw_population(self) -> None:
        """Draw means and spreads given the curves that are kept."""
        kept, rng = self.data.is_kept[:, :, None], self.rng
        counts = np.einsum("bc,cg->bg", self.data.is_kept, self.member)[:, :, None]
        sums = np.einsum("bcj,cg->bgj", self.curves * kept, self.member)
        within, between = self.within[:, None] ** 2, self.between[:, None] ** 2
        precision = counts / within + 1.0 / between
        centre = (sums / within + self.common[:, None] / between) / precision
        self.mean = centre + rng.standard_normal(centre.shape) / np.sqrt(precision)
        groups = self.mean.shape[1]
        precision = groups / between[:, 0] + 1.0 / MEAN_SD**2
        centre = (self.mean.sum(axis=1) / between[:, 0] + MEAN / MEAN_SD**2) / precision
        self.common = centre + rng.standard_normal(centre.shape) / np.sqrt(precision)
        apart = (self.curves - self.mean[:, self.data.group]) ** 2 * kept
        total = np.broadcast_to(kept.sum(axis=1), self.common.shape)
        self.within = _spreads(rng, apart.sum(axis=1), total, WITHIN_SD)
        apart = (self.mean - self.common[:, None]) ** 2
        total = np.full(self.common.shape, float(groups))
        self.between = _spreads(rng, apart.sum(axis=1), total, BETWEEN_SD)

    def _shift_groups(self) -> None:
        """Move the mean of each group, and all its curves along with it."""
        step = self._steps(self.mean.shape[:2])
        proposed, between = self.mean + step, self.between[:, None]
        curves = self.curves + step[:, self.data.group]
        logs = self._likelihood(curves, self.stray)
        before, after = ((one - self.common[:, None]) / between for one in (self.mean, proposed))
        rise = 0.5 * (before**2 - after**2).sum(axis=2) + (logs - self.logs) @ self.member
        moved = np.log(self.rng.random(rise.shape)) < rise
        here = moved[:, self.data.group]
        self.mean[moved] = proposed[moved]
        self.curves[here], self.logs[here] = curves[here], logs[here]

    def _stretch(self) -> None:
        """Move one spread within groups, and all curves away from their means along with it."""
        which = np.arange(3) == self.rng.integers(3, size=(len(self.stray), 1))
        step = np.where(which, 0.4 * self.rng.standard_normal((len(self.stray), 1)), 0.0)
        mean, proposed = self.mean[:, self.data.group], self.within * np.exp(step)
        curves = mean + (self.curves - mean) * np.exp(step)[:, None]
        logs = self._likelihood(curves, self.stray)
        prior = 0.5 * ((self.within**2 - proposed**2) / WITHIN_SD**2).sum(axis=1)
        rise = (logs - self.logs).sum(axis=1) + prior + step.sum(axis=1)
        is_inside = ((proposed >= _SPREADS[0]) & (proposed <= _SPREADS[-1])).all(axis=1)
        moved = (np.log(self.rng.random(len(rise))) < rise) & is_inside
        self.within[moved], self.curves[moved] = proposed[moved], curves[moved]
        self.logs[moved] = logs[moved]

    def _move_stray(self) -> None:
        """Move how far histories stray from their curves, by a step of its logarithm."""
        step = 0.4 * self.rng.standard_normal(len(self.stray))
        proposed = self.stray * np.exp(step)
        logs = self._likelihood(self.curves, proposed)
        rise = (logs - self.logs).sum(axis=1) + step
        rise += 0.5 * (self.stray**2 - proposed**2) / STRAY_SD**2
        moved = np.log(self.rng.random(len(rise))) < rise
        self.stray[moved], self.logs[moved] = proposed[moved], logs[moved]

    def step(self) -> None:
        """Move all once."""
        self._move_curves()
        self._shift_groups()
        self._move_curves()
        self._stretch()
        self._draw_population()
        self._move_stray()


def fitted_bass(
    readings: Sequence[Reading], left_out: Sequence[str], seed: int, steps: int = _STEPS
) -> BassDraws:
    """Return draws of the population of Bass curves, without each history in turn.

    Parameters
    ----------
    readings
        Of all histories.
    left_out
        Names of the histories to leave out, one at a time; one that has no reading leaves out
        nothing.
    seed
        Not negative.
    steps
        Of each of four chains; a third of them is dropped.
    """
    names = sorted({(one.history, one.outcome) for one in readings})
    groups = tuple(sorted({(one.kind, one.step) for one in readings}))
    own_group = {(r.history, r.outcome): groups.index((r.kind, r.step)) for r in readings}
    kept = np.array([[name != own for name, _ in names] for own in left_out], float)
    data = _Data(
        group=np.array([own_group[name] for name in names]),
        is_kept=np.tile(kept, (_CHAINS, 1)),
        curve=np.array([names.index((one.history, one.outcome)) for one in readings]),
        months=np.array([float(one.month) for one in readings]),
        shares=np.array([one.share for one in readings]),
        variance=np.array([one.error**2 for one in readings]),
    )
    chain, draws = _Chain(data, len(groups), seed), []
    burnt = steps * _BURNT // _STEPS
    for step in range(steps):
        chain.step()
        if step >= burnt and (step - burnt) % _KEPT_EVERY == 0:
            draws.append((chain.mean.copy(), chain.within.copy(), chain.stray.copy()))

    def of_histories(part: int) -> Floats:
        every = np.stack([draw[part] for draw in draws], axis=1)  # (chains x histories, draws, ...)
        return np.concatenate(np.split(every, _CHAINS), axis=1)

    return BassDraws(groups, of_histories(0), of_histories(1), of_histories(2))
