"""The runs of a case in memory: a row a run, a column an outcome; quantiles are worked out here."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from uptake.config.case import Case
from uptake.config.schema import Within
from uptake.config.target import target_in
from uptake.engine.compiled import Chunk, groups_of, simulate
from uptake.errors import InputError, no_such, shortened, wrong
from uptake.model.assumptions import assumed_values
from uptake.model.observation import (
    BREAKDOWN,
    CURVES,
    FORMER_NAMES,
    MONTHLY,
    OUTCOMES,
    SIZES,
)
from uptake.model.parameters import PARAMETER_NAMES, PARAMETERS
from uptake.model.processes.refusals import REASONS
from uptake.model.rules.centre import COST, PREMISE, QUALITY, SERVICE, SIGNATURES
from uptake.model.standings import GAINS, STANDINGS

OUTCOME_NAMES = tuple(OUTCOMES.names or ())


def _is_scrapped_for(threshold: int) -> Callable[[Any], Any]:
    """Return what tells of runs, 1 or 0, whether they were scrapped for a threshold."""
    return lambda outcomes: (outcomes.scrapped_for == threshold).astype(np.float64)


QUANTILES = {"median": 0.5, "q05": 0.05, "q25": 0.25, "q75": 0.75, "q95": 0.95}
_ASSUMED = "assumption_"
_PARAMETERS = tuple(f"parameter_{name}" for name in PARAMETER_NAMES)
# What a review scraps a scheme for, as ``scrapped_for`` numbers it: the first threshold missed.
THRESHOLDS = {
    "signatures": SIGNATURES,
    "served": SERVICE,
    "cost": COST,
    "quality": QUALITY,
    "premise": PREMISE,
}
# What is worked out of other columns.
DERIVED: dict[str, Callable[[Any], Any]] = {
    "members": lambda outcomes: outcomes.joined - outcomes.left,
    "broke_even_share": lambda outcomes: (outcomes.provider_loss_gbp <= 0.0).astype(np.float64),
    "scrapped_share": lambda outcomes: (outcomes.scrapped_month >= 0).astype(np.float64),
    **{f"scrapped_for_{name}_share": _is_scrapped_for(at) for name, at in THRESHOLDS.items()},
}
_MOST_BYTES_IN_MEMORY = 2_000_000_000  # of a table; a larger one lies in a file without a name


class Values(np.ndarray[Any, Any]):
    """An outcome over the runs: an array, shape (runs,), that can be asked for its quantiles.

    What is worked out of two pairs their runs, so both are to hold as many, of one seed: else it
    is refused. That both ask of the same behaviour and trusts is not seen here.
    """

    seed: int | None = None  # of the runs; None if it is not known

    @classmethod
    def of(cls, column: NDArray[Any], seed: int | None) -> Values:
        """Return a column of runs of a seed."""
        values = column.view(cls)
        values.seed = seed
        return values

    def __array_finalize__(self, array: Any) -> None:
        """Take on the seed of what it is made of."""
        self.seed = getattr(array, "seed", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Return what numpy makes of it: a single number is a plain one."""
        paired = [one for one in inputs if isinstance(one, Values)]
        if method == "__call__":
            columns = [one for one in paired if one.ndim == 1 and len(one) > 1]
            _refuse_unpaired(columns, is_compared=ufunc in (np.equal, np.not_equal))
        if isinstance(kwargs.get("out"), tuple):
            kwargs["out"] = tuple(map(_plain, kwargs["out"]))
        made = getattr(ufunc, method)(*map(_plain, inputs), **kwargs)
        is_column = isinstance(made, np.ndarray) and made.ndim > 0 and bool(paired)
        return Values.of(made, paired[0].seed) if is_column else made

    def quantile(self, q: float | Sequence[float]) -> Any:
        """Return the quantiles ``q``, each from 0 to 1; between runs, by linear interpolation."""
        return np.quantile(np.asarray(self), q)

    def median(self) -> float:
        """Return the median."""
        return float(np.median(np.asarray(self)))


def _plain(array: Any) -> Any:
    """Return the same numbers as a plain array."""
    return array.view(np.ndarray) if isinstance(array, Values) else array


def _refuse_unpaired(columns: Sequence[Values], is_compared: bool) -> None:
    """Refuse columns whose runs are no pairs; whether two are equal can be asked of any seeds."""
    for one in columns[1:]:
        if one.shape != columns[0].shape:
            told = "as many runs are needed, as they are paired one by one"
            raise wrong("runs", f"{len(columns[0])} and {len(one)}", told)
        seeds = (columns[0].seed, one.seed)
        if None not in seeds and seeds[0] != seeds[1] and not is_compared:
            told = "runs of one seed are needed, as they are paired; of others compare the means"
            raise wrong("seed", f"{seeds[0]} and {seeds[1]}", told)


