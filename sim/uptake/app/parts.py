"""The parts of the page that are drawn in the browser: Vue templates, and what they are given.

They get data and send events; whatever they show of a user's own is text, never markup.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import solara

from uptake.config.case import Case
from uptake.report.answer import counted_on, events, observed, of_scheme
from uptake.report.figures import Seen, legend
from uptake.report.tables import Table
from uptake.report.text.numbers import unit_of

Event = Callable[[Any], None]
LONGEST_TEXT = 300  # characters of a text that is a scenario's, such as a title


def short(text: str) -> str:
    """A text of a scenario's as the page shows it: a long one without its end."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}\u2026"


def as_facts(table: Table) -> dict[str, Any]:
    """A table as ``Facts`` shows it."""
    rows = [{"name": short(name), "cells": cells} for name, *cells in table.rows]
    said = [table.sentence] if table.sentence else []
    return {"title": table.heading, "sentences": said, "head": table.columns, "rows": rows}


def axes_of(case: Case) -> dict[str, Any]:
    """What a ``Curve`` of a case needs beside its numbers: the one that tells its story."""
    curve = case.config.scenario.shows
    seen = observed(case, curve)
    what = f"observed{of_scheme(case)}"
    return {
        "label": counted_on(case, curve),
        "unit": unit_of(curve),
        "start": case.config.scenario.start,
        "horizon": case.months,
        "observed": [_drawn(one, what) for one in seen],
        "legend": short(legend(seen, what)),
    }


def _drawn(seen: Seen, what: str) -> dict[str, Any]:
    """What was observed as a ``Curve`` draws it: ends (none where a bound is open), and error."""
    low, high = (None if math.isinf(end) else end for end in (seen.low, seen.high))
    label = f"{what}, month {seen.month}: {seen.label} ({seen.source})"
    return {
        "month": seen.month, "low": low, "high": high, "error": seen.error, "label": short(label),
    }  # fmt: skip


def marks_of(case: Case, month: int) -> list[dict[str, Any]]:
    """Events up to a month, as a ``Curve`` marks them."""
    return [{"month": at, "label": short(label)} for at, label in events(case) if at <= month]


@solara.component_vue("curve.vue")
def Curve(
    label: str,
    unit: str,
    start: str,
    horizon: int,
    bands: dict[str, list[float]] | None = None,
    base: dict[str, list[float]] | None = None,
    than: str = "",
    run: list[float] | None = None,
    observed: Sequence[dict[str, Any]] = (),
    legend: str = "",
    marked: Sequence[dict[str, Any]] = (),
    ceiling: float = 0.0,
    small: bool = False,
) -> None:
    """Draw a curve by month: the bands of many runs, as it was, one run, what was observed."""


@solara.component_vue("levers.vue")
def Levers(
    groups: list[dict[str, Any]],
    held: dict[str, float],
    answered: int,
    event_hold: Event | None = None,
) -> None:
    """Offer levers as sliders and switches; ``answered`` is the number of the last move shown."""


@solara.component_vue("choice.vue")
def Choice(
    label: str, value: str, options: list[dict[str, str]], event_choose: Event | None = None
) -> None:
    """Offer one of several."""


@solara.component_vue("trusts.vue")
def Trusts(
    body: str,
    bodies: str,
    places: list[dict[str, Any]],
    regions: list[dict[str, Any]],
    stages: list[int],
    month: int,
    names: list[str],
    colours: list[str],
    shapes: list[str],
    across: int,
    down: int,
    picked: int,
    event_pick: Event | None = None,
) -> None:
    """Draw the organisations in their regions, by size and stage."""


@solara.component_vue("facts.vue")
def Facts(
    title: str,
    rows: list[dict[str, Any]],
    sentences: Sequence[str] = (),
    head: Sequence[str] = (),
    live: bool = False,
) -> None:
    """Show sentences and a table."""


@solara.component_vue("share.vue")
def Share(address: str, command: str, event_open: Event | None = None) -> None:
    """Keep the browser's address and history in step with the question, and offer it for copying.

    Back and forward ``open`` an address.
    """


@solara.component_vue("upload.vue")
def Upload(
    title: str,
    needed: str,
    back: str,
    most: int,
    problem: str,
    notes: list[str],
    is_own: bool,
    event_upload: Event | None = None,
    event_drop: Event | None = None,
) -> None:
    """Take a file of a user's own organisations."""


@solara.component_vue("labels.vue")
def Labels() -> None:
    """Give Mesa's own buttons, which have signs on them, names that can be read aloud."""


@solara.component_vue("light.vue")
def Light() -> None:
    """Keep the page light, whatever the browser prefers or was told before."""
