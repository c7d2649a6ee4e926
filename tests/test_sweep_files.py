"""The files of a sweep, in whatever hands they have been: damaged, mixed up, edited, hostile."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sweeping import PIECES, begun_in, command, content, flip, refused
from uptake.cli.main import main
from uptake.errors import InputError
from uptake.results.chunks import file_name, is_damaged, marked, points_are_damaged
from uptake.results.manifest import read_manifest
from uptake.results.reading import open_sweep


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a sweep has begun."""
    return begun_in(tmp_path_factory.mktemp("begun"))


def copied(begun: Path, tmp_path: Path) -> Path:
    """Return a folder of one's own that holds the sweep that has begun."""
    shutil.copytree(begun / "here", tmp_path / "here")
    return tmp_path / "here"


BEYOND = (
    "Beyond month 4, so not in this run: the event tender (month 5), the event broken_promise "
    "(month 5), the event contract (month 5), the event review (month 5), joined observed in "
    "month 5, interested observed in month 5, provider_loss_gbp observed in month 5."
)


def refused_at_once(folder: Path, is_begun: bool = False) -> str:
    """Return the line with which a sweep is not gone on with, and not compared either."""
    said, out, compared = "", io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(compared):
        code = main(["compare", str(folder / "here")])
    assert (code, out.getvalue(), compared.getvalue().count("\n")) == (2, "", 1)
    if is_begun:  # as far as the chunks
        said = f"12 points of 20 runs, in 36 chunks: here\n{BEYOND}\n"
    err = refused(folder, *PIECES, "sweep.resume=true", said=said)
    assert (err + compared.getvalue()).replace("\n", "").isprintable()
    return err


def test_chunks_without_a_manifest_are_refused(begun: Path, tmp_path: Path) -> None:
    """Nothing says of which question they are: this one would take them for its own."""
    (copied(begun, tmp_path) / "manifest.json").unlink()
    other = ["seed=2" if "pressure" in typed else typed for typed in PIECES]
    assert "no manifest.json that says of which sweep" in refused_at_once(tmp_path)
    assert "chunks are there (" in refused(tmp_path, *other, "levers.pressure=0,1")


def test_a_chunk_of_another_sweep_is_refused(begun: Path, tmp_path: Path) -> None:
    """Whole, of the same number, with the name that its content has; only the seed was another."""
    here = copied(begun, tmp_path)
    assert command(tmp_path, *PIECES, "seed=2", "sweep.chunks=1/36", "out=other")[0] == 0
    for table in ("outcomes", "curves"):
        (own,), (foreign,) = (here / table).iterdir(), (tmp_path / "other" / table).iterdir()
        own.unlink()
        shutil.copy(foreign, here / table)
    assert "this is of another sweep; take it away" in refused_at_once(tmp_path, is_begun=True)


def test_a_chunk_of_another_number_is_run_again(begun: Path, tmp_path: Path) -> None:
    """Renamed by hand, it would count one point twice and another not at all."""
    here = copied(begun, tmp_path)
    (path,) = (here / "outcomes").iterdir()
    path.rename(path.with_name(path.name.replace("000000", "000001")))
    with pytest.raises(InputError, match=r"000001-.*: damaged"):
        open_sweep(here)
    code, out, err = command(
        tmp_path, *PIECES, "sweep.chunks=1/18", "sweep.resume=true", "out=here"
    )
    assert (code, err, "000001-" in out, "run again" in out) == (0, "", True, True)
    assert content(here).keys() >= content(begun / "here").keys()
    assert open_sweep(here).missing == 34


def test_every_bit_of_the_points_counts(begun: Path, tmp_path: Path) -> None:
    """Whichever is turned over, it is noticed; the points are written again as they were."""
    here = copied(begun, tmp_path)
    path, manifest = here / "points.parquet", read_manifest(here)
    whole_file = path.read_bytes()
    assert not points_are_damaged(here, manifest)
    with open(path, "rb+", buffering=0) as file:
        for at, byte in enumerate(whole_file):
            for bit in range(8):
                os.pwrite(file.fileno(), bytes([byte ^ (1 << bit)]), at)
                assert points_are_damaged(here, manifest), (at, bit)
            os.pwrite(file.fileno(), bytes([byte]), at)
    assert not points_are_damaged(here, manifest)
    flip(path)
    with pytest.raises(InputError, match=r"points\.parquet: damaged; sweep\.resume=true"):
        open_sweep(here)
    code, out, _ = command(tmp_path, *PIECES, "sweep.chunks=1/36", "sweep.resume=true", "out=here")
    assert (code, "points.parquet was damaged" in out) == (0, True)
    assert path.read_bytes() == whole_file


