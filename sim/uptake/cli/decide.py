"""uptake decide: what it would take, what pays, which option, what is worth finding out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from uptake.analysis import decision
from uptake.analysis.least_change import Scale
from uptake.analysis.points import Points
from uptake.cli import terminal
from uptake.cli.arguments import answered
from uptake.config.case import Case
from uptake.config.compose import Question
from uptake.config.decisions import options_of, refuse_own_list
from uptake.report import decided
from uptake.report.text import decision as words
from uptake.report.text.question import stem
from uptake.results.folders import output_folder


def cases_of(asked: Question, case: Case) -> Mapping[str, Case]:
    """Return the question under each structure that is asked, its own first."""
    own = case.config.structure.name
    names = [name for name in asked.structures(case.config.variants) if name != own]
    return {own: case} | {name: asked.choosing("structure", name).case() for name in names}


def decide(cases: Mapping[str, Case], points: Points, scales: Sequence[Scale]) -> decision.Decision:
    """Ask all of it, with progress shown."""
    with terminal.progress("steps", decision.steps(scales, len(cases))) as advance:
        return decision.decide(cases, points, scales, advance)


def answer(asked: Question) -> Path:
    """Decide, save everything, and return the folder."""
    refuse_own_list(asked.config_dir)
    case = asked.case()
    cases = cases_of(asked, case)
    points = decision.points_of(case)
    options_of(case)
    terminal.compile_rules(case)
    with terminal.doing("Choosing levers"):
        scales = decision.levers_of(points)
    folder = output_folder(case.config.out, "decide", stem(case))
    found = decide(cases, points, scales)
    with terminal.doing("Drawing figures, writing the report"):
        said = decided.write(found, folder)
    for table in words.tables(found):
        terminal.show(table, numbers=False)
    terminal.say(*said, f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Decide what the command line asks for."""
    answered("decide", arguments, answer)
