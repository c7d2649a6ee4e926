"""uptake calibrate: what the episodes with counts teach about the parameters they share."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uptake.cli import terminal
from uptake.cli.arguments import print_configuration, question
from uptake.cli.episodes import episodes
from uptake.cli.run import kept_runs, structures
from uptake.config.compose import Question
from uptake.config.schema import Run
from uptake.errors import InputError, refusal
from uptake.files import write_json
from uptake.results.folders import output_folder

if TYPE_CHECKING:
    from uptake.config.case import Case
    from uptake.inference.fit import Fit, Variant
    from uptake.inference.result import CalibrationResult
    from uptake.model.parameters import Posterior

MANIFEST = "manifest.json"


def variant_of(asked: Question, name: str) -> Variant:
    """Return a variant of the structure with its episodes, on priors."""
    from uptake.inference.data import Evidence
    from uptake.inference.fit import Variant

    chosen = asked.choosing("structure", name)
    cases = episodes(replace(chosen, overrides=[*chosen.overrides, "parameters.draws=null"]))
    rate = cases[0].config.calibration.error_rate.value
    every = [Evidence(case, rate) for case in cases]
    told = [evidence for evidence in every if evidence.counts]
    if not told:
        raise InputError("scenario.observed: no episode has a count to be met (fit: exactly)")
    if cases[0].config.structure.name != name:
        allowed = f"allowed is the name of its file, {name}"
        raise InputError(refusal("structure.name", cases[0].config.structure.name, allowed))
    return Variant(name, cases, told)


def _manifest(variants: list[Variant], config: Run) -> dict[str, Any]:
    """Return all that the draws depend on."""
    from uptake.config.posterior import known_of, structure_of
    from uptake.model import _jit
    from uptake.version import __version__

    def scenario(case: Case) -> str:
        text = json.dumps(asdict(case.config.scenario), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    asked = {name: v for name, v in asdict(config.calibration).items() if name != "resume"}
    return {
        "version": __version__,
        "source": _jit.SOURCE,
        "seed": config.seed,
        "runs": config.runs,
        "calibration": asked,
        "structures": {v.name: structure_of(v.cases[0].config) for v in variants},
        "priors": known_of(variants[0].cases[0].priors),
        "scenarios_sha256": {c.config.scenario.name: scenario(c) for c in variants[0].cases},
    }


def _begin(folder: Path, manifest: dict[str, Any], resume: bool) -> None:
    """Make a folder that of these draws, or find that it is already."""
    from uptake.files import write_json

    path = folder / MANIFEST
    if not path.exists():
        strays = [child.name for child in folder.iterdir() if not child.name.startswith(".")]
        if strays:
            raise InputError(f"out={folder}: {strays[0]} is there; an empty folder is needed")
        write_json(path, manifest)
        return
    if not resume:
        told = "a calibration is there already; calibration.resume=true goes on with it"
        raise InputError(f"out={folder}: {told}")
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise InputError(f"{path}: not a manifest: {problem}") from None
    for key, now in json.loads(json.dumps(manifest)).items():
        if not isinstance(kept, dict) or kept.get(key) != now:
            raise InputError(f"out={folder}: the calibration there has another {key}")


def _predicted(case: Case, posterior: Posterior | None, folder: Path) -> dict[str, Any]:
    """Return the summary of an episode on draws, or on the priors."""
    from uptake.results.summary import summarise

    name = case.config.scenario.name
    case = replace(case, posterior=posterior)
    return summarise(kept_runs(case, folder / name, f"runs, {name}"))


def _left_out(variant: Variant, config: Run) -> list[str]:
    """Return the episodes that are to be predicted without their own counts."""
    names = [evidence.name for evidence in variant.evidence]
    return names if len(names) > 1 and config.calibration.points_left_out else []


def _plan(variants: list[Variant], config: Run) -> str:
    """Return what is about to be done, in words."""
    asked, left_out = config.calibration, _left_out(variants[0], config)
    steps = [f"{asked.searches} times a search of {asked.points:,} points"]
    if left_out:
        times, points = asked.searches * len(left_out), asked.points_left_out
        steps.append(f"{times} times one of {points:,} points without an episode")
    steps += ["every episode run before and after", "figures and report"]
    each = f" for each of {len(variants)} structures" if len(variants) > 1 else ""
    return f"To come{each}: {', then '.join(steps)}."


def _checked(
    variant: Variant, found: Fit, without: dict[str, Fit], folder: Path
) -> CalibrationResult:
    """Hold every episode against the draws of a variant."""
    from uptake.inference.result import CalibrationResult

    learnt = variant.posterior(found.sample)
    sides = [(case, side) for case in variant.cases for side in ("before", "after", "without")]
    sides = [(c, s) for c, s in sides if s != "without" or c.config.scenario.name in without]
    summaries: dict[str, dict[str, Any]] = {"before": {}, "after": {}, "without": {}}
    with terminal.progress(f"checks, {variant.name}", len(sides)) as advance:
        for case, side in sides:
            name = case.config.scenario.name
            posterior = {"before": None, "after": learnt}.get(side)
            if side == "without":
                posterior = variant.posterior(without[name].sample)
            summaries[side][name] = _predicted(case, posterior, folder / side)
            advance(1)
    ess = {name: one.sample.ess for name, one in without.items()}
    return CalibrationResult(variant, found, **summaries, ess=ess)


def _learn(variant: Variant, config: Run, folder: Path) -> CalibrationResult:
    """Search for the posterior of a variant, and hold every episode against it."""
    from uptake.cli.calibrate_pace import Search, Searches
    from uptake.inference.fit import fit

    asked, left_out = config.calibration, _left_out(variant, config)
    searches, checks = folder / "searches" / variant.name, folder / "checks" / variant.name
    planned = [Search("all", asked.points), *(Search(n, asked.points_left_out) for n in left_out)]
    each = [search for search in planned for _ in range(asked.searches)]
    watch = Searches(variant.name, each, asked.windows)
    with terminal.shown(watch):
        found = fit(variant, config, searches / "all", watch)
        without = {
            name: fit(variant, config, searches / f"without_{name}", watch, without=name)
            for name in left_out
        }
    return _checked(variant, found, without, checks)


def _save_draws(told: CalibrationResult, config: Run, folder: Path) -> None:
    """Write the draws of a variant, with what they were made from."""
    from uptake.config import posterior
    from uptake.files import whole_file
    from uptake.model import _jit
    from uptake.version import __version__

    case = told.variant.cases[0]
    about = {
        "structure": posterior.structure_of(case.config),
        "priors": posterior.known_of(case.priors),
        "episodes": {e.name: {**e.counts, **e.reached} for e in told.variant.evidence},
        "version": __version__,
        "source": _jit.SOURCE,
        "seed": config.seed,
        "calibration": asdict(config.calibration) | {"resume": False},
        "diagnostics": told.diagnostics(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / f"{told.variant.name}.parquet") as temporary:
        posterior.write(temporary, told.variant.posterior(told.found.sample), about)


def answer(asked: Question) -> Path:
    """Infer the parameters under every structure asked for, save all, and return the folder."""
    from uptake.inference.fit import settings_of
    from uptake.report import calibration_tables as tables

    asked = replace(asked, overrides=[*asked.overrides, "parameters.draws=null"])
    config = asked.configuration()
    if config.calibration.resume and config.out is None:
        raise InputError("calibration.resume=true: out=FOLDER is needed, the one to go on with")
    settings_of(config.calibration, config.calibration.points)
    chosen = [o.partition("=")[2] for o in asked.overrides if o.startswith("structure=")]
    names = structures(asked, config.variants) or chosen[-1:] or ["default"]
    variants = [variant_of(asked, name) for name in names]
    folder = output_folder(config.out, "calibrate", is_looked_into=True)
    _begin(folder, _manifest(variants, config), config.calibration.resume)
    terminal.compile_rules(variants[0].cases[0])
    terminal.say(_plan(variants, config))
    told = []
    for variant in variants:
        told.append(_learn(variant, config, folder))
        _save_draws(told[-1], config, folder / "draws")
    spoken = _tell(told, folder)
    for one in told:
        terminal.show_rows(f"{tables.CHECKS} ({one.name})", tables.SHORT, tables.short_rows(one))
    terminal.say(*spoken, f"Everything is in {folder}: open report.html there.")
    terminal.say(f"To use these draws: uptake run parameters.draws={folder / 'draws'}")
    return folder


@terminal.doing("Drawing the figures, writing the report")
def _tell(told: list[CalibrationResult], folder: Path) -> list[str]:
    """Write all that is told of a calibration, and return it in sentences."""
    from uptake.report import calibration_tables as tables
    from uptake.report import figures
    from uptake.report import html as report
    from uptake.report.text.calibration import sentences
    from uptake.results.provenance import provenance

    made = provenance(told[0].variant.cases[0])
    write_json(folder / "provenance.json", made)
    write_json(folder / "summary.json", tables.summary(told))
    figures.learnt(tables.learnt_rows(told), tables.TITLE, folder / "learnt")
    figures.predicted(tables.predicted_rows(told), tables.CHECKS, folder / "predicted")
    shown = {
        "learnt.svg": "Every parameter before and after; the tables hold the figures.",
        "predicted.svg": "What was counted beside what the draws predict; the tables hold all.",
    }
    spoken = sentences(told)
    report.write_study(tables.TITLE, spoken, shown, tables.tables(told), made, folder)
    return spoken


def main(arguments: list[str]) -> None:
    """Infer what the command line asks for."""
    asked = question("calibrate", arguments)
    if asked.is_print:
        episodes(asked)  # which refuses what a calibration of them would
        print_configuration(asked.configuration())
    else:
        answer(asked)
