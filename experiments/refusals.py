"""What Hydra and OmegaConf object to, said in one line: the key, the value, what is allowed."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Sequence
from typing import Any, get_args, get_type_hints

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from sim.configuration import PriorDistribution, Quantity, Run
from sim.errors import nearest
from sim.inputs import LEVERS
from sim.parameters import PARAMETERS

# Keys of mappings that the schema leaves open.
_NAMES: dict[str, dict[str, Any]] = {
    "parameters.priors": dict.fromkeys(PARAMETERS.names or (), PriorDistribution),
    "scenario.levers": dict.fromkeys(LEVERS.names or (), Quantity),
}
_TYPES = {
    "Float": "a number",
    "Integer": "a whole number",
    "Boolean": "true or false",
    "Path": "a path",
}


def _first_line(text: object) -> str:
    """Return the first line of a message, without the full stop."""
    return str(text).strip().split("\n")[0].strip().rstrip(".")


def _fields(owner: Any) -> dict[str, Any]:
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
        fields = _fields(owner) or _NAMES.get(".".join(good), {})
        if part not in fields:
            inside = f" in {'.'.join(good)}" if good else ""
            hint = nearest(part, fields).replace("mean ", "mean " + "".join(f"{p}." for p in good))
            known = f"; known{inside} are {', '.join(fields)}" if fields and not hint else ""
            return f"no such key{hint}{known}"
        good.append(part)
        owner = fields[part]
    return "no such key"


def _key_of(override: str) -> str:
    """Return the key of an override as it was typed."""
    return override.split("=")[0].lstrip("+~")


def _of_validation(problem: OmegaConfBaseException, typed: str | None) -> str:
    """Return the line for a value or key that the schema refuses."""
    message = _first_line(problem.msg or problem)
    for name, wanted in _TYPES.items():
        if f"could not be converted to {name}" in message or f"is not a {name.lower()}" in message:
            message = f"{wanted} is needed"
    if "field is not Optional" in str(problem) or "is not optional" in str(problem).lower():
        message = "a value is needed"
    if "is not a subclass of" in message:
        message = "this holds keys of its own; set one of them"
    if "not in" in message and "Key" in message and problem.full_key:
        message = known_key(str(problem.full_key))
    where = typed or problem.full_key
    return f"{where}: {message}" if where else message


def in_one_line(problem: BaseException, overrides: Sequence[str]) -> str | None:
    """Return the line that tells a user what is wrong, or None if the problem is not theirs."""
    if isinstance(problem, MissingConfigException):
        return _of_missing_config(problem)
    if isinstance(problem, AssertionError | AttributeError) and "NoneType" in str(problem):
        key = str(getattr(problem, "full_key", "") or "")
        typed = next((o for o in overrides if key in o and "providers" in o), None)
        if typed is not None:  # an optional fact that is not there to be changed
            return f"{typed}: not given in this scenario; give it in one of yours (--config-dir)"
    if isinstance(problem, OverrideParseException):
        preamble = f"Error parsing override '{problem.override}'"
        detail = _first_line(str(problem).replace(preamble, ""))
        return f"{problem.override}: write key=value ({detail})"
    if isinstance(problem, HydraException):
        text = _first_line(problem)
        if text.startswith(("Ambiguous value", "Sweep parameters")):
            typed = next((o for o in overrides if f"'{o}'" in text), _first_line(text))
            return f"{typed}: several values are for a sweep: uptake run -m"
        typed = next((o for o in overrides if text.endswith(o) or f"'{_key_of(o)}'" in text), None)
        if isinstance(problem.__cause__, OmegaConfBaseException) and "Error merging" in text:
            return _of_validation(problem.__cause__, typed)
        if typed is not None and typed.startswith("~"):
            return f"{typed}: a key cannot be taken away; set it to another value"
        if typed is not None:
            return f"{typed}: {known_key(_key_of(typed))}"
        lines = [line.strip() for line in str(problem).split("\n") if line.strip()]
        return " ".join(lines[:2])
    if isinstance(problem, MissingMandatoryValue):
        return f"{problem.full_key}: a value is needed"
    if isinstance(problem, OmegaConfBaseException):
        key = str(problem.full_key or "")
        typed = next((o for o in overrides if key and _key_of(o) == key), None)
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
