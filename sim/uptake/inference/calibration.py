"""Calibrating structures of the model into a folder, and going on with what was stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from uptake.config import posterior
from uptake.config.case import Case, priors_of
from uptake.config.compose import Question
from uptake.config.offers import offer_of
from uptake.config.posterior import NEW, known_of, structure_of
from uptake.config.schema import Run
from uptake.config.sweep import Watch
from uptake.errors import InputError, wrong
from uptake.files import whole_file, write_json
from uptake.inference import fit as chains
from uptake.inference import predictions
from uptake.inference.data import EpisodeData
from uptake.inference.fit import Fit, Kept, Variant, drawn_nearer, fit, settings_of
from uptake.inference.nearer import Narrower
from uptake.inference.pooling import Pool, pool
from uptake.inference.population import History
from uptake.inference.predictions import Predicted, predicted
from uptake.inference.result import StructureResult, diagnostics
from uptake.inference.smc import normal_of, unit
from uptake.model import _jit
from uptake.model.draws import run_keys
from uptake.model.parameters import Posterior, to_unit
from uptake.results import tables
from uptake.results.provenance import input_files
from uptake.results.resuming import MANIFEST, begun
from uptake.results.runs import Runs, run
from uptake.results.summary import summarise
from uptake.version import __version__

NEW_DRAWS = 2_000  # for a scheme never seen
_READ = ("scenario", "population", "months")  # of the configuration of an episode


class ChainsWatch(Watch, Protocol):
    """What is told of a calibration that goes on."""

    def chains(
        self, what: str, planned: Sequence[tuple[str, int]], tolerances: Sequence[float]
    ) -> AbstractContextManager[chains.Watch]:
        """Show how far chains are: of what kind each is, and its particles."""


def named(asked: Question) -> list[str]:
    """Return the histories to fit, where not all are: those asked for, or those of a user's own.

    A user's own alone are fitted if the others are there, in the draws asked for.
    """
    config = asked.configuration()
    wanted = config.calibration.histories
    if wanted or asked.config_dir is None or config.parameters.draws is None:
        return wanted
    packaged = Question([]).choices("scenario")
    own = [name for name in asked.choices("scenario") if name not in packaged]
    on_priors = asked.setting({"parameters.draws": "null"})
    return [name for name in own if EpisodeData(on_priors.case(f"scenario={name}"), 0.1).is_told]


def kept_of(config: Run) -> tuple[Kept, ...]:
    """Return the histories that are pooled with those asked for by name, and not fitted again.

    They are those of ``parameters.draws``; none, if all histories are fitted, or on the prior.

    Raises
    ------
    InputError
        There are none of this structure, or they were fitted under other priors.
    """
    wanted = config.calibration.histories
    if not wanted or config.parameters.draws is None:
        return ()
    files = posterior.histories_of(config)
    if not files:
        raise posterior.no_draws(config)
    priors, kept = priors_of(config), []
    for path in files:
        if path.stem not in wanted:
            one = Kept(path, *posterior.checked(path, config, priors, "alone"))
            for what in ("fitted", "diagnostics", "offer"):
                if not isinstance(one.about.get(what), dict):
                    told = (
                        f"{path.name} does not say its {what}; fit all histories: parameters=prior"
                    )
                    raise wrong("parameters.draws", config.parameters.draws, told)
            kept.append(one)
    return tuple(kept)


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
        Nothing was reported of the episodes, or of one that is asked for by name; episodes differ
        in structure or priors; or the settings cannot be used.
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
    settings_of(first.config.calibration)
    rate = first.config.calibration.error_rate.value
    data = [one for one in (EpisodeData(case, rate) for case in ordered) if one.is_told]
    names = {one.name for one in data}
    for asked in first.config.calibration.histories:
        if asked not in names:
            raise wrong("calibration.histories", asked, "nothing was reported that can be fitted")
    if not data:
        raise InputError("scenario.observed: no episode has a number that can be fitted")
    if NEW in names:
        raise wrong("scenario.name", NEW, "draws of no history go by this name; give it another")
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
        "kept_sha256": {
            f"{variant.name}/{one.name}": hashlib.sha256(one.path.read_bytes()).hexdigest()
            for variant in variants
            for one in variant.kept
        },
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


def _predicted(case: Case, draws: Posterior | None, folder: Path, watch: ChainsWatch) -> Runs:
    """Return the runs of an episode on draws, or on the prior if None, and keep them."""
    name = case.config.scenario.name
    with watch.progress(f"runs, {name}", case.config.runs) as advance:
        runs = run(replace(case, posterior=draws), advance)
    (folder / name).mkdir(parents=True, exist_ok=True)
    tables.save(runs, folder / name)
    return runs


def pooled(variant: Variant, fits: Sequence[Fit], config: Run) -> Pool:
    """Return what histories say together, each fitted by itself.

    Parameters
    ----------
    variant
        The structure, with histories that were fitted before.
    fits
        Of the histories that were fitted now.
    config
        Says which parameters are pooled, and the seed.
    """
    names = [name for name in config.calibration.pooled if name in variant.names]
    columns = [variant.names.index(name) for name in names]
    histories = [History(one.name, one.normal, one.weights) for one in fits]
    priors = variant.cases[0].priors
    for kept in variant.kept:
        at = normal_of(to_unit(priors, kept.alone.draws))
        histories.append(History(kept.name, at, kept.alone.weights / kept.alone.weights.sum()))
    return pool(histories, names, columns, config.seed)


def never_seen(variant: Variant, found: Pool, config: Run, label: str) -> Posterior:
    """Return draws for a scheme that is not in a pool; ``label`` gives them luck of their own."""
    seed = chains.own_seed(config.seed, variant.name, label)
    made = variant.parameters(unit(found.new(np.random.default_rng(seed), NEW_DRAWS)))
    made["draw"] = run_keys(seed, np.arange(NEW_DRAWS))
    return Posterior(made, np.full(NEW_DRAWS, 1.0 / NEW_DRAWS))


def _all_reaching(
    variant: Variant, fits: dict[str, Fit], config: Run, folder: Path, watch: ChainsWatch
) -> tuple[dict[str, Fit], Pool]:
    """Return the fits and what they say together.

    Histories whose draws do not reach where the others point get as many draws nearer to that.
    """

    def pool_of(found: dict[str, Fit]) -> Pool:
        with watch.progress(f"histories pooled, {variant.name}", 1) as advance:
            made = pooled(variant, list(found.values()), config)
            advance(1)
        return made

    first, asked = pool_of(fits), config.calibration
    far = [name for name in first.out_of_reach if name in fits]
    if not far or len(first.histories) == 1:
        return fits, first
    nearer = dict(fits)
    planned = [(name, asked.particles) for name in far for _ in range(asked.chains)]
    with watch.chains(f"{variant.name}, nearer", planned, asked.tolerances) as told:
        for name in far:
            prior = Narrower(first.columns, *first.proposal(name))
            one = fits[name]
            nearer[name] = drawn_nearer(variant, one, prior, config, folder / name, told)
    return nearer, pool_of(nearer)


def _checked(
    variant: Variant,
    fits: dict[str, Fit],
    found: Pool,
    config: Run,
    folder: Path,
    watch: ChainsWatch,
) -> StructureResult:
    """Return the result of a structure: histories pooled, and every episode predicted.

    On the prior; tried again, with fresh luck; and by the other histories alone.
    """
    weights = {one.name: one.weights for one in found.fits}
    sides: dict[str, dict[str, Any]] = {"before": {}, "after": {}, "without": {}}
    kept: list[Predicted] = []
    for case in variant.cases:
        name = case.config.scenario.name
        draws: dict[str, Posterior | None] = {"before": None}
        if name in fits:
            again = fits[name].draws(variant)
            again["luck_seed"] = 0
            draws["after"] = Posterior(again, weights[name])
        others = found
        if name in fits and len(weights) > 1:
            others = found.left_out(name)
        if name not in fits or len(weights) > 1:
            draws["without"] = never_seen(variant, others, config, name)
        runs = {
            side: _predicted(case, drawn, folder / side, watch) for side, drawn in draws.items()
        }
        for side, made in runs.items():
            sides[side][name] = summarise(made)
        if name in fits and "without" in runs:
            kept += predicted(fits[name].data, runs["without"], runs["before"])
    return StructureResult(variant, fits, found, **sides, predicted=kept)


def calibrated(variant: Variant, config: Run, folder: Path, watch: ChainsWatch) -> StructureResult:
    """Fit every history by itself, pool them, and save chains, predictive checks and draws.

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
        No particle meets what was reported.
    """
    asked = config.calibration
    states, checks = folder / "chains" / variant.name, folder / "checks" / variant.name
    planned = [(one.name, asked.particles) for one in variant.data for _ in range(asked.chains)]
    with watch.chains(variant.name, planned, asked.tolerances) as told:
        fits = {
            one.name: fit(variant, one, config, states / one.name, told) for one in variant.data
        }
    fits, found = _all_reaching(variant, fits, config, states, watch)
    result = _checked(variant, fits, found, config, checks, watch)
    save_draws(result, config, folder / "draws" / variant.name)
    if result.predicted:
        (folder / "skill").mkdir(exist_ok=True)
        with whole_file(folder / "skill" / f"{variant.name}.parquet") as temporary:
            predictions.write(temporary, result.predicted, _about(variant, config))
    return result


def _about(variant: Variant, config: Run) -> dict[str, Any]:
    """Return what tables of a structure are made from."""
    case = variant.cases[0]
    return {
        "structure": structure_of(case.config),
        "priors": known_of(case.priors),
        "version": __version__,
        "source": _jit.SOURCE,
        "seed": config.seed,
        "calibration": asdict(config.calibration) | {"resume": False},
    }


def save_draws(result: StructureResult, config: Run, folder: Path) -> None:
    """Write the draws of every history, and those for a new scheme, with what they are made from.

    Parameters
    ----------
    result
        Of a structure.
    config
        That it was made with.
    folder
        Of the structure.
    """
    variant, about = result.variant, _about(result.variant, config)
    folder.mkdir(parents=True, exist_ok=True)
    fitted = {one.name: one.weights for one in result.pool.fits}
    offers: dict[str, Any] = {}
    for name, one in result.fits.items():
        drawn = Posterior(one.draws(variant), fitted[name])
        offers[name] = offer_of(one.data.case)._asdict()
        told = about | {
            "fitted": one.data.fitted, "deviation": one.deviation, "diagnostics": diagnostics(one),
            "offer": offers[name],
        }  # fmt: skip
        with whole_file(folder / f"{name}.parquet") as temporary:
            posterior.write(temporary, drawn, told, alone=one.weights)
    for kept in variant.kept:
        offers[kept.name] = kept.about["offer"]
        drawn = Posterior(kept.alone.draws, fitted[kept.name])
        with whole_file(folder / f"{kept.name}.parquet") as temporary:
            posterior.write(temporary, drawn, kept.about, alone=kept.alone.weights)
    off = {one.name: posterior.deviation_of(one.about) for one in variant.kept}
    off |= {name: one.deviation for name, one in result.fits.items()}
    told = {
        "histories": {name: offers[name] for name in fitted},
        "not_reproduced": [name for name in fitted if off[name]],
    }
    made = never_seen(variant, result.pool, config, NEW)
    with whole_file(folder / f"{NEW}.parquet") as temporary:
        posterior.write(temporary, made, about | told)
