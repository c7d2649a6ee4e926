"""What a configuration may hold: the schema that Hydra checks every file and override against.

Every number of a scenario or sector is a ``Quantity``: value, unit, source (or the word
"assumption"), and a note where one is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from omegaconf import MISSING, OmegaConf

from uptake.model.levers import LEVERS

# Of which a file is chosen by its name.
GROUPS = ("scenario", "structure", "parameters", "population", "executor")
CHOSEN = (*GROUPS, "experiment")


@dataclass
class Quantity:
    """A number that says where it comes from."""

    value: float = MISSING
    unit: str = MISSING
    source: str = MISSING
    note: str = ""


@dataclass
class Observation(Quantity):
    """An outcome as it was reported, at a month after the launch.

    ``fit`` says what calibration takes from it: that a count is met ``exactly``, that a quantity is
    reached (``at_least``), or nothing (``none``).
    """

    month: int = MISSING
    fit: str = "none"


@dataclass
class Event:
    """A dated row of the timeline: from this month on, these levers take these values."""

    name: str = MISSING
    month: int = MISSING
    date: str = MISSING
    label: str = MISSING
    source: str = MISSING
    note: str = ""
    set: dict[str, Quantity] = field(default_factory=dict)

    def levers(self) -> dict[str, float]:
        """Return the levers that the event sets, by name."""
        return {name: quantity.value for name, quantity in self.set.items()}


@dataclass
class Kind:
    """A kind of trust: how many there are, and percentiles of their income."""

    bodies: Quantity = MISSING
    income_p10: Quantity = MISSING
    income_p50: Quantity = MISSING
    income_p90: Quantity = MISSING


@dataclass
class Sector:
    """The organisations that a scheme could serve, from published figures."""

    title: str = MISSING
    kinds: dict[str, Kind] = MISSING
    regions: Quantity = MISSING
    professions: Quantity = MISSING
    cost_share_small: Quantity = MISSING
    cost_share_large: Quantity = MISSING
    medium_from_gbp: Quantity = MISSING
    large_from_gbp: Quantity = MISSING
    cost_sigma: Quantity = MISSING
    budget_share: Quantity = MISSING
    discount_rate: Quantity = MISSING


@dataclass
class Provider:
    """A provider, or a number of them that differ by nothing known, and where its facts are from.

    What is left out is nil; capacity and the parent's income are then without limit.
    """

    title: str = MISSING
    number: Quantity | None = None
    public_share: Quantity = MISSING
    quality: Quantity = MISSING
    quality_sd: Quantity | None = None
    capacity: Quantity | None = None
    invested_gbp: Quantity | None = None
    committed_gbp: Quantity | None = None
    parent_income_gbp: Quantity | None = None
    parent_dependence_share: Quantity | None = None
    enters_later: bool = False


@dataclass
class Finding:
    """What was reported without a number: two of an outcome that is larger, another that is
    smaller, and a threshold.
    """

    statement: str = MISSING
    source: str = MISSING
    note: str = ""
    foreseen: bool = False  # a warning or forecast, not what came about
    larger: str | None = None
    smaller: str | None = None
    than: Quantity | None = None


@dataclass
class Scenario:
    """An episode: its sector, its scheme, its levers and timeline, and what was observed."""

    name: str = MISSING
    title: str = MISSING
    start: str = MISSING  # year-month of the launch
    sector: Sector = MISSING
    months: Quantity = MISSING
    approached: Quantity = MISSING
    designed_for: list[str] = MISSING
    scope_share: Quantity = MISSING
    providers: dict[str, Provider] = MISSING
    pathfinder_regions: list[str] = field(default_factory=list)  # chosen first, if they are named
    levers: dict[str, Quantity] = MISSING
    timeline: list[Event] = MISSING
    shows: str = "joined"  # the curve that tells its story
    observed: dict[str, Observation] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class PriorDistribution:
    """What is known of a parameter before any inference; ``value`` holds it fixed."""

    meaning: str = MISSING
    distribution: str = MISSING
    unit: str = MISSING
    source: str = MISSING
    note: str = ""
    value: float | None = None
    mean: float | None = None
    median: float | None = None
    sd: float | None = None
    sigma: float | None = None
    a: float | None = None
    b: float | None = None


@dataclass
class Behaviour:
    """The parameters that every episode shares; ``draws`` is a folder, with a table a structure."""

    name: str = MISSING
    title: str = MISSING
    draws: str | None = None  # None: the priors
    priors: dict[str, PriorDistribution] = MISSING


@dataclass
class Structure:
    """A named variant of the model's structure."""

    name: str = MISSING
    peers: str = MISSING
    pressure_on_attention: bool = MISSING
    evidence_shared: bool = MISSING
    declined_report_interest: bool = MISSING


