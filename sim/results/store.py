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
import unicodedata
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
PROVENANCE = "provenance.json"
POINTS = "points.parquet"
_NAME = re.compile(r"([0-9]{6,})-([0-9a-f]{16})\.parquet")
_STRAY = re.compile(rf"\.{_NAME.pattern}\.[0-9]+\.partial")  # half a file of a process that died
_STRAY_BEGINNING = re.compile(rf"\.({MANIFEST}|{PROVENANCE}|{POINTS})\.[0-9]+\.partial")
_OURS = (".lock", ".begin.lock", PROVENANCE, POINTS, *TABLES)

# What reading a manifest relies on; a part is told of by the second.
_NEEDED: dict[str, type] = {
    "design": str, "axes": list, "points": int, "runs": int, "chunks": int, "seed": int,
    "common_random_numbers": bool, "keeps_curves": bool, "configuration": dict, "parts": list,
}  # fmt: skip
_NEEDED_OF_PARTS: dict[str, type] = {
    "scenario": str, "title": str, "shows": str, "months": int, "choices": dict,
}  # fmt: skip


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
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{folder}: no sweep is there (no {MANIFEST})") from None
    except ValueError as problem:
        raise InputError(f"{path}: not a manifest: {problem}") from None
    _check(path, manifest, _NEEDED)
    for part in manifest["parts"] or [None]:
        _check(path, part, _NEEDED_OF_PARTS)
    if any(
        unicodedata.category(c) == "Cc" for key, leaf in _flat(manifest) for c in f"{key}{leaf}"
    ):
        raise InputError(f"{path}: control characters are not allowed in a text")
    return dict(manifest)


def _check(path: Path, tree: Any, needed: Mapping[str, type]) -> None:
    """Refuse what does not hold the keys that are needed, each of its type."""
    for key, kind in needed.items():
        if not isinstance(tree, dict) or not isinstance(tree.get(key), kind):
            raise InputError(f"{path}: not a manifest: {key} ({kind.__name__}) is needed")


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
    except OSError as problem:
        said = "the file system has no locks, which keep two processes from the same work"
        raise InputError(f"out={Path(file.name).parent}: {said} ({problem.strerror})") from None
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

        The files of a missing chunk are removed.
        """
        files = {table: chunk_files(self.folder, table) for table in TABLES}
        for chunk in self.chunks:
            tables = tables_of(self.plan, self.plan.block(chunk), self.keep_curves)
            there = [files[table][chunk] for table in tables if chunk in files[table]]
            damaged = [path for path in there if is_damaged(path)]
            is_missing = bool(damaged) or len(there) < len(tables)
            if is_missing:  # as what is run again may be written by another version of a library
                for path in there:
                    path.unlink()
            yield chunk, is_missing, damaged

    def write(self, chunk: int, tables: Mapping[str, bytes]) -> None:
        """Keep a chunk: the table that is named last says that all are there."""
        for table, content in tables.items():
            write_bytes(self.folder / table / f"{chunk:06d}-{_hash(content)}.parquet", content)

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


@dataclass(frozen=True)
class Record:
    """What a sweep's folder says of it, beside its chunks."""

    manifest: Mapping[str, Any]
    provenance: Mapping[str, Any]
    choices: Sequence[Mapping[str, Any]]  # of every part, for all of its points


def _begin(folder: Path, plan: Plan, record: Record, resume: bool) -> None:
    """Make a folder that of a sweep, or find that it is already."""
    is_begun = (folder / MANIFEST).exists()
    if is_begun and not resume:
        raise InputError(
            f"out={folder}: a sweep is there already; sweep.resume=true goes on with it"
        )
    if is_begun:
        _refuse_another(folder, read_manifest(folder), record.manifest)
    for path in folder.iterdir():
        if _STRAY_BEGINNING.fullmatch(path.name):
            path.unlink()
        elif not is_begun and path.name not in _OURS:
            raise InputError(f"out={folder}: {path.name} is there; an empty folder is needed")
    for table in TABLES:
        (folder / table).mkdir(exist_ok=True)
    if not is_begun or not (folder / POINTS).exists():
        _write_points(plan, record.choices, folder / POINTS)
    if not is_begun or not (folder / PROVENANCE).exists():
        write_json(folder / PROVENANCE, record.provenance)
    if not is_begun:
        write_json(folder / MANIFEST, record.manifest)


@contextmanager
def open_store(
    folder: Path, plan: Plan, record: Record, chunks: range, resume: bool
) -> Iterator[Store]:
    """Hold the chunks of a sweep's folder that are ours to write, and make the folder if need be.

    Refused: a folder that holds another sweep, or this one without ``resume``, or anything else,
    or whose chunks another process holds.
    """
    with open(folder / ".begin.lock", "ab+") as lock:
        _lock(lock, 0, 1, wait=True)
        _begin(folder, plan, record, resume)
    with open(folder / ".lock", "ab+") as lock:
        if len(chunks) and not _lock(lock, chunks.start, len(chunks), wait=False):
            raise InputError(f"out={folder}: another process is writing these chunks; wait for it")
        for table in TABLES:
            for path in (folder / table).iterdir():
                stray = _STRAY.fullmatch(path.name)
                if stray and int(stray[1]) in chunks:
                    path.unlink()
        yield Store(folder, plan, bool(record.manifest["keeps_curves"]), chunks)
