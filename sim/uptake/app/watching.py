"""One run to watch, trust by trust: where each is drawn, what it is, why it decided as it did."""

from __future__ import annotations

import math
from typing import Any

import mesa
import numpy as np

from uptake.analysis.reasons import reasons
from uptake.app.wording import short
from uptake.config.case import Case
from uptake.engine.mesa import SharedServiceModel
from uptake.model.entities import (
    CONSIDERING,
    DECLINED,
    EXEMPT,
    IDLE,
    INTERESTED,
    JOINED,
    LEFT,
    LIVE,
    MIGRATING,
    STAGE_NAMES,
)
from uptake.report.text.numbers import money
from uptake.report.trusts import name_of

_ACROSS = 1000
_GAP, _HEAD, _LARGEST, _SMALLEST = 6, 22, 11.0, 4.0

# Okabe and Ito (2008) with greys; the shapes say the same without colour.
LOOKS = {
    IDLE: ("#ffffff", "circle"),
    INTERESTED: ("#F0E442", "circle"),
    CONSIDERING: ("#E69F00", "triangle"),
    DECLINED: ("#D55E00", "diamond"),
    JOINED: ("#56B4E9", "square"),
    MIGRATING: ("#0072B2", "square"),
    LIVE: ("#009E73", "square"),
    LEFT: ("#CC79A7", "cross"),
    EXEMPT: ("#999999", "circle"),
}
COLOURS = [LOOKS[stage][0] for stage in range(len(STAGE_NAMES))]
SHAPES = [LOOKS[stage][1] for stage in range(len(STAGE_NAMES))]


class WatchedModel(SharedServiceModel):
    """Run ``run`` of a case under Mesa: the very run that the compiled scheduler goes through."""

    def __init__(self, case: Case, run: int = 0) -> None:
        super().__init__(case.episode, case.design(run, 1)[0], case.config.seed, run)
        self.case = case


def forget(model: SharedServiceModel) -> None:
    """Let a model go: Mesa 3.3 keeps a counter for every model there ever was, and so the model."""
    counters = getattr(mesa.Agent, "_ids", None)
    if counters is not None:
        counters.pop(model, None)


def layout(model: WatchedModel) -> dict[str, Any]:
    """Return where regions and trusts are drawn: fixed for the run, by region and size."""
    incomes = np.array([trust.record.income_gbp for trust in model.trusts])
    radii = _SMALLEST + (_LARGEST - _SMALLEST) * np.sqrt(incomes / incomes.max())
    regions = len(model.regions)
    columns = max(1, math.ceil(math.sqrt(1.6 * regions)))
    wide = _ACROSS / columns
    members: list[list[int]] = [[] for _ in range(regions)]
    for row in np.argsort(-incomes, kind="stable"):
        members[int(model.trusts[row].record.region)].append(int(row))
    lines = [_packed(rows, radii, wide - 3 * _GAP) for rows in members]
    heights = [_HEAD + sum(2 * radii[line[0]] + _GAP for line in found) + _GAP for found in lines]
    places: list[dict[str, Any]] = [{} for _ in model.trusts]
    boxes, top = [], 0.0
    names = model.case.people.region_names
    for start in range(0, regions, columns):
        tall = max(heights[start : start + columns])
        for region in range(start, min(start + columns, regions)):
            left = (region - start) * wide
            name = names[region] if names else f"region {region + 1}"
            box = {"x": left + 2, "y": top + 2, "width": wide - 4, "height": tall - 4}
            boxes.append({"name": name[: max(6, int(wide / 8))], **box})
            _place(lines[region], radii, left + 2 * _GAP, top + _HEAD, places)
        top += tall
    for row, place in enumerate(places):
        place["name"] = short(name_of(model.case.people, model.trusts[row].record))
    return {"places": places, "regions": boxes, "across": _ACROSS, "down": math.ceil(top)}


def _packed(rows: list[int], radii: Any, wide: float) -> list[list[int]]:
    """Return the trusts of a region line by line, the largest first."""
    lines: list[list[int]] = []
    used = math.inf
    for row in rows:
        need = 2 * radii[row] + _GAP
        if used + need > wide:
            lines.append([])
            used = 0.0
        lines[-1].append(row)
        used += need
    return lines


def _place(lines: list[list[int]], radii: Any, left: float, top: float, places: Any) -> None:
    """Write the places of a region's trusts."""
    for line in lines:
        across, tall = left, 2 * radii[line[0]]
        for row in line:
            at = across + radii[row]
            places[row] = {"x": round(at, 1), "y": round(top + tall / 2, 1), "r": float(radii[row])}
            places[row]["r"] = round(places[row]["r"], 1)
            across += 2 * radii[row] + _GAP
        top += tall + _GAP


def stages(model: WatchedModel) -> list[int]:
    """Return where every trust stands."""
    return [int(stage) for stage in model.state.trusts.stage]


def facts(model: WatchedModel, row: int) -> list[dict[str, Any]]:
    """Return what a trust is."""
    record, people = model.trusts[row].record, model.case.people
    signed = "never" if record.signed_month < 0 else f"month {record.signed_month}"
    found = {
        "kind": people.kind_names[int(record.kind)].replace("_", " "),
        "stands at": STAGE_NAMES[int(record.stage)],
        "signed": signed,
        "income": money(record.income_gbp) + " a year",
        "spend in scope": money(record.spend_gbp) + " a year",
        "can commit": money(record.budget_gbp),
        "gap to common processes": f"{100 * record.gap:.0f} %",
        "capacity of its management": f"{100 * record.slack:.0f} %",
    }
    return [{"name": name, "cells": [value]} for name, value in found.items()]


def why(model: WatchedModel, row: int) -> tuple[list[str], list[dict[str, Any]]]:
    """Return why a trust decided as it did: sentences, and its terms in pounds."""
    trust = model.trusts[row]
    if trust.decision is None:
        stage = STAGE_NAMES[int(trust.record.stage)]
        return [f"It has not decided yet: it is {stage}."], []
    why = reasons(trust.record, trust.decision)
    did = "joined" if why.joined else "declined"
    if why.turned_away:
        did = "would have joined, and found no place with its provider,"
    said = [
        f"It {did} in month {why.month}. With what it knew, it would want to join with a chance of "
        f"{100 * why.probability:.0f} %."
    ]
    if why.hurried:
        said.append("The deadline was short: it decided as if it had no gap to close.")
    if trust.decision.wants and trust.decision.overruled_share > 0.0:
        part = f"{100 * trust.decision.overruled_share:.0f} %"
        said.append(f"Of those who would not, {part} were overruled by the centre or their region.")
    largest = max((abs(term.logits) for term in why.terms), default=1.0)
    rows = [
        {
            "name": term.name,
            "cells": [f"{'for' if term.logits > 0 else 'against'} {money(abs(term.gbp))}"],
            "bar": term.logits / largest,
        }
        for term in why.terms
    ]
    return said, rows
