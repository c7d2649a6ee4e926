"""The only import of numba: how the rules of the model are compiled.

Numba's own cache does not notice when a rule in another module changes, and it does notice where a
module lies. So ours lies in a folder named after a hash of all the
source that is compiled, and in it a
function is found by its module's place in the package: a second checkout or a wheel of the same
source compiles nothing again. With ``NUMBA_DISABLE_JIT=1`` everything runs as plain Python, with
the same results to the bit.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

# An array of records of one dtype, its fields read as attributes: a type that mypy cannot follow.
Records = Any

# A word of 64 bits: numpy's in compiled code, an int in plain Python.
Word = Any

Function = TypeVar("Function", bound=Callable[..., Any])
Value = TypeVar("Value")


_PACKAGE = Path(__file__).resolve().parent.parent


def _source_hash() -> str:
    """Return a short hash of the source that is compiled, from which every run follows."""
    digest = hashlib.sha256()
    for path in sorted([*_PACKAGE.glob("model/**/*.py"), *_PACKAGE.glob("engine/compiled.py")]):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    """Return a folder of the user's own for the code compiled from this very source.

    It lies in ``NUMBA_CACHE_DIR`` if that is set, else in the user's cache; where neither can be
    written to, in a new temporary folder. Only the few used last of other sources are kept.
    """
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    parent = Path(os.environ.get("NUMBA_CACHE_DIR") or home) / "uptake"
    folder = parent / SOURCE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)  # it is in use
        older = sorted(parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="uptake-"))
    for stale in older[_SOURCES_KEPT:]:
        if stale != folder:
            shutil.rmtree(stale, ignore_errors=True)
    return folder if os.access(folder, os.W_OK) else Path(tempfile.mkdtemp(prefix="uptake-"))


_SOURCES_KEPT = 5
SOURCE = _source_hash()  # that results are of the very same rules
CACHE_FOLDER = _cache_folder()

import numba  # noqa: E402  the cache folder must be known before numba is imported
from numba.core.caching import CacheImpl  # noqa: E402
from numba.core.types.misc import unliteral  # noqa: E402
from numba.extending import intrinsic  # noqa: E402


class _Locator:
    """Where numba keeps what it compiled of a function of this package; other code is not ours."""

    def __init__(self, function: Any, file: Path) -> None:
        self._line = function.__code__.co_firstlineno
        self._folder = CACHE_FOLDER / file.relative_to(_PACKAGE).parent

    @classmethod
    def from_function(cls, function: Any, file: str) -> _Locator | None:
        """Return the locator of a function that stands in a file, or None if it is not ours."""
        path = Path(file).resolve()
        return cls(function, path) if path.is_relative_to(_PACKAGE) else None

    def ensure_cache_path(self) -> None:
        """Have the folder there."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        """Return the folder."""
        return str(self._folder)

    def get_source_stamp(self) -> str:
        """Return what tells one state of the source from another."""
        return SOURCE

    def get_disambiguator(self) -> str:
        """Return what tells functions of one name apart."""
        return str(self._line)


CacheImpl._locator_classes.insert(0, _Locator)
COMPILED: bool = not numba.config.DISABLE_JIT

# A 64-bit word that wraps around: numpy's type in compiled code, an int under a mask in plain
# Python, where numpy would warn of every overflow.
word: Callable[[Any], Any] = np.uint64 if COMPILED else int
WORD_MASK = word(0xFFFFFFFFFFFFFFFF)


def njit(function: Function) -> Function:
    """Compile a function once, release the interpreter's lock in it, and keep it on disk.

    Compiled code calls a version of its own, which becomes part of its callers: without what
    Python needs to call it, and without a place on disk, it takes half the time. It is compiled
    once for all values of a constant argument.
    """
    compiled: Any = numba.njit(nogil=True, cache=True, no_cfunc_wrapper=True)(function)
    if COMPILED:
        inner = numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)

        def template(arguments: Any, named: dict[str, Any]) -> Any:
            values = tuple(map(unliteral, arguments))
            return inner.get_call_template(values, {k: unliteral(v) for k, v in named.items()})

        compiled.get_call_template, compiled.get_overload = template, inner.get_overload
    return cast(Function, compiled)


@intrinsic
def _uncounted(_: Any, arrays: Any) -> Any:
    """Return the code that takes the count of references out of an array, or a tuple of some."""

    def without(context: Any, builder: Any, kind: Any, value: Any) -> Any:
        if isinstance(kind, numba.types.BaseTuple):
            for i, part in enumerate(kind.types):
                new = without(context, builder, part, builder.extract_value(value, i))
                value = builder.insert_value(value, new, i)
        elif isinstance(kind, numba.types.Array):
            array = context.make_array(kind)(context, builder, value)
            array.meminfo = array.meminfo.type(None)
            value = array._getvalue()
        return value

    def code(context: Any, builder: Any, _: Any, values: Any) -> Any:
        return without(context, builder, arrays, values[0])

    return arrays(arrays), code


@njit
def uncounted(arrays: Value) -> Value:
    """Return the same arrays, whose references are not counted: a caller keeps them there.

    To count a reference takes as long as a rule.
    """
    return _uncounted(arrays) if COMPILED else arrays


def is_warm() -> bool:
    """Tell whether the whole engine, as this Python compiles this very source, is on disk."""
    last = "engine/compiled.run_many-*.py{}{}*.nbi"  # all in one
    return not COMPILED or any(CACHE_FOLDER.glob(last.format(*sys.version_info)))
