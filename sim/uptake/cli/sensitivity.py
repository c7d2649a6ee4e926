"""uptake sensitivity: what moves the expected outcome, luck apart."""

from pathlib import Path

from uptake.analysis.sensitivity import Sensitivity, sensitivity
from uptake.cli import terminal
from uptake.cli.arguments import answered
from uptake.config.case import Case
from uptake.config.compose import Question
from uptake.report import sensitive
from uptake.report.text import sensitivity as words
from uptake.report.text.question import stem
from uptake.results.folders import output_folder, refuse_folder


def study(case: Case) -> Sensitivity:
    """Run all points, with progress shown."""
    outcome = sensitive.outcome_of(case)
    terminal.compile_rules(case)
    with terminal.progress("runs", case.config.sensitivity.runs) as advance:
        return sensitivity(case, outcome, advance)


def answer(asked: Question) -> Path:
    """Study, save everything, and return the folder."""
    case = asked.case()
    refuse_folder(case.config.out)
    found = study(case)
    folder = output_folder(case.config.out, "sensitivity", stem(case))
    with terminal.doing("Drawing the figure, writing the report"):
        said = sensitive.write(found, folder)
    terminal.show(words.table(found), "alone")
    terminal.say(*said, f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Study what the command line asks for."""
    answered("sensitivity", arguments, answer)
