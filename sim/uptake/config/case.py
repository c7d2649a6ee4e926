"""From a checked configuration to an episode that can be run, and to what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from uptake.config.assumptions import Assumption, assumptions_of, records_of
from uptake.config.bodies import deeds_of, starts_of
from uptake.config.moves import Move, moves_of
from uptake.config.population import People, people_of
from uptake.config.posterior import histories_in, kind_of, posterior_of
from uptake.config.providers import offers_of
from uptake.config.reported import check_observed, outside
from uptake.config.schema import (
    Event,
    Finding,
    Observation,
    PriorDistribution,
    Quantity,
    Run,
    Within,
)
from uptake.config.schema.observed import OBSERVABLE
from uptake.config.target import Target, check_target, target_of
from uptake.config.timeline import (
    levers_of,
    overridden_levers,
    scenario_months,
    timeline,
)
from uptake.config.validation import changed
from uptake.errors import InputError, no_such, one_of, wrong
from uptake.model._jit import Records
from uptake.model.episode import (
    FRESH,
    LASTING,
    NATION,
    PROFESSION,
    REGION_ONLY,
    SECTOR,
    STRUCTURE,
    Episode,
)
from uptake.model.observation import SIZES
from uptake.model.parameters import DISTRIBUTIONS, PARAMETER_NAMES, Posterior, Prior, of_runs

_PEERS = {"nation": NATION, "region": REGION_ONLY, "profession": PROFESSION}
_SIDES = ("larger", "smaller", "larger_of", "smaller_of")  # of a finding
_TASTES = {"lasting": LASTING, "fresh": FRESH}
# What a number of a sector is where its file does not say it (assumptions, as in the package's).
_UNSAID = {
    "gap_low": 0.0, "gap_high": 1.0, "slack_floor": 0.05, "middling_gap": 0.5,
    "middling_slack": 0.5, "home_quality": 0.9,
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A question ready to be run, with the names and sentences that its answer needs."""

    config: Run
    episode: Episode
    priors: dict[str, Prior]
    posterior: Posterior | None
    histories: Mapping[str, Any]  # from which behaviour is drawn; of a new scheme alone
    people: People
    events: list[Event]
    overridden: dict[str, float]  # levers set by the user
    assumptions: list[Assumption]  # numbers that are drawn

    @property
    def months(self) -> int:
        """Return the horizon in months."""
        return len(self.episode.levers) - 1

    @property
    def body(self) -> str:
        """Return what one of the organisations is called."""
        return self.config.scenario.sector.body

    @property
    def bodies(self) -> str:
        """Return what several of the organisations are called."""
        return self.config.scenario.sector.organisations

    @property
    def length(self) -> int:
        """Return how long a run is, in trust-months."""
        return self.episode.approached_high * len(self.episode.levers)

    @property
    def design(self) -> Callable[[int, int], Records]:
        """Return what gives runs their parameters, from the first run and their number."""
        return partial(of_runs, self.priors, self.posterior, self.config.seed)

    def overriding(
        self,
        levers: Mapping[str, float],
        without: Sequence[str] = (),
        months: int | None = None,
        timeline_of: Mapping[str, Mapping[str, float]] | None = None,
    ) -> Case:
        """Return the same case with these levers held and no others, without these events.

        ``months`` is its horizon, None for the scenario's own; ``timeline_of`` what events set
        otherwise (see ``uptake.config.moves``).
        """
        rows = {event: dict(values) for event, values in (timeline_of or {}).items()}
        asked = {"levers": dict(levers), "without": list(without), "months": months}
        config = changed(self.config, **asked, timeline=rows)
        overridden = overridden_levers(config)
        events = timeline(config, overridden)
        levers = levers_of(config, events, overridden)
        assumed = assumptions_of(config, events, overridden, len(levers) - 1, self.people)
        ranges, cells = records_of(assumed)
        return replace(
            self,
            config=config,
            episode=self.episode._replace(
                levers=levers,
                deeds=deeds_of(events, self.people.named),
                ranges=ranges,
                cells=cells,
            ),
            events=events,
            overridden=overridden,
            assumptions=assumed,
        )

    def asked(self, given: Mapping[str, Any]) -> Case:
        """Return the same case with some of what ``overriding`` takes otherwise, by key.

        ``levers.NAME`` and ``timeline.EVENT.NAME`` (None takes one back), ``without``, ``months``.
        """
        config, levers = self.config, dict(self.overridden)
        rows = {event: dict(values) for event, values in config.timeline.items()}
        for key, value in given.items():
            *above, name = key.split(".")
            if not above:  # without or months
                continue
            owner = levers if above == ["levers"] else rows.setdefault(above[1], {})
            owner.pop(name, None)
            if value is not None:
                owner[name] = number(key, value)
        months = given.get("months", config.months)
        without = given.get("without", config.without)
        return self.overriding(levers, without, months, {e: v for e, v in rows.items() if v})

    def asking(self, runs: int, seed: int, threads: int | None) -> Case:
        """Return the same case with so many runs, of a seed."""
        config = changed(self.config, runs=runs, seed=seed, threads=threads)
        return replace(self, config=config)

    @property
    def draws(self) -> str:
        """Return which draws of behaviour it is asked on: prior, happened, again or new."""
        return kind_of(self.config)

    @property
    def is_changed(self) -> bool:
        """Tell whether a lever, an event or a value of the timeline is asked to be otherwise."""
        return bool(self.overridden or self.config.without or self.config.timeline)

    @property
    def target(self) -> Target | None:
        """Return what is to be reached: what is asked, else what the centre aims at, if at all."""
        return target_of(self.config, float(self.episode.levers[-1].target_joined))

    @property
    def moves(self) -> list[Move]:
        """Return the values that levers take by the timeline, and what is asked of them."""
        return moves_of(self.config)

    def as_it_was(self) -> Case:
        """Return the case up to the same month with nothing held and nothing left out."""
        return self.overriding({}, (), self.config.months)

    @property
    def findings(self) -> list[Finding]:
        """Return what was reported without a number, of the kinds that are among the trusts."""
        known = {f"share_{group}" for group in [*self.people.kind_names, *SIZES]}
        return [
            finding
            for finding in self.config.scenario.findings
            if {getattr(finding, side) for side in _SIDES} - {None} <= {*known, *OBSERVABLE}
        ]

    @property
    def notes(self) -> list[str]:
        """Return what is to be told of the trusts, and of what lies outside the horizon."""
        return [*self.people.notes, *self.beyond]

    @property
    def beyond(self) -> list[str]:
        """Return what of the scenario lies outside the horizon, in words."""
        return outside(self.config, self.episode.levers)

    @property
    def observed(self) -> list[tuple[str, Observation]]:
        """Return what was observed: each observation with its outcome."""
        observed = self.config.scenario.observed
        return [(name, seen) for name, every in observed.items() for seen in every]


