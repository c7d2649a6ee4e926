"""uptake run: one scenario, many runs over the uncertainty of its parameters."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from experiments import terminal
from experiments.composition import configuration
from sim.configuration import Run
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.scenario import Case
    from sim.sweep import Chunk


def output_folder(config: Run, command: str) -> Path:
    """Return a new folder for the results, or the one that was asked for."""
    if config.out is not None and not config.out.strip():
        raise InputError("out=: the name of a folder is needed")
    if config.out is not None:
        folder = Path(config.out)
    else:
        now = datetime.datetime.now().strftime("%Y%m%d-%H%M%S-%f")
        folder = Path("outputs") / command / f"{config.scenario.name}_{now}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(f"out={folder}: {problem.strerror}: a folder is needed") from problem
    return folder


def _watched(chunks: Iterator[Chunk], runs: int) -> Iterator[Chunk]:
    """Pass chunks on, with progress shown in the terminal."""
    with terminal.progress("runs", runs) as advance:
        for chunk in chunks:
            advance(len(chunk.outcomes))
            yield chunk


def _draw_figures(case: Case, summary: dict[str, object], folder: Path) -> None:
    """Draw the adoption curve and who joins."""
    from sim import figures, results
    from sim.answer import offer

    observed = []
    if "joined" in case.observed:
        seen = case.observed["joined"]
        observed = [(seen.month, seen.value, f"observed: {seen.value:,.0f} ({seen.source})")]
    figures.adoption_curve(
        results.curve_bands(folder),
        [point for point in observed if point[0] <= case.months],
        [(e.month, f"{e.date}: {e.label}") for e in case.events if e.month <= case.months],
        case.config.scenario.title,
        f"{offer(case)}; {case.config.runs:,} runs, {case.config.parameters.title}",
        case.config.scenario.start,
        folder / "adoption_curve",
    )
    figures.who_joins(summary, folder / "who_joins")


def run(config: Run) -> Path:
    """Run a configuration, save everything it says, and return the folder."""
    from sim import parameters, report, results, scenario, sweep
    from sim.answer import headline, sentences

    case = scenario.assemble(config)
    provenance = results.provenance(case)
    folder = output_folder(config, "run")
    terminal.announce_compilation()
    design = partial(parameters.from_prior, case.priors, config.seed)
    chunks = sweep.simulate(case.episode, design, config.runs, config.seed, config.threads)
    results.save_tables(_watched(chunks, config.runs), case.people.kind_names, folder)
    summary = results.summarise(case, folder)
    results.write_json(folder / "summary.json", summary)
    results.write_json(folder / "provenance.json", provenance)
    _draw_figures(case, summary, folder)
    report.write(case, summary, provenance, folder)
    terminal.show_summary(summary)
    terminal.say(*case.people.notes, "")
    terminal.say(headline(case, summary), *sentences(case, summary))
    terminal.say(f"Everything is in {folder}: open report.html there.")
    return folder


def main(arguments: list[str]) -> None:
    """Run what the command line asks for."""
    config = configuration("run", arguments)
    if config is not None:
        run(config)
