"""What to decide, in words: what it would take, what pays, which option, what to find out."""

from __future__ import annotations

from typing import Any

import numpy as np

from uptake.analysis.decision import Decision
from uptake.analysis.least_change import Least
from uptake.analysis.switching import Switch
from uptake.errors import counted
from uptake.report.tables import Table
from uptake.report.text import options, paying, reaching, uncertain
from uptake.report.text.question import title

FIGURES = {
    "decide_levers": "How often the target is reached, as each lever alone goes over its range.",
    "decide_front": "Uptake against the cost to bodies and centre; colour: the providers' result. "
    "Ringed: the front.",
}


def sentences(found: Decision) -> list[str]:
    """The whole answer, a sentence a fact."""
    config = found.case.config
    return [
        reaching.headline(found),
        *reaching.one_lever(found),
        *reaching.two_levers(found),
        *paying.costs(found),
        *reaching.passed(found),
        *paying.pays(found),
        *uncertain.switches(found),
        *options.regrets(found),
        *options.front(found),
        *uncertain.where(found),
        *uncertain.worth_knowing(found),
        "A lever is held throughout, and a change is how far it lies from how it is, on average "
        "over the months, as a share of its range. All is asked on the same "
        f"{counted(config.runs, 'run')}: the same behaviour, bodies and luck. Worth is net present "
        f"value, beside doing nothing, over {found.case.months} months.",
        *_alike(found),
        f"Behaviour: {config.parameters.title}. Structure: "
        f"{', '.join(found.options.by_structure)}; all but the options is asked under "
        f"{config.structure.name}.",
    ]


def _alike(found: Decision) -> list[str]:
    """How many runs tell as much, if some share a draw."""
    apart, runs = found.reaching.apart, found.reaching.runs
    if apart > 0.99 * runs:
        return []
    return [
        "Runs that share a draw of behaviour count as one in every interval: these "
        f"{runs:,} tell as much as {apart:,.0f} that share none."
    ]


def tables(found: Decision) -> list[Table]:
    """The tables behind the sentences, in their order."""
    made = [
        reaching.levers_table(found),
        reaching.pairs_table(found),
        options.options_table(found),
        options.front_table(found),
        uncertain.factors_table(found),
    ]
    return [one for one in made if one.rows]


def _least(one: Least) -> dict[str, Any]:
    """What ``summary.json`` holds of a lever alone; None: not within its range."""
    return {
        "lever": one.scale.name,
        "range": [one.scale.low, one.scale.high],
        "is_reached_as_it_is": one.is_as_it_is,
        "value": _number(one.value),
        "change": _number(one.change),
        "chance": one.share,
        "easiest": _number(one.easiest),
        "surest": _number(one.surest),
        "best_value": one.best,
        "best_chance": one.best_share,
    }


def _number(value: float | None) -> float | None:
    """A number, or None for what is none."""
    return None if value is None or not np.isfinite(value) else float(value)


def _switch(one: Switch | None) -> dict[str, Any] | None:
    """What ``summary.json`` holds of a value that switches whether it pays."""
    return None if one is None else one._asdict()


def summary(found: Decision) -> dict[str, Any]:
    """What ``summary.json`` holds."""
    case, reached, known = found.case, found.reaching, found.uncertain.known
    box = found.uncertain.box
    return {
        "scenario": case.config.scenario.name,
        "question": title(case),
        "structure": case.config.structure.name,
        "draws": case.draws,
        "months": case.months,
        "runs": case.config.runs,
        "runs_apart": reached.apart,
        "seed": case.config.seed,
        "decide": {
            "target": found.target.name,
            "chance": reached.asked,
            "as_it_is": reached.now,
            "one_lever": [
                {**_least(one), "public_cost_more_gbp": None if price is None else price.cost}
                for one, price in zip(reached.alone, reached.prices, strict=True)
            ],
            "two_levers": [
                {
                    "levers": [scale.name for scale in pair.scales],
                    "values": None if pair.values is None else list(pair.values),
                    "change": _number(pair.change) if pair.values else None,
                    "chance": pair.share if pair.values else None,
                }
                for pair in reached.pairs
            ],
            "all_at_best": reached.together,
            "switches": {
                scale.name: _switch(one)
                for scale, one in zip(found.scales, reached.switches, strict=True)
            },
            "options": _options(found),
            "front": _front(found),
            "box": None
            if box is None
            else {
                **box._asdict(),
                "limits": [one._asdict() for one in box.limits],
                "of": "reach" if found.uncertain.reaches else "miss",
            },
            "switches_of_factors": {
                name: _switch(one) for name, one in found.uncertain.switches.items()
            },
            "worth_knowing": {
                "all": known.all,
                "all_error": known.all_error,
                "factors": [one._asdict() | {"is_told": one.is_told} for one in known.factors],
            },
        },
    }


def _options(found: Decision) -> dict[str, Any]:
    """What ``summary.json`` holds of options."""
    one = found.options
    return {
        "least_regret": one.least_regret._asdict(),
        "by_structure": {
            structure: [
                {
                    "option": name,
                    "levers": dict(one.levers[name]),
                    "outcome": float(held.outcome[i].mean()),
                    "chance": float(held.met[i].mean()),
                    "net_present_value_gbp": float(held.worth[i].mean()),
                    "regret_gbp": float(held.regret[i].mean()),
                }
                for i, name in enumerate(one.names)
            ]
            for structure, held in one.by_structure.items()
        },
    }


def _front(found: Decision) -> dict[str, Any]:
    """What ``summary.json`` holds of the front."""
    one = found.front
    names = ("uptake", "public_cost_gbp", "provider_loss_gbp")

    def point(values: Any, mean: Any) -> dict[str, Any]:
        levers = dict(zip(one.levers, map(_number, values), strict=True))
        return {"levers": levers, **dict(zip(names, map(float, mean), strict=True))}

    return {
        "outcome": one.outcome,
        "points": len(one.values),
        "different": len(one.different),
        "runs": one.runs,
        "front": [point(one.values[at], one.means[at]) for at in one.kept],
        "told": [{"why": each.why, **point(each.values, each.mean)} for each in one.told],
    }
