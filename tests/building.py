"""Small episodes for the tests, built without configuration files."""

from __future__ import annotations

from typing import Any

import numpy as np
from uptake.model._jit import Records
from uptake.model.blanks import blank_facts
from uptake.model.entities import NEVER, SIGNED
from uptake.model.episode import (
    DEED,
    KIND,
    LASTING,
    NATION,
    OFFER,
    SECTOR,
    START,
    STRUCTURE,
    Episode,
    lever_path,
)
from uptake.model.levers import LEVERS
from uptake.model.parameters import PARAMETERS

NEUTRAL = dict.fromkeys(LEVERS.names or (), 0.0) | {
    "term_years": 3.0,
    "waves_per_month": 1e6,
    "capacity": 1.0,
    "scrap_above_cost_gbp": 1e15,
    "gap_analysis": 1.0,
    "deadline_month": 1e6,
    "migration_months": 12.0,
    "contract_security": 1.0,
    "in_house": 1.0,
}

# A middling trust that thinks, decides and aligns at a fair pace.
MIDDLING: dict[str, float] = {
    "attention_per_month": 0.1,
    "stakes_attention": 5.0,
    "business_case_per_month": 0.5,
    "believed_saving_share": 0.1,
    "belief_sd_share": 0.05,
    "signal_sd_share": 0.3,
    "realised_saving_share": 0.05,
    "cashable_share": 0.6,
    "value_weight": 8.0,
    "sovereignty": 1.0,
    "risk_aversion": 1.0,
    "misfit_weight": 0.7,
    "liquidity_weight": 0.8,
    "caution": 0.7,
    "peers_weight": 1.0,
    "peers_attention_weight": 0.7,
    "pressure_attention_weight": 0.7,
    "endorsement_weight": 0.7,
    "pace": 0.8,
    "migration_cost_years": 0.15,
    "reporting_probability": 0.5,
    "staff_resistance": 0.7,
    "public_preference": 0.7,
    "skimping": 0.7,
    "recovery_per_month": 0.08,
    "failure_per_month": 0.1,
    "alarm_weight": 12.0,
    "open_gap_harm": 0.1,
    "crowding_out_per_month": 0.02,
    "loss_tolerance_share": 0.05,
    "entry_per_month": 0.04,
}

# The provider of the membership scheme: public, faultless, with room for all.
PERFECT: dict[str, float] = {
    "public_share": 1.0,
    "quality": 1.0,
    "capacity": np.inf,
    "invested_gbp": 2.2e6,
    "committed_gbp": 1.2e6,
    "parent_income_gbp": np.inf,
    "running_cost_share": 1.0,
}


STANDARD: dict[str, float] = {"peers": NATION, "taste": LASTING, "evidence_shared": 1}

# A sector whose discount rate is that of HM Treasury.
SECTOR_OF_TESTS: dict[str, float] = {
    "cost_share_small": 0.054,
    "cost_share_large": 0.039,
    "medium_from_gbp": 150e6,
    "large_from_gbp": 300e6,
    "cost_sigma": 0.31,
    "scope_share": 0.1,
    "budget_share": 0.0005,
    "discount_rate": 0.035,
    "slack_floor": 0.05,
    "gap_low": 0.0,
    "gap_high": 1.0,
    "middling_gap": 0.5,
    "middling_slack": 0.5,
    "home_quality": 0.9,
    "professions": 3.0,
}


# Members at the start by chance, with any provider.
START_OF_TESTS: dict[str, float] = {
    "stage": SIGNED, "aligned": 0, "number": NEVER, "count": 0, "share": 0.0,
    "first_provider": 0, "last_provider": 200,
}  # fmt: skip


def records(dtype: np.dtype[Any], count: int = 1, /, **columns: Any) -> Records:
    """Return ``count`` records with the given columns set and all others zero."""
    array = np.zeros(count, dtype).view(np.recarray)
    for name, value in columns.items():
        array[name] = value
    return array


def providers(offers: list[dict[str, float]]) -> Records:
    """Return one record an offer: the perfect provider, changed as given."""
    whole = [PERFECT | offer for offer in offers]
    columns = {name: [offer.get(name, 0.0) for offer in whole] for name in OFFER.names or ()}
    return records(OFFER, len(whole), **columns)


def episode(
    trusts: int = 60,
    months: int = 24,
    regions: int = 5,
    approached: tuple[int, int] | None = None,
    changes: list[tuple[int, dict[str, float]]] | None = None,
    structure: dict[str, float] | None = None,
    facts: Records | None = None,
    offers: list[dict[str, float]] | None = None,
    sector: dict[str, float] | None = None,
    starts: list[dict[str, float]] | None = None,
    deeds: list[tuple[int, int, int]] | None = None,
    **levers: float,
) -> Episode:
    """Return an episode of two kinds, the second unsuited, with the given levers from launch on."""
    initial = NEUTRAL | levers
    low, high = approached or (trusts, trusts)
    if facts is None:
        facts = blank_facts(np.arange(trusts) % 2)
    return Episode(
        facts=facts,
        kinds=records(
            KIND,
            2,
            cumulative_share=[0.5, 1.0],
            income_median_gbp=[248e6, 141e6],
            income_sigma_below=0.5,
            income_sigma_above=0.6,
            unsuited=[0.0, 1.0],
        ),
        region_cumulative=np.linspace(1.0 / regions, 1.0, regions),
        offers=providers(offers or [{}]),
        sector=records(SECTOR, 1, **SECTOR_OF_TESTS | (sector or {})),
        structure=records(STRUCTURE, 1, **STANDARD | (structure or {})),
        levers=lever_path(months, initial, changes or [], {}),
        starts=np.array(
            [tuple((START_OF_TESTS | start).values()) for start in starts or []], START
        ).view(np.recarray),
        deeds=np.array(deeds or [], DEED).view(np.recarray),
        approached_low=low,
        approached_high=high,
    )


def parameters(runs: int = 1, /, **changed: Any) -> Records:
    """Return ``runs`` equal records of middling parameters, some changed."""
    return records(PARAMETERS, runs, **(MIDDLING | changed))
