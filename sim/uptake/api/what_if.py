"""What is asked of a scheme, and asked otherwise: a question, and the case that it describes."""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, Self

from uptake.config.case import Case
from uptake.config.compose import Question
from uptake.config.overrides import CONTROLS, typed
from uptake.config.own_files import folder_of
from uptake.config.paths import key_of
from uptake.errors import wrong

# What a case can be given without composing it again.
_HELD = re.compile(r"levers\.[^.]+|timeline\.[^.]+\.[^.]+|without|months")
# What is no scenario's, but an argument of what is asked of it.
_ARGUMENTS = (*CONTROLS, "seed", "calibration")

_USING = (
    "structure",
    "parameters",
    "months",
    "approached",
    "fix",
    "draws",
    "target",
)  # arguments of using, and no levers


class Draws(Protocol):
    """Draws of the parameters: what ``uptake.calibrate`` returns."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What a scenario has to be asked with to use them, as on the command line."""


class WhatIf:
    """A question about a scheme: each method asks it otherwise, and nothing changes this one."""

    _asked: Question
    case: Case

    @classmethod
    def of(cls, asked: Question, case: Case | None = None) -> Self:
        """Return the scenario of a question as commands ask it."""
        made = cls.__new__(cls)
        made._asked, made.case = asked, asked.case() if case is None else case
        return made

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.case.config.scenario.name

    @property
    def command(self) -> str:
        """The command line that asks the same."""
        if self._asked.given is not None:
            raise wrong(
                "scenario",
                self.name,
                "made in Python: first save(FOLDER), then "
                f"uptake.scenario({self.name!r}, config_dir=FOLDER).command",
            )
        folder = self._asked.config_dir
        options = [] if folder is None else ["--config-dir", str(folder)]
        return shlex.join(["uptake", "run", *options, *self._asked.overrides])

    def _asking(self, runs: int | None, seed: int | None, threads: int | None) -> Case:
        """Return the case with so many runs of a seed; its own, where nothing is said."""
        config = self.case.config
        return self.case.asking(
            config.runs if runs is None else runs, config.seed if seed is None else seed, threads
        )

    def set(self, others: Mapping[str, Any] | None = None, /, **levers: float | None) -> Self:
        """Return the scenario with levers held throughout; None takes that back.

        ``others`` may hold any key of the command line, such as ``"scenario.approached.value"``
        or ``"parameters.priors.sovereignty.value"``.
        """
        for name in levers:
            if name in (*_USING, "runs", "seed"):
                how = f"using({name}=...)" if name in _USING else f"run({name}=...)"
                raise wrong(name, levers[name], f"no lever; ask by {how}")
        if not isinstance(others, Mapping | None):
            raise wrong("set", others, "keys with values are needed, or levers by name")
        held = {f"levers.{name}": value for name, value in levers.items()}
        return self._changed({**held, **(others or {})})

    def move(self, event: str, **levers: float) -> Self:
        """Return the scenario with other values of the levers that an event sets.

        ``event`` is a name of ``timeline``, or ``"launch"`` for what holds until the first event.
        """
        return self._changed({f"timeline.{event}.{name}": value for name, value in levers.items()})

    def without(self, *events: str) -> Self:
        """Return the scenario without events of its timeline."""
        left_out = [*self.case.config.without, *events]
        return self._changed({"without": list(dict.fromkeys(left_out))})

    def using(
        self,
        learnt: Draws | str | Path | None = None,
        /,
        *,
        draws: str | None = None,
        structure: str | None = None,
        parameters: str | None = None,
        months: int | None = None,
        approached: int | None = None,
        fix: str | None = None,
        target: float | str | None = None,
    ) -> Self:
        """Return the scenario under another structure, behaviour, horizon or number approached.

        ``target`` is what is to be reached: a number of the outcome shown, ``"break_even"`` or an
        outcome with a number, as ``"joined>=25"``; every answer then tells its chance.

        ``fix="assumptions"`` holds every assumption at its value, where it else is drawn.

        ``learnt`` is a result of ``uptake.calibrate``, whose structure and priors are taken too, or
        a folder of draws or of a calibration. A result without ``out`` lies in a folder that goes
        as Python ends. Draws are no part of the scheme: ``save`` refuses a scenario on them.

        ``draws="happened"`` asks of the scheme as it happened: what was reported came about in
        every run, and what is set otherwise meets the same behaviour and luck. ``"again"`` is this
        scheme tried again, with fresh luck; ``"new"`` a scheme that nobody has tried. Left out, it
        is as it happened, where that can be asked.
        """
        given = {
            "structure": structure,
            "parameters": parameters,
            "months": months,
            "population.approached": approached,
            "fix": fix,
            "draws": draws,
            "target": None if target is None else str(target),
        }
        asked = {key: value for key, value in given.items() if value is not None}
        if learnt is None:
            return self._changed(asked)
        if not isinstance(learnt, str | Path) and not hasattr(learnt, "settings"):
            raise wrong("using", learnt, "a result of calibrate is needed, or a folder of draws")
        if isinstance(learnt, str | Path):
            kept: Mapping[str, str] = {"parameters.draws": typed(learnt)}
        else:
            kept = learnt.settings
        words = {key: said(value) for key, value in asked.items()}
        return self.of(self._asked.setting({**kept, **words}))

    def with_trusts(self, path: str | Path, *, as_given: bool = False) -> Self:
        """Return the scenario with the trusts of a table: CSV, Parquet or Excel.

        ``as_given`` says that its amounts are meant as they stand, whatever is usual.
        """
        given: dict[str, Any] = {"population": "file", "population.path": str(path)}
        return self._changed(given | ({"population.units": "as_given"} if as_given else {}))

    def as_it_was(self) -> Self:
        """Return the scenario with no lever held, no event left out or moved."""
        kept = [
            one
            for one in self._asked.overrides
            if key_of(one) == "months" or not _HELD.fullmatch(key_of(one))
        ]
        return self.of(replace(self._asked, overrides=kept), self.case.as_it_was())

    def _changed(self, given: Mapping[str, Any]) -> Self:
        """Return the scenario with keys set; those of which the case allows are not composed."""
        for key, value in given.items():
            if key.partition(".")[0] in _ARGUMENTS:
                raise wrong(key, value, "an argument of run(...) or sweep(...)")
        asked = self._asked.setting({key: said(value) for key, value in given.items()})
        if not all(map(_HELD.fullmatch, given)):
            return self.of(asked)
        case = self.case.asked(given)
        return self.of(asked, replace(case, config=replace(case.config, asked=asked.overrides)))

    def asking(self, given: Mapping[str, Any], free: Iterable[str] = ()) -> Question:
        """Return the question with settings of a command, and without keys that are to be free."""
        settings = {key: said(value) for key, value in given.items()}
        return self._asked.setting({**settings, **dict.fromkeys(free, "")})


def said(value: Any) -> str:
    """Return a value as it would be typed; nothing for None."""
    return "" if value is None else typed(value)


def question_in(config_dir: str | Path | None) -> Question:
    """Return the usual question, with the folder of a user's configurations, if there is one."""
    return Question([], None if config_dir is None else folder_of("config_dir", config_dir))


def as_asked(scenario: WhatIf | str) -> WhatIf:
    """Return a scenario as it is, or the one of a name; anything else is refused."""
    if isinstance(scenario, WhatIf):
        return scenario
    if not isinstance(scenario, str):
        raise wrong("scenario", scenario, "a scenario is needed, or the name of one")
    return WhatIf.of(question_in(None).setting({"scenario": typed(scenario)}))
