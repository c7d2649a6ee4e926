"""Calibrating structures of the model into a folder, and going on with what was stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

from uptake.config import posterior
from uptake.config.case import Case
from uptake.config.posterior import known_of, structure_of
from uptake.config.schema import Run
from uptake.config.sweep import Watch
from uptake.errors import InputError, wrong
from uptake.files import whole_file, write_json
from uptake.inference import fit as chains
from uptake.inference.data import EpisodeData
from uptake.inference.fit import Fit, Variant, fit, settings_of
from uptake.inference.result import StructureResult
from uptake.model import _jit
from uptake.model.parameters import Posterior
from uptake.results import tables
from uptake.results.provenance import input_files
from uptake.results.resuming import MANIFEST, begun
from uptake.results.runs import run
from uptake.results.summary import summarise
from uptake.version import __version__

_READ = ("scenario", "population", "months")  # of the configuration of an episode


class ChainsWatch(Watch, Protocol):
    """What is told of a calibration that goes on."""

    def chains(
        self, what: str, planned: Sequence[tuple[str, int]], tolerances: Sequence[float]
    ) -> AbstractContextManager[chains.Watch]:
        """Show how far chains are: of what kind each is, and its particles."""


def variant_of(name: str, cases: Sequence[Case]) -> Variant:
    """Return a structure with its episodes, and the data among them.

    Parameters
    ----------
    name
        Of the structure.
    cases
        The episodes under it, on priors.

    Raises
    ------
    InputError
        No episode has a count to match, episodes differ in structure or priors, or the settings
        cannot be used.
    """
    ordered = sorted(
        cases, key=lambda case: (case.config.scenario.start, case.config.scenario.name)
    )
    first = ordered[0]
    for case in ordered:
        if case.config.structure.name != name:
            allowed = f"allowed is the name of its file, {name}"
            raise wrong("structure.name", case.config.structure.name, allowed)
        for parameter, prior in known_of(case.priors).items():
            if prior != known_of(first.priors)[parameter]:
                pair = f"{first.config.scenario.name} and {case.config.scenario.name}"
                told = f"{pair} have different priors; one is needed for all"
                raise InputError(f"parameters.priors.{parameter}: {told}")
    settings_of(first.config.calibration, first.config.calibration.particles)
    rate = first.config.calibration.error_rate.value
    data = [one for one in (EpisodeData(case, rate) for case in ordered) if one.counts]
    if not data:
        raise InputError("scenario.observed: no episode has a count to be met (fit: exactly)")
    return Variant(name, ordered, data)


def _manifest(variants: Sequence[Variant], config: Run) -> dict[str, Any]:
    """Return all that the draws depend on."""

    def episode(case: Case) -> str:
        read = {name: value for name, value in asdict(case.config).items() if name in _READ}
        text = json.dumps(read | {"files": input_files(case)}, sort_keys=True)
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
        "scenarios_sha256": {c.config.scenario.name: episode(c) for c in variants[0].cases},
    }


def begin(folder: Path, variants: Sequence[Variant], config: Run) -> None:
    """Make a folder that of a calibration, or find that it is already.

    Parameters
    ----------
    folder
        Where results go; it is there.
    variants
        The structures that are calibrated.
    config
        Its ``calibration.resume`` says whether what is there may be gone on with.

    Raises
    ------
    InputError
        Something else is there.
    """
    wanted = _manifest(variants, config)
    if begun(folder, "calibration", wanted, config.calibration.resume) is None:
        write_json(folder / MANIFEST, wanted)


def left_out(variant: Variant, config: Run) -> list[str]:
    """Return the episodes that are predicted without their own counts."""
    names = [data.name for data in variant.data]
    return names if len(names) > 1 and config.calibration.particles_left_out else []


def _predicted(
    case: Case, draws: Posterior | None, folder: Path, watch: ChainsWatch
) -> dict[str, Any]:
    """Return the summary of an episode on draws, or on the prior if None; keep its runs."""
    name = case.config.scenario.name
    with watch.progress(f"runs, {name}", case.config.runs) as advance:
        runs = run(replace(case, posterior=draws), advance)
    (folder / name).mkdir(parents=True, exist_ok=True)
    tables.save(runs, folder / name)
    return summarise(runs)


def _checked(
    variant: Variant, found: Fit, without: dict[str, Fit], folder: Path, watch: ChainsWatch
) -> StructureResult:
    """Return the result of a structure: every episode run on the prior and on the draws."""
    after = variant.posterior(found.sample)
    sides = [(case, side) for case in variant.cases for side in ("before", "after", "without")]
    sides = [(c, s) for c, s in sides if s != "without" or c.config.scenario.name in without]
    summaries: dict[str, dict[str, Any]] = {"before": {}, "after": {}, "without": {}}
    with watch.progress(f"checks, {variant.name}", len(sides)) as advance:
        for case, side in sides:
            name = case.config.scenario.name
            draws = {"before": None, "after": after}.get(side)
            if side == "without":
                draws = variant.posterior(without[name].sample)
            summaries[side][name] = _predicted(case, draws, folder / side, watch)
            advance(1)
    ess_without = {name: one.sample.ess for name, one in without.items()}
    return StructureResult(variant, found, **summaries, ess_without=ess_without)


def calibrated(variant: Variant, config: Run, folder: Path, watch: ChainsWatch) -> StructureResult:
    """Calibrate a structure, and save chains, predictive checks and draws.

    Parameters
    ----------
    variant
        The structure, with its data.
    config
        Says how many chains, of how many particles, seed, threads, and runs of a check.
    folder
        That which ``begin`` was given.
    watch
        Is told of what goes on.

    Raises
    ------
    InputError
        A saved state is damaged.
    Stopped
        No particle matches the counts.
    """
    asked, others = config.calibration, left_out(variant, config)
    states, checks = folder / "chains" / variant.name, folder / "checks" / variant.name
    kinds = [("all", asked.particles), *((name, asked.particles_left_out) for name in others)]
    planned = [kind for kind in kinds for _ in range(asked.chains)]
    with watch.chains(variant.name, planned, asked.tolerances) as told:
        found = fit(variant, config, states / "all", told)
        without = {
            name: fit(variant, config, states / f"without_{name}", told, without=name)
            for name in others
        }
    result = _checked(variant, found, without, checks, watch)
    save_draws(result, folder / "draws")
    return result


def save_draws(result: StructureResult, folder: Path) -> None:
    """Write the draws of a structure, with what they were made from, as ``NAME.parquet``."""
    case = result.variant.cases[0]
    about = {
        "structure": structure_of(case.config),
        "priors": known_of(case.priors),
        "episodes": {one.name: one.fitted for one in result.variant.data},
        "version": __version__,
        "source": _jit.SOURCE,
        "seed": case.config.seed,
        "calibration": asdict(case.config.calibration) | {"resume": False},
        "diagnostics": result.diagnostics(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / f"{result.variant.name}.parquet") as temporary:
        posterior.write(temporary, result.posterior, about)
