"""Levers: what a policy can choose, as one record a month, and which of them act only once.

Ranges, units and neutral values stand in ``configs/levers.yaml``.
"""

from __future__ import annotations

from uptake.model.records import dtype_of, float64


class Levers:
    """What a policy can choose, as it stands in a month."""

    upfront_fee_gbp: float64
    grant_gbp: float64
    yearly_fee_gbp: float64
    term_years: float64
    discount_share: float64
    conditional_share: float64
    share_replaced: float64
    cost_shared: float64
    bundle_share: float64
    misfit: float64
    legal_risk_per_year: float64
    claimed_saving_share: float64
    autonomy: float64
    exit_freedom: float64
    service_month: float64
    opens_month: float64
    waves_per_month: float64
    pressure: float64
    endorsement: float64
    mandate: float64
    exempt_share: float64
    leadership: float64
    professions_lead: float64
    budget_squeeze: float64
    savings_drive: float64
    capacity: float64
    target_joined: float64
    review_month: float64
    scrap_below_share: float64
    scrap_below_served: float64
    scrap_above_cost_gbp: float64
    scrap_below_quality: float64
    premise_gone: float64
    refund_share: float64
    offset_gbp: float64
    programme_cost_gbp: float64
    news_saving_share: float64
    news_weight: float64
    benchmark_weight: float64
    gap_analysis: float64
    deadline_month: float64
    sanction_share: float64
    funded: float64
    migration_months: float64
    alignment_first: float64
    common_frameworks: float64
    staff_leaving_share: float64
    redundancy_cost_share: float64
    redundancy_avoided_share: float64
    quorum_share: float64
    binding: float64
    pathfinders: float64
    staged: float64
    market_saving_share: float64
    collaboration_share: float64
    together: float64
    vote: float64
    by_size: float64
    supplier_saving_share: float64
    price_cut_share: float64
    management_cost_cap: float64
    contract_security: float64
    assessment_month: float64
    assessment_bar: float64
    assessment_margin: float64
    merger: float64
    in_house: float64
    reversal_risk: float64
    incident_severity: float64
    incident_provider: float64
    damage: float64
    damage_provider: float64


LEVERS = dtype_of(Levers)

# Levers that act in the month of their event only; all others stay until changed.
IMPULSES = (
    "news_saving_share", "news_weight", "incident_severity", "incident_provider", "vote",
)  # fmt: skip

# Levers that act at the launch only.
AT_LAUNCH = ("exempt_share", "collaboration_share", "together")
