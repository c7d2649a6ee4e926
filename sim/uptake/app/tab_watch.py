"""The tab that watches one run: Mesa's controls, the trusts, the curve, and why a trust decided."""

from collections.abc import Callable

import solara

from uptake.analysis.reasons import reasons
from uptake.api.scheme import Scenario
from uptake.app import serving
from uptake.app.parts import Curve, Facts, Labels, Trusts, axes_of, marks_of, short
from uptake.app.question import Question
from uptake.engine.mesa import Trust
from uptake.model.entities import STAGE_NAMES
from uptake.report.text import page
from uptake.report.text import reasons as words

MOST_TRUSTS = 2000  # that are drawn one by one


@solara.component
def Watch(question: Question) -> None:
    """Watch one run of the question under Mesa's visualiser."""
    scenario = serving.catalogue().scenario(question)
    case = scenario.case
    if case.episode.approached_high > MOST_TRUSTS:
        with solara.AppBar():
            solara.AppBarTitle("uptake")
        solara.Info(page.too_many(MOST_TRUSTS, case.bodies))
    else:
        WatchOne(scenario).key(question.address() + (question.own.path if question.own else ""))


@solara.component
def WatchOne(scenario: Scenario) -> None:
    """Watch one run: Mesa's controls, the trusts, the curve, and why a trust decided."""
    import solara.lab
    from mesa.visualization import SolaraViz
    from mesa.visualization.utils import update_counter

    from uptake.app import watching

    solara.lab.ThemeToggle = lambda: None  # which Mesa would show, and which would choose dark
    case = scenario.case
    first = solara.use_memo(lambda: watching.WatchedModel(scenario, seed=case.config.seed), [])
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
            "scenario": scenario,
            "seed": case.config.seed,
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
    now, month = model.value, model.value.month.number
    stages = watching.stages(now)
    Labels()
    solara.v.Html(
        tag="p", children=[f"Month {month} of {case.months}"], class_="u-headline",
        attributes={"id": "month"},
    )  # fmt: skip
    asked = f"{short(scenario.title)}; {short(case.config.parameters.title)}."
    solara.v.Html(tag="p", children=[asked], class_="u-quiet")
    Trusts(
        body=case.body,
        bodies=case.bodies,
        **places,
        stages=stages,
        month=month,
        names=list(STAGE_NAMES),
        colours=watching.COLOURS,
        shapes=watching.SHAPES,
        picked=picked,
        event_pick=lambda row: pick(row) if isinstance(row, int) else None,
    )
    with solara.Div(classes=["u-pair"]):
        with solara.Div():
            Curve(
                **axes_of(case),
                run=now.curve(case.config.scenario.shows),
                marked=marks_of(case, month),
            )
        with solara.Div():
            if 0 <= picked < len(stages):
                _Picked(scenario, now.trusts[picked])
            else:
                prompt = page.how_to_watch(case.bodies)
                solara.v.Html(tag="p", children=[prompt], class_="u-quiet")


@solara.component
def _Picked(scenario: Scenario, trust: Trust) -> None:
    """Show what one of them is, and why it decided as it did."""
    case, record, decision = scenario.case, trust.record, trust.decision
    said, rows = [words.undecided(record)], []
    if decision is not None:
        found = reasons(decision)
        said = words.why(found)
        largest = max((abs(term.logits) for term in found.terms), default=1.0)
        rows = [
            {"name": term.name, "cells": [words.weighed(term)], "bar": term.logits / largest}
            for term in found.terms
        ]
    Facts(title=short(words.name_of(case.people, record)), sentences=said, rows=rows, live=True)
    facts = [{"name": name, "cells": [value]} for name, value in words.facts(case, record)]
    Facts(title="What it is", rows=facts)
