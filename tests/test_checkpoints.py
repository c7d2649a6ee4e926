"""The state of a chain on disk: to the bit, whole, and nothing that could run."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from inferring import plain
from uptake.errors import InputError
from uptake.inference import smc
from uptake.inference.chain import Particles, Problem, Settings, Stage, State
from uptake.inference.checkpoints import load, save
from uptake.inference.likelihood import Effort, Floats, Integers, Simulated, Source

STAGES = (
    Stage(16.0, 0.1 + 0.2, 25.999999995992034, -2.0 / 3.0, 1.0 / 3.0, 2, 60, 8612),
    Stage(0.0, 1.0, 30.0, -1e300, 0.0, 30, 1, 2**53 + 1),
)


@pytest.fixture
def state() -> State:
    """Return a state with numbers that a text would round, and a particle that nothing matched."""
    rng = np.random.default_rng(1)
    logs = rng.standard_normal((40, 2))
    logs[3] = -np.inf
    taken = rng.integers(-1, 2**62, (40, 2))
    normal = np.ldexp(rng.standard_normal((40, 31)), rng.integers(-1000, 1000, (40, 31)))
    return State(Particles(normal, rng.integers(0, 2**62, 40), logs, taken), 2**60 + 1, 2, STAGES)


def assert_same(found: State | None, expected: State) -> None:
    """Assert that two states are the same to the bit."""
    assert found is not None
    for one, other in zip(found.particles, expected.particles, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.tobytes() == other.tobytes()
    assert (found.next_stream, found.tolerance_index, found.stages) == (
        expected.next_stream, expected.tolerance_index, expected.stages
    )  # fmt: skip


def test_a_state_comes_back_to_the_bit(state: State, tmp_path: Path) -> None:
    """The last one that was saved, and nothing half written is left; before, there is none."""
    path = tmp_path / "chain_1.npz"
    assert load(path) is None
    save(path, State(state.particles, 7, 1))
    assert_same(load(path), State(state.particles, 7, 1))
    save(path, state)
    assert_same(load(path), state)
    assert list(tmp_path.iterdir()) == [path]


def counted(points: Floats, numbers: Integers) -> Simulated:
    """Return a count about a hidden number, with noise that is a hash of the run's number."""
    noise = np.sin(12.9898 * (1.0 + numbers.astype(np.float64))) * 43758.5453
    counts = np.floor(10.0 * points[:, 0] + 3.0 * (noise - np.floor(noise)))
    return plain(counts - 8.0)


def test_a_search_that_goes_on_from_disk_ends_as_one_undisturbed(tmp_path: Path) -> None:
    """Saved and loaded again after every stage."""
    source = Source("count", counted, np.zeros(1))
    problem = Problem(2, lambda shares: shares, (source,))
    settings = Settings(60, (4.0, 1.0, 0.0), Effort(3, 40))
    state, stages = smc.start(problem, settings, 5), 0
    while not state.is_done(settings):
        state = smc.advance(problem, settings, 5, state)
        save(tmp_path / "kept.npz", state)
        kept = load(tmp_path / "kept.npz")
        assert kept is not None
        state, stages = kept, stages + 1
    assert stages >= 3
    assert_same(state, smc.run_chain(problem, settings, 5))


def cut(length: float) -> Callable[[bytes], bytes]:
    """Return what leaves a share of a file, or all but some bytes of it."""
    return lambda held: held[: int(length * len(held)) if 0 <= length < 1 else int(length)]


def flip(place: float) -> Callable[[bytes], bytes]:
    """Return what turns over a bit at a share of a file."""

    def harm(held: bytes) -> bytes:
        changed = bytearray(held)
        changed[int(place * len(held))] ^= 1
        return bytes(changed)

    return harm


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "empty": cut(0.0),
    "a tenth": cut(0.1),
    "half": cut(0.5),
    "all but a byte": cut(-1),
    "a bit turned over in the middle": flip(0.5),
    "a bit turned over near the start": flip(0.1),
    "a text": lambda _: b"state: none\n",
    "pickled as a whole": lambda held: pickle.dumps({"normal": held}),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_file_is_refused_by_name_in_one_line(
    harm: str, state: State, tmp_path: Path
) -> None:
    """With what to do about it; the file is left where it is."""
    path = tmp_path / "chain_2.npz"
    save(path, state)
    harmed = HARMS[harm](path.read_bytes())
    path.write_bytes(harmed)
    with pytest.raises(InputError) as refused:
        load(path)
    line = str(refused.value)
    assert line.startswith(f"{path}: damaged (")
    assert "delete it" in line
    assert "\n" not in line
    assert path.read_bytes() == harmed


def parts(state: State) -> dict[str, Any]:
    """Return the arrays that a state's file holds."""
    return {
        "normal": state.particles.normal,
        "stream": state.particles.stream,
        "logs": state.particles.logs,
        "taken": state.particles.taken,
        "place": np.array([state.next_stream, state.tolerance_index]),
        "stages": np.array("[]"),
    }


@pytest.mark.parametrize("part", ["normal", "stream", "logs", "taken", "place", "stages"])
def test_a_file_without_one_of_its_parts_is_refused(
    part: str, state: State, tmp_path: Path
) -> None:
    """Nothing is made up for it."""
    path = tmp_path / "chain_1.npz"
    np.savez(path, **parts(state))
    assert_same(load(path), State(state.particles, state.next_stream, state.tolerance_index))
    np.savez(path, **{name: array for name, array in parts(state).items() if name != part})
    with pytest.raises(InputError, match=r"damaged \(KeyError\)"):
        load(path)


class Planted:
    """Writes a file as soon as it is loaded, where loading runs what was planted."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("part", ["normal", "stream", "logs", "taken", "place", "stages"])
def test_nothing_that_was_planted_in_a_file_is_run(part: str, state: State, tmp_path: Path) -> None:
    """A file of numpy's can hold objects that run as they are loaded: it is refused unread."""
    path, planted = tmp_path / "chain_1.npz", tmp_path / "planted"
    objects = np.array([Planted(planted)], dtype=object)
    np.savez(path, allow_pickle=True, **(parts(state) | {part: objects}))
    with pytest.raises(InputError, match="damaged"):
        load(path)
    assert not planted.exists()
    with np.load(path, allow_pickle=True) as kept:  # it would have run
        assert kept[part] is not None
    assert planted.exists()
