"""A question as the page's address carries it: read with suspicion, written in one way only.

``?scenario=NAME&levers.upfront_fee_gbp=10000&without=tender`` opens the page with that question.
An address is data of unknown origin: every key, name and number in it is checked here, and what it
says never reaches Hydra but as a name that is known or a number.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sim.errors import InputError, one_of, refusal, whole
from sim.levers import MOST_MONTHS, check_levers, lever_range

TABS = ("whatif", "watch")
GROUPS = ("scenario", "structure", "parameters")
LONGEST_ADDRESS = 8000
_MOST_SEED = 2**53  # that a browser's numbers can hold


@dataclass(frozen=True)
class Question:
    """What is asked: an episode, and what is to be different in it."""

    scenario: str
    structure: str = "default"
    parameters: str = "posterior"
    levers: tuple[tuple[str, float], ...] = ()  # held, by name
    without: tuple[str, ...] = ()
    months: int | None = None
    seed: int = 1
    tab: str = TABS[0]
    file: str = ""  # of own trusts; no address names one

    def holding(self, name: str, value: float | None) -> Question:
        """Return the question with a lever held, or with None as the episode has it."""
        others = [pair for pair in self.levers if pair[0] != name]
        new = [] if value is None else [(name, held(name, value))]
        return replace(self, levers=tuple(sorted([*others, *new])))

    def choosing(self, group: str, name: str) -> Question:
        """Return the question with another choice of a group."""
        choice: dict[str, Any] = {group: name}
        return replace(self, **choice)

    def settings(self) -> list[tuple[str, str]]:
        """Return keys and values as the command line has them, of what is not as usual."""
        said = [("scenario", self.scenario)]
        said += [("structure", self.structure)] if self.structure != "default" else []
        said += [("parameters", self.parameters)] if self.parameters != "posterior" else []
        said += [(f"levers.{name}", _plainly(value)) for name, value in self.levers]
        said += [("without", f"[{','.join(self.without)}]")] if self.without else []
        said += [("months", str(self.months))] if self.months is not None else []
        return said + ([("seed", str(self.seed))] if self.seed != 1 else [])

    def address(self) -> str:
        """Return the part of the page's address that carries the question."""
        said = [(key, value.strip("[]")) for key, value in self.settings()]
        return "?" + urlencode([*said, ("tab", self.tab)], safe=",")

    def overrides(self) -> list[str]:
        """Return the question as ``uptake run`` takes it."""
        own = ["population=file", f"population.path={_quoted(self.file)}"] if self.file else []
        return [f"{key}={value}" for key, value in self.settings()] + own

    def command(self) -> str:
        """Return the line that asks the same of the command line."""
        said = [f"{key}={value}" for key, value in self.settings()]
        said += ["population=file", "population.path=YOUR_FILE.csv"] if self.file else []
        return " ".join(["uptake", "run", *map(shlex.quote, said)])


def _plainly(value: float) -> str:
    """Return a number as it would be typed, such that it is read back to the bit."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def _quoted(text: str) -> str:
    """Return a text as Hydra's grammar reads it back."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _number(key: str, text: str) -> float:
    """Return the number that an address gives."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in text:
        raise InputError(refusal(key, f"{text:.40}", "a number is needed"))
    return number


def _whole(key: str, text: str, low: int, high: int, unit: str) -> int:
    """Return the whole number that an address gives."""
    return whole(key, _number(key, text), low, high, unit)


def held(name: str, value: float) -> float:
    """Return what a lever is held at, or refuse what it cannot be."""
    lever_range(name)  # refuses one that cannot be held
    return check_levers("levers", {name: value})[name]


def read(search: str, usual: Question, choices: Callable[[str], Sequence[str]]) -> Question:
    """Return the question that an address carries, or refuse it in one line.

    ``search`` is what follows the ``?``; an empty one is the ``usual`` question.
    """
    if len(search) > LONGEST_ADDRESS:
        raise InputError(f"the address: {len(search)} characters; allowed are {LONGEST_ADDRESS}")
    pairs = parse_qsl(search.lstrip("?"), keep_blank_values=True, errors="replace")
    if any(not text.isprintable() for pair in pairs for text in pair):
        raise InputError("the address: only characters that can be seen are allowed")
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name:.40}: stands twice in the address")
    if not pairs:
        return usual
    found: dict[str, Any] = {"scenario": usual.scenario}
    levers: list[tuple[str, float]] = []
    for key, text in pairs:
        if key in GROUPS:
            found[key] = one_of(key, f"{text:.80}", choices(key))
        elif key.startswith("levers."):
            name = f"{key.removeprefix('levers.'):.80}"
            levers.append((name, held(name, _number(key, text))))
        elif key == "without":
            found[key] = tuple(dict.fromkeys(f"{name:.80}" for name in text.split(",") if name))
        elif key == "months":
            found[key] = _whole(key, text, 1, MOST_MONTHS, "months")
        elif key == "seed":
            found[key] = _whole(key, text, 0, _MOST_SEED, "a whole number")
        elif key == "tab":
            found[key] = one_of(key, f"{text:.80}", TABS)
        else:
            one_of(
                "the address",
                f"{key:.80}",
                [*GROUPS, "levers.NAME", "without", "months", "seed", "tab"],
            )
    return Question(**found, levers=tuple(sorted(levers)))
