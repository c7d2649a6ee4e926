"""Targets: what is to be reached, as an outcome that is at least, or at most, a number.

``joined>=25`` can be asked wherever an outcome can: it is 1 where a run reaches that and 0 where it
does not, so its mean is the chance.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.config.reported import NO_AMOUNT, is_count, is_share
from uptake.config.schema import Run
from uptake.errors import one_of, wrong
from uptake.model.observation import OUTCOMES

BREAK_EVEN = "break_even"
_COUNTED_TOO = ("members",)  # an outcome and a curve, and no column
_NUMBER = r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,2})?"
_SAID = re.compile(rf"([A-Za-z_][A-Za-z0-9_.]*) *(>=|<=) *({_NUMBER})")


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
    return Target(outcome, sign == "<=", float(number.replace(",", "")))


def check_target(config: Run) -> None:
    """Refuse a target that is none, or of an outcome that there is not."""
    said = config.target
    if said is None:
        return
    found = target_in(f"{config.scenario.shows}>={said}" if _is_number(said) else said)
    if found is None:
        told = f"a number, {BREAK_EVEN}, or an outcome with a number, as 'joined>=25', is needed"
        raise wrong("target", said, told)
    known = (name for name in OUTCOMES.names or () if name not in NO_AMOUNT)
    one_of("target", found.outcome, (*known, *_COUNTED_TOO))
    if is_share(found.outcome) and not 0.0 <= found.number <= 1.0:
        raise wrong("target", said, f"{found.outcome} is a share: 0 to 1 is allowed")
    if is_count(found.outcome) and found.number % 1.0:
        raise wrong("target", said, f"{found.outcome} is a count: a whole number is allowed")


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
