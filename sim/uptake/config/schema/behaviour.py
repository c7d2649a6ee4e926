"""Behaviour that every episode shares, and variants of the model's structure."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from uptake.config.schema.values import RULES, AnyNumber, OneOf, Text, Within, refuse_within
from uptake.model.parameters import DISTRIBUTIONS, PARAMETER_NAMES

# What a parameter can be by its distribution: held fixed, and as one of many draws.
HELD = {
    "lognormal": (1e-6, 100.0),
    "normal": (-100.0, 100.0),
    "half_normal": (0.0, 100.0),
    "positive_normal": (0.0, 100.0),
    "beta": (0.0, 1.0),
}
DRAWN = {
    "lognormal": (0.0, 1e6),
    "normal": (-1e6, 1e6),
    "half_normal": (0.0, 1e6),
    "positive_normal": (0.0, 1e6),
    "beta": (0.0, 1.0),
}
_UNIT = "the parameter's unit"

_Spread = Annotated[float, Within(1e-9, 20, _UNIT)]
_Shape = Annotated[float, Within(0.01, 1e4, "no unit")]


@dataclass(config=RULES)
class PriorDistribution:
    """What is known of a parameter before any inference."""

    meaning: Text = Field(description="what it is")
    distribution: Annotated[Text, OneOf(tuple(DISTRIBUTIONS))] = Field(
        description="the form of its distribution"
    )
    unit: Text = Field(description="its unit")
    source: Text = Field(description='where that is from, or the word "assumption"')
    note: Text = Field(default="", description="what else is to be known of it")
    value: AnyNumber | None = Field(
        default=None, description="holds it fixed; within what its distribution allows"
    )
    mean: Annotated[float, Within(-100, 100, _UNIT)] | None = Field(
        default=None, description="mean, of a normal"
    )
    median: Annotated[float, Within(1e-6, 100, _UNIT)] | None = Field(
        default=None, description="median, of a lognormal"
    )
    sd: _Spread | None = Field(default=None, description="standard deviation, of a normal")
    sigma: Annotated[float, Within(1e-9, 3, "log unit")] | None = Field(
        default=None, description="standard deviation of the logarithm, of a lognormal"
    )
    a: _Shape | None = Field(default=None, description="first shape, of a beta distribution")
    b: _Shape | None = Field(default=None, description="second shape, of a beta distribution")

    @property
    def held(self) -> Within:
        """Return what the parameter can be held at."""
        return Within(*HELD[self.distribution], self.unit)

    @model_validator(mode="after")
    def _fits_its_distribution(self) -> Self:
        for argument in DISTRIBUTIONS[self.distribution][1]:
            if getattr(self, argument) is None:
                told = f"a number is needed for a {self.distribution}"
                refuse_within(((argument,), None, told))
        if self.value is not None and (allowed := self.held.why_not(self.value)):
            refuse_within((("value",), self.value, allowed))
        return self


@dataclass(config=RULES)
class Behaviour:
    """The parameters that every episode shares."""

    name: Text = Field(description="the name of its file")
    title: Text = Field(description="where they come from, in words")
    priors: dict[Annotated[Text, OneOf(PARAMETER_NAMES, "parameter")], PriorDistribution] = Field(
        description="what is known of every parameter, by name"
    )
    draws: Text | None = Field(
        default=None, description="a folder of draws, a table a structure; null: of the priors"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        missing = [name for name in PARAMETER_NAMES if name not in self.priors]
        refuse_within(*((("priors", name), None, "every parameter needs one") for name in missing))
        return self


@dataclass(config=RULES)
class Structure:
    """A named variant of the model's structure."""

    name: Text = Field(description="the name of its file")
    peers: Annotated[Text, OneOf(("nation", "region", "profession"))] = Field(
        description="whose joining and savings a trust sees"
    )
    taste: Annotated[Text, OneOf(("lasting", "fresh"))] = Field(
        description="how long a trust is as hard to convince: for good, or until its next look"
    )
    evidence_shared: bool = Field(
        description="peers see the savings of members; false: they stay with them"
    )
    declined_report_interest: bool = Field(
        description="a trust that declined still counts as interested"
    )
