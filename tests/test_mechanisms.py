"""The ledger: every mechanism can be switched, and points the way its source reports."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from drawing import said, write_draws
from uptake.analysis.ledger import Mechanism, effects, held_in, ledger, pair
from uptake.cli.arguments import configuration, question
from uptake.config.case import Case, assemble

LEDGER = ledger()
RUNS = 1000


def case_of(mechanism: Mechanism, switch: list[str], *more: str) -> Case:
    """Return one side of a pair of runs."""
    config = configuration(
        "run", [*mechanism.side(switch), "parameters=prior", f"runs={RUNS}", *more]
    )
    assert config is not None
    return assemble(config)


def test_the_ledger_has_its_forty_two_rows() -> None:
    """Numbered in order, each with a source, a switch and a reported direction."""
    assert [mechanism.number for mechanism in LEDGER] == list(range(1, 43))
    for mechanism in LEDGER:
        assert mechanism.source
        assert mechanism.present != mechanism.absent
        assert mechanism.effects


@pytest.mark.parametrize("mechanism", LEDGER, ids=lambda m: f"{m.number} {m.name}")
def test_every_mechanism_moves_the_way_its_source_reports(mechanism: Mechanism) -> None:
    """Over pairs of runs on draws from the prior, in the mean, beyond three standard errors."""
    found = effects(
        mechanism, case_of(mechanism, mechanism.present), case_of(mechanism, mechanism.absent)
    )
    for effect in found:
        assert effect.as_reported, effect


def test_a_pair_without_a_switch_shows_no_effect() -> None:
    """Two runs on the same random numbers and the same levers are the same run."""
    row = LEDGER[0]
    same = case_of(row, row.present)
    for effect in effects(row, same, same):
        assert (effect.median, effect.q05, effect.q95, effect.mean) == (0.0, 0.0, 0.0, 0.0)
        assert not effect.as_reported


def test_a_switch_the_wrong_way_round_is_noticed() -> None:
    """Fewer is not more: with the two sides exchanged no effect is as reported."""
    row = next(mechanism for mechanism in LEDGER if mechanism.number == 21)
    present, absent = case_of(row, row.present), case_of(row, row.absent)
    forward, backward = effects(row, present, absent)[0], effects(row, absent, present)[0]
    assert forward.as_reported
    assert not backward.as_reported
    assert np.isclose(forward.mean, -backward.mean)


@pytest.mark.parametrize("structure", ["default", "evidence_unshared"])
def test_a_switch_of_the_structure_is_tried_on_draws_of_the_posterior(
    structure: str, tmp_path: Path
) -> None:
    """Both sides have the behaviour that was inferred; only the switch differs between them.

    The package has draws of the default structure; those of the other lie in a folder.
    """
    typed = ["parameters=posterior", "runs=20", f"structure={structure}"]
    if structure != "default":
        write_draws(tmp_path, overrides=[f"structure={structure}"])
        typed += [f"parameters.draws={tmp_path}"]
    asked = question("mechanisms", typed)
    base = assemble(asked.configuration())
    row = pair(asked, LEDGER[7], base.posterior)
    assert row.on is not None
    assert row.off is not None
    shared = [case.episode.structure[0].evidence_shared for case in (row.on, row.off)]
    assert (shared, base.posterior is None) == ([1.0, 0.0], False)
    on, off = (case.design(0, 20) for case in (row.on, row.off))
    assert on.tobytes() == off.tobytes()
    drawn = base.design(0, 20)
    drawn.realised_saving_share[:] = 0.2  # the setting of the row
    assert on.tobytes() == drawn.tobytes()


@pytest.mark.parametrize(
    ("held", "rows"),
    [
        ("structure.evidence_shared=false", [8]),
        ("parameters.priors.realised_saving_share.value=0.1", [8, 19]),
        ("parameters.priors.public_preference.value=0.5", [31]),
    ],
)
def test_a_row_of_which_the_user_holds_the_switch_is_not_tried(held: str, rows: list[int]) -> None:
    """It is told, with what is held; the other rows are tried."""
    asked = question("mechanisms", ["parameters=prior", "runs=2", held])
    assert [row.number for row in LEDGER if held_in(asked, row)] == rows
    row = pair(asked, LEDGER[rows[0] - 1], None)
    assert (row.on, row.off, row.held) == (None, None, held)


@pytest.mark.slow
def test_the_ledger_goes_on_past_a_row_that_cannot_be_tried(tmp_path: Path) -> None:
    """Exit code 0, a sentence on the row, 41 rows in the summary; posterior as well as prior."""
    asked = ["runs=2", "parameters=posterior", "parameters.priors.public_preference.value=0.5"]
    code, out, err = said(tmp_path, "mechanisms", *asked, "out=here")
    assert (code, err) == (0, "")
    told = "Not tried, as you hold what they switch or set: 31 (parameters.priors.public_preference"
    assert told in re.sub(r"\s+", " ", out)
    rows = json.loads((tmp_path / "here" / "summary.json").read_text())["mechanisms"]
    assert [row["number"] for row in rows] == [n for n in range(1, 43) if n != 31]
