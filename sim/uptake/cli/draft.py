"""The files of a scheme of one's own, as `uptake new` writes them: every key with its meaning."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from uptake.cli.meanings import meaning_of
from uptake.config.schema import (
    Event,
    Kind,
    LeverMeaning,
    Observation,
    Provider,
    Scenario,
    Sector,
    lever_meanings,
)
from uptake.model.levers import AT_LAUNCH, IMPULSES

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*( [A-Za-z0-9_]+)*")
_WORDS_OF_YAML = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
_NOT_ANOTHERS = ("invested_gbp",)  # what a scheme's own provider had spent is no other's


def text(value: object) -> str:
    """Return a text as YAML reads it back.

    >>> text("GBP a year"), text("0..1"), text("no")
    ('GBP a year', '"0..1"', '"no"')
    """
    said = str(value)
    is_plain = _PLAIN.fullmatch(said) and said.lower() not in _WORDS_OF_YAML
    return said if is_plain else json.dumps(said, ensure_ascii=False)


def number(value: float) -> str:
    """Return a number in decimal figures.

    >>> number(2.5e6), number(0.00005)
    ('2500000', '0.00005')
    """
    return format(Decimal(repr(value)).normalize(), "f")


def _allowed(low: float, high: float) -> str:
    """Return what a number can be.

    >>> _allowed(1e-9, 1), _allowed(0, 1e12)
    ('above 0, to 1', '0 to 1,000,000,000,000')
    """
    lowest = "above 0," if 0 < low < 1e-6 else f"{Decimal(number(low)):,}"
    return f"{lowest} to {Decimal(number(high)):,}"


def _remark(said: str, indent: str) -> list[str]:
    """Return a comment, wrapped."""
    return textwrap.wrap(said, 100, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")


@dataclass(frozen=True)
class Draft:
    """A scheme to be written.

    ``facts`` are those it starts from, in the form of a scenario's file, and ``blank`` those of
    ``configs/new.yaml``, of which examples are taken; ``source`` is what every number says of
    itself; ``sector`` is the name of the sector it is offered to, None for one of its own.
    """

    name: str
    source: str
    facts: Mapping[str, Any]
    blank: Mapping[str, Any]
    sector: str | None

    def _quantity(self, given: Mapping[str, Any], more: str = "") -> str:
        """Return a number with unit and source."""
        told = f"value: {number(given['value'])}, unit: {text(given['unit'])}"
        return f"{{{told}{more}, source: {text(self.source)}}}"

    def _number(self, owner: type, key: str, given: Any, indent: str = "") -> Iterator[str]:
        """Yield the lines of a number: what it means and can be, then itself.

        One that is not given is an example, as a comment.
        """
        one = given or self.blank["examples"]["provider"][key]
        meaning = meaning_of(owner, key)
        assert meaning.within is not None
        allowed = _allowed(meaning.within.low, meaning.within.high)
        yield from _remark(f"{meaning.text}; {one['unit']}, {allowed}", indent)
        yield f"{indent}{'' if given else '#'}{key}: {self._quantity(one)}"

    def _heading(self, owner: type, key: str, after: str = "") -> list[str]:
        """Return what stands above a part of the file."""
        return ["", *_remark(f"{meaning_of(owner, key).text}{after}", "")]

    def scenario(self) -> str:
        """Return the scenario's file."""
        facts, title = self.facts, self.name.replace("_", " ").capitalize()
        lines = [
            f'# {title}. Replace what says "replace it"; a number may say more in a note: "...".',
            "# What stands after a # is a comment: take the # away in front of a key to use it.",
            "defaults:",
            f"  - /sector@sector: {text(self.sector or self.name)}  # whom it is offered to",
            "  - _self_",
            "",
            f"name: {text(self.name)}  # {meaning_of(Scenario, 'name').text}",
            f"title: {text(title)}  # {meaning_of(Scenario, 'title').text}",
            f"start: {text(facts['start'])}  # {meaning_of(Scenario, 'start').text}",
            *self._number(Scenario, "months", facts["months"]),
            *self._number(Scenario, "approached", facts["approached"]),
            *_remark(meaning_of(Scenario, "designed_for").text, ""),
            f"designed_for: [{', '.join(map(text, facts['designed_for']))}]",
            *self._number(Scenario, "scope_share", facts["scope_share"]),
            *self._providers(),
            *self._levers(),
            *self._timeline(),
            *self._reported(),
        ]
        return "\n".join([*lines, ""])

    def _providers(self) -> Iterator[str]:
        yield from self._heading(Scenario, "providers")
        yield "providers:"
        for name, facts in self.facts["providers"].items():
            yield f"  {text(name)}:"
            yield f"    title: {text(facts['title'])}"
            for key in ("public_share", "quality"):
                yield from self._number(Provider, key, facts[key], "    ")
            for key in self.blank["examples"]["provider"]:
                given = None if key in _NOT_ANOTHERS else facts.get(key)
                yield from self._number(Provider, key, given, "    ")
            is_later = bool(facts.get("enters_later"))
            yield from _remark(meaning_of(Provider, "enters_later").text, "    ")
            yield "    enters_later: true" if is_later else "    #enters_later: false"

    def _lever(self, name: str, given: Any, indent: str, mark: str = "#") -> Iterator[str]:
        """Yield the lines of a lever; one that is not given is a comment, at its neutral value."""
        meaning: LeverMeaning = lever_meanings()[name]
        only = "; in month 0 only" if name in AT_LAUNCH else ""
        allowed = f"{meaning.unit}, {_allowed(meaning.low, meaning.high)}"
        neutral = f"neutral {number(meaning.neutral)}"
        yield from _remark(f"{meaning.meaning}; {allowed}; {neutral}{only}", indent)
        one = given or {"value": meaning.neutral, "unit": meaning.unit}
        yield f"{indent}{'' if given else mark}{name}: {self._quantity(one)}"

    def _levers(self) -> Iterator[str]:
        yield from self._heading(Scenario, "levers", ", where it does nothing")
        yield "levers:" if self.facts["levers"] else "levers: {}  # take the {} away to use any"
        all_levers = lever_meanings().items()
        for group, levers in groupby(all_levers, lambda item: item[1].group):
            lasting = [name for name, _ in levers if name not in IMPULSES]
            if lasting:
                yield f"  # --- {group} ---"
            for name in lasting:
                yield from self._lever(name, self.facts["levers"].get(name), "  ")

    def _timeline(self) -> Iterator[str]:
        yield from self._heading(Scenario, "timeline")
        is_example = not self.facts["timeline"]
        yield f"timeline:{' []  # for example (take the [] away):' if is_example else ''}"
        mark = "#" if is_example else ""
        for event in self.facts["timeline"] or self.blank["timeline"]:
            yield f"{mark}  - name: {text(event['name'])}  # {meaning_of(Event, 'name').text}"
            for key in ("month", "date", "label"):
                said = event[key] if key == "month" else text(event[key])
                yield f"{mark}    {key}: {said}  # {meaning_of(Event, key).text}"
            yield f"{mark}    source: {text(self.source)}"
            empty = "" if event["set"] else " {}"
            yield f"{mark}    set:{empty}  # {meaning_of(Event, 'set').text}"
            for name, given in event["set"].items():
                yield from (f"{mark}{line}" for line in self._lever(name, given, "      "))
        yield from _remark("levers that act in the month of an event only: set them there", "")
        for name in IMPULSES:
            yield from self._lever(name, None, "", mark="# ")

    def _reported(self) -> Iterator[str]:
        yield ""
        yield f"shows: {text(self.facts['shows'])}  # {meaning_of(Scenario, 'shows').text}"
        yield from self._heading(Scenario, "observed", "; uptake list outcomes names them")
        yield "observed: {}  # for example (take the {} away):"
        yield from _remark(f"fit: {meaning_of(Observation, 'fit').text}", "")
        month = f", month: {number(self.facts['months']['value'])}, fit: exactly"
        yield f"#  joined: {self._quantity(self.blank['examples']['observed'], month)}"
        yield from self._heading(Scenario, "findings")
        yield "findings: []  # for example (take the [] away):"
        told = "statement: more joined than left, larger: joined, smaller: left"
        yield f"#  - {{{told}, source: {text(self.source)}}}"

    def sector_file(self) -> str:
        """Return the sector's file."""
        sector = self.facts["sector"]
        body = sector.get("body") or "trust"
        given = sector.get("bodies")
        bodies = f"{'' if given else '#'}bodies: {text(given or f'{body}s')}"
        lines = [
            f'# Whom {self.name} is offered to. Replace what says "replace it".',
            f"title: {text(f'bodies of {self.name}')}  # {meaning_of(Sector, 'title').text}",
            f"body: {text(body)}  # {meaning_of(Sector, 'body').text}",
            f"{bodies}  # {meaning_of(Sector, 'bodies').text}",
            *self._heading(Sector, "kinds"),
            "kinds:",
        ]
        for name, facts in sector["kinds"].items():
            lines.append(f"  {text(name)}:")
            for key in ("bodies", "income_p10", "income_p50", "income_p90"):
                lines += self._number(Kind, key, facts[key], "    ")
        lines.append("")
        for key, value in sector.items():
            if key not in ("title", "body", "bodies", "kinds"):
                lines += self._number(Sector, key, value)
        return "\n".join([*lines, ""])
