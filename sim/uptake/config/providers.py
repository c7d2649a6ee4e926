"""Who the providers of an episode are: from a checked configuration to a record each."""

import math

import numpy as np

from uptake.config.schema import Provider, Run, Within
from uptake.config.schema.scenario import MOST_PROVIDERS
from uptake.errors import InputError
from uptake.model._jit import Records
from uptake.model.episode import OFFER

# What a fact of a provider is where nothing is said of it.
_UNKNOWN = {
    "public_share": 1.0,
    "quality": 1.0,
    "quality_sd": 0.0,
    "capacity": math.inf,
    "invested_gbp": 0.0,
    "committed_gbp": 0.0,
    "parent_income_gbp": math.inf,
    "parent_dependence_share": 0.0,
    "entry_month": 0.0,
    "running_cost_share": 1.0,
    "fixed_cost_gbp": 0.0,
    "planned_spend_gbp": 0.0,
    "ramp_months": 0.0,
}


def _offer(provider: Provider) -> tuple[float, ...]:
    """Return the record of a provider."""
    given = {fact: getattr(provider, fact) for fact in _UNKNOWN}
    known = {fact: quantity.value for fact, quantity in given.items() if quantity is not None}
    row = {**_UNKNOWN, **known}
    row["enters_later"] = float(provider.enters_later or row["entry_month"] > 0.0)
    return tuple(row[name] for name in OFFER.names or ())


def offers_of(config: Run) -> Records:
    """Return the record of every provider, as many rows as there are providers."""
    rows: list[tuple[float, ...]] = []
    for provider in config.scenario.providers.values():
        rows += [_offer(provider)] * (1 if provider.number is None else int(provider.number.value))
    offers = np.array(rows, OFFER).view(np.recarray)
    if offers.enters_later.all():
        raise InputError("scenario.providers: at least one that is open at the launch is needed")
    Within(1, MOST_PROVIDERS, "providers").checked("scenario.providers", len(rows))
    return offers
