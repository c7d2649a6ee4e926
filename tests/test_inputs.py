"""The timeline lays levers out month by month."""

from __future__ import annotations

from building import NEUTRAL
from uptake.model.episode import lever_path


def test_a_lever_holds_until_a_row_of_the_timeline_changes_it() -> None:
    """The row of month 3 holds from month 3 on, whatever the order of the rows."""
    changes = [(5, {"pressure": 0.2}), (3, {"pressure": 0.9})]
    path = lever_path(6, NEUTRAL, changes, {})
    assert path.pressure.tolist() == [0.0, 0.0, 0.0, 0.9, 0.9, 0.2, 0.2]


def test_news_acts_in_its_month_only() -> None:
    """An impulse is back at its neutral value a month later."""
    path = lever_path(4, NEUTRAL, [(2, {"news_weight": 7.0, "news_saving_share": -0.1})], {})
    assert path.news_weight.tolist() == [0.0, 0.0, 7.0, 0.0, 0.0]
    assert path.news_saving_share.tolist() == [0.0, 0.0, -0.1, 0.0, 0.0]


def test_a_pinned_lever_stays_whatever_the_timeline_says() -> None:
    """What a user sets is not undone by the timeline; other levers of the same row still move."""
    changes = [(1, {"pressure": 0.9, "endorsement": -1.0})]
    path = lever_path(2, NEUTRAL, changes, {"pressure": 0.5})
    assert path.pressure.tolist() == [0.5, 0.5, 0.5]
    assert path.endorsement.tolist() == [0.0, -1.0, -1.0]


def test_rows_after_the_horizon_are_not_reached() -> None:
    """A shorter horizon leaves later rows out."""
    path = lever_path(2, NEUTRAL, [(3, {"pressure": 1.0})], {})
    assert path.pressure.tolist() == [0.0, 0.0, 0.0]
