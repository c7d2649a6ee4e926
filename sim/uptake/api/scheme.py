"""A scenario in Python: what is there, what is asked of it, what is set otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import uptake.model
from uptake.api import facts
from uptake.api.result import Result
from uptake.api.studies import Studies
from uptake.api.what_if import question_in
from uptake.config.overrides import typed
from uptake.config.paths import key_of
from uptake.errors import InputError, wrong
from uptake.report import scenario as tables
from uptake.report.tables import Table
from uptake.report.text import question as words
from uptake.results.folders import named_folder
from uptake.results.notebook import InLines

if TYPE_CHECKING:
    from uptake.api.mesa import Model
    from uptake.results.reading import SweepTables


# Groups of keys that are asked of a scheme, and that its file cannot hold.
_NO_SCHEME = ("experiment", "structure", "parameters", "population", "draws")

_WRITTEN = "experiment"  # the key of a question that is written down
_QUOTES = "'\""


class Scenario(InLines, Studies):
    """A scheme that organisations are offered, and what is asked of it.

    Nothing changes a scenario: ``set``, ``without`` and the like return another one. To open one
    that exists, call ``uptake.scenario``; this makes one of your own.

    Parameters
    ----------
    name
        Letters, digits, ``_`` and ``-``; not that of a scenario which the package brings.
    title
        What figures and reports call it.
    start
        The month of the launch, such as ``"2026-04"``.
    sector
        The organisations: the name of one in ``configs/sector``, or a mapping with the same keys.
    months
        The horizon, months.
    approached
        How many organisations are approached.
    levers
        The offer and the centre's policy, by name; what is left out does nothing.
    timeline
        Events: mappings with ``name``, ``month``, ``label``, and levers to ``set`` from then on.
    scope_share
        The part of corporate services that the scheme covers, 0 to 1.
    providers
        Who serves, by name: mappings with ``title``, ``public_share``, ``quality`` and the like;
        one perfect public provider if left out.
    source
        Where numbers come from that do not say so themselves.
    config_dir
        A folder with configurations of yours, such as a sector's.
    **others
        Any other key of a scenario's file: ``designed_for``, ``observed``, ``findings``, ``shows``.

    Notes
    -----
    A number is given as it is, or as ``{"value": 40, "unit": "trusts", "source": "board paper"}``.

    Raises
    ------
    InputError
        A key or value that cannot be used; the message is one line.
    """

    def __init__(
        self,
        name: str,
        *,
        title: str,
        start: str,
        sector: str | Mapping[str, Any],
        months: facts.Number,
        approached: facts.Number,
        levers: Mapping[str, facts.Number] | None = None,
        timeline: Sequence[Mapping[str, Any]] = (),
        scope_share: facts.Number = 1.0,
        providers: Mapping[str, Mapping[str, Any]] | None = None,
        source: str = "assumption",
        config_dir: str | Path | None = None,
        **others: Any,
    ) -> None:
        given = facts.scenario_of(
            source,
            name=name,
            title=title,
            start=start,
            sector=sector,
            months=months,
            approached=approached,
            levers=levers or {},
            timeline=timeline,
            scope_share=scope_share,
            providers=providers or facts.PROVIDERS,
            **others,
        )
        there = question_in(config_dir)
        if name in there.choices("scenario"):
            raise wrong("name", name, "there is one of this name; give it another")
        own = replace(there, overrides=[f"scenario={typed(name)}"], given=given)
        if "designed_for" not in others:  # for all kinds
            kinds = list(own.configuration().scenario.sector.kinds)
            own = replace(own, given={**given, "designed_for": kinds})
        self._asked, self.case = own, own.case()

    # What it is

    @property
    def title(self) -> str:
        """The question as asked: the scheme's title, and what is otherwise."""
        return words.title(self.case)

    @property
    def start(self) -> str:
        """The month of the launch, such as ``"2009-10"``."""
        return self.case.config.scenario.start

    @property
    def months(self) -> int:
        """The horizon, months."""
        return self.case.months

    @property
    def levers(self) -> Table:
        """The levers: value at the launch, unit, what is allowed, meaning, source."""
        return tables.levers(self.case)

    @property
    def timeline(self) -> Table:
        """The dated events, and what levers each sets from its month on."""
        return tables.timeline(self.case)

    @property
    def facts(self) -> Table:
        """Every other number of the scheme, its sector and its providers."""
        return tables.facts(self.case)

    @property
    def parameters(self) -> Table:
        """The parameters of behaviour: what is known of each, and what it means."""
        return tables.parameters(self.case)

    @property
    def observed(self) -> Table:
        """What was observed and reported, with its source."""
        return tables.observed(self.case)

    # What it comes to

    def run(
        self,
        runs: int | None = None,
        seed: int | None = None,
        *,
        threads: int | None = None,
        progress: bool | None = None,
    ) -> Result:
        """Run it many times, over all that is not known of behaviour, of the trusts, and chance.

        Parameters
        ----------
        runs
            How many, 1,000 unless an experiment says otherwise; run ``i`` of one scenario shares
            behaviour and random numbers with run ``i`` of another.
        seed
            Of all random numbers, 1 if left out; the same seed gives the same numbers, on any
            number of threads.
        threads
            As many as the machine has, if left out.
        progress
            Whether to show how far it is: on a screen or in a notebook, if left out.

        Returns
        -------
        Result
            A column an outcome, shape (runs,).
        """
        asked = self._asking(runs, seed, threads)
        return Result.of(self, asked, progress)

    def sweep(self, others: Mapping[str, Any] | None = None, /, **axes: Any) -> SweepTables:
        """Run it at many points; see ``uptake.sweep``."""
        from uptake.api.points import sweep

        return sweep(self, others, **axes)

    def model(self, run: int = 0, seed: int = 1) -> Model:
        """Return one run as a Mesa model: the very run that ``run(...)`` numbers so."""
        from uptake.api.mesa import Model

        return Model(self, run, seed)

    def save(
        self, folder: str | Path, *, name: str | None = None, title: str | None = None
    ) -> Path:
        """Write it as ``scenario/NAME.yaml`` in a folder of configurations; return the file.

        What is set becomes part of the scheme: a lever that is held stands at the launch, and no
        event moves it; what was observed of the scheme as it was is then left out.

        Parameters
        ----------
        folder
            Made if need be. ``uptake.scenario(name, config_dir=folder)`` reads it again.
        name
            Needed for a scenario that the package brings, as no other may have its name.
        title
            What figures and reports call it; the question as asked, if left out.

        Raises
        ------
        InputError
            A name that the package has, a file that is there, or behaviour, a structure or trusts
            that were set: they are no part of a scheme, and would be lost.
        """
        chosen = facts.checked_name(self.name if name is None else name)
        if chosen in question_in(None).choices("scenario"):
            told = "the package brings it; give what is saved a name of its own: save(FOLDER, name="
            raise wrong("scenario", chosen, f"{told}...)")
        groups = [key_of(one).partition(".")[0] for one in self._asked.overrides]
        if lost := [group for group in _NO_SCHEME if group in groups]:
            told = "no part of a scheme; save it without, and ask with it again once it is read"
            raise InputError(f"save: {', '.join(lost)}: {told}")
        given = {"name": chosen, "title": title}
        return facts.save(
            self.case, named_folder(folder), **{key: one for key, one in given.items() if one}
        )

    def __repr__(self) -> str:
        """Return what it is in a few lines."""
        names = [one.partition("=")[2] for one in self._asked.overrides if key_of(one) == _WRITTEN]
        asked = [
            f"question    {self._asked.words(_WRITTEN, name.strip(_QUOTES))}" for name in names
        ]
        return "\n  ".join([tables.told(self.case), *asked])


class _Called(ModuleType):
    """``uptake.model`` is the package of the model; called, it gives a run of it under Mesa."""

    def __call__(self, scenario: Scenario | str, run: int = 0, seed: int = 1) -> Model:
        """Return run ``run`` of a scenario as a Mesa model."""
        from uptake.api.mesa import Model

        return Model(scenario, run, seed)


uptake.model.__class__ = _Called
