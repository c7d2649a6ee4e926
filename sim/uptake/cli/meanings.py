"""What the keys of a scenario and of its sector mean, and what they can be: as the schema says."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple, get_args

from uptake.config.schema.tree import fields_of
from uptake.config.schema.values import Within


class Meaning(NamedTuple):
    """What a key is, and what its number can be, if it holds one."""

    text: str
    within: Within | None


def _ranges(kind: Any) -> list[Within]:
    """Return the ranges that a type speaks of."""
    inside = [one for part in get_args(kind) for one in _ranges(part)]
    return [kind, *inside] if isinstance(kind, Within) else inside


def meaning_of(owner: type, key: str) -> Meaning:
    """Return what a key of a record of the schema means: the only place that ``new`` asks."""
    field = fields_of(owner)[key]
    ranges = _ranges(Annotated[field.annotation, *field.metadata, ""])
    return Meaning(str(field.description), ranges[0] if ranges else None)
