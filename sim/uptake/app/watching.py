"""One run to watch, trust by trust: where each is drawn, and how."""

import math
from typing import Any

import mesa
import numpy as np

from uptake.api.mesa import Model
from uptake.api.scheme import Scenario
from uptake.app.parts import short
from uptake.engine.mesa import SharedServiceModel
from uptake.model.entities import (
    CONSIDERING,
    DECLINED,
    EXEMPT,
    IDLE,
    LEFT,
    SERVED,
    SIGNED,
    STAGE_NAMES,
)
from uptake.report.text.reasons import name_of, region_of

_ACROSS = 1000
_GAP, _HEAD, _LARGEST, _SMALLEST = 6, 22, 11.0, 4.0

# Okabe and Ito (2008) with greys; the shapes say the same without colour.
LOOKS = {
    IDLE: ("#ffffff", "circle"),
    CONSIDERING: ("#E69F00", "triangle"),
    DECLINED: ("#D55E00", "diamond"),
    SIGNED: ("#56B4E9", "square"),
    SERVED: ("#009E73", "square"),
    LEFT: ("#CC79A7", "cross"),
    EXEMPT: ("#999999", "circle"),
}
COLOURS = [LOOKS[stage][0] for stage in range(len(STAGE_NAMES))]
SHAPES = [LOOKS[stage][1] for stage in range(len(STAGE_NAMES))]


class WatchedModel(Model):
    """A run for SolaraViz, which takes ``**levers`` for a parameter that is missing."""

    def __init__(self, scenario: Scenario, run: int = 0, seed: int = 1) -> None:
        super().__init__(scenario, run, seed)


def forget(model: SharedServiceModel) -> None:
    """Let a model go: Mesa 3.3 keeps a counter for every model there ever was, and so the model."""
    counters = getattr(mesa.Agent, "_ids", None)
    if counters is not None:
        counters.pop(model, None)


def layout(model: Model) -> dict[str, Any]:
    """Places of regions and trusts on the drawing: fixed for the run, by region and size."""
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
    for start in range(0, regions, columns):
        tall = max(heights[start : start + columns])
        for region in range(start, min(start + columns, regions)):
            left = (region - start) * wide
            name = region_of(model.case.people, region)
            box = {"x": left + 2, "y": top + 2, "width": wide - 4, "height": tall - 4}
            boxes.append({"name": name[: max(6, int(wide / 8))], **box})
            _place(lines[region], radii, left + 2 * _GAP, top + _HEAD, places)
        top += tall
    for row, place in enumerate(places):
        place["name"] = short(name_of(model.case.people, model.trusts[row].record))
    return {"places": places, "regions": boxes, "across": _ACROSS, "down": math.ceil(top)}


def _packed(rows: list[int], radii: Any, wide: float) -> list[list[int]]:
    """Trusts of a region line by line, the largest first."""
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


def stages(model: Model) -> list[int]:
    """Stage of every trust."""
    return [int(stage) for stage in model.state.trusts.stage]
