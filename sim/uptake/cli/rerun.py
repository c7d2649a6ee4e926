"""uptake rerun: the same again as a folder says that it was made, compared with what is there."""

import shlex
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from uptake.api.result import watched
from uptake.cli import terminal
from uptake.cli.options import Options, settings
from uptake.config.case import Case, assemble
from uptake.config.own_files import folder_of
from uptake.config.schema import Run
from uptake.config.schema.former import under_present_names
from uptake.config.validation import validated
from uptake.errors import InputError, counted, shortened, wrong
from uptake.files import hash_of
from uptake.report import answer as report
from uptake.results import tables
from uptake.results.folders import output_folder
from uptake.results.provenance import PROVENANCE, input_paths, provenance, read_provenance
from uptake.results.resuming import MANIFEST
from uptake.results.same import difference
from uptake.results.saved import open_run
from uptake.version import __version__

TABLES = ("outcomes.parquet", "curves.parquet")
_MOST_BYTES = 4_000_000_000  # of a table that a run was made of


def _refuse_sweep(folder: Path, said: Mapping[str, Any]) -> None:
    """Refuse the folder of a sweep, and say how its question is asked again."""
    if not (folder / MANIFEST).exists():
        return
    asked = said.get("asked")
    words = map(str, asked) if isinstance(asked, list) else ["..."]
    kept = [word for word in words if not word.startswith(("out=", "sweep.resume="))]
    again = f"uptake run -m {shlex.join(kept)} out=ANOTHER"
    raise InputError(f"{folder}: a sweep; ask it again: {shortened(again, 600)}")


def _check_hash(path: Path, known: object) -> None:
    """Refuse a table that is not there, or not the one that the run was made of."""
    try:
        found = hash_of(path, _MOST_BYTES)
    except OSError as problem:
        raise InputError(f"{shortened(path, 300)}: {problem.strerror}; the run needs it") from None
    if found != known:
        raise InputError(
            f"{shortened(path, 300)}: its hash is not that of the file that the run was made of"
        )


def _with_inputs(config: Run, hashes: Any, trusts: str | None) -> Run:
    """Return a configuration all of whose tables are those of the run, each looked at first.

    ``trusts`` is where the table of trusts is now, if it was moved.
    """
    recorded_as = config.population.path
    if trusts is not None and recorded_as is None:
        raise wrong("population.path", trusts, "the run was made of no table")
    for name, path in input_paths(config).items():
        found = Path(trusts) if trusts is not None and name == recorded_as else path
        _check_hash(found, hashes.get(name) if isinstance(hashes, Mapping) else None)
    return replace(config, population=replace(config.population, path=trusts or recorded_as))


def _recorded(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the configuration of a record: data of others, which is still to be checked."""
    found = said.get("configuration")
    if not isinstance(found, Mapping):
        raise wrong("configuration", found, "keys with values are needed")
    return under_present_names(found)


def case_of(folder: Path, said: Mapping[str, Any], given: Mapping[str, str]) -> Case:
    """Return the case that a record is of, with what is given for this time only."""
    try:
        config = validated(_recorded(said))
    except InputError as problem:
        raise InputError(
            f"{folder / PROVENANCE}: {problem} "
            f"(made by uptake {shortened(said.get('version'), 20)}, this is {__version__})"
        ) from None
    config = _with_inputs(config, said.get("input_files_sha256"), given.get("population.path"))
    threads = given.get("threads")
    if threads is not None and not threads.isdecimal():
        raise wrong("threads", threads, "a whole number is needed")
    number = int(threads) if threads is not None else None
    return assemble(replace(config, threads=number, out=given.get("out"), variants=[]))


def _made_with(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the versions that a record names, by what they are of."""
    known = {"uptake": "version", "commit": "commit", "Python": "python"}
    libraries = record.get("libraries")
    return {name: record.get(key) for name, key in known.items()} | (
        dict(libraries) if isinstance(libraries, Mapping) else {}
    )


def _versions(said: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what made the folder and is not what is at work now."""
    before = _made_with(said)
    for name, version in _made_with(now).items():
        if before.get(name) != version:
            was = shortened(before.get(name) or "not known")
            yield f"made with {name} {was}; this is {version or 'not known'}"
    for when, one in (("when it was made", said), ("now", now)):
        if one.get("changed_since_commit"):
            yield f"the source had been changed since its commit, {when}"


def _write(case: Case, folder: Path, is_kept: bool) -> list[str]:
    """Run a case and write it; return the folders of its tables within that of all of it."""
    runs = watched(case, "runs", progress=True)
    was = case.as_it_was() if case.is_changed else None
    base = watched(was, "runs, as it was", progress=True) if was else None
    if is_kept:
        report.write(report.Answer(runs, base), folder)
    else:
        tables.save(runs, folder)
        if base is not None:
            (folder / report.AS_IT_WAS).mkdir()
            tables.save(base, folder / report.AS_IT_WAS)
    return ["", *([report.AS_IT_WAS] if base is not None else [])]


def _compared(there: Path, now: Path, places: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield a sentence a table, and whether it is the same to the bit."""
    was = open_run(there)
    for name in (f"{place}/{table}".lstrip("/") for place in places for table in TABLES):
        table = was.read(name)
        found = difference(table, pq.read_table(now / name))
        same = f"{counted(table.num_rows, 'run')}, equal to the bit"
        yield f"{name}: {found or same}", found is None


def main(arguments: list[str]) -> int:
    """Run a folder's question again; return 0 if every table is the same, and 1 if not."""
    about = "The same again as FOLDER says, compared with the tables that are there."
    parser = Options("rerun", f"{about}\nWith out=FOLDER all files are kept; without, none is.")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="of an uptake run")
    parser.add_argument("settings", nargs="*", metavar="key=value")
    options = parser.parsed(arguments)
    given = settings("rerun", options.settings)
    there = folder_of("rerun", options.folder)
    said = read_provenance(there)
    _refuse_sweep(there, said)
    open_run(there)
    case = case_of(there, said, given)
    with ExitStack() as stack:
        if "out" in given:
            now = output_folder(given["out"], "rerun")
        else:
            now = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="uptake-")))
        places = _write(case, now, "out" in given)
        verdicts = list(_compared(there, now, places))
    is_same = all(same for _, same in verdicts)
    terminal.say(*_versions(said, provenance(case)), *(sentence for sentence, _ in verdicts))
    if (there / "variants").is_dir():
        terminal.say("variants: not compared; one is asked for by structure=NAME")
    terminal.say("The same." if is_same else "Not the same.")
    return 0 if is_same else 1
