"""What can only be told of a table of trusts as a whole: units, totals, whose draws are whose.

A file whose unit is a thousand off, or that ends in a row of totals, can be run without an error,
and gives an answer that is wrong.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TIMES_OFF = 30.0  # the sector's median and a file's, and it is a matter of units
_MOST_ROUNDED = 1e-3  # of a total
_FLOAT = 1e-9  # of a total that a spreadsheet added up
_FEWEST_SUMMED = 3  # of two trusts that are alike, each is the sum of the others,
_ALIKE = 0.9  # and of two that are beside a few small ones, one nearly is

TOTALS = re.compile(
    r"(?<![^\W_])(sub[- ]?)?totals?(?![^\W_])"
    r"|[\W_]*(grand |overall )?(all|sum|overall|england|nation|national|mean|average|median)"
    r"( (trusts|bodies|organisations|providers|of all))?[\W_]*$",
    re.IGNORECASE,
)


class Usual(NamedTuple):
    """What a sector's figures would have one expect of a table of its trusts."""

    sector: str  # its title
    incomes: dict[str, float]  # median by kind and ('') in all, GBP a year
    spend_share: float  # spend in scope, share of income


def trust_numbers(ids: Sequence[str]) -> NDArray[np.int32]:
    """Return a number for every trust that follows from its id, no number twice.

    Of two ids with one hash (two of a million are likely to have, two of a thousand are not) the
    later by the alphabet takes another, so that no number depends on the order of the rows.
    """
    taken: dict[int, str] = {}
    for trust in sorted(ids):
        number, tries = _hashed(trust), 0
        while number in taken:
            tries += 1
            number = _hashed(f"{tries} {trust}")
        taken[number] = trust
    number_of = {trust: number for number, trust in taken.items()}
    return np.array([number_of[trust] for trust in ids], np.int32)


def _hashed(text: str) -> int:
    """Return 31 bits of a text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest()) >> 1


def totals_rows(
    ids: Sequence[str],
    names: Sequence[str],
    regions: Sequence[str],
    incomes: NDArray[np.float64],
    rounded: NDArray[np.float64],
) -> Iterator[tuple[int, str]]:
    """Yield the rows that are no trust but a total of others, and how that is known.

    ``rounded`` is by how much an income may differ from what it is given as, as it was rounded.
    """
    left = np.isfinite(incomes)
    for row, texts in enumerate(zip(ids, names, strict=True)):
        if any(map(TOTALS.search, texts)):
            left[row] = False
            yield row, "so its id or name says"
    members: defaultdict[str, list[int]] = defaultdict(list)
    for row in map(int, np.flatnonzero(left)):
        members[regions[row]].append(row)
    sums = {region: (incomes[rows].sum(), rounded[rows].sum()) for region, rows in members.items()}
    for row, region in _named_as_regions(ids, names, regions):
        if not left[row] or region not in sums:
            continue
        (others, error), is_in_it = sums[region], regions[row] == region
        others -= incomes[row] if is_in_it else 0.0
        error += 0.0 if is_in_it else rounded[row]
        if len(members[region]) - is_in_it > 1 and _is_sum(incomes[row], others, error):
            left[row] = False
            yield row, "its income is the sum of the others in the region that it is named as"
    if left.sum() > _FEWEST_SUMMED:
        largest = int(np.argmax(np.where(left, incomes, 0.0)))
        left[largest] = False
        others, error = incomes[left], rounded[left].sum() + rounded[largest]
        if others.max() < _ALIKE * others.sum() and _is_sum(incomes[largest], others.sum(), error):
            yield largest, "its income is the sum of all others"


def _named_as_regions(
    ids: Sequence[str], names: Sequence[str], regions: Sequence[str]
) -> Iterator[tuple[int, str]]:
    """Yield the rows that are called as a region is, and the region."""
    known = {region.casefold(): region for region in dict.fromkeys(regions) if region}
    for row, texts in enumerate(zip(ids, names, strict=True)):
        for text in texts:
            if region := known.get(text.casefold()):
                yield row, region
                break


def _is_sum(income: float, others: float, error: float) -> bool:
    """Tell whether an income is the sum of others, as far as rounding lets one see."""
    return bool(abs(income - others) <= min(_MOST_ROUNDED * income, error) + _FLOAT * income)


def units_off(
    usual: Usual,
    kinds: Sequence[str],
    incomes: NDArray[np.float64],
    spends: NDArray[np.float64],
) -> Iterator[str]:
    """Yield what is wrong with the unit of a column whose median is far off that of the sector."""
    expected = np.array([usual.incomes.get(kind, usual.incomes[""]) for kind in kinds])
    yield from _off("income_million_gbp", "millions", 1e6, incomes, expected, usual.sector)
    of_income = np.where(np.isfinite(incomes), incomes, expected) * usual.spend_share
    yield from _off("spend_in_scope_gbp", "pounds", 1.0, spends, of_income, usual.sector)


def _off(
    column: str,
    unit: str,
    gbp: float,
    read: NDArray[np.float64],
    expected: NDArray[np.float64],
    sector: str,
) -> Iterator[str]:
    known = np.isfinite(read)
    if not known.any():
        return
    middle, usual = float(np.median(read[known])), float(np.median(expected[known]))
    if usual / TIMES_OFF <= middle <= usual * TIMES_OFF:
        return
    times = middle / usual if middle > usual else usual / middle
    side = "above" if middle > usual else "below"
    yield (
        f"column {column}: the median is {middle / gbp:,.6g}, {times:,.0f} times {side} the "
        f"{usual / gbp:,.6g} of {sector}: pounds, thousands or millions? Needed are {unit} of GBP; "
        "if it is meant so, population.units=as_given"
    )
