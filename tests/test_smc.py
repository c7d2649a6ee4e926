"""A chain: the same from a seed, wherever it is gone on with; it can also fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from inferring import binomials, plain, small_case, uniforms
from uptake.errors import Stopped
from uptake.inference import smc
from uptake.inference.chain import Problem, Settings, State
from uptake.inference.data import EpisodeData
from uptake.inference.likelihood import Effort, Floats, Integers, Simulated, Source, is_taken
from uptake.inference.smc import advance, repeated_log_likelihood, run_chain, start, unit
from uptake.inference.weights import effective
from uptake.model.parameters import free, from_unit

SETTINGS = Settings(particles=60, tolerances=(8.0, 3.0, 0.0), effort=Effort(3, 100))


def counted(seed: int, observed: int, name: str = "counted") -> Source:
    """Return a count of 20 trials, of which a column of the points is the probability."""

    def simulate(points: Floats, numbers: Integers) -> Simulated:
        counts = binomials(uniforms(numbers, seed, 0), 20, points[:, 0])
        return plain(counts - observed)

    return Source(name, simulate, np.zeros(1))


def problem(*sources: Source) -> Problem:
    return Problem(2, lambda cube: cube, sources or (counted(1, 4), counted(2, 5)))


def assert_same(one: State, other: State) -> None:
    """Assert that two chains stand at the same place, to the bit."""
    for left, right in zip(one.particles, other.particles, strict=True):
        assert (np.asarray(left) == np.asarray(right)).all()
    assert (one.next_stream, one.tolerance_index, one.stages) == (
        other.next_stream,
        other.tolerance_index,
        other.stages,
    )


def test_a_chain_goes_on_from_any_stage_as_if_it_had_not_stopped() -> None:
    """Gone on with from each of its states, it has the same particles, streams and stages."""
    states = [start(problem(), SETTINGS, 7)]
    while not states[-1].is_done(SETTINGS):
        states.append(advance(problem(), SETTINGS, 7, states[-1]))
    assert len(states) >= 4
    whole = run_chain(problem(), SETTINGS, 7)
    assert_same(states[-1], whole)
    for kept in states[1:-1]:
        state = State(
            *(
                getattr(kept, name)
                for name in ("particles", "next_stream", "tolerance_index", "stages")
            )
        )
        while not state.is_done(SETTINGS):
            state = advance(problem(), SETTINGS, 7, state)
        assert_same(state, whole)


def test_a_seed_is_a_chain() -> None:
    """The same seed gives the same draws; another one no draw that is the same."""
    first, again, other = (run_chain(problem(), SETTINGS, seed) for seed in (1, 1, 2))
    assert_same(first, again)
    assert not np.isin(first.particles.normal, other.particles.normal).any()


def test_every_proposal_has_a_stream_of_its_own() -> None:
    """No stream is used twice, and particles that are the same share theirs."""
    state = start(problem(), SETTINGS, 3)
    assert sorted(state.particles.stream) == list(range(60))
    while not state.is_done(SETTINGS):
        before, state = state, advance(problem(), SETTINGS, 3, state)
        stage = state.stages[-1]
        assert state.next_stream == before.next_stream + 60 * stage.moves
        new = ~np.isin(state.particles.stream, before.particles.stream)
        assert (state.particles.stream[new] >= before.next_stream).all()
        assert (state.particles.stream < state.next_stream).all()
        assert stage.distinct == len(np.unique(state.particles.stream))
        assert stage.distinct == len(np.unique(state.particles.normal, axis=0))
        assert 1.0 <= stage.ess <= 60.0


def test_the_estimate_that_a_particle_keeps_is_that_of_its_stream() -> None:
    """Asked again with a particle's own stream, its likelihood is the one it was accepted with."""
    state = run_chain(problem(), SETTINGS, 5)
    for row in range(0, 60, 7):
        stream = int(state.particles.stream[row])
        again = repeated_log_likelihood(problem(), SETTINGS, state.particles.normal[row], 3, stream)
        assert again[0] == state.particles.logs[row, 1]
        assert len(set(again)) > 1


def test_sources_are_multiplied() -> None:
    """The log likelihood of two sources is the sum of those of each, of the same stream."""
    one, two = counted(1, 4), counted(2, 5)
    point = np.array([-0.7, 0.0])
    both, first, second = (
        repeated_log_likelihood(problem(*sources), SETTINGS, point, 20, 0)
        for sources in ((one, two), (one,), (two,))
    )
    assert both == pytest.approx(first + second, rel=1e-12)
    assert np.isfinite(both).any()


