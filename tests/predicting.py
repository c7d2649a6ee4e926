"""Made-up histories, and predictions of them as a calibration keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from uptake.cli.arguments import configuration
from uptake.config.offers import MANDATED, STEPS, VOLUNTARY
from uptake.config.posterior import structure_of
from uptake.inference.predictions import QUANTILES, Predicted, write
from uptake.inference.rivals import Reading, bass

AT = (np.arange(QUANTILES) + 0.5) / QUANTILES


def reading(
    history: str,
    month: int,
    share: float,
    outcome: str = "joined",
    kind: str = VOLUNTARY,
    error: float = 0.01,
) -> Reading:
    """Return a reading."""
    return Reading(history, kind, outcome, STEPS[outcome], month, share, error)


def curves(
    rng: np.random.Generator,
    count: int,
    centre: tuple[float, float, float],
    spread: tuple[float, float, float],
    months: tuple[int, ...],
    error: float = 0.01,
    kind: str = VOLUNTARY,
    name: str = "history",
) -> list[Reading]:
    """Return readings of Bass curves: log odds of ceilings, log p and log q around a centre."""
    found = []
    for number in range(count):
        odds, p, q = np.array(centre) + np.array(spread) * rng.standard_normal(3)
        for month in months:
            reached = bass(np.array(float(month)), np.exp(p), np.exp(q)) / (1.0 + np.exp(-odds))
            share = float(reached + error * rng.standard_normal())
            found.append(reading(f"{name}_{number}", month, share, kind=kind, error=error))
    return found


def predicted(rows: list[Reading], sd: float, wide: float, seed: int = 1) -> list[Predicted]:
    """Return predictions of so much error: the model knows its own sd, the prior is flat."""
    from scipy.stats import norm

    rng, found = np.random.default_rng(seed), []
    for one in rows:
        middle = one.share + np.hypot(sd, one.error) * rng.standard_normal()
        model = middle + wide * sd * norm.ppf(AT)
        found.append(Predicted(one.history.replace("_", " ").title(), one, model, AT))
    return found


def kept(folder: Path, rows: list[Predicted], structure: str = "default") -> Path:
    """Write predictions where a calibration in a folder keeps them."""
    config = configuration("skill", [f"structure={structure}"])
    assert config is not None
    path = folder / "skill" / f"{structure}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, rows, {"structure": structure_of(config)})
    return path


def twelve(sd: float = 0.05, wide: float = 1.0) -> list[Predicted]:
    """Return predictions of twelve histories of two kinds, and of one reading of attention."""
    rng = np.random.default_rng(3)
    rows = curves(rng, 6, (-1.0, -2.5, 0.5), (0.7, 0.4, 0.4), (12, 36))
    rows += curves(rng, 6, (2.5, -0.5, 1.0), (0.5, 0.4, 0.4), (12, 30), 0.02, MANDATED, "order")
    rows.append(reading("history_0", 12, 0.3, outcome="looked"))
    return predicted(rows, sd, wide)
