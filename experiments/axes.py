"""From overrides with several values to the axes of a sweep, and from axes to groups of points.

Levers, and parameters held fixed, are numbers that the engine takes as arrays; any other key makes
a configuration of its own, which is composed once however many points share it.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (
    Glob,
    IntervalSweep,
    Override,
    RangeSweep,
)
from numpy.typing import NDArray

from experiments.composition import Question
from experiments.refusals import in_one_line, known_key
from sim.configuration import Run
from sim.designs import DESIGNS, MOST_POINTS, Axis, Floats, Grid, Listed, Points, sampled
from sim.errors import InputError, one_of, refusal, whole, within
from sim.inputs import LEVERS
from sim.levers import lever_range
from sim.parameters import PARAMETERS
from sim.scenario import parameter_range

_NUMBERED = re.compile(r"levers\.(?P<lever>\w+)|parameters\.priors\.(?P<parameter>\w+)\.value")
_ALIKE = ("runs", "threads", "out", "sweep", "executor", "variants", "asked")
GROUPS = ("scenario", "structure", "parameters", "population")


class Choice(NamedTuple):
    """A value of an axis that is composed: the override that says it, and what it is called."""

    override: str
    label: str | float


@dataclass(frozen=True)
class Group:
    """Points that share a configuration."""

    choices: dict[str, Choice]  # by key
    points: Points

    def overrides(self) -> list[str]:
        """Return the overrides that choose the configuration."""
        return [choice.override for choice in self.choices.values()]


@dataclass(frozen=True)
class Axes:
    """What was asked for: the overrides that hold everywhere, and the axes in their order."""

    fixed: list[str]
    numbers: list[Axis]  # for the engine
    composed: dict[str, list[Choice]]


def _refuse(override: Override, allowed: str) -> InputError:
    """Return the refusal of an override as it was typed."""
    return InputError(f"{override.input_line}: {allowed}")


def _checked(override: Override) -> Override:
    """Refuse what no sweep can take: a key that all points share, an endless or shuffled list."""
    value: Any = override.value()
    key = str(override.key_or_group)
    if key.split(".")[0] in _ALIKE:
        raise _refuse(override, "the same at every point: one value is needed")
    if getattr(value, "tags", None):
        raise _refuse(override, "tags have no meaning here")
    if getattr(value, "shuffle", False):
        raise _refuse(override, "points are told apart by their order: shuffle would change it")
    if isinstance(value, RangeSweep):
        ends = (value.start, value.stop, value.step)
        if not all(isinstance(end, int | float) and math.isfinite(end) for end in ends):
            raise _refuse(override, "range(from, to, step) with numbers is needed")
        if value.step == 0:
            raise _refuse(override, "the step of a range cannot be 0")
        levels = (float(value.stop or 0) - float(value.start or 0)) / value.step
        if not 0 < levels <= MOST_POINTS:
            raise _refuse(override, f"1 to {MOST_POINTS:,} values are needed")
    return override


def _numbers(override: Override, key: str) -> Axis:
    """Return an axis of numbers from a list, range or interval."""
    value: Any = override.value()
    if isinstance(value, IntervalSweep):
        low, high = value.start, value.end
        if not (isinstance(low, int | float) and isinstance(high, int | float) and low < high):
            raise _refuse(override, "interval(from, to) with from below to is needed")
        return Axis(key, None, low, high, whole=isinstance(low, int) and isinstance(high, int))
    if isinstance(value, Glob):
        raise _refuse(override, "a number is needed, not a pattern")
    levels: list[Any] = list(override.sweep_iterator())
    for level in levels:
        if level is not None and (isinstance(level, bool) or not isinstance(level, int | float)):
            raise InputError(refusal(key, level, "a number is needed"))
    found = np.array([np.nan if level is None else float(level) for level in levels])
    if not len(found):
        raise _refuse(override, "at least one value is needed")
    if np.isinf(found).any() or sum(level is None for level in levels) < np.isnan(found).sum():
        raise _refuse(override, "a number is needed")
    if len(np.unique(found)) < len(found):
        raise _refuse(override, "a value stands twice")
    return Axis(key, found)


def _choices(override: Override, asked: Question) -> list[Choice]:
    """Return the choices of an axis that is composed."""
    key = str(override.get_key_element())
    value: Any = override.value()
    if isinstance(value, IntervalSweep):
        allowed = "only levers and parameters can be drawn from an interval; list the values"
        raise _refuse(override, allowed)
    if isinstance(value, Glob):
        if key not in GROUPS:
            raise _refuse(override, f"patterns are for {', '.join(GROUPS)}")
        labels: list[Any] = value.filter(asked.choices(key))
        texts = [str(label) for label in labels]
        if not labels:
            allowed = f"matches none of {', '.join(asked.choices(key))}"
            raise _refuse(override, allowed)
    else:
        labels = list(override.sweep_iterator())
        texts = list(override.sweep_string_iterator())
    plain = all(isinstance(x, int | float) and not isinstance(x, bool) for x in labels)
    named = [float(x) if plain else text for x, text in zip(labels, texts, strict=True)]
    found = [Choice(f"{key}={t}", n) for t, n in zip(texts, named, strict=True)]
    if len(set(found)) < len(found):
        raise _refuse(override, "a value stands twice")
    return found


def axes_of(asked: Question) -> Axes:
    """Return the axes that were asked for, each key checked against the configuration."""
    fixed: list[str] = []
    numbers: dict[str, Axis] = {}
    composed: dict[str, list[Choice]] = {}
    try:
        parsed = OverridesParser.create().parse_overrides(asked.overrides)
    except Exception as problem:  # Hydra's own, said in one line; others are raised again
        line = in_one_line(problem, asked.overrides)
        if line is None:
            raise
        raise InputError(line) from None
    for override in parsed:
        key = str(override.key_or_group)
        if not override.is_sweep_override():
            fixed.append(str(override.input_line))
            continue
        if key in numbers or key in composed:
            raise _refuse(_checked(override), f"{key} has several values already")
        if is_numbered(key):
            _name_of(key)
            numbers[key] = _numbers(_checked(override), key)
        else:
            composed[key] = _choices(_checked(override), asked)
    for typed in fixed:
        if typed.split("=")[0].lstrip("+") in (*numbers, *composed):
            raise InputError(f"{typed}: this key has several values already")
    return Axes(fixed, list(numbers.values()), composed)


def is_numbered(key: str) -> bool:
    """Tell whether a key is a lever's or a parameter's, whose values the engine takes as arrays."""
    return _NUMBERED.fullmatch(key) is not None


def _name_of(key: str) -> tuple[bool, str]:
    """Return whether a key of the engine is that of a lever, and the lever's or parameter's name.

    A name that the model does not have is refused.
    """
    match = _NUMBERED.fullmatch(key)
    assert match is not None
    is_lever = match["lever"] is not None
    name = match["lever"] if is_lever else match["parameter"]
    if name not in ((LEVERS if is_lever else PARAMETERS).names or ()):
        raise InputError(f"{key}: {known_key(key)}")
    return is_lever, name


def allowed_numbers(config: Run, key: str) -> tuple[float, float, bool, str]:
    """Return what a key of the engine can be: from, to, whether whole, and its unit."""
    is_lever, name = _name_of(key)
    return lever_range(name) if is_lever else parameter_range(config, name)


def _outside(values: Floats, allowed: tuple[float, float, bool, str]) -> NDArray[np.bool_]:
    """Tell which values are none that is allowed."""
    low, high, is_whole, _ = allowed
    inside = (low <= values) & (values <= high)
    if is_whole:
        inside &= values % 1.0 == 0.0
    return ~np.isnan(values) & ~inside


def refuse_value(key: str, value: float, allowed: tuple[float, float, bool, str]) -> None:
    """Refuse a value that is not allowed."""
    low, high, is_whole, unit = allowed
    if is_whole:
        whole(key, value, int(low), int(high), unit)
    within(key, value, low, high, unit)


def _check_axis(config: Run, axis: Axis) -> Axis:
    """Return an axis all of whose values are allowed; whole numbers where a lever needs them."""
    allowed = allowed_numbers(config, axis.key)
    values = np.array([axis.low, axis.high]) if axis.values is None else axis.values
    for value in values[_outside(values, allowed)][:1]:
        refuse_value(axis.key, float(value), allowed)
    return axis if axis.values is not None else replace(axis, whole=axis.whole or allowed[2])


def groups_of(axes: Axes, config: Run, asked: Question) -> list[Group]:
    """Return the points of a sweep by configuration, those of a configuration one after another.

    ``config`` is the configuration of the first, which says how points are chosen.
    """
    sweep = config.sweep
    one_of("sweep.design", sweep.design, DESIGNS)
    is_sample, is_file = sweep.design in ("lhs", "sobol"), sweep.design == "file"
    if (sweep.points is not None) != is_sample:
        needed = "is needed with" if is_sample else "is for"
        raise InputError(
            f"sweep.points={sweep.points}: a number {needed} sweep.design=lhs or sobol"
        )
    if (sweep.file is not None) != is_file:
        needed = "is needed with" if is_file else "is for"
        raise InputError(f"sweep.file={sweep.file}: a file {needed} sweep.design=file")
    if is_file:
        if axes.numbers or axes.composed:
            allowed = "the file says what differs: only one value can be given here"
            raise InputError(f"{(*axes.composed, *(a.key for a in axes.numbers))[0]}: {allowed}")
        from experiments.design_file import points_of_file

        return points_of_file(Path(str(sweep.file)), config, asked)
    numbers = [_check_axis(config, axis) for axis in axes.numbers]
    if is_sample:
        return _from_sample(numbers, axes.composed, config)
    for axis in numbers:
        if axis.values is None:
            allowed = "an interval is for sweep.design=lhs or sobol; a grid needs a list or a range"
            raise InputError(f"{axis.key}=interval({axis.low:g},{axis.high:g}): {allowed}")
    grid = Grid(
        tuple(axis.key for axis in numbers),
        tuple(axis.values for axis in numbers if axis.values is not None),
    )
    combinations = math.prod(map(len, axes.composed.values()))
    within("points", combinations * grid.count, 1, MOST_POINTS, "points of the grid")
    return [
        Group(dict(zip(axes.composed, choices, strict=True)), grid)
        for choices in itertools.product(*axes.composed.values())
    ]


def _from_sample(
    numbers: Sequence[Axis], composed: Mapping[str, Sequence[Choice]], config: Run
) -> list[Group]:
    """Return the points of a sample of the axes."""
    points = whole("sweep.points", config.sweep.points or 0, 1, MOST_POINTS, "points")
    choices = [
        Axis(key, np.arange(len(found), dtype=np.float64)) for key, found in composed.items()
    ]
    if not choices and not numbers:
        raise InputError(f"sweep.design={config.sweep.design}: a key with several values is needed")
    rows = sampled(config.sweep.design, [*choices, *numbers], points, config.seed)
    found = [
        {key: composed[key][int(level)] for key, level in zip(composed, row, strict=False)}
        for row in rows[:, : len(choices)]
    ]
    return grouped(found, tuple(axis.key for axis in numbers), rows[:, len(choices) :])


def grouped(found: Sequence[dict[str, Choice]], keys: tuple[str, ...], rows: Floats) -> list[Group]:
    """Return points one by one as groups, in the order in which their choices first stand."""
    members: dict[tuple[Choice, ...], list[int]] = {}
    for row, choices in enumerate(found):
        members.setdefault(tuple(choices.values()), []).append(row)
    return [Group(found[at[0]], Listed(keys, rows[at])) for at in members.values()]
