"""Inference: from what was reported of a history to draws of the behaviour behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from uptake.config.case import Case
from uptake.config.schema import Calibration, Run
from uptake.errors import wrong
from uptake.inference import checkpoints, smc
from uptake.inference.chain import Problem, Settings, State
from uptake.inference.data import EpisodeData
from uptake.inference.diagnostics import Sample
from uptake.inference.likelihood import Effort, Floats
from uptake.inference.nearer import Narrower, together
from uptake.inference.smc import OutOfReach, unit
from uptake.model._jit import Records
from uptake.model.draws import run_keys
from uptake.model.parameters import Posterior, free, from_unit

_MOST_ROWS = 10_000_000
_REPEATS = 50  # of the likelihood of one particle, to tell how noisy it is


def settings_of(asked: Calibration) -> Settings:
    """Return the settings of a chain.

    Parameters
    ----------
    asked
        The part of a configuration that is about calibration.

    Raises
    ------
    InputError
        All particles together would be run more often than memory holds.
    """
    if asked.particles * asked.most_runs > _MOST_ROWS:
        allowed = f"at most {_MOST_ROWS:,} runs of all particles together are held at once"
        raise wrong("calibration.most_runs", asked.most_runs, allowed)
    return Settings(
        asked.particles, tuple(asked.tolerances), Effort(asked.matches, asked.most_runs)
    )


@dataclass(frozen=True)
class Kept:
    """A history that was fitted before.

    Parameters
    ----------
    path
        Of the file of its draws.
    alone
        The draws, with the weights that the history by itself gives them.
    about
        What they were made from.
    """

    path: Path
    alone: Posterior
    about: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the history."""
        return self.path.stem


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
        Of the episodes of which something was reported: the histories.
    kept
        Histories that were fitted before, with which these are pooled.
    """

    name: str
    cases: list[Case]
    data: list[EpisodeData]
    kept: tuple[Kept, ...] = ()

    @property
    def names(self) -> list[str]:
        """The parameters that are inferred."""
        return free(self.cases[0].priors)

    def parameters(self, shares: Floats) -> Records:
        """Return parameters at points of the unit cube, to the seven digits that draws keep.

        What is held is so to the last digit, in runs on the draws as here.
        """
        made = from_unit(self.cases[0].priors, shares)
        for name in self.names:
            made[name] = made[name].astype(np.float32)
        return made

    def problem(
        self,
        data: EpisodeData,
        seed: int,
        threads: int | None,
        ran: Callable[[int], None] = lambda _: None,
    ) -> Problem:
        """Return what is to be inferred from a history.

        Parameters
        ----------
        data
            Of the history.
        seed
            Of the random streams.
        threads
            As many as the machine has, if None.
        ran
            Called with the number of runs that were done.
        """
        most = data.case.config.calibration.most_runs
        source = data.source(seed, most, threads, ran)
        return Problem(len(self.names), self.parameters, (source,))


class Nearer(NamedTuple):
    """Draws of a history under a narrower prior, and how each chain went on to it."""

    sample: Sample
    prior: Narrower
    states: list[State]


@dataclass(frozen=True)
class Fit:
    """What a history says by itself: the draws of several chains, and how each chain went.

    Parameters
    ----------
    data
        Of the history.
    sample
        The draws.
    states
        Of the chains, each at its end.
    again
        Log likelihood at the mean of the draws, estimated anew each time.
    settings
        Of the chains; the last tolerance is how far the model deviates from the history.
    nearer
        Draws of the same likelihood under a narrower prior, which lies where other histories
        point, if those under the prior are too few there.
    """

    data: EpisodeData
    sample: Sample
    states: list[State]
    again: Floats
    settings: Settings
    nearer: Nearer | None = None

    @property
    def name(self) -> str:
        """Name of the history."""
        return self.data.name

    @property
    def deviation(self) -> float:
        """To within what share of the bodies approached it is fitted; 0: as its errors say."""
        return self.settings.tolerances[-1]

    @property
    def samples(self) -> list[Sample]:
        """All samples of draws: under the prior, and nearer."""
        return [self.sample, *([self.nearer.sample] if self.nearer else [])]

    @property
    def normal(self) -> Floats:
        """All draws, in coordinates in which the prior is standard normal."""
        return np.concatenate([sample.normal for sample in self.samples])

    @property
    def weights(self) -> Floats:
        """Weights of all draws as this history alone gives them; they add up to 1."""
        if self.nearer is None:
            return self.sample.weights
        return together(self.sample, self.nearer.sample, self.nearer.prior)

    def draws(self, variant: Variant) -> Records:
        """Return all draws in the units of the parameters.

        Each brings its assumptions, and a run in which came about what was reported.
        """
        made = [self._draws(variant, sample) for sample in self.samples]
        return np.concatenate(made).view(np.recarray)

    def _draws(self, variant: Variant, sample: Sample) -> Records:
        """Return the draws of a sample."""
        made = variant.parameters(unit(sample.normal))
        for chain, seed in enumerate(sample.seeds):
            here = sample.chain == chain
            made["draw"][here] = run_keys(seed, sample.stream[here])
            made["luck_seed"][here] = self.data.luck(seed)
            made["luck_run"][here] = sample.taken[here]
        return made


class Watch(Protocol):
    """What is told how far the chains are."""

    def ran(self, runs: int) -> None:
        """Count runs that are done."""

    def reached(self, tolerance_index: int) -> None:
        """Note the tolerance of a chain; past the last, it has ended."""

    def restarted(self) -> None:
        """Note that the chains of the history begin anew."""


def own_seed(seed: int, *labels: object) -> int:
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


def fit(variant: Variant, data: EpisodeData, config: Run, folder: Path, watch: Watch) -> Fit:
    """Fit a history by itself, under the prior, or go on with what is in a folder.

    Where too few particles come as near as the last tolerance, all chains end at one before it.

    Parameters
    ----------
    variant
        The structure.
    data
        Of the history.
    config
        Says how many chains, of how many particles, seed and threads.
    folder
        Holds the state of every chain, ``chain_1.npz`` and so on; made if need be.
    watch
        Is told of runs and stages as they are done.

    Raises
    ------
    InputError
        A saved state is damaged.
    OutOfReach
        Too few particles come anywhere near what was reported.
    """
    settings = settings_of(config.calibration)
    states: list[State] = []
    seeds = [
        own_seed(config.seed, variant.name, data.name, number)
        for number in range(config.calibration.chains)
    ]
    while len(states) < len(seeds):
        try:
            states = _chains(variant, data, config, settings, seeds, folder, watch)
        except OutOfReach as stuck:
            if stuck.at == 0:
                raise
            watch.restarted()
            settings = replace(settings, tolerances=settings.tolerances[: stuck.at])
            folder = folder / f"within_{settings.tolerances[-1]:g}"
    sample, stream = _sample(states, seeds), states[-1].next_stream
    problem = variant.problem(data, seeds[-1], config.threads, watch.ran)
    again = smc.repeated_log_likelihood(problem, settings, sample.mean, _REPEATS, stream)
    return Fit(data, sample, states, again, settings)


def _chains(
    variant: Variant,
    data: EpisodeData,
    config: Run,
    settings: Settings,
    seeds: Sequence[int],
    folder: Path,
    watch: Watch,
) -> list[State]:
    """Return the last states of all chains, as far as the tolerances of the settings go."""
    folder.mkdir(parents=True, exist_ok=True)
    states, whole = [], len(config.calibration.tolerances)
    for number, seed in enumerate(seeds):
        problem = variant.problem(data, seed, config.threads, watch.ran)
        for state in _states(problem, settings, seed, folder / f"chain_{number + 1}.npz"):
            watch.reached(whole if state.is_done(settings) else state.tolerance_index)
        states.append(state)
    return states


def _sample(states: Sequence[State], seeds: Sequence[int]) -> Sample:
    """Return the draws of chains that are done."""
    return Sample(
        np.concatenate([state.particles.normal for state in states]),
        np.concatenate([state.particles.stream for state in states]),
        np.concatenate([np.full(len(s.particles.stream), i) for i, s in enumerate(states)]),
        np.array([state.stages[-1].log_marginal_likelihood for state in states]),
        np.concatenate([state.particles.taken[:, 0] for state in states]),
        tuple(seeds),
    )


def drawn_nearer(
    variant: Variant, found: Fit, prior: Narrower, config: Run, folder: Path, watch: Watch
) -> Fit:
    """Return a fit with as many draws more, under a narrower prior that lies where others point.

    Parameters
    ----------
    variant
        The structure.
    found
        The history, fitted under the prior.
    prior
        The narrower one.
    config
        That of the fit.
    folder
        That of the fit; what is in its folder ``nearer_NAME`` is gone on with, if it was drawn
        under the same prior, of which this is the name.
    watch
        Is told of runs, and of every chain that has ended.
    """
    settings, states = found.settings, []
    folder = folder / f"nearer_{prior.name}"
    folder.mkdir(parents=True, exist_ok=True)
    for number, (before, seed) in enumerate(zip(found.states, found.sample.seeds, strict=True)):
        path = folder / f"chain_{number + 1}.npz"
        state = checkpoints.load(path)
        if state is None:
            watch.reached(0)
            problem = variant.problem(found.data, seed, config.threads, watch.ran)
            state = smc.favoured(problem, settings, seed, before, prior.log_ratio)
            checkpoints.save(path, state)
        watch.reached(len(config.calibration.tolerances))
        states.append(state)
    return replace(found, nearer=Nearer(_sample(states, found.sample.seeds), prior, states))
