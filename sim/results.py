"""Results on disk: tables written whole or not at all, their summaries, their provenance."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from sim import __version__
from sim.observation import BREAKDOWN, CURVES, OUTCOMES, SIZES
from sim.scenario import Case
from sim.sweep import Chunk

OUTCOME_NAMES = tuple(OUTCOMES.names or ())
QUANTILES = {"median": 0.5, "q05": 0.05, "q25": 0.25, "q75": 0.75, "q95": 0.95}


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; what was written there gets its name at the end."""
    temporary = path.with_name(f".{path.name}.partial")
    try:
        yield temporary
        with open(temporary, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all; a number that is not finite is refused."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


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


def _quoted(column: str) -> str:
    """Return a column's name as SQL takes it, whatever it holds (kinds are a user's words)."""
    return '"' + column.replace('"', '""') + '"'


def _query(sql: str, path: Path) -> list[tuple[Any, ...]]:
    """Return the rows of a query over one Parquet file, named ``data`` in it."""
    import duckdb

    with duckdb.connect() as connection:
        connection.read_parquet(str(path)).create_view("data")
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def describe(path: Path, columns: list[str]) -> dict[str, dict[str, float]]:
    """Return median, 5, 25, 75 and 95 % points and mean of columns of a Parquet file."""
    points = list(QUANTILES.values())
    asked = ", ".join(
        f"quantile_cont({quoted}, {points}), avg({quoted})" for quoted in map(_quoted, columns)
    )
    row = _query(f"SELECT {asked} FROM data", path)[0]
    return {
        column: dict(zip(QUANTILES, map(float, row[2 * i]), strict=True))
        | {"mean": float(row[2 * i + 1])}
        for i, column in enumerate(columns)
    }


def curve_bands(folder: Path, curve: str = "joined") -> dict[str, list[float]]:
    """Return the quantiles of a curve month by month, from ``curves.parquet``."""
    points = list(QUANTILES.values())
    rows = _query(
        f"SELECT month, quantile_cont(value, {points}) FROM "
        f'(SELECT unnest("{curve}") AS value, generate_subscripts("{curve}", 1) AS month '
        "FROM data) "
        "GROUP BY month ORDER BY month",
        folder / "curves.parquet",
    )
    return {name: [float(row[1][i]) for row in rows] for i, name in enumerate(QUANTILES)}


def share_of_runs(folder: Path, condition: str) -> float:
    """Return the share of runs in ``outcomes.parquet`` for which an SQL condition of ours holds."""
    sql = f"SELECT avg(CASE WHEN {condition} THEN 1.0 ELSE 0.0 END) FROM data"
    return float(_query(sql, folder / "outcomes.parquet")[0][0])


def summarise(case: Case, folder: Path) -> dict[str, Any]:
    """Return what ``summary.json`` holds: outcomes with quantiles and what was observed."""
    named = [name for name in OUTCOME_NAMES if name not in ("run", "scrapped_month")]
    parts = breakdown_columns(case.people.kind_names)
    table = describe(folder / "outcomes.parquet", [*named, *parts])
    outcomes: dict[str, dict[str, Any]] = {}
    for name in named:
        outcomes[name] = dict(table[name])
        if name in case.observed:
            observed = case.observed[name]
            outcomes[name] |= {
                "observed": observed.value,
                "source": observed.source,
                "share_of_runs_at_least_observed": share_of_runs(
                    folder, f'"{name}" >= {float(observed.value)!r}'
                ),
            }
    return {
        "scenario": case.config.scenario.name,
        "title": case.config.scenario.title,
        "parameters": case.config.parameters.name,
        "structure": case.config.structure.name,
        "runs": case.config.runs,
        "seed": case.config.seed,
        "months": case.months,
        "levers_set": case.pinned,
        "events_left_out": list(case.config.without),
        "outcomes": outcomes,
        "scrapped_share": share_of_runs(folder, "scrapped_month >= 0"),
        "by_kind": _by_group(table, case.people.kind_names),
        "by_size": _by_group(table, list(SIZES)),
        "notes": case.people.notes,
    }


def _by_group(table: dict[str, dict[str, float]], groups: list[str]) -> dict[str, Any]:
    """Return the quantiles of the counts of each group."""
    return {group: {count: table[f"{count}_{group}"] for count in BREAKDOWN} for group in groups}


def _commit() -> str | None:
    """Return the commit that the package's own checkout stands at, if it is in one."""
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return None
    with suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"],
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
        return answer.stdout.strip()
    return None


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def provenance(case: Case) -> dict[str, Any]:
    """Return what ``provenance.json`` holds: all that is needed to do the same run again."""
    import numba
    from omegaconf import OmegaConf

    path = case.config.population.path
    inputs = {str(path): file_hash(Path(path))} if path else {}
    configuration = OmegaConf.to_container(OmegaConf.structured(case.config))
    return {
        "package": "uptake-sim",
        "version": __version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "seed": case.config.seed,
        "input_files_sha256": inputs,
        "configuration": configuration,
    }
