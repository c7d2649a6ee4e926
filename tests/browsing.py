"""The page for the tests: served as a user would serve it, opened in a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from conftest import PATIENCE, ROOT

THEIRS = re.compile(r"of \d+ to \d+ trusts approached")  # the scheme's: how many is not known
FILE = "id,name,kind,region,income_million_gbp\n"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# No sandbox where there is no other user; nothing that looks for hosts of its own accord.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
MEASURE = """async ([id, value]) => {
  const seen = () => document.querySelector('path[data-band=most]').getAttribute('d')
    + document.getElementById('headline').textContent;
  const before = seen(), slider = document.getElementById(id), start = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event('input'));
  return await new Promise((done) => {
    const look = () => {
      if (seen() !== before) requestAnimationFrame(() => done(performance.now() - start));
      else if (performance.now() - start > 20000) done(null);
      else requestAnimationFrame(look);
    };
    look();
  });
}"""  # milliseconds from a move of a slider to the frame in which its answer is drawn


class Server(NamedTuple):
    """A server of the page."""

    url: str
    process: subprocess.Popen[str]


def free_port() -> int:
    """Return a port that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Server]:
    """Serve the page with ``uptake watch`` from a folder."""
    port = free_port()
    command = [sys.executable, "-m", "uptake.cli.main", "watch", "--no-open", "--port", str(port)]
    log = folder / "watch.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, *arguments], cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT / "sim")},
            stdout=out, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}/"
    try:
        until = time.monotonic() + PATIENCE
        while "The page is at" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield Server(url, process)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def answers(url: str) -> int:
    """Return the status with which a server answers."""
    with urllib.request.urlopen(url, timeout=PATIENCE) as response:
        return int(response.status)


class Watched:
    """A page, with what it asked of the network and what it complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.outside: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("websocket", self._asked)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            self.outside.append(request.url)

    def _said(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        patience = 1000 * PATIENCE
        browser: Any = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, timeout=patience
        )
        new_context = browser.new_context

        def unhurried(**options: Any) -> Any:
            context = new_context(**options)
            context.set_default_timeout(patience)
            return context

        browser.new_context = unhurried
        yield browser
        browser.close()


def opened(page: Any, url: str) -> None:
    """Open an address and wait until the page shows an answer or a run."""
    page.goto(url)
    page.wait_for_selector("path[data-band]", state="attached")


def moved(page: Any, lever: str, value: float) -> float | None:
    """Move a slider; return milliseconds until its answer was drawn."""
    measured = page.evaluate(MEASURE, [f"u-{lever}", str(value)])
    return None if measured is None else float(json.loads(json.dumps(measured)))


def drawn(part: Any, colour: tuple[int, int, int], least: int) -> bool:
    """Wait until a part of the page shows so many pixels of about a colour; it may fade in."""
    import io

    import numpy as np
    from PIL import Image

    for _ in range(50):
        picture = Image.open(io.BytesIO(part.screenshot())).convert("RGB")
        off = np.abs(np.asarray(picture).astype(int) - np.array(colour)).max(axis=2)
        if (off <= 40).sum() >= least:
            return True
        time.sleep(0.1)
    return False


def headline(page: Any) -> str:
    return str(page.inner_text("#headline"))


def wait_for_headline(page: Any, text: str) -> None:
    """Wait until the headline says something, whatever else is answered or drawn before."""
    page.wait_for_function(
        "text => document.getElementById('headline').textContent.includes(text)", arg=text
    )


def joined(text: str) -> tuple[str, str, str]:
    """Return ends of the interval and mean of a headline, as they are written.

    They are one number, written once, where as many join in every run.
    """
    found = re.search(r"([\d.]+) join on average \(90 % of runs: (\d+) to (\d+)\)", text)
    same = re.search(r"(\d+) join in every run", text)
    assert found or same, text
    if same:
        return same[1], same[1], same[1]
    mean, low, high = found.groups() if found else ("", "", "")
    return low, high, mean


def month(page: Any) -> int:
    return int(page.inner_text("#month").split()[1])


def watched(page: Any, month: int) -> None:
    """Wait until the month is written and the trusts are drawn as they are in it."""
    page.wait_for_function(
        f"document.getElementById('month').textContent.startsWith('Month {month} ')"
    )
    page.wait_for_selector(f".u-trusts[data-month='{month}']")


def upload(page: Any, name: str, content: str | bytes) -> None:
    content = content.encode() if isinstance(content, str) else content
    payload = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.set_input_files("input[type=file]", payload)
