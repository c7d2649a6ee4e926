"""From a plain mapping to a checked configuration, or to all that is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from uptake.config.schema import Run, lever_meanings
from uptake.config.schema.tree import fields_of, within
from uptake.config.schema.values import UNSEEN
from uptake.errors import InputError, refusal, shortened, unknown

# What is needed where pydantic refuses a type.
_NEEDED = {
    "float": "a number is needed",
    "int": "a whole number is needed",
    "bool": "true or false is needed",
    "string": "a text is needed",
    "list": "a list is needed",
    "dict": "keys with values are needed",
    "too": "at least one is needed",
}
_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")


@dataclass(frozen=True)
class Problem:
    """What is wrong at a key: its value, if that is the matter, and what is allowed."""

    key: str
    value: Any
    allowed: str
    is_unknown: bool = False  # there is no such key

    def __str__(self) -> str:
        """Return it as the line that a user is told."""
        if self.value is None:
            return f"{shortened(self.key)}: {self.allowed}"
        return refusal(shortened(self.key), self.value, self.allowed)


@cache
def _adapter() -> TypeAdapter[Run]:
    return TypeAdapter(Run)


def _key(plain: Any, parts: Sequence[str | int]) -> str:
    """Return a path of keys in words: an entry of a list goes by its name, if it has one."""
    key = ""
    for part in parts:
        if isinstance(part, int) and not isinstance(plain, list | tuple):  # one alone, no list
            continue
        try:
            plain = plain[part]
        except (KeyError, IndexError, TypeError):
            plain = {}
        name = plain.get("name") if isinstance(plain, dict) and isinstance(part, int) else part
        key += f"[{part}]" if name is None or isinstance(name, int) else f".{name}"
    return key.removeprefix(".")


def _needed(error: ErrorDetails) -> str:
    """Return what is needed instead of a value of the wrong type."""
    value, parts = error["input"], error["loc"]
    needed = _NEEDED.get(error["type"].partition("_")[0], error["msg"])
    if error["type"] == "missing" or value is None:
        return "a value is needed"
    if error["type"] == "string_unicode":
        return UNSEEN
    if isinstance(value, str) and _COMMA.fullmatch(value):
        return f"{needed}, with a point: {value.replace(',', '.')}"
    if error["type"] == "dataclass_type":
        fields = fields_of(within(Run, parts))
        keys = ", ".join(f"{name}: ..." for name, field in fields.items() if field.is_required())
        return f"{'this number' if 'value' in fields else 'this'} needs {{{keys}}}"
    if needed == _NEEDED["list"] and isinstance(value, str) and value.isidentifier():
        return f"{needed}, as [{value}]"
    return needed


def _problem(plain: Any, error: ErrorDetails) -> Problem:
    """Return what pydantic says in words of our own."""
    parts, value = [part for part in error["loc"] if part != "[key]"], error["input"]
    allowed = error["msg"] if "allowed" in error.get("ctx", {}) else _needed(error)
    is_unknown = error["type"] == "unexpected_keyword_argument"
    if is_unknown:
        known = fields_of(within(Run, parts[:-1]))
        if len(parts) == 1 and parts[0] in lever_meanings():
            allowed = f"no such key (did you mean levers.{parts[0]}?)"
        else:
            allowed = unknown(str(parts[-1]), known, "key")
    is_unknown |= "[key]" in error["loc"]
    is_told = not is_unknown and error["type"] != "missing"
    return Problem(_key(plain, parts), value if is_told else None, allowed, is_unknown)


def checked(plain: Mapping[str, Any]) -> tuple[Run | None, list[Problem]]:
    """Return the checked configuration, or None and all that is wrong with it."""
    try:
        return _adapter().validate_python(plain), []
    except ValidationError as refused:
        found = [_problem(plain, error) for error in refused.errors(include_url=False)]
        names = tuple(f"{one.key}." for one in found if one.is_unknown)
        found = [one for one in found if not one.key.startswith(names)]
        return None, sorted(found, key=lambda one: not one.is_unknown)


def changed(config: Run, **values: Any) -> Run:
    """Return a configuration with other values, or refuse them."""
    try:
        return replace(config, **values)
    except ValidationError as refused:
        raise InputError(str(_problem(values, refused.errors(include_url=False)[0]))) from None


def problems(plain: Mapping[str, Any]) -> list[Problem]:
    """List all that is wrong with a configuration, key by key; nothing if it can be used.

    Parameters
    ----------
    plain : mapping
        What files and command line say: texts, numbers, lists and mappings.
    """
    return checked(plain)[1]


def validated(plain: Mapping[str, Any], all_problems: bool = False) -> Run:
    """Return the checked configuration.

    Parameters
    ----------
    plain : mapping
        What files and command line say: texts, numbers, lists and mappings.
    all_problems : bool
        Name all that is wrong, a line each, and not the first only.

    Raises
    ------
    InputError
        A key is unknown or missing, or a value is not what its key needs.
    """
    config, found = checked(plain)
    if config is None:
        raise InputError("\n".join(map(str, found if all_problems else found[:1])))
    return config
