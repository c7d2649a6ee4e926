"""What a user is told when an input cannot be used: one line, with what is allowed."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable


class InputError(ValueError):
    """An input of the user cannot be used; ``str`` of it is the message, one line a problem."""


class Stopped(RuntimeError):
    """Work could not go on, through no fault of the input; ``str`` of it says what is kept."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def shown(value: object, most: int = 80) -> str:
    """Return a value as a message may hold it: no longer, and nothing that a terminal obeys.

    >>> shown("1" * 400, 10), shown("a\\x1b[31m")
    ('111111111\u2026', 'a\\\\x1b[31m')
    """
    text = value if isinstance(value, str) else str(value)
    text = text if len(text) <= most else f"{text[: most - 1]}\u2026"
    plain = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return "".join(ascii(c)[1:-1] if unicodedata.category(c) in plain else c for c in text)


def refusal(key: str, value: object, allowed: str) -> str:
    """Return the one line that names the key, the value and what is allowed."""
    return f"{key}={shown(value, 200)}: {allowed}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `` (did you mean ...?)`` for the known name closest to a mistyped one, or nothing."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (did you mean {matches[0]}?)" if matches else ""


def within(key: str, value: float, low: float, high: float, unit: str) -> float:
    """Return a value that lies from ``low`` to ``high``, or refuse it (NaN never does)."""
    if not low <= value <= high:
        raise InputError(refusal(key, value, f"allowed is {low:g} to {high:g} ({unit})"))
    return value


def whole(key: str, value: float, low: int, high: int, unit: str) -> int:
    """Return a whole number that lies from ``low`` to ``high``, or refuse it."""
    within(key, value, low, high, unit)
    if value != int(value):
        raise InputError(refusal(key, value, f"a whole number is needed ({unit})"))
    return int(value)


def one_of(key: str, value: str, known: Iterable[str]) -> str:
    """Return a name that is known, or refuse it and name the nearest."""
    names = list(known)
    if value not in names:
        allowed = f"allowed is one of {', '.join(names)}{nearest(value, names)}"
        raise InputError(refusal(key, value, allowed))
    return value
