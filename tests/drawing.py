"""Draws of the parameters for the tests, and commands run from their entry point."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from uptake.cli.arguments import configuration
from uptake.config import posterior
from uptake.config.case import priors_of
from uptake.model._jit import Records
from uptake.model.parameters import PARAMETER_NAMES, Posterior, Prior, from_prior

NAMES = list(PARAMETER_NAMES)


def said(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Return the exit code of a command, from its entry point, and what it said.

    Its figures, which take a third of its time, are drawn if ``figures=true`` is asked.
    """
    from uptake.cli.main import main

    out, err, asked = io.StringIO(), io.StringIO(), list(arguments)
    draws = asked[:1] in (["run"], ["episodes"], ["mechanisms"], ["calibrate"], ["skill"])
    if draws and not {"--help", "-h", "--cfg"} & set(asked):
        asked += [] if any(word.startswith("figures=") for word in asked) else ["figures=false"]
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        code = main(asked)
    return code, out.getvalue(), err.getvalue()


def refused(folder: Path, *arguments: str) -> str:
    """Return the one line with which a command is refused, before it writes or says anything."""
    before = sorted(folder.rglob("*"))
    code, out, err = said(folder, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1), (code, out, err)
    assert err.startswith("uptake: ")
    assert sorted(folder.rglob("*")) == before
    return err


def instead(asked: Sequence[str], *others: str) -> list[str]:
    """Return what is asked with these overrides, instead of those of the same keys."""
    keys = {other.partition("=")[0] for other in others}
    return [*(word for word in asked if word.partition("=")[0] not in keys), *others]


def priors(*overrides: str) -> dict[str, Prior]:
    """Return the priors of a configuration."""
    config = configuration("run", list(overrides))
    assert config is not None
    return priors_of(config)


def two_kinds(draws: int = 60) -> Records:
    """Return draws from the priors; in every third of them, nobody ever takes an interest.

    They have the seven digits that a file of draws keeps.
    """
    made = from_prior(priors("parameters=prior"), 3, 0, draws)
    made.attention_per_month[:] = 0.5
    made.attention_per_month[::3] = 1e-9
    return to_seven_digits(made)


def to_seven_digits(made: Records) -> Records:
    """Return parameters as a file of draws keeps them."""
    for name in NAMES:
        made[name] = made[name].astype(np.float32)
    return made


def write_draws(
    folder: Path,
    draws: Records | None = None,
    overrides: Sequence[str] = (),
    of: str = "new",
    **about: Any,
) -> Path:
    """Write draws of a history, or for a scheme that nobody has tried, and return their file.

    They are as inferred under a configuration, with the priors as they are.
    """
    config = configuration("run", ["parameters=prior", *overrides])
    assert config is not None
    made = two_kinds() if draws is None else draws
    path = folder / config.structure.name / f"{of}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {
        "structure": posterior.structure_of(config),
        "priors": posterior.known_of(priors_of(config)),
    }
    ones = np.ones(len(made))
    posterior.write(path, Posterior(made, ones), known | about, ones)
    return path


def drawn(path: Path) -> Any:
    """Return the parameters that runs had, a row a run in the order of their numbers."""
    table = pq.read_table(path).to_pandas().sort_values(["point", "run"], ignore_index=True)
    return table[["point", "run", *(f"parameter_{name}" for name in NAMES)]]
