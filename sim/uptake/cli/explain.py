"""uptake explain: why so few, what each cause of it accounts for."""

from pathlib import Path

from uptake.analysis.attribution import Attribution, attribute
from uptake.cli import terminal
from uptake.cli.arguments import answered
from uptake.config.case import Case
from uptake.config.causes import causes_of, refuse_own_causes
from uptake.config.compose import Question
from uptake.report import explained
from uptake.report.text import attribution as words
from uptake.report.text.question import stem
from uptake.results.folders import output_folder


def explain(case: Case) -> Attribution:
    """Run every subset of the causes, with progress shown."""
    outcome, causes = explained.outcome_of(case), causes_of(case)
    terminal.compile_rules(case)
    with terminal.progress("subsets of causes", 1 << len(causes)) as advance:
        return attribute(case, causes, outcome, advance)


def answer(asked: Question) -> Path:
    """Explain, save everything, and return the folder."""
    refuse_own_causes(asked.config_dir)
    case = asked.case()
    folder = output_folder(case.config.out, "explain", stem(case))
    found = explain(case)
    with terminal.doing("Drawing the figure, writing the report"):
        said = explained.write(found, folder)
    terminal.show(words.table(found))
    terminal.say(*said, f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Explain what the command line asks for."""
    answered("explain", arguments, answer)
