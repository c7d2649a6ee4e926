"""Kinds of values: numbers with a range and unit, one of several names, texts that can be shown.

Each says itself what is allowed; whatever else is wrong, pydantic finds.
"""

import dataclasses
import numbers
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import ConfigDict, Field, ValidationError, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError, core_schema

from uptake.errors import among, unknown, wrong

LONGEST_TEXT = 2_000
# Of every record: a key that it does not have is refused; how it is checked is made when needed.
RULES = ConfigDict(extra="forbid", defer_build=True)
UNSEEN = "control characters and line breaks are not allowed in a text"


def refused(allowed: str) -> PydanticCustomError:
    """Return the refusal of a value in words of our own."""
    return PydanticCustomError("refused", "{allowed}", {"allowed": allowed})


def refuse_within(*found: tuple[tuple[str, ...], Any, str]) -> None:
    """Refuse values within a record: where each stands, the value, and what is allowed."""
    if found:
        raise ValidationError.from_exception_data(
            "", [{"type": refused(allowed), "loc": at, "input": v} for at, v, allowed in found]
        )


class Rule(ABC):
    """What a value has to be, beyond its type."""

    @abstractmethod
    def why_not(self, value: Any) -> str:
        """Return what is allowed instead of a value, or nothing if it is."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: Callable[[Any], core_schema.CoreSchema]
    ) -> core_schema.CoreSchema:
        """Return how pydantic checks the value; no text is a number, nor is true or false."""

        def check(value: Any) -> Any:
            if allowed := self.why_not(value):
                raise refused(allowed)
            return value

        schema: Any = handler(source)
        is_strict = {"strict": True} if schema["type"] in ("int", "float") else {}
        return core_schema.no_info_after_validator_function(check, schema | is_strict)


@dataclasses.dataclass(frozen=True)
class Within(Rule):
    """The range and unit of a number; ``besides`` is allowed although it lies outside."""

    low: float
    high: float
    unit: str
    whole: bool = False
    besides: float | None = None

    def __str__(self) -> str:
        """Return the range in words, without the unit."""
        also = "" if self.besides is None else f", or {self.besides:g}"
        return f"{self.low:g} to {self.high:g}{also}"

    def why_not(self, value: Any) -> str:
        """Return what is allowed instead of a value, or nothing if it is (NaN never is)."""
        if not isinstance(value, numbers.Real):
            return f"a {'whole ' if self.whole else ''}number is needed"
        number: Any = value
        if number != self.besides and not self.low <= number <= self.high:
            return f"allowed is {self} ({self.unit})"
        return f"a whole number is needed ({self.unit})" if self.whole and number % 1 else ""

    def checked(self, key: str, value: float) -> float:
        """Return a value that is allowed, or refuse it."""
        if allowed := self.why_not(value):
            raise wrong(key, value, allowed)
        return value


class Shown(Rule):
    """A text that has an end, and nothing that no terminal or figure should get to see."""

    def why_not(self, value: str) -> str:
        """Return what is allowed instead of a text, or nothing if it is."""
        if len(value) > LONGEST_TEXT:
            return f"at most {LONGEST_TEXT:,} characters are read"
        unseen = {unicodedata.category(one) for one in value} & {"Cc", "Cs", "Zl", "Zp"}
        return UNSEEN if unseen else ""


@dataclasses.dataclass(frozen=True)
class Matching(Rule):
    """The form that a text has, in words and as a pattern."""

    form: str
    pattern: str

    def __str__(self) -> str:
        """Return the form in words."""
        return self.form

    def why_not(self, value: str) -> str:
        """Return what is allowed instead of a text, or nothing if it is."""
        return "" if re.fullmatch(self.pattern, value) else f"allowed is {self.form}"


@dataclasses.dataclass(frozen=True)
class OneOf(Rule):
    """The names that a text can be, or a key: then it is told ``what`` they name."""

    names: tuple[str, ...]
    what: str = ""

    def __str__(self) -> str:
        """Return the names, or what they name."""
        return self.what or ", ".join(self.names)

    def why_not(self, value: str) -> str:
        """Return what is allowed instead of a name, or nothing if it is."""
        if value in self.names:
            return ""
        return unknown(value, self.names, self.what) if self.what else among(value, self.names)


Text = Annotated[str, Field(coerce_numbers_to_str=True), Shown()]
AnyNumber = Annotated[float, Field(strict=True)]
Number = TypeVar("Number", bound=float)


@dataclass(config=RULES)
class Quantity(Generic[Number]):
    """A number that says where it comes from."""

    value: Number = Field(description="the number")
    unit: Text = Field(description="its unit")
    source: Text = Field(description='where it comes from, or the word "assumption"')
    note: Text = Field(default="", description="what else is to be known of it")


@dataclass(config=RULES)
class Ranged(Quantity[Number]):
    """A number that may be known within a range only; half of its draws lie below its value."""

    low: Number | None = Field(default=None, kw_only=True, description="the least that it may be")
    high: Number | None = Field(default=None, kw_only=True, description="the most that it may be")

    @property
    def ends(self) -> tuple[float, float] | None:
        """Return the ends of the range, or None where there is none."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @model_validator(mode="after")
    def _is_within(self) -> Self:
        if (self.low is None) != (self.high is None):
            missing = "low" if self.low is None else "high"
            refuse_within(((missing,), None, "a range needs both low and high"))
        if self.low is not None and self.high is not None and self.low > self.high:
            refuse_within((("low",), self.low, f"allowed is up to high, {self.high:g}"))
        if self.ends and not self.ends[0] <= self.value <= self.ends[1]:
            allowed = f"allowed is its range, {self.ends[0]:g} to {self.ends[1]:g} (low, high)"
            refuse_within((("value",), self.value, allowed))
        return self
