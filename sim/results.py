"""Results on disk: tables written whole or not at all, their summaries, their provenance."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import metadata
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

    # One thread: a mean of floats summed in another order differs in its last digit.
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.read_parquet(str(path)).create_view("data")
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def describe(path: Path, columns: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return median, 5, 25, 75 and 95 % points and mean of named SQL expressions over a file."""
    points = list(QUANTILES.values())
    asked = ", ".join(f"quantile_cont({sql}, {points}), avg({sql})" for sql in columns.values())
    row = _query(f"SELECT {asked} FROM data", path)[0]
    return {
        name: dict(zip(QUANTILES, map(float, row[2 * i]), strict=True))
        | {"mean": float(row[2 * i + 1])}
        for i, name in enumerate(columns)
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


def _share_of_runs(path: Path, condition: str) -> float:
    """Return the share of the runs of a table for which an SQL condition of ours holds."""
    sql = f"SELECT avg(CASE WHEN {condition} THEN 1.0 ELSE 0.0 END) FROM data"
    return float(_query(sql, path)[0][0])


def _compared(case: Case, name: str, folder: Path) -> dict[str, Any]:
    """Return what was observed of an outcome, and how many runs reach it in that very month.

    Nothing if the run does not go on to that month, or says nothing of it.
    """
    observed = case.observed.get(name)
    if observed is None or observed.month > case.months:
        return {}
    value = float(observed.value)
    if name in CURVES:
        table, sql = folder / "curves.parquet", f'"{name}"[{observed.month + 1}]'
    elif observed.month == case.months:
        table, sql = folder / "outcomes.parquet", _quoted(name)
    else:
        return {}
    return {
        "observed": value,
        "observed_month": observed.month,
        "source": observed.source,
        "at_month": describe(table, {name: sql})[name],
        "share_of_runs_at_least_observed": _share_of_runs(table, f"{sql} >= {value!r}"),
    }


def _share_sql(name: str) -> str:
    """Return the SQL of an outcome, or of the share of a group that joined."""
    if name in OUTCOME_NAMES:
        return _quoted(name)
    group = name.removeprefix("share_")
    joined, approached = _quoted(f"joined_{group}"), _quoted(f"approached_{group}")
    return f"CASE WHEN {approached} > 0 THEN {joined} / {approached}::DOUBLE ELSE 0.0 END"


def _findings(case: Case, table: Path) -> list[dict[str, Any]]:
    """Return what was reported without a number, and the share of runs on either side of it."""
    said = []
    for finding in case.config.scenario.findings:
        threshold = repr(float(finding.than.value)) if finding.than else ""
        larger = _share_sql(finding.larger) if finding.larger else threshold
        smaller = _share_sql(finding.smaller) if finding.smaller else threshold
        agree, contradict = f"{larger} > {smaller}", f"{larger} < {smaller}"
        if smaller == threshold:  # to reach it is enough
            agree = f"{larger} >= {smaller}"
        said.append(
            {
                "statement": finding.statement,
                "foreseen": finding.foreseen,
                "source": finding.source,
                "agree": _share_of_runs(table, agree),
                "contradict": _share_of_runs(table, contradict),
            }
        )
    return said


def summarise(case: Case, folder: Path) -> dict[str, Any]:
    """Return what ``summary.json`` holds: outcomes with quantiles and what was observed."""
    table = folder / "outcomes.parquet"
    names = [name for name in OUTCOME_NAMES if name not in ("run", "scrapped_month")]
    outcomes = describe(table, {name: _quoted(name) for name in names})
    return {
        "scenario": case.config.scenario.name,
        "title": case.config.scenario.title,
        "parameters": case.config.parameters.name,
        "structure": case.config.structure.name,
        "runs": case.config.runs,
        "seed": case.config.seed,
        "months": case.months,
        "departures": case.departures(),
        "outcomes": {n: dict(o) | _compared(case, n, folder) for n, o in outcomes.items()},
        "findings": _findings(case, table),
        "scrapped_share": _share_of_runs(table, "scrapped_month >= 0"),
        "by_kind": _by_group(table, case.people.kind_names),
        "by_size": _by_group(table, list(SIZES)),
        "notes": case.people.notes,
    }


def _by_group(table: Path, groups: list[str]) -> dict[str, Any]:
    """Return the quantiles of the counts of each group, and of the share of it that joins."""
    columns = {}
    for group in groups:
        for count in BREAKDOWN:
            columns[f"{count}_{group}"] = _quoted(f"{count}_{group}")
        columns[f"share_{group}"] = _share_sql(f"share_{group}")
    said = describe(table, columns)
    counts = (*BREAKDOWN, "share")
    return {group: {count: said[f"{count}_{group}"] for count in counts} for group in groups}


def _checkout() -> dict[str, Any]:
    """Return the commit that the package's own checkout stands at, and whether it was changed."""
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return {"commit": None}
    said = []
    for question in (["rev-parse", "HEAD"], ["status", "--porcelain"]):
        command = ["git", "-C", str(root), *question]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        except (OSError, subprocess.SubprocessError):
            return {"commit": None}
        said.append(done.stdout.strip())
    return {"commit": said[0], "changed_since_commit": bool(said[1])}


def provenance(case: Case) -> dict[str, Any]:
    """Return what ``provenance.json`` holds: all that is needed to do the same run again."""
    from omegaconf import OmegaConf

    path = case.config.population.path
    inputs = {str(path): hashlib.sha256(Path(path).read_bytes()).hexdigest()} if path else {}
    libraries = ("duckdb", "hydra-core", "mesa", "numba", "numpy", "pyarrow", "scipy")
    return {
        "package": "uptake-sim",
        "version": __version__,
        **_checkout(),
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in libraries},
        "seed": case.config.seed,
        "input_files_sha256": inputs,
        "configuration": OmegaConf.to_container(OmegaConf.structured(case.config)),
    }
