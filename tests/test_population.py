"""Who the trusts are: apportioned after the sector, or read from a file and filled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from uptake.cli.arguments import configuration
from uptake.config.case import assemble
from uptake.config.population import People, apportion, people_of
from uptake.errors import InputError
from uptake.model.entities import BOUNDS
from uptake.model.initialization import empty_state, initialise

SHARES = st.lists(st.floats(0.01, 1000.0), min_size=1, max_size=8).map(np.array)
HEADER = "id,name,kind,region,income_million_gbp\n"


def people(*overrides: str) -> People:
    config = configuration("run", overrides)
    assert config is not None
    return people_of(config)


@given(shares=SHARES, seats=st.integers(1, 5000))
def test_largest_remainder_keeps_quota(shares: np.ndarray, seats: int) -> None:
    """All seats are given, and each kind gets its exact share rounded down or up."""
    counts = apportion(shares, seats)
    exact = shares / shares.sum() * seats
    assert counts.sum() == seats
    assert (np.abs(counts - exact) < 1.0 + 1e-9).all()


def test_200_synthetic_trusts_after_the_published_counts() -> None:
    """169, 151, 58, 11, 12 and 10 of 411 bodies are 82, 74, 28, 5, 6 and 5 of 200."""
    made = people("fix=assumptions")
    assert np.bincount(made.facts.kind).tolist() == [82, 74, 28, 5, 6, 5]
    assert made.kind_names[0] == "acute"
    assert made.kinds.unsuited.tolist() == [0, 1, 1, 1, 1, 1]
    assert (made.approached_low, made.approached_high) == (200, 200)
    assert np.isnan(made.facts.income_gbp).all()


def test_the_number_approached_is_a_lever_of_uncertainty() -> None:
    """With a spread of a quarter, from 150 to 250, out of 250 trusts."""
    made = people("population.approached_spread=0.25")
    assert (made.approached_low, made.approached_high) == (150, 250)
    assert len(made.facts) == 250


def test_a_file_is_drawn_from_its_own_kinds_where_it_has_enough(tmp_path: Path) -> None:
    """Ten known incomes of a kind are a distribution; fewer fall back on what is published."""
    rows = [f"A{i},,acute,north,{100 + i}" for i in range(10)] + ["A10,,acute,south,"]
    rows += ["M1,,mental_health,south,", "B1,,bank,south,", "U1,,unknown,,"]
    (tmp_path / "t.csv").write_text(HEADER + "\n".join(rows))
    made = people("population=file", f"population.path={tmp_path / 't.csv'}")
    by_kind = dict(zip(made.kind_names, made.kinds, strict=True))
    assert by_kind["acute"].income_median_gbp == pytest.approx(104.5e6)
    assert by_kind["mental_health"].income_median_gbp == pytest.approx(141e6)
    assert by_kind["bank"].income_median_gbp == pytest.approx(104.5e6)
    said = " ".join(made.notes)
    assert "mental_health: 1 blank incomes are drawn from the sector's incomes of" in said
    assert "bank: 1 blank incomes are drawn from all incomes of the file" in said
    assert "kind bank is not one of NHS bodies in England, 2010" in said
    assert made.facts.kind[-1] == -1
    np.testing.assert_allclose(made.region_cumulative, [10 / 13, 1.0])


def test_a_file_that_names_no_kind_has_those_of_the_sector(tmp_path: Path) -> None:
    """Shares of kinds are the sector's, not equal ones; regions are one if none is named."""
    (tmp_path / "t.csv").write_text(HEADER + "".join(f"A{i},,,,\n" for i in range(8)))
    made = people("population=file", f"population.path={tmp_path / 't.csv'}")
    assert made.kinds.cumulative_share[0] == pytest.approx(169 / 411)
    assert made.region_cumulative.tolist() == [1.0]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("small", "that is a size"),
        ("Large", "that is a size"),
        ("dear", "joined_dear is an outcome"),
        ("Lean", "joined_lean is an outcome"),
    ],
)
def test_a_kind_cannot_have_the_name_of_another_column(tmp_path: Path, kind: str, why: str) -> None:
    """Its counts would share a column with those of a size, or with an outcome."""
    (tmp_path / "t.csv").write_text(f"{HEADER}A,,{kind},x,50\n")
    with pytest.raises(InputError, match=f"kind={kind.lower()}: {why}"):
        people("population=file", f"population.path={tmp_path / 't.csv'}")


