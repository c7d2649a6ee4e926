"""uptake run: one scenario, many runs over the uncertainty of its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import terminal
from experiments.composition import Question, print_configuration, question
from experiments.folders import output_folder
from sim.configuration import Run
from sim.errors import one_of

if TYPE_CHECKING:
    from sim.scenario import Case
    from sim.sweep import Chunk


def _watched(chunks: Iterator[Chunk], runs: int, what: str) -> Iterator[Chunk]:
    """Pass chunks on, with progress shown in the terminal."""
    with terminal.progress(what, runs) as advance:
        for chunk in chunks:
            advance(len(chunk.outcomes))
            yield chunk


def answered(case: Case, folder: Path, what: str = "runs") -> dict[str, Any]:
    """Run a case (in silence without ``what``), save its tables, and return their summary."""
    from sim import results, sweep

    config = case.config
    chunks = sweep.simulate(case.episode, case.design, config.runs, config.seed, config.threads)
    shown = _watched(chunks, config.runs, what) if what else chunks
    results.save_tables(shown, case.people.kind_names, folder)
    return results.summarise(case, folder)


def structures(asked: Question, wanted: Sequence[str]) -> list[str]:
    """Return the names of the variants of the structure that are to be shown side by side."""
    known = asked.choices("structure")
    if "all" in wanted:
        return ["default", *(name for name in known if name != "default")]
    return [one_of("variants", name, [*known, "all"]) for name in wanted]


def observed_points(case: Case, curve: str) -> list[tuple[int, float]]:
    """Return what was observed of a curve within the horizon, as (month, value)."""
    seen = case.observed.get(curve)
    return [(seen.month, seen.value)] if seen and seen.month <= case.months else []


def _answer_variants(asked: Question, case: Case, folder: Path) -> dict[str, Any]:
    """Run the variants of the structure side by side, draw them, and return their outcomes."""
    from sim import figures, results, scenario
    from sim.answer import NAMES

    outcomes, panels, shown = {}, [], case.config.scenario.shows
    for name in structures(asked, case.config.variants):
        variant = scenario.assemble(asked.choosing("structure", name).configuration())
        place = folder / "variants" / name
        place.mkdir(parents=True, exist_ok=True)
        outcomes[name] = answered(variant, place, f"runs, {name}")["outcomes"]
        bands = results.curve_bands(place, shown)
        points = observed_points(case, shown)
        start = case.config.scenario.start
        panels.append(figures.Panel(name, NAMES[shown], start, bands, points))
    title = f"{case.config.scenario.title}: structures side by side"
    figures.small_multiples(panels, title, "", folder / "variants")
    return outcomes


def _labelled(case: Case) -> list[tuple[int, str]]:
    """Return the month and label of every event within the horizon; its date before the first."""
    labels, dated = [], set()
    for event in case.events:
        if event.month <= case.months:
            date = "" if event.date in dated else f"{event.date}: "
            dated.add(event.date)
            labels.append((event.month, f"{date}{event.label}"))
    return labels


def _draw_figures(case: Case, summary: dict[str, object], folder: Path) -> None:
    """Draw the adoption curve and who joins."""
    from sim import figures, results
    from sim.answer import NAMES, offer

    shown = case.config.scenario.shows
    observed = [
        (month, value, f"observed: {value:,.0f} ({case.observed[shown].source})")
        for month, value in observed_points(case, shown)
    ]
    figures.adoption_curve(
        results.curve_bands(folder, shown),
        observed,
        _labelled(case),
        case.config.scenario.title,
        f"{offer(case)}; {case.config.runs:,} runs, {case.config.parameters.title}",
        case.config.scenario.start,
        folder / "adoption_curve",
        label="trusts that have joined" if shown == "joined" else NAMES[shown],
    )
    figures.who_joins(summary, folder / "who_joins")


def _tell(case: Case, summary: dict[str, Any], provenance: dict[str, Any], folder: Path) -> None:
    """Write what is said of the tables of a case: summary, provenance, figures, report."""
    from sim import report, results

    results.write_json(folder / "summary.json", summary)
    results.write_json(folder / "provenance.json", provenance)
    _draw_figures(case, summary, folder)
    report.write(case, summary, provenance, folder)


def write(case: Case, folder: Path) -> None:
    """Write everything that is said of a case into a folder, in silence."""
    from sim import results

    provenance = results.provenance(case)
    _tell(case, answered(case, folder, ""), provenance, folder)


def run(asked: Question, config: Run) -> Path:
    """Run a configuration, save everything it says, and return the folder."""
    from sim import results, scenario
    from sim.answer import headline, sentences

    structures(asked, config.variants)
    case = scenario.assemble(config)
    provenance = results.provenance(case)
    folder = output_folder(config.out, "run", config.scenario.name)
    terminal.announce_compilation()
    summary = answered(case, folder)
    if config.variants:
        summary["variants"] = _answer_variants(asked, case, folder)
    _tell(case, summary, provenance, folder)
    terminal.show_summary(summary)
    if config.variants:
        terminal.show_variants(summary["variants"], config.scenario.shows)
    terminal.say(*case.people.notes, "")
    terminal.say(headline(case, summary), *sentences(case, summary))
    terminal.say(f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Run what the command line asks for."""
    asked = question("run", arguments, sweeps=True)
    if asked.is_sweep:
        from experiments import sweep

        sweep.main(asked)
        return
    config = asked.configuration()
    if asked.is_print:
        print_configuration(config)
    else:
        run(asked, config)
