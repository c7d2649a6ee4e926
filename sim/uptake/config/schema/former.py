"""Keys of before: a former name works for one version, with a warning; what is gone is refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from uptake.errors import FormerName, InputError
from uptake.model.observation import FORMER_NAMES

# What a key was called before, and its name now, in the same group.
FORMER_KEYS = {
    "calibration.points": "calibration.particles",
    "calibration.searches": "calibration.chains",
    "calibration.windows": "calibration.tolerances",
}
# What is read and does nothing any more, and why.
_LEFT_OUT = "each history is left out of the pool without new runs"
IDLE_KEYS = {
    "calibration.particles_left_out": _LEFT_OUT,
    "calibration.points_left_out": _LEFT_OUT,
}
# What an observation said of how it is fitted.
FORMER_FITS: dict[str, dict[str, Any]] = {
    "exactly": {"fit": True},
    "at_least": {"fit": True, "bound": "at_least"},
    "none": {"fit": False},
}
NEVER = 1_000_000  # months
# Levers that another one replaces, where they are held throughout: its name and its value.
FORMER_LEVERS: dict[str, tuple[str, Callable[[float], float]]] = {
    "deadline_months": ("deadline_month", lambda months: months if months > 0 else NEVER),
    "service_open": ("opens_month", lambda is_open: 0 if is_open == 1 else NEVER),
}
# What no key replaces, by group, and what says it now.
GONE = {
    "levers": {
        "deadline_months": "deadline_month says in which month the time ends (1000000: never)",
        "service_open": "opens_month says when the service opens (0: at once, 1000000: never)",
        "timetable_slip": "what is late is opens_month, for a service, and the parameter pace, for "
        "the work of aligning",
    },
    "parameters.priors": {
        "pressure_weight": "pressure makes trusts look; what it threatens is the lever "
        "sanction_share",
        "quality_weight": "poor quality does harm, against home_quality of the sector",
        "migration_per_month": "the lever migration_months is the plan, pace how it is kept",
        "disruption_cost_share": "an open gap costs quality: open_gap_harm",
    },
    "structure": {"pressure_on_attention": "pressure works on attention alone"},
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
        A key is typed under both of its names, or nothing replaces it.
    """
    found, keys = dict(plain), set(typed)
    for before, now in FORMER_KEYS.items():
        group, _, name = before.rpartition(".")
        held = found.get(group)
        if not isinstance(held, Mapping) or name not in held:
            continue
        if {before, now} <= keys:
            raise _given_twice(before, now)
        _warn(before, now)
        rest = {key: value for key, value in held.items() if key != name}
        found[group] = rest | {now.rpartition(".")[2]: held[name]}
    for idle, why in IDLE_KEYS.items():
        group, _, name = idle.rpartition(".")
        held = found.get(group)
        if isinstance(held, Mapping) and name in held:
            warnings.warn(f"{idle} does nothing any more: {why}", FormerName, stacklevel=2)
            found[group] = {key: value for key, value in held.items() if key != name}
    scenario = found.get("scenario")
    if isinstance(scenario, Mapping):
        levers = _levers_now("scenario.levers", scenario.get("levers"), _moved(scenario))
        scenario = {**scenario, "levers": levers} if levers else scenario
        found["scenario"] = {**scenario, **_outcomes_now(scenario)}
    if found.get("levers"):
        found["levers"] = _levers_now("levers", found["levers"], set())
    for key, group, held in _groups(found):
        for name in GONE[group].keys() & held.keys():
            if held[name] is not None:
                raise InputError(f"{key}.{name}: it is gone; {GONE[group][name]}")
    return found


def _given_twice(before: str, now: str) -> InputError:
    return InputError(f"{before}: the former name of {now}, which is given too; drop it")


def _warn(before: str, now: str) -> None:
    told = f"{before} is called {now}; the former name goes with the next version"
    warnings.warn(told, FormerName, stacklevel=3)


