"""What each mechanism does: pairs of runs with and without it, on the same random numbers.

A pair shares seed, run and parameters, so that what differs between the two is the switch's
doing; the effect is the outcome with it less the outcome without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from omegaconf import MISSING, OmegaConf

from uptake.config.case import Case
from uptake.config.compose import Question
from uptake.config.paths import key_of
from uptake.config.posterior import NEW
from uptake.config.schema import configs_folder
from uptake.config.sweep import Watch
from uptake.engine.compiled import Chunk, simulate
from uptake.errors import one_of
from uptake.model.parameters import Posterior
from uptake.results.runs import Runs

DRAWS = "parameters.draws"
SIGNS = {"more": 1.0, "fewer": -1.0}
WEAK_SIZE, WEAK_AGAINST = 0.01, 0.2  # a smaller effect, or more pairs the other way, is weak


@dataclass
class ReportedEffect:
    """An outcome (less another, if given) and the direction in which it is said to move."""

    outcome: str = MISSING
    reported: str = MISSING
    less: str | None = None
    note: str = ""


@dataclass
class Mechanism:
    """A row of the ledger: a switch, where it is tried, and what the sources say of it."""

    number: int = MISSING
    name: str = MISSING
    source: str = MISSING
    scenario: str = MISSING
    setting: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    effects: list[ReportedEffect] = MISSING

    def side(self, switch: list[str]) -> list[str]:
        """Return the overrides of one run of a pair, as on the command line."""
        return [f"scenario={self.scenario}", *self.setting, *switch]


@dataclass(frozen=True)
class Effect:
    """What a mechanism did to an outcome, over the pairs of runs."""

    outcome: str
    reported: str
    note: str
    median: float
    q05: float
    q95: float
    mean: float
    standard_error: float
    scale: float  # the larger of the mean sizes of the outcome with the switch and without it
    against: float  # share of the pairs that move the other way

    @property
    def size(self) -> float:
        """How large the mean effect is, as a share of the outcome."""
        return abs(self.mean) / self.scale if self.scale > 0.0 else 0.0

    @property
    def is_weak(self) -> bool:
        """Tell whether it is as reported, but too small or too often reversed to be relied on."""
        is_little = self.size < WEAK_SIZE or self.against > WEAK_AGAINST
        return self.as_reported and is_little

    @property
    def as_reported(self) -> bool:
        """Tell whether the mean effect has the reported direction, beyond three standard errors."""
        return SIGNS[self.reported] * self.mean > 3.0 * self.standard_error

    @property
    def verdict(self) -> str:
        """Tell in a word whether it is as reported, the reverse, or too small to tell."""
        if abs(self.mean) <= 3.0 * self.standard_error:
            return "too small to tell"
        if self.is_weak:
            return "yes, but weak"
        return "yes" if self.as_reported else "NO: the reverse"


def ledger() -> list[Mechanism]:
    """Return the rows of ``configs/mechanisms.yaml`` in their order."""
    schema = OmegaConf.structured(Mechanism)
    rows: Any = OmegaConf.load(configs_folder() / "mechanisms.yaml")
    mechanisms: list[Any] = [OmegaConf.to_object(OmegaConf.merge(schema, row)) for row in rows]
    return mechanisms


def _chunks(case: Case) -> Iterator[Chunk]:
    """Yield the runs of a case, on parameters drawn from its priors."""
    config = case.config
    return simulate(case.episode, case.design, config.runs, config.seed, config.threads)


def effects(
    mechanism: Mechanism, on: Case, off: Case, ran: Callable[[int], None] = lambda _: None
) -> list[Effect]:
    """Return what a mechanism does to each of its outcomes; ``ran`` is told of pairs of runs."""
    sides: list[list[NDArray[np.float64]]] = [[] for _ in mechanism.effects]
    for with_it, without in zip(_chunks(on), _chunks(off), strict=True):
        for row, reported in enumerate(mechanism.effects):
            pair = []
            for case, chunk in ((on, with_it), (off, without)):
                runs = Runs(case, chunk)
                value = np.asarray(runs[reported.outcome], np.float64)
                pair.append(value - runs[reported.less] if reported.less else value)
            sides[row].append(np.array(pair))
        ran(len(with_it.outcomes))
    return [
        _effect(reported, *np.concatenate(found, axis=1))
        for reported, found in zip(mechanism.effects, sides, strict=True)
    ]


def _effect(
    reported: ReportedEffect, with_it: NDArray[np.float64], without: NDArray[np.float64]
) -> Effect:
    """Return the summary of an effect over pairs of runs."""
    one_of("reported", reported.reported, SIGNS)
    found = with_it - without
    q05, median, q95 = (float(q) for q in np.quantile(found, [0.05, 0.5, 0.95]))
    less = f" less {reported.less}" if reported.less else ""
    return Effect(
        outcome=f"{reported.outcome}{less}",
        reported=reported.reported,
        note=reported.note,
        median=median,
        q05=q05,
        q95=q95,
        mean=float(found.mean()),
        standard_error=float(found.std(ddof=1) / np.sqrt(len(found))) if len(found) > 1 else np.inf,
        scale=float(max(np.abs(with_it).mean(), np.abs(without).mean())),
        against=float((SIGNS[reported.reported] * found < 0.0).mean()),
    )


class Pair(NamedTuple):
    """A row of the ledger, and its two sides; or why it cannot be tried."""

    mechanism: Mechanism
    on: Case | None
    off: Case | None
    held: str = ""  # by the user, although it is of the switch or its setting

    @property
    def length(self) -> int:
        """Return how long a pair of runs is, in trust-months."""
        return sum(case.length for case in (self.on, self.off) if case)

    def under(self, posterior: Posterior | None) -> Pair:
        """Return the row with behaviour drawn from a posterior, or from the prior."""
        on, off = (case and replace(case, posterior=posterior) for case in (self.on, self.off))
        return self._replace(on=on, off=off)


def held_in(asked: Question, mechanism: Mechanism) -> str:
    """Return what the user holds of a row's switch or setting, as typed; nothing if nothing is."""
    of_row = {key_of(o) for o in (*mechanism.setting, *mechanism.present, *mechanism.absent)}
    return next((typed for typed in asked.overrides if key_of(typed) in of_row), "")


