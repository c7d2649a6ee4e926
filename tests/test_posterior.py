"""Draws of the parameters: chosen by weight, run by run, and kept in a file that is checked."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from drawing import NAMES, priors, to_seven_digits, two_kinds, write_draws
from scipy import stats
from uptake.config.posterior import read, write
from uptake.errors import InputError
from uptake.inference.smc import normal_of, unit
from uptake.model import draws as streams
from uptake.model.parameters import (
    DISTRIBUTIONS,
    PARAMETERS,
    Posterior,
    Prior,
    free,
    from_prior,
    from_unit,
    of_runs,
    to_unit,
)


def numbered(weights: list[float]) -> Posterior:
    """Return draws that tell which they are, with weights."""
    made = np.zeros(len(weights), PARAMETERS).view(np.recarray)
    for name in NAMES:
        made[name] = np.arange(len(weights)) + NAMES.index(name) / 100.0
    return Posterior(made, np.array(weights))


def test_draws_are_chosen_by_weight() -> None:
    """Chi-square over 50,000 runs; a true null fails once in 10,000. A weight of 0: never."""
    weights = np.array([0.0, 3.0, 0.5, 0.0, 0.0, 2.0, 4.5, 0.0])
    chosen = numbered(weights.tolist()).of_runs(7, 0, 50_000)
    counts = np.bincount(chosen[NAMES[0]].astype(int), minlength=8)
    assert (counts[weights == 0.0] == 0).all()
    told = counts[weights > 0.0]
    assert stats.chisquare(told, 5_000 * weights[weights > 0.0]).pvalue > 1e-4
    # A draw is taken as a whole: no parameter from one and another from another.
    for place, name in enumerate(NAMES):
        assert (np.round(chosen[name] - chosen[NAMES[0]], 9) == place / 100.0).all()


def test_only_the_ratios_of_weights_count() -> None:
    """Tiny, or huge: the same draws for the same runs."""
    weights = [1.0, 2.0, 5.0]
    chosen = numbered(weights).of_runs(1, 0, 1000)
    for factor in (2.0**-900, 2.0**900):
        assert (numbered([factor * w for w in weights]).of_runs(1, 0, 1000) == chosen).all()


def test_a_run_has_the_same_draw_in_any_chunk() -> None:
    """Runs 30 to 39 alone or among others; another seed gives others; neighbours differ."""
    posterior = numbered([1.0] * 1000)
    whole, part = posterior.of_runs(1, 0, 50), posterior.of_runs(1, 30, 10)
    assert (whole[30:40] == part).all()
    assert (whole[30:40] != posterior.of_runs(2, 30, 10)).sum() >= 9
    assert len(np.unique(whole[NAMES[0]])) > 40


def test_which_draw_a_run_has_is_luck_of_its_own() -> None:
    """It is no parameter's luck: priors and draws, on one seed, have nothing in common."""
    places = numbered([1.0] * 1000).of_runs(1, 0, 4000)[NAMES[0]]
    for row in range(len(NAMES)):
        shares = streams.uniforms(1, streams.PARAMETERS, 0, 4000, row)
        assert abs(np.corrcoef(places, shares)[0, 1]) < 5.0 / np.sqrt(4000)


def test_what_is_held_fixed_is_so_in_every_draw() -> None:
    """The other parameters are those of the draw, and the draws themselves are left as they are."""
    posterior, before = Posterior(two_kinds(), np.ones(60)), two_kinds()
    held = priors("parameters.priors.caution.value=0.25", "parameters.priors.skimping.value=0")
    loose, design = (of_runs(known, posterior, 1, 0, 100) for known in (priors(), held))
    for name in NAMES:
        if name in ("caution", "skimping"):
            assert (design[name] == {"caution": 0.25, "skimping": 0.0}[name]).all()
            assert len(np.unique(loose[name])) > 10
        else:
            assert (design[name] == loose[name]).all()
    assert (posterior.draws == before).all()


def test_without_draws_parameters_come_from_the_priors() -> None:
    assert (of_runs(priors(), None, 4, 10, 20) == from_prior(priors(), 4, 10, 20)).all()


@pytest.mark.parametrize("held", [[], ["caution", "entry_per_month"], NAMES[:30]])
def test_uniform_points_of_the_cube_are_draws_from_the_priors(held: list[str]) -> None:
    """To the bit, whatever is held fixed; a column a free parameter."""
    known = priors(*(f"parameters.priors.{name}.value=0.5" for name in held))
    assert free(known) == [name for name in NAMES if name not in held]
    rows = [NAMES.index(name) for name in free(known)]
    shares = [streams.uniforms(9, streams.PARAMETERS, 100, 500, row) for row in rows]
    made, expected = from_unit(known, np.column_stack(shares)), from_prior(known, 9, 100, 500)
    assert made.dtype == expected.dtype
    assert all(made[name].tobytes() == expected[name].tobytes() for name in NAMES)
    assert all((made[name] == 0.5).all() for name in held)


