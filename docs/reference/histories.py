"""The page of histories: what is fitted, and how exactly it is known, from the scenarios' files.

``make reference`` writes it to ``docs/reference/histories.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

from uptake.config.case import Case
from uptake.config.compose import Question
from uptake.config.reported import is_count
from uptake.config.schema import Observation, configs_folder

_TOP = """# Histories

Made from the scenarios' files by `make reference`. A reading is a number that was observed at a
month after the launch, with its error (one standard deviation) or as a bound. Assumptions are
numbers of the scenario and its sector that are known within a range only.
"""


def _reading(name: str, seen: Observation) -> str:
    """Return an observation in words."""
    value = f"{seen.value:,.6g}"
    bounds = {"at_least": f"at least {value}", "at_most": f"at most {value}"}
    number = bounds.get(seen.bound or "", value)
    number = f"{value} to {seen.to:,.6g}" if seen.bound == "between" else number
    error = f" ± {seen.sd:,.2g}" if seen.sd else ""
    of = f" / {seen.of}" if seen.of else ""
    left_out = "" if seen.is_fitted(is_count(name)) else " (not fitted)"
    return f"{name}{of} {number}{error} (month {seen.month}){left_out}"


def _row(case: Case) -> str:
    """Return the row of a scenario."""
    scenario = case.config.scenario
    low, high = case.people.approached_low, case.people.approached_high
    approached = f"{high:,}" if low == high else f"{low:,} to {high:,}"
    seen = [_reading(name, one) for name, one in case.observed]
    seen += [one.statement for one in case.findings if not one.foreseen]
    cells = (
        f"`{scenario.name}`", scenario.title, scenario.start, f"{approached} {case.bodies}",
        str(len(case.assumptions)), "; ".join(seen) or "nothing",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _lines() -> Iterator[str]:
    """Yield the lines of the page."""
    names = sorted(path.stem for path in (configs_folder() / "scenario").glob("*.yaml"))
    cases = [Question([f"scenario={name}", "parameters=prior"]).case() for name in names]
    yield _TOP
    yield "| history | what | start | approached | assumptions | what was reported |"
    yield "|---|---|---|---|---|---|"
    yield from map(_row, sorted(cases, key=lambda case: case.config.scenario.start))


if __name__ == "__main__":
    print("\n".join(_lines()))
