"""uptake run: one scenario, many runs over the uncertainty of its parameters."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from uptake.cli import terminal
from uptake.cli.arguments import print_configuration, question
from uptake.config.compose import Question
from uptake.config.schema import Run
from uptake.errors import InputError
from uptake.results.folders import output_folder

if TYPE_CHECKING:
    from uptake.config.case import Case
    from uptake.results.runs import Runs


def kept_runs(case: Case, folder: Path, what: str) -> Runs:
    """Return the runs of a case, shown as they come, and kept in a folder."""
    from uptake.api.result import watched
    from uptake.results import tables

    runs = watched(case, what, progress=True)
    folder.mkdir(parents=True, exist_ok=True)
    tables.save(runs, folder)
    return runs


def run(asked: Question, config: Run) -> Path:
    """Run a configuration, save everything it says, and return the folder."""
    from uptake.api.result import Result, watched
    from uptake.api.scheme import Scenario
    from uptake.report import outcomes
    from uptake.report.answer import write
    from uptake.report.text.question import stem

    names = asked.structures(config.variants)
    case = asked.assembled(config)
    folder = output_folder(config.out, "run", stem(case))
    result = Result.of(Scenario.of(asked, case), case, progress=True, explains=True)
    variants = {
        name: watched(asked.choosing("structure", name).case(), f"runs, {name}", progress=True)
        for name in names
    }
    answer = replace(result.answer, variants=variants)
    with terminal.doing("figures and report"):
        write(answer, folder)
    terminal.show(outcomes.outcomes(answer.summary), "source")
    terminal.show(outcomes.groups(answer.summary))
    if answer.compared:
        terminal.show(outcomes.moved(answer.compared, len(result)))
    if variants:
        terminal.show(outcomes.variants(answer.summary, config.scenario.shows))
    terminal.say(*case.notes, "", *answer.sentences)
    terminal.say(f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Run what the command line asks for."""
    asked = question("run", arguments)
    if asked.is_sweep:
        from uptake.cli import sweep

        sweep.main(asked)
        return
    config = asked.configuration()
    if config.sweep.axes:
        typed = shlex.join(asked.overrides)
        raise InputError(f"sweep.axes: this is a sweep: uptake run -m {typed}")
    if asked.is_print:
        asked.structures(config.variants)
        print_configuration(asked.assembled(config).config)
    else:
        run(asked, config)
