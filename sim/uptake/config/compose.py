"""From the words on the command line to a checked configuration, and to a case that can be run.

What is refused is told with the file and line it stands in, if it stands in a file of the user's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from uptake.config import checks, hydra_source, locating, own_files
from uptake.config.case import Case, assemble
from uptake.config.paths import key_of
from uptake.config.posterior import behaviour_of
from uptake.config.refusals import in_one_line
from uptake.config.schema import CHOSEN, GROUPS, Run
from uptake.config.schema.former import under_present_names
from uptake.config.validation import Problem, checked, problems
from uptake.errors import InputError, one_of, shortened


def _told(problem: Problem, overrides: list[str]) -> str:
    """Return the line for what is wrong with a key: as it was typed, if it was typed."""
    for typed in overrides:
        key = key_of(typed)
        if key == problem.key or (problem.is_unknown and key.startswith(f"{problem.key}.")):
            return f"{shortened(typed.lstrip('+'))}: {problem.allowed}"
    return str(problem)


def _replace_ranges(plain: dict[str, Any], typed: list[str]) -> None:
    """Take the range away from every number that was typed without one."""
    for key in typed:
        *above, last = key.split(".")
        number: Any = plain
        for part in above:
            number = number.get(part) if isinstance(number, dict) else None
        if last == "value" and isinstance(number, dict):
            for end in ("low", "high"):
                if ".".join([*above, end]) not in typed:
                    number.pop(end, None)


@dataclass(frozen=True)
class Question:
    """What was typed after a command: overrides, the folder of the user's own files."""

    overrides: list[str]
    config_dir: Path | None = None
    is_print: bool = False  # the configuration is to be printed, and that is all
    is_sweep: bool = False
    given: Mapping[str, Any] | None = None  # a scenario made in Python, as its file would hold it

    @contextmanager
    def _placing(self, overrides: list[str]) -> Iterator[None]:
        """Say of what is refused within which file and line of the user's it stands in."""
        try:
            yield
        except Exception as problem:  # what is not the user's doing is raised again
            clash = re.match(r"In '([^']+)'.*Cannot merge", str(problem), re.DOTALL)
            line = self._clash(clash[1]) if clash else in_one_line(problem, overrides)
            if line is None:
                raise
            raise InputError(f"{self._place(line, overrides)}{line}") from None

    def _clash(self, path: str) -> str:
        """Return what a file of the user's has that cannot be merged into what it builds on."""
        group, file = path.partition("/")[0], (self.config_dir or Path()) / f"{path}.yaml"
        tree = OmegaConf.to_container(OmegaConf.load(file))
        wrong = problems({"scenario": {"sector": tree}} if group == "sector" else {group: tree})
        told = [str(one) for one in wrong if one.value is not None]
        return told[0] if told else f"{file}: a list stands for keys, or keys for a list"

    def _place(self, line: str, overrides: list[str]) -> str:
        """Return the file and line of the user's that a refusal is about, or nothing."""
        key = locating.key_in(line)
        if self.config_dir is None or key.partition(".")[0] not in GROUPS:
            return ""
        for typed in map(key_of, overrides):
            one, other = sorted((key, typed), key=len)
            if typed not in GROUPS and f"{other}.".startswith(f"{one}."):
                return ""
        try:
            files = hydra_source.files_of(self._chosen(overrides), self.config_dir)
        except Exception:  # it cannot be composed: nothing is to be found
            return ""
        place = locating.place_of(key, files, self.config_dir)
        return f"{place}: " if place else ""

    def _chosen(self, overrides: list[str]) -> list[str]:
        """Return overrides in which every choice of a group is a name that is known."""
        said = []
        for typed in overrides:
            group, _, name = typed.partition("=")
            if group in CHOSEN and name.startswith(("[", "{")):
                raise InputError(f"{shortened(typed)}: one name is needed")
            if group in CHOSEN and re.fullmatch(r"[\w./ -]+|'[^']*'|\"[^\"]*\"", name):
                known = self.known(group, name.strip("'\""))
                typed = f"{group}='{known}'"
            elif typed.startswith("~"):
                raise InputError(
                    f"{shortened(typed)}: a key cannot be taken away; set it to another value"
                )
            elif not (group in CHOSEN or re.search("[@/]", group)):  # the schema knows the keys
                typed = f"++{typed.lstrip('+')}"
            said.append(typed)
        return said

    def known(self, group: str, name: str) -> str:
        """Return a name of a group, or refuse it; say how files of a user's are found."""
        try:
            return one_of(group, name, self.choices(group))
        except InputError as problem:
            if self.config_dir is not None:
                raise
            own = "one of your own needs --config-dir DIR (in Python config_dir)"
            raise InputError(f"{problem}; {own}") from None

    def _composed(self, overrides: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
        """Return what files and overrides say, as a plain mapping, and the files chosen."""
        composed, chosen = hydra_source.composed(
            self._chosen(overrides), self.config_dir, self.given
        )
        plain: Any = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
        plain = under_present_names(plain, map(key_of, overrides))
        _replace_ranges(plain, list(map(key_of, overrides)))
        return plain | {"asked": overrides}, chosen

    def problems(self) -> list[str]:
        """Return all that is wrong with what is asked, each as it is refused; nothing if it runs.

        What the schema cannot tell, such as a table of trusts, is told if that is all there is.
        """
        try:
            with self._placing(self.overrides):
                found = problems(self._composed(self.overrides)[0])
            lines = [_told(one, self.overrides) for one in found]
            if lines:
                return [f"{self._place(line, self.overrides)}{line}" for line in lines]
            self.case()
        except InputError as problem:
            return [str(problem)]
        return []

    def configuration(self, *first: str) -> Run:
        """Return the checked configuration that is asked for, with these overrides before it."""
        overrides = [*first, *self.overrides]
        with self._placing(overrides):
            plain, chosen = self._composed(overrides)
            config, found = checked(plain)
            if config is None:
                raise InputError(_told(found[0], overrides))
            checks.check_names(config, chosen, overrides)
            checks.confine_paths(config, overrides, self.config_dir)
            checks.take_own_trusts(config, chosen, overrides, self.config_dir)
            config.parameters.title = behaviour_of(config)
            return config

    def assembled(self, config: Run) -> Case:
        """Return the case of a configuration of this question, or refuse what cannot be used."""
        with self._placing(config.asked):
            return assemble(config)

    def case(self, *first: str) -> Case:
        """Return the case that is asked for, with these overrides before it."""
        return self.assembled(self.configuration(*first))

    def words(self, group: str, name: str) -> str:
        """Return what a file is, in words; nothing if it cannot be read."""
        for known, file, folder in own_files.files(group, self.config_dir):
            if known == name:
                with suppress(InputError):  # told when it is chosen
                    return own_files.words_of(file, folder)
        return ""

    def setting(self, given: Mapping[str, str]) -> Question:
        """Return the same question with keys set to what would be typed; nothing takes one back."""
        kept = [said for said in self.overrides if key_of(said) not in given]
        said = [f"{key}={value}" for key, value in given.items() if value]
        checks.check_typed([*kept, *said])
        return replace(self, overrides=[*kept, *said])

    def choosing(self, group: str, name: str) -> Question:
        """Return the same question with another choice of a group."""
        kept = [typed for typed in self.overrides if not typed.startswith(f"{group}=")]
        return replace(self, overrides=[f"{group}={name}", *kept])

    def choices(self, group: str) -> list[str]:
        """Return the names of a group of configurations, the package's and the user's."""
        names = [name for name, *_ in own_files.files(group, self.config_dir)]
        if group == "scenario" and self.given is not None:
            names.append(str(self.given["name"]))
        return list(dict.fromkeys(names))

    def structures(self, wanted: Sequence[str]) -> list[str]:
        """Return the names of the structures that are to be shown side by side."""
        known = self.choices("structure")
        if "all" in wanted:
            return ["default", *(name for name in known if name != "default")]
        return [one_of("variants", name, [*known, "all"]) for name in wanted]
