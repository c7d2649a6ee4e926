"""Whether a folder holds work that may be gone on with: a sweep, or a calibration.

``manifest.json`` records all that the results depend on. It goes on if the same is asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from uptake.errors import InputError, shortened
from uptake.files import opened

MANIFEST = "manifest.json"
MOST_BYTES = 32_000_000  # some 50,000 configurations
# What is in a manifest though no result depends on it.
APART = ("asked", "fingerprint", "points_sha256")


def read_record(path: Path) -> Any:
    """Return what a JSON file of ours holds, or refuse one that is too large or no JSON."""
    try:
        with opened(path, MOST_BYTES) as file:
            return json.loads(file.read().decode())
    except (ValueError, RecursionError) as problem:
        if isinstance(problem, InputError):
            raise
        raise InputError(f"{path}: not a manifest: {shortened(problem)}") from None


def _of(folder: Path) -> Any:
    """Return the manifest of a folder, unchecked."""
    return read_record(folder / MANIFEST)


def _is_hidden(path: Path) -> bool:
    """Tell whether a file is a hidden one, such as a file manager leaves."""
    return path.name.startswith(".")


def begun(
    folder: Path,
    what: str,
    wanted: Mapping[str, Any],
    resume: bool,
    read: Callable[[Path], Any] = _of,
    is_ours: Callable[[Path], bool] = _is_hidden,
) -> Any:
    """Return the manifest of the same work in a folder, or None of an empty folder.

    Parameters
    ----------
    folder
        Where results go.
    what
        The work, as in the key that resumes it: ``"sweep"`` or ``"calibration"``.
    wanted
        The manifest of what is asked now.
    resume
        Whether work that is there may be gone on with.
    read
        Returns the manifest of a folder, or refuses it.
    is_ours
        Tells what may be there before there is a manifest; hidden files, if left out.

    Raises
    ------
    InputError
        Other work is there, or the same without ``resume``, or a file of somebody else.
    """
    if (folder / MANIFEST).exists():
        if not resume:
            told = f"a {what} is there already; {what}.resume=true goes on with it"
            raise InputError(f"out={shortened(folder, 300)}: {told}")
        there = read(folder)
        _refuse_another(folder, what, there, wanted)
        return there
    for path in sorted(folder.iterdir()):
        if not is_ours(path):
            told = f"{shortened(path.name)} is there; an empty folder is needed"
            raise InputError(f"out={shortened(folder, 300)}: {told}")
    return None


def _refuse_another(folder: Path, what: str, there: Any, wanted: Mapping[str, Any]) -> None:
    """Refuse work that differs from what is wanted; say in what."""
    before, now = dict(flat(there)), dict(flat(json.loads(json.dumps(wanted))))
    for key in dict.fromkeys([*now, *before]):
        if key not in APART and before.get(key) != now.get(key):
            was, is_now = (shortened(side.get(key, "nothing"), 60) for side in (before, now))
            raise InputError(
                f"{what}.resume=true: {shortened(folder, 300)} holds another {what}: "
                f"{shortened(key)} was {was} and is now {is_now}; go on with the same, or name "
                "another folder with out="
            )


def flat(tree: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of a manifest with their keys."""
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield from flat(branch, f"{key}.{name}" if key else str(name))
    elif isinstance(tree, list) and any(isinstance(branch, dict) for branch in tree):
        for i, branch in enumerate(tree):
            yield from flat(branch, f"{key}[{i}]")
    else:
        yield key, tree
