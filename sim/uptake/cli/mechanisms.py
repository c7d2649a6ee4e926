"""uptake mechanisms: the ledger, row by row: what each mechanism does, and what was reported."""

from pathlib import Path

from uptake.analysis.ledger import DRAWS, measured, on_new, pairs
from uptake.cli import terminal
from uptake.cli.arguments import print_configuration, question
from uptake.config.compose import Question
from uptake.config.paths import key_of
from uptake.files import write_json
from uptake.report import figures, html
from uptake.report.text import mechanisms as words
from uptake.results.folders import output_folder
from uptake.results.provenance import provenance


def answer(asked: Question) -> Path:
    """Measure every mechanism, save everything, and return the folder."""
    case = on_new(asked).case()
    runs, folder = case.config.runs, output_folder(case.config.out, "mechanisms")
    is_both = not any(key_of(typed) in ("parameters", DRAWS) for typed in asked.overrides)
    ready = pairs(asked, None if is_both else case.posterior, terminal)
    tried = [row for row in ready if not row.held]
    terminal.compile_rules(case)
    found, after = list(measured(tried, runs, terminal)), None
    if is_both:  # a direction is the rules', on the prior; its size is also that on the draws
        inferred = [row.under(case.posterior) for row in tried]
        after = list(measured(inferred, runs, terminal))
    bodies = words.bodies_of(ready)
    table = words.table(found, bodies, runs, after)
    sentences = words.sentences(found, [row for row in ready if row.held], case.config, after)
    with terminal.doing("Drawing the figure, writing the report"):
        shown = {}
        if case.config.figures:
            figures.effects(words.bars(found, bodies, after), folder / "mechanisms")
            shown = {"mechanisms.svg": words.FIGURE}
        made = provenance(case)
        write_json(folder / "summary.json", words.summary_of(found, runs, after))
        write_json(folder / "provenance.json", made)
        html.write_study(words.TITLE, sentences, shown, [table], made, folder)
    terminal.show(table._replace(heading=words.TITLE), *words.NOT_IN_A_TERMINAL, numbers=False)
    terminal.say(*sentences, f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Measure every mechanism."""
    asked = question("mechanisms", arguments)
    if asked.is_print:
        print_configuration(on_new(asked).case().config)
    else:
        answer(asked)
