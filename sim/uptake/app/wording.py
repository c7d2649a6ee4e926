"""What the page says of an answer, and what it shows of levers: words and rows, no state."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from uptake.app.question import Question
from uptake.config.case import Case
from uptake.config.schema import LeverMeaning, lever_meanings
from uptake.config.schema.scenario import MONTHS
from uptake.model.levers import IMPULSES
from uptake.report.text import answer as sentences
from uptake.report.text.answer import Compared
from uptake.report.text.numbers import NAMES, average, money, span
from uptake.report.text.question import course, departures, reference
from uptake.results.runs import Runs, quantiles
from uptake.results.summary import differences

HORIZON, EVENT, ROW = "months", "event-", "timeline."  # what moves like a lever, and is none

LONGEST_TEXT = 300  # characters of a text that is a scenario's, such as a title

# What is added up in a row of the table of costs, by what it is called.
COSTS = {
    NAMES["provider_loss_gbp"]: ("provider_loss_gbp",),
    NAMES["trusts_cost_gbp"]: ("trusts_cost_gbp",),
    NAMES["centre_cost_gbp"]: ("centre_cost_gbp",),
    "cost to the public: trusts and centre": ("trusts_cost_gbp", "centre_cost_gbp"),
    NAMES["realised_saving_gbp"]: ("realised_saving_gbp",),
    NAMES["net_present_value_gbp"]: ("net_present_value_gbp",),
}


def compared(runs: Runs, base: Runs) -> Compared:
    """Return how runs differ from those of the episode as it was, over pairs of runs."""
    return Compared(reference(base.case), *differences(runs, base), base.case.bodies)


def headline(runs: Runs, base: Runs) -> str:
    """Return the answer in a sentence or two, beside the episode as it was."""
    return said(runs, base)[0]


def said(runs: Runs, base: Runs) -> tuple[str, str]:
    """Return the answer beside the episode as it was, and what else differs from that.

    Both have the same runs: the difference is between runs that share behaviour and luck.
    """
    case, shown = runs.case, runs.case.config.scenario.shows
    now, of = quantiles(runs.at_month(shown, case.months)), quantiles(runs["approached"])
    told = sentences.headline(case, len(runs), shown, now, of)
    if not case.is_changed:
        than = reference(base.case).capitalize()
        return (told if departures(case) else f"{than}: {told[0].lower()}{told[1:]}"), ""
    pairs = compared(runs, base)
    told = f"{told} {sentences.in_pairs(shown, len(runs), pairs)}"
    return told, sentences.also_moved(shown, pairs)


def group_rows(runs: Runs, base: Runs) -> list[dict[str, Any]]:
    """Return who joins, by kind and size: joined of those approached, now and as it was."""
    rows = []
    for name in runs.groups:
        now, was = (quantiles(one[f"joined_{name}"]) for one in (runs, base))
        of = runs[f"approached_{name}"].mean()
        if of > 0.0:
            cells = [f"{of:,.0f}", span("joined", now["q05"], now["q95"])]
            cells += [average("joined", now["mean"]), average("joined", was["mean"])]
            rows.append({"name": short(name.replace("_", " ")), "cells": cells})
    return rows


def money_rows(runs: Runs, base: Runs) -> list[dict[str, Any]]:
    """Return what it costs whom, now and as it was."""
    rows = []
    for called, names in COSTS.items():
        now, was = (
            quantiles(np.sum([one[name] for name in names], axis=0)) for one in (runs, base)
        )
        cells = [span("_gbp", now["q05"], now["q95"]), money(now["mean"]), money(was["mean"])]
        rows.append({"name": called.replace("trusts", runs.case.bodies), "cells": cells})
    return rows


def short(text: str) -> str:
    """Return a text of a scenario's as the page shows it, where it is long without its end."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}\u2026"


def _step(meaning: LeverMeaning, top: float) -> float:
    """Return the step of a slider: a hundredth of its length, or the next round number below."""
    if meaning.whole:
        return 1.0
    rough = (top - meaning.low) / 100.0
    power = 10.0 ** math.floor(math.log10(rough))
    return float(max(by * power for by in (1.0, 2.0, 5.0) if by * power <= rough * 1.0001))


def _source(case: Case, name: str) -> str:
    """Return where the value of a lever at the launch comes from."""
    if name not in case.config.scenario.levers:
        return "neutral: not part of this scheme"
    cited = case.config.scenario.levers[name]
    return short(f"{cited.source}. {cited.note}".rstrip(". ") + ".")


