"""What the runs say of every episode, beside what was observed of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from uptake.config.posterior import AGAIN, HAPPENED, NEW, PRIOR, kind_of
from uptake.config.schema import Run
from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text.numbers import share_of_runs, shares_of
from uptake.report.text.observed import agreement, between, fact, reads

TITLE = "Every episode, beside what was observed of it"
FIGURE = "A small adoption curve for every episode; the table holds the facts."


_BEHAVIOUR = {
    PRIOR: "behaviour is drawn from one prior for all of them, before anything was learnt",
    AGAIN: (
        "behaviour is what each history tells of it, and luck is fresh: what was observed was "
        "fitted, so this says what the model cannot do, not how well it predicts (uptake skill "
        "does)"
    ),
    HAPPENED: "each is as it happened: given what was reported, each number within its error",
    NEW: "behaviour is drawn as it varies between histories, the same for all",
}

_IN_SHORT = {
    AGAIN: "tried again, on what the history of each tells of behaviour, with fresh luck",
    HAPPENED: "as they happened",
    NEW: "as schemes nobody has tried, on behaviour as it varies between histories",
}


def note(configs: Sequence[Run]) -> str:
    """Runs and behaviour of all episodes; how many are on which, where it differs."""
    said = list(dict.fromkeys(config.parameters.title for config in configs))
    if len(said) > 1:
        kinds = Counter(map(kind_of, configs)).most_common()
        said = [f"{episodes} {_IN_SHORT[kind]}" for kind, episodes in kinds]
    return "; ".join([f"{counted(configs[0].runs, 'run')} each", *said])


def sentences(configs: Sequence[Run]) -> list[str]:
    """The comparison as a whole, from the configuration of every episode."""
    kinds, runs = Counter(map(kind_of, configs)).most_common(), configs[0].runs
    behaviour = f"; {_BEHAVIOUR[kinds[0][0]]}"
    if len(kinds) > 1:
        behaviour = "".join(f". Of {episodes}, {_BEHAVIOUR[kind]}" for kind, episodes in kinds)
    return [
        f"{len(configs)} episodes differ in population, providers, levers and timeline{behaviour}. "
        f"{counted(runs, 'run').capitalize()} each.",
        f"A number has the interval of {shares_of(runs)[1]}, and the share of runs that "
        "reach it or keep to the bound; +- is one standard deviation of the reading. Where no "
        "number was reported, a finding has the share of runs that agree. What no source reports "
        "is not compared.",
        "Some findings follow from what is put in (a claim counted from signature on, a failure "
        "placed by the timeline): that runs agree with them is no evidence for the model.",
    ]


def _facts(summary: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Each fact of an episode: what it is, what was observed, what the runs say, its source."""
    facts = []
    bodies = summary["bodies"]
    for row in summary["observed"]:
        model = f"{between(row, 'q05', 'q95')} {agreement(row, bodies)}"
        facts.append((fact(row, bodies), reads(row), model, row["source"]))
    for finding in summary["findings"]:
        agree, contradict = share_of_runs(finding["agree"]), share_of_runs(finding["contradict"])
        how = "foreseen" if finding["foreseen"] else "reported"
        model = f"{agree} agree, {contradict} disagree"
        if finding["no_value"]:
            model += f", {share_of_runs(finding['no_value'])} have no value"
        facts.append((finding["statement"], how, model, finding["source"]))
    return facts


def table(found: Sequence[Mapping[str, Any]], runs: int) -> Table:
    """A row a fact: the runs beside what was observed.

    ``found`` holds the summaries of each episode by structure of the model; one without a name
    is that of the question.
    """
    structures = [name.replace("_", " ") for name in found[0] if name]
    columns = ("episode", "fact", "observed", *(structures or shares_of(runs)[1:]), "source")
    rows = []
    for summaries in found:
        title = next(iter(summaries.values()))["title"]
        for same in zip(*map(_facts, summaries.values()), strict=True):
            what, observed, _, source = same[0]
            rows.append([title, what, observed, *(model for _, _, model, _ in same), source])
            title = ""
    return Table("Against what was observed", "", columns, rows)


def listed(made: Table) -> Table:
    """The table for a terminal: without sources, and each episode heads its own rows."""
    rows = []
    for episode, what, *cells, _ in made.rows:
        if episode:
            empty = [""] * len(cells)
            rows += [["", *empty], [episode.upper(), *empty]]
        rows.append([f"  {what}", *cells])
    return Table(TITLE, "", made.columns[1:-1], rows)
