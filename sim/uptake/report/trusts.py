"""The trusts of one run, one by one: where each stands, and why it decided as it did."""

from typing import Any

from uptake.analysis.reasons import reasons
from uptake.config.case import Case
from uptake.config.schema import Within
from uptake.engine.mesa import SharedServiceModel, Trust
from uptake.model.entities import NEVER
from uptake.report.tables import Table
from uptake.report.text.reasons import name_of, region_of, weighed

COLUMNS = (
    "trust", "kind", "region", "income_gbp", "spend_gbp", "stage", "provider", "signed_month",
    "decided_month", "probability", "reason",
)  # fmt: skip


def _row(case: Case, trust: Trust) -> tuple[Any, ...]:
    """A trust as a row of ``COLUMNS``."""
    people, record = case.people, trust.record
    signed = int(record.signed_month)
    providers = [
        name
        for name, one in case.config.scenario.providers.items()
        for _ in range(int(one.number.value) if one.number is not None else 1)
    ]
    decided: tuple[Any, ...] = (None, None, "")
    if trust.decision is not None:
        why = reasons(trust.decision)
        told = [f"{term.name}: {weighed(term)}" for term in why.terms[:1]]
        decided = (why.month, why.probability, "".join(told))
    return (
        name_of(people, record),
        people.kind_names[int(record.kind)],
        region_of(people, int(record.region)),
        float(record.income_gbp),
        float(record.spend_gbp),
        trust.stage,
        providers[int(record.provider)] if signed != NEVER else None,
        None if signed == NEVER else signed,
        *decided,
    )


def trusts_of(case: Case, run: int, month: int | None = None) -> Table:
    """Trusts of a run at the end of a month, a row each.

    ``probability`` is that of wanting to join, at the latest decision; ``reason`` is what weighed
    most in it, in pounds of the trust's own valuation.
    """
    last = case.months
    months = Within(0, last, "months of the run", whole=True)
    month = last if month is None else int(months.checked("month", month))
    seed = case.config.seed
    model = SharedServiceModel(case.episode, case.design(run, 1)[0], seed, run)
    for _ in range(month):
        model.step()
    rows = [_row(case, trust) for trust in model.trusts]
    return Table(f"{case.bodies} of run {run}, seed {seed}, month {month}", "", COLUMNS, rows)
