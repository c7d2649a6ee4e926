"""What several tests share: the repository, the real organisations beside it, whole commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background of a script:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what tests start is to be stoppable

# Examples are judged by what they show, not by how long a busy machine takes over them.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
PATIENCE = 600  # seconds: more than the busiest machine needs, and yet an end

ROOT = Path(__file__).resolve().parent.parent


class Done(NamedTuple):
    """What a command that has ended came to."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]


# What runs whole commands: a test whose file imports one of these, or that has such a fixture, is
# not one of the quick ones; nor is one in these folders.
RUNNERS = {
    "drawing.said", "drawing.refused", "sweeping.command", "sweeping.started", "browsing.serving",
    "notebook.executed", "uptake.cli.main.main",
}  # fmt: skip
FIXTURES = {"uptake", "process", "server", "browser", "calibration"}
FOLDERS = {"browser", "statistical", "benchmarks"}
TOGETHER = ("tests/browser/", "tests/test_calibrate")  # how the paths begin of files on one worker


def is_long(item: pytest.Item) -> bool:
    """Tell whether a test is left out of ``make quick``."""
    imported = vars(getattr(item, "module", item)).values()
    names = {f"{getattr(x, '__module__', '')}.{getattr(x, '__name__', '')}" for x in imported}
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(names & RUNNERS or fixtures & FIXTURES or item.path.parent.name in FOLDERS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is left out of ``make quick``."""
    for item in items:
        if is_long(item):
            item.add_marker(pytest.mark.long)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep a file on one worker, where its tests share what takes long to make.

    Those of the page, which share a server and a browser, are kept together as if in one file;
    so are those that share a calibration.
    Files come in the order of their names: folders, in which tests take longest, come first.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Files(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return next((one for one in TOGETHER if path.startswith(one)), path)

    config.option.loadscopereorder = False
    return Files(config, log)


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


@pytest.fixture(scope="session")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a small calibration is, in the folder ``here``: it is not to be changed."""
    from calibrating import TINY, schemes
    from drawing import said

    folder = tmp_path_factory.mktemp("calibration")
    schemes(folder)
    code, out, err = said(folder, "calibrate", *TINY, "threads=1", "figures=true", "out=here")
    assert (code, err) == (0, "")
    assert "To use these draws: uptake run parameters.draws=here/draws" in out
    return folder


@pytest.fixture
def uptake(tmp_path: Path) -> Command:
    """Return a function that runs ``uptake`` in an empty folder, from its entry point."""
    from drawing import said

    def run(*arguments: str) -> Done:
        return Done(*said(tmp_path, *arguments))

    return run


@pytest.fixture
def process(tmp_path: Path) -> Command:
    """Return a function that runs ``uptake`` in an empty folder, in a process as a user would."""

    def run(*arguments: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "uptake.cli.main", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT / "sim"), "COLUMNS": "120"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run
