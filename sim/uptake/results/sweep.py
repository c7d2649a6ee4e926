"""Running a sweep, or its share: what it is, and chunk by chunk what is missing in its folder."""

import hashlib
import os
import re
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from uptake.config.schema import Run
from uptake.config.sweep import Sweep, Watch
from uptake.engine import executors
from uptake.engine.designs import Grid
from uptake.engine.plan import Part
from uptake.errors import Stopped, counted, wrong
from uptake.model import _jit
from uptake.results.folders import output_folder
from uptake.results.manifest import FORMAT, fingerprint
from uptake.results.provenance import input_files, provenance
from uptake.results.runs import outcome_columns
from uptake.results.store import Record, Store, open_store
from uptake.results.tables import encoded, kinds_of
from uptake.version import __version__

# What the rows do not depend on.
_NOT_READ = ("asked", "executor", "figures", "out", "runs", "sweep", "threads", "variants")


def record_of(sweep: Sweep) -> Record:
    """Return all that the rows depend on, and what they are to be called."""
    plan, parts = sweep.plan, []
    for part, case, chosen in zip(plan.parts, sweep.cases, sweep.choices(), strict=True):
        scenario = case.config.scenario
        parts.append(
            {
                "scenario": scenario.name,
                "title": scenario.title,
                "start": scenario.start,
                "shows": scenario.shows,
                "months": case.months,
                "seed": part.seed,
                "choices": chosen,
                "first_point": part.first_point,
                "points": part.points.count,
                "points_sha256": _points_hash(part),
                "configuration_sha256": _hash(str(_read(case.config))),
            }
        )
    told = provenance(sweep.cases[0])
    inputs = {name: kept for case in sweep.cases for name, kept in input_files(case).items()}
    manifest = {
        "format": FORMAT,
        "package": told["package"],
        "version": __version__,
        "source": _jit.SOURCE,
        "seed": sweep.config.seed,
        "design": sweep.config.sweep.design,
        "axes": [*sweep.groups[0].choices, *plan.parts[0].points.keys],
        "points": plan.points,
        "runs": plan.runs,
        "chunks": plan.chunks,
        "chunk_runs": plan.chunk_runs,
        "common_random_numbers": plan.common_random_numbers,
        "keeps_curves": sweep.config.sweep.curves == "runs",
        "configuration": _read(sweep.config),
        "parts": parts,
        "inputs": inputs,
    }
    manifest |= {"fingerprint": fingerprint(manifest), "asked": sweep.asked}
    told |= {"asked": sweep.asked, "input_files_sha256": inputs}
    return Record(manifest, told, sweep.choices())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _points_hash(part: Part) -> str:
    """Return a hash of the points of a part."""
    digest = hashlib.sha256(repr(part.points.keys).encode())
    points = part.points
    for table in points.axes if isinstance(points, Grid) else (points.rows,):
        digest.update(repr(table.shape).encode() + table.tobytes())
    return digest.hexdigest()


def _read(config: Run) -> dict[str, Any]:
    """Return what of a configuration the rows depend on."""
    return {key: value for key, value in asdict(config).items() if key not in _NOT_READ}


def _share(chunks: int, share: str) -> range:
    """Return the chunks of the i-th of n shares, given "i/n"."""
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", share)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise wrong("sweep.chunks", share, "i/n is needed, with i from 1 to n")
    i, n = int(match[1]), int(match[2])
    return range((i - 1) * chunks // n, i * chunks // n)


def _missing(store: Store, watch: Watch) -> list[int]:
    """Return the chunks that are still to be run, and name the damaged ones."""
    missing = []
    with watch.progress("chunks checked", len(store.chunks)) as advance:
        for chunk, is_missing, damaged in store.missing():
            for path in damaged:
                name = path.relative_to(store.folder)
                watch.say(f"chunk {chunk}: {name} was damaged; it is run again")
            if is_missing:
                missing.append(chunk)
            advance(1)
    return missing


def _work(sweep: Sweep, store: Store, run: executors.Run, watch: Watch) -> None:
    """Run the chunks that are missing, and keep each as it comes."""
    plan = sweep.plan
    if store.is_mended:
        watch.say("points.parquet was damaged, or not there; it is written again")
    missing = _missing(store, watch)
    there = len(store.chunks) - len(missing)
    if there:
        watch.say(f"{there:,} of {len(store.chunks):,} chunks are there already.")
    sizes = {chunk: plan.block(chunk).points * plan.block(chunk).runs for chunk in missing}
    work = partial(encoded, plan, store.keep_curves, _jit.SOURCE, store.manifest["fingerprint"])
    if missing and sweep.config.executor.address is None:  # workers here find it on disk
        watch.compile_rules(sweep.cases[0])
    try:
        with watch.progress("runs", sum(sizes.values()), pieces=len(missing)) as advance:
            for chunk, tables in run(work, missing):
                store.write(chunk, tables)
                advance(sizes[chunk])
    except (KeyboardInterrupt, OSError, Stopped) as problem:
        kept_in = f"{store.kept():,} of {len(store.chunks):,} chunks are kept in {store.folder}"
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise Stopped(
            f"stopped{': ' if why else ''}{why or ''}; {kept_in}: "
            "the same command with sweep.resume=true goes on",
            exit_code=130 if isinstance(problem, KeyboardInterrupt) else 1,
        ) from None


def _executor(
    config: Run, watch: Watch, pool: Executor | None
) -> AbstractContextManager[executors.Run]:
    """Return where the chunks are worked on; a pool of somebody's own is left open."""
    if pool is not None:
        return nullcontext(executors.on(pool.submit, os.cpu_count() or 1))
    if config.executor.name == "dask":
        return executors.dask(config.executor.address, config.threads, watch.say)
    return executors.threads(config.threads)


def run_sweep(sweep: Sweep, watch: Watch, pool: Executor | None = None) -> Path:
    """Run a sweep, or its share, into its folder, and return that.

    ``pool`` is where chunks are worked on instead of where the configuration says.
    """
    outcome_columns(kinds_of(sweep.plan))
    config, plan = sweep.config, sweep.plan
    share = _share(plan.chunks, config.sweep.chunks)
    with _executor(config, watch, pool) as run:
        folder = output_folder(config.out, "sweep", config.scenario.name, True)
        with open_store(folder, plan, record_of(sweep), share, config.sweep.resume) as store:
            watch.say(
                f"{counted(plan.points, 'point')} of {counted(plan.runs, 'run')}, "
                f"in {counted(plan.chunks, 'chunk')}: {folder}"
            )
            watch.say(*dict.fromkeys(note for case in sweep.cases for note in case.beyond))
            _work(sweep, store, run, watch)
    return folder
