"""From what Hydra's grammar reads in an override to the values of an axis."""

import math
import sys
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import PurePath
from typing import Any, NamedTuple, TypeVar

import numpy as np
from hydra.core.override_parser.types import Glob, IntervalSweep, Override, RangeSweep, Sweep

from uptake.config.compose import Question
from uptake.config.paths import quoted
from uptake.engine.designs import MOST_POINTS, Axis
from uptake.errors import InputError, shortened, wrong

GROUPS = ("scenario", "structure", "parameters", "population")
# Of a command, and the same at every point.
CONTROLS = ("runs", "threads", "figures", "out", "sweep", "executor", "variants", "asked")
_LARGEST = sys.float_info.max
Value = TypeVar("Value")


class Choice(NamedTuple):
    """A value of an axis that is composed: the override that says it, and what it is called."""

    override: str
    label: str | int | float


def refuse(override: Override, allowed: str) -> InputError:
    """Return the refusal of an override as it was typed."""
    return InputError(f"{shortened(override.input_line)}: {allowed}")


def _is_number(value: Any) -> bool:
    """Tell a number that the engine can hold from all else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= _LARGEST  # compares whole numbers of any length, and is false of NaN


def checked(override: Override) -> Override:
    """Refuse what no sweep can take: a key that all points share, an endless or shuffled list."""
    value: Any = override.value()
    key = str(override.key_or_group)
    if override.is_delete():
        raise refuse(override, "a key cannot be taken away; set it to another value")
    if key.split(".")[0] in CONTROLS:
        raise refuse(override, "the same at every point: one value is needed")
    if getattr(value, "tags", None):
        raise refuse(override, "tags have no meaning here")
    if getattr(value, "shuffle", False):
        raise refuse(override, "points are told apart by their order: shuffle would change it")
    if isinstance(value, RangeSweep):
        if not all(map(_is_number, (value.start, value.stop, value.step))):
            raise refuse(override, "range(from, to, step) with numbers is needed")
        if value.step == 0:
            raise refuse(override, "the step of a range cannot be 0")
        start, stop, step = _decimal(value)
        if not 0 < math.ceil((stop - start) / step) <= MOST_POINTS:
            raise refuse(override, f"1 to {MOST_POINTS:,} values are needed")
    return override


def _decimal(value: RangeSweep) -> tuple[Decimal, Decimal, Decimal]:
    """Return start, stop and step of a range as they were typed."""
    start, stop, step = (Decimal(str(end)) for end in (value.start, value.stop, value.step))
    return start, stop, step


def _range(value: RangeSweep) -> list[Any]:
    """Return the values of a range in decimal steps, as typed: 0.7, not 0.7000000000000001."""
    start, stop, step = _decimal(value)
    count = math.ceil((stop - start) / step)
    digits = max(0, *(-int(end.as_tuple().exponent) for end in (start, step)))
    first, by, scale = (int(number * 10**digits) for number in (start, step, Decimal(1)))
    if max(abs(first) + count * abs(by), scale) < 2**53:  # where a quotient of doubles is exact
        return list(((first + by * np.arange(count)) / scale).tolist())
    return [float(start + i * step) for i in range(count)]


def _listed(override: Override) -> list[Any]:
    """Return the values of a list, of which none is a range or an interval itself."""
    value: Any = override.value()
    for element in getattr(value, "list", []):
        if isinstance(element, Sweep):
            raise refuse(override, "a range or an interval stands alone: list its values")
    return list(override.sweep_iterator())


def each_once(values: list[Value], refused: Callable[[str], InputError]) -> list[Value]:
    """Return the values of an axis, or refuse none at all, and one that stands twice."""
    if not values:
        raise refused("at least one value is needed")
    if len(set(values)) < len(values):
        raise refused("a value stands twice")
    return values


def number_axis(override: Override, key: str) -> Axis:
    """Return an axis of numbers from a list, range or interval."""
    value: Any = override.value()
    if isinstance(value, IntervalSweep):
        low: Any = value.start
        high: Any = value.end
        if not (_is_number(low) and _is_number(high) and low < high):
            raise refuse(override, "interval(from, to) with from below to is needed")
        whole = isinstance(low, int) and isinstance(high, int)
        return Axis(key, None, float(low), float(high), whole=whole)
    if isinstance(value, Glob):
        raise refuse(override, "a number is needed, not a pattern")
    levels: list[Any]
    levels = _range(value) if isinstance(value, RangeSweep) else _listed(override)
    for level in levels:
        if level is not None and not _is_number(level):
            raise wrong(key, getattr(level, "text", level), "a number is needed")
    found = [np.nan if level is None else float(level) for level in levels]
    return Axis(key, np.array(each_once(found, partial(refuse, override))))


def choices_of(override: Override, asked: Question) -> list[Choice]:
    """Return the choices of an axis that is composed."""
    key = str(override.get_key_element())
    value: Any = override.value()
    if isinstance(value, IntervalSweep):
        raise refuse(
            override, "only levers and parameters can be drawn from an interval; list the values"
        )
    if isinstance(value, Glob):
        if key not in GROUPS:
            raise refuse(override, f"patterns are for {', '.join(GROUPS)}")
        labels: list[Any] = value.filter(asked.choices(key))
        labels.sort(key="default".__ne__)  # first, as effects are told against the first
        if not labels:
            raise refuse(override, f"matches none of {', '.join(asked.choices(key))}")
    elif key in GROUPS:
        names = ["null" if label is None else str(label) for label in _listed(override)]
        labels = [asked.known(key, name) for name in names]
    else:
        labels = _listed(override)
    if key in GROUPS:
        texts, named = list(map(as_typed, labels)), labels
    else:
        texts = list(override.sweep_string_iterator())
        plain = next((t for t in (int, float) if all(type(x) in (int, t) for x in labels)), None)
        named = [plain(x) if plain else text for x, text in zip(labels, texts, strict=True)]
    found = [Choice(f"{key}={t}", n) for t, n in zip(texts, named, strict=True)]
    return each_once(found, partial(refuse, override))


def typed(value: Any) -> str:
    """Return a value of Python's as it would be typed, in Hydra's grammar."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(typed, value))}]"
    if isinstance(value, str | PurePath):
        return as_typed(str(value)) if str(value).isidentifier() else quoted(str(value))
    raise InputError(f"{shortened(value)}: a number, a text or a list of them is needed")


def as_typed(name: str) -> str:
    """Return the name of a file as Hydra's grammar takes it: ``2009`` would be a number."""
    return name if name.isidentifier() else f"'{name}'"
