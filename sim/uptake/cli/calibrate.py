"""uptake calibrate: what histories teach about behaviour, each of its own and all together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from uptake.cli import terminal
from uptake.cli.arguments import print_configuration, question
from uptake.cli.episodes import episodes
from uptake.config.compose import Question
from uptake.config.overrides import typed
from uptake.errors import InputError, one_of, wrong
from uptake.results.folders import output_folder

if TYPE_CHECKING:
    from uptake.inference.fit import Variant


def fitting(asked: Question) -> Question:
    """Return the question with the histories that are fitted, where not all are."""
    from uptake.inference.calibration import named

    histories = named(asked)
    return asked.setting({"calibration.histories": typed(histories)}) if histories else asked


def variant_of(asked: Question, name: str) -> Variant:
    """Return a variant of the structure with the episodes asked for, on priors."""
    from uptake.inference import calibration

    chosen = asked.choosing("structure", name)
    config = chosen.configuration()
    wanted, known = config.calibration.histories, asked.choices("scenario")
    for history in wanted:
        one_of("calibration.histories", history, known)
        if wanted.count(history) > 1:
            raise wrong("calibration.histories", history, "it stands twice")
    on_priors = chosen.setting({"parameters.draws": "null"})
    variant = calibration.variant_of(name, episodes(on_priors, wanted))
    return replace(variant, kept=calibration.kept_of(config))


def answer(asked: Question) -> Path:
    """Calibrate every structure asked for, save all, and return the folder."""
    from uptake.api.calibrate import Shown
    from uptake.inference import calibration
    from uptake.report import calibration_tables as tables
    from uptake.report.calibration_report import write
    from uptake.report.text.calibration import plan

    asked = fitting(asked)
    config = asked.configuration()
    settings = config.calibration
    if settings.resume and config.out is None:
        raise InputError("calibration.resume=true: out=FOLDER is needed, the one to go on with")
    chosen = [o.partition("=")[2] for o in asked.overrides if o.startswith("structure=")]
    names = asked.structures(config.variants) or chosen[-1:] or ["default"]
    variants = [variant_of(asked, name) for name in names]
    folder = output_folder(config.out, "calibrate", is_looked_into=True)
    calibration.begin(folder, variants, config)
    terminal.compile_rules(variants[0].cases[0])
    terminal.say(plan(len(variants[0].data), settings.particles, settings.chains, len(variants)))
    results = [calibration.calibrated(variant, config, folder, Shown()) for variant in variants]
    with terminal.doing("Drawing the figures, writing the report"):
        sentences = write(results, folder)
    for one in results:
        terminal.show_rows(f"{tables.CHECKS} ({one.name})", tables.SHORT, tables.short_rows(one))
    terminal.say(*sentences, f"Everything is in {folder}: open report.html there.")
    terminal.say(f"To use these draws: uptake run parameters.draws={folder / 'draws'}")
    return folder


def main(arguments: list[str]) -> None:
    """Infer what the command line asks for."""
    asked = question("calibrate", arguments)
    if asked.is_print:
        asked = fitting(asked)
        config = asked.configuration()
        variant_of(asked, config.structure.name)  # which refuses what a calibration would
        print_configuration(config)
    else:
        answer(asked)
