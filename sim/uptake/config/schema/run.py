"""What a command can be asked: the scenario and choices, and how they are run."""

from __future__ import annotations

import itertools
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from uptake.config.schema.behaviour import Behaviour, Structure
from uptake.config.schema.levers import ONE_MONTH, Asked, Held, lever_within
from uptake.config.schema.scenario import APPROACHED, MONTHS, Scenario
from uptake.config.schema.tree import fields_of, within
from uptake.config.schema.values import (
    RULES,
    AnyNumber,
    OneOf,
    Quantity,
    Text,
    Within,
    refuse_within,
    refused,
)
from uptake.engine.designs import DESIGNS, MOST_POINTS
from uptake.model.levers import IMPULSES, LEVERS
from uptake.model.parameters import PARAMETER_NAMES

MOST_RUNS = 100_000_000
MOST_RUNS_TOGETHER = 10_000_000  # whose outcomes are kept in memory
SEED = Within(0, 2**63 - 1, "a whole number")
UNITS = ("checked", "as_given")  # of a file: held against what is usual in the sector, or not


def _falling(tolerances: list[float]) -> list[float]:
    """Return tolerances: shares, each smaller than the one before and the last of them 0."""
    falling = all(wide > narrow for wide, narrow in itertools.pairwise(tolerances))
    if not tolerances or not falling or tolerances[-1] != 0.0 or tolerances[0] > 1.0:
        raise refused("ever smaller shares are needed, from 1 at most down to 0")
    return tolerances


@dataclass(config=RULES)
class Population:
    """Where the trusts come from, and how many are approached."""

    source: Annotated[Text, OneOf(("synthetic", "file"))] = Field(
        description="made from the sector's figures, or read from a file"
    )
    path: Text | None = Field(
        default=None, description="the file: trusts from CSV, Parquet or Excel"
    )
    units: Annotated[Text, OneOf(UNITS)] = Field(
        default=UNITS[0],
        description="of a file: checked against the sector's, or as_given",
    )
    approached: Annotated[int, APPROACHED] | None = Field(
        default=None,
        description="how many trusts are approached; null: as the scenario says",
    )
    approached_spread: Annotated[float, Within(0, 0.95, "share")] = Field(
        default=0.0, description="0.25: from 25 % fewer to 25 % more"
    )


@dataclass(config=RULES, kw_only=True)
class Sweep:
    """How the points of a sweep are chosen, run and kept."""

    design: Annotated[Text, OneOf(DESIGNS)] = Field(
        description="grid: every combination; lhs, sobol: a sample; file: its rows"
    )
    points: Annotated[int, Within(1, MOST_POINTS, "points")] | None = Field(
        default=None, description="of a sample (lhs or sobol)"
    )
    file: Text | None = Field(
        default=None, description="with sweep.design=file: a row a point, a column a key"
    )
    axes: dict[Text, Any] = Field(
        default_factory=dict,
        description="by key: a list of values, or a range or interval as it would be typed",
    )
    runs: Annotated[int, Within(1, MOST_RUNS, "runs of a point")] | None = Field(
        default=None,
        description="of every point, with the same random numbers; null: as many as `runs`",
    )
    common_random_numbers: bool = Field(
        description="the same random numbers and behaviour at every point"
    )
    curves: Annotated[Text, OneOf(("bands", "runs"))] = Field(
        description="curves that are kept: bands of every point, or all runs"
    )
    chunk_runs: Annotated[int, Within(1, 1_000_000, "runs of a chunk")] | None = Field(
        default=None, description="of a chunk; null: as many as take a second or two"
    )
    chunks: Text = Field(description="i/n: only the i-th of n shares, for an array of jobs")
    resume: bool = Field(description="go on where it was stopped, with out=FOLDER")


