"""What to decide, from Python: what it would take, which option, what is worth finding out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from uptake.analysis import decision as analysis
from uptake.config.case import Case
from uptake.config.decisions import options_of
from uptake.config.target import check_target
from uptake.config.validation import changed
from uptake.report import decided
from uptake.report.tables import Table
from uptake.report.text import decision as words
from uptake.report.text import options, reaching, uncertain
from uptake.results.folders import named_folder, output_folder
from uptake.results.notebook import InLines
from uptake.results.runs import Values


class Decision(InLines):
    """What it would take to reach a target, what pays, which option, what is worth knowing."""

    def __init__(self, found: analysis.Decision) -> None:
        self._found = found

    @property
    def text(self) -> str:
        """The answer in words, a sentence a line."""
        return "\n".join(words.sentences(self._found))

    @property
    def one_lever(self) -> Table:
        """What each lever would have to be, alone, and where the worth changes its sign."""
        return reaching.levers_table(self._found)

    @property
    def two_levers(self) -> Table:
        """What two levers would have to be, where they need less in all than one alone."""
        return reaching.pairs_table(self._found)

    @property
    def options(self) -> Table:
        """Each option under each structure: outcome, chance, net present value, regret."""
        return options.options_table(self._found)

    @property
    def front(self) -> Table:
        """Combinations of levers that none betters in uptake, public cost and result: some."""
        return options.front_table(self._found)

    @property
    def factors(self) -> Table:
        """What is uncertain: what it is worth to know, and from which value on it pays."""
        return uncertain.factors_table(self._found)

    @property
    def tables(self) -> list[Table]:
        """All tables that say anything."""
        return words.tables(self._found)

    @property
    def summary(self) -> dict[str, Any]:
        """What ``summary.json`` holds."""
        return words.summary(self._found)

    def regret(self, option: str, structure: str | None = None) -> Values:
        """By how much an option falls short of the best of each run, GBP, shape (runs,)."""
        from uptake.errors import one_of

        found = self._found.options
        one_of("option", option, found.names)
        own = structure or next(iter(found.by_structure))
        held = found.by_structure[one_of("structure", own, found.by_structure)]
        seed = self._found.case.config.seed
        return Values.of(held.regret[found.names.index(option)], seed)

    def report(self, folder: str | Path) -> Path:
        """Write what ``uptake decide`` writes into an empty folder, and return it."""
        made = output_folder(str(named_folder(folder)), "decide")
        decided.write(self._found, made)
        return made

    def __repr__(self) -> str:
        """Return the answer in a few lines, and the table of single levers."""
        said = [reaching.headline(self._found), *reaching.one_lever(self._found)]
        return "\n".join([*said, repr(self.one_lever)])


def decided_of(
    cases: Mapping[str, Case],
    levers: Sequence[str],
    target: float | str | None,
    chance: float | None,
    named: Mapping[str, Mapping[str, float | None]],
    ranges: Mapping[str, Sequence[float]],
) -> Decision:
    """Return what is to be told of a question, under its structures, to help decide it."""
    asked: dict[str, Any] = {
        "levers": list(levers),
        "options": {name: dict(one) for name, one in named.items()},
        "ranges": {name: list(ends) for name, ends in ranges.items()},
    }
    made = {}
    for name, case in cases.items():
        aimed = case.config.target if target is None else str(target)
        likely = case.config.decide.chance if chance is None else chance
        decided_on = asked | {"chance": likely}
        made[name] = replace(case, config=changed(case.config, decide=decided_on, target=aimed))
        check_target(made[name].config)
    points = analysis.points_of(next(iter(made.values())))
    options_of(points.case)
    scales = analysis.levers_of(points)
    return Decision(analysis.decide(made, points, scales))
