"""The tab that asks what if: levers on one side, the answer on the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import solara

from sim.answer import NAMES
from sim.errors import InputError
from sim.page import serving, wording
from sim.page.answering import Answer, answers
from sim.page.own_trusts import OwnTrusts
from sim.page.parts import Curve, Facts, Levers
from sim.page.question import Question
from sim.page.working import done, use_latest
from sim.scenario import Case

MOST_KEPT = 12
Ask = Callable[..., None]  # a question, and the number of the move of a lever that led to it


@dataclass(frozen=True)
class Shown:
    """What the page shows: an answer beside the episode as it was, to which move of a lever."""

    question: Question
    answer: Answer
    base: Answer
    number: int


@dataclass(frozen=True)
class Kept:
    """An answer that was kept under a name."""

    name: str
    question: Question
    headline: str
    bands: dict[str, list[float]]


def _shown(question: Question, number: int) -> Iterator[Shown]:
    """Yield what can be shown of a question, the longer the better."""
    catalogue = serving.catalogue()
    case, base = catalogue.case(question), catalogue.base(question)
    for answer in answers(case, time.perf_counter):
        yield Shown(question, answer, base, number)


@solara.component
def WhatIf(question: Question, number: int, ask: Ask) -> None:
    """Levers on one side, the answer on the other."""
    kept, keep = solara.use_state([])
    shown = use_latest(lambda: _shown(question, number), [question, number])

    def hold(moved: Any) -> None:
        asked = question
        try:
            for name, value in dict(moved["levers"]).items():
                asked = wording.moved(asked, str(name), None if value is None else float(value))
        except (InputError, KeyError, TypeError, ValueError):
            return  # no slider of ours says that
        ask(asked, int(moved["number"]))

    case = serving.catalogue().case(question)
    plain = replace(question, levers=(), without=(), months=None)
    groups = solara.use_memo(lambda: wording.lever_groups(serving.catalogue().case(plain)), [plain])
    with solara.Div(classes=["u-columns"]):
        with solara.Div():
            Levers(
                groups=groups,
                held=wording.held(case),
                answered=shown.number if shown else 0,
                event_hold=hold,
            )
            OwnTrusts(question, ask)
        with solara.Div():
            if shown is None:
                solara.HTML("p", "Working on it ...", classes=["u-headline"])
            else:
                _Result(shown)
                _Actions(shown, kept, keep)
                _Compared(kept, keep, ask)
                _Structures(question)


@solara.component
def _Result(shown: Shown) -> None:
    """Show the headline, the band, who joins and what it costs."""
    answer, base = shown.answer, shown.base
    case, curve = answer.case, answer.case.config.scenario.shows
    is_changed = bool(case.pinned or case.config.without)
    solara.v.Html(
        tag="p",
        children=[wording.headline(answer, base)],
        class_="u-headline",
        attributes={"aria-live": "polite", "id": "headline"},
    )
    is_partial = answer.runs < case.config.runs
    more = f" of {case.config.runs:,}, more are coming" if is_partial else ""
    solara.v.Html(
        tag="p",
        children=[f"{answer.runs:,} runs{more}; {case.config.parameters.title}."],
        class_="u-quiet",
    )
    title = f"{case.config.scenario.title}: {NAMES[curve]}"
    solara.v.Html(tag="h2", children=[title], class_="u-title")
    Curve(
        label=NAMES[curve],
        start=case.config.scenario.start,
        horizon=case.months,
        bands=answer.bands(curve),
        base=base.bands(curve) if is_changed else None,
        observed=wording.observed(case, curve),
        marked=wording.events(case),
    )
    with solara.Div(classes=["u-pair"]):
        Facts(
            title="Who joins",
            head=["", "approached", "9 runs in 10", "mean", "mean as it was"],
            rows=wording.group_rows(answer, base),
        )
        Facts(
            title="What it costs whom",
            head=["", "9 runs in 10", "median", "median as it was"],
            rows=wording.money_rows(answer, base),
        )


@solara.component
def _Actions(shown: Shown, kept: list[Kept], keep: Callable[[list[Kept]], None]) -> None:
    """Keep the answer, or take it away as a file."""
    name, set_name = solara.use_state("")
    case, question = shown.answer.case, shown.question
    stem = f"uptake_{question.scenario}"

    def put() -> None:
        curve = case.config.scenario.shows
        called = name.strip()[:60] or f"question {len(kept) + 1}"
        bands, said = shown.answer.bands(curve), wording.headline(shown.answer, shown.base)
        keep([*kept, Kept(called, question, said, bands)][-MOST_KEPT:])
        set_name("")

    def written(file: str) -> Callable[[], bytes]:
        def data() -> bytes:
            return done(lambda: serving.written(case, file))

        return data

    with solara.Div(classes=["u-actions"]):
        solara.InputText(
            "name of this question", value=name, on_value=set_name, continuous_update=True
        )
        solara.Button("keep it beside others", on_click=put, outlined=True)
        solara.FileDownload(
            lambda: wording.csv_of(shown.answer).encode(), f"{stem}.csv", label="CSV of all runs"
        )
        solara.FileDownload(written("adoption_curve.png"), f"{stem}.png", label="figure")
        solara.FileDownload(written("report.html"), f"{stem}.html", label="report")


@solara.component
def _Compared(kept: list[Kept], keep: Callable[[list[Kept]], None], ask: Ask) -> None:
    """Show what was kept side by side."""
    if not kept:
        return
    ceiling = max(max(one.bands["q95"]) for one in kept)
    solara.v.Html(tag="h2", children=["Kept, side by side"], class_="u-title")
    with solara.Div(classes=["u-several"]):
        for row, one in enumerate(kept):
            with solara.Div():
                solara.v.Html(tag="h3", children=[one.name], class_="u-title")
                case = serving.catalogue().case(one.question)
                Curve(
                    label=one.name,
                    start=case.config.scenario.start,
                    horizon=case.months,
                    bands=one.bands,
                    ceiling=ceiling,
                    small=True,
                )
                solara.v.Html(tag="p", children=[one.headline], class_="u-quiet")
                solara.Button("open", text=True, on_click=lambda one=one: ask(one.question))
                rest = [*kept[:row], *kept[row + 1 :]]
                solara.Button("let go", text=True, on_click=lambda rest=rest: keep(rest))


@solara.component
def _Structures(question: Question) -> None:
    """Show the question under every structure of the model, side by side."""
    is_open, open_it = solara.use_state(False)

    def steps() -> Iterator[dict[str, tuple[Case, dict[str, list[float]]]]]:
        by_name: dict[str, tuple[Case, dict[str, list[float]]]] = {}
        yield by_name
        for name in serving.catalogue().choices("structure") if is_open else ():
            case = serving.catalogue().case(question.choosing("structure", name))
            *_, answer = answers(case, time.perf_counter)
            by_name = by_name | {name: (case, answer.bands(case.config.scenario.shows))}
            yield by_name

    found = use_latest(steps, [question, is_open])
    solara.Button(
        "hide the structures" if is_open else "every structure of the model, side by side",
        on_click=lambda: open_it(not is_open),
        outlined=True,
    )
    if is_open and found:
        ceiling = max(max(bands["q95"]) for _, bands in found.values())
        with solara.Div(classes=["u-several"]):
            for name, (case, bands) in found.items():
                with solara.Div():
                    solara.v.Html(tag="h3", children=[name.replace("_", " ")], class_="u-title")
                    curve = case.config.scenario.shows
                    Curve(
                        label=f"{NAMES[curve]}, {name}",
                        start=case.config.scenario.start,
                        horizon=case.months,
                        bands=bands,
                        observed=wording.observed(case, curve),
                        ceiling=ceiling,
                        small=True,
                    )
