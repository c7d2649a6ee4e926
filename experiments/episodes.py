"""uptake episodes: every historical episode, with one set of parameters, against what happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import terminal
from experiments.composition import Question, print_configuration, question
from experiments.folders import output_folder
from experiments.run import answered, observed_points, structures
from sim.errors import InputError, refusal

if TYPE_CHECKING:
    from sim.figures import Panel
    from sim.scenario import Case

READ = {"structure", "variants", "parameters", "runs", "seed", "threads", "out"}
TITLE = "Every episode, one set of behavioural parameters"


def episodes(asked: Question) -> list[Case]:
    """Return all episodes, in the order of their launch."""
    from sim.scenario import assemble

    names = asked.choices("scenario")
    cases = []
    for name in names:
        case = assemble(asked.configuration(f"scenario={name}"))
        if case.config.scenario.name != name:
            allowed = f"allowed is the name of its file, {name}"
            raise InputError(refusal("scenario.name", case.config.scenario.name, allowed))
        cases.append(case)
    return sorted(cases, key=lambda case: (case.config.scenario.start, case.config.scenario.name))


def _variants(asked: Question, case: Case, folder: Path) -> dict[str, Any]:
    """Run an episode under each variant of the structure asked for; return the summaries."""
    from sim.scenario import assemble

    summaries = {}
    for name in structures(asked, case.config.variants):
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        chosen = asked.choosing("structure", name)
        variant = assemble(chosen.configuration(f"scenario={case.config.scenario.name}"))
        summaries[name] = answered(variant, place, f"runs, {name}")
    return summaries


def _panel(case: Case, folder: Path, variants: dict[str, Any]) -> Panel:
    """Return the small curve of an episode; variants of the structure are further lines."""
    from sim import figures, results
    from sim.answer import NAMES

    scenario = case.config.scenario
    lines = {
        f"median, {name}": results.curve_bands(folder / name, scenario.shows)["median"]
        for name in variants
        if name != case.config.structure.name
    }
    return figures.Panel(
        scenario.title,
        NAMES[scenario.shows],
        scenario.start,
        results.curve_bands(folder, scenario.shows),
        observed_points(case, scenario.shows),
        lines,
    )


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
    from sim.answer import NAMES, amount, share_of_runs, span

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


def answer(asked: Question) -> Path:
    """Run every episode, save everything, and return the folder."""
    from sim import figures, report, results

    cases = episodes(asked)
    config = cases[0].config
    structures(asked, config.variants)
    folder = output_folder(config.out, "episodes")
    terminal.announce_compilation()
    summaries, panels, table = {}, [], []
    for case in cases:
        name = case.config.scenario.name
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        summary = answered(case, place, f"runs, {name}")
        variants = _variants(asked, case, place)
        table += rows(summary, variants)
        if variants:
            summary["variants"] = {v: under["outcomes"] for v, under in variants.items()}
        summaries[name] = summary
        panels.append(_panel(case, place, variants))
    note = f"{config.runs:,} runs each; {config.parameters.title}"
    figures.small_multiples(panels, TITLE, note, folder / "episodes")
    provenance = results.provenance(cases[0])
    provenance["configurations"] = {
        case.config.scenario.name: results.provenance(case)["configuration"] for case in cases
    }
    del provenance["configuration"]
    results.write_json(folder / "summary.json", {"episodes": summaries})
    results.write_json(folder / "provenance.json", provenance)
    sentences = [
        f"{len(cases)} episodes differ in population, providers, levers and timeline only; "
        f"behaviour is drawn from one set of parameters. {note[0].upper()}{note[1:]}.",
        "Where no count was reported, a finding is shown with the share of runs that agree. "
        "What no source reports is not compared.",
        "Some findings follow from what is put in (a claim counted from signature on, a failure "
        "placed by the timeline): that runs agree with them is no evidence for the model.",
    ]
    under = [name.replace("_", " ") for name in structures(asked, config.variants)]
    columns = ("episode", "fact", "observed", *(under or ["9 runs in 10 (runs)"]), "source")
    drawn = {"episodes.svg": "A small adoption curve for every episode; the table holds the facts."}
    tables = [report.Table("Against what was observed", "", columns, table)]
    report.write_study(TITLE, sentences, drawn, tables, provenance, folder)
    terminal.show_rows(TITLE, columns[1:-1], _in_terminal(table))
    terminal.say(*sentences, f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Run every episode."""
    asked = question("episodes", arguments, read_only=READ)
    if asked.is_print:
        print_configuration(asked.configuration())
    else:
        answer(asked)
