"""The ledger: every mechanism can be switched, and points the way its source reports."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.composition import configuration
from sim.scenario import Case, assemble
from sim.studies.mechanisms import Mechanism, effects, ledger

LEDGER = ledger()
RUNS = 1000


def case_of(mechanism: Mechanism, switch: list[str], *more: str) -> Case:
    """Return one side of a pair of runs."""
    config = configuration(
        "run", [*mechanism.side(switch), "parameters=prior", f"runs={RUNS}", *more]
    )
    assert config is not None
    return assemble(config)


def test_the_ledger_has_its_thirty_three_rows() -> None:
    """Numbered in order, each with a source, a switch and a reported direction."""
    assert [mechanism.number for mechanism in LEDGER] == list(range(1, 34))
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
    """Two runs on the same luck and the same levers are the same run."""
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
