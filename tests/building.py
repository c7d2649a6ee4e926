"""Small episodes for the tests, built without configuration files."""

from __future__ import annotations

from typing import Any

import numpy as np
from uptake.model._jit import Records
from uptake.model.blanks import blank_facts
from uptake.model.episode import KIND, NATION, OFFER, SECTOR, STRUCTURE, Episode, lever_path
from uptake.model.levers import LEVERS
from uptake.model.parameters import PARAMETERS

NEUTRAL = dict.fromkeys(LEVERS.names or (), 0.0) | {
    "term_years": 3.0,
    "gap_analysis": 1.0,
    "service_open": 1.0,
    "capacity": 1.0,
    "alignment_first": 1.0,
    "contract_security": 1.0,
    "in_house": 1.0,
}

# A middling trust that thinks, decides and migrates at a fair pace.
MIDDLING: dict[str, float] = {
    "attention_per_month": 0.1,
    "business_case_per_month": 0.5,
    "believed_saving_share": 0.1,
    "belief_sd_share": 0.05,
    "signal_sd_share": 0.3,
    "realised_saving_share": 0.05,
    "cashable_share": 0.6,
    "value_weight": 8.0,
    "sovereignty": 1.0,
    "misfit_weight": 0.7,
    "liquidity_weight": 0.8,
    "caution": 0.7,
    "peers_weight": 1.0,
    "peers_attention_weight": 0.7,
    "pressure_weight": 1.0,
    "pressure_attention_weight": 0.7,
    "endorsement_weight": 0.7,
    "migration_per_month": 0.2,
    "migration_cost_years": 0.15,
    "reporting_probability": 0.5,
    "staff_resistance": 0.7,
    "quality_weight": 2.0,
    "public_preference": 0.7,
    "skimping": 0.7,
    "recovery_per_month": 0.08,
    "failure_per_month": 0.1,
    "alarm_weight": 12.0,
    "disruption_cost_share": 0.1,
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
}


STANDARD: dict[str, float] = {"peers": NATION, "pressure_on_attention": 1, "evidence_shared": 1}


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
        sector=records(
            SECTOR,
            cost_share_small=0.054,
            cost_share_large=0.039,
            medium_from_gbp=150e6,
            large_from_gbp=300e6,
            cost_sigma=0.31,
            scope_share=0.1,
            budget_share=0.0005,
            discount_rate=0.035,
            professions=3,
        ),
        structure=records(
            STRUCTURE,
            **(STANDARD | (structure or {})),
        ),
        levers=lever_path(months, initial, changes or [], {}),
        approached_low=low,
        approached_high=high,
    )


def parameters(runs: int = 1, /, **changed: Any) -> Records:
    """Return ``runs`` equal records of middling parameters, some changed."""
    return records(PARAMETERS, runs, **(MIDDLING | changed))
