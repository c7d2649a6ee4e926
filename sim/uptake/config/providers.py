"""Who the providers of an episode are: from a checked configuration to a record each."""

from __future__ import annotations

import math

import numpy as np

from uptake.config.schema import Quantity, Run, Within
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
}


def offers_of(config: Run) -> Records:
    """Return the record of every provider, as many rows as there are providers."""
    rows: list[dict[str, float]] = []
    for provider in config.scenario.providers.values():
        row = {"enters_later": float(provider.enters_later)}
        for fact, unknown in _UNKNOWN.items():
            given: Quantity[float] | None = getattr(provider, fact)
            row[fact] = unknown if given is None else given.value
        rows += [row] * (1 if provider.number is None else int(provider.number.value))
    if not any(row["enters_later"] == 0.0 for row in rows):
        raise InputError("scenario.providers: at least one that is open at the launch is needed")
    Within(1, MOST_PROVIDERS, "providers").checked("scenario.providers", len(rows))
    offers = np.zeros(len(rows), OFFER).view(np.recarray)
    for i, row in enumerate(rows):
        for fact, value in row.items():
            offers[i][fact] = value
    return offers
