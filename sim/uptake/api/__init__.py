"""The public interface: what a notebook, the commands and the page do, they do through this."""

from uptake.api.mechanisms import ledger
from uptake.api.mesa import Model
from uptake.api.points import sweep
from uptake.api.result import Result
from uptake.api.scheme import Scenario, experiment, experiments, scenario, scenarios
from uptake.errors import InputError, Stopped
from uptake.results.reading import SweepTables, open_sweep
from uptake.results.saved import SavedRun, open_run

__all__ = [
    "InputError",
    "Model",
    "Result",
    "SavedRun",
    "Scenario",
    "Stopped",
    "SweepTables",
    "experiment",
    "experiments",
    "ledger",
    "open_run",
    "open_sweep",
    "scenario",
    "scenarios",
    "sweep",
]
