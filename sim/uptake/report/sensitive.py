"""What moves the expected outcome, in a folder: summary, figure, report."""

from __future__ import annotations

from pathlib import Path

from uptake.analysis.sensitivity import Sensitivity
from uptake.config.case import Case
from uptake.config.factors import studied
from uptake.files import write_json
from uptake.model.observation import CURVES, SIZES
from uptake.report import html
from uptake.report.text import sensitivity as words
from uptake.report.text.numbers import capital
from uptake.report.text.question import title
from uptake.results.provenance import provenance
from uptake.results.runs import DERIVED, OUTCOME_NAMES, breakdown_columns

HEADING = "what moves the expected outcome"
_BARS = 12


def outcome_of(case: Case) -> str:
    """The outcome that is asked about, or a refusal of one that runs do not have."""
    groups = [*case.people.kind_names, *SIZES]
    by_group = [*breakdown_columns(case.people.kind_names), *(f"share_{one}" for one in groups)]
    return studied(case, [*OUTCOME_NAMES, *DERIVED, *CURVES, *by_group])


def _draw(found: Sensitivity, folder: Path) -> None:
    """Draw the bars: the largest, and the rest together."""
    from uptake.report.figures.sensitivity import Bar, bars

    every = words.inputs(found)
    shown, rest = every[:_BARS], every[_BARS:]
    drawn = [Bar(one.meaning, *one.effect, one.alone[0], one.total[0]) for one in shown]
    if rest:
        value, low, high = map(float, found.shares.effect(*words.places(found, rest)))
        drawn.append(Bar(f"{len(rest)} others together", value, low, high))
    luck = found.spread.luck
    lost = f"; a copula with {words.copula_ratio(found):.2g} times the variance of its draws"
    subtitle = (
        f"{capital(words.outcome(found))}. Luck apart, which is {words.share(float(luck.value))} "
        f"of its variance. {capital(found.case.config.parameters.title)}"
        f"{lost if words.is_far(found) else ''}; {found.runs:,} runs."
    )
    bars(drawn, (f"{title(found.case)}: {HEADING}", subtitle), folder / "sensitivity")


def write(found: Sensitivity, folder: Path) -> list[str]:
    """Write all that is said into a folder that is there; return the sentences."""
    made, said = provenance(found.case), words.sentences(found)
    write_json(folder / "provenance.json", made)
    write_json(folder / "summary.json", words.summary(found))
    shown = {}
    if found.case.config.figures:
        _draw(found, folder)
        shown = {"sensitivity.svg": words.FIGURE}
    heading = f"{title(found.case)}: {HEADING}"
    html.write_study(heading, said, shown, [words.table(found)], made, folder)
    return said
