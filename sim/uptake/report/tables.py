"""Tables of text, for a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Table(NamedTuple):
    """A table of a report: its heading, a sentence about it, its columns and rows of text."""

    heading: str
    sentence: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
