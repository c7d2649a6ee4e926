"""What Hydra and OmegaConf object to, said in one line: the key, the value, what is allowed."""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Sequence
from typing import Any, get_args, get_origin, get_type_hints

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import MISSING
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from uptake.config import schema as configuration
from uptake.config.schema import PriorDistribution, Quantity, Run
from uptake.errors import listed, nearest, shortened
from uptake.model.levers import LEVERS
from uptake.model.parameters import PARAMETERS

# Keys of mappings that the schema leaves open.
_NAMES: dict[str, dict[str, Any]] = {
    "parameters.priors": dict.fromkeys(PARAMETERS.names or (), PriorDistribution),
    "scenario.levers": dict.fromkeys(LEVERS.names or (), Quantity),
}
# What is needed where OmegaConf objects so.
_NEEDED = {
    "could not be converted to Float": "a number is needed",
    "could not be converted to Integer": "a whole number is needed",
    "is not a int": "a whole number is needed",
    "is not a valid bool": "true or false is needed",
    "could not be converted to Path": "a path is needed",
    "to string": "a text is needed",
    "is not a ListConfig": "a list is needed",
    "Cannot merge DictConfig with ListConfig": "a list is needed",
    "not a subclass of Dict": "keys with values are needed",
    "is not Optional": "a value is needed",
    "is not optional": "a value is needed",
}
_NO_KIND = re.compile(r"is not a subclass of (\w+)")
_NO_NUMBER = re.compile(r"Value '([^']*)' of type '\w+'")


def _first_line(text: object) -> str:
    """Return the first line of a message, without the full stop."""
    return str(text).strip().split("\n")[0].strip().rstrip(".")


def fields_of(owner: Any) -> dict[str, Any]:
    """Return the fields of a dataclass by name, with their types (optional ones unwrapped)."""
    if not dataclasses.is_dataclass(owner):
        return {}
    hints = get_type_hints(owner)
    unwrapped = {}
    for name, hint in hints.items():
        parts = [p for p in get_args(hint) if p is not type(None)]
        unwrapped[name] = parts[0] if isinstance(hint, types.UnionType) else hint
    return unwrapped


def known_key(key: str) -> str:
    """Return a hint at the key that was meant by an unknown one."""
    owner: Any = Run
    good: list[str] = []
    for part in key.split("."):
        known = fields_of(owner) or _NAMES.get(".".join(good), {})
        if not known and get_origin(owner) is dict:  # of which every name is good
            known = {part: get_args(owner)[1]}
        if part not in known:
            inside = f" in {'.'.join(good)}" if good else ""
            hint = nearest(part, known).replace("mean ", "mean " + "".join(f"{p}." for p in good))
            told = f"; known{inside} are {listed(part, known)}" if known and not hint else ""
            return f"no such key{hint}{told}"
        good.append(part)
        owner = known[part]
    return "no such key"


def key_of(override: str) -> str:
    """Return the key of an override as it was typed."""
    return override.lstrip("+~").partition("=")[0].partition("@")[0]


def _inside(kind: str) -> str:
    """Return what is needed where a bare value stands for something that has keys of its own."""
    owner = getattr(configuration, kind, None)
    needed = [
        field.name
        for field in (dataclasses.fields(owner) if dataclasses.is_dataclass(owner) else ())
        if field.default == MISSING
    ]
    if not needed:
        return "this holds keys of its own; set one of them"
    keys = ", ".join(f"{name}: ..." for name in needed)
    return f"{'this number' if needed[0] == 'value' else 'this'} needs {{{keys}}}"


def _known_in(problem: OmegaConfBaseException) -> str:
    """Return a hint at the key that was meant in an entry of a list, which has no path."""
    owner = problem.object_type
    if "." in str(problem.full_key) or not dataclasses.is_dataclass(owner):
        return ""
    known = [field.name for field in dataclasses.fields(owner)]
    name = str(problem.full_key)
    return f"no such key{nearest(name, known) or f'; known are {listed(name, known)}'}"


def _of_validation(problem: OmegaConfBaseException, typed: str | None) -> str:
    """Return the line for a value or key that the schema refuses."""
    whole = str(problem.msg or problem)
    message, where = _first_line(whole), shortened(typed or problem.full_key or "")
    needed = next((wanted for said, wanted in _NEEDED.items() if said in whole), None)
    if kind := _NO_KIND.search(whole):
        message = _inside(kind[1])
    if needed is not None:
        message = needed
    if (value := _NO_NUMBER.search(whole)) and typed is None:
        where += f"={shortened(value[1])}"
    if value and re.fullmatch(r"[-+]?[0-9]+,[0-9]+", value[1]):
        message += f", with a point: {value[1].replace(',', '.')}"
    if "not in" in message and "Key" in message and problem.full_key:
        message = _known_in(problem) or known_key(str(problem.full_key))
    return f"{where}: {message}" if where else message


def in_one_line(problem: BaseException, overrides: Sequence[str]) -> str | None:
    """Return the line that tells a user what is wrong, or None if the problem is not theirs."""
    if isinstance(problem, MissingConfigException):
        return _of_missing_config(problem)
    if isinstance(problem, AssertionError | AttributeError) and "NoneType" in str(problem):
        key = str(getattr(problem, "full_key", "") or "")
        typed = next((o for o in overrides if key in o and "providers" in o), None)
        if typed is not None:  # an optional fact that is not there to be changed
            told = "not given in this scenario; give it in one of yours (--config-dir)"
            return f"{shortened(typed)}: {told}"
    if isinstance(problem, OverrideParseException):
        preamble = f"Error parsing override '{problem.override}'"
        detail = _first_line(str(problem).replace(preamble, ""))
        return f"{shortened(problem.override)}: write key=value ({shortened(detail)})"
    if isinstance(problem, HydraException):
        text, cause = _first_line(problem), problem.__cause__ or problem.__context__
        if text.startswith(("Ambiguous value", "Sweep parameters")):
            typed = next((o for o in overrides if f"'{o}'" in text), text)
            return f"{shortened(typed)}: several values are for a sweep: uptake run -m"
        typed = next((o for o in overrides if text.endswith(o) or f"'{key_of(o)}'" in text), None)
        if isinstance(cause, OmegaConfBaseException) and text.startswith(("Error merging", "In ")):
            return _of_validation(cause, None if text.startswith("In ") else typed)
        if typed is not None and typed.startswith("~"):
            return f"{shortened(typed)}: a key cannot be taken away; set it to another value"
        if typed is not None:
            return f"{shortened(typed)}: {known_key(key_of(typed))}"
        lines = [line.strip() for line in str(problem).split("\n") if line.strip()]
        return " ".join(lines[:2])
    if isinstance(problem, MissingMandatoryValue):
        return f"{problem.full_key}: a value is needed"
    if isinstance(problem, OmegaConfBaseException):
        key = str(problem.full_key or "")
        typed = next((o for o in overrides if key and key_of(o) == key), None)
        return _of_validation(problem, typed)
    if isinstance(problem, RecursionError):
        return "defaults: the files of the configuration go in a circle"
    return None


def _of_missing_config(problem: MissingConfigException) -> str:
    """Return the line for a file or choice that is not there."""
    missing = problem.missing_cfg_file
    if missing is None or "/" not in missing or not problem.options:
        return _first_line(problem)
    group, _, name = missing.rpartition("/")
    options = [str(option) for option in problem.options]
    return f"{group}={name}: allowed is one of {', '.join(options)}{nearest(name, options)}"
