"""Where a key of the configuration stands in the user's files: file and line."""

import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from uptake.config.own_files import at, line_of, tree_of
from uptake.config.schema import configs_folder
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


def _found(tree: yaml.Node | None, parts: Sequence[str]) -> tuple[int, int]:
    """Return how many parts of a key a tree has, and the line of the last of them."""
    steps, line, node = 0, 0, tree
    for part in parts:
        step = _step(node, part) if node is not None else None
        if step is None:
            break
        steps, line, node = steps + 1, line_of(step[0]), step[1]
    return steps, line


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