def test_bits_of_chunks_count(begun: Path, tmp_path: Path) -> None:
    """A bit in each stretch of 97 bytes, another one each time."""
    here, manifest = copied(begun, tmp_path), read_manifest(begun / "here")
    for table in ("outcomes", "curves"):
        (path,) = (here / table).iterdir()
        held = path.read_bytes()
        assert not is_damaged(path, table, manifest)
        for at in range(0, len(held), 97):
            path.write_bytes(held[:at] + bytes([held[at] ^ (1 << (at % 8))]) + held[at + 1 :])
            assert is_damaged(path, table, manifest), at


EDITS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "runs": lambda said: said | {"runs": 21},
    "no runs": lambda said: said | {"runs": 0},
    "title": lambda said: said | {"parts": [said["parts"][0] | {"title": "Mine"}]},
    "axes": lambda said: said | {"axes": ["levers.mandate"]},
    "fingerprint": lambda said: said | {"fingerprint": "0" * 64},
    "points": lambda said: said | {"points_sha256": "0" * 64},
    "another form": lambda said: {k: v for k, v in said.items() if k != "format"},
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_manifest_is_refused(edit: str, begun: Path, tmp_path: Path) -> None:
    """In one line, by whoever reads it."""
    path = copied(begun, tmp_path) / "manifest.json"
    path.write_text(json.dumps(EDITS[edit](json.loads(path.read_text()))))
    if edit == "points":  # of which the file is the judge, and which can be made again
        with pytest.raises(InputError, match=r"points\.parquet: damaged"):
            open_sweep(tmp_path / "here")
    else:
        told = "changed after it was written" if edit != "another form" else "made by uptake"
        assert told in refused_at_once(tmp_path)


HOSTILE = {
    "nested": "[" * 100_000 + "]" * 100_000,
    "nested a little less": '{"version": 1, "format": 2, "a": ' + "[" * 900 + "]" * 900 + "}",
    "digits": '{"format": 2, "version": "1", "points": ' + "9" * 5000 + "}",
    "escapes": '{"version": "\\u001b[31m\\u0007"}',
    "not UTF-8": "\udcff",
}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_manifest_is_refused(text: str, begun: Path, tmp_path: Path) -> None:
    """In one line."""
    path = copied(begun, tmp_path) / "manifest.json"
    path.write_text(HOSTILE[text], encoding="utf-8", errors="surrogateescape")
    assert "manifest.json: " in refused_at_once(tmp_path)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("manifest.json", "pipe"), ("manifest.json", "large"), ("points.parquet", "device"),
        ("outcomes", "pipe"), ("outcomes", "folder"), ("curves", "device"),
    ],
)  # fmt: skip
def test_what_is_no_file_is_refused(name: str, what: str, begun: Path, tmp_path: Path) -> None:
    """A pipe, from which nothing ever comes, a device, a folder, a file of 10 GB: at once."""
    path = copied(begun, tmp_path) / name
    if path.is_dir():
        (path,) = path.iterdir()
    path.unlink()
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what == "large":
        path.touch()
        os.truncate(path, 10**10)  # takes no room
    else:
        path.symlink_to("/dev/zero")
    assert path.name in refused_at_once(tmp_path, is_begun=name in ("outcomes", "curves"))


@pytest.mark.parametrize("name", [".lock", ".begin.lock"])
def test_a_lock_that_is_a_pipe_is_refused(name: str, begun: Path, tmp_path: Path) -> None:
    path = copied(begun, tmp_path) / name
    path.unlink()
    os.mkfifo(path)
    code, _, err = command(tmp_path, *PIECES, "sweep.resume=true", "out=here")
    assert (code, err.count("\n"), f"{name}: this is a pipe" in err) == (2, 1, True)


@pytest.mark.parametrize("what", ["rows", "months", "text"])
def test_what_unpacks_to_too_much_is_known_beforehand(
    what: str, begun: Path, tmp_path: Path
) -> None:
    """Small files of the right name and sweep that hold far more than a chunk can."""
    here = copied(begun, tmp_path)
    manifest, table = read_manifest(here), "curves" if what == "months" else "outcomes"
    (path,) = (here / table).iterdir()
    columns = {
        "rows": lambda: {"joined": pa.array(np.zeros(20_000_000, np.int8))},
        "months": lambda: {"joined": pa.array([np.zeros(20_000_000, np.int8)])},
        "text": lambda: {"error": pa.array(["x" * 20_000_000])},
    }[what]()
    made = pa.table(columns)
    schema = marked(made.schema, manifest["fingerprint"], table, 0)
    pq.write_table(made.cast(schema), path, compression="zstd")
    assert path.stat().st_size < 100_000
    bomb = path.rename(path.with_name(file_name(0, path.read_bytes())))
    assert is_damaged(bomb, table, manifest)
    with pytest.raises(InputError, match=rf"{bomb.name}: damaged"):
        open_sweep(here)
