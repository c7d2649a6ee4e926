"""Levers: what a policy can choose, as one record a month, and which of them act only once.

Ranges, units and neutral values stand in ``configs/levers.yaml``.
"""

from __future__ import annotations

import numpy as np

LEVERS = np.dtype(
    [
        (name, np.float64)
        for name in (
            "upfront_fee_gbp",
            "grant_gbp",
            "yearly_fee_gbp",
            "term_years",
            "discount_share",
            "conditional_share",
            "bundle_share",
            "misfit",
            "legal_risk_per_year",
            "claimed_saving_share",
            "autonomy",
            "exit_freedom",
            "service_open",
            "pressure",
            "endorsement",
            "mandate",
            "exempt_share",
            "leadership",
            "professions_lead",
            "budget_squeeze",
            "savings_drive",
            "capacity",
            "target_joined",
            "review_month",
            "scrap_below_share",
            "refund_share",
            "offset_gbp",
            "programme_cost_gbp",
            "news_saving_share",
            "news_weight",
            "benchmark_weight",
            "gap_analysis",
            "deadline_months",
            "alignment_first",
            "common_frameworks",
            "timetable_slip",
            "staff_leaving_share",
            "redundancy_cost_share",
            "redundancy_avoided_share",
            "quorum_share",
            "binding",
            "pathfinders",
            "staged",
            "market_saving_share",
            "collaboration_share",
            "supplier_saving_share",
            "price_cut_share",
            "management_cost_cap",
            "contract_security",
            "assessment_month",
            "assessment_bar",
            "assessment_margin",
            "merger",
            "in_house",
            "reversal_risk",
            "incident_severity",
            "incident_provider",
        )
    ]
)

# Levers that act in the month of their event only; all others stay until changed.
IMPULSES = ("news_saving_share", "news_weight", "incident_severity", "incident_provider")

# Levers that act at the launch only.
AT_LAUNCH = ("exempt_share", "pathfinders", "collaboration_share")
