"""A user's own trusts, from a CSV file that is kept for as long as the tab is open."""

from __future__ import annotations

import base64
import binascii
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import solara

from sim.errors import InputError
from sim.page import serving
from sim.page.parts import Upload
from sim.page.question import Question

LARGEST_FILE, MOST_ROWS = 5_000_000, 20_000


def use_folder() -> Path:
    """Return a folder of the session, which goes with it, and with all that was made from it."""

    def made() -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="uptake-")

    folder = solara.use_memo(made, [])

    def clean() -> None:
        serving.catalogue().forget(Path(folder.name))
        folder.cleanup()

    solara.use_effect(lambda: clean, [])
    return Path(folder.name)


@solara.component
def OwnTrusts(question: Question, ask: Callable[[Question], None], folder: Path) -> None:
    """Take a user's own trusts from a CSV file."""
    problem, tell = solara.use_state("")

    def take(sent: Any) -> None:
        try:
            tell("")
            ask(replace(question, file=_stored(sent, folder)))
        except InputError as refused:
            tell(str(refused))

    def drop(_: Any) -> None:
        tell("")
        ask(replace(question, file=""))

    people = serving.catalogue().case(question).people
    Upload(
        most=LARGEST_FILE,
        problem=problem,
        notes=people.notes if question.file else [],
        name=question.file and "own",
        event_upload=take,
        event_drop=drop,
    )


def _stored(sent: Any, folder: Path) -> str:
    """Return the file in which an upload was stored, if its trusts can be used."""
    if not isinstance(sent, dict):
        raise InputError("a file is needed")
    name = str(sent.get("name", "file"))[:80]
    try:
        content = base64.b64decode(str(sent.get("data", "")), validate=True)
        size = max(int(sent.get("size", 0)), len(content))
    except (binascii.Error, TypeError, ValueError):
        raise InputError(f"{name}: cannot be read") from None
    if size > LARGEST_FILE:
        raise InputError(f"{name}: {size:,} bytes; allowed are {LARGEST_FILE:,}")
    place = Path(tempfile.mkdtemp(dir=folder))
    path = place / "trusts.csv"
    path.write_bytes(content)
    try:
        serving.check_trusts(path, MOST_ROWS)
    except InputError as refused:
        shutil.rmtree(place)
        raise InputError(str(refused).replace(str(path), name)) from None
    return str(path)
