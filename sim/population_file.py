"""A user's table of trusts, read from CSV, Parquet or Excel (the first sheet).

Every cell is text before it is anything else, and text is data: nothing is evaluated. What can be
mended without a guess is mended and said. What cannot is refused, all of it at once. A blank is a
fact that is not known, and is drawn anew in every run (see ``sim.initialization``).
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.entities import FACTS, NEVER
from sim.errors import InputError, nearest, refusal

__all__ = ["TrustTable", "facts_of", "income_percentiles", "read_trusts"]

MOST_ROWS = 1_000_000
LINES_SHOWN = 50
CHARACTERS_SHOWN = 60
FEWEST_INCOMES = 10  # fewer say too little about their 10th and 90th percentile

BLANKS = frozenset(("na", "n/a", "#n/a", "nan", "null", "none", "-", "–", "—"))
SPREADSHEET_ERRORS = frozenset(("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"))
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
WITH_SEPARATORS = re.compile(r"[+-]?\d{1,3}([, ']\d{3})+(\.\d*)?", re.ASCII)

# Words that make another region of a region's name, not another spelling of it.
BEARINGS = frozenset("north south east west central mid greater inner outer upper lower and".split())
BASE_WORDS = 12  # longer names are not looked for inside others


class Column(NamedTuple):
    """What a column may hold, and where its blanks are filled from."""

    allowed: str
    blank: str
    fact: str = ""  # its name in FACTS, if it holds numbers
    unit: float = 1.0  # of the file, in units of FACTS
    most: float = 1.0
    zero: bool = False  # whether 0 is allowed as well


def _number(fact: str, unit: float, most: float, words: str, blank: str) -> Column:
    return Column(f"{words}, or blank if not known", blank, fact, unit, most, words[0] == "0")


COLUMNS = {
    "id": Column("an id of its own, not blank", ""),
    "name": Column("text", "left blank"),
    "kind": Column("text", "drawn by the shares of the kinds"),
    "region": Column("text", "drawn by the shares of the regions in the file"),
    "income_million_gbp": _number(
        "income_gbp", 1e6, 1e6, "above 0 and up to 1,000,000 (GBP million a year)", "x"
    ),
}
