"""Inference: from episodes with counts to draws of the parameters that all of them share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from uptake.config.case import Case
from uptake.config.schema import Calibration, Run
from uptake.errors import wrong
from uptake.inference import checkpoints, smc
from uptake.inference.chain import Problem, Settings, State
from uptake.inference.data import EpisodeData
from uptake.inference.diagnostics import Sample
from uptake.inference.likelihood import Effort, Floats
from uptake.inference.smc import unit
from uptake.model.draws import run_keys
from uptake.model.parameters import Posterior, free, from_unit

_MOST_ROWS = 10_000_000
_REPEATS = 200  # of the likelihood of one particle, to tell how noisy it is


def settings_of(asked: Calibration, particles: int) -> Settings:
    """Return the settings of a chain.

    Parameters
    ----------
    asked
        The part of a configuration that is about calibration.
    particles
        Number of particles.

    Raises
    ------
    InputError
        All particles together would be run more often than memory holds.
    """
    if max(particles, asked.particles) * asked.most_runs > _MOST_ROWS:
        allowed = f"at most {_MOST_ROWS:,} runs of all particles together are held at once"
        raise wrong("calibration.most_runs", asked.most_runs, allowed)
    return Settings(particles, tuple(asked.tolerances), Effort(asked.matches, asked.most_runs))


@dataclass(frozen=True)
class Variant:
    """A structure of the model: its episodes, and the data among them.

    Parameters
    ----------
    name
        Of the structure.
    cases
        Every episode, in the order of launch, on priors.
    data
        Of the episodes with counts to match.
    """

    name: str
    cases: list[Case]
    data: list[EpisodeData]

    @property
    def names(self) -> list[str]:
        """The parameters that are inferred."""
        return free(self.cases[0].priors)

    def problem(
        self,
        seed: int,
        threads: int | None,
        without: str | None,
        ran: Callable[[int], None] = lambda _: None,
    ) -> Problem:
        """Return what is to be inferred.

        Parameters
        ----------
        seed
            Of the random streams.
        threads
            As many as the machine has, if None.
        without
            Name of an episode that is left out; None: none is.
        ran
            Called with the number of runs that were done.
        """
        left = [data for data in self.data if data.name != without]
        most = self.cases[0].config.calibration.most_runs
        sources = tuple(data.source(seed, most, threads, ran) for data in left)
        return Problem(len(self.names), partial(from_unit, self.cases[0].priors), sources)

    def posterior(self, sample: Sample) -> Posterior:
        """Return a sample as draws of the parameters, in their units."""
        made = from_unit(self.cases[0].priors, unit(sample.normal))
        for chain, seed in enumerate(sample.seeds):
            here = sample.chain == chain
            made["draw"][here] = run_keys(seed, sample.stream[here])
        return Posterior(made, sample.weights)


class Watch(Protocol):
    """What is told how far the chains are."""

    def ran(self, runs: int) -> None:
        """Count runs that are done."""

    def reached(self, tolerance_index: int) -> None:
        """Note the tolerance of a chain; past the last, it has ended."""


@dataclass(frozen=True)
class Fit:
    """The draws of several chains, and how each chain went."""

    sample: Sample
    states: list[State]
    again: Floats  # log likelihood at the mean of the draws, estimated anew each time


def _own_seed(seed: int, *labels: object) -> int:
    """Return a seed of its own for a chain."""
    text = " ".join(map(str, [seed, *labels]))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")


def _states(problem: Problem, settings: Settings, seed: int, path: Path) -> Iterator[State]:
    """Yield the states of a chain, each once it is saved; a saved chain is gone on with."""
    state = checkpoints.load(path)
    if state is None:
        state = smc.start(problem, settings, seed)
        checkpoints.save(path, state)
    yield state
    while not state.is_done(settings):
        state = smc.advance(problem, settings, seed, state)
        checkpoints.save(path, state)
        yield state


def fit(
    variant: Variant, config: Run, folder: Path, watch: Watch, without: str | None = None
) -> Fit:
    """Run the chains of a structure, or go on with those in a folder.

    Parameters
    ----------
    variant
        The structure, with its data.
    config
        Says how many chains, of how many particles, seed and threads.
    folder
        Holds the state of every chain, ``chain_1.npz`` and so on; made if need be.
    watch
        Is told of runs and stages as they are done.
    without
        Name of an episode that is left out; None: none is.

    Raises
    ------
    InputError
        A saved state is damaged.
    Stopped
        No particle matches the counts.
    """
    asked, states, seeds = config.calibration, [], []
    settings = settings_of(asked, asked.particles_left_out if without else asked.particles)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(asked.chains):
        seed = _own_seed(config.seed, variant.name, without, number)
        problem = variant.problem(seed, config.threads, without, watch.ran)
        for state in _states(problem, settings, seed, folder / f"chain_{number + 1}.npz"):
            watch.reached(state.tolerance_index)
        states.append(state)
        seeds.append(seed)
    sample = Sample(
        np.concatenate([state.particles.normal for state in states]),
        np.concatenate([state.particles.stream for state in states]),
        np.repeat(np.arange(len(states)), settings.particles),
        np.array([state.stages[-1].log_marginal_likelihood for state in states]),
        tuple(seeds),
    )
    repeats, stream = 0 if without else _REPEATS, states[-1].next_stream
    again = smc.repeated_log_likelihood(problem, settings, sample.mean, repeats, stream)
    return Fit(sample, states, again)
