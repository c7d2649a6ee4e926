"""What is typed: its key, and a path as it stands, though Hydra's grammar knows its characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_ALIKE = ("out", "sweep.file")  # the same at every point of a sweep
_VARIED = ("population.path", "parameters.draws")
_KEYS = "|".join(map(re.escape, (*_ALIKE, *_VARIED)))
_PATH = re.compile(rf"(?P<start>\+{{0,2}}(?P<key>{_KEYS})=)(?P<path>.+)", re.DOTALL)
# What Hydra's grammar takes as it stands, and not for a number or a truth value.
_SIMPLE = re.compile(r"(?!(?i:null|true|false|nan|inf|yes|no|on|off)$)[a-zA-Z_/][\w./-]*", re.ASCII)
_QUOTED = r"""('([^'\\]|\\.)*'|"([^"\\]|\\.)*")"""
_ALL_QUOTED = re.compile(rf"{_QUOTED}(,{_QUOTED})*", re.DOTALL)


def key_of(override: str) -> str:
    """Return the key of an override as it was typed."""
    return override.lstrip("+~").partition("=")[0].partition("@")[0]


def paths_as_typed(overrides: Sequence[str], is_sweep: bool = False) -> list[str]:
    """Return overrides whose paths are quoted, so that no character of them means anything.

    Kept as they are: paths of plain letters, what is quoted already, and ``null``. In a sweep a
    comma parts two paths, unless there is a file with all of it as its name.
    """
    return [_as_typed(override, is_sweep) for override in overrides]


def names_path(override: str) -> bool:
    """Tell whether an override names a path."""
    return _PATH.fullmatch(override) is not None


def _as_typed(override: str, is_sweep: bool) -> str:
    found = _PATH.fullmatch(override)
    if found is None or found["path"] == "null" or _ALL_QUOTED.fullmatch(found["path"]):
        return override
    paths = [found["path"]]
    if is_sweep and found["key"] in _VARIED and not Path(paths[0]).exists():
        if paths[0].startswith("choice("):
            return override
        paths = paths[0].split(",")
    told = [path if _SIMPLE.fullmatch(path) else quoted(path) for path in paths]
    return found["start"] + ",".join(told)


def quoted(path: str) -> str:
    """Return a path as Hydra's grammar and OmegaConf's read it back.

    A ``~`` in front is the user's own folder, as it is to a shell, which leaves it after a ``=``.
    """
    if path.startswith("~/") and not Path(path).exists():
        path = str(Path(path).expanduser())
    text = re.sub(r"(\\*)\$\{", r"\1\1\\${", path)  # no interpolation
    text = re.sub(r"(\\*)('|\Z)", lambda found: 2 * found[1] + (found[2] and r"\'"), text)
    return f"'{text}'"