def test_the_run_that_was_taken_is_kept() -> None:
    """Done again with its number, it meets what was reported; of the particle's own stream."""
    state = run_chain(problem(), SETTINGS, 5)
    most = SETTINGS.effort.most_runs
    assert (state.particles.taken // most == state.particles.stream[:, None]).all()
    for column, source in enumerate(problem().sources):
        numbers = state.particles.taken[:, column]
        came = source.simulate(unit(state.particles.normal), numbers)
        assert is_taken(came, source.errors, 0.0).all()
        before = np.flatnonzero(numbers % most > 0)
        earlier = source.simulate(unit(state.particles.normal[before]), numbers[before] - 1)
        assert not is_taken(earlier, source.errors, 0.0).any()  # it is the first


def test_giving_up_changes_no_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two sources: the same particles, streams and estimates; only runs are saved."""
    giving_up = run_chain(problem(), SETTINGS, 7)
    monkeypatch.setattr(smc, "Needed", lambda shares, least: None)
    patient = run_chain(problem(), SETTINGS, 7)
    for one, other in zip(giving_up.particles, patient.particles, strict=True):
        assert (np.asarray(one) == np.asarray(other)).all()
    runs = [sum(stage.runs for stage in state.stages) for state in (giving_up, patient)]
    assert runs[0] < runs[1]


def test_what_cannot_be_is_said() -> None:
    """A count that no run comes near stops the chain, which says how near it asked for."""
    with pytest.raises(Stopped, match="none of 60 particles have a run within 8 of what was obs"):
        run_chain(problem(counted(1, 40)), SETTINGS, 1)
    with pytest.raises(Stopped, match=r"within 0 of what was observed: try more particles"):
        run_chain(problem(counted(1, 21)), SETTINGS, 1)


def test_effective_sizes() -> None:
    """Equal weights count for all, one that outweighs the rest for one, 2 to 1 for 9/5."""
    assert effective(np.zeros(7)) == pytest.approx(7.0)
    assert effective(np.full(7, -1e4)) == pytest.approx(7.0)
    assert effective(np.array([0.0, -np.inf, -800.0])) == pytest.approx(1.0)
    assert effective(np.log([2.0, 1.0])) == pytest.approx(9.0 / 5.0)


def test_the_cube_has_no_ends() -> None:
    """Normal coordinates however far out are points of the open cube.

    Up to 8 standard deviations out every prior has a quantile there.
    """
    found = unit(np.array([-60.0, -8.3, 0.0, 8.3, 60.0]))
    assert ((found > 0.0) & (found < 1.0)).all()
    assert found[2] == 0.5
    assert (np.diff(found) >= 0.0).all()
    case = small_case(40)
    ends = np.repeat(unit(np.array([[-8.0], [8.0]])), len(free(case.priors)), axis=1)
    points = from_unit(case.priors, ends)
    assert all(np.isfinite(points[name]).all() for name in free(case.priors))


def test_threads_change_nothing() -> None:
    """A batch of more rows than a thread takes at once comes to the same on any."""
    case = small_case(20)
    points = from_unit(case.priors, np.random.default_rng(1).random((9_000, 31)))
    numbers = np.arange(9_000)[::-1] * 3
    evidence = EpisodeData(case, 0.1)
    one, three = (evidence.source(5, 500, count).simulate(points, numbers) for count in (1, 3))
    part = evidence.source(5, 500, 2).simulate(points[4_100:4_200], numbers[4_100:4_200])
    for single, several, some in zip(one, three, part, strict=True):
        assert (single == several).all()
        assert (single[4_100:4_200] == some).all()
        assert len(np.unique(single)) > 1


def test_episodes_have_random_numbers_of_their_own() -> None:
    """The same runs of an episode by another name, or from another seed, come out otherwise."""
    case = small_case(20)
    scenario = replace(case.config.scenario, name="another")
    other = replace(case, config=replace(case.config, scenario=scenario))
    points = from_unit(case.priors, np.random.default_rng(1).random((500, 31)))
    numbers = np.arange(500)
    first, named, seeded, again = (
        EpisodeData(which, 0.1).source(seed, 500).simulate(points, numbers).apart
        for which, seed in ((case, 5), (other, 5), (case, 6), (case, 5))
    )
    assert (first == again).all()
    assert (first != named).any()
    assert (first != seeded).any()