@pytest.mark.parametrize("held", [[], ["caution", "entry_per_month"]])
def test_places_of_parameters_are_found_again(held: list[str]) -> None:
    """To the unit cube and back, whatever the distribution: all five are among the priors.

    Also far from the middle; and with the seven digits that are kept, a place is found to six.
    """
    known = priors(*(f"parameters.priors.{name}.value=0.5" for name in held))
    assert {known[name].distribution for name in free(known)} == set(DISTRIBUTIONS)
    normal = np.random.default_rng(1).standard_normal((500, len(free(known))))
    normal[:9] = np.linspace(-4.0, 4.0, 9)[:, None]
    made = from_unit(known, unit(normal))
    found = to_unit(known, made)
    assert found == pytest.approx(unit(normal), rel=1e-8, abs=1e-12)
    assert normal_of(found) == pytest.approx(normal, abs=1e-6)
    rounded = normal_of(to_unit(known, to_seven_digits(made)))
    inner = np.abs(normal) < 3.0
    assert rounded[inner] == pytest.approx(normal[inner], abs=1e-4)


def test_a_prior_holds_its_known_shares() -> None:
    """Medians are half way; the sd of a half-normal is at 0.683; a positive normal begins at 0."""
    for prior, value, share in (
        (Prior("lognormal", {"median": 8.0, "sigma": 0.6}), 8.0, 0.5),
        (Prior("lognormal", {"median": 8.0, "sigma": 0.6}), 8.0 * np.exp(0.6), 0.841344746),
        (Prior("normal", {"mean": 0.1, "sd": 0.05}), 0.15, 0.841344746),
        (Prior("half_normal", {"sd": 3.0}), 3.0, 0.682689492),
        (Prior("positive_normal", {"mean": 0.15, "sd": 0.08}), 0.0, 0.0),
        (Prior("positive_normal", {"mean": 0.15, "sd": 0.08}), 0.15, 0.484325367),
        (Prior("beta", {"a": 1.0, "b": 1.0}), 0.3, 0.3),
        (Prior("beta", {"a": 4.0, "b": 3.0}), 0.5, 0.34375),
    ):
        known = dict.fromkeys(NAMES, replace(prior, value=1.0)) | {"caution": prior}
        made = np.zeros(1, PARAMETERS).view(np.recarray)
        made.caution[:] = value
        assert to_unit(known, made) == pytest.approx(np.array([[share]]), abs=1e-8)


def test_draws_come_back_to_the_bit(tmp_path: Path) -> None:
    """Of parameters seven digits; assumptions, luck, weights and what they were made from whole."""
    rng = np.random.default_rng(2)
    made = to_seven_digits(from_prior(priors(), 5, 0, 500))
    made.caution[:4] = np.array([1e-45, -0.0, 0.1 + 0.2, 1e38], np.float32)
    made["draw"] = rng.integers(0, 2**64, 500, np.uint64)
    made["luck_seed"], made["luck_run"] = rng.integers(1, 2**63, (2, 500))
    weights, alone = np.ldexp(rng.random((2, 500)), rng.integers(-900, 0, (2, 500)))
    about = {"structure": {"peers": "nation"}, "seed": 2**53, "title": "à 5 %", "x": [0.1, None]}
    write(tmp_path / "default.parquet", Posterior(made, weights), about, alone)
    kept, told = read(tmp_path / "default.parquet")
    assert kept.draws.dtype == PARAMETERS
    assert kept.draws.tobytes() == made.tobytes()
    assert kept.weights.tobytes() == weights.tobytes()
    assert read(tmp_path / "default.parquet", "alone")[0].weights.tobytes() == alone.tobytes()
    assert told == about
    write(tmp_path / "again.parquet", kept, about)
    assert read(tmp_path / "again.parquet")[0].draws.tobytes() == made.tobytes()
    assert isinstance(kept.of_runs(1, 0, 3), np.recarray)


def test_columns_may_come_in_any_order_and_as_any_number(tmp_path: Path) -> None:
    """A table of one's own: whole numbers are numbers, further columns are not read."""
    path = write_draws(tmp_path)
    table = pq.read_table(path)
    turned = table.select(table.column_names[::-1]).append_column("note", pa.array(["x"] * 60))
    column = turned.schema.get_field_index("weight")
    pq.write_table(turned.set_column(column, "weight", pa.array([3] * 60)), path)
    kept, _ = read(path)
    assert kept.draws.tobytes() == two_kinds().tobytes()
    assert (kept.weights == 3.0).all()


def changed(name: str, *values: Any) -> Callable[[Any], Any]:
    """Return what puts values at the top of a column of a table."""

    def change(table: Any) -> Any:
        column = pa.array([*values, *table[name].to_pylist()[len(values) :]])
        return table.set_column(table.schema.get_field_index(name), name, column)

    return change


def told_of(about: bytes) -> Callable[[Any], Any]:
    """Return what puts other metadata beside a table."""
    return lambda table: table.replace_schema_metadata({b"uptake": about})


def twice(table: Any) -> Any:
    """Return a table that has a parameter twice."""
    return table.append_column("caution", table["caution"])


