"""What a board reads of an answer: the question, the answer, options, caveats, sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from uptake.config.case import Case
from uptake.config.schema import Quantity
from uptake.report.answer import Answer
from uptake.report.options import options
from uptake.report.tables import Table
from uptake.report.text import question as words
from uptake.report.text.answer import covers, reached, scrapped
from uptake.report.text.money import balance, who_gains
from uptake.report.text.why import stands, turned_away

_MOST_SOURCES = 12


class Brief(NamedTuple):
    """The content of a board paper."""

    title: str
    answer: list[str]  # the first is the headline
    options: Table
    why: list[str]
    caveats: list[str]  # three
    cannot_tell: list[str]
    sources: list[str]
    command: str


def _quantities(part: Any) -> Iterator[Quantity[Any]]:
    """Yield every number of a scenario that has a source."""
    if isinstance(part, Quantity):
        yield part
    elif isinstance(part, Mapping):
        for one in part.values():
            yield from _quantities(one)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _quantities(one)
    elif is_dataclass(part):
        for one in fields(part):
            yield from _quantities(getattr(part, one.name))


def sources(case: Case) -> list[str]:
    """Where the numbers of a scheme come from, the most cited first, with how many."""
    found = Counter(str(one.source) for one in _quantities(case.config.scenario))
    assumed = found.pop("assumption", 0)
    said = [f"{source} ({count})" for source, count in found.most_common(_MOST_SOURCES)]
    more = len(found) - len(said)
    said += [f"and {more} more"] if more > 0 else []
    return [*said, f"assumptions, each within a range with its reason where it has one ({assumed})"]


def brief(answer: Answer, command: str) -> Brief:
    """What a board reads of an answer; ``command`` makes it again."""
    case, summary = answer.case, answer.summary
    said = [answer.headline[0], *reached(summary, case)]
    few = (
        f"Answers are from {len(answer.runs):,} runs of a model, structure "
        f"{case.config.structure.name}: another structure may say otherwise."
    )
    body, behaviour = case.body, f"Behaviour: {case.config.parameters.title}."
    return Brief(
        title=words.title(case),
        answer=said,
        options=options(answer.runs, answer.base),
        why=[stands(summary), turned_away(summary), balance(case, summary), who_gains(summary)],
        caveats=[behaviour, covers(case), *(scrapped(summary) or [few])],
        cannot_tell=[
            f"What a named {body} will do: each {body} here is simulated, and no forecast.",
            "Which of several causes of a count was at work: that follows from the model's rules.",
            "What was never reported of the scheme: it is assumed within a range, or left out.",
        ],
        sources=sources(case),
        command=command,
    )