@dataclass
class Population:
    """Where the trusts come from, and how many are approached."""

    source: str = MISSING
    path: str | None = None
    units: str = "checked"  # of a file, against the sector's; "as_given": they are meant so
    approached: int | None = None
    approached_spread: float = 0.0


# A lever that is left at None is as the scenario and its timeline have it.
PinnedLevers = make_dataclass(
    "PinnedLevers", [(name, float | None, None) for name in LEVERS.names or ()]
)


@dataclass
class Sweep:
    """How the points of a sweep are chosen, run and kept."""

    design: str = MISSING
    points: int | None = None  # of a sample
    file: str | None = None  # of the design "file": a row a point
    axes: dict[str, Any] = field(default_factory=dict)  # by key: values, or text as it is typed
    runs: int | None = None  # of every point; None: as many as of a single question
    common_random_numbers: bool = MISSING  # the same luck and behaviour at every point
    curves: str = MISSING  # "bands" by point, or all "runs"
    chunk_runs: int | None = None  # None: as many as take a second or two
    chunks: str = MISSING  # "i/n": the i-th of n shares of the chunks
    resume: bool = MISSING


@dataclass
class Calibration:
    """How thoroughly the posterior is sought, and how facts without a number count."""

    searches: int = MISSING  # independent of one another
    points: int = MISSING  # of each search
    points_left_out: int = MISSING  # the same, where an episode is left out
    windows: list[float] = MISSING
    matches: int = MISSING
    most_runs: int = MISSING
    error_rate: Quantity = MISSING
    resume: bool = MISSING


@dataclass
class Executor:
    """Where the chunks of a sweep are worked on."""

    name: str = MISSING
    address: str | None = None  # of a Dask scheduler; None: one is started


@dataclass
class Run:
    """Everything that ``uptake run`` can be asked."""

    scenario: Scenario = MISSING
    structure: Structure = MISSING
    parameters: Behaviour = MISSING
    population: Population = MISSING
    levers: PinnedLevers = field(default_factory=PinnedLevers)  # type: ignore[valid-type]
    without: list[str] = field(default_factory=list)  # events of the timeline to leave out
    timeline: dict[str, dict[str, float]] = field(
        default_factory=dict
    )  # by event: see uptake.config.moves
    months: int | None = None  # horizon; None: the scenario's
    variants: list[str] = field(default_factory=list)  # structures to show side by side
    sweep: Sweep = field(default_factory=Sweep)
    executor: Executor = MISSING
    calibration: Calibration = field(default_factory=Calibration)
    runs: int = MISSING
    seed: int = MISSING
    threads: int | None = None  # None: as many as the machine has
    out: str | None = None  # folder for the results; None: a new one under outputs/
    asked: list[str] = field(default_factory=list)  # as typed on the command line, for the record


@dataclass
class LeverMeaning:
    """What a lever is, the value at which it does nothing, and what it can be."""

    meaning: str = MISSING
    unit: str = MISSING
    neutral: float = MISSING
    low: float = MISSING
    high: float = MISSING
    whole: bool = False  # only whole numbers make sense
    usual: float | None = None  # as far as a slider goes; None: to ``high``
    group: str = MISSING  # whose lever it is, for a reader


def configs_folder() -> Path:
    """Return the folder of configurations: inside the installed package, or beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent.parent / "configs"


@cache
def default_structure() -> dict[str, Any]:
    """Return the switches of the default structure, by name."""
    raw: Any = OmegaConf.load(configs_folder() / "structure" / "default.yaml")
    return {str(name): raw[name] for name in raw}


@cache
def lever_meanings() -> dict[str, LeverMeaning]:
    """Return what ``configs/levers.yaml`` says of every lever, by name."""
    raw: Any = OmegaConf.load(configs_folder() / "levers.yaml")
    schema = OmegaConf.structured(LeverMeaning)
    meanings: dict[str, Any] = {
        str(name): OmegaConf.to_object(OmegaConf.merge(schema, raw[name])) for name in raw
    }
    return meanings


def register() -> None:
    """Make the schema known to Hydra under the names that the configuration files use."""
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(name="run_schema", node=Run)
