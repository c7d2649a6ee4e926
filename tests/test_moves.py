"""What is changed of a timeline: on the command line as on the page, one row at a time."""

from __future__ import annotations

import pytest
from uptake.cli.arguments import question
from uptake.config.case import Case, assemble
from uptake.errors import InputError
from uptake.report.text.question import departures, stem


def case(*overrides: str) -> Case:
    return assemble(question("run", list(overrides)).configuration())


def test_a_row_and_the_launch_are_changed_and_nothing_else() -> None:
    """The lever alone, from its month on; what is said names both, and the source who asked."""
    was = case().episode.levers
    asked = case("timeline.letter.endorsement=0.25", "timeline.launch.bundle_share=0.1")
    path = asked.episode.levers
    assert path.endorsement.tolist() == [0, 0, 0.25, 0.25, 0.25, 0.25]
    assert path.bundle_share.tolist() == [0.1] * 5 + [0]
    for name in was.dtype.names:
        if name not in ("endorsement", "bundle_share"):
            assert path[name].tolist() == was[name].tolist(), name
    bundled = "value of services bundled in for free, as a share of the spend in scope"
    assert departures(asked) == [
        f"{bundled} 0.1 at the launch (was 0.01)",
        "standing of the scheme with the centre 0.25 from month 2 on (was -0.5)",
    ]
    assert stem(asked).endswith("letter.endorsement=0.25_launch.bundle_share=0.1")
    letter = next(event for event in asked.events if event.name == "letter")
    assert letter.set["endorsement"].source == "asked; was -0.5"
    assert asked.is_changed
    assert not asked.as_it_was().is_changed
    assert asked.as_it_was().episode.levers.tobytes() == was.tobytes()


def test_what_a_row_says_of_one_month_stays_of_one_month() -> None:
    """News of the timeline can be changed where it stands: it has no value at the launch."""
    path = case("timeline.broken_promise.news_weight=3").episode.levers
    assert path.news_weight.tolist() == [0, 0, 0, 0, 0, 3]
    with pytest.raises(InputError, match=r"timeline\.launch=news_weight"):
        case("timeline.launch.news_weight=3")


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["timeline.leter.endorsement=0"], "did you mean letter"),
        (["timeline.letter.endorsment=0"], "did you mean endorsement"),
        (["timeline.letter.pressure=0"], "timeline.letter=pressure"),
        (["timeline.launch.upfront_fee_gbp=0"], "timeline.launch=upfront_fee_gbp"),
        (["timeline.letter.endorsement=7"], "timeline.letter.endorsement=7: allowed is -1 to 1"),
        (["timeline.letter.endorsement=nan"], "timeline.letter.endorsement=nan: allowed is -1"),
        (["timeline.letter.endorsement=abc"], "a number is needed"),
        (["timeline.letter.endorsement="], "a number is needed"),
        (["timeline.review.review_month=1.5"], "a whole number is needed"),
        (["timeline.letter.endorsement=0", "levers.endorsement=1"], "holds it throughout"),
        (["timeline.letter.endorsement=0", "without=[letter]"], "leaves it out"),
        (["timeline.review.review_month=4", "months=3"], "after the 3 of the run"),
    ],
)
def test_what_would_change_nothing_is_refused(overrides: list[str], told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        case(*overrides)
    assert len(str(refused.value).splitlines()) == 1


def test_a_sweep_over_a_row_is_a_question_a_value() -> None:
    """Of a row; a lever that is swept is held throughout, and no row of it can be asked as well."""
    from uptake.config.axes import allowed_numbers, axes_of

    asked = question("run", ["-m", "timeline.letter.endorsement=0,0.5"])
    axes = axes_of(asked)
    assert [c.label for c in axes.composed["timeline.letter.endorsement"]] == [0.0, 0.5]
    config = question("run", ["timeline.letter.endorsement=0"]).configuration()
    with pytest.raises(InputError, match="held throughout"):
        allowed_numbers(config, "levers.endorsement")
