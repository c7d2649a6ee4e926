"""How well histories predict one another, in a folder: summary, figure, report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from uptake.analysis.skill import FOUR, Skill
from uptake.analysis.structures import Weighed
from uptake.config.schema import Run
from uptake.files import hash_of, write_json
from uptake.report.text import skill as words

_BINS = 10
_MOST_BYTES = 1_000_000_000


def _draw(found: Skill, folder: Path) -> None:
    """Draw the figure."""
    from uptake.report import figures

    pits = {name: figures.Pit(*map(list, found.histogram(name, _BINS))) for name in FOUR}
    every = sorted(found.compared_histories, key=lambda one: -found.of_history(FOUR[0], one))
    scores = [
        (found.rows[found.histories[one][0]].title, {n: found.of_history(n, one) for n in FOUR})
        for one in every
    ]
    figures.skill(pits, scores, words.TITLE, folder / "skill")


def write(
    found: Skill, config: Run, source: Path, folder: Path, weighed: Sequence[Weighed] = ()
) -> list[str]:
    """Write all that is said into a folder that is there; return the sentences.

    Parameters
    ----------
    found
        The scores.
    config
        What was asked.
    source
        The file of predictions.
    folder
        Where it goes.
    weighed
        Structures that are shown side by side.
    """
    from uptake.report import html
    from uptake.results.provenance import record

    made = record(config, {source.as_posix(): hash_of(source, _MOST_BYTES)})
    write_json(folder / "provenance.json", made)
    write_json(folder / "summary.json", words.summary(found, weighed))
    shown = {}
    if config.figures:
        _draw(found, folder)
        shown = {"skill.svg": words.FIGURE}
    said = words.sentences(found)
    html.write_study(words.TITLE, said, shown, words.tables(found, weighed), made, folder)
    return said
