"""What a sweep costs beyond its runs: measured on whole processes by ``uptake bench``."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from uptake.cli.arguments import question
from uptake.config.axes import axes_of
from uptake.config.sweep import Quiet, prepared
from uptake.engine import executors
from uptake.files import for_duckdb
from uptake.results.reading import open_sweep
from uptake.results.sweep import run_sweep

FEE, PRESSURE = "levers.upfront_fee_gbp", "levers.pressure"
GRIDS = {  # points to axes
    10_000: [f"{FEE}=range(0,50000,500)", f"{PRESSURE}=range(0,1,0.01)"],
    1_000_000: [f"{FEE}=range(0,50000,50)", f"{PRESSURE}=range(0,1,0.001)"],
}
TEN_MILLION = 10_000_000

# Figure, what it is, and what is to be reached.
TARGETS: dict[str, tuple[str, str]] = {
    "seconds_overhead_10000_points": (
        "s a sweep takes beyond its runs, 10,000 points",
        "1 or less",
    ),
    "seconds_overhead_1000000_points": ("the same, 1,000,000 points", "10 or less"),
    "seconds_million_runs": ("s, 10,000 points of 100 runs, stored", "under 180"),
    "mib_sweep_100000_runs": ("MiB, a sweep of 100,000 runs", ""),
    "mib_sweep_million_runs": ("MiB, a sweep of 1,000,000 runs", "under 1,000"),
    "mib_sweep_million_points": ("MiB, a sweep of 1,000,000 points", "under 1,000"),
    "seconds_summary_10_million_rows": ("s, quantiles by point of 10,000,000 rows", "5 or less"),
}


def _peak_mib() -> float:
    """Return the most memory that this process has held, MiB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(points: int, runs: int, folder: Path) -> dict[str, float]:
    """Return the seconds of a whole sweep and of its runs alone, and the process's peak memory."""
    asked = question("run", ["-m", *GRIDS[points], f"runs={runs}", f"out={folder}"])
    plan = prepared(asked, axes_of(asked), Quiet()).plan
    plan.run(plan.block(0))  # which loads the compiled rules: they are the engine's
    began = time.perf_counter()
    run_sweep(prepared(asked, axes_of(asked), Quiet()), Quiet())
    whole = time.perf_counter() - began
    peak = _peak_mib()
    began = time.perf_counter()
    with executors.threads() as run:
        for _ in run(lambda chunk: plan.run(plan.block(chunk)).outcomes[:0], range(plan.chunks)):
            pass
    return {"whole": whole, "runs": time.perf_counter() - began, "mib": peak}


def summarised(folder: Path) -> float:
    """Return the seconds it takes to summarise a sweep's rows as often as to make ten million."""
    sweep = open_sweep(folder)
    files = [for_duckdb(path) for path in sorted((folder / "outcomes").glob("*.parquet"))]
    rows = sweep.manifest["points"] * sweep.manifest["runs"]
    again = sweep.connection.read_parquet(files * (TEN_MILLION // rows))
    again.create_view("outcomes", replace=True)
    began = time.perf_counter()
    sweep.summary("joined").fetchall()
    return time.perf_counter() - began


def _in_a_process(points: int, runs: int, folder: Path) -> dict[str, float]:
    """Return what a process of its own measures."""
    asked = [sys.executable, __file__, str(points), str(runs), str(folder)]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def sweep_figures() -> dict[str, float]:
    """Return what sweeps cost, seconds and MiB."""
    with tempfile.TemporaryDirectory() as scratch:
        few = _in_a_process(10_000, 1, Path(scratch) / "few")
        many = _in_a_process(1_000_000, 1, Path(scratch) / "many")
        tenth = _in_a_process(10_000, 10, Path(scratch) / "tenth")
        runs = _in_a_process(10_000, 100, Path(scratch) / "runs")
        return {
            "seconds_overhead_10000_points": few["whole"] - few["runs"],
            "seconds_overhead_1000000_points": many["whole"] - many["runs"],
            "seconds_million_runs": runs["whole"],
            "mib_sweep_100000_runs": tenth["mib"],
            "mib_sweep_million_runs": runs["mib"],
            "mib_sweep_million_points": many["mib"],
            "seconds_summary_10_million_rows": summarised(Path(scratch) / "runs"),
        }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))))
