"""Results do not change unless they are meant to (``make golden`` writes them anew)."""

from __future__ import annotations

import csv

import pytest
from golden import FILE, rows


def test_outcomes_are_those_on_record() -> None:
    """Counts are equal; amounts of money agree to 1e-9, for other machines' exponentials."""
    with open(FILE, newline="", encoding="utf-8") as file:
        recorded = list(csv.reader(file))
    now = rows()
    assert now[0] == recorded[0]
    assert len(now) == len(recorded)
    for row, old in zip(now[1:], recorded[1:], strict=True):
        assert row[0] == old[0]
        assert list(map(float, row[1:])) == pytest.approx(list(map(float, old[1:])), rel=1e-9)
