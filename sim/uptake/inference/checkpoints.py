"""The state of a chain on disk, so that a chain that was stopped can go on where it was."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from uptake.errors import InputError
from uptake.files import write_bytes
from uptake.inference.chain import Particles, Stage, State


def save(path: Path, state: State) -> None:
    """Write a state whole or not at all."""
    stages = json.dumps([asdict(stage) for stage in state.stages])
    content = io.BytesIO()
    np.savez(
        content,
        normal=state.particles.normal,
        stream=state.particles.stream,
        logs=state.particles.logs,
        taken=state.particles.taken,
        place=np.array([state.next_stream, state.tolerance_index]),
        stages=np.array(stages),
    )
    write_bytes(path, content.getvalue())


def load(path: Path) -> State | None:
    """Return the state that was saved, or None if there is no file.

    Raises
    ------
    InputError
        The file is damaged, or is not such a state.
    """
    if not path.exists():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            particles = Particles(*(kept[name] for name in Particles._fields))
            next_stream, index = (int(number) for number in kept["place"])
            stages = tuple(Stage(**stage) for stage in json.loads(str(kept["stages"])))
    except Exception as problem:  # a damaged archive can raise anything
        why = f"damaged ({type(problem).__name__}); delete it, and it is made anew"
        raise InputError(f"{path}: {why}") from None
    return State(particles, next_stream, index, stages)