TABLES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "no parameter": (lambda table: table.drop_columns(["skimping"]), "skimping"),
    "no weight": (lambda table: table.drop_columns(["weight"]), "weight"),
    "no metadata": (lambda table: table.replace_schema_metadata({}), "no table of draws"),
    "metadata that are no JSON": (told_of(b"{"), "no table of draws"),
    "metadata that are no text": (told_of(b"\xff"), "no table of draws"),
    "no draw": (lambda table: table.slice(0, 0), "1 to 1,000,000 draws"),
    "a draw that is no number": (changed("caution", float("nan")), "finite numbers"),
    "a draw that is not told": (changed("caution", None), "finite numbers"),
    "a draw without end": (changed("caution", float("-inf")), "finite numbers"),
    "a weight that is no number": (changed("weight", float("nan")), "finite numbers"),
    "a weight without end": (changed("weight", float("inf")), "finite numbers"),
    "a negative weight": (changed("weight", 5.0, -1e-9), "weights from 0 to"),
    "no weight but 0": (changed("weight", *[0.0] * 60), "weights from 0 to"),
    "words": (changed("caution", *["little"] * 60), "no table of draws"),
    "metadata that are a number": (told_of(b"3"), "no table of draws"),
    "a parameter twice": (twice, "no table of draws"),
    "a column of records": (changed("caution", *[{"a": 1.0}] * 60), "no table of draws"),
    "weights whose sum has no end": (changed("weight", 1e308, 1e308), "weights"),
}


def refusal_of(path: Path) -> str:
    """Return the line with which a file of draws is refused."""
    with pytest.raises(InputError) as problem:
        read(path)
    line = str(problem.value)
    assert line.startswith(f"parameters.draws={path}: ")
    assert "\n" not in line
    return line


@pytest.mark.parametrize("harm", TABLES)
def test_a_table_that_holds_no_draws_is_refused_by_name(harm: str, tmp_path: Path) -> None:
    """One line with the key, the file, and what is needed."""
    path = write_draws(tmp_path)
    change, words = TABLES[harm]
    pq.write_table(change(pq.read_table(path)), path)
    assert words in refusal_of(path)


FILES: dict[str, bytes | None] = {
    "a text": b"caution,weight\n1,2\n",
    "nothing": b"",
    "cut short": None,
}


@pytest.mark.parametrize("harm", FILES)
def test_a_file_that_is_no_table_is_refused_by_name(harm: str, tmp_path: Path) -> None:
    path = write_draws(tmp_path)
    held = FILES[harm]
    path.write_bytes(path.read_bytes()[:-100] if held is None else held)
    assert "no table of draws" in refusal_of(path)


def test_a_file_that_is_not_there_or_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    assert "no such file" in refusal_of(tmp_path / "default.parquet")
    (tmp_path / "default.parquet").mkdir()
    assert "this is a folder" in refusal_of(tmp_path / "default.parquet")
    os.mkfifo(tmp_path / "pipe.parquet")  # from which nothing ever comes
    assert "this is a pipe" in refusal_of(tmp_path / "pipe.parquet")


def test_a_small_file_of_too_many_draws_is_not_unpacked(tmp_path: Path) -> None:
    path = write_draws(tmp_path)
    table = pq.read_table(path)
    nothing = {name: np.zeros(2_000_000, np.int8) for name in table.column_names[:2]}
    pq.write_table(pa.table(nothing, metadata=table.schema.metadata), path)
    assert path.stat().st_size < 50_000
    assert "at most 1,000,000 draws are read" in refusal_of(path)


@pytest.mark.parametrize("cell", [[0.0] * 9, "x" * 9], ids=["list", "text"])
def test_what_a_few_bytes_can_make_large_is_refused_by_its_type(cell: Any, tmp_path: Path) -> None:
    """A column of lists or texts: rows do not say how large it is. One not read may stand."""
    path = write_draws(tmp_path)
    draws = pq.read_table(path)
    cells = pa.array([cell] * len(draws))
    pq.write_table(draws.append_column("note", cells), path)
    read(path)
    place = draws.schema.get_field_index("caution")
    pq.write_table(draws.set_column(place, "caution", cells), path)
    assert "no table of draws (column 'caution' holds" in refusal_of(path)


@pytest.mark.parametrize("byte", [0, 1])
def test_no_byte_of_a_file_ends_the_process(byte: int, tmp_path: Path) -> None:
    """Of some damaged footers pyarrow ends it, if it is asked what they say of a column."""
    path = tmp_path / "default.parquet"
    pq.write_table(pa.table({"caution": [1.0], "weight": [1.0]}), path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
        assert "no table of draws" in refusal_of(path)


def test_what_was_told_cannot_be_written_if_json_has_no_word_for_it(tmp_path: Path) -> None:
    """A number that is not finite: what could not be read again is not written."""
    posterior = Posterior(two_kinds(), np.ones(60))
    with pytest.raises(ValueError, match="JSON"):
        write(tmp_path / "x.parquet", posterior, {"evidence": float("nan")})
    assert not (tmp_path / "x.parquet").exists()