@dataclass(config=RULES)
class Calibration:
    """How the posterior is computed, and how facts without a number count."""

    chains: Annotated[int, Within(1, 1000, "chains")] = Field(
        description="independent chains; their disagreement says how far the draws can be trusted"
    )
    particles: Annotated[int, Within(50, 100_000, "particles")] = Field(description="of each chain")
    pooled: list[Annotated[Text, OneOf(PARAMETER_NAMES, "parameter")]] = Field(
        description="parameters that differ between schemes around a mean that is learnt"
    )
    tolerances: Annotated[list[AnyNumber], AfterValidator(_falling)] = Field(
        description="error that is added to every reading, as a share of the bodies approached (or "
        "of the number itself), stage by stage"
    )
    matches: Annotated[int, Within(2, 1000, "runs")] = Field(
        description="a particle is run until so many runs match"
    )
    most_runs: Annotated[int, Within(10, 1_000_000, "runs")] = Field(
        description="but no longer than this"
    )
    error_rate: Quantity[Annotated[float, Within(1e-6, 0.5, "probability")]] = Field(
        description="that a direction was reported which was not so"
    )
    resume: bool = Field(description="go on where it was stopped, with out=FOLDER")
    histories: list[Text] = Field(
        default_factory=list,
        description="scenarios that are fitted, and pooled with the others as parameters.draws has "
        "them; none: with --config-dir those in it, else all; of which something was reported",
    )


@dataclass(config=RULES)
class Explain:
    """What may have kept a scheme from its target, and what that is compared with."""

    causes: list[Text] = Field(
        default_factory=list, description="those that are asked; none: all of configs/causes.yaml"
    )
    months: Annotated[int, MONTHS] | None = Field(
        default=None, description="by when, if it is given time; null: as the causes say"
    )
    levers: Held = Field(
        default_factory=dict, description="other references than the causes', by lever"
    )
    parameters: dict[Text, Annotated[float, Within(0, 1e6, "value")]] = Field(
        default_factory=dict, description="other references than the causes', by parameter"
    )


def _interval(ends: list[float]) -> list[float]:
    """Return the two ends of an interval, the lower first."""
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise refused("two numbers are needed, the lower first, as [0,35000]")
    return ends


