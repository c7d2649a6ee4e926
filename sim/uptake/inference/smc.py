"""Sequential Monte Carlo: from a prior and what was reported to draws from the posterior.

Tempered sequential Monte Carlo (Del Moral, Doucet and Jasra 2006, "Sequential Monte Carlo
samplers"): particles go from the prior to the posterior in stages. Tolerances around the counts
grow narrower, down to none, and the step from one tolerance to the next is tempered. At each stage
particles are weighted, resampled, and moved by a Markov chain that keeps the target of the stage.
Likelihoods are estimated from runs. Each proposal has a random stream of its own, which is part of
the particle (pseudo-marginal); so the last stage, with no tolerance left, is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from uptake.errors import Stopped
from uptake.inference.chain import Particles, Problem, Settings, Stage, State
from uptake.inference.likelihood import NO_RUN, Floats, Integers, Needed, log_likelihood
from uptake.inference.proposals import Proposals
from uptake.inference.weights import effective, log_mean, next_tempering, resampled

_EDGE = 2.0**-52  # of the unit cube
_FOLDS = 8  # of the particles
_NEARER_ESS_SHARE = 0.5  # that each step to another prior keeps

Favour = Callable[[Floats], Floats]  # log density of another prior over that of the own one


class OutOfReach(Stopped):
    """Too few particles have a run within a tolerance of what was reported.

    Parameters
    ----------
    at, tolerance
        The tolerance: its place among those of the settings, and what it is.
    alive, particles
        How many have one, of how many.
    """

    def __init__(self, at: int, tolerance: float, alive: int, particles: int) -> None:
        few = f"{alive} of {particles}" if alive else f"none of {particles}"
        within = f"within {tolerance:g} of what was observed"
        super().__init__(f"{few} particles have a run {within}: try more particles")
        self.at = at


def unit(normal: Floats) -> Floats:
    """Return the points of the open unit cube at normal coordinates: their distribution function.

    Parameters
    ----------
    normal
        Any shape.

    Returns
    -------
    Floats
        The same shape; never 0 or 1, where quantile functions end.
    """
    from scipy.special import ndtr

    return np.clip(ndtr(normal), _EDGE, 1.0 - _EDGE)


def normal_of(shares: Floats) -> Floats:
    """Return the normal coordinates of points of the unit cube: the inverse of ``unit``."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(shares, _EDGE, 1.0 - _EDGE)))


def _likelihoods(
    problem: Problem,
    settings: Settings,
    normal: Floats,
    stream: Integers,
    at: int,
    needed: Needed | None = None,
) -> tuple[Particles, int]:
    """Return particles with the log likelihood of all sources together, and the runs it took.

    It is told at the tolerance before the one of index ``at``, and at that one. Before the first
    there is none, and so no likelihood but 1. A particle that cannot reach what is ``needed`` any
    more has the likelihood 0.
    """
    parameters, runs, effort = problem.prior(unit(normal)), 0, settings.effort
    total = np.zeros((len(stream), 2))
    taken = np.full((len(stream), len(problem.sources)), NO_RUN)
    tolerances = settings.tolerances[max(at - 1, 0) : at + 1]
    tolerances = tolerances if at else (tolerances[0], tolerances[0])
    for column, source in enumerate(problem.sources):
        left = np.isfinite(total[:, 0])  # what one source rules out, no other is asked about
        least = needed
        if needed:  # no source has a likelihood above 1
            so_far = total[left] @ needed.shares
            least = Needed(needed.shares, needed.least[left] - so_far)
        found = log_likelihood(source, parameters[left], stream[left], tolerances, effort, least)
        total[left] += found.logs
        taken[left, column] = found.taken
        runs += found.runs
    if at == 0:
        total[:, 0] = 0.0
    return Particles(normal, stream, total, taken), runs


def _rows(particles: Particles, rows: Integers) -> Particles:
    """Return some of the particles."""
    return Particles._make(column[rows] for column in particles)


def _tempered(logs: Floats, tempering: float) -> Floats:
    """Return the log likelihood on the way from one tolerance to the next."""
    mixed, alive = np.full(len(logs), -np.inf), np.isfinite(logs[:, 1])
    mixed[alive] = (1.0 - tempering) * logs[alive, 0] + tempering * logs[alive, 1]
    return mixed


