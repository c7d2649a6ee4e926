"""A sweep: its parts, its points, and how its runs are laid out in chunks of fixed content."""

import bisect
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from uptake.engine.compiled import Chunk, Rows, run_rows, runs_a_chunk
from uptake.engine.designs import Points
from uptake.model.episode import Episode
from uptake.model.levers import LEVERS
from uptake.model.parameters import Posterior, Prior, of_runs

RUNS_A_STORED_CHUNK = 10_000  # of a sweep; 200 million trust-months take a second or two
TRUST_MONTHS_A_STORED_CHUNK = 200_000_000


class Block(NamedTuple):
    """A chunk's content: some runs of consecutive points of one part, a row each."""

    part: int
    point: int  # the first, counted within the part
    points: int
    run: int  # the first
    runs: int  # of every point


@dataclass(frozen=True)
class Part:
    """The points of a sweep that share an episode; levers and parameters differ among them."""

    episode: Episode
    priors: Mapping[str, Prior]
    seed: int
    kinds: tuple[str, ...]
    points: Points
    first_point: int
    posterior: Posterior | None = None

    def overrides(self, group: str) -> list[tuple[int, str]]:
        """Return the columns of the points, and the names, of all levers or all parameters."""
        after = {"levers": "", "parameters.priors": ".value"}[group]
        return [
            (column, key.removeprefix(f"{group}.").removesuffix(after))
            for column, key in enumerate(self.points.keys)
            if key.startswith(f"{group}.")
        ]


@dataclass(frozen=True)
class Plan:
    """A sweep: its parts, how many runs a point has, and how rows are laid out in chunks.

    A chunk holds whole points, or some runs of a single one, where a chunk is less than a point.
    """

    parts: tuple[Part, ...]
    runs: int
    common_random_numbers: bool = True
    chunk_runs: int | None = None

    def _layout(self, part: Part) -> tuple[int, int]:
        """Return how many points a chunk holds, or 0, and into how many chunks a point goes."""
        size = self.chunk_runs or runs_a_chunk(
            part.episode, RUNS_A_STORED_CHUNK, TRUST_MONTHS_A_STORED_CHUNK
        )
        return (size // self.runs, 1) if size >= self.runs else (0, -(-self.runs // size))

    def _chunks_in(self, part: Part) -> int:
        """Return the number of chunks of a part."""
        points, pieces = self._layout(part)
        return -(-part.points.count // points) if points else part.points.count * pieces

    @cached_property
    def _ends(self) -> list[int]:
        """Return, part by part, the number of chunks up to its end."""
        return list(itertools.accumulate(map(self._chunks_in, self.parts)))

    @property
    def chunks(self) -> int:
        """Return the number of chunks."""
        return self._ends[-1]

    @property
    def points(self) -> int:
        """Return the number of points."""
        return sum(part.points.count for part in self.parts)

    def block(self, chunk: int) -> Block:
        """Return what a chunk holds."""
        row = bisect.bisect_right(self._ends, chunk)
        part = self.parts[row]
        chunk -= self._ends[row] - self._chunks_in(part)
        points, pieces = self._layout(part)
        if points:
            first = chunk * points
            return Block(row, first, min(points, part.points.count - first), 0, self.runs)
        (point, piece), size = divmod(chunk, pieces), -(-self.runs // pieces)
        return Block(row, point, 1, piece * size, min(size, self.runs - piece * size))

    def run(self, block: Block) -> Chunk:
        """Return what the runs of a block came to, point by point."""
        part = self.parts[block.part]
        count, places = block.points * block.runs, np.repeat(np.arange(block.points), block.runs)
        values = part.points.values(block.point, block.points)
        if self.common_random_numbers:
            within = np.arange(count) % block.runs
            numbers = block.run + within
            drawn = of_runs(part.priors, part.posterior, part.seed, block.run, block.runs)[within]
        else:
            start = (part.first_point + block.point) * self.runs + block.run
            numbers = np.arange(start, start + count)
            drawn = of_runs(part.priors, part.posterior, part.seed, start, count)
        for column, name in part.overrides("parameters.priors"):
            here = values[places, column]
            drawn[name] = np.where(np.isnan(here), drawn[name], here)
        levers = part.overrides("levers")
        rows = Rows(
            numbers=numbers,
            points=places,
            parameters=drawn.view(np.recarray),
            levers=np.array([(LEVERS.names or ()).index(name) for _, name in levers], np.int64),
            overrides=np.ascontiguousarray(values[:, [column for column, _ in levers]]),
        )
        chunk = run_rows(part.episode, part.seed, rows)
        told = [f"{error} (seed {part.seed})" if error else "" for error in chunk.errors]
        return chunk._replace(errors=np.array(told))
