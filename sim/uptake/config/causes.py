"""What may keep a scheme from its target, and what each is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from uptake.config.case import Case
from uptake.config.schema import plain_of
from uptake.errors import InputError, one_of, wrong

MOST_CAUSES = 12  # of which all subsets are run
MOST_VALUES = 100_000_000  # runs of all subsets, which are kept in memory


@dataclass(frozen=True)
class Cause:
    """Something that may keep a scheme from its target, and what puts it right."""

    name: str
    title: str
    reference: str
    levers: Mapping[str, float] = field(default_factory=dict)  # held throughout
    parameters: Mapping[str, float] = field(default_factory=dict)
    without: tuple[str, ...] = ()  # events that are left out
    months: int | None = None  # by when it is looked at


def _events_that_take(case: Case, levers: list[str]) -> tuple[str, ...]:
    """Return the events that set one of some levers lower than it stood at the launch."""
    at_launch = case.episode.levers[0]
    return tuple(
        event.name
        for event in case.config.scenario.timeline
        if event.month > 0
        and event.name not in case.config.without
        and any(value < at_launch[name] for name, value in event.levers().items() if name in levers)
    )


def _number(case: Case, said: float | str) -> float:
    """Return a reference: a number, or what another lever is at the launch."""
    return float(case.episode.levers[0][said]) if isinstance(said, str) else float(said)


def _moves(case: Case, levers: Mapping[str, float]) -> bool:
    """Tell whether levers held at some values differ from those of the scenario in any month."""
    path = case.episode.levers
    return any(np.any(np.asarray(path[name]) != value) for name, value in levers.items())


def _cause(case: Case, name: str, said: Mapping[str, Any]) -> Cause | None:
    """Return a cause as a scheme can have it, or None if it is as it should be already."""
    asked = case.config.explain
    levers = {
        lever: _number(case, asked.levers.get(lever, value))
        for lever, value in said.get("levers", {}).items()
    }
    parameters = {
        parameter: float(asked.parameters.get(parameter, value))
        for parameter, value in said.get("parameters", {}).items()
    }
    without = _events_that_take(case, said.get("keeps", []))
    months = (asked.months or said["months"]) if "months" in said else None
    if months is not None and months <= case.months:
        months = None
    can_matter = all(np.any(case.episode.levers[n] != 0) for n in said.get("only_with", []))
    if said.get("only_with_private"):
        can_matter &= bool(np.any(case.episode.offers["public_share"] < 1.0))
    behaves = any(case.priors[n].value != value for n, value in parameters.items())
    moves = behaves or _moves(case, levers) or bool(without) or months is not None
    if not (can_matter and moves):
        return None
    reference = str(said["reference"])
    if "months" in said and months is None:
        reference = "no review"
    told = reference.format(**levers, **parameters, months=months)
    more = [
        f"{n} {value:g}"
        for n, value in (levers | parameters).items()
        if n in {**asked.levers, **asked.parameters} and f"{{{n}" not in reference
    ]
    told += f" ({', '.join(more)})" if more else ""
    return Cause(name, said["title"], told, levers, parameters, without, months)


def causes_of(case: Case) -> list[Cause]:
    """Return what may keep a scheme from its target, in the order of ``configs/causes.yaml``.

    What a scheme has already, or what cannot matter in it, is left out.

    Raises
    ------
    InputError
        A cause is asked that there is not, or more than all subsets of can be run; a reference is
        given that no cause uses.
    """
    asked = case.config.explain
    known: dict[str, Any] = plain_of("causes.yaml")
    for name in asked.causes:
        one_of("explain.causes", name, list(known))
    chosen = {n: said for n, said in known.items() if not asked.causes or n in asked.causes}
    found = [cause for n, said in chosen.items() if (cause := _cause(case, n, said)) is not None]
    _check_used(case, known, found)
    if len(found) > MOST_CAUSES:
        told = f"at most {MOST_CAUSES} causes can be told apart at once"
        raise wrong("explain.causes", len(found), told)
    if not found:
        raise InputError("explain.causes: none of these can have kept this scheme from its target")
    if (worth := (1 << len(found)) * case.config.runs) > MOST_VALUES:
        most = MOST_VALUES >> len(found)
        told = f"{worth:,} runs of all subsets; at most {most:,} runs can be told of these causes"
        raise wrong("runs", case.config.runs, told)
    return found


def _check_used(case: Case, known: Mapping[str, Any], found: list[Cause]) -> None:
    """Refuse a reference that no cause knows, or that none of this scheme's uses."""
    asked = case.config.explain
    for group, given in (("levers", asked.levers), ("parameters", asked.parameters)):
        could = {name for said in known.values() for name in said.get(group, {})}
        used = {name for cause in found for name in getattr(cause, group)}
        for name, value in given.items():
            one_of(f"explain.{group}", name, sorted(could))
            if name not in used:
                raise wrong(f"explain.{group}.{name}", value, "no cause of this scheme uses it")
    if asked.months is not None and not any(cause.months for cause in found):
        told = f"more than the scheme's own {case.months} are needed, and the cause window"
        raise wrong("explain.months", asked.months, told)


def refuse_own_causes(folder: Path | None) -> None:
    """Refuse a list of causes in a folder of the user's own: it would not be read."""
    if folder is not None and (Path(folder) / "causes.yaml").exists():
        told = "it is not read; explain.levers and explain.parameters choose other references"
        raise InputError(f"{Path(folder) / 'causes.yaml'}: {told}")
