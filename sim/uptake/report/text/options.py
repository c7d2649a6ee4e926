"""Options against one another, and the front of uptake, public cost and result, in words."""

from __future__ import annotations

import numpy as np

from uptake.analysis.decision import Decision
from uptake.analysis.options import Held
from uptake.analysis.trade_offs import Told
from uptake.config.decisions import AS_IT_IS, NOT_AT_ALL
from uptake.report.tables import Table
from uptake.report.text.numbers import average, called, capital, money, percent
from uptake.report.text.question import lever_short, lever_value
from uptake.report.text.reaching import share_of


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
    options, best = found.options, found.options.least_regret
    one = next(iter(options.by_structure.values()))
    means = [
        f"{name}: {money(float(worth.mean()))}, target reached in {percent(float(met.mean()))} of "
        "runs"
        for name, worth, met in zip(options.names, one.worth, one.met, strict=True)
    ]
    months, number = found.case.months, len(options.by_structure)
    said = [f"Options by net present value over {months} months, on average: {'; '.join(means)}."]
    if number > 1:
        under = f"Over {number} structures {best.option} is least regretted"
        worst, own = (
            f" at most (under {best.structure})",
            f" under {next(iter(options.by_structure))}",
        )
    else:
        under, worst, own = f"{capital(best.option)} is least regretted", "", ""
    if best.largest <= 0.0:
        return [*said, f"{under}: none is better in any run."]
    at = options.names.index(best.option)
    between = _of_mean(options.by_structure[best.structure], at)
    often = float((one.regret[at] == 0.0).mean())
    return [
        *said,
        f"{under}: it falls short of the best option of a run by {money(best.largest)} on average"
        f"{worst} (95 %: {between}), and is best, alone or with others, in "
        f"{share_of(found, often)}{own}.",
    ]


def _of_mean(held: Held, at: int) -> str:
    """How far the runs tell the mean regret of an option."""
    mean, error = float(held.regret[at].mean()), 1.96 * float(held.draws.error(held.regret[at]))
    return f"{money(max(0.0, mean - error))} to {money(mean + error)}"


def options_table(found: Decision) -> Table:
    """Each option under each structure."""
    options, name, rows = found.options, found.target.outcome, []
    for structure, held in options.by_structure.items():
        for i, option in enumerate(options.names):
            worth, regret = held.worth[i], held.regret[i]
            rows.append(
                (
                    option,
                    _levers(found, option),
                    structure,
                    average(name, float(held.outcome[i].mean())),
                    percent(float(held.met[i].mean())),
                    money(float(worth.mean())),
                    *(money(float(paid)) for paid in held.paid[i]),
                    money(float(regret.mean())),
                    _of_mean(held, i),
                    percent(float((regret == 0.0).mean())),
                )
            )
    columns = ("option", "levers", "structure", called(name, found.case.bodies), "target reached",
               f"net present value over {found.case.months} months",
               f"{found.case.bodies} pay", "centre pays", "providers lose", "mean regret",
               "95 % of the mean", "best, alone or with others, in")  # fmt: skip
    sentence = (
        "Regret is by how much an option falls short of the best of them in the same run (Savage "
        f"1951); {NOT_AT_ALL} is worth nothing and costs nothing."
    )
    return Table("options", sentence, columns, rows)


def point_name(found: Decision, told: Told) -> str:
    """A point of those told: what it is best in, and whether it is how it is, or not at all."""
    is_last = told.at == len(found.front.values) - 1
    name = NOT_AT_ALL if is_last else AS_IT_IS if told.at == 0 else ""
    return f"{name} ({told.why})" if name and told.why else name or told.why


def _point(found: Decision, told: Told) -> str:
    """What a point of the front comes to, and its levers."""
    (uptake, cost, loss), case, name = map(float, told.mean), found.case, found.front.outcome
    result = f", providers {'lose' if loss > 0.0 else 'gain'} {money(abs(loss))}"
    if not found.front.means[:, 2].any():
        result = ""  # nothing is known of what providers lay out
    elif loss == 0.0:
        result = ", providers neither gain nor lose"
    levers = [
        f"{lever_short(case, lever)} {lever_value(case, lever, value)}"
        for lever, value in zip(found.front.levers, told.values, strict=True)
        if not np.isnan(value)
    ]
    held = f" ({', '.join(levers)})" if levers else ""
    pay = f"{'save' if cost < 0.0 else 'pay'} {money(abs(cost)) if cost else 'nothing'}"
    return (
        f"{point_name(found, told)}: {average(name, uptake)} {called(name, case.bodies)}, "
        f"{case.bodies} and centre {pay}{result}{held}"
    )


def front(found: Decision) -> list[str]:
    """Which points cannot be bettered in one respect without losing in another."""
    one, case, said = found.front, found.case, []
    if not one.is_all:
        said.append(
            f"Of {len(one.different):,} combinations of these levers that differ in what comes of "
            f"them, {len(one.kept):,} cannot be bettered in uptake, the cost to {case.bodies} and "
            f"centre or the providers' result over {case.months} months without losing in another "
            "of these."
        )
    if one.is_handed_on:
        said.append(f"What {case.bodies} and centre pay is mostly what providers do not lose.")
    return [*said, *(f"{capital(_point(found, each))}." for each in one.told)]


def front_table(found: Decision) -> Table:
    """The told points of the front, on all runs."""
    case, one = found.case, found.front
    rows = [
        (
            point_name(found, told),
            f"{average(one.outcome, told.mean[0])} +- {1.96 * told.error[0]:.2g}",
            f"{money(told.mean[1])} +- {money(1.96 * told.error[1])}",
            f"{money(told.mean[2])} +- {money(1.96 * told.error[2])}",
            *(
                "" if np.isnan(v) else lever_value(case, name, v)
                for name, v in zip(one.levers, told.values, strict=True)
            ),
        )
        for told in one.told
    ]
    names = [lever_short(case, name) for name in one.levers]
    columns = ("point", called(one.outcome, case.bodies), f"cost to {case.bodies} and centre",
               "providers' loss", *names)  # fmt: skip
    sentence = (
        f"Over {case.months} months. Points are Sobol's over the ranges, {one.runs} runs each; "
        "those told are on all runs, +- 1.96 standard errors of the mean, and named by what they "
        "are best in of those told."
    )
    return Table("uptake, cost and the providers' result", sentence, columns, rows)
