"""What may keep a scheme from its target, and what each is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from uptake.config.case import Case
from uptake.config.schema import lever_meanings, plain_of
from uptake.errors import InputError, one_of, wrong
from uptake.model.parameters import PARAMETER_NAMES

MOST_CAUSES = 12  # of which all subsets are run


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
        and any(value < at_launch[name] for name, value in event.levers().items() if name in levers)
    )


def _number(case: Case, said: float | str) -> float:
    """Return a reference: a number, or what another lever is at the launch."""
    return float(case.episode.levers[0][said]) if isinstance(said, str) else float(said)


def _moves(case: Case, levers: Mapping[str, float]) -> bool:
    """Tell whether levers held at some values differ from those of the scenario in any month."""
    path = case.episode.levers
    return any(np.any(np.asarray(path[name]) != value) for name, value in levers.items())


def causes_of(case: Case) -> list[Cause]:
    """Return what may keep a scheme from its target, in the order of ``configs/causes.yaml``.

    What a scheme has already, or what cannot matter in it, is left out. A horizon that is no later
    than the scheme's own is none.

    Raises
    ------
    InputError
        A cause is asked that there is not, or more than all subsets of can be run.
    """
    asked, found = case.config.explain, []
    check_references(asked.levers, asked.parameters)
    known: dict[str, Any] = plain_of("causes.yaml")
    for name in asked.causes:
        one_of("explain.causes", name, list(known))
    for name, said in known.items():
        if asked.causes and name not in asked.causes:
            continue
        levers = {
            n: _number(case, asked.levers.get(n, v)) for n, v in said.get("levers", {}).items()
        }
        parameters = {
            n: float(asked.parameters.get(n, v)) for n, v in said.get("parameters", {}).items()
        }
        without = _events_that_take(case, said.get("keeps", []))
        months = asked.months or said.get("months") if "months" in said else None
        if months is not None and months <= case.months:
            months = None
        can_matter = all(np.any(case.episode.levers[n] != 0) for n in said.get("only_with", []))
        if said.get("only_with_private"):
            can_matter &= bool(np.any(case.episode.offers["public_share"] < 1.0))
        moves = bool(parameters) or _moves(case, levers) or bool(without) or months is not None
        if can_matter and moves:
            found.append(
                Cause(name, said["title"], said["reference"], levers, parameters, without, months)
            )
    if len(found) > MOST_CAUSES:
        told = f"at most {MOST_CAUSES} causes can be told apart at once"
        raise wrong("explain.causes", len(found), told)
    if not found:
        raise InputError("explain.causes: none of these can have kept this scheme from its target")
    return found


def check_references(levers: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Refuse references of levers or parameters that no cause puts right."""
    said = plain_of("causes.yaml").values()
    for key, given, known in (
        ("explain.levers", levers, lever_meanings()),
        ("explain.parameters", parameters, PARAMETER_NAMES),
    ):
        group = key.partition(".")[2]
        used = {name for cause in said for name in cause.get(group, {})} & set(known)
        for name in given:
            one_of(key, name, sorted(used))
