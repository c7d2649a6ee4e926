"""What is needed to do the same run again."""

import hashlib
import json
import platform
import subprocess
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from uptake.config.case import Case
from uptake.config.posterior import file_of
from uptake.config.schema import Run, configs_folder
from uptake.errors import InputError, shortened
from uptake.files import opened
from uptake.version import __version__

PROVENANCE = "provenance.json"
_MOST_BYTES = 32_000_000


def read_provenance(folder: Path) -> dict[str, Any]:
    """Return what a folder says of how to do the same again."""
    return read_json(folder / PROVENANCE)


def read_json(path: Path) -> dict[str, Any]:
    """Return the keys and values of a JSON file, or refuse a file that holds none."""
    try:
        with opened(path, _MOST_BYTES) as file:
            found = json.loads(file.read().decode())
    except OSError as problem:
        raise InputError(f"{path}: cannot be read: {problem.strerror}") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as problem:
        raise InputError(f"{path}: cannot be read: {shortened(problem)}") from None
    if not isinstance(found, dict):
        raise InputError(f"{path}: cannot be read: keys with values are needed")
    return found


def _checkout() -> dict[str, Any]:
    """Return the commit that the package's own checkout stands at, and whether it was changed."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return {"commit": None}
    command = ["git", "-C", str(root), "status", "--porcelain=v2", "--branch"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return {"commit": None}
    first, *others = done.stdout.splitlines()  # "# branch.oid ...", more such lines, changes
    return {
        "commit": first.split()[-1],
        "changed_since_commit": any(not line.startswith("#") for line in others),
    }


def input_paths(config: Run) -> dict[str, Path]:
    """Return every table that a configuration names, by what a record calls it."""
    files: dict[str, Path] = {}
    if config.population.path:
        files[config.population.path] = Path(config.population.path)
    draws = file_of(config)
    if draws is not None:
        own = draws.is_relative_to(configs_folder())
        files[(draws.relative_to(configs_folder()) if own else draws).as_posix()] = draws
    return files


def input_files(case: Case) -> dict[str, str]:
    """Return the hash of every table that a case was made of, by its path."""
    files = input_paths(case.config)
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def provenance(case: Case) -> dict[str, Any]:
    """Return what ``provenance.json`` holds: all that is needed to do the same run again."""
    return record(case.config, input_files(case))


def record(config: Run, hashes: dict[str, str]) -> dict[str, Any]:
    """Return the same of a configuration, given the hash of every table that it was made of."""
    libraries = ("duckdb", "hydra-core", "mesa", "numba", "numpy", "pyarrow", "scipy")
    return {
        "package": "uptake-sim",
        "version": __version__,
        **_checkout(),
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in libraries},
        "seed": config.seed,
        "input_files_sha256": hashes,
        "configuration": asdict(config),
    }
