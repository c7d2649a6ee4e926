"""A user's own configuration files: data within bounds, each read only when it is needed.

A file is read as Hydra comes to it, so that one that is broken stops the runs that need it and no
others. What could run code, reach outside its folder or grow without end is refused with its line.
"""

from __future__ import annotations

import itertools
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from uptake.config.schema import configs_folder
from uptake.errors import InputError, listed, nearest, shortened, wrong

MOST_BYTES = 200_000
MOST_NODES = 20_000
MOST_DEPTH = 20
MOST_FILES = 100  # that the defaults of one lead to
LONGEST_KEY = 100

# What YAML reads as another number than is written (010 is 8, 10:30 is 630); numbers without end.
_ODD_NUMBER = re.compile(r"[-+]?(0[0-9_]+|0[xb][0-9a-fA-F_]+|[0-9_]+(:[0-5]?[0-9])+(\.[0-9_]*)?)")
_ENDLESS = re.compile(r"[-+]?[0-9_]{19,}")
_DEFAULT = re.compile(r"((optional|override) )*/?\w[\w.-]*(/\w[\w.-]*)*(@[\w.:]+)?")


def folder_of(key: str, folder: str | Path) -> Path:
    """Return a folder that is there, or refuse it."""
    if not Path(folder).is_dir():
        raise wrong(key, folder, "no such folder")
    return Path(folder)


def names(folder: Path) -> list[str]:
    """Return the names of the configurations in a folder; files with a leading dot are none."""
    found = [file.stem for file in folder.glob("*.yaml") if not file.name.startswith(".")]
    return sorted(found)


def files(group: str, config_dir: Path | None) -> list[tuple[str, Path, Path]]:
    """Return name, file and folder of every configuration of a group, the package's first."""
    folders = [configs_folder(), *([config_dir] if config_dir else [])]
    return [
        (name, folder / group / f"{name}.yaml", folder)
        for folder in folders
        for name in names(folder / group)
    ]


def at(file: Path, line: int) -> str:
    """Return how a place in a file is told."""
    return f"{file}, line {line}"


def line_of(node: yaml.Node) -> int:
    """Return the line at which a node begins."""
    return int(node.start_mark.line) + 1


def text_of(file: Path, folder: Path) -> str:
    """Return the text of a regular file within a folder, or refuse it."""
    try:
        real = file.resolve(strict=True)
        if not real.is_relative_to(folder.resolve()):
            raise InputError(f"{file}: a link that leads out of its folder is not followed")
        opened = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(opened, "rb") as stream:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise InputError(f"{file}: not a regular file")
            content = stream.read(MOST_BYTES + 1)
    except (OSError, RuntimeError) as problem:  # the latter from links in a circle
        why = problem.strerror if isinstance(problem, OSError) else "links in a circle"
        raise InputError(f"{file}: {why}") from None
    if len(content) > MOST_BYTES:
        raise InputError(f"{file}: at most {MOST_BYTES:,} bytes are read")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{file}: UTF-16, not UTF-8: save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise InputError(f"{at(file, line)}: not UTF-8: {problem.reason}") from None
    if odd := yaml.reader.Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise InputError(f"{at(file, line)}: control characters are not allowed in a text")
    return text


