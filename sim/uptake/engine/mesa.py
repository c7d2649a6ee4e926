"""The same model as Mesa agents, to look at one run agent by agent.

An agent here holds no state of its own: it is a view of one record, and its ``step`` calls the
process of ``uptake.model.processes`` for that record. So a run in Mesa and a compiled run with the
same seed and number are the same trajectory, to the bit.
"""

from __future__ import annotations

from copy import copy
from typing import NamedTuple

import mesa
import numpy as np

from uptake.model import entities
from uptake.model._jit import Records, word
from uptake.model.assumptions import of_draw
from uptake.model.draws import run_key
from uptake.model.entities import (
    CONSIDERING,
    NEVER,
    OPEN,
    SIGNED,
    STAGE_NAMES,
    UNDECIDED,
    State,
)
from uptake.model.episode import Episode
from uptake.model.initialization import empty_state, initialise
from uptake.model.month import Month, terms
from uptake.model.observation import MONTHLY, observe_month
from uptake.model.parameters import Parameters, luck_of
from uptake.model.places import ask
from uptake.model.processes.alignment import fill_work_done
from uptake.model.processes.bodies import bodies_act
from uptake.model.processes.centre import centre_acts, centre_takes_stock
from uptake.model.processes.choices import trust_chooses
from uptake.model.processes.groups import peers_take_stock, region_acts
from uptake.model.processes.members import member_acts
from uptake.model.processes.places import places_are_given
from uptake.model.processes.providers import provider_acts, provider_merges, provider_opens
from uptake.model.processes.services import services_start
from uptake.model.processes.trusts import (
    Prospect,
    faces_choice,
    gap_decided_on,
    obliged,
    prospect,
    trust_is_due,
    undecided_acts,
)
from uptake.model.processes.votes import regions_vote
from uptake.model.rules.peers import advocates_share
from uptake.model.transitions import is_member


class Decision(NamedTuple):
    """How a trust last weighed the scheme, and what it went by: for those who ask why."""

    month: Month
    advocates_share: float  # of its peers
    trust: entities.Trust  # as it was
    provider: entities.Provider  # that it looked to
    prospect: Prospect
    is_obliged: bool  # it had to join
    is_look: bool  # it let it be at the first look, without a business case
    wants: bool  # it would join
    joined: bool  # it did: it found a place


