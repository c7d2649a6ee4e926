"""What a study of sensitivity varies, and what it asks about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from uptake.config.case import Case
from uptake.config.posterior import AGAIN, HAPPENED, behaviour_of, posterior_of
from uptake.config.reported import NO_AMOUNT
from uptake.config.target import target_in
from uptake.config.validation import changed
from uptake.errors import InputError, one_of, wrong
from uptake.model.assumptions import LEVER
from uptake.model.levers import LEVERS
from uptake.model.parameters import free

PARAMETER, ASSUMPTION, HELD = "parameter", "assumption", "lever"
LEAST_ROWS = 20  # from which intervals are told


@dataclass(frozen=True)
class Factor:
    """An uncertain number that is varied: a parameter, an assumption, or a lever in an interval."""

    name: str  # a lever's assumption is ``levers.NAME``
    kind: str
    ranges: tuple[int, ...] = ()  # rows of the episode's ranges, which have one draw
    ends: tuple[float, float] | None = None  # of a lever that is named


def factors_of(case: Case) -> list[Factor]:
    """Return what varies in a question: parameters that are free, assumptions, levers asked.

    A lever that is asked for takes the place of what is assumed of it.

    Raises
    ------
    InputError
        A lever is asked for that is held; or nothing varies.
    """
    asked = case.config.sensitivity.levers
    for name in asked:
        if name in case.overridden:
            told = "it is held by levers, and cannot be varied as well"
            raise wrong(f"sensitivity.levers.{name}", asked[name], told)
    draws = None if case.posterior is None else case.posterior.draws
    behaviour = [name for name in free(case.priors) if draws is None or np.ptp(draws[name]) > 0.0]
    places = [(LEVERS.names or ()).index(name) for name in asked]
    rows = dict[str, list[int]]()
    for row, one in enumerate(case.assumptions):
        if one.table != LEVER or one.field not in places:
            rows.setdefault(one.key, []).append(row)
    found = [
        *(Factor(name, PARAMETER) for name in behaviour),
        *(Factor(key, ASSUMPTION, tuple(several)) for key, several in rows.items()),
        *(Factor(name, HELD, ends=(low, high)) for name, (low, high) in asked.items()),
    ]
    if not found:
        raise InputError("sensitivity: nothing of this question is uncertain but luck")
    return found


def rows_of(case: Case, evaluations: int, part: float = 1.0) -> int:
    """Return how many rows a part of the runs that are asked for makes, or refuse too few."""
    runs = case.config.sensitivity.runs
    rows = int(runs * part) // evaluations
    if rows < LEAST_ROWS:
        least = math.ceil(LEAST_ROWS * evaluations / part)
        told = f"at least {least:,} runs are needed for so many inputs"
        raise wrong("sensitivity.runs", runs, told)
    return rows


def studied(case: Case, columns: Sequence[str]) -> str:
    """Return the outcome that is asked about, or refuse one that there is not.

    Parameters
    ----------
    case
        The question.
    columns
        Outcomes that runs have.
    """
    said = case.config.sensitivity.outcome
    if case.config.target is not None and case.target is not None:
        if said is not None:
            told = "with target= it is the chance of the target that is asked about"
            raise wrong("sensitivity.outcome", said, told)
        return case.target.name
    name = said or case.config.scenario.shows
    target = target_in(name)
    allowed = [one for one in columns if one not in NO_AMOUNT]
    one_of("sensitivity.outcome", target.outcome if target else name, allowed)
    return target.name if target else name


def tried_again(case: Case) -> Case:
    """Return a scheme that happened as one tried again, with fresh luck; any other as it is."""
    if case.draws != HAPPENED:
        return case
    config = changed(case.config, draws=AGAIN)
    before = case.config.parameters.title
    asked = replace(config, parameters=replace(config.parameters, title=""))
    was = behaviour_of(replace(asked, draws=HAPPENED)).removesuffix(", ")
    title = before.replace(was, behaviour_of(asked).removesuffix(", "))
    config = replace(config, parameters=replace(config.parameters, title=title))
    return replace(case, config=config, posterior=posterior_of(config, case.priors)[0])