def _within_levers(given: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return intervals of levers that lie within what each can be."""
    refuse_within(
        *(
            ((name,), end, allowed)
            for name, ends in given.items()
            for end in ends
            if (allowed := ONE_MONTH if name in IMPULSES else lever_within("", name).why_not(end))
        )
    )
    return given


_Interval = Annotated[list[AnyNumber], AfterValidator(_interval)]
_Ranges = Annotated[
    dict[Annotated[Text, OneOf(tuple(LEVERS.names or ()), "lever")], _Interval],
    AfterValidator(_within_levers),
]


@dataclass(config=RULES, kw_only=True)
class Sensitivity:
    """What is asked of how far each uncertain input moves the expected outcome."""

    outcome: Text | None = Field(
        default=None,
        description="whose variance is shared out; null: of the target, if one is typed, else the "
        "outcome that tells the scenario's story",
    )
    runs: Annotated[int, Within(1, MOST_RUNS_TOGETHER, "runs")] = Field(
        description="of all inputs together"
    )
    levers: _Ranges = Field(
        default_factory=dict,
        description="that are inputs too: each uniform between two numbers, [0,35000], throughout",
    )


@dataclass(config=RULES)
class Publish:
    """Which levers a published file moves, and how finely it is computed."""

    points: Annotated[int, Within(200, 20_000, "points")] = Field(
        description="that are computed at most, those included at which interpolation is tried"
    )
    within: Annotated[float, Within(1e-9, 1e12, "units of the outcome shown")] | None = Field(
        default=None,
        description="how far the mean may be off between points; null: one body, or of what is not "
        "counted a hundredth of its range",
    )
    levers: list[Text] = Field(
        default_factory=list,
        description="at most four; none: those of the scheme that matter most, which is worked out",
    )
    ranges: _Ranges = Field(
        default_factory=dict,
        description="lowest and highest value, by lever; as far as its slider goes, if left out",
    )


@dataclass(config=RULES, kw_only=True)
class Decide:
    """What it would take, and which options are held against one another."""

    levers: list[Text] = Field(
        default_factory=list,
        description="those that are asked, 6 at most; none: of configs/decide.yaml those that "
        "bring it nearest to the target",
    )
    ranges: _Ranges = Field(
        default_factory=dict, description="other ranges than the levers' own, as [0, 50000]"
    )
    chance: Annotated[float, Within(0.01, 0.99, "probability")] = Field(
        description="with which the target is to be reached"
    )
    options: dict[Text, Held] = Field(
        default_factory=dict, description="options by name, each levers that are held throughout"
    )


@dataclass(config=RULES)
class Executor:
    """Where the chunks of a sweep are worked on."""

    name: Annotated[Text, OneOf(("threads", "dask"))] = Field(description="the name of its file")
    address: Text | None = Field(
        default=None, description="tcp://HOST:PORT of a Dask scheduler; null: one is started"
    )


@dataclass(config=RULES, kw_only=True)
class Run:
    """Everything that a command can be asked."""

    scenario: Scenario = Field(description="an episode of configs/scenario or of --config-dir")
    structure: Structure = Field(description="a variant of the model's structure")
    parameters: Behaviour = Field(
        description="prior: behaviour before anything was inferred, or posterior"
    )
    population: Population = Field(
        description="synthetic, or file: trusts from CSV, Parquet or Excel"
    )
    levers: Held = Field(
        default_factory=dict,
        description="overrides: levers set throughout (configs/levers.yaml lists them)",
    )
    without: list[Text] = Field(
        default_factory=list, description="leave events of the timeline out"
    )
    timeline: dict[Text, Asked] = Field(
        default_factory=dict, description="what an event sets; the event may be launch"
    )
    draws: Annotated[Text, OneOf(("happened", "again", "new"))] | None = Field(
        default=None,
        description="of a scheme with a history: as it happened, or tried again; new: as if nobody "
        "had tried it; null: as it happened, if it did, and new otherwise",
    )
    fix: Annotated[Text, OneOf(("assumptions",))] | None = Field(
        default=None, description="assumptions: each at its value; null: drawn from their ranges"
    )
    months: Annotated[int, MONTHS] | None = Field(
        default=None, description="horizon; null: the scenario's"
    )
    target: Text | None = Field(
        default=None,
        description="what is to be reached: a number of the outcome shown, break_even, or an "
        "outcome with a number, as 'joined>=25'; null: what the centre aims at, if at anything",
    )
    variants: list[Text] = Field(
        default_factory=list, description="variants of the structure side by side; [all]: all"
    )
    sweep: Sweep = Field(description="how a sweep (uptake run -m) is run")
    executor: Executor = Field(description="threads, or dask: a cluster")
    calibration: Calibration = Field(description="how uptake calibrate infers behaviour")
    explain: Explain = Field(description="what uptake explain holds a scheme against")
    publish: Publish = Field(description="what uptake publish computes")
    sensitivity: Sensitivity = Field(description="what uptake sensitivity shares out")
    decide: Decide = Field(description="what uptake decide asks")
    runs: Annotated[int, Within(1, MOST_RUNS, "runs")] = Field(description="runs of every question")
    seed: Annotated[int, SEED] = Field(description="of all random numbers")
    threads: Annotated[int, Within(1, 1024, "threads")] | None = Field(
        default=None, description="usual: as many as the machine has"
    )
    figures: bool = Field(default=True, description="whether figures are drawn; false: none")
    out: Text | None = Field(default=None, description="where results go")
    asked: list[str] = Field(
        default_factory=list, description="as typed on the command line, for the record"
    )


def meaning_of(key: str) -> str:
    """Return what a key of a configuration is."""
    *above, name = key.split(".")
    return str(fields_of(within(Run, above))[name].description)
