"""What is not known of a scheme, in words: a parameter of behaviour, or an assumption."""

from __future__ import annotations

import re

from uptake.config.case import Case
from uptake.config.schema.run import meaning_of
from uptake.report.text.question import lever_name, own_words


def parameter_in_words(case: Case, name: str) -> str:
    """What a parameter of behaviour is, in the sector's own words."""
    return own_words(case, case.config.parameters.priors[name].meaning)


def assumption_in_words(case: Case, key: str) -> str:
    """What an assumption is, by its key within the scenario, and of whom."""
    *above, last = re.sub(r"\[(\d+)\]", r".\1", key).split(".")
    if above == ["levers"]:
        return lever_name(case, last)
    said = meaning_of(".".join(["scenario", *above, last])).partition(";")[0]
    owner = above[-1].replace("_", " ") if len(above) > 1 else ""
    if above[:1] == ["providers"]:
        owner = case.config.scenario.providers[above[1]].title
    return f"{own_words(case, said)}{f' ({owner})' if owner else ''}"
