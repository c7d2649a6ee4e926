"""The same model as Mesa agents, to look at one run agent by agent.

An agent here holds no state of its own: it is a view of one record, and its ``step`` calls the
process of ``sim.schedule`` for that record. So a run in Mesa and a compiled run with the same seed
and number are the same trajectory, to the bit.
"""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim import schedule
from sim._jit import word
from sim.entities import OPEN, STAGE_NAMES, State
from sim.initialization import empty_state, initialise
from sim.inputs import Episode
from sim.observation import CURVES, observe_month


class Trust(mesa.Agent):
    """A trust: record ``row`` of ``state.trusts``."""

    def __init__(self, model: SharedServiceModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.record: Any = model.state.trusts[row]

    @property
    def stage(self) -> str:
        """Where the trust stands with the scheme (a name of ``STAGE_NAMES``)."""
        return STAGE_NAMES[int(self.record.stage)]

    def step(self) -> None:
        """Live through a month."""
        state, trust = self.model.state, self.record
        peers, region = state.peers[trust.peers], state.regions[trust.region]
        if schedule.trust_is_due(trust, peers, self.model.month):
            schedule.trust_acts(trust, peers, region, state.centre[0], self.model.month)


class Peers(mesa.Agent):
    """A peer network: record ``row`` of ``state.peers``."""

    def __init__(self, model: SharedServiceModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.record: Any = model.state.peers[row]

    def step(self) -> None:
        """Learn of the month's evidence and set the pace of the members."""
        schedule.peers_take_stock(self.record, self.row, self.model.month)


class Region(mesa.Agent):
    """A region: record ``row`` of ``state.regions``."""

    def __init__(self, model: SharedServiceModel, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.record: Any = model.state.regions[row]

    def step(self) -> None:
        """Bank a month of savings."""
        schedule.region_banks(self.record)


class Provider(mesa.Agent):
    """The provider of the service: the record of ``state.providers``."""

    def __init__(self, model: SharedServiceModel) -> None:
        super().__init__(model)
        self.record: Any = model.state.providers[0]

    def step(self) -> None:
        """Book the month's fees."""
        state = self.model.state
        schedule.provider_books(self.record, state.regions, state.centre[0], self.model.month)


class Centre(mesa.Agent):
    """The centre: the record of ``state.centre``."""

    def __init__(self, model: SharedServiceModel) -> None:
        super().__init__(model)
        self.record: Any = model.state.centre[0]

    def step(self) -> None:
        """Review the scheme."""
        provider = self.model.state.providers[0]
        schedule.centre_reviews(self.record, provider, self.model.month)


class SharedServiceModel(mesa.Model):
    """One run of an episode under Mesa.

    ``parameters`` is one record of ``PARAMETERS``; ``seed`` and ``run`` name the run exactly as
    they do for the compiled scheduler. ``curves`` holds the counts of ``CURVES`` month by month,
    shape (len(CURVES), months + 1). Mesa's own generator only shuffles the order of the trusts
    within a month, which makes no difference.
    """

    def __init__(self, episode: Episode, parameters: Any, seed: int, run: int = 0) -> None:
        super().__init__(rng=seed)
        self.episode = episode
        self.parameters = parameters
        self.draw_seed = seed
        self.run = run
        self.curves: NDArray[np.int32] = np.zeros((len(CURVES), len(episode.levers)), np.int32)
        whole = empty_state(episode)
        trusts = initialise(whole, episode, seed, run)
        self.state: State = whole._replace(trusts=whole.trusts[:trusts])
        self.month = self._face_month(0)
        self.networks = [Peers(self, row) for row in range(len(self.state.peers))]
        self.regions = [Region(self, row) for row in range(len(self.state.regions))]
        self.trusts = [Trust(self, row) for row in range(trusts)]
        self.provider = Provider(self)
        self.centre = Centre(self)
        observe_month(self.state.peers, self.state.centre[0], 0, self.curves)

    def _face_month(self, number: int) -> schedule.Month:
        """Return a month as the agents face it."""
        levers, sector = self.episode.levers[number], self.episode.sector[0]
        keys = schedule.luck_of_month(self.draw_seed, self.run, number)
        return schedule.Month(
            number,
            levers,
            self.episode.structure[0],
            sector,
            self.parameters,
            schedule.term_in_years(levers, sector),
            schedule.Luck(*map(word, keys)),
        )

    def step(self) -> None:
        """Go through one month, in the order of ``sim.schedule``, until the horizon."""
        if self.month.number + 1 >= len(self.episode.levers):
            self.running = False
            return
        self.month = self._face_month(self.month.number + 1)
        if self.state.centre[0].status == OPEN:
            self.agents_by_type[Peers].do("step")
            self.agents_by_type[Region].do("step")
            self.agents_by_type[Trust].shuffle_do("step")
            self.provider.step()
            self.centre.step()
        observe_month(self.state.peers, self.state.centre[0], self.month.number, self.curves)
