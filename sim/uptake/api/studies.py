"""What is asked of a scheme beyond its runs: why, what matters, what it would take, one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from uptake.api.what_if import WhatIf
from uptake.errors import InputError

if TYPE_CHECKING:
    from uptake.api.decision import Decision
    from uptake.api.explanation import Explanation
    from uptake.api.sensitivity import SensitivityResult


class Studies(WhatIf):
    """Studies of a scheme: each runs it many times, and answers in words first, then in tables."""

    def explain(
        self,
        *causes: str,
        target: float | str | None = None,
        months: int | None = None,
        levers: Mapping[str, float] | None = None,
        parameters: Mapping[str, float] | None = None,
        runs: int | None = None,
        seed: int | None = None,
        threads: int | None = None,
    ) -> Explanation:
        """Say why so few: what each cause accounts for, from what was to what could have been.

        Every subset of the causes is put right, on the same behaviour, bodies and luck; a cause's
        part is Shapley's value, so the parts add up. Source: docs/why.md.

        Parameters
        ----------
        *causes
            Names in ``configs/causes.yaml``; all that this scheme can have, if none is given.
        target
            A number of the outcome that is shown, or an outcome with a number, as ``"joined>=25"``;
            what the centre aims at, if left out.
        months
            By when, where it is given time; as the causes say, if left out.
        levers, parameters
            Other references than the causes' own, by name.
        runs, seed, threads
            As of ``run``.

        Returns
        -------
        Explanation
            A part for each cause, run by run.
        """
        from uptake.api.explanation import explanation
        from uptake.config.causes import refuse_own_causes

        refuse_own_causes(self._asked.config_dir)
        asked = self._asking(runs, seed, threads)
        return explanation(asked, causes, months, levers or {}, parameters or {}, target)

    def sensitivity(
        self,
        outcome: str | None = None,
        *,
        target: float | str | None = None,
        levers: Mapping[str, Sequence[float]] | None = None,
        runs: int | None = None,
        seed: int | None = None,
        threads: int | None = None,
    ) -> SensitivityResult:
        """Say what moves the expected outcome: the share of each uncertain input, luck apart.

        Shapley effects, first-order and total indices, each with its interval. Source:
        docs/sensitivity.md.

        Parameters
        ----------
        outcome
            A column of runs, such as ``"provider_loss_gbp"``; the one that is shown, if left out.
        target
            Of which the chance is asked about instead, as of ``explain``.
        levers
            That are inputs too, by name: the ends of an interval, ``(0, 35_000)``.
        runs
            Of all inputs together, 200,000 if left out.
        seed, threads
            As of ``run``.

        Returns
        -------
        SensitivityResult
            A share for each input.
        """
        from uptake.api.sensitivity import result

        config = self.case.config
        asked = self.case.asking(config.runs, config.seed if seed is None else seed, threads)
        return result(asked, outcome, target, levers or {}, runs)

    def decide(
        self,
        *levers: str,
        target: float | str | None = None,
        chance: float | None = None,
        options: Mapping[str, Mapping[str, float | None]] | None = None,
        ranges: Mapping[str, Sequence[float]] | None = None,
        structures: Sequence[str] = (),
        runs: int | None = None,
        seed: int | None = None,
        threads: int | None = None,
    ) -> Decision:
        """Say what it would take to reach a target, what pays, which option, what to find out.

        All is asked on the same behaviour, bodies and luck. Source: docs/decide.md.

        Parameters
        ----------
        *levers
            Those that are asked of, 6 at most; of ``configs/decide.yaml`` those that matter most,
            if none is given.
        target
            A number of the outcome that is shown, or an outcome with a number, as ``"joined>=25"``;
            what the centre aims at, if left out.
        chance
            With which the target is to be reached; an even one, if left out.
        options
            Levers that are held, by the name of the option.
        ranges
            Other ranges than the levers' own, by name: the least and the most.
        structures
            Under which options are held against one another, beside the scenario's own.
        runs, seed, threads
            As of ``run``.

        Returns
        -------
        Decision
            Sentences, and a table for each part.
        """
        from uptake.api.decision import decided_of
        from uptake.config.decisions import refuse_own_list

        refuse_own_list(self._asked.config_dir)
        config, own = self.case.config, self.case.config.structure.name
        asked = (config.runs if runs is None else runs, config.seed if seed is None else seed)
        names = [name for name in self._asked.structures(structures) if name != own]
        cases = {own: self.case} | {n: self.using(structure=n).case for n in names}
        given = {name: case.asking(*asked, threads) for name, case in cases.items()}
        return decided_of(given, levers, target, chance, options or {}, ranges or {})

    def publish(
        self,
        folder: str | Path,
        *levers: str,
        ranges: Mapping[str, Sequence[float]] | None = None,
        points: int | None = None,
        within: float | None = None,
        runs: int | None = None,
        seed: int | None = None,
        threads: int | None = None,
    ) -> Path:
        """Write it as one HTML file with levers that move, and return the file.

        What runs come to is computed on a grid over the levers and interpolated between its points;
        the file says by how much that is off. It opens anywhere and needs no network.

        Parameters
        ----------
        folder
            A new one, or an empty one.
        *levers
            At most four; those that matter most, if none is given.
        ranges
            Lowest and highest value, by lever; as far as its slider on the page goes, if left out.
        points
            Computed at most.
        within
            How far the mean of the outcome shown may be off between points, in its unit.
        runs, seed, threads
            As of ``run``.
        """
        from uptake.api.publishing import publish

        try:
            command = self.command
        except InputError:
            command = f"Python: {self.name}, publish(...)"
        asked = self._asking(runs, seed, threads)
        return publish(asked, command, folder, levers, ranges or {}, points, within)