def test_kinds_of_a_scenario_share_no_column() -> None:
    """Columns know no case, and no more than a file may a scenario call a kind a size."""
    config = configuration("run", [])
    assert config is not None
    kinds = config.scenario.sector.kinds
    for name, why in (("Acute", "acute differs by case alone"), ("dear", "is an outcome")):
        config.scenario.sector.kinds = kinds | {name: kinds["acute"]}
        with pytest.raises(InputError, match=f"kind={name}: .*{why}"):
            people_of(config)


@pytest.mark.parametrize("income", ["5e-324", "999", "1.1e12", "1e300", "nan"])
def test_a_sector_keeps_to_the_bounds_of_a_file(income: str) -> None:
    """What no trust of a file can have as its income, no kind can have as its median."""
    with pytest.raises(InputError, match=r"acute\.income_p50\.value=.*allowed is 1000 to 1e\+12"):
        people(f"scenario.sector.kinds.acute.income_p50.value={income}")


def test_incomes_that_no_whole_number_of_pounds_can_hold_are_refused(tmp_path: Path) -> None:
    """A million trusts of a billion a year are a thousand times what the world earns."""
    high = [f"scenario.sector.kinds.acute.income_{p}.value=1e12" for p in ("p10", "p50", "p90")]
    with pytest.raises(InputError, match=r"incomes of all trusts=.*allowed is 0 to 1e\+16"):
        people(*high, "population.approached=100000")


def test_whatever_is_drawn_stays_within_the_bounds() -> None:
    """The widest percentiles that are allowed, and an income below or beyond is never drawn."""
    wide = [f"scenario.sector.kinds.acute.income_{p}.value" for p in ("p10", "p50", "p90")]
    values = dict(zip(wide, ("1000", "1e6", "1e12"), strict=True))
    typed = [f"{key}={value}" for key, value in values.items()]
    config = configuration("run", [*typed, "fix=assumptions"])
    assert config is not None
    case = assemble(config)
    state = empty_state(case.episode)
    incomes, spends = [], []
    for run in range(50):
        initialise(state, case.episode, 1, run)
        incomes.append(state.trusts.income_gbp.copy())
        spends.append(state.trusts.spend_gbp.copy())
    assert (np.min(incomes), np.max(incomes)) == BOUNDS["income_gbp"]
    assert np.min(spends) >= BOUNDS["spend_gbp"][0]
    assert np.max(spends) <= BOUNDS["spend_gbp"][1]


def test_a_file_is_not_read_in_silence_or_ignored_in_silence() -> None:
    with pytest.raises(InputError, match="read with population=file only"):
        people("population.path=trusts.csv")


def test_fewer_of_a_file_can_be_approached_but_not_more(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEADER + "".join(f"A{i},,acute,x,50\n" for i in range(8)))
    path = f"population.path={tmp_path / 't.csv'}"
    made = people("population=file", path, "population.approached=3")
    assert (made.approached_low, made.approached_high) == (3, 3)
    with pytest.raises(InputError, match=r"population.approached=9: allowed is 1 to 8"):
        people("population=file", path, "population.approached=9")
    with pytest.raises(InputError, match="up to 10 trusts would be approached, there are 8"):
        people("population=file", path, "population.approached_spread=0.25")


@pytest.mark.parametrize("name", ["england_nhs_2009", "england_trusts_2016"])
def test_real_organisations_can_be_assembled(name: str, shared_data: Path) -> None:
    """As they are, with every trust of the file in the run."""
    path = shared_data / f"{name}.csv"
    config = configuration("run", ["population=file", f"population.path={path}"])
    assert config is not None
    case = assemble(config)
    rows = len(path.read_text(encoding="utf-8").strip().split("\n")) - 1
    assert len(case.episode.facts) == rows == case.episode.approached_high


def test_a_finding_about_a_kind_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    """A user's own trusts need not be of every kind that the scenario tells of."""
    file = tmp_path / "trusts.csv"
    file.write_text(HEADER + "1,,acute,north,200\n2,,acute,south,300\n")
    own = configuration("run", ["population=file", f"population.path={file}"])
    usual = configuration("run", [])
    assert own is not None
    assert usual is not None
    told = [finding.smaller for finding in assemble(usual).findings]
    assert "share_mental_health" in told
    assert [f.smaller for f in assemble(own).findings] == [
        name for name in told if name != "share_mental_health"
    ]