def _moved(scenario: Mapping[str, Any]) -> set[str]:
    """Return the levers that the timeline of a scenario moves."""
    return {name for event in _events(scenario) for name in event["set"]}


def _events(scenario: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the events of a scenario that set levers; what is none is refused later."""
    events = scenario.get("timeline")
    for event in events if isinstance(events, list) else ():
        if isinstance(event, Mapping) and isinstance(event.get("set"), Mapping):
            yield event


def _levers_now(key: str, given: Any, moved: set[str]) -> Any:
    """Return levers under their present names, but for those that the timeline moves."""
    if not isinstance(given, Mapping):
        return given
    levers = dict(given)
    for before, (now, value_of) in FORMER_LEVERS.items():
        held = levers.get(before)
        is_quantity = isinstance(held, Mapping)
        value = held.get("value") if isinstance(held, Mapping) else held
        if isinstance(value, bool) or not isinstance(value, int | float) or before in moved:
            continue
        if levers.get(now) is not None:
            raise _given_twice(f"{key}.{before}", f"{key}.{now}")
        _warn(f"{key}.{before}", f"{key}.{now}")
        present = value_of(value)
        levers[now] = {**levers[before], "value": present} if is_quantity else present
        del levers[before]
    return levers


def _outcomes_now(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a scenario shows, observed and found, with the outcomes' present names."""
    shows, observed, findings = (scenario.get(key) for key in ("shows", "observed", "findings"))
    made: dict[str, Any] = {}
    if shows in FORMER_NAMES:
        made["shows"] = _outcome_now("scenario.shows", shows)
    if isinstance(observed, Mapping):
        made["observed"] = {
            _outcome_now("scenario.observed", name): [_fit_now(name, one) for one in seen]
            if isinstance(seen, list)
            else _fit_now(name, seen)
            for name, seen in observed.items()
        }
    if isinstance(findings, list):
        made["findings"] = [
            {
                key: _outcome_now(f"scenario.findings[{i}]", value)
                if key in ("larger", "smaller")
                else value
                for key, value in finding.items()
            }
            if isinstance(finding, Mapping)
            else finding
            for i, finding in enumerate(findings)
        ]
    return made


def _outcome_now(key: str, name: Any) -> Any:
    """Return the present name of an outcome, with a warning if it was given by its former one."""
    now = FORMER_NAMES.get(name, name) if isinstance(name, str) else name
    if now != name:
        _warn(f"{key}: {name}", now)
    return now


def _fit_now(name: str, seen: Any) -> Any:
    """Return an observation that says as today what calibration takes from it."""
    if not isinstance(seen, Mapping) or seen.get("fit") not in FORMER_FITS:
        return seen
    key, before = f"scenario.observed.{name}.fit", seen["fit"]
    present = FORMER_FITS[before]
    _warn(f"{key}: {before}", ", ".join(f"{one}: {said}" for one, said in present.items()).lower())
    return {
        **seen,
        **{one: said for one, said in present.items() if seen.get(one) is None or one == "fit"},
    }


def _groups(plain: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the groups of which keys are gone: where each stands, what it is, what it holds."""
    scenario, moves = plain.get("scenario"), plain.get("timeline")
    at: list[tuple[str, str, Any]] = [
        ("levers", "levers", plain.get("levers")),
        ("structure", "structure", plain.get("structure")),
    ]
    if isinstance(plain.get("parameters"), Mapping):
        priors = "parameters.priors"
        at.append((priors, priors, plain["parameters"].get("priors")))
    if isinstance(scenario, Mapping):
        at.append(("scenario.levers", "levers", scenario.get("levers")))
        at += [
            (f"scenario.timeline.{event.get('name')}.set", "levers", event["set"])
            for event in _events(scenario)
        ]
    if isinstance(moves, Mapping):
        at += [(f"timeline.{event}", "levers", values) for event, values in moves.items()]
    yield from ((key, group, held) for key, group, held in at if isinstance(held, Mapping))
