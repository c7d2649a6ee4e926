"""What a user is told when an input cannot be used: one line, with what is allowed."""

import difflib
import unicodedata
from collections.abc import Iterable

_LONGEST_VALUE = 120
_LONGEST_LINE = 1000
_MOST_NAMES = 12  # that are all told; of more, the nearest:
_NEAREST_NAMES = 8
# What a terminal obeys: controls, halves of characters, ends of lines; what turns the writing.
_OBEYED = {"Cc", "Cs", "Zl", "Zp"}
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


class InputError(ValueError):
    """An input of the user cannot be used; ``str`` of it is the message, one line a problem."""


class FormerName(FutureWarning):
    """Something is asked for under a name of before, which goes with the next version."""


class Stopped(RuntimeError):
    """Work could not go on, through no fault of the input; ``str`` of it says what is kept."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def _cut(text: str, longest: int) -> str:
    """Return a text of which the middle is left out if it is too long."""
    if len(text) <= longest:
        return text
    return f"{text[: longest * 2 // 3]}...{text[len(text) - longest // 4 :]}"


def plain(text: str) -> str:
    r"""Return a text with all that a terminal would obey, and not show, spelt out.

    >>> plain("a\x1b[31mb\u202ec")
    'a\\x1b[31mb\\u202ec'
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _OBEYED
        or unicodedata.bidirectional(character) in _TURNING
        else character
        for character in text
    )


def visible(text: str) -> str:
    r"""Return a text for a terminal: what cannot be seen is spelt out, and no line is endless.

    >>> visible("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "\n".join(plain(_cut(line, _LONGEST_LINE)) for line in text.split("\n"))


def shortened(value: object, longest: int = _LONGEST_VALUE) -> str:
    """Return a value as it is echoed: on one line, without its middle if it is long."""
    return plain(_cut(str(value), longest))


def first_line(problem: object) -> str:
    """Return the first line of what a library says."""
    return shortened(str(problem).split("\n")[0], 200)


def refusal(key: str, value: object, allowed: str) -> str:
    """Return the one line that names the key, the value and what is allowed."""
    return f"{key}={shortened(value)}: {allowed}"


def wrong(key: str, value: object, allowed: str) -> InputError:
    """Return the refusal of a value of a key, in one line."""
    return InputError(refusal(key, value, allowed))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `` (did you mean ...?)`` for the known name closest to a mistyped one, or nothing."""
    by_form = {one.casefold(): one for one in known}
    matches = difflib.get_close_matches(
        str(name).casefold()[:_LONGEST_VALUE], by_form, n=1, cutoff=0.6
    )
    return f" (did you mean {by_form[matches[0]]}?)" if matches else ""


def listed(name: str, known: Iterable[str]) -> str:
    """Return all known names, or of many those nearest to a mistyped one, for a sentence."""
    names = list(dict.fromkeys(known))
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    near = difflib.get_close_matches(str(name)[:_LONGEST_VALUE], names, _NEAREST_NAMES, cutoff=0.0)
    return f"{', '.join(near)} and {len(names) - len(near)} more"


def unknown(name: str, known: Iterable[str], what: str) -> str:
    """Return what is said of a key that is no known name: the nearest, or those that are known."""
    names = list(known)
    return f"no such {what}{nearest(name, names) or f'; known are {listed(name, names)}'}"


def no_such(key: str, name: str, known: Iterable[str], what: str) -> InputError:
    """Return the refusal of a key that is no known name."""
    return InputError(f"{key}.{shortened(name)}: {unknown(name, known, what)}")


def among(value: str, known: Iterable[str]) -> str:
    """Return what is allowed where a name is not known: one of those that are, and the nearest."""
    names = list(known)
    if not names:
        return "there is none to name"
    return f"allowed is one of {listed(value, names)}{nearest(value, names)}"


def one_of(key: str, value: str, known: Iterable[str]) -> str:
    """Return a name that is known, or refuse it and name the nearest."""
    names = list(known)
    if value not in names:
        raise wrong(key, value, among(value, names))
    return value


def counted(number: int, what: str) -> str:
    """Return a number of things.

    >>> counted(1, "point"), counted(10000, "run")
    ('1 point', '10,000 runs')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"
