"""Where the package's own configurations are, and what they hold."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from omegaconf._utils import get_yaml_loader

# Of which a file is chosen by its name.
GROUPS = ("scenario", "structure", "parameters", "population", "executor")
CHOSEN = (*GROUPS, "experiment")


def configs_folder() -> Path:
    """Return the folder of configurations: inside the installed package, or beside it."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent.parent / "configs"


class _Loader(yaml.CSafeLoader):
    """Reads what OmegaConf would read, by the parser in C: a seventh of the time."""

    yaml_implicit_resolvers = get_yaml_loader().yaml_implicit_resolvers


def plain_of(name: str) -> Any:
    """Return what a file of the package holds."""
    return yaml.load((configs_folder() / name).read_text("utf-8"), _Loader) or {}


@cache
def default_structure() -> dict[str, Any]:
    """Return the switches of the default structure, by name."""
    return dict(plain_of("structure/default.yaml"))
