"""Estimates of a likelihood are right on average, over all random streams, whatever the batch.

A run here draws one of a few faces. Keys numbers its streams of runs, so that a number written in
as many digits as there are faces is a stream, and every stream there can be is gone through: what
an estimator is on average is a sum, not a simulation.
"""

from __future__ import annotations

import numpy as np
import pytest
from uptake.inference import likelihood
from uptake.inference.likelihood import Effort, Floats, Integers, Simulated, Source, log_likelihood

# Faces: the first matches, the second is 2 off, the third is far off; what else each is worth.
COUNTS = np.array([[4], [6], [90]])
FACTORS = np.array([0.5, 2.0, 8.0])
CHANCES = ((0.5, 0.25, 0.25), (0.05, 0.15, 0.8), (0.9, 0.05, 0.05), (0.0, 0.5, 0.5))
EXACT = pytest.approx


def faces(most: int) -> Source:
    """Return the source whose run of any point is the digit of its stream at its place."""

    def simulate(points: Floats, numbers: Integers) -> Simulated:
        stream, place = np.divmod(numbers, most)
        face = stream // 3**place % 3
        return Simulated(COUNTS[face], FACTORS[face])

    return Source("faces", simulate, np.array([4]))


def averages(effort: Effort, tolerances: tuple[float, ...], chances: tuple[float, ...]) -> Floats:
    """Return the estimator's expectation: over all streams of runs, by how likely they are."""
    stream = np.arange(3**effort.most_runs)
    logs, _ = log_likelihood(
        faces(effort.most_runs), np.zeros((len(stream), 1)), stream, tolerances, effort
    )
    digits = stream[:, None] // 3 ** np.arange(effort.most_runs) % 3
    return np.array(np.array(chances)[digits].prod(axis=1) @ np.exp(logs))


@pytest.mark.parametrize("chances", CHANCES)
@pytest.mark.parametrize(("matches", "most"), [(2, 2), (2, 9), (3, 8), (5, 5), (5, 9), (9, 8)])
def test_estimates_are_unbiased(
    matches: int, most: int, chances: tuple[float, float, float]
) -> None:
    """On average they are the chance of a match times its factor, at every tolerance.

    With and without reaching the most runs, at the same time; exact but for rounding.
    """
    first, second = chances[0] * FACTORS[0], chances[1] * FACTORS[1]
    found = averages(Effort(matches, most), (2.0, 0.0), chances)
    assert found == EXACT([first + second, first], rel=1e-12)


def coins(most: int) -> Source:
    """Return the source whose runs match with a chance that is the point's, and without factors."""

    def simulate(points: Floats, numbers: Integers) -> Simulated:
        stream, place = np.divmod(numbers, most)
        hit = stream >> place & 1
        return Simulated(1 - hit[:, None], np.ones(len(points)))

    return Source("coins", simulate, np.array([0]))


@pytest.mark.parametrize("matches", [2, 5])
def test_estimates_are_unbiased_over_several_blocks(matches: int) -> None:
    """So it is with 18 runs at most, of which the last two are asked for later than the others."""
    effort, stream = Effort(matches, 18), np.arange(2**18)
    logs, _ = log_likelihood(coins(18), np.zeros((len(stream), 1)), stream, (0.0,), effort)
    heads = (stream[:, None] >> np.arange(18) & 1).sum(axis=1)
    for chance in (0.02, 0.3, 0.95):
        weights = chance**heads * (1.0 - chance) ** (18 - heads)
        assert weights @ np.exp(logs[:, 0]) == EXACT(chance, rel=1e-11)


def test_known_estimates() -> None:
    """The second match in run 4 gives 1/3; one match in ten runs a tenth; no match nothing."""
    stream = np.array([0b0000001001, 0b0010000000, 0b0000000000, 0b1111111111])
    logs, runs = log_likelihood(coins(10), np.zeros((4, 1)), stream, (0.0,), Effort(2, 10))
    assert np.exp(logs[:, 0]) == EXACT([1 / 3, 1 / 10, 0.0, 1.0])
    assert logs[2, 0] == -np.inf
    assert runs == 40, "the first block of 16 is cut to the most runs there can be"


