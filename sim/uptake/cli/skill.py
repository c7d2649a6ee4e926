"""uptake skill: how well histories predict one another, beside three rivals."""

from pathlib import Path

from uptake.api.skill import scored_for, weighed_for
from uptake.cli import terminal
from uptake.cli.arguments import answered
from uptake.config.compose import Question
from uptake.report.skill_report import write
from uptake.report.text import skill as words
from uptake.results.folders import output_folder


def answer(asked: Question) -> Path:
    """Score what is kept beside the draws, save everything, and return the folder."""
    config = asked.configuration()
    with terminal.doing("Fitting the Bass curves, scoring the predictions"):
        found, source = scored_for(config)
    names = asked.structures(config.variants)
    weighed = weighed_for({n: asked.choosing("structure", n).configuration() for n in names})
    folder = output_folder(config.out, "skill")
    with terminal.doing("Drawing the figure, writing the report"):
        write(found, config, source, folder, weighed)
    terminal.say(*words.verdict(found))
    for table in words.tables(found, weighed)[:-1]:  # all but the longest
        terminal.show(table)
    terminal.say(*words.others(found), f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Score predictions."""
    answered("skill", arguments, answer)
