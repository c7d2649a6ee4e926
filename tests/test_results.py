"""Files are whole or absent, and summaries are those of the tables."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from uptake.cli.arguments import question
from uptake.errors import InputError
from uptake.files import whole_file, write_json
from uptake.model.observation import CURVES
from uptake.report.text.numbers import NAMES
from uptake.results.runs import DERIVED, THRESHOLDS, run
from uptake.results.saved import open_run
from uptake.results.summary import SUMMARISED, summarise
from uptake.results.tables import save


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


def test_what_is_saved_comes_back_as_it_was_run(tmp_path: Path) -> None:
    """Columns and bands of the folder are those in memory, to the bit; quantiles are numpy's."""
    case = question("run", ["runs=120", "seed=3"]).case()
    runs = run(case)
    save(runs, tmp_path)
    write_json(tmp_path / "summary.json", summarise(runs))
    saved = open_run(tmp_path)
    assert set(runs.columns) < set(saved.table.column_names)
    for name in runs.columns:
        assert (saved[name] == runs[name]).all(), name
    for curve in CURVES:
        assert (saved.curve(curve) == runs.curve(curve)).all(), curve
        expected = np.quantile(runs.curve(curve), [0.05, 0.5, 0.95], axis=0)
        bands = saved.bands(curve)
        assert (np.array([bands["q05"], bands["median"], bands["q95"]]) == expected).all()
    assert saved["joined"].quantile([0.05, 0.5]) == pytest.approx(
        np.quantile(runs.chunk.outcomes.joined, [0.05, 0.5])
    )
    assert runs["joined"].median() == np.median(runs.chunk.outcomes.joined)


def test_a_former_name_is_kept_for_a_version_with_a_warning(tmp_path: Path) -> None:
    """In memory, in a folder that is read, and as a column of the table itself."""
    runs = run(question("run", ["runs=20"]).case())
    save(runs, tmp_path)
    write_json(tmp_path / "summary.json", {"outcomes": {}})
    saved = open_run(tmp_path)
    assert (saved.table["joined_dear"].to_numpy() == runs["joined_above_typical_spend"]).all()
    for one in (runs, saved):
        with pytest.warns(DeprecationWarning, match="is called joined_below_typical_spend"):
            assert (one["joined_lean"] == runs["joined_below_typical_spend"]).all()


def test_what_was_called_live_is_read_as_served_and_every_outcome_has_a_name(
    tmp_path: Path,
) -> None:
    """As a column and as a curve, for a version; a name for readers is no name of a column."""
    runs = run(question("run", ["scenario=nhs_wales", "parameters=prior", "runs=20"]).case())
    save(runs, tmp_path)
    write_json(tmp_path / "summary.json", {"outcomes": {}})
    saved = open_run(tmp_path)
    assert runs["served"].max() > 0
    for one in (runs, saved):
        with pytest.warns(DeprecationWarning, match="live is called served"):
            assert (one["live"] == runs["served"]).all()
        with pytest.warns(DeprecationWarning, match="live is called served"):
            assert (one.curve("live") == runs.curve("served")).all()
    assert {*SUMMARISED, *DERIVED, *CURVES} == NAMES.keys()


def test_what_runs_were_scrapped_for_adds_up_to_those_scrapped() -> None:
    """A review in which each of several thresholds is missed in some runs."""
    asked = ["levers.premise_gone=0", "levers.scrap_below_share=0.01", "parameters=prior"]
    asked += ["levers.scrap_above_cost_gbp=1000", "runs=100"]
    runs = run(question("run", asked).case())
    told = summarise(runs)
    assert told["scrapped_share"] == pytest.approx(sum(told["scrapped_for"].values()))
    for name, number in THRESHOLDS.items():
        assert told["scrapped_for"][name] == np.mean(runs["scrapped_for"] == number)
    assert sum(share > 0.0 for share in told["scrapped_for"].values()) >= 2
    assert ((runs["scrapped_for"] > 0) == (runs["scrapped_month"] >= 0)).all()


def test_runs_in_a_file_are_those_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What memory might not hold lies in a file without a name; nothing else differs."""
    case = question("run", ["runs=200"]).case()
    in_memory = run(case)
    monkeypatch.setattr("uptake.results.runs._MOST_BYTES_IN_MEMORY", 1)
    in_file = run(case)
    lies = in_file.chunk.curves
    while isinstance(lies.base, np.ndarray):
        lies = lies.base
    assert isinstance(lies, np.memmap)
    for one, other in zip(in_memory.chunk, in_file.chunk, strict=True):
        assert (one == other).all()


def test_a_name_that_is_no_column_is_refused_with_the_nearest() -> None:
    """Of runs and of their curves."""
    runs = run(question("run", ["runs=1"]).case())
    with pytest.raises(InputError, match=r"joinde: no such column \(did you mean joined\?\)"):
        runs["joinde"]
    with pytest.raises(InputError, match=r"serve: no such curve \(did you mean served\?\)"):
        runs.curve("serve")


def test_shares_and_counts_of_groups_are_those_of_their_tables() -> None:
    """By kind, by size, members and what is scrapped."""
    runs = run(question("run", ["runs=50"]).case())
    by_size = runs.chunk.by_size
    assert (runs["joined_large"] == by_size[:, 2, 1]).all()
    assert (runs["share_large"] == by_size[:, 2, 1] / by_size[:, 2, 0]).all()
    assert (runs["joined_acute"] == runs.chunk.by_kind[:, 0, 1]).all()
    assert (runs["members"] == runs["joined"] - runs["left"]).all()
    assert (runs["scrapped_share"] == (runs["scrapped_month"] >= 0)).all()
