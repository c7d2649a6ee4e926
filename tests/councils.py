"""A scheme for councils: a sector with a word of its own for its organisations."""

from __future__ import annotations

import re
from pathlib import Path

import uptake as up
from conftest import ROOT


def payroll(folder: Path) -> up.Scenario:
    """Write the sector into a folder of configurations, and return a scheme for it."""
    sector = (ROOT / "configs" / "sector" / "nhs_england_2016.yaml").read_text()
    sector = re.sub(r"(?m)^title: .*", "title: councils\nbody: council", sector)
    (folder / "sector").mkdir(parents=True)
    (folder / "sector" / "councils.yaml").write_text(sector)
    return up.Scenario(
        "payroll", title="Payroll", start="2026-04", months=24, approached=40, sector="councils",
        levers={"upfront_fee_gbp": 10_000}, observed={"joined": {"value": 30, "month": 24}},
        config_dir=folder,
    )  # fmt: skip
