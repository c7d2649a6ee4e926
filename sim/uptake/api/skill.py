"""Skill in Python: how well histories predict one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from uptake.api.what_if import question_in, said
from uptake.config.schema import Run
from uptake.errors import InputError, refusal
from uptake.report.tables import Table
from uptake.report.text import skill as words

if TYPE_CHECKING:
    from uptake.analysis.skill import Skill
    from uptake.analysis.structures import Weighed


def scored_for(config: Run) -> tuple[Skill, Path]:
    """Return the scores of what is kept beside the draws of a configuration, and its file."""
    from uptake.analysis.skill import scored
    from uptake.inference import predictions

    source = predictions.kept_for(config)
    try:
        return scored(predictions.read(source, config), config.seed), source
    except ValueError as problem:
        if isinstance(problem, InputError):
            raise
        told = "no step was read of four histories, so that no rival can be asked"
        raise InputError(refusal("parameters.draws", source, told)) from None


def weighed_for(configurations: Mapping[str, Run]) -> list[Weighed]:
    """Return how structures predict, by what is kept beside the draws of each.

    Parameters
    ----------
    configurations
        One a structure, by its name; none gives nothing.
    """
    from uptake.analysis.structures import weighed
    from uptake.inference import predictions

    if not configurations:
        return []
    rows, seed = {}, 0
    for name, config in configurations.items():
        source, seed = predictions.kept_for(config), config.seed
        rows[name] = predictions.read(source, config)
    try:
        return weighed(rows, seed)
    except ValueError:
        told = "no reading is predicted under all of these structures"
        raise InputError(refusal("variants", ", ".join(rows), told)) from None


class SkillResult:
    """How well histories predict one another; ``skill`` returns it."""

    def __init__(
        self, found: Skill, config: Run, source: Path, weighed: Sequence[Weighed] = ()
    ) -> None:
        self._found, self._config, self._source = found, config, source
        self._weighed = weighed

    @property
    def is_reached(self) -> bool:
        """Whether the model beats reference class and Bass curve, its coverage not rejected."""
        return self._found.is_reached

    @property
    def text(self) -> str:
        """The verdict first, in words, a sentence a line."""
        return "\n".join(words.sentences(self._found))

    @property
    def overall(self) -> Table:
        """CRPS, log score and coverage of the model and of its rivals, the best first."""
        return words.overall(self._found)

    @property
    def histories(self) -> Table:
        """CRPS by history, the worst first."""
        return words.by_history(self._found)

    @property
    def readings(self) -> Table:
        """Every reading beside what was predicted of it."""
        return words.by_reading(self._found)

    @property
    def structures(self) -> Table:
        """Every structure that was asked for, its scores and its weight; the weightiest first."""
        return words.structures(self._weighed)

    def report(self, folder: str | Path) -> Path:
        """Write summary, figure and report into an empty folder, and return it.

        Parameters
        ----------
        folder
            Made if need be.

        Raises
        ------
        InputError
            Something is in the folder.
        """
        from uptake.report.skill_report import write
        from uptake.results.folders import named_folder, output_folder

        made = output_folder(str(named_folder(folder)), "skill")
        write(self._found, self._config, self._source, made, self._weighed)
        return made

    def __repr__(self) -> str:
        """Return the verdict and the table of the four."""
        return f"{words.headline(self._found)}\n{self.overall!r}"

    def _repr_html_(self) -> str:
        """Return the same, as a notebook shows it."""
        from html import escape

        return f"<p>{escape(words.headline(self._found))}</p>{self.overall._repr_html_()}"


def skill(
    draws: str | Path | None = None,
    *,
    structure: str | None = None,
    variants: Sequence[str] = (),
    seed: int | None = None,
    config_dir: str | Path | None = None,
) -> SkillResult:
    """Return how well histories predict one another, as ``uptake skill`` does.

    Parameters
    ----------
    draws
        A folder of ``calibrate``; the draws that the package brings, if left out.
    structure
        The structure of the model; ``"default"`` if left out.
    variants
        Names of structures to hold side by side, or ``["all"]``.
    seed
        Of the rival that is fitted, and of resamples; 1 if left out.
    config_dir
        A folder with configurations of yours.

    Returns
    -------
    SkillResult
        Sentences and tables.

    Raises
    ------
    InputError
        No predictions are kept there, or they are of another structure; one line.

    Examples
    --------
    >>> import uptake as up
    >>> up.skill().text  # doctest: +SKIP
    """
    draws = str(draws) if isinstance(draws, Path) else draws
    given = {"parameters.draws": draws, "structure": structure, "seed": seed}
    named = {key: said(value) for key, value in given.items() if value is not None}
    asked = question_in(config_dir).setting(named)
    config = asked.configuration()
    found, source = scored_for(config)
    names = asked.structures(variants)
    weighed = weighed_for({n: asked.choosing("structure", n).configuration() for n in names})
    return SkillResult(found, config, source, weighed)
