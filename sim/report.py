"""Tables and figures to one HTML file that needs nothing else, not even a network."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from sim import answer
from sim.inputs import LEVERS
from sim.results import write_text
from sim.scenario import Case


def _embedded(path: Path) -> str:
    """Return an SVG file as an address that holds the whole image."""
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()


def _outcome_rows(summary: dict[str, Any]) -> list[dict[str, str]]:
    """Return the table of outcomes, ready to be read."""
    rows = []
    for name, outcome in summary["outcomes"].items():
        seen = outcome.get("observed")
        rows.append(
            {
                "name": answer.NAMES[name],
                "median": answer.amount(name, outcome["median"]),
                "half": answer.span(name, outcome["q25"], outcome["q75"]),
                "most": answer.span(name, outcome["q05"], outcome["q95"]),
                "observed": "" if seen is None else answer.amount(name, seen),
                "source": outcome.get("source", ""),
            }
        )
    return rows


def _lever_rows(case: Case) -> list[dict[str, str]]:
    """Return the levers at the launch, with where each value comes from."""
    from sim.configuration import lever_meanings

    given, rows = case.config.scenario.levers, []
    for name, meaning in lever_meanings().items():
        value = float(case.episode.levers[0][name])
        if name in case.pinned:
            source = "set for this run"
        elif name in given:
            source = given[name].source + (f" ({given[name].note})" if given[name].note else "")
        else:
            source = "neutral: not part of this scheme"
        rows.append(
            {
                "name": name,
                "meaning": meaning.meaning,
                "value": f"{value:,g}",
                "unit": meaning.unit,
                "source": source,
            }
        )
    assert len(rows) == len(LEVERS.names or ())
    return rows


def _parameter_rows(case: Case) -> list[dict[str, str]]:
    """Return the priors in words."""
    rows = []
    for name, prior in case.priors.items():
        given = case.config.parameters.priors[name]
        arguments = ", ".join(f"{key} {value:g}" for key, value in prior.arguments.items())
        known = f"{prior.distribution.replace('_', ' ')} ({arguments})"
        rows.append(
            {
                "name": name,
                "meaning": given.meaning,
                "value": known if prior.value is None else f"held at {prior.value:g}",
                "unit": given.unit,
                "source": given.source + (f" ({given.note})" if given.note else ""),
            }
        )
    return rows


def write(case: Case, summary: dict[str, Any], provenance: dict[str, Any], folder: Path) -> None:
    """Write ``report.html``: the answer in words first, then figures, tables and sources."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("report.html").render(
        title=case.config.scenario.title,
        headline=answer.headline(case, summary),
        sentences=answer.sentences(case, summary),
        curve=_embedded(folder / "adoption_curve.svg"),
        who=_embedded(folder / "who_joins.svg"),
        outcomes=_outcome_rows(summary),
        events=case.events,
        levers=_lever_rows(case),
        parameters=_parameter_rows(case),
        notes=case.people.notes,
        runs=summary["runs"],
        provenance=provenance,
    )
    write_text(folder / "report.html", page)
