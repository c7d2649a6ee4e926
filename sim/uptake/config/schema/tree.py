"""The schema as a tree: which record, or what else, stands at a key."""

import dataclasses
import types
from collections.abc import Sequence
from typing import Annotated, Any, Union, get_args, get_origin


def bare(kind: Any) -> Any:
    """Return a type without what is said about it, and without "or nothing"."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return bare(next(part for part in get_args(kind) if part is not type(None)))
    return kind


def record_of(kind: Any) -> Any:
    """Return the class of a record, or None of any other type."""
    owner = get_origin(bare(kind)) or bare(kind)
    return owner if dataclasses.is_dataclass(owner) else None


def fields_of(kind: Any) -> dict[str, Any]:
    """Return the fields of a record by name, as pydantic has them; none of any other type."""
    return dict(getattr(record_of(kind), "__pydantic_fields__", {}))


def within(kind: Any, parts: Sequence[Any]) -> Any:
    """Return the type of what stands at a path of keys within a type, or None."""
    for part in parts:
        fields, inside = fields_of(kind), get_args(bare(kind))
        known = fields[part].annotation if part in fields else None
        kind = known if fields else inside[-1] if inside else None
    return kind
