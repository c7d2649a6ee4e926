"""Sweeps for the tests: run as a user would, disturbed, and looked into."""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from conftest import PATIENCE, ROOT
from drawing import said
from uptake.results.manifest import fingerprint

TABLES = ("bands", "curves", "outcomes")

# 36 chunks that are pieces of 12 points: no bands.
PIECES = [
    "levers.upfront_fee_gbp=0,5000,10000,20000", "levers.pressure=0,0.5,1",
    "sweep.runs=20", "sweep.chunk_runs=7", "months=4",
]  # fmt: skip


def command(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Return the exit code of ``uptake run -m``, from its entry point, and what it said."""
    return said(folder, "run", "-m", *arguments)


def completed(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a sweep, or go on with it, as two shares: a whole one would be compared and drawn too."""
    first = command(folder, *arguments, "sweep.resume=true", "sweep.chunks=1/2")
    second = command(folder, *arguments, "sweep.resume=true", "sweep.chunks=2/2")
    return first[0] or second[0], first[1] + second[1], first[2] + second[2]


@contextmanager
def started(
    folder: Path,
    *arguments: str,
    limit: int = resource.RLIM_INFINITY,
    command: Sequence[str] = ("run", "-m"),
) -> Iterator[subprocess.Popen[str]]:
    """Start ``uptake`` as a user would; it can write no file larger than ``limit`` bytes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "uptake.cli.main", *command, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "sim"), "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit)),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Return the exit code of a process, once it has ended, and what it said."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def whole(folder: Path, *arguments: str, limit: int = resource.RLIM_INFINITY) -> Any:
    """Return the exit code of a sweep that nobody disturbs, and what it said."""
    with started(folder, *arguments, limit=limit) as process:
        return ended(process)


def chunks_there(folder: Path) -> int:
    """Return how many chunks are kept."""
    return sum(1 for _ in (folder / "outcomes").glob("[0-9]*.parquet"))


def wait_for(process: subprocess.Popen[str], is_so: Callable[[], bool]) -> None:
    """Wait until something is so, while a process works."""
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.002)


def content(folder: Path) -> dict[str, bytes]:
    """Return every table of a sweep by its file's name, which must be that of its content."""
    found = {"points.parquet": (folder / "points.parquet").read_bytes()}
    for table in TABLES:
        for path in (folder / table).iterdir():
            match = re.fullmatch(r"[0-9]{6}-([0-9a-f]{16})\.parquet", path.name)
            assert match is not None, path
            held = path.read_bytes()
            assert match[1] == hashlib.blake2b(held, digest_size=8).hexdigest(), path
            found[f"{table}/{path.name}"] = held
    return found


def assert_same(folder: Path, undisturbed: Path) -> None:
    """Assert that a sweep's folder holds what another does, and nothing half written."""
    assert content(folder) == content(undisturbed)
    assert list(folder.rglob("*.partial")) == []
    said, before = (json.loads((f / "manifest.json").read_text()) for f in (folder, undisturbed))
    assert said | {"asked": 0} == before | {"asked": 0}


def begun_in(folder: Path) -> Path:
    """Return where a sweep has begun, in the folder ``here``: one chunk of 36 is there."""
    assert command(folder, *PIECES, "sweep.chunks=1/36", "out=here")[0] == 0
    return folder


def refused(folder: Path, *arguments: str, said: str = "") -> str:
    """Return the one line with which a command is refused; it must leave the folder alone."""
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*") if path.is_file()}
    code, out, err = command(folder, *arguments, "out=here")
    assert (code, out, err.count("\n")) == (2, said, 1)
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*") if path.is_file()}
    assert {path for path in after if not path.name.endswith(".lock")} == {
        path for path in before if not path.name.endswith(".lock")
    }
    assert all(after[path] == before[path] for path in before if path.suffix != ".lock")
    return err


def flip(path: Path) -> None:
    """Turn over a bit in the middle of a file."""
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)


def resealed(folder: Path, **other: Any) -> None:
    """Have a manifest say something else, as if the sweep had been of that from the start."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text()) | other
    path.write_text(json.dumps(manifest | {"fingerprint": fingerprint(manifest)}))


def assert_told(err: str, kept: int, chunks: int) -> None:
    """Assert that a stopped sweep says what is kept."""
    told = re.search(rf"uptake: stopped; ([0-9]+) of {chunks} chunks are kept in here: ", err)
    assert told is not None, err
    assert int(told[1]) == kept
