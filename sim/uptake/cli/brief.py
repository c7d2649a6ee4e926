"""uptake brief: a paper for the board, a slide and a book of numbers, of any question."""

import shlex
from pathlib import Path

from uptake.api.result import Result
from uptake.api.scheme import Scenario
from uptake.cli import terminal
from uptake.cli.arguments import answered
from uptake.config.compose import Question
from uptake.report import office
from uptake.report.text.question import stem
from uptake.results.folders import output_folder


def answer(asked: Question) -> Path:
    """Run a question, write its paper, slide and book, and return the folder."""
    office.check_libraries()
    case = asked.case()
    folder = output_folder(case.config.out, "brief", stem(case))
    result = Result.of(Scenario.of(asked, case), case, progress=True, explains=True)
    options = [] if asked.config_dir is None else ["--config-dir", str(asked.config_dir)]
    kept = [one for one in asked.overrides if not one.startswith("out=")]
    with terminal.doing("Writing the paper, the slide and the book"):
        command = shlex.join(["uptake", "brief", *options, *kept])
        made = office.write(result.answer, command, folder)
    terminal.say(*made.answer, f"paper.docx, slide.pptx and numbers.xlsx are in {folder}.")
    return folder


def main(arguments: list[str]) -> None:
    """Write what the command line asks for."""
    answered("brief", arguments, answer)
