"""uptake new: the files of a scheme of one's own, to be filled in; they can be run as they are."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from uptake.cli.check import in_sector
from uptake.cli.draft import Draft
from uptake.cli.options import Options, settings
from uptake.config import own_files
from uptake.config.compose import Question
from uptake.config.schema import configs_folder
from uptake.config.schema.packaged import plain_of
from uptake.errors import InputError, one_of, shortened, wrong
from uptake.files import write_text

USUAL = "my_configs"
_SHELL = re.compile(r"[\w./-]+")


def draft_of(name: str, folder: Path, start: str | None, sector: str | None) -> Draft:
    """Return the scheme to be written, from the nearest scenario or from nothing."""
    blank: Mapping[str, Any] = plain_of("new.yaml")
    facts = blank
    source = "assumption: replace it"
    own = folder if folder.is_dir() else None
    if start is not None:
        known = one_of("from", start, Question([], own).choices("scenario"))
        facts = asdict(Question([f"scenario={known}"], own).case().config.scenario)
        source = f"from {known}: replace it"
    if sector is not None:
        known = one_of("sector", sector, Question([], own).choices("sector"))
        kinds = in_sector(known, own).case().config.scenario.sector.kinds
        facts = {**facts, "designed_for": list(kinds)}
    return Draft(name, source, facts, blank, sector)


def _check(name: str, folder: Path) -> None:
    """Refuse a name that no file can have, one that the package has, and the package's folder."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}", name):
        raise wrong("new", name, "a name of letters, digits, _ and - is needed")
    for group in ("scenario", "sector"):
        if name in own_files.names(configs_folder() / group):
            raise wrong("new", name, f"the package has a {group} of this name; give it another")
    if folder.exists() and not folder.is_dir():
        raise wrong("--config-dir", folder, "a folder is needed")
    if folder.resolve() == configs_folder().resolve():
        raise wrong("--config-dir", folder, "this is the package's own folder; name one of yours")


def write(draft: Draft, folder: Path) -> list[Path]:
    """Write the files of a scheme, and return them; nothing is written over."""
    groups = ["scenario"] if draft.sector else ["sector", "scenario"]
    texts = {folder / group / f"{draft.name}.yaml": draft.file(group) for group in groups}
    for path in texts:
        if os.path.lexists(path):
            raise InputError(f"{path}: is there already; nothing is written over")
    for path, said in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, said)
    return list(texts)


def main(arguments: list[str]) -> None:
    """Write the files of a scheme of one's own, and say what to do next."""
    parser = Options("new", "Files of a scheme of your own, to be filled in; they run as they are.")
    parser.add_argument("name", help="of the scheme: letters, digits, _ and -")
    parser.add_argument("settings", nargs="*", metavar="key=value", help="what to start from")
    parser.add_config_dir(USUAL)
    options = parser.parsed(arguments)
    given, folder = settings("new", options.settings), options.config_dir
    _check(options.name, folder)
    draft = draft_of(options.name, folder, given.get("from"), given.get("sector"))
    for path in write(draft, folder):
        print(f"Written: {path}")
    typed = str(folder) if _SHELL.fullmatch(str(folder)) else f"'{shortened(folder, 300)}'"
    print(f'Replace what says "replace it"; uptake check {typed} tells what is wrong.')
    print(f"Run it, now or then: uptake run --config-dir {typed} scenario={options.name}")
