"""What moves the expected outcome, in a folder: summary, figure, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from uptake.analysis.sensitivity import Sensitivity
from uptake.analysis.variance import Interval
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


def outcome_of(case: Case) -> str:
    """The outcome that is asked about, or a refusal of one that runs do not have."""
    groups = [*case.people.kind_names, *SIZES]
    by_group = [*breakdown_columns(case.people.kind_names), *(f"share_{one}" for one in groups)]
    return studied(case, [*OUTCOME_NAMES, *DERIVED, *CURVES, *by_group])


def _draw(found: Sensitivity, folder: Path) -> None:
    """Draw a bar for each row of the table."""
    from uptake.report.figures.sensitivity import Bar, bars

    drawn = [
        Bar(one.meaning, *one.effect, one.alone[0], one.total[0]) for one in words.shown(found)
    ]
    rest = words.together(found)
    if rest is not None:
        drawn.append(Bar(rest[0], *rest[1]))
    luck = found.spread.luck
    ratio = f"{words.copula_ratio(found):.2g}"
    lost = f"; an order of what matters only: a copula with {ratio} times the variance of its draws"
    subtitle = (
        f"{capital(words.outcome(found))}. Luck apart, which is {words.share(float(luck.value))} "
        f"of its variance. {capital(found.case.config.parameters.title)}"
        f"{lost if words.is_far(found) else ''}; {found.runs:,} runs."
    )
    bars(drawn, (f"{title(found.case)}: {HEADING}", subtitle), folder / "sensitivity")


def _numbers(one: Interval | tuple[float, float, float]) -> dict[str, float]:
    """An estimate and the ends of its interval."""
    return dict(zip(("value", "q05", "q95"), map(float, one), strict=True))


def _summary(found: Sensitivity) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    case, shares = found.case, found.shares
    return {
        "scenario": case.config.scenario.name,
        "question": title(case),
        "structure": case.config.structure.name,
        "draws": case.draws,
        "months": case.months,
        "runs": found.runs,
        "seed": case.config.seed,
        "sensitivity": {
            "outcome": found.outcome,
            "mean": found.mean,
            "mean_as_it_happened": found.happened,
            "variance": _numbers(found.spread.variance),
            "luck_share": _numbers(found.spread.luck),
            "variance_of_copula": _numbers(shares.variance) if found.is_copula else None,
            "alone_together": _numbers(shares.together),
            "factors": [
                {
                    "name": one.name,
                    "title": one.meaning,
                    "kind": one.kind,
                    "effect": one.effect[0],
                    "q05": one.effect[1],
                    "q95": one.effect[2],
                    "alone": _numbers(one.alone),
                    "total": _numbers(one.total),
                }
                for one in words.inputs(found)
            ],
        },
    }


def write(found: Sensitivity, folder: Path) -> list[str]:
    """Write all that is said into a folder that is there; return the sentences."""
    made, said = provenance(found.case), words.sentences(found)
    write_json(folder / "provenance.json", made)
    write_json(folder / "summary.json", _summary(found))
    shown = {}
    if found.case.config.figures:
        _draw(found, folder)
        shown = {"sensitivity.svg": words.FIGURE}
    heading = f"{title(found.case)}: {HEADING}"
    html.write_study(heading, said, shown, [words.table(found), *words.others(found)], made, folder)
    return said
