"""Where the package's own configurations are."""

from functools import cache
from pathlib import Path
from typing import Any

# Of which a file is chosen by its name.
GROUPS = ("scenario", "structure", "parameters", "population", "executor")
CHOSEN = (*GROUPS, "experiment")


def configs_folder() -> Path:
    """Return the folder of configurations: inside the installed package, or beside it."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent.parent / "configs"


def plain_of(name: str) -> Any:
    """Return what a file of the package holds."""
    from omegaconf import OmegaConf

    return OmegaConf.to_container(OmegaConf.load(configs_folder() / name))


@cache
def default_structure() -> dict[str, Any]:
    """Return the switches of the default structure, by name."""
    return dict(plain_of("structure/default.yaml"))
