"""Where a key of the configuration stands in the user's files: file and line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_origin

import yaml

from uptake.config.own_files import at, line_of, tree_of
from uptake.config.refusals import fields_of
from uptake.config.schema import Run, configs_folder
from uptake.errors import InputError

# What a refusal begins with: the key.
_KEY = re.compile(r"[A-Za-z_]\w*(\.[\w-]+|\[[0-9]+\])*(?=[=:])")


def key_in(line: str) -> str:
    """Return the key that a refusal names, or nothing."""
    match = _KEY.match(line)
    return match[0] if match else ""


def _parts(key: str) -> list[str]:
    """Return the steps of a key: ``a.b[2].c`` is a, b, 2, c."""
    return [part for part in re.split(r"[.\[\]]+", key) if part]


def _step(node: yaml.Node, part: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Return where a part of a key stands, and its value; an entry of a list may go by its name."""
    if isinstance(node, yaml.MappingNode):
        return next(((k, v) for k, v in node.value if k.value == part), None)
    if isinstance(node, yaml.SequenceNode):
        for i, entry in enumerate(node.value):
            named = _step(entry, "name") if isinstance(entry, yaml.MappingNode) else None
            if part == str(i) or (named and named[1].value == part):
                return entry, entry
    return None


def _anywhere(node: yaml.Node | None, name: str, value: str) -> int:
    """Return the line of the first key of this name, with this value if there is one, or 0."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    for known, branch in pairs:
        if known.value == name and value in ("", branch.value):
            return line_of(known)
    entries = node.value if isinstance(node, yaml.SequenceNode) else [v for _, v in pairs]
    return next((line for one in entries if (line := _anywhere(one, name, value))), 0)


def _found(tree: yaml.Node | None, parts: Sequence[str]) -> tuple[int, int]:
    """Return how many parts of a key a tree has, and the line of the last of them."""
    steps, line, node = 0, 0, tree
    for part in parts:
        step = _step(node, part) if node is not None else None
        if step is None:
            break
        steps, line, node = steps + 1, line_of(step[0]), step[1]
    return steps, line


def _misshapen(tree: yaml.Node | None, path: str) -> Any:
    """Return the first key that has no list, or no keys, where they are needed."""
    known = fields_of(fields_of(Run).get(path.partition("/")[0]))
    for key, branch in tree.value if isinstance(tree, yaml.MappingNode) else []:
        needed = get_origin(known.get(key.value))
        is_list, is_keys = (
            isinstance(branch, yaml.SequenceNode),
            isinstance(branch, yaml.MappingNode),
        )
        if (needed is list and not is_list) or (needed is dict and not is_keys):
            return key
    return None


def place_in(path: str, line: str, folder: Path) -> str:
    """Return what a refusal that does not say where in a file it belongs is to begin with."""
    file = folder / f"{path}.yaml"
    if not file.is_file():
        return ""
    tree, key = tree_of(file, folder), key_in(line)
    if not key:
        odd = _misshapen(tree, path)
        return f"{at(file, line_of(odd))}: {odd.value}: " if odd else f"{file}: "
    said = line[len(key) :]
    value = said[1:].partition(":")[0] if said.startswith("=") else ""
    found = _anywhere(tree, key, value) if value or "no such key" in line else 0
    return f"{at(file, found) if found else file}: "


def place_of(key: str, files: Sequence[tuple[str, str]], folder: Path) -> str:
    """Return the file and line of a user's folder that a key stands in, or nothing.

    ``files`` are package and path of all that a configuration is made of, in their order. Of a key
    that is missing it is the place of what it is missing in.
    """
    best, place, parts = (0, 0), "", _parts(key)
    for package, path in files:
        above = _parts(package)
        if parts[: len(above)] != above:
            continue
        is_own = (folder / f"{path}.yaml").is_file()
        root = folder if is_own else configs_folder()
        file = root / f"{path}.yaml"
        try:
            tree = tree_of(file, root) if file.is_file() else None
        except InputError:  # told elsewhere
            continue
        steps, line = _found(tree, parts[len(above) :])
        if (len(above) + steps, steps) >= best and (steps or above):
            best = (len(above) + steps, steps)
            place = (at(file, line) if steps else str(file)) if is_own else ""
    return place
