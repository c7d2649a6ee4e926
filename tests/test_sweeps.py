"""Sweeps are the same runs as single questions, whatever the chunks, threads and neighbours."""

from __future__ import annotations

import io
import itertools
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import MIDDLING, NEUTRAL, episode
from sweeping import command
from uptake.cli.arguments import configuration
from uptake.config.case import assemble
from uptake.engine.compiled import Chunk, run_chunk
from uptake.engine.designs import Floats, Grid, Listed
from uptake.engine.plan import Part, Plan
from uptake.errors import InputError, Stopped
from uptake.model._jit import SOURCE
from uptake.model.episode import Episode, lever_path
from uptake.model.observation import OUTCOMES
from uptake.model.parameters import PARAMETER_NAMES, Prior, from_prior
from uptake.results.runs import outcome_columns
from uptake.results.tables import encoded

SEED, MONTHS, RUNS = 7, 15, 12
INITIAL = {
    "upfront_fee_gbp": 20000.0, "exit_freedom": 0.5, "review_month": 12.0, "target_joined": 20.0,
    "scrap_below_share": 0.5, "refund_share": 0.5, "discount_share": 0.1, "misfit": 0.5,
}  # fmt: skip
CHANGES = [(4, {"pressure": 0.8, "news_weight": 3.0, "news_saving_share": 0.1})]
PRIORS = {name: Prior("lognormal", {"median": MIDDLING[name], "sigma": 0.3}) for name in MIDDLING}

# Two levers and a parameter: those of the episode, and others.
KEYS = ("levers.pressure", "parameters.priors.attention_per_month.value", "levers.upfront_fee_gbp")
AXES = tuple(map(np.array, ([np.nan, 0.0, 1.0], [np.nan, 0.02, 0.6], [np.nan, 0.0, 60000.0])))


def case(**overridden: float) -> Episode:
    """Return the episode of these tests, with levers held as a single question holds them."""
    built = episode(trusts=30, months=MONTHS, approached=(25, 30))
    return built._replace(levers=lever_path(MONTHS, NEUTRAL | INITIAL, CHANGES, overridden))


def plan(
    keys: tuple[str, ...] = KEYS,
    axes: tuple[Floats, ...] = AXES,
    runs: int = RUNS,
    common: bool = True,
    chunk_runs: int | None = None,
) -> Plan:
    """Return a sweep of two parts: the second goes on for longer, with another seed."""
    grid = Grid(keys, axes)
    first = Part(case(), PRIORS, SEED, ("acute", "other"), grid, 0)
    longer = case()._replace(levers=lever_path(MONTHS + 3, NEUTRAL | INITIAL, CHANGES, {}))
    second = Part(longer, PRIORS, SEED + 1, ("acute", "other"), grid, grid.count)
    return Plan((first, second), runs, common, chunk_runs)


def bits(chunk: Chunk, row: int) -> list[bytes]:
    """Return all that a row of a chunk holds, to the bit."""
    arrays = chunk.parameters, chunk.outcomes, chunk.by_kind, chunk.by_size, chunk.curves
    return [*(array[row].tobytes() for array in arrays), str(chunk.errors[row]).encode()]


def rows_of(asked: Plan) -> dict[tuple[int, int], list[list[bytes]]]:
    """Return what every run of every point came to, to the bit, in the order of its rows."""
    found: dict[tuple[int, int], list[list[bytes]]] = {}
    for number in range(asked.chunks):
        block = asked.block(number)
        chunk = asked.run(block)
        for row in range(block.points * block.runs):
            point = asked.parts[block.part].first_point + block.point + row // block.runs
            found.setdefault((point, block.run + row % block.runs), []).append(bits(chunk, row))
    return found


def directly(pressure: float, attention: float, fee: float, first: int) -> Chunk:
    """Return the runs of a point as a single question gives them."""
    overridden = {"pressure": pressure, "upfront_fee_gbp": fee}
    held = {name: value for name, value in overridden.items() if not np.isnan(value)}
    priors = dict(PRIORS)
    if not np.isnan(attention):
        priors["attention_per_month"] = Prior("lognormal", {}, attention)
    return run_chunk(case(**held), partial(from_prior, priors, SEED), SEED, first, RUNS)


