"""Tables and figures to one HTML file that needs nothing else, not even a network."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from uptake.config.case import Case
from uptake.files import write_text
from uptake.report import scenario
from uptake.report.tables import Table
from uptake.report.text import answer as sentences
from uptake.report.text import numbers as answer


def _embedded(path: Path) -> str:
    """Return an SVG file as an address that holds the whole image."""
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()


def _is_nil(outcome: dict[str, Any]) -> bool:
    """Tell whether an outcome is nil in all runs, and nothing was observed of it."""
    told = (outcome[quantity] for quantity in ("mean", "q05", "q95"))
    return "observed" not in outcome and not any(told)


def _nil(summary: dict[str, Any]) -> str:
    """Return the outcomes that are nil in all runs, in words."""
    nil = [answer.NAMES[n] for n, outcome in summary["outcomes"].items() if _is_nil(outcome)]
    return ", ".join(nil)


def _difference_rows(summary: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return what differs from the scheme as it was, ready to be read."""
    compared = sentences.compared_of(summary)
    if compared is None:
        return []
    return [
        (
            answer.NAMES[name],
            answer.average(name, compared.was[name] + moved["mean"]),
            answer.average(name, compared.was[name]),
            answer.difference(name, moved["mean"]),
            answer.differences(name, moved["q05"], moved["q95"]),
        )
        for name, moved in compared.moved.items()
    ]


def _outcome_rows(summary: dict[str, Any]) -> list[dict[str, str]]:
    """Return the table of outcomes, ready to be read; without those that are nil in all runs."""
    rows = []
    for name, outcome in summary["outcomes"].items():
        if _is_nil(outcome):
            continue
        seen = outcome.get("observed")
        rows.append(
            {
                "name": answer.NAMES[name],
                "mean": answer.average(name, outcome["mean"]),
                "half": answer.span(name, outcome["q25"], outcome["q75"]),
                "most": answer.span(name, outcome["q05"], outcome["q95"]),
                "observed": "" if seen is None else answer.amount(name, seen),
                "month": "" if seen is None else str(outcome["observed_month"]),
                "source": outcome.get("source", ""),
            }
        )
    return rows


def _render(template: str, folder: Path, **content: object) -> None:
    """Write ``report.html`` from a template; jinja2 escapes whatever comes from a user."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    write_text(folder / "report.html", environment.get_template(template).render(**content))


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
    figures: Mapping[str, str],
    provenance: dict[str, Any],
    folder: Path,
) -> None:
    """Write ``report.html``: the answer in words first, then figures, tables and sources.

    ``figures`` names the files of the adoption curve and of who joins.
    """
    headline, *others = sentences.told(case, summary)
    _render(
        "report.html",
        folder,
        title=summary["question"],
        headline=headline,
        sentences=others,
        curve=_embedded(folder / figures["adoption_curve"]),
        who=_embedded(folder / figures["who_joins"]),
        variants=_embedded(folder / "variants.svg") if "variants" in summary else "",
        outcomes=_outcome_rows(summary),
        nil=_nil(summary),
        differences=_difference_rows(summary),
        than=sentences.than(summary),
        shares=answer.shares_of(summary["runs"]),
        groups={**summary["by_kind"], **summary["by_size"]},
        events=scenario.timeline(case).records(),
        facts=scenario.facts(case).records(),
        structure=case.config.structure,
        levers=[
            row for row in scenario.levers(case).records() if row["source"] != scenario.NEUTRAL
        ],
        parameters=scenario.parameters(case).records(),
        notes=case.notes,
        runs=summary["runs"],
        provenance=provenance,
    )
