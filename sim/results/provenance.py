"""What is needed to do the same run again."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from sim import __version__
from sim.scenario import Case


def _checkout() -> dict[str, Any]:
    """Return the commit that the package's own checkout stands at, and whether it was changed."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return {"commit": None}
    said = []
    for question in (["rev-parse", "HEAD"], ["status", "--porcelain"]):
        command = ["git", "-C", str(root), *question]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        except (OSError, subprocess.SubprocessError):
            return {"commit": None}
        said.append(done.stdout.strip())
    return {"commit": said[0], "changed_since_commit": bool(said[1])}


def input_files(case: Case) -> dict[str, str]:
    """Return the hash of every file of the user's that a case was made of, by its path."""
    path = case.config.population.path
    return {str(path): hashlib.sha256(Path(path).read_bytes()).hexdigest()} if path else {}


def provenance(case: Case) -> dict[str, Any]:
    """Return what ``provenance.json`` holds: all that is needed to do the same run again."""
    from omegaconf import OmegaConf

    libraries = ("duckdb", "hydra-core", "mesa", "numba", "numpy", "pyarrow", "scipy")
    return {
        "package": "uptake-sim",
        "version": __version__,
        **_checkout(),
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in libraries},
        "seed": case.config.seed,
        "input_files_sha256": input_files(case),
        "configuration": OmegaConf.to_container(OmegaConf.structured(case.config)),
    }
