"""Every scenario against a second reading of its sources, made without sight of the YAML.

``second_reading.py`` was written by a reader who had the documents and the names of the levers
alone. What it says must be what the YAML says; where the two part, the reason stands here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from second_reading import READING, Fact
from uptake.cli.arguments import configuration
from uptake.config.case import Case, assemble
from uptake.config.schema import Event, Ranged, lever_meanings
from uptake.model.levers import IMPULSES, LEVERS

# Where the YAML says something else than the second reading, and why.
DIFFERENT = {
    ("nhs_employers_2009", "event:2010-03:endorsement"): (
        "doubtful in the reading too: the department called the tender a separate matter"
    ),
    ("stp_back_office_2016", "observed.regions_planned"): "nobody counted regions with a plan",
    ("stp_back_office_2016", "event:2017-03:gap_analysis"): "in pathfinders only",
    ("cabinet_office_2012", "levers.exempt_share:sign"): "said of the department by name",
    ("cabinet_office_2012", "event:2017:professions_lead"): (
        "doubtful in the reading too: the turn came before spring 2017, here in late 2016"
    ),
    ("nhs_sbs", "event:2017-02:news_saving_share"): (
        "a service failure is itself a signal of no saving: it would count twice"
    ),
    ("primary_care_support_2015", "event:2016:incident_severity"): (
        "failures come of the price cut, and are not placed by hand"
    ),
    ("commissioning_support_2012", "observed.providers_passed"): (
        "the model counts those stopped and those with conditions; the rest passed"
    ),
}
MONTHS_APART = 2  # for an event that the source dates by a season


@cache
def case_of(scenario: str) -> Case:
    """Return a scenario as it was, ready to be run."""
    config = configuration("run", [f"scenario={scenario}", "parameters=prior"])
    assert config is not None
    return assemble(config)


def alternatives(fact: Fact) -> tuple[Any, ...]:
    """Return the readings that the sources allow."""
    return fact.value if isinstance(fact.value, tuple) else (fact.value,)


def is_close(value: float, fact: Fact) -> bool:
    """Tell whether a number is one of the readings, to half a percent."""
    return any(abs(value - float(a)) <= 0.005 * abs(float(a)) for a in alternatives(fact))


def month_of(case: Case, text: str) -> int:
    """Return the month after the launch of a date such as 2017-03."""
    (year, month), (first, start) = (map(int, t.split("-")) for t in (text, start_of(case)))
    return 12 * (year - first) + month - start


def start_of(case: Case) -> str:
    """Return the month of the launch, as text."""
    return case.config.scenario.start


def signs_at_launch(case: Case, name: str) -> set[str]:
    """Return the sign of a lever; one that is neutral at 1 and below that is negative as well."""
    value, neutral = float(case.episode.levers[0][name]), lever_meanings()[name].neutral
    if value == 0.0:
        return {"zero"}
    signs = {"positive" if value > 0.0 else "negative"}
    return signs | {"negative"} if neutral == 1.0 and value < 1.0 else signs


def is_at(case: Case, event: Event, when: str) -> bool:
    """Tell whether an event is dated as the reading has it: a month or a year."""
    if "-" in when:
        return abs(event.month - month_of(case, when)) <= MONTHS_APART
    year, month = map(int, start_of(case).split("-"))
    return str(year + (month - 1 + event.month) // 12) == when


def ends(quantity: Ranged[float]) -> tuple[float, float]:
    """Return the least and the most that a number may be."""
    return quantity.ends or (quantity.value, quantity.value)


def ends_before(case: Case, event: Event, name: str) -> tuple[float, float]:
    """Return the least and the most that a lever may be before an event."""
    sets = [case.config.scenario.levers]
    sets += [earlier.set for earlier in case.events if earlier.month < event.month]
    said = [ends(levers[name]) for levers in sets if name in levers]
    neutral = lever_meanings()[name].neutral
    return said[-1] if said and name not in IMPULSES else (neutral, neutral)


def moves(case: Case, event: Event, name: str, fact: Fact) -> bool:
    """Tell whether an event moves a lever as the reading has it, wherever in its range it is."""
    if name not in event.set:
        return False
    value, (low, high) = event.set[name].value, ends(event.set[name])
    if name == "news_saving_share":  # down: it speaks of less than was claimed or believed
        return fact.value == "down" and high < 0.1 and event.set["news_weight"].value > 0.0
    if not isinstance(fact.value, str):
        return is_close(value, fact)
    least, most = ends_before(case, event, name)
    if fact.value == "up":
        return low >= most and value > most
    return high <= least and value < least


def facts_of(case: Case) -> dict[str, Any]:
    """Return what the YAML says of population and providers, by the keys of the reading."""
    scenario = case.config.scenario
    first = next(iter(scenario.providers.values()))
    numbers = [p.number.value if p.number else 1 for p in scenario.providers.values()]
    open_at_launch = [not p.enters_later for p in scenario.providers.values()]
    facts: dict[str, Any] = {
        "approached": scenario.approached.value,
        "regions": scenario.sector.regions.value,
        "pathfinders": float(case.episode.levers.pathfinders.max()),
        "pathfinder_regions": tuple(scenario.pathfinder_regions),
        "providers": sum(n for n, is_open in zip(numbers, open_at_launch, strict=True) if is_open),
    }
    for name in ("public_share", "invested_gbp", "committed_gbp"):
        quantity = getattr(first, name)
        facts[f"provider.{name}"] = quantity.value if quantity else None
    for name in ("parent_income_gbp", "parent_dependence_share"):
        quantity = getattr(first, name)
        facts[f"provider.{name}"] = quantity.value if quantity else None
    return facts


def agrees(scenario: str, fact: Fact) -> bool:
    """Tell whether a scenario says what the reading says."""
    case, (head, _, rest) = case_of(scenario), fact.key.partition(":")
    if fact.key == "start":
        return any(start_of(case).startswith(str(a)) for a in alternatives(fact))
    if head == "event":
        when, _, name = rest.partition(":")
        return any(is_at(case, e, when) and moves(case, e, name, fact) for e in case.events)
    if head.startswith("levers."):
        name = head.removeprefix("levers.")
        if rest == "sign":
            return not signs_at_launch(case, name).isdisjoint(alternatives(fact))
        return is_close(float(case.episode.levers[-1][name]), fact) or is_close(
            float(case.episode.levers[0][name]), fact
        )
    if head.startswith("observed."):
        name = head.removeprefix("observed.")
        seen = [one.value for outcome, one in case.observed if outcome == name]
        return any(is_close(value, fact) for value in seen)
    if head == "saving_potential_gbp":
        spend = next(f.value for f in READING[scenario] if f.key == "spend_gbp")
        assert isinstance(fact.value, int)
        assert isinstance(spend, int)
        claimed = float(case.episode.levers[0].claimed_saving_share)
        return abs(claimed - fact.value / spend) < 0.001
    said = facts_of(case)[head]
    if isinstance(said, tuple):
        return said == fact.value
    return said is not None and is_close(float(said), fact)


COMPARED = [
    pytest.param(scenario, fact, id=f"{scenario}-{i}-{fact.key}")
    for scenario, facts in READING.items()
    for i, fact in enumerate(facts)
    # Of the spend, only the share that could be saved is used; functions are no networks of
    # professions, of which no source has a number; a finding is words, not compared.
    if fact.key not in ("spend_gbp", "functions", "finding")
]


@pytest.mark.parametrize(("scenario", "fact"), COMPARED)
def test_the_yaml_says_what_a_second_reader_found(scenario: str, fact: Fact) -> None:
    """Or the reason why not is given, and only where they really differ."""
    is_explained = (scenario, fact.key) in DIFFERENT
    assert agrees(scenario, fact) != is_explained, fact


def test_every_explained_difference_is_one_of_the_reading() -> None:
    """No reason is given for a fact that the reading does not hold."""
    read = {(scenario, fact.key) for scenario, facts in READING.items() for fact in facts}
    assert set(DIFFERENT) <= read


def test_the_second_reading_covers_every_scenario_and_names_levers_that_exist() -> None:
    """A scenario without a second reading, or a reading of an unknown lever, fails."""
    from conftest import ROOT

    scenarios = {path.stem for path in (ROOT / "configs" / "scenario").glob("*.yaml")}
    assert scenarios == set(READING)
    for facts in READING.values():
        for fact in facts:
            if fact.key.startswith("levers."):
                name = fact.key.removeprefix("levers.").partition(":")[0]
                assert name in (LEVERS.names or ())


def test_where_sources_disagree_both_readings_stand_in_the_yaml() -> None:
    """Four pathfinders or five; October or November; whether the ownership is known."""
    rows = {event.name: event for event in case_of("stp_back_office_2016").events}
    assert "five" in rows["pathfinders"].set["pathfinders"].note
    assert "November" in case_of("nhs_employers_2009").config.scenario.months.note
    owner = case_of("nhs_sbs").config.scenario.providers["joint_venture"].public_share
    assert "another source" in owner.note
