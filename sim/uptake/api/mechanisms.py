"""What each mechanism does, in pairs of runs with it and without."""

from uptake.analysis.ledger import measured, on_new, pairs
from uptake.api.scheme import Scenario
from uptake.config.compose import Question
from uptake.config.overrides import typed
from uptake.config.sweep import Quiet
from uptake.report.tables import Table
from uptake.report.text.mechanisms import bodies_of, outcome


def ledger(runs: int = 200, seed: int = 1, *, parameters: str = "prior") -> Table:
    """Return what each mechanism does to what was reported of it, a row an outcome.

    Parameters
    ----------
    runs
        Pairs of runs, which differ in the mechanism's switch alone.
    seed
        Of all random numbers.
    parameters
        ``"prior"`` or ``"posterior"``: a direction is the rules', not the counts'.

    Returns
    -------
    Table
        Number and name of the mechanism, outcome, mean effect with its 5 and 95 % points over
        pairs, its size as a share of the outcome, the direction reported, whether it is so here,
        whether that is weak, source.
    """
    question = Question([f"parameters={typed(parameters)}", f"runs={runs}", f"seed={seed}"])
    asked = Scenario.of(on_new(question))
    ready, rows = pairs(asked.asking({}), asked.case.posterior, Quiet()), []
    bodies = bodies_of(ready)
    for mechanism, found in measured(ready, runs, Quiet()):
        for effect in found:
            told = (effect.mean, effect.q05, effect.q95, effect.size, effect.reported)
            name = outcome(effect, bodies[mechanism.number])
            said = (*told, effect.as_reported, effect.is_weak, mechanism.source)
            rows.append((mechanism.number, mechanism.name, name, *said))
    columns = (
        "number", "mechanism", "outcome", "effect", "q05", "q95", "size", "reported", "as_reported",
        "weak",
    )  # fmt: skip
    return Table("the ledger of mechanisms", "", (*columns, "source"), rows)