def _moved(
    problem: Problem,
    settings: Settings,
    rng: np.random.Generator,
    particles: Particles,
    at: int,
    tempering: float,
    first_stream: int,
    favour: Favour | None,
) -> tuple[Particles, float, int]:
    """Return the particles after one move each, the share accepted, and the runs it took.

    The moves keep prior times tempered likelihood, random stream included. The particles of a fold,
    drawn anew for each move, go by proposals that are fitted to the other folds: fitted to
    themselves, particles would draw together move by move.
    """
    count = len(particles.stream)
    proposed, rise = np.empty_like(particles.normal), np.empty(count)
    fold = rng.permutation(count) % _FOLDS
    for number in range(_FOLDS):
        here = np.flatnonzero(fold == number)
        others = fold != number
        distinct = len(np.unique(particles.stream[others]))
        kept = Proposals.fitted(particles.normal[others], distinct)
        proposed[here] = kept.proposed(rng, particles.normal[here])
        rise[here] = kept.log_ratio(proposed[here]) - kept.log_ratio(particles.normal[here])
    if favour:
        rise += favour(proposed) - favour(particles.normal)
    stream = first_stream + np.arange(count)
    lots, now = np.log(rng.random(count)), _tempered(particles.logs, tempering)
    shares = np.array([1.0 - tempering, tempering]) if at else np.array([0.0, tempering])
    needed = Needed(shares, lots + now - rise)  # below that a proposal is rejected
    there, runs = _likelihoods(problem, settings, proposed, stream, at, needed)
    moved = lots < rise + (_tempered(there.logs, tempering) - now)
    after = _rows(particles, np.arange(count))
    for column, new in zip(after, there, strict=True):
        column[moved] = new[moved]
    return after, float(moved.mean()), runs


def _moved_all(
    problem: Problem,
    settings: Settings,
    rng: np.random.Generator,
    state: State,
    chosen: Integers,
    at: int,
    tempering: float,
    favour: Favour | None = None,
) -> tuple[State, int, float, int]:
    """Return a state with chosen particles, moved until enough have, the moves, their acceptance.

    And the runs it took.
    """
    particles, stream, is_last = _rows(state.particles, chosen), state.next_stream, tempering == 1.0
    is_last = is_last and at == len(settings.tolerances) - 1
    moves, accepted, still, runs = 0, 0.0, 1.0, 0
    unmoved = settings.unmoved_at_last if is_last else settings.unmoved_share
    while moves < 1 or (still > unmoved and moves < settings.most_moves):
        found = _moved(problem, settings, rng, particles, at, tempering, stream, favour)
        particles, share, took = found
        moves, accepted, runs = moves + 1, accepted + share, runs + took
        stream += len(chosen)
        still *= 1.0 - share
    moved = replace(state, particles=particles, next_stream=stream)
    return moved, moves, accepted / moves, runs


def start(problem: Problem, settings: Settings, seed: int) -> State:
    """Return the first state of a chain: particles drawn from the prior.

    Parameters
    ----------
    problem, settings
        Prior and data; how thorough the chain is.
    seed
        Of the chain, not negative.
    """
    rng = np.random.default_rng([seed, 0])
    normal = rng.standard_normal((settings.particles, problem.dimensions))
    stream = np.arange(settings.particles)
    particles, _ = _likelihoods(problem, settings, normal, stream, 0)
    return State(particles, settings.particles, 0)


def advance(problem: Problem, settings: Settings, seed: int, state: State) -> State:
    """Return the state after one more stage: particles weighted, resampled, and moved.

    Parameters
    ----------
    problem, settings, seed
        Those that the chain was started with.
    state
        That before the stage; it depends on nothing else, so a saved one can be gone on from.

    Raises
    ------
    OutOfReach
        Too few particles match what was reported within the tolerance.
    """
    rng = np.random.default_rng([seed, 1 + len(state.stages)])
    at, stages = state.tolerance_index, state.stages
    before = stages[-1].tempering if stages and stages[-1].tempering < 1.0 else 0.0
    gain = state.particles.logs[:, 1] - state.particles.logs[:, 0]
    alive = int(np.isfinite(gain).sum())
    if alive == 0 or alive < settings.least_alive * len(gain):
        raise OutOfReach(at, settings.tolerances[at], alive, len(gain))
    tempering = next_tempering(gain, before, settings.ess_share)
    log_weights = (tempering - before) * gain
    chosen = resampled(rng, log_weights)
    asked = problem, settings, rng, state, chosen, at, tempering
    moved, moves, acceptance, runs = _moved_all(*asked)
    particles = moved.particles
    if tempering == 1.0 and at < len(settings.tolerances) - 1:
        here = particles.normal, particles.stream
        particles, took = _likelihoods(problem, settings, *here, at + 1)
        runs += took
    stage = _stage(settings, at, tempering, log_weights, state, moved, moves, acceptance, runs)
    return State(particles, moved.next_stream, at + (tempering == 1.0), (*stages, stage))


