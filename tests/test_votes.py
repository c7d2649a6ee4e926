"""A region decides together: who is in favour, what the quorum does, who pays for leaving."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from building import episode, parameters
from scipy import stats
from uptake.engine.compiled import run_chunk
from uptake.engine.mesa import SharedServiceModel
from uptake.model import draws
from uptake.model._jit import word
from uptake.model.blanks import blank_facts
from uptake.model.entities import EXEMPT, IDLE, LEFT, SIGNED
from uptake.model.episode import FRESH, LASTING
from uptake.model.month import taste
from uptake.model.rules.trusts import logistic

REGIONS, EACH = 12, 7
# Nobody looks or thinks again by itself, and nothing but the standing with the centre counts.
STILL: dict[str, float] = {
    "attention_per_month": 1e-12, "business_case_per_month": 1e-12, "value_weight": 1e-12,
}  # fmt: skip
ENDORSED: dict[str, float] = {"endorsement": 0.5, "quorum_share": 0.6}
VOTE = [(3, {"vote": 1.0})]


def regions_of_seven(**more: Any) -> Any:
    """Return an episode of twelve regions with seven trusts each, which vote in month 3."""
    facts = blank_facts(np.zeros(REGIONS * EACH, np.int64))
    facts.region = np.arange(REGIONS * EACH) % REGIONS
    setting: dict[str, Any] = {"changes": VOTE, **ENDORSED} | more
    return episode(REGIONS * EACH, 6, REGIONS, facts=facts, **setting)


def watched(asked: Any, months: int, seed: int = 1, **changed: float) -> SharedServiceModel:
    """Return a run under Mesa after so many months."""
    model = SharedServiceModel(asked, parameters(**STILL | changed)[0], seed)
    for _ in range(months):
        model.step()
    return model


def tastes(model: SharedServiceModel, stream: int, entities: Any) -> Any:
    """Return draws that last of a run, one an entity."""
    key = word(draws.run_key(model.draw_seed, model.run))
    return np.array([draws.uniform_in(key, stream, 0, int(at)) for at in entities])


def by_region(model: SharedServiceModel, stage: int) -> Any:
    """Return how many trusts of each region are in a stage."""
    trusts = model.state.trusts
    return np.bincount(trusts.region[trusts.stage == stage], minlength=REGIONS)


@pytest.mark.parametrize("quorum", [0.2, 0.6, 1.0])
def test_a_region_joins_as_one_if_enough_of_its_trusts_are_in_favour(quorum: float) -> None:
    """Whose taste is under the logistic of the utility votes for it: all sign, or none does."""
    asked = regions_of_seven(quorum_share=quorum, endorsement=0.5)
    assert by_region(watched(asked, 2), IDLE).tolist() == [EACH] * REGIONS
    model = watched(asked, 3)
    weight = float(parameters(1)[0].endorsement_weight)
    favour = tastes(model, draws.TASTE, model.state.trusts.number) < logistic(0.5 * weight)
    share = np.bincount(model.state.trusts.region, favour, REGIONS) / EACH
    assert by_region(model, SIGNED).tolist() == [EACH * (one >= quorum) for one in share]
    assert model.state.centre[0].looked == REGIONS * EACH  # who votes has looked


def test_how_often_a_region_joins_is_binomial() -> None:
    """With a two-sided test that is wrong once in 10,000 times."""
    asked, runs = regions_of_seven(), 400
    chunk = run_chunk(asked, lambda first, count: parameters(count, **STILL), 5, 0, runs)
    joined = chunk.outcomes.joined.sum() // EACH
    chance = logistic(0.5 * float(parameters(1)[0].endorsement_weight))
    passes = stats.binom.sf(np.ceil(0.6 * EACH) - 1, EACH, chance)
    assert stats.binomtest(int(joined), runs * REGIONS, passes).pvalue > 1e-4


def test_a_region_of_one_view_is_of_one_mind() -> None:
    """With ``together = 1`` its taste decides, whatever the quorum; at a half it is uniform too."""
    weight = float(parameters(1)[0].endorsement_weight)
    for quorum in (0.1, 1.0):
        model = watched(regions_of_seven(together=1.0, quorum_share=quorum, endorsement=0.5), 3)
        favour = tastes(model, draws.REGION_TASTE, range(REGIONS)) < logistic(0.5 * weight)
        assert by_region(model, SIGNED).tolist() == (EACH * favour).tolist()
    asked = regions_of_seven(together=0.5, quorum_share=1e-9, changes=[], mandate=0.0)
    model = watched(asked, 1)
    found = [taste(model.month, trust) for trust in model.state.trusts]
    assert stats.kstest(found, "uniform").pvalue > 1e-4


def test_the_large_outvote_the_small_by_size_alone() -> None:
    """Six of a pound each are against one of a million that is in favour."""
    facts = blank_facts(np.zeros(EACH, np.int64))
    facts.region = 0
    weight = float(parameters(1)[0].endorsement_weight)
    asked: dict[str, Any] = {"changes": VOTE, "quorum_share": 0.5, "endorsement": -1.0}
    model = watched(episode(EACH, 6, 1, facts=facts, **asked), 3, seed=4)
    favour = tastes(model, draws.TASTE, range(EACH)) < logistic(-weight)
    assert 0 < favour.sum() < EACH / 2
    assert by_region(model, SIGNED)[0] == 0
    facts.spend_gbp = np.where(np.arange(EACH) == np.flatnonzero(favour)[0], 1e6, 1.0)
    sized = episode(EACH, 6, 1, facts=facts, by_size=1.0, **asked)
    assert by_region(watched(sized, 3, seed=4), SIGNED)[0] == EACH


def test_without_places_for_all_nobody_signs() -> None:
    """Regions are dealt with in their order, while places do."""
    asked = regions_of_seven(mandate=0.0, endorsement=1.0, offers=[{"capacity": 2.5 * EACH}])
    model = watched(asked, 3, endorsement_weight=50.0)
    assert by_region(model, SIGNED).tolist() == [EACH, EACH, *[0] * (REGIONS - 2)]
    assert model.state.providers[0].customers == 2 * EACH


def test_members_of_a_region_that_votes_against_leave_and_pay() -> None:
    """The margin that the provider loses over the rest of the term; who is not free to go, too."""
    charges = {"share_replaced": 1.0, "exit_freedom": 0.0, "term_years": 4.0}
    changes = [(3, {"vote": 1.0}), (5, {"vote": 1.0, "endorsement": -1.0})]
    asked = regions_of_seven(
        endorsement=1.0, changes=changes, offers=[{"running_cost_share": 0.9}], **charges
    )
    model = watched(asked, 4, endorsement_weight=50.0, sovereignty=0.0)
    assert by_region(model, SIGNED).sum() == 0  # served by now
    served = model.state.trusts.spend_gbp.copy()
    model.step()
    assert by_region(model, LEFT).tolist() == [EACH] * REGIONS
    rest = (1.0 - 1.035 ** -(4.0 - 1.0 / 12.0)) / 0.035
    paid = np.floor(served * 0.1 * rest + 0.5).sum()
    assert model.state.providers[0].exits_gbp == paid


def test_exempt_trusts_have_no_vote() -> None:
    """They neither count nor follow."""
    model = watched(regions_of_seven(exempt_share=0.4, endorsement=1.0), 3, endorsement_weight=50.0)
    exempt = by_region(model, EXEMPT)
    assert 0 < exempt.sum() < REGIONS * EACH
    assert (by_region(model, SIGNED) == EACH - exempt).all()


def test_without_a_quorum_there_is_nothing_to_vote_on() -> None:
    """Each trust joins alone: a vote changes nothing."""
    nothing: list[dict[str, Any]] = [{"quorum_share": 0.0}, {"changes": []}]
    for more in nothing:
        assert by_region(watched(regions_of_seven(**more), 6), IDLE).sum() == REGIONS * EACH


@pytest.mark.parametrize("lasts", [LASTING, FRESH])
def test_votes_are_the_same_under_mesa(lasts: int) -> None:
    """To the bit: curves and trusts, where members, regions, sizes and places all count."""
    changes = [(4, {"vote": 1.0}), (9, {"vote": 1.0, "endorsement": -0.4}), (15, {"vote": 1.0})]
    asked = episode(
        80, 20, 9, changes=changes, quorum_share=0.4, by_size=1.0, together=0.3,
        share_replaced=0.4, endorsement=0.6, exempt_share=0.1, binding=0.2, mandate=0.02,
        structure={"taste": lasts}, discount_share=0.1,
        offers=[{"capacity": 30.0}, {"capacity": 25.0, "public_share": 0.0}],
    )  # fmt: skip
    chunk = run_chunk(asked, lambda first, count: parameters(count), 3, 0, 4)
    for run in range(4):
        model = SharedServiceModel(asked, parameters()[0], 3, run)
        while model.running:
            model.step()
        assert model.curves.tobytes() == chunk.curves[run].tobytes()
        assert chunk.curves[run].left.max() > 0
