"""uptake: an agent-based laboratory for the adoption of shared services.

>>> import uptake as up
>>> base = up.scenario()
>>> base.set(upfront_fee_gbp=10_000).run(10, seed=1)["joined"].quantile(0.5)  # doctest: +SKIP

Of the source, read ``model`` in the order of the ODD protocol: ``entities``, ``parameters``,
``levers``, ``episode``, ``rules/trusts``, ``initialization``, ``schedule``, ``observation``.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from uptake.version import __version__ as __version__

# Linear algebra here is small: on one thread it is faster, and its sums have one order anywhere.
# It must be said before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

if TYPE_CHECKING:
    from uptake.api.calibrate import calibrate as calibrate
    from uptake.api.calibrated import CalibrationResult as CalibrationResult
    from uptake.api.catalogue import experiment as experiment
    from uptake.api.catalogue import experiments as experiments
    from uptake.api.catalogue import scenario as scenario
    from uptake.api.catalogue import scenarios as scenarios
    from uptake.api.decision import Decision as Decision
    from uptake.api.explanation import Explanation as Explanation
    from uptake.api.mechanisms import ledger as ledger
    from uptake.api.mesa import Model as Model
    from uptake.api.points import sweep as sweep
    from uptake.api.result import Result as Result
    from uptake.api.scheme import Scenario as Scenario
    from uptake.api.sensitivity import SensitivityResult as SensitivityResult
    from uptake.api.skill import SkillResult as SkillResult
    from uptake.api.skill import skill as skill
    from uptake.errors import InputError as InputError
    from uptake.errors import Stopped as Stopped
    from uptake.results.reading import SweepTables as SweepTables
    from uptake.results.reading import open_sweep as open_sweep
    from uptake.results.saved import SavedRun as SavedRun
    from uptake.results.saved import open_run as open_run

# Where the names of the public interface are, which is loaded when one of them is asked for.
_PLACES = {
    "CalibrationResult": "uptake.api.calibrated",
    "Decision": "uptake.api.decision",
    "Explanation": "uptake.api.explanation",
    "InputError": "uptake.errors",
    "Model": "uptake.api.mesa",
    "Result": "uptake.api.result",
    "SavedRun": "uptake.results.saved",
    "Scenario": "uptake.api.scheme",
    "SensitivityResult": "uptake.api.sensitivity",
    "SkillResult": "uptake.api.skill",
    "Stopped": "uptake.errors",
    "SweepTables": "uptake.results.reading",
    "calibrate": "uptake.api.calibrate",
    "experiment": "uptake.api.catalogue",
    "experiments": "uptake.api.catalogue",
    "ledger": "uptake.api.mechanisms",
    "open_run": "uptake.results.saved",
    "open_sweep": "uptake.results.reading",
    "scenario": "uptake.api.catalogue",
    "scenarios": "uptake.api.catalogue",
    "skill": "uptake.api.skill",
    "sweep": "uptake.api.points",
}
__all__ = [
    "CalibrationResult",
    "Decision",
    "Explanation",
    "InputError",
    "Model",
    "Result",
    "SavedRun",
    "Scenario",
    "SkillResult",
    "Stopped",
    "SweepTables",
    "calibrate",
    "experiment",
    "experiments",
    "ledger",
    "open_run",
    "open_sweep",
    "scenario",
    "scenarios",
    "skill",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Return a name of the public interface; commands that need none of it start at once."""
    if name not in _PLACES:
        raise AttributeError(f"module 'uptake' has no attribute {name!r}")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__", "model"])
