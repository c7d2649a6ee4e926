"""Stochasticity: every random number is a pure function of where it is used.

A draw is a hash of (seed, stream, run, month, entity). Any order of execution, any number of
threads and any chunking give the same numbers, and two policies compared on one seed share them
(common random numbers). Nothing else in the package is random.

The hash is the finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom
number generators"): once a run, stream and month for the key, once a draw over the key plus the
entity's multiple of the golden ratio.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uptake.model._jit import WORD_MASK, Word, njit, word

# The streams: one a purpose, so that drawing more for one purpose moves no other.
KIND = 1
REGION = 2
INCOME = 3
SPEND = 4
GAP = 5
SLACK = 6
APPROACHED = 7
ATTENTION = 8
TASTE = 9
CASE = 10
REPORTING = 11
EVIDENCE = 12
PARAMETERS = 13
APPROACHED_NUMBER = 14
PROFESSION = 15
EXEMPTION = 16
QUALITY = 17
CHOICE = 18
VOTE = 20
FAILURE = 21
SEVERITY = 22
ENTRY = 23
MERGER = 24
POSTERIOR = 25
PRIORITY = 26
OBLIGATION = 27
MATCH = 28
REGION_TASTE = 29
ASSUMPTIONS = 30
READING = 31

_GOLDEN = word(0x9E3779B97F4A7C15)
_FIRST = word(0xBF58476D1CE4E5B9)
_SECOND = word(0x94D049BB133111EB)
_S27, _S30, _S31, _S12 = word(27), word(30), word(31), word(12)
_ROOT_HALF = math.sqrt(0.5)
_STEP = 1.0 / 4503599627370496.0  # 2**-52


@njit
def _mix(x: Word) -> Word:
    """Return the SplitMix64 finaliser of a 64-bit word."""
    x = ((x ^ (x >> _S30)) * _FIRST) & WORD_MASK
    x = ((x ^ (x >> _S27)) * _SECOND) & WORD_MASK
    return x ^ (x >> _S31)


@njit
def run_key(seed: int, run: int) -> Any:
    """Return the 64-bit key of a run, from which the keys of its months follow.

    A key that passes through Python is given back as ``word(key)``, or its type is lost.
    """
    return _mix((_mix(word(seed) + _GOLDEN & WORD_MASK) + word(run) * _GOLDEN) & WORD_MASK)


@njit
def run_keys(seed: int, runs: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the keys of runs, shape (runs,)."""
    keys = np.empty(len(runs), np.uint64)
    for i in range(len(runs)):
        keys[i] = run_key(seed, runs[i])
    return keys


@njit
def uniforms_of(keys: NDArray[np.uint64], stream: int) -> NDArray[np.float64]:
    """Return the draw of a stream in month 0 of each run with these keys, shape (runs,)."""
    draws = np.empty(len(keys))
    for i in range(len(keys)):
        draws[i] = uniform_in(keys[i], stream, 0, 0)
    return draws


@njit
def month_key(key: Word, stream: int, month: int) -> Word:
    """Return the key of a stream in a month of the run with this key."""
    return _mix((word(key) + word(stream * 65536 + month + 1) * _GOLDEN) & WORD_MASK)


@njit
def uniform_at(key: Word, entity: int) -> float:
    """Return the draw of an entity under a month's key: uniform on the open interval (0, 1)."""
    bits = _mix((key + word(entity) * _GOLDEN) & WORD_MASK)
    return (float(bits >> _S12) + 0.5) * _STEP


@njit
def uniform_in(key: Word, stream: int, month: int, entity: int) -> float:
    """Return the draw of an entity in a stream and month of the run with this key."""
    return uniform_at(month_key(key, stream, month), entity)


@njit
def uniform(seed: int, stream: int, run: int, entity: int, month: int) -> float:
    """Return the draw for (seed, stream, run, entity, month): uniform on (0, 1), never an end."""
    return uniform_in(run_key(seed, run), stream, month, entity)


@njit
def uniforms(seed: int, stream: int, first_run: int, runs: int, entity: int) -> NDArray[np.float64]:
    """Return the draws of one entity in month 0 of consecutive runs, shape (runs,)."""
    draws = np.empty(runs)
    for i in range(runs):
        draws[i] = uniform(seed, stream, first_run + i, entity, 0)
    return draws


@njit
def normal_cdf(z: float) -> float:
    """Return the standard normal probability below ``z``.

    >>> round(normal_cdf(1.959964), 6)
    0.975
    """
    return 0.5 * math.erfc(-z * _ROOT_HALF)


@njit
def lot_in_place(lots: NDArray[np.float64], place: int) -> float:
    """Return the lot that would stand in a place, from 0, if the lots were sorted.

    It reorders the lots. Source: Hoare 1961, "Algorithm 65: find".

    >>> lot_in_place(np.array([0.5, 0.2, 0.9]), 1)
    0.5
    """
    first, last = 0, len(lots) - 1
    while first < last:
        pivot, low, high = lots[(first + last) // 2], first, last
        while low <= high:
            while lots[low] < pivot:
                low += 1
            while lots[high] > pivot:
                high -= 1
            if low <= high:
                lots[low], lots[high] = lots[high], lots[low]
                low, high = low + 1, high - 1
        first = low if high < place else first
        last = high if place < low else last
    return lots[place]


# Wichura's coefficients, from the highest power to the constant.
_CENTRE_NUMERATOR = (
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
)  # fmt: skip
_CENTRE_DENOMINATOR = (
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0,
)  # fmt: skip
_MIDDLE_NUMERATOR = (
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
    1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
    4.6303378461565452959, 1.42343711074968357734,
)  # fmt: skip
_MIDDLE_DENOMINATOR = (
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
    0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
    2.05319162663775882187, 1.0,
)  # fmt: skip
_TAIL_NUMERATOR = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
    0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
    5.4637849111641143699, 6.6579046435011037772,
)  # fmt: skip
_TAIL_DENOMINATOR = (
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
    7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
    0.59983220655588793769, 1.0,
)  # fmt: skip


@njit
def _polynomial(x: float, c: tuple[float, ...]) -> float:
    """Return a polynomial of degree 7, coefficients from the highest power, by Horner's rule."""
    low = ((((c[0] * x + c[1]) * x + c[2]) * x + c[3]) * x + c[4]) * x + c[5]
    return (low * x + c[6]) * x + c[7]


@njit
def normal_quantile(probability: float) -> float:
    """Return the standard normal quantile of a probability in (0, 1), to about 1e-15 relative.

    Source: Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution".

    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    q = probability - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _polynomial(r, _CENTRE_NUMERATOR) / _polynomial(r, _CENTRE_DENOMINATOR)
    r = math.sqrt(-math.log(probability if q < 0.0 else 1.0 - probability))
    if r <= 5.0:
        size = _polynomial(r - 1.6, _MIDDLE_NUMERATOR) / _polynomial(r - 1.6, _MIDDLE_DENOMINATOR)
    else:
        size = _polynomial(r - 5.0, _TAIL_NUMERATOR) / _polynomial(r - 5.0, _TAIL_DENOMINATOR)
    return -size if q < 0.0 else size
