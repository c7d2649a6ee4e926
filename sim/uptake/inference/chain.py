"""A chain of sequential Monte Carlo: what it is asked, its particles, its stages. No method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from uptake.inference.likelihood import Effort, Floats, Integers, Source


@dataclass(frozen=True)
class Problem:
    """A prior, and the sources of data that depend on it.

    Parameters
    ----------
    dimensions
        Number of uncertain parameters.
    prior
        Maps points of the unit cube, shape (particles, dimensions), to what the sources simulate,
        a row a particle. It is made of quantile functions: uniform points become prior draws.
    sources
        Independent of one another, given the parameters.
    """

    dimensions: int
    prior: Callable[[Floats], Any]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Settings:
    """Settings of a chain.

    Parameters
    ----------
    particles
        Number of particles.
    tolerances
        By how much a count may differ from the observed one, stage by stage; decreasing.
    effort
        How long each particle is simulated.
    ess_share
        Each step is as long as keeps this share of the effective sample size.
    unmoved_share, unmoved_at_last
        Particles are moved until about this share has not moved; the second at the last stage.
    most_moves
        Moves of a stage at most.
    least_alive
        Share of the particles that have to have a run within the next tolerance at least.
    """

    particles: int = 500
    tolerances: tuple[float, ...] = (5.0, 3.0, 1.0, 0.0)
    effort: Effort = field(default_factory=Effort)
    ess_share: float = 0.2
    unmoved_share: float = 0.25
    unmoved_at_last: float = 0.03
    most_moves: int = 30
    least_alive: float = 0.05


class Particles(NamedTuple):
    """Particles, each with the number of its random stream."""

    normal: Floats  # (particles, dimensions) in coordinates in which the prior is standard normal
    stream: Integers  # (particles,)
    logs: Floats  # (particles, 2) log likelihood at the tolerance before, and at this one
    taken: Integers  # (particles, sources) number of a run that was taken for what was reported


@dataclass(frozen=True)
class Stage:
    """Record of a stage."""

    tolerance: float
    tempering: float  # exponent: how much of the step to this tolerance is done; 1: all
    ess: float  # effective sample size after weighting
    log_marginal_likelihood: float  # so far
    acceptance: float  # share of moves that were accepted
    moves: int  # of every particle
    distinct: int  # particles at the end, copies counted once
    runs: int  # of all sources


@dataclass(frozen=True)
class State:
    """State of a chain after a stage: all that is needed to go on."""

    particles: Particles
    next_stream: int  # the first random stream that no proposal has had
    tolerance_index: int  # of the present tolerance among the settings'; past the last: done
    stages: tuple[Stage, ...] = ()

    def is_done(self, settings: Settings) -> bool:
        """Tell whether the particles are draws from the posterior."""
        return self.tolerance_index == len(settings.tolerances)
