"""Records: a class of annotated fields says what a record holds, and numpy lays it out.

Rules take records by these classes, so that a checker of types knows their fields; what runs are
rows of arrays of the dtype that is made of the class.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias, get_type_hints

import numpy as np

uint8: TypeAlias = Annotated[int, np.uint8]
uint16: TypeAlias = Annotated[int, np.uint16]
uint32: TypeAlias = Annotated[int, np.uint32]
int32: TypeAlias = Annotated[int, np.int32]
int64: TypeAlias = Annotated[int, np.int64]
uint64: TypeAlias = Annotated[int, np.uint64]
float32: TypeAlias = Annotated[float, np.float32]
float64: TypeAlias = Annotated[float, np.float64]


def dtype_of(record: type, align: bool = False) -> np.dtype[Any]:
    """Return the dtype of an array of such records, its fields in the order of the class.

    >>> class Point:
    ...     x: float64
    ...     row: uint8
    >>> dtype_of(Point, align=True)
    dtype([('x', '<f8'), ('row', 'u1')], align=True)
    """
    hints = get_type_hints(record, include_extras=True)
    return np.dtype([(name, *hint.__metadata__) for name, hint in hints.items()], align=align)
