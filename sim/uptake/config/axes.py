"""From overrides with several values to the axes of a sweep, and from axes to groups of points.

Levers, and parameters held fixed, are numbers that the engine takes as arrays; any other key makes
a configuration of its own, which is composed once however many points share it.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from numpy.typing import NDArray

from uptake.config.case import parameter_range
from uptake.config.compose import Question
from uptake.config.overrides import Choice, checked, choices_of, number_axis
from uptake.config.refusals import in_one_line
from uptake.config.schema import Run, Within
from uptake.config.timeline import lever_range
from uptake.engine.designs import MOST_POINTS, Axis, Floats, Grid, Listed, Points, sampled
from uptake.errors import InputError, shortened, wrong

_NUMBERED = re.compile(r"levers\.(?P<lever>\w+)|parameters\.priors\.(?P<parameter>\w+)\.value")


@dataclass(frozen=True)
class Group:
    """Points that share a configuration."""

    choices: dict[str, Choice]  # by key
    points: Points
    where: str = ""  # the first of them in a file, for what may be said of it
    note: str = ""  # what is to be told of that file

    def overrides(self) -> list[str]:
        """Return the overrides that choose the configuration."""
        return [choice.override for choice in self.choices.values()]


@dataclass(frozen=True)
class Axes:
    """What was asked for: the overrides that hold everywhere, and the axes in their order."""

    fixed: list[str]
    numbers: list[Axis]  # for the engine
    composed: dict[str, list[Choice]]


def axes_of(asked: Question) -> Axes:
    """Return the axes that were asked for, each key checked against the configuration."""
    fixed: list[str] = []
    numbers: dict[str, Axis] = {}
    composed: dict[str, list[Choice]] = {}
    for override in map(_parsed, asked.overrides):
        key = str(override.key_or_group)
        if not override.is_sweep_override():
            fixed.append(str(override.input_line))
            continue
        if is_numbered(key):
            numbers[key] = number_axis(checked(override), key)
        else:
            composed[key] = choices_of(checked(override), asked)
    return Axes(fixed, list(numbers.values()), composed)


def _parsed(typed: str) -> Override:
    """Return what Hydra's grammar reads in an override, or refuse what it cannot read."""
    try:
        (override,) = OverridesParser.create().parse_overrides([typed])
        return override
    except Exception as problem:  # Hydra's own, said in one line; others are raised again
        line = in_one_line(problem, [typed])
        if line is None:
            raise
        raise InputError(shortened(line.replace(typed, shortened(typed)), 300)) from None


def is_numbered(key: str) -> bool:
    """Tell whether a key is a lever's or a parameter's, whose values the engine takes as arrays."""
    return _NUMBERED.fullmatch(key) is not None


def allowed_numbers(config: Run, key: str) -> Within:
    """Return what a key of the engine can be; a name that the model does not have is refused."""
    match = _NUMBERED.fullmatch(key)
    assert match is not None
    if match["parameter"]:
        return parameter_range(config, match["parameter"])
    if any(match["lever"] in values for values in config.timeline.values()):
        raise InputError(
            f"{key}: it is held throughout; timeline.*.{match['lever']} would change nothing"
        )
    return lever_range(match["lever"])


def _outside(values: Floats, allowed: Within) -> NDArray[np.bool_]:
    """Tell which values are none that is allowed."""
    inside = (allowed.low <= values) & (values <= allowed.high)
    if allowed.whole:
        inside &= values % 1.0 == 0.0
    return ~np.isnan(values) & ~inside


def _check_axis(config: Run, axis: Axis) -> Axis:
    """Return an axis all of whose values are allowed; whole numbers where a lever needs them."""
    allowed = allowed_numbers(config, axis.key)
    values = np.array([axis.low, axis.high]) if axis.values is None else axis.values
    for value in values[_outside(values, allowed)][:1]:
        allowed.checked(axis.key, float(value))
    return axis if axis.values is not None else replace(axis, whole=axis.whole or allowed.whole)


def groups_of(
    axes: Axes, config: Run, points_of_file: Callable[[Path], list[Group]]
) -> list[Group]:
    """Return the points of a sweep by configuration, those of a configuration one after another.

    ``config`` is the configuration of the first, which says how points are chosen, and
    ``points_of_file`` gives those of a file.
    """
    sweep = config.sweep
    is_sample, is_file = sweep.design in ("lhs", "sobol"), sweep.design == "file"
    for key, given, is_needed, what, designs in (
        ("sweep.points", sweep.points, is_sample, "a number", "lhs or sobol"),
        ("sweep.file", sweep.file, is_file, "a file", "file"),
    ):
        if (given is not None) != is_needed:
            needed = "is needed with" if is_needed else "is for"
            raise wrong(key, given, f"{what} {needed} sweep.design={designs}")
    if is_file:
        if axes.numbers or axes.composed:
            raise InputError(
                f"{(*axes.composed, *(a.key for a in axes.numbers))[0]}: "
                "the file says what differs: only one value can be given here"
            )
        return points_of_file(Path(str(sweep.file)))
    numbers = [_check_axis(config, axis) for axis in axes.numbers]
    if is_sample:
        return _from_sample(numbers, axes.composed, config)
    for axis in numbers:
        if axis.values is None:
            raise InputError(
                f"{axis.key}=interval({axis.low:g},{axis.high:g}): "
                "an interval is for sweep.design=lhs or sobol; a grid needs a list or a range"
            )
    grid = Grid(
        tuple(axis.key for axis in numbers),
        tuple(axis.values for axis in numbers if axis.values is not None),
    )
    points = math.prod(map(len, axes.composed.values())) * grid.count
    if points > MOST_POINTS:
        raise InputError(f"{points:,} points: at most {MOST_POINTS:,} can be swept at once")
    return [
        Group(dict(zip(axes.composed, choices, strict=True)), grid)
        for choices in itertools.product(*axes.composed.values())
    ]


def _from_sample(
    numbers: Sequence[Axis], composed: Mapping[str, Sequence[Choice]], config: Run
) -> list[Group]:
    """Return the points of a sample of the axes."""
    points = config.sweep.points or 0
    choices = [
        Axis(key, np.arange(len(found), dtype=np.float64)) for key, found in composed.items()
    ]
    if not choices and not numbers:
        raise InputError(f"sweep.design={config.sweep.design}: a key with several values is needed")
    rows = sampled(config.sweep.design, [*choices, *numbers], points, config.seed)
    levels = rows[:, : len(choices)].astype(np.int64)
    combinations, first, member = np.unique(levels, axis=0, return_index=True, return_inverse=True)
    keys, member = tuple(axis.key for axis in numbers), member.reshape(-1)
    groups = []
    for i in np.argsort(first):  # in the order in which they first stand
        chosen = {key: composed[key][at] for key, at in zip(composed, combinations[i], strict=True)}
        groups.append(Group(chosen, Listed(keys, rows[member == i, len(choices) :])))
    return groups
