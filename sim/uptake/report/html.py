"""Tables and figures to one HTML file that needs nothing else, not even a network."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from uptake.config.case import Case
from uptake.config.moves import LAUNCH
from uptake.config.schema import PriorDistribution, Quantity, lever_meanings
from uptake.files import write_text
from uptake.model.parameters import weighted_quantiles
from uptake.report.tables import Table
from uptake.report.text import answer as sentences
from uptake.report.text import numbers as answer
from uptake.report.text import question as asked


def _embedded(path: Path) -> str:
    """Return an SVG file as an address that holds the whole image."""
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()


def _cited(number: Quantity | PriorDistribution) -> str:
    """Return where a number comes from, with its note."""
    return f"{number.source} ({number.note})" if number.note else number.source


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


def _lever_rows(case: Case) -> list[dict[str, str]]:
    """Return the levers of the scheme as they move, with where each value comes from."""
    given, rows = case.config.scenario.levers, []
    moved = {name: event for event in reversed(case.events) for name in event.set}
    for name, meaning in lever_meanings().items():
        value = float(case.episode.levers[0][name])
        if name not in (*case.pinned, *given, *moved):
            continue
        then = [] if name in case.pinned else asked.moves_of(case, name)
        if name in case.pinned or name in case.config.timeline.get(LAUNCH, {}):
            source = "set for this run"
        elif name in given:
            source = _cited(given[name])
        else:
            source = "neutral"
        if name in moved and name not in case.pinned:
            source += f"; then set by the event {moved[name].name}, month {moved[name].month}"
        rows.append(
            {
                "name": name,
                "meaning": meaning.meaning,
                "value": asked.course(then) or f"{value:,.6g}",
                "unit": meaning.unit,
                "source": source,
            }
        )
    return rows


def _fact_rows(case: Case) -> list[dict[str, str]]:
    """Return every other number of the scenario and its sector, with where it comes from."""
    scenario, rows = case.config.scenario, []

    def add(name: str, quantity: object) -> None:
        if isinstance(quantity, Quantity):
            value = f"{quantity.value:,g}" if quantity.value < 1e5 else f"{quantity.value:,.0f}"
            cited = _cited(quantity)
            rows.append({"name": name, "value": value, "unit": quantity.unit, "source": cited})

    for field in fields(scenario):
        add(field.name, getattr(scenario, field.name))
    for field in fields(scenario.sector):
        add(field.name, getattr(scenario.sector, field.name))
    for name, provider in scenario.providers.items():
        for field in fields(provider):
            add(f"provider {name}: {field.name}", getattr(provider, field.name))
    for kind, facts in scenario.sector.kinds.items():
        for field in fields(facts):
            add(f"{kind}: {field.name}", getattr(facts, field.name))
    return rows


def _event_rows(case: Case) -> list[dict[str, object]]:
    """Return the timeline up to the horizon, with what each event sets."""
    rows: list[dict[str, object]] = []
    for event in case.events:
        if event.month > case.months:
            continue
        acts = [
            f"{name} = {quantity.value:g}, {_cited(quantity)}"
            for name, quantity in event.set.items()
            if name not in case.pinned
        ]
        rows.append({"event": event, "acts": acts})
    return rows


def _parameter_rows(case: Case) -> list[dict[str, str]]:
    """Return what is known of the parameters, in words: the draws first, if there are any."""
    rows = []
    for name, prior in case.priors.items():
        given = case.config.parameters.priors[name]
        arguments = ", ".join(f"{key} {value:g}" for key, value in prior.arguments.items())
        known = f"{prior.distribution.replace('_', ' ')} ({arguments})"
        if case.posterior:
            drawn = case.posterior.draws[name], case.posterior.weights
            low, median, high = weighted_quantiles(*drawn, [0.05, 0.5, 0.95])
            known = f"{median:.2g} ({low:.2g} to {high:.2g} in 9 draws of 10); before: {known}"
        rows.append(
            {
                "name": name,
                "meaning": given.meaning,
                "value": known if prior.value is None else f"held at {prior.value:g}",
                "unit": given.unit,
                "source": _cited(given),
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
        events=_event_rows(case),
        facts=_fact_rows(case),
        structure=case.config.structure,
        levers=_lever_rows(case),
        parameters=_parameter_rows(case),
        notes=case.notes,
        runs=summary["runs"],
        provenance=provenance,
    )
