"""Who the trusts of an episode are: made from the sector's figures, or read from a user's file.

Either way a population is a table of facts with blanks, which every run fills anew.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uptake.config.schema import Run, Scenario, Sector, Within
from uptake.config.schema.run import UNITS
from uptake.config.schema.scenario import MOST_TRUSTS
from uptake.config.trust_file.checks import Usual
from uptake.config.trust_file.reading import TrustTable, facts_of, income_percentiles, read_trusts
from uptake.errors import InputError, nearest, one_of, wrong
from uptake.model._jit import Records
from uptake.model.blanks import blank_facts
from uptake.model.entities import BOUNDS, MOST_GBP_OF_ALL
from uptake.model.episode import KIND
from uptake.model.observation import BREAKDOWN, FORMER_NAMES, OUTCOMES, SIZES

MOST_KINDS = 1000
_NORMAL_P90 = 1.2815515655446004  # 90 % point of the standard normal

# 10th, 50th and 90th percentile of income, GBP a year.
Percentiles = tuple[float, float, float]


@dataclass(frozen=True)
class People:
    """The trusts of an episode, and the names of what their records refer to."""

    facts: Records  # (trusts,) of FACTS
    kinds: Records  # (kinds,) of KIND
    region_cumulative: NDArray[np.float64]  # (regions,)
    approached_low: int
    approached_high: int
    kind_names: list[str]
    notes: list[str]  # what was mended, drawn or taken on trust
    trust_names: dict[int, str] = field(default_factory=dict)  # by number; of a synthetic few
    region_names: list[str] = field(default_factory=list)  # by row; none if synthetic
    named: dict[str, int] = field(default_factory=dict)  # number by name, of the scenario's bodies
    is_number_open: bool = False  # whether a run draws how many are approached, from low to high


def apportion(shares: NDArray[np.float64], seats: int) -> NDArray[np.int64]:
    """Return whole numbers in proportion to shares that add up to ``seats``: largest remainder.

    >>> apportion(np.array([3.0, 2.0, 1.0]), 7)
    array([4, 2, 1])
    """
    exact = shares / shares.sum() * seats
    counts = np.floor(exact).astype(np.int64)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: seats - int(counts.sum())]] += 1
    return counts


def _kinds(
    names: list[str],
    bodies: NDArray[np.float64],
    percentiles: dict[str, Percentiles],
    designed_for: list[str],
) -> Records:
    """Return the records of the kinds: shares, split lognormal incomes, fit of the scheme."""
    kinds = np.zeros(len(names), KIND).view(np.recarray)
    kinds.cumulative_share = np.cumsum(bodies) / bodies.sum()
    for row, name in enumerate(names):
        p10, p50, p90 = percentiles[name]
        kinds[row].income_median_gbp = p50
        kinds[row].income_sigma_below = math.log(p50 / p10) / _NORMAL_P90
        kinds[row].income_sigma_above = math.log(p90 / p50) / _NORMAL_P90
        kinds[row].unsuited = name not in designed_for
    return kinds


def _published(sector: Sector) -> dict[str, Percentiles]:
    """Return the income percentiles of the sector's kinds, GBP a year."""
    return {
        name: (kind.income_p10.value, kind.income_p50.value, kind.income_p90.value)
        for name, kind in sector.kinds.items()
    }


def _approached(config: Run, number: int, most: int) -> tuple[int, int]:
    """Return the least and the greatest number of trusts that a run approaches."""
    spread = config.population.approached_spread
    Within(1, most, "trusts").checked("population.approached", number)
    low, high = max(1, round((1.0 - spread) * number)), round((1.0 + spread) * number)
    if high > most:
        raise wrong(
            "population.approached_spread",
            spread,
            f"up to {high} trusts would be approached, there are {most}",
        )
    return low, high


def _bodies(sector: Sector) -> NDArray[np.float64]:
    """Return how many bodies of each kind there are in the sector, shape (kinds,)."""
    return np.array([kind.bodies.value for kind in sector.kinds.values()])


def _synthetic(config: Run) -> People:
    """Return a population made from the sector's figures: as many trusts as may be approached."""
    sector = config.scenario.sector
    said, asked = config.scenario.approached, config.population
    is_open = bool(said.ends) and not (asked.approached or asked.approached_spread or config.fix)
    if said.ends and is_open:
        low, high = map(int, said.ends)
    else:
        low, high = _approached(config, asked.approached or int(said.value), MOST_TRUSTS)
    names = list(sector.kinds)
    bodies, named = _bodies(sector), config.scenario.bodies
    regions = int(sector.regions.value)
    return People(
        facts=_synthetic_facts(config.scenario, apportion(bodies, high)),
        kinds=_kinds(names, bodies, _published(sector), config.scenario.designed_for),
        region_cumulative=np.arange(1, regions + 1) / regions,
        approached_low=low,
        approached_high=high,
        kind_names=names,
        is_number_open=is_open,
        notes=[
            f"{high} synthetic {sector.organisations} after {sector.title}; "
            "incomes, costs, process gaps and capacities are drawn anew in every run."
        ],
        trust_names={row: body.title for row, body in enumerate(named.values())},
        named={name: row for row, name in enumerate(named)},
    )


