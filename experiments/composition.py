"""From the words on the command line to a checked configuration, and to a case that can be run.

What is composed is data and nothing else, and only the command line may name a path outside the
folder of the configuration. What is refused is told with the file and line it stands in, if it
stands in a file of the user's.
"""

from __future__ import annotations

import argparse
import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from experiments import composing, keys, locating, own_files
from experiments.paths import names_path, paths_as_typed
from experiments.refusals import in_one_line
from sim.configuration import Run, configs_folder
from sim.errors import InputError, nearest, one_of, refusal, shortened
from sim.posterior import packaged

if TYPE_CHECKING:
    from sim.scenario import Case

GROUPS = ("scenario", "structure", "parameters", "population", "executor")
# What only the command line may say: a file of somebody else's could name a place of its own.
_TYPED_ONLY = {
    "out": "where results go",
    "sweep.file": "what file to read",
    "executor.address": "which cluster to use",
}
# What a file may name as well, if it is in its own folder.
_IN_OWN_FOLDER = (("population", "path"), ("parameters", "draws"))
_LONGEST_OVERRIDE = 100_000
_DEEPEST_OVERRIDE = 20
_ENDLESS = re.compile(r"(?:^|[=,\[(){}:\s])[-+]?[0-9]{20,}(?:$|[,\])}\s])")


