"""uptake mechanisms: the ledger, row by row: what each mechanism does, and what was reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from uptake.cli import terminal
from uptake.cli.arguments import print_configuration, question
from uptake.config.compose import Question
from uptake.files import write_json
from uptake.results.folders import output_folder

if TYPE_CHECKING:
    from uptake.analysis.ledger import Effect, Mechanism, Pair
    from uptake.config.case import Case
    from uptake.config.schema import Run

TITLE = "What each mechanism does, and what was reported of it"


def _measured(effect: Effect) -> dict[str, Any]:
    """Return an effect as ``summary.json`` holds it: median, interval, mean, what was reported."""
    return {
        "outcome": effect.outcome,
        "effect": effect.median,
        "q05": effect.q05,
        "q95": effect.q95,
        "mean": effect.mean,
        "standard_error": effect.standard_error,
        "reported": effect.reported,
        "note": effect.note,
        "as_reported": effect.as_reported,
    }


def _row(mechanism: Mechanism, found: list[Effect]) -> dict[str, Any]:
    """Return a row of the ledger as ``summary.json`` holds it; its first effect is the main one."""
    return {
        "number": mechanism.number,
        "name": mechanism.name,
        "source": mechanism.source,
        "scenario": mechanism.scenario,
        "setting": mechanism.setting,
        "present": mechanism.present,
        "absent": mechanism.absent,
        **_measured(found[0]),
        "as_reported": all(effect.as_reported for effect in found),
        "also": [_measured(effect) for effect in found[1:]],
    }


def _cells(mechanism: Mechanism, effect: Effect, is_first: bool) -> list[str]:
    """Return an effect as a row of the table in the report."""
    from uptake.report.text.numbers import difference

    switch = ", ".join(mechanism.absent) or ", ".join(mechanism.present)
    side = "off: " if mechanism.absent else "on: "
    name = effect.outcome.split(" ")[0]
    return [
        str(mechanism.number) if is_first else "",
        mechanism.name if is_first else "",
        effect.outcome.replace("_gbp", "").replace("_", " "),
        effect.reported + (f": {effect.note}" if effect.note else ""),
        difference(name, effect.mean),
        f"{difference(name, effect.median)} ({difference(name, effect.q05)} to "
        f"{difference(name, effect.q95)})",
        effect.verdict,
        "; ".join([f"scenario={mechanism.scenario}", *mechanism.setting, side + switch]),
        mechanism.source,
    ]


COLUMNS = (
    "", "mechanism", "outcome", "reported", "mean", "median pair (9 in 10)", "as reported",
    "setting and switch", "source",
)  # fmt: skip


def _in_terminal(table: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Return the columns and rows of the ledger that fit into a terminal."""
    columns = ["mechanism", "reported", "mean", "9 pairs in 10", "so here"]
    rows = []
    for number, name, outcome, reported, mean, interval, verdict, *_ in table:
        within = interval.partition("(")[2].rstrip(")")
        direction = f"{reported.partition(':')[0]} {outcome}"
        rows.append([f"{number} {name}".strip(), direction, mean, within, verdict])
    return columns, rows


def _sentences(config: Run, summary: list[dict[str, Any]], untried: list[Pair]) -> list[str]:
    """Return what the ledger says as a whole."""
    as_reported = sum(row["as_reported"] for row in summary)
    said = [
        f"{as_reported} of {len(summary)} mechanisms move their outcomes in the direction that "
        f"their source reports, in the mean of {config.runs:,} pairs of runs and by more than "
        "three standard errors."
        + ("" if as_reported == len(summary) else " More runs may settle the others."),
        "The two runs of a pair share behaviour and luck: they differ in the switch alone. "
        f"Behaviour: {config.parameters.title}.",
        "Many pairs show no effect at all, where few trusts join under either: hence the median "
        "is often 0 while the mean is not. A direction is a property of the rules, not evidence "
        "that the mechanism carried the outcome.",
    ]
    if untried:
        rows = "; ".join(f"{row.mechanism.number} ({row.held})" for row in untried)
        said.insert(1, f"Not tried, as you hold what they switch or set: {rows}.")
    return said


@terminal.doing("Drawing the figure, writing the report")
def _tell(
    case: Case, summary: list[dict[str, Any]], told: list[tuple[Mechanism, list[Effect]]],
    sentences: list[str], folder: Path,
) -> list[list[str]]:  # fmt: skip
    """Write all that is said of the ledger, and return its table."""
    from uptake.report import figures
    from uptake.report import html as report
    from uptake.report.tables import Table
    from uptake.results.provenance import provenance

    drawn, table = [], []
    for mechanism, found in told:
        table += [_cells(mechanism, effect, i == 0) for i, effect in enumerate(found)]
        main = found[0]
        label = f"{mechanism.number}  {mechanism.name}: {main.outcome.replace('_', ' ')}"
        drawn.append((label, main.median, main.q05, main.q95, main.as_reported))
    made = provenance(case)
    figures.effects(drawn, folder / "mechanisms")
    write_json(folder / "summary.json", {"mechanisms": summary, "runs": case.config.runs})
    write_json(folder / "provenance.json", made)
    shown = {"mechanisms.svg": "The main effect of every mechanism; the table holds the numbers."}
    ledger_table = Table("The ledger", "", COLUMNS, table)
    report.write_study(TITLE, sentences, shown, [ledger_table], made, folder)
    return table


def answer(asked: Question) -> Path:
    """Measure every mechanism, save everything, and return the folder."""
    from uptake.analysis.ledger import measured, pairs

    case = asked.case()
    folder = output_folder(case.config.out, "mechanisms")
    ready = pairs(asked, case.posterior, terminal)
    tried = [row for row in ready if not row.held]
    terminal.compile_rules(case)
    told = list(measured(tried, case.config.runs, terminal))
    summary = [_row(mechanism, found) for mechanism, found in told]
    sentences = _sentences(case.config, summary, [row for row in ready if row.held])
    table = _tell(case, summary, told, sentences, folder)
    terminal.show_rows(TITLE, *_in_terminal(table))
    terminal.say(*sentences, f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Measure every mechanism."""
    asked = question("mechanisms", arguments)
    if not any(typed.startswith("parameters=") for typed in asked.overrides):
        asked = asked.choosing("parameters", "prior")  # a direction is the rules', not the counts'
    if asked.is_print:
        print_configuration(asked.case().config)
    else:
        answer(asked)
