"""What Hydra and OmegaConf object to, said in one line: the key, the value, what is allowed."""

from collections.abc import Sequence

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from uptake.errors import InputError, nearest, shortened


def _first_line(text: object) -> str:
    """Return the first line of a message, without the full stop."""
    return str(text).strip().split("\n")[0].strip().rstrip(".")


def in_one_line(problem: BaseException, overrides: Sequence[str]) -> str | None:
    """Return the line that tells a user what is wrong, or None if the problem is not theirs."""
    if isinstance(problem, InputError):
        return str(problem)
    if isinstance(problem, MissingConfigException):
        return _of_missing_config(problem)
    text, said = str(problem), _first_line(problem)
    if isinstance(problem, OverrideParseException):
        typed = problem.override.removeprefix("++")
        detail = _first_line(text.replace(f"Error parsing override '{problem.override}'", ""))
        return f"{shortened(typed)}: write key=value ({shortened(detail)})"
    if isinstance(problem, MissingMandatoryValue):
        return f"{problem.full_key}: a value is needed"
    if isinstance(problem, HydraException | OmegaConfBaseException):
        typed = next((o for o in overrides if o in said or f"'{o.partition('=')[0]}'" in said), "")
        if said.startswith(("Ambiguous value", "Sweep parameters")):
            return f"{shortened(typed)}: several values are for a sweep: uptake run -m"
        return f"{shortened(typed)}: no such key" if typed else said
    if isinstance(problem, ValueError) and said.startswith("invalid literal for int()"):
        part = said.rpartition(": ")[2].strip("'")  # the step of a key, where a list stands
        typed = next((o for o in overrides if f".{part}" in o.partition("=")[0]), "")
        allowed = f"a list stands there, and its entries go by number: 0 instead of {part}"
        return f"{shortened(typed.lstrip('+'))}: {allowed}" if typed else None
    if isinstance(problem, RecursionError):
        return "defaults: the files of the configuration go in a circle"
    return None


def _of_missing_config(problem: MissingConfigException) -> str:
    """Return the line for a file or choice that is not there."""
    missing = problem.missing_cfg_file
    if missing is None or "/" not in missing or not problem.options:
        return _first_line(problem)
    group, _, name = missing.rpartition("/")
    options = [str(option) for option in problem.options]
    return f"{group}={name}: allowed is one of {', '.join(options)}{nearest(name, options)}"
