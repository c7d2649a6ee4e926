"""Reading a sweep: its tables as DuckDB relations, which turn into pandas, Polars or Arrow.

>>> from uptake import open_sweep
>>> sweep = open_sweep("outputs/sweep/...")    # doctest: +SKIP
>>> sweep.summary("joined").df()               # doctest: +SKIP
>>> sweep.bands("joined", points=[0, 5]).pl()  # doctest: +SKIP

Sums are those of decimal numbers, which have no order: a mean is the same on any number of threads.
"""

from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from uptake.config.reported import NO_AMOUNT
from uptake.config.target import target_in
from uptake.errors import InputError, counted, first_line, one_of, shortened
from uptake.files import for_duckdb, temporary_folder
from uptake.model.observation import CURVES
from uptake.results.chunks import POINTS, TABLES, chunk_files, is_damaged, points_are_damaged
from uptake.results.folders import named_folder
from uptake.results.manifest import read_manifest
from uptake.results.notebook import InLines
from uptake.results.runs import QUANTILES, named, present_name
from uptake.results.tables import bands_of, quoted

MEMORY = "500MB"  # what a query may hold; more goes to a temporary folder


def exact_mean(sql: str) -> str:
    """Return the SQL of a mean over rows that does not depend on their order (to 1e-9)."""
    return f"(sum(({sql})::DECIMAL(38, 9))::DOUBLE / nullif(count({sql}), 0))"


_KEPT = "outcomes_as_kept"  # the files; the view of outcomes has what else was asked for