def _synthetic_facts(scenario: Scenario, counts: NDArray[np.int64]) -> Records:
    """Return so many synthetic trusts of each kind; the first are those that are named."""
    names, named = list(scenario.sector.kinds), scenario.bodies
    kinds = np.array([names.index(body.kind) for body in named.values()], np.int64)
    others = counts - np.bincount(kinds, minlength=len(names))
    for kind in np.flatnonzero(others < 0):
        told = f"more of the kind {names[kind]} than are approached: {counts[kind]}"
        raise InputError(f"scenario.bodies: {told}")
    facts = blank_facts(np.concatenate((kinds, np.repeat(np.arange(len(names)), others))))
    facts.named[: len(kinds)] = 1
    chosen = scenario.pathfinder_regions[: int(scenario.sector.regions.value)]
    for row, (name, body) in enumerate(named.items()):
        if body.region is not None:
            one_of(f"scenario.bodies.{name}.region", body.region, chosen)
            facts.region[row] = chosen.index(body.region)
        if body.income_gbp is not None:
            facts.income_gbp[row] = body.income_gbp.value
    return facts


def _rows_of(table: TrustTable, scenario: Scenario, path: Path) -> tuple[dict[str, int], list[str]]:
    """Return the rows of named bodies in a file, by name or title, and which are told as missing.

    The scenario's own file has to have them all.
    """
    rows: dict[str, int] = {}
    notes: list[str] = []
    is_own = scenario.trusts is not None and path.name == Path(scenario.trusts).name
    for name, body in scenario.bodies.items():
        for texts in (table.ids, table.names):
            found = [row for row, text in enumerate(texts) if text in (name, body.title)]
            if found:
                break
        key, known = f"scenario.bodies.{name}", dict.fromkeys([*table.ids, *table.names])
        if len(found) > 1:
            raise InputError(f"{key}: {len(found)} rows of population.path have this name")
        more = nearest(name, known) or nearest(body.title, known)
        if not found and not is_own:
            told = f"{body.title} ({name}) is not among them{more}: what the scenario says of it"
            notes.append(f"{told} does nothing.")
            continue
        if not found or found[0] in rows.values():
            told = "no row" if not found else "no row of its own"
            raise InputError(f"{key}: {told} of population.path has this id or name{more}")
        rows[name] = found[0]
    return rows, notes


def _from_file(config: Run) -> People:
    """Return a population read from the user's file; blanks are left to be drawn run by run."""
    sector = config.scenario.sector
    if config.population.path is None:
        raise InputError("population.path=: a CSV, Parquet or Excel file is needed")
    path, units = Path(config.population.path), config.population.units
    table = read_trusts(path, _usual(config.scenario) if units == UNITS[0] else None)
    names = sorted(set(table.kinds) - {""}) or list(sector.kinds)
    Within(1, MOST_KINDS, "kinds").checked("kinds in population.path", len(names))
    regions = sorted(set(table.regions) - {""}) or ["the nation"]
    first = [name for name in config.scenario.pathfinder_regions if name in regions]
    regions = first + [name for name in regions if name not in first]
    absent = [name for name in config.scenario.pathfinder_regions if name not in first]
    facts = facts_of(table, names, regions)
    rows, missing = _rows_of(table, config.scenario, path)
    facts.named[list(rows.values())] = 1
    percentiles, notes = _filled(facts, names, income_percentiles(table), sector)
    if absent:
        told = f"pathfinder regions not in the file: {', '.join(absent)}"
        notes.append(f"{told}; others, the first by name, stand in.")
    low, high = _approached(config, config.population.approached or len(facts), len(facts))
    bodies, shares = _counted(facts.kind, len(names)), _counted(facts.region, len(regions))
    if not bodies.any():  # not one kind is known: those of the sector, as in the sector
        bodies = _bodies(sector)
    return People(
        facts=facts,
        kinds=_kinds(names, bodies, percentiles, config.scenario.designed_for),
        region_cumulative=np.cumsum(shares) / shares.sum() if shares.any() else np.ones(1),
        approached_low=low,
        approached_high=high,
        kind_names=names,
        notes=[*table.notes, *notes, *missing],
        trust_names={
            int(number): name or code
            for number, name, code in zip(facts.number, table.names, table.ids, strict=True)
        },
        region_names=regions,
        named={name: int(facts.number[row]) for name, row in rows.items()},
    )


