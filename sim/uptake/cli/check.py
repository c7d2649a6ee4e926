"""uptake check: all problems of one's own files at once, a line each."""

from collections.abc import Iterator
from pathlib import Path

from uptake.cli.options import Options
from uptake.config import own_files
from uptake.config.compose import Question
from uptake.config.schema import GROUPS, configs_folder
from uptake.errors import InputError, counted, nearest, visible

_KNOWN = ("sector", *GROUPS)


def in_sector(name: str, folder: Path | None) -> Question:
    """Return the usual question in another sector, without what it says of kinds of trusts."""
    kinds = ["scenario.designed_for=[]", "scenario.findings=[]"]
    return Question([f"sector@scenario.sector={name}", *kinds], folder)


def _asking(group: str, name: str, folder: Path) -> Question:
    """Return the question that tries a file."""
    if group == "sector":
        return in_sector(name, folder)
    prior = ["parameters=prior"] if group == "structure" else []  # of it nothing is inferred yet
    return Question([f"{group}={name}", *prior], folder)


def problems_of(group: str, name: str, folder: Path) -> list[str]:
    """Return all that is wrong with one file of a user's folder, a line each."""
    file, lines = folder / group / f"{name}.yaml", []
    for problem in _asking(group, name, folder).problems():
        first, *rows = problem.split("\n")
        told = first if ".yaml" in first.partition(": ")[0] else f"{file}: {first}"
        table = told.rpartition(": ")[0]  # of trusts, whose problems stand below
        lines += [f"{table}: {row}" for row in rows if not row.startswith("note:")] or [told]
    return lines


def _groups() -> list[str]:
    """Return the groups of configurations that a folder can have, those of sectors first."""
    there = {path.name for path in configs_folder().iterdir() if path.is_dir()}
    return list(dict.fromkeys([*_KNOWN, *sorted(there)]))


def _misplaced(folder: Path, groups: list[str]) -> Iterator[str]:
    """Yield a line for every file that no command would find where it is."""
    for path in sorted([*folder.glob("*.y*ml"), *folder.glob("*/*.y*ml")]):
        if path.name.startswith("."):
            continue
        group = path.parent.name if path.parent != folder else ""
        if group not in groups:
            hint = nearest(group, groups) if group else ""
            yield f"{path}: not read here: put it into one of {'/, '.join(groups)}/{hint}"
        elif path.suffix != ".yaml":
            yield f"{path}: not read: its name has to end in .yaml"


def main(arguments: list[str]) -> int:
    """Print what is wrong with the files of a folder, and return 2 if anything is."""
    parser = Options("check", "All problems of your own files at once, a line each.", epilog="")
    parser.add_argument("folder", nargs="?", metavar="DIR", type=Path, help="the folder of them")
    parser.add_config_dir()
    options = parser.parsed(arguments)
    if (options.folder is None) == (options.config_dir is None):
        raise InputError(
            "check: the folder of your configurations is needed: as DIR or --config-dir, not both"
        )
    folder = own_files.folder_of("check", options.folder or options.config_dir)
    groups = _groups()
    own = [(group, name) for group in groups for name in own_files.names(folder / group)]
    found = [line for group, name in own for line in problems_of(group, name, folder)]
    found += _misplaced(folder, groups)
    if not own and not found:
        raise InputError(f"{folder}: no configurations are there ({', '.join(groups)})")
    for line in dict.fromkeys(found):
        print(visible(line))
    if not found:
        print(f"{counted(len(own), 'file')}: no problem")
    return 2 if found else 0