@pytest.mark.parametrize("common", [True, False])
def test_a_point_of_a_sweep_is_the_question_asked_by_itself(common: bool) -> None:
    """Levers and parameters from arrays, and those held by a user, give the same to the bit."""
    rows = rows_of(plan(common=common))
    seen = set()
    for point, (pressure, attention, fee) in enumerate(itertools.product(*AXES)):
        chunk = directly(pressure, attention, fee, 0 if common else point * RUNS)
        seen.add(chunk.curves.tobytes())
        for run in range(RUNS):
            assert rows[point, run] == [bits(chunk, run)], (point, run)
    assert len(seen) == 27  # every lever and parameter matters, as does what the scenario has


def test_chunks_do_not_matter_to_a_sweep() -> None:
    """One run at a time, pieces of points, whole points, all at once."""
    one = rows_of(plan())
    assert len(one) == 2 * 27 * RUNS
    for chunk_runs in (1, 7, 100, 1000):
        assert rows_of(plan(chunk_runs=chunk_runs)) == one
    assert rows_of(plan(common=False, chunk_runs=7)) == rows_of(plan(common=False)) != one


def test_points_of_a_list_are_those_of_a_grid() -> None:
    """In whatever order they stand: a point does not depend on the one before."""
    grid = plan().parts[0]
    values = grid.points.values(0, 27)
    shuffled = np.random.default_rng(5).permutation(27)
    listed = Part(grid.episode, PRIORS, SEED, grid.kinds, Listed(KEYS, values[shuffled]), 0)
    one, other = rows_of(plan()), rows_of(Plan((listed,), RUNS))
    for at, point in enumerate(shuffled):
        for run in range(RUNS):
            assert other[at, run] == one[int(point), run]


def test_a_plan_leaves_the_episode_as_it_was() -> None:
    """The levers of a point are held in a copy."""
    asked = plan()
    before = asked.parts[0].episode.levers.tobytes()
    asked.run(asked.block(0))
    assert asked.parts[0].episode.levers.tobytes() == before


def tables(asked: Plan, keep_curves: bool = True) -> dict[str, pa.Table]:
    """Return the tables of a plan, all chunks one after another."""
    files: dict[str, list[Any]] = {}
    for number in range(asked.chunks):
        for name, content in encoded(asked, keep_curves, SOURCE, "of these tests", number).items():
            files.setdefault(name, []).append(pq.read_table(io.BytesIO(content)))
    return {name: pa.concat_tables(found) for name, found in files.items()}


FAILING = {
    # a division by nought in the compiled code, and what is no number
    "parameters.priors.belief_sd_share.value": (0.0, "ZeroDivisionError: division by zero"),
    "parameters.priors.believed_saving_share.value": (np.inf, "believed_saving_share is inf"),
    "levers.upfront_fee_gbp": (np.inf, "trusts_cost_gbp is nan"),
}


