"""Draws of a history: as it happened, tried again, and of a scheme that nobody has tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import uptake as up
from calibrating import HISTORIES, OWN, PRIORS, SEEN
from drawing import NAMES, refused, said
from uptake.config.posterior import read
from uptake.engine.compiled import run_numbered
from uptake.inference.checkpoints import load
from uptake.inference.data import EpisodeData
from uptake.inference.fit import Variant, own_seed
from uptake.inference.likelihood import is_taken
from uptake.inference.smc import unit
from uptake.model.draws import run_keys

RUNS = 200
MOST_RUNS = 60  # of a particle: calibration.most_runs of these draws


def asked(calibration: Path, name: str, draws: str | None = None) -> up.Scenario:
    """Return a scheme on the draws of the small calibration."""
    fixed = {key: float(value) for key, _, value in (one.partition("=") for one in PRIORS)}
    scheme = up.scenario(name, config_dir=calibration / "mine", parameters="prior").set(fixed)
    return scheme.using(calibration / "here" / "draws", draws=draws)


def table(calibration: Path, name: str) -> Any:
    """Return a table of the draws."""
    return pq.read_table(calibration / "here" / "draws" / "default" / f"{name}.parquet").to_pandas()


def assert_same_runs(one: up.Result, other: up.Result, months: int = 12) -> None:
    """Assert that runs are the same to the bit up to a month: curves, and all that is told."""
    curves = (runs.chunk.curves[:, : months + 1].tobytes() for runs in (one, other))
    assert next(curves) == next(curves)
    if months == 12:
        assert one.chunk.outcomes.tobytes() == other.chunk.outcomes.tobytes()


@pytest.mark.parametrize("name", HISTORIES)
def test_what_was_reported_came_about_in_every_run(name: str, calibration: Path) -> None:
    """Exact numbers exactly; with an error, each run is one that would be read so. Any seed."""
    scheme = asked(calibration, name, "happened")
    for seed in (1, 2):
        runs = scheme.run(RUNS, seed)
        for outcome, seen in scheme.case.observed:
            off = runs.chunk.curves[outcome][:, seen.month] - seen.value
            assert (np.abs(off) <= 5 * seen.sd).all(), outcome
            assert (off == 0).all() == (seen.sd == 0.0), outcome
        drawn = scheme.case.asking(RUNS, seed, None).design(0, RUNS)
        keys = np.concatenate(
            [
                run_keys(int(a), np.array([b]))
                for a, b in zip(drawn.luck_seed, drawn.luck_run, strict=True)
            ]
        )
        data = EpisodeData(scheme.case, 0.1)
        assert is_taken(data.read(runs.chunk, keys), data.errors, 0.0).all()


def test_each_run_is_bit_by_bit_the_one_that_was_taken(calibration: Path) -> None:
    """Done again from the state of its chain: behaviour, assumptions and luck of a particle."""
    scheme = asked(calibration, "county", "happened")
    runs, data = scheme.run(RUNS), EpisodeData(scheme.case, 0.1)
    drawn, found = scheme.case.design(0, RUNS), 0
    variant = Variant("default", [scheme.case], [data])
    for chain in range(2):
        seed = own_seed(1, "default", "county", chain)
        folder = calibration / "here" / "chains" / "default" / "county"
        files = [folder, *folder.glob("nearer_*")]
        states = [load(one / f"chain_{chain + 1}.npz") for one in files]
        every = [state.particles for state in states if state is not None]
        normal, stream, taken = (
            np.concatenate([getattr(one, name) for one in every])
            for name in ("normal", "stream", "taken")
        )
        here = np.flatnonzero(drawn.luck_seed == data.luck(seed))
        rows = [list(taken[:, 0]).index(number) for number in drawn.luck_run[here]]
        assert min(rows) < 50 <= max(rows) < 100
        made = variant.parameters(unit(normal))[rows]
        made["draw"] = run_keys(seed, stream[rows])
        assert (taken[rows, 0] // MOST_RUNS == stream[rows]).all()
        chunk = run_numbered(scheme.case.episode, made, data.luck(seed), taken[rows, 0])
        for name in set(chunk.outcomes.dtype.names or ()) - {"point", "run"}:
            there = runs.chunk.outcomes[here][name]
            assert chunk.outcomes[name].tobytes() == there.tobytes(), name
        assert chunk.curves.tobytes() == runs.chunk.curves[here].tobytes()
        found += len(here)
    assert found == RUNS


def test_what_is_set_to_what_it_is_changes_nothing(calibration: Path) -> None:
    """Under what happened: no outcome, no curve, no run."""
    scheme = asked(calibration, "county", "happened")
    was = scheme.run(RUNS)
    assert_same_runs(scheme.set(upfront_fee_gbp=0).run(RUNS), was)
    assert_same_runs(scheme.move("push", pressure=0.1).run(RUNS), was)
    assert_same_runs(scheme.without("push").set(mandate=0).as_it_was().run(RUNS), was)


def test_a_what_if_shares_all_but_the_lever_with_what_happened(calibration: Path) -> None:
    """Until the month from which it differs, runs are the same; then those that look are more."""
    scheme = asked(calibration, "county", "happened")
    was, now = scheme.run(RUNS), scheme.move("push", pressure=1.0).run(RUNS)
    assert_same_runs(now, was, 6)
    assert (was.chunk.curves["joined"][:, 6] == 2).all()
    more = now.chunk.curves["joined"][:, 12] - was.chunk.curves["joined"][:, 12]
    assert more.mean() > 0.0
    assert (was["approached"] == now["approached"]).all()
    assert len(np.unique(was["approached"])) > 1
    for name in NAMES:
        assert (was.chunk.parameters[name] == now.chunk.parameters[name]).all()


def test_tried_again_luck_is_fresh(calibration: Path) -> None:
    """The same behaviour as it happened, run for run; what comes about differs, and by seed."""
    happened, again = (asked(calibration, "county", kind) for kind in ("happened", "again"))
    was, now, other = happened.run(RUNS), again.run(RUNS), again.run(RUNS, seed=2)
    for name in NAMES:
        assert (was.chunk.parameters[name] == now.chunk.parameters[name]).all()
    joined = now.chunk.curves["joined"][:, 12]
    assert 0 < (joined == 4).sum() < RUNS
    assert (joined != other.chunk.curves["joined"][:, 12]).any()


def test_a_scheme_that_nobody_has_tried_has_no_luck_of_others(calibration: Path) -> None:
    """Nor their sets of parameters: they are new draws, of another number."""
    kept = table(calibration, "new")
    assert (kept.luck_seed == 0).all()
    assert len(kept.draw.unique()) == len(kept) == 2_000
    for name in HISTORIES:
        history = table(calibration, name)
        assert (history.luck_seed > 0).all()
        assert not kept.attention_per_month.isin(history.attention_per_month).any()
        assert not kept.draw.isin(history.draw).any()
    runs = asked(calibration, "county", "new").run(RUNS)
    assert 0 < (runs.chunk.curves["joined"][:, 12] == 4).sum() < RUNS


def test_which_draws_is_said(calibration: Path) -> None:
    """By the case, and in a sentence of the answer; as it happened if nothing else is asked."""
    told = {
        "happened": "as it happened (given what was reported, each number within its error)",
        "again": "this scheme tried again (what its history tells of behaviour, and fresh luck)",
        "new": "a scheme nobody has tried (behaviour as it varies between 2 histories)",
    }
    own = "as if nobody had tried it (behaviour as it varies between 2 histories with its own)"
    for name, kind, expected in (
        *((HISTORIES[0], kind, kind) for kind in told),
        (HISTORIES[0], None, "happened"),
        ("borough", None, "new"),
        ("borough", "new", "new"),
    ):
        scheme = asked(calibration, name, kind)
        assert scheme.case.draws == expected
        is_own = (name, kind) == (HISTORIES[0], "new")
        assert f"Behaviour: {own if is_own else told[expected]}" in scheme.run(20).text
    assert asked(calibration, "county").using(approached=15).case.draws == "again"
    assert up.scenario(
        "county", config_dir=calibration / "mine", parameters="prior"
    ).case.draws == ("prior")


OTHERS = {
    "population.approached=15": "other trusts",
    "population.approached_spread=0.1": "other trusts",
    "fix=assumptions": "fix=assumptions",
    "parameters.priors.sovereignty.value=1": "a parameter that is held",
    "scenario.approached.value=15": "scenario.approached.value",
}


@pytest.mark.parametrize("other", [*OTHERS, "population=file"])
def test_what_happened_is_not_asked_of_what_did_not(other: str, calibration: Path) -> None:
    """One line says what is other, and what can be asked; that is taken if nothing is said."""
    ask = ["run", *OWN, "scenario=county", "parameters.draws=here/draws", *PRIORS, "runs=20", other]
    ask += ["population.path=trusts.csv"] if other == "population=file" else []
    err = refused(calibration, *ask, "draws=happened")
    assert "draws=happened: what happened cannot be asked with " in err
    assert OTHERS.get(other, "other trusts") in err
    assert "draws=again can" in err
    if other in OTHERS:
        code, out, err = said(calibration, *ask, f"out=asked_{list(OTHERS).index(other)}")
        assert (code, err) == (0, "")
        assert "this scheme tried again" in " ".join(out.split())


def test_what_nobody_tried_did_not_happen(calibration: Path) -> None:
    """Nor is there a history on the prior; an unknown word is told."""
    ask = ["run", *OWN, "scenario=borough", "parameters.draws=here/draws", *PRIORS, "runs=20"]
    for kind in ("happened", "again"):
        err = refused(calibration, *ask, f"draws={kind}")
        assert f"draws={kind}: nothing was learnt from borough" in err
        assert "draws=new is for such a scheme" in err
    err = refused(calibration, "run", *OWN, "scenario=county", "parameters=prior", "draws=again")
    assert "draws=again: behaviour is drawn from the prior" in err
    assert "draws=agian: allowed is" in refused(calibration, *ask, "draws=agian")


def test_points_that_differ_in_a_parameter_are_tried_again(calibration: Path) -> None:
    """As each would be, asked alone; asked as it happened, the sweep is refused."""
    ask = [*OWN, "scenario=county", "parameters.draws=here/draws", *PRIORS]
    held = "parameters.priors.sovereignty.value"
    sweep = ["run", "-m", *ask, f"{held}=0.5,2", "sweep.runs=30"]
    err = refused(calibration, *sweep, "draws=happened")
    assert f"draws=happened: what happened cannot be asked with {held}" in err
    assert said(calibration, *sweep, "out=sweep")[0] == 0
    alone = ["run", *ask, f"{held}=2", "runs=30", "out=held"]
    assert said(calibration, *alone)[0] == 0
    (path,) = (calibration / "sweep" / "outcomes").glob("*.parquet")
    rows = pq.read_table(path).to_pandas().query("point == 1").sort_values("run")
    expected = pq.read_table(calibration / "held" / "outcomes.parquet").to_pandas()
    assert (rows.joined.to_numpy() == expected.joined.to_numpy()).all()
    assert (expected.joined != 4).any()


def test_points_that_differ_in_a_lever_are_what_ifs_of_what_happened(calibration: Path) -> None:
    ask = [*OWN, "scenario=county", "parameters.draws=here/draws", *PRIORS]
    sweep = ["run", "-m", *ask, "levers.upfront_fee_gbp=0,100000", "sweep.runs=30", "out=fees"]
    assert said(calibration, *sweep)[0] == 0
    (path,) = (calibration / "fees" / "outcomes").glob("*.parquet")
    rows = pq.read_table(path).to_pandas()
    assert (rows.joined[rows.point == 0] == 4).all()
    assert rows.joined[rows.point == 1].mean() < 4


def test_the_draws_say_what_they_were_made_from(calibration: Path) -> None:
    """What was fitted, under which priors; weights by itself, and given the other history."""
    folder = calibration / "here" / "draws" / "default"
    assert {path.stem for path in folder.iterdir()} == {*HISTORIES, "new"}
    for name in HISTORIES:
        posterior, about = read(folder / f"{name}.parquet")
        alone, _ = read(folder / f"{name}.parquet", "alone")
        assert len(posterior.draws) == 200  # 100 do not reach where the other history points
        assert posterior.weights.sum() == pytest.approx(1.0)
        assert (alone.weights != posterior.weights).any()
        evidence = [s[-1]["log_marginal_likelihood"] for s in about["diagnostics"]["chains"]]
        shares = np.exp(evidence - np.max(evidence))
        most = 2.0 * shares.max() / shares.sum() / 50  # none counts more than twice as much
        assert alone.weights.sum() == pytest.approx(1.0)
        assert 0.0 < alone.weights.min() < alone.weights.max() <= most
        assert set(about["diagnostics"]["nearer"]) == {"mean", "sd"}
        assert about["deviation"] == 0.0
        assert len(about["fitted"]) == sum(
            len(one) if isinstance(one, list) else 1 for one in SEEN[name].values()
        )
        assert (about["seed"], about["calibration"]["particles"]) == (1, 50)
    _, about = read(folder / "new.parquet")
    assert list(about["histories"]) == list(HISTORIES)
