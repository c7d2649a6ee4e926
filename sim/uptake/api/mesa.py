"""A run as a Mesa model, for SolaraViz, a DataCollector or ``batch_run`` of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mesa

from uptake.api.what_if import WhatIf, as_asked
from uptake.config.schema import Within
from uptake.engine.mesa import SharedServiceModel
from uptake.model.observation import CURVES
from uptake.report.text import question as words

if TYPE_CHECKING:
    from uptake.api.scheme import Scenario

_RUNS = Within(0, 2**31 - 1, "a number of a run", whole=True)


class Model(SharedServiceModel):
    """One run of a scenario under Mesa: the very run that ``Scenario.run`` numbers so.

    To have several with Mesa's ``batch_run``, vary ``run`` (``"run": range(100)``). Its
    ``iterations`` would repeat one run, as all random numbers follow from ``seed`` and ``run``.

    Parameters
    ----------
    scenario
        What is asked, or the name of a scenario.
    run
        Its number: of one seed, run 3 has the same behaviour and random numbers however it is run.
    seed
        Of all random numbers; None, which Mesa 3.5's ``batch_run`` gives unless it is given
        ``rng``, is 1.
    reporters
        Further columns of ``datacollector``: a function of the model by name. It holds the month
        and every curve from month 1 on; ``datacollector.get_model_vars_dataframe()`` shows it.
    agent_reporters
        The same of every agent, as Mesa's own.
    rng
        Not used: all random numbers follow from ``seed`` and ``run``. Mesa's ``batch_run`` may
        give one.
    **levers
        Levers held throughout, so that ``batch_run`` can vary them.
    """

    def __init__(
        self,
        scenario: Scenario | str,
        run: int = 0,
        seed: int | None = 1,
        *,
        reporters: Mapping[str, Any] | None = None,
        agent_reporters: Mapping[str, Any] | None = None,
        rng: Any = None,
        **levers: float,
    ) -> None:
        del rng
        asked = as_asked(scenario)
        self.scenario: WhatIf = asked.set(**levers) if levers else asked
        seed = 1 if seed is None else seed
        self.case = self.scenario.case.asking(1, seed, None)
        run = int(_RUNS.checked("run", run))
        parameters = self.case.design(run, 1)[0]
        super().__init__(self.case.episode, parameters, seed, run)
        self.datacollector = mesa.DataCollector(
            model_reporters={**_REPORTERS, **(reporters or {})},
            agent_reporters=dict(agent_reporters or {}),
        )

    def step(self) -> None:
        """Go through one month, and collect; nothing once the horizon is reached."""
        if not self.running:
            return
        super().step()
        self.datacollector.collect(self)

    def __repr__(self) -> str:
        """Return which run it is, and how far."""
        at = f"run {self.run}, seed {self.draw_seed}, month {self.month.number} of"
        return f"Model of {words.title(self.case)}: {at} {self.case.months}"


def _counter(name: str) -> Any:
    """Return what reads a curve of a model at its month."""
    return lambda model: model.curves[name][model.month.number].item()


_REPORTERS = {
    "month": lambda model: int(model.month.number),
    **{name: _counter(name) for name in CURVES},
}
