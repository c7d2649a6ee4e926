"""uptake run -m: a whole sweep, from its axes to a folder that nothing is lost of."""

import time

from uptake.cli import terminal
from uptake.cli.arguments import print_configuration
from uptake.config.axes import axes_of
from uptake.config.compose import Question
from uptake.config.sweep import prepared
from uptake.results.sweep import run_sweep


def main(asked: Question) -> None:
    """Run the sweep that the command line asks for, and compare its points."""
    sweep = prepared(asked, axes_of(asked), terminal)
    if asked.is_print:
        print_configuration(sweep.config)
        return
    began = time.monotonic()
    folder = run_sweep(sweep, terminal)
    terminal.say(f"Done in {time.monotonic() - began:,.1f} s.")
    if sweep.is_whole:
        from uptake.cli import compare

        compare.answer(folder, figures=str(sweep.config.figures).lower())
    else:
        terminal.say(f"When all shares are done: uptake compare {folder}")
