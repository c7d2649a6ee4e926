"""What was read of histories, beside what others predicted of them: kept as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from uptake.config.offers import KINDS, STEPS, kind_of_offer, share_read
from uptake.config.posterior import packaged, structure_of
from uptake.config.schema import Observation, Run
from uptake.errors import InputError, first_line, refusal
from uptake.files import opened
from uptake.inference.data import EpisodeData
from uptake.inference.likelihood import Floats
from uptake.inference.rivals import Reading
from uptake.results.runs import Runs

QUANTILES = 200  # of a prediction, evenly spaced
_KEY = "parameters.draws"
_ABOUT = b"uptake"
_MOST_BYTES = 100_000_000
_MOST_ROWS = 10_000
_COLUMNS = ("history", "title", "kind", "outcome", "month", "observed", "error", "model", "prior")


class Predicted(NamedTuple):
    """A reading of a history, beside what is predicted of it without its own numbers.

    Parameters
    ----------
    title
        Of the history, for a reader.
    reading
        What was read, as a share of the bodies approached.
    model
        Quantiles of what the others say, without the error of reading, shape (QUANTILES,).
    prior
        The same of the prior.
    """

    title: str
    reading: Reading
    model: Floats
    prior: Floats


def predicted(data: EpisodeData, model: Runs, prior: Runs) -> list[Predicted]:
    """Return the readings of a history beside the quantiles of runs.

    Parameters
    ----------
    data
        Of the history.
    model
        Its runs on what the other histories say.
    prior
        Its runs on the prior.
    """
    case, kind = data.case, kind_of_offer(data.case)
    at = (np.arange(QUANTILES) + 0.5) / QUANTILES

    def quantiles(runs: Runs, name: str, seen: Observation, whole: float) -> Floats:
        counts = np.asarray(runs.at_month(name, seen.month), float)
        divided = counts / (np.asarray(runs["approached"], float) if seen.of else whole)
        return np.asarray(np.quantile(divided, at, method="inverted_cdf"))

    found = []
    for name, seen in data.readings:
        read = share_read(case, name, seen)
        if read is None:
            continue
        share, whole = read
        reading = Reading(data.name, kind, name, STEPS[name], seen.month, share, seen.sd / whole)
        sides = (quantiles(runs, name, seen, whole) for runs in (model, prior))
        found.append(Predicted(case.config.scenario.title, reading, *sides))
    return found


def write(path: Path, rows: Sequence[Predicted], about: Mapping[str, Any]) -> None:
    """Write predictions and what they were made from; the caller writes to a temporary file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    readings = [row.reading for row in rows]
    columns = {
        "history": [one.history for one in readings],
        "title": [row.title for row in rows],
        "kind": [one.kind for one in readings],
        "outcome": [one.outcome for one in readings],
        "month": [one.month for one in readings],
        "observed": [one.share for one in readings],
        "error": [one.error for one in readings],
        "model": [row.model for row in rows],
        "prior": [row.prior for row in rows],
    }
    told = json.dumps(about, ensure_ascii=False, allow_nan=False)
    table = pa.table(columns).replace_schema_metadata({_ABOUT: told})
    pq.write_table(table, path, compression="zstd")


def kept_for(config: Run) -> Path:
    """Return the file of predictions that belongs to the draws of a configuration.

    Raises
    ------
    InputError
        It has no draws, or there are no predictions beside them.
    """
    draws = config.parameters.draws
    if draws is None:
        told = "what histories predict of one another is kept beside draws; name some"
        raise InputError(refusal(_KEY, "null", told))
    folder = packaged(draws) or Path(draws)
    if folder.name == "draws" and not (folder / "skill").is_dir():
        folder = folder.parent
    path = folder / "skill" / f"{config.structure.name}.parquet"
    if not path.is_file():
        told = f"{path.relative_to(folder)} is not there, which uptake calibrate writes of two "
        raise InputError(refusal(_KEY, draws, f"{told}histories or more"))
    return path


def read(path: Path, config: Run) -> list[Predicted]:
    """Return the predictions of a file, or refuse one that holds none or was made otherwise.

    Parameters
    ----------
    path
        Of the file.
    config
        Its structure has to be that of the file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with opened(path, _MOST_BYTES, _KEY) as raw:
            file = pq.ParquetFile(raw)
            if file.metadata.num_rows > _MOST_ROWS:
                told = f"at most {_MOST_ROWS:,} readings are read"
                raise InputError(refusal(_KEY, path, told))
            table = file.read(list(_COLUMNS))
        about = json.loads((table.schema.metadata or {}).get(_ABOUT, b"null"))
        rows = [_row(**row) for row in table.to_pylist()]
    except InputError:
        raise
    except (KeyError, RecursionError, TypeError, ValueError, OSError, pa.ArrowException) as problem:
        told = f"no table of predictions ({first_line(problem)})"
        raise InputError(refusal(_KEY, path, told)) from None
    if not rows:
        raise InputError(refusal(_KEY, path, "no reading was predicted"))
    if not isinstance(about, dict) or about.get("structure") != structure_of(config):
        told = f"it was not made under the structure {config.structure.name}; uptake calibrate"
        raise InputError(refusal(_KEY, path, told))
    return rows


def _row(
    history: str, title: str, kind: str, outcome: str, month: int, observed: float, error: float,
    model: list[float], prior: list[float],
) -> Predicted:  # fmt: skip
    """Return a row of a table, or refuse what is none."""
    sides = [np.array(side, float) for side in (model, prior)]
    numbers = np.concatenate([[month, observed, error], *sides])
    if not np.isfinite(numbers).all() or error < 0.0 or month < 0:
        raise ValueError("a number is not finite, or negative")
    if any(side.shape != (QUANTILES,) for side in sides) or kind not in KINDS:
        raise ValueError("a row is not whole")
    if not all(isinstance(name, str) for name in (history, title)):
        raise ValueError("a history has no name")
    names = (history, kind, outcome, STEPS[outcome])
    return Predicted(title, Reading(*names, int(month), observed, error), *sides)
