"""Calibrations so small that they take seconds: two schemes of 20 trusts, three parameters free."""

from __future__ import annotations

import json
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import uptake as up
from sweeping import started

HISTORIES = ("county", "shire")
FREE = {"attention_per_month", "reporting_probability", "sovereignty"}
# Middling values.
HELD = {
    "business_case_per_month": 0.25, "believed_saving_share": 0.1, "belief_sd_share": 0.05,
    "signal_sd_share": 0.3, "realised_saving_share": 0.05, "cashable_share": 0.75,
    "value_weight": 8, "misfit_weight": 0.67, "liquidity_weight": 0.8, "caution": 0.67,
    "peers_weight": 1.3, "peers_attention_weight": 0.67, "stakes_attention": 6.7,
    "pressure_attention_weight": 0.67, "endorsement_weight": 0.67, "pace": 0.7,
    "migration_cost_years": 0.15, "staff_resistance": 0.67, "risk_aversion": 1.3,
    "public_preference": 1.5, "skimping": 0.67, "recovery_per_month": 0.08,
    "failure_per_month": 0.1, "alarm_weight": 12, "open_gap_harm": 0.1,
    "crowding_out_per_month": 0.02, "loss_tolerance_share": 0.03, "entry_per_month": 0.04,
}  # fmt: skip
PRIORS = [
    *(f"parameters.priors.{name}.value={value}" for name, value in HELD.items()),
    "parameters.priors.attention_per_month.median=0.2",
    "parameters.priors.sovereignty.sd=1",
]
SMALL = [
    "calibration.chains=2", "calibration.particles=50", "calibration.tolerances=[0.5,0.1,0]",
    "calibration.matches=3", "calibration.most_runs=60", "runs=50",
]  # fmt: skip
OWN = ["--config-dir", "mine"]  # where ``schemes`` puts them
TINY = [
    *OWN, f"calibration.histories=[{','.join(HISTORIES)}]", "parameters=prior", *SMALL, *PRIORS,
]  # fmt: skip
SEEN: dict[str, dict[str, Any]] = {
    "county": {
        "joined": [{"value": 2, "month": 6}, {"value": 4, "month": 12}],
        "served": {"value": 2, "month": 12, "error": 1, "note": "a count in the news"},
    },
    "shire": {"interested": {"value": 3, "month": 12}, "joined": {"value": 0, "month": 12}},
}


def schemes(folder: Path) -> Path:
    """Write two schemes with a history, and one of which nothing was reported; return where."""
    for name in (*HISTORIES, "borough"):
        up.Scenario(
            name,
            title=f"The {name}'s scheme",
            start="2026-04",
            months=12,
            sector="nhs_england_2016",
            approached={
                "value": 20, "low": 18, "high": 22, "unit": "trusts", "source": "assumption",
                "note": "as many as its letters went to, about",
            },
            timeline=[{"name": "push", "month": 7, "label": "a push", "set": {"pressure": 0.1}}],
            observed=SEEN.get(name, {}),
        ).save(folder / "mine")  # fmt: skip
    return folder / "mine"


def calibrating(folder: Path, *arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start ``uptake calibrate`` as a user would."""
    return started(folder, *arguments, command=("calibrate",))


def summary_of(folder: Path) -> Any:
    """Return the summary of a calibration, by structure."""
    return json.loads((folder / "summary.json").read_text())["structures"]


def chains(folder: Path) -> set[str]:
    """Return the chains of which a state is kept, such as default/county/chain_1."""
    found = (folder / "chains").rglob("*.npz")
    return {path.relative_to(folder / "chains").with_suffix("").as_posix() for path in found}


def assert_same(folder: Path, other: Path) -> None:
    """Assert that two calibrations come to the same, byte for byte, with nothing half written."""
    names = sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    for name in names:
        if name.suffix in (".parquet", ".npz") or name.name in ("summary.json", "manifest.json"):
            assert (folder / name).read_bytes() == (other / name).read_bytes(), name
    wanted = {"draws/default/county.parquet", "draws/default/new.parquet", "summary.json"}
    assert wanted <= {name.as_posix() for name in names}
