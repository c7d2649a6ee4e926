"""Why so few, from Python: what each cause accounts for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from uptake.analysis.attribution import Attribution, attribute
from uptake.config.case import Case
from uptake.config.causes import causes_of
from uptake.config.target import check_target
from uptake.config.validation import changed
from uptake.errors import one_of
from uptake.report import explained
from uptake.report.tables import Table
from uptake.report.text import attribution as words
from uptake.results.folders import named_folder, output_folder
from uptake.results.notebook import InLines
from uptake.results.runs import Values


class Explanation(InLines):
    """What kept a scheme from what it could have been: a part for each cause, which add up."""

    def __init__(self, found: Attribution) -> None:
        self._found = found

    @property
    def table(self) -> Table:
        """The causes, the largest part first: mean, intervals, what it alone adds."""
        return words.table(self._found)

    @property
    def parts(self) -> dict[str, Values]:
        """The part of each cause run by run, by its name: each an array, shape (runs,)."""
        seed, found = self._found.case.config.seed, self._found
        return {
            cause.name: Values.of(part, seed)
            for cause, part in zip(found.causes, found.parts, strict=True)
        }

    def with_right(self, *causes: str) -> Values:
        """The outcome with some of the causes put right, and no others, shape (runs,)."""
        names = [cause.name for cause in self._found.causes]
        for name in causes:
            one_of("cause", name, names)
        place = sum(1 << names.index(name) for name in set(causes))
        return Values.of(self._found.worth[place], self._found.case.config.seed)

    @property
    def text(self) -> str:
        """The answer in words, a sentence a line."""
        return "\n".join(words.sentences(self._found))

    def report(self, folder: str | Path) -> Path:
        """Write what ``uptake explain`` writes into an empty folder, and return it."""
        made = output_folder(str(named_folder(folder)), "explain")
        explained.write(self._found, made)
        return made

    def __repr__(self) -> str:
        """Return the answer and the table."""
        return f"{words.headline(self._found)}\n{self.table!r}"


def explanation(
    case: Case,
    causes: Sequence[str],
    months: int | None,
    levers: Mapping[str, float],
    parameters: Mapping[str, float],
    target: float | str | None,
) -> Explanation:
    """Return what kept a scheme from what it could have been."""
    asked: dict[str, Any] = {
        "causes": list(causes), "months": months, "levers": dict(levers),
        "parameters": dict(parameters),
    }  # fmt: skip
    asked_for = case.config.target if target is None else str(target)
    case = replace(case, config=changed(case.config, explain=asked, target=asked_for))
    check_target(case.config)
    return Explanation(attribute(case, causes_of(case), explained.outcome_of(case)))
