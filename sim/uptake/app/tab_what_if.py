"""The tab that asks what if: levers on one side, the answer on the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import solara

from uptake.app import serving, sliders
from uptake.app.answering import answers
from uptake.app.own_trusts import OwnTrusts
from uptake.app.parts import Curve, Facts, Levers, as_facts, axes_of, marks_of, short
from uptake.app.question import Question
from uptake.app.working import use_latest, written
from uptake.config.case import Case
from uptake.errors import InputError
from uptake.report import outcomes
from uptake.report.answer import Answer
from uptake.report.text.page import on_the_prior, runs_so_far
from uptake.report.text.question import reference, stem, title

MOST_KEPT = 12
Ask = Callable[..., None]  # a question or a refusal, and the number of the move that led to it
Keep = Callable[[list["Kept"]], None]
_Variants = dict[str, tuple[Case, dict[str, list[float]]]]  # cases and bands, by structure


@dataclass(frozen=True, eq=False)
class Shown:
    """What the page shows: an answer beside the episode as it was, to which move of a lever."""

    question: Question
    answer: Answer
    move: int


@dataclass(frozen=True, eq=False)
class Kept:
    """An answer that was kept under a name."""

    name: str
    question: Question
    headline: str
    bands: dict[str, list[float]]


def _shown(question: Question, move: int) -> Iterator[Shown | None]:
    """Yield answers to a question, each of more runs; None where there is nothing new."""
    catalogue = serving.catalogue()
    case = catalogue.case(question)
    for base in catalogue.bases(question):
        yield None if case.is_changed or base is None else Shown(question, Answer(base), move)
    if base is None or not case.is_changed:
        return
    for runs in answers(case, time.perf_counter):
        if runs is None:
            yield None
        else:
            yield Shown(question, Answer(runs, base.rows(0, len(runs))), move)


@solara.component
def WhatIf(
    question: Question,
    move: int,
    ask: Ask,
    refuse: Ask,
    kept: list[Kept],
    keep: Keep,
    folder: Path,
) -> None:
    """Levers on one side, the answer on the other."""
    shown, problem = use_latest(lambda: _shown(question, move), [question, move])

    def hold(moved: Any) -> None:
        try:
            at, levers, asked = int(moved["number"]), dict(moved["levers"]), question
        except (KeyError, OverflowError, TypeError, ValueError):
            return  # no slider of ours says that
        try:
            for name, value in levers.items():
                asked = sliders.moved(asked, str(name), None if value is None else float(value))
        except InputError as refused:
            refuse(str(refused), at)
        except (TypeError, ValueError):
            refuse("a number is needed", at)
        else:
            ask(asked, at)

    case = serving.catalogue().case(question)
    plain = serving.catalogue().plain(question)
    groups = solara.use_memo(lambda: sliders.lever_groups(plain.case), [plain])
    with solara.Div(classes=["u-columns"]):
        with solara.Div():
            Levers(
                groups=groups,
                held=sliders.held(case),
                answered=shown.move if shown else move if problem else 0,
                event_hold=hold,
            )
            OwnTrusts(question, ask, folder)
        with solara.Div():
            with solara.Div():  # always there: what follows keeps its place, and so its state
                if problem:
                    solara.Error(problem, dense=True)
                elif shown is None:
                    solara.v.Html(tag="p", children=["Working on it ..."], class_="u-headline")
                else:
                    _Result(shown, is_asked=shown.question == question)
                    _Keeping(shown, kept, keep)
                    _Downloads(shown)
            _Compared(kept, keep, ask)
            _Structures(question)


@solara.component
def _Result(shown: Shown, is_asked: bool) -> None:
    """Show the headline, the band, who joins and what it costs."""
    answer, case = shown.answer, shown.answer.case
    beside = answer.runs, answer.was, reference(answer.was.case)
    told, others = answer.headline
    solara.v.Html(
        tag="p",
        children=[told],
        class_="u-headline",
        attributes={
            "aria-live": "polite",
            "aria-busy": str(not is_asked).lower(),
            "id": "headline",
        },
    )
    if others:
        solara.v.Html(tag="p", children=[others], class_="u-quiet")
    said = short(runs_so_far(len(answer.runs), case))
    if not is_asked:
        said = "Working on the next answer; this is the one before."
    solara.v.Html(tag="p", children=[" ".join([said, *case.beyond])], class_="u-quiet")
    axes = axes_of(case)
    said = f"{short(title(case))}: {axes['label']}"
    solara.v.Html(tag="h2", children=[said], class_="u-title")
    Curve(
        **axes,
        bands=answer.runs.bands(),
        base=answer.base.bands() if answer.base else None,
        than=beside[2],
        marked=marks_of(case, case.months),
    )
    with solara.Div(classes=["u-pair"]):
        Facts(**as_facts(outcomes.stages(*beside)))
        Facts(**as_facts(outcomes.who_joins(*beside)))
        Facts(**as_facts(outcomes.costs(*beside)))


@solara.component
def _Keeping(shown: Shown, kept: list[Kept], keep: Keep) -> None:
    """Keep the answer under a name."""
    name, set_name = solara.use_state("")

    def put() -> None:
        called = name.strip()[:60] or f"question {len(kept) + 1}"
        bands, said = shown.answer.runs.bands(), shown.answer.headline[0]
        keep([*kept, Kept(called, shown.question, said, bands)][-MOST_KEPT:])
        set_name("")

    with solara.Div(classes=["u-actions"]):
        solara.InputText(
            "name of this question", value=name, on_value=set_name, continuous_update=True
        )
        solara.Button("keep it beside others", on_click=put, outlined=True)


@solara.component
def _Downloads(shown: Shown) -> None:
    """Offer the whole answer as files: what they hold is worked out when they are asked for."""
    answer, name = shown.answer, f"uptake_{stem(shown.answer.case)}"

    def made() -> list[tuple[str, str, Callable[[], bytes]]]:
        return [
            ("CSV of all runs", "csv", lambda: serving.csv(answer)),
            ("figure", "png", lambda: written(lambda: serving.figure(answer))),
            ("report and tables", "zip", lambda: written(lambda: serving.report(answer))),
        ]

    files = solara.use_memo(made, [answer])
    with solara.Div(classes=["u-actions"]):
        for label, suffix, content in files if answer.runs.is_whole else ():
            solara.FileDownload(content, f"{name}.{suffix}", label=label)


@solara.component
def _Compared(kept: list[Kept], keep: Keep, ask: Ask) -> None:
    """Show what was kept side by side."""
    ceiling = max((max(one.bands["q95"]) for one in kept), default=0.0)
    if kept:
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
    """Show the question under every structure of the model, side by side.

    All are on the same behaviour: on the prior, if nothing was inferred under one of them.
    """
    is_open, open_it = solara.use_state(False)
    catalogue = serving.catalogue()
    names = catalogue.choices("structure")
    unlearnt = [name for name in names if not catalogue.is_learnt(name, question.parameters)]
    alike = question.choosing("parameters", "prior") if unlearnt else question

    def steps() -> Iterator[tuple[Question, _Variants] | None]:
        variants: _Variants = {}
        for name in names if is_open else ():
            case = catalogue.case(alike.choosing("structure", name))
            for answer in answers(case, time.perf_counter):
                if answer is not None and answer.is_whole:
                    variants = variants | {name: (case, answer.bands())}
                    yield question, variants
                else:
                    yield None

    found, problem = use_latest(steps, [question, is_open])
    solara.Button(
        "hide the structures" if is_open else "every structure of the model, side by side",
        on_click=lambda: open_it(not is_open),
        outlined=True,
    )
    if problem:
        solara.Error(problem, dense=True)
    asked, variants = found or (None, {})
    if is_open and asked == question:
        if unlearnt:
            said = on_the_prior([name.replace("_", " ") for name in unlearnt])
            solara.v.Html(tag="p", children=[said], class_="u-quiet")
        ceiling = max(max(bands["q95"]) for _, bands in variants.values())
        with solara.Div(classes=["u-several"]):
            for name, (case, bands) in variants.items():
                with solara.Div():
                    solara.v.Html(tag="h3", children=[name.replace("_", " ")], class_="u-title")
                    axes = axes_of(case)
                    axes["label"] += f", {name}"
                    Curve(**axes, bands=bands, ceiling=ceiling, small=True)