@pytest.mark.parametrize("chunk_runs", [5, 12, 30, None])
@pytest.mark.parametrize("key", FAILING)
def test_a_point_that_fails_harms_no_other(key: str, chunk_runs: int | None) -> None:
    """Its rows say why, keep run and parameters, and hold nothing else; others are as without."""
    bad, why = FAILING[key]
    good = {"levers.upfront_fee_gbp": 5000.0}.get(key, 0.1)

    def part(*values: float) -> Part:
        points = Listed((key,), np.array(values)[:, None])
        short = case()._replace(levers=case().levers[:6])
        return Part(short, PRIORS, SEED, ("acute", "other"), points, 0)

    with_it = tables(Plan((part(np.nan, bad, good),), RUNS, chunk_runs=chunk_runs))
    without = tables(Plan((part(np.nan, good),), RUNS, chunk_runs=chunk_runs))
    frame = with_it["outcomes"].to_pandas()
    failed = frame[frame.point == 1]
    assert (list(failed.run), list(frame[frame.point == 2].run)) == (list(range(RUNS)),) * 2
    assert failed.error.str.startswith(why).all()
    assert failed.error.str.fullmatch(r".* \(seed [0-9]+\)").all()
    for name in set(with_it["outcomes"].column_names) - {"run", "point", "error"}:
        if name.startswith("parameter_"):
            drawn = from_prior(PRIORS, SEED, 0, RUNS)[name.removeprefix("parameter_")]
            is_axis = key.split(".")[-2] == name.removeprefix("parameter_")
            assert list(failed[name]) == ([bad] * RUNS if is_axis else list(drawn))
        else:
            assert failed[name].isna().all(), name
    assert set(OUTCOMES.names or ()) <= set(frame)
    for name, table in with_it.items():
        points = table["point"].to_numpy()
        kept = table.filter(pa.array(points != 1))
        moved = np.where(kept["point"].to_numpy() == 2, 1, kept["point"].to_numpy())
        place = kept.column_names.index("point")
        assert kept.set_column(place, "point", pa.array(moved)).equals(without[name]), name
        assert (points == 1).any() == (name == "outcomes")
    assert without["outcomes"]["error"].null_count == 2 * RUNS
    assert with_it.keys() == without.keys()
    assert ("bands" in with_it) == (chunk_runs != 5)


def test_a_sweep_of_which_all_fails_is_still_a_table() -> None:
    """Every row says why."""
    key = "parameters.priors.belief_sd_share.value"
    part = Part(case(), PRIORS, SEED, ("acute", "other"), Grid((key,), (np.zeros(1),)), 0)
    found = tables(Plan((part,), RUNS))
    assert found["outcomes"]["error"].null_count == 0
    assert len(found["outcomes"]) == RUNS
    assert len(found["bands"]) == len(found["curves"]) == 0


def test_a_single_question_that_fails_names_the_run() -> None:
    """And its seed, with which it can be done again."""

    def design(first: int, runs: int) -> Any:
        drawn = from_prior(PRIORS, SEED, first, runs)
        drawn.belief_sd_share[np.arange(first, first + runs) == 8] = 0.0
        return drawn

    with pytest.raises(Stopped, match="run 8 with seed 7 failed: ZeroDivisionError"):
        run_chunk(case(), design, SEED, 5, 6)


def outcomes(folder: Path) -> Any:
    """Return the outcomes of a sweep's folder, by point and run."""
    names = ["point", "run"]
    files = sorted((folder / "outcomes").glob("*.parquet"))
    table = pa.concat_tables(map(pq.read_table, files))
    return table.to_pandas().sort_values(names, ignore_index=True)


ASKED = ["levers.upfront_fee_gbp=0,35000", "levers.pressure=0,1,null", "sweep.runs=15", "months=4"]


def test_threads_and_chunk_sizes_do_not_matter(tmp_path: Path) -> None:
    """All rows are the same; a folder of many chunks holds what a single one does."""
    frames: list[Any] = []
    for chunk_runs, threads in ((1, 2), (7, 1), (1000, 2)):
        more = [f"sweep.chunk_runs={chunk_runs}", f"threads={threads}", f"out={len(frames)}"]
        code, _, err = command(tmp_path, *ASKED, *more)
        assert (code, err) == (0, "")
        frames.append(outcomes(tmp_path / str(len(frames))))
        assert len(frames[-1]) == 90
        assert frames[-1].equals(frames[0])
    files = [len(list((tmp_path / out / "outcomes").iterdir())) for out in "012"]
    assert files == [90, 18, 1]


