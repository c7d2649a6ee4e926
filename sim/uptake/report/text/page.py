"""What the page says beside its answers, in the sector's own word for its organisations."""

from collections.abc import Sequence

from uptake.config.case import Case
from uptake.errors import counted


def own(bodies: str) -> str:
    """What a user's own organisations are called."""
    return f"Own {bodies}"


def asked_of(file: str, rows: int, bodies: str) -> str:
    """Whose organisations a question is asked of: those of a file, or the episode's."""
    return f"{file}, {rows:,} {bodies}" if file else f"the {bodies} of the episode"


def choose_again(bodies: str) -> str:
    """Told where an address says that there was a file."""
    return (
        f"This was asked of own {bodies}, and no address carries a file: choose it again "
        f"(What if, {own(bodies)})."
    )


def file_needed(body: str) -> str:
    """What a file of one's own is to be."""
    return (
        f"A file with one {body} a row: CSV, Excel (.xlsx) or Parquet, up to 5 MB and 20,000 "
        "rows. It stays on this machine."
    )


def on_the_prior(structures: Sequence[str]) -> str:
    """Why all structures that stand side by side are asked before anything was learnt."""
    return (
        "Behaviour is drawn from the prior in all of these, as nothing was inferred under "
        f"{', '.join(structures)}."
    )


def too_many(most: int, bodies: str) -> str:
    """Why one run cannot be watched."""
    return f"One run can be watched of up to {most:,} {bodies}."


def too_long(case: Case, size: int, most: int) -> str:
    """Why a question is left to the command line."""
    unit = f"{case.body}-months"
    return f"months={case.months}: {size:,} {unit}; the page allows {most:,}, the command line more"


def how_to_watch(bodies: str) -> str:
    """What can be done with one run."""
    return (
        f"Choose one of the {bodies}: what it is, and why it decided as it did. Another run is "
        "another draw of behaviour and random numbers: choose it, then Reset."
    )


def runs_so_far(there: int, case: Case) -> str:
    """How many runs an answer holds, and of what behaviour."""
    more = "" if there == case.config.runs else f" of {case.config.runs:,}, more are coming"
    return f"{counted(there, 'run')}{more}; {case.config.parameters.title}."
