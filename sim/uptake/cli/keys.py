"""The keys that each command reads: the only list of them, for its help and for refusals."""

import re
from collections.abc import Iterator

from uptake.config.paths import key_of
from uptake.config.schema import CHOSEN, Run
from uptake.config.schema.run import meaning_of
from uptake.config.schema.tree import fields_of
from uptake.errors import InputError, shortened

_RUNS = ("run", "run -m")
_SENSITIVITY = ("sensitivity",)
_ASKED = ("explain", "decide", "brief", "publish")
_QUESTIONS = (*_RUNS, *_ASKED, *_SENSITIVITY)
_COUNTED = (*_RUNS, *_ASKED, "episodes", "mechanisms", "calibrate")
_STUDIES = (*_COUNTED, *_SENSITIVITY)
_ALL = (*_STUDIES, "watch")
_SKILL = ("skill",)

_OTHER = "anything else that its file says"
# What is typed, which commands read it, and what it is where the schema does not say it.
KEYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("experiment=NAME", _RUNS, "a question that is written down, in configs/experiment"),
    ("scenario=NAME", (*_QUESTIONS, "watch"), ""),
    ("scenario.KEY=VALUE", _QUESTIONS, "anything its file says, such as scenario.approached.value"),
    ("levers.NAME=NUMBER", (*_QUESTIONS, "watch"), ""),
    ("timeline.EVENT.LEVER=NUMBER", (*_QUESTIONS, "watch"), ""),
    ("without=[EVENT,...]", (*_QUESTIONS, "watch"), ""),
    ("months=N", (*_QUESTIONS, "watch"), ""),
    ("draws=happened|again|new", (*_QUESTIONS, "episodes"), ""),
    ("fix=assumptions", _STUDIES, ""),
    ("target=NUMBER|break_even", ("run", *_ASKED, *_SENSITIVITY), ""),
    ("population=NAME", _QUESTIONS, ""),
    ("population.path=FILE", (*_QUESTIONS, "rerun"), ""),
    ("population.units=as_given", _QUESTIONS, ""),
    ("population.approached=N", _QUESTIONS, ""),
    ("population.approached_spread=SHARE", _QUESTIONS, ""),
    ("population.KEY=VALUE", _QUESTIONS, _OTHER),
    ("structure=NAME", (*_ALL, *_SKILL), ""),
    ("structure.KEY=VALUE", _STUDIES, _OTHER),
    ("variants=[NAME,...]", ("run", "decide", "episodes", "calibrate", "skill"), ""),
    ("parameters=NAME", (*_ALL, *_SKILL), ""),
    (
        "parameters.draws=FOLDER",
        (*_STUDIES, *_SKILL),
        "draws of your own, from uptake calibrate",
    ),
    ("parameters.priors.NAME.value=NUMBER", _STUDIES, "hold a parameter fixed"),
    ("parameters.KEY=VALUE", _STUDIES, _OTHER),
    ("calibration.chains=N", ("calibrate",), ""),
    ("calibration.particles=N", ("calibrate",), ""),
    ("calibration.histories=[NAME,...]", ("calibrate",), ""),
    ("calibration.resume=true", ("calibrate",), ""),
    ("calibration.KEY=VALUE", ("calibrate",), _OTHER),
    ("sweep.design=NAME", ("run -m",), ""),
    ("sweep.points=N", ("run -m",), ""),
    ("sweep.file=FILE", ("run -m",), ""),
    ("sweep.runs=N", ("run -m",), ""),
    ("sweep.curves=runs", ("run -m",), ""),
    ("sweep.chunks=I/N", ("run -m",), ""),
    ("sweep.resume=true", ("run -m",), ""),
    ("sweep.KEY=VALUE", ("run -m",), _OTHER),
    ("executor=NAME", ("run -m",), ""),
    ("executor.address=ADDRESS", ("run -m",), ""),
    ("executor.KEY=VALUE", ("run -m",), _OTHER),
    ("explain.causes=[NAME,...]", ("explain",), ""),
    ("explain.months=N", ("explain",), ""),
    ("explain.levers.NAME=NUMBER", ("explain",), ""),
    ("explain.parameters.NAME=NUMBER", ("explain",), ""),
    ("publish.levers=[NAME,...]", ("publish",), ""),
    ("publish.ranges.NAME=[LOW,HIGH]", ("publish",), ""),
    ("publish.points=N", ("publish",), ""),
    ("publish.within=NUMBER", ("publish",), ""),
    ("sensitivity.outcome=NAME", _SENSITIVITY, ""),
    ("sensitivity.runs=N", _SENSITIVITY, ""),
    ("sensitivity.levers.NAME=[LOW,HIGH]", _SENSITIVITY, ""),
    ("decide.levers=[NAME,...]", ("decide",), ""),
    ("decide.ranges.NAME=[LOW,HIGH]", ("decide",), ""),
    ("decide.chance=SHARE", ("decide",), ""),
    (
        "decide.options.NAME={LEVER:NUMBER}",
        ("decide",),
        "an option, as {upfront_fee_gbp: 10000}; as many as are named",
    ),
    ("runs=N", _COUNTED, ""),
    ("seed=N", (*_ALL, *_SKILL), ""),
    ("from=SCENARIO", ("new",), "start from its numbers; each is marked as one to replace"),
    ("sector=SECTOR", ("new",), "offer it to a sector that is there, as it stands"),
    ("threads=N", (*_STUDIES, "rerun"), ""),
    (
        "outcome=NAME",
        ("compare",),
        "joined, break_even, 'joined>=25' (its chance), any other",
    ),
    ("x=KEY", ("compare",), "the axis of the heat map that goes across"),
    ("y=KEY", ("compare",), "the axis that goes up; the curves have a panel each"),
    ("memory=SIZE", ("compare",), "what reading may hold, such as 2GB"),
    ("figures=false", (*_STUDIES, *_SKILL, "compare"), ""),
    ("out=FOLDER", (*_STUDIES, *_SKILL, "bench", "rerun", "compare"), ""),
)
_SWEEPS = """
several values of one key or more (uptake run -m)
  levers.NAME=0,5000,10000   levers.NAME=range(0,1,0.1)   scenario=glob(nhs*)
  parameters.priors.NAME.value=...              any key may have a list; levers and parameters,
                                                which are fast, many values
  levers.NAME=interval(0,1) sweep.design=lhs sweep.points=500     a sample (or sobol)
"""


