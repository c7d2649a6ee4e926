"""How far each uncertain input moves the expected outcome of a scheme, luck apart.

Inputs are parameters of behaviour, assumptions of the scenario, and levers that are asked for.
Under the prior they are independent. Draws of a posterior are taken as a Gaussian copula: each
input keeps the distribution that it has among the draws, and what they have to do with one another
is told by the correlation of their normal scores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptake.analysis import variance
from uptake.config.case import Case
from uptake.config.factors import (
    ASSUMPTION,
    HELD,
    PARAMETER,
    Factor,
    factors_of,
    rows_of,
    tried_again,
)
from uptake.config.schema import lever_meanings
from uptake.engine import executors
from uptake.engine.compiled import Rows, run_rows, runs_a_chunk
from uptake.errors import Stopped, wrong
from uptake.inference.smc import normal_of, unit
from uptake.model._jit import Records
from uptake.model.assumptions import AS_DRAWN, shares_of
from uptake.model.levers import LEVERS
from uptake.model.parameters import Posterior, from_unit
from uptake.results.runs import Runs, run

Floats = NDArray[np.float64]

Advance = Callable[[int], object]

_RUNS_AT_ONCE, _TRUST_MONTHS_AT_ONCE = 4_000, 40_000_000
_DRAWS_AN_INPUT = 3  # of a posterior, at least
_PART_OF_DRAWS = 0.05  # of the runs, at least: a posterior's draws as they are, two lucks each
SHOWN = 0.01  # what an effect is shown to be at least, of an input that is told by itself
_WIDEST = 0.25  # of an effect's 90 % interval, if inputs are to be told apart: docs/sensitivity.md
_MARGIN = 2.0  # of runs that would, as intervals of few rows are too narrow


def scores(values: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Return weighted values as normal scores, shape (draws,), and their quantile function.

    It is a table: shares of the weight, and the values at these, each value once.
    """
    known, place = np.unique(values, return_inverse=True)
    weight = np.bincount(place.ravel(), weights=weights)
    shares = (np.cumsum(weight) - 0.5 * weight) / weight.sum()
    return normal_of(shares)[place.ravel()], shares, known


def correlation_of(normal: Floats, weights: Floats) -> Floats:
    """Return the correlation of weighted columns, shape (columns, columns)."""
    found = np.atleast_2d(np.cov(normal.T, aweights=weights))
    sd = np.sqrt(np.diag(found))
    return np.asarray(found / np.outer(sd, sd))


@dataclass(frozen=True)
class Inputs:
    """The uncertain inputs of a question, as correlated normal coordinates."""

    case: Case
    factors: Sequence[Factor]
    correlation: Floats  # (factors, factors)
    tables: Sequence[tuple[Floats, Floats]]  # quantile functions of the first factors; or none

    @property
    def evaluations(self) -> int:
        """Return how many runs a row has."""
        return variance.evaluations(len(self.factors))

    @property
    def is_correlated(self) -> bool:
        """Tell whether any two inputs are."""
        return not variance.is_diagonal(self.correlation)

    def of_kind(self, kind: str) -> list[int]:
        """Return the places of all factors of a kind."""
        return [at for at, factor in enumerate(self.factors) if factor.kind == kind]

    def rows(self, normal: Floats, numbers: NDArray[np.int64]) -> Rows:
        """Return the runs at points, shape (points, factors), a number of a run for each."""
        values = unit(normal)
        for column, table in enumerate(self.tables):
            values[:, column] = np.interp(values[:, column], *table)
        assumed = np.full((len(values), len(self.case.assumptions)), 0.5)
        for at in self.of_kind(ASSUMPTION):
            assumed[:, self.factors[at].ranges] = values[:, [at]]
        behaviour = self._behaviour(values)
        rows = self.holding(behaviour, values[:, self.of_kind(HELD)], numbers)
        return rows._replace(assumed=assumed if assumed.shape[1] else AS_DRAWN)

    def holding(self, behaviour: Records, shares: Floats, numbers: NDArray[np.int64]) -> Rows:
        """Return runs with levers at shares of their intervals, shape (runs, levers)."""
        held = [self.factors[at] for at in self.of_kind(HELD)]
        levers = np.empty((len(numbers), len(held)))
        for column, factor in enumerate(held):
            low, high = factor.ends or (0.0, 0.0)
            if lever_meanings()[factor.name].whole:
                whole = low + np.floor(shares[:, column] * (high - low + 1.0))
                levers[:, column] = np.minimum(whole, high)
            else:
                levers[:, column] = low + shares[:, column] * (high - low)
        places = [(LEVERS.names or ()).index(factor.name) for factor in held]
        points = np.arange(len(numbers))
        return Rows(numbers, points, behaviour, np.array(places, np.int64), levers)

    def _behaviour(self, values: Floats) -> Records:
        """Return parameters: shares under the prior, values under a posterior."""
        case, chosen = self.case, self.of_kind(PARAMETER)
        if case.posterior is None:
            return from_unit(case.priors, values[:, chosen])
        design = np.repeat(case.posterior.draws[:1], len(values)).view(np.recarray)
        for name, prior in case.priors.items():
            if prior.value is not None:
                design[name] = prior.value
        for at in chosen:
            design[self.factors[at].name] = values[:, at]
        return design


