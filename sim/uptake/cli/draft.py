"""The files of a scheme of one's own, as `uptake new` writes them: every key with its meaning."""

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from uptake.cli.meanings import meaning_of
from uptake.config.schema import (
    Event,
    Kind,
    Observation,
    Provider,
    Scenario,
    Sector,
    lever_meanings,
)
from uptake.model.levers import AT_LAUNCH, IMPULSES

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*( [A-Za-z0-9_]+)*")
_WORDS_OF_YAML = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
_TEMPLATES = Path(__file__).parent / "templates"
_RECORDS = (Scenario, Sector, Kind, Provider, Event, Observation)


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


def _remark(said: str, indent: str = "") -> str:
    """Return a comment, wrapped."""
    return textwrap.fill(said, 100, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")


def _means(owner: type, key: str) -> str:
    """Return what a key of a record of the schema means."""
    return meaning_of(owner, key).text


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
        ends = [
            f"{end}: {number(given[end])}, "
            for end in ("low", "high")
            if given.get(end) is not None
        ]
        told = f"value: {number(given['value'])}, {''.join(ends)}unit: {text(given['unit'])}"
        return f"{{{told}{more}, source: {text(self.source)}}}"

    def _flow(self, given: Any) -> str:
        """Return what stands within other keys on one line, each number with its new source."""
        return json.dumps(self._kept(given), ensure_ascii=False)

    def _kept(self, given: Any) -> Any:
        """Return what is given of a tree, each number with its new source."""
        if isinstance(given, list):
            return [self._kept(one) for one in given]
        if not isinstance(given, Mapping):
            return given
        kept = {key: self._kept(one) for key, one in given.items() if one not in (None, "", [])}
        return kept | ({"source": self.source} if "value" in kept else {})

    def _fact(self, owner: type, key: str, given: Any, indent: str = "") -> str:
        """Return the lines of a number: what it means and can be, then itself.

        One that is not given is an example, as a comment.
        """
        one = given or {**self.blank["sector"], **self.blank["examples"]["provider"]}[key]
        meaning = meaning_of(owner, key)
        assert meaning.within is not None
        allowed = _allowed(meaning.within.low, meaning.within.high)
        remark = _remark(f"{meaning.text}; {one['unit']}, {allowed}", indent)
        return f"{remark}\n{indent}{'' if given else '#'}{key}: {self._quantity(one)}"

    def _lever(self, name: str, given: Any, indent: str, mark: str = "#") -> str:
        """Return the lines of a lever; one that is not given is a comment, at its neutral value."""
        meaning = lever_meanings()[name]
        only = "; in month 0 only" if name in AT_LAUNCH else ""
        allowed = f"{meaning.unit}, {_allowed(meaning.low, meaning.high)}"
        neutral = f"neutral {number(meaning.neutral)}"
        remark = _remark(f"{meaning.meaning}; {allowed}; {neutral}{only}", indent)
        one = given or {"value": meaning.neutral, "unit": meaning.unit}
        return f"{remark}\n{indent}{'' if given else mark}{name}: {self._quantity(one)}"

    def file(self, group: str) -> str:
        """Return the scheme's file of a group, ``scenario`` or ``sector``, from its template."""
        forms = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            undefined=StrictUndefined,
            trim_blocks=True,
            keep_trailing_newline=True,
        )
        forms.filters |= {"text": text, "number": number}
        forms.globals |= {record.__name__: record for record in _RECORDS}
        return forms.get_template(f"{group}.yaml").render(
            draft=self,
            facts=self.facts,
            blank=self.blank,
            levers=lever_meanings(),
            IMPULSES=IMPULSES,
            means=_means,
            remark=_remark,
            quantity=self._quantity,
            fact=self._fact,
            flow=self._flow,
            lever=self._lever,
        )