def keys_of(command: str) -> Iterator[tuple[str, str]]:
    """Yield what is typed for every key that a command reads, and what it is."""
    for typed, commands, said in KEYS:
        if command in commands:
            key = re.split(r"\.[A-Z]|=", typed)[0]  # without a name that is the user's to choose
            yield typed, said or meaning_of(key)


def help_of(command: str) -> str:
    """Return the part of a command's help that is about keys."""

    def table(title: str, keys: dict[str, str]) -> str:
        lines = [f"  {typed:<35} {meaning}" for typed, meaning in keys.items()]
        return "\n".join([title, *lines, ""])

    usual = dict(keys_of(command))
    said = table("keys (key=value, in Hydra's syntax)", usual)
    if command == "run":
        more = {typed: text for typed, text in keys_of("run -m") if typed not in usual}
        said += "\n" + table(
            "keys of a sweep (run -m; all of the above but target, variants)", more
        )
        said += _SWEEPS
    return said


def _reads(command: str, key: str) -> bool:
    """Tell whether a command reads a key: one of a group, or a key within a group."""
    listed = {key_of(typed): commands for typed, commands, _ in KEYS}
    if key in listed:
        return command in listed[key]
    group, is_within = key.partition(".")[0], "." in key
    return any(
        known.partition(".")[0] == group and (not is_within or _is_open(known))
        for known in map(key_of, dict(keys_of(command)))
    )


def _is_open(known: str) -> bool:
    """Tell whether a listed key stands for all of its kind, as ``levers.NAME`` does."""
    return any(part.isupper() for part in known.split(".")[1:])


def check_read(command: str, overrides: list[str]) -> None:
    """Refuse keys that a command would not read; those that nobody knows are told elsewhere."""
    for typed in overrides:
        key = key_of(typed)
        group = key.partition(".")[0]
        if group == "hydra":
            raise InputError(f"{shortened(typed)}: Hydra's own settings are not used")
        known = {*CHOSEN, *fields_of(Run)}
        if group not in known or _reads(command, key):
            continue
        readers = [one for one in (*_ALL, "bench") if _reads(one, key)]
        hint = f"; it is for uptake {readers[0]}" if len(readers) == 1 else ""
        if group == "variants" and command == "run -m":
            hint = " with -m; list them: structure=default,regional_peers"
        if group == "target" and command == "run -m":
            hint = " with -m; ask it of the sweep: uptake compare FOLDER 'outcome=joined>=25'"
        if group == "runs" and command == "sensitivity":
            hint = "; of all inputs together: sensitivity.runs=N"
        name = "run" if command == "run -m" else command
        unread = group if not _reads(command, group) else key
        raise InputError(f"{shortened(typed)}: uptake {name} does not read {unread}{hint}")
