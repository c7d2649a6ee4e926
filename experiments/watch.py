"""uptake watch: one run in the terminal, month by month, under Mesa."""

from __future__ import annotations

import time

from rich.box import SIMPLE_HEAD
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from experiments.composition import configuration
from experiments.terminal import announce_compilation, console, say
from sim.configuration import Run
from sim.entities import OPEN, STAGE_NAMES

_SECONDS_A_MONTH = 0.4


def watch(config: Run) -> None:
    """Run one run of the configuration under Mesa and show the trusts by stage as months go by."""
    from sim.mesa_model import SharedServiceModel
    from sim.scenario import assemble

    case = assemble(config)
    announce_compilation()
    design = case.design(0, 1)
    model = SharedServiceModel(case.episode, design[0], config.seed)
    table = Table(
        title=escape(f"{config.scenario.title}: one run"), title_justify="left", box=SIMPLE_HEAD
    )
    for heading in ("month", *STAGE_NAMES):
        table.add_column(heading, justify="right", no_wrap=True, min_width=len(heading))
    with Live(table, console=console, auto_refresh=False) as live:
        while model.running:
            counts = [sum(trust.stage == name for trust in model.trusts) for name in STAGE_NAMES]
            month = model.month.number
            table.add_row(str(month), *map(str, counts))
            live.refresh()
            if console.is_terminal:
                time.sleep(_SECONDS_A_MONTH)
            model.step()
    say("")
    for event in case.events:
        if event.month <= case.months:
            say(f"month {event.month}, {event.date}: {event.label}")
    outcome = "still open" if model.state.centre[0].status == OPEN else "scrapped"
    say(f"{model.state.centre[0].joined} trusts joined; the scheme is {outcome}.")


def main(arguments: list[str]) -> None:
    """Watch what the command line asks for."""
    config = configuration("watch", arguments, not_read={"runs", "out", "threads", "variants"})
    if config is not None:
        watch(config)
