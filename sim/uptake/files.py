"""Files: read within bounds, written whole or not at all, on the disk before they count as written.

What others have put there is opened only if it is a file: no pipe or device, none too large.
"""

import atexit
import glob
import hashlib
import io
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from uptake.errors import InputError, shortened


def temporary_folder() -> Path:
    """Return a new folder which nobody else can look into, and which is there until Python ends."""
    folder = Path(tempfile.mkdtemp(prefix="uptake-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def opened(path: str | Path, most_bytes: int, key: str = "") -> io.BufferedReader:
    """Open a file to be read, or refuse what is none, or larger than ``most_bytes``.

    ``key`` is what named the file, if a user did. A file that is not there, or not to be read,
    raises OSError as ``open`` does.
    """
    name = f"{key}={shortened(path, 300)}".lstrip("=")
    _check(name, os.stat(path), most_bytes)  # opening some devices does something
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = open(os.open(path, flags), "rb")  # noqa: SIM115 (the caller closes it)
    try:
        _check(name, os.fstat(file.fileno()), most_bytes)
    except InputError:
        file.close()
        raise
    return file


def hash_of(path: str | Path, most_bytes: int) -> str:
    """Return the SHA-256 of a file."""
    with opened(path, most_bytes) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(name: str, found: os.stat_result, most_bytes: int) -> None:
    """Refuse what is no file, or a file that is too large."""
    if stat.S_ISDIR(found.st_mode):
        raise InputError(f"{name}: this is a folder, where a file is needed")
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{name}: this is a pipe or a device, where a file is needed")
    if found.st_size > most_bytes:
        raise InputError(f"{name}: {found.st_size:,} bytes, and at most {most_bytes:,} are read")


def _sync_folder(folder: Path) -> None:
    """Have a folder's new names on the disk, where the system can (Windows cannot)."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def for_duckdb(path: Path) -> str:
    """Return a path as DuckDB takes it for itself: ``a[1]`` would be ``a1``, ``~`` one's home."""
    return glob.escape(str(path.absolute()))


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; what was written there gets its name at the end."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield temporary
        with open(temporary, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def as_json(content: Mapping[str, Any]) -> str:
    """Return the text of a JSON file; a number that is not finite is refused."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all; a number that is not finite is refused."""
    write_text(path, as_json(content))