def _usual(scenario: Scenario) -> Usual:
    """Return what is usual in a sector: the units of a file are held against it."""
    sector = scenario.sector
    medians = np.array([p50 for _, p50, _ in _published(sector).values()])
    order = np.argsort(medians)
    bodies = np.cumsum(_bodies(sector)[order])
    middle = medians[order[np.searchsorted(bodies, bodies[-1] / 2.0)]]
    cost_share = (sector.cost_share_small.value + sector.cost_share_large.value) / 2.0
    return Usual(
        sector=sector.title,
        incomes={"": float(middle)} | dict(zip(sector.kinds, medians.tolist(), strict=True)),
        spend_share=cost_share * scenario.scope_share.value,
    )


def _counted(codes: NDArray[np.int64], rows: int) -> NDArray[np.float64]:
    """Return how often each row is named, shape (rows,)."""
    return np.bincount(codes[codes >= 0], minlength=rows).astype(np.float64)


def _filled(
    facts: Records, names: list[str], known: dict[str, Percentiles], sector: Sector
) -> tuple[dict[str, Percentiles], list[str]]:
    """Return the income percentiles from which blanks of each kind are drawn, and say which.

    Those of the kind in the file, or else of the kind as published, or else of the whole file, or
    else of the sector's first kind.
    """
    published = _published(sector)
    percentiles, notes = {}, []
    for row, name in enumerate(names):
        if name in published:
            source = sector.kinds[name].income_p50.source
            basis, fallback = f"the sector's incomes of {name} ({source})", published[name]
        elif "" in known:
            basis, fallback = "all incomes of the file", known[""]
        else:
            first = next(iter(published))
            basis, fallback = f"the sector's incomes of {first}", published[first]
        percentiles[name] = known.get(name, fallback)
        blanks = int(np.isnan(facts.income_gbp[facts.kind == row]).sum())
        if blanks and name not in known:
            notes.append(f"kind {name}: {blanks} blank incomes are drawn from {basis}.")
        if name not in published:
            told = f"kind {name} is not one of {sector.title}{nearest(name, published)}"
            notes.append(f"{told}: taken as its own kind.")
    return percentiles, notes


def _check_kinds(names: list[str]) -> None:
    """Refuse kinds whose counts would share a column with others: columns know no case."""
    counts = (*BREAKDOWN, "share")
    taken = {str(name).casefold() for name in (*(OUTCOMES.names or ()), *FORMER_NAMES)}
    sizes = {size.casefold() for size in SIZES}
    known: dict[str, str] = {}
    for name in names:
        form = name.casefold()
        if form in sizes:
            raise wrong("kind", name, "that is a size; give the kind another name")
        if clash := next((count for count in counts if f"{count}_{form}" in taken), None):
            raise wrong("kind", name, f"{clash}_{form} is an outcome; give the kind another name")
        if known.setdefault(form, name) != name:
            raise wrong(
                "kind", name, f"{known[form]} differs by case alone; give one of them another name"
            )


def _check_total(people: People) -> None:
    """Refuse incomes or spends that together are more than whole pounds can be counted in."""
    facts, kinds = people.facts, people.kinds
    log_means = np.log(kinds.income_median_gbp) + kinds.income_sigma_above**2 / 2.0
    means = np.minimum(np.exp(np.minimum(log_means, 700.0)), BOUNDS["income_gbp"][1])
    expected = np.where(facts.kind >= 0, means[facts.kind], means.max())
    incomes = np.where(np.isnan(facts.income_gbp), expected, facts.income_gbp)
    for what, values in (("incomes", incomes), ("spends in scope", facts.spend_gbp)):
        total = float(np.nansum(values))
        Within(0, MOST_GBP_OF_ALL, "GBP a year").checked(f"{what} of all trusts", total)


def people_of(config: Run) -> People:
    """Return the trusts that a configuration asks for."""
    path = config.population.path
    if config.population.units != UNITS[0] and config.population.source != "file":
        raise wrong(
            "population.units",
            config.population.units,
            "it is about a file, with population=file only",
        )
    if path is not None and config.population.source != "file":
        raise wrong("population.path", path, "it is read with population=file only")
    for name, body in config.scenario.bodies.items():
        one_of(f"scenario.bodies.{name}.kind", body.kind, config.scenario.sector.kinds)
    people = _from_file(config) if config.population.source == "file" else _synthetic(config)
    if len(people.named) > people.approached_low:
        told = f"the {len(people.named)} named bodies are always approached"
        raise wrong("population.approached", people.approached_low, told)
    _check_kinds(people.kind_names)
    _check_total(people)
    for name in config.scenario.designed_for:
        known = dict.fromkeys([*config.scenario.sector.kinds, *people.kind_names])
        one_of("scenario.designed_for", name, known)
    return people
