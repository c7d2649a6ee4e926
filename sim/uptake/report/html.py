"""Tables and figures to one HTML file that needs nothing else, not even a network."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from uptake.config.case import Case
from uptake.files import write_text
from uptake.report import outcomes, scenario
from uptake.report.tables import Table
from uptake.report.text import answer as sentences
from uptake.report.text.money import who_gains
from uptake.report.text.numbers import called


def _embedded(path: Path) -> str:
    """Address that holds the whole image of an SVG file."""
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()


def rendered(template: str, **content: object) -> str:
    """Return a page made from a template; jinja2 escapes whatever comes from a user."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(template).render(**content)


def _render(template: str, folder: Path, **content: object) -> None:
    """Write ``report.html`` from a template."""
    write_text(folder / "report.html", rendered(template, **content))


def write_study(
    title: str,
    sentences: Sequence[str],
    figures: Mapping[str, str],
    tables: Sequence[Table],
    provenance: dict[str, Any],
    folder: Path,
) -> None:
    """Write ``report.html`` of a study: sentences, figures (file name to what it shows), tables."""
    _render(
        "study.html",
        folder,
        title=title,
        sentences=sentences,
        figures={_embedded(folder / name): shown for name, shown in figures.items()},
        tables=tables,
        provenance=provenance,
    )


def write(
    case: Case,
    summary: dict[str, Any],
    compared: sentences.Compared | None,
    options: Table,
    figures: Mapping[str, str],
    provenance: dict[str, Any],
    folder: Path,
) -> None:
    """Write ``report.html``: the answer, a figure and the options; then all else, and sources.

    ``options`` has the scheme as it was and as asked; ``figures`` names the files of the adoption
    curve, of who joins and of the variants, by kind.
    """
    headline, *others = sentences.told(case, summary, compared)
    chance = sentences.reached(summary, case)
    in_tables = sentences.also_moved("joined", compared) if compared else None
    _render(
        "report.html",
        folder,
        title=summary["question"],
        headline=headline,
        chance=chance,
        sentences=[one for one in others if one not in (*chance, in_tables)],
        options=options,
        figures={kind: _embedded(folder / name) for kind, name in figures.items()},
        outcomes=outcomes.outcomes(summary),
        nil=[
            called(n, case.bodies) for n, one in summary["outcomes"].items() if outcomes.is_nil(one)
        ],
        moved=outcomes.moved(compared, summary["runs"]) if compared else None,
        groups=outcomes.groups(summary),
        standings=outcomes.standings(summary),
        money=outcomes.money(summary),
        refusals=outcomes.refusals(summary),
        gains=[
            outcomes.gains_by(summary, by)
            for by in ("kind", "size", "region")
            if len(summary[f"gains_by_{by}"]) > 1
        ],
        who_gains=who_gains(summary),
        by_group=[
            table(summary, by)
            for table in (outcomes.standings_by, outcomes.refusals_by)
            for by in ("kind", "size", "region")
            if len(summary[f"standings_by_{by}"]) > 1
        ],
        than=compared.than if compared else "",
        events=scenario.timeline(case).records(),
        facts=scenario.facts(case).records(),
        structure=case.config.structure,
        body=case.body,
        bodies=case.bodies,
        levers=[
            row for row in scenario.levers(case).records() if row["source"] != scenario.NEUTRAL
        ],
        parameters=scenario.parameters(case).records(),
        notes=case.notes,
        runs=summary["runs"],
        provenance=provenance,
    )
