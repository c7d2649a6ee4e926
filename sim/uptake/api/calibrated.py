"""What a calibration comes to: draws of behaviour, what was learnt, tables, a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from uptake.config.overrides import typed
from uptake.errors import one_of
from uptake.model.parameters import DISTRIBUTIONS, PARAMETER_NAMES, Prior, weighted_quantiles
from uptake.report.tables import Table

if TYPE_CHECKING:
    from uptake.inference.result import StructureResult
    from uptake.model.parameters import Posterior

_GRID = 10_000  # quantiles of a prior, of which its mean is taken
_ENDS = [0.05, 0.95]


class CalibrationResult:
    """Draws of behaviour, given what was reported of histories; ``calibrate`` returns it.

    ``scenario.using(result)`` is the scenario on these draws: those of its own history, if it has
    one, else those of a scheme that nobody has tried.
    """

    def __init__(self, result: StructureResult, folder: Path, settings: Mapping[str, str]) -> None:
        self._result, self.folder = result, folder
        self._parameters = dict(settings)

    @property
    def structure(self) -> str:
        """Name of the structure of the model."""
        return self._result.variant.name

    @property
    def histories(self) -> list[str]:
        """Names of the histories that were fitted."""
        return list(self._result.fits)

    @property
    def others(self) -> list[str]:
        """Names of the histories that had been fitted before, and were pooled with these."""
        return [kept.name for kept in self._result.variant.kept]

    @property
    def settings(self) -> dict[str, str]:
        """What a scenario has to be asked with to use the draws, as on the command line."""
        draws = {"structure": typed(self.structure), "parameters.draws": typed(self.draws_folder)}
        return {**self._parameters, **draws}

    @property
    def draws_folder(self) -> Path:
        """The folder of the draws, which ``uptake run parameters.draws=FOLDER`` takes too."""
        return self.folder / "draws"

    def draws(self, of: str) -> Posterior:
        """Return draws and their weights, shape (draws,), given all histories.

        Parameters
        ----------
        of
            Name of a history, or ``"new"``: behaviour as it varies between histories.
        """
        from uptake.config.posterior import NEW, read

        known = [*self.histories, *self.others, NEW]
        name = one_of("of", of, known)
        return read(self.draws_folder / self.structure / f"{name}.parquet")[0]

    @cached_property
    def parameters(self) -> Table:
        """Every parameter before and after, a row for each history and parameter.

        ``prior_`` columns are of the prior; ``mean``, ``q05`` and ``q95`` of what the history by
        itself says, in the parameter's unit; ``pooled_mean`` of what it says given the others too.
        ``shift`` and ``sd_ratio`` are in sd of the prior, in coordinates in which the prior is
        normal, and ``bits`` were gained, all by the history itself; the most learnt comes first.
        """
        case, rows = self._result.variant.cases[0], []
        known = case.config.parameters.priors
        together = {one.name: one.weights for one in self._result.pool.fits}
        before = {name: _of_prior(case.priors[name]) for name in self._result.variant.names}
        for history, fit in self._result.fits.items():
            draws, weights = fit.draws(self._result.variant), fit.weights
            for one in self._result.updates(history):
                values = draws[one.name]
                after = [_mean(values, weights), *weighted_quantiles(values, weights, _ENDS)]
                pooled = _mean(values, together[history])
                learnt = (one.shift, one.sd_ratio, one.bits)
                told = known[one.name]
                said = (history, one.name, told.unit, *before[one.name], *after, pooled)
                rows.append((*said, *learnt, told.meaning))
        columns = (
            "history", "parameter", "unit", "prior_mean", "prior_q05", "prior_q95", "mean", "q05",
            "q95", "pooled_mean", "shift", "sd_ratio", "bits", "meaning",
        )  # fmt: skip
        heading = f"parameters before and after, structure {self._result.name}"
        return Table(heading, "", columns, rows)

    @cached_property
    def pooled(self) -> Table:
        """How behaviour differs between histories: mean and spread of each pooled parameter.

        In sd of the prior, in coordinates in which it is normal: a mean of 0 and a spread of 1 are
        the prior; the smaller the spread, the more alike histories are. ``error`` is the larger one
        of mean and spread, in their sd, as draws are few; up to 0.2 is good. ``r_hat`` is 1 where
        the chains agree, and NaN of a single chain.
        """
        pool, rows = self._result.pool, []
        r_hat = pool.r_hat.max(axis=0)
        for place, name in enumerate(pool.names):
            cells: list[Any] = [name]
            for values in (pool.m[:, place], pool.t[:, place]):
                ends = weighted_quantiles(values, pool.weights, _ENDS)
                cells += [_mean(values, pool.weights), *ends]
            rows.append((*cells, float(pool.error[:, place].max()), float(r_hat[place])))
        columns = ("mean", "mean_q05", "mean_q95", "spread", "spread_q05", "spread_q95", "error")
        heading = f"behaviour between {len(pool.histories)} histories, structure "
        return Table(heading + self._result.name, "", ("parameter", *columns, "r_hat"), rows)

    @cached_property
    def diagnostics(self) -> Table:
        """How far the draws of each history can be trusted.

        ``ess`` is their effective sample size for the history by itself, ``ess_pooled`` where the
        pool lies, with the Pareto ``k`` of the weights there; ``reaches`` tells whether that is
        enough. ``log_marginal_likelihood`` and its standard error are natural logarithms.
        """
        rows = []
        for one in self._result.pool.fits:
            ess: float | None = None
            value: float | None = None
            error: float | None = None
            if one.name in self._result.fits:
                sample = self._result.fits[one.name].sample
                ess, (value, error) = sample.ess, sample.log_marginal_likelihood
            trusted = (one.ess_median, one.k_median, one.reaches)
            rows.append((one.name, len(one.weights), ess, *trusted, value, error))
        columns = ("history", "draws", "ess", "ess_pooled", "k", "reaches")
        evidence = ("log_marginal_likelihood", "standard_error")
        heading = f"draws of the histories, structure {self._result.name}"
        return Table(heading, "", (*columns, *evidence), rows)

    @cached_property
    def checks(self) -> Table:
        """What was observed beside runs on the prior and on the draws, a row a fact."""
        from uptake.report import calibration_tables as tables

        return Table(tables.CHECKS, "", tables.CHECK_COLUMNS, tables.check_rows(self._result))

    @property
    def text(self) -> str:
        """What was learnt, in words, a sentence a line."""
        from uptake.report.text.calibration import sentences

        return "\n".join(sentences([self._result]))

    def to_arrow(self) -> Any:
        """Return the draws of the histories that were fitted as an Arrow table.

        A column a parameter; ``history``; ``weight`` given all histories, ``alone`` given this one.
        """
        import pyarrow as pa

        return pa.concat_tables(list(self._tables()))

    def _tables(self) -> Iterator[Any]:
        """Yield the draws of each history as a table."""
        import pyarrow as pa

        together = {one.name: one.weights for one in self._result.pool.fits}
        for name, fit in self._result.fits.items():
            draws = fit.draws(self._result.variant)
            columns = {"history": [name] * len(draws)}
            columns |= {parameter: draws[parameter] for parameter in PARAMETER_NAMES}
            yield pa.table(columns | {"weight": together[name], "alone": fit.weights})

    def to_pandas(self) -> Any:
        """Return the draws as a pandas ``DataFrame``, with the columns of ``to_arrow``."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Return the draws as a Polars ``DataFrame``, with the columns of ``to_arrow``."""
        import polars

        return polars.from_arrow(self.to_arrow())

    def report(self, folder: str | Path) -> Path:
        """Write draws, summary, figures and report into an empty folder, and return it.

        Parameters
        ----------
        folder
            Made if need be.

        Raises
        ------
        InputError
            Something is in the folder.
        """
        from uptake.inference.calibration import save_draws
        from uptake.report.calibration_report import write
        from uptake.results.folders import named_folder, output_folder

        made = output_folder(str(named_folder(folder)), "calibrate")
        config = self._result.variant.cases[0].config
        save_draws(self._result, config, made / "draws" / self.structure)
        write([self._result], made)
        return made

    def _head(self) -> list[str]:
        """Return what it is, in lines."""
        config = self._result.variant.cases[0].config
        error = np.max(self._result.pool.error, initial=0.0)
        asked, more = config.calibration, len(self.others)
        others = f"; pooled with {more} that had been fitted before" if more else ""
        return [
            f"CalibrationResult of {', '.join(self.histories)}{others}; "
            f"structure {self._result.name}",
            f"{asked.chains} chains of {asked.particles:,} particles for each, seed {config.seed}; "
            f"means of the pool are off by {error:.2f} of their sd",
        ]

    def __repr__(self) -> str:
        """Return what it is, and what was learnt most of each history, in a few lines."""
        from uptake.inference.result import LITTLE

        lines, told = self._head(), set()
        for row in self.parameters.records():
            if row["history"] not in told and row["bits"] > LITTLE:
                told.add(row["history"])
                before, after = (
                    f"{row[f'{of}mean']:.2g} ({row[f'{of}q05']:.2g} to {row[f'{of}q95']:.2g})"
                    for of in ("prior_", "")
                )
                learnt = f"{before} -> {after} (mean, 90 % of draws; {row['bits']:.1f} bits)"
                lines.append(f"{row['history']}: {row['parameter']} {learnt}")
        return "\n  ".join(lines)

    def _repr_html_(self) -> str:
        """Return what it is and the tables of parameters, as a notebook shows them."""
        head = "<br>".join(map(escape, self._head()))
        return f"<p>{head}</p>{self.pooled._repr_html_()}{self.parameters._repr_html_()}"


def _mean(values: Any, weights: Any) -> float:
    """Return the mean of weighted values."""
    return float(np.average(values, weights=weights))


def _of_prior(prior: Prior) -> tuple[float, float, float]:
    """Return the mean of a prior, and its 5 and 95 % points."""
    quantile, _ = DISTRIBUTIONS[prior.distribution]
    grid = quantile((np.arange(_GRID) + 0.5) / _GRID, **prior.arguments)
    low, high = quantile(np.array([0.05, 0.95]), **prior.arguments)
    return float(grid.mean()), float(low), float(high)