def inputs_of(case: Case) -> Inputs:
    """Return the inputs of a question: independent under the prior, else as its draws have them.

    Raises
    ------
    InputError
        A posterior has too few draws to tell how so many inputs are correlated.
    """
    factors = factors_of(case)
    correlation, posterior = np.eye(len(factors)), case.posterior
    drawn = [factor for factor in factors if factor.kind != HELD]
    if posterior is None or not drawn:
        return Inputs(case, factors, correlation, ())
    few = len(np.unique(posterior.draws["draw"][posterior.weights > 0.0]))
    if few < _DRAWS_AN_INPUT * len(drawn):
        told = f"{few} draws do not tell how {len(drawn)} inputs are correlated; parameters=prior"
        raise wrong("parameters.draws", case.config.parameters.draws, f"{told} does without")
    found = [scores(_drawn(case, posterior, one), posterior.weights) for one in drawn]
    normal = np.column_stack([score for score, *_ in found])
    correlation[: len(drawn), : len(drawn)] = correlation_of(normal, posterior.weights)
    return Inputs(case, factors, correlation, [(shares, known) for _, shares, known in found])


def _drawn(case: Case, posterior: Posterior, factor: Factor) -> Floats:
    """Return what the draws of a posterior have of a factor; of an assumption, its share."""
    if factor.kind == PARAMETER:
        return np.asarray(posterior.draws[factor.name], np.float64)
    return shares_of(case.episode.ranges[factor.ranges[0]], posterior.draws["draw"])


@dataclass(frozen=True)
class Sensitivity:
    """How far each input moves the expected outcome, and how much is luck."""

    inputs: Inputs
    outcome: str
    shares: variance.Shares
    spread: variance.Spread  # of the draws themselves, where inputs are told apart by a copula
    mean: float  # of the outcome
    runs: int
    happened: float | None  # the mean as it happened, where that was asked: it is tried again here

    @property
    def case(self) -> Case:
        """Return the question as it is answered."""
        return self.inputs.case

    @property
    def is_copula(self) -> bool:
        """Tell whether the joint distribution of the inputs is a copula's, and not exact."""
        return bool(self.inputs.tables)

    @property
    def shown(self) -> list[int]:
        """Return the places of inputs that are told by themselves, the largest effect first."""
        effect = self.shares.effect()
        some = np.flatnonzero(effect.q05 >= SHOWN)
        return [int(at) for at in some[np.argsort(-effect.value[some], kind="stable")]]

    @property
    def others(self) -> list[int]:
        """Return the places of all others, which are told together."""
        return [at for at in range(len(self.inputs.factors)) if at not in self.shown]


Points = Callable[[int, int], Rows]  # runs of some rows: from the first, and how many


