"""Keys that have another name now: the former one works for one version, with a warning."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from uptake.errors import FormerName, InputError

# What a key was called before, and its name now, in the same group.
FORMER_KEYS = {
    "calibration.points": "calibration.particles",
    "calibration.points_left_out": "calibration.particles_left_out",
    "calibration.searches": "calibration.chains",
    "calibration.windows": "calibration.tolerances",
}


def under_present_names(plain: Mapping[str, Any], typed: Iterable[str] = ()) -> dict[str, Any]:
    """Return a configuration in which no key has its former name.

    Parameters
    ----------
    plain
        What files and command line say. A former key overrules what its present one has.
    typed
        The keys on the command line.

    Raises
    ------
    InputError
        A key is typed under both of its names.
    """
    found, keys = dict(plain), set(typed)
    for before, now in FORMER_KEYS.items():
        group, _, name = before.rpartition(".")
        held = found.get(group)
        if not isinstance(held, Mapping) or name not in held:
            continue
        if {before, now} <= keys:
            raise InputError(f"{before}: the former name of {now}, which is given too; drop it")
        told = f"{before} is called {now}; the former name goes with the next version"
        warnings.warn(told, FormerName, stacklevel=2)
        rest = {key: value for key, value in held.items() if key != name}
        found[group] = rest | {now.rpartition(".")[2]: held[name]}
    return found
