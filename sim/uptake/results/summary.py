"""What the runs of a case came to: quantiles, and what was observed beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uptake.config.case import Case
from uptake.files import for_duckdb
from uptake.model.observation import BREAKDOWN, CURVES, SIZES
from uptake.results.tables import OUTCOME_NAMES, QUANTILES, quoted


def _query(sql: str, path: Path) -> list[tuple[Any, ...]]:
    """Return the rows of a query over one Parquet file, named ``data`` in it."""
    import duckdb

    # One thread: a mean of floats summed in another order differs in its last digit.
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.read_parquet(for_duckdb(path)).create_view("data")
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
        table, sql = folder / "outcomes.parquet", quoted(name)
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
        return quoted(name)
    group = name.removeprefix("share_")
    joined, approached = quoted(f"joined_{group}"), quoted(f"approached_{group}")
    return f"CASE WHEN {approached} > 0 THEN {joined} / {approached}::DOUBLE ELSE 0.0 END"


def _findings(case: Case, table: Path) -> list[dict[str, Any]]:
    """Return what was reported without a number, and the share of runs on either side of it."""
    said = []
    for finding in case.findings:
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
    outcomes = describe(table, {name: quoted(name) for name in names})
    return {
        "scenario": case.config.scenario.name,
        "title": case.config.scenario.title,
        "parameters": case.config.parameters.name,
        "structure": case.config.structure.name,
        "runs": case.config.runs,
        "seed": case.config.seed,
        "months": case.months,
        "outcomes": {n: dict(o) | _compared(case, n, folder) for n, o in outcomes.items()},
        "findings": _findings(case, table),
        "scrapped_share": _share_of_runs(table, "scrapped_month >= 0"),
        "by_kind": _by_group(table, case.people.kind_names),
        "by_size": _by_group(table, list(SIZES)),
        "notes": case.notes,
    }


def _by_group(table: Path, groups: list[str]) -> dict[str, Any]:
    """Return the quantiles of the counts of each group, and of the share of it that joins."""
    columns = {}
    for group in groups:
        for count in BREAKDOWN:
            columns[f"{count}_{group}"] = quoted(f"{count}_{group}")
        columns[f"share_{group}"] = _share_sql(f"share_{group}")
    said = describe(table, columns)
    counts = (*BREAKDOWN, "share")
    return {group: {count: said[f"{count}_{group}"] for count in counts} for group in groups}
