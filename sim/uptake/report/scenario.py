"""A scenario in tables: its levers, events, facts, parameters, what was observed of it."""

from dataclasses import fields
from typing import Any

from uptake.config.case import Case
from uptake.config.moves import LAUNCH
from uptake.config.schema import PriorDistribution, Quantity, Ranged
from uptake.model.parameters import weighted_quantiles
from uptake.report.tables import Table
from uptake.report.text import question as words
from uptake.report.text.answer import offer
from uptake.report.text.observed import fact, reads, row_of

NEUTRAL = "neutral: not part of this scheme"


def _cited(number: Quantity[float] | PriorDistribution) -> str:
    """Where a number comes from, the range that it is drawn from, and its note."""
    ends = number.ends if isinstance(number, Ranged) else None
    said = number.source + (f", {ends[0]:,.6g} to {ends[1]:,.6g}" if ends else "")
    return f"{said} ({number.note})" if number.note else said


def lever_source(case: Case, name: str) -> str:
    """Where the value of a lever comes from, and what moves it."""
    given = case.config.scenario.levers
    if name in case.overridden or name in case.config.timeline.get(LAUNCH, {}):
        source = "set for this run"
    else:
        source = _cited(given[name]) if name in given else NEUTRAL
    moved = next((event for event in case.events if name in event.set), None)
    if moved is not None and name not in case.overridden:
        source = source.replace(NEUTRAL, "neutral")
        source += f"; then set by the event {moved.name}, month {moved.month}"
    return source


def levers(case: Case) -> Table:
    """Every lever: its value at the launch, what the timeline makes of it, unit, range."""
    rows = []
    for name, meaning in words.levers_of(case).items():
        then = "" if name in case.overridden else words.course(words.moves_of(case, name))
        low, high = f"{meaning.low:,.6g}", f"{meaning.high:,.6g}"
        value = float(case.episode.levers[0][name])
        source = lever_source(case, name)
        allowed = f"{low} to {high}"
        rows.append((name, value, then, meaning.unit, allowed, meaning.meaning, source))
    columns = ("lever", "value", "course", "unit", "allowed", "meaning", "source")
    return Table(f"levers of {case.config.scenario.title}", "", columns, rows)


def facts(case: Case) -> Table:
    """Every other number of the scenario and its sector, with its source."""
    scenario = case.config.scenario
    rows: list[tuple[str, float, str, str]] = []

    def add(name: str, quantity: object) -> None:
        if isinstance(quantity, Quantity):
            rows.append((name, quantity.value, quantity.unit, _cited(quantity)))

    owners: list[tuple[str, Any]] = [("", scenario), ("", scenario.sector)]
    owners += [(f"provider {name}: ", provider) for name, provider in scenario.providers.items()]
    owners += [(f"{kind}: ", facts) for kind, facts in scenario.sector.kinds.items()]
    owners += [(f"body {name}: ", body) for name, body in scenario.bodies.items()]
    owners += [(f"{start.stage} at the start: ", start) for start in scenario.members_at_start]
    for before, owner in owners:
        for field in fields(owner):
            add(f"{before}{field.name}", getattr(owner, field.name))
    return Table(f"facts of {scenario.title}", "", ("fact", "value", "unit", "source"), rows)


def timeline(case: Case) -> Table:
    """Events up to the horizon, with what each sets."""
    rows = []
    for event in case.events:
        if event.month <= case.months:
            acts = [
                f"{name} = {quantity.value:g}, {_cited(quantity)}"
                for name, quantity in event.set.items()
                if name not in case.overridden
            ]
            acts += [f"{name} {deed.replace('_', ' ')}" for name, deed in event.bodies.items()]
            cells = (event.month, event.date, event.name, event.label, "; ".join(acts))
            rows.append((*cells, event.source, event.note))
    columns = ("month", "date", "event", "label", "sets", "source", "note")
    return Table(f"timeline of {case.config.scenario.title}", "", columns, rows)


def parameters(case: Case) -> Table:
    """What is known of each parameter: the draws first, if there are any."""
    rows = []
    for name, prior in case.priors.items():
        given = case.config.parameters.priors[name]
        arguments = ", ".join(f"{key} {value:g}" for key, value in prior.arguments.items())
        known = f"{prior.distribution.replace('_', ' ')} ({arguments})"
        if case.posterior:
            drawn = case.posterior.draws[name], case.posterior.weights
            low, median, high = weighted_quantiles(*drawn, [0.05, 0.5, 0.95])
            known = f"{median:.2g} (90 % of draws: {low:.2g} to {high:.2g}); before: {known}"
        if prior.value is not None:
            known = f"held at {prior.value:g}"
        rows.append((name, known, given.unit, given.meaning, _cited(given)))
    columns = ("parameter", "known", "unit", "meaning", "source")
    return Table(f"behaviour: {case.config.parameters.title}", "", columns, rows)


def observed(case: Case) -> Table:
    """What was observed, with a month, and what was reported without a number."""
    rows: list[tuple[Any, ...]] = [
        (fact(row, case.bodies, seen.month), reads(row), seen.value, seen.unit, seen.month, source)
        for name, seen in case.observed
        for row, source in [(row_of(name, seen), _cited(seen))]
    ]
    rows += [(finding.statement, "", None, "", None, finding.source) for finding in case.findings]
    columns = ("fact", "observed", "value", "unit", "month", "source")
    return Table(f"observed of {case.config.scenario.title}", "", columns, rows)


def told(case: Case) -> str:
    """A scenario in a few lines."""
    config, scenario = case.config, case.config.scenario
    low, high = case.people.approached_low, case.people.approached_high
    of = case.bodies
    approached = f"{high:,}" if low == high else f"{low:,} to {high:,}"
    seen = [
        f"{fact(row, case.bodies, one.month)} {reads(row)} in month {one.month} ({one.source})"
        for name, one in case.observed
        for row in [row_of(name, one)]
    ]
    lines = [
        f"Scenario {scenario.name}: {words.title(case)}",
        f"launch      {scenario.start}, {case.months} months, {approached} {of} approached",
        f"offer       {offer(case)}",
        f"events      {', '.join(e.name for e in case.events if e.month <= case.months) or 'none'}",
        f"observed    {'; '.join(seen) or 'no count'}",
        f"behaviour   {config.parameters.title}; structure {config.structure.name}",
    ]
    return "\n  ".join([*lines, *case.notes])