def priors_of(config: Run) -> dict[str, Prior]:
    """Return the prior of every parameter."""
    priors = config.parameters.priors
    return {name: _prior(priors[name]) for name in PARAMETER_NAMES}


def _prior(given: PriorDistribution) -> Prior:
    """Return the prior of a parameter."""
    arguments = {one: getattr(given, one) for one in DISTRIBUTIONS[given.distribution][1]}
    return Prior(given.distribution, arguments, given.value)


def parameter_range(config: Run, name: str) -> Within:
    """Return what a parameter held fixed can be."""
    if name not in config.parameters.priors:
        raise no_such("parameters.priors", name, config.parameters.priors, "parameter")
    return config.parameters.priors[name].held


def _sector_record(config: Run) -> Records:
    """Return the one record of the sector's and the scheme's numbers."""
    scenario, sector = config.scenario, config.scenario.sector
    record = np.zeros(1, SECTOR).view(np.recarray)
    for name in SECTOR.names or ():
        if name == "approached":  # as the episode says, unless it is drawn
            continue
        owner = sector if hasattr(sector, name) else scenario
        quantity: Quantity[float] | None = getattr(owner, name)
        record[name] = _UNSAID[name] if quantity is None else quantity.value
    return record


def _check_findings(config: Run, kinds: list[str]) -> None:
    """Refuse a finding about an outcome that the model does not have."""
    known = [*OBSERVABLE, *(f"share_{group}" for group in [*kinds, *SIZES])]
    for i, finding in enumerate(config.scenario.findings):
        key = f"scenario.findings[{i}]"
        if (finding.larger, finding.smaller, finding.than).count(None) != 1:
            raise InputError(f"{key}: two of larger, smaller and than are needed")
        for side in _SIDES:
            if getattr(finding, side) is not None:
                one_of(f"{key}.{side}", getattr(finding, side), known)
        for side in ("larger", "smaller"):
            below = getattr(finding, f"{side}_of")
            if below is not None and getattr(finding, side) is None:
                raise wrong(f"{key}.{side}_of", below, f"{side} is needed, which is divided by it")


def _structure_record(config: Run) -> Records:
    """Return the one record of the structure."""
    chosen = config.structure
    record = np.zeros(1, STRUCTURE).view(np.recarray)
    record.peers, record.taste = _PEERS[chosen.peers], _TASTES[chosen.taste]
    for name in (STRUCTURE.names or ())[2:]:
        record[name] = float(getattr(chosen, name))
    return record


def number(key: str, value: Any) -> float:
    """Return a number, or refuse what is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise wrong(key, value, "a number is needed") from None


def assemble(config: Run) -> Case:
    """Return the case that a configuration describes, or refuse what cannot be used."""
    overridden = overridden_levers(config)
    events = timeline(config, overridden)
    levers, sector = levers_of(config, events, overridden), _sector_record(config)
    people = people_of(config)
    assumed = assumptions_of(config, events, overridden, len(levers) - 1, people)
    ranges, cells = records_of(assumed)
    check_observed(config.scenario.observed, scenario_months(config))
    check_target(config)
    _check_findings(config, [*people.kind_names, *config.scenario.sector.kinds])
    episode = Episode(
        facts=people.facts,
        kinds=people.kinds,
        region_cumulative=people.region_cumulative,
        offers=offers_of(config),
        sector=sector,
        structure=_structure_record(config),
        levers=levers,
        starts=starts_of(config, people.named, people.approached_low),
        deeds=deeds_of(events, people.named),
        approached_low=people.approached_low,
        approached_high=people.approached_high,
        ranges=ranges,
        cells=cells,
    )
    priors = priors_of(config)
    posterior, about = posterior_of(config, priors)
    return Case(
        config=config,
        episode=episode,
        priors=priors,
        posterior=posterior,
        histories=histories_in(config, about),
        people=people,
        events=events,
        overridden=overridden,
        assumptions=assumed,
    )
