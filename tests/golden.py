"""Writes the golden results anew: run it after a change that is meant to change results."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

from conftest import ROOT
from uptake.cli.arguments import configuration
from uptake.config.case import assemble
from uptake.engine.compiled import run_chunk
from uptake.model.observation import OUTCOMES
from uptake.model.parameters import from_prior

FILE = Path(__file__).parent / "golden" / "outcomes.csv"
RUNS = 20
QUESTIONS = {
    "as it was": [],
    "two years, no review": ["months=24", "levers.review_month=0", "levers.opens_month=6"],
    "regions, half the fee": [
        "months=24", "levers.review_month=0", "structure.peers=region",
        "levers.upfront_fee_gbp=17500", "population.approached_spread=0.25",
    ],
}  # fmt: skip


def rows() -> list[list[str]]:
    """Return the outcomes of the first runs of a few questions, as text to the last digit."""
    table = [["question", *(OUTCOMES.names or ())]]
    for question, overrides in QUESTIONS.items():
        config = configuration("run", ["parameters=prior", *overrides])
        assert config is not None
        case = assemble(config)
        design = partial(from_prior, case.priors, config.seed)
        chunk = run_chunk(case.episode, design, config.seed, 0, RUNS)
        for outcome in chunk.outcomes:
            table.append([question, *(repr(value.item()) for value in outcome)])
    return table


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    with open(FILE, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows())
    print(f"wrote {FILE.relative_to(ROOT)}")