def _outcomes(
    case: Case, outcome: str, rows: int, a_row: int, points: Points, advance: Advance
) -> Floats:
    """Return the outcome at the points of all rows, shape (rows, runs of a row)."""
    seed = case.config.seed
    step = max(1, runs_a_chunk(case.episode, _RUNS_AT_ONCE, _TRUST_MONTHS_AT_ONCE) // a_row)

    def work(first: int) -> Floats:
        number = min(step, rows - first)
        chunk = run_rows(case.episode, seed, points(first, number))
        if (chunk.errors != "").any():
            raise Stopped(f"a run with seed {seed} failed: {max(chunk.errors)}")
        found = np.asarray(Runs(case, chunk).at_month(outcome, case.months), float)
        return found.reshape(number, a_row)

    found = []
    with executors.threads(case.config.threads) as work_on:
        for _, outcomes in work_on(work, range(0, rows, step)):
            found.append(outcomes)
            advance(outcomes.size)
    return np.concatenate(found)


def _numbers(first: int, rows: int, lucks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of runs, which key their luck: each row has two lucks of its own."""
    return (variance.LUCKS * np.arange(first, first + rows)[:, None] + lucks).ravel()


def _shares(
    inputs: Inputs, outcome: str, rows: int, advance: Advance
) -> tuple[variance.Shares, Floats]:
    """Return what inputs account for, and the outcome in all runs, shape (rows, evaluations)."""
    case, many = inputs.case, len(inputs.factors)
    seed, lucks = case.config.seed, variance.lucks(many)
    orders = np.empty((rows, many), np.int64)

    def points(first: int, number: int) -> Rows:
        rng = np.random.default_rng([seed, first])
        made = variance.points(rng, number, inputs.correlation)
        orders[first : first + number] = made.orders
        return inputs.rows(made.normal.reshape(-1, many), _numbers(first, number, lucks))

    found = _outcomes(case, outcome, rows, inputs.evaluations, points, advance)
    if np.ptp(found) == 0.0:
        told = "it is the same in all runs: nothing moves it"
        if case.config.target is not None:
            raise wrong("target", case.config.target, told)
        raise wrong("sensitivity.outcome", outcome, told)
    return variance.shares(found, orders, not inputs.is_correlated, seed), found


def _spread(
    inputs: Inputs, outcome: str, draws: int, advance: Advance
) -> tuple[variance.Spread, Floats]:
    """Return how much an outcome varies over draws of a posterior, and the outcome itself."""
    case = inputs.case

    def points(first: int, number: int) -> Rows:
        numbers = _numbers(first, number, np.arange(variance.LUCKS))
        behaviour = np.repeat(case.design(first, number), variance.LUCKS).view(np.recarray)
        rng = np.random.default_rng([case.config.seed, first, 1])
        shares = rng.random((number, len(inputs.of_kind(HELD))))
        return inputs.holding(behaviour, np.repeat(shares, variance.LUCKS, axis=0), numbers)

    found = _outcomes(case, outcome, draws, variance.LUCKS, points, advance)
    return variance.spread(found, case.config.seed), found


def _refuse_too_few(
    case: Case, outcome: str, shares: variance.Shares, spread: variance.Spread
) -> None:
    """Refuse to rank inputs that so many runs do not tell apart."""
    runs, width = case.config.sensitivity.runs, shares.width
    if min(shares.variance.q05, spread.variance.q05) <= 0.0:
        told = f"luck accounts for so much of {outcome} that so many runs do not tell what inputs "
        raise wrong("sensitivity.runs", runs, f"{told}do; ask at least ten times as many")
    if width > _WIDEST:
        digits = f"{_MARGIN * runs * (width / _WIDEST) ** 2:.1e}"
        told = (
            f"so many runs do not tell the inputs of {outcome} apart: the widest 90 % interval of "
            f"an effect is {100.0 * width:.0f} points; about {float(digits):,.0f} runs would, "
            f"with {100.0 * _WIDEST:.0f} points"
        )
        raise wrong("sensitivity.runs", runs, told)


def _happened(asked: Case, outcome: str) -> float:
    """Return the mean of an outcome as it happened."""
    return float(np.mean(np.asarray(run(asked).at_month(outcome, asked.months), float)))


def sensitivity(asked: Case, outcome: str, advance: Advance = lambda _: None) -> Sensitivity:
    """Return how far each uncertain input of a question moves the expected outcome.

    Parameters
    ----------
    asked
        The question; ``sensitivity.runs`` are all runs.
    outcome
        A column of runs, or one with a number: ``joined>=25``.
    advance
        Is told of runs that are done.

    Raises
    ------
    InputError
        The outcome is the same in all runs; there are too few runs, or draws, for so many inputs,
        or too few runs to tell what they do.
    Stopped
        A run failed.
    """
    case = tried_again(asked)
    inputs = inputs_of(case)
    rows = rows_of(case, inputs.evaluations, 1.0 - _PART_OF_DRAWS if inputs.tables else 1.0)
    runs = rows * inputs.evaluations
    shares, found = _shares(inputs, outcome, rows, advance)
    spread: variance.Spread = shares
    if inputs.tables:
        draws = (case.config.sensitivity.runs - runs) // variance.LUCKS
        runs += draws * variance.LUCKS
        spread, found = _spread(inputs, outcome, draws, advance)
    _refuse_too_few(case, outcome, shares, spread)
    happened = None if case is asked else _happened(asked, outcome)
    return Sensitivity(inputs, outcome, shares, spread, float(found.mean()), runs, happened)
