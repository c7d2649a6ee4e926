"""What to decide, in a folder: summary, figures, report."""

from __future__ import annotations

from pathlib import Path
from string import ascii_uppercase

import numpy as np

from uptake.analysis.chance import wilson
from uptake.analysis.decision import Decision
from uptake.files import write_json
from uptake.report import html
from uptake.report.text import decision as words
from uptake.report.text.numbers import called
from uptake.report.text.options import point_name
from uptake.report.text.question import lever_short, levers_of, title
from uptake.report.text.reaching import goal
from uptake.results.provenance import provenance

HEADING = "what it would take"


def _draw_levers(found: Decision, path: Path) -> None:
    """Draw what each lever makes of the chance."""
    from uptake.report.figures.decision import Panel, levers

    reached, case, panels = found.reaching, found.case, []
    for one, course in zip(reached.alone, reached.courses, strict=True):
        scale = one.scale
        low, high = wilson(course.shares, reached.apart)
        unit = levers_of(case)[scale.name].unit
        is_one = one.value is not None and not np.isnan(one.value)
        was = np.array([scale.path.min(), scale.path.max()])
        label = f"{lever_short(case, scale.name)} ({unit})"
        panels.append(
            Panel(
                label, course.values, course.shares, low, high, was, one.value if is_one else None
            )
        )
    subtitle = (
        f"Each lever alone, held throughout; {case.config.parameters.title}; {reached.runs:,} runs "
        f"of each value. Band: as far as they tell (95 %). Black: as it is. Orange: the chance "
        f"asked, and the least change that reaches it."
    )
    what = (
        f"{title(case)}: how often is the target reached ({goal(found)})?",
        subtitle,
        "runs that reach it",
    )
    levers(panels, reached.asked, reached.now, what, path)


def _draw_front(found: Decision, path: Path) -> None:
    """Draw uptake against public cost."""
    from uptake.report.figures.decision import front

    one, case = found.front, found.case
    letters = dict(zip(ascii_uppercase, one.told, strict=False))
    told = "; ".join(f"{letter}: {point_name(found, each)}" for letter, each in letters.items())
    subtitle = (
        f"{len(one.values)} combinations of {len(one.levers)} levers; "
        f"{case.config.parameters.title}; over {case.months} months; means of {one.runs} runs. "
        f"Ringed: the {len(one.kept)} that none of the others betters in all three. {told}."
    )
    heading = f"{title(case)}: which combinations of levers are bettered by no other?"
    points = [(letter, one.means[each.at]) for letter, each in letters.items()]
    cost = f"cost to {case.bodies} and centre, net"
    what = (heading, subtitle, cost, called(one.outcome, case.bodies))
    front(one.means, one.kept, points, one.outcome, what, path)


def write(found: Decision, folder: Path) -> list[str]:
    """Write all that is said into a folder that is there; return the sentences."""
    made, said = provenance(found.case), words.sentences(found)
    write_json(folder / "provenance.json", made)
    write_json(folder / "summary.json", words.summary(found))
    shown = {}
    if found.case.config.figures:
        for name, draw in (("decide_levers", _draw_levers), ("decide_front", _draw_front)):
            draw(found, folder / name)
            shown[f"{name}.svg"] = words.FIGURES[name]
    heading = f"{title(found.case)}: {HEADING}"
    html.write_study(heading, said, shown, words.tables(found), made, folder)
    return said
