"""What is shown in the terminal: progress, tables, sentences. User's text is never markup."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table
from rich.text import Text

console = Console(highlight=False)
_QUIET_SECONDS = 2.0


def say(*sentences: str) -> None:
    """Print sentences, a line each."""
    for sentence in sentences:
        console.print(sentence, markup=False, soft_wrap=not console.is_terminal)


def announce_compilation() -> None:
    """Say that the rules are being compiled, the first time that a version of them runs."""
    from sim import _jit

    if not _jit.is_warm():
        say("Compiling the model for this machine (once, some 20 seconds) ...")


class _Rate(ProgressColumn):
    """How many a second, and how many pieces are done."""

    def render(self, task: Task) -> Text:
        """Return the text of the column."""
        speed = f"{task.speed:,.0f}/s" if task.speed else ""
        pieces = task.fields["pieces"]
        done = f"  {task.fields['done']:,} of {pieces:,} chunks" if pieces else ""
        return Text(f"{speed}{done}")


@contextmanager
def progress(what: str, total: int, pieces: int = 0) -> Iterator[Callable[[int], None]]:
    """Show how far a long job is: a bar on a terminal, plain lines where there is none.

    ``pieces`` is the number of chunks that the steps come in, if that is to be shown.
    """
    if console.is_terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            _Rate(table_column=Column(no_wrap=True)),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(what, total=total, pieces=pieces, done=0)
            chunks = itertools.count(1)
            yield lambda steps: bar.update(task, advance=steps, done=next(chunks))
        return
    done, calls, began = 0, 0, time.monotonic()
    last = began

    def advance(steps: int) -> None:
        nonlocal done, calls, last
        done, calls = done + steps, calls + 1
        now = time.monotonic()
        if done and now - last > _QUIET_SECONDS:
            last, rate = now, done / (now - began)
            line = f"{done:,} of {total:,} {what}"
            if pieces:
                line += f", {calls:,} of {pieces:,} chunks"
            say(f"{line}, {rate:,.0f} a second, {(total - done) / rate:,.0f} s left")

    yield advance


def table(title: str, *columns: str) -> Table:
    """Return an empty table, its first column text and the others numbers."""
    empty = Table(title=escape(title), title_justify="left", box=box.SIMPLE_HEAD)
    for i, column in enumerate(columns):
        empty.add_column(column, justify="left" if i == 0 else "right", no_wrap=i == 0)
    return empty


def _observed(name: str, outcome: dict[str, Any], months: int) -> str:
    """Return what was observed of an outcome, with the month if it is not the last."""
    from sim.answer import amount

    if "observed" not in outcome:
        return ""
    month = outcome["observed_month"]
    at = "" if month == months else f" (m. {month})"
    return amount(name, outcome["observed"]) + at


def show_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table of text."""
    shown = Table(
        title=escape(title), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    for column in columns:
        shown.add_column(escape(column))
    for row in rows:
        shown.add_row(*(escape(cell) for cell in row))
    console.print(shown)


def show_variants(variants: dict[str, Any], shown: str) -> None:
    """Print what the variants of the structure say, side by side."""
    from sim.answer import NAMES, amount, span

    names = list(dict.fromkeys([shown, "joined", "live", "net_present_value_gbp"]))
    names = [name for name in names if name in next(iter(variants.values()))]
    compared = table("structures: median (9 runs in 10)", "structure", *(NAMES[n] for n in names))
    for variant, outcomes in variants.items():
        cells = [
            f"{amount(n, outcomes[n]['median'])} "
            f"({span(n, outcomes[n]['q05'], outcomes[n]['q95'])})"
            for n in names
        ]
        compared.add_row(escape(variant.replace("_", " ")), *cells)
    console.print(compared)


def show_summary(summary: dict[str, Any]) -> None:
    """Print the outcomes against what was observed, then who joined by kind and by size."""
    from sim.answer import NAMES, amount, span

    title = f"{summary['title']}: {summary['runs']:,} runs"
    outcomes = table(title, "outcome", "median", "half of runs", "9 in 10", "observed")
    for name, outcome in summary["outcomes"].items():
        if name == "approached" or not (outcome["q95"] or outcome["q05"] or "observed" in outcome):
            continue
        cells = [
            amount(name, outcome["median"]),
            span(name, outcome["q25"], outcome["q75"]),
            span(name, outcome["q05"], outcome["q95"]),
            _observed(name, outcome, summary["months"]),
        ]
        label = NAMES[name]
        for unit in (" GBP", " %"):
            if cells[0].endswith(unit):
                label += f",{unit}"
                cells = [cell.replace(unit, "") for cell in cells]
        outcomes.add_row(label, *cells)
    console.print(outcomes)
    groups = table(
        "by kind and size: median (9 runs in 10)",
        "trusts", "approached", "joined", "interested", "declined",
    )  # fmt: skip
    for group, counts in [*summary["by_kind"].items(), *summary["by_size"].items()]:
        cells = [
            f"{counts[c]['median']:,.0f} ({counts[c]['q05']:,.0f} to {counts[c]['q95']:,.0f})"
            for c in ("joined", "interested", "declined")
        ]
        groups.add_row(
            escape(group.replace("_", " ")), f"{counts['approached']['median']:,.0f}", *cells
        )
    console.print(groups)
