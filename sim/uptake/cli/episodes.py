"""uptake episodes: every historical episode, with one set of parameters, against what happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from uptake.cli import terminal
from uptake.cli.arguments import print_configuration, question
from uptake.cli.run import kept_runs, structures
from uptake.config.compose import Question
from uptake.results.folders import output_folder

if TYPE_CHECKING:
    from uptake.config.case import Case
    from uptake.report.figures import Panel
    from uptake.results.runs import Runs

TITLE = "Every episode, one set of behavioural parameters"


class _Told(NamedTuple):
    """What is said of all episodes: a table, summaries by name, a small figure each."""

    columns: tuple[str, ...]
    rows: list[list[str]]
    summaries: dict[str, Any]
    panels: list[Panel]


def episodes(asked: Question) -> list[Case]:
    """Return all episodes, in the order of their launch."""
    names = asked.choices("scenario")
    cases = []
    with terminal.progress("configurations", len(names)) as advance:
        for name in names:
            cases.append(asked.case(f"scenario={name}"))
            advance(1)
    return sorted(cases, key=lambda case: (case.config.scenario.start, case.config.scenario.name))


def _panel(runs: Runs, variants: dict[str, Runs]) -> Panel:
    """Return the small curve of an episode; variants of the structure are further lines."""
    from uptake.report.answer import panel

    scenario = runs.case.config.scenario
    lines = {
        f"median, {name}": found.bands(scenario.shows)["median"]
        for name, found in variants.items()
        if name != runs.case.config.structure.name
    }
    return panel(scenario.title, runs, lines)


def rows(summary: dict[str, Any], variants: dict[str, Any]) -> list[list[str]]:
    """Return what was observed of an episode beside what the model says, a row a fact.

    A row holds the episode, the fact, what was observed, what the model says (under each variant of
    the structure, if there are any), and the source.
    """
    said = [_facts(under) for under in (variants or {"": summary}).values()]
    table = []
    for i, same_fact in enumerate(zip(*said, strict=True)):
        fact, observed, _, source = same_fact[0]
        model = [cells[2] for cells in same_fact]
        table.append([summary["title"] if i == 0 else "", fact, observed, *model, source])
    return table


def _facts(summary: dict[str, Any]) -> list[list[str]]:
    """Return fact, what was observed, what the model says, and source of all that is compared."""
    from uptake.report.text.numbers import NAMES, amount, share_of_runs, span

    said = []
    for name, outcome in summary["outcomes"].items():
        if "observed" in outcome:
            low, high = outcome["at_month"]["q05"], outcome["at_month"]["q95"]
            share = share_of_runs(outcome["share_of_runs_at_least_observed"])
            fact = f"{NAMES[name]}, month {outcome['observed_month']}"
            model = f"{span(name, low, high)} (reached by {share})"
            said.append([fact, amount(name, outcome["observed"]), model, outcome["source"]])
    for finding in summary["findings"]:
        agree, contradict = share_of_runs(finding["agree"]), share_of_runs(finding["contradict"])
        model = f"{agree} agree, {contradict} do not"
        how = "foreseen" if finding["foreseen"] else "reported"
        said.append([finding["statement"], how, model, finding["source"]])
    return said


def _in_terminal(table: list[list[str]]) -> list[list[str]]:
    """Return the rows of the table that fit into a terminal: an episode heads its own."""
    shown = []
    for episode, *cells, _ in table:
        if episode:
            empty = [""] * (len(cells) - 1)
            shown += [["", *empty], [episode.upper(), *empty]]
        shown.append([f"  {cells[0]}", *cells[1:]])
    return shown


def _ran(
    cases: list[Case], under: dict[str, list[Case]], folder: Path
) -> Iterator[tuple[Runs, dict[str, Runs]]]:
    """Run every episode, also under each variant of the structure; keep and yield the runs."""
    with terminal.progress("episodes run", len(cases) * (1 + len(under))) as advance:
        for row, case in enumerate(cases):
            name = case.config.scenario.name
            runs = kept_runs(case, folder / name, f"runs, {name}")
            advance(1)
            variants = {}
            for variant, same in under.items():
                place, what = folder / name / variant, f"runs, {name}, {variant}"
                variants[variant] = kept_runs(same[row], place, what)
                advance(1)
            yield runs, variants


@terminal.doing("Drawing the figure, writing the report")
def _tell(cases: list[Case], told: _Told, sentences: list[str], folder: Path) -> None:
    """Write all that is said of the episodes."""
    from uptake.files import write_json
    from uptake.report import figures
    from uptake.report import html as report
    from uptake.report.tables import Table
    from uptake.results.provenance import provenance

    figures.small_multiples(
        told.panels, TITLE, _note(cases[0]), cases[0].config.runs, folder / "episodes"
    )
    made = provenance(cases[0])
    made["configurations"] = {
        case.config.scenario.name: provenance(case)["configuration"] for case in cases
    }
    del made["configuration"]
    write_json(folder / "summary.json", {"episodes": told.summaries})
    write_json(folder / "provenance.json", made)
    drawn = {"episodes.svg": "A small adoption curve for every episode; the table holds the facts."}
    tables = [Table("Against what was observed", "", told.columns, told.rows)]
    report.write_study(TITLE, sentences, drawn, tables, made, folder)


def _note(case: Case) -> str:
    """Return what is said of the runs of all episodes."""
    return f"{case.config.runs:,} runs each; {case.config.parameters.title}"


def answer(asked: Question) -> Path:
    """Run every episode, save everything, and return the folder."""
    from uptake.report.answer import Answer
    from uptake.results.summary import summarise

    cases = episodes(asked)
    names = structures(asked, cases[0].config.variants)
    under = {name: episodes(asked.choosing("structure", name)) for name in names}
    folder = output_folder(cases[0].config.out, "episodes")
    terminal.compile_rules(cases[0])
    columns = [name.replace("_", " ") for name in names] or ["9 runs in 10 (runs)"]
    told = _Told(("episode", "fact", "observed", *columns, "source"), [], {}, [])
    for runs, variants in _ran(cases, under, folder):
        answer = Answer(runs, variants=variants)
        said = {name: summarise(found) for name, found in variants.items()}
        told.rows.extend(rows(answer.summary, said))
        told.summaries[runs.case.config.scenario.name] = answer.summary
        told.panels.append(_panel(runs, variants))
    note = _note(cases[0])
    sentences = [
        f"{len(cases)} episodes differ in population, providers, levers and timeline only; "
        f"behaviour is drawn from one set of parameters. {note[0].upper()}{note[1:]}.",
        "Where no count was reported, a finding is shown with the share of runs that agree. "
        "What no source reports is not compared.",
        "Some findings follow from what is put in (a claim counted from signature on, a failure "
        "placed by the timeline): that runs agree with them is no evidence for the model.",
    ]
    _tell(cases, told, sentences, folder)
    terminal.show_rows(TITLE, told.columns[1:-1], _in_terminal(told.rows))
    terminal.say(*sentences, f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Run every episode."""
    asked = question("episodes", arguments)
    if asked.is_print:
        episodes(asked)  # which refuses what a run of them would
        print_configuration(asked.configuration())
    else:
        answer(asked)