class SweepTables(InLines):
    """The tables of a sweep that is done, or of as much of it as there is.

    ``manifest`` says what sweep it is, ``missing`` how many chunks are not there.
    """

    def __init__(self, folder: str | Path, memory: str = MEMORY) -> None:
        self.folder = named_folder(folder)
        self.manifest = read_manifest(self.folder)
        spilled = str(temporary_folder())  # relations may outlive what is returned here
        self.connection = duckdb.connect(config={"memory_limit": memory, "temp_directory": spilled})
        self._files = {table: chunk_files(self.folder, table) for table in TABLES}
        self.missing = int(self.manifest["chunks"]) - len(self._files["outcomes"])
        if not self._files["outcomes"]:
            raise InputError(f"{self.folder}: no chunk is finished; sweep.resume=true goes on")
        self._refuse_damaged()
        self._targets: dict[str, str] = {}  # columns of the view of outcomes that were asked for
        views = {"points": [self.folder / POINTS]}
        views |= {table: list(files.values()) for table, files in self._files.items()}
        try:
            for name, paths in views.items():
                if paths:
                    files = self.connection.read_parquet([for_duckdb(path) for path in paths])
                    files.create_view(_KEPT if name == "outcomes" else name)
            self.connection.execute(f"CREATE VIEW outcomes AS SELECT * FROM {_KEPT}")
            unknown = set(self.axes) - set(self.query("SELECT * FROM points LIMIT 0").columns)
        except duckdb.Error as problem:
            raise InputError(f"{self.folder}: cannot be read: {first_line(problem)}") from None
        if unknown:
            axis = shortened(min(unknown))
            raise InputError(f"{self.folder}: {axis!r} is no column of {POINTS}")

    def _refuse_damaged(self) -> None:
        """Refuse a sweep of which a file is not what it should be, before a row of it is read."""
        mended = "damaged; sweep.resume=true finds and mends it"
        if points_are_damaged(self.folder, self.manifest):
            raise InputError(f"{self.folder / POINTS}: {mended}")
        for table, files in self._files.items():
            for path in files.values():
                if is_damaged(path, table, self.manifest):
                    raise InputError(f"{path}: {mended}")

    def __repr__(self) -> str:
        """Return what is in the folder, in a few lines."""
        said, missing = self.manifest, ""
        if self.missing:
            missing = f"; {counted(self.missing, 'chunk')} missing"
        views = ["points", *(table for table in TABLES if self._files[table])]
        counts = f"{counted(said['points'], 'point')} of {counted(said['runs'], 'run')}"
        return "\n  ".join(
            [
                f"Sweep of {self.title}: {counts}, seed {said['seed']}{missing}",
                f"axes: {', '.join(self.axes) or 'none'} ({said['design']})",
                'summary("joined"): a row a point; bands("joined"); runs; points',
                f"query(SQL) asks the views {', '.join(views)}",
            ]
        )

    @property
    def title(self) -> str:
        """Return the titles of the scenarios that were swept; of many, how many they are."""
        titles = dict.fromkeys(part["title"] for part in self.manifest["parts"])
        return "; ".join(titles) if len(titles) <= 2 else counted(len(titles), "scenario")

    @property
    def axes(self) -> list[str]:
        """Return the keys that differ from point to point."""
        return [str(key) for key in self.manifest["axes"]]

    @property
    def is_sample(self) -> bool:
        """Tell whether the points were drawn, so that no two are alike but for one axis."""
        return self.manifest["design"] in ("lhs", "sobol")

    @property
    def points(self) -> Any:
        """Return the points: a column an axis; null stands for "as the scenario has it"."""
        return self.query("SELECT * FROM points ORDER BY point")

    @property
    def runs(self) -> Any:
        """Return the runs: a row each, with point, run, outcomes, parameters, error."""
        return self.query("SELECT * FROM outcomes")

    def failures(self) -> Any:
        """Return the runs that failed: point, run, error and the parameters that they drew."""
        return self.query(
            "SELECT point, run, error, COLUMNS('^parameter_.*') FROM outcomes "
            "WHERE error IS NOT NULL ORDER BY point, run"
        )

    def query(self, sql: str, **values: Any) -> Any:
        """Return the answer to a query in SQL.

        It can ask the views ``points`` and ``outcomes``, and of ``bands`` and ``curves`` those
        that were kept.
        """
        return self.connection.sql(sql, params=values or None)

    def outcome(self, name: str) -> str:
        """Return an outcome's column as SQL takes it, or refuse a name that is none.

        ``joined>=25`` is 1 where a run reaches it, else 0.
        """
        target = target_in(name)
        if target is not None:
            wanted = self._targets | {target.name: target.sql(self.outcome(target.outcome))}
            columns = ", ".join(f"{sql} AS {quoted(one)}" for one, sql in wanted.items())
            self.connection.execute(
                f"CREATE OR REPLACE VIEW outcomes AS SELECT *, {columns} FROM {_KEPT}"
            )
            self._targets = wanted
            return quoted(target.name)
        columns = self.query("SELECT * FROM outcomes LIMIT 0").columns
        apart = ("point", "error", *NO_AMOUNT)
        known = [column for column in columns if column not in apart]
        return quoted(one_of("outcome", present_name(name), known))

    def points_there(self, outcome: str) -> int:
        """Return the number of points of which an outcome is known."""
        known = f"count(DISTINCT point) FILTER ({self.outcome(outcome)} IS NOT NULL)"
        return int(self.query(f"SELECT {known} FROM outcomes").fetchall()[0][0])

    def summary(self, *outcomes: str, points: range | None = None) -> Any:
        """Return a row a point: its axes, runs, failed runs, quantiles and mean of outcomes.

        Of all points, or of those from ``points.start`` up to ``points.stop``.
        """
        table = self.summary_table(*outcomes, points=points)
        return self.connection.from_arrow(table).order("point")

    def summary_table(self, *outcomes: str, points: range | None = None) -> Any:
        """Return the same as an Arrow table. Outcomes are taken one by one: memory has an end."""
        among = (
            f"point BETWEEN {points.start} AND {points.stop - 1}" if points is not None else "TRUE"
        )
        table = self.query(
            "SELECT points.*, runs, failed FROM points JOIN (SELECT point, count(*) AS runs, "
            f"count(error) AS failed FROM outcomes WHERE {among} GROUP BY point) USING (point) "
            "ORDER BY point"
        ).to_arrow_table()
        shares = list(QUANTILES.values())
        for name in outcomes:
            column = self.outcome(name)
            told = ", ".join(f"q[{i}] AS {quantile}" for i, quantile in enumerate(QUANTILES, 1))
            found = self.query(
                f"SELECT {told}, mean FROM (SELECT point, quantile_cont({column}, {shares}) AS q, "
                f"{exact_mean(column)} AS mean FROM outcomes WHERE {among} GROUP BY point) "
                "ORDER BY point"
            ).to_arrow_table()
            for quantity in found.column_names:
                table = table.append_column(f"{name}_{quantity}", found.column(quantity))
        return table

    def bands(self, curve: str = "joined", points: Sequence[int] | None = None) -> Any:
        """Return the quantiles of a curve: a row a point and month, of all points or of some."""
        curve = one_of("curve", present_name(named("curve", curve)), CURVES)
        where = "TRUE" if points is None else f"point IN ({', '.join(map(str, map(int, points)))})"
        columns = ", ".join(f'unnest("{curve}_{name}") AS {name}' for name in QUANTILES)
        parts = []
        if self._files["bands"]:
            months = f'unnest(range(len("{curve}_median"))) AS month'
            parts.append(self.query(f"SELECT point, {months}, {columns} FROM bands WHERE {where}"))
            where += " AND point NOT IN (SELECT point FROM bands)"
        if self._files["curves"]:
            parts.append(self.connection.from_arrow(self._bands_of_runs(curve, where)))
        return reduce(duckdb.DuckDBPyRelation.union, parts).order("point, month")

    def curves(self, curve: str = "joined") -> Any:
        """Return a curve of all runs: a row a point, run and month, where they were kept."""
        curve = one_of("curve", present_name(named("curve", curve)), CURVES)
        if not self._files["curves"]:
            raise InputError(f"{self.folder}: curves of runs are kept with sweep.curves=runs only")
        months = f'unnest(range(len("{curve}"))) AS month'
        return self.query(f'SELECT point, run, {months}, unnest("{curve}") AS value FROM curves')

    def _bands_of_runs(self, curve: str, where: str) -> Any:
        """Return the bands of points whose runs are kept one by one, as an Arrow table."""
        asked = self.query(f'SELECT max(len("{curve}")) FROM curves WHERE {where}')
        longest = asked.fetchall()[0][0]
        columns: dict[str, list[Any]] = {name: [] for name in ("point", "month", *QUANTILES)}
        for month in range(longest or 0):  # one at a time: all of them may not fit into memory
            rows = self.query(
                f'SELECT point, "{curve}"[{month + 1}] AS value FROM curves '
                f'WHERE {where} AND len("{curve}") > {month} ORDER BY point'
            ).fetchnumpy()
            numbers, starts, counts = np.unique(
                rows["point"], return_index=True, return_counts=True
            )
            for size in np.unique(counts):  # points with as many runs at once
                which = counts == size
                at = starts[which][None, :] + np.arange(size)[:, None]
                columns["point"].append(numbers[which])
                columns["month"].append(np.full(which.sum(), month))
                for name, band in zip(QUANTILES, bands_of(rows["value"][at]), strict=True):
                    columns[name].append(band)
        kinds = {"point": np.int64, "month": np.int64}
        return pa.table(
            {
                name: np.concatenate([np.zeros(0, kinds.get(name, np.float32)), *found])
                for name, found in columns.items()
            }
        )


def open_sweep(folder: str | Path, memory: str = MEMORY) -> SweepTables:
    """Return the tables of a sweep in its folder, or refuse a folder that holds none.

    ``memory`` is what a query may hold, such as "2GB"; more goes to a temporary folder.
    """
    return SweepTables(folder, memory)