def named(owner: str, name: object, example: str = "joined") -> str:
    """Return the name of a column or curve, or refuse what is no text."""
    if not isinstance(name, str):
        raise wrong(owner, name, f"one name in quotes is needed, such as {example!r}")
    return name


def present_name(name: str) -> str:
    """Return what a column is called now, and warn of a name of before."""
    if name in FORMER_NAMES:
        warnings.warn(
            f"{name} is called {FORMER_NAMES[name]}; the old name goes with the next version",
            DeprecationWarning,
            stacklevel=3,
        )
    return FORMER_NAMES.get(name, name)


def quantiles(values: NDArray[Any]) -> dict[str, float]:
    """Return the quantiles of ``QUANTILES``, mean and sd of an outcome over the runs, by name.

    The sd is 0 only if all runs are the same, and then exactly.
    """
    known = np.asarray(values)
    found = np.quantile(known, list(QUANTILES.values()))
    named = dict(zip(QUANTILES, map(float, found), strict=True))
    is_same = (known == known[0]).all()
    return named | {"mean": float(np.mean(known)), "sd": 0.0 if is_same else float(np.std(known))}


def bands(curves: NDArray[Any]) -> dict[str, list[float]]:
    """Return the quantiles of ``QUANTILES`` of curves over the runs, month by month, by name."""
    found = np.quantile(curves, list(QUANTILES.values()), axis=0)
    return {quantile: row.tolist() for quantile, row in zip(QUANTILES, found, strict=True)}


def breakdown_columns(kinds: Sequence[str]) -> list[str]:
    """Return the names of the counts by kind and by size, such as ``joined_acute``."""
    return [f"{count}_{group}" for group in [*kinds, *SIZES] for count in BREAKDOWN]


def refuse_alike(columns: Sequence[str], cure: str) -> None:
    """Refuse two columns of one name, or of names that differ by case only; say what can be done.

    DuckDB does not tell case apart, and kinds of trusts are a user's words.
    """
    first: dict[str, str] = {}
    for column in columns:
        if column.casefold() in first:
            raise InputError(
                f"two columns of the results would be "
                f"{shortened(first[column.casefold()])!r} and {shortened(column)!r}"
                f": {cure}"
            )
        first[column.casefold()] = column


def outcome_columns(kinds: Sequence[str]) -> list[str]:
    """Return the columns of the outcomes of trusts of these kinds, or refuse kinds that collide."""
    own = [*OUTCOME_NAMES, "point", *breakdown_columns(kinds), *_PARAMETERS, *FORMER_NAMES, "error"]
    refuse_alike(own, "a kind of trusts needs another name")
    return own


