"""What is typed and what is composed, checked: nothing twice, without end, unknown or outside.

Only the command line may name a path outside the folder of the configuration.
"""

import functools
import re
from collections.abc import Sequence
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser

from uptake.config.paths import key_of, names_path
from uptake.config.posterior import packaged
from uptake.config.schema import GROUPS, Run
from uptake.errors import InputError, shortened, wrong

# What only the command line may say: a file of somebody else's could name a place of its own.
_TYPED_ONLY = {
    "out": "where results go",
    "sweep.file": "what file to read",
    "executor.address": "which cluster to use",
}
# What a file may name as well, if it is in its own folder.
_IN_OWN_FOLDER = (("population", "path"), ("parameters", "draws"))
# The trusts of a question that does not say which, and the keys that say it.
_UNLESS_ASKED = "synthetic"
_OTHER_TRUSTS = {"population", "population.source", "population.path"}
_LONGEST_OVERRIDE = 100_000
_DEEPEST_OVERRIDE = 20
_ENDLESS = re.compile(r"(?:^|[=,\[(){}:\s])[-+]?[0-9]{20,}(?:$|[,\])}\s])")


def check_typed(overrides: Sequence[str]) -> None:
    """Refuse what would be taken otherwise than it was typed: twice, or without end."""
    before: dict[str, str] = {}
    for typed in overrides:
        depth = deepest = 0
        for character in typed:
            depth += (character in "[{(") - (character in ")}]")
            deepest = max(deepest, depth)
        if len(typed) > _LONGEST_OVERRIDE:
            raise InputError(
                f"{shortened(typed)}: at most {_LONGEST_OVERRIDE:,} characters are read"
            )
        if deepest > _DEEPEST_OVERRIDE:
            raise InputError(
                f"{shortened(typed)}: "
                f"at most {_DEEPEST_OVERRIDE} brackets within one another are read"
            )
        if _ENDLESS.search(typed):
            raise InputError(f"{shortened(typed)}: a number of at most 19 digits is needed")
        if "${" in typed and not names_path(typed):
            raise InputError(f"{shortened(typed)}: ${{...}} is not read; write it out")
        key = key_of(typed)
        if not key:
            raise InputError(f"{shortened(typed)}: write key=value")
        for known, first in before.items():
            one, other = sorted((known, key), key=len)
            is_within = other.startswith(f"{one}.") and one not in GROUPS
            if one == other or is_within:
                several = re.match(r"[^=]*=[^\[{]*[,(]", first)
                told = "has several values already" if several else "is given already"
                raise InputError(f"{shortened(typed)}: {known} {told}: {shortened(first)}")
        before[key] = typed


def confine_paths(config: Run, overrides: list[str], config_dir: Path | None) -> None:
    """Refuse a path that a configuration file, not the command line, puts outside its folder."""
    parsed = OverridesParser.create().parse_overrides(overrides)
    typed = {override.key_or_group for override in parsed}
    for key, what in _TYPED_ONLY.items():
        value = functools.reduce(getattr, key.split("."), config)
        if value is not None and key not in typed:
            raise wrong(key, value, f"only the command line can say {what}")
    for group, key in _IN_OWN_FOLDER:
        node = getattr(config, group)
        path = getattr(node, key)
        is_own = key == "draws" and path is not None and packaged(path) is not None
        if path is None or is_own or f"{group}.{key}" in typed:
            continue
        inside = config_dir is not None and not Path(path).is_absolute()
        folder = (config_dir or Path()).resolve()
        if not inside or not (folder / path).resolve().is_relative_to(folder):
            raise wrong(
                f"{group}.{key}",
                path,
                "a configuration file can only name a file in its own folder",
            )
        setattr(node, key, str(folder / path))
    if "parameters.draws" in typed:  # what the files say of behaviour is said of other draws
        draws = config.parameters.draws
        config.parameters.title = f"from the draws in {draws}" if draws else "drawn from the prior"


def take_own_trusts(
    config: Run, chosen: dict[str, str], overrides: Sequence[str], config_dir: Path | None
) -> None:
    """Read the trusts of a scenario from the file beside its own, unless others are asked for."""
    name, typed = config.scenario.trusts, {key_of(override) for override in overrides}
    if name is None or chosen["population"] != _UNLESS_ASKED or typed & _OTHER_TRUSTS:
        return
    folder = (config_dir or Path()).resolve() / "scenario"
    file = (folder / name).resolve()
    if config_dir is None or Path(name).is_absolute() or not file.is_relative_to(folder):
        raise wrong("scenario.trusts", name, "a file beside that of the scenario is needed")
    if not file.is_file():
        raise wrong("scenario.trusts", name, "there is no such file beside that of the scenario")
    config.population.source, config.population.path = "file", str(file)


def check_names(config: Run, chosen: dict[str, str], overrides: Sequence[str]) -> None:
    """Refuse a name that is not that of its file: two files of one name could not be told apart."""
    typed = {key_of(override) for override in overrides}
    for group in GROUPS:
        made = getattr(config, group)
        file = chosen[group].rpartition("/")[2]
        if getattr(made, "name", file) != file and f"{group}.name" not in typed:
            raise wrong(f"{group}.name", made.name, f"allowed is the name of its file, {file}")
