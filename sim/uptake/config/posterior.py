"""Draws of the parameters from a posterior: a table, and what it was made from.

The table is Parquet, a row a draw, a column a parameter, and ``weight``; its metadata say under
which structure and from which priors the draws were inferred, and it is refused for any others.
There is one of each history, and one of a scheme that nobody has tried.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uptake.config.schema import Run, Within, configs_folder
from uptake.config.schema.behaviour import DRAWN
from uptake.errors import InputError, refusal
from uptake.files import opened
from uptake.model.parameters import KEPT_WITH, PARAMETER_NAMES, PARAMETERS, Posterior, Prior

# What draws are of: no history; what was reported, in the runs in which it came about; the same
# behaviour with fresh luck; behaviour as it varies between schemes.
SHOWN = "scenario.shows"  # which of its curves is looked at makes no other scheme
PRIOR, HAPPENED, AGAIN, NEW = DRAWS = ("prior", "happened", "again", "new")

_KEY = "parameters.draws"
_MOST_DRAWS = 1_000_000
_MOST_BYTES = 1_000_000_000
_LARGEST_WEIGHT = 1e100
_ABOUT = b"uptake"
_PLAIN = re.compile(r"[\w-]+")
_OTHERWISE = "ask with parameters=prior, or infer them: uptake calibrate"


def structure_of(config: Run) -> dict[str, Any]:
    """Return the switches of the structure, without its name."""
    return {name: switch for name, switch in asdict(config.structure).items() if name != "name"}


def known_of(priors: Mapping[str, Prior]) -> dict[str, list[Any]]:
    """Return the prior of every parameter, with its fixed value if it has one."""
    return {name: [p.distribution, dict(p.arguments), p.value] for name, p in priors.items()}


def write(
    path: Path,
    posterior: Posterior,
    about: Mapping[str, Any],
    alone: NDArray[np.float64] | None = None,
) -> None:
    """Write draws and what they were made from; the caller writes to a temporary file.

    Parameters are kept to the seven digits to which they were drawn; ``alone`` are weights of the
    draws as their history alone gives them, before it is pooled with others.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {name: posterior.draws[name].astype(np.float32) for name in PARAMETER_NAMES}
    columns |= {name: posterior.draws[name] for name in KEPT_WITH}
    columns |= {"weight": posterior.weights} | ({} if alone is None else {"alone": alone})
    table = pa.table(columns)
    told = json.dumps(about, ensure_ascii=False, allow_nan=False)
    pq.write_table(table.replace_schema_metadata({_ABOUT: told}), path, compression="zstd")


def read(path: Path, weight: str = "weight") -> tuple[Posterior, dict[str, Any]]:
    """Return draws and what they were made from, or refuse a file that is not such a table.

    ``weight`` is the column of their weights, ``"alone"`` for those that a history alone gives.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [*PARAMETER_NAMES, weight]
    try:
        with opened(path, _MOST_BYTES, _KEY) as raw:
            file = pq.ParquetFile(raw)
            if not _is_small(file.metadata):
                raise InputError(refusal(_KEY, path, f"at most {_MOST_DRAWS:,} draws are read"))
            _refuse_other_than_numbers(file.schema_arrow, [*names, *KEPT_WITH])
            table = file.read([*names, *KEPT_WITH])
        about = json.loads((table.schema.metadata or {}).get(_ABOUT, b"null"))
        columns = {name: table[name].to_numpy().astype(np.float64) for name in names}
        kept = {name: table[name].to_numpy() for name in KEPT_WITH}
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
    weights = columns.pop(weight)
    if not 0.0 <= weights.min() <= weights.max() <= _LARGEST_WEIGHT or not weights.any():
        allowed = f"weights from 0 to {_LARGEST_WEIGHT:g} are needed, not all of them 0"
        raise InputError(refusal(_KEY, path, allowed))
    draws = np.zeros(rows, PARAMETERS).view(np.recarray)
    for name, column in kept.items():
        draws[name] = column
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


def _folder(config: Run) -> Path:
    """Return the folder of the draws of a structure; a calibration holds it in ``draws``."""
    draws = str(config.parameters.draws)
    folder = packaged(draws) or Path(draws)
    inside = folder / "draws"
    return (inside if inside.is_dir() else folder) / config.structure.name


def kind_of(config: Run) -> str:
    """Return which draws a question is asked on: PRIOR, HAPPENED, AGAIN or NEW.

    Raises
    ------
    InputError
        What happened is asked of a question that was not: about other trusts, say.
    """
    if config.parameters.draws is None:
        if config.draws is not None:
            told = "behaviour is drawn from the prior; it is for draws of what was inferred"
            raise InputError(refusal("draws", config.draws, told))
        return PRIOR
    if not config.structure.name.isidentifier():
        raise InputError(refusal("structure.name", config.structure.name, "a plain name is needed"))
    name, other = config.scenario.name, _is_other(config)
    has_happened = _PLAIN.fullmatch(name) is not None and _has_history(config, name)
    if config.draws in (HAPPENED, AGAIN) and not has_happened:
        told = f"nothing was learnt from {name} under the structure {config.structure.name}; "
        raise InputError(refusal("draws", config.draws, told + f"draws={NEW} is for such a scheme"))
    if config.draws == HAPPENED and other:
        told = f"what happened cannot be asked with {other}; draws={AGAIN} can"
        raise InputError(refusal("draws", HAPPENED, told))
    return config.draws or (NEW if not has_happened else AGAIN if other else HAPPENED)


def _has_history(config: Run, name: str) -> bool:
    """Tell whether there are draws of a scheme."""
    return name != NEW and (_folder(config) / f"{name}.parquet").is_file()


def _is_other(config: Run) -> str:
    """Return what makes a question one about another scheme than the one that happened, if any."""
    people = config.population
    if people.source != "synthetic" or people.approached or people.approached_spread:
        return "other trusts"
    if config.fix:
        return f"fix={config.fix}"
    if _held_now(config):
        return "a parameter that is held"
    typed = [one.lstrip("+").partition("=")[0] for one in config.asked]
    return next((key for key in typed if key.startswith("scenario.") and key != SHOWN), "")


def _held_now(config: Run) -> bool:
    """Tell whether a parameter is held that was not as the draws of the scheme were made."""
    held = {n: one.value for n, one in config.parameters.priors.items() if one.value is not None}
    path = _folder(config) / f"{config.scenario.name}.parquet"
    if not held or not path.is_file():
        return bool(held)
    _, about = read(path)
    return any((_of(about, "priors", name) or [None])[-1] != v for name, v in held.items())


def histories_of(config: Run) -> list[Path]:
    """Return the files of the histories among the draws that a configuration asks for."""
    folder = _folder(config)
    return sorted(path for path in folder.glob("*.parquet") if path.stem != NEW)


def histories_in(config: Run, about: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what draws say of the histories that they are from: of a new scheme, else nothing."""
    said = about.get("histories") if kind_of(config) == NEW else None
    return said if isinstance(said, dict) else {}


