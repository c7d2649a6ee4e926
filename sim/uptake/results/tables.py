"""Runs to Parquet: a row a run with outcomes and parameters; curves by run, or bands by point."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from uptake.engine.compiled import Chunk
from uptake.engine.plan import Block, Plan
from uptake.errors import Stopped
from uptake.files import whole_file
from uptake.model._jit import SOURCE
from uptake.model.observation import CURVES, FORMER_NAMES
from uptake.model.parameters import PARAMETER_NAMES
from uptake.results.chunks import marked
from uptake.results.runs import (
    OUTCOME_NAMES,
    QUANTILES,
    Runs,
    breakdown_columns,
    outcome_columns,
)

_NUMBERS_AT_ONCE = 2_000_000  # of curves, written together
FEWEST_RUNS_FOR_BANDS = 5  # with fewer, the runs themselves take less room


def quoted(column: str) -> str:
    """Return a column's name as SQL takes it, whatever it holds (kinds are a user's words)."""
    return '"' + column.replace('"', '""') + '"'


def kinds_of(plan: Plan) -> list[str]:
    """Return the kinds of trusts of every part of a sweep."""
    return list(dict.fromkeys(kind for part in plan.parts for kind in part.kinds))


def _outcome_table(
    chunk: Chunk, kinds: Sequence[str], points: NDArray[np.int64], all_kinds: Sequence[str]
) -> Any:
    """Return a chunk's outcomes as an Arrow table, a row a run; of a failed run, they are null.

    ``all_kinds`` are those of every part of a sweep, so that all chunks have the same columns.
    """
    failed = chunk.errors != ""
    columns = {name: pa.array(chunk.outcomes[name], mask=failed) for name in OUTCOME_NAMES}
    columns |= dict.fromkeys(breakdown_columns(all_kinds), pa.nulls(len(points), pa.int32()))
    counts = np.concatenate([chunk.by_kind, chunk.by_size], axis=1)
    own = zip(breakdown_columns(kinds), counts.reshape(len(counts), -1).T, strict=True)
    columns |= {name: pa.array(column, mask=failed) for name, column in own}
    drawn = chunk.parameters
    columns |= {f"parameter_{name}": pa.array(drawn[name]) for name in PARAMETER_NAMES}
    columns |= {before: columns[now] for before, now in FORMER_NAMES.items()}
    columns |= {
        "run": pa.array(chunk.outcomes["run"]),
        "point": pa.array(points),
        "error": pa.array(chunk.errors, pa.string(), mask=~failed),
    }
    return pa.table({name: columns[name] for name in outcome_columns(all_kinds)})


def _lists(values: NDArray[Any]) -> Any:
    """Return an Arrow array of lists, one a row of ``values``, shape (rows, months)."""
    flat = pa.array(np.ascontiguousarray(values).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])


def _curve_table(chunk: Chunk, points: NDArray[np.int64]) -> Any:
    """Return a chunk's curves as an Arrow table: a row a run, a list of months a column."""
    well = chunk.errors == ""
    columns = {
        "run": pa.array(chunk.outcomes["run"][well]),
        "point": pa.array(points[well]),
    }
    return pa.table(columns | {name: _lists(chunk.curves[name][well]) for name in CURVES})


def bands_of(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return the quantiles of ``QUANTILES`` over the first axis, shape (quantiles, ...)."""
    return np.quantile(values, list(QUANTILES.values()), axis=0).astype(np.float32)


def _band_table(chunk: Chunk, points: NDArray[np.int64]) -> Any:
    """Return the bands of a chunk's curves as an Arrow table: a row a point, lists of months."""
    well = chunk.errors == ""
    numbers = np.unique(points[well])
    rows = [np.flatnonzero(well & (points == number)) for number in numbers]
    are_alike = len({len(of_point) for of_point in rows}) == 1  # as many runs of every point
    columns: dict[str, Any] = {"point": pa.array(numbers)}
    for curve in CURVES:
        values = chunk.curves[curve]
        if are_alike:
            bands = bands_of(values[np.stack(rows, axis=1)])
        else:
            found = [bands_of(values[of_point]) for of_point in rows]
            shape = (len(QUANTILES), 0, values.shape[1])
            bands = np.stack(found, axis=1) if found else np.zeros(shape, np.float32)
        for j, quantile in enumerate(QUANTILES):
            columns[f"{curve}_{quantile}"] = _lists(bands[j])
    return pa.table(columns)


def table_of(runs: Runs) -> Any:
    """Return the runs of a case as an Arrow table: a row a run, a column an outcome."""
    kinds = runs.case.people.kind_names
    return _outcome_table(runs.chunk, kinds, np.zeros(len(runs), np.int64), kinds)


def save(runs: Runs, folder: Path) -> None:
    """Write ``outcomes.parquet`` and ``curves.parquet``, some thousand runs at a time."""
    size = max(1, _NUMBERS_AT_ONCE // runs.chunk.curves[:1].size)
    with (
        whole_file(folder / "outcomes.parquet") as outcomes,
        whole_file(folder / "curves.parquet") as curves,
        ExitStack() as writers,
    ):
        opened: dict[Path, Any] = {}
        for start in range(0, len(runs), size):
            part = runs.rows(start, start + size)
            points = np.zeros(len(part), np.int64)
            tables = {outcomes: table_of(part), curves: _curve_table(part.chunk, points)}
            for path, table in tables.items():
                if path not in opened:
                    writer = pq.ParquetWriter(path, table.schema, compression="zstd")
                    opened[path] = writers.enter_context(writer)
                opened[path].write_table(table)


def tables_of(plan: Plan, block: Block, keep_curves: bool) -> tuple[str, ...]:
    """Return which tables a chunk of a sweep is kept in: the last one is written last."""
    whole = block.runs == plan.runs >= FEWEST_RUNS_FOR_BANDS
    return (
        *(["bands"] if whole else []),
        *(["curves"] if keep_curves or not whole else []),
        "outcomes",
    )


def encoded(
    plan: Plan, keep_curves: bool, source: str, sweep: str, number: int
) -> dict[str, bytes]:
    """Run a chunk of a sweep, and return its tables as Parquet files, by name.

    ``source`` is the hash of the package that planned it: another machine must have the same.
    ``sweep`` is the sweep's fingerprint, which every file holds.
    """
    if source != SOURCE:
        raise Stopped("a worker has another version of the package than the one that planned this")
    block = plan.block(number)
    part = plan.parts[block.part]
    chunk = plan.run(block)
    first = part.first_point + block.point
    points = np.repeat(np.arange(first, first + block.points), block.runs)
    files = {}
    for name in tables_of(plan, block, keep_curves):
        table = {
            "bands": lambda: _band_table(chunk, points),
            "curves": lambda: _curve_table(chunk, points),
            "outcomes": lambda: _outcome_table(chunk, part.kinds, points, kinds_of(plan)),
        }[name]()
        sink = pa.BufferOutputStream()
        schema = marked(table.schema, sweep, name, number)
        pq.write_table(table.cast(schema), sink, compression="zstd")
        files[name] = sink.getvalue().to_pybytes()
    return files
