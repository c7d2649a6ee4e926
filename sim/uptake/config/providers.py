"""Who the providers of an episode are: from a checked configuration to a record each."""

from __future__ import annotations

import math

import numpy as np

from uptake.config.schema import Quantity, Run
from uptake.errors import InputError, whole, within
from uptake.model._jit import Records
from uptake.model.episode import OFFER

MOST_PROVIDERS = 200

# What a fact of a provider can be, and what it is where nothing is said of it.
_OF_PROVIDERS: dict[str, tuple[float, float, float]] = {
    "public_share": (0.0, 1.0, 1.0),
    "quality": (0.0, 1.0, 1.0),
    "quality_sd": (0.0, 1.0, 0.0),
    "capacity": (1.0, 1e9, math.inf),
    "invested_gbp": (0.0, 1e12, 0.0),
    "committed_gbp": (0.0, 1e12, 0.0),
    "parent_income_gbp": (0.0, 1e13, math.inf),
    "parent_dependence_share": (0.0, 1.0, 0.0),
}


def offers_of(config: Run) -> Records:
    """Return the record of every provider, as many rows as there are providers."""
    rows: list[dict[str, float]] = []
    for name, provider in config.scenario.providers.items():
        key = f"scenario.providers.{name}"
        row = {"enters_later": float(provider.enters_later)}
        for fact, (low, high, unknown) in _OF_PROVIDERS.items():
            given: Quantity | None = getattr(provider, fact)
            row[fact] = unknown
            if given is not None:
                row[fact] = within(f"{key}.{fact}.value", given.value, low, high, given.unit)
        number = provider.number.value if provider.number is not None else 1
        rows += [row] * whole(f"{key}.number.value", number, 1, MOST_PROVIDERS, "providers")
    if not any(row["enters_later"] == 0.0 for row in rows):
        raise InputError("scenario.providers: at least one that is open at the launch is needed")
    within("scenario.providers", len(rows), 1, MOST_PROVIDERS, "providers")
    offers = np.zeros(len(rows), OFFER).view(np.recarray)
    for i, row in enumerate(rows):
        for fact, value in row.items():
            offers[i][fact] = value
    return offers
