"""The page: which question is asked, and the tab that answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import solara

from uptake.app import serving
from uptake.app.own_trusts import asked_of, use_folder
from uptake.app.parts import Choice, Light, Share, short
from uptake.app.question import Own, Question, read
from uptake.app.tab_watch import Watch
from uptake.app.tab_what_if import WhatIf
from uptake.errors import InputError
from uptake.report.text.page import choose_again

_NAMES = {"posterior": "learnt from the episodes", "prior": "before anything was learnt"}
_NO_FILE = Own()
_TABS = {"whatif": "What if", "watch": "Watch one run"}


def _opened(search: str | None, own: Own = _NO_FILE) -> tuple[Question, int, str]:
    """The question of an address, or the usual one and why the address is refused.

    ``own`` is the file of own trusts of this session, if the address says that there was one.
    """
    catalogue = serving.catalogue()
    usual = serving.usual()
    try:
        asked = read(search or "", usual, catalogue.choices)
        asked = replace(asked, own=own) if asked.own else asked
        catalogue.case(asked)
    except InputError as problem:
        return usual, 0, f"This address cannot be opened. {problem}"
    return asked, 0, ""


@solara.component
def _Bar(question: Question, ask: Callable[[Question], None]) -> None:
    """Choose tab, episode, structure and behaviour."""
    catalogue = serving.catalogue()

    def options(group: str) -> list[dict[str, str]]:
        texts = catalogue.titles if group == "scenario" else _NAMES

        def said(name: str) -> str:
            text = short(texts.get(name, name.replace("_", " ")))
            is_there = group != "structure" or catalogue.is_learnt(name, question.parameters)
            return text if is_there else f"{text}, {_NAMES['prior']}"

        return [{"value": name, "text": said(name)} for name in catalogue.choices(group)]

    def chosen(group: str) -> Callable[[str], None]:
        def choose(name: str) -> None:
            if name not in catalogue.choices(group):
                return
            other = question.choosing(group, name)
            if group == "structure":  # as its option says
                other = catalogue.answerable(other)
            if group == "scenario":  # levers, events and horizon are those of another episode then
                other = replace(other.plain(), months=None, tab=question.tab)
            ask(other)

        return choose

    with solara.Div(classes=["u-bar-top"]):
        with solara.Div(classes=["u-tabs"]):
            for tab, text in _TABS.items():
                solara.Button(
                    text,
                    on_click=lambda tab=tab: ask(replace(question, tab=tab)),
                    text=True,
                    classes=["u-tab", "u-tab-now" if tab == question.tab else ""],
                    attributes={"aria-pressed": str(tab == question.tab).lower()},
                )
        for group, label in (
            ("scenario", "Episode"),
            ("structure", "Structure of the model"),
            ("parameters", "Behaviour"),
        ):
            Choice(
                label=label,
                value=getattr(question, group),
                options=options(group),
                event_choose=chosen(group),
            )
        bodies = catalogue.case(question).bodies
        said = f"Asked of {asked_of(question.own, bodies)}."
        if question.own == _NO_FILE:
            said += f" {choose_again(bodies)}"
        solara.v.Html(tag="p", children=[said], class_="u-quiet", attributes={"id": "trusts"})


@solara.component
def Page() -> None:
    """Show the question of the address, and what is made of it."""
    router = solara.use_router()
    first = solara.use_memo(lambda: _opened(router.search), [])
    (question, move, problem), show = solara.use_state(first)
    kept, keep = solara.use_state([])
    folder = use_folder()
    own, take = solara.use_state(_NO_FILE)

    def ask(asked: Question, at: int = move) -> None:
        try:
            serving.catalogue().case(asked)
        except InputError as refused:
            told = str(refused)
            if asked.own and asked.own.path:
                told = told.replace(asked.own.path, asked.own.name)
            refuse(told, at)
        else:
            show((asked, at, ""))
            take(asked.own if asked.own and asked.own.path else own)

    def refuse(why: str, at: int = move) -> None:
        show((question, at, why))

    def open_(search: Any) -> None:
        asked, _, problem = _opened(str(search).lstrip("?"), own)
        show((asked, move, problem))

    solara.Title("uptake")
    solara.Style(Path(__file__).with_name("page.css"))
    with solara.Div(classes=["u-page"]):
        Light()
        _Bar(question, ask)
        with solara.Div(classes=["u-told"]):  # before all, so that nothing moves when it comes
            if problem:
                solara.Error(problem, dense=True)
        if question.tab == "watch":
            Watch(question)
        else:
            with solara.AppBar():
                solara.AppBarTitle("uptake")
            WhatIf(question, move, ask, refuse, kept, keep, folder)
        Share(
            address=question.address(),
            command=question.command(serving.catalogue().options),
            event_open=open_,
        )
