"""Levers, events and horizon as sliders and switches: rows for the browser, no state."""

import math
from dataclasses import replace
from typing import Any

from uptake.app.parts import short
from uptake.app.question import Question
from uptake.config.case import Case
from uptake.config.schema import LeverMeaning
from uptake.config.schema.scenario import MONTHS
from uptake.model.levers import IMPULSES
from uptake.report.scenario import lever_source
from uptake.report.text.question import course, lever_name, levers_of, moves_of, none_from

HORIZON, EVENT, ROW = "months", "event-", "timeline."  # what moves like a lever, and is none


def _step(meaning: LeverMeaning, top: float) -> float:
    """Step of a slider: a hundredth of its length, or the next round number below."""
    if meaning.whole:
        return 1.0
    rough = (top - meaning.low) / 100.0
    power = 10.0 ** math.floor(math.log10(rough))
    return float(max(by * power for by in (1.0, 2.0, 5.0) if by * power <= rough * 1.0001))


def _rows(case: Case, name: str, meaning: LeverMeaning) -> list[dict[str, Any]]:
    """A lever as a slider or switch that holds it, then its values by the timeline."""
    was = float(case.episode.levers[0][name])
    moves, given = moves_of(case, name), short(lever_source(case, name))
    top = meaning.high if meaning.usual is None else meaning.usual
    ends = [was, *(move.was for move in moves)]
    top = max([top, *(value for value in ends if value < none_from(name))])
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
            "none": none_from(name) if none_from(name) < math.inf else None,
            "whole": meaning.whole,
            "switch": bool(meaning.whole and meaning.low == 0.0 and meaning.high == 1.0),
            "source": source,
        }

    throughout = "The slider holds it throughout; those below move the launch or a row by itself."
    source = f"{given}. {throughout}" if moves else given
    found = [row(name, meaning.meaning, was, source) | {"course": course(moves)}]
    for move in moves:
        source, label = given, move.when
        if move.event in events:
            event = events[move.event]
            source, label = short(event.set[name].source), f"{move.when}, {short(event.label)}"
        found.append(
            row(f"{ROW}{move.event}.{name}", f"{lever_name(case, name)}, {label}", move.was, source)
            | {"of": name, "label": label, "event": f"{EVENT}{move.event}"}
        )
    return found


def lever_groups(case: Case) -> list[dict[str, Any]]:
    """Sliders and switches of an episode as it was, in groups.

    Levers of the scheme come first, then its events, then all other levers.
    """
    scenario = case.config.scenario
    used = {*scenario.levers, *(name for event in scenario.timeline for name in event.set)}
    groups: dict[str, list[dict[str, Any]]] = {"": []}
    for name, meaning in levers_of(case).items():
        if name in IMPULSES:
            continue
        groups.setdefault("" if name in used else meaning.group, []).extend(
            _rows(case, name, meaning)
        )
    first = groups.pop("") + [_horizon(case)]
    titled = {"Levers of this scheme": first, "Events": _events(case)}
    titled |= {f"More: {name}": levers for name, levers in groups.items()}
    return [
        {"title": title, "open": not title.startswith("More"), "levers": rows}
        for title, rows in titled.items()
        if rows
    ]


def held(case: Case) -> dict[str, float]:
    """Values of the sliders and switches that are moved, by name."""
    found = dict(case.overridden) | {f"{EVENT}{name}": 0.0 for name in case.config.without}
    found |= {f"{ROW}{m.event}.{m.lever}": m.asked for m in case.moves if m.asked is not None}
    return found | ({} if case.config.months is None else {HORIZON: float(case.months)})


def _horizon(case: Case) -> dict[str, Any]:
    """The horizon as a slider."""
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
    """Events of the timeline that set levers, as switches."""
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
        if event.acts
    ]


def moved(question: Question, name: str, value: float | None) -> Question:
    """A question with a slider or switch of the page moved, or with None put back."""
    if name == HORIZON:
        months = None if value is None else int(MONTHS.checked(HORIZON, value))
        return replace(question, months=months)
    if name.startswith(EVENT):
        return question.leaving_out(name.removeprefix(EVENT), value is not None and value < 1)
    if name.startswith(ROW):
        event, _, lever = name.removeprefix(ROW).rpartition(".")
        return question.moving(event, lever, value)
    return question.overriding(name, value)
