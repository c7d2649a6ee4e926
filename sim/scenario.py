"""From a checked configuration to an episode that can be run, and to what is said about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from sim._jit import Records
from sim.configuration import Event, Observation, Quantity, Run, lever_meanings
from sim.errors import InputError, one_of, refusal, within
from sim.inputs import IMPULSES, LEVERS, NATION, REGION_ONLY, SECTOR, STRUCTURE, Episode, lever_path
from sim.observation import OUTCOMES
from sim.parameters import DISTRIBUTIONS, PARAMETERS, Prior
from sim.population import People, people_of

MOST_MONTHS = 1200
MOST_RUNS = 100_000_000
_PEERS = {"nation": NATION, "region": REGION_ONLY}


@dataclass(frozen=True)
class Case:
    """A question ready to be run, with the names and sentences that its answer needs."""

    config: Run
    episode: Episode
    priors: dict[str, Prior]
    people: People
    events: list[Event]
    pinned: dict[str, float]  # levers set by the user

    @property
    def months(self) -> int:
        """Return the horizon in months."""
        return len(self.episode.levers) - 1

    @property
    def observed(self) -> dict[str, Observation]:
        """Return what was observed, by outcome."""
        return self.config.scenario.observed


def _check_levers(key: str, values: dict[str, float]) -> dict[str, float]:
    """Return levers with known names and values within their ranges."""
    meanings = lever_meanings()
    for name, value in values.items():
        one_of(f"{key}, lever", name, meanings)
        meaning = meanings[name]
        within(f"{key}.{name}", value, meaning.low, meaning.high, meaning.unit)
    return values


def pinned_levers(config: Run) -> dict[str, float]:
    """Return the levers that the user set, by name."""
    chosen = {name: getattr(config.levers, name) for name in LEVERS.names or ()}
    return _check_levers("levers", {n: v for n, v in chosen.items() if v is not None})


def timeline(config: Run) -> list[Event]:
    """Return the events that take place, in the order of their months."""
    events = config.scenario.timeline
    names = [event.name for event in events]
    for name in config.without:
        one_of("without", name, names)
    for event in events:
        within(f"timeline.{event.name}.month", event.month, 0, MOST_MONTHS, "months")
        _check_levers(f"timeline.{event.name}.set", event.set)
    kept = [event for event in events if event.name not in config.without]
    return sorted(kept, key=lambda event: event.month)


def _levers(config: Run, events: list[Event], pinned: dict[str, float]) -> Records:
    """Return the levers month by month."""
    given = {name: quantity.value for name, quantity in config.scenario.levers.items()}
    _check_levers("scenario.levers", given)
    for name in IMPULSES:
        if name in given:
            allowed = "news acts in one month: allowed in a row of the timeline only"
            raise InputError(refusal(f"scenario.levers.{name}", given[name], allowed))
    neutral = {name: meaning.neutral for name, meaning in lever_meanings().items()}
    months = config.months
    if months is None:
        months = int(config.scenario.months.value)
    within("months", months, 1, MOST_MONTHS, "months")
    changes = [(event.month, dict(event.set)) for event in events]
    return lever_path(months, neutral | given, changes, pinned)


def priors_of(config: Run) -> dict[str, Prior]:
    """Return the prior of every parameter."""
    names = list(PARAMETERS.names or ())
    for name in config.parameters.priors:
        one_of("parameters.priors", name, names)
    priors = {}
    for name in names:
        if name not in config.parameters.priors:
            raise InputError(refusal(f"parameters.priors.{name}", "", "every parameter needs one"))
        given = config.parameters.priors[name]
        key = f"parameters.priors.{name}"
        one_of(f"{key}.distribution", given.distribution, DISTRIBUTIONS)
        arguments = {}
        for argument in DISTRIBUTIONS[given.distribution][1]:
            number = getattr(given, argument)
            if number is None:
                raise InputError(refusal(f"{key}.{argument}", None, "a number is needed"))
            is_location = argument == "mean"
            low = -1e12 if is_location else 1e-12
            arguments[argument] = within(f"{key}.{argument}", number, low, 1e12, given.unit)
        if given.value is not None:
            within(f"{key}.value", given.value, -1e12, 1e12, given.unit)
        priors[name] = Prior(given.distribution, arguments, given.value)
    return priors


def _sector_record(config: Run) -> Records:
    """Return the one record of the sector's and the scheme's numbers."""
    scenario, sector = config.scenario, config.scenario.sector
    record = np.zeros(1, SECTOR).view(np.recarray)
    ranges = {"cost_sigma": (0.0, 5.0), "discount_rate": (0.0, 1.0)}
    money = ("medium_from_gbp", "large_from_gbp", "invested_gbp", "committed_gbp")
    for name in SECTOR.names or ():
        of_sector = hasattr(sector, name)
        quantity: Quantity = getattr(sector if of_sector else scenario, name)
        key = "scenario.sector" if of_sector else "scenario"
        low, high = (0.0, 1e12) if name in money else ranges.get(name, (1e-9, 1.0))
        record[name] = within(f"{key}.{name}", quantity.value, low, high, quantity.unit)
    return record


def _structure_record(config: Run) -> Records:
    """Return the one record of the structure."""
    chosen = config.structure
    record = np.zeros(1, STRUCTURE).view(np.recarray)
    record.peers = _PEERS[one_of("structure.peers", chosen.peers, _PEERS)]
    for name in (STRUCTURE.names or ())[1:]:
        record[name] = float(getattr(chosen, name))
    return record


def assemble(config: Run) -> Case:
    """Return the case that a configuration describes, or refuse what cannot be used."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", config.scenario.name):
        allowed = "allowed are letters, digits, _ and -"
        raise InputError(refusal("scenario.name", config.scenario.name, allowed))
    within("runs", config.runs, 1, MOST_RUNS, "runs")
    within("seed", config.seed, 0, 2**63 - 1, "a whole number")
    if config.threads is not None:
        within("threads", config.threads, 1, 1024, "threads")
    for name in config.scenario.observed:
        one_of("scenario.observed", name, OUTCOMES.names or ())
    pinned, events = pinned_levers(config), timeline(config)
    levers, sector = _levers(config, events, pinned), _sector_record(config)
    people = people_of(config)
    episode = Episode(
        facts=people.facts,
        kinds=people.kinds,
        region_cumulative=people.region_cumulative,
        sector=sector,
        structure=_structure_record(config),
        levers=levers,
        approached_low=people.approached_low,
        approached_high=people.approached_high,
    )
    return Case(
        config=config,
        episode=episode,
        priors=priors_of(config),
        people=people,
        events=events,
        pinned=pinned,
    )