def test_points_share_their_luck_unless_told_otherwise(tmp_path: Path) -> None:
    """Run r has the same parameters at every point; or else all numbers and parameters differ."""
    names = [f"parameter_{name}" for name in PARAMETER_NAMES]
    drawn = {}
    for common in ("true", "false"):
        more = [f"sweep.common_random_numbers={common}", f"out=common_{common}", "parameters=prior"]
        assert command(tmp_path, *ASKED, *more)[0] == 0
        drawn[common] = outcomes(tmp_path / f"common_{common}")
    shared, apart = drawn["true"], drawn["false"]
    assert [list(runs) for _, runs in shared.groupby("point").run] == [list(range(15))] * 6
    assert (shared.groupby("run")[names].nunique() == 1).all(axis=None)
    assert (shared[names].nunique() == 15).all()
    assert list(apart.run) == list(range(90))
    assert (apart[names].nunique() == 90).all()
    assert apart[:15][names].equals(shared[:15][names])  # run r is run r
    assert apart[:15].joined.equals(shared[:15].joined)


def test_a_point_of_a_command_is_the_question_asked_by_itself(tmp_path: Path) -> None:
    """From the words on the command line on: what uptake run -m finds, uptake run does."""
    assert command(tmp_path, *ASKED, "out=all", "sweep.chunks=1/1")[0] == 0
    points = pq.read_table(tmp_path / "all" / "points.parquet").to_pylist()
    assert points[4] == {"point": 4, "levers.upfront_fee_gbp": 35000.0, "levers.pressure": 1.0}
    rows = outcomes(tmp_path / "all").query("point == 4").reset_index()
    alone = ["levers.upfront_fee_gbp=35000", "levers.pressure=1", "months=4"]
    config = configuration("run", alone)
    assert config is not None
    asked = assemble(config)
    chunk = run_chunk(asked.episode, asked.design, 1, 0, 15)
    for name in OUTCOMES.names or ():
        assert rows[name].tolist() == chunk.outcomes[name].tolist(), name
    for name in PARAMETER_NAMES:
        assert rows[f"parameter_{name}"].tolist() == chunk.parameters[name].tolist()


