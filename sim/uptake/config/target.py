"""Targets: what is to be reached, as an outcome that is at least, or at most, a number.

``joined>=25`` can be asked wherever an outcome can: it is 1 where a run reaches that and 0 where it
does not, so its mean is the chance.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.config.schema import Run
from uptake.errors import one_of, wrong
from uptake.model.observation import OUTCOMES

BREAK_EVEN = "break_even"
_COUNTED_TOO = ("members",)  # an outcome and a curve, and no column
_SAID = re.compile(r"([A-Za-z_]+) *(>=|<=) *([-+]?[0-9][0-9_,]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)")


class Target(NamedTuple):
    """An outcome that is to be at least a number, or at most."""

    outcome: str
    is_most: bool
    number: float

    @property
    def name(self) -> str:
        """Return it as an outcome is called: ``joined>=25``."""
        return f"{self.outcome}{'<=' if self.is_most else '>='}{self.number:.12g}"

    def met(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return 1 where values of the outcome reach it, else 0, in their shape."""
        is_met = values <= self.number if self.is_most else values >= self.number
        return np.asarray(is_met, np.float64)

    def sql(self, column: str) -> str:
        """Return the same in SQL, of a column of the outcome."""
        return f"({column} {'<=' if self.is_most else '>='} {self.number!r})::DOUBLE"


def target_in(name: str) -> Target | None:
    """Return the target that a name of an outcome is, or None if it is a plain name.

    >>> target_in("joined>=25")
    Target(outcome='joined', is_most=False, number=25.0)
    >>> target_in("joined") is None, target_in("break_even").name
    (True, 'provider_loss_gbp<=0')
    """
    if name == BREAK_EVEN:
        return Target("provider_loss_gbp", True, 0.0)
    found = _SAID.fullmatch(name.strip())
    if found is None:
        return None
    outcome, sign, number = found.groups()
    return Target(outcome, sign == "<=", float(number.replace(",", "").replace("_", "")))


def check_target(config: Run) -> None:
    """Refuse a target that is none, or of an outcome that there is not."""
    said = config.target
    if said is None or _is_number(said):
        return
    found = target_in(said)
    if found is None:
        told = f"a number, {BREAK_EVEN}, or an outcome with a number, as 'joined>=25', is needed"
        raise wrong("target", said, told)
    one_of("target", found.outcome, (*(OUTCOMES.names or ()), *_COUNTED_TOO))


def _is_number(said: str) -> bool:
    """Tell whether a target is a number alone."""
    return target_in(f"joined>={said}") is not None


def target_of(config: Run, aimed: float) -> Target | None:
    """Return what is to be reached: what is asked, else what the centre aims at, if at anything.

    A number alone is of the outcome that tells the scenario's story.
    """
    said = config.target
    if said is not None:
        shown = config.scenario.shows
        return target_in(f"{shown}>={said}" if _is_number(said) else said)
    return Target("joined", False, aimed) if aimed > 0.0 else None
