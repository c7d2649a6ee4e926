"""What moves the expected outcome, from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from uptake.analysis.sensitivity import Sensitivity, sensitivity
from uptake.config.case import Case
from uptake.config.target import check_target
from uptake.config.validation import changed
from uptake.report import sensitive
from uptake.report.tables import Table
from uptake.report.text import sensitivity as words
from uptake.results.folders import named_folder, output_folder
from uptake.results.notebook import InLines


class SensitivityResult(InLines):
    """What moves the expected outcome: the share of each uncertain input, and that of luck."""

    def __init__(self, found: Sensitivity) -> None:
        self._found = found

    @property
    def table(self) -> Table:
        """The inputs, the largest effect first: effect, alone, total, each with its interval."""
        return words.table(self._found)

    @property
    def effects(self) -> dict[str, tuple[float, float, float]]:
        """Share of each input, by its name: value, and ends of its 90 % interval."""
        return {one.name: one.effect for one in words.inputs(self._found)}

    @property
    def alone(self) -> dict[str, tuple[float, float, float]]:
        """First-order index of each input, by its name: value, and ends of its 90 % interval."""
        return {one.name: one.alone for one in words.inputs(self._found)}

    @property
    def total(self) -> dict[str, tuple[float, float, float]]:
        """Total index of each input, by its name: value, and ends of its 90 % interval."""
        return {one.name: one.total for one in words.inputs(self._found)}

    @property
    def luck(self) -> tuple[float, float, float]:
        """Part of the variance of the outcome that is luck: value, and ends of its interval."""
        value, low, high = map(float, self._found.spread.luck)
        return value, low, high

    @property
    def text(self) -> str:
        """The answer in words, a sentence a line."""
        return "\n".join(words.sentences(self._found))

    def report(self, folder: str | Path) -> Path:
        """Write what ``uptake sensitivity`` writes into an empty folder, and return it."""
        made = output_folder(str(named_folder(folder)), "sensitivity")
        sensitive.write(self._found, made)
        return made

    def __repr__(self) -> str:
        """Return the answer and the table."""
        return f"{words.headline(self._found)}\n{self.table!r}"


def result(
    case: Case,
    outcome: str | None,
    target: float | str | None,
    levers: Mapping[str, Sequence[float]],
    runs: int | None,
) -> SensitivityResult:
    """Return what moves the expected outcome of a question."""
    own = case.config.sensitivity
    asked = {
        "outcome": own.outcome if outcome is None else outcome,
        "levers": own.levers | {name: list(map(float, ends)) for name, ends in levers.items()},
        "runs": own.runs if runs is None else runs,
    }
    target = case.config.target if target is None else str(target)
    case = replace(case, config=changed(case.config, sensitivity=asked, target=target))
    check_target(case.config)
    return SensitivityResult(sensitivity(case, sensitive.outcome_of(case)))
