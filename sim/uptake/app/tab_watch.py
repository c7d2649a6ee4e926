"""The tab that watches one run: Mesa's controls, the trusts, the curve, and why a trust decided."""

from __future__ import annotations

from collections.abc import Callable

import solara

from uptake.app import serving, wording
from uptake.app.parts import Curve, Facts, Labels, Trusts
from uptake.app.question import Question
from uptake.config.case import Case
from uptake.model.entities import STAGE_NAMES
from uptake.report.text.numbers import NAMES
from uptake.report.text.question import title
from uptake.report.trusts import name_of

MOST_TRUSTS = 2000  # that are drawn one by one


@solara.component
def Watch(question: Question) -> None:
    """Watch one run of the question under Mesa's visualiser."""
    case = serving.catalogue().case(question)
    if case.episode.approached_high > MOST_TRUSTS:
        with solara.AppBar():
            solara.AppBarTitle("uptake")
        solara.Info(f"One run can be watched of up to {MOST_TRUSTS:,} trusts.")
    else:
        WatchOne(case).key(question.address() + (question.own.path if question.own else ""))


@solara.component
def WatchOne(case: Case) -> None:
    """Watch one run: Mesa's controls, the trusts, the curve, and why a trust decided."""
    import solara.lab
    from mesa.visualization import SolaraViz
    from mesa.visualization.utils import update_counter

    from uptake.app import watching

    solara.lab.ThemeToggle = lambda: None  # which Mesa would show, and which would choose dark
    first = solara.use_memo(lambda: watching.WatchedModel(case), [])
    model = solara.use_reactive(first)
    picked, pick = solara.use_state(-1)
    places = solara.use_memo(lambda: watching.layout(model.value), [id(model.value)])

    def let_go() -> Callable[[], None]:
        watched = model.value
        return lambda: watching.forget(watched)

    solara.use_effect(let_go, [id(model.value)])
    SolaraViz(
        model,
        components=[],
        model_params={
            "case": case,
            "run": {
                "type": "SliderInt",
                "label": "run",
                "value": 0,
                "min": 0,
                "max": 999,
                "step": 1,
            },
        },
        play_interval=150,
        name="uptake",
    )
    update_counter.get()
    now, curve = model.value, case.config.scenario.shows
    month = now.month.number
    stages = watching.stages(now)
    happened = [event for event in wording.events(case) if event["month"] <= month]
    Labels()
    solara.v.Html(
        tag="p", children=[f"Month {month} of {case.months}"], class_="u-headline",
        attributes={"id": "month"},
    )  # fmt: skip
    asked = f"{wording.short(title(case))}; {wording.short(case.config.parameters.title)}."
    solara.v.Html(tag="p", children=[asked], class_="u-quiet")
    Trusts(
        **places,
        stages=stages,
        names=list(STAGE_NAMES),
        colours=watching.COLOURS,
        shapes=watching.SHAPES,
        picked=picked,
        event_pick=lambda row: pick(row) if isinstance(row, int) else None,
    )
    with solara.Div(classes=["u-pair"]):
        with solara.Div():
            Curve(
                label=NAMES[curve],
                start=case.config.scenario.start,
                horizon=case.months,
                run=now.curve(curve),
                observed=wording.observed(case, curve),
                marked=happened,
            )
        with solara.Div():
            if 0 <= picked < len(stages):
                said, rows = watching.why(now, picked)
                facts = watching.facts(now, picked)
                called = wording.short(name_of(now.case.people, now.trusts[picked].record))
                Facts(title=called, sentences=said, rows=rows, live=True)
                Facts(title="What it is", rows=facts)
            else:
                solara.v.Html(
                    tag="p", class_="u-quiet",
                    children=[
                        "Choose a trust: what it is, and why it decided as it did. Another run is "
                        "another draw of behaviour and luck: choose it, then Reset."
                    ],
                )  # fmt: skip