def _check_events(text: str, file: Path) -> None:
    """Refuse what is no plain tree of keys, texts and numbers, or too large, before it is built."""
    depth = count = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        where = at(file, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InputError(f"{where}: anchors and aliases (& and *) are not read: write it out")
        if getattr(event, "tag", None) is not None:
            raise InputError(f"{where}: tags are not read: leave {shortened(event.tag)} out")
        if isinstance(event, yaml.CollectionStartEvent | yaml.CollectionEndEvent):
            depth += 1 if isinstance(event, yaml.CollectionStartEvent) else -1
        count += isinstance(event, yaml.NodeEvent)
        if depth > MOST_DEPTH:
            raise InputError(f"{where}: at most {MOST_DEPTH} levels within one another are read")
        if count > MOST_NODES:
            raise InputError(f"{where}: at most {MOST_NODES:,} keys and values are read")


def _check_scalar(node: yaml.ScalarNode, key: str, where: str) -> None:
    """Refuse a value that would be read as another than is written."""
    if "${" in node.value:
        raise InputError(
            f"{where}: {key}={shortened(node.value)}: ${{...}} is not read: write it out"
        )
    if node.style is None and _ODD_NUMBER.fullmatch(node.value):
        raise InputError(
            f"{where}: {key}={shortened(node.value)}: "
            "write a plain decimal number, or a text in quotes"
        )
    if node.style is None and _ENDLESS.fullmatch(node.value):
        raise InputError(
            f"{where}: {key}={shortened(node.value)}: "
            "a number of at most 18 digits is needed, or a text in quotes"
        )


def _check_keys(node: yaml.MappingNode, key: str, file: Path) -> None:
    """Refuse a key that is none, stands twice, or is what a comma has cut off from a number."""
    lines: dict[str, int] = {}
    before = None
    for name, value in node.value:
        where = at(file, line_of(name))
        is_name = isinstance(name, yaml.ScalarNode) and name.value.isprintable()
        if not is_name or len(name.value) > LONGEST_KEY:
            raise InputError(
                f"{where}: {key or 'the file'}: "
                f"a key is a name of at most {LONGEST_KEY} characters that can be seen"
            )
        typed = _within(key, shortened(name.value))
        is_alone = isinstance(value, yaml.ScalarNode) and value.style is None and not value.value
        if before and is_alone and node.flow_style and name.value.isdigit():
            raise InputError(
                f"{where}: "
                f"{_within(key, before[0].value)}={before[1].value},{name.value}"
                f": "
                "a comma ends a value: write a point (0.03), and no separator in 35000"
            )
        if name.value in lines:
            raise InputError(f"{where}: {typed}: stands in line {lines[name.value]} already")
        if name.tag != "tag:yaml.org,2002:str":
            raise InputError(f"{where}: {typed}: no name of a key; put it in quotes if it is one")
        lines[name.value] = line_of(name)
        before = (name, value) if isinstance(value, yaml.ScalarNode) else None


def _within(key: str, name: str) -> str:
    """Return the path of a key."""
    return f"{key}.{name}" if key else name


def _check_nodes(node: yaml.Node, key: str, file: Path) -> None:
    """Refuse keys and values that would not be read as they are written."""
    if isinstance(node, yaml.MappingNode):
        _check_keys(node, key, file)
        for name, value in node.value:
            _check_nodes(value, _within(key, shortened(name.value)), file)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _check_nodes(value, f"{key}[{i}]", file)
    else:
        _check_scalar(node, key, at(file, line_of(node)))


def _defaults(tree: yaml.MappingNode | None, file: Path) -> Iterator[tuple[str, int]]:
    """Yield the name of all that a file takes from others, and its line; refuse what is none."""
    node = value_of(tree, "defaults")
    if node is not None and not isinstance(node, yaml.SequenceNode):
        raise InputError(
            f"{at(file, line_of(node))}: defaults: a list is needed, such as [default, _self_]"
        )
    for entry in node.value if node else []:
        pairs = entry.value if isinstance(entry, yaml.MappingNode) else [(None, entry)]
        said = [one for one in pairs[0] if one is not None] if len(pairs) == 1 else []
        texts = [one.value for one in said if isinstance(one, yaml.ScalarNode)]
        if not said or len(texts) < len(said) or not all(map(_DEFAULT.fullmatch, texts)):
            raise InputError(
                f"{at(file, line_of(entry))}: defaults can only name files of the configuration"
            )
        name = "/".join(text.split(" ")[-1].split("@")[0] for text in texts)
        if not name.endswith("_self_") and not texts[0].startswith("optional"):
            yield name, line_of(entry)


def tree_of(file: Path, folder: Path) -> yaml.MappingNode | None:
    """Return the nodes of a file, None of an empty one, or refuse it with its line."""
    text = text_of(file, folder)
    try:
        _check_events(text, file)
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        why = ", ".join(filter(None, (problem.context, problem.problem)))
        why = "a tab; indent with spaces" if "\\t" in why else why
        raise InputError(f"{at(file, mark.line + 1 if mark else 1)}: not YAML: {why}") from None
    if tree is not None and not isinstance(tree, yaml.MappingNode):
        raise InputError(f"{at(file, line_of(tree))}: keys with values are needed")
    if tree is not None:
        _check_nodes(tree, "", file)
    return tree


def _check_experiment(tree: yaml.MappingNode | None, file: Path) -> None:
    """Refuse an experiment that changes a scenario, which would then look as it was."""
    for key, _ in tree.value if tree else []:
        if key.value == "scenario":
            raise InputError(
                f"{at(file, line_of(key))}: scenario: "
                "an experiment chooses one, in its defaults; set levers, or write your own"
            )


def value_of(tree: yaml.MappingNode | None, key: str) -> Any:
    """Return the node of a key at the top of a file, if it is there."""
    return next((v for k, v in tree.value if k.value == key), None) if tree else None


def words_of(file: Path, folder: Path) -> str:
    """Return what a configuration file is: its title, or the comment that it begins with."""
    title = value_of(tree_of(file, folder), "title")
    if title is not None:
        return str(title.value)
    lines = itertools.takewhile(
        lambda line: line.startswith("#"), text_of(file, folder).splitlines()
    )
    return " ".join(line.lstrip("# ") for line in lines if "@package" not in line)


def check(path: str, folder: Path, trail: tuple[str, ...] = ()) -> int:
    """Return how many own files a configuration is made of; refuse one that cannot be read.

    ``path`` is that of the file within the folder, without the ending, and ``trail`` those that
    have led to it: a file that leads back to itself is refused.
    """
    file = folder / f"{path}.yaml"
    if path in trail:
        circle = " -> ".join([*trail[trail.index(path) :], path])
        raise InputError(f"{folder / trail[-1]}.yaml: defaults go in a circle: {circle}")
    if (configs_folder() / f"{path}.yaml").exists():
        raise InputError(f"{file}: {path}.yaml is in the package already; give it another name")
    tree, count = tree_of(file, folder), 1
    if path.startswith("experiment/"):
        _check_experiment(tree, file)
    for name, line in _defaults(tree, file):
        to = (name if name.startswith("/") else f"{path.rpartition('/')[0]}/{name}").lstrip("/")
        if os.path.lexists(folder / f"{to}.yaml"):
            count += check(to, folder, (*trail, path))
        elif not (configs_folder() / f"{to}.yaml").exists():
            group, _, one = to.rpartition("/")
            known = [*names(configs_folder() / group), *names(folder / group)]
            raise InputError(
                f"{at(file, line)}: defaults: {to}: "
                f"no such file{nearest(one, known)}; known are {listed(one, known)}"
            )
        if count > MOST_FILES:
            raise InputError(f"{file}: defaults: at most {MOST_FILES} files in all are read")
    return count
