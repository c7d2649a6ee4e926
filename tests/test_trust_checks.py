"""What can only be told of a table of trusts as a whole: units, totals, whose draws are whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from uptake.cli.arguments import configuration
from uptake.config.case import Case, assemble
from uptake.config.population import People, people_of
from uptake.config.schema import Population, Run
from uptake.config.trust_file import checks as trust_checks
from uptake.config.trust_file.checks import trust_numbers
from uptake.config.trust_file.reading import read_trusts
from uptake.engine.compiled import run_chunk
from uptake.engine.mesa import SharedServiceModel
from uptake.errors import InputError
from uptake.model._jit import Records
from uptake.report.text.reasons import name_of

HEADER = "id,name,kind,region,income_million_gbp"
TWELVE = [f"T{i},Trust {i},{'acute' if i % 2 else 'mental_health'},North,{100 + 10 * i}" for i in
          range(12)]  # fmt: skip


def write(folder: Path, lines: Sequence[str], header: str = HEADER) -> Path:
    path = folder / "trusts.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


@cache
def own() -> Run:
    """Return the usual configuration for trusts from a file."""
    config = configuration("run", ["population=file"])
    assert config is not None
    return config


def asked(path: Path, **population: Any) -> Run:
    return replace(own(), population=replace(own().population, path=str(path), **population))


def people(path: Path, **population: Any) -> People:
    return people_of(asked(path, **population))


def problems(path: Path) -> list[str]:
    """Return what is said of the table, line by line, less the notes."""
    with pytest.raises(InputError) as refused:
        people(path)
    lines = str(refused.value).split("\n")[1:]
    return [line for line in lines if not line.startswith(("note:", "would mend:"))]


class TestUnits:
    def test_thousands_are_told_with_both_medians_and_the_way_out(self, tmp_path: Path) -> None:
        path = write(tmp_path, [f"{line}000" for line in TWELVE])
        assert problems(path) == [
            "column income_million_gbp: the median is 155,000, 797 times above the 194.5 of NHS "
            "bodies in England, 2010: pounds, thousands or millions? Needed are millions of GBP; "
            "if it is meant so, population.units=as_given"
        ]
        meant = people(path, units="as_given")
        assert np.median(meant.facts.income_gbp) == 155e9

    @pytest.mark.parametrize(("times", "is_off"), [(0.03, True), (0.04, False), (29, False)])
    def test_thirty_times_off_is_a_matter_of_units(
        self, tmp_path: Path, times: float, is_off: bool
    ) -> None:
        path = write(tmp_path, [f"T{i},,acute,x,{248 * times}" for i in range(3)])
        if is_off:
            assert "times below the 248" in problems(path)[0]
        else:
            assert len(people(path).facts) == 3

    def test_every_kind_is_held_against_its_own(self, tmp_path: Path) -> None:
        """6 million are 41 times below an acute trust's 248, and 24 below an authority's 141."""
        assert len(people(write(tmp_path, ["A,,mental_health,x,6"])).facts) == 1
        assert "41 times below the 248" in problems(write(tmp_path, ["A,,acute,x,6"]))[0]
        assert len(people(write(tmp_path, ["A,,another,x,7"])).facts) == 1

    def test_spend_in_thousands(self, tmp_path: Path) -> None:
        header = f"{HEADER},spend_in_scope_gbp"
        usual = 200e6 * 0.0465 * 0.1  # income, mean cost share, scope share
        good = write(tmp_path, [f"A,,acute,x,200,{usual}"], header)
        assert len(people(good).facts) == 1
        wrong = write(tmp_path, [f"A,,acute,x,200,{usual / 1000}"], header)
        assert "column spend_in_scope_gbp: the median is 930," in problems(wrong)[0]

    def test_nothing_spent_is_above_the_income(self, tmp_path: Path) -> None:
        header = f"{HEADER},spend_in_scope_gbp,discretionary_budget_gbp"
        lines = ["A,,acute,x,200,1e6,1e6", "B,,acute,x,200,3e8,1e5", "C,,acute,x,200,1e6,2.1e8"]
        assert problems(write(tmp_path, lines, header)) == [
            "row 3, column spend_in_scope_gbp: 3e+08: at most its income, 2e+08",
            "row 4, column discretionary_budget_gbp: 2.1e+08: at most its income, 2e+08",
        ]

    def test_units_are_of_a_file_and_named_rightly(self, tmp_path: Path) -> None:
        path = write(tmp_path, TWELVE)
        with pytest.raises(ValueError, match="allowed is one of checked, as_given"):
            people(path, units="as given")
        synthetic = replace(own(), population=Population(source="synthetic", units="as_given"))
        with pytest.raises(InputError, match=r"population\.units=as_given: it is about a file"):
            people_of(synthetic)


class TestTotals:
    @pytest.mark.parametrize(
        "called",
        ["England,", "X,Total", "X,TOTAL (all trusts)", "all,", "X,Grand total", "sum,",
         "X,Sub-total", "X,North total", "X,all trusts", "X,England ",
         "total_2010,", "X,Average", "X,- Sum -"],
    )  # fmt: skip
    def test_a_row_that_is_called_so(self, tmp_path: Path, called: str) -> None:
        line = problems(write(tmp_path, [*TWELVE, f"{called},,,500"]))[0]
        assert line.startswith("row 14: ")
        assert line.endswith(": a total, not a trust (so its id or name says); leave it out")

    @pytest.mark.parametrize(
        "called",
        ["ALS,All Saints Hospital", "X,Allington", "X,Sumner House", "X,NHS England North",
         "TOT,Totnes", "X,Overall Street", "X,Nationwide Care"],
    )  # fmt: skip
    def test_trusts_that_are_not(self, tmp_path: Path, called: str) -> None:
        assert len(people(write(tmp_path, [*TWELVE, f"{called},,,500"])).facts) == 13

    @pytest.mark.parametrize("total", ["1860", "1860.4", "1861.5"])
    @pytest.mark.parametrize("at", [0, 5, 12])
    def test_the_sum_of_the_others_wherever_it_stands(
        self, tmp_path: Path, total: str, at: int
    ) -> None:
        lines = [*TWELVE[:at], f"X,Whatever,,,{total}", *TWELVE[at:]]
        assert problems(write(tmp_path, lines)) == [
            f"row {at + 2}: 'Whatever': a total, not a trust "
            "(its income is the sum of all others); leave it out"
        ]

    def test_a_large_trust_is_none(self, tmp_path: Path) -> None:
        """Beyond what rounding explains; one of two that are alike; one of very few."""
        for line in ("X,,,,1900", "X,,,,1700"):
            assert len(people(write(tmp_path, [*TWELVE, line])).facts) == 13
        alike = ["A,,,,500", "B,,,,500", "C,,,,5.1", "D,,,,5.2"]
        assert len(people(write(tmp_path, alike)).facts) == 4
        assert len(people(write(tmp_path, ["A,,,,100", "B,,,,100", "C,,,,200"])).facts) == 3

    def test_regions_and_the_whole_are_refused_together(self, tmp_path: Path) -> None:
        south = [line.replace("North", "South").replace("T", "S") for line in TWELVE[:5]]
        lines = [*TWELVE, "N,North,,North,1860", *south, "S,south,,,600", "X,,,,2460"]
        found = problems(write(tmp_path, lines))
        assert [line.split(":")[0] for line in found] == ["row 14", "row 20", "row 21"]
        named = [*TWELVE, "N,North,,North,500"]  # called as its region, and no sum
        assert len(people(write(tmp_path, named)).facts) == 13


def two_hundred() -> list[str]:
    """Return 200 trusts of three kinds and regions, with incomes that differ."""
    luck = np.random.default_rng(5)
    kinds, regions = ("acute", "mental_health", "primary_care_trust"), ("East", "North", "South")
    return [
        f"T{i:03d},Trust {i},{luck.choice(kinds)},{luck.choice(regions)},{luck.integers(50, 900)}"
        for i in range(200)
    ]


def case_of(path: Path, **population: Any) -> Case:
    return assemble(asked(path, **population))


def outcomes(case: Case, runs: int = 200) -> Records:
    return run_chunk(case.episode, case.design, 1, 0, runs).outcomes


class TestLuck:
    def test_the_order_of_rows_changes_nothing_at_all(self, tmp_path: Path) -> None:
        lines = two_hundred()
        some: list[dict[str, Any]] = [{}, {"approached": 160, "approached_spread": 0.2}]
        for more in some:
            usual = outcomes(case_of(write(tmp_path, lines), **more), 60)
            for other in (lines[::-1], sorted(lines, key=lambda line: line.split(",")[4])):
                moved = outcomes(case_of(write(tmp_path, other), **more), 60)
                assert moved.tobytes() == usual.tobytes()

    def test_one_more_on_top_is_one_more_at_the_end(self, tmp_path: Path) -> None:
        lines, more = two_hundred(), "T900,New,acute,North,300"
        before = outcomes(case_of(write(tmp_path, lines)))
        on_top = outcomes(case_of(write(tmp_path, [more, *lines])))
        at_end = outcomes(case_of(write(tmp_path, [*lines, more])))
        assert on_top.tobytes() == at_end.tobytes()
        assert (on_top.joined == before.joined).mean() > 0.8

    def test_a_number_follows_from_the_id(self) -> None:
        ids = [f"T{i}" for i in range(2000)]
        numbers = dict(zip(ids, trust_numbers(ids).tolist(), strict=True))
        assert len(set(numbers.values())) == 2000
        assert min(numbers.values()) >= 0
        assert trust_numbers(ids[::-7]).tolist() == [numbers[trust] for trust in ids[::-7]]

    def test_two_ids_with_one_hash_keep_numbers_of_their_own(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With 300 hashes for 200 ids many are shared; still no order matters."""
        whole = trust_checks._hashed
        monkeypatch.setattr(trust_checks, "_hashed", lambda text: whole(text) % 300)
        ids = [f"T{i}" for i in range(200)]
        numbers = dict(zip(ids, trust_numbers(ids).tolist(), strict=True))
        assert len(set(numbers.values())) == 200
        assert trust_numbers(ids[::-1]).tolist() == [numbers[trust] for trust in ids[::-1]]

    def test_a_trust_that_is_watched_has_the_name_of_its_row(self, tmp_path: Path) -> None:
        case = case_of(write(tmp_path, two_hundred()), approached=50)
        table = read_trusts(tmp_path / "trusts.csv")
        incomes = dict(zip(table.names, table.numbers["income_gbp"], strict=True))
        model = SharedServiceModel(case.episode, case.design(0, 1)[0], case.config.seed, 0)
        assert len(model.trusts) == 50
        for trust in model.trusts:
            assert trust.record.income_gbp == incomes[name_of(case.people, trust.record)]
