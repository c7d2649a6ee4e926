"""Many points at once: levers, parameters and choices, every combination or a sample."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from uptake.api.what_if import as_asked
from uptake.config.axes import Axes, is_numbered
from uptake.config.overrides import Choice, each_once, typed
from uptake.config.sweep import Quiet, prepared
from uptake.engine.designs import Axis
from uptake.errors import wrong
from uptake.files import temporary_folder
from uptake.results.reading import SweepTables, open_sweep
from uptake.results.sweep import run_sweep

if TYPE_CHECKING:
    from uptake.api.scheme import Scenario

_CHOSEN = ("scenario", "structure", "parameters")


def _axis(key: str, values: Any, design: str | None) -> Axis:
    """Return an axis of numbers; of a sample, two ends in a tuple are an interval."""
    try:
        found = [np.nan if value is None else _number(value) for value in values]
    except (TypeError, ValueError):
        raise wrong(key, values, "numbers are needed, or None for what the scenario has") from None
    if isinstance(values, tuple) and design in ("lhs", "sobol") and len(found) == 2:
        return Axis(key, None, found[0], found[1])
    return Axis(key, np.array(each_once(found, partial(wrong, key, values))))


def _number(value: Any) -> float:
    """Return a number; what is none raises ValueError or TypeError."""
    number = float(value)
    if np.isnan(number):
        raise ValueError
    return number


def _choices(key: str, values: Sequence[Any]) -> list[Choice]:
    """Return the choices of an axis that is composed, each once."""
    found = [
        Choice(f"{key}={typed(value)}", value if isinstance(value, int | float) else str(value))
        for value in values
    ]
    return each_once(found, partial(wrong, key, values))


def _listed(values: Any) -> Sequence[Any]:
    """Return the values of an axis, one if it is no list."""
    alone = isinstance(values, str) or not hasattr(values, "__iter__")
    return [values] if alone else values if isinstance(values, tuple) else list(values)


def sweep(
    scenario: Scenario | str,
    others: Mapping[str, Any] | None = None,
    /,
    *,
    runs: int | None = None,
    seed: int | None = None,
    design: str | None = None,
    points: int | None = None,
    out: str | Path | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    **axes: Any,
) -> SweepTables:
    """Run a scenario at many points, all on the same behaviour and random numbers.

    Parameters
    ----------
    scenario
        What is asked at every point, but for the axes; or the name of a scenario.
    others
        Axes by any key of the command line, such as ``"parameters.priors.sovereignty.value"``.
    runs
        Of every point, 1,000 unless an experiment says otherwise.
    seed
        Of all random numbers, 1 if left out.
    design
        ``"grid"``, every combination, as usual; ``"lhs"`` or ``"sobol"``, a sample of ``points``.
    points
        Of a sample.
    out
        A folder to keep it in, which ``open_sweep`` opens; else a temporary one, which is there
        until Python ends.
    threads
        As many as the machine has, if left out.
    executor
        A pool of ``concurrent.futures`` instead, such as Dask's ``Client.get_executor()``.
    **axes
        Values by lever, or by ``structure``, ``parameters`` or ``scenario``; of a sample, a tuple
        of two numbers is an interval.

    Returns
    -------
    SweepTables
        ``summary("joined")`` is a row a point; tables turn into pandas, Polars or Arrow.
    """
    base = as_asked(scenario)
    named = {name if name in _CHOSEN else f"levers.{name}": v for name, v in axes.items()}
    wanted = {key: _listed(values) for key, values in {**named, **(others or {})}.items()}
    folder = Path(out) if out is not None else temporary_folder()
    settings = {
        "sweep.runs": runs,
        "seed": seed,
        "sweep.design": design,
        "sweep.points": points,
        "out": str(folder),
        "threads": threads,
    }
    try:
        asked = base.asking(settings, free=wanted)
        found = Axes(
            fixed=asked.overrides,
            numbers=[_axis(key, v, design) for key, v in wanted.items() if is_numbered(key)],
            composed={key: _choices(key, v) for key, v in wanted.items() if not is_numbered(key)},
        )
        said = [f"{key}={','.join(map(typed, values))}" for key, values in wanted.items()]
        told = replace(asked, overrides=[*asked.overrides, *said])
        run_sweep(prepared(told, found, Quiet()), Quiet(), executor)
        tables = open_sweep(folder)
    except BaseException:
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return tables
