"""Estimates of a likelihood are right on average, over all random streams, whatever the batch.

A run here draws one of a few faces. Keys numbers its streams of runs, so that a number written in
as many digits as there are faces is a stream, and every stream there can be is gone through: what
an estimator is on average is a sum, not a simulation.
"""

from __future__ import annotations

import numpy as np
import pytest
from inferring import plain
from uptake.inference import likelihood
from uptake.inference.likelihood import (
    NO_RUN,
    Effort,
    Floats,
    Integers,
    Needed,
    Simulated,
    Source,
    is_taken,
    log_likelihood,
)

# Faces: the first is what was reported, the second is 2 off, which a tolerance of 2 lets pass with
# a chance of exp(-1/2), the third is far off; the fourth is the first with a lot that is too high.
APART = np.array([[0.0], [2.0], [86.0], [0.0]])
LOTS = np.array([0.4, 0.6, 0.01, 0.6])
CHANCE_OF_ALL_ELSE = 0.5
CHANCES = (
    (0.4, 0.25, 0.25, 0.1), (0.05, 0.15, 0.7, 0.1), (0.8, 0.05, 0.05, 0.1), (0.0, 0.5, 0.2, 0.3),
)  # fmt: skip
EXACT = pytest.approx


def faces(most: int) -> Source:
    """Return the source whose run of any point is the digit of its stream at its place."""

    def simulate(points: Floats, numbers: Integers) -> Simulated:
        stream, place = np.divmod(numbers, most)
        face = stream // 4**place % 4
        chances = np.where(face == 1, 1.0, CHANCE_OF_ALL_ELSE)
        return Simulated(APART[face], chances, LOTS[face])

    return Source("faces", simulate, np.zeros(1))


def averages(effort: Effort, tolerances: tuple[float, ...], chances: tuple[float, ...]) -> Floats:
    """Return the estimator's expectation: over all streams of runs, by how likely they are."""
    stream = np.arange(4**effort.most_runs)
    found = log_likelihood(
        faces(effort.most_runs), np.zeros((len(stream), 1)), stream, tolerances, effort
    )
    digits = stream[:, None] // 4 ** np.arange(effort.most_runs) % 4
    return np.array(np.array(chances)[digits].prod(axis=1) @ np.exp(found.logs))


@pytest.mark.parametrize("chances", CHANCES)
@pytest.mark.parametrize(("matches", "most"), [(2, 2), (2, 7), (3, 6), (5, 5), (5, 7), (7, 6)])
def test_estimates_are_unbiased(
    matches: int, most: int, chances: tuple[float, float, float, float]
) -> None:
    """On average they are the chance that a run is taken, at every tolerance.

    With and without reaching the most runs, at the same time; exact but for rounding.
    """
    found = averages(Effort(matches, most), (2.0, 0.0), chances)
    assert found == EXACT([chances[0] + chances[1], chances[0]], rel=1e-12)


def coins(most: int) -> Source:
    """Return the source whose runs are taken with a chance that is the point's."""

    def simulate(points: Floats, numbers: Integers) -> Simulated:
        stream, place = np.divmod(numbers, most)
        hit = stream >> place & 1
        return plain(1 - hit)

    return Source("coins", simulate, np.zeros(1))


@pytest.mark.parametrize("matches", [2, 5])
def test_estimates_are_unbiased_over_several_blocks(matches: int) -> None:
    """So it is with 18 runs at most, of which the last two are asked for later than the others."""
    effort, stream = Effort(matches, 18), np.arange(2**18)
    logs = log_likelihood(coins(18), np.zeros((len(stream), 1)), stream, (0.0,), effort).logs
    heads = (stream[:, None] >> np.arange(18) & 1).sum(axis=1)
    for chance in (0.02, 0.3, 0.95):
        weights = chance**heads * (1.0 - chance) ** (18 - heads)
        assert weights @ np.exp(logs[:, 0]) == EXACT(chance, rel=1e-11)


def test_known_estimates() -> None:
    """The second match in run 4 gives 1/3; one match in ten runs a tenth; no match nothing."""
    stream = np.array([0b0000001001, 0b0010000000, 0b0000000000, 0b1111111111])
    logs, taken, runs = log_likelihood(coins(10), np.zeros((4, 1)), stream, (0.0,), Effort(2, 10))
    assert taken.tolist() == [9 * 10, 128 * 10 + 7, NO_RUN, 1023 * 10]
    assert np.exp(logs[:, 0]) == EXACT([1 / 3, 1 / 10, 0.0, 1.0])
    assert logs[2, 0] == -np.inf
    assert runs == 40, "the first block of 16 is cut to the most runs there can be"


def noisy(points: Floats, numbers: Integers) -> Simulated:
    """Return readings that a point and a number decide between them, with chances in eighths."""
    mixed = (numbers * 2654435761 + (points[:, 0] * 1000.0).astype(np.int64) * 40503) % 2**32
    apart = np.column_stack([(mixed >> 29) - 2.0, (mixed >> 20) % 3 - 1.0, (mixed >> 5) % 7 - 3.0])
    chances, lots = (1 + (mixed >> 10) % 8) / 8.0, (0.5 + (mixed >> 13) % 64) / 64.0
    return Simulated(apart, np.asarray(chances, np.float64), np.asarray(lots, np.float64))


