"""uptake calibrate: what the episodes with counts teach about the parameters they share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from uptake.cli import terminal
from uptake.cli.arguments import print_configuration, question
from uptake.cli.episodes import episodes
from uptake.cli.run import structures
from uptake.config.compose import Question
from uptake.errors import InputError
from uptake.results.folders import output_folder

if TYPE_CHECKING:
    from uptake.inference.fit import Variant


def variant_of(asked: Question, name: str) -> Variant:
    """Return a variant of the structure with all episodes, on priors."""
    from uptake.inference import calibration

    chosen = asked.choosing("structure", name)
    on_priors = replace(chosen, overrides=[*chosen.overrides, "parameters.draws=null"])
    return calibration.variant_of(name, episodes(on_priors))


def answer(asked: Question) -> Path:
    """Calibrate every structure asked for, save all, and return the folder."""
    from uptake.api.calibrate import Shown
    from uptake.inference import calibration
    from uptake.report import calibration_tables as tables
    from uptake.report.calibration_report import write
    from uptake.report.text.calibration import plan

    asked = replace(asked, overrides=[*asked.overrides, "parameters.draws=null"])
    config = asked.configuration()
    settings = config.calibration
    if settings.resume and config.out is None:
        raise InputError("calibration.resume=true: out=FOLDER is needed, the one to go on with")
    chosen = [o.partition("=")[2] for o in asked.overrides if o.startswith("structure=")]
    names = structures(asked, config.variants) or chosen[-1:] or ["default"]
    variants = [variant_of(asked, name) for name in names]
    folder = output_folder(config.out, "calibrate", is_looked_into=True)
    calibration.begin(folder, variants, config)
    terminal.compile_rules(variants[0].cases[0])
    without = len(calibration.left_out(variants[0], config)), settings.particles_left_out
    terminal.say(plan(settings.particles, settings.chains, without, len(variants)))
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
        episodes(asked)  # which refuses what a calibration of them would
        print_configuration(asked.configuration())
    else:
        answer(asked)
