"""Draws of the parameters from a posterior: a table, and what it was made from.

The table is Parquet, a row a draw, a column a parameter, and ``weight``; its metadata say under
which structure and from which priors the draws were inferred, and it is refused for any others.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from uptake.config.schema import Run, Within, configs_folder
from uptake.config.schema.behaviour import DRAWN
from uptake.errors import InputError, refusal
from uptake.files import opened
from uptake.model.parameters import PARAMETER_NAMES, PARAMETERS, Posterior, Prior

_KEY = "parameters.draws"
_MOST_DRAWS = 1_000_000
_MOST_BYTES = 1_000_000_000
_LARGEST_WEIGHT = 1e100
_ABOUT = b"uptake"


def structure_of(config: Run) -> dict[str, Any]:
    """Return the switches of the structure, without its name."""
    return {name: switch for name, switch in asdict(config.structure).items() if name != "name"}


def known_of(priors: Mapping[str, Prior]) -> dict[str, list[Any]]:
    """Return the prior of every parameter, with its fixed value if it has one."""
    return {name: [p.distribution, dict(p.arguments), p.value] for name, p in priors.items()}


def write(path: Path, posterior: Posterior, about: Mapping[str, Any]) -> None:
    """Write draws and what they were made from; the caller writes to a temporary file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {name: posterior.draws[name] for name in PARAMETERS.names or ()}
    table = pa.table(columns | {"weight": posterior.weights})
    told = json.dumps(about, ensure_ascii=False, allow_nan=False)
    pq.write_table(table.replace_schema_metadata({_ABOUT: told}), path, compression="zstd")


def read(path: Path) -> tuple[Posterior, dict[str, Any]]:
    """Return draws and what they were made from, or refuse a file that is not such a table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [*PARAMETER_NAMES, "weight"]
    try:
        with opened(path, _MOST_BYTES, _KEY) as raw:
            file = pq.ParquetFile(raw)
            if not _is_small(file.metadata):
                raise InputError(refusal(_KEY, path, f"at most {_MOST_DRAWS:,} draws are read"))
            _refuse_other_than_numbers(file.schema_arrow, [*names, "draw"])
            table = file.read([*names, "draw"])
        about = json.loads((table.schema.metadata or {}).get(_ABOUT, b"null"))
        columns = {name: table[name].to_numpy().astype(np.float64) for name in names}
        keys = table["draw"].to_numpy().astype(np.uint64)
    except FileNotFoundError:
        raise InputError(refusal(_KEY, path, "no such file")) from None
    except InputError:
        raise
    except (KeyError, RecursionError, TypeError, ValueError, OSError, pa.ArrowException) as problem:
        told = f"no table of draws ({str(problem).splitlines()[0]:.80})"
        raise InputError(refusal(_KEY, path, told)) from None
    if not isinstance(about, dict):
        told = "no table of draws (it does not say what they were made from)"
        raise InputError(refusal(_KEY, path, told))
    rows = len(table)
    if not 1 <= rows <= _MOST_DRAWS or not all(np.isfinite(c).all() for c in columns.values()):
        allowed = f"1 to {_MOST_DRAWS:,} draws of finite numbers are needed"
        raise InputError(refusal(_KEY, path, allowed))
    weights = columns.pop("weight")
    if not 0.0 <= weights.min() <= weights.max() <= _LARGEST_WEIGHT or not weights.any():
        allowed = f"weights from 0 to {_LARGEST_WEIGHT:g} are needed, not all of them 0"
        raise InputError(refusal(_KEY, path, allowed))
    draws = np.zeros(rows, PARAMETERS).view(np.recarray)
    draws["draw"] = keys
    for name, column in columns.items():
        draws[name] = column
    return Posterior(draws, weights), about


def _refuse_other_than_numbers(schema: Any, names: Collection[str]) -> None:
    """Refuse what a few bytes can make large: texts, and tables within a column that is read."""
    from pyarrow import types

    for field in schema:
        is_number = types.is_floating(field.type) or types.is_integer(field.type)
        if field.name in names and not is_number:
            raise ValueError(f"column {field.name!r:.40} holds {field.type!s:.20}, not numbers")


def _is_small(footer: Any) -> bool:
    """Tell whether a Parquet file unpacks to no more than draws can be, if they are numbers.

    It is not asked what the footer says of columns: if that is damaged, pyarrow ends the process.
    """
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    rows = sum(group.num_rows for group in groups)
    return rows <= _MOST_DRAWS and sum(group.total_byte_size for group in groups) <= _MOST_BYTES


def packaged(draws: str) -> Path | None:
    """Return the folder of the package that holds draws of this name, if there is one."""
    folder = configs_folder() / "parameters" / draws
    return folder if draws.isidentifier() and folder.is_dir() else None


def file_of(config: Run) -> Path | None:
    """Return the file of draws that a configuration asks for, if it does: one a structure.

    The folder may be that of a calibration, which holds them in ``draws``.
    """
    if config.parameters.draws is None:
        return None
    folder = packaged(config.parameters.draws) or Path(config.parameters.draws)
    is_report = not list(folder.glob("*.parquet")) and (folder / "draws").is_dir()
    return folder / ("draws" if is_report else "") / f"{config.structure.name}.parquet"


def posterior_of(
    config: Run, priors: Mapping[str, Prior]
) -> tuple[Posterior | None, dict[str, Any]]:
    """Return the draws that a configuration asks for, and what they were made from.

    Draws inferred under another structure or from other priors are refused.
    """
    path = file_of(config)
    if path is None:
        return None, {}
    if not config.structure.name.isidentifier():
        raise InputError(refusal("structure.name", config.structure.name, "a plain name is needed"))
    otherwise = "ask with parameters=prior, or infer them: uptake calibrate"
    if not path.parent.is_dir():
        raise InputError(refusal(_KEY, config.parameters.draws, "no such folder"))
    if not path.exists():
        missing = f"nothing was inferred under the structure {config.structure.name}; {otherwise}"
        raise InputError(refusal(_KEY, config.parameters.draws, missing))
    posterior, about = read(path)
    for name, now in structure_of(config).items():
        if _of(about, "structure", name) != now:
            _refuse_other(config, f"structure.{name}", otherwise)
    for name, [*prior, fixed] in known_of(priors).items():
        *made, was_fixed = _of(about, "priors", name) or [None]
        if made != prior or was_fixed not in (None, fixed):
            _refuse_other(config, f"parameters.priors.{name}", otherwise)
        for extreme in (posterior.draws[name].min(), posterior.draws[name].max()):
            allowed = Within(*DRAWN[priors[name].distribution], "see its prior")
            allowed.checked(f"{path}: {name}", extreme)
    return posterior, about


def _of(about: Mapping[str, Any], what: str, name: str) -> Any:
    """Return what draws were made with, or None if that is not told."""
    made = about.get(what)
    return made.get(name) if isinstance(made, dict) else None


def _refuse_other(config: Run, what: str, otherwise: str) -> None:
    """Refuse draws that were inferred with something else."""
    told = f"the draws were inferred with another {what}; {otherwise}"
    raise InputError(refusal(_KEY, config.parameters.draws, told))
