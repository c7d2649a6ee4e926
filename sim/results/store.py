"""The folder of a sweep: what may lie in it, so that nothing is lost and nothing is mixed.

``manifest.json`` says what sweep it is. ``points.parquet`` holds the points; ``outcomes``,
``bands`` and ``curves`` hold a file a chunk, named by its number and a hash of its content, so
that a damaged one is known by its name. A chunk is there when all its files are; ``outcomes`` is
written last. Locks on stretches of ``.lock`` keep two processes from the same chunk.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from sim.errors import InputError
from sim.results.files import whole_file, write_bytes, write_json
from sim.results.tables import tables_of
from sim.sweep import Part, Plan

TABLES = ("outcomes", "bands", "curves")
MANIFEST = "manifest.json"
_POINTS_AT_ONCE = 1_000_000
_NAME = re.compile(r"([0-9]{6,})-([0-9a-f]{16})\.parquet")


def _hash(content: bytes) -> str:
    """Return a short hash of a file's content."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def fingerprint(manifest: Mapping[str, Any]) -> str:
    """Return a hash of everything that the rows of a sweep depend on."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def chunk_files(folder: Path, table: str) -> dict[int, Path]:
    """Return the files of a table by the number of their chunk."""
    found = {}
    for path in sorted((folder / table).glob("*.parquet")):
        match = _NAME.fullmatch(path.name)
        if match:
            found[int(match[1])] = path
    return found


def is_damaged(path: Path) -> bool:
    """Tell whether a chunk's file does not hold what its name says."""
    match = _NAME.fullmatch(path.name)
    return match is None or _hash(path.read_bytes()) != match[2]


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a folder says of its sweep, or refuse a folder that holds none."""
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{folder}: no sweep is there (no {MANIFEST})") from None
    except ValueError as problem:
        raise InputError(f"{path}: not a manifest: {problem}") from None
    return manifest


def _flat(tree: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of a manifest with their keys."""
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield from _flat(branch, f"{key}.{name}" if key else str(name))
    elif isinstance(tree, list) and any(isinstance(branch, dict) for branch in tree):
        for i, branch in enumerate(tree):
            yield from _flat(branch, f"{key}[{i}]")
    else:
        yield key, tree


def _refuse_another(folder: Path, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse to go on with a sweep that differs from the one wanted; say in what."""
    before, now = dict(_flat(dict(there))), dict(_flat(dict(wanted)))
    for key in dict.fromkeys([*now, *before]):
        if key != "asked" and before.get(key) != now.get(key):
            was, is_now = (f"{side.get(key, 'nothing')!s:.60}" for side in (before, now))
            raise InputError(
                f"sweep.resume=true: {folder} holds another sweep: {key} was {was} and is now "
                f"{is_now}; go on with the same, or name another folder with out="
            )


def _lock(file: IO[bytes], first: int, count: int, wait: bool) -> bool:
    """Lock a stretch of a file until it is closed or its process ends; tell whether that worked."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(first)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, count)
        else:
            import fcntl

            fcntl.lockf(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), count, first)
    except (BlockingIOError, PermissionError):
        return False
    return True


@dataclass(frozen=True)
class Store:
    """The chunks of a sweep that this process writes, all or a share of them."""

    folder: Path
    plan: Plan
    keep_curves: bool
    chunks: range

    def missing(self) -> Iterator[tuple[int, bool, list[Path]]]:
        """Yield for every chunk its number, whether it is missing, and its damaged files.

        Damaged files are removed.
        """
        files = {table: chunk_files(self.folder, table) for table in TABLES}
        for chunk in self.chunks:
            tables = tables_of(self.plan, self.plan.block(chunk), self.keep_curves)
            there = [files[table][chunk] for table in tables if chunk in files[table]]
            damaged = [path for path in there if is_damaged(path)]
            for path in damaged:
                path.unlink()
            yield chunk, bool(damaged) or len(there) < len(tables), damaged

    def write(self, chunk: int, tables: Mapping[str, bytes]) -> None:
        """Keep a chunk in place of what there was of it; the last table says that all are there."""
        for table, content in tables.items():
            path = self.folder / table / f"{chunk:06d}-{_hash(content)}.parquet"
            for other in path.parent.glob(f"{chunk:06d}-*.parquet"):
                if other != path:
                    other.unlink()
            write_bytes(path, content)

    def kept(self) -> int:
        """Return how many of our chunks are there."""
        return sum(chunk in self.chunks for chunk in chunk_files(self.folder, "outcomes"))


def _write_points(plan: Plan, choices: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write ``points.parquet``: a row a point, a column an axis; null: as the scenario has it."""
    import pyarrow.parquet as pq

    with whole_file(path) as temporary:
        writer = None
        for part, chosen in zip(plan.parts, choices, strict=True):
            for first in range(0, part.points.count, _POINTS_AT_ONCE):
                count = min(_POINTS_AT_ONCE, part.points.count - first)
                table = _point_table(part, chosen, first, count)
                writer = writer or pq.ParquetWriter(temporary, table.schema, compression="zstd")
                writer.write_table(table)
        if writer is not None:
            writer.close()


def _point_table(part: Part, chosen: Mapping[str, Any], first: int, count: int) -> Any:
    """Return some points of a part, with what was chosen for all of them, as an Arrow table."""
    import pyarrow as pa

    start, values = part.first_point + first, part.points.values(first, count)
    columns: dict[str, Any] = {"point": pa.array(range(start, start + count))}
    for key, value in chosen.items():
        columns[key] = pa.array([value] * count)
    for i, key in enumerate(part.points.keys):
        columns[key] = pa.array(values[:, i], mask=np.isnan(values[:, i]))
    return pa.table(columns)


def _begin(
    folder: Path,
    plan: Plan,
    manifest: Mapping[str, Any],
    choices: Sequence[Mapping[str, Any]],
    resume: bool,
) -> None:
    """Make a folder that of a sweep, or find that it is already."""
    if not (folder / MANIFEST).exists():
        for stray in folder.glob(".*.partial"):
            stray.unlink()
        for table in TABLES:
            (folder / table).mkdir(exist_ok=True)
        _write_points(plan, choices, folder / "points.parquet")
        write_json(folder / MANIFEST, manifest)
    elif not resume:
        allowed = "a sweep is there already; sweep.resume=true goes on with it"
        raise InputError(f"out={folder}: {allowed}")
    _refuse_another(folder, read_manifest(folder), manifest)


@contextmanager
def open_store(
    folder: Path,
    plan: Plan,
    manifest: Mapping[str, Any],
    choices: Sequence[Mapping[str, Any]],
    chunks: range,
    resume: bool,
) -> Iterator[Store]:
    """Hold the chunks of a sweep's folder that are ours to write, and make the folder if need be.

    ``choices`` holds for every part what was chosen for all of its points. Refused: a folder that
    holds another sweep, or this one without ``resume``, or whose chunks another process holds.
    """
    with open(folder / ".begin.lock", "ab+") as lock:
        _lock(lock, 0, 1, wait=True)
        _begin(folder, plan, manifest, choices, resume)
    with open(folder / ".lock", "ab+") as lock:
        if len(chunks) and not _lock(lock, chunks.start, len(chunks), wait=False):
            raise InputError(f"out={folder}: another process is writing these chunks; wait for it")
        for table in TABLES:
            for stray in (folder / table).glob(".*.partial"):
                if int(stray.name[1:7]) in chunks:
                    stray.unlink()
        yield Store(folder, plan, bool(manifest["keeps_curves"]), chunks)