def _options(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options and overrides of a command; ``run`` is one that sweeps."""
    parser = argparse.ArgumentParser(
        prog=f"uptake {command}",
        epilog=keys.help_of(command),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        exit_on_error=False,
        allow_abbrev=False,
    )
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="what to change")
    parser.add_argument("--config-dir", metavar="DIR", help="a folder with configurations of yours")
    parser.set_defaults(multirun=False)
    if command == "run":
        text = "a sweep: keys may have several values"
        parser.add_argument("-m", "--multirun", action="store_true", help=text)
    parser.add_argument("--cfg", action="store_true", help="print the configuration and stop")
    try:
        options, unknown = parser.parse_known_intermixed_args(list(arguments))
    except argparse.ArgumentError as problem:
        raise InputError(f"{problem}; uptake {command} --help lists what is allowed") from None
    if unknown:
        told = f"no such option; uptake {command} --help lists them"
        raise InputError(f"{shortened(unknown[0])}: {told}")
    return options


def _added(override: str) -> str:
    """Return an override of the timeline, whose events no schema knows, as Hydra takes it."""
    return f"++{override}" if override.startswith("timeline.") else override


def _check_typed(overrides: Sequence[str]) -> None:
    """Refuse what would be taken otherwise than it was typed: twice, or without end."""
    before: dict[str, str] = {}
    for typed in overrides:
        depth = deepest = 0
        for character in typed:
            depth += (character in "[{(") - (character in ")}]")
            deepest = max(deepest, depth)
        if len(typed) > _LONGEST_OVERRIDE or deepest > _DEEPEST_OVERRIDE:
            allowed = f"at most {_LONGEST_OVERRIDE:,} characters and {_DEEPEST_OVERRIDE} brackets"
            raise InputError(f"{shortened(typed)}: {allowed} within one another are read")
        if _ENDLESS.search(typed):
            raise InputError(f"{shortened(typed)}: a number of at most 19 digits is needed")
        if "${" in typed and not names_path(typed):
            raise InputError(f"{shortened(typed)}: ${{...}} is not read; write it out")
        key = keys.key_of(typed)
        for known, first in before.items():
            one, other = sorted((known, key), key=len)
            is_within = other.startswith(f"{one}.") and one not in GROUPS
            if one == other or is_within:
                several = re.match(r"[^=]*=[^\[{]*[,(]", first)
                told = "has several values already" if several else "is given already"
                raise InputError(f"{shortened(typed)}: {known} {told}: {shortened(first)}")
        before[key] = typed


def _confine_paths(config: Run, overrides: list[str], config_dir: Path | None) -> None:
    """Refuse a path that a configuration file, not the command line, puts outside its folder."""
    parsed = OverridesParser.create().parse_overrides(overrides)
    typed = {override.key_or_group for override in parsed}
    for key, what in _TYPED_ONLY.items():
        value = functools.reduce(getattr, key.split("."), config)
        if value is not None and key not in typed:
            raise InputError(refusal(key, value, f"only the command line can say {what}"))
    for group, key in _IN_OWN_FOLDER:
        node = getattr(config, group)
        path = getattr(node, key)
        is_own = key == "draws" and path is not None and packaged(path) is not None
        if path is None or is_own or f"{group}.{key}" in typed:
            continue
        inside = config_dir is not None and not Path(path).is_absolute()
        folder = (config_dir or Path()).resolve()
        if not inside or not (folder / path).resolve().is_relative_to(folder):
            allowed = "a configuration file can only name a file in its own folder"
            raise InputError(refusal(f"{group}.{key}", path, allowed))
        setattr(node, key, str(folder / path))
    if "parameters.draws" in typed:  # what the files say of behaviour is said of other draws
        draws = config.parameters.draws
        config.parameters.title = f"drawn from {f'the draws in {draws}' if draws else 'the prior'}"


def _check_texts(tree: Any, key: str = "") -> None:
    """Refuse texts without end, and characters that no terminal or figure should get to see."""
    if isinstance(tree, dict):
        for name, branch in tree.items():
            _check_texts(branch, f"{key}.{name}" if key else str(name))
    elif isinstance(tree, list):
        for branch in tree:
            _check_texts(branch, key)
    else:
        text = str(tree)
        if len(key) + len(text) > own_files.LONGEST_TEXT:
            allowed = f"at most {own_files.LONGEST_TEXT:,} characters are read"
            raise InputError(refusal(shortened(key), text, allowed))
        unseen = {unicodedata.category(character) for character in f"{key}{text}"}
        if unseen & {"Cc", "Cs", "Zl", "Zp"}:
            allowed = "control characters and line breaks are not allowed in a text"
            raise InputError(f"{shortened(key)}: {allowed}")


def _check_known(tree: Any, made: Any, key: str = "") -> None:
    """Refuse a key that the schema does not have, which a ``+`` can add to any node."""
    if isinstance(made, list):
        for branch, part in zip(tree, made, strict=True):
            _check_known(branch, part, key)
    if not isinstance(tree, dict):
        return
    names = [f.name for f in fields(made)] if is_dataclass(made) else list(made)
    for name, branch in tree.items():
        where = f"{key}.{name}" if key else str(name)
        if name not in names:
            raise InputError(refusal(where, branch, f"no such key{nearest(str(name), names)}"))
        part = getattr(made, name) if is_dataclass(made) else made[name]
        _check_known(branch, part, where)


def _check_names(config: Run, chosen: dict[str, str], overrides: Sequence[str]) -> None:
    """Refuse a name that is not that of its file: two files of one name could not be told apart."""
    typed = {keys.key_of(override) for override in overrides}
    for group in GROUPS:
        made = getattr(config, group)
        file = chosen[group].rpartition("/")[2]
        if getattr(made, "name", file) != file and f"{group}.name" not in typed:
            allowed = f"allowed is the name of its file, {file}"
            raise InputError(refusal(f"{group}.name", made.name, allowed))


@dataclass(frozen=True)
class Question:
    """What was typed after a command: overrides, the folder of the user's own files."""

    overrides: list[str]
    config_dir: Path | None
    is_print: bool  # the configuration is to be printed, and that is all
    is_sweep: bool = False

    @contextmanager
    def _placing(self, overrides: list[str]) -> Iterator[None]:
        """Say of what is refused within which file and line of the user's it stands in."""
        try:
            yield
        except InputError as problem:
            raise InputError(f"{self._place(str(problem), overrides)}{problem}") from None
        except Exception as problem:  # what is not the user's doing is raised again
            line = in_one_line(problem, overrides)
            if line is None:
                raise
            raise InputError(f"{self._place(line, overrides)}{line}") from None

    def _place(self, line: str, overrides: list[str]) -> str:
        """Return the file and line of the user's that a refusal is about, or nothing."""
        key = locating.key_of(line)
        if self.config_dir is None or key.partition(".")[0] not in GROUPS:
            return ""
        for typed in map(keys.key_of, overrides):
            if typed not in GROUPS and f"{key}.".startswith(f"{typed}."):
                return ""
        try:
            files = composing.files_of(self._chosen(overrides), self.config_dir)
        except Exception:  # it cannot be composed: nothing is to be found
            return ""
        place = locating.place_of(key, files, self.config_dir)
        return f"{place}: " if place else ""

    def _chosen(self, overrides: list[str]) -> list[str]:
        """Return overrides in which every choice of a group is a name that is known."""
        said = []
        for typed in overrides:
            group, _, name = typed.partition("=")
            if group in GROUPS and name.startswith(("[", "{")):
                raise InputError(f"{shortened(typed)}: one name is needed")
            if group in GROUPS and re.fullmatch(r"[\w./ -]+|'[^']*'|\"[^\"]*\"", name):
                known = one_of(group, name.strip("'\""), self.choices(group))
                typed = f"{group}='{known}'"
            said.append(_added(typed))
        return said

    def configuration(self, *first: str) -> Run:
        """Return the checked configuration that is asked for, with these overrides before it."""
        overrides = [*first, *self.overrides]
        with self._placing(overrides):
            composed, chosen = composing.composed(self._chosen(overrides), self.config_dir)
            plain = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
            _check_texts(plain)
            config: Any = OmegaConf.to_object(composed)
            _check_known(plain, config)
            _check_names(config, chosen, overrides)
            _confine_paths(config, overrides, self.config_dir)
            config.asked = overrides
            return config

    def assembled(self, config: Run) -> Case:
        """Return the case of a configuration of this question, or refuse what cannot be used."""
        from sim.scenario import assemble

        with self._placing(config.asked):
            return assemble(config)

    def case(self, *first: str) -> Case:
        """Return the case that is asked for, with these overrides before it."""
        return self.assembled(self.configuration(*first))

    def title(self, scenario: str) -> str:
        """Return the title of an episode; its name if its file cannot be read."""
        path = f"scenario/{scenario}.yaml"
        is_packaged = (configs_folder() / path).is_file()
        folder = configs_folder() if is_packaged else self.config_dir or Path()
        try:
            tree = own_files.tree_of(folder / path, folder)
        except InputError:  # told when it is chosen
            tree = None
        pairs = tree.value if tree is not None else []
        return next((str(v.value) for k, v in pairs if k.value == "title"), scenario)

    def choosing(self, group: str, name: str) -> Question:
        """Return the same question with another choice of a group."""
        kept = [typed for typed in self.overrides if not typed.startswith(f"{group}=")]
        return replace(self, overrides=[f"{group}={name}", *kept])

    def choices(self, group: str) -> list[str]:
        """Return the names of a group of configurations, the package's and the user's."""
        folders = [configs_folder(), *([self.config_dir] if self.config_dir else [])]
        names = [name for folder in folders for name in own_files.names(folder / group)]
        return list(dict.fromkeys(names))


def question(command: str, arguments: Sequence[str]) -> Question:
    """Return what was asked of a command; with ``-m``, ``run`` is asked for many points at once."""
    options = _options(command, arguments)
    keys.check_read(f"{command} -m" if options.multirun else command, options.overrides)
    _check_typed(options.overrides)
    options.overrides = paths_as_typed(options.overrides, options.multirun)
    config_dir = Path(options.config_dir) if options.config_dir is not None else None
    if config_dir is not None and not config_dir.is_dir():
        raise InputError(refusal("--config-dir", config_dir, "no such folder"))
    return Question(options.overrides, config_dir, options.cfg, options.multirun)


def print_configuration(config: Run) -> None:
    """Print a configuration as YAML."""
    print(OmegaConf.to_yaml(OmegaConf.structured(config)), end="")


def configuration(command: str, arguments: Sequence[str]) -> Run | None:
    """Return the checked configuration of a command, or None if it was only to be printed."""
    asked = question(command, arguments)
    if asked.is_print:
        print_configuration(asked.case().config)
        return None
    return asked.configuration()