NOISY = Source("noisy", noisy, np.array([0.0, 0.0, 2.0]))  # the last is read with an error
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
    together, taken, _ = log_likelihood(NOISY, POINTS, STREAMS, (3.0, 1.0, 0.0), effort)
    assert np.isfinite(together[:, :2]).all()
    assert len(np.unique(together[:, 2])) > 10
    monkeypatch.setattr(likelihood, "_FIRST_BLOCK", block)
    again, same, _ = log_likelihood(NOISY, POINTS[::-1], STREAMS[::-1], (3.0, 1.0, 0.0), effort)
    assert (again[::-1] == together).all()
    assert (same[::-1] == taken).all()
    for row in range(0, 40, 9):
        one = slice(row, row + 1)
        for column, tolerance in enumerate((3.0, 1.0, 0.0)):
            alone, *_ = log_likelihood(NOISY, POINTS[one], STREAMS[one], (tolerance,), effort)
            assert alone[0, 0] == together[row, column]


def test_another_stream_is_another_estimate() -> None:
    """Estimates of one point differ with the stream alone; the same stream gives the same ones."""
    point, effort = np.zeros((40, 1)), Effort(4, 150)
    first, second, again = (
        log_likelihood(NOISY, point, stream, (0.0,), effort).logs
        for stream in (np.arange(40), 40 + np.arange(40), np.arange(40))
    )
    assert (first == again).all()
    assert len(np.unique(np.append(first, second))) > 20


def test_a_wider_window_is_never_less_likely() -> None:
    """Of the same runs as many are taken or more, as early or earlier.

    Over all streams of seven runs of four faces.
    """
    stream, tolerances = np.arange(4**7), (90.0, 2.0, 0.0)
    points = np.zeros((len(stream), 1))
    logs = log_likelihood(faces(7), points, stream, tolerances, Effort(3, 7)).logs
    assert (logs[:, 0] >= logs[:, 1]).all()
    assert (logs[:, 1] >= logs[:, 2]).all()
    assert (logs[:, 1] > logs[:, 2]).any()


@pytest.mark.parametrize("block", [1, 2, 3])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_point_is_given_up_only_where_its_likelihood_falls_short(
    monkeypatch: pytest.MonkeyPatch, share: float, block: int
) -> None:
    """What needs more than it has is nil, what does not is the same to the bit; with fewer runs.

    Of every stream of seven runs, and every need among a hundred: no point that would reach what
    is needed is given up.
    """
    monkeypatch.setattr(likelihood, "_FIRST_BLOCK", block)
    stream, effort, rng = np.arange(4**7), Effort(3, 7), np.random.default_rng(1)
    points, least = np.zeros((len(stream), 1)), np.log(rng.random(len(stream)))
    asked = faces(7), points, stream, (2.0, 0.0), effort
    full = log_likelihood(*asked)
    with np.errstate(invalid="ignore"):
        mixed = (full.logs * [1.0 - share, share]).sum(axis=1)
    needed = Needed(np.array([1.0 - share, share]), least)
    found = log_likelihood(*asked, needed)
    reached = mixed > least
    assert (found.logs[reached] == full.logs[reached]).all()
    is_nil = np.isneginf(found.logs).all(axis=1)
    assert (is_nil | (found.logs == full.logs).all(axis=1)).all()
    assert 0.1 < reached.mean() < 0.9
    assert found.runs < 0.95 * full.runs


def test_giving_up_saves_runs_and_follows_the_bound() -> None:
    """A point none of whose runs is taken needs (k - 1) / (n + k - 1) at most after n runs."""
    stream, effort = np.array([0]), Effort(4, 500)
    source = Source("never", lambda points, numbers: plain(np.ones(len(numbers))), np.zeros(1))
    for least, runs in ((0.5, 16), (0.1, 40), (0.01, 332), (1e-6, 500)):
        needed = Needed(np.ones(1), np.log([least]))
        found = log_likelihood(source, np.zeros((1, 1)), stream, (0.0,), effort, needed)
        assert np.isneginf(found.logs).all()
        assert found.runs == runs


def test_no_more_runs_are_asked_for_than_are_needed() -> None:
    """A point that has its matches in the first block of 16 is not run again; another is, to 300.

    The runs are numbered apart, point by point, and none of them is asked for twice.
    """
    asked: list[tuple[float, int]] = []

    def simulate(points: Floats, numbers: Integers) -> Simulated:
        asked.extend(zip(points[:, 0], numbers.tolist(), strict=True))
        return plain(points[:, 0] != 1.0)

    source, points = Source("easy or not", simulate, np.zeros(1)), np.array([[1.0], [2.0]])
    logs, _, runs = log_likelihood(source, points, np.array([5, 3]), (0.0,), Effort(5, 300))
    assert runs == len(asked) == len(set(asked)) == 16 + 300
    assert {number for point, number in asked if point == 1.0} == set(range(1500, 1516))
    assert {number for point, number in asked if point == 2.0} == set(range(900, 1200))
    assert np.exp(logs[:, 0]).tolist() == [1.0, 0.0]


def test_a_reading_with_an_error_is_normal() -> None:
    """A run that is off by d is taken with the chance exp(-d^2 / 2 (error^2 + tolerance^2)).

    On even lots, of 1,000 runs at each distance; an exact reading beside it has to be met.
    """
    lots = (np.arange(1000) + 0.5) / 1000
    for apart, error, tolerance in ((3.0, 2.0, 0.0), (-3.0, 0.0, 2.0), (1.0, 1.0, 1.0)):
        came = Simulated(
            np.column_stack([np.full(1000, apart), np.zeros(1000)]), np.full(1000, 0.5), lots
        )
        wide = error**2 + tolerance**2
        share = is_taken(came, np.array([error, 0.0]), tolerance).mean()
        assert share == EXACT(0.5 * np.exp(-0.5 * apart**2 / wide), abs=1e-3)
    missed = Simulated(np.ones((1, 2)), np.ones(1), np.full(1, 1e-300))
    assert not is_taken(missed, np.array([5.0, 0.0]), 0.0).any()