class Trust(mesa.Agent):
    """A trust: record ``row`` of ``state.trusts``. ``decision`` is its latest, if it made one."""

    def __init__(self, model: SharedServiceModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.record: entities.Trust = model.state.trusts[row]
        self.decision: Decision | None = None

    @property
    def stage(self) -> str:
        """Where the trust stands with the scheme (a name of ``STAGE_NAMES``)."""
        return STAGE_NAMES[int(self.record.stage)]

    def step(self) -> None:
        """Live through a month."""
        state, trust, month = self.model.state, self.record, self.model.month
        peers, region = state.peers[trust.peers], state.regions[trust.region]
        row = int(trust.provider)
        provider = state.providers[row]
        if not trust_is_due(trust, peers, region, provider, month):
            return
        centre, before, several = state.centre[0], trust.stage, len(state.providers)
        # One that looks in vain is not asked for its choice by the rule, but may be by a reader.
        if before in UNDECIDED or faces_choice(trust, peers, region, provider, several, month):
            row = trust_chooses(trust, state.providers, month)
        chosen = provider if row == NEVER else state.providers[row]
        who = (trust, peers, region, provider, row, chosen, centre)
        if is_member(trust.stage):
            asks = member_acts(*who, state.work_done, month)
        else:
            asks = undecided_acts(*who, month)
        if asks:
            ask(state, self.row, row)
        is_under_way = trust.stage == CONSIDERING and not asks
        if before in UNDECIDED and row != NEVER and not is_under_way:
            is_look = not asks and before != CONSIDERING and trust.case_month != month.number
            weighing = copy(trust)
            if is_look:
                weighing.hurried = 0
            gap = 0.0 if is_look else gap_decided_on(trust, month)
            self.decision = Decision(
                month,
                advocates_share(month.levers, peers.joined_share),
                weighing,
                copy(chosen),
                prospect(weighing, peers, chosen, centre, gap, month),
                is_obliged=obliged(trust, region, month),
                is_look=bool(is_look),
                wants=asks,
                joined=False,
            )

    def hear(self) -> None:
        """Hear whether there was a place for it."""
        if self.decision is not None and self.decision.month is self.model.month:
            self.decision = self.decision._replace(joined=self.record.stage == SIGNED)


class Peers(mesa.Agent):
    """A peer network: record ``row`` of ``state.peers``."""

    def __init__(self, model: SharedServiceModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.record: entities.Peers = model.state.peers[row]

    def step(self) -> None:
        """Learn of the month's evidence and set the pace of the members."""
        model = self.model
        state = model.state
        centre, regions = state.centre[0], state.regions
        peers_take_stock(self.record, regions, state.providers, centre, self.row, model.month)


class Region(mesa.Agent):
    """A region: record ``row`` of ``state.regions``."""

    def __init__(self, model: SharedServiceModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.record: entities.Region = model.state.regions[row]

    def step(self) -> None:
        """Bank a month, vote, and move on by a stage."""
        region_acts(self.record, self.model.state.centre[0], self.row, self.model.month)


class Provider(mesa.Agent):
    """A provider of the service: record ``row`` of ``state.providers``."""

    def __init__(self, model: SharedServiceModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.record: entities.Provider = model.state.providers[row]

    def open(self) -> None:
        """Offer itself to the trusts that decide this month."""
        offer = self.model.episode.offers[self.row]
        provider_opens(self.record, offer, self.row, self.model.month)

    def step(self) -> None:
        """Keep its books and its quality, be assessed, enter or give up."""
        offer, centre = self.model.episode.offers[self.row], self.model.state.centre[0]
        provider_acts(self.record, offer, centre, self.row, self.model.month)

    def merge(self) -> None:
        """Be merged into a survivor, if it has just closed."""
        provider_merges(self.model.state.providers, self.row, self.model.month)


class Centre(mesa.Agent):
    """The centre: the record of ``state.centre``."""

    def __init__(self, model: SharedServiceModel) -> None:
        super().__init__(model)
        self.record: entities.Centre = model.state.centre[0]

    def take_stock(self) -> None:
        """Count those who wait for their service."""
        centre_takes_stock(self.record, self.model.state.peers)

    def step(self) -> None:
        """Pay, draw up the accounts, review the scheme."""
        state = self.model.state
        centre_acts(self.record, state.regions, state.providers, self.model.month)


class SharedServiceModel(mesa.Model):
    """One run of an episode under Mesa.

    ``parameters`` is one record of ``PARAMETERS``; ``seed`` and ``run`` name the run exactly as
    they do for the compiled scheduler. ``curves`` holds a record of ``MONTHLY`` a month,
    shape (months + 1,). Mesa's own generator only shuffles the order of the trusts
    within a month, which makes no difference.
    """

    def __init__(self, episode: Episode, parameters: Parameters, seed: int, run: int = 0) -> None:
        super().__init__(rng=seed)
        episode = of_draw(episode, parameters.draw)
        self.episode = episode
        self.parameters = parameters
        self.draw_seed = seed
        self.run = run
        self.curves: Records = np.zeros(len(episode.levers), MONTHLY).view(np.recarray)
        whole = empty_state(episode)
        self._key = run_key(*luck_of(parameters, seed, run))
        trusts = initialise(whole, episode, *luck_of(parameters, seed, run))
        self.state: State = whole._replace(trusts=whole.trusts[:trusts])
        fill_work_done(self.state.work_done, episode.levers, parameters)
        self.month = self._face_month(0)
        self.networks = [Peers(self, row) for row in range(len(self.state.peers))]
        self.regions = [Region(self, row) for row in range(len(self.state.regions))]
        self.trusts = [Trust(self, row) for row in range(trusts)]
        self.providers = [Provider(self, row) for row in range(len(self.state.providers))]
        self.centre = Centre(self)
        self._observe()

    def _face_month(self, number: int) -> Month:
        """Return a month as the agents face it."""
        levers, sector = self.episode.levers[number], self.episode.sector[0]
        return Month(
            number,
            levers,
            self.episode.structure[0],
            sector,
            self.parameters,
            terms(levers, sector, number),
            word(self._key),
        )

    def curve(self, name: str) -> list[float]:
        """Return a curve of ``CURVES`` up to this month."""
        return [float(value) for value in self.curves[name][: self.month.number + 1]]

    def _observe(self) -> None:
        """Write the month's counts and amounts into the curves."""
        observe_month(self.state, self.curves[self.month.number])

    def step(self) -> None:
        """Go through one month, in the order of ``uptake.model.schedule``, until the horizon."""
        last = len(self.episode.levers) - 1
        if self.month.number == last:
            return
        self.month = self._face_month(self.month.number + 1)
        self.running = self.month.number < last
        if self.state.centre[0].status == OPEN:
            self.agents_by_type[Provider].do("open")
            self.centre.take_stock()
            bodies_act(self.state, self.episode.deeds, len(self.trusts), self.month)
            self.agents_by_type[Peers].do("step")
            self.agents_by_type[Region].do("step")
            regions_vote(self.state, len(self.trusts), self.month)
            self.agents_by_type[Trust].shuffle_do("step")
            places_are_given(self.state, self.month)
            services_start(self.state, len(self.trusts), self.month)
            self.agents_by_type[Trust].do("hear")
            self.agents_by_type[Provider].do("step")
            self.agents_by_type[Provider].do("merge")
            self.centre.step()
        self._observe()
