"""Calibration in Python: what was counted in episodes, and what it says of behaviour."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from uptake.api.scheme import Scenario, folder_of, said
from uptake.config.compose import Question
from uptake.config.overrides import typed
from uptake.config.sweep import Quiet
from uptake.errors import InputError, refusal
from uptake.model.parameters import DISTRIBUTIONS, PARAMETERS, Prior, weighted_quantiles
from uptake.report import calibration_progress
from uptake.report import progress as shown
from uptake.report.printing import console, say
from uptake.report.tables import Table

if TYPE_CHECKING:
    from uptake.config.case import Case
    from uptake.inference import fit
    from uptake.inference.result import StructureResult
    from uptake.model.parameters import Posterior

_GRID = 10_000  # quantiles of a prior, of which its mean is taken


class Shown:
    """A watch that shows how far a calibration is."""

    say = staticmethod(say)
    progress = staticmethod(shown.progress)
    compile_rules = staticmethod(shown.compile_rules)
    chains = staticmethod(calibration_progress.chains)


class _Silent(Quiet):
    """A watch that shows nothing."""

    @contextmanager
    def chains(self, *_: Any) -> Iterator[fit.Watch]:
        """Show nothing."""
        yield self

    def ran(self, runs: int) -> None:
        """Show nothing."""

    def reached(self, tolerance_index: int) -> None:
        """Show nothing."""


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
        columns = {name: posterior.draws[name] for name in PARAMETERS.names or ()}
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
        from uptake.results.folders import output_folder

        made = output_folder(str(folder), "calibrate")
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


def _questions(
    scenarios: str | Scenario | Sequence[str | Scenario] | None, config_dir: str | Path | None
) -> list[Question]:
    """Return the question of each scenario; of all there are, if None."""
    folder = folder_of(config_dir)
    if scenarios is None:
        scenarios = Question([], folder).choices("scenario")
    listed = [scenarios] if isinstance(scenarios, str | Scenario) else list(scenarios)
    return [
        one.asking({})
        if isinstance(one, Scenario)
        else Question([f"scenario={typed(one)}"], folder)
        for one in listed
    ]


def _check(cases: Sequence[Case], is_listed: bool) -> None:
    """Refuse scenarios of which nothing can be learnt, or that were changed."""
    names = [case.config.scenario.name for case in cases]
    if not names:
        raise InputError(refusal("scenarios", "[]", "at least one is needed"))
    for case, name in zip(cases, names, strict=True):
        if names.count(name) > 1:
            raise InputError(refusal("scenarios", name, "it stands twice"))
        if case.is_changed:
            told = "counts are of the scheme as it was, and it is changed; give as_it_was()"
            raise InputError(refusal("scenarios", name, told))
        if is_listed and not any(one.fit == "exactly" for one in case.observed.values()):
            told = "nothing was counted that could be matched (fit: exactly)"
            raise InputError(refusal("scenarios", name, told))


def calibrate(
    scenarios: str | Scenario | Sequence[str | Scenario] | None = None,
    others: Mapping[str, Any] | None = None,
    /,
    *,
    structure: str | None = None,
    particles: int | None = None,
    chains: int | None = None,
    particles_left_out: int | None = None,
    tolerances: Sequence[float] | None = None,
    runs: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    config_dir: str | Path | None = None,
    progress: bool | None = None,
) -> CalibrationResult:
    """Infer the parameters of behaviour from counts, as ``uptake calibrate`` does.

    The method is tempered sequential Monte Carlo on the exact counts (``docs/inference.md``).

    Parameters
    ----------
    scenarios
        Names, or scenarios of yours; all that there are if left out. Each that is named needs a
        count to match (``fit: exactly``), and none may be changed.
    others
        Any other key of ``uptake calibrate``, such as ``"parameters.priors.sovereignty.sd"`` or
        ``"calibration.matches"``.
    structure
        The structure of the model; ``"default"`` if left out.
    particles
        Of each chain, 50 or more; 500 if left out.
    chains
        Independent chains; 4 if left out. Their disagreement says how far draws can be trusted.
    particles_left_out
        Of each chain that leaves one scenario out, to predict it from the others; 0: none is.
    tolerances
        By how much a count may differ from the observed one (trusts), stage by stage; decreasing,
        the last 0.
    runs
        Of each scenario, on the prior and on the draws, to check them; 1,000 if left out.
    seed
        Of all random numbers, 1 if left out; the same seed gives the same draws, on any number
        of threads.
    threads
        As many as the machine has, if left out.
    out
        A folder to keep it in; else a temporary one, which is there until Python ends.
    resume
        Go on with what lies in ``out``.
    config_dir
        A folder with configurations of yours.
    progress
        Whether to show how far it is: on a screen or in a notebook, if left out.

    Returns
    -------
    CalibrationResult
        ``chains * particles`` draws of the parameters.

    Raises
    ------
    InputError
        A key or value that cannot be used, or a folder that holds something else; one line.
    Stopped
        No particle matches the counts.

    Examples
    --------
    >>> import uptake as up
    >>> result = up.calibrate(["nhs_employers_2009", "cabinet_office_2012"])  # doctest: +SKIP
    >>> result.parameters  # doctest: +SKIP
    >>> up.scenario().using(result).run()["joined"].median()  # doctest: +SKIP
    """
    from uptake.inference import calibration
    from uptake.results.folders import output_folder

    if resume and out is None:
        raise InputError("resume=True: out=FOLDER is needed, the one to go on with")
    settings = {
        "calibration.particles": particles,
        "calibration.chains": chains,
        "calibration.particles_left_out": particles_left_out,
        "calibration.tolerances": None if tolerances is None else list(tolerances),
        "calibration.resume": resume,
        "structure": structure,
        "runs": runs,
        "seed": seed,
        "threads": threads,
        **(others or {}),
    }
    given = {key: said(value) for key, value in settings.items() if value is not None}
    asked = [one.setting(given) for one in _questions(scenarios, config_dir)]
    cases = [one.setting({"parameters.draws": "null"}).case() for one in asked]
    _check(cases, scenarios is not None)
    variant = calibration.variant_of(cases[0].config.structure.name, cases)
    if out is None:
        folder = Path(tempfile.mkdtemp(prefix="uptake-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    else:
        folder = output_folder(str(out), "calibrate", is_looked_into=True)
    config = variant.cases[0].config
    calibration.begin(folder, [variant], config)
    is_seen = console.is_terminal or console.is_jupyter
    watch = Shown() if (is_seen if progress is None else progress) else _Silent()
    watch.compile_rules(variant.cases[0])
    result = calibration.calibrated(variant, config, folder, watch)
    words = dict(one.partition("=")[::2] for one in asked[0].overrides)
    kept = {key: word for key, word in words.items() if key.partition(".")[0] == "parameters"}
    return CalibrationResult(result, folder, kept)
