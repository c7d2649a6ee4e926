"""What a run is held against is what was reported, as the tables and summaries of runs have it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import ROOT
from uptake.cli.arguments import question
from uptake.config.case import Case, assemble
from uptake.config.reported import is_count
from uptake.config.schema import Finding, Observation, Quantity
from uptake.engine.compiled import run_chunk
from uptake.inference.data import EpisodeData
from uptake.model.draws import run_keys
from uptake.model.observation import CURVES
from uptake.results.runs import Runs
from uptake.results.summary import sides, summarise
from uptake.results.tables import save

SCENARIOS = sorted(path.stem for path in (ROOT / "configs" / "scenario").glob("*.yaml"))
RUNS, ERROR = 300, 0.1


def case_of(scenario: str) -> Case:
    return assemble(question("run", [f"scenario={scenario}", "parameters=prior"]).configuration())


def test_there_is_evidence_to_test_with() -> None:
    """Among the episodes are exact counts, readings with an error, facts and mere forecasts."""
    evidence = {name: EpisodeData(case_of(name), ERROR) for name in SCENARIOS}
    assert evidence["nhs_employers_2009"].fitted == {"joined": 17, "interested": 9}
    assert (evidence["nhs_employers_2009"].errors == 0.0).all()
    assert len(evidence["nhs_employers_2009"].findings) == 2
    assert evidence["research_councils_2006"].errors == pytest.approx([1 / 7, 1 / 7])
    facts = {name for name, _ in evidence["cabinet_office_2012"].facts}
    assert "worst_exit_share" in facts
    assert evidence["stp_back_office_2016"].findings == []
    assert evidence["stp_back_office_2016"].case.findings != []
    assert any(seen.of for one in evidence.values() for _, seen in one.readings)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_runs_are_read_as_their_tables_and_summary_have_them(scenario: str, tmp_path: Path) -> None:
    """Numbers are those of the tables; facts hold in the share of runs that the summary says.

    Each fact that is false in a run divides its chance by the odds that a report is right; a
    forecast does not.
    """
    case = case_of(scenario)
    evidence, unit = EpisodeData(case, ERROR), case.episode.approached_high
    chunk = run_chunk(case.episode, case.design, 1, 0, RUNS)
    runs = Runs(case, chunk)
    save(runs, tmp_path)
    outcomes, curves = (
        pq.read_table(tmp_path / f"{name}.parquet") for name in ("outcomes", "curves")
    )
    said = summarise(runs)

    def column(name: str, month: int) -> Any:
        if name in CURVES:
            return np.array([values[month] for values in curves[name].to_pylist()], float)
        return np.array(outcomes[name].to_pylist(), float)

    def values_of(name: str, seen: Observation) -> Any:
        with np.errstate(invalid="ignore", divide="ignore"):
            below = column(seen.of, seen.month) if seen.of else 1.0
            return column(name, seen.month) / np.where(below == 0.0, np.nan, below)

    read = evidence.read(chunk, run_keys(1, np.arange(RUNS)))
    assert read.apart.shape == (RUNS, len(evidence.readings))
    for i, (name, seen) in enumerate(evidence.readings):
        values, (low, high) = np.nan_to_num(values_of(name, seen)), seen.ends
        off = np.maximum(low - values, 0.0) + np.maximum(values - high, 0.0)
        if seen.of is None:
            off /= unit if is_count(name) else max(abs(seen.value), seen.sd)
        assert read.apart[:, i] == pytest.approx(off)
    expected = np.ones(RUNS)
    for name, seen in evidence.facts:
        held = (seen.ends[0] <= values_of(name, seen)) & (values_of(name, seen) <= seen.ends[1])
        expected *= np.where(held, 1.0, ERROR / (1.0 - ERROR))
    assert len(said["findings"]) == len(case.findings)
    for finding, told in zip(case.findings, said["findings"], strict=True):
        held = sides(Runs(case, chunk), finding)[0]
        assert told["statement"] == finding.statement
        assert held.mean() == pytest.approx(told["agree"], abs=1e-12)
        if not finding.foreseen:
            expected *= np.where(held, 1.0, ERROR / (1.0 - ERROR))
    assert read.chances == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_to_reach_a_threshold_is_enough_and_to_fall_below_it_is_not_to_equal_it(
    value: float,
) -> None:
    """At least so many, and fewer than so many, are each other's contrary in every run."""
    case = case_of("nhs_employers_2009")
    chunk = run_chunk(case.episode, case.design, 2, 0, RUNS)
    than = Quantity(value, "trusts", "test")
    many = sides(Runs(case, chunk), Finding("", "", larger="joined", than=than))[0]
    few = sides(Runs(case, chunk), Finding("", "", smaller="joined", than=than))[0]
    assert (many == (chunk.outcomes.joined >= value)).all()
    assert (few == ~many).all()
    assert (chunk.outcomes.joined == value).any()


def test_the_share_of_a_group_is_of_those_approached() -> None:
    """Of two shares the larger one is told, group by group, and equal ones agree with neither."""
    case = case_of("nhs_employers_2009")
    chunk = run_chunk(case.episode, case.design, 3, 0, RUNS)
    finding = Finding("", "", larger="share_large", smaller="share_small")
    small, large = chunk.by_size[:, 0, :], chunk.by_size[:, 2, :]
    crossed = large[:, 1] * small[:, 0] - small[:, 1] * large[:, 0]
    assert (sides(Runs(case, chunk), finding)[0] == (crossed > 0)).all()
    assert (crossed > 0).any()
    assert (crossed == 0).any()
