"""What a sweep's folder says of itself, in ``manifest.json``: of which question its rows are.

Its ``fingerprint`` is a hash of all that the rows depend on. It stands in every chunk too, so that
no chunk is taken for one of another question.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uptake.config.schema import every
from uptake.config.schema.run import MOST_RUNS
from uptake.engine.designs import MOST_POINTS
from uptake.engine.plan import RUNS_A_STORED_CHUNK
from uptake.errors import InputError, shortened
from uptake.files import as_json, write_text
from uptake.results.resuming import APART, MANIFEST, MOST_BYTES, flat, read_record

FORMAT = 2  # of the folder

# What reading a manifest relies on, by the place in it; "parts" are told of one by one.
_NEEDED: dict[str, dict[str, type]] = {
    "": {
        "version": str, "fingerprint": str, "points_sha256": str, "design": str, "axes": list,
        "points": int, "runs": int, "chunks": int, "seed": int, "common_random_numbers": bool,
        "keeps_curves": bool, "configuration": dict, "parts": list,
    },
    "parts": {"scenario": str, "title": str, "shows": str, "months": int, "choices": dict},
    "configuration": {"parameters": dict, "scenario": dict},
    "configuration.parameters": {"title": str},
    "configuration.scenario": {"name": str, "observed": dict},
    "configuration.scenario.observed": {"month": int, "source": str},
}  # fmt: skip


def fingerprint(manifest: Mapping[str, Any]) -> str:
    """Return a hash of everything that the rows of a sweep depend on."""
    told = {key: value for key, value in manifest.items() if key not in APART}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a folder says of its sweep, or refuse a folder that holds none.

    What was changed after it was written is refused.
    """
    path = folder / MANIFEST
    try:
        manifest = read_record(path)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{shortened(folder, 300)}: no sweep is there (no {MANIFEST})") from None
    try:
        _check(path, manifest)
    except RecursionError as problem:
        raise InputError(f"{path}: not a manifest: {shortened(problem)}") from None
    return dict(manifest)


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write what a folder says of its sweep; refuse a sweep of which too much is to be said."""
    text = as_json(manifest)
    if len(text.encode()) > MOST_BYTES:
        raise InputError(f"out={folder}: {len(manifest['parts']):,} configurations are too many")
    write_text(folder / MANIFEST, text)


def _check(path: Path, manifest: Any) -> None:
    """Refuse what is no manifest, is one of another version, or is not as it was written."""
    if isinstance(manifest, dict) and "version" in manifest and manifest.get("format") != FORMAT:
        raise InputError(
            f"{path}: made by uptake {shortened(manifest['version'], 20)} in another form, which "
            "this version does not read; ask the same again, in another folder"
        )
    _need(path, manifest, "")
    if fingerprint(manifest) != manifest["fingerprint"]:
        raise InputError(
            f"{path}: changed after it was written (its fingerprint is another), so it is not "
            "known what the rows are of; put back the one that was there"
        )
    for part in manifest["parts"] or [None]:
        _need(path, part, "parts")
    configuration = manifest["configuration"]
    _need(path, configuration, "configuration")
    _need(path, configuration["parameters"], "configuration.parameters")
    _need(path, configuration["scenario"], "configuration.scenario")
    for observed in configuration["scenario"]["observed"].values():
        for seen in every(observed):
            _need(path, seen, "configuration.scenario.observed")
    points, runs, of_chunk = manifest["points"], manifest["runs"], rows_of_chunk(manifest)
    if (
        not 1 <= points <= MOST_POINTS
        or not 1 <= runs <= MOST_RUNS
        or not 1 <= of_chunk <= MOST_RUNS
    ):
        raise InputError(f"{path}: not a manifest: points or runs are none, or too many")
    texts = (f"{key}{leaf}" for key, leaf in flat(manifest))
    if any(unicodedata.category(character) == "Cc" for text in texts for character in text):
        raise InputError(f"{path}: control characters are not allowed in a text")


def _need(path: Path, tree: Any, where: str) -> None:
    """Refuse what does not hold the keys that are needed there, each of its type."""
    for key, kind in _NEEDED[where].items():
        found = tree.get(key) if isinstance(tree, dict) else None
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is int):
            name = f"{where}.{key}".lstrip(".")
            raise InputError(f"{path}: not a manifest: {name} ({kind.__name__}) is needed")


def rows_of_chunk(manifest: Mapping[str, Any]) -> int:
    """Return how many rows a chunk has at most."""
    asked = manifest.get("chunk_runs")
    return asked if isinstance(asked, int) else RUNS_A_STORED_CHUNK


def months_of(manifest: Mapping[str, Any]) -> int:
    """Return the longest horizon of a sweep, months."""
    return max(int(part["months"]) for part in manifest["parts"])
