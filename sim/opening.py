"""Opening what others have put there: files only, no pipe or device, none that is too large."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

from sim.errors import InputError, shown


def opened(path: str | Path, most_bytes: int, key: str = "") -> io.BufferedReader:
    """Open a file to be read, or refuse what is none, or larger than ``most_bytes``.

    ``key`` is what named the file, if a user did. A file that is not there, or not to be read,
    raises OSError as ``open`` does.
    """
    name = f"{key}={shown(path, 300)}".lstrip("=")
    _check(name, os.stat(path), most_bytes)  # opening some devices does something
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = open(os.open(path, flags), "rb")  # noqa: SIM115 (the caller closes it)
    try:
        _check(name, os.fstat(file.fileno()), most_bytes)
    except InputError:
        file.close()
        raise
    return file


def _check(name: str, found: os.stat_result, most_bytes: int) -> None:
    """Refuse what is no file, or a file that is too large."""
    if stat.S_ISDIR(found.st_mode):
        raise InputError(f"{name}: this is a folder, where a file is needed")
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{name}: this is a pipe or a device, where a file is needed")
    if found.st_size > most_bytes:
        raise InputError(f"{name}: {found.st_size:,} bytes, and at most {most_bytes:,} are read")
