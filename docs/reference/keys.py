"""The reference page: every key of a configuration, written from the schema.

``make reference`` writes it to ``docs/reference/scenario.md``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, get_args, get_origin

from uptake.config.schema import PriorDistribution, Quantity, Ranged, Run, lever_meanings
from uptake.config.schema.packaged import plain_of
from uptake.config.schema.tree import bare, fields_of, record_of
from uptake.config.schema.values import Rule, Shown, Within
from uptake.model.levers import IMPULSES

_TOP = """# Keys of a configuration

Made from the schema by `make reference`.

A *quantity* is a number that says where it comes from: `{value: 3, unit: months, source: "...",
note: "..."}`; on the command line its number is `KEY.value`. A *quantity or range* may have `low`
and `high`, too: it is not known better, and is drawn between them. A number that is typed takes the
place of its range. A key without a default has to be given. Every other value is checked as well,
and a refusal names the key, the value and what is allowed."""
_WORDS = {int: "whole number", float: "number", bool: "true or false", str: "text"}


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield f"| {' | '.join(header)} |"
    yield f"|{'|'.join('---' for _ in header)}|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


def _rules(kind: Any) -> list[Rule]:
    """Return what a value of a type has to be."""
    inside = [rule for part in get_args(kind) for rule in _rules(part)]
    return [*inside, *([kind] if isinstance(kind, Rule) else [])]


def _type(kind: Any) -> str:
    """Return a type in words."""
    plain, inside = bare(kind), get_args(bare(kind))
    if record_of(plain) in (Quantity, Ranged):
        return "quantity" + (" or range" if record_of(plain) is Ranged else "")
    if record_of(plain):
        return f"[{plain.__name__}](#{plain.__name__.lower()})"
    if get_origin(plain) is list:
        return f"list: {_type(inside[0])}"
    if get_origin(plain) is dict:
        return f"by name: {_type(inside[1])}"
    return _WORDS.get(plain, "")


def _row(name: str, field: Any, given: Any) -> list[str]:
    """Return a key: type, unit, range, default and meaning."""
    rules = _rules(Annotated[field.annotation, *field.metadata, ""])
    units = [rule.unit for rule in rules if isinstance(rule, Within)]
    ranges = [str(rule) for rule in rules if not isinstance(rule, Shown)]
    usual = given.get("value", "") if isinstance(given, dict) else given
    if not field.is_required():
        usual = field.get_default(call_default_factory=True)
    told = "" if field.is_required() and usual == "" else json.dumps(usual)
    of = [found[0] if found else "" for found in (units, ranges)]
    return [f"`{name}`", _type(field.annotation), *of, told, field.description]


def records(kind: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every record within a type, with a key that it stands at."""
    record = record_of(kind)
    if record in (Quantity, Ranged):
        return
    if record:
        yield key, record
        for name, field in fields_of(record).items():
            yield from records(field.annotation, f"{key}.{name}".strip("."))
    elif inside := get_args(bare(kind)):
        yield from records(inside[-1], key + ("[i]" if get_origin(bare(kind)) is list else ".NAME"))


def _of_records() -> Iterator[str]:
    """Yield a section of every record: its keys."""
    usual = plain_of("run.yaml")
    for record, key in {record: key for key, record in records(Run)}.items():
        where = f"`{key}.*`: " if key else ""
        yield from ("", f"## {record.__name__}", "")
        yield from (f"{where}{' '.join(record.__doc__.split())}", "")
        given = (usual.get(key) if key else usual) or {}
        rows = [_row(name, field, given.get(name, "")) for name, field in fields_of(record).items()]
        yield from _table(("key", "type", "unit", "range", "default", "meaning"), rows)


def _of_levers() -> Iterator[str]:
    """Yield the section of the levers."""
    yield from ("", "## Levers", "", "By name; a lever that is not given is neutral.", "")
    rows = (
        [f"`{name}`", one.unit, str(one.within), f"{one.neutral:g}", one.meaning,
         "events only" if name in IMPULSES else ""]
        for name, one in lever_meanings().items()
    )  # fmt: skip
    yield from _table(("lever", "unit", "range", "neutral", "meaning", "set by"), rows)


def _of_parameters() -> Iterator[str]:
    """Yield the section of the parameters."""
    yield from (
        "",
        "## Parameters",
        "",
        "By name; `configs/parameters` has priors and sources.",
        "",
    )
    given = plain_of("parameters/prior.yaml")["priors"]
    priors = {name: PriorDistribution(**prior) for name, prior in given.items()}
    rows = (
        [f"`{name}`", prior.unit, str(prior.held), prior.distribution, prior.meaning]
        for name, prior in priors.items()
    )
    yield from _table(("parameter", "unit", "held within", "distribution", "meaning"), rows)


def page() -> str:
    """Return the reference page, in Markdown."""
    return "\n".join([_TOP, *_of_records(), *_of_levers(), *_of_parameters(), ""])


if __name__ == "__main__":
    print(page(), end="")
