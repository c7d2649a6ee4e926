"""A question as the page's address carries it: read with suspicion, written in one way only.

``?scenario=NAME&levers.upfront_fee_gbp=10000&without=tender`` opens the page with that question.
An address is data of unknown origin: every key, name and number in it is checked here, and what it
says never reaches Hydra but as a name that is known or a number.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from uptake.config.schema import Within
from uptake.config.schema.scenario import MONTHS
from uptake.config.timeline import check_levers, lever_range
from uptake.errors import InputError, one_of, refusal

TABS = ("whatif", "watch")
GROUPS = ("scenario", "structure", "parameters")
LONGEST_ADDRESS = 8000
_ROW = re.compile(r"timeline\.([^.]+)\.([^.]+)")
_SEED = Within(0, 2**53, "a whole number", whole=True)  # that a browser's numbers can hold


@dataclass(frozen=True)
class Own:
    """A file of own trusts, which no address carries: it says only that there was one."""

    path: str = ""  # none: the file has to be chosen again
    name: str = ""
    trusts: int = 0


@dataclass(frozen=True)
class Question:
    """What is asked: an episode, and what is to be different in it."""

    scenario: str
    structure: str = "default"
    parameters: str = "posterior"
    levers: tuple[tuple[str, float], ...] = ()  # held, by name
    without: tuple[str, ...] = ()
    timeline: tuple[tuple[str, str, float], ...] = ()  # event, lever, what it sets it to
    months: int | None = None
    seed: int = 1
    tab: str = TABS[0]
    own: Own | None = None  # None: the trusts of the episode

    def overriding(self, name: str, value: float | None) -> Question:
        """The question with a lever held throughout, or with None as the episode has it."""
        others = [pair for pair in self.levers if pair[0] != name]
        if value is None:
            return replace(self, levers=tuple(others))
        kept = tuple(row for row in self.timeline if row[1] != name)
        levers = tuple(sorted([*others, (name, _lever(name, value))]))
        return replace(self, levers=levers, timeline=kept)

    def moving(self, event: str, lever: str, value: float | None) -> Question:
        """The question with another value of a lever from an event on, None for its own."""
        others = [row for row in self.timeline if row[:2] != (event, lever)]
        if value is None:
            return replace(self, timeline=tuple(others))
        check_levers(f"timeline.{event}", {lever: value})
        rows = tuple(sorted([*others, (event, lever, value)]))
        return replace(self.overriding(lever, None).leaving_out(event, False), timeline=rows)

    def leaving_out(self, event: str, is_out: bool) -> Question:
        """The question with an event left out, or taking place."""
        others = tuple(other for other in self.without if other != event)
        if not is_out:
            return replace(self, without=others)
        kept = tuple(row for row in self.timeline if row[0] != event)
        return replace(self, without=(*others, event), timeline=kept)

    def plain(self) -> Question:
        """The question with nothing held, moved or left out, over the same months."""
        return replace(self, levers=(), without=(), timeline=(), tab=TABS[0])

    def choosing(self, group: str, name: str) -> Question:
        """The question with another choice of a group."""
        choice: dict[str, Any] = {group: name}
        return replace(self, **choice)

    def changes(self) -> dict[str, Any]:
        """What is set otherwise in the episode, by key, as a ``Scenario`` takes it."""
        found: dict[str, Any] = {f"levers.{name}": value for name, value in self.levers}
        found |= {f"timeline.{event}.{name}": value for event, name, value in self.timeline}
        found |= {"without": list(self.without)} if self.without else {}
        return found | ({"months": self.months} if self.months is not None else {})

    def settings(self) -> list[tuple[str, str]]:
        """Keys and values as the command line has them, of what is not as usual."""
        said = [("scenario", self.scenario)]
        said += [("structure", self.structure)] if self.structure != "default" else []
        said += [("parameters", self.parameters)] if self.parameters != "posterior" else []
        said += [(key, _plainly(value)) for key, value in self.changes().items()]
        return said + ([("seed", str(self.seed))] if self.seed != 1 else [])

    def address(self) -> str:
        """The part of the page's address that carries the question."""
        said = [(key, value.removeprefix("[").removesuffix("]")) for key, value in self.settings()]
        said += [("own", "1")] if self.own else []
        return "?" + urlencode([*said, ("tab", self.tab)], safe=",")

    def overrides(self) -> list[str]:
        """The question as ``uptake run`` takes it."""
        said = [f"{key}={value}" for key, value in self.settings()]
        if self.own and self.own.path:
            said += ["population=file", f"population.path={_quoted(self.own.path)}"]
        return said

    def command(self, options: Sequence[str] = ()) -> str:
        """The line that asks the same of the command line, where the server was started.

        A file of own trusts has the name under which it was chosen: no browser says where it lies.
        """
        said = [f"{key}={value}" for key, value in self.settings()]
        if self.own:
            said += ["population=file", f"population.path={self.own.name or 'YOUR_FILE.csv'}"]
        return " ".join(["uptake", "run", *map(shlex.quote, [*options, *said])])


def _plainly(value: Any) -> str:
    """Names or a number as they would be typed; a number is read back to the bit."""
    if isinstance(value, list):
        return f"[{','.join(value)}]"
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def _quoted(text: str) -> str:
    """A text as Hydra's grammar reads it back."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _number(key: str, text: str) -> float:
    """The number that an address gives; anything else is refused."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in text:
        raise InputError(refusal(key, f"{text:.40}", "a number is needed"))
    return number


def _lever(name: str, value: float) -> float:
    """The value that a lever is held at, if it can be."""
    lever_range(name)  # refuses one that cannot be held
    return check_levers("levers", {name: value})[name]


def read(search: str, usual: Question, choices: Callable[[str], Sequence[str]]) -> Question:
    """The question that an address carries; what cannot be one is refused in one line.

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
    rows: list[tuple[str, str, float]] = []
    for key, text in pairs:
        if key in GROUPS:
            found[key] = one_of(key, f"{text:.80}", choices(key))
        elif key.startswith("levers."):
            name = f"{key.removeprefix('levers.'):.80}"
            levers.append((name, _lever(name, _number(key, text))))
        elif row := _ROW.fullmatch(f"{key:.160}"):
            check_levers(f"timeline.{row[1]}", {row[2]: _number(key, text)})
            rows.append((row[1], row[2], _number(key, text)))
        elif key == "without":
            found[key] = tuple(dict.fromkeys(f"{name:.80}" for name in text.split(",") if name))
        elif key == "months":
            found[key] = int(MONTHS.checked(key, _number(key, text)))
        elif key == "seed":
            found[key] = int(_SEED.checked(key, _number(key, text)))
        elif key == "tab":
            found[key] = one_of(key, f"{text:.80}", TABS)
        elif key == "own":
            one_of(key, f"{text:.80}", ["1"])
            found[key] = Own()
        else:
            one_of(
                "the address",
                f"{key:.80}",
                [*GROUPS, "levers.NAME", "timeline.EVENT.NAME", "without", "months", "seed", "tab"],
            )
    return Question(**found, levers=tuple(sorted(levers)), timeline=tuple(sorted(rows)))
