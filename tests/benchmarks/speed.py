"""What the engine costs, beside a plain Mesa model and a bare draw: ``uptake bench`` prints it.

Every figure is a ratio within one run of this command, or is measured on a whole process: repeats
are interleaved, so that a machine that is busy for a while is busy for all of them, and medians are
printed.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks import plain_mesa, sweeps
from uptake.cli import terminal
from uptake.cli.arguments import configuration
from uptake.config.case import assemble
from uptake.config.schema import Run, configs_folder
from uptake.engine import compiled
from uptake.files import write_json
from uptake.model import draws, parameters
from uptake.model._jit import Records, njit
from uptake.model.episode import Episode
from uptake.results.folders import output_folder

REPEATS = 9
MONTHS = 60
BEHAVIOURS = 20  # draws of the parameters, the same for every contestant
# The membership scheme without its review, the service running, so that every process is at work.
SETTING = [f"months={MONTHS}", "levers.review_month=0", "levers.opens_month=0"]

# Regions, stages, several providers: a million trusts for five years.
REGIONAL = ["scenario=stp_back_office_2016", f"months={MONTHS}", "structure=regional_peers"]

MEMORY_PROBE = """
import resource, sys
from uptake.cli.arguments import configuration
from uptake.model import parameters
from uptake.config import case as scenario
from uptake.engine import compiled as sweep
trusts, runs = int(sys.argv[1]), int(sys.argv[2])
config = configuration("run", [f"population.approached={trusts}", f"runs={runs}", *sys.argv[3:]])
case = scenario.assemble(config)
design = lambda first, count: parameters.from_prior(case.priors, 1, first, count)
for chunk in sweep.simulate(case.episode, design, runs, 1, 1):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@njit
def draw_uniforms(seed: int, trusts: int, months: int) -> float:
    """Return the sum of one uniform a trust and month: what drawing alone costs."""
    total = 0.0
    for month in range(months):
        key = draws.month_key(draws.run_key(seed, 0), draws.ATTENTION, month)
        for trust in range(trusts):
            total += draws.uniform_at(key, trust)
    return total


def _seconds(job: Callable[[], object]) -> float:
    """Return the wall time of a job, seconds."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def _interleaved(jobs: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Return the times of jobs taken in turn, seconds, after one round that does not count."""
    for job in jobs.values():
        job()
    times: dict[str, list[float]] = {name: [] for name in jobs}
    with terminal.progress("rounds", REPEATS) as advance:
        for _ in range(REPEATS):
            for name, job in jobs.items():
                times[name].append(_seconds(job))
            advance(1)
    return times


def _run_ours(episode: Episode, design: Records) -> None:
    """Run the compiled engine once for every draw of the parameters."""
    compiled.run_chunk(episode, lambda first, runs: design[first : first + runs], 1, 0, len(design))


def _run_plain(setting: Any, rows: list[dict[str, float]]) -> None:
    """Run the plain Mesa model once for every draw of the parameters."""
    overridden = {"review_month": 0.0, "opens_month": 0.0}
    for values in rows:
        plain_mesa.PlainModel(
            setting, values, 1, months=MONTHS, trusts=200, overridden=overridden
        ).run()


def engine_figures() -> dict[str, float]:
    """Return what a trust-month costs, against plain Mesa and against a bare draw."""
    jobs: dict[str, Callable[[], object]] = {}
    months: dict[str, int] = {}
    for trusts, repeats in ((200, 20), (20000, 1), (1_000_000, 0)):
        config = configuration("run", [f"population.approached={trusts}", *SETTING])
        assert config is not None
        case = assemble(config)
        behaviours = parameters.from_prior(case.priors, 1, 0, BEHAVIOURS)
        design = np.tile(behaviours, repeats).view(np.recarray) if repeats else behaviours[:3]
        jobs |= {
            f"ours_{trusts}": partial(_run_ours, case.episode, design),
            f"bare_{trusts}": partial(draw_uniforms, 1, trusts, MONTHS * len(design)),
        }
        each = trusts * len(design) * MONTHS
        months |= {f"ours_{trusts}": each, f"bare_{trusts}": each}
        if trusts == 200:
            rows = [{n: float(row[n]) for n in row.dtype.names} for row in behaviours]
            setting = plain_mesa.load(configs_folder(), config.scenario.name)
            jobs["plain"] = partial(_run_plain, setting, rows)
            months["plain"] = trusts * len(rows) * MONTHS
    times = _interleaved(jobs)
    cost = {name: 1e9 * statistics.median(t) / months[name] for name, t in times.items()}

    def ratio(above: str, below: str) -> float:
        """Return the median over the rounds of what a trust-month costs in one and in another."""
        pairs = zip(times[above], times[below], strict=True)
        return statistics.median(a / b for a, b in pairs) * months[below] / months[above]

    return {
        "ratio_plain_mesa_200": ratio("plain", "ours_200"),
        "ratio_bare_draw_200": ratio("ours_200", "bare_200"),
        "ratio_bare_draw_20000": ratio("ours_20000", "bare_20000"),
        "ratio_20000_to_200": ratio("ours_20000", "ours_200"),
        "ratio_1000000_to_200": ratio("ours_1000000", "ours_200"),
        "nanoseconds_trust_month_200": cost["ours_200"],
        "nanoseconds_trust_month_20000": cost["ours_20000"],
        "nanoseconds_bare_draw": cost["bare_200"],
        "nanoseconds_trust_month_plain_mesa": cost["plain"],
    }


