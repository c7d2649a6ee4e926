"""Where results go: into a folder that holds nothing else, so that none is lost or mixed.

Only a comparison may lie beside what it is of, in the folder of its sweep. What it wrote there, and
nobody changed since, is replaced by the next one; any other file is left alone.
"""

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from uptake.errors import InputError, shortened, wrong
from uptake.files import hash_of, opened, write_json

_WRITTEN = ".comparison.json"  # what a comparison wrote beside a sweep, by name; null: was writing
_MOST_BYTES = 1_000_000_000


def named_folder(folder: object) -> Path:
    """Return a folder that is given in Python, or refuse what is not the name of one."""
    if not isinstance(folder, str | Path):
        raise wrong("folder", folder, "the name of a folder is needed")
    return Path(folder)


def output_folder(
    out: str | None, command: str, name: str = "", is_looked_into: bool = False
) -> Path:
    """Return a new folder for the results, or the one that was asked for, made if need be.

    It must be empty, but for hidden files, unless the caller has looked into it.
    """
    if out is not None and not out.strip():
        raise InputError("out=: the name of a folder is needed")
    now = f"{datetime.datetime.now():%Y%m%d-%H%M%S-%f}"
    folder = Path(out or f"outputs/{command}/{f'{name}_{now}'.lstrip('_')}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = [] if is_looked_into else sorted(path.name for path in folder.iterdir())
    except OSError as problem:
        raise InputError(
            f"out={shortened(folder, 300)}: {problem.strerror}: a folder is needed"
        ) from problem
    for other in there:
        if not other.startswith("."):
            raise InputError(
                f"out={shortened(folder, 300)}: {shortened(other)} is there; "
                "an empty folder is needed, as nothing is written over; name another, or move what "
                "is there away"
            )
    return folder


def refuse_folder(out: str | None) -> None:
    """Refuse, before long work, a folder that cannot be used; make none."""
    if out is not None and (not out.strip() or Path(out).exists()):
        output_folder(out, "")


@contextmanager
def beside_sweep(folder: Path, names: list[str]) -> Iterator[bool]:
    """Let files of these names be written beside a sweep; yield whether a comparison was there.

    Refused is to write over a file that no comparison wrote, or that was changed since. What an
    earlier comparison wrote is taken away, so that nothing of it is left beside the new one.
    """
    known = _written(folder)
    there = [name for name in names if (folder / name).exists() or (folder / name).is_symlink()]
    for name in there:
        if name not in known or known[name] not in (None, hash_of(folder / name, _MOST_BYTES)):
            raise InputError(
                f"{folder / name}: "
                "is there and was not written by uptake compare, or was changed since"
                f"; move it, or name another folder with out="
            )
    for name in there:
        (folder / name).unlink()
    write_json(folder / _WRITTEN, dict.fromkeys(names))
    yield bool(there)
    made = [name for name in names if (folder / name).exists()]
    write_json(folder / _WRITTEN, {name: hash_of(folder / name, _MOST_BYTES) for name in made})


def _written(folder: Path) -> dict[str, Any]:
    """Return the hashes of what a comparison wrote, by name; None if it did not come to its end."""
    try:
        with opened(folder / _WRITTEN, _MOST_BYTES) as file:
            found = json.loads(file.read(1_000_000))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
