"""Two tables of the same runs side by side: what differs, run by run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from uptake.results.tables import OUTCOME_NAMES, QUANTILES, quoted

# What is compared, as SQL of one table: outcomes, curves that are none, and a share of runs for a
# month that may never come.
COMPARED = {name: quoted(name) for name in OUTCOME_NAMES if name not in ("run", "scrapped_month")}
COMPARED |= {"members": 'joined - "left"', "scrapped_share": "(scrapped_month >= 0)::INTEGER"}


def differences(folder: Path, base: Path) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the mean of every outcome in the base, and how those differ that do.

    Both folders hold ``outcomes.parquet`` of the same runs in the same order. What differs in any
    pair is told by the quantiles and the mean of the difference, and by the share of pairs in
    which there is one.
    """
    import duckdb

    points = list(QUANTILES.values())
    sides = [
        f"(SELECT {', '.join(f'{sql} AS {quoted(name)}' for name, sql in COMPARED.items())} "
        f"FROM read_parquet(?)) AS {side}"
        for side in "ab"
    ]
    asked = []
    for name in map(quoted, COMPARED):
        change = f"(a.{name} - b.{name})"
        asked += [
            f"quantile_cont({change}, {points})", f"avg({change})", f"avg(b.{name})",
            f"avg(CASE WHEN a.{name} = b.{name} THEN 0.0 ELSE 1.0 END)",
        ]  # fmt: skip
    query = f"SELECT {', '.join(asked)} FROM {' POSITIONAL JOIN '.join(sides)}"
    paths = [str(place / "outcomes.parquet") for place in (folder, base)]
    with duckdb.connect(config={"threads": 1}) as connection:
        row = connection.execute(query, paths).fetchall()[0]
    means, moved = {}, {}
    for i, name in enumerate(COMPARED):
        quantiles, mean, was, share = row[4 * i : 4 * i + 4]
        means[name] = float(was)
        if share > 0.0:
            told = dict(zip(QUANTILES, map(float, quantiles), strict=True))
            moved[name] = told | {"mean": float(mean), "share_of_pairs": float(share)}
    return means, moved