def _stage(
    settings: Settings, at: int, tempering: float, log_weights: Floats, before: State, after: State,
    moves: int, acceptance: float, runs: int,
) -> Stage:  # fmt: skip
    """Return the record of a stage that led from one state to another."""
    so_far = before.stages[-1].log_marginal_likelihood if before.stages else 0.0
    return Stage(
        tolerance=settings.tolerances[at],
        tempering=tempering,
        ess=effective(log_weights),
        log_marginal_likelihood=so_far + log_mean(log_weights),
        acceptance=acceptance,
        moves=moves,
        distinct=len(np.unique(after.particles.stream)),
        runs=runs,
    )


def _part_of(favour: Favour, share: float) -> Favour:
    """Return the ratio of priors to the power of a share."""
    return lambda normal: share * favour(normal)


def favoured(
    problem: Problem, settings: Settings, seed: int, state: State, favour: Favour
) -> State:
    """Return the state after stages more: draws from the posterior of another prior.

    Particles go there in tempered steps of the ratio of the priors, each weighted, resampled and
    moved; the likelihood is that of the last tolerance throughout.

    Parameters
    ----------
    problem, settings, seed
        Those that the chain was started with.
    state
        That of a chain that is done.
    favour
        Log density of the other prior over that of the standard normal one at points of shape
        (particles, dimensions), shape (particles,). Both densities are normalised, so that the
        marginal likelihood is that under the other prior.
    """
    at, tempering = len(settings.tolerances) - 1, 0.0
    while tempering < 1.0:
        rng = np.random.default_rng([seed, 1 + len(state.stages)])
        ratio, before = favour(state.particles.normal), tempering
        tempering = next_tempering(ratio, before, _NEARER_ESS_SHARE)
        log_weights = (tempering - before) * ratio
        chosen, share = resampled(rng, log_weights), tempering
        asked = problem, settings, rng, state, chosen, at, 1.0
        moved, moves, acceptance, runs = _moved_all(*asked, _part_of(favour, share))
        stage = _stage(settings, at, tempering, log_weights, state, moved, moves, acceptance, runs)
        state = replace(moved, stages=(*state.stages, stage))
    return state


def run_chain(problem: Problem, settings: Settings, seed: int) -> State:
    """Return the last state of a chain: draws from the posterior, of equal weight.

    Parameters
    ----------
    problem, settings
        Prior and data; how thorough the chain is.
    seed
        Not negative; the same seed gives the same draws, chains of different seeds share nothing.

    Raises
    ------
    OutOfReach
        Too few particles match what was reported within a tolerance.
    """
    state = start(problem, settings, seed)
    while not state.is_done(settings):
        state = advance(problem, settings, seed, state)
    return state


def repeated_log_likelihood(
    problem: Problem, settings: Settings, normal: Floats, repeats: int, first_stream: int
) -> Floats:
    """Return estimates of the log likelihood of one particle at the last tolerance.

    Their variance tells how noisy the estimates are; between 1 and 2 a chain works best (Doucet,
    Pitt, Deligiannidis and Kohn 2015, "Efficient implementation of Markov chain Monte Carlo when
    using an unbiased likelihood estimator").

    Parameters
    ----------
    problem, settings
        Prior and data; how long a particle is simulated.
    normal
        The particle, shape (dimensions,).
    repeats
        Number of estimates.
    first_stream
        Random stream of the first estimate; each has its own.

    Returns
    -------
    Floats
        Shape (repeats,); minus infinity where no run matched.
    """
    again, stream = np.tile(normal, (repeats, 1)), first_stream + np.arange(repeats)
    last = len(settings.tolerances) - 1
    return _likelihoods(problem, settings, again, stream, last)[0].logs[:, 1]