def on_new(asked: Question) -> Question:
    """Return a question as asked of a scheme that nobody has tried, as rows are of many schemes."""
    is_prior = asked.configuration().parameters.draws is None
    return asked if is_prior else asked.setting({"draws": NEW})


def pair(asked: Question, mechanism: Mechanism, posterior: Posterior | None) -> Pair:
    """Return the two sides of a row, whose behaviour is drawn alike whatever the switch.

    What the user holds is held: a row whose switch or setting says otherwise is not tried.
    """
    held = held_in(asked, mechanism)
    if held:
        return Pair(mechanism, None, None, held)
    kept = [typed for typed in asked.overrides if key_of(typed) not in (DRAWS, "draws")]
    undrawn = replace(asked, overrides=[*kept, f"{DRAWS}=null"])
    on, off = (
        replace(undrawn.case(*mechanism.side(switch)), posterior=posterior)
        for switch in (mechanism.present, mechanism.absent)
    )
    return Pair(mechanism, on, off)


def pairs(asked: Question, posterior: Posterior | None, watch: Watch) -> list[Pair]:
    """Return the rows of the ledger, ready to be run."""
    mechanisms, found = ledger(), []
    with watch.progress("mechanisms read", len(mechanisms)) as advance:
        for mechanism in mechanisms:
            found.append(pair(asked, mechanism, posterior))
            advance(1)
    return found


def measured(
    tried: list[Pair], runs: int, watch: Watch
) -> Iterator[tuple[Mechanism, list[Effect]]]:
    """Yield what each mechanism does, from pairs of runs with and without it."""
    work = float(runs * sum(row.length for row in tried))
    with watch.progress("pairs of runs", runs * len(tried), work=work) as advance:
        for row in tried:
            if row.on and row.off:
                ran = partial(_tell_of, advance, row.length)
                yield row.mechanism, effects(row.mechanism, row.on, row.off, ran)


def _tell_of(advance: Callable[..., None], length: int, runs: int) -> None:
    """Tell of pairs of runs that are done, and how long they were."""
    advance(runs, runs * length)
