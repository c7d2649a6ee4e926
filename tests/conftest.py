"""What several tests share: the repository, the real organisations beside it, whole commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background of a script:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what tests start is to be stoppable

# Examples are judged by what they show, not by how long a busy machine takes over them.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
PATIENCE = 600  # seconds: more than the busiest machine needs, and yet an end

ROOT = Path(__file__).resolve().parent.parent
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no command in this process say that it is still at work: what it says is the same."""
    monkeypatch.setattr("uptake.report.progress._FIRST_SECONDS", PATIENCE)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real organisations that lies beside a checkout, if it is there."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real organisations are not beside this checkout")
    return folder


@pytest.fixture
def uptake(tmp_path: Path) -> Command:
    """Return a function that runs ``uptake`` as a user would, in an empty folder."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "uptake.cli.main", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT / "sim"), "COLUMNS": "120"} | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    return run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Serve the page, for the tests of a module."""
    from browsing import serving

    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium, for the tests of a module."""
    from browsing import CHROMIUM, chromium

    if CHROMIUM is None and os.environ.get("UPTAKE_NO_BROWSER") == "1":
        pytest.skip("no Chromium, and none is wanted")
    assert CHROMIUM is not None, "no Chromium: make browser, or UPTAKE_NO_BROWSER=1 to go without"
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Give a page of its own, which in the end asked nothing of others and had no complaint."""
    from browsing import Watched

    context = browser.new_context(
        viewport={"width": 1280, "height": 1000}, permissions=["clipboard-read", "clipboard-write"]
    )
    watched = Watched(context.new_page())
    yield watched.page
    context.close()
    assert (watched.outside, watched.complaints) == ([], [])
