"""What a configuration may hold: every type, range, unit and meaning, once.

Files, command line, page and the reference page are all read against it. Every number of a scenario
or sector is a ``Quantity``: value, unit, source (or the word "assumption"), and a note where one is
needed.
"""

from uptake.config.schema.behaviour import Behaviour, PriorDistribution, Structure
from uptake.config.schema.levers import LeverMeaning, lever_meanings
from uptake.config.schema.observed import Finding, Observation, every
from uptake.config.schema.packaged import (
    CHOSEN,
    GROUPS,
    configs_folder,
    default_structure,
    plain_of,
)
from uptake.config.schema.run import Calibration, Executor, Population, Run, Sweep
from uptake.config.schema.scenario import (
    Body,
    Event,
    Kind,
    Provider,
    Scenario,
    Sector,
)
from uptake.config.schema.values import Quantity, Ranged, Within

__all__ = [
    "CHOSEN",
    "GROUPS",
    "Behaviour",
    "Body",
    "Calibration",
    "Event",
    "Executor",
    "Finding",
    "Kind",
    "LeverMeaning",
    "Observation",
    "Population",
    "PriorDistribution",
    "Provider",
    "Quantity",
    "Ranged",
    "Run",
    "Scenario",
    "Sector",
    "Structure",
    "Sweep",
    "Within",
    "configs_folder",
    "default_structure",
    "every",
    "lever_meanings",
    "plain_of",
]