def noisy(points: Floats, numbers: Integers) -> Simulated:
    """Return counts that a point and a number decide between them, with factors in eighths."""
    mixed = (numbers * 2654435761 + (points[:, 0] * 1000.0).astype(np.int64) * 40503) % 2**32
    counts = np.column_stack([mixed >> 29, (mixed >> 20) % 3])
    return Simulated(counts, (1 + (mixed >> 10) % 8) / 8.0)


NOISY = Source("noisy", noisy, np.array([2, 1]))
POINTS = np.arange(40.0)[:, None]
STREAMS = np.arange(40)[::-1] * 7


@pytest.mark.parametrize("block", [1, 2, 7, 16, 200])
def test_an_estimate_does_not_depend_on_how_runs_are_blocked(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """A point has the same estimate, to the bit, whatever is asked of the others beside it.

    Alone or in a batch, in any order, in blocks of any length, with wider tolerances or without.
    """
    effort = Effort(4, 150)
    together, _ = log_likelihood(NOISY, POINTS, STREAMS, (3.0, 1.0, 0.0), effort)
    assert np.isfinite(together[:, :2]).all()
    assert len(np.unique(together[:, 2])) > 20
    monkeypatch.setattr(likelihood, "_FIRST_BLOCK", block)
    again, _ = log_likelihood(NOISY, POINTS[::-1], STREAMS[::-1], (3.0, 1.0, 0.0), effort)
    assert (again[::-1] == together).all()
    for row in range(0, 40, 9):
        one = slice(row, row + 1)
        for column, tolerance in enumerate((3.0, 1.0, 0.0)):
            alone, _ = log_likelihood(NOISY, POINTS[one], STREAMS[one], (tolerance,), effort)
            assert alone[0, 0] == together[row, column]


def test_another_stream_is_another_estimate() -> None:
    """Estimates of one point differ with the stream alone; the same stream gives the same ones."""
    point, effort = np.zeros((40, 1)), Effort(4, 150)
    first, second, again = (
        log_likelihood(NOISY, point, stream, (0.0,), effort)[0]
        for stream in (np.arange(40), 40 + np.arange(40), np.arange(40))
    )
    assert (first == again).all()
    assert len(np.unique(np.append(first, second))) > 20


def test_a_wider_window_is_never_less_likely() -> None:
    """Of the same runs as many match or more, as early or earlier; so if no factors say otherwise.

    Over all streams of nine runs of three faces.
    """

    def simulate(points: Floats, numbers: Integers) -> Simulated:
        came = faces(9).simulate(points, numbers)
        return came._replace(factors=np.ones(len(numbers)))

    stream = np.arange(3**9)
    source = Source("faces", simulate, np.array([4]))
    tolerances = (90.0, 2.0, 0.0)
    logs, _ = log_likelihood(source, np.zeros((len(stream), 1)), stream, tolerances, Effort(3, 9))
    assert (logs[:, 0] == 0.0).all(), "every run matches"
    assert (logs[:, 1] >= logs[:, 2]).all()
    assert (logs[:, 1] > logs[:, 2]).any()


def test_no_more_runs_are_asked_for_than_are_needed() -> None:
    """A point that has its matches in the first block of 16 is not run again; another is, to 300.

    The runs are numbered apart, point by point, and none of them is asked for twice.
    """
    asked: list[tuple[float, int]] = []

    def simulate(points: Floats, numbers: Integers) -> Simulated:
        asked.extend(zip(points[:, 0], numbers.tolist(), strict=True))
        return Simulated((points != 1.0).astype(np.int64), np.ones(len(points)))

    source, points = Source("easy or not", simulate, np.array([0])), np.array([[1.0], [2.0]])
    logs, runs = log_likelihood(source, points, np.array([5, 3]), (0.0,), Effort(5, 300))
    assert runs == len(asked) == len(set(asked)) == 16 + 300
    assert {number for point, number in asked if point == 1.0} == set(range(1500, 1516))
    assert {number for point, number in asked if point == 2.0} == set(range(900, 1200))
    assert np.exp(logs[:, 0]).tolist() == [1.0, 0.0]
