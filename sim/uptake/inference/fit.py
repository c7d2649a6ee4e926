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
from uptake.errors import InputError, refusal
from uptake.inference import checkpoints
from uptake.inference import smc as calibration
from uptake.inference.data import Evidence
from uptake.inference.diagnostics import Sample
from uptake.inference.likelihood import Effort, Floats
from uptake.inference.smc import Problem, Settings, State, unit
from uptake.model.parameters import Posterior, free, from_unit

_MOST_ROWS = 10_000_000
_REPEATS = 200  # of the likelihood of one point, to tell how noisy it is


def settings_of(asked: Calibration, points: int) -> Settings:
    """Return how thoroughly to search, or refuse what cannot be used."""
    if max(points, asked.points) * asked.most_runs > _MOST_ROWS:
        allowed = f"at most {_MOST_ROWS:,} runs of all points together are held at once"
        raise InputError(refusal("calibration.most_runs", asked.most_runs, allowed))
    return Settings(points, tuple(asked.windows), Effort(asked.matches, asked.most_runs))


@dataclass(frozen=True)
class Variant:
    """A structure of the model: its episodes, and the evidence among them."""

    name: str
    cases: list[Case]  # every episode, in the order of launch
    evidence: list[Evidence]  # of those with counts

    @property
    def names(self) -> list[str]:
        """Return the parameters that are inferred."""
        return free(self.cases[0].priors)

    def problem(
        self,
        seed: int,
        threads: int | None,
        without: str | None,
        ran: Callable[[int], None] = lambda _: None,
    ) -> Problem:
        """Return what is to be inferred, perhaps without one of the episodes.

        ``ran`` is told of runs as they are done.
        """
        left = [e for e in self.evidence if e.name != without]
        sources = tuple(evidence.source(seed, threads, ran) for evidence in left)
        return Problem(len(self.names), partial(from_unit, self.cases[0].priors), sources)

    def posterior(self, sample: Sample) -> Posterior:
        """Return a sample as draws of the parameters."""
        return Posterior(from_unit(self.cases[0].priors, unit(sample.normal)), sample.weights)


class Watch(Protocol):
    """Who is told how far the searches are."""

    def ran(self, runs: int) -> None:
        """Hear of runs that are done."""

    def reached(self, window: int) -> None:
        """Hear at which of the windows a search is; past the last, it has ended."""


@dataclass(frozen=True)
class Fit:
    """What came of searching: the draws, and how each search went."""

    sample: Sample
    states: list[State]
    again: Floats  # log likelihood of the mean of the draws, with fresh luck each time


def _own_seed(seed: int, *labels: object) -> int:
    """Return a seed of its own for a search."""
    text = " ".join(map(str, [seed, *labels]))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")


def _states(problem: Problem, settings: Settings, seed: int, path: Path) -> Iterator[State]:
    """Yield the states of a search, each saved before it is told; a saved one is gone on from."""
    state = checkpoints.load(path)
    if state is None:
        state = calibration.start(problem, settings, seed)
        checkpoints.save(path, state)
    yield state
    while not state.is_done(settings):
        state = calibration.advance(problem, settings, seed, state)
        checkpoints.save(path, state)
        yield state


def fit(
    variant: Variant,
    config: Run,
    folder: Path,
    watch: Watch,
    without: str | None = None,
) -> Fit:
    """Search for the posterior of a variant, perhaps without one episode."""
    asked, states = config.calibration, []
    settings = settings_of(asked, asked.points_left_out if without else asked.points)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(asked.searches):
        seed = _own_seed(config.seed, variant.name, without, number)
        problem = variant.problem(seed, config.threads, without, watch.ran)
        for state in _states(problem, settings, seed, folder / f"search_{number + 1}.npz"):
            watch.reached(state.window)
        states.append(state)
    sample = Sample(
        np.concatenate([state.points.normal for state in states]),
        np.concatenate([state.points.luck for state in states]),
        np.repeat(np.arange(len(states)), settings.points),
        np.array([state.stages[-1].log_evidence for state in states]),
    )
    repeats = 0 if without else _REPEATS
    again = calibration.likelihoods_again(problem, settings, sample.mean, repeats, states[-1].lucks)
    return Fit(sample, states, again)
