"""The folder of a sweep: what may lie in it, so that nothing is lost and nothing is mixed.

``manifest.json`` says what sweep it is. ``points.parquet`` holds the points; ``outcomes``,
``bands`` and ``curves`` hold a file a chunk. A chunk is there when all its files are; ``outcomes``
is written last. Locks on stretches of ``.lock`` keep two processes from the same chunk.
"""

import hashlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from uptake.engine.plan import Part, Plan
from uptake.errors import InputError
from uptake.files import opened, whole_file, write_bytes, write_json
from uptake.results.chunks import (
    NAME,
    POINTS,
    TABLES,
    chunk_files,
    file_name,
    is_damaged,
    marked,
    points_are_damaged,
)
from uptake.results.manifest import read_manifest, write_manifest
from uptake.results.provenance import PROVENANCE
from uptake.results.resuming import MANIFEST, MOST_BYTES, begun
from uptake.results.runs import refuse_alike
from uptake.results.tables import tables_of

_POINTS_AT_ONCE = 1_000_000
_LOCKS = (".lock", ".begin.lock")
_STRAY = re.compile(rf"\.{NAME.pattern}\.[0-9]+\.partial")  # half a file of a process that died
_STRAY_BEGINNING = re.compile(rf"\.({MANIFEST}|{PROVENANCE}|{POINTS})\.[0-9]+\.partial")
OURS = (MANIFEST, PROVENANCE, POINTS, *TABLES)


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
        raise InputError(
            f"out={Path(file.name).parent}: "
            "the file system has no locks, which keep two processes from the same work"
            f" ({problem.strerror})"
        ) from None
    return True


@dataclass(frozen=True)
class Store:
    """The chunks of a sweep that this process writes, all or a share of them."""

    folder: Path
    plan: Plan
    manifest: Mapping[str, Any]
    chunks: range
    is_mended: bool = False  # the points were damaged, and are written again

    @property
    def keep_curves(self) -> bool:
        """Tell whether the curves of all runs are kept."""
        return bool(self.manifest["keeps_curves"])

    def missing(self) -> Iterator[tuple[int, bool, list[Path]]]:
        """Yield for every chunk its number, whether it is missing, and its damaged files.

        The files of a missing chunk are removed. One of another sweep is refused.
        """
        files = {table: chunk_files(self.folder, table) for table in TABLES}
        for chunk in self.chunks:
            tables = tables_of(self.plan, self.plan.block(chunk), self.keep_curves)
            there = {table: files[table][chunk] for table in tables if chunk in files[table]}
            damaged = [p for table, p in there.items() if is_damaged(p, table, self.manifest)]
            is_missing = bool(damaged) or len(there) < len(tables)
            if is_missing:  # as what is run again may be written by another version of a library
                for path in there.values():
                    path.unlink()
            yield chunk, is_missing, damaged

    def write(self, chunk: int, tables: Mapping[str, bytes]) -> None:
        """Keep a chunk: the table that is named last says that all are there."""
        for table, content in tables.items():
            write_bytes(self.folder / table / file_name(chunk, content), content)

    def kept(self) -> int:
        """Return how many of our chunks are there."""
        return sum(chunk in self.chunks for chunk in chunk_files(self.folder, "outcomes"))


@dataclass(frozen=True)
class Record:
    """What a sweep's folder says of it, beside its chunks."""

    manifest: Mapping[str, Any]
    provenance: Mapping[str, Any]
    choices: Sequence[Mapping[str, Any]]  # of every part, for all of its points


def _write_points(plan: Plan, record: Record, path: Path) -> str:
    """Write ``points.parquet``, and return its hash.

    It has a row a point, and a column an axis; null: as the scenario has it.
    """
    with whole_file(path) as temporary:
        writer = None
        for part, chosen in zip(plan.parts, record.choices, strict=True):
            for first in range(0, part.points.count, _POINTS_AT_ONCE):
                count = min(_POINTS_AT_ONCE, part.points.count - first)
                table = _point_table(part, chosen, first, count)
                schema = marked(table.schema, record.manifest["fingerprint"], "points")
                writer = writer or pq.ParquetWriter(temporary, schema, compression="zstd")
                writer.write_table(table.cast(schema))
        if writer is not None:
            writer.close()
        with open(temporary, "rb") as written:
            return hashlib.file_digest(written, "sha256").hexdigest()


def _point_table(part: Part, chosen: Mapping[str, Any], first: int, count: int) -> Any:
    """Return some points of a part, with what was chosen for all of them, as an Arrow table."""
    start, values = part.first_point + first, part.points.values(first, count)
    columns: dict[str, Any] = {"point": pa.array(range(start, start + count))}
    columns |= {key: pa.array([value] * count) for key, value in chosen.items()}
    axes = zip(part.points.keys, values.T, strict=True)
    columns |= {key: pa.array(column, mask=np.isnan(column)) for key, column in axes}
    refuse_alike([*columns], "the names of keys need to differ by more than case")
    return pa.table(columns)


def _is_ours(path: Path) -> bool:
    """Tell whether a sweep that was stopped as it began can have left a file; chunks it cannot."""
    if path.name in TABLES and (not path.is_dir() or any(path.iterdir())):
        raise InputError(
            f"out={path.parent}: chunks are there ({path.name}), and no {MANIFEST} that says of "
            "which sweep they are; put it back, or name another folder"
        )
    return path.name in (*OURS, *_LOCKS) or bool(_STRAY_BEGINNING.fullmatch(path.name))


def _begin(folder: Path, plan: Plan, record: Record, resume: bool) -> tuple[dict[str, Any], bool]:
    """Make a folder that of a sweep, or find that it is already.

    Return its manifest, and whether the points of a sweep that had begun were written again.
    """
    manifest = begun(folder, "sweep", record.manifest, resume, read_manifest, _is_ours)
    for path in folder.iterdir():
        if _STRAY_BEGINNING.fullmatch(path.name):
            path.unlink()
    for table in TABLES:
        (folder / table).mkdir(exist_ok=True)
    if manifest is None or not (folder / PROVENANCE).exists():
        write_json(folder / PROVENANCE, record.provenance)
    if manifest is not None and not points_are_damaged(folder, manifest):
        return manifest, False
    points = _write_points(plan, record, folder / POINTS)
    found = {**(manifest or record.manifest), "points_sha256": points}
    if found != manifest:
        write_manifest(folder, found)
    return found, manifest is not None


@contextmanager
def _lock_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for locks, made if need be; what is there and no file is refused."""
    if not path.exists():
        path.touch()
    opened(path, MOST_BYTES).close()
    with open(path, "rb+") as file:
        yield file


@contextmanager
def open_store(
    folder: Path, plan: Plan, record: Record, chunks: range, resume: bool
) -> Iterator[Store]:
    """Hold the chunks of a sweep's folder that are ours to write, and make the folder if need be.

    Refused: a folder that holds another sweep, or this one without ``resume``, or anything else,
    or whose chunks another process holds.
    """
    with _lock_file(folder / ".begin.lock") as lock:
        _lock(lock, 0, 1, wait=True)
        manifest, is_mended = _begin(folder, plan, record, resume)
    with _lock_file(folder / ".lock") as lock:
        if len(chunks) and not _lock(lock, chunks.start, len(chunks), wait=False):
            raise InputError(f"out={folder}: another process is writing these chunks; wait for it")
        for table in TABLES:
            for path in (folder / table).iterdir():
                stray = _STRAY.fullmatch(path.name)
                if stray and int(stray[1]) in chunks:
                    path.unlink()
        yield Store(folder, plan, manifest, chunks, is_mended)