LONG = "9" * 400  # a whole number that no double holds
HALF = "levers.pressure=0,0.5"
SAMPLE = ["levers.pressure=interval(0,1)", "sweep.design=lhs"]
REFUSED = {
    "levers.pressure=0,1.5": ["levers.pressure=1.5", "allowed is 0 to 1"],
    "levers.pressur=0,1": ["levers.pressur", "did you mean pressure?"],
    "parameters.priors.cauton.value=0,1": ["did you mean caution?"],
    "levers.pressure=0,abc": ["levers.pressure=abc", "a number is needed"],
    "levers.pressure=0,true": ["levers.pressure=True", "a number is needed"],
    "levers.pressure=nan,1": ["levers.pressure=nan: a number is needed"],
    "levers.pressure=0,inf": ["levers.pressure=inf: a number is needed"],
    f"levers.pressure=0,{LONG}": ["levers.pressure=0,999", "at most 19 digits"],
    f"levers.pressure=range(0,{LONG},1)": ["range(0,999", "at most 19 digits"],
    f"levers.pressure=interval(0,{LONG})": ["interval(0,999", "at most 19 digits"],
    f"levers.pressure=0,{LONG * 20}": ["levers.pressure=0,999", "at most 19 digits"],
    f"months=5,{LONG}": ["months=5,999", "at most 19 digits"],
    f"{HALF} sweep.runs={LONG}": ["sweep.runs=999", "at most 19 digits"],
    "levers.pressure=0,'\x1b[31mred'": ["levers.pressure=\\x1b[31mred", "a number is needed"],
    "months=12,range(24,60,12)": ["months=12,range(24,60,12)", "list its values"],
    "months=interval(1,2),3": ["months=interval(1,2),3", "list its values"],
    "levers.pressure=0,range(0,1,0.5)": ["range(0,1,0.5)", "list its values"],
    "scenario=2,3": [
        "scenario=2: allowed is one of",
        "irish_hr_2013",
        "more; one of your own needs",
    ],
    "scenario=range(1,3)": ["scenario=1: allowed is one of"],
    "scenario=nhs_sbs,null": ["scenario=null: allowed is one of"],
    "structure=default,2": ["structure=2: allowed is one of"],
    "parameters=prior,2": ["parameters=2: allowed is one of"],
    "levers.pressure=0,'1'": ["levers.pressure=1", "a number is needed"],
    "levers.pressure=[0],1": ["levers.pressure=[0]", "a number is needed"],
    "levers.pressure=0,": ["levers.pressure=0,", "write key=value"],
    "levers.pressure=range(0,1,0)": ["range(0,1,0)", "step of a range cannot be 0"],
    "levers.pressure=range(1,0,0.1)": ["range(1,0,0.1)", "1 to 10,000,000 values"],
    "levers.pressure=range(0,inf,1)": ["range(from, to, step)"],
    "levers.pressure=range(0,1,0.000000001)": ["1 to 10,000,000 values are needed"],
    "levers.pressure=interval(0,1)": ["interval(0,1)", "sweep.design=lhs or sobol"],
    "levers.pressure=glob(a*)": ["levers.pressure=glob(a*)", "not a pattern"],
    "levers.pressure=0,0.5,0": ["levers.pressure=0,0.5,0", "a value stands twice"],
    "levers.pressure=shuffle(0,1)": ["shuffle"],
    "levers.pressure=tag(a,choice(0,1))": ["tags have no meaning"],
    "levers.review_month=1.5,2": ["levers.review_month=1.5", "a whole number is needed"],
    "levers.news_weight=0,1": ["levers.news_weight", "timeline"],
    "levers=0,1": ["levers=0", "keys with values are needed"],
    "parameters.priors.caution.value=-1,1": ["caution.value=-1.0", "allowed is 0 to 100"],
    "scenario=glob(xyz*)": ["scenario=glob(xyz*)", "matches none of", "nhs_sbs"],
    "scenario=nhs_sbs,nhs_sbz": ["scenario=nhs_sbz", "did you mean nhs_sbs?"],
    "scenario=nhs_sbs,nhs_sbs": ["a value stands twice"],
    "scenario=interval(0,1)": ["only levers and parameters", "list the values"],
    "months=5,0": ["months=0", "allowed is 1 to 1200"],
    "runs=1,2": ["runs=1,2", "the same at every point"],
    "threads=1,2": ["threads=1,2", "the same at every point"],
    "executor=threads,dask": ["executor=threads,dask", "the same at every point"],
    "sweep.runs=1,2": ["sweep.runs=1,2", "the same at every point"],
    "hydra.sweeper=x,y": ["Hydra's own settings"],
    f"{HALF} levers.pressure=1": ["levers.pressure=1", "several values already"],
    f"{HALF} levers.pressure=0,1": ["levers.pressure=0,1", "several values already"],
    f"{HALF} sweep.chunks=3/2": ["sweep.chunks=3/2", "i/n is needed"],
    f"{HALF} sweep.design=x": ["sweep.design=x", "grid, lhs, sobol, file"],
    f"{HALF} sweep.design=file": ["sweep.file", "a file is needed"],
    f"{HALF} sweep.file=x.csv": ["sweep.file=x.csv", "is for sweep.design=file"],
    "sweep.design=file sweep.file=x.csv": ["x.csv: No such file", "CSV file"],
    f"{HALF} sweep.points=5": ["sweep.points=5", "sweep.design=lhs or sobol"],
    f"{HALF} sweep.design=lhs": ["sweep.points", "a number is needed"],
    f"{HALF} sweep.design=sobol sweep.points=5": ["sweep.points=5", "4 or 8"],
    "sweep.design=lhs sweep.points=4": ["a key with several values is needed"],
    " ".join([*SAMPLE, "sweep.points=100000000"]): ["sweep.points=100000000", "allowed is 1"],
    " ".join([*SAMPLE, "sweep.points=4 months=interval(3,9)"]): ["only levers and parameters"],
    "levers.pressure=interval(1,0) sweep.design=lhs sweep.points=4": ["from below to"],
    "levers.pressure=interval(0,2) sweep.design=lhs sweep.points=4": ["allowed is 0 to 1"],
    "levers.review_month=interval(0.5,3) sweep.design=lhs sweep.points=4": ["whole number"],
    f"{HALF} sweep.resume=true": ["sweep.resume=true", "out=FOLDER is needed"],
    f"{HALF} sweep.curves=all": ["sweep.curves=all", "bands, runs"],
    f"{HALF} sweep.runs=0": ["sweep.runs=0", "allowed is 1 to"],
    f"{HALF} sweep.rums=5": ["sweep.rums", "no such key", "runs"],
    f"{HALF} executor=slurm": ["executor=slurm", "dask, threads"],
    f"{HALF} executor.address=tcp://127.0.0.1:1": ["is for executor=dask"],
    f"{HALF} out=": ["out=", "folder"],
}


