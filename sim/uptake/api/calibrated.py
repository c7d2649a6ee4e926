"""What a calibration comes to: draws of behaviour, what was learnt, tables, a report."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from uptake.config.overrides import typed
from uptake.model.parameters import DISTRIBUTIONS, PARAMETER_NAMES, Prior, weighted_quantiles
from uptake.report.tables import Table

if TYPE_CHECKING:
    from uptake.inference.result import StructureResult
    from uptake.model.parameters import Posterior

_GRID = 10_000  # quantiles of a prior, of which its mean is taken


class CalibrationResult:
    """Draws of the parameters of behaviour, given what was counted; ``calibrate`` returns it.

    ``scenario.using(result)`` is the scenario on these draws.
    """

    def __init__(self, result: StructureResult, folder: Path, settings: Mapping[str, str]) -> None:
        self._result, self.folder = result, folder
        self._parameters = dict(settings)

    @property
    def structure(self) -> str:
        """Name of the structure of the model."""
        return self._result.variant.name

    @property
    def episodes(self) -> list[str]:
        """Names of the scenarios whose counts were matched."""
        return [data.name for data in self._result.variant.data]

    @property
    def settings(self) -> dict[str, str]:
        """What a scenario has to be asked with to use the draws, as on the command line."""
        draws = {"structure": typed(self.structure), "parameters.draws": typed(self.draws_folder)}
        return {**self._parameters, **draws}

    @property
    def draws_folder(self) -> Path:
        """The folder of the draws, which ``uptake run parameters.draws=FOLDER`` takes too."""
        return self.folder / "draws"

    @property
    def posterior(self) -> Posterior:
        """The draws and their weights, shape (draws,)."""
        return self._result.posterior

    @property
    def ess(self) -> float:
        """Effective sample size of the draws, on average over the parameters."""
        return self._result.ess

    @property
    def log_marginal_likelihood(self) -> tuple[float, float]:
        """Natural logarithm, and its standard error (NaN of a single chain)."""
        return self._result.found.sample.log_marginal_likelihood

    @cached_property
    def parameters(self) -> Table:
        """Prior and posterior of every parameter that was inferred, the most learnt first.

        Means and the 5 and 95 % points are in the parameter's unit; ``shift`` and ``sd_ratio`` in
        sd of the prior, in coordinates in which the prior is normal; ``bits`` were gained.
        """
        case = self._result.variant.cases[0]
        known, weights, rows = case.config.parameters.priors, self.posterior.weights, []
        for one in self._result.updates:
            values = self.posterior.draws[one.name]
            after = [
                float(np.average(values, weights=weights)),
                *weighted_quantiles(values, weights, [0.05, 0.95]),
            ]
            learnt = (one.shift, one.sd_ratio, one.bits)
            told = known[one.name]
            before = _of_prior(case.priors[one.name])
            rows.append((one.name, told.unit, *before, *after, *learnt, told.meaning))
        columns = (
            "parameter",
            "unit",
            "prior_mean",
            "prior_q05",
            "prior_q95",
            "mean",
            "q05",
            "q95",
        )
        heading = f"parameters before and after, structure {self._result.name}"
        return Table(heading, "", (*columns, "shift", "sd_ratio", "bits", "meaning"), rows)

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
        """Return the draws as an Arrow table: a column a parameter, and ``weight``."""
        import pyarrow as pa

        posterior = self.posterior
        columns = {name: posterior.draws[name] for name in PARAMETER_NAMES}
        return pa.table(columns | {"weight": posterior.weights})

    def to_pandas(self) -> Any:
        """Return the draws as a pandas ``DataFrame``: a column a parameter, and ``weight``."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Return the draws as a Polars ``DataFrame``: a column a parameter, and ``weight``."""
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
        save_draws(self._result, made / "draws")
        write([self._result], made)
        return made

    def _head(self) -> list[str]:
        """Return what it is, in lines."""
        result, (value, error) = self._result, self.log_marginal_likelihood
        config, draws = result.variant.cases[0].config, len(self.posterior.weights)
        asked = config.calibration
        within = "" if np.isnan(error) else f" +- {error:.1f}"
        return [
            f"CalibrationResult of {', '.join(self.episodes)}; structure {result.name}",
            f"{asked.chains} chains of {asked.particles:,} particles, seed {config.seed}: "
            f"{draws:,} draws, effective sample size {self.ess:,.0f}, "
            f"log marginal likelihood {value:.1f}{within}",
        ]

    def __repr__(self) -> str:
        """Return what it is, and what was learnt most, in a few lines."""
        from uptake.inference.result import LITTLE, in_words, quantiles

        lines = self._head()
        for one in [one for one in self._result.updates if one.bits > LITTLE][:3]:
            before, after = quantiles(self._result, one.name, [0.05, 0.5, 0.95])
            moved = f"{in_words(before, '').strip()} -> {in_words(after, '').strip()}"
            lines.append(f"{one.name}: {moved} (median, 90 % of draws; {one.bits:.1f} bits)")
        return "\n  ".join(lines)

    def _repr_html_(self) -> str:
        """Return what it is and the table of parameters, as a notebook shows them."""
        head = "<br>".join(map(escape, self._head()))
        return f"<p>{head}</p>{self.parameters._repr_html_()}"


def _of_prior(prior: Prior) -> tuple[float, float, float]:
    """Return the mean of a prior, and its 5 and 95 % points."""
    quantile, _ = DISTRIBUTIONS[prior.distribution]
    grid = quantile((np.arange(_GRID) + 0.5) / _GRID, **prior.arguments)
    low, high = quantile(np.array([0.05, 0.95]), **prior.arguments)
    return float(grid.mean()), float(low), float(high)
