"""Why so few, in a folder: summary, figure, report."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from uptake.analysis.attribution import Attribution
from uptake.config.case import Case
from uptake.errors import wrong
from uptake.files import write_json
from uptake.model.observation import CURVES
from uptake.report import html
from uptake.report.text import attribution as words
from uptake.report.text.numbers import called, shares_of
from uptake.report.text.question import title
from uptake.results.provenance import provenance

HEADING = "what each cause accounts for"


def outcome_of(case: Case) -> str:
    """The curve whose distance to the target is explained, or a refusal: others have no months."""
    outcome = case.target.outcome if case.target else case.config.scenario.shows
    if outcome not in CURVES:
        told = f"what is known in every month is needed: one of {', '.join(CURVES)}"
        raise wrong("target", case.config.target or outcome, told)
    return outcome


def _draw(found: Attribution, folder: Path) -> None:
    """Draw the waterfall."""
    from uptake.report.figures.attribution import Step, Whole, waterfall

    case, name = found.case, found.outcome
    target = case.target if case.target and case.target.outcome == name else None
    steps = [Step(one.title, one.mean, one.q05, one.q95) for one in words.parts(found)]
    ends = [
        Whole(label, float(values.mean()), *map(float, np.quantile(values, [0.05, 0.95])))
        for label, values in (("as it is", found.was), ("all put right", found.could))
    ]
    subtitle = (
        f"{case.config.parameters.title}; {len(found.was):,} runs of each of "
        f"{len(found.worth):,} subsets; lines: {shares_of(len(found.was))[1]}, of a part from "
        f"where its bar begins. Parts are those by month {case.months}"
        f"{'; more time comes last' if found.time is not None else ''}."
    )
    waterfall(
        steps, (ends[0], ends[1]), target.number if target else None, name,
        (f"{title(case)}: {HEADING}", subtitle, called(name, case.bodies)), folder / "explain",
    )  # fmt: skip


def write(found: Attribution, folder: Path) -> list[str]:
    """Write all that is said into a folder that is there; return the sentences."""
    made, said = provenance(found.case), words.sentences(found)
    write_json(folder / "provenance.json", made)
    write_json(folder / "summary.json", words.summary(found))
    shown = {}
    if found.case.config.figures:
        _draw(found, folder)
        shown = {"explain.svg": words.FIGURE}
    heading = f"{title(found.case)}: {HEADING}"
    html.write_study(heading, said, shown, [words.table(found)], made, folder)
    return said
