"""What one organisation of a run is, and why it decided as it did, for a reader."""

from typing import Any

from uptake.analysis.reasons import Reasons, Term
from uptake.config.case import Case
from uptake.config.population import People
from uptake.model.entities import CONSIDERING, EXEMPT, NEVER, SERVED, SIGNED, STAGE_NAMES
from uptake.report.text.numbers import money


def name_of(people: People, trust: Any) -> str:
    """Name of a trust, a record of ``TRUST``: as in its file, or its kind and number."""
    number = int(trust.number)
    if number in people.trust_names:
        return people.trust_names[number]
    return f"{people.kind_names[int(trust.kind)].replace('_', ' ')} {number + 1}"


def region_of(people: People, region: int) -> str:
    """Name of a region: as in a file, or its number."""
    return people.region_names[region] if people.region_names else f"region {region + 1}"


def facts(case: Case, trust: Any) -> list[tuple[str, str]]:
    """What a trust, a record of ``TRUST``, is: name and value of each fact."""
    signed = int(trust.signed_month)
    return [
        ("kind", case.people.kind_names[int(trust.kind)].replace("_", " ")),
        ("stands at", STAGE_NAMES[int(trust.stage)]),
        ("signed", "never" if signed == NEVER else f"month {signed}"),
        *_service(trust),
        ("income", f"{money(trust.income_gbp)} a year"),
        ("spend in scope", f"{money(trust.spend_gbp)} a year"),
        ("can commit", money(trust.budget_gbp)),
        ("gap to common processes", f"{100 * trust.gap:.0f} %"),
        ("capacity of its management", f"{100 * trust.slack:.0f} %"),
    ]


def _service(trust: Any) -> list[tuple[str, str]]:
    """What a member has of the service: since when, and whether its processes are the common ones.

    To sign, to be served and to be aligned are three facts.
    """
    if int(trust.stage) not in (SIGNED, SERVED):
        return []
    served = f"since month {int(trust.served_month)}" if trust.stage == SERVED else "not yet"
    aligned = "yes" if trust.aligned else "not begun"
    if not trust.aligned and trust.work_month != NEVER:
        aligned = f"at work since month {int(trust.work_month)}"
    return [("served", served), ("on common processes", aligned)]


def weighed(term: Term) -> str:
    """What a term of the utility weighed, in pounds of the organisation's own valuation."""
    return f"{term.side} {money(abs(term.gbp))}"


def undecided(trust: Any) -> str:
    """Told of a trust, a record of ``TRUST``, that has not decided."""
    if trust.stage == EXEMPT:
        return "It is exempt: it takes no part."
    if trust.signed_month != NEVER:
        return "It was a member at the launch: it did not decide itself."
    if not trust.looked:
        return "It has not looked at the scheme yet."
    if trust.stage == CONSIDERING:
        return "It has not decided yet: its business case is under way."
    return "It has looked at the scheme, and found no provider that it could join."


def why(found: Reasons) -> list[str]:
    """Why it decided as it did, in sentences."""
    did = "joined" if found.joined else "declined"
    if found.at_first_look:
        did = "looked at it and let it be"
    if found.turned_away:
        did = "would have joined, and found no place with its provider,"
    said = [
        f"It {did} in month {found.month}. Of bodies that know what it knew, "
        f"{100 * found.probability:.0f} % would want to join."
    ]
    if found.at_first_look:
        said.append(
            "Even with no gap to close it would not have joined: it opened no business case."
        )
    if found.hurried:
        said.append("The deadline cut its case short: it took its gap for a middling one.")
    if found.obliged:
        said.append("It had no choice: the centre or its region obliged it.")
    return said
