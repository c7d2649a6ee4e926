"""The state of a search on disk, so that what is stopped can go on where it was."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from uptake.errors import InputError
from uptake.files import write_bytes
from uptake.inference.smc import Points, Stage, State


def save(path: Path, state: State) -> None:
    """Write a state whole or not at all."""
    stages = json.dumps([asdict(stage) for stage in state.stages])
    content = io.BytesIO()
    np.savez(
        content,
        normal=state.points.normal,
        luck=state.points.luck,
        logs=state.points.logs,
        place=np.array([state.lucks, state.window]),
        stages=np.array(stages),
    )
    write_bytes(path, content.getvalue())


def load(path: Path) -> State | None:
    """Return the state that was saved, or none if there is no file; refuse a damaged one."""
    if not path.exists():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            points = Points(kept["normal"], kept["luck"], kept["logs"])
            lucks, window = (int(number) for number in kept["place"])
            stages = tuple(Stage(**stage) for stage in json.loads(str(kept["stages"])))
    except Exception as problem:  # a damaged archive can raise anything
        told = f"damaged ({type(problem).__name__}); delete it, and it is made anew"
        raise InputError(f"{path}: {told}") from None
    return State(points, lucks, window, stages)
