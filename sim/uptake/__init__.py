"""uptake: an agent-based laboratory for the adoption of shared services.

>>> import uptake as up
>>> base = up.scenario()
>>> base.set(upfront_fee_gbp=10_000).run(10, seed=1)["joined"].quantile(0.5)  # doctest: +SKIP

Of the source, read ``model`` in the order of the ODD protocol: ``entities``, ``parameters``,
``levers``, ``episode``, ``rules/trusts``, ``initialization``, ``schedule``, ``observation``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from uptake.version import __version__ as __version__

# Linear algebra here is small: on one thread it is faster, and its sums have one order anywhere.
# It must be said before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

if TYPE_CHECKING:
    from uptake.api import InputError as InputError
    from uptake.api import Model as Model
    from uptake.api import Result as Result
    from uptake.api import SavedRun as SavedRun
    from uptake.api import Scenario as Scenario
    from uptake.api import Stopped as Stopped
    from uptake.api import SweepTables as SweepTables
    from uptake.api import experiment as experiment
    from uptake.api import experiments as experiments
    from uptake.api import ledger as ledger
    from uptake.api import open_run as open_run
    from uptake.api import open_sweep as open_sweep
    from uptake.api import scenario as scenario
    from uptake.api import scenarios as scenarios
    from uptake.api import sweep as sweep

__all__ = [  # of uptake.api, which is imported when one of them is asked for
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


def __getattr__(name: str) -> Any:
    """Return a name of the public interface; commands that need none of it start at once."""
    if name not in __all__:
        raise AttributeError(f"module 'uptake' has no attribute {name!r}")
    from uptake import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
