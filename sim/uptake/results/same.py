"""Whether two tables of runs are the same, to the bit, and if not where they first differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from uptake.errors import shortened


def _bits(column: Any) -> NDArray[np.uint8] | None:
    """Return the bytes of a column of numbers, or of lists of numbers of one length, row by row.

    None if it holds anything else, or no number in some row.
    """
    rows, flat = len(column), column.combine_chunks()
    if pa.types.is_fixed_size_list(flat.type) and not flat.null_count:
        flat = flat.flatten()
    is_number = pa.types.is_integer(flat.type) or pa.types.is_floating(flat.type)
    if not is_number or flat.null_count or not rows:
        return None
    values = np.ascontiguousarray(flat.to_numpy(zero_copy_only=False))
    return values.view(np.uint8).reshape(rows, -1)


def _differing(was: Any, now: Any) -> NDArray[np.bool_]:
    """Tell the rows in which two columns of one type and length differ."""
    one, other = _bits(was), _bits(now)
    if one is not None and other is not None and one.shape == other.shape:
        return np.asarray((one != other).any(axis=1))
    pairs = zip(was.to_pylist(), now.to_pylist(), strict=True)
    return np.array([repr(a) != repr(b) for a, b in pairs], bool)


def _first(name: str, was: Any, now: Any) -> str:
    """Return how two cells differ, in words; of two lists, in which month first."""
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        cells = [repr(one) for one in was], [repr(one) for one in now]
        months = (i for i, (a, b) in enumerate(zip(*cells, strict=True)) if a != b)
        month = next(months, 0)
        return f"{name} in month {month}: {was[month]!r} there, {now[month]!r} now"
    return f"{name}: {shortened(repr(was))} there, {shortened(repr(now))} now"


def difference(was: Any, now: Any) -> str | None:
    """Return how a table of runs differs from another, in words; None if they are the same.

    Parameters
    ----------
    was, now
        Arrow tables, a row a run, with a column ``run``.
    """
    if was.column_names != now.column_names:
        odd = sorted(set(was.column_names) ^ set(now.column_names)) or ["in another order"]
        return f"the columns differ: {shortened(', '.join(odd))}"
    if was.num_rows != now.num_rows:
        return f"{was.num_rows:,} runs there, {now.num_rows:,} now"
    for name in now.column_names:
        if was[name].type != now[name].type:
            return f"{name}: {shortened(was[name].type)} there, {now[name].type} now"
    differing = {name: _differing(was[name], now[name]) for name in now.column_names}
    rows = np.logical_or.reduce(list(differing.values()))
    if not rows.any():
        return None
    at = int(np.argmax(rows))
    name = next(name for name, found in differing.items() if found[at])
    told = _first(name, was[name][at].as_py(), now[name][at].as_py())
    return f"{rows.sum():,} of {len(rows):,} runs differ; first run {now['run'][at]}, {told}"
