"""uptake run -m: a whole sweep, from its axes to a folder that nothing is lost of."""

from __future__ import annotations

import hashlib
import re
import time
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uptake import __version__
from uptake.cli import terminal
from uptake.cli.arguments import print_configuration
from uptake.config.axes import Axes, Group, axes_of, groups_of
from uptake.config.case import MOST_RUNS, Case
from uptake.config.compose import Question
from uptake.config.design_file import points_of_file
from uptake.config.schema import Run
from uptake.engine import executors
from uptake.engine.designs import MOST_POINTS, Grid
from uptake.engine.plan import Part, Plan
from uptake.errors import InputError, Stopped, one_of, refusal, within
from uptake.model import _jit
from uptake.report.text.comparison import counted
from uptake.results.folders import output_folder

if TYPE_CHECKING:
    from uptake.results.store import Record, Store

# What the rows do not depend on.
_NOT_READ = ("asked", "executor", "out", "runs", "sweep", "threads", "variants")


@dataclass(frozen=True)
class Sweep:
    """A sweep that is ready: its plan, the case of each part, and what was chosen for each."""

    plan: Plan
    cases: list[Case]
    groups: list[Group]
    axes: Axes
    config: Run  # of the first part
    asked: list[str]  # as typed

    def choices(self) -> list[dict[str, Any]]:
        """Return for every part what was chosen for all of its points, by key."""
        return [
            {key: choice.label for key, choice in group.choices.items()} for group in self.groups
        ]

    def record(self) -> Record:
        """Return all that the rows depend on, and what they are to be called."""
        from uptake.results.manifest import FORMAT, fingerprint
        from uptake.results.provenance import input_files, provenance
        from uptake.results.store import Record

        plan, parts = self.plan, []
        for part, case, chosen in zip(plan.parts, self.cases, self.choices(), strict=True):
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
        told = provenance(self.cases[0])
        inputs: dict[str, str] = {}
        for case in self.cases:
            inputs |= input_files(case)
        manifest = {
            "format": FORMAT,
            "package": told["package"],
            "version": __version__,
            "source": _jit.SOURCE,
            "seed": self.config.seed,
            "design": self.config.sweep.design,
            "axes": [*self.groups[0].choices, *plan.parts[0].points.keys],
            "points": plan.points,
            "runs": plan.runs,
            "chunks": plan.chunks,
            "chunk_runs": plan.chunk_runs,
            "common_random_numbers": plan.common_random_numbers,
            "keeps_curves": self.config.sweep.curves == "runs",
            "inputs": inputs,
            "configuration": _read(self.config),
            "parts": parts,
        }
        manifest |= {"fingerprint": fingerprint(manifest), "asked": self.asked}
        told |= {"asked": self.asked, "input_files_sha256": inputs}
        return Record(manifest, told, self.choices())


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


def _checked(config: Run) -> Run:
    """Refuse what a sweep cannot do."""
    sweep = config.sweep
    one_of("executor", config.executor.name, ("threads", "dask"))
    one_of("sweep.curves", sweep.curves, ("bands", "runs"))
    if config.executor.address is not None and config.executor.name != "dask":
        raise InputError(f"executor.address={config.executor.address}: is for executor=dask")
    if sweep.runs is not None:
        within("sweep.runs", sweep.runs, 1, MOST_RUNS, "runs of a point")
    if sweep.chunk_runs is not None:
        within("sweep.chunk_runs", sweep.chunk_runs, 1, 1_000_000, "runs of a chunk")
    if sweep.resume and config.out is None:
        raise InputError("sweep.resume=true: out=FOLDER is needed, to say which sweep goes on")
    return config


