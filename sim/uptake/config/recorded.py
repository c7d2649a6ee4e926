"""A configuration as a record of a run holds it: data of others, checked as any other is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from uptake.config import checks
from uptake.config.refusals import in_one_line
from uptake.config.schema import Run
from uptake.errors import InputError, refusal, shortened


def _texts(tree: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a tree, keys among them, with the key it stands at."""
    if isinstance(tree, Mapping):
        for name, branch in tree.items():
            where = f"{key}.{name}" if key else str(name)
            yield where, str(name)
            yield from _texts(branch, where)
    elif isinstance(tree, list):
        for branch in tree:
            yield from _texts(branch, key)
    elif isinstance(tree, str):
        yield key, tree


def recorded(plain: Any) -> Run:
    """Return the checked configuration of a record.

    Parameters
    ----------
    plain
        What ``provenance.json`` holds as ``configuration``.

    Raises
    ------
    InputError
        It is no configuration of this version, or holds what no file may say.
    """
    if not isinstance(plain, Mapping):
        raise InputError(refusal("configuration", shortened(plain), "keys with values are needed"))
    for key, text in _texts(plain):
        if "${" in text:
            raise InputError(refusal(shortened(key), text, "${...} is not read"))
    checks.check_texts(plain)
    try:
        merged = OmegaConf.merge(OmegaConf.structured(Run), dict(plain))
        config: Any = OmegaConf.to_object(merged)
    except (OmegaConfBaseException, RecursionError) as problem:
        raise InputError(in_one_line(problem, []) or "no configuration") from None
    checks.check_known(plain, config)
    return config
