"""What was observed of an episode: numbers, ratios and bounds with a month, and findings."""

import math
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from uptake.config.schema.values import RULES, OneOf, Quantity, Text, Within, refuse_within
from uptake.model.observation import OUTCOMES

OBSERVABLE = tuple(
    n for n in OUTCOMES.names or () if n not in ("run", "scrapped_month", "scrapped_for")
)
Reported = Annotated[float, Within(-1e15, 1e15, "unit of the outcome")]


@dataclass(config=RULES)
class Observation(Quantity[float]):
    """An outcome as it was reported at a month after the launch: a number, a ratio or a bound."""

    value: Reported = Field(description="the number; with bound=between its lower end")
    month: Annotated[int, Within(1, 1200, "months")] = Field(
        kw_only=True, description="months after the launch"
    )
    of: Annotated[Text, OneOf(OBSERVABLE, "outcome")] | None = Field(
        default=None,
        kw_only=True,
        description="outcome that the value is a ratio of, such as approached; not given: of none",
    )
    bound: Annotated[Text, OneOf(("at_least", "at_most", "between"))] | None = Field(
        default=None, kw_only=True, description="the value is a limit; not given: a number"
    )
    to: Reported | None = Field(
        default=None, kw_only=True, description="upper end of bound=between"
    )
    error: Annotated[float, Within(0, 1e15, "unit of the value")] | None = Field(
        default=None,
        kw_only=True,
        description="how exact it is: one standard deviation, in the unit of the value, with its "
        "reason in the note; not given: as it stands",
    )
    error_share: Annotated[float, Within(0, 1, "share of the value")] | None = Field(
        default=None, kw_only=True, description="the same, as a share of the value"
    )
    fit: Annotated[Text, OneOf(("exactly", "at_least", "none"))] = Field(
        default="none",
        kw_only=True,
        description="what calibration takes from it: that a count is met exactly, that a quantity "
        "is reached (at_least: a bound), or nothing (none)",
    )

    @model_validator(mode="after")
    def _is_one_reading(self) -> Self:
        if self.fit == "at_least" and self.bound is None:
            self.bound = "at_least"
        if self.bound == "between" and self.to is None:
            refuse_within((("to",), None, "bound=between needs its upper end"))
        if self.to is not None and self.bound != "between":
            refuse_within((("to",), self.to, "allowed with bound=between only"))
        if self.to is not None and self.to <= self.value:
            refuse_within((("to",), self.to, f"allowed is above the value, {self.value:g}"))
        if self.error is not None and self.error_share is not None:
            told = "error is given too; one of both is allowed"
            refuse_within((("error_share",), self.error_share, told))
        if self.sd and not self.note:
            refuse_within((("note",), None, "a reading error needs its reason here"))
        if self.fit == "exactly" and (self.bound or self.of or self.sd):
            told = "only a count is met exactly, no ratio, bound or reading with an error"
            refuse_within((("fit",), self.fit, told))
        if self.fit == "at_least" and self.bound != "at_least":
            told = f"allowed is none with bound={self.bound}"
            refuse_within((("fit",), self.fit, told))
        return self

    @property
    def sd(self) -> float:
        """Return the standard deviation of the reading, in the unit of the value."""
        return self.error or (self.error_share or 0.0) * abs(self.value)

    @property
    def ends(self) -> tuple[float, float]:
        """Return the least and the most that was observed; those of a number are itself."""
        low = -math.inf if self.bound == "at_most" else self.value
        high = {"at_least": math.inf, "between": self.to}.get(self.bound or "")
        return low, self.value if high is None else high


def every(seen: Any) -> Any:
    """Return what was observed of an outcome as a list: one alone may stand without it."""
    return seen if isinstance(seen, list) else [seen]


Observations = Annotated[list[Observation], Field(min_length=1), BeforeValidator(every)]


@dataclass(config=RULES)
class Finding:
    """What was reported without a number: two of an outcome that is larger, another that is
    smaller, and a threshold. Either outcome may be a ratio.
    """

    statement: Text = Field(description="the finding in words")
    source: Text = Field(description="where it is reported")
    note: Text = Field(default="", description="what else is to be known of it")
    foreseen: bool = Field(default=False, description="a warning or forecast, not what came about")
    larger: Text | None = Field(default=None, description="the outcome that is larger")
    smaller: Text | None = Field(default=None, description="the outcome that is smaller")
    larger_of: Text | None = Field(
        default=None, description="what the larger one is divided by, an outcome; not given: none"
    )
    smaller_of: Text | None = Field(
        default=None, description="what the smaller one is divided by; not given: none"
    )
    than: Quantity[Reported] | None = Field(default=None, description="the threshold")