def deviation_of(about: Mapping[str, Any]) -> float:
    """Return how far draws are from what was reported, as a share, by what they say of it."""
    off = about.get("deviation", 0.0)
    return float(off) if isinstance(off, (int, float)) and 0.0 < off <= 1.0 else 0.0


def behaviour_of(config: Run) -> str:
    """Return in words what behaviour a question is asked on: which draws, and whose."""
    kind, title = kind_of(config), config.parameters.title
    if kind == PRIOR:
        return title
    if kind == HAPPENED:
        told = f"given what was reported, each number within its error{_near(config)}"
        words = f"as it happened ({told})"
    elif kind == AGAIN:
        told = f"what its history tells of behaviour{_near(config)}, and fresh luck"
        words = f"this scheme tried again ({told})"
    else:
        histories = [path.stem for path in histories_of(config)]
        is_own = config.scenario.name in histories
        known = f"{len(histories)} histories{' with its own' if is_own else ''}"
        whose = "as if nobody had tried it" if is_own else "a scheme nobody has tried"
        words = f"{whose} (behaviour as it varies between {known}{_unlike(config)})"
    return words if packaged(str(config.parameters.draws)) else f"{words}, {title}"


def _near(config: Run) -> str:
    """Return by how much the errors of what was fitted are widened, if they are."""
    off = deviation_of(read(_folder(config) / f"{config.scenario.name}.parquet")[1])
    wider = f"with a further error of {100 * off:g} % of the bodies approached"
    return f", {wider}" if off else ""


def _unlike(config: Run) -> str:
    """Return of how many histories the model is not shown to reproduce, if of any."""
    path = _folder(config) / f"{NEW}.parquet"
    found = read(path)[1].get("not_reproduced") if path.is_file() else None
    if not isinstance(found, list) or not found:
        return ""
    return f", {len(found)} of which the model is not shown to reproduce"


def file_of(config: Run) -> Path | None:
    """Return the file of draws that a question is asked on; None: on the priors."""
    kind = kind_of(config)
    name = NEW if kind == NEW else config.scenario.name
    return None if kind == PRIOR else _folder(config) / f"{name}.parquet"


def posterior_of(
    config: Run, priors: Mapping[str, Prior]
) -> tuple[Posterior | None, dict[str, Any]]:
    """Return the draws that a configuration asks for, and what they were made from.

    Draws inferred under another structure or from other priors are refused.
    """
    path = file_of(config)
    if path is None:
        return None, {}
    if not path.exists():
        raise no_draws(config)
    posterior, about = checked(path, config, priors)
    if kind_of(config) != HAPPENED:  # luck is fresh
        posterior.draws["luck_seed"] = 0
    return posterior, about


def no_draws(config: Run) -> InputError:
    """Return the refusal of a folder in which there are no draws of the structure."""
    told = f"nothing was inferred under the structure {config.structure.name}; {_OTHERWISE}"
    is_folder = _folder(config).parent.is_dir()
    return InputError(
        refusal(_KEY, config.parameters.draws, told if is_folder else "no such folder")
    )


def checked(
    path: Path, config: Run, priors: Mapping[str, Prior], weight: str = "weight"
) -> tuple[Posterior, dict[str, Any]]:
    """Return what ``read`` does, or refuse what was inferred under something else."""
    posterior, about = read(path, weight)
    for name, now in structure_of(config).items():
        if _of(about, "structure", name) != now:
            _refuse_other(config, f"structure.{name}")
    for name, [*prior, fixed] in known_of(priors).items():
        *made, was_fixed = _of(about, "priors", name) or [None]
        if made != prior or was_fixed not in (None, fixed):
            _refuse_other(config, f"parameters.priors.{name}")
        for extreme in (posterior.draws[name].min(), posterior.draws[name].max()):
            allowed = Within(*DRAWN[priors[name].distribution], "see its prior")
            allowed.checked(f"{path}: {name}", extreme)
    return posterior, about


def _of(about: Mapping[str, Any], what: str, name: str) -> Any:
    """Return what draws were made with, or None if that is not told."""
    made = about.get(what)
    return made.get(name) if isinstance(made, dict) else None


def _refuse_other(config: Run, what: str) -> None:
    """Refuse draws that were inferred with something else."""
    told = f"the draws were inferred with another {what}; {_OTHERWISE}"
    raise InputError(refusal(_KEY, config.parameters.draws, told))
