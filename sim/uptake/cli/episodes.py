"""uptake episodes: every historical episode, with one set of parameters, against what happened."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from uptake.cli import terminal
from uptake.cli.arguments import print_configuration, question
from uptake.cli.run import kept_runs
from uptake.config.case import Case
from uptake.config.compose import Question
from uptake.config.posterior import AGAIN, HAPPENED
from uptake.files import write_json
from uptake.report import figures, html
from uptake.report.answer import Answer, panel
from uptake.report.tables import Table
from uptake.report.text import episodes as words
from uptake.results.folders import output_folder
from uptake.results.provenance import provenance
from uptake.results.runs import Runs
from uptake.results.summary import summarise


def episodes(asked: Question, names: Sequence[str] = ()) -> list[Case]:
    """All episodes, or those of these names, in the order of their launch.

    Each is tried again, with fresh luck, if it is not said which draws are asked: as it happened,
    what was reported is met, and there is nothing to compare.
    """
    names = names or asked.choices("scenario")
    cases = []
    with terminal.progress("configurations", len(names)) as advance:
        for name in names:
            case = asked.case(f"scenario={name}")
            if case.draws == HAPPENED and case.config.draws is None:
                case = asked.setting({"draws": AGAIN}).case(f"scenario={name}")
            cases.append(case)
            advance(1)
    return sorted(cases, key=lambda case: (case.config.scenario.start, case.config.scenario.name))


def _panel(runs: Runs, variants: dict[str, Runs]) -> figures.Panel:
    """The small curve of an episode; variants of the structure are further lines."""
    config = runs.case.config
    lines = {
        f"median, {name}": found.bands()["median"]
        for name, found in variants.items()
        if name != config.structure.name
    }
    return panel(config.scenario.title, runs, lines)


def _ran(
    cases: list[Case], under: dict[str, list[Case]], folder: Path
) -> Iterator[dict[str, Runs]]:
    """Run every episode, also under each variant of the structure; keep and yield the runs.

    Those of the episode itself go without a name.
    """
    with terminal.progress("episodes run", len(cases) * (1 + len(under))) as advance:
        for row, case in enumerate(cases):
            name, found = case.config.scenario.name, {}
            same = {"": case} | {variant: asked[row] for variant, asked in under.items()}
            for variant, one in same.items():
                what = ", ".join(filter(None, ["runs", name, variant]))
                found[variant] = kept_runs(one, folder / name / variant, what)
                advance(1)
            yield found


@terminal.doing("Drawing the figure, writing the report")
def _write(
    cases: list[Case], panels: list[figures.Panel], told: dict[str, Any], table: Table,
    sentences: list[str], folder: Path,
) -> None:  # fmt: skip
    """Write the answer into its folder."""
    config = cases[0].config
    shown = {}
    if config.figures:
        note = words.note([case.config for case in cases])
        figures.small_multiples(panels, words.TITLE, note, config.runs, folder / "episodes")
        shown = {"episodes.svg": words.FIGURE}
    made = provenance(cases[0])
    made["configurations"] = {
        case.config.scenario.name: provenance(case)["configuration"] for case in cases
    }
    del made["configuration"]
    write_json(folder / "summary.json", {"episodes": told})
    write_json(folder / "provenance.json", made)
    html.write_study(words.TITLE, sentences, shown, [table], made, folder)


def answer(asked: Question) -> Path:
    """Run every episode, save everything, and return the folder."""
    cases = episodes(asked)
    config = cases[0].config
    names = asked.structures(config.variants)
    under = {name: episodes(asked.choosing("structure", name)) for name in names}
    folder = output_folder(config.out, "episodes")
    terminal.compile_rules(cases[0])
    told, found, panels = {}, [], []
    for variants in _ran(cases, under, folder):
        runs = variants.pop("")
        summary = Answer(runs, variants=variants).summary
        told[summary["scenario"]] = summary
        found.append({n: summarise(r) for n, r in variants.items()} or {"": summary})
        panels.append(_panel(runs, variants))
    table = words.table(found, config.runs)
    sentences = words.sentences([case.config for case in cases])
    _write(cases, panels, told, table, sentences, folder)
    terminal.show(words.listed(table), numbers=False)
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
