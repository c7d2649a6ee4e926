"""A user's own trusts, from a CSV file that is kept for as long as the tab is open."""

from __future__ import annotations

import base64
import binascii
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


@solara.component
def OwnTrusts(question: Question, ask: Callable[[Question], None]) -> None:
    """Take a user's own trusts from a CSV file, which lives as long as the tab is open."""
    problem, tell = solara.use_state("")
    folder = solara.use_memo(lambda: tempfile.TemporaryDirectory(prefix="uptake-"), [])
    solara.use_effect(lambda: folder.cleanup, [])

    def take(sent: Any) -> None:
        try:
            tell("")
            ask(replace(question, file=_stored(sent, Path(folder.name))))
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
    name = str(sent.get("name", "file"))[:80]
    try:
        content = base64.b64decode(str(sent.get("data", "")), validate=True)
    except binascii.Error:
        raise InputError(f"{name}: cannot be read") from None
    size = max(int(sent.get("size", 0)), len(content))
    if size > LARGEST_FILE:
        allowed = f"{size:,} bytes; allowed are {LARGEST_FILE:,}"
        raise InputError(f"{name}: {allowed}")
    path = Path(tempfile.mkdtemp(dir=folder)) / "trusts.csv"
    path.write_bytes(content)
    try:
        serving.check_trusts(path, MOST_ROWS)
    except InputError as refused:
        raise InputError(str(refused).replace(str(path), name)) from None
    return str(path)
