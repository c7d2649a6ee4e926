"""The keys that each command reads: the only list of them, for its help and for refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from uptake.config.refusals import key_of
from uptake.config.schema import Run
from uptake.errors import InputError, shortened

_ALL = ("run", "run -m", "episodes", "mechanisms", "calibrate", "watch")
_RUNS = ("run", "run -m")
_STUDIES = ("run", "run -m", "episodes", "mechanisms", "calibrate")

# What is typed, what it is, and which commands read it.
KEYS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("experiment=NAME", "a question that is written down, in configs/experiment", _RUNS),
    ("scenario=NAME", "an episode of configs/scenario or of --config-dir", (*_RUNS, "watch")),
    ("scenario.KEY=VALUE", "anything its file says, such as scenario.approached.value", _RUNS),
    (
        "levers.NAME=NUMBER",
        "a lever, held there throughout (configs/levers.yaml lists them)",
        (*_RUNS, "watch"),
    ),
    (
        "timeline.EVENT.LEVER=NUMBER",
        "what an event sets; EVENT may be launch",
        (*_RUNS, "watch"),
    ),
    ("without=[EVENT,...]", "leave events of the timeline out", (*_RUNS, "watch")),
    ("months=N", "horizon", (*_RUNS, "watch")),
    ("population=NAME", "synthetic, or file: trusts from CSV, Parquet or Excel", _RUNS),
    ("population.path=FILE", "that file, with population=file", _RUNS),
    ("population.units=as_given", "its amounts are meant as they stand", _RUNS),
    ("population.approached=N", "how many trusts are approached", _RUNS),
    ("population.approached_spread=SHARE", "0.25: from 25 % fewer to 25 % more", _RUNS),
    ("population.KEY=VALUE", "anything its file says", _RUNS),
    ("structure=NAME", "a variant of the model's structure", _ALL),
    ("structure.KEY=VALUE", "anything its file says", _STUDIES),
    (
        "variants=[NAME,...]",
        "variants of the structure side by side; variants=[all]",
        ("run", "episodes", "calibrate"),
    ),
    (
        "parameters=NAME",
        "prior: behaviour before anything was inferred, or posterior",
        _ALL,
    ),
    ("parameters.draws=FOLDER", "draws of your own, from uptake calibrate", _STUDIES[:-1]),
    ("parameters.priors.NAME.value=NUMBER", "hold a parameter fixed", _STUDIES),
    ("parameters.KEY=VALUE", "anything its file says", _STUDIES),
    (
        "calibration.searches=N",
        "independent searches",
        ("calibrate",),
    ),
    ("calibration.points=N", "points of each", ("calibrate",)),
    (
        "calibration.points_left_out=N",
        "where an episode is left out; 0: none is",
        ("calibrate",),
    ),
    ("calibration.resume=true", "go on where it was stopped, with out=FOLDER", ("calibrate",)),
    ("calibration.KEY=VALUE", "anything configs/run.yaml says of it", ("calibrate",)),
    ("sweep.design=NAME", "grid, lhs, sobol or file", ("run -m",)),
    ("sweep.points=N", "of a sample (lhs or sobol)", ("run -m",)),
    ("sweep.file=FILE", "with sweep.design=file: a row a point, a column a key", ("run -m",)),
    ("sweep.runs=N", "of every point, on the same luck", ("run -m",)),
    ("sweep.curves=runs", "keep the curves of all runs", ("run -m",)),
    ("sweep.chunks=I/N", "the i-th of n shares, for an array of jobs", ("run -m",)),
    ("sweep.resume=true", "go on where it was stopped, with out=FOLDER", ("run -m",)),
    ("sweep.KEY=VALUE", "anything configs/run.yaml says of it", ("run -m",)),
    ("executor=NAME", "threads, or dask: a cluster", ("run -m",)),
    ("executor.address=ADDRESS", "tcp://HOST:PORT of one that is there", ("run -m",)),
    ("executor.KEY=VALUE", "anything its file says", ("run -m",)),
    ("runs=N", "runs of every question", _STUDIES),
    ("seed=N", "of all luck", _ALL),
    ("threads=N", "usual: as many as the machine has", _STUDIES),
    ("out=FOLDER", "where results go", (*_STUDIES, "bench")),
)
_SWEEPS = """
several values of one key or more (uptake run -m)
  levers.NAME=0,5000,10000   levers.NAME=range(0,1,0.1)   scenario=glob(nhs*)
  parameters.priors.NAME.value=...              any key may have a list; levers and parameters,
                                                which are fast, many values
  levers.NAME=interval(0,1) sweep.design=lhs sweep.points=500     a sample (or sobol)
"""
_PAGE = """
the page
  --port N                   of this machine (usual: 8765)
  --no-open                  serve, and open no browser
It opens with what is asked by these keys.
"""


def keys_of(command: str) -> Iterator[tuple[str, str]]:
    """Yield what is typed for every key that a command reads, and what it is."""
    for typed, meaning, commands in KEYS:
        if command in commands:
            yield typed, meaning


def help_of(command: str) -> str:
    """Return the part of a command's help that is about keys."""

    def table(title: str, keys: dict[str, str]) -> str:
        lines = [f"  {typed:<35} {meaning}" for typed, meaning in keys.items()]
        return "\n".join([title, *lines, ""])

    usual = dict(keys_of(command))
    said = table("keys (key=value, in Hydra's syntax)", usual)
    if command == "run":
        more = {typed: text for typed, text in keys_of("run -m") if typed not in usual}
        said += "\n" + table("keys of a sweep (uptake run -m; all of the above but variants)", more)
        said += _SWEEPS
    return said + (_PAGE if command == "watch" else "")


def _reads(command: str, key: str) -> bool:
    """Tell whether a command reads a key: one of a group, or a key within a group."""
    listed = {key_of(typed): commands for typed, _, commands in KEYS}
    if key in listed:
        return command in listed[key]
    group, is_within = key.partition(".")[0], "." in key
    return any(
        known.partition(".")[0] == group and ("." in known or not is_within)
        for known in map(key_of, dict(keys_of(command)))
    )


def check_read(command: str, overrides: list[str]) -> None:
    """Refuse keys that a command would not read; those that nobody knows are told elsewhere."""
    for typed in overrides:
        key = key_of(typed)
        group = key.partition(".")[0]
        if group == "hydra":
            raise InputError(f"{shortened(typed)}: Hydra's own settings are not used")
        if group not in {field.name for field in fields(Run)} or _reads(command, key):
            continue
        readers = [one for one in (*_ALL, "bench") if _reads(one, key)]
        hint = f"; it is for uptake {readers[0]}" if len(readers) == 1 else ""
        if group == "variants" and command == "run -m":
            hint = " with -m; list them: structure=default,regional_peers"
        name = "run" if command == "run -m" else command
        unread = group if not _reads(command, group) else key
        raise InputError(f"{shortened(typed)}: uptake {name} does not read {unread}{hint}")
