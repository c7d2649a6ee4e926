"""Files are whole or absent, and summaries are those of the tables."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import episode, parameters
from uptake.engine.compiled import simulate
from uptake.files import whole_file, write_json
from uptake.model.observation import CURVES
from uptake.results import curve_bands, describe, save_tables


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path: Path) -> None:
    """The old content stays, and no temporary file does."""
    path = tmp_path / "table.txt"
    path.write_text("old")

    def write_half() -> None:
        with whole_file(path) as temporary:
            temporary.write_text("ne")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        write_half()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["table.txt"]


def test_a_number_that_is_not_finite_is_never_written(tmp_path: Path) -> None:
    """No NaN in a result: the file is refused, not written."""
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "summary.json", {"joined": float("nan")})
    assert os.listdir(tmp_path) == []


def test_summaries_are_those_of_numpy(tmp_path: Path) -> None:
    """Quantiles and means by DuckDB are numpy's, for a column of any name."""
    values = np.random.default_rng(1).normal(size=1001)
    name = 'a "quoted"; column'
    pq.write_table(pa.table({name: values}), tmp_path / "data.parquet")
    said = describe(tmp_path / "data.parquet", {"it": '"a ""quoted""; column"'})["it"]
    expected = np.quantile(values, [0.5, 0.05, 0.25, 0.75, 0.95])
    quantiles = [said[q] for q in ("median", "q05", "q25", "q75", "q95")]
    np.testing.assert_allclose(quantiles, expected, rtol=1e-12)
    assert said["mean"] == pytest.approx(values.mean())


def test_curves_come_back_as_they_were_run(tmp_path: Path) -> None:
    """Bands month by month are the quantiles over the runs, through the file and back."""
    case = episode(trusts=30, months=9)

    def design(_: int, runs: int) -> np.ndarray[tuple[int], np.dtype[np.void]]:
        return parameters(runs, attention_per_month=1.0)

    chunks = list(simulate(case, design, 120, 3))
    save_tables(iter(chunks), ["acute", "other"], tmp_path)
    curves = np.concatenate([chunk.curves for chunk in chunks])
    for curve in ("joined", "considering"):
        bands = curve_bands(tmp_path, curve)
        expected = np.quantile(curves[:, CURVES.index(curve)], [0.05, 0.5, 0.95], axis=0)
        np.testing.assert_allclose([bands["q05"], bands["median"], bands["q95"]], expected)
