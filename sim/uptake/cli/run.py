"""uptake run: one scenario, many runs over the uncertainty of its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uptake.cli import terminal
from uptake.cli.arguments import print_configuration, question
from uptake.config.compose import Question
from uptake.config.schema import Run
from uptake.errors import one_of
from uptake.results.folders import output_folder

if TYPE_CHECKING:
    from uptake.config.case import Case
    from uptake.engine.compiled import Chunk

AS_IT_WAS = "as_it_was"  # the folder of the runs that a what-if is compared with


def _watched(chunks: Iterator[Chunk], runs: int, what: str) -> Iterator[Chunk]:
    """Pass chunks on, with progress shown in the terminal."""
    with terminal.progress(what, runs) as advance:
        for chunk in chunks:
            advance(len(chunk.outcomes))
            yield chunk


def answered(case: Case, folder: Path, what: str = "runs") -> dict[str, Any]:
    """Run a case (in silence without ``what``), save its tables, and return their summary."""
    from uptake import results
    from uptake.engine import compiled as sweep
    from uptake.report.text import question as words

    config = case.config
    chunks = sweep.simulate(case.episode, case.design, config.runs, config.seed, config.threads)
    shown = _watched(chunks, config.runs, what) if what else chunks
    results.save_tables(shown, case.people.kind_names, folder)
    asked = {"question": words.title(case), "departures": words.departures(case)}
    return results.summarise(case, folder) | asked


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
    from uptake import results
    from uptake.report import figures
    from uptake.report.text import question as words
    from uptake.report.text.numbers import NAMES

    outcomes, panels, shown = {}, [], case.config.scenario.shows
    for name in structures(asked, case.config.variants):
        variant = asked.choosing("structure", name).case()
        place = folder / "variants" / name
        place.mkdir(parents=True, exist_ok=True)
        outcomes[name] = answered(variant, place, f"runs, {name}")["outcomes"]
        bands = results.curve_bands(place, shown)
        points = observed_points(case, shown)
        start = case.config.scenario.start
        panels.append(figures.Panel(name, NAMES[shown], start, bands, points))
    title = f"{words.title(case)}: structures side by side"
    figures.small_multiples(panels, title, "", case.config.runs, folder / "variants")
    return outcomes


def _answer_as_it_was(case: Case, folder: Path, what: str) -> dict[str, Any]:
    """Run the scheme with nothing changed, on the same behaviour and luck; return what differs."""
    from uptake import results
    from uptake.report.text import question as words

    base = case.as_it_was()
    place = folder / AS_IT_WAS
    place.mkdir(parents=True, exist_ok=True)
    summary = answered(base, place, what)
    means, moved = results.differences(folder, place)
    called = words.reference(base)
    return {"called": called, "outcomes": summary["outcomes"], "mean": means, "differences": moved}


def _labelled(case: Case) -> list[tuple[int, str]]:
    """Return the month and label of every event within the horizon; its date before the first."""
    labels, dated = [], set()
    for event in case.events:
        if event.month <= case.months:
            date = "" if event.date in dated else f"{event.date}: "
            dated.add(event.date)
            labels.append((event.month, f"{date}{event.label}"))
    return labels


def _draw_figures(case: Case, summary: dict[str, Any], folder: Path) -> dict[str, str]:
    """Draw the adoption curve and who joins; return the files that the report shows."""
    from uptake import results
    from uptake.report import figures
    from uptake.report.text import question as words
    from uptake.report.text.answer import compared_of, in_pairs, offer
    from uptake.report.text.numbers import NAMES

    shown, runs = case.config.scenario.shows, case.config.runs
    compared, base, change = compared_of(summary), None, ""
    if compared:
        base = figures.Base(compared.than, results.curve_bands(folder / AS_IT_WAS, shown))
        change = f" {in_pairs(shown, runs, compared)}"
    was = " of the scheme as it was" if summary["departures"] else ""
    observed = [
        (month, value, f"observed{was}: {value:,.0f} ({case.observed[shown].source})")
        for month, value in observed_points(case, shown)
    ]
    names = {kind: f"{kind}{_suffix(case)}" for kind in ("adoption_curve", "who_joins")}
    figures.adoption_curve(
        results.curve_bands(folder, shown),
        observed,
        _labelled(case),
        words.title(case),
        f"{offer(case)}; {runs:,} runs, {case.config.parameters.title}.{change}",
        case.config.scenario.start,
        runs,
        folder / names["adoption_curve"],
        label="trusts that have joined" if shown == "joined" else NAMES[shown],
        base=base,
    )
    figures.who_joins(summary, folder / names["who_joins"])
    return {kind: f"{name}.svg" for kind, name in names.items()}


def _suffix(case: Case) -> str:
    """Return what tells the figures of a what-if from those of the scheme as it was."""
    from uptake.report.text import question as words

    return f"_{words.stem(case)}" if words.departures(case) else ""


def _tell(case: Case, summary: dict[str, Any], provenance: dict[str, Any], folder: Path) -> None:
    """Write what is said of the tables of a case: summary, provenance, figures, report."""
    from uptake import results
    from uptake.report import html as report

    results.write_json(folder / "summary.json", summary)
    results.write_json(folder / "provenance.json", provenance)
    drawn = _draw_figures(case, summary, folder)
    report.write(case, summary, drawn, provenance, folder)


def _answer(case: Case, folder: Path, what: str = "") -> dict[str, Any]:
    """Run a case, and beside it the scheme as it was if it changes that; in silence, or not."""
    summary = answered(case, folder, what)
    if case.is_changed:
        summary["as_it_was"] = _answer_as_it_was(case, folder, what and f"{what}, as it was")
    return summary


def write(case: Case, folder: Path) -> None:
    """Write everything that is said of a case into a folder, in silence."""
    from uptake import results

    provenance = results.provenance(case)
    _tell(case, _answer(case, folder), provenance, folder)


def run(asked: Question, config: Run) -> Path:
    """Run a configuration, save everything it says, and return the folder."""
    from uptake import results
    from uptake.report.text import question as words
    from uptake.report.text.answer import told

    structures(asked, config.variants)
    case = asked.assembled(config)
    provenance = results.provenance(case)
    folder = output_folder(config.out, "run", words.stem(case))
    terminal.compile_rules(case)
    summary = _answer(case, folder, "runs")
    if config.variants:
        summary["variants"] = _answer_variants(asked, case, folder)
    with terminal.doing("figures and report"):
        _tell(case, summary, provenance, folder)
    terminal.show_summary(summary)
    if config.variants:
        terminal.show_variants(summary["variants"], config.scenario.shows)
    terminal.say(*case.notes, "")
    terminal.say(*told(case, summary))
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
    if asked.is_print:
        structures(asked, config.variants)
        print_configuration(asked.assembled(config).config)
    else:
        run(asked, config)
