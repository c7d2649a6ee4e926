"""uptake publish: a scheme in one HTML file, with levers that move."""

import shlex
from pathlib import Path

from uptake.analysis.response import ranges_of
from uptake.api.publishing import write
from uptake.cli import terminal
from uptake.cli.arguments import answered
from uptake.config.compose import Question
from uptake.report.published import FILE
from uptake.report.text.question import stem
from uptake.results.folders import output_folder


def answer(asked: Question) -> Path:
    """Compute what runs come to as levers move, write the file, and return the folder."""
    case = asked.case()
    terminal.compile_rules(case)
    ranges = ranges_of(case)  # refused, before a folder is made
    folder = output_folder(case.config.out, "publish", stem(case))
    options = [] if asked.config_dir is None else ["--config-dir", str(asked.config_dir)]
    kept = [one for one in asked.overrides if not one.startswith("out=")]
    said = write(case, ranges, shlex.join(["uptake", "publish", *options, *kept]), folder)
    terminal.say(*said[:2], f"{FILE} is in {folder}: open it anywhere, or send it.")
    return folder


def main(arguments: list[str]) -> None:
    """Write what the command line asks for."""
    answered("publish", arguments, answer)
