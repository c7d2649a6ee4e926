"""Levers: what each of them is and can be, as ``configs/levers.yaml`` says."""

from functools import cache, partial
from typing import Annotated, Any

from pydantic import AfterValidator, TypeAdapter
from pydantic.dataclasses import dataclass

from uptake.config.schema.packaged import plain_of
from uptake.config.schema.values import (
    RULES,
    AnyNumber,
    OneOf,
    Ranged,
    Text,
    Within,
    refuse_within,
)
from uptake.errors import no_such
from uptake.model.levers import IMPULSES, LEVERS

ONE_MONTH = "it acts in one month: allowed in a row of the timeline only"


@dataclass(config=RULES)
class LeverMeaning:
    """What a lever is, the value at which it does nothing, and what it can be."""

    meaning: Text
    unit: Text
    neutral: float
    low: float
    high: float
    group: Text  # whose lever it is, for a reader
    whole: bool = False  # only whole numbers make sense
    usual: float | None = None  # as far as a slider goes; None: to ``high``

    @property
    def within(self) -> Within:
        """Return the range and unit of its values."""
        return Within(self.low, self.high, self.unit, self.whole)


@cache
def lever_meanings() -> dict[str, LeverMeaning]:
    """Return what the package says of every lever, by name."""
    return TypeAdapter(dict[str, LeverMeaning]).validate_python(plain_of("levers.yaml"))


def lever_within(key: str, name: str) -> Within:
    """Return the range of a lever, or refuse a name that is none."""
    meanings = lever_meanings()
    if name not in meanings:
        raise no_such(key, name, meanings, "lever")
    return meanings[name].within


def _within_ranges(values: dict[str, Any], of_events: bool = True) -> dict[str, Any]:
    """Return levers with values within their ranges, or refuse all others."""
    found = []
    for name, given in values.items():
        said: dict[tuple[str, ...], Any] = {(name,): given}
        if isinstance(given, Ranged):
            said = {(name, part): getattr(given, part) for part in ("value", "low", "high")}
        for at, value in said.items():
            allowed = "" if value is None else lever_meanings()[name].within.why_not(value)
            if value is not None and name in IMPULSES and not of_events:
                allowed = ONE_MONTH
            if allowed:
                found.append((at, value, allowed))
    refuse_within(*found)
    return values


_Name = Annotated[Text, OneOf(tuple(LEVERS.names or ()), "lever")]
_THROUGHOUT = AfterValidator(partial(_within_ranges, of_events=False))

# Levers that are held, given by a scenario, set by an event, and set otherwise than by the event.
Held = Annotated[dict[_Name, AnyNumber | None], _THROUGHOUT]
Given = Annotated[dict[_Name, Ranged[AnyNumber]], _THROUGHOUT]
Set = Annotated[dict[_Name, Ranged[AnyNumber]], AfterValidator(_within_ranges)]
Asked = Annotated[dict[_Name, AnyNumber], AfterValidator(_within_ranges)]
