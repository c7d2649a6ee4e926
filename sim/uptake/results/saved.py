"""Reading what ``uptake run`` wrote: the tables of a folder, as columns."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from uptake.errors import InputError, counted, first_line, no_such
from uptake.files import opened
from uptake.model.observation import CURVES
from uptake.results.folders import named_folder
from uptake.results.notebook import InLines
from uptake.results.provenance import read_json
from uptake.results.runs import Values, bands, named, present_name

_MOST_BYTES = 16_000_000_000


class SavedRun(InLines):
    """The runs that a folder holds, as ``Result`` has them in memory.

    ``saved["joined"]`` is a column of ``outcomes.parquet``, shape (runs,).
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = named_folder(folder)
        self.summary = read_json(self.folder / "summary.json")
        if "outcomes" not in self.summary:
            raise InputError(f"{self.folder}: this is no folder of uptake run")

    def read(self, name: str, columns: list[str] | None = None) -> Any:
        """Return columns of a table, all if none are named, as Arrow holds them."""
        try:
            with opened(self.folder / name, _MOST_BYTES) as file:
                return pq.read_table(file, columns=columns)
        except (OSError, pa.ArrowException) as problem:
            raise InputError(
                f"{self.folder / name}: cannot be read: {first_line(problem)}"
            ) from None

    @cached_property
    def table(self) -> Any:
        """Return the runs as an Arrow table: a row a run."""
        return self.read("outcomes.parquet")

    def __len__(self) -> int:
        """Return how many runs there are."""
        return int(self.table.num_rows)

    def __getitem__(self, name: str) -> Values:
        """Return a column, shape (runs,)."""
        name = present_name(named("column", name))
        if name not in self.table.column_names:
            raise no_such(str(self.folder), name, self.table.column_names, "column")
        return Values.of(self.table[name].to_numpy(), self.summary.get("seed"))

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a column of this name."""
        return name in self.table.column_names

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the columns, as a data frame does."""
        return iter(self.table.column_names)

    def curve(self, name: str = "joined") -> NDArray[Any]:
        """Return a curve run by run, shape (runs, months + 1)."""
        name = present_name(named("curve", name))
        if name not in CURVES:
            raise no_such("curve", name, CURVES, "curve")
        lists = self.read("curves.parquet", [name])[name].combine_chunks()
        flat: NDArray[Any] = lists.flatten().to_numpy()
        return flat.reshape(len(lists), -1)

    def bands(self, name: str = "joined") -> dict[str, list[float]]:
        """Return the quantiles of a curve over the runs, month by month, by name."""
        return bands(self.curve(name))

    def to_pandas(self) -> Any:
        """Return the runs as a pandas table: a row a run."""
        return self.table.to_pandas()

    def to_polars(self) -> Any:
        """Return the runs as a Polars table: a row a run."""
        import polars

        return polars.from_arrow(self.table)

    def __repr__(self) -> str:
        """Return what the folder holds, in a few lines."""
        asked, files = self.summary["question"], sorted(p.name for p in self.folder.iterdir())
        told = [asked, f"{counted(self.summary['runs'], 'run')}, seed {self.summary['seed']}"]
        return "\n  ".join([f"SavedRun({str(self.folder)!r})", *told, f"files: {', '.join(files)}"])


def open_run(folder: str | Path) -> SavedRun:
    """Return the runs that ``uptake run`` wrote into a folder, or refuse one that holds none."""
    return SavedRun(folder)
