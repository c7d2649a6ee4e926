"""The report of a calibration: what is missed, what is said of a new scheme, and its figures."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calibrating import FREE, HELD, HISTORIES, summary_of
from uptake.config.posterior import read
from uptake.report import figures
from uptake.report.figures import Predicted, Seen
from uptake.report.text.calibration import plan
from uptake.report.text.learnt import Check


def row(value: float, error: float, low: float, high: float, **more: Any) -> dict[str, Any]:
    """Return a count of bodies, and the middle 90 % of runs about it."""
    then = {"q05": low, "median": 0.5 * (low + high), "q95": high}
    said = {"outcome": "joined", "of": None, "month": 5, "bound": None, "to": None}
    return {**said, "value": value, "error": error, "at_month": then, **more}


def finding(agree: float, foreseen: bool = False) -> dict[str, Any]:
    """Return a finding with which a share of runs agrees."""
    return {"statement": "small ones join less", "foreseen": foreseen, "agree": agree}


@pytest.mark.parametrize(
    ("without", "after", "missed"),
    [
        (row(12, 0, 2, 10), row(12, 0, 11, 13), "alone"),
        (row(12, 3, 2, 10), row(12, 3, 11, 13), ""),  # it may have been read as 10
        (row(12, 0, 11, 13), row(12, 0, 2, 10), "again"),
        (row(12, 0, 2, 10), row(12, 0, 2, 11), "twice"),
        (row(12, 0, 2, 10, bound="at_most"), row(12, 0, 2, 10, bound="at_most"), ""),
        (row(12, 0, 2, 10, at_month=None), row(12, 0, 2, 20), "alone"),  # no run has a value
        (finding(0.04), finding(0.06), "alone"),
        (finding(0.0, foreseen=True), finding(0.0, foreseen=True), ""),
    ],
)
def test_what_is_missed(without: dict[str, Any], after: dict[str, Any], missed: str) -> None:
    """What 90 % of runs do not hold, read with its error; a finding that hardly any agree with."""
    sides = {"before": after, "without": without, "after": after}
    assert Check("a", "A scheme", "trusts", "joined", sides, True).missed == missed


def test_what_is_missed_comes_first(calibration: Path) -> None:
    """What is missed even when tried again, then what others alone miss; every fact is there."""
    checks = summary_of(calibration / "here")["default"]["checks"]
    ranks = [("after" not in one["missed"], "without" not in one["missed"]) for one in checks]
    assert ranks == sorted(ranks)
    assert len(checks) == 5
    assert all(set(one) >= {"before", "without", "after", "fitted"} for one in checks)


def test_a_new_scheme_is_told_as_its_draws_have_it(calibration: Path) -> None:
    """Quantiles of the report are those of the draws, but for chance among 2,000 of them."""
    here = calibration / "here"
    pooled = summary_of(here)["default"]["pool"]["parameters"]
    assert set(pooled) == {"attention_per_month", "sovereignty"}  # of those that are free
    posterior, _ = read(here / "draws" / "default" / "new.parquet")
    for name, said in pooled.items():
        assert 0.1 <= said["spread"]["q05"] < said["spread"]["q95"] <= 1.0
        for point, share in (("q05", 0.05), ("median", 0.5), ("q95", 0.95)):
            below = np.mean(posterior.draws[name] <= said["new_in_unit"][point])
            error = np.sqrt(share * (1.0 - share) / 2000)
            assert below == pytest.approx(share, abs=6.0 * error), (name, point)


def test_the_report_says_what_was_fitted_and_what_is_not_known(calibration: Path) -> None:
    """Warnings first, then misses, then what was learnt; of what was held nothing."""
    text = re.sub(r"<style.*?</style>", " ", (calibration / "here" / "report.html").read_text())
    page = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text)))
    said = [
        "Too few: under 100 independent draws",
        "By the other histories alone, ",
        "Tried again on what its own history says, ",
        "Each of 2 histories was fitted by itself to all that was reported of it: 5 readings",
        "No number was set by hand",
        "In a new scheme (median, 90 % of draws): attention_per_month ",
        "Not pooled: 1 other parameter. ",
        "single parameters of a history are not to be quoted alone",
        "who was approached, what was offered, for how long",
        "All histories together",
        "How behaviour varies between schemes",
        "What each history taught most",
    ]
    places = [page.find(words) for words in said]
    assert -1 not in places, said[places.index(-1)]
    assert places == sorted(places)
    assert set(re.findall(r"\w+", page)) >= FREE
    assert not set(HELD) & set(re.findall(r"\w+_\w+", page))
    for name in HISTORIES:
        assert name in page


def readings(history: int) -> list[Predicted]:
    """Return made-up readings of a history, every third of them a share."""
    interval = [1.0, 2.0, 3.0, 4.0, 5.0]
    seen = Seen(5, 3.0, 3.0, 0.5)
    return [
        Predicted(
            f"Scheme {history}", f"joined, month {month}: 3 +- 0.5", seen,
            {"on the prior": interval, "tried again": interval}, str,
            "_share" if month % 3 == 0 else "", month == 1,
        )
        for month in range(1 + history % 6)
    ]  # fmt: skip


def test_every_reading_is_on_one_page(tmp_path: Path) -> None:
    """Those of 24 histories in their order, each with the others of its scale, on pages alike."""
    rows = [row for history in range(24) for row in readings(history)]
    made = list(figures.pages(rows))
    assert len(made) > 1
    told = [row for page in made for row in page]
    assert sorted(map(id, told)) == sorted(map(id, rows))
    assert [row.title for row in told] == [row.title for row in rows]
    assert max(map(len, made)) < 2 * min(map(len, made))
    for number, page in enumerate(made):
        figures.predicted(page, "What was reported", tmp_path / f"predicted_{number}")
    assert len(list(tmp_path.glob("*.png"))) == len(made)
    assert list(figures.pages([])) == []


def test_what_is_to_come_is_said() -> None:
    assert plan(1, 200, 4, 1).startswith("To come: 1 history fitted by 4 chains of 200 particles, ")
    assert plan(24, 50, 1, 2).startswith(
        "To come for each of 2 structures: 24 histories, each fitted by 1 chain of 50 particles"
    )
