"""Calibration in Python: what was reported of histories, and what it says of behaviour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uptake.api.calibrated import CalibrationResult
from uptake.api.scheme import Scenario
from uptake.api.what_if import question_in, said
from uptake.config.compose import Question
from uptake.config.overrides import typed
from uptake.config.sweep import Quiet
from uptake.errors import InputError, wrong
from uptake.files import temporary_folder
from uptake.report import calibration_progress
from uptake.report import progress as shown
from uptake.report.printing import console, say

if TYPE_CHECKING:
    from uptake.config.case import Case
    from uptake.inference import fit

_WANTED = "names of scenarios, or scenarios, are needed"
_NAMED = "calibration.histories"


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

    def restarted(self) -> None:
        """Show nothing."""

    def reached(self, tolerance_index: int) -> None:
        """Show nothing."""


def _questions(
    scenarios: str | Scenario | Sequence[str | Scenario] | None, config_dir: str | Path | None
) -> list[Question]:
    """Return the question of each scenario; of all there are, if None."""
    usual = question_in(config_dir)
    if scenarios is None:
        scenarios = usual.choices("scenario")
    if isinstance(scenarios, str | Scenario):
        scenarios = [scenarios]
    if not isinstance(scenarios, Iterable):
        raise wrong("scenarios", scenarios, _WANTED)
    asked = []
    for one in scenarios:
        if not isinstance(one, str | Scenario):
            raise wrong("scenarios", one, _WANTED)
        if isinstance(one, Scenario):
            asked.append(one.asking({}))
        else:
            asked.append(usual.setting({"scenario": typed(one)}))
    return asked


def _check(cases: Sequence[Case], is_listed: bool) -> None:
    """Refuse scenarios of which nothing can be learnt, or that were changed."""
    from uptake.inference.data import EpisodeData

    names = [case.config.scenario.name for case in cases]
    if not names:
        raise wrong("scenarios", "[]", "at least one is needed")
    for case, name in zip(cases, names, strict=True):
        if names.count(name) > 1:
            raise wrong("scenarios", name, "it stands twice")
        if case.is_changed:
            told = "reports are of the scheme as it was, and it is changed; give as_it_was()"
            raise wrong("scenarios", name, told)
        if is_listed and not EpisodeData(case, 0.1).is_told:
            told = "nothing was reported that can be fitted"
            raise wrong("scenarios", name, told)


def calibrate(
    scenarios: str | Scenario | Sequence[str | Scenario] | None = None,
    others: Mapping[str, Any] | None = None,
    /,
    *,
    structure: str | None = None,
    particles: int | None = None,
    chains: int | None = None,
    tolerances: Sequence[float] | None = None,
    runs: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    config_dir: str | Path | None = None,
    progress: bool | None = None,
) -> CalibrationResult:
    """Infer behaviour from what was reported of histories, as ``uptake calibrate`` does.

    Each history is fitted by itself, by tempered sequential Monte Carlo; then they are pooled
    (``docs/inference.md``).

    Parameters
    ----------
    scenarios
        Names, or scenarios of yours; all that there are if left out, or, with ``config_dir``, all
        that are in it. Of each that is named
        something must have been reported that can be fitted, and none may be changed. They are
        pooled with the other histories as these stand among the draws that are asked for: those of
        the package, if nothing else is said; none with ``{"parameters": "prior"}``.
    others
        Any other key of ``uptake calibrate``, such as ``"parameters.priors.sovereignty.sd"`` or
        ``"calibration.matches"``.
    structure
        The structure of the model; ``"default"`` if left out.
    particles
        Of each chain, 50 or more; 200 if left out.
    chains
        Independent chains; 4 if left out. Their disagreement says how far draws can be trusted.
    tolerances
        The error that is added to every reading, as a share of the bodies approached or of the
        number itself, stage by stage; decreasing, the last 0.
    runs
        Of each scenario, to check it on the prior, on its draws, and on what the others say; 1,000
        if left out.
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
        ``chains * particles`` draws of each history, twice as many of one whose first do not reach
        the others, and draws of a scheme that nobody has tried.

    Raises
    ------
    InputError
        A key or value that cannot be used, or a folder that holds something else; one line.
    Stopped
        No particle meets what was reported.

    Examples
    --------
    >>> import uptake as up
    >>> result = up.calibrate("my_scheme", config_dir="my_configs")  # doctest: +SKIP
    >>> result.parameters  # doctest: +SKIP
    >>> mine = up.scenario("my_scheme", config_dir="my_configs")  # doctest: +SKIP
    >>> mine.using(result, draws="again").run()["joined"].median()  # doctest: +SKIP
    """
    from uptake.inference import calibration
    from uptake.results.folders import output_folder

    if resume and out is None:
        raise InputError("resume=True: out=FOLDER is needed, the one to go on with")
    if tolerances is not None and not isinstance(tolerances, Iterable):
        raise wrong("tolerances", tolerances, "a list is needed, such as [0.5, 0.1, 0]")
    settings = {
        "calibration.particles": particles,
        "calibration.chains": chains,
        "calibration.tolerances": None if tolerances is None else list(tolerances),
        "calibration.resume": resume,
        "structure": structure,
        "runs": runs,
        "seed": seed,
        "threads": threads,
        **(others or {}),
    }
    given = {key: said(value) for key, value in settings.items() if value is not None}
    if _NAMED in given:
        raise wrong(_NAMED, given[_NAMED], "the first argument says it: calibrate([...])")
    if scenarios is None:
        scenarios = calibration.named(question_in(config_dir).setting(given)) or None
    asked = [one.setting(given) for one in _questions(scenarios, config_dir)]
    on_priors = {"parameters.draws": "null", "draws": ""}
    cases = [one.setting(on_priors).case() for one in asked]
    _check(cases, scenarios is not None)
    if scenarios is not None:
        for case in cases:
            case.config.calibration.histories = [one.config.scenario.name for one in cases]
    chosen = replace(asked[0].configuration(), calibration=cases[0].config.calibration)
    variant = calibration.variant_of(cases[0].config.structure.name, cases)
    variant = replace(variant, kept=calibration.kept_of(chosen))
    if out is None:
        folder = temporary_folder()
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
