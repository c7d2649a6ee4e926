"""The server of the page: on this machine only, with all that the browser needs, and no more."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import socket
import tempfile
import threading
import time
import warnings
import zipfile
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyarrow.csv import write_csv

from uptake.app.answering import Catalogue
from uptake.app.guarding import LONGEST_FRAME, Guarded
from uptake.app.question import Question
from uptake.errors import InputError, refusal
from uptake.report.answer import Answer, adoption, write
from uptake.report.figures import adoption_curve
from uptake.results.tables import table_of

HOST = "127.0.0.1"
_M_ARENA_MAX = -8  # of GNU's malloc.h
# Solara's settings, which it reads when it is first imported: no telemetry, no looking for assets
# or checks elsewhere, no headers to say where it is, a session that ended is let go after a minute.
_SETTINGS = {
    "SOLARA_APP": "uptake.app.app",
    "SOLARA_MODE": "production",
    "SOLARA_ROOT_PATH": "",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_ASSETS_CDN": "nowhere:",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_THEME_TITLE": "uptake",
    "SOLARA_THEME_VARIANT": "light",
    "SOLARA_KERNEL_CULL_TIMEOUT": "1m",
    "SOLARA_CHECK_HOOKS": "off",  # of Mesa's components, which are not ours to change
    "SOLARA_SESSION_HTTP_ONLY": "True",
}


class _Served:
    """What the one server of this process serves."""

    catalogue: Catalogue
    usual: Question


def catalogue() -> Catalogue:
    """The episodes that can be asked for."""
    return _Served.catalogue


def usual() -> Question:
    """The question with which the page opens, if its address has none."""
    return _Served.usual


def count_trusts(path: Path, most: int) -> int:
    """Number of trusts in a file, if it can be used and has no more than ``most``."""
    from uptake.config.trust_file.reading import read_trusts

    rows = len(read_trusts(path).ids)
    if rows > most:
        raise InputError(f"{path}: {rows:,} rows; allowed are {most:,}")
    return rows


def csv(answer: Answer) -> bytes:
    """The runs of an answer as CSV: ``outcomes.parquet``, a row a run."""
    made = io.BytesIO()
    write_csv(table_of(answer.runs).drop_columns(["point", "error"]), made)
    return made.getvalue()


def figure(answer: Answer) -> bytes:
    """The adoption curve that ``uptake run`` draws of an answer."""
    with tempfile.TemporaryDirectory(prefix="uptake-") as folder:
        adoption_curve(adoption(answer), Path(folder) / "curve")
        return (Path(folder) / "curve.png").read_bytes()


def report(answer: Answer) -> bytes:
    """Everything that ``uptake run`` writes of an answer, as a ZIP file."""
    with tempfile.TemporaryDirectory(prefix="uptake-") as folder:
        write(answer, Path(folder))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).rglob("*.*")):
                archive.write(path, path.relative_to(folder))
        return packed.getvalue()


def _tell(server: Any, url: str, ready: Callable[[str], None]) -> None:
    """Tell the address once it answers."""
    while not server.started and not server.should_exit:
        time.sleep(0.05)
    if server.started:
        ready(url)


def _share_heaps() -> None:
    """Have the threads share two heaps, where the C library is GNU's: 415 MiB instead of 476.

    That is with five readers; every thread has a heap of its own otherwise, and keeps it.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _free(port: int) -> None:
    """Refuse a port that cannot be listened to."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as problem:
            told = f"{problem.strerror}; name another: --port 8766"
            raise InputError(refusal("--port", port, told)) from None


def serve(catalogue: Catalogue, usual: Question, port: int, ready: Callable[[str], None]) -> None:
    """Serve the page on this machine until stopped; ``ready`` is told its address."""
    _free(port)
    _share_heaps()
    os.environ.update(_SETTINGS | {"SOLARA_BASE_URL": f"http://{HOST}:{port}/"})
    try:
        import uvicorn
        from solara.server import settings, starlette

        from uptake.app import working
    except ImportError:
        raise InputError(
            "watch: the page's libraries are not installed: in the checkout of uptake, "
            "pip install -e '.[page]'"
        ) from None
    working.start()
    _Served.catalogue, _Served.usual = catalogue, usual
    deque(catalogue.bases(usual), 0)  # compiled before anyone waits for it
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")
    url = f"http://{HOST}:{port}/{usual.address()}"
    hosts = [f"{name}:{port}" for name in (HOST, "localhost")]
    app = Guarded(starlette.app, hosts, settings.assets.proxy_cache_dir)
    config = uvicorn.Config(
        app, host=HOST, port=port, loop="asyncio", log_level="warning", access_log=False,
        proxy_headers=False, ws_max_size=LONGEST_FRAME, ws_max_queue=4,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    threading.Thread(target=_tell, args=(server, url, ready), daemon=True).start()
    server.run()
