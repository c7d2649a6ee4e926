"""Options against one another, and the front of uptake, public cost and result, in words."""

from __future__ import annotations

import numpy as np

from uptake.analysis.decision import Decision
from uptake.analysis.trade_offs import Told
from uptake.config.decisions import NOT_AT_ALL
from uptake.report.tables import Table
from uptake.report.text.numbers import average, called, capital, money, percent, share_between
from uptake.report.text.question import lever_short, lever_value


def _levers(found: Decision, option: str) -> str:
    """What an option holds."""
    case, levers = found.case, found.options.levers[option]
    told = [
        f"{lever_short(case, name)} {'as it was' if v is None else lever_value(case, name, v)}"
        for name, v in levers.items()
    ]
    return "; ".join(told)


def regrets(found: Decision) -> list[str]:
    """Which option is least regretted, and by how much others fall short."""
    options, runs = found.options, found.case.config.runs
    best = options.least_regret
    one = next(iter(options.by_structure.values()))
    means = [
        f"{name}: {money(float(worth.mean()))} on average, target reached in "
        f"{percent(float(met.mean()))} of runs"
        for name, worth, met in zip(options.names, one.worth, one.met, strict=True)
    ]
    said = [f"Options by net present value: {'; '.join(means)}."]
    often = float((one.regret[options.names.index(best.option)] == 0.0).mean())
    if len(options.by_structure) > 1:
        under = f"Over {len(options.by_structure)} structures {best.option} is least regretted"
        worst, own = f" (under {best.structure})", f" under {next(iter(options.by_structure))}"
    else:
        under, worst, own = f"{capital(best.option)} is least regretted", "", ""
    if best.largest <= 0.0:
        return [*said, f"{under}: it is best in every run."]
    return [
        *said,
        f"{under}: it falls short of the best option of a run by {money(best.largest)} on average "
        f"at most{worst}, and is best in {share_between(often, runs)}{own}.",
    ]


def options_table(found: Decision) -> Table:
    """Each option under each structure."""
    options, name, rows = found.options, found.target.outcome, []
    for structure, held in options.by_structure.items():
        for i, option in enumerate(options.names):
            worth, regret = held.worth[i], held.regret[i]
            error = 1.96 * float(regret.std()) / len(regret) ** 0.5
            mean = float(regret.mean())
            rows.append(
                (
                    option,
                    _levers(found, option),
                    structure,
                    average(name, float(held.outcome[i].mean())),
                    percent(float(held.met[i].mean())),
                    money(float(worth.mean())),
                    money(mean),
                    f"{money(max(0.0, mean - error))} to {money(mean + error)}",
                    percent(float((regret == 0.0).mean())),
                )
            )
    columns = ("option", "levers", "structure", called(name, found.case.bodies), "target reached",
               "net present value", "mean regret", "95 % of the mean", "best in")  # fmt: skip
    sentence = (
        "Regret is by how much an option falls short of the best of them in the same run (Savage "
        f"1951); {NOT_AT_ALL} is worth nothing and costs nothing."
    )
    return Table("options", sentence, columns, rows)


def _point(found: Decision, told: Told) -> str:
    """What a point of the front comes to, and its levers."""
    (uptake, cost, loss), case, name = map(float, told.mean), found.case, found.front.outcome
    result = f"providers lose {money(loss)}" if loss > 0.0 else f"providers gain {money(-loss)}"
    pay = f"{'pay' if cost > 0.0 else 'save'} {money(abs(cost))}"
    levers = [
        f"{lever_short(case, lever)} {lever_value(case, lever, value)}"
        for lever, value in zip(found.front.levers, told.values, strict=True)
        if not np.isnan(value)
    ]
    held = ", ".join(levers) or "as it is"
    return (
        f"{told.why}: {average(name, uptake)} {called(name, case.bodies)}, {case.bodies} and "
        f"centre {pay}, {result} ({held})"
    )


def front(found: Decision) -> list[str]:
    """Which points cannot be bettered in one respect without losing in another."""
    one = found.front
    number, points = len(one.kept), len(one.values)
    said = (
        f"Of {points} combinations of these levers {number} cannot be bettered in uptake, public "
        "cost (bodies and centre) or the providers' result without losing in another of these."
    )
    if number > points / 2:
        said += " So many, as what one pays is mostly what another gets."
    return [said, *(f"{capital(_point(found, each))}." for each in one.told)]


def front_table(found: Decision) -> Table:
    """The told points of the front, on all runs."""
    rows = [
        (
            one.why,
            *(
                "as it is" if np.isnan(v) else lever_value(found.case, name, v)
                for name, v in zip(found.front.levers, one.values, strict=True)
            ),
            f"{average(found.front.outcome, one.mean[0])} +- {1.96 * one.error[0]:.2g}",
            f"{money(one.mean[1])} +- {money(1.96 * one.error[1])}",
            f"{money(one.mean[2])} +- {money(1.96 * one.error[2])}",
        )
        for one in found.front.told
    ]
    names = [lever_short(found.case, name) for name in found.front.levers]
    columns = ("point", *names, called(found.front.outcome, found.case.bodies), "public cost",
               "providers' loss")  # fmt: skip
    sentence = (
        f"Points are Sobol's over the ranges, {found.front.runs} runs each; those told are on all "
        "runs, +- 1.96 standard errors of the mean."
    )
    return Table("uptake, public cost, providers' result", sentence, columns, rows)
