"""Runs to Parquet: a row a run, its outcomes and parameters; a row a run, its curves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sim.observation import BREAKDOWN, CURVES, OUTCOMES, SIZES
from sim.results.files import whole_file
from sim.sweep import Chunk

OUTCOME_NAMES = tuple(OUTCOMES.names or ())


def breakdown_columns(kinds: list[str]) -> list[str]:
    """Return the names of the counts by kind and by size, such as ``joined_acute``."""
    groups = [*kinds, *SIZES]
    return [f"{count}_{group}" for group in groups for count in BREAKDOWN]


def _outcome_table(chunk: Chunk, kinds: list[str]) -> Any:
    """Return a chunk's outcomes as an Arrow table, a row a run."""
    import pyarrow as pa

    columns = {name: pa.array(chunk.outcomes[name]) for name in OUTCOME_NAMES}
    columns["point"] = pa.array(np.zeros(len(chunk.outcomes), np.int64))
    counts = np.concatenate([chunk.by_kind, chunk.by_size], axis=1)
    flat = counts.reshape(len(counts), -1)
    for i, name in enumerate(breakdown_columns(kinds)):
        columns[name] = pa.array(flat[:, i])
    for name in chunk.parameters.dtype.names or ():
        columns[f"parameter_{name}"] = pa.array(chunk.parameters[name])
    return pa.table(columns)


def _curve_table(chunk: Chunk) -> Any:
    """Return a chunk's curves as an Arrow table: a row a run, a list of months a column."""
    import pyarrow as pa

    runs, _, months = chunk.curves.shape
    columns: dict[str, Any] = {
        "run": pa.array(chunk.outcomes["run"]),
        "point": pa.array(np.zeros(runs, np.int64)),
    }
    for i, name in enumerate(CURVES):
        values = pa.array(np.ascontiguousarray(chunk.curves[:, i, :]).reshape(-1))
        columns[name] = pa.FixedSizeListArray.from_arrays(values, months)
    return pa.table(columns)


def save_tables(chunks: Iterator[Chunk], kinds: list[str], folder: Path) -> None:
    """Write ``outcomes.parquet`` and ``curves.parquet`` chunk by chunk."""
    import pyarrow.parquet as pq

    writers: dict[str, Any] = {}
    outcomes, curves = folder / "outcomes.parquet", folder / "curves.parquet"
    with whole_file(outcomes) as outcomes_path, whole_file(curves) as curves_path:
        try:
            for chunk in chunks:
                tables = {
                    outcomes_path: _outcome_table(chunk, kinds),
                    curves_path: _curve_table(chunk),
                }
                for path, table in tables.items():
                    if str(path) not in writers:
                        writer = pq.ParquetWriter(path, table.schema, compression="zstd")
                        writers[str(path)] = writer
                    writers[str(path)].write_table(table)
        finally:
            for writer in writers.values():
                writer.close()