@pytest.mark.parametrize("arguments", REFUSED, ids=lambda typed: typed[:50])
def test_a_bad_sweep_is_refused_in_one_line(arguments: str, tmp_path: Path) -> None:
    """Exit code 2, nothing but what is wrong and what is allowed, and nothing is written."""
    code, out, err = command(tmp_path, *arguments.split(" "))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("uptake: ")
    assert (LONG not in err, "\x1b" in err) == (True, False)  # shortened; nothing for a terminal
    for part in REFUSED[arguments]:
        assert part in err
    assert list(tmp_path.iterdir()) == []


def test_a_file_may_be_called_by_a_number(tmp_path: Path) -> None:
    """Its name is a name, in a list as well."""
    (tmp_path / "mine" / "structure").mkdir(parents=True)
    (tmp_path / "mine" / "structure" / "2009.yaml").write_text(
        "defaults: [default, _self_]\nname: '2009'\npeers: region\n"
    )
    asked = ["--config-dir", "mine", "structure=default,2009", "sweep.runs=2", "months=2"]
    code, _, err = command(tmp_path, *asked, "parameters=prior", "sweep.chunks=1/1", "out=here")
    assert (code, err) == (0, "")
    points = pq.read_table(tmp_path / "here" / "points.parquet").to_pydict()
    assert points["structure"] == ["default", "2009"]


@pytest.mark.parametrize("kinds", [["acute", "Acute"], ["small"], ["dear"], ["LEAN"]])
def test_no_two_columns_have_one_name(kinds: list[str]) -> None:
    """Kinds that differ by case, or are called like a size or another count, are refused."""
    with pytest.raises(InputError, match="two columns of the results"):
        outcome_columns(["other", *kinds])


def test_a_kind_that_is_called_like_a_size_stops_a_sweep_before_it_begins(tmp_path: Path) -> None:
    """In one line."""
    head = "id,name,kind,region,income_million_gbp"
    (tmp_path / "a.csv").write_text(f"{head}\n1,,small,north,200\n2,,other,north,300\n")
    asked = ["population=file", "population.path=a.csv", "levers.pressure=0,1", "out=here"]
    code, out, err = command(tmp_path, *asked)
    assert (code, out, err.count("\n"), "small" in err) == (2, "", 1, True)
    assert not (tmp_path / "here").exists()


def test_an_endless_interval_of_a_whole_lever_is_refused_in_one_line(tmp_path: Path) -> None:
    sample = ["sweep.design=lhs", "sweep.points=4"]
    code, _, err = command(tmp_path, "levers.review_month=interval(0,inf)", *sample)
    assert (code, err.count("\n")) == (2, 1)


def test_a_sweep_refuses_the_key_that_it_does_not_read(tmp_path: Path) -> None:
    code, _, err = command(tmp_path, HALF, "variants=[all]", "sweep.runs=1", "sweep.chunks=1/2")
    assert (code, "variants" in err) == (2, True)


def test_several_values_are_for_a_sweep(tmp_path: Path, uptake: Any) -> None:
    """Without -m they are refused, and so are the keys of sweeps, with a hint."""
    for key in (HALF, "sweep.runs=5", "executor=dask"):
        done = uptake("run", key)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "uptake run -m" in done.stderr