def _rows(case: Case, name: str) -> list[dict[str, Any]]:
    """Return a lever as a slider or switch that holds it, then its values by the timeline."""
    meaning, was = lever_meanings()[name], float(case.episode.levers[0][name])
    moves = [move for move in case.moves if move.lever == name]
    top = meaning.high if meaning.usual is None else meaning.usual
    top = max([top, was, *(move.was for move in moves)])
    steps, called = course(moves), meaning.meaning.partition(";")[0]
    events = {event.name: event for event in case.config.scenario.timeline if name in event.set}

    def row(key: str, label: str, value: float, source: str) -> dict[str, Any]:
        return {
            "name": key,
            "meaning": label,
            "unit": meaning.unit,
            "low": meaning.low,
            "high": meaning.high,
            "usual": top,
            "step": _step(meaning, top),
            "was": value,
            "whole": meaning.whole,
            "switch": bool(meaning.whole and meaning.low == 0.0 and meaning.high == 1.0),
            "source": source,
        }

    throughout = "The slider holds it throughout; those below move the launch or a row by itself."
    source = f"{_source(case, name)} {throughout}" if moves else _source(case, name)
    found = [row(name, meaning.meaning, was, source) | {"course": steps}]
    for move in moves:
        given, label = _source(case, name), move.when
        if move.event in events:
            event = events[move.event]
            given, label = short(event.set[name].source), f"{move.when}, {short(event.label)}"
        found.append(
            row(f"{ROW}{move.event}.{name}", f"{called}, {label}", move.was, given)
            | {"of": name, "label": label, "event": f"{EVENT}{move.event}"}
        )
    return found


def lever_groups(case: Case) -> list[dict[str, Any]]:
    """Return what sliders and switches need to know of the levers of an episode as it was.

    Those of the scheme come first, then its events, then all other levers.
    """
    scenario = case.config.scenario
    used = {*scenario.levers, *(name for event in scenario.timeline for name in event.set)}
    groups: dict[str, list[dict[str, Any]]] = {"": []}
    for name, meaning in lever_meanings().items():
        if name in IMPULSES:
            continue
        groups.setdefault("" if name in used else meaning.group, []).extend(_rows(case, name))
    first = groups.pop("") + [_horizon(case)]
    titled = {"Levers of this scheme": first, "Events": _events(case)}
    titled |= {f"More: {name}": levers for name, levers in groups.items()}
    return [
        {"title": title, "open": not title.startswith("More"), "levers": rows}
        for title, rows in titled.items()
        if rows
    ]


def held(case: Case) -> dict[str, float]:
    """Return what is held of the sliders and switches, by name."""
    found = dict(case.pinned) | {f"{EVENT}{name}": 0.0 for name in case.config.without}
    found |= {f"{ROW}{m.event}.{m.lever}": m.asked for m in case.moves if m.asked is not None}
    return found | ({} if case.config.months is None else {HORIZON: float(case.months)})


def _horizon(case: Case) -> dict[str, Any]:
    """Return the horizon as a slider."""
    was = case.config.scenario.months
    return {
        "name": HORIZON,
        "meaning": "horizon: months that are simulated",
        "unit": "months",
        "low": 1.0,
        "high": MONTHS.high,
        "usual": max(120.0, was.value),
        "step": 1.0,
        "was": was.value,
        "whole": True,
        "switch": False,
        "source": short(was.source),
    }


def _events(case: Case) -> list[dict[str, Any]]:
    """Return the events of the timeline that set levers, as switches."""
    return [
        {
            "name": f"{EVENT}{event.name}",
            "meaning": short(f"{event.date}: {event.label}"),
            "unit": "takes place",
            "low": 0.0,
            "high": 1.0,
            "usual": 1.0,
            "step": 1.0,
            "was": 1.0,
            "whole": True,
            "switch": True,
            "source": short(event.source),
        }
        for event in case.config.scenario.timeline
        if event.set
    ]


def moved(question: Question, name: str, value: float | None) -> Question:
    """Return a question with a slider or switch of the page moved, or with None put back."""
    if name == HORIZON:
        months = None if value is None else int(MONTHS.checked(HORIZON, value))
        return replace(question, months=months)
    if name.startswith(EVENT):
        return question.leaving_out(name.removeprefix(EVENT), value is not None and value < 1)
    if name.startswith(ROW):
        event, _, lever = name.removeprefix(ROW).rpartition(".")
        return question.moving(event, lever, value)
    return question.holding(name, value)


def observed(case: Case, curve: str) -> list[dict[str, Any]]:
    """Return what was observed of a curve within the horizon."""
    seen = case.observed.get(curve)
    if seen is None or seen.month > case.months:
        return []
    was = " of the scheme as it was" if departures(case) else ""
    label = f"observed{was}: {seen.value:,.0f} ({short(seen.source)})"
    return [{"month": seen.month, "value": seen.value, "label": label}]


def events(case: Case) -> list[dict[str, Any]]:
    """Return the timeline within the horizon."""
    return [
        {"month": event.month, "label": short(f"{event.date}: {event.label}")}
        for event in case.events
        if event.month <= case.months
    ]


def csv_of(runs: Runs) -> str:
    """Return the outcomes of every run as CSV."""
    outcomes = runs.chunk.outcomes
    names = list(outcomes.dtype.names)
    lines = [",".join(names)]
    for record in outcomes:
        lines.append(
            ",".join(
                np.format_float_positional(record[n], trim="-")
                if outcomes.dtype[n].kind == "f"
                else str(record[n])
                for n in names
            )
        )
    return "\n".join(lines) + "\n"
