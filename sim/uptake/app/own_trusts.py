"""A user's own trusts, from a file that is kept for as long as the tab is open."""

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

from uptake.app import serving
from uptake.app.parts import Upload
from uptake.app.question import Own, Question
from uptake.errors import InputError
from uptake.report.text import page

LARGEST_FILE, MOST_ROWS = 5_000_000, 20_000


def use_folder() -> Path:
    """A folder of the session, which goes with it, and with all that was made from it."""

    def made() -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="uptake-")

    folder = solara.use_memo(made, [])

    def clean() -> None:
        serving.catalogue().forget(Path(folder.name))
        folder.cleanup()

    solara.use_effect(lambda: clean, [])
    return Path(folder.name)


def asked_of(own: Own | None, bodies: str) -> str:
    """Whose organisations a question is asked of."""
    in_use = own if own and own.path else Own()
    return page.asked_of(in_use.name, in_use.trusts, bodies)


@solara.component
def OwnTrusts(question: Question, ask: Callable[[Question], None], folder: Path) -> None:
    """Take a user's own trusts from a file."""
    problem, tell = solara.use_state("")
    case = serving.catalogue().case(question)

    def take(sent: Any) -> None:
        name = _name(sent)
        try:
            own = _stored(sent, name, folder)
        except InputError as refused:
            in_use = asked_of(question.own, case.bodies)
            tell(f"{name} was refused; still asked of {in_use}\n{refused}")
        else:
            tell("")
            ask(replace(question, own=own))

    def drop(_: Any) -> None:
        tell("")
        ask(replace(question, own=None))

    Upload(
        title=page.own(case.bodies),
        needed=page.file_needed(case.body),
        back=asked_of(None, case.bodies),
        most=LARGEST_FILE,
        problem=problem,
        notes=case.people.notes if question.own else [],
        is_own=question.own is not None,
        event_upload=take,
        event_drop=drop,
    )


def _name(sent: Any) -> str:
    """Name of an upload, of characters that can be seen."""
    given = str(sent.get("name", "")) if isinstance(sent, dict) else ""
    return "".join(one for one in given if one.isprintable())[-80:] or "the file"


def _stored(sent: Any, name: str, folder: Path) -> Own:
    """An upload once it is stored, if its trusts can be used."""
    if not isinstance(sent, dict):
        raise InputError("a file is needed")
    try:
        content = base64.b64decode(str(sent.get("data", "")), validate=True)
        size = max(int(sent.get("size", 0)), len(content))
    except (binascii.Error, TypeError, ValueError):
        raise InputError(f"{name}: cannot be read") from None
    if size > LARGEST_FILE:
        raise InputError(f"{name}: {size:,} bytes; allowed are {LARGEST_FILE:,}")
    place = Path(tempfile.mkdtemp(dir=folder))
    suffix = Path(name).suffix.lower()
    path = place / f"trusts{suffix if suffix[1:].isalnum() and suffix.isascii() else ''}"
    path.write_bytes(content)
    try:
        trusts = serving.count_trusts(path, MOST_ROWS)
    except InputError as refused:
        shutil.rmtree(place)
        raise InputError(str(refused).replace(str(path), name)) from None
    return Own(str(path), name, trusts)
