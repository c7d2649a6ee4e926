"""What there is to be asked: scenarios, and questions that are written down."""

from __future__ import annotations

from pathlib import Path

from uptake.api.scheme import Scenario, question_in, said
from uptake.config.overrides import typed
from uptake.report.tables import Table


def scenario(
    name: str | None = None,
    *,
    config_dir: str | Path | None = None,
    structure: str | None = None,
    parameters: str | None = None,
) -> Scenario:
    """Return a scenario that is there: one that the package brings, or one of your own folder.

    Parameters
    ----------
    name
        As ``uptake.scenarios`` lists them; the membership scheme of 2009 if left out.
    config_dir
        A folder with configurations of yours: ``scenario/NAME.yaml`` and the like.
    structure
        A variant of the model's structure.
    parameters
        ``"posterior"`` (as usual) or ``"prior"``: behaviour before anything was inferred.

    Raises
    ------
    InputError
        No such scenario (the nearest is named), or a file that cannot be used.
    """
    chosen = {"scenario": name, "structure": structure, "parameters": parameters}
    asked = question_in(config_dir)
    return Scenario.of(asked.setting({key: said(value) for key, value in chosen.items()}))


def experiment(name: str, *, config_dir: str | Path | None = None) -> Scenario:
    """Return the scenario of a question that is written down, as ``uptake.experiments`` lists them.

    Its ``run`` and ``sweep`` take runs and axes from there, if they are given none.
    """
    asked = question_in(config_dir)
    return Scenario.of(asked.setting({"experiment": typed(name)}))


def experiments(config_dir: str | Path | None = None) -> Table:
    """Return the questions that are written down: name, and what is asked."""
    asked = question_in(config_dir)
    rows = [(name, asked.words("experiment", name)) for name in asked.choices("experiment")]
    return Table("experiments", "", ("name", "question"), rows)


def scenarios(config_dir: str | Path | None = None) -> Table:
    """Return the scenarios that are there: name, title."""
    asked = question_in(config_dir)
    rows = [(name, asked.words("scenario", name) or name) for name in asked.choices("scenario")]
    return Table("scenarios", "", ("name", "title"), rows)
