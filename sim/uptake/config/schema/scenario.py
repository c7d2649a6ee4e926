"""What an episode says: its sector, its scheme, its levers and timeline, what was observed."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from uptake.config.schema.levers import Given, Set
from uptake.config.schema.observed import OBSERVABLE, Finding, Observations
from uptake.config.schema.values import (
    RULES,
    Matching,
    OneOf,
    Quantity,
    Ranged,
    Text,
    Within,
    refuse_within,
)
from uptake.model.entities import BOUNDS
from uptake.model.episode import JOINS, LEAVES, STAYS_OUT
from uptake.model.observation import CURVES

MOST_PROVIDERS = 200
MOST_TRUSTS = 10_000_000
MONTHS = Within(1, 1200, "months", whole=True)
APPROACHED = Within(1, MOST_TRUSTS, "trusts", whole=True)
NAME = Matching("letters, digits, _ and -", "[A-Za-z0-9_-]{1,80}")
DEEDS = {"joins": JOINS, "stays_out": STAYS_OUT, "leaves": LEAVES}
STARTING = ("signed", "served", "aligned")
START = Matching("year-month, such as 2009-10", "[0-9]{4}-(0[1-9]|1[0-2])")

Number = Annotated[float, Within(1, MOST_PROVIDERS, "providers", whole=True)]
Share = Annotated[float, Within(0, 1, "share")]
Gap = Annotated[float, Within(0, 1, "0..1")]
Slack = Annotated[float, Within(0.001, 1, "share")]
ShareOfIncome = Annotated[float, Within(1e-9, 1, "share of income")]
Income = Annotated[float, Within(*BOUNDS["income_gbp"], "GBP a year")]
Threshold = Annotated[float, Within(0, 1e12, "GBP a year")]
Amount = Annotated[float, Within(0, 1e12, "GBP")]
Yearly = Annotated[float, Within(0, 1e13, "GBP a year")]


@dataclass(config=RULES)
class Kind:
    """A kind of trust: how many there are, and percentiles of their income."""

    bodies: Quantity[Annotated[float, Within(0.001, 1e9, "bodies")]] = Field(
        description="how many there are"
    )
    income_p10: Quantity[Income] = Field(description="income that 10 % are below")
    income_p50: Ranged[Income] = Field(description="median income")
    income_p90: Quantity[Income] = Field(description="income that 10 % are above")

    @model_validator(mode="after")
    def _rise(self) -> Self:
        p10, p50, p90 = (q.value for q in (self.income_p10, self.income_p50, self.income_p90))
        if not p10 <= p50 <= p90:
            allowed = f"income_p10, p50 and p90 have to rise; they are {p10:g}, {p50:g}, {p90:g}"
            refuse_within((("income_p50", "value"), p50, allowed))
        return self


@dataclass(config=RULES)
class Sector:
    """The organisations that a scheme could serve, from published figures."""

    title: Text = Field(description="the sector in words")
    body: Text = Field(
        "trust", description="what one of its organisations is called, such as council"
    )
    bodies: Text = Field("", description="what several are called; as one, with an s, if left out")
    kinds: dict[Text, Kind] = Field(min_length=1, description="kinds of trusts, by name")
    regions: Quantity[Annotated[float, Within(1, 1_000_000, "regions", whole=True)]] = Field(
        description="regions that plan by themselves"
    )
    professions: Quantity[Annotated[float, Within(1, 1000, "networks")]] = Field(
        description="networks of professions that run across the trusts"
    )
    cost_share_small: Ranged[ShareOfIncome] = Field(
        description="corporate services of trusts below large_from_gbp"
    )
    cost_share_large: Ranged[ShareOfIncome] = Field(
        description="corporate services of trusts from large_from_gbp on"
    )
    medium_from_gbp: Quantity[Threshold] = Field(
        description="income that parts small from medium trusts"
    )
    large_from_gbp: Quantity[Threshold] = Field(
        description="income that parts medium from large trusts"
    )
    cost_sigma: Ranged[Annotated[float, Within(0, 2, "log cost")]] = Field(
        description="spread of log cost between trusts of a kind"
    )
    budget_share: Ranged[ShareOfIncome] = Field(
        description="what a trust can commit outside the year's plan"
    )
    discount_rate: Ranged[Annotated[float, Within(0, 1, "per year")]] = Field(
        description="real rate at which later years count less"
    )
    slack_floor: Ranged[Slack] | None = Field(
        default=None, description="slack below which no management falls; not given: 0.05"
    )
    gap_low: Ranged[Gap] | None = Field(
        default=None, description="the least process gap of a trust; not given: 0"
    )
    gap_high: Ranged[Gap] | None = Field(
        default=None, description="the greatest, and all between are as likely; not given: 1"
    )
    middling_gap: Ranged[Annotated[float, Within(0.01, 1, "0..1")]] | None = Field(
        default=None, description="process gap for which work is planned; not given: 0.5"
    )
    middling_slack: Ranged[Slack] | None = Field(
        default=None,
        description="slack at which a trust keeps to a plan that nobody funds; not given: 0.5",
    )
    home_quality: Ranged[Share] | None = Field(
        default=None, description="quality of the trusts' own services; not given: 0.9"
    )

    @property
    def organisations(self) -> str:
        """Return what several of its organisations are called."""
        return self.bodies or f"{self.body}s"

    @model_validator(mode="after")
    def _sizes_rise(self) -> Self:
        medium, large = self.medium_from_gbp.value, self.large_from_gbp.value
        if medium > large:
            allowed = f"allowed is up to large_from_gbp, {large:g}"
            refuse_within((("medium_from_gbp", "value"), medium, allowed))
        return self

    @model_validator(mode="after")
    def _gaps_rise(self) -> Self:
        high = 1.0 if self.gap_high is None else self.gap_high.value
        if self.gap_low is not None and self.gap_low.value > high:
            allowed = f"allowed is up to gap_high, {high:g}"
            refuse_within((("gap_low", "value"), self.gap_low.value, allowed))
        return self


@dataclass(config=RULES, kw_only=True)
class Provider:
    """A provider, or a number of them that differ by nothing known."""

    title: Text = Field(description="the provider in words")
    number: Quantity[Number] | None = Field(
        default=None, description="how many of them there are; not given: one"
    )
    public_share: Ranged[Share] = Field(
        description="of its ownership: 1 public, between a joint venture, 0 private"
    )
    quality: Ranged[Share] = Field(description="quality of its service, mean over the runs")
    quality_sd: Ranged[Share] | None = Field(
        default=None, description="what is not known of its quality (sd); not given: nothing"
    )
    capacity: Ranged[Annotated[float, Within(1, 1e9, "customers")]] | None = Field(
        default=None, description="customers that it can take; not given: without limit"
    )
    invested_gbp: Ranged[Amount] | None = Field(
        default=None, description="spent before the first member; not given: nothing"
    )
    committed_gbp: Ranged[Amount] | None = Field(
        default=None, description="to be spent whether or not members come; not given: nothing"
    )
    parent_income_gbp: Ranged[Yearly] | None = Field(
        default=None, description="income of the body that it belongs to; not given: without limit"
    )
    parent_dependence_share: Ranged[Share] | None = Field(
        default=None, description="of that income, on the centre's contract; not given: nothing"
    )
    enters_later: bool = Field(default=False, description="it may enter after the launch")
    entry_month: Quantity[Annotated[float, Within(0, 1200, "months", whole=True)]] | None = Field(
        default=None,
        description="in which it enters; 0 or none: open at the launch or, if it enters_later, "
        "by chance",
    )
    running_cost_share: Ranged[Annotated[float, Within(0, 5, "share of spend")]] | None = Field(
        default=None, description="its cost of a pound of spend that it takes over; not given: 1"
    )
    fixed_cost_gbp: Ranged[Yearly] | None = Field(
        default=None, description="its cost however much it serves; not given: nothing"
    )
    planned_spend_gbp: Ranged[Yearly] | None = Field(
        default=None, description="spend that it counts on at first; not given: nothing"
    )
    ramp_months: Ranged[Annotated[float, Within(0, 1200, "months")]] | None = Field(
        default=None, description="months after its entry in which it does; not given: none"
    )


@dataclass(config=RULES)
class Event:
    """A dated row of the timeline: from this month on, these levers take these values."""

    name: Text = Field(description="a name of its own")
    month: Annotated[int, Within(0, 1200, "months")] = Field(description="months after the launch")
    date: Text = Field(description="the date in words")
    label: Text = Field(description="what happened, in few words")
    source: Text = Field(description="where that is reported")
    note: Text = Field(default="", description="what else is to be known of it")
    set: Set = Field(default_factory=dict, description="levers that it sets, by name")
    bodies: dict[Text, Annotated[Text, OneOf(tuple(DEEDS))]] = Field(
        default_factory=dict, description="what named bodies do from this month on, by name"
    )

    @property
    def acts(self) -> bool:
        """Tell whether it changes anything, or is only told."""
        return bool(self.set or self.bodies)

    def levers(self) -> dict[str, float]:
        """Return the levers that the event sets, by name."""
        return {name: quantity.value for name, quantity in self.set.items()}


@dataclass(config=RULES)
class Body:
    """A body that the scenario names. In a file of trusts it is the row of its name."""

    title: Text = Field(description="the body in words")
    kind: Text = Field(description="its kind, among those of the sector")
    region: Text | None = Field(
        default=None, description="one of pathfinder_regions; not given: drawn"
    )
    income_gbp: Quantity[Income] | None = Field(
        default=None, description="its income; not given: drawn as others of its kind"
    )


@dataclass(config=RULES)
class MembersAtStart:
    """Trusts that are members at the start: so many, or a share, or named bodies."""

    stage: Annotated[Text, OneOf(STARTING)] = Field(description="how far they are")
    number: Ranged[Annotated[float, APPROACHED]] | None = Field(
        default=None, description="how many, at random"
    )
    share: Ranged[Share] | None = Field(
        default=None, description="which part of the trusts approached, at random"
    )
    bodies: list[Text] = Field(default_factory=list, description="named bodies")
    provider: Text | None = Field(
        default=None, description="with which; not given: any that is open, with equal chance"
    )


@dataclass(config=RULES)
class Scenario:
    """An episode: its sector, its scheme, its levers and timeline, and what was observed."""

    name: Annotated[Text, NAME] = Field(description="the name of its file")
    title: Text = Field(description="the scheme in words")
    start: Annotated[Text, START] = Field(description="month of the launch")
    sector: Sector = Field(description="the trusts that it could serve")
    months: Quantity[Annotated[float, MONTHS]] = Field(description="its horizon")
    approached: Ranged[Annotated[float, APPROACHED]] = Field(description="trusts approached")
    designed_for: list[Text] = Field(description="kinds of trusts that it suits")
    scope_share: Ranged[Annotated[float, Within(1e-9, 1, "share of corporate services")]] = Field(
        description="corporate services that it covers"
    )
    providers: dict[Text, Provider] = Field(description="providers, by name")
    levers: Given = Field(description="levers at the launch, by name; not given: neutral")
    timeline: list[Event] = Field(description="what happened when")
    bodies: dict[Text, Body] = Field(
        default_factory=dict, description="bodies that rows of the timeline can name"
    )
    members_at_start: list[MembersAtStart] = Field(
        default_factory=list, description="trusts that are members at the launch"
    )
    trusts: Text | None = Field(
        default=None,
        description="a file of trusts beside this one (CSV, Parquet, Excel): they are approached "
        "unless the question says population=",
    )
    pathfinder_regions: list[Text] = Field(
        default_factory=list, description="regions that are chosen first, by name"
    )
    shows: Annotated[Text, OneOf(tuple(CURVES))] = Field(
        default="joined", description="the curve that tells its story"
    )
    observed: dict[Annotated[Text, OneOf(OBSERVABLE, "outcome")], Observations] = Field(
        default_factory=dict,
        description="what was reported in numbers, by outcome; one alone needs no list",
    )
    findings: list[Finding] = Field(
        default_factory=list, description="what was reported without a number"
    )