def prepared(asked: Question) -> Sweep:
    """Return a sweep that is ready to run: parsed once, composed once per configuration."""
    from uptake.results.runs import outcome_columns
    from uptake.results.tables import kinds_of

    axes = axes_of(asked)
    question = replace(asked, overrides=axes.fixed)
    first = [choices[0].override for choices in axes.composed.values()]
    config = _checked(replace(question, overrides=[*axes.fixed, *first]).configuration())
    groups = groups_of(axes, config, partial(points_of_file, config=config, asked=question))
    terminal.say(*dict.fromkeys(group.note for group in groups if group.note))
    cases, parts, start = [], [], 0
    with terminal.progress("configurations", len(groups)) as advance:
        for group in groups:
            overrides = [*axes.fixed, *group.overrides()]
            known = overrides == config.asked
            try:
                chosen = config if known else replace(question, overrides=overrides).configuration()
                case = question.assembled(chosen)
            except InputError as problem:
                raise InputError(f"{group.where}{problem}") from None
            cases.append(case)
            kinds = tuple(case.people.kind_names)
            seed, points = case.config.seed, group.points
            drawn = (case.priors, seed, kinds, points, start, case.posterior)
            parts.append(Part(case.episode, *drawn))
            start += group.points.count
            advance(1)
    if start > MOST_POINTS:
        raise InputError(f"{start:,} points: at most {MOST_POINTS:,} can be swept at once")
    sweep = config.sweep
    plan = Plan(
        tuple(parts), sweep.runs or config.runs, sweep.common_random_numbers, sweep.chunk_runs
    )
    outcome_columns(kinds_of(plan))
    return Sweep(plan, cases, groups, axes, cases[0].config, asked.overrides)


def _share(chunks: int, share: str) -> range:
    """Return the chunks of the i-th of n shares, given "i/n"."""
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", share)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise InputError(refusal("sweep.chunks", share, "i/n is needed, with i from 1 to n"))
    i, n = int(match[1]), int(match[2])
    return range((i - 1) * chunks // n, i * chunks // n)


def _missing(store: Store) -> list[int]:
    """Return the chunks that are still to be run, and name the damaged ones."""
    missing = []
    with terminal.progress("chunks checked", len(store.chunks)) as advance:
        for chunk, is_missing, damaged in store.missing():
            for path in damaged:
                name = path.relative_to(store.folder)
                terminal.say(f"chunk {chunk}: {name} was damaged; it is run again")
            if is_missing:
                missing.append(chunk)
            advance(1)
    return missing


def _work(sweep: Sweep, store: Store, run: executors.Executor) -> None:
    """Run the chunks that are missing, and keep each as it comes."""
    from uptake.results.tables import encoded

    plan = sweep.plan
    if store.is_mended:
        terminal.say("points.parquet was damaged, or not there; it is written again")
    missing = _missing(store)
    there = len(store.chunks) - len(missing)
    if there:
        terminal.say(f"{there:,} of {len(store.chunks):,} chunks are there already.")
    sizes = {chunk: plan.block(chunk).points * plan.block(chunk).runs for chunk in missing}
    work = partial(encoded, plan, store.keep_curves, _jit.SOURCE, store.manifest["fingerprint"])
    if missing and sweep.config.executor.address is None:  # workers here find it on disk
        terminal.compile_rules(sweep.cases[0])
    try:
        with terminal.progress("runs", sum(sizes.values()), pieces=len(missing)) as advance:
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


def _executor(config: Run) -> AbstractContextManager[executors.Executor]:
    """Return where the chunks are worked on."""
    if config.executor.name == "dask":
        return executors.dask(config.executor.address, config.threads, terminal.say)
    return executors.threads(config.threads)


def swept(asked: Question) -> tuple[Path, bool]:
    """Run a sweep, or its share; return its folder, and whether all of it was asked for."""
    from uptake.results.store import open_store

    sweep = prepared(asked)
    config, plan = sweep.config, sweep.plan
    share = _share(plan.chunks, config.sweep.chunks)
    with _executor(config) as run:
        folder = output_folder(config.out, "sweep", config.scenario.name, True)
        with open_store(folder, plan, sweep.record(), share, config.sweep.resume) as store:
            terminal.say(
                f"{counted(plan.points, 'point')} of {counted(plan.runs, 'run')}, "
                f"in {counted(plan.chunks, 'chunk')}: {folder}"
            )
            terminal.say(*dict.fromkeys(note for case in sweep.cases for note in case.beyond))
            _work(sweep, store, run)
    return folder, config.sweep.chunks == "1/1"


def main(asked: Question) -> None:
    """Run the sweep that the command line asks for, and compare its points."""
    if asked.is_print:
        print_configuration(prepared(asked).config)
        return
    began = time.monotonic()
    folder, is_whole = swept(asked)
    terminal.say(f"Done in {time.monotonic() - began:,.1f} s.")
    if is_whole:
        from uptake.cli import compare

        compare.answer(folder)
    else:
        terminal.say(f"When all shares are done: uptake compare {folder}")
