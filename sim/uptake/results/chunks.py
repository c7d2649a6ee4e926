"""The Parquet files of a sweep: each is named by what it holds, and says of which sweep it is.

A chunk's file has its number and a hash of its content in its name; its metadata tell the sweep's
fingerprint, its table and its number again. So a file that is damaged, or of another sweep, or that
unpacks to more than a sweep can hold, is known before a row of it is read.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uptake.errors import InputError
from uptake.files import opened
from uptake.results.manifest import months_of, rows_of_chunk

TABLES = ("outcomes", "bands", "curves")
POINTS = "points.parquet"
NAME = re.compile(r"([0-9]{6,18})-([0-9a-f]{16})\.parquet")
_ABOUT = b"uptake"
_MOST_BYTES = 8_000_000_000
_MOST_BYTES_A_VALUE = 1024  # of text


def content_hash(content: bytes) -> str:
    """Return the short hash of a chunk's content that stands in its name."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def file_name(chunk: int, content: bytes) -> str:
    """Return the name of a chunk's file."""
    return f"{chunk:06d}-{content_hash(content)}.parquet"


def marked(schema: Any, sweep: str, table: str, chunk: int | None = None) -> Any:
    """Return an Arrow schema that says of which sweep, table and chunk its rows are."""
    about = {"sweep": sweep, "table": table, "chunk": chunk}
    return schema.with_metadata({_ABOUT: json.dumps(about).encode()})


def chunk_files(folder: Path, table: str) -> dict[int, Path]:
    """Return the files of a table by the number of their chunk."""
    found = {}
    for path in sorted((folder / table).glob("*.parquet")):
        match = NAME.fullmatch(path.name)
        if match:
            found[int(match[1])] = path
    return found


def is_damaged(path: Path, table: str, manifest: Mapping[str, Any]) -> bool:
    """Tell whether a chunk's file does not hold what its name says.

    One of another sweep, or that is no file, is refused.
    """
    match = NAME.fullmatch(path.name)
    if match is None:
        return True
    with opened(path, _MOST_BYTES) as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()
        if digest != match[2]:
            return True
        return not _is_of(path, file, manifest, table, int(match[1]), rows_of_chunk(manifest))


def points_are_damaged(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Tell whether the points are not those that the manifest tells of, or not there."""
    path = folder / POINTS
    try:
        with opened(path, _MOST_BYTES) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != manifest["points_sha256"]:
                return True
            return not _is_of(path, file, manifest, "points", None, int(manifest["points"]))
    except FileNotFoundError:
        return True


def _is_of(
    path: Path,
    file: io.BufferedReader,
    manifest: Mapping[str, Any],
    table: str,
    chunk: int | None,
    most_rows: int,
) -> bool:
    """Tell whether a Parquet file is what it should be, from its metadata alone.

    One of another sweep is refused.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        footer = pq.read_metadata(file)
        told = json.loads((footer.metadata or {}).get(_ABOUT, b"null"))
    except (pa.ArrowException, OSError, ValueError, RecursionError):
        return False
    sweep = told.get("sweep") if isinstance(told, dict) else None
    if sweep != manifest["fingerprint"]:
        raise InputError(f"{path}: this is of another sweep; take it away")
    months = months_of(manifest) + 1 if table in ("bands", "curves") else 1
    is_it = told == {"sweep": sweep, "table": table, "chunk": chunk}
    within = chunk is None or chunk < manifest["chunks"]
    return is_it and within and footer.num_rows <= most_rows and _unpacks_to(footer, months)


def _unpacks_to(footer: Any, values_a_row: int) -> bool:
    """Tell whether every column holds so many values a row at most, none of them too long."""
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    for group in groups:
        for j in range(group.num_columns):
            column = group.column(j)
            values = group.num_rows * values_a_row
            size = values * _MOST_BYTES_A_VALUE + 2**20
            if column.num_values > values or column.total_uncompressed_size > size:
                return False
    return sum(group.num_rows for group in groups) == footer.num_rows