def _process(*arguments: str) -> str:
    """Return what a fresh Python process prints."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def memory_figures() -> dict[str, float]:
    """Return peak memory of whole processes: MiB for few and many runs, bytes a trust."""

    def peak(trusts: int, runs: int, *setting: str) -> float:
        asked = [str(trusts), str(runs), *(setting or SETTING)]
        return float(_process("-c", MEMORY_PROBE, *asked)) / 1024

    peak(2000, 1)  # which compiles, if that has not been done
    large, larger = peak(4_000_000, 1), peak(8_000_000, 1)
    regional = peak(4_000_000, 1, *REGIONAL) - peak(2_000_000, 1, *REGIONAL)
    return {
        "mib_2000_trusts_500_runs": peak(2000, 500),
        "mib_2000_trusts_10000_runs": peak(2000, 10000),
        "bytes_a_trust": (larger - large) * 1024 * 1024 / 4_000_000,
        "bytes_a_trust_regions": regional * 1024 * 1024 / 2_000_000,
    }


def command_figures(folder: Path) -> dict[str, float]:
    """Return the times of whole commands, seconds, from start to end, caches warm."""
    show_help = partial(_process, "-m", "uptake", "--help")

    def run() -> None:
        _process("-m", "uptake", "run", f"out={tempfile.mkdtemp(dir=folder)}")

    run()
    return {
        "seconds_help": statistics.median(_seconds(show_help) for _ in range(REPEATS)),
        "seconds_run_warm": statistics.median(_seconds(run) for _ in range(5)),
    }


# Figure, what it is, and what is to be reached (None: shown for information).
TARGETS: dict[str, tuple[str, str]] = {
    "ratio_plain_mesa_200": ("times faster than plain Mesa, 200 trusts, one thread", "300 or more"),
    "ratio_bare_draw_200": ("cost of a trust-month in bare draws, 200 trusts", "6 or less"),
    "ratio_bare_draw_20000": ("the same, 20,000 trusts", "6 or less"),
    "ratio_20000_to_200": ("cost at 20,000 trusts over cost at 200", "1.5 or less"),
    "ratio_1000000_to_200": ("cost at 1,000,000 trusts over cost at 200", "2 or less"),
    "nanoseconds_trust_month_200": ("ns a trust-month, 200 trusts", ""),
    "nanoseconds_trust_month_20000": ("ns a trust-month, 20,000 trusts", ""),
    "nanoseconds_bare_draw": ("ns a bare draw", ""),
    "nanoseconds_trust_month_plain_mesa": ("ns a trust-month, plain Mesa", ""),
    "mib_2000_trusts_500_runs": ("MiB, 2,000 trusts, 500 runs", ""),
    "mib_2000_trusts_10000_runs": ("MiB, 2,000 trusts, 10,000 runs", "about the same"),
    "bytes_a_trust": ("bytes a trust, from 4 to 8 million trusts", ""),
    "bytes_a_trust_regions": ("bytes a trust, regions, from 2 to 4 million trusts", "300 or less"),
    "seconds_help": ("s, uptake --help", "under 1"),
    "seconds_run_warm": ("s, a second uptake run, start to files on disk", "under 5"),
}


def measure(config: Run) -> None:
    """Measure, print and save."""
    folder = output_folder(config.out, "bench")
    terminal.compile_rules(assemble(config))
    figures: dict[str, float] = {}
    if sys.platform != "win32":  # which has no such measure of a process
        terminal.say("Measuring memory ...")
        figures |= memory_figures()  # first: a child's peak starts at the size of its parent
        terminal.say("Measuring sweeps ...")
        figures |= sweeps.sweep_figures()
    figures |= engine_figures()
    terminal.say("Measuring whole commands ...")
    with tempfile.TemporaryDirectory() as scratch:
        figures |= command_figures(Path(scratch))
    table = terminal.table("uptake bench: medians", "figure", "measured", "to be reached")
    for name, (meaning, target) in (TARGETS | sweeps.TARGETS).items():
        if name in figures:
            table.add_row(meaning, f"{figures[name]:,.3g}", target)
    terminal.console.print(table)
    write_json(folder / "summary.json", figures)
    terminal.say(f"Everything is in {folder}.")
