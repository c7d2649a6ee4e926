"""What a scenario came to: its runs, as columns, curves, figures, sentences, files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from uptake.api.plot import Plot
from uptake.config.case import Case
from uptake.config.schema import Within
from uptake.errors import InputError, counted, one_of, wrong
from uptake.model.observation import CURVES
from uptake.model.processes.refusals import REASONS
from uptake.model.standings import GAINS, STANDINGS
from uptake.report import progress as shown
from uptake.report.answer import Answer, write
from uptake.report.outcomes import observed
from uptake.report.printing import console
from uptake.report.tables import Table
from uptake.report.text.numbers import called
from uptake.results.folders import named_folder, output_folder
from uptake.results.money import by_year
from uptake.results.notebook import InLines
from uptake.results.runs import QUANTILES, Runs, run
from uptake.results.standings import gains_by, refusals, refusals_by, standings, standings_by
from uptake.results.summary import differences, summarise
from uptake.results.tables import table_of

if TYPE_CHECKING:
    from uptake.api.scheme import Scenario


_BY = ("kind", "size", "region")
_QUANTILES = (*QUANTILES, "mean", "sd")


@dataclass(frozen=True, eq=False, repr=False)
class Result(InLines, Runs):
    """The runs of a scenario, in memory.

    ``result["joined"]`` is an array, shape (runs,), that can be asked for its quantiles;
    so is any outcome of ``summary()``, a count of a kind or size of trust (``joined_large``), the
    share of it that joins (``share_large``) or a parameter (``parameter_sovereignty``).
    """

    scenario: Scenario
    progress: bool | None = None  # whether to show how far it is; None: where somebody looks

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        case: Case,
        progress: bool | None = None,
        explains: bool = False,
    ) -> Result:
        """Return the runs of a case, with progress shown; ``explains``: with what explains them."""
        runs = watched(case, "runs", progress, explains)
        return cls(case, runs.chunk, scenario, progress)

    @property
    def title(self) -> str:
        """The question as asked: the scheme's title, and what is otherwise."""
        return self.scenario.title

    @cached_property
    def base(self) -> Runs | None:
        """The scheme as it was, on the same behaviour and draws; None if nothing is changed."""
        if not self.case.is_changed:
            return None
        return watched(self.case.as_it_was(), "runs, as it was", self.progress)

    @cached_property
    def answer(self) -> Answer:
        """The answer as reports hold it."""
        return Answer(self, self.base)

    @property
    def text(self) -> str:
        """The answer in words, a sentence a line."""
        return "\n".join(self.answer.sentences)

    def summary(self) -> Table:
        """Return every outcome: mean, median, intervals, the last number that was observed."""
        said, bodies = summarise(self), self.case.bodies
        dated = sorted(said["observed"], key=lambda row: int(row["month"]))
        seen = {row["outcome"]: row["value"] for row in dated if not (row["of"] or row["bound"])}
        columns = ("outcome", "mean", "median", "q05", "q25", "q75", "q95", "observed", "name")
        rows = [
            (name, *(one[q] for q in columns[1:7]), seen.get(name), called(name, bodies))
            for name, one in said["outcomes"].items()
        ]
        return Table(f"{self.scenario.title}: {counted(len(self), 'run')}", "", columns, rows)

    @property
    def observed(self) -> Table:
        """What was observed, each number beside the runs in its month.

        Quantiles are of the runs that have a value; ``agree`` is the share of these that reach the
        number, or keep to the bound; ``no_value`` is the share of all that have none, as nil is
        below.
        """
        return observed(summarise(self))

    def differences(self, base: Runs | None = None) -> Table:
        """Return what differs from another result, run by run; from the scheme as it was if none.

        Both are to hold the same runs of the same seed, so that they share behaviour
        and random numbers.
        """
        if not isinstance(base, Runs | None):
            raise wrong("differences", base, "another result is needed")
        other = base if base is not None else self.base
        if other is not None and _luck(other) != _luck(self):
            raise wrong(
                "differences",
                f"runs and seed {_luck(other)}",
                "the same runs of the same seed are needed",
            )
        was, moved = differences(self, other) if other is not None else ({}, {})
        told = ("mean", "q05", "q95", "share_of_pairs")
        rows = [
            (name, was[name], *(change[one] for one in told), called(name, self.case.bodies))
            for name, change in moved.items()
        ]
        names = ("outcome", "was", "difference", "q05", "q95", "share_of_pairs", "name")
        return Table("what differs, in pairs of runs", "", names, rows)

    def money(self) -> Table:
        """Return what each payer pays net, and all spend and save, a row a year: means, GBP.

        Year 0 is the launch. Beside doing nothing; not discounted. Source: docs/money.md.
        """
        rows = by_year(self)
        columns = tuple(rows[0])
        return Table("money, by payer and year", "", columns, [tuple(row.values()) for row in rows])

    def standings(self, by: str | None = None) -> Table:
        """Return where the bodies stand at the end of the runs: how many, on average.

        Parameters
        ----------
        by
            ``"kind"``, ``"size"`` or ``"region"``: a row each; else one of all, with quantiles over
            the runs.
        """
        if by is None:
            rows = [(name, *one.values()) for name, one in standings(self).items()]
            return Table("where they stand", "", ("standing", *_QUANTILES), rows)
        found = standings_by(self, one_of("by", by, _BY))
        rows = [(group, *means.values()) for group, means in found.items()]
        return Table(f"where they stand, by {by}", "", (by, *STANDINGS), rows)

    def refusals(self, by: str | None = None) -> Table:
        """Return what turned away those that looked and said no.

        Each reason is taken away alone, and all else left as it was in the month of the last look
        or decision: the share of them who would have joined. Source: docs/why.md.

        Parameters
        ----------
        by
            ``"kind"``, ``"size"`` or ``"region"``: a row each, with how many said no on average;
            else one of all, with quantiles over the runs in which anyone did.
        """
        if by is None:
            found = refusals(self)["reasons"]
            rows = [(name, *one.values()) for name, one in found.items()]
            return Table("what turned them away", "", ("reason", *_QUANTILES), rows)
        shares = refusals_by(self, one_of("by", by, _BY))
        rows = [(group, *one.values()) for group, one in shares.items()]
        return Table(f"what turned them away, by {by}", "", (by, "said_no", *REASONS), rows)

    def gains(self, by: str = "kind") -> Table:
        """Return what the bodies of each group gain beside doing nothing, and who comes out ahead.

        ``gained_gbp`` is the mean of all bodies of the group over all months, not discounted; less
        than nil is a loss. ``ahead`` and ``behind`` are shares of them. Source: docs/money.md.

        Parameters
        ----------
        by
            ``"kind"``, ``"size"`` or ``"region"``: a row each.
        """
        found = gains_by(self, one_of("by", by, _BY))
        rows = [(group, *one.values()) for group, one in found.items()]
        return Table(f"who gains, by {by}", "", (by, "bodies", *GAINS), rows)

    @property
    def plot(self) -> Plot:
        """Figures: ``plot.adoption()``, ``plot.who_joins()``, ``plot.outcome("joined")``."""
        return Plot(self)

    def to_arrow(self, table: str = "outcomes") -> Any:
        """Return a table as Arrow holds it: ``"outcomes"``, a row a run, or ``"curves"``.

        Of the curves, a row is a run and a month, a column a curve.
        """
        if one_of("table", table, ("outcomes", "curves")) == "outcomes":
            return table_of(self).drop_columns(["point", "error"])
        months, curves = self.case.months + 1, self.chunk.curves
        found = {
            "run": np.repeat(np.asarray(self["run"]), months),
            "month": np.tile(np.arange(months), len(self)),
        }
        found |= {name: curves[name].reshape(-1) for name in CURVES}
        return pa.table(found)

    def to_pandas(self, table: str = "outcomes") -> Any:
        """Return a table, ``"outcomes"`` or ``"curves"``, as a pandas ``DataFrame``."""
        return self.to_arrow(table).to_pandas()

    def to_polars(self, table: str = "outcomes") -> Any:
        """Return a table, ``"outcomes"`` or ``"curves"``, as a Polars ``DataFrame``."""
        import polars

        return polars.from_arrow(self.to_arrow(table))

    def trusts(self, run: int = 0, month: int | None = None) -> Table:
        """Return the trusts of one run at a month, at the end if none: stage, provider, reason.

        ``run`` is one of ``result["run"]``.
        """
        Within(0, len(self) - 1, "runs of this result", whole=True).checked("run", run)
        from uptake.report.trusts import trusts_of

        return trusts_of(self.case, run, month)

    def report(self, folder: str | Path) -> Path:
        """Write what ``uptake run`` writes into an empty folder, and return it."""
        made = output_folder(str(named_folder(folder)), "run")
        write(self.answer, made)
        return made

    def brief(self, folder: str | Path) -> Path:
        """Write a paper for the board, a slide and a book of numbers into an empty folder.

        It needs the extra ``brief``. The paper tells the command that asks the same, or that the
        scheme was made in Python.
        """
        from uptake.report import office

        office.check_libraries()
        made = output_folder(str(named_folder(folder)), "brief")
        try:
            command = self.scenario.command
        except InputError:
            config = self.case.config
            command = f"Python: {config.scenario.name}, run({len(self)}, seed={config.seed})"
        office.write(self.answer, command, made)
        return made

    def __repr__(self) -> str:
        """Return the answer in a few lines."""
        config = self.case.config
        head = f"Result of {self.scenario.title}: {counted(len(self), 'run')}, seed {config.seed}"
        return "\n  ".join([head, *self.answer.sentences[:3]])


def _luck(runs: Runs) -> tuple[int, int]:
    """Return how many runs there are, and of which seed."""
    return len(runs), runs.case.config.seed


def watched(
    case: Case, what: str = "runs", progress: bool | None = None, explains: bool = False
) -> Runs:
    """Return the runs of a case, with progress shown where somebody looks, or always or never."""
    is_seen = console.is_terminal or console.is_jupyter
    if not (is_seen if progress is None else progress):
        return run(case, explains=explains)
    shown.compile_rules(case)
    with shown.progress(what, case.config.runs) as advance:
        return run(case, advance, explains)
