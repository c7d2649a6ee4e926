"""Whatever can be set matters: of every input there are two values that give other outcomes.

On the same draws, in some scenario; a few need another lever beside them to come into play. That a
rule reads a name does not show it: a provider's capacity and the lever of that name read alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from building import MIDDLING, NEUTRAL
from conftest import ROOT
from uptake.cli.arguments import configuration
from uptake.config.case import Case, assemble
from uptake.config.schema import lever_meanings
from uptake.engine.compiled import run_numbered
from uptake.model.entities import NEVER
from uptake.model.episode import KIND, OFFER, PROFESSION, SECTOR, STRUCTURE, Episode
from uptake.model.levers import IMPULSES, LEVERS
from uptake.model.observation import OUTCOMES
from uptake.model.parameters import PARAMETER_NAMES

RUNS, MONTHS = 20, 36
MONTH_OF_NEWS = 2
FIRST = "nhs_employers_2009"  # most inputs need no other scenario
# Levers that are known to change nothing, each with the issue that mends its rule: none. One that
# comes to change something is to leave the list, or the test fails.
IN_VAIN: set[str] = set()
# The scheme of 2009 is served by a provider that bears a running loss up to a share of its parent's
# income, most of it from the centre: it withdraws the sooner, the less secure that contract is.
AT_A_LOSS = {
    "mandate": 1.0, "share_replaced": 1.0, "opens_month": 0.0, "discount_share": 0.05,
    "review_month": 0.0, "contract_security": 0.9,
}  # fmt: skip
# A review that nothing but the lever itself makes end a scheme.
REVIEWED = {"review_month": 4.0, "scrap_below_share": 0.0, "premise_gone": 0.0}
SCRAPPED = {"target_joined": 1000.0, "scrap_below_share": 1.0, "review_month": 4.0}
# Where an input comes into play: with these levers held as well.
BESIDE = {
    "conditional_share": {"discount_share": 0.2},
    "redundancy_cost_share": {"staff_leaving_share": 1.0},
    "redundancy_avoided_share": {"staff_leaving_share": 1.0, "redundancy_cost_share": 1.0},
    "scrap_below_served": REVIEWED,
    "scrap_above_cost_gbp": REVIEWED,
    "scrap_below_quality": REVIEWED,
    "premise_gone": REVIEWED,
    "refund_share": SCRAPPED,
    "offset_gbp": SCRAPPED,
    "market_saving_share": {"mandate": 1.0, "staged": 0.0, "quorum_share": 0.1},
    "news_saving_share": {"news_weight": 100.0},
    "news_weight": {"news_saving_share": -0.5},
    "incident_provider": {"incident_severity": 0.9},
    "damage": {"share_replaced": 1.0, "mandate": 1.0, "opens_month": 0.0},
    "damage_provider": {"damage": 0.5},
    "contract_security": AT_A_LOSS,
    "loss_tolerance_share": AT_A_LOSS,
    "parent_income_gbp": AT_A_LOSS,
    "parent_dependence_share": AT_A_LOSS,
    "skimping": {"price_cut_share": 0.3},
    "alarm_weight": {"mandate": 1.0},
    "planned_spend_gbp": {"cost_shared": 1.0},
    "ramp_months": {"cost_shared": 1.0},
}


@cache
def case_of(scenario: str) -> Case:
    config = configuration("run", [f"scenario={scenario}", "parameters=prior", "fix=assumptions"])
    assert config is not None
    return assemble(config)


def cases() -> Iterator[Case]:
    """Yield the scenarios, each assembled when it is needed."""
    names = {path.stem for path in (ROOT / "configs" / "scenario").glob("*.yaml")}
    for name in [FIRST, *sorted(names - {FIRST})]:
        yield case_of(name)


def with_levers(case: Case, levers: dict[str, float]) -> Episode:
    """Return an episode with levers held; news and incidents in one month."""
    held = {name: value for name, value in levers.items() if name not in IMPULSES}
    episode = case.overriding(held, months=MONTHS).episode
    for name in levers.keys() - held.keys():
        episode.levers[name][MONTH_OF_NEWS] = levers[name]
    return episode


def came_to(episode: Episode, behaviours: Any) -> bytes:
    """Return all that some runs come to, to the bit."""
    found = run_numbered(episode, behaviours, 1, np.arange(RUNS))
    tables = [found.outcomes[name] for name in OUTCOMES.names or ()]
    return b"".join(table.tobytes() for table in [*tables, found.by_kind, found.by_size])


def values_of(lever: str) -> list[float]:
    """Return the ends of what a lever usually is, its middle, and the value that does nothing."""
    meaning = lever_meanings()[lever]
    if lever in ("incident_provider", "damage_provider"):
        return [1.0, 2.0]
    low, high = meaning.low, meaning.usual or meaning.high
    middle = 0.5 * (low + high)
    return [low, float(round(middle)) if meaning.whole else middle, high, meaning.neutral]


def lever_matters(lever: str) -> bool:
    """Tell whether the outcomes of some scenario depend on a lever."""
    beside = BESIDE.get(lever, {})
    for case in cases():
        behaviours = case.design(0, RUNS)
        asked = [with_levers(case, beside | {lever: value}) for value in values_of(lever)]
        if len({came_to(episode, behaviours) for episode in asked}) > 1:
            return True
    return False


def test_the_tests_are_neutral_where_the_package_is() -> None:
    """Episodes of the tests leave every lever at the value at which it does nothing."""
    assert {name: meaning.neutral for name, meaning in lever_meanings().items()} == NEUTRAL


@pytest.mark.parametrize("lever", LEVERS.names or ())
def test_every_lever_changes_some_outcome(lever: str) -> None:
    """But those that are known not to: once they do, they are to leave the list."""
    assert lever_matters(lever) == (lever not in IN_VAIN)


@pytest.mark.parametrize("parameter", PARAMETER_NAMES)
def test_every_parameter_changes_some_outcome(parameter: str) -> None:
    is_share = "share" in parameter or "probability" in parameter
    found: set[bytes] = set()
    for case in cases():
        episode, found = with_levers(case, BESIDE.get(parameter, {})), set()
        for factor in (0.2, 1.0, 3.0):
            behaviours = case.design(0, RUNS)
            behaviours[parameter] = min(factor * MIDDLING[parameter], 1.0 if is_share else 100.0)
            found.add(came_to(episode, behaviours))
        if len(found) > 1:
            break
    assert len(found) > 1


CHANGES: list[Callable[[Any], Any]] = [
    lambda before: before, lambda before: 0.3 * before, lambda before: 1 - before,
    lambda before: 0 * before + 0.01,
]  # fmt: skip
FACTS = [
    (table, field)
    for table, dtype in (("kinds", KIND), ("offers", OFFER), ("sector", SECTOR))
    for field in dtype.names or ()
] + [("structure", field) for field in STRUCTURE.names or ()]


def needing(episode: Episode, field: str) -> Episode:
    """Return an episode in which a fact comes into play.

    Kinds are drawn, professions looked at, a fixed cost is shared.
    """
    if field == "cumulative_share":
        facts = episode.facts.copy()
        facts.kind[:] = NEVER
        return episode._replace(facts=facts)
    if field == "professions":
        structure = episode.structure.copy()
        structure.peers[:] = PROFESSION
        return episode._replace(structure=structure)
    if field in ("planned_spend_gbp", "ramp_months"):
        offers = episode.offers.copy()
        offers.fixed_cost_gbp, offers.planned_spend_gbp, offers.ramp_months = 1e6, 1e8, 24.0
        return episode._replace(offers=offers)
    return episode


@pytest.mark.parametrize(("table", "field"), FACTS)
def test_every_fact_of_an_episode_changes_some_outcome(table: str, field: str) -> None:
    """Of its kinds, its providers, its sector and its structure."""
    found: set[bytes] = set()
    for case in cases():
        episode, found = needing(with_levers(case, BESIDE.get(field, {})), field), set()
        for change in CHANGES:
            records = getattr(episode, table).copy()
            with np.errstate(invalid="ignore"):  # what knows no bounds
                changed = change(records[field])
            if (changed >= 0).all() and not (field == "professions" and (changed < 1).any()):
                records[field] = changed
                changed_episode = episode._replace(**{table: records})
                found.add(came_to(changed_episode, case.design(0, RUNS)))
        if len(found) > 1:
            break
    assert len(found) > 1
