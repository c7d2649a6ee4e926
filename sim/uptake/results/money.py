"""What a scheme costs and brings, by payer and year, and what that is worth at the launch.

All is beside doing nothing: bodies that go on as they are spend and save nothing. Source of the
discounting: HM Treasury, Green Book.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from uptake.config.schema import plain_of
from uptake.results.runs import Runs, quantiles

PAYERS = {
    "trusts": "trusts_cost_gbp",
    "centre": "centre_cost_gbp",
    "providers": "provider_loss_gbp",
}


def optimism_bias() -> float:
    """Return by which share more may be spent than is planned."""
    return float(plain_of("money.yaml")["optimism_bias"]["value"])


def factors(runs: Runs) -> NDArray[np.float64]:
    """Return what a pound of each month is worth at the launch, shape (months + 1,)."""
    rate = float(runs.case.episode.sector[0].discount_rate)
    return np.asarray((1.0 + rate) ** (-np.arange(runs.case.months + 1) / 12.0))


def flows(runs: Runs, curve: str) -> NDArray[np.float64]:
    """Return what a curve of money so far grows by in each month, shape (runs, months + 1)."""
    return np.diff(runs.curve(curve), axis=1, prepend=0.0)


def by_year(runs: Runs) -> list[dict[str, float]]:
    """Return means over the runs of what each payer pays net in a year, and all spend and save.

    Year 0 is the launch, year 1 the first twelve months.
    """
    months = np.arange(runs.case.months + 1)
    years = -(-months // 12)
    curves = {**PAYERS, "spent": "spent_gbp", "saved": "saved_gbp"}
    means = {name: flows(runs, curve).mean(axis=0) for name, curve in curves.items()}
    return [
        {"year": int(year)} | {name: float(row[years == year].sum()) for name, row in means.items()}
        for year in np.unique(years)
    ]


def money(runs: Runs) -> dict[str, Any]:
    """Return what ``summary.json`` holds of money: by year, and present values over the runs.

    ``ratio`` is what is saved over what is spent, both as present values and as means over the
    runs; ``ratio_with_bias`` the same if by the optimism bias more is spent. None where nothing is.
    ``not_cashable`` is what processes save that cannot be taken out as cash, not discounted; it is
    in none of the others.
    """
    at_launch = factors(runs)
    spent, saved = (flows(runs, f"{name}_gbp") @ at_launch for name in ("spent", "saved"))
    bias, mean = optimism_bias(), float(spent.mean())
    cashable = np.asarray(runs["parameter_cashable_share"])
    more = np.divide(1.0 - cashable, cashable, out=np.zeros(len(runs)), where=cashable > 0.0)
    not_cashable = np.asarray(runs["realised_saving_gbp"]) * more
    biased = saved - (1.0 + bias) * spent
    return {
        "years": by_year(runs),
        "spent": quantiles(spent),
        "saved": quantiles(saved),
        "net": quantiles(saved - spent),
        "not_cashable": quantiles(not_cashable),
        "net_with_bias": quantiles(biased),
        "optimism_bias": bias,
        "ratio": float(saved.mean()) / mean if mean > 0.0 else None,
        "ratio_with_bias": float(saved.mean()) / ((1.0 + bias) * mean) if mean > 0.0 else None,
        "pays_share": float((saved > spent).mean()),
    }