@dataclass(frozen=True, eq=False)
class Runs:
    """What the runs of a case came to.

    ``chunk`` holds them as arrays whose first axis is the run: ``parameters``, ``outcomes``,
    ``by_kind``, ``by_size``, ``curves``, shape (runs, months + 1), ``standings``,
    ``refusals`` and ``gains``.
    """

    case: Case
    chunk: Chunk

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self.chunk.outcomes)

    @property
    def is_whole(self) -> bool:
        """Tell whether these are all runs that were asked for."""
        return len(self) == self.case.config.runs

    @cached_property
    def explained(self) -> Runs:
        """The same runs with what explains them: run again, if that was not asked."""
        return self if self.chunk.standings.shape[1] else run(self.case, explains=True)

    @property
    def groups(self) -> list[str]:
        """Return the kinds of the trusts, then their sizes."""
        return [*self.case.people.kind_names, *SIZES]

    def __getitem__(self, name: str) -> Values:
        """Return a column, shape (runs,).

        It is an outcome, a count or share of a group, a parameter, or, as ``assumption_KEY``, what
        was drawn of a number of the scenario, such as ``assumption_levers.pressure``; or any of
        them with a number to be reached, as ``joined>=25``: 1 where a run reaches it, else 0.
        """
        column = self._column(present_name(named("column", name)))
        return Values.of(column, self.case.config.seed)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a column of this name."""
        try:
            self._column(FORMER_NAMES.get(named("column", name), str(name)))
        except InputError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the columns, as a data frame does."""
        return iter(self.columns)

    def _column(self, name: str) -> NDArray[Any]:
        """Return a column as an array, or refuse a name that is none."""
        outcomes, target = self.chunk.outcomes, target_in(name)
        if target is not None:
            return target.met(self._column(present_name(target.outcome)))
        if name in OUTCOME_NAMES:
            return np.asarray(outcomes[name])
        if name in DERIVED:
            return np.asarray(DERIVED[name](outcomes))
        count, _, group = name.partition("_")
        if group in self.groups and count in BREAKDOWN:
            return self.count(group, count)
        if group in self.groups and count == "share":
            return self.count(group, "joined") / np.maximum(self.count(group, "approached"), 1)
        if name.startswith(_ASSUMED):
            return self._assumed(name)
        if name in _PARAMETERS:
            return np.asarray(self.chunk.parameters[name.removeprefix("parameter_")])
        raise no_such("result", name, [*self.columns, *DERIVED], "column")

    def _assumed(self, name: str) -> NDArray[np.float64]:
        """Return what the runs drew of an assumption, or refuse a name that is none."""
        known = [f"{_ASSUMED}{one.name}" for one in self.case.assumptions]
        if name not in known:
            raise no_such("result", name, known, "assumption that is drawn")
        one = self.case.episode.ranges[known.index(name)]
        return assumed_values(one, self.chunk.parameters["draw"])

    def count(self, group: str, count: str) -> NDArray[np.int32]:
        """Return a count of ``BREAKDOWN`` in a kind or a size, shape (runs,)."""
        row, kinds = self.groups.index(group), self.chunk.by_kind.shape[1]
        table = self.chunk.by_kind if row < kinds else self.chunk.by_size
        return table[:, row if row < kinds else row - kinds, BREAKDOWN.index(count)]

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns of ``outcomes.parquet`` that a run gives a value for."""
        return [*OUTCOME_NAMES, *breakdown_columns(self.case.people.kind_names), *_PARAMETERS]

    def curve(self, name: str | None = None) -> NDArray[Any]:
        """Return a curve run by run, shape (runs, months + 1), month 0 being the launch.

        Without a name it is the curve that tells the scenario's story.
        """
        name = self.case.config.scenario.shows if name is None else named("curve", name)
        target = target_in(name)
        if target is not None:
            return target.met(self.curve(target.outcome))
        name = present_name(name)
        if name not in CURVES:
            raise no_such("curve", name, CURVES, "curve")
        return np.asarray(self.chunk.curves[name])

    def bands(self, name: str | None = None) -> dict[str, list[float]]:
        """Return the quantiles of a curve over the runs, month by month, by name."""
        return bands(self.curve(name))

    def at_month(self, name: str, month: int) -> Values:
        """Return an outcome at a month, shape (runs,); one that has no curve at the end."""
        name = present_name(named("column", name))
        target = target_in(name)
        if (target.outcome if target else name) not in CURVES:
            return self[name]
        month = int(Within(0, self.case.months, "months", whole=True).checked("month", month))
        return Values.of(self.curve(name)[:, month], self.case.config.seed)

    def rows(self, first: int, last: int) -> Runs:
        """Return runs ``first`` to ``last - 1``."""
        return Runs(self.case, Chunk._make(column[first:last] for column in self.chunk))


def _table(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an empty array; one that memory might not hold lies in a file without a name."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if size <= _MOST_BYTES_IN_MEMORY:
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, dtype, "w+", shape=shape)


def _empty(case: Case, explains: bool) -> Chunk:
    """Return tables with room for all runs of a case."""
    runs, kinds = case.config.runs, len(case.people.kind_names)
    groups = groups_of(case.episode) if explains else 0
    return Chunk(
        parameters=_table((runs,), PARAMETERS).view(np.recarray),
        outcomes=_table((runs,), OUTCOMES).view(np.recarray),
        by_kind=_table((runs, kinds, len(BREAKDOWN)), np.int32),
        by_size=_table((runs, len(SIZES), len(BREAKDOWN)), np.int32),
        curves=_table((runs, case.months + 1), MONTHLY).view(np.recarray),
        standings=_table((runs, groups, len(STANDINGS)), np.int32),
        refusals=_table((runs, groups, len(REASONS)), np.int32),
        gains=_table((runs, groups, len(GAINS)), np.float64),
        errors=np.zeros(runs, "U1"),
    )


def arriving(case: Case, explains: bool = False) -> Iterator[Runs]:
    """Yield the runs of a case as they come, chunk by chunk: each time all that there are.

    ``explains`` asks where trusts stand at the end, too, and what turned them away: such runs take
    two to four times as long.
    """
    outcome_columns(case.people.kind_names)  # refused before the first run
    room, config, done = _empty(case, explains), case.config, 0
    asked = (case.episode, case.design, config.runs, config.seed, config.threads)
    for chunk in simulate(*asked, explains):
        last = done + len(chunk.outcomes)
        for column, values in zip(room, chunk, strict=True):
            column[done:last] = values
        done = last
        yield Runs(case, Chunk._make(column[:done] for column in room))


def run(
    case: Case, advance: Callable[[int], object] = lambda _: None, explains: bool = False
) -> Runs:
    """Return all runs of a case; ``advance`` is told of each that is done."""
    done = 0
    for runs in arriving(case, explains):
        advance(len(runs) - done)
        done = len(runs)
    return runs
