"""Calibration: from a prior and observations to draws from the posterior. Knows no model.

Annealed sequential Monte Carlo (Del Moral, Doucet and Jasra 2006, "Sequential Monte Carlo
samplers"): a population of points goes from the prior to the posterior in stages, by way of
windows around the counts that grow narrower, down to none. At each stage points are weighted,
drawn anew by weight, and moved by a Markov chain that keeps the target of the stage. Likelihoods
are estimated from runs, each proposal with fresh luck, and the luck is part of the point
(pseudo-marginal); so the last stage is about the exact match, not about an approximation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from uptake.errors import Stopped
from uptake.inference.likelihood import Effort, Floats, Integers, Source, log_likelihood
from uptake.inference.proposals import Proposals

_EDGE = 2.0**-52  # of the unit cube
_BISECTIONS = 30
_FOLDS = 8  # of the points


@dataclass(frozen=True)
class Problem:
    """What is uncertain and what was observed.

    ``prior`` turns points of the unit cube, shape (points, dimensions), into what the sources
    simulate, a row a point: it is made of quantile functions, so uniform points become draws.
    """

    dimensions: int
    prior: Callable[[Floats], Any]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Settings:
    """How thoroughly the posterior is sought."""

    points: int = 500
    windows: tuple[float, ...] = (5.0, 3.0, 1.0, 0.0)
    effort: Effort = field(default_factory=Effort)
    ess_share: float = 0.2  # of the points' effective number, kept from one stage to the next
    unmoved_share: float = 0.25  # moves go on until so few points are where they were, about
    unmoved_at_last: float = 0.03
    most_moves: int = 30


class Points(NamedTuple):
    """A population of points, each with its luck."""

    normal: Floats  # (points, dimensions) in coordinates in which the prior is standard normal
    luck: Integers  # (points,)
    logs: Floats  # (points, 2) log likelihood within the window before, and within this one


@dataclass(frozen=True)
class Stage:
    """What happened at a stage."""

    window: float
    power: float  # how much of the step to this window is done; 1: all
    ess: float  # effective number of points after weighting
    log_evidence: float  # so far
    acceptance: float  # share of moves that were made
    moves: int  # of every point
    distinct: int  # points at the end, copies counted once
    runs: int  # of all sources


@dataclass(frozen=True)
class State:
    """Where the search stands; all that is needed to go on."""

    points: Points
    lucks: int  # how many were given out
    window: int  # the place of the present one among the settings' windows; past the last: done
    stages: tuple[Stage, ...] = ()

    def is_done(self, settings: Settings) -> bool:
        """Tell whether the points are draws from the posterior."""
        return self.window == len(settings.windows)


def effective(log_weights: Floats) -> float:
    """Return the effective sample size (sum w)^2 / sum w^2 of weights given as logarithms."""
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / (weights * weights).sum())


def _log_mean(log_weights: Floats) -> float:
    """Return the logarithm of the mean of weights given as logarithms."""
    top = log_weights.max()
    return float(top + np.log(np.mean(np.exp(log_weights - top))))


def unit(normal: Floats) -> Floats:
    """Return points of the open unit cube from normal coordinates."""
    from scipy.special import ndtr

    return np.clip(ndtr(normal), _EDGE, 1.0 - _EDGE)


def _likelihoods(
    problem: Problem, settings: Settings, normal: Floats, luck: Integers, at: int
) -> tuple[Floats, int]:
    """Return the log likelihood of all sources together, and the runs that it took.

    It has shape (points, 2): within the window before the one at a place, and within that one.
    Before the first there is none, and so no likelihood but 1.
    """
    points, runs, effort = problem.prior(unit(normal)), 0, settings.effort
    total = np.zeros((len(luck), 2))
    windows = settings.windows[max(at - 1, 0) : at + 1]
    windows = windows if at else (windows[0], windows[0])
    for source in problem.sources:
        left = np.isfinite(total[:, 0])  # what one source rules out, no other is asked about
        logs, took = log_likelihood(source, points[left], luck[left], windows, effort)
        total[left] += logs
        runs += took
    if at == 0:
        total[:, 0] = 0.0
    return total, runs


def _next_power(gain: Floats, power: float, ess_share: float) -> float:
    """Return how far to go towards the next window: so that the weights keep their share of ESS."""
    wanted = ess_share * np.isfinite(gain).sum()

    def is_near(to: float) -> bool:
        return effective((to - power) * gain) >= wanted

    if is_near(1.0):
        return 1.0
    near, far = power, 1.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (near + far)
        near, far = (middle, far) if is_near(middle) else (near, middle)
    return far


def _systematic(rng: np.random.Generator, log_weights: Floats) -> Integers:
    """Return the rows of as many points drawn by weight, evenly spaced."""
    weights = np.exp(log_weights - log_weights.max())
    ends = np.cumsum(weights / weights.sum())
    places = (np.arange(len(weights)) + rng.random()) / len(weights)
    return np.minimum(np.searchsorted(ends, places, side="right"), len(weights) - 1)


def _rows(points: Points, rows: Integers) -> Points:
    """Return some of the points."""
    return Points(points.normal[rows], points.luck[rows], points.logs[rows])


def _tempered(logs: Floats, power: float) -> Floats:
    """Return the log likelihood on the way from one window to the next."""
    mixed, alive = np.full(len(logs), -np.inf), np.isfinite(logs[:, 1])
    mixed[alive] = (1.0 - power) * logs[alive, 0] + power * logs[alive, 1]
    return mixed


def _moved(
    problem: Problem,
    settings: Settings,
    rng: np.random.Generator,
    points: Points,
    at: int,
    power: float,
    first_luck: int,
) -> tuple[Points, float, int]:
    """Return points after a step each, the share that moved, and the runs it took.

    The steps keep prior times tempered likelihood, luck included. The points of a fold, drawn anew
    for each step, go by proposals that are fitted to the other folds: fitted to themselves, points
    would draw together step by step.
    """
    count = len(points.luck)
    proposed, rise = np.empty_like(points.normal), np.empty(count)
    fold = rng.permutation(count) % _FOLDS
    for number in range(_FOLDS):
        here = np.flatnonzero(fold == number)
        others = fold != number
        distinct = len(np.unique(points.luck[others]))
        kept = Proposals.fitted(points.normal[others], distinct)
        proposed[here] = kept.proposed(rng, points.normal[here])
        rise[here] = kept.level(proposed[here]) - kept.level(points.normal[here])
    luck = first_luck + np.arange(count)
    logs, runs = _likelihoods(problem, settings, proposed, luck, at)
    rise += _tempered(logs, power) - _tempered(points.logs, power)
    moved = np.log(rng.random(count)) < rise
    after = Points(
        np.where(moved[:, None], proposed, points.normal),
        np.where(moved, luck, points.luck),
        np.where(moved[:, None], logs, points.logs),
    )
    return after, float(moved.mean()), runs


def start(problem: Problem, settings: Settings, seed: int) -> State:
    """Return draws from the prior, and how likely each makes what was observed."""
    rng = np.random.default_rng([seed, 0])
    normal = rng.standard_normal((settings.points, problem.dimensions))
    luck = np.arange(settings.points)
    logs, _ = _likelihoods(problem, settings, normal, luck, 0)
    return State(Points(normal, luck, logs), settings.points, 0)


def advance(problem: Problem, settings: Settings, seed: int, state: State) -> State:
    """Return the state after one more stage: points weighted, drawn by weight, and moved."""
    rng = np.random.default_rng([seed, 1 + len(state.stages)])
    points, at, stages = state.points, state.window, state.stages
    before = stages[-1].power if stages and stages[-1].power < 1.0 else 0.0
    gain = points.logs[:, 1] - points.logs[:, 0]
    if not np.isfinite(gain).any():
        within = f"within {settings.windows[at]:g} of what was observed"
        raise Stopped(f"no run of any of {len(gain)} points is {within}: try more points")
    power = _next_power(gain, before, settings.ess_share)
    log_weights = (power - before) * gain
    chosen = _systematic(rng, log_weights)
    points = _rows(points, chosen)
    is_last = power == 1.0 and at == len(settings.windows) - 1
    moves, accepted, still, runs, lucks = 0, 0.0, 1.0, 0, state.lucks
    unmoved = settings.unmoved_at_last if is_last else settings.unmoved_share
    while moves < 1 or (still > unmoved and moves < settings.most_moves):
        points, share, took = _moved(problem, settings, rng, points, at, power, lucks)
        moves, accepted, runs, lucks = moves + 1, accepted + share, runs + took, lucks + len(gain)
        still *= 1.0 - share
    if power == 1.0 and not is_last:
        logs, took = _likelihoods(problem, settings, points.normal, points.luck, at + 1)
        points, runs = points._replace(logs=logs), runs + took
    stage = Stage(
        window=settings.windows[at],
        power=power,
        ess=effective(log_weights),
        log_evidence=(stages[-1].log_evidence if stages else 0.0) + _log_mean(log_weights),
        acceptance=accepted / moves,
        moves=moves,
        distinct=len(np.unique(points.luck)),
        runs=runs,
    )
    return State(points, lucks, at + (power == 1.0), (*stages, stage))


def search(problem: Problem, settings: Settings, seed: int) -> State:
    """Return draws from the posterior, equally weighted, and how they were come by."""
    state = start(problem, settings, seed)
    while not state.is_done(settings):
        state = advance(problem, settings, seed, state)
    return state


def likelihoods_again(
    problem: Problem, settings: Settings, normal: Floats, repeats: int, first_luck: int
) -> Floats:
    """Return the log likelihood of one point at the last window, with luck of its own each time.

    ``normal`` has shape (dimensions,), what is returned (repeats,): its variance tells how noisy
    the estimates are; between 1 and 2 the search does its work best (Doucet, Pitt, Deligiannidis
    and Kohn 2015, "Efficient implementation of Markov chain Monte Carlo when using an unbiased
    likelihood estimator").
    """
    again, luck = np.tile(normal, (repeats, 1)), first_luck + np.arange(repeats)
    last = len(settings.windows) - 1
    return _likelihoods(problem, settings, again, luck, last)[0][:, 1]
